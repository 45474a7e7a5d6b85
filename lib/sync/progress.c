/*
 * progress.c - see progress.h. Called from every loop of a run; all but four calls a second only
 * compare a clock. Most runs find nothing new and are over before the first of them: those write
 * nothing between their claim and their end.
 */
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "sync/progress.h"

enum {
	WRITE_EVERY_MS = 250,
	/* units that must be done within TIDEMARK_RUN_SECONDS for a run to count as moving */
	LEAST_MOVE = 64 * 1024,
	/* A download of which less than so much comes in so long is a wait. A page that is whole
	 * counts for some, for it makes work. */
	FLOW_MS = 2000,
	FLOW_BYTES = 16 * 1024,
	FLOW_WHOLE = 1024
};

static const struct {
	const char *name;
	int from, to;
} phases[PHASE__MAX] = {
#define PHASE(id, name, from, to, verb) [PHASE_##id] = { name, from, to },
#include "sync/phase.def"
#undef PHASE
};

static volatile sig_atomic_t stop_asked;

void
progress_stop(void)
{
	stop_asked = 1;
}

bool
progress_stopped(void)
{
	return stop_asked;
}

const char *
phase_name(enum phase phase)
{
	return phases[phase].name;
}

void
progress_init(struct progress *pr, struct db *db, const struct job *job)
{
	*pr = (struct progress){ .db = db, .job = job };
	pr->began_at = pr->window_at = pr->flow_at = pr->written_at = clock_mono_ms();
	if (job)
		pr->percent = (int)job->run.progress;
}

int
progress_percent(enum phase phase, int64_t done, int64_t total)
{
	int64_t width = phases[phase].to - phases[phase].from;

	if (done < 0)
		done = 0;
	/* An unknown total approaches the end of the phase without reaching it. */
	if (total <= 0)
		total = done + 8 * 1024 * 1024;
	if (done > total)
		done = total;
	return phases[phase].from + (int)((double)width * (double)done / (double)total);
}

static enum rc
progress_watch(struct ctx *cx, struct progress *pr, const struct moved *to, int64_t now)
{
	if (pr->deadline && now > pr->deadline)
		return fail(cx, E_SILENT,
		    "The source did not answer in full within the time allowed for a preview.");
	if (to->phase == PHASE_DOWNLOADING &&
	    now - pr->began_at > conf_int(CONF_RUN_MINUTES) * MINUTE_MS)
		return fail(cx, E_TIMED_OUT, "The source has not come to its end in %lld minutes.",
		    (long long)conf_int(CONF_RUN_MINUTES));
	if (to->phase != pr->phase || to->done - pr->window_done >= LEAST_MOVE ||
	    to->done < pr->window_done) {
		pr->window_at = now;
		pr->window_done = to->done;
	} else if (now - pr->window_at > conf_int(CONF_RUN_SECONDS) * SECOND_MS)
		return fail(cx, E_TIMED_OUT, "Less than 64 KB came in %lld seconds.",
		    (long long)conf_int(CONF_RUN_SECONDS));
	return RC_OK;
}

/* Until about when the run waits, by the wall clock; 0: it works. */
static int64_t
progress_waits(struct progress *pr, const struct moved *to, int64_t now)
{
	if (pr->wait_until > now)
		return clock_ms() + pr->wait_until - now;
	if (to->phase != PHASE_DOWNLOADING || to->done < pr->flow_done ||
	    to->done - pr->flow_done >= FLOW_BYTES) {
		pr->flow_at = now;
		pr->flow_done = to->done;
	}
	return now - pr->flow_at >= FLOW_MS ? clock_ms() + FLOW_MS : 0;
}

static enum rc progress_vmove(
    struct ctx *, struct progress *, struct moved, const char *fmt, va_list) PRINTF(4, 0);

static enum rc
progress_vmove(struct ctx *cx, struct progress *pr, struct moved to, const char *fmt, va_list ap)
{
	int64_t now = clock_mono_ms();
	bool cancel, due;
	int percent;

	due = now - pr->written_at >= WRITE_EVERY_MS ||
	    (to.phase != pr->phase && now - pr->began_at >= WRITE_EVERY_MS);

	pr->done = to.done;
	if (stop_asked)
		return fail(cx, E_INTERRUPTED, NULL);
	if (!due)
		return RC_OK;
	TRY(progress_watch(cx, pr, &to, now));
	percent = progress_percent(to.phase, to.done, to.total);
	if (percent > pr->percent)
		pr->percent = percent;
	pr->phase = to.phase;
	pr->written_at = now;
	vsnprintf(pr->message, sizeof pr->message, fmt, ap);
	if (!pr->db)
		return RC_OK;
	TRY(queue_heartbeat(cx, pr->db, pr->job,
	    &(struct heartbeat){
		.phase = phase_name(to.phase),
		.message = pr->message,
		.progress = pr->percent,
		.wait_until = progress_waits(pr, &to, now),
	    },
	    &cancel));
	if (cancel)
		return fail(cx, E_CANCELLED, "A person stopped this sync.");
	return RC_OK;
}

enum rc
progress_move(struct ctx *cx, struct progress *pr, struct moved to, const char *fmt, ...)
{
	va_list ap, again;
	enum rc rc;

	va_start(ap, fmt);
	va_copy(again, ap);
	vsnprintf(pr->said, sizeof pr->said, fmt, again);
	va_end(again);
	rc = progress_vmove(cx, pr, to, fmt, ap);
	va_end(ap);
	return rc;
}

/* Of a wait: what was said of the work is remembered. */
static enum rc
progress_still(struct ctx *, struct progress *, struct moved, const char *fmt, ...) PRINTF(4, 5);

static enum rc
progress_still(struct ctx *cx, struct progress *pr, struct moved to, const char *fmt, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, fmt);
	rc = progress_vmove(cx, pr, to, fmt, ap);
	va_end(ap);
	return rc;
}

void
progress_whole(struct progress *pr)
{
	pr->window_at = clock_mono_ms();
	pr->flow_done -= FLOW_WHOLE;
}

static enum rc
progress_wait(struct ctx *cx, void *arg, const char *why, int64_t ms)
{
	struct progress *pr = arg;
	const struct moved still = { .phase = PHASE_DOWNLOADING, .done = pr->done };
	const int64_t now = clock_mono_ms();

	/* A request is under way: what was said before it is still true. */
	if (ms <= 0)
		return progress_still(cx, pr, still, "%s", *pr->said ? pr->said : why);
	/* It is known how long nothing will move, and the run is none the worse for it. */
	pr->window_at = now;
	if (ms > FLOW_MS || pr->wait_until > now)
		pr->wait_until = now + ms;
	return progress_still(cx, pr, still, "%s, %lld s", why, (long long)(ms + 999) / 1000);
}

struct waiter
progress_waiter(struct progress *p)
{
	return (struct waiter){ .alive = progress_wait, .arg = p };
}
