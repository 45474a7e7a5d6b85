/*
 * outbox.c - see outbox.h.
 */
#include "app/outbox.h"

#include "ask/ask.h"
#include "base/clock.h"
#include "queue/heed.h"
#include "queue/post.h"

enum { OUTBOX_AT_ONCE = 1000 };

struct outbox_deed {
	const struct caller *by;
	const char *id;
	int64_t before, n;
};

static enum rc
outbox_process_one(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	struct outbox o;
	struct link l;
	struct conn c;

	TRY(outbox_get(cx, db, owner, id, &o));
	TRY(conn_get_any(cx, db, owner, o.connection_id, &c));
	if (!o.finished_at && !conn_sends(&c))
		return fail(cx, E_PAUSED, NULL);
	TRY(link_get(cx, db, owner, o.link_id, &l));
	TRY(heed_link(cx, db, &l, clock_ms()));
	return outbox_hurry(cx, db, owner, id, clock_ms());
}

static enum rc
outbox_process_write(struct ctx *cx, struct db *db, void *arg)
{
	struct outbox_deed *w = arg;
	const char *owner = w->by->owner;

	w->n = 1;
	if (w->id)
		TRY(outbox_process_one(cx, db, owner, w->id));
	else
		TRY(outbox_hurry_all(cx, db, owner, clock_ms(), &w->n));
	TRY(post_hurry_all(cx, db, owner, clock_ms()));
	return caller_audit(cx, db, w->by, "queue processed", w->id ? w->id : "", "");
}

enum rc
outbox_process(struct ctx *cx, struct db *db, const struct caller *by, const char *id, int64_t *n)
{
	struct outbox_deed w = { .by = by, .id = id };

	TRY(caller_need(cx, by, SCOPE_SYNC));
	TRY(db_write(cx, db, outbox_process_write, &w));
	*n = w.n;
	wake_tick();
	return RC_OK;
}

static enum rc
outbox_forget_write(struct ctx *cx, struct db *db, void *arg)
{
	struct outbox_deed *w = arg;

	TRY(outbox_clear(cx, db, w->by->owner, w->before, OUTBOX_AT_ONCE, &w->n));
	return caller_audit(
	    cx, db, w->by, "queue cleared", "", arena_printf(cx->a, "%lld items", (long long)w->n));
}

enum rc
outbox_forget(struct ctx *cx, struct db *db, const struct caller *by, int64_t days, int64_t *n)
{
	struct outbox_deed w = { .by = by, .before = clock_ms() - days * DAY_MS };

	*n = 0;
	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (days < 0 || days > OUTBOX_DAYS_MAX)
		return caller_wrong(cx, by, "olderThan",
		    arena_printf(
			cx->a, "This is a number of days, from 0 to %d.", OUTBOX_DAYS_MAX));
	do {
		TRY(db_write(cx, db, outbox_forget_write, &w));
		*n += w.n;
	} while (w.n >= OUTBOX_AT_ONCE);
	return RC_OK;
}
