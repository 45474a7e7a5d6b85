/*
 * clock.c - a clock that is wrong, for programs that run with it preloaded: CLOCK_SHIFT seconds
 * ahead, or behind.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	const char *shift = getenv("CLOCK_SHIFT");
	const int rc = (int)syscall(SYS_clock_gettime, id, ts);

	if (rc == 0 && shift && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		ts->tv_sec += atoll(shift);
	return rc;
}
