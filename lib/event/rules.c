/*
 * rules.c - see rules.h.
 */
#include "event/rules.h"

#include <string.h>

#include "event/occur.h"

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
	.part_whole = occur_whole,
	.part_moved = occur_moved,
	.part_lost = occur_lost,
	.called = event_called,
};
