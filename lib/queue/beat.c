/*
 * beat.c - see queue.h. Signs of life of a run and of the tick, and what is done about a clock that
 * was set.
 */
#include "base/clamp.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "queue/lane.h"
#include "queue/pulse.h"
#include "queue/queue.h"

int64_t
queue_lease_ms(void)
{
	return conf_int(CONF_LEASE_SECONDS) * SECOND_MS;
}

struct beat_run {
	const struct job *job;
	const struct heartbeat *beat;
	bool *cancel;
};

static enum rc
beat_run_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct beat_run *w = arg;
	const int64_t now = clock_ms();
	bool found;

	TRY(db_row(cx, db, &found, Q_QUEUE_BEAT_RUN, "sisisiii", w->job->run.id, w->job->attempt,
	    w->beat->phase, w->beat->progress, w->beat->message, now, now + queue_lease_ms(),
	    w->beat->wait_until));
	*w->cancel = found && db_flag(db, Q_QUEUE_BEAT_RUN, 0);
	db_reset(db, Q_QUEUE_BEAT_RUN);
	return found ? RC_OK : fail(cx, E_LEASE, NULL);
}

enum rc
queue_heartbeat(struct ctx *cx, struct db *db, const struct job *job, const struct heartbeat *beat,
    bool *cancel)
{
	struct beat_run w = { job, beat, cancel };

	*cancel = false;
	return db_write_hasty(cx, db, beat_run_write, &w);
}

enum rc
queue_hold(struct ctx *cx, struct db *db, const struct job *job)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_QUEUE_HOLD_RUN, "sii", job->run.id, job->attempt,
	    clock_ms() + queue_lease_ms()));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

/*
 * The clock.
 *
 * Only the tick sees it often enough to notice that it was set; what it noticed is kept in `meta`.
 */

enum { TRUST_PACE = 2 };
#define CLOCK_JUMP_MS (25 * HOUR_MS) /* the longest pause between two ticks is a day */
#define CLOCK_SLACK_MS MINUTE_MS     /* set back by less, it delays nothing that matters */

int64_t
queue_trust(int64_t trusted, int64_t last, int64_t now)
{
	const int64_t lived = now - last;

	if (lived < 0 || lived > CLOCK_JUMP_MS)
		return trusted;
	return trusted + clamp(now - trusted, -TRUST_PACE * lived, TRUST_PACE * lived);
}

static enum rc
beat_get(struct ctx *cx, struct db *db, const char *name, int64_t *at)
{
	bool found;

	*at = 0;
	TRY(db_row(cx, db, &found, Q_META_GET, "s", name));
	if (found)
		(void)str_i64(db_str(db, Q_META_GET, 0), 0, INT64_MAX, at);
	db_reset(db, Q_META_GET);
	return RC_OK;
}

static enum rc
beat_put(struct ctx *cx, struct db *db, const char *name, int64_t at)
{
	return db_run(
	    cx, db, NULL, Q_META_PUT, "ss", name, arena_printf(cx->a, "%lld", (long long)at));
}

/* What waits was told to wait until a time of the old clock. */
static enum rc
beat_set_back(struct ctx *cx, struct db *db, int64_t last, int64_t now)
{
	const int64_t back = last - now;
	int64_t high;

	log_event(LOG_LEVEL_WARN, "clock.set_back", "i:ms", back, NULL);
	TRY(lane_set_back(cx, db, back));
	TRY(db_run(cx, db, NULL, Q_QUEUE_BACK, "ii", back, now));
	TRY(db_run(cx, db, NULL, Q_CHANNEL_BACK, "i", now));
	TRY(db_run(cx, db, NULL, Q_OUTBOX_BACK, "i", back));
	TRY(db_run(cx, db, NULL, Q_BUCKET_BACK, "ii", back, now));
	TRY(db_run(cx, db, NULL, Q_CLOCK_FORGET, ""));
	TRY(beat_get(cx, db, "clock_high", &high));
	return back > DAY_MS / 2 && last > high ? beat_put(cx, db, "clock_high", last) : RC_OK;
}

static enum rc
beat_write(struct ctx *cx, struct db *db, void *arg)
{
	const int64_t now = *(const int64_t *)arg;
	int64_t last, trusted, changed;

	TRY(beat_get(cx, db, "tick_at", &last));
	TRY(beat_get(cx, db, "clock_trusted", &trusted));
	if (!trusted)
		trusted = last ? last : now;
	if (last && now - last > CLOCK_JUMP_MS)
		log_event(LOG_LEVEL_WARN, "clock.jumped", "i:ms", now - last, NULL);
	if (last - now > CLOCK_SLACK_MS)
		TRY(beat_set_back(cx, db, last, now));
	TRY(db_run(cx, db, &changed, Q_QUEUE_MEND, "ii", now, now + CLOCK_SLACK_MS));
	if (changed)
		log_event(LOG_LEVEL_WARN, "clock.mended", "i:connections", changed, NULL);
	TRY(lane_mend_clock(cx, db, now));
	TRY(beat_put(cx, db, "clock_trusted", queue_trust(trusted, last, now)));
	TRY(pulse_ask(cx, db, now));
	return beat_put(cx, db, "tick_at", now);
}

enum rc
queue_beat(struct ctx *cx, struct db *db, int64_t now)
{
	return db_write_hasty(cx, db, beat_write, &now);
}

enum rc
queue_last_beat(struct ctx *cx, struct db *db, int64_t *at)
{
	return beat_get(cx, db, "tick_at", at);
}

enum rc
queue_trusted_now(struct ctx *cx, struct db *db, int64_t now, int64_t *out)
{
	TRY(beat_get(cx, db, "clock_trusted", out));
	if (*out > now)
		*out = now;
	return RC_OK;
}
