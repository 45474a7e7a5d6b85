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

enum rc
queue_heartbeat(struct ctx *cx, struct db *db, const struct job *job, const char *phase,
    int64_t progress, const char *message, bool *cancel)
{
	bool own = !db_in_write(db), found = false;
	int64_t now = clock_ms();
	enum rc rc;

	*cancel = false;
	if (own)
		TRY(db_begin(cx, db));
	rc = db_row(cx, db, &found, Q_QUEUE_BEAT_RUN, "sisisii", job->run.id, job->attempt, phase,
	    progress, message, now, now + queue_lease_ms());
	if (rc == RC_OK && found)
		*cancel = db_num(db, Q_QUEUE_BEAT_RUN, 0) != 0;
	db_reset(db, Q_QUEUE_BEAT_RUN);
	if (rc == RC_OK && !found)
		rc = fail(cx, E_LEASE, NULL);
	return own ? db_end(cx, db, rc) : rc;
}

static enum rc
beat_mend_in_tx(struct ctx *cx, struct db *db, int64_t now, int64_t *changed)
{
	TRY(db_run(cx, db, changed, Q_QUEUE_MEND, "ii", now, now + HOUR_MS));
	return lane_mend_clock(cx, db, now);
}

enum rc
queue_mend_clock(struct ctx *cx, struct db *db, int64_t now)
{
	int64_t changed;

	TRY(db_begin(cx, db));
	TRY(db_end(cx, db, beat_mend_in_tx(cx, db, now, &changed)));
	if (changed)
		log_event(LOG_LEVEL_WARN, "clock.mended", "i:connections", changed, NULL);
	return RC_OK;
}

enum rc
queue_beat(struct ctx *cx, struct db *db, int64_t now)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)now);
	TRY(db_begin(cx, db));
	return db_end(cx, db, db_run(cx, db, NULL, Q_META_PUT, "ss", "tick_at", text));
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
