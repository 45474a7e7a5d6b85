/*
 * span.c - see span.h.
 */
#include "event/span.h"

#include "base/zone_name.h"

bool
event_span(struct arena *a, const json *value, struct event_span *out)
{
	const char *name = json_str(value, "timeZone");
	const struct zone *zone = name ? zone_system(a, str_c(name)) : NULL;

	out->series = json_len(json_at(value, "recurrence")) > 0;
	return when_read(json_s(value, "startDateTime"), zone, &out->start) &&
	    when_read(json_s(value, "endDateTime"), zone, &out->end) &&
	    out->start.kind == out->end.kind;
}
