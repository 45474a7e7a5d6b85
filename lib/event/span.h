/* span.h - from when to when an event is. What an event consists of: event.h. */
#ifndef EVENT_SPAN_H
#define EVENT_SPAN_H

#include "base/json.h"
#include "event/when.h"

struct event_span {
	struct when start, end;
	bool series;
};

/* Of a whole value; false: it has none. */
bool event_span(struct arena *, const json *value, struct event_span *out);

#endif
