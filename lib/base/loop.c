/*
 * loop.c - see loop.h.
 */
#include "base/loop.h"

#include <signal.h>

#include "base/mark.h"

_Static_assert(LOOP_SIGNAL == SIGUSR1, "the signal is named without its header");

void
loop_begin(struct arena *a)
{
	mark_put(a, LOOP_MARK);
}

bool
loop_runs(struct arena *a)
{
	return mark_pid(a, LOOP_MARK) > 0;
}

bool
loop_wake(struct arena *a)
{
	pid_t pid = mark_pid(a, LOOP_MARK);

	/* The second is for a turn that is under way. */
	return pid > 0 && kill(pid, LOOP_SIGNAL) == 0 && kill(pid, SIGCHLD) == 0;
}
