/*
 * parcel.h - what a deliverer holds while it works on a lane.
 */
#ifndef SEND_PARCEL_H
#define SEND_PARCEL_H

#include "queue/lane.h"
#include "store/hook.h"

struct parcel {
	struct lane lane;
	/* Of a message that is delivered; else NULL. */
	const char *delivery, *owner, *message;
	const char *webhook; /* NULL: a mail */
	const char *type, *body;
	int64_t tries, attempt; /* this one's number since it was queued, and in all */
	struct hook hook;
};

#endif
