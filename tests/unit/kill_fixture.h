/* kill_fixture.h - work in a process of its own that is killed at a given step
 * (lib/base/step.h), or ends because a statement fails, for tests of the engine and of what it sets
 * off. */
#ifndef KILL_FIXTURE_H
#define KILL_FIXTURE_H

#include "engine_fixture.h"
#include "fault_point.h"

#include <signal.h>
#include <sys/wait.h>

typedef enum rc work_fn(struct ctx *, struct db *);

/* Runs fn in a process that dies at its kill_at-th step (0: never). True when it was killed;
 * *pid: which process that was. */
static bool
in_a_process(int kill_at, work_fn *fn, pid_t *pid)
{
	char n[16];
	int status;

	snprintf(n, sizeof n, "%d", kill_at);
	*pid = fork();
	assert_true(*pid >= 0);
	if (*pid == 0) {
		struct ctx mine = { .a = arena_new("child", (size_t)1 << 29, 0) };
		struct db *own;

		setenv("TIDEMARK_STEP_KILL", n, 1);
		if (db_open(&mine, 0, &own) != RC_OK)
			_exit(3);
		_exit(fn(&mine, own) == RC_OK ? 0 : 2);
	}
	assert_int_equal(waitpid(*pid, &status, 0), *pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return true;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

static inline enum rc
work_syncs(struct ctx *c, struct db *own)
{
	struct claim_state st = { 0 };
	bool found = true;

	while (found) {
		struct job job = { 0 };
		TRY(queue_claim(c, own, &st, NULL, &found, &job));
		if (found)
			TRY(engine_run(c, own, &job));
	}
	return RC_OK;
}

/* Works off the queue of syncs. True when it was killed; its runs are reaped then. */
static inline bool
work(int kill_at)
{
	int64_t reaped;
	pid_t pid;

	if (!in_a_process(kill_at, work_syncs, &pid))
		return false;
	assert_ok(queue_reap(&cx, db, pid, E_INTERRUPTED, &reaped));
	return true;
}

/* The same with a statement that fails instead: the first ones of each. */
static inline bool
work_with_fault(int at)
{
	int64_t reaped;

	if (!fault_meets(work_syncs, at, 2))
		return false;
	assert_ok(queue_reap(&cx, db, getpid(), E_INTERRUPTED, &reaped));
	return true;
}

#endif
