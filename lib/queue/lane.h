/*
 * lane.h - the queue of what is sent out. What is claimed is a lane: one webhook (its id), the
 * mail server, one person's digest. A lane is worked on by one process at a time and waits after
 * a failure, so one dead receiver costs others nothing. At most LANES_FAILING of those whose
 * last delivery failed are worked on at once.
 *
 * Links no curl: the tick and whoever writes messages use it.
 */
#ifndef QUEUE_LANE_H
#define QUEUE_LANE_H

#include "base/clock.h"
#include "db/db.h"

enum { LANES_BUSY = 4, LANES_FAILING = 2, SEND_SECONDS = 20 };

#define LANE_WAIT_MAX (2 * DAY_MS) /* nothing waits longer by itself */
#define LANE_MAIL "mail"
#define LANE_DIGEST "digest|"

struct lane {
	const char *id;
	int64_t attempt;  /* the fencing number */
	int64_t failures; /* in a row, before this */
};

/* In the caller's write transaction: */
/* there is something to do, at the latest then */
MUST enum rc lane_put(struct ctx *, struct db *, const char *id, int64_t due_at);
/* a person asked: it waits no longer for its failures */
MUST enum rc lane_hurry(struct ctx *, struct db *, const char *id, int64_t now);
MUST enum rc lane_stop(struct ctx *, struct db *, const char *id);
MUST enum rc lane_drop(struct ctx *, struct db *, const char *id);
/* For SEND_SECONDS and the configured lease. *found false: nothing is due, or only failing lanes
 * and enough are worked on. */
MUST enum rc lane_claim(struct ctx *, struct db *, int64_t now, bool *found, struct lane *out);
/* Ends the work on a lane. due_at 0: nothing left. E_LEASE when it was taken over. */
MUST enum rc lane_release(struct ctx *, struct db *, const struct lane *, int64_t due_at,
    int64_t hold_until, int64_t failures);
MUST enum rc lane_held(struct ctx *, struct db *, const struct lane *); /* E_LEASE */

/* In a transaction of its own: the lanes of a process that has ended. */
MUST enum rc lane_reap(struct ctx *, struct db *, int64_t pid, int64_t now);
/* When the next lane can be claimed; 0: there is none. Cheap. */
MUST enum rc lane_next(struct ctx *, struct db *, int64_t now, int64_t *due_at);
/* Makes lanes due whose time was set by a clock that was wrong; in the caller's write
 * transaction. */
MUST enum rc lane_mend_clock(struct ctx *, struct db *, int64_t now);

#endif
