/*
 * sender.h - works off what lane.h has queued. What a kind of lane does is a struct sender; who
 * does it is a table, one row for each row of lanes.def. Links curl.
 */
#ifndef SEND_SENDER_H
#define SEND_SENDER_H

#include <signal.h>

#include "send/parcel.h"

struct sender {
	/* In the write that claims the lane: finds what is to be done. *found false: nothing is
	 * left for work, and the lane has been released. NULL: there is always something. */
	enum rc (*take)(struct ctx *, struct db *, struct parcel *, int64_t now, bool *found);
	/* After it, without a transaction: does it, writes down how it went and releases the lane.
	 * What is wrong at the other side is written down, not returned. NULL: take does it all. */
	enum rc (*work)(struct ctx *, struct db *, struct parcel *);
};

/* Who works on a kind that this room does not know. */
void sender_use(enum lane_kind, const struct sender *);

/* Does all there is to do, one after the other, until nothing is due or *stop. */
MUST enum rc sender_all(struct ctx *, struct db *, const volatile sig_atomic_t *stop);

/* The first step of it. *found false: nothing is to be worked on; a claim may also be used up
 * without a parcel: *again. */
MUST enum rc sender_claim(struct ctx *, struct db *, bool *found, bool *again, struct parcel *out);

#endif
