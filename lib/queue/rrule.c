/*
 * rrule.c - recurrence rules of schedules, by libical. The only file of lib/sync that needs it.
 *
 * A rule runs in wall-clock time of its zone: 09:00 is 09:00 before and after the clocks change.
 * A local time that the spring change skips comes an hour later; one that autumn repeats comes
 * once.
 *
 * A rule counts from a fixed day, so that its rhythm does not depend on when it is asked.
 * libical walks period by period, without a bound for rules that hardly ever match. So of rules
 * by the day or less, which can only pick among days, the days are picked here; libical does the
 * rest, and is set down a whole number of intervals away, right before the next day that can
 * match.
 */
#include <libical/ical.h>
#include <stdlib.h>

#include "base/clock.h"
#include "queue/sched.h"

enum { STEPS_MAX = 100000, GAPS = 15, RULE_BYTES = 1000, DAYS_AHEAD = 5 * 366, GAP_MAX = 576000 };

struct rule {
	struct icalrecurrencetype days;  /* as written */
	struct icalrecurrencetype recur; /* what libical does of it */
	bool daily;                      /* by the day or less: days are picked here */
	struct icaltimetype start;       /* local */
	icaltimezone *zone;
};

static enum rc
rrule_bad(struct ctx *cx)
{
	return fail(cx, E_INPUT,
	    "The recurrence rule cannot be read. An example: "
	    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0");
}

static enum rc
zone_find(struct ctx *cx, const char *name, icaltimezone **out)
{
	*out = !name || !*name || !strcmp(name, "UTC") || !strcmp(name, "Etc/UTC")
	    ? icaltimezone_get_utc_timezone()
	    : icaltimezone_get_builtin_timezone(name);
	return *out ? RC_OK
		    : fail(cx, E_INPUT,
			  "There is no time zone \"%.60s\". Use a name like Europe/Berlin.", name);
}

/* Minutes of a local time, as if it were UTC: for arithmetic that knows no clock changes. */
static int64_t
local_minutes(struct icaltimetype t)
{
	t.zone = NULL;
	return (int64_t)icaltime_as_timet(t) / 60;
}

static struct icaltimetype
local_time(int64_t minutes)
{
	struct icaltimetype t = icaltime_from_timet_with_zone((time_t)(minutes * 60), 0, NULL);

	t.zone = NULL;
	return t;
}

static int64_t
to_ms(struct icaltimetype t, icaltimezone *zone)
{
	return (int64_t)icaltime_as_timet_with_zone(t, zone) * SECOND_MS;
}

/*
 * Reading.
 */

/* "DTSTART:20240101T090000", with ";TZID=Europe/Paris" or ";VALUE=DATE" before the colon. */
static enum rc
start_read(struct ctx *cx, struct str line, const char *zone_name, struct rule *r)
{
	struct str value, params = str_cut(line, ':', &value), param;
	const char *text = arena_dup_str(cx->a, str_trim(value));
	struct icaltimetype t = icaltime_from_string(text);

	if (icaltime_is_null_time(t) || !icaltime_is_valid_time(t) || t.year < 1971 ||
	    t.year > 2200)
		return fail(cx, E_INPUT,
		    "The start in the recurrence rule is no date and time, such as "
		    "20240101T090000.");
	for (params = (str_cut(params, ';', &param), param); params.p; params = param) {
		struct str p = str_cut(params, ';', &param);

		if (str_istarts(p, "TZID=") && (!zone_name || !*zone_name))
			TRY(zone_find(
			    cx, arena_dup_str(cx->a, (struct str){ p.p + 5, p.n - 5 }), &r->zone));
	}
	if (t.is_date) {
		t.is_date = 0;
		t.hour = t.minute = t.second = 0;
	} else if (icaltime_is_utc(t))
		t = icaltime_convert_to_zone(t, r->zone);
	t.zone = NULL;
	t.second = 0;
	r->start = t;
	return RC_OK;
}

static bool
rrule_given(const short *list)
{
	return list[0] != ICAL_RECURRENCE_ARRAY_MAX;
}

static bool
numbered_weekdays(const short *list)
{
	for (; *list != ICAL_RECURRENCE_ARRAY_MAX; list++)
		if (icalrecurrencetype_day_position(*list) != 0)
			return true;
	return false;
}

/* What RFC 5545 does not allow together; libical takes it and never ends. */
static bool
rrule_contradicts(const struct icalrecurrencetype *r)
{
	bool year = r->freq == ICAL_YEARLY_RECURRENCE;
	bool month = r->freq == ICAL_MONTHLY_RECURRENCE;
	bool week = r->freq == ICAL_WEEKLY_RECURRENCE;

	return (rrule_given(r->by_week_no) && !year) ||
	    (rrule_given(r->by_year_day) && (month || week)) ||
	    (rrule_given(r->by_month_day) && week) ||
	    (numbered_weekdays(r->by_day) && !year && !month);
}

static enum rc
recur_read(struct ctx *cx, struct str line, struct rule *out)
{
	struct icalrecurrencetype r;

	if (str_istarts(line, "RRULE:"))
		line = (struct str){ line.p + 6, line.n - 6 };
	icalerror_set_errors_are_fatal(0);
	r = icalrecurrencetype_from_string(arena_dup_str(cx->a, str_trim(line)));
	if (r.freq == ICAL_NO_RECURRENCE || rrule_contradicts(&r))
		return rrule_bad(cx);
	if (r.count > 0)
		return fail(
		    cx, E_INPUT, "A schedule has no COUNT: it goes on until it is switched off.");
	if (r.freq == ICAL_SECONDLY_RECURRENCE ||
	    (rrule_given(r.by_second) && rrule_given(r.by_second + 1)))
		return fail(cx, E_INPUT, "A schedule cannot run more often than once a minute.");
	out->days = out->recur = r;
	out->daily = r.freq == ICAL_DAILY_RECURRENCE || r.freq == ICAL_HOURLY_RECURRENCE ||
	    r.freq == ICAL_MINUTELY_RECURRENCE;
	if (out->daily)
		out->recur.by_month[0] = out->recur.by_month_day[0] = out->recur.by_year_day[0] =
		    out->recur.by_day[0] = ICAL_RECURRENCE_ARRAY_MAX;
	return RC_OK;
}

static enum rc
rule_read(struct ctx *cx, const char *text, const char *zone_name, struct rule *r)
{
	struct str line, rest = str_c(text);
	bool have = false, started = false;

	if (rest.n > RULE_BYTES)
		return fail(cx, E_INPUT, "The recurrence rule is too long.");
	TRY(zone_find(cx, zone_name, &r->zone));
	r->start = icaltime_from_string("20200101T000000");
	while (rest.p) {
		line = str_trim(str_cut(rest, '\n', &rest));
		if (line.n == 0)
			continue;
		if (str_istarts(line, "DTSTART")) {
			if (started)
				return rrule_bad(cx);
			started = true;
			TRY(start_read(cx, line, zone_name, r));
		} else {
			if (have)
				return rrule_bad(cx);
			have = true;
			TRY(recur_read(cx, line, r));
		}
	}
	return have ? RC_OK : rrule_bad(cx);
}

/*
 * Where to begin.
 */

/* Is v, or its count from the end, in a list of libical's? An empty list allows all. */
static bool
rrule_allows(const short *list, int v, int from_end)
{
	if (!rrule_given(list))
		return true;
	for (; *list != ICAL_RECURRENCE_ARRAY_MAX; list++)
		if (*list == v || *list == from_end)
			return true;
	return false;
}

static bool
allows_weekday(const short *list, int weekday)
{
	if (!rrule_given(list))
		return true;
	for (; *list != ICAL_RECURRENCE_ARRAY_MAX; list++)
		if (icalrecurrencetype_day_day_of_week(*list) ==
		    (enum icalrecurrencetype_weekday)weekday)
			return true;
	return false;
}

static bool
allows_day(const struct icalrecurrencetype *r, struct icaltimetype t)
{
	int in_month = icaltime_days_in_month(t.month, t.year);
	int in_year = icaltime_days_in_year(t.year);
	int day = icaltime_day_of_year(t);

	return rrule_allows(r->by_month, t.month, t.month) &&
	    rrule_allows(r->by_month_day, t.day, t.day - in_month - 1) &&
	    rrule_allows(r->by_year_day, day, day - in_year - 1) &&
	    allows_weekday(r->by_day, icaltime_day_of_week(t));
}

/* Length of one interval in minutes for rules whose periods are all as long, 0 for months and
 * years. */
static int64_t
interval_minutes(const struct icalrecurrencetype *r)
{
	switch (r->freq) {
	case ICAL_MINUTELY_RECURRENCE:
		return r->interval;
	case ICAL_HOURLY_RECURRENCE:
		return r->interval * INT64_C(60);
	case ICAL_DAILY_RECURRENCE:
		return r->interval * INT64_C(60) * 24;
	case ICAL_WEEKLY_RECURRENCE:
		return r->interval * INT64_C(60) * 24 * 7;
	default:
		return 0;
	}
}

/* The start nearest before a local time that is a whole number of intervals away from the rule's
 * own. */
static struct icaltimetype
start_before(const struct rule *r, struct icaltimetype day)
{
	int64_t interval = interval_minutes(&r->recur);
	int64_t start = local_minutes(r->start);
	int64_t to = local_minutes(day);

	return interval == 0 || to - interval <= start
	    ? r->start
	    : local_time(start + (to - interval - start) / interval * interval);
}

/* The first day from `day` on that the rule picks. False: none for years. */
static bool
day_find(const struct rule *r, struct icaltimetype *day)
{
	day->hour = day->minute = day->second = 0;
	for (int i = 0; r->daily && !allows_day(&r->days, *day); i++) {
		if (i == DAYS_AHEAD)
			return false;
		icaltime_adjust(day, 1, 0, 0, 0);
	}
	return true;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The times found so far, and the steps that took. */
struct walk {
	int64_t *at;
	size_t n, max;
	int steps;
};

/* Walks on from a day: adds the times of picked days until there are enough, or until a day that
 * is not picked is met: *day. False: no more. */
static bool
rrule_walk(const struct rule *r, struct icaltimetype *day, int64_t after, struct walk *w)
{
	icalrecur_iterator *it = icalrecur_iterator_new(r->recur, start_before(r, *day));
	bool more = false;

	while (it && w->n < w->max && ++w->steps < STEPS_MAX) {
		struct icaltimetype t = icalrecur_iterator_next(it);
		int64_t ms;

		if (icaltime_is_null_time(t))
			break;
		if (icaltime_compare(t, *day) < 0)
			continue;
		if (r->daily && !allows_day(&r->days, t)) {
			*day = t;
			more = day_find(r, day);
			break;
		}
		ms = to_ms(t, r->zone);
		if (ms > (w->n ? w->at[w->n - 1] : after))
			w->at[w->n++] = ms;
	}
	if (it)
		icalrecur_iterator_free(it);
	return more;
}

/* The next times after `after`, strictly rising. */
static enum rc
times_next(struct ctx *cx, const struct rule *r, int64_t after, int64_t *at, size_t max, size_t *n)
{
	struct icaltimetype day = icaltime_from_timet_with_zone(
	    (time_t)(after / SECOND_MS), 0, r->zone);
	struct walk w = { .at = at, .max = max };

	*n = 0;
	day.zone = NULL;
	icaltime_adjust(&day, -1, 0, 0, 0); /* local time may be set back over midnight */
	if (icaltime_compare(day, r->start) < 0)
		day = r->start;
	if (!day_find(r, &day))
		return fail(
		    cx, E_INPUT, "The recurrence rule does not come within the next five years.");
	while (rrule_walk(r, &day, after, &w))
		continue;
	*n = w.n;
	return *n ? RC_OK : fail(cx, E_INPUT, "The recurrence rule never comes again.");
}

enum rc
rrule_next(struct ctx *cx, const char *rrule, const char *zone, int64_t after, int64_t *next,
    int64_t *gap_minutes)
{
	int64_t at[GAPS + 1], gap[GAPS];
	struct rule r = { 0 };
	size_t n;

	*next = *gap_minutes = 0;
	TRY(rule_read(cx, rrule, zone, &r));
	TRY(times_next(cx, &r, after, at, GAPS + 1, &n));
	for (size_t i = 0; i + 1 < n; i++)
		gap[i] = (at[i + 1] - at[i]) / MINUTE_MS;
	*next = at[0];
	*gap_minutes = 24 * 60; /* of a rule that comes once more: any will do */
	if (n > 1) {
		qsort(gap, n - 1, sizeof *gap, by_size);
		*gap_minutes = gap[(n - 1) / 2];
	}
	if (*gap_minutes < 1)
		*gap_minutes = 1;
	if (*gap_minutes > GAP_MAX)
		*gap_minutes = GAP_MAX;
	return RC_OK;
}
