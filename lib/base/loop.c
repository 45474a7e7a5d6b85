/*
 * loop.c - see loop.h. The loop holds a lock on tick.loop in the state directory for its life, and
 * its number stands in it: a number without the lock is nobody's.
 */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/conf.h"

_Static_assert(LOOP_SIGNAL == SIGUSR1, "the signal is named without its header");

void
loop_begin(struct arena *a)
{
	int lock = open(conf_path(a, "tick.loop"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char text[24];
	int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (lock < 0)
		return;
	/* Kept open: the lock ends with the process. */
	if (flock(lock, LOCK_EX | LOCK_NB) != 0 || ftruncate(lock, 0) != 0 ||
	    pwrite(lock, text, (size_t)n, 0) != n)
		close(lock);
}

/* The number of the loop; 0: there is none. */
static pid_t
loop_pid(struct arena *a)
{
	int lock = open(conf_path(a, "tick.loop"), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[24];
	ssize_t n = -1;
	int64_t pid = 0;

	if (lock < 0)
		return 0;
	if (flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		n = pread(lock, text, sizeof text, 0);
	close(lock);
	if (n > 0)
		(void)str_i64(str_trim((struct str){ text, (size_t)n }), 2, INT32_MAX, &pid);
	return (pid_t)pid;
}

bool
loop_runs(struct arena *a)
{
	return loop_pid(a) > 0;
}

bool
loop_wake(struct arena *a)
{
	pid_t pid = loop_pid(a);

	/* The second is for a turn that is under way. */
	return pid > 0 && kill(pid, LOOP_SIGNAL) == 0 && kill(pid, SIGCHLD) == 0;
}
