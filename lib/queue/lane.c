/*
 * lane.c - see lane.h.
 */
#include "queue/lane.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/proc.h"

enum rc
lane_put(struct ctx *cx, struct db *db, const char *id, int64_t due_at)
{
	return db_run(cx, db, NULL, Q_LANE_PUT, "si", id, due_at);
}

enum rc
lane_hurry(struct ctx *cx, struct db *db, const char *id, int64_t now)
{
	TRY(lane_put(cx, db, id, now));
	return db_run(cx, db, NULL, Q_LANE_HURRY, "si", id, now);
}

enum rc
lane_stop(struct ctx *cx, struct db *db, const char *id)
{
	return db_run(cx, db, NULL, Q_LANE_STOP, "s", id);
}

enum rc
lane_drop(struct ctx *cx, struct db *db, const char *id)
{
	return db_run(cx, db, NULL, Q_LANE_DROP, "s", id);
}

static enum rc
claim(struct ctx *cx, struct db *db, enum sql q, int64_t now, bool *found, struct lane *out)
{
	int64_t until = now + (SEND_SECONDS + conf_int(CONF_LEASE_SECONDS)) * SECOND_MS;

	TRY(db_row(cx, db, found, q, "iii", now, until, (int64_t)proc_self()));
	if (*found)
		*out = (struct lane){ db_dup(cx->a, db, q, C_LANE_ID),
			db_num(db, q, C_LANE_ATTEMPT), db_num(db, q, C_LANE_FAILURES) };
	db_reset(db, q);
	return RC_OK;
}

/* May another failing lane be worked on? */
static enum rc
room(struct ctx *cx, struct db *db, int64_t now, bool *yes)
{
	bool any;

	TRY(db_row(cx, db, &any, Q_LANE_FAILING_BUSY, "i", now));
	*yes = any && db_num(db, Q_LANE_FAILING_BUSY, 0) < LANES_FAILING;
	db_reset(db, Q_LANE_FAILING_BUSY);
	return RC_OK;
}

enum rc
lane_claim(struct ctx *cx, struct db *db, int64_t now, bool *found, struct lane *out)
{
	bool yes;

	TRY(claim(cx, db, Q_LANE_CLAIM_WELL, now, found, out));
	if (*found)
		return RC_OK;
	TRY(room(cx, db, now, &yes));
	return yes ? claim(cx, db, Q_LANE_CLAIM_FAILING, now, found, out) : RC_OK;
}

enum rc
lane_release(struct ctx *cx, struct db *db, const struct lane *l, int64_t due_at,
    int64_t hold_until, int64_t failures)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_LANE_RELEASE, "siiii", l->id, l->attempt, due_at, hold_until,
	    failures));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

enum rc
lane_held(struct ctx *cx, struct db *db, const struct lane *l)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LANE_HELD, "si", l->id, l->attempt));
	db_reset(db, Q_LANE_HELD);
	return found ? RC_OK : fail(cx, E_LEASE, NULL);
}

struct lane_reaping {
	int64_t pid, now;
};

static enum rc
lane_reap_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct lane_reaping *r = arg;

	return db_run(cx, db, NULL, Q_LANE_FREE, "ii", r->pid, r->now);
}

enum rc
lane_reap(struct ctx *cx, struct db *db, int64_t pid, int64_t now)
{
	struct lane_reaping r = { pid, now };

	return db_write(cx, db, lane_reap_write, &r);
}

static enum rc
first_due(struct ctx *cx, struct db *db, enum sql q, int64_t *due_at)
{
	bool found;

	TRY(db_row(cx, db, &found, q, ""));
	*due_at = found ? db_num(db, q, 0) : 0;
	db_reset(db, q);
	return RC_OK;
}

enum rc
lane_next(struct ctx *cx, struct db *db, int64_t now, int64_t *due_at)
{
	int64_t failing;
	bool yes;

	TRY(first_due(cx, db, Q_LANE_NEXT_WELL, due_at));
	TRY(first_due(cx, db, Q_LANE_NEXT_FAILING, &failing));
	if (failing == 0 || (*due_at != 0 && *due_at <= failing))
		return RC_OK;
	TRY(room(cx, db, now, &yes));
	if (yes)
		*due_at = failing;
	return RC_OK;
}

enum rc
lane_mend_clock(struct ctx *cx, struct db *db, int64_t now)
{
	return db_run(cx, db, NULL, Q_LANE_MEND, "ii", now, now + LANE_WAIT_MAX);
}
