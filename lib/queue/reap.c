/*
 * reap.c - runs whose process is gone. See queue.h for who else changes a run's state.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/rand.h"
#include "queue/queue.h"
#include "queue/workdir.h"

enum { RESUMES_MAX = 3 };

/* Ends one run that nobody works on any more, and queues the run that goes on with its spool. */
static enum rc
reap_one(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t attempt,
    enum error_kind how)
{
	struct run run;
	struct conn c;
	char uuid[UUID_TEXT];
	bool made;

	TRY(run_get(cx, db, owner, id, &run));
	TRY(conn_get(cx, db, owner, run.connection_id, &c));
	if (run.cancel)
		how = E_CANCELLED;
	else if (run.resumes >= RESUMES_MAX && how != E_MEMORY)
		how = E_CRASHED;
	struct err err = { .kind = how };
	snprintf(err.detail, sizeof err.detail,
	    how == E_INTERRUPTED ? "Its process ended after %lld %%." : "It had come to %lld %%.",
	    (long long)run.progress);
	const struct job job = { c, run, attempt };
	run.message = error_row(how)->title;
	if (how == E_CANCELLED || run.resumes >= RESUMES_MAX) {
		TRY(queue_settle(cx, db, &job, &run, &err));
		workdir_discard(cx->a, id);
		return RC_OK;
	}
	run.id = id;
	run.attempt = attempt;
	run.state = "error";
	run.not_modified = false;
	run.review = NULL;
	run.error_code = error_row(how)->code;
	run.error_detail = err.detail;
	TRY(run_finish(cx, db, &run, clock_ms()));
	const struct run next = {
		.id = rand_uuid(uuid),
		.connection_id = c.id,
		.owner = owner,
		.trigger = "resume",
		.message = "Waiting to go on",
		.resumes = run.resumes + 1,
		.resumed_from = id,
		.checkpoint = run.checkpoint,
		.due_at = run.due_at,
		.task = run.task,
		.undoes = run.undoes,
	};
	return run_insert(cx, db, &next, clock_ms(), &made);
}

struct dead {
	const char *id, *owner;
	int64_t attempt;
};

struct reaping {
	int64_t pid; /* of the worker; 0: those whose lease is over */
	enum error_kind how;
	int64_t n; /* reaped */
};

static enum rc
reap_write(struct ctx *cx, struct db *db, void *arg)
{
	struct reaping *r = arg;
	int64_t now = clock_ms(), lease = conf_int(CONF_LEASE_SECONDS) * SECOND_MS;
	enum sql q = r->pid ? Q_QUEUE_OF_PID : Q_QUEUE_EXPIRED;
	struct dead dead[100];
	size_t found = 0;

	if (r->pid)
		TRY(db_query(cx, db, q, "i", r->pid));
	else
		TRY(db_query(cx, db, q, "ii", now, now + 2 * lease));
	while (found < sizeof dead / sizeof *dead && db_next(db, q)) {
		dead[found++] = (struct dead){ db_dup(cx->a, db, q, C_QUEUE_DEAD_ID),
			db_dup(cx->a, db, q, C_QUEUE_DEAD_OWNER),
			db_num(db, q, C_QUEUE_DEAD_ATTEMPT) };
	}
	TRY(db_done(cx, db, q));
	for (size_t i = 0; i < found; i++) {
		TRY(reap_one(cx, db, dead[i].owner, dead[i].id, dead[i].attempt, r->how));
		log_event(LOG_LEVEL_WARN, "sync.reaped", "s:sync", dead[i].id, "s:code",
		    error_row(r->how)->code, NULL);
	}
	r->n = (int64_t)found;
	return RC_OK;
}

enum rc
queue_reap(struct ctx *cx, struct db *db, int64_t pid, enum error_kind how, int64_t *n)
{
	struct reaping r = { pid, how, 0 };

	TRY(db_write(cx, db, reap_write, &r));
	*n = r.n;
	return RC_OK;
}

struct clearing {
	struct ctx *cx;
	struct db *db;
};

static bool
run_is_over(void *arg, const char *id)
{
	const struct clearing *c = arg;
	int64_t n = 0;
	enum rc rc = db_query(c->cx, c->db, Q_QUEUE_IS_OVER, "s", id);

	if (rc == RC_OK && db_next(c->db, Q_QUEUE_IS_OVER))
		n = db_num(c->db, Q_QUEUE_IS_OVER, 0);
	if (rc == RC_OK)
		rc = db_done(c->cx, c->db, Q_QUEUE_IS_OVER);
	c->cx->err = (struct err){ 0 };
	return rc == RC_OK && n > 0;
}

void
queue_clear_left(struct ctx *cx, struct db *db)
{
	workdir_clear(cx->a, run_is_over, &(struct clearing){ cx, db });
}

enum rc
queue_running(struct ctx *cx, struct db *db, struct holder *v, size_t max, size_t *n)
{
	*n = 0;
	TRY(db_query(cx, db, Q_QUEUE_RUNNING, ""));
	while (*n < max && db_next(db, Q_QUEUE_RUNNING))
		v[(*n)++] = (struct holder){
			.pid = db_num(db, Q_QUEUE_RUNNING, C_QUEUE_RUNNING_PID),
			.lease_until = db_num(db, Q_QUEUE_RUNNING, C_QUEUE_RUNNING_LEASE_UNTIL),
			.waits = db_num(db, Q_QUEUE_RUNNING, C_QUEUE_RUNNING_WAIT_UNTIL) != 0,
		};
	return db_done(cx, db, Q_QUEUE_RUNNING);
}
