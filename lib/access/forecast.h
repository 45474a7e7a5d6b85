/*
 * forecast.h - what the chosen schedules cost of the quotas of providers (quota.h), before
 * anything is read: for the meter, and to refuse what cannot work.
 *
 * The cost of a read is that of reading everything (struct cost of provider.h); an unchanged
 * source costs less. Rates are thousandths of a call per minute.
 */
#ifndef ACCESS_FORECAST_H
#define ACCESS_FORECAST_H

#include "db/db.h"
#include "base/json.h"

/*
 * Pure.
 */

/* Calls of one read of `cells` cells; per: cells that one call brings, 0: it does not depend on
 * them. */
int64_t forecast_calls(int64_t calls, int64_t per, int64_t cells);
int64_t forecast_rate(int64_t calls, int64_t interval_minutes);
/* Percent of the limit, which is in calls per minute; rounded up, so that 0 means nothing. */
int64_t forecast_percent(int64_t rate, int64_t limit);
/* The shortest interval at which so many calls fit beside what others use; 0: none does. */
int64_t forecast_shortest(int64_t calls, int64_t others, int64_t limit);

/*
 * What there is.
 */
struct forecast_read {
	const char *conn_id, *account_id, *provider;
	bool enabled;
	int64_t interval_minutes, cells; /* cells: of what was read last */
};
/* Every connection of the owner that reads with an account. */
MUST enum rc
forecast_reads(struct ctx *, struct db *, const char *owner, struct forecast_read **out, size_t *n);
struct forecast_sum {
	const char *provider;
	int64_t reads; /* of all owners, millionths a minute */
};
/* What other users read with the same account at the provider. */
MUST enum rc forecast_shared(struct ctx *, struct db *, const char *owner, const char *account_id,
    struct forecast_sum **out, size_t *n);
MUST enum rc forecast_project(struct ctx *, struct db *, struct forecast_sum **out, size_t *n);

#endif
