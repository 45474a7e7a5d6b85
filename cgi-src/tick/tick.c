/*
 * tick.c - tidemark-tick: starts what was asked for and what is due. Run every minute by cron or
 * a timer, as a loop in containers, and by whoever queues work.
 *
 * One tick works at a time: it holds the lock on tick.lock in the state directory, others leave
 * at once. A tick that has released the lock looks for work once more, so that work queued while
 * it was ending is not left lying. It links neither curl nor the parsers.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "app/retain.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/proc.h"
#include "base/space.h"
#include "store/session.h"
#include "tick/guard.h"
#include "tick/supervise.h"

enum { TICK_ARENA = 16 * 1024 * 1024, LOOP_MAX = 86400, LIMIT_MAX = 1000000 };

static const char usage_text[] =
    "usage: tidemark-tick --once [--limit N]   run what is queued and due within a minute, then\n"
    "                                          end\n"
    "       tidemark-tick --loop [SECONDS]     keep doing so, every 60 seconds by default\n"
    "       tidemark-tick --help | --version\n"
    "--limit: start at most N scheduled syncs. A tick that finds another one at work ends at "
    "once.\n";

/* Housekeeping that belongs to every tick. *hour: this is the first tick of an hour. */
static enum rc
tick_tidy(struct ctx *cx, struct db *db, bool *hour)
{
	int64_t now = clock_ms(), last, n;

	TRY(queue_last_beat(cx, db, &last));
	TRY(queue_beat(cx, db, now));
	TRY(queue_reap(cx, db, 0, E_INTERRUPTED, &n));
	queue_clear_left(cx, db);
	space_keep(cx->a);
	*hour = last / HOUR_MS != now / HOUR_MS;
	return RC_OK;
}

/* Says in the lock file who holds it, for nginx/run.sh and people. */
static void
tick_sign(int lock)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (ftruncate(lock, 0) != 0 || pwrite(lock, text, (size_t)n, 0) != n)
		log_event(LOG_LEVEL_DEBUG, "tick.unsigned", NULL);
}

/* The tick at work looks for work now rather than at the end of its turn. Should the number be
 * another process's by now: the signal is ignored unless it is waited for. */
static void
tick_nudge(int lock)
{
	char text[24];
	ssize_t n = pread(lock, text, sizeof text, 0);
	int64_t pid;

	if (n > 0 && str_i64(str_trim((struct str){ text, (size_t)n }), 1, INT32_MAX, &pid))
		(void)kill((pid_t)pid, SIGCHLD);
}

static int
exit_code(const struct ctx *cx)
{
	switch (cx->err.kind) {
	case E_SCHEMA:
	case E_NEWER:
	case E_FOREIGN:
	case E_INPUT:
		return EX_CONFIG;
	case E_DISK_FULL:
		return EX_IOERR;
	default:
		return error_row(cx->err.kind)->rc == RC_RETRY ? EX_TEMPFAIL : EX_SOFTWARE;
	}
}

/* One spell after the other, while this process gets the lock and there is work. */
static enum rc
tick_spells(struct ctx *cx, struct db *db, int lock, int64_t *left)
{
	const int64_t began = clock_ms();
	bool again = true, first = true, hour = false;
	int64_t now;
	enum rc rc;

	while (again && !supervise_stop) {
		if (flock(lock, LOCK_EX | LOCK_NB) != 0)
			break;
		tick_sign(lock);
		rc = first ? tick_tidy(cx, db, &hour) : RC_OK;
		if (rc == RC_OK)
			rc = supervise(cx, db, left);
		(void)flock(lock, LOCK_UN);
		TRY(rc);
		first = false;
		TRY(supervise_pending(cx, db, *left, &again));
	}
	/* Without the lock: it may take a while, and work that comes meanwhile is another
	 * tick's. */
	hour |= began / HOUR_MS != clock_ms() / HOUR_MS;
	if (!hour || supervise_stop)
		return RC_OK;
	TRY(queue_trusted_now(cx, db, clock_ms(), &now));
	TRY(auth_sweep(cx, db, now));
	return retain_all(cx, db, now);
}

static int
tick_tick(int64_t limit)
{
	struct ctx cx = { .a = arena_new("tick", TICK_ARENA, ARENA_WIPE) };
	int lock = open(
	    conf_path(cx.a, "tick.lock"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code = EX_OK;
	struct db *db = NULL;

	if (lock < 0) {
		fprintf(stderr, "tidemark-tick: the state directory %s cannot be used: %s\n",
		    conf_str(CONF_HOME), strerror(errno));
		arena_free(cx.a);
		return EX_CANTCREAT;
	}
	/* A look before the database is opened: most wake-ups find a tick at work. */
	if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
		(void)flock(lock, LOCK_UN);
		guard_begin();
		if (db_open(&cx, 0, &db) != RC_OK || tick_spells(&cx, db, lock, &limit) != RC_OK) {
			if (cx.err.kind == E_DISK_FULL)
				space_give(cx.a);
			log_event(LOG_LEVEL_ERR, "tick.failed", "s:code",
			    error_row(cx.err.kind)->code, "s:detail", cx.err.detail, NULL);
			code = exit_code(&cx);
		}
		db_close(db);
		guard_end();
	} else
		tick_nudge(lock);
	close(lock);
	arena_free(cx.a);
	return code;
}

/* Signals arrive when they are waited for, in supervise() and between ticks. */
static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGCHLD);
	sigaddset(set, LOOP_SIGNAL);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* It is the business of whoever reads it when it could not be written. */
static void
tick_tell_settings(struct ctx *cx)
{
	enum conf_key k;

	if (access(conf_path(cx->a, TICK_ENV), R_OK) == 0 && !conf_differs(cx->a, TICK_ENV, &k))
		return;
	if (conf_save(cx, TICK_ENV, false) != RC_OK)
		log_event(LOG_LEVEL_DEBUG, "tick.untold", NULL);
}

/* Until something was committed, for what is queued may be in it: whoever queues it wakes the tick,
 * but that is a hint and may be lost. At most so long, and not more often than every second. */
static void
loop_wait(struct ctx *cx, int64_t until, sigset_t *set)
{
	const int64_t seen = db_stamp(cx);
	int64_t left;

	while (!supervise_stop && (left = until - clock_mono_ms()) > 0) {
		struct timespec ts = { left >= SECOND_MS, left >= SECOND_MS ? 0 : left * 1000000 };
		int sig = sigtimedwait(set, NULL, &ts);

		supervise_stop = sig == SIGTERM || sig == SIGINT;
		if (sig == LOOP_SIGNAL || db_stamp(cx) != seen)
			return;
		arena_reset(cx->a);
	}
}

static int
tick_loop(int64_t seconds, sigset_t *set)
{
	struct ctx cx = { .a = arena_new("loop", 1024 * 1024, 0) };

	sigdelset(set, SIGCHLD);
	while (!supervise_stop) {
		int64_t next = clock_mono_ms() + seconds * SECOND_MS;

		(void)tick_tick(-1);
		loop_wait(&cx, next, set);
	}
	arena_free(cx.a);
	return EX_OK;
}

static int
tick_usage(FILE *to, int code)
{
	fputs(usage_text, to);
	return code;
}

int
main(int argc, char **argv)
{
	static struct ctx cx;
	bool once = argc >= 2 && !strcmp(argv[1], "--once");
	bool looping = argc >= 2 && !strcmp(argv[1], "--loop");
	int64_t limit = -1, seconds = 60;
	sigset_t set;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return tick_usage(stdout, EX_OK);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts("tidemark-tick " TIDEMARK_VERSION) < 0 ? EX_IOERR : EX_OK;
	if (once && argc == 4 && !strcmp(argv[2], "--limit"))
		once = str_i64(str_c(argv[3]), 0, LIMIT_MAX, &limit);
	else if (looping && argc == 3)
		looping = str_i64(str_c(argv[2]), 1, LOOP_MAX, &seconds);
	else if (argc != 2)
		once = looping = false;
	if (!once && !looping)
		return tick_usage(stderr, EX_USAGE);
	log_init("tidemark-tick");
	cx.a = arena_new("start", 1024 * 1024, 0);
	if (conf_load(&cx) != RC_OK) {
		fprintf(stderr, "tidemark-tick: %s\n", cx.err.detail);
		return EX_CONFIG;
	}
	if (proc_as_owner(&cx, conf_str(CONF_HOME)) != RC_OK) {
		fprintf(stderr, "tidemark-tick: %s\n", cx.err.detail);
		return EX_NOPERM;
	}
	confine_start();
	if (confine(&cx, CONFINE_START, "") != RC_OK) {
		fprintf(stderr, "tidemark-tick: %s\n", cx.err.detail);
		return EX_OSERR;
	}
	block_signals(&set);
	if (limit < 0)
		tick_tell_settings(&cx);
	if (looping)
		loop_begin(cx.a);
	else
		guard_with(proc_path(cx.a, "tidemark-tick"), argv);
	return once ? tick_tick(limit) : tick_loop(seconds, &set);
}
