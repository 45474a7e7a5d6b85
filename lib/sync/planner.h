/*
 * planner.h - what the chosen schedules cost of the quotas of providers (quota.h), before anything is read: for the meter, and to refuse what cannot work.
 *
 * The cost of a read is that of reading everything (struct cost of provider.h); an unchanged source costs less. Rates are thousandths of a call per minute.
 */
#ifndef SYNC_PLANNER_H
#define SYNC_PLANNER_H

#include "db/db.h"
#include "base/json.h"

/*
 * Pure.
 */

/* Calls of one read of `cells` cells; per: cells that one call brings, 0: it does not depend on them. */
int64_t planner_calls(int64_t calls, int64_t per, int64_t cells);
int64_t planner_rate(int64_t calls, int64_t interval_minutes);
/* Percent of the limit, which is in calls per minute; rounded up, so that 0 means nothing. */
int64_t planner_percent(int64_t rate, int64_t limit);
/* The shortest interval at which so many calls fit beside what others use; 0: none does. */
int64_t planner_shortest(int64_t calls, int64_t others, int64_t limit);

/*
 * What there is.
 */
struct planned {
	const char *conn_id, *account_id, *provider;
	bool enabled;
	int64_t interval_minutes, cells;     /* cells: of what was read last */
};
/* Every connection of the owner that reads with an account. */
MUST enum rc planner_reads(struct ctx *, struct db *, const char *owner, struct planned **out, size_t *n);
struct plan_sum {
	const char *provider;
	int64_t reads;                       /* of all owners, millionths a minute */
};
MUST enum rc planner_project(struct ctx *, struct db *, struct plan_sum **out, size_t *n);

#endif
