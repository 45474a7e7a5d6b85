/*
 * settle.h - what queue.c and reap.c share: the next time by a recurrence rule, after a run has ended.
 */
#ifndef SYNC_SETTLE_H
#define SYNC_SETTLE_H

#include "sync/queue.h"

/* Next time by the schedule's recurrence rule, 0 when it has none. Only programs that link libical install a rule function (the worker does); elsewhere, as in
 * the tick that reaps a dead worker, the schedule's usual gap serves until the next run. */
typedef enum rc rule_fn(struct ctx *, const char *rrule, const char *zone, int64_t after, int64_t *next, int64_t *gap_minutes);
void settle_use_rules(rule_fn *);
MUST enum rc settle_rule(struct ctx *, const struct sched *, int64_t now, int64_t *next);

#endif
