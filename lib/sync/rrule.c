/*
 * rrule.c - recurrence rules of schedules, by libical. The only file of lib/sync that needs it.
 *
 * A rule runs in wall-clock time of its zone: "09:00" is 09:00 before and after the clocks change. A local time that the spring change skips
 * runs at the next valid moment; one that autumn repeats runs once.
 */
#include <libical/ical.h>

#include "base/clock.h"
#include "sync/sched.h"

enum { STEPS_MAX = 100000, GAP_SAMPLES = 20 };

static enum rc
zone_find(struct ctx *cx, const char *name, icaltimezone **out)
{
	*out = !name || !*name || !strcmp(name, "UTC") ? icaltimezone_get_utc_timezone() : icaltimezone_get_builtin_timezone(name);
	return *out ? RC_OK : fail(cx, E_INPUT, "There is no time zone \"%.60s\". Use a name like Europe/Berlin.", name);
}

static int64_t
to_ms(struct icaltimetype t, icaltimezone *zone)
{
	return (int64_t)icaltime_as_timet_with_zone(t, zone) * SECOND_MS;
}

static enum rc
rule_parse(struct ctx *cx, const char *text, struct icalrecurrencetype *out)
{
	icalerror_set_errors_are_fatal(0);
	if (strlen(text) > 500)
		return fail(cx, E_INPUT, "The recurrence rule is too long.");
	if (!strncmp(text, "RRULE:", 6))
		text += 6;
	*out = icalrecurrencetype_from_string(text);
	if (out->freq == ICAL_NO_RECURRENCE)
		return fail(cx, E_INPUT, "The recurrence rule cannot be read. An example: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0");
	if (out->freq == ICAL_SECONDLY_RECURRENCE)
		return fail(cx, E_INPUT, "A rule by the second is not possible; one minute is the shortest.");
	if (out->count)
		return fail(cx, E_INPUT, "A schedule has no COUNT: it goes on until it is switched off.");
	return RC_OK;
}

enum rc
rrule_next(struct ctx *cx, const char *rrule, const char *zone_name, int64_t after, int64_t *next, int64_t *gap_minutes)
{
	struct icalrecurrencetype rule;
	struct icaltimetype start, t;
	icalrecur_iterator *it;
	icaltimezone *zone;
	int64_t last = 0, least = 0;
	int seen = 0;

	TRY(rule_parse(cx, rrule, &rule));
	TRY(zone_find(cx, zone_name, &zone));
	/* The rule is laid out from the midnight a week and a bit before: far enough for weekly rules to be in step (weeks begin on a fixed day), near enough to be
	 * quick. Rules with an INTERVAL count from a fixed Monday, so that their rhythm does not depend on when they are asked. */
	start = icaltime_from_timet_with_zone((time_t)(after / SECOND_MS), 0, zone);
	if (rule.interval > 1)
		start = icaltime_from_string("20200106T000000");
	else
		icaltime_adjust(&start, -8, 0, 0, 0);
	start.hour = start.minute = start.second = 0;
	start.zone = NULL;
	it = icalrecur_iterator_new(rule, start);
	if (!it)
		return fail(cx, E_INPUT, "The recurrence rule cannot be read.");
	*next = 0;
	for (int i = 0; i < STEPS_MAX && seen < GAP_SAMPLES; i++) {
		int64_t ms;
		t = icalrecur_iterator_next(it);
		if (icaltime_is_null_time(t))
			break;
		ms = to_ms(t, zone);
		if (ms <= after)
			continue;
		if (!*next)
			*next = ms;
		if (last && ms > last && (!least || ms - last < least))
			least = ms - last;
		last = ms;
		seen++;
	}
	icalrecur_iterator_free(it);
	if (!*next)
		return fail(cx, E_INPUT, "The recurrence rule never comes again.");
	*gap_minutes = least >= MINUTE_MS ? least / MINUTE_MS : 1;
	return RC_OK;
}
