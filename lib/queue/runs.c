/*
 * runs.c - see queue.h. Runs that are asked for, stopped and answered.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "queue/queue.h"

enum rc
queue_insert(struct ctx *cx, struct db *db, const struct conn *c, const char *trigger, bool *made,
    const char **id)
{
	char uuid[UUID_TEXT];
	const struct run run = {
		.id = arena_dup(cx->a, rand_uuid(uuid)),
		.connection_id = c->id,
		.owner = c->owner,
		.trigger = trigger,
		.message = "Waiting for a free worker",
	};

	*id = run.id;
	return run_insert(cx, db, &run, clock_ms(), made);
}

enum rc
sync_enqueue(
    struct ctx *cx, struct db *db, const struct conn *c, const char *trigger, const char **id)
{
	struct run active;
	bool made;

	TRY(queue_insert(cx, db, c, trigger, &made, id));
	if (made)
		return RC_OK;
	TRY(run_active(cx, db, c->owner, c->id, &active));
	*id = active.id;
	return fail(cx, E_RUNNING, NULL);
}

/* *met: the run was there already. */
static enum rc
start_in_tx(struct ctx *cx, struct db *db, const struct conn *wanted, const char *trigger,
    struct run *run, bool *met)
{
	struct conn c;
	int64_t now = clock_ms(), last = 0;
	const char *id;
	bool found;

	TRY(conn_get(cx, db, wanted->owner, wanted->id, &c));
	TRY(run_active(cx, db, c.owner, c.id, run));
	*met = run->id != NULL;
	/* One that goes on with what an interrupted run has read cannot bring what is asked for
	 * now. */
	if (*met)
		return run->resumed_from
		    ? db_run(cx, db, NULL, Q_QUEUE_AGAIN_ASK, "ss", c.id, c.owner)
		    : RC_OK;
	TRY(db_row(cx, db, &found, Q_RUN_LAST_START, "ss", c.id, c.owner));
	if (found)
		last = db_num(db, Q_RUN_LAST_START, 0);
	db_reset(db, Q_RUN_LAST_START);
	if (found && last <= now && now - last < COOLDOWN_MS) {
		(void)fail(cx, E_COOLDOWN, NULL);
		cx->err.wait_ms = COOLDOWN_MS - (now - last);
		return RC_LIMITED;
	}
	TRY(sync_enqueue(cx, db, &c, trigger, &id));
	return run_get(cx, db, c.owner, id, run);
}

enum rc
sync_start(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *trigger, const char **id)
{
	const struct conn wanted = { .id = conn_id, .owner = owner };
	struct run run = { 0 };
	bool met;

	*id = NULL;
	TRY(db_begin(cx, db));
	TRY(db_end(cx, db, start_in_tx(cx, db, &wanted, trigger, &run, &met)));
	*id = run.id;
	if (met && run.resumed_from)
		return fail(cx, E_RUNNING,
		    "It goes on with what was read before; another sync follows it.");
	return met ? fail(cx, E_RUNNING, NULL) : RC_OK;
}

enum rc
sync_reset(struct ctx *cx, struct db *db, const struct conn *c, bool clear, const char **id)
{
	struct run active;

	TRY(run_active(cx, db, c->owner, c->id, &active));
	if (active.id)
		return fail(cx, E_STATE,
		    "A sync of this connection is running. Cancel it, or wait until it has ended.");
	if (clear) {
		TRY(conn_clear(cx, db, c->owner, c->id));
		TRY(conn_guard_over(cx, db, c->owner, c->id));
	} else
		TRY(conn_set_cursor(cx, db, c->owner, c->id, NULL));
	return sync_enqueue(cx, db, c, "manual", id);
}

static enum rc
cancel_in_tx(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	struct run run;
	int64_t changed;

	TRY(run_get(cx, db, owner, id, &run));
	TRY(db_run(cx, db, &changed, Q_QUEUE_CANCEL_QUEUED, "ssis", id, owner, clock_ms(),
	    "Cancelled before it began"));
	if (changed)
		return RC_OK;
	TRY(db_run(cx, db, &changed, Q_QUEUE_CANCEL_ASK, "ss", id, owner));
	return changed ? RC_OK : fail(cx, E_STATE, "This sync has already ended.");
}

enum rc
sync_cancel(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	TRY(db_begin(cx, db));
	return db_end(cx, db, cancel_in_tx(cx, db, owner, id));
}

enum rc
sync_question(struct ctx *cx, struct db *db, const struct run *run, bool *open)
{
	bool over;

	*open = false;
	if (!run->review)
		return RC_OK;
	TRY(db_row(
	    cx, db, &over, Q_QUEUE_QUESTION_OVER, "ssi", run->connection_id, run->owner, run->no));
	db_reset(db, Q_QUEUE_QUESTION_OVER);
	*open = !over;
	return RC_OK;
}

static enum rc
answer_in_tx(struct ctx *cx, struct db *db, const char *owner, const char *run_id,
    const char *answer, const char **id)
{
	struct run run, active;
	struct conn c;
	json *review;
	bool open;

	TRY(run_get(cx, db, owner, run_id, &run));
	review = json_stored(cx->a, run.review);
	if (!review)
		return fail(cx, E_STATE, "This sync does not wait for an answer.");
	if (strcmp(answer, "approve") && strcmp(answer, "always") && strcmp(answer, "keep"))
		return fail(cx, E_INPUT, "The answer is one of approve, always and keep.");
	TRY(conn_get(cx, db, owner, run.connection_id, &c));
	TRY(sync_question(cx, db, &run, &open));
	if (!open)
		return fail(cx, E_STATE,
		    "This question is over: a later sync ended without it, or has asked anew. "
		    "Look at the latest sync of this connection.");
	TRY(conn_set_guard(
	    cx, db, owner, c.id, answer, json_str(review, "plan") ? json_str(review, "plan") : ""));
	TRY(db_run(cx, db, NULL, Q_QUEUE_REVIEW_ANSWERED, "ss", run_id, owner));
	c.sched.health = HEALTH_OK;
	c.sched.error_code = c.sched.error_detail = NULL;
	TRY(sched_save(cx, db, &c));
	TRY(run_active(cx, db, owner, c.id, &active));
	if (active.id) {
		*id = active.id;
		return RC_OK;
	}
	return sync_enqueue(cx, db, &c, "approve", id);
}

enum rc
sync_answer(struct ctx *cx, struct db *db, const char *owner, const char *run_id,
    const char *answer, const char **id)
{
	*id = NULL;
	TRY(db_begin(cx, db));
	return db_end(cx, db, answer_in_tx(cx, db, owner, run_id, answer, id));
}
