/*
 * auto_sync.c - see auto_sync.h.
 */
#include "base/clock.h"
#include "store/auto_sync.h"

/* The first of the times from `next` on, an interval apart, that is not over. */
static int64_t
to_come(int64_t next, int64_t interval_hours, int64_t now)
{
	const int64_t interval = interval_hours * HOUR_MS;

	return next >= now ? next : next + (now - next + interval - 1) / interval * interval;
}

enum rc
auto_sync_get(struct ctx *cx, struct db *db, const char *owner, struct auto_sync *out)
{
	const enum sql q = Q_AUTO_SYNC_GET;

	*out = (struct auto_sync){ .interval_hours = AUTO_SYNC_HOURS };
	TRY(db_query(cx, db, q, "s", owner));
	if (db_next(db, q))
		*out = (struct auto_sync){
			.enabled = db_flag(db, q, C_AUTO_SYNC_ENABLED),
			.interval_hours = db_num(db, q, C_AUTO_SYNC_INTERVAL_HOURS),
			.next_sync_at = db_num(db, q, C_AUTO_SYNC_NEXT_SYNC_AT),
			.updated_at = db_num(db, q, C_AUTO_SYNC_UPDATED_AT),
		};
	if (out->enabled)
		out->next_sync_at = to_come(out->next_sync_at, out->interval_hours, clock_ms());
	return db_done(cx, db, q);
}

enum rc
auto_sync_set(struct ctx *cx, struct db *db, const char *owner, int64_t now, struct auto_sync *s)
{
	struct auto_sync had;
	int64_t next = now + s->interval_hours * HOUR_MS;

	TRY(auto_sync_get(cx, db, owner, &had));
	if (had.enabled && had.interval_hours == s->interval_hours)
		next = had.next_sync_at;
	s->next_sync_at = s->enabled ? next : 0;
	return db_run(cx, db, NULL, Q_AUTO_SYNC_PUT, "siiii", owner, (int64_t)s->enabled,
	    s->interval_hours, s->next_sync_at, now);
}
