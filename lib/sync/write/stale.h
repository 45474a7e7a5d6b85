/*
 * stale.h - what a list tells as it was before the last agreements: an index that lags does so.
 */
#ifndef SYNC_WRITE_STALE_H
#define SYNC_WRITE_STALE_H

#include "agree/decide.h"
#include "store/link.h"
#include "sync/write/twoway.h"

struct stale {
	const struct link *link;
	const struct there *there;
	enum direction direction;
};
/* *stale: it looks as it did lately, and is to be looked at itself. */
MUST enum rc
stale_list(struct ctx *, struct db *, const struct twoway *, const struct stale *, bool *stale);

#endif
