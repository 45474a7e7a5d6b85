/*
 * quota.h - do the schedules fit into what providers allow? The plan of one owner's schedules, and
 * of everybody's.
 */
#ifndef APP_QUOTA_H
#define APP_QUOTA_H

#include "access/forecast.h"
#include "access/quota.h"
#include "base/complaint.h"
#include "store/conn.h"

struct quota_plan {
	const char *owner;
	struct forecast_read *reads;
	size_t n;
};
/* Every connection of the owner that reads with an account. */
MUST enum rc quota_plan_load(struct ctx *, struct db *, const char *owner, struct quota_plan *out);
/* Thousandths of a call a minute of all connections of an account but one (`but` may be NULL);
 * *conns is raised by how many they are. Pure. */
int64_t quota_account_rate(
    const struct quota_plan *, const char *account_id, enum quota, const char *but, int64_t *conns);
/* The same of other users who read with this account at the provider, and of everybody's, as if
 * all sources were small. */
MUST enum rc quota_shared_rate(struct ctx *, struct db *, const char *owner, const char *account_id,
    enum quota, int64_t *rate);
MUST enum rc quota_project_rate(struct ctx *, struct db *, enum quota, int64_t *rate);

/* A schedule that somebody wants. conn_id and before: NULL for a new connection. */
struct quota_wish {
	const char *provider, *account_id, *conn_id;
	const struct sched *before, *after;
};
/* Does it fit beside everything else that the account reads? Complains about
 * schedule.intervalMinutes, with the shortest interval that fits. What needs less than before
 * always fits. */
MUST enum rc quota_fits(
    struct ctx *, struct db *, const char *owner, struct complaints *, const struct quota_wish *);

#endif
