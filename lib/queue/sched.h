/*
 * sched.h - when a connection is read next. Pure arithmetic, but for the time zones of
 * recurrence rules (rrule.c).
 */
#ifndef QUEUE_SCHED_H
#define QUEUE_SCHED_H

#include "store/conn.h"

/* The next time after a success or a change of settings, for an enabled schedule without rrule. */
int64_t sched_next(const struct sched *, int64_t now);
/* From when on the next interval counts, after a run that was due at due_at (0: it was asked for)
 * and began at `began`: from when it was due, so that a schedule keeps its times however long runs
 * take. Of short intervals, what came late because much was due at once moves to where there was
 * room. */
int64_t sched_count_from(const struct sched *, int64_t due_at, int64_t began);
/* Wait before the next try after the n-th failure in a row (n >= 1): full jitter between 1 min
 * and min(1 min * 2^n, 1 h), never less than wait_ms. rnd: 64 random bits. */
int64_t sched_backoff_ms(int64_t n, int64_t wait_ms, uint64_t rnd);
/* What a run's outcome does to the schedule: counts, health, next time, reason. err NULL:
 * success. rnd as above. next_rule: the next time by the recurrence rule, 0 when there is none.
 * *announce: 0 nothing, 1 needs attention now, 2 recovered. */
void sched_after(struct sched *, const struct err *err, int64_t now, int64_t next_rule,
    uint64_t rnd, int *announce);

/* Until when the source has asked to be left alone, told only where that is longer than the wait
 * after any failure; 0: it has not. */
int64_t sched_asked_until(const struct sched *);

/* Next time strictly after `after` by an RFC 5545 rule in wall-clock time of the zone, at most 50
 * years ahead; E_INPUT with a sentence for a bad rule or zone. *gap_minutes: the usual distance of
 * two times, at least 1. */
MUST enum rc rrule_next(struct ctx *, const char *rrule, const char *zone, int64_t after,
    int64_t *next, int64_t *gap_minutes);

#endif
