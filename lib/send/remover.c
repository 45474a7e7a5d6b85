/*
 * remover.c - see remover.h. Each transaction begins with the lane's fence, and what it says is
 * done is done: killed anywhere, the next turn finds the rest.
 */
#include "base/log.h"
#include "base/step.h"
#include "queue/workdir.h"
#include "send/remover.h"
#include "store/removal.h"

enum { TURN_MS = 5 * SECOND_MS, REST_MS = MINUTE_MS, REST_MAX = 6 };

struct removing {
	const struct lane *lane;
	const char *conn_id;
	struct removal_runs runs;
	int64_t limit;
	bool more;
};

enum rc
remover_ask(struct ctx *cx, struct db *db, const char *owner, int64_t now)
{
	return lane_hurry(
	    cx, db, LANE_REMOVAL, owner, arena_printf(cx->a, "%s%s", LANE_ID_REMOVAL, owner), now);
}

static enum rc
remove_records_write(struct ctx *cx, struct db *db, void *arg)
{
	struct removing *w = arg;

	TRY(lane_held(cx, db, w->lane));
	return removal_records(cx, db, w->lane->owner, w->conn_id, w->limit, &w->more);
}

static enum rc
remove_rest_write(struct ctx *cx, struct db *db, void *arg)
{
	struct removing *w = arg;

	TRY(lane_held(cx, db, w->lane));
	for (size_t i = 0; i < w->runs.n; i++)
		TRY(removal_run(cx, db, w->lane->owner, w->runs.id[i]));
	w->more = w->runs.n == REMOVAL_RUNS;
	return w->more ? RC_OK : removal_conn(cx, db, w->lane->owner, w->conn_id);
}

/* The files of a run go before the row that leads to them. */
static enum rc
remove_rest(struct ctx *cx, struct db *db, struct removing *w)
{
	TRY(removal_runs(cx, db, w->lane->owner, w->conn_id, &w->runs));
	for (size_t i = 0; i < w->runs.n; i++)
		workdir_discard(cx->a, w->runs.id[i]);
	step("remove:files");
	return db_write(cx, db, remove_rest_write, w);
}

/* One page of what is next; *over: nothing is left. */
static enum rc
remove_page(struct ctx *cx, struct db *db, struct removing *w, bool *over)
{
	int64_t began = clock_mono_ms();

	*over = false;
	TRY(removal_next(cx, db, w->lane->owner, &w->conn_id));
	*over = !w->conn_id;
	if (*over)
		return RC_OK;
	TRY(db_write(cx, db, remove_records_write, w));
	step("remove:after-commit");
	w->limit = removal_pace(w->limit, clock_mono_ms() - began);
	return w->more ? RC_OK : remove_rest(cx, db, w);
}

struct remover_end {
	const struct lane *lane;
	int64_t hold_until, failures;
};

static enum rc
remover_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct remover_end *w = arg;
	int64_t due_at = w->hold_until ? w->hold_until : clock_ms();
	const char *left;

	/* Asked here, for nobody else can make a lane due that is being worked on. */
	TRY(removal_next(cx, db, w->lane->owner, &left));
	return lane_release(cx, db, w->lane, left ? due_at : 0, w->hold_until, w->failures);
}

enum rc
remover_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct removing w = { .lane = lane, .limit = REMOVAL_PAGE };
	struct remover_end end = { .lane = lane };
	const int64_t until = clock_mono_ms() + TURN_MS;
	bool over = false;
	enum rc rc = RC_OK;

	while (rc == RC_OK && !over && clock_mono_ms() < until)
		rc = remove_page(cx, db, &w, &over);
	if (rc != RC_OK && cx->err.kind == E_LEASE)
		return rc;
	if (rc != RC_OK) {
		log_event(LOG_LEVEL_WARN, "remove.failed", "s:code", error_row(cx->err.kind)->code,
		    "s:detail", cx->err.detail, NULL);
		end.failures = lane->failures + 1;
		end.hold_until = clock_ms() +
		    REST_MS * (end.failures < REST_MAX ? end.failures : REST_MAX);
	}
	return db_write(cx, db, remover_end_write, &end);
}
