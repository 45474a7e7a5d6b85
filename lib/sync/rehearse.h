/*
 * rehearse.h - what a sync of a connection that both sides write would do, here and there: the
 * run's own way of bringing the two together, done in writes that are rolled back.
 */
#ifndef SYNC_REHEARSE_H
#define SYNC_REHEARSE_H

#include "provider/provider.h"
#include "store/conn.h"
#include "sync/read/spool.h"

enum { REHEARSE_SHOWN = 50 }; /* changes of each side */

struct rehearsal {
	struct db *db;
	const struct conn *conn; /* as it is, or with another configuration */
	const struct provider *provider;
	const struct source *source;
	struct spool *spool; /* a full read */
	int64_t as_of;       /* change_last() before it */
};

/* Adds to *out: "changes": [{"side": "local" | "remote", "action": "add" | "update" | "delete",
 * "item", "fields": [{"field", "before", "after"}]}], at most REHEARSE_SHOWN of each side, and
 * "counts": {"local": {"add", "update", "delete"}, "remote": ...} of all. What waits in the queue
 * is counted with what is to be done there. */
MUST enum rc rehearse(struct ctx *, const struct rehearsal *, json *out);

#endif
