/*
 * show.c - see show.h.
 */
#include <string.h>

#include "agree/value.h"
#include "base/vec.h"
#include "store/called.h"
#include "sync/read/show.h"

enum { LEFT_MAX = 1 << 20 };

/* --- while it is compared --- */

static enum rc
shower_item(struct ctx *cx, struct comparer *c, const struct plan_item *it)
{
	struct shower *s = (struct shower *)c;

	if (it->op == PLAN_DELETE && it->edited) {
		VEC_HOLD(c->in.a, s->left, s->left_cap, s->n_left + 1, LEFT_MAX);
		s->left[s->n_left++] = it->seq;
	}
	return plan_add(cx, s->p.plan, it);
}

static json *
shower_shown(struct arena *a, struct str key, struct str payload)
{
	json *o = json_new(a);

	json_set_s(o, "key", key);
	if (payload.n)
		json_set(o, "values", json_stored(a, arena_dup_str(a, payload)));
	return o;
}

static enum rc
shower_row(struct ctx *cx, struct intake *in, const struct row *row)
{
	struct shower *s = (struct shower *)in;
	json **rows = &s->rows[in->n - 1];

	TRY(comparing.row(cx, in, row));
	if (!*rows)
		*rows = json_list(in->a);
	if (json_len(*rows) >= INTAKE_PREVIEW_ROWS || s->shown >= LISTING_BYTES)
		return RC_OK;
	s->shown += buf_s(in->payload).n;
	json_add(*rows, shower_shown(in->a, buf_s(in->key), buf_s(in->payload)));
	return RC_OK;
}

enum rc
shower_make(struct ctx *cx, void *arg, struct comparer **out)
{
	const struct comparison *j = arg;
	struct shower *s = arena_alloc(cx->a, sizeof *s);
	struct intake_use *use = arena_alloc(cx->a, sizeof *use);

	*use = comparing;
	use->row = shower_row;
	*out = &s->p.c;
	TRY(planner_init(cx, &s->p, use, j));
	s->p.c.item = shower_item;
	return RC_OK;
}

/* --- the list --- */

struct showing {
	const struct intake *in;
	struct listing *list;
	bool harm; /* nothing else */
	const struct intake_set *set;
	int naming;          /* the column that records are called by; -1: none */
	const int64_t *left; /* deletions that are none, in order; those gone by are taken off */
	size_t n_left;
};

static json *
show_fields(struct arena *a, const struct columns *cols, const json *before, const json *after)
{
	json *list = json_list(a);

	for (size_t i = 0; i < cols->n; i++) {
		json *was = json_nth(before, i), *is = json_nth(after, i);

		if (!value_same(a, was, is))
			json_add(list, listing_field(a, cols->v[i].name, was, is));
	}
	return list;
}

/* What a changed record was. */
static enum rc
show_before(struct ctx *cx, const struct showing *w, struct str key, json **out)
{
	const enum sql q = Q_STORED_LOOKUP;
	struct db *db = w->in->db;
	bool found;

	*out = NULL;
	TRY(db_row(cx, db, &found, q, "iS", w->set->stored.no, key));
	if (found) {
		listing_weigh(w->list, db_str(db, q, C_STORED_PAYLOAD).n);
		*out = json_stored(w->in->a, db_dup(w->in->a, db, q, C_STORED_PAYLOAD));
	}
	db_reset(db, q);
	return RC_OK;
}

/* NULL: it is no change. */
static const char *const show_actions[] = {
	[PLAN_ADD] = "add",
	[PLAN_REVIVE] = "add",
	[PLAN_UPDATE] = "update",
	[PLAN_REPLACE] = "update",
	[PLAN_DELETE] = "delete",
	[PLAN_BACK] = NULL,
	[PLAN_ECHO] = NULL,
};

static enum rc
show_change(struct ctx *cx, struct showing *w, const struct plan_item *it)
{
	struct arena *a = w->in->a;
	json *before = NULL, *after = NULL, *change, *fields;

	listing_weigh(w->list, it->payload.n);
	if (it->op != PLAN_DELETE)
		after = json_stored(a, arena_dup_str(a, it->payload));
	if (plan_updates(it->op) || it->op == PLAN_DELETE)
		TRY(show_before(cx, w, it->key, &before));
	fields = show_fields(a, w->set->cols, before, after);
	change = listing_change(a, LISTING_LOCAL, show_actions[it->op],
	    called(a, w->naming, after ? after : before, arena_dup_str(a, it->key),
		w->set->rule.kind == KEY_CONTENT),
	    fields);
	json_set_s(change, "key", it->key);
	if (after && !w->harm)
		json_set(change, "values", after);
	if (plan_updates(it->op) && !w->harm)
		json_set(change, "before", before);
	json_add(w->list->changes, change);
	return RC_OK;
}

static bool
show_is_left(struct showing *w, const struct plan_item *it)
{
	if (it->op != PLAN_DELETE || w->n_left == 0 || *w->left != it->seq)
		return false;
	w->left++;
	w->n_left--;
	return true;
}

/* Under another key it is not known which records come back: none is listed then. */
static bool
show_does_harm(const struct showing *w, const struct plan_item *it)
{
	if (w->set->rekeyed)
		return false;
	return it->op == PLAN_DELETE || (it->op == PLAN_REPLACE && intake_replaces(w->set));
}

static enum rc
show_item(struct ctx *cx, struct showing *w, const struct plan_item *it)
{
	if (it->op == PLAN_DATASET) {
		w->set = &w->in->sets[it->seq];
		w->naming = called_column(columns_json(cx->a, w->set->cols));
		return RC_OK;
	}
	if (!w->set || !show_actions[it->op] || show_is_left(w, it))
		return RC_OK;
	if ((w->harm && !show_does_harm(w, it)) ||
	    !listing_takes(w->list, LISTING_LOCAL, show_actions[it->op]))
		return RC_OK;
	return show_change(cx, w, it);
}

static enum rc
show_plan(struct ctx *cx, struct showing *w, const struct spool *sp)
{
	struct plan_reader *rd;
	struct plan_item it;
	int64_t offset;
	bool more = true;

	TRY(plan_open(cx, sp, 0, &rd));
	while (more) {
		TRY(plan_next(cx, rd, &more, &it, &offset));
		if (more)
			TRY(show_item(cx, w, &it));
	}
	return RC_OK;
}

enum rc
shower_list(struct ctx *cx, struct shower *s, const struct spool *sp, struct listing *list)
{
	struct showing w = {
		.in = &s->p.c.in,
		.list = list,
		.left = s->left,
		.n_left = s->n_left,
	};
	int64_t bytes, items;

	TRY(plan_finish(cx, s->p.plan, &bytes, &items));
	return show_plan(cx, &w, sp);
}

enum rc
show_harm(struct ctx *cx, const struct intake *in, const struct spool *sp, struct listing *list)
{
	struct showing w = { .in = in, .list = list, .harm = true };

	return show_plan(cx, &w, sp);
}
