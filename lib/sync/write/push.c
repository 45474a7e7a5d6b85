/*
 * push.c - see push.h.
 *
 * Invariants: a request leaves only after its intent (link.sent, outbox.mark) is committed, and
 * before its lease ends by a clock that never jumps. Every write afterwards names the fence of the
 * claim, so one that was taken over changes nothing. What is confirmed becomes the base as it was
 * sent, whatever has been edited here since.
 */
#include "sync/write/push.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/step.h"
#include "store/conflict.h"
#include "store/outbox.h"
#include "sync/parted.h"
#include "sync/write/differ.h"
#include "queue/edit.h"
#include "queue/outward.h"
#include "sync/write/facets.h"
#include "sync/write/flaw.h"
#include "sync/write/meet.h"
#include "sync/write/silent.h"
#include "sync/write/withdraw.h"

#define PUSH_LIMITED_MS (10 * SECOND_MS) /* when it is not said how long */

/* What is done with the item next. */
enum push_next { PUSH_OVER, PUSH_LOOK, PUSH_SEND };

struct pushing {
	const struct twoway *t;
	struct outbox item;
	struct link link;
	int64_t claimed_rev; /* of the link */
	enum push_next next;
	struct differ differ;
	struct push push;
	const char *sent;   /* link.sent as we have written it */
	const char *before; /* as it was before */
	const char *uid;    /* of the object */
	const json *facets; /* see struct push */
	bool repeats;       /* what may have been made already, or is not all: more follows */
	int64_t as_of, deadline;
	struct link intent; /* the link, with the intent */
	bool look_again;    /* somebody else has met the twin since */
	struct pushed answer;
	enum rc rc; /* of the request, and why */
	struct err err;
};

static bool
push_same_text(const char *x, const char *y)
{
	return x && y ? !strcmp(x, y) : x == y;
}

/* --- ends --- */

static int64_t
push_again_at(const struct pushing *p)
{
	int64_t wait = backoff_ms(MINUTE_MS, p->item.attempts - 1, HOUR_MS);

	if (p->err.wait_ms > 0)
		return clock_ms() + p->err.wait_ms;
	return clock_ms() + backoff_spread(wait / 2, wait / 2, rand_u64());
}

static enum rc
push_settle(struct ctx *cx, struct db *db, struct pushing *p, struct outbox_end end)
{
	end.now = clock_ms();
	p->next = PUSH_OVER;
	return outbox_settle(cx, db, &p->item, &end, NULL);
}

/* It is not there any more, and is not put back. */
static enum rc
push_withdrawn(struct ctx *cx, struct db *db, struct link *l)
{
	l->state = LINK_SKIPPED;
	l->error_code = LINK_WITHDRAWN;
	l->error_detail = "It was removed there; here it stays.";
	l->updated_at = clock_ms();
	return link_save(cx, db, l);
}

static enum rc
push_done(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const struct outbox_end end = { .state = OUTBOX_DONE, .now = clock_ms() };
	struct outbox row;
	bool over;

	p->next = PUSH_OVER;
	TRY(outbox_settle(cx, db, &p->item, &end, &row));
	over = !strcmp(row.state, OUTBOX_DONE);
	if (over && l->withdrawn && !l->base)
		return push_withdrawn(cx, db, l);
	if (over && l->back) {
		TRY(withdraw_put_back(cx, db, p->t, l));
		if (!strcmp(l->state, LINK_SKIPPED))
			return link_save(cx, db, l);
	}
	if (!over || (strcmp(l->state, LINK_QUEUED) && strcmp(l->state, LINK_FAILED)))
		return RC_OK;
	l->state = LINK_SYNCED;
	l->error_code = l->error_detail = NULL;
	l->updated_at = end.now;
	return link_save(cx, db, l);
}

static enum rc
push_at_once(struct ctx *cx, struct db *db, struct pushing *p)
{
	return push_settle(
	    cx, db, p, (struct outbox_end){ .state = OUTBOX_WAITING, .next_at = clock_ms() });
}

/* The etag is not to be relied on: the next claim, at once, looks first. */
static enum rc
push_look_anew(struct ctx *cx, struct db *db, struct pushing *p)
{
	p->link.etag = NULL;
	p->link.updated_at = clock_ms();
	TRY(link_save(cx, db, &p->link));
	return push_at_once(cx, db, p);
}

/* --- what is to be sent --- */

/* That of the link, or of the look that was taken just now: a stale one is refused, which is
 * harmless. */
static const char *
push_condition(const struct pushing *p)
{
	if (flaw(FLAW_NO_CONDITION))
		return NULL;
	return p->link.etag ? p->link.etag : p->answer.etag;
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
	};
	p->before = l->sent;
	if (!flaw(FLAW_NOTHING_INTENDED))
		l->sent = whole ? json_text(cx->a, whole) : LINK_SENT_DELETION;
	p->sent = l->sent;
	l->updated_at = clock_ms();
	TRY(link_save(cx, db, l));
	p->intent = *l;
	p->next = PUSH_SEND;
	return outbox_mark(cx, db, &p->item, p->push.id, l->updated_at + t->lease_ms);
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

static enum rc
push_plan(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct differ_in in = { .base = meet_base(cx->a, &p->link) };
	struct conflict open = { 0 };
	struct here here = { 0 };

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
	push_whole_first(cx, p);
	push_repeat(cx, p);
	return push_intend(cx, db, p);
}

static bool
push_must_look(const struct pushing *p)
{
	return p->link.remote_id
	    ? p->item.mark || !p->link.etag || facets_maybe(p->facets, &p->item)
	    : p->item.mark && !flaw(FLAW_NO_LOOK);
}

static enum rc
push_claim_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pushing *p = arg;
	const struct twoway *t = p->t;
	const int64_t now = clock_ms();

	p->next = PUSH_OVER;
	TRY(outward_judge_new(cx, db, t->owner, t->connection_id, now));
	TRY(outbox_claim(cx, db, t->connection_id, now, now + t->lease_ms, &p->item));
	if (!p->item.id)
		return RC_OK;
	TRY(link_get(cx, db, t->owner, p->item.link_id, &p->link));
	p->claimed_rev = p->link.rev;
	TRY(facets_for(cx, db, t, &p->link, &p->facets));
	TRY(change_last(cx, db, &p->as_of));
	if (!push_must_look(p))
		return push_plan(cx, db, p);
	p->push = (struct push){
		.id = p->link.id,
		.dataset = t->dataset,
		.key = p->link.remote_id,
		.facets = p->facets,
	};
	p->next = PUSH_LOOK;
	return RC_OK;
}

/* --- looking --- */

static struct edits
push_edits(const struct pushing *p)
{
	return (struct edits){
		.whole = p->answer.edited_at,
		.resolution_ms = p->t->writer->grain_ms,
	};
}

/* A request that was not found to have arrived is over; but a create may still be on its way to
 * where a look finds it, and is known by its mark for good. */
static enum rc
push_give_up(struct ctx *cx, struct db *db, struct pushing *p)
{
	if (!p->link.sent || !p->link.remote_id)
		return RC_OK;
	p->link.sent = NULL;
	p->link.updated_at = clock_ms();
	return link_save(cx, db, &p->link);
}

/* What was unsure is unsure. */
static enum rc
push_unseen(struct ctx *cx, struct db *db, struct pushing *p)
{
	return push_settle(cx, db, p,
	    (struct outbox_end){
		.state = p->item.mark ? OUTBOX_UNSURE : OUTBOX_WAITING,
		.next_at = push_again_at(p),
		.error_code = error_row(p->err.kind)->code,
		.error_detail = p->err.detail,
	    });
}

/* Its name is taken and it is not there: it did arrive, and was deleted there for good. */
static bool
push_was_there(const struct pushing *p)
{
	const char *code = p->item.error_code;

	return p->item.mark && !p->link.remote_id && !p->answer.key && code &&
	    error_by_code(code)->rc == RC_CONFLICT;
}

/* The old twin is gone for good: the object, if it still is one, gets a link for a new one, and
 * the item goes with the old link. */
static enum rc
push_new_twin(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const char *key = l->object.key;
	struct here here;
	struct link fresh = {
		.owner = p->t->owner,
		.connection_id = p->t->connection_id,
		.object = l->object,
	};

	TRY(p->t->ops->get(cx, db, p->t, key, &here));
	if (!here.value)
		return push_done(cx, db, p);
	p->next = PUSH_OVER;
	TRY(meet_close(cx, db, l, "edit", true));
	/* A read that is under way may still have it: under its own name it is remembered. */
	l->object.key = l->remote_id ? l->remote_id : l->id;
	TRY(meet_record_there(cx, db, p->t, l, NULL));
	TRY(link_delete(cx, db, l));
	return edit_link(cx, db, &fresh, clock_ms());
}

static enum rc
push_look_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pushing *p = arg;
	struct there there;
	struct there found = {
		.key = p->answer.key ? p->answer.key : p->push.key,
		.etag = p->answer.etag,
		.values = p->answer.values,
		.silent = p->answer.silent,
		.unfilled = p->answer.unfilled,
		.fixed = p->answer.fixed,
		.edits = push_edits(p),
		.as_of = p->as_of,
	};
	bool doubted;

	if (p->rc != RC_OK)
		return push_unseen(cx, db, p);
	TRY(link_get(cx, db, p->t->owner, p->item.link_id, &p->link));
	/* What was found may be older than what somebody else has met, or doubts, since. */
	p->look_again = p->link.remote_id && p->link.rev != p->claimed_rev;
	found.was = push_was_there(p);
	TRY(silent_there(cx, db, p->t, &p->link, &found, &there));
	p->answer.unfilled = there.unfilled;
	TRY(meet(cx, db, p->t, &p->link, &there, &doubted));
	/* The item went with its link. */
	if (!p->link.id)
		return RC_OK;
	if (doubted)
		return push_settle(cx, db, p, (struct outbox_end){ .state = OUTBOX_DONE });
	if (there.was)
		return push_new_twin(cx, db, p);
	TRY(push_give_up(cx, db, p));
	if (p->look_again)
		return push_look_anew(cx, db, p);
	TRY(change_last(cx, db, &p->as_of));
	return push_plan(cx, db, p);
}

/* --- what came of it --- */

/* The answer tells more than what was sent. */
static enum rc
push_meet_answer(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct there there = {
		.key = p->answer.key,
		.etag = p->answer.etag,
		.values = p->answer.values,
		.fixed = p->answer.fixed,
		.edits = push_edits(p),
	};
	bool doubted;

	TRY(change_last(cx, db, &there.as_of));
	return meet(cx, db, p->t, &p->link, &there, &doubted);
}

static const json *
push_base_now(struct ctx *cx, struct db *db, struct pushing *p, const json *base)
{
	struct here here = { 0 };

	if (flaw(FLAW_NOT_DECIDED_NEW) &&
	    p->t->ops->get(cx, db, p->t, p->link.object.key, &here) == RC_OK)
		return here.value;
	if (!p->differ.whole || !base)
		return p->differ.whole;
	return differ_confirmed(cx->a, base, p->differ.values, p->differ.whole);
}

/* Of what was made just now nobody knows what a read that went on beside has missed: then any
 * writing of the link counts, an edit here too. */
static bool
push_was_met(const struct pushing *p)
{
	const struct link *now = &p->link, *then = &p->intent;

	if (!then->remote_id)
		return now->rev != then->rev;
	return !push_same_text(now->base, then->base) || !push_same_text(now->etag, then->etag);
}

static enum rc
push_confirm(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const json *base = push_base_now(cx, db, p, meet_base(cx->a, l));
	const json *found = p->answer.values;
	const char *text = base ? json_text(cx->a, base) : NULL;
	bool moved, more, other;
	json *fills;

	p->answer.values = silent_values(cx->a, found, p->answer.silent, base, &fills);
	found = p->answer.values;
	more = base && found && !merge_same(cx->a, p->t->rules, base, found);
	TRY(facets_since(cx, db, p->t, l, p->push.facets, &other));
	p->look_again = push_was_met(p) || (p->differ.whole && other);
	TRY(meet_moved(cx, db, p->t, l, p->as_of, &moved));
	/* Deleted, or put back: whatever it was about the fields is over. */
	if (!p->differ.whole || !l->base)
		TRY(meet_close(cx, db, l, "edit", true));
	TRY(meet_record_there(cx, db, p->t, l, text));
	l->base = text;
	l->sent = NULL;
	if (l->back)
		TRY(withdraw_put_back(cx, db, p->t, l));
	l->ours |= !l->remote_id;
	l->remote_id = p->answer.key ? p->answer.key : l->remote_id;
	/* Of another state than the base says, or not known to be of the same. */
	if (more || moved || p->look_again)
		l->etag = NULL;
	else
		l->etag = p->answer.etag;
	l->last_synced_at = l->updated_at = clock_ms();
	TRY(parted_tell(cx, db, l->owner, l->connection_id, p->answer.parted));
	TRY(link_save(cx, db, l));
	return more && !moved ? push_meet_answer(cx, db, p) : RC_OK;
}

static enum rc
push_refused(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const char *code = error_row(p->err.kind)->code;

	l->state = strcmp(l->state, LINK_CONFLICT) ? LINK_FAILED : l->state;
	l->error_code = code;
	l->error_detail = arena_dup(cx->a, p->err.detail);
	l->updated_at = clock_ms();
	TRY(link_save(cx, db, l));
	return push_settle(cx, db, p,
	    (struct outbox_end){
		.state = OUTBOX_FAILED,
		.error_code = code,
		.error_detail = l->error_detail,
	    });
}

/* Nothing was done, and the twin is not what it was taken for. */
static enum rc
push_moved(struct ctx *cx, struct db *db, struct pushing *p)
{
	if (!p->link.remote_id)
		/* Its name is taken: by itself, when an earlier request did arrive. */
		return push_settle(cx, db, p,
		    (struct outbox_end){
			.state = OUTBOX_UNSURE,
			.next_at = clock_ms() + p->t->unsure_ms,
			.error_code = error_row(p->err.kind)->code,
		    });
	if (p->rc == RC_NOTFOUND && !p->link.base && p->differ.whole)
		return push_new_twin(cx, db, p);
	if (p->link.withdrawn && p->link.run_no)
		TRY(withdraw_spare(cx, db, &p->link));
	return push_look_anew(cx, db, p);
}

static enum rc
push_failed(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct outbox_end again = {
		.state = OUTBOX_WAITING,
		.error_code = error_row(p->err.kind)->code,
		.error_detail = p->err.detail,
	};

	if (p->rc == RC_UNSURE) {
		again.state = OUTBOX_UNSURE;
		again.next_at = clock_ms() + p->t->unsure_ms;
		return push_settle(cx, db, p, again);
	}
	if (push_same_text(p->link.sent, p->sent))
		p->link.sent = p->rc == RC_INVALID ? NULL : p->before;
	if (p->rc == RC_CONFLICT || p->rc == RC_NOTFOUND)
		return push_moved(cx, db, p);
	if (p->rc == RC_INVALID || p->rc == RC_DENIED || p->rc == RC_BUG)
		return push_refused(cx, db, p);
	TRY(link_save(cx, db, &p->link));
	again.next_at = push_again_at(p);
	return push_settle(cx, db, p, again);
}

static enum rc
push_sent_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pushing *p = arg;
	bool gone = p->rc == RC_NOTFOUND && !p->differ.whole;

	TRY(link_get(cx, db, p->t->owner, p->item.link_id, &p->link));
	if (p->rc != RC_OK && !gone)
		return push_failed(cx, db, p);
	/* Else a pull has seen it arrive, and maybe more. */
	if (push_same_text(p->link.sent, p->sent))
		TRY(push_confirm(cx, db, p));
	return p->repeats || p->look_again ? push_at_once(cx, db, p) : push_done(cx, db, p);
}

/* --- the whole --- */

/* Taken over, or the link is gone with its connection: somebody else's business now. */
static enum rc
push_write(struct ctx *cx, struct db *db, struct pushing *p, db_write_fn *fn)
{
	enum rc rc = db_write(cx, db, fn, p);

	if (rc == RC_OK || (cx->err.kind != E_LEASE && cx->err.kind != E_NOT_FOUND))
		return rc;
	cx->err = (struct err){ 0 };
	p->next = PUSH_OVER;
	return RC_OK;
}

typedef enum rc
push_call(struct ctx *, const struct source *, const struct push *, struct pushed *);

static enum rc
push_ask(struct ctx *cx, struct db *db, struct pushing *p, push_call *call, db_write_fn *then)
{
	p->next = PUSH_OVER;
	if (clock_mono_ms() >= p->deadline)
		return RC_OK;
	p->answer = (struct pushed){ 0 };
	p->rc = call(cx, p->t->source, &p->push, &p->answer);
	p->err = cx->err;
	cx->err = (struct err){ 0 };
	step("push:asked");
	return push_write(cx, db, p, then);
}

enum rc
push_next(struct ctx *cx, struct db *db, const struct twoway *t, struct push_turn *turn)
{
	struct pushing p = { .t = t, .deadline = clock_mono_ms() + t->lease_ms / 2 };

	TRY(push_write(cx, db, &p, push_claim_write));
	*turn = (struct push_turn){ .found = p.item.id != NULL };
	step("push:claimed");
	if (p.next == PUSH_LOOK) {
		p.rc = RC_OK;
		TRY(push_ask(cx, db, &p, t->writer->look, push_look_write));
		step("push:looked");
	}
	if (p.next == PUSH_SEND) {
		TRY(push_ask(cx, db, &p, t->writer->send, push_sent_write));
		step("push:settled");
	}
	if (p.rc == RC_LIMITED)
		turn->wait_ms = p.err.wait_ms > 0 ? p.err.wait_ms : PUSH_LIMITED_MS;
	return p.rc == RC_AUTH ? fail(cx, p.err.kind, "%s", p.err.detail) : RC_OK;
}
