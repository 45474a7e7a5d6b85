/*
 * supervise.c - see supervise.h. The tick itself runs no sync: a crash, a hang or a memory
 * blow-up of one ends one worker, and its run is taken over within a tenth of a second. What is
 * sent out is sent by workers of its own, so that no receiver holds a sync up.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/space.h"
#include "tick/guard.h"
#include "tick/supervise.h"
#include "queue/lane.h"
#include "queue/channel.h"
#include "queue/orphan.h"
#include "queue/places.h"

enum {
	WORKERS_MAX = 256,
	TURN_MS = 100,
	STARTING_MS = 10, /* until it is looked whether what starts has taken its work */
	LEASES_MS = 1000,
	GRACE_MS = 10000,
	SHORT_MS = 1000,
	SOON_MS = 10000,
	AWAKE_MS = 62000, /* a minute, at which cron or a timer starts the next tick, and some */
	NAP_MS = 250,
	IDLE_STARTS_MAX = 5
};

volatile sig_atomic_t supervise_stop;

struct worker {
	pid_t pid;
	int64_t started; /* monotonic */
	bool hung;       /* killed by us: its lease ran out */
	bool delivers;   /* sends out what lane.h has queued, rather than syncing */
};

struct spell {
	struct ctx *cx;
	struct db *db;
	struct worker v[WORKERS_MAX + LANES_BUSY];
	size_t n, slots;
	size_t delivering; /* of the n */
	int64_t *left;
	int64_t leases_at;  /* when leases are looked at next */
	int64_t hold_until; /* no new worker before this */
	int64_t deliver_at; /* no new deliverer before this */
	int64_t beat_at;    /* when this spell says next that it is alive */
	int64_t wait_until; /* for what is sent out later: it stays so long for what is due then */
	bool busy;          /* something is under way, or due within moments */
	bool starting;      /* there is work, and a process has just been started for it */
	int idle_starts;    /* workers in a row that ended at once although work is there */
};

static enum rc
sync_pending(struct ctx *cx, struct db *db, int64_t left, bool *yes)
{
	return queue_pending(cx, db, left == 0, yes);
}

enum rc
supervise_pending(struct ctx *cx, struct db *db, int64_t left, bool *yes)
{
	int64_t now = clock_ms(), due_at;

	TRY(sync_pending(cx, db, left, yes));
	if (*yes)
		return RC_OK;
	TRY(lane_next(cx, db, now, &due_at));
	*yes = due_at != 0 && due_at <= now;
	return RC_OK;
}

static enum rc
start_worker(struct spell *s)
{
	const char *argv[] = { proc_path(s->cx->a, "tidemark-worker"), "run", NULL, NULL, NULL };
	pid_t pid;

	/* One that parses carries out no other. */
	if (*s->left >= 0) {
		argv[2] = "--limit";
		argv[3] = *s->left > 0 ? "1" : "0";
	}
	TRY(proc_start(s->cx, argv, -1, -1, false, &pid));
	if (*s->left > 0)
		--*s->left;
	s->v[s->n++] = (struct worker){ .pid = pid, .started = clock_mono_ms() };
	return RC_OK;
}

/* What is due before another tick would come is this one's, but not for longer than that: what is
 * put off again and again, or comes each minute, keeps no tick from its end. */
static bool
lane_awaited(const struct spell *s, int64_t due_at, int64_t now)
{
	return *s->left < 0 && due_at != 0 && due_at - now <= s->wait_until - clock_mono_ms();
}

static bool
is_among(int64_t pid, const int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == pid)
			return true;
	return false;
}

/* Is one of ours on its way to work, as it has been started just now and is not among those that
 * have some? What there is may be its own, so no other is started before it has taken that. */
static bool
supervise_starting(struct spell *s, bool delivers, const int64_t *pids, size_t n)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].delivers == delivers && clock_mono_ms() - s->v[i].started < TURN_MS &&
		    !is_among(s->v[i].pid, pids, n))
			return true;
	return false;
}

static enum rc
deliverer_starting(struct spell *s, bool *yes)
{
	int64_t v[LANES_BUSY];
	size_t n;

	TRY(lane_pids(s->cx, s->db, v, LANES_BUSY, &n));
	*yes = supervise_starting(s, true, v, n);
	return RC_OK;
}

/* Starts what sends out, a few at a time and beside the syncs' places. *soon: something is due
 * now or within moments; *later: while this tick stays. */
static enum rc
start_deliverer(struct spell *s, bool *soon, bool *later)
{
	const char *argv[] = { proc_path(s->cx->a, "tidemark-worker"), "deliver", NULL };
	int64_t now = clock_ms(), due_at;
	bool starting;
	pid_t pid;

	TRY(lane_next(s->cx, s->db, now, &due_at));
	*soon = due_at != 0 && due_at <= now + SOON_MS;
	*later = lane_awaited(s, due_at, now);
	if (due_at == 0 || due_at > now || s->delivering == LANES_BUSY ||
	    clock_mono_ms() < s->deliver_at)
		return RC_OK;
	s->starting = true;
	TRY(deliverer_starting(s, &starting));
	if (starting)
		return RC_OK;
	TRY(proc_start(s->cx, argv, -1, -1, false, &pid));
	s->v[s->n++] = (struct worker){ .pid = pid, .started = clock_mono_ms(), .delivers = true };
	s->delivering++;
	return RC_OK;
}

static enum error_kind
why_ended(const struct worker *w, int status)
{
	if (w->hung)
		return E_TIMED_OUT;
	if (WIFSIGNALED(status)) {
		int sig = WTERMSIG(status);
		return sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == SIGHUP
		    ? E_INTERRUPTED
		    : E_CRASHED;
	}
	switch (WEXITSTATUS(status)) {
	case EX_OK:
	case EX_TEMPFAIL:
	case QUEUE_NOTHING:
		return E_INTERRUPTED;
	case QUEUE_NO_MEMORY:
		return E_MEMORY;
	default:
		return E_CRASHED;
	}
}

/* A worker has ended: whatever it held goes on without it. */
static enum rc
supervise_ended(struct spell *s, size_t i, int status)
{
	struct worker w = s->v[i];
	int64_t sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	int64_t code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	bool idle = sig == 0 && code == QUEUE_NOTHING, well = idle || (sig == 0 && code == EX_OK);
	int64_t n, lived = clock_mono_ms() - w.started;

	s->v[i] = s->v[--s->n];
	if (!well)
		log_event(LOG_LEVEL_WARN, "worker.ended", "i:pid", (int64_t)w.pid, "i:signal", sig,
		    "i:code", code, NULL);
	if (w.delivers) {
		s->delivering--;
		/* One that ended without any finds none in the next moment either. */
		if (idle)
			s->deliver_at = clock_mono_ms() + TURN_MS;
		if (well)
			return RC_OK;
		s->deliver_at = clock_mono_ms() + SHORT_MS;
		return orphan_lanes(s->cx, s->db, w.pid, clock_ms());
	}
	TRY(queue_reap(s->cx, s->db, w.pid, why_ended(&w, status), &n));
	if (!well)
		queue_clear_left(s->cx, s->db);
	/* A run that kills its worker is that run's matter, and short work is work. A worker that
	 * ends at once without any shows that the next will do the same. */
	if (n > 0 || lived >= SHORT_MS || (well && !idle))
		s->idle_starts = 0;
	else if (!well || *s->left < 0)
		s->idle_starts++;
	if (n == 0 && lived < SHORT_MS && !well)
		s->hold_until = clock_mono_ms() + SHORT_MS;
	return RC_OK;
}

static enum rc
supervise_collect(struct spell *s)
{
	for (size_t i = 0; i < s->n;) {
		int status;
		pid_t got = waitpid(s->v[i].pid, &status, WNOHANG);

		if (got == 0 || (got < 0 && errno == EINTR)) {
			i++;
			continue;
		}
		TRY(supervise_ended(s, i, got > 0 ? status : 0));
	}
	return RC_OK;
}

static struct worker *
supervise_find(struct spell *s, int64_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].pid == pid)
			return &s->v[i];
	return NULL;
}

/* What a process sends out that is gone, with the tick that had started it, is another's now. */
static enum rc
check_lanes(struct spell *s)
{
	int64_t v[LANES_BUSY];
	size_t n;

	TRY(lane_pids(s->cx, s->db, v, LANES_BUSY, &n));
	for (size_t i = 0; i < n; i++)
		if (!supervise_find(s, v[i]) && v[i] <= INT32_MAX &&
		    proc_gone((pid_t)v[i], "tidemark-worker"))
			TRY(orphan_lanes(s->cx, s->db, v[i], clock_ms()));
	return RC_OK;
}

/* Runs that nobody renews any more. A worker of ours is killed first and collected in the next
 * turn; a process that is gone is taken over now, one that cannot be told when its lease ends. */
static enum rc
check_leases(struct spell *s)
{
	struct holder v[WORKERS_MAX];
	int64_t now = clock_ms(), reaped;
	bool expired = false;
	size_t n;

	if (clock_mono_ms() < s->leases_at)
		return RC_OK;
	s->leases_at = clock_mono_ms() + LEASES_MS;
	TRY(check_lanes(s));
	TRY(queue_running(s->cx, s->db, v, WORKERS_MAX, &n));
	for (size_t i = 0; i < n; i++) {
		struct worker *w = supervise_find(s, v[i].pid);

		if (w && v[i].lease_until < now) {
			w->hung = true;
			kill(w->pid, SIGKILL);
		} else if (!w && v[i].pid > 0 && v[i].pid <= INT32_MAX &&
		    proc_gone((pid_t)v[i].pid, "tidemark-worker"))
			TRY(queue_reap(s->cx, s->db, v[i].pid, E_INTERRUPTED, &reaped));
		else if (!w)
			expired = true;
	}
	return expired ? queue_reap(s->cx, s->db, 0, E_INTERRUPTED, &reaped) : RC_OK;
}

/* Waits for a child to end, a signal, or the end of the turn. */
static void
wait_turn(int64_t ms)
{
	sigset_t set;
	struct timespec ts = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	switch (sigtimedwait(&set, NULL, &ts)) {
	case SIGTERM:
	case SIGINT:
		supervise_stop = 1;
		break;
	default:
		break;
	}
}

/* Asks every worker to end, then makes it. Their runs are queued again with what they have. */
static enum rc
stop_workers(struct spell *s)
{
	int64_t until = clock_mono_ms() + GRACE_MS;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < s->n; i++)
		kill(s->v[i].pid, SIGTERM);
	while (s->n > 0) {
		if (clock_mono_ms() >= until)
			for (size_t i = 0; i < s->n; i++)
				kill(s->v[i].pid, SIGKILL);
		wait_turn(TURN_MS);
		rc = supervise_collect(s);
		/* Without the database the runs are taken over later; the processes end all the
		 * same. */
		arena_reset(s->cx->a);
	}
	return rc;
}

/* A long spell is no reason to think that the tick is dead. */
static enum rc
supervise_beat(struct spell *s)
{
	if (clock_mono_ms() < s->beat_at)
		return RC_OK;
	s->beat_at = clock_mono_ms() + MINUTE_MS;
	return queue_beat(s->cx, s->db, clock_ms());
}

/* Our workers that hold a place: all but those whose run waits. *starting: see
 * supervise_starting(). */
static enum rc
supervise_working(struct spell *s, size_t *working, bool *starting)
{
	struct holder v[WORKERS_MAX];
	int64_t pids[WORKERS_MAX];
	size_t n;

	*working = s->n - s->delivering;
	TRY(queue_running(s->cx, s->db, v, WORKERS_MAX, &n));
	for (size_t i = 0; i < n; i++) {
		pids[i] = v[i].pid;
		*working -= v[i].waits && supervise_find(s, v[i].pid);
	}
	*starting = supervise_starting(s, false, pids, n);
	return RC_OK;
}

/* Is a schedule due before another tick would come? Whoever limits this one wants it to end. */
static enum rc
supervise_awake(struct spell *s, bool *yes)
{
	int64_t at;

	*yes = false;
	if (*s->left >= 0)
		return RC_OK;
	TRY(queue_next(s->cx, s->db, &at));
	*yes = at != 0 && at <= clock_ms() + AWAKE_MS;
	return RC_OK;
}

/* There is a run that has a place: starts a worker for it, unless one is on its way. */
static enum rc
supervise_place(struct spell *s)
{
	bool starting, asked = false;
	size_t working;

	if (clock_mono_ms() < s->hold_until || s->n - s->delivering >= (size_t)places_most())
		return RC_OK;
	TRY(supervise_working(s, &working, &starting));
	/* What was asked for has places of its own. */
	if (working >= s->slots)
		TRY(sync_pending(s->cx, s->db, 0, &asked));
	if (working >= s->slots && !(asked && working < 2 * s->slots))
		return RC_OK;
	s->starting = true;
	return starting ? RC_OK : start_worker(s);
}

static enum rc
supervise_turn(struct spell *s, bool *more)
{
	bool pending = false, soon = false, later = false, awake;
	int64_t push_at;

	guard_keep();
	s->starting = false;
	TRY(supervise_collect(s));
	TRY(check_leases(s));
	TRY(supervise_beat(s));
	TRY(sync_pending(s->cx, s->db, *s->left, &pending));
	TRY(start_deliverer(s, &soon, &later));
	/* What messages asked for is due within moments too. */
	TRY(channel_due(s->cx, s->db, NULL, &push_at));
	TRY(supervise_awake(s, &awake));
	s->busy = pending || soon || push_at != 0 || s->n > 0;
	*more = s->busy || awake || later;
	if (!pending)
		s->idle_starts = 0;
	if (pending && s->n == s->delivering && s->idle_starts >= IDLE_STARTS_MAX) {
		log_event(LOG_LEVEL_ERR, "tick.stuck", NULL);
		return fail(s->cx, E_UNAVAILABLE,
		    "Workers end at once although there is work; the log says why.");
	}
	return pending ? supervise_place(s) : RC_OK;
}

static int64_t
supervise_pause(const struct spell *s, enum rc rc)
{
	if (rc != RC_OK)
		return TURN_MS;
	if (s->starting)
		return STARTING_MS;
	return s->busy ? TURN_MS : NAP_MS;
}

enum rc
supervise(struct ctx *cx, struct db *db, int64_t *left)
{
	struct spell s = {
		.cx = cx,
		.db = db,
		.left = left,
		.slots = (size_t)conf_int(CONF_WORKERS),
		.beat_at = clock_mono_ms() + MINUTE_MS,
		.wait_until = clock_mono_ms() + AWAKE_MS,
	};
	enum rc rc = RC_OK;
	bool more = true;

	while (more && !supervise_stop) {
		/* One failed turn is no reason to leave workers alone; without workers it is the
		 * end of the spell. */
		rc = supervise_turn(&s, &more);
		if (rc != RC_OK) {
			log_event(LOG_LEVEL_WARN, "tick.turn_failed", "s:code",
			    error_row(cx->err.kind)->code, "s:detail", cx->err.detail, NULL);
			if (cx->err.kind == E_DISK_FULL)
				space_give(cx->a);
			more = s.n > 0;
		}
		if (more)
			wait_turn(supervise_pause(&s, rc));
		if (rc == RC_OK || more)
			arena_reset(cx->a);
	}
	if (s.n > 0)
		return stop_workers(&s);
	return rc;
}
