/*
 * sched.c - see sched.h.
 */
#include "base/clock.h"
#include "sync/sched.h"

enum { DOUBLINGS_MAX = 6 };

int64_t
sched_next(const struct sched *s, int64_t now)
{
	return now + s->interval_minutes * MINUTE_MS;
}

int64_t
sched_backoff_ms(int64_t n, int64_t wait_ms, uint64_t rnd)
{
	int64_t top = n >= DOUBLINGS_MAX ? HOUR_MS : MINUTE_MS << (n > 0 ? n : 0), wait;

	if (top > HOUR_MS)
		top = HOUR_MS;
	/* Full jitter: many connections that failed together do not come back together. */
	wait = MINUTE_MS + (int64_t)(rnd % (uint64_t)(top - MINUTE_MS + 1));
	return wait > wait_ms ? wait : wait_ms;
}

static void
succeeded(struct sched *s, int64_t now, int *announce)
{
	if (s->health == HEALTH_ATTENTION)
		*announce = 2;
	s->health = HEALTH_OK;
	s->failing = false;
	s->retry_count = s->deferrals = 0;
	s->error_code = s->error_detail = NULL;
	s->last_success_at = now;
}

static void
needs_owner(struct sched *s, int *announce)
{
	if (s->health != HEALTH_ATTENTION)
		*announce = 1;
	s->health = HEALTH_ATTENTION;
}

static void
failed(struct sched *s, const struct err *err, int64_t now, int64_t regular, uint64_t rnd, int *announce)
{
	const struct error_row *row = error_row(err->kind);

	if (err->kind == E_CANCELLED) {
		s->next_poll_at = regular;
		return;
	}
	s->error_code = row->code;
	s->error_detail = err->detail;
	s->failing = true;
	switch (row->retry) {
	case RETRY_STOP:
		needs_owner(s, announce);
		s->next_poll_at = 0;
		return;
	case RETRY_NONE:
		/* The source is read on at its regular times: when it has recovered, nothing needs to be answered any more. */
		needs_owner(s, announce);
		s->failing = false;
		s->next_poll_at = regular;
		return;
	case RETRY_COUNT:
		s->retry_count++;
		break;
	case RETRY_DEFER:
		break;
	}
	s->deferrals++;
	if (row->retry == RETRY_COUNT && s->retry_count > s->max_retries) {
		needs_owner(s, announce);
		s->next_poll_at = 0;
		return;
	}
	if (s->health != HEALTH_ATTENTION)
		s->health = HEALTH_RETRYING;
	s->next_poll_at = now + sched_backoff_ms(s->deferrals, err->wait_ms, rnd);
}

void
sched_after(struct sched *s, const struct err *err, int64_t now, int64_t next_rule, uint64_t rnd, int *announce)
{
	int64_t regular = next_rule > now ? next_rule : sched_next(s, now);

	*announce = 0;
	s->last_polled_at = now;
	s->set_at = now;
	if (err)
		failed(s, err, now, regular, rnd, announce);
	else {
		succeeded(s, now, announce);
		s->next_poll_at = regular;
	}
	if (!s->enabled)
		s->next_poll_at = 0;
}
