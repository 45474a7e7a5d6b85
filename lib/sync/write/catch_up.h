/*
 * catch_up.h - what was edited here while nothing was to be sent, and is to be sent now: the ways
 * of the connection are others.
 */
#ifndef SYNC_WRITE_CATCH_UP_H
#define SYNC_WRITE_CATCH_UP_H

#include "sync/write/twoway.h"

struct catching_up {
	const char *after; /* "": not begun; NULL: that was all */
	int64_t queued;
};

/* In the caller's write: a page of the links that nothing waits for; where the object is not as was
 * agreed on last, it is queued. */
MUST enum rc catch_up(struct ctx *, struct db *, const struct twoway *, struct catching_up *);

#endif
