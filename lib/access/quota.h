/*
 * quota.h - the quotas of providers (kind/quota.def), shared by every process: token buckets
 * in the database, one for the project and one for each account.
 *
 * A bucket holds a tenth of the calls of a minute (of many: a twentieth) and fills with the rest:
 * in no minute are more calls made than the provider allows, wherever its minutes begin. What a
 * provider refuses in spite of that (somebody else uses the same project) closes the bucket for
 * everybody as long as it said.
 */
#ifndef ACCESS_QUOTA_H
#define ACCESS_QUOTA_H

#include "db/db.h"
#include "kind/quota_row.h"

/* The level after `ms`: thousandths of a call. Pure. per_minute: the limit. */
int64_t quota_fill(int64_t level, int64_t ms, int64_t per_minute);
/* How long until there is one call; 0: now. Pure. */
int64_t quota_wait(int64_t level, int64_t per_minute);

/* Whose calls are counted. */
struct quota_payer {
	const char *owner, *account_id;
	/* A person has asked for it: it may be tried although the provider asked for more than
	 * patience_ms. */
	bool asked;
};
/* Takes one call, for now or in advance: it may be made in *wait_ms, and whoever comes later waits
 * longer. When that is more than patience_ms nothing is taken. Its own transaction. */
MUST enum rc quota_take(struct ctx *, struct db *, const struct quota_payer *, enum quota,
    int64_t patience_ms, int64_t *wait_ms);
/* Is it the provider that asked for the wait? */
MUST enum rc
quota_shut(struct ctx *, struct db *, const struct quota_payer *, enum quota, bool *shut);
/* The provider refused: nobody calls before `wait_ms` are over. Its own transaction. */
MUST enum rc quota_refused(struct ctx *, struct db *, const char *owner, const char *account_id,
    enum quota, int64_t wait_ms);

struct quota_use {
	const char *account_id, *quota;
	int64_t calls, refused;
};
/* What an owner's accounts have used since. */
MUST enum rc quota_used(
    struct ctx *, struct db *, const char *owner, int64_t since, struct quota_use **out, size_t *n);
/* The busiest hour of each day since then, in percent of what the account may in an hour; of all
 * accounts of the owner when account_id is NULL. */
struct quota_peak {
	int64_t day, percent; /* day: since 1970, UTC */
};
struct quota_peak_list {
	struct quota_peak *v;
	size_t n;
};
MUST enum rc quota_peaks(struct ctx *, struct db *, const char *owner, const char *account_id,
    int64_t since, struct quota_peak_list *out);
enum { QUOTA_DAYS = 60 }; /* calls are remembered so long */
/* In the caller's write transaction. */
MUST enum rc quota_sweep(struct ctx *, struct db *, int64_t before);

#endif
