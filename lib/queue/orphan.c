/*
 * orphan.c - see orphan.h.
 */
#include "queue/orphan.h"

#include "base/clock.h"
#include "base/proc.h"
#include "queue/lane.h"
#include "queue/queue.h"
#include "store/outbox.h"

struct orphans {
	int64_t pid, now;
};

static enum rc
orphan_lanes_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct orphans *w = arg;

	TRY(outbox_orphaned(cx, db, w->pid, w->now));
	return lane_reap(cx, db, w->pid, w->now);
}

enum rc
orphan_lanes(struct ctx *cx, struct db *db, int64_t pid, int64_t now)
{
	return db_write(cx, db, orphan_lanes_write, &(struct orphans){ pid, now });
}

static enum rc
orphan_has_lanes(struct ctx *cx, struct db *db, int64_t pid, bool *yes)
{
	int64_t v[LANES_BUSY];
	size_t n;

	*yes = false;
	TRY(lane_pids(cx, db, v, LANES_BUSY, &n));
	for (size_t i = 0; i < n; i++)
		*yes = *yes || v[i] == pid;
	return RC_OK;
}

static enum rc
orphan_has_runs(struct ctx *cx, struct db *db, int64_t pid, bool *yes)
{
	TRY(db_row(cx, db, yes, Q_QUEUE_OF_PID, "i", pid));
	db_reset(db, Q_QUEUE_OF_PID);
	return RC_OK;
}

enum rc
orphan_mine(struct ctx *cx, struct db *db)
{
	const int64_t pid = proc_self();
	int64_t reaped;
	bool any;

	TRY(orphan_has_lanes(cx, db, pid, &any));
	if (any)
		TRY(orphan_lanes(cx, db, pid, clock_ms()));
	TRY(orphan_has_runs(cx, db, pid, &any));
	return any ? queue_reap(cx, db, pid, E_INTERRUPTED, &reaped) : RC_OK;
}
