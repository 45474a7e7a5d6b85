/*
 * mark.c - see mark.h.
 */
#include "base/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/conf.h"

void
mark_put(struct arena *a, const char *name)
{
	int lock = open(conf_path(a, name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char text[24];
	int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (lock < 0)
		return;
	/* Kept open: the lock ends with the process. */
	if (flock(lock, LOCK_EX | LOCK_NB) != 0 || ftruncate(lock, 0) != 0 ||
	    pwrite(lock, text, (size_t)n, 0) != n)
		close(lock);
}

pid_t
mark_pid(struct arena *a, const char *name)
{
	int lock = open(conf_path(a, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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
