/*
 * rehearse.h - what a sync of a connection that both sides write would do, here and there: the
 * run's own way of bringing the two together, done in writes that are rolled back.
 */
#ifndef SYNC_REHEARSE_H
#define SYNC_REHEARSE_H

#include "provider/provider.h"
#include "store/change.h"
#include "store/conn.h"
#include "sync/listing.h"
#include "sync/read/spool.h"

struct rehearsal {
	struct db *db;
	const struct conn *conn; /* as it is, or with another configuration */
	const struct provider *provider;
	const struct source *source;
	struct spool *spool; /* a full read */
	int64_t as_of;       /* change_last() before it */
	bool fresh;          /* the connection is not stored */
	bool other;          /* its settings are others than at the last complete read */
	struct listing *list;
};

enum rehearsed_side { REHEARSED_LOCAL, REHEARSED_REMOTE, REHEARSED_SIDES };

struct rehearsed {
	int64_t n[REHEARSED_SIDES][CHANGE_DELETED + 1]; /* by enum change_action */
	int64_t filled; /* of the updates there: that only fill in what is empty */
	int64_t linked; /* objects that both sides have by now */
};

/* What waits in the queue is counted with what is to be done there, and what would be asked about
 * is told as done. */
MUST enum rc rehearse(struct ctx *, const struct rehearsal *, struct rehearsed *out);

#endif
