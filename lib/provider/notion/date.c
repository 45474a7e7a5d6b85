/*
 * date.c - dates of Notion, and when an event is. A day that Notion names last is in the event, a
 * moment is not; one without an end lasts an hour, or its day.
 */
#include "base/clock.h"
#include "base/zone_name.h"
#include "event/span.h"
#include "provider/notion/event.h"

enum { DAY_S = 86400, USUAL_S = 3600 };

static bool
date_read(const char *text, const struct zone *zone, struct when *out)
{
	if (!when_read(str_c(text), zone, out))
		return false;
	if (out->kind == WHEN_MOMENT) {
		out->zone = &zone_utc;
		out->local = out->utc;
	}
	return true;
}

bool
notion_span_of(struct arena *a, const json *date, struct when *start, struct when *end)
{
	const char *from = json_str(date, "start"), *to = json_str(date, "end");
	const struct zone *zone = zone_system(a, json_s(date, "time_zone"));
	bool day;

	if (!zone)
		zone = &zone_utc;
	if (!from || !date_read(from, zone, start))
		return false;
	day = start->kind == WHEN_DAY;
	if (!to || !date_read(to, zone, end) || (end->kind == WHEN_DAY) != day)
		*end = day ? *start : when_later(start, USUAL_S);
	if (day)
		*end = when_later(end, DAY_S);
	if (end->utc <= start->utc)
		*end = when_later(start, day ? DAY_S : USUAL_S);
	return when_fits(start) && when_fits(end);
}

json *
notion_date_of(struct arena *a, const struct when *start, const struct when *end)
{
	const bool day = start->kind == WHEN_DAY;
	const struct when last = day ? when_later(end, -DAY_S) : *end;
	json *out = json_new(a);

	json_set_str(out, "start", notion_when(a, start));
	json_set_str(out, "end", day && last.utc <= start->utc ? NULL : notion_when(a, &last));
	return out;
}

json *
notion_date(struct arena *a, const json *value)
{
	struct event_span s;

	return event_span(a, value, &s) ? notion_date_of(a, &s.start, &s.end) : NULL;
}

const char *
notion_when(struct arena *a, const struct when *w)
{
	char text[CLOCK_TEXT];

	return w->kind == WHEN_DAY ? when_text(a, w)
				   : arena_dup(a, clock_text(w->utc * SECOND_MS, text));
}
