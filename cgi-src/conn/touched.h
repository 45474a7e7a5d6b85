/*
 * touched.h - what a run has changed, thing by thing, each with the way to its own story.
 */
#ifndef CONN_TOUCHED_H
#define CONN_TOUCHED_H

#include "skin/model.h"

/* [{at, kind, eventId | datasetId + key, title, href, action, side, reason}], the newest change
 * first and then the records that it has brought; cursor: NULL, or *next of the page before. */
struct touched {
	json *data;
	const char *next; /* NULL: that was all */
};
MUST enum rc
touched(struct req *, const struct run *, const char *cursor, int64_t limit, struct touched *out);

#endif
