/*
 * supervise.h - one working spell of the tick: starts workers while there is something to sync
 * or to send out, and notices at once how each of them ends.
 */
#ifndef TICK_SUPERVISE_H
#define TICK_SUPERVISE_H

#include <signal.h>

#include "queue/queue.h"

/* Set by SIGTERM or SIGINT: workers are asked to end, then made to. */
extern volatile sig_atomic_t supervise_stop;

/* Until nothing is queued, due or about to be sent and the last worker has ended. *left:
 * scheduled runs that may still be started, counted down; negative: any number. The caller holds
 * the tick's lock. */
MUST enum rc supervise(struct ctx *, struct db *, int64_t *left);
/* Is there work that a spell with this much left would take on? */
MUST enum rc supervise_pending(struct ctx *, struct db *, int64_t left, bool *yes);

#endif
