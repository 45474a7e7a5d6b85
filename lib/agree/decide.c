/*
 * decide.c - see decide.h.
 */
#include "agree/decide.h"

#define CELL(here_, there_) \
	{ \
		.here = ACT_##here_, .there = ACT_##there_ \
	}
#define EDIT_WINS(here_, there_, side) \
	{ \
		.here = ACT_##here_, .there = ACT_##there_, .conflict = true, \
		.winner = PICK_##side \
	}

/* [direction][local][remote] */
static const struct decision cells[DIRECTION__MAX][SIDE__MAX][SIDE__MAX] = {
	[BOTH_WAYS] = {
		[SIDE_SAME] = {
			[SIDE_SAME] = CELL(NONE, NONE),
			[SIDE_CHANGED] = CELL(PUT, NONE),
			[SIDE_GONE] = CELL(DELETE, NONE),
		},
		[SIDE_CHANGED] = {
			[SIDE_SAME] = CELL(NONE, PUT),
			[SIDE_CHANGED] = CELL(MERGE, MERGE),
			[SIDE_GONE] = EDIT_WINS(NONE, PUT, LOCAL),
		},
		[SIDE_GONE] = {
			[SIDE_SAME] = CELL(NONE, DELETE),
			[SIDE_CHANGED] = EDIT_WINS(PUT, NONE, REMOTE),
			[SIDE_GONE] = CELL(FORGET, FORGET),
		},
	},
	/* Edits and deletions made here stand: nobody over there could disagree with them. */
	[PULL_ONLY] = {
		[SIDE_SAME] = {
			[SIDE_SAME] = CELL(NONE, NONE),
			[SIDE_CHANGED] = CELL(PUT, NONE),
			[SIDE_GONE] = CELL(DELETE, NONE),
		},
		[SIDE_CHANGED] = {
			[SIDE_SAME] = CELL(NONE, NONE),
			[SIDE_CHANGED] = CELL(MERGE, NONE),
			[SIDE_GONE] = EDIT_WINS(NONE, NONE, LOCAL),
		},
		[SIDE_GONE] = {
			[SIDE_SAME] = CELL(NONE, NONE),
			[SIDE_CHANGED] = CELL(NONE, NONE),
			[SIDE_GONE] = CELL(FORGET, FORGET),
		},
	},
	[PUSH_ONLY] = {
		[SIDE_SAME] = {
			[SIDE_SAME] = CELL(NONE, NONE),
			[SIDE_CHANGED] = CELL(NONE, NONE),
			[SIDE_GONE] = CELL(NONE, NONE),
		},
		[SIDE_CHANGED] = {
			[SIDE_SAME] = CELL(NONE, PUT),
			[SIDE_CHANGED] = CELL(NONE, MERGE),
			[SIDE_GONE] = EDIT_WINS(NONE, PUT, LOCAL),
		},
		/* An edit there wins all the same: it stays there, left alone from then on. */
		[SIDE_GONE] = {
			[SIDE_SAME] = CELL(NONE, DELETE),
			[SIDE_CHANGED] = EDIT_WINS(NONE, FORGET, REMOTE),
			[SIDE_GONE] = CELL(FORGET, FORGET),
		},
	},
};

enum side_state
side_of(struct arena *a, const struct merge_rules *rules, const json *base, const json *now)
{
	if (!now)
		return base ? SIDE_GONE : SIDE_SAME;
	if (!base)
		return SIDE_CHANGED;
	return merge_same(a, rules, base, now) ? SIDE_SAME : SIDE_CHANGED;
}

struct decision
decide(enum direction direction, enum policy policy, enum side_state local, enum side_state remote)
{
	struct decision d = cells[direction][local][remote];

	/* A side that is never written to needs nobody's answer. */
	if (d.conflict && policy == POLICY_ASK && direction == BOTH_WAYS)
		return (struct decision){
			.here = ACT_ASK,
			.there = ACT_ASK,
			.conflict = true,
			.winner = PICK_NONE,
		};
	return d;
}

const json *
echo_base(struct arena *a, const struct merge_rules *rules, const json *base, const json *remote,
    const struct echo *e, bool *arrived)
{
	bool none;

	if (!arrived)
		arrived = &none;
	*arrived = false;
	if (!e->pending)
		return base;
	if (!e->sent || !remote) {
		/* Deleted and still there, or sent and gone: that tells nothing. */
		*arrived = !e->sent && !remote;
		return *arrived ? NULL : base;
	}
	if (e->created) {
		*arrived = true;
		return e->sent;
	}
	return merge_rebase(a, rules, base, e->sent, remote, arrived);
}

const json *
echo_along(struct arena *a, const struct merge_rules *rules, const json *sent, const json *was,
    const json *base)
{
	return sent && was && base ? merge_along(a, rules, was, base, sent) : sent;
}

json *
deletion_fields(struct arena *a, const struct decision *d, enum side_state local)
{
	json *list = json_list(a), *f = json_new(a);

	json_set_str(f, "field", "deleted");
	json_set_bool(f, "base", false);
	json_set_bool(f, "local", local == SIDE_GONE);
	json_set_bool(f, "remote", local != SIDE_GONE);
	json_set_str(f, "chosen", pick_word(d->winner));
	json_add(list, f);
	return list;
}

json *
deletion_kept(struct arena *a, const struct decision *d)
{
	json *kept = json_new(a);

	if (d->winner != PICK_NONE)
		json_set_bool(kept, "deleted", true);
	return kept;
}
