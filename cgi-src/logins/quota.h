/*
 * quota.h - the meter and the planner of quotas, shared by pages and interface.
 */
#ifndef LOGINS_QUOTA_H
#define LOGINS_QUOTA_H

#include "skin/model.h"

/* [{accountId, quota, title, limitPerMinute, plannedPerMinute, plannedPerDay, percent,
 * connections, usedLastDay, refusedLastDay}], one for each account and quota. */
MUST enum rc quota_model(struct req *, json **accounts);
/* The same of the whole project, without connections and use: everybody's schedules together. */
MUST enum rc quota_project(struct req *, json **project);
/* Does the schedule fit beside everything else that the account reads? Complains about
 * schedule.intervalMinutes, with the shortest interval that fits. A schedule that needs less
 * than before always fits. conn_id and before: NULL for a new connection. */
MUST enum rc quota_fits(struct req *, const char *provider, const char *account_id,
    const char *conn_id, const struct sched *before, const struct sched *after);

#endif
