/*
 * series.h - the lines of a recurrence: RRULE, RDATE, EXDATE (RFC 5545, 3.8.5), and EXRULE of the
 * standard before it. Pure. Most of it is for occur.c and event.c.
 */
#ifndef EVENT_SERIES_H
#define EVENT_SERIES_H

#include "event/span.h"

enum { SERIES_SLOTS_MAX = 5001 };

/* Are the lines understood? Also those of which none ever comes. */
bool series_is_read(struct arena *, const json *lines, const struct when *start);
/* What is wrong with them for somebody who writes them, in a sentence; NULL: nothing. */
const char *series_wrong(struct arena *, const json *lines, const struct when *start);
/* Places with from <= utc < until, in order; at most SERIES_SLOTS_MAX, which means that there may
 * be more. The start is one of them whatever the rules say. */
size_t
series_slots(struct arena *, const json *value, int64_t from, int64_t until, struct when **out);
/* The last place of all; false: there is no last one, or it is more than SERIES_SLOTS_MAX away. */
bool series_last(struct arena *, const json *value, struct when *out);
/* The lines of a series that was `was` and begins at `start` now: what they name by a time of day
 * (UNTIL, RDATE, EXDATE) goes with it. */
json *series_moved(struct arena *, const json *was, const struct when *start);
/* Sets the recurrence of a series up to the slot, and of one that begins with it. */
void
series_split(struct arena *, const json *value, const struct when *slot, json *before, json *after);

#endif
