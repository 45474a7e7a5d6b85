/*
 * schedule.h - what somebody asks of a connection's schedule, applied to it. A recurrence
 * rule is read before.
 */
#ifndef APP_SCHEDULE_H
#define APP_SCHEDULE_H

#include "base/complaint.h"
#include "kind/kind.h"
#include "store/conn.h"

/* A recurrence rule that was asked for. */
struct schedule_rule {
	const char *rrule, *zone; /* rrule NULL: none was asked for */
	int64_t gap_minutes, next_at;
};

/* The rule in `change` (may be NULL); a complaint about schedule.rrule when it is none. */
MUST enum rc
schedule_rule(struct ctx *, struct complaints *, const json *change, struct schedule_rule *out);
/* Applies what the change names, as PUT .../schedule takes it, to *s, or complains. What has
 * stopped is tried again when it is switched on. */
MUST enum rc schedule_merge(struct ctx *, struct complaints *, struct sched *s, const json *change,
    const struct schedule_rule *, int64_t now);
/* Of what nobody has said otherwise: each hour. Pure. */
void schedule_first(struct sched *, const struct kind *, int64_t now);
/* What had stopped or failed is tried again, counted from zero. Pure. */
void schedule_mended(struct sched *);

#endif
