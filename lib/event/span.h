/*
 * span.h - from when to when an event is, and the rules by which two sides that edited it are
 * brought together. What an event consists of: event.h.
 */
#ifndef EVENT_SPAN_H
#define EVENT_SPAN_H

#include "agree/merge.h"
#include "event/when.h"

/* Start, end, zone and rule are one thing; fields that are null are none. */
extern const struct merge_rules event_rules;

struct event_span {
	struct when start, end;
	bool series;
};

/* Of a whole value; false: it has none. */
bool event_span(struct arena *, const json *value, struct event_span *out);

#endif
