/*
 * push_sent.c - pushing.h: what came of a request.
 */
#include "sync/write/pushing.h"

#include "base/clock.h"
#include "queue/edit.h"
#include "queue/outward.h"
#include "sync/parted.h"
#include "sync/write/around.h"
#include "sync/write/facets.h"
#include "sync/write/flaw.h"
#include "sync/write/meet.h"
#include "sync/write/silent.h"
#include "sync/write/withdraw.h"

/* A read that has seen it arrive has taken it away, one that has met something else has taken it
 * along; nobody but who holds the item puts another one in its place. */
static bool
push_is_open(const struct pushing *p)
{
	return !p->link.sent == !p->sent;
}

static bool
push_same_text(const char *x, const char *y)
{
	return x && y ? !strcmp(x, y) : x == y;
}

/* The answer tells more than what was sent. */
static enum rc
push_meet_answer(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct there there = {
		.key = p->answer.key,
		.etag = p->answer.etag,
		.values = p->answer.values,
		.unseen = p->answer.unseen,
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

/* A part that somebody is asked about has gone along with what was written of the whole: the
 * question tells what was there before. */
static bool
push_was_asked(const struct pushing *p)
{
	return p->t->part && p->differ.whole && !strcmp(p->link.state, LINK_CONFLICT);
}

static enum rc
push_confirm(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const json *base = push_base_now(cx, db, p, meet_base(cx->a, l));
	const json *found = p->answer.values;
	const char *text = base ? json_text(cx->a, base) : NULL;
	bool moved, more, other, alters = false;
	json *fills;

	p->answer.values = silent_values(cx->a, found, p->answer.silent, base, &fills);
	found = p->answer.values;
	more = base && found && !merge_same(cx->a, p->t->rules, base, found);
	TRY(facets_since(cx, db, p->t, l, p->push.facets, &other));
	p->look_again = push_was_met(p) || (p->differ.whole && other) || push_was_asked(p);
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
	if (!more || moved)
		return RC_OK;
	/* What a service makes of a write (a text without the blanks at its end) is here with its
	 * answer, and elsewhere. One that makes something else of it each time, or two that do not
	 * agree, would be answered for ever: after so many times what is there is left, until
	 * somebody edits the object again. */
	TRY(around_went(cx, db, p->t, &l->object, &alters));
	if (!alters)
		return push_meet_answer(cx, db, p);
	l->base = json_text(cx->a, p->answer.values);
	l->etag = p->answer.etag;
	return push_leave(cx, db, p);
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
	if (!p->link.remote_id) {
		/* Its name is taken: by itself, when an earlier request did arrive; or what was
		 * there before is there again. */
		TRY(link_save(cx, db, &p->link));
		return push_settle(cx, db, p,
		    (struct outbox_end){
			.state = OUTBOX_UNSURE,
			.next_at = clock_ms() + p->t->unsure_ms,
			.error_code = error_row(p->err.kind)->code,
		    });
	}
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
	if (push_is_open(p))
		p->link.sent = p->rc == RC_INVALID
		    ? NULL
		    : edit_along(cx->a, p->t->rules, p->before, p->intent.base, p->link.base);
	if (p->rc == RC_CONFLICT || p->rc == RC_NOTFOUND)
		return push_moved(cx, db, p);
	if (p->rc == RC_INVALID || p->rc == RC_DENIED || p->rc == RC_BUG)
		return push_refused(cx, db, p);
	TRY(link_save(cx, db, &p->link));
	again.next_at = push_again_at(p);
	return push_settle(cx, db, p, again);
}

enum rc
push_sent_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pushing *p = arg;
	bool gone = p->rc == RC_NOTFOUND && !p->differ.whole;

	TRY(link_get(cx, db, p->t->owner, p->item.link_id, &p->link));
	if (p->rc != RC_OK && !gone)
		return push_failed(cx, db, p);
	/* Else a pull has seen it arrive, and maybe more. */
	if (push_is_open(p))
		TRY(push_confirm(cx, db, p));
	return !p->left && (p->repeats || p->look_again) ? push_at_once(cx, db, p)
							 : push_done(cx, db, p);
}
