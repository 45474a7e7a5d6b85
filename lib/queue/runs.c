/*
 * runs.c - see queue.h. Runs that are asked for, stopped and answered.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "queue/outward.h"
#include "queue/queue.h"
#include "queue/workdir.h"
#include "store/removal.h"

static struct run
runs_new(struct arena *a, const struct conn *c, const char *trigger)
{
	char uuid[UUID_TEXT];

	return (struct run){
		.id = arena_dup(a, rand_uuid(uuid)),
		.connection_id = c->id,
		.owner = c->owner,
		.trigger = trigger,
		.message = "Waiting for a free worker",
	};
}

static enum rc
runs_insert(struct ctx *cx, struct db *db, const struct run *run, bool *made, const char **id)
{
	TRY(run_insert(cx, db, run, clock_ms(), made));
	*id = *made ? run->id : NULL;
	return RC_OK;
}

enum rc
queue_insert(struct ctx *cx, struct db *db, const struct conn *c, const char *trigger, bool *made,
    const char **id)
{
	const struct run run = runs_new(cx->a, c, trigger);

	return runs_insert(cx, db, &run, made, id);
}

enum rc
queue_insert_due(struct ctx *cx, struct db *db, const struct conn *c, int64_t due_at, bool *made,
    const char **id)
{
	struct run run = runs_new(cx->a, c, "schedule");

	run.due_at = due_at;
	return runs_insert(cx, db, &run, made, id);
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

enum rc
sync_task(
    struct ctx *cx, struct db *db, const struct conn *c, const struct run *as, const char **id)
{
	struct run run = runs_new(cx->a, c, as->trigger), active;
	bool made;

	run.task = as->task;
	run.undoes = as->undoes;
	run.message = as->message;
	TRY(runs_insert(cx, db, &run, &made, id));
	if (made)
		return RC_OK;
	TRY(run_active_task(cx, db, c->owner, c->id, &active));
	*id = active.id;
	return fail(
	    cx, E_RUNNING, "Something is being taken back already. Wait until it has ended.");
}

enum rc
sync_follow(
    struct ctx *cx, struct db *db, const struct conn *c, const char *trigger, const char **id)
{
	struct run active;

	TRY(run_active(cx, db, c->owner, c->id, &active));
	if (!active.id)
		return sync_enqueue(cx, db, c, trigger, id);
	*id = active.id;
	return db_run(cx, db, NULL, Q_QUEUE_AGAIN_ASK, "ss", c->id, c->owner);
}

struct start_args {
	const struct conn *wanted;
	const char *trigger;
	struct run *run;
	bool *met;
};

/* *met: the run was there already. */
static enum rc
start_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct start_args *w = arg;
	struct conn c;
	int64_t now = clock_ms(), last = 0;
	const char *id;
	bool found;

	TRY(conn_get(cx, db, w->wanted->owner, w->wanted->id, &c));
	if (c.leaving)
		return fail(cx, E_STATE, LEAVING);
	TRY(run_active(cx, db, c.owner, c.id, w->run));
	*w->met = w->run->id != NULL;
	/* One that goes on with what an interrupted run has read cannot bring what is asked for
	 * now. */
	if (*w->met)
		return w->run->resumed_from
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
	TRY(sync_enqueue(cx, db, &c, w->trigger, &id));
	return run_get(cx, db, c.owner, id, w->run);
}

enum rc
sync_start(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *trigger, const char **id)
{
	const struct conn wanted = { .id = conn_id, .owner = owner };
	struct run run = { 0 };
	bool met;

	*id = NULL;
	struct start_args w = {
		.wanted = &wanted,
		.trigger = trigger,
		.run = &run,
		.met = &met,
	};

	TRY(db_write(cx, db, start_write, &w));
	*id = run.id;
	if (met && run.resumed_from)
		return fail(cx, E_RUNNING,
		    "It goes on with what was read before; another sync follows it.");
	return met ? fail(cx, E_RUNNING, NULL) : RC_OK;
}

enum rc
sync_reset(struct ctx *cx, struct db *db, const struct conn *c, enum reset how, const char **id)
{
	struct run active;

	TRY(run_active(cx, db, c->owner, c->id, &active));
	if (c->leaving)
		return fail(cx, E_STATE, LEAVING);
	if (active.id)
		return fail(cx, E_STATE,
		    "A sync of this connection is running. Cancel it, or wait until it has ended.");
	if (how == RESET_CLEAR) {
		TRY(conn_clear(cx, db, c->owner, c->id));
		TRY(removal_datasets(cx, db, c->owner, c->id));
		TRY(conn_guard_over(cx, db, c->owner, c->id));
	} else
		TRY(how == RESET_ASK ? conn_ask_anew(cx, db, c) : conn_read_anew(cx, db, c, false));
	return sync_enqueue(cx, db, c, "manual", id);
}

struct cancel_args {
	const char *owner;
	const char *id;
};

static enum rc
cancel_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct cancel_args *w = arg;
	struct run run;
	int64_t changed;

	TRY(run_get(cx, db, w->owner, w->id, &run));
	TRY(db_run(cx, db, &changed, Q_QUEUE_CANCEL_QUEUED, "ssis", w->id, w->owner, clock_ms(),
	    "Cancelled before it began"));
	if (changed) {
		/* One that was to go on has left something. */
		workdir_discard(cx->a, w->id);
		if (run.resumed_from)
			workdir_discard(cx->a, run.resumed_from);
		return run.task ? RC_OK : queue_pass_over(cx, db, w->owner, run.connection_id);
	}
	TRY(db_run(cx, db, &changed, Q_QUEUE_CANCEL_ASK, "ss", w->id, w->owner));
	return changed ? RC_OK : fail(cx, E_STATE, "This sync has already ended.");
}

enum rc
sync_cancel(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	struct cancel_args w = { owner, id };

	return db_write(cx, db, cancel_write, &w);
}

enum rc
sync_end(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_QUEUE_END, "ssi", conn_id, owner, clock_ms());
}

enum rc
sync_end_all(struct ctx *cx, struct db *db, const char *owner)
{
	return db_run(cx, db, NULL, Q_QUEUE_END_ALL, "si", owner, clock_ms());
}

enum rc
sync_question(struct ctx *cx, struct db *db, const struct run *run, bool *open)
{
	struct conn c;
	bool over;

	*open = false;
	if (!run->review)
		return RC_OK;
	if (!strcmp(run->trigger, "plan")) {
		TRY(conn_get(cx, db, run->owner, run->connection_id, &c));
		*open = c.plan && !strcmp(c.plan, run->id);
		return RC_OK;
	}
	if (outward_asks(cx->a, run))
		return outward_open(cx, db, run, open);
	TRY(db_row(
	    cx, db, &over, Q_QUEUE_QUESTION_OVER, "ssi", run->connection_id, run->owner, run->no));
	db_reset(db, Q_QUEUE_QUESTION_OVER);
	*open = !over;
	return RC_OK;
}

struct answer_args {
	const char *owner;
	const char *run_id;
	const char *answer;
	const char **id;
};

/* What was asked before anything left for the provider: its items go, or stay, at once. */
static enum rc
answer_outward(struct ctx *cx, struct db *db, const struct answer_args *w, const struct run *run,
    struct conn *c)
{
	if (!strcmp(w->answer, "always"))
		TRY(conn_set_guard(cx, db, w->owner, c->id, w->answer, ""));
	*w->id = run->id;
	return outward_answer(cx, db, run, w->answer, clock_ms());
}

static enum rc
answer_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct answer_args *w = arg;
	struct run run, active;
	struct conn c;
	json *review;
	bool open;

	TRY(run_get(cx, db, w->owner, w->run_id, &run));
	review = json_stored(cx->a, run.review);
	if (!review)
		return fail(cx, E_STATE, "This sync does not wait for an answer.");
	if (strcmp(w->answer, "approve") && strcmp(w->answer, "always") &&
	    strcmp(w->answer, "keep"))
		return fail(cx, E_INPUT, "The answer is one of approve, always and keep.");
	TRY(conn_get(cx, db, w->owner, run.connection_id, &c));
	if (outward_asks(cx->a, &run))
		return answer_outward(cx, db, w, &run, &c);
	TRY(sync_question(cx, db, &run, &open));
	if (!open)
		return fail(cx, E_STATE,
		    "This question is over: a later sync ended without it, or has asked anew. "
		    "Look at the latest sync of this connection.");
	TRY(conn_set_guard(cx, db, w->owner, c.id, w->answer,
	    json_str(review, "plan") ? json_str(review, "plan") : ""));
	TRY(db_run(cx, db, NULL, Q_QUEUE_REVIEW_ANSWERED, "ss", w->run_id, w->owner));
	c.sched.health = HEALTH_OK;
	c.sched.error_code = c.sched.error_detail = NULL;
	TRY(sched_save(cx, db, &c));
	TRY(run_active(cx, db, w->owner, c.id, &active));
	if (active.id) {
		*w->id = active.id;
		return RC_OK;
	}
	return sync_enqueue(cx, db, &c, "approve", w->id);
}

enum rc
sync_answer(struct ctx *cx, struct db *db, const char *owner, const char *run_id,
    const char *answer, const char **id)
{
	*id = NULL;
	struct answer_args w = {
		.owner = owner,
		.run_id = run_id,
		.answer = answer,
		.id = id,
	};

	return db_write(cx, db, answer_write, &w);
}
