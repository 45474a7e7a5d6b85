/*
 * syncs.c - see syncs.h.
 */
#include "app/syncs.h"
#include "app/conn.h"
#include "app/plan.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "queue/queue.h"

/* What the run says of how it came about. */
static const char *
syncs_trigger(const struct caller *by)
{
	if (by->session)
		return "manual";
	return strcmp(by->actor.name, "command") ? "api" : "command";
}

/* A run that was asked for stands on the timeline of the run, not on its connection's: that one
 * has the changes of its settings. */
struct syncs_start {
	const struct caller *by;
	const char *conn_id, *id;
	/* It runs already. That is an answer, and what the queue has noted of the wish is kept. */
	bool met;
	struct err err;
};

static enum rc
syncs_start_write(struct ctx *cx, struct db *db, void *arg)
{
	struct syncs_start *w = arg;
	enum rc rc = sync_start(cx, db, w->by->owner, w->conn_id, syncs_trigger(w->by), &w->id);

	w->met = rc == RC_CONFLICT && w->id;
	w->err = cx->err;
	if (w->met)
		return RC_OK;
	TRY(rc);
	return caller_audit(cx, db, w->by, "sync started", w->id, w->conn_id);
}

enum rc
syncs_start(
    struct ctx *cx, struct db *db, const struct caller *by, const char *conn_id, const char **id)
{
	struct syncs_start w = { .by = by, .conn_id = conn_id };

	*id = NULL;
	TRY(caller_need(cx, by, SCOPE_SYNC));
	TRY(db_write(cx, db, syncs_start_write, &w));
	*id = w.id;
	if (w.met) {
		cx->err = w.err;
		return RC_CONFLICT;
	}
	wake_tick();
	return RC_OK;
}

struct syncs_change {
	const struct caller *by;
	const char *id, *answer;
	const char *next; /* the run that acts on the answer */
};

static enum rc
syncs_cancel_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct syncs_change *w = arg;
	struct run run;

	TRY(run_get(cx, db, w->by->owner, w->id, &run));
	TRY(sync_cancel(cx, db, w->by->owner, w->id));
	return caller_audit(cx, db, w->by, "sync cancelled", w->id, run.connection_id);
}

enum rc
syncs_cancel(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	struct syncs_change w = { .by = by, .id = id };

	TRY(caller_need(cx, by, SCOPE_SYNC));
	return db_write(cx, db, syncs_cancel_write, &w);
}

static enum rc
syncs_answer_write(struct ctx *cx, struct db *db, void *arg)
{
	struct syncs_change *w = arg;
	struct conn_decision d = { .by = w->by, .answer = w->answer };
	struct run run;

	TRY(run_get(cx, db, w->by->owner, w->id, &run));
	d.run = &run;
	if (plan_asks(&run) && run.review)
		TRY(conn_decide(cx, db, &d, &w->next));
	else
		TRY(sync_answer(cx, db, w->by->owner, w->id, w->answer, &w->next));
	return caller_audit(
	    cx, db, w->by, "answered the question of a sync", run.connection_id, w->answer);
}

enum rc
syncs_answer(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const char *answer, const char **next)
{
	struct syncs_change w = { .by = by, .id = id, .answer = answer };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (!str_has_word(STR("approve always keep"), ' ', str_c(answer)))
		return fail(cx, E_INPUT, "The answer is one of approve, always and keep.");
	TRY(db_write(cx, db, syncs_answer_write, &w));
	*next = w.next;
	wake_tick();
	return RC_OK;
}

struct syncs_enqueue {
	const struct conn *conn;
	const char *id;
};

static enum rc
syncs_enqueue_write(struct ctx *cx, struct db *db, void *arg)
{
	struct syncs_enqueue *w = arg;

	return sync_enqueue(cx, db, w->conn, "schedule", &w->id);
}

enum rc
syncs_due(struct ctx *cx, struct db *db, const struct caller *by, int64_t limit,
    struct sync_due **v, size_t *n)
{
	struct conn_list list;

	TRY(caller_need(cx, by, SCOPE_SYNC));
	TRY(conn_due(cx, db, by->owner, clock_ms(), limit, &list));
	*n = list.n;
	*v = arena_array(cx->a, list.n + 1, sizeof **v);
	for (size_t i = 0; i < list.n; i++) {
		struct syncs_enqueue w = { .conn = &list.v[i] };
		enum rc rc = db_write(cx, db, syncs_enqueue_write, &w);

		(*v)[i] = (struct sync_due){
			.conn = list.v[i].id,
			.owner = list.v[i].owner,
			.sync = w.id, /* one that is running already is followed */
		};
		if (rc != RC_OK && !w.id)
			(*v)[i].error = error_row(cx->err.kind)->title;
	}
	if (list.n)
		wake_tick();
	return RC_OK;
}
