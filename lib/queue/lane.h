/*
 * lane.h - the queue of what is sent out. What is claimed is a lane: one webhook, the mail server,
 * one person's digest, one connection's channel. A lane is worked on by one process at a time and
 * waits after a failure, so one dead endpoint costs others nothing.
 *
 * Kinds of lanes are rows of lanes.def and do not know each other: each has places of its own. In a
 * kind the owners take turns, whatever one of them has queued; among an owner's lanes the one that
 * is due longest comes first, and those whose last try failed after the others.
 *
 * Links no curl: the tick and whoever writes messages use it.
 */
#ifndef QUEUE_LANE_H
#define QUEUE_LANE_H

#include "base/clock.h"
#include "db/db.h"

enum lane_kind {
#define LANE(id, word, slots, each, failing, seconds) LANE_##id,
#include "queue/lanes.def"
#undef LANE
	LANE__MAX
};

struct lane_row {
	const char *word;
	int64_t slots, each, failing, seconds; /* see lanes.def */
};
extern const struct lane_row lane_rows[LANE__MAX];

enum {
/* Processes that can all have work at the same time. */
#define LANE(id, word, slots, each, failing, seconds) +slots
	LANES_BUSY = 0
#include "queue/lanes.def"
#undef LANE
};

#define LANE_WAIT_MAX (2 * DAY_MS) /* nothing waits longer by itself */
#define LANE_NOBODY "-"            /* the owner of what is nobody's */
/* Names of lanes; that of a webhook is its id. */
#define LANE_ID_MAIL "mail"
#define LANE_ID_DIGEST "digest|"   /* and the owner */
#define LANE_ID_CHANNEL "watch|"   /* and "owner|connection" */
#define LANE_ID_REMOVAL "removal|" /* and the owner */
#define LANE_ID_OUTBOX "outbox|"   /* and "owner|connection" */
#define LANE_ID_PROFILE "profile|" /* and the owner */
#define LANE_ID_ANSWER "answer|"   /* and the owner */
#define LANE_ID_PULSE "pulse"

struct lane {
	enum lane_kind kind;
	const char *id, *owner;
	int64_t attempt;  /* the fencing number */
	int64_t failures; /* in a row, before this */
};

/* In the caller's write: */
/* there is something to do, at the latest then */
MUST enum rc lane_put(
    struct ctx *, struct db *, enum lane_kind, const char *owner, const char *id, int64_t due_at);
/* a person asked: it waits no longer for its failures, but goes on among those that failed until it
 * does not */
MUST enum rc lane_hurry(
    struct ctx *, struct db *, enum lane_kind, const char *owner, const char *id, int64_t now);
MUST enum rc lane_stop(struct ctx *, struct db *, const char *id);
MUST enum rc lane_drop(struct ctx *, struct db *, const char *id);
/* For the seconds of its kind and the configured lease. *found false: nothing is due that has a
 * place. */
MUST enum rc lane_claim(struct ctx *, struct db *, int64_t now, bool *found, struct lane *out);
/* Ends the work on a lane. due_at 0: nothing left. E_LEASE when it was taken over. */
MUST enum rc lane_release(struct ctx *, struct db *, const struct lane *, int64_t due_at,
    int64_t hold_until, int64_t failures);
MUST enum rc lane_held(struct ctx *, struct db *, const struct lane *); /* E_LEASE */
/* Makes lanes due whose time was set by a clock that was wrong. */
MUST enum rc lane_mend_clock(struct ctx *, struct db *, int64_t now);
/* The clock was set back by so much: everything is due that much earlier. */
MUST enum rc lane_set_back(struct ctx *, struct db *, int64_t ms);

/* A write of its own, or a part of the caller's: the lanes of a process that has ended. */
MUST enum rc lane_reap(struct ctx *, struct db *, int64_t pid, int64_t now);
/* The processes that work on lanes; at most max, one may be named more than once. */
MUST enum rc lane_pids(struct ctx *, struct db *, int64_t *v, size_t max, size_t *n);
/* Is a lane being worked on, or due by then? */
MUST enum rc lane_soon(struct ctx *, struct db *, const char *id, int64_t by, bool *soon);
/* When the next lane can be claimed; 0: there is none. Cheap. */
MUST enum rc lane_next(struct ctx *, struct db *, int64_t now, int64_t *due_at);

#endif
