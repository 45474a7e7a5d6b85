/*
 * push_plan.c - pushing.h: what is to be sent.
 */
#include "sync/write/pushing.h"

#include "base/clock.h"
#include "base/rand.h"
#include "store/conflict.h"
#include "sync/write/around.h"
#include "sync/write/flaw.h"
#include "sync/write/meet.h"
#include "sync/write/withdraw.h"

/* That of the link, or of the look that was taken just now: a stale one is refused, which is
 * harmless. */
static const char *
push_condition(const struct pushing *p)
{
	if (flaw(FLAW_NO_CONDITION))
		return NULL;
	return p->link.etag ? p->link.etag : p->answer.etag;
}

/* Who takes over from one that has died meets what that one has made: where it is found by a list
 * that tells late, that is so much later. */
static int64_t
push_turn_ms(const struct twoway *t, const struct link *l)
{
	return t->lease_ms + (t->lists_lag && !l->remote_id ? t->unsure_ms : 0);
}

static enum rc
push_intend(struct ctx *cx, struct db *db, struct pushing *p)
{
	const struct twoway *t = p->t;
	struct link *l = &p->link;
	const json *whole = p->differ.whole;
	char id[UUID_TEXT];

	p->push = (struct push){
		.id = flaw(FLAW_NO_LOOK) ? arena_dup(cx->a, rand_uuid(id)) : l->id,
		.dataset = t->dataset,
		.key = l->remote_id,
		.etag = push_condition(p),
		.values = p->differ.values,
		.whole = whole && !l->base,
		.was = meet_base(cx->a, l),
		.all = whole,
		.facets = p->facets,
		.object = l->object.key,
		.uid = p->uid,
		.former = l->former,
		.until = p->deadline,
	};
	p->before = l->sent;
	if (!flaw(FLAW_NOTHING_INTENDED))
		l->sent = whole ? json_text(cx->a, whole) : LINK_SENT_DELETION;
	p->sent = l->sent;
	l->updated_at = clock_ms();
	TRY(link_save(cx, db, l));
	p->intent = *l;
	p->next = PUSH_SEND;
	return outbox_mark(cx, db, &p->item, p->push.id, l->updated_at + push_turn_ms(t, l));
}

/* A create of which it is not known whether it has arrived is repeated as it was: whichever of the
 * two is met there later, the base is what it was made with. What was edited since follows. */
static void
push_repeat(struct ctx *cx, struct pushing *p)
{
	json *sent = json_stored(cx->a, p->link.sent);

	if (p->link.remote_id || !sent || !p->differ.whole)
		return;
	p->repeats = true;
	p->differ.values = p->differ.whole = sent;
}

/* What is made is one request, of which one answer tells whether it has arrived; parts follow. */
static void
push_whole_first(struct ctx *cx, struct pushing *p)
{
	const json *all = p->differ.whole;
	json *whole;

	if (p->link.remote_id || !all || !p->t->part)
		return;
	whole = json_new(cx->a);
	for (struct json_iter it = { 0 }; json_each(all, &it);)
		if (*it.key != p->t->part)
			json_set(whole, it.key, it.value);
	p->repeats = json_len(whole) < json_len(all);
	p->differ.values = p->differ.whole = whole;
}

/* Nothing differs, and yet something is to be told there. */
static void
push_fill(struct ctx *cx, struct pushing *p, const json *base)
{
	if (p->differ.any || !p->answer.unfilled || !base || p->link.withdrawn)
		return;
	p->differ = (struct differ){ .any = true, .values = json_new(cx->a), .whole = base };
}

/* Later, if it goes to and fro; next is PUSH_OVER then. */
static enum rc
push_rest(struct ctx *cx, struct db *db, struct pushing *p, const json *here, bool *rests)
{
	const struct around_turn turn = { &p->link.object, here };
	struct around_rest rest;

	TRY(around_until(cx, db, p->t, &turn, &rest));
	*rests = rest.until > clock_ms();
	if (!*rests)
		return RC_OK;
	return push_settle(cx, db, p,
	    (struct outbox_end){
		.state = OUTBOX_WAITING,
		.next_at = rest.until,
		.error_code = OUTBOX_BY_TURNS,
		.error_detail = rest.same
		    ? "It goes to and fro between the same two contents, and is sent ever more "
		      "rarely. Any other edit is sent at once."
		    : "Whatever is written there comes back as something else, and is sent ever "
		      "more rarely. An edit made here is sent at once.",
	    });
}

enum rc
push_plan(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct differ_in in = { .base = meet_base(cx->a, &p->link) };
	struct conflict open = { 0 };
	struct here here = { 0 };
	bool around, rests = false;

	TRY(p->t->ops->get(cx, db, p->t, p->link.object.key, &here));
	in.here = p->link.back ? withdraw_back(cx->a, &p->link) : here.value;
	if (p->link.withdrawn)
		in.here = NULL;
	p->uid = here.uid;
	if (!strcmp(p->link.state, LINK_CONFLICT))
		TRY(conflict_of_link(cx, db, p->t->owner, p->link.id, &open));
	in.asked = json_stored(cx->a, open.fields);
	differ(cx->a, p->t->rules, &in, &p->differ);
	push_fill(cx, p, in.base);
	if (!p->differ.any || !strcmp(p->link.state, LINK_SKIPPED) ||
	    (p->t->direction == PULL_ONLY && !p->link.withdrawn && !p->link.back))
		return push_done(cx, db, p);
	TRY(around_goes(cx, db, p->t, &p->link.object, &around));
	if (around && p->link.base && in.here) {
		TRY(push_leave(cx, db, p));
		return push_done(cx, db, p);
	}
	if (p->link.base && in.here)
		TRY(push_rest(cx, db, p, in.here, &rests));
	if (rests)
		return RC_OK;
	push_whole_first(cx, p);
	push_repeat(cx, p);
	return push_intend(cx, db, p);
}
