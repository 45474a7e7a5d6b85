/*
 * span.c - see span.h.
 */
#include "event/span.h"

#include <string.h>

#include "base/zone_name.h"

static const struct merge_group event_groups[] = {
	{
	    .name = "time",
	    .members = { "startDateTime", "endDateTime", "allDay", "timeZone", "recurrence" },
	    .part = '@',
	},
};

static const char *
event_called(struct arena *a, const char *unit)
{
	static const enum when_kind kinds[] = { WHEN_DAY, WHEN_MOMENT, WHEN_FLOATING };
	static const char *const words[][2] = {
		{ "title", "the title" },
		{ "description", "the description" },
		{ "location", "the place" },
		{ "notes", "the notes" },
		{ "url", "the link" },
		{ "color", "the colour" },
		{ "time", "the time" },
		{ "status", "the status" },
		{ "busy", "whether it is busy" },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i][0], unit))
			return words[i][1];
	/* An occurrence, by its slot: "@20261005T080000Z". */
	for (size_t i = 0; *unit == '@' && i < sizeof kinds / sizeof *kinds; i++) {
		const struct when like = { .kind = kinds[i], .zone = &zone_utc };
		struct when slot;

		if (when_slot_read(str_c(unit + 1), &like, &slot))
			return arena_printf(a, "the occurrence of %s%s", when_words(a, &slot),
			    slot.kind == WHEN_MOMENT ? " UTC" : "");
	}
	return unit;
}

const struct merge_rules event_rules = {
	.groups = event_groups,
	.n_groups = sizeof event_groups / sizeof *event_groups,
	.null_is_absent = true,
	.called = event_called,
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
