/*
 * outlet.h - the lane of a connection's outbox (queue/post.h), worked on: its items are sent one
 * after the other.
 */
#ifndef SYNC_WRITE_OUTLET_H
#define SYNC_WRITE_OUTLET_H

#include "queue/lane.h"

/* Sends what is due, for a while, and releases the lane until the next is. One that is paused,
 * removed or not let in by its service waits: the end of its next sync makes the lane due. */
MUST enum rc outlet_work(struct ctx *, struct db *, const struct lane *);

#endif
