/*
 * rule.h - the next time by a schedule's recurrence rule, for programs with and without libical.
 */
#ifndef QUEUE_RULE_H
#define QUEUE_RULE_H

#include "store/conn.h"

/* rrule_next() of sched.h. */
typedef enum rc rule_fn(struct ctx *, const char *rrule, const char *zone, int64_t after,
    int64_t *next, int64_t *gap_minutes);
/* Only programs that link libical install a function (the worker does); elsewhere, as in the tick
 * that reaps a dead worker, the schedule's usual gap serves until the next run. */
void rule_use(rule_fn *);
/* Next time by the schedule's recurrence rule, 0 when it has none. */
MUST enum rc rule_after(struct ctx *, const struct sched *, int64_t now, int64_t *next);

#endif
