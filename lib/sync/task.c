/*
 * task.c - see task.h.
 */
#include "sync/task.h"

#include "base/proc.h"
#include "sync/before.h"
#include "sync/leave_run.h"
#include "sync/undo_run.h"

/* *settled: the run has ended with it, or waits. */
static enum rc
task_do(struct ctx *cx, struct db *db, struct job *job, struct outcome *o, bool *settled)
{
	struct leave leave;
	struct undo undo;

	*settled = false;
	TRY(before_deciding(cx, db, job->conn.owner, job));
	if (leave_read(cx->a, &job->run, &leave))
		return leave_run(cx, db, job, &leave, o, settled);
	if (undo_read(cx->a, &job->run, &undo))
		return undo_run(cx, db, job, &undo, o);
	return fail(cx, E_UNSUPPORTED, "This version does not know what this run is to do.");
}

enum rc
task_run(struct ctx *cx, struct db *db, struct job *job)
{
	struct outcome *o = outcome_new(cx->a, job);
	bool settled;
	enum rc rc = task_do(cx, db, job, o, &settled);
	struct err err = cx->err;
	int64_t n;

	db_rollback(db);
	if (rc == RC_OK && settled)
		return RC_OK;
	if (rc == RC_OK)
		return outcome_settle(cx, db, job, o, NULL);
	/* The run belongs to somebody else now, or is gone: leave everything alone. */
	if (err.kind == E_LEASE)
		return rc;
	if (err.kind == E_INTERRUPTED)
		return queue_reap(cx, db, proc_self(), E_INTERRUPTED, &n);
	return outcome_settle(cx, db, job, o, &err);
}
