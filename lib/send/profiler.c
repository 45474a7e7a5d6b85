/*
 * profiler.c - see profiler.h.
 */
#include "send/profiler.h"

#include "base/log.h"
#include "profile/keep.h"

enum { TURN_MS = 5 * SECOND_MS, REST_MS = MINUTE_MS, REST_MAX = 6 };

struct profiler_end {
	const struct lane *lane;
	int64_t hold_until, failures;
};

/* Asked here, for nobody else can make a lane due that is being worked on. */
static enum rc
profiler_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct profiler_end *w = arg;
	const int64_t due_at = w->hold_until ? w->hold_until : clock_ms();
	bool behind;

	TRY(keep_behind(cx, db, w->lane->owner, NULL, &behind));
	return lane_release(cx, db, w->lane, behind ? due_at : 0, w->hold_until, w->failures);
}

enum rc
profiler_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct profiler_end end = { .lane = lane };
	bool behind;

	if (keep_profiles(cx, db, lane->owner, NULL, TURN_MS, &behind) != RC_OK) {
		log_event(LOG_LEVEL_WARN, "profile.failed", "s:code", error_row(cx->err.kind)->code,
		    "s:detail", cx->err.detail, NULL);
		cx->err = (struct err){ 0 };
		end.failures = lane->failures + 1;
		end.hold_until = clock_ms() +
		    REST_MS * (end.failures < REST_MAX ? end.failures : REST_MAX);
	}
	return db_write(cx, db, profiler_end_write, &end);
}
