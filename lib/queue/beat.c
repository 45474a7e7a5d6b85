/*
 * beat.c - see queue.h. Signs of life: of a run, of the tick, and of a clock that was wrong.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "queue/lane.h"
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

	TRY(db_row(cx, db, &found, Q_QUEUE_BEAT_RUN, "sisisii", w->job->run.id, w->job->attempt,
	    w->beat->phase, w->beat->progress, w->beat->message, now, now + queue_lease_ms()));
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
	return db_write(cx, db, beat_run_write, &w);
}

struct beat_mend_args {
	int64_t now;
	int64_t *changed;
};

static enum rc
beat_mend_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct beat_mend_args *w = arg;

	TRY(db_run(cx, db, w->changed, Q_QUEUE_MEND, "ii", w->now, w->now + HOUR_MS));
	return lane_mend_clock(cx, db, w->now);
}

enum rc
queue_mend_clock(struct ctx *cx, struct db *db, int64_t now)
{
	int64_t changed;

	struct beat_mend_args w = { now, &changed };

	TRY(db_write(cx, db, beat_mend_write, &w));
	if (changed)
		log_event(LOG_LEVEL_WARN, "clock.mended", "i:connections", changed, NULL);
	return RC_OK;
}

static enum rc
beat_write(struct ctx *cx, struct db *db, void *arg)
{
	return db_run(cx, db, NULL, Q_META_PUT, "ss", "tick_at", (const char *)arg);
}

enum rc
queue_beat(struct ctx *cx, struct db *db, int64_t now)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)now);
	return db_write(cx, db, beat_write, text);
}

enum rc
queue_last_beat(struct ctx *cx, struct db *db, int64_t *at)
{
	bool found;

	*at = 0;
	TRY(db_row(cx, db, &found, Q_META_GET, "s", "tick_at"));
	if (found)
		(void)str_i64(db_str(db, Q_META_GET, 0), 0, INT64_MAX, at);
	db_reset(db, Q_META_GET);
	return RC_OK;
}
