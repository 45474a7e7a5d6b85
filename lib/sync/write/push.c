/*
 * push.c - see push.h.
 *
 * Invariants: a request leaves only after its intent (link.sent, outbox.mark) is committed, and
 * before its lease ends by a clock that never jumps. Every write afterwards names the fence of the
 * claim, so one that was taken over changes nothing. What is confirmed becomes the base as it was
 * sent, whatever has been edited here since.
 */
#include "sync/write/push.h"

#include "base/clock.h"
#include "base/step.h"
#include "queue/outward.h"
#include "sync/write/facets.h"
#include "sync/write/flaw.h"
#include "sync/write/meet.h"
#include "sync/write/pushing.h"
#include "sync/write/silent.h"

#define PUSH_LIMITED_MS (10 * SECOND_MS) /* when it is not said how long */

/* --- the claim --- */

static bool
push_must_look(const struct pushing *p)
{
	return p->link.remote_id
	    ? p->item.mark || !p->link.etag || facets_maybe(p->facets, &p->item)
	    : p->item.mark && !flaw(FLAW_NO_LOOK);
}

/* Its sender has died, maybe only just. Whether a twin is as it was sent is seen as soon as that
 * has landed, which has been waited for; one that was being made has to be found. */
static bool
push_too_early(const struct pushing *p)
{
	const char *code = p->item.error_code;

	return p->item.mark && !p->link.remote_id && p->t->unsure_ms > OUTBOX_LANDS_MS && code &&
	    !strcmp(code, error_row(E_INTERRUPTED)->code);
}

/* What somebody stops stops at once, but for a request that is on its way. */
static enum rc
push_goes(struct ctx *cx, struct db *db, const struct pushing *p, bool *yes)
{
	*yes = true;
	return p->t->ops->sends ? p->t->ops->sends(cx, db, p->t, yes) : RC_OK;
}

static enum rc
push_claim_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pushing *p = arg;
	const struct twoway *t = p->t;
	const int64_t now = clock_ms();
	bool goes;

	p->next = PUSH_OVER;
	TRY(push_goes(cx, db, p, &goes));
	if (!goes)
		return RC_OK;
	TRY(outward_judge_new(cx, db, t->owner, t->connection_id, now));
	TRY(outbox_claim(cx, db, t->connection_id, now, now + t->lease_ms, &p->item));
	if (!p->item.id)
		return RC_OK;
	TRY(link_get(cx, db, t->owner, p->item.link_id, &p->link));
	if (push_too_early(p))
		return push_settle(cx, db, p,
		    (struct outbox_end){
			.state = OUTBOX_UNSURE,
			.next_at = now + p->t->unsure_ms,
		    });
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
		.former = p->link.former,
	};
	p->next = PUSH_LOOK;
	return RC_OK;
}

/* --- looking --- */

/* A request that was not found to have arrived is over; but a create may still be on its way to
 * where a look finds it, and is known by its mark for good. What was sent to a twin that is gone
 * may have arrived before: should that be shown again, it is known. */
static enum rc
push_give_up(struct ctx *cx, struct db *db, struct pushing *p, const struct there *found)
{
	if (!p->link.sent || !p->link.remote_id || !found->values)
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

/* What there was before is there again: what was sent to be made in its place was not made. */
static void
push_not_made(struct pushing *p)
{
	const char *former = p->link.remote_id ? NULL : p->link.former;

	if (former && p->answer.key && !strcmp(former, p->answer.key))
		p->link.sent = NULL;
}

static enum rc
push_look_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pushing *p = arg;
	struct there there;
	struct there found = {
		.key = p->answer.key ? p->answer.key : p->push.key,
		/* Of what is to be brought back the present look is believed alone. */
		.etag = p->answer.last ? NULL : p->answer.etag,
		.values = p->answer.values,
		.silent = p->answer.silent,
		.unfilled = p->answer.unfilled,
		.unseen = p->answer.unseen,
		.last = p->answer.last,
		.fixed = p->answer.fixed,
		.edits = push_edits(p),
		.as_of = p->as_of,
	};
	bool doubted, goes;

	if (p->rc != RC_OK)
		return push_unseen(cx, db, p);
	TRY(link_get(cx, db, p->t->owner, p->item.link_id, &p->link));
	push_not_made(p);
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
	TRY(push_give_up(cx, db, p, &there));
	TRY(push_goes(cx, db, p, &goes));
	if (p->look_again || !goes)
		return push_look_anew(cx, db, p);
	TRY(change_last(cx, db, &p->as_of));
	return push_plan(cx, db, p);
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
