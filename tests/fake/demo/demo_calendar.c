/*
 * demo_calendar.c - the demo account's calendars: a series with one meeting moved, a whole day, an
 * invitation by somebody else with a video call, a calendar of the shop, and one that can only be
 * read. Days are counted from the one on which the demo begins.
 */
#include "fake/demo/demo.h"

#include "base/zone_name.h"

#include "base/clock.h"
#include "fake/google/calendar.h"

#define DEMO_ZONE "Europe/Berlin"

struct demo_event {
	int day;
	const char *from, *to;      /* "09:00"; NULL: all day */
	const char *summary, *more; /* members of JSON, or NULL */
};

static const struct demo_event own[] = {
	{ 1, "09:00", "09:30", "Team round",
	    "\"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=26\"], \"location\": \"Back office\"" },
	{ 2, "14:00", "15:30", "Tea tasting with Elif", "\"colorId\": \"5\"" },
	{ 4, NULL, NULL, "Stocktaking", NULL },
	{ 6, "18:00", "19:00", "Dentist",
	    "\"visibility\": \"private\", \"reminders\": {\"useDefault\": false, \"overrides\": "
	    "[{\"method\": \"popup\", \"minutes\": 60}]}" },
	{ 0, NULL, NULL, NULL, NULL },
};
static const struct demo_event invited[] = {
	{ 3, "11:00", "12:00", "Autumn programme",
	    "\"attendees\": [{\"email\": \"demo@example.com\", \"responseStatus\": "
	    "\"needsAction\"}, {\"email\": \"colleague@example.com\", \"responseStatus\": "
	    "\"accepted\"}], \"conferenceData\": {\"conferenceId\": \"abc-defg-hij\", "
	    "\"conferenceSolution\": {\"name\": \"Google Meet\"}, \"entryPoints\": "
	    "[{\"entryPointType\": \"video\", \"uri\": "
	    "\"https://meet.google.com/abc-defg-hij\"}]}" },
	{ 0, NULL, NULL, NULL, NULL },
};
static const struct demo_event shop[] = {
	{ 5, "08:00", "10:00", "Delivery from Hamburg", NULL },
	{ 12, NULL, NULL, "Open Sunday", NULL },
	{ 0, NULL, NULL, NULL, NULL },
};
static const struct demo_event team[] = {
	{ 7, NULL, NULL, "Chiara is away", NULL },
	{ 0, NULL, NULL, NULL, NULL },
};

static void
demo_when(struct fake *f, struct arena *a, json *content, const struct demo_event *d)
{
	const int64_t day = fake_now(f) / DAY_MS + d->day;
	char from[CLOCK_TEXT], until[CLOCK_TEXT];
	json *start = json_new(a), *end = json_new(a);

	clock_text(day * DAY_MS, from);
	clock_text((day + 1) * DAY_MS, until);
	if (d->from) {
		json_set_str(start, "dateTime", arena_printf(a, "%.10sT%s:00", from, d->from));
		json_set_str(end, "dateTime", arena_printf(a, "%.10sT%s:00", from, d->to));
		json_set_str(start, "timeZone", DEMO_ZONE);
		json_set_str(end, "timeZone", DEMO_ZONE);
	} else {
		json_set_str(start, "date", arena_printf(a, "%.10s", from));
		json_set_str(end, "date", arena_printf(a, "%.10s", until));
	}
	json_set(content, "start", start);
	json_set(content, "end", end);
}

static void
demo_events(struct fake *f, struct calendar *cal, const struct demo_event *d, const char *organizer)
{
	cal->zone = zone_system(f->a, STR(DEMO_ZONE));
	cal->zone_name = DEMO_ZONE;
	for (; d->summary; d++) {
		struct event *e = event_add(f, cal, event_new_id(f));
		json *content = json_stored(
		    f->a, arena_printf(f->a, "{%s}", d->more ? d->more : ""));

		json_set_str(content, "summary", d->summary);
		demo_when(f, f->a, content, d);
		e->content = content;
		e->uid = arena_printf(f->a, "%s@google.com", e->id);
		e->creator = e->organizer = organizer;
		event_touch(f, e);
	}
}

void
demo_calendars(struct fake *f, struct account *demo, struct account *other)
{
	struct calendar *cal;

	demo_events(f, calendar_primary(f, demo), own, demo->email);
	demo_events(f, calendar_primary(f, demo), invited, other->email);
	cal = calendar_add(f, demo, "Demo: Tea shop");
	demo_events(f, cal, shop, cal->id);
	cal = calendar_add(f, other, "Demo: Team (read only)");
	json_set_str(cal->roles, demo->email, "reader");
	demo_events(f, cal, team, cal->id);
}
