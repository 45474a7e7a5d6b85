/*
 * span.c - see span.h.
 */
#include "event/span.h"

#include "base/zone_name.h"

static const struct merge_group event_groups[] = {
	{
	    .name = "time",
	    .members = { "startDateTime", "endDateTime", "allDay", "timeZone", "recurrence" },
	    .part = '@',
	},
};

const struct merge_rules event_rules = {
	.groups = event_groups,
	.n_groups = sizeof event_groups / sizeof *event_groups,
	.null_is_absent = true,
};

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
