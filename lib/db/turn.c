/*
 * turn.c - fair turns by flock(2) on two files.
 *
 * A lock that is free costs three system calls. When it is not, flock() waits in the kernel's
 * queue; a timer signal of this thread breaks the wait at its deadline, because a stopped process
 * may hold the lock for ever.
 */
#include "db/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/driver.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

void
turnstile_init(struct turnstile *t)
{
	t->a = t->b = -1;
	t->wait_ms = TURNSTILE_WAIT_MS;
}

static enum rc
open_file(struct ctx *cx, const char *dir, const char *name, int *fd)
{
	int err;

	if (*fd >= 0)
		return RC_OK;
	*fd = open(arena_printf(cx->a, "%s/%s", dir, name),
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd >= 0)
		return RC_OK;
	err = errno;
	if (err != ENOSPC && err != EDQUOT)
		log_event(
		    LOG_LEVEL_ERR, "turnstile.open", "s:file", name, "i:errno", (int64_t)err, NULL);
	return fail_file(cx, err, "The state directory cannot be written.");
}

static void
on_timer(int sig)
{
	(void)sig;
}

/* A signal that comes again and again, so that one which arrives just before flock() is not the
 * last. */
static bool
timer_start(timer_t *timer)
{
	struct sigaction sa = { .sa_handler = on_timer };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
	struct itimerspec when = { .it_value = { 0, 100000000 }, .it_interval = { 0, 100000000 } };

	ev.sigev_notify_thread_id = gettid();
	sigemptyset(&sa.sa_mask);
	/* Without SA_RESTART: the point is to interrupt. */
	if (sigaction(SIGRTMIN, &sa, NULL) != 0 || timer_create(CLOCK_MONOTONIC, &ev, timer) != 0)
		return false;
	if (timer_settime(*timer, 0, &when, NULL) == 0)
		return true;
	timer_delete(*timer);
	return false;
}

static bool
lock_wait(int fd, int64_t deadline)
{
	timer_t timer;
	bool ok = false;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK || !timer_start(&timer))
		return false;
	while (!ok && clock_mono_ms() < deadline) {
		ok = flock(fd, LOCK_EX) == 0;
		if (!ok && errno != EINTR)
			break;
	}
	timer_delete(timer);
	return ok;
}

enum {
	BRIEF_MS = 1000,
	HARDLY_MS = 50,    /* while somebody is known to hold on */
	REMEMBER_MS = 2000 /* so long */
};

void
turnstile_in_vain(struct turnstile *t)
{
	t->vain_until = clock_mono_ms() + REMEMBER_MS;
}

int64_t
turnstile_left_ms(const struct turnstile *t)
{
	const int64_t left = t->until - clock_mono_ms();

	return left > 1 ? left : 1;
}

static int64_t
turnstile_patience(struct turnstile *t)
{
	const int64_t now = clock_mono_ms();

	if (!t->brief)
		return now + t->wait_ms;
	t->until = now + (now < t->vain_until ? HARDLY_MS : BRIEF_MS);
	return t->until;
}

enum rc
turnstile_enter(struct ctx *cx, struct turnstile *t, const char *dir)
{
	int64_t deadline = turnstile_patience(t);
	enum rc rc;
	bool ok = false;

	TRY(open_file(cx, dir, TURN_A, &t->a));
	TRY(open_file(cx, dir, TURN_B, &t->b));
	if (lock_wait(t->a, deadline)) {
		ok = lock_wait(t->b, deadline);
		flock(t->a, LOCK_UN);
	}
	if (ok)
		return RC_OK;
	turnstile_in_vain(t);
	rc = fail(
	    cx, E_UNAVAILABLE, "Another process has been writing to the database for too long.");
	cx->err.wait_ms = 2 * SECOND_MS;
	return rc;
}

void
turnstile_leave(struct turnstile *t)
{
	if (t->b >= 0)
		flock(t->b, LOCK_UN);
}

void
turnstile_close(struct turnstile *t)
{
	if (t->a >= 0)
		close(t->a);
	if (t->b >= 0)
		close(t->b);
	turnstile_init(t);
}
