/*
 * lend.h - what the engine lends to a provider whose source is signed in to (struct remote): tokens of the account, turns in its quota, waits during which the run stays
 * alive and can be stopped.
 */
#ifndef SYNC_LEND_H
#define SYNC_LEND_H

#include "provider/provider.h"
#include "store/remote.h"
#include "sync/progress.h"

struct lend {
	struct remote remote;        /* first: what providers are given */
	struct db *db;
	struct progress *progress;   /* NULL: nobody is told */
	const char *owner, *account_id;
	int64_t patience_ms;         /* of waiting for a turn: beyond it E_QUOTA */
};

/* *out NULL when the provider needs no account. E_GRANT when it needs one and account_id is NULL. */
MUST enum rc lend_open(struct ctx *, struct db *, const struct provider *, const char *owner, const char *account_id, struct progress *, int64_t patience_ms, struct lend **out);

#endif
