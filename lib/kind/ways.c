/*
 * ways.c - see ways.h.
 */
#include "kind/ways.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "kind/kind.h"

static int
ways_word(const json *config, const char *name, const char *const *words, int n)
{
	const char *word = json_str(config, name);

	for (int i = 0; word && i < n; i++)
		if (!strcmp(word, words[i]))
			return i;
	return 0;
}

struct ways
ways_of(const json *config)
{
	static const char *const directions[] = { "both", "pull", "push" };
	static const char *const writes[] = { "all", "application", "selected" };
	const char *conflicts = json_str(config, "conflicts");

	return (struct ways){
		.direction = (enum ways_direction)ways_word(config, "direction", directions, 3),
		.write = (enum ways_write)ways_word(config, "write", writes, 3),
		.write_from = json_at(config, "writeFrom"),
		.conflicts = conflicts ? conflicts : "latest",
		.from = json_str(config, "from"),
		.to = json_str(config, "to"),
	};
}

bool
ways_writes(const struct ways *w, const char *origin)
{
	if (w->direction == WAYS_PULL || w->closed)
		return false;
	if (!origin || w->write == WAYS_ALL)
		return true;
	for (size_t i = 0; w->write == WAYS_SELECTED && i < json_len(w->write_from); i++)
		if (!strcmp(origin, json_value_str(json_nth(w->write_from, i))))
			return true;
	return false;
}

/* YYYY-MM-DD, of a day that there is; *at: its beginning, ms. */
static bool
ways_day(const char *text, int64_t *at)
{
	int year, month, day, end = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10 ||
	    text[end] || day < 1 || day > civil_month_days(year, month))
		return false;
	*at = civil_days(year, month, day) * DAY_MS;
	return true;
}

bool
ways_touch(const struct ways *w, int64_t from, int64_t until)
{
	int64_t at;

	if (w->from && ways_day(w->from, &at) && from < at && until <= at)
		return false;
	return !w->to || !ways_day(w->to, &at) || from < at;
}

void
ways_check(struct arena *a, json *config, json *errors)
{
	static const char *const days[] = { "from", "to" };
	const struct ways w = ways_of(config);
	int64_t at;

	for (size_t i = 0; i < 2; i++) {
		const char *day = json_str(config, days[i]);

		if (day && !ways_day(day, &at))
			kind_complain(a, errors, arena_printf(a, "config.%s", days[i]),
			    "Write a day like 2026-01-01.");
	}
	if (w.from && w.to && !json_len(errors) && strcmp(w.from, w.to) >= 0)
		kind_complain(a, errors, "config.to", "It ends before it begins.");
	if (w.write == WAYS_SELECTED && !json_len(w.write_from))
		kind_complain(a, errors, "config.writeFrom",
		    "Name the connections whose events are written there.");
}
