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

bool
loop_wake(struct arena *a)
{
	int lock = open(conf_path(a, "tick.loop"), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[24];
	ssize_t n = -1;
	int64_t pid;

	if (lock < 0)
		return false;
	if (flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		n = pread(lock, text, sizeof text, 0);
	close(lock);
	if (n <= 0 || !str_i64(str_trim((struct str){ text, (size_t)n }), 2, INT32_MAX, &pid))
		return false;
	/* The second is for a turn that is under way. */
	return kill((pid_t)pid, LOOP_SIGNAL) == 0 && kill((pid_t)pid, SIGCHLD) == 0;
}
