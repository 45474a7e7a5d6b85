/*
 * push_end.c - pushing.h: how a turn ends.
 */
#include "sync/write/pushing.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/rand.h"
#include "queue/edit.h"
#include "queue/outward.h"
#include "sync/write/meet.h"
#include "sync/write/withdraw.h"

struct edits
push_edits(const struct pushing *p)
{
	return (struct edits){
		.whole = p->answer.edited_at,
		.resolution_ms = p->t->writer->grain_ms,
	};
}

int64_t
push_again_at(const struct pushing *p)
{
	int64_t wait = backoff_ms(MINUTE_MS, p->item.attempts - 1, HOUR_MS);

	if (p->err.wait_ms > 0)
		return clock_ms() + p->err.wait_ms;
	return clock_ms() + backoff_spread(wait / 2, wait / 2, rand_u64());
}

enum rc
push_settle(struct ctx *cx, struct db *db, struct pushing *p, struct outbox_end end)
{
	end.now = clock_ms();
	p->next = PUSH_OVER;
	return outbox_settle(cx, db, &p->item, &end, NULL);
}

enum rc
push_done(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const struct outbox_end end = { .state = OUTBOX_DONE, .now = clock_ms() };
	struct outbox row;
	bool over;

	p->next = PUSH_OVER;
	TRY(outbox_settle(cx, db, &p->item, &end, &row));
	over = !strcmp(row.state, OUTBOX_DONE);
	/* It is not there any more, and is not put back. */
	if (over && l->withdrawn && !l->base)
		return link_skip(
		    cx, db, l, LINK_WITHDRAWN, "It was removed there; here it stays.", end.now);
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

enum rc
push_leave(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;

	p->left = true;
	return link_skip(cx, db, l, OUTWARD_LEFT,
	    "What is written there comes back changed, again and again. It is left there as it is; "
	    "the next edit here is sent again.",
	    clock_ms());
}

enum rc
push_at_once(struct ctx *cx, struct db *db, struct pushing *p)
{
	return push_settle(
	    cx, db, p, (struct outbox_end){ .state = OUTBOX_WAITING, .next_at = clock_ms() });
}

enum rc
push_look_anew(struct ctx *cx, struct db *db, struct pushing *p)
{
	p->link.etag = NULL;
	p->link.updated_at = clock_ms();
	TRY(link_save(cx, db, &p->link));
	return push_at_once(cx, db, p);
}

enum rc
push_new_twin(struct ctx *cx, struct db *db, struct pushing *p)
{
	struct link *l = &p->link;
	const char *key = l->object.key;
	struct here here;
	struct link fresh = {
		.owner = p->t->owner,
		.connection_id = p->t->connection_id,
		.object = l->object,
		.former = l->remote_id ? l->remote_id : l->former,
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
