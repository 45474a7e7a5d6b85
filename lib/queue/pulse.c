/*
 * pulse.c - see pulse.h.
 */
#include "queue/pulse.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/space.h"
#include "queue/lane.h"
#include "queue/queue.h"

enum rc
pulse_ask(struct ctx *cx, struct db *db, int64_t now)
{
	if (!*conf_str(CONF_HEARTBEAT_URL))
		return RC_OK;
	return lane_put(cx, db, LANE_PULSE, LANE_NOBODY, LANE_ID_PULSE, now);
}

static const char *
pulse_late(struct arena *a, const char *what, int64_t due_at, int64_t now)
{
	if (!due_at || now - due_at < PULSE_LATE_MS)
		return NULL;
	return arena_printf(
	    a, "%s: the oldest by %lld minutes.", what, (long long)((now - due_at) / MINUTE_MS));
}

enum rc
pulse_trouble(struct ctx *cx, struct db *db, int64_t now, const char **why)
{
	int64_t sync_at, lane_at;

	TRY(queue_next(cx, db, &sync_at));
	TRY(lane_next(cx, db, now, &lane_at));
	*why = pulse_late(cx->a, "Syncs are late", sync_at, now);
	if (!*why)
		*why = pulse_late(cx->a, "What is to be sent is late", lane_at, now);
	if (!*why && !space_for(0))
		*why = "The disk of the state directory is full.";
	return RC_OK;
}

static enum rc
pulse_get(struct ctx *cx, struct db *db, const char *name, const char **out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_META_GET, "s", name));
	*out = found ? db_dup(cx->a, db, Q_META_GET, 0) : NULL;
	db_reset(db, Q_META_GET);
	return RC_OK;
}

enum rc
pulse_last(struct ctx *cx, struct db *db, struct pulse_last *out)
{
	const char *at;

	*out = (struct pulse_last){ 0 };
	TRY(pulse_get(cx, db, "pulse_at", &at));
	TRY(pulse_get(cx, db, "pulse_error", &out->error));
	if (at)
		(void)str_i64(str_c(at), 0, INT64_MAX, &out->at);
	if (out->error && !*out->error)
		out->error = NULL;
	return RC_OK;
}

enum rc
pulse_note(struct ctx *cx, struct db *db, int64_t now, const char *error)
{
	if (!error)
		TRY(db_run(cx, db, NULL, Q_META_PUT, "ss", "pulse_at",
		    arena_printf(cx->a, "%lld", (long long)now)));
	return db_run(cx, db, NULL, Q_META_PUT, "ss", "pulse_error", error ? error : "");
}
