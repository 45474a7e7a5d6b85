/*
 * sched.c - see sched.h.
 *
 * A connection that needs its owner is either stopped (no next time, until the owner mends it)
 * or read on: after a question of the blast-radius guard at its regular times, and when what
 * should pass by itself has lasted for a day and for five rounds. When the source has recovered,
 * nothing needs to be answered any more.
 */
#include "base/backoff.h"
#include "base/clamp.h"
#include "base/clock.h"
#include "queue/sched.h"

enum { NOTICE_ROUNDS = 5 };

enum { LATE_PART = 60 }; /* later than this part of the interval, a run was crowded out */

static int64_t
sched_interval_ms(const struct sched *s)
{
	int64_t minutes = freq_minutes(s->freq);

	if (minutes == 0)
		minutes = s->interval_minutes < 1 ? 1 : s->interval_minutes;
	return minutes * MINUTE_MS;
}

int64_t
sched_next(const struct sched *s, int64_t now)
{
	return now + sched_interval_ms(s);
}

int64_t
sched_count_from(const struct sched *s, int64_t due_at, int64_t began)
{
	const int64_t interval = sched_interval_ms(s);

	if (due_at == 0 || due_at > began)
		return 0;
	return interval <= HOUR_MS && began - due_at > interval / LATE_PART ? began : due_at;
}

/* The first of the regular times after now. */
static int64_t
sched_regular(const struct sched *s, int64_t now)
{
	const int64_t interval = sched_interval_ms(s);

	if (s->count_from == 0 || s->count_from > now)
		return now + interval;
	return s->count_from + ((now - s->count_from) / interval + 1) * interval;
}

int64_t
sched_backoff_ms(int64_t n, int64_t wait_ms, uint64_t rnd)
{
	const int64_t top = backoff_ms(MINUTE_MS, n < 1 ? 1 : n, HOUR_MS);
	const int64_t wait = backoff_spread(MINUTE_MS, top - MINUTE_MS, rnd);

	return wait > wait_ms ? wait : wait_ms;
}

/* The source was read to its end. */
static void
sched_reached(struct sched *s)
{
	s->failing = false;
	s->failing_since = 0;
	s->retry_count = s->deferrals = 0;
}

static void
sched_succeeded(struct sched *s, int64_t now, int *announce)
{
	if (s->health == HEALTH_ATTENTION || (s->health == HEALTH_RETRYING && s->retry_count > 0))
		*announce = 2;
	s->health = HEALTH_OK;
	sched_reached(s);
	s->error_code = s->error_detail = NULL;
	s->last_success_at = now;
}

static void
sched_reason(struct sched *s, const struct err *err, const struct error_row *row)
{
	s->error_code = row->code;
	s->error_detail = *err->detail ? err->detail : row->title;
}

/* The owner is told when this begins and when its reason becomes another. */
static void
sched_attention(struct sched *s, const struct err *err, const struct error_row *row, int *announce)
{
	if (s->health != HEALTH_ATTENTION || !s->error_code || strcmp(s->error_code, row->code))
		*announce = 1;
	s->health = HEALTH_ATTENTION;
	sched_reason(s, err, row);
}

/* What passes by itself is told too when it does not pass, at least not until then. */
static bool
sched_lasts(const struct sched *s, const struct error_row *row, int64_t until)
{
	const int64_t rounds = NOTICE_ROUNDS * sched_interval_ms(s);

	return row->retry == RETRY_DEFER &&
	    until - s->failing_since >= (rounds > DAY_MS ? rounds : DAY_MS);
}

/* That it does not pass has been told; of every change of the weather out there nobody is. */
static bool
sched_deferred(const struct sched *s)
{
	return s->health == HEALTH_ATTENTION && s->error_code &&
	    error_by_code(s->error_code)->retry == RETRY_DEFER;
}

/* A failure after which the source is tried again. One that was asked for by hand while the
 * connection is stopped, or waits for an answer, leaves the reason for that in place. */
static void
sched_retry(struct sched *s, const struct err *err, int64_t now, uint64_t rnd, int *announce)
{
	const struct error_row *row = error_row(err->kind);
	const int64_t wait = clamp(err->wait_ms, 0, BACKOFF_ASKED_MAX_MS);

	if (s->health == HEALTH_ATTENTION && s->next_poll_at == 0)
		return;
	if (s->health != HEALTH_ATTENTION) {
		s->health = HEALTH_RETRYING;
		if (sched_lasts(s, row, now + wait))
			sched_attention(s, err, row, announce);
		sched_reason(s, err, row);
	} else if (sched_deferred(s) && row->retry == RETRY_DEFER)
		sched_reason(s, err, row);
	s->next_poll_at = now + sched_backoff_ms(s->deferrals, wait, rnd);
}

int64_t
sched_asked_until(const struct sched *s)
{
	const struct error_row *row = s->error_code ? error_by_code(s->error_code) : NULL;
	const bool asks = row && s->health != HEALTH_OK && row->retry == RETRY_DEFER &&
	    row != error_row(E_TLS);

	/* A change of the settings since then has set another time; and so long we do not wait of
	 * ourselves. */
	return asks && s->set_at == s->last_polled_at && s->next_poll_at - s->set_at > HOUR_MS
	    ? s->next_poll_at
	    : 0;
}

/* Nothing is tried again before somebody has done something. What he has done while the run went on
 * it may not have met, such as an account that lets us in again: the one that follows tells. */
static bool
sched_stops(const struct sched *s, const struct error_row *row)
{
	return !s->follows &&
	    (row->retry == RETRY_STOP ||
		(row->retry == RETRY_COUNT && s->retry_count > s->max_retries));
}

static void
sched_failed(struct sched *s, const struct err *err, int64_t now, int64_t regular, uint64_t rnd,
    int *announce)
{
	const struct error_row *row = error_row(err->kind);

	s->failing = true;
	if (!s->failing_since)
		s->failing_since = now;
	s->deferrals++;
	if (row->retry == RETRY_COUNT)
		s->retry_count++;
	if (sched_stops(s, row)) {
		sched_attention(s, err, row, announce);
		s->next_poll_at = 0;
	} else
		sched_retry(s, err, now, rnd, announce);
	/* A certificate does not become right by asking again: not before the time that was set. */
	if (err->kind == E_TLS && s->next_poll_at != 0 && s->next_poll_at < regular)
		s->next_poll_at = regular;
}

/* Ended by a person, or in front of a question: no failure of the source. */
static void
sched_ended(struct sched *s, const struct err *err, int64_t regular, int *announce)
{
	bool stopped = s->health == HEALTH_ATTENTION && s->next_poll_at == 0;

	if (err->kind == E_NEEDS_APPROVAL) {
		sched_reached(s);
		sched_attention(s, err, error_row(err->kind), announce);
	} else if (stopped)
		return;
	s->next_poll_at = regular;
}

void
sched_after(struct sched *s, const struct err *err, int64_t now, int64_t next_rule, uint64_t rnd,
    int *announce)
{
	int64_t regular = next_rule > now ? next_rule : sched_regular(s, now);

	*announce = 0;
	s->last_polled_at = now;
	s->set_at = now;
	if (!err) {
		sched_succeeded(s, now, announce);
		s->next_poll_at = regular;
	} else if (error_row(err->kind)->retry == RETRY_NONE)
		sched_ended(s, err, regular, announce);
	else
		sched_failed(s, err, now, regular, rnd, announce);
	if (!s->enabled)
		s->next_poll_at = 0;
}
