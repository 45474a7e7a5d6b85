/*
 * rrule.c - recurrence rules of schedules.
 *
 * A rule runs in wall-clock time of its zone: 09:00 is 09:00 before and after the clocks change. A
 * local time that the spring change skips comes an hour later; one that autumn repeats comes once,
 * the first time. A rule counts from a fixed day, so that its rhythm does not depend on when it is
 * asked.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/recur.h"
#include "base/zone_name.h"
#include "queue/sched.h"

enum { GAPS = 15, RULE_BYTES = 1000, GAP_MAX = 576000, YEARS_AHEAD = 50 };
/* A Wednesday, the first of January 2020; starts of one's own lie between 1971 and 2200. */
#define START_DEFAULT INT64_C(1577836800)
#define START_MIN INT64_C(31536000)
#define START_MAX INT64_C(7289654399)

static enum rc
rrule_bad(struct ctx *cx)
{
	return fail(cx, E_INPUT,
	    "The recurrence rule cannot be read. An example: "
	    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0");
}

static enum rc
zone_find(struct ctx *cx, struct str name, const struct zone **out)
{
	*out = name.n == 0 ? &zone_utc : zone_system(cx->a, name);
	return *out
	    ? RC_OK
	    : fail(cx, E_INPUT, "There is no time zone \"%.*s\". Use a name like Europe/Berlin.",
		  (int)str_utf8_cut(name, 60).n, name.p);
}

/* A rule with what stands around it. */
struct rule {
	const struct zone *zone;
	bool zone_given, started;
	int64_t start;
	struct str recur; /* p NULL: none yet */
};

/* "DTSTART:20240101T090000", with ";TZID=Europe/Paris" or ";VALUE=DATE" before the colon. */
static enum rc
start_read(struct ctx *cx, struct str line, struct rule *r)
{
	struct str value, params = str_cut(line, ':', &value), one;
	bool date, utc;

	if (!value.p || !recur_time(str_trim(value), &r->start, &date, &utc) ||
	    r->start < START_MIN || r->start > START_MAX)
		return fail(cx, E_INPUT,
		    "The start in the recurrence rule is no date and time, such as "
		    "20240101T090000.");
	while (params.p) {
		one = str_cut(params, ';', &params);
		if (str_istarts(one, "TZID=") && !r->zone_given)
			TRY(zone_find(cx, (struct str){ one.p + 5, one.n - 5 }, &r->zone));
	}
	if (utc)
		r->start = zone_to_local(r->zone, r->start);
	r->start -= r->start % 60;
	r->started = true;
	return RC_OK;
}

static enum rc
recur_check(struct ctx *cx, const struct recur *r)
{
	if (r->count > 0)
		return fail(
		    cx, E_INPUT, "A schedule has no COUNT: it goes on until it is switched off.");
	if (r->unit == RECUR_SECOND || (r->seconds & (r->seconds - 1)))
		return fail(cx, E_INPUT, "A schedule cannot run more often than once a minute.");
	return RC_OK;
}

static enum rc
rule_read(struct ctx *cx, const char *text, const char *zone, struct rule *rule, struct recur *out)
{
	struct str rest = str_c(text), line;

	*rule = (struct rule){ .start = START_DEFAULT, .zone_given = zone && *zone };
	if (rest.n > RULE_BYTES)
		return fail(cx, E_INPUT, "The recurrence rule is too long.");
	TRY(zone_find(cx, str_c(zone), &rule->zone));
	while (rest.p) {
		line = str_trim(str_cut(rest, '\n', &rest));
		if (line.n == 0)
			continue;
		if (str_istarts(line, "DTSTART") ? rule->started : rule->recur.p != NULL)
			return rrule_bad(cx);
		if (str_istarts(line, "DTSTART"))
			TRY(start_read(cx, line, rule));
		else
			rule->recur = str_istarts(line, "RRULE:")
			    ? (struct str){ line.p + 6, line.n - 6 }
			    : line;
	}
	if (!rule->recur.p || !recur_read(rule->recur, rule->start, out))
		return rrule_bad(cx);
	return recur_check(cx, out);
}

static int
by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

enum rc
rrule_next(struct ctx *cx, const char *rrule, const char *zone, int64_t after, int64_t *next,
    int64_t *gap_minutes)
{
	int64_t at[GAPS + 1], gap[GAPS], from = after / SECOND_MS;
	const int64_t end = from + YEARS_AHEAD * 366 * (DAY_MS / SECOND_MS);
	struct recur recur;
	struct rule rule;
	size_t n = 0;

	*next = *gap_minutes = 0;
	TRY(rule_read(cx, rrule, zone, &rule, &recur));
	while (n < GAPS + 1 && recur_after(&recur, rule.zone, from, end, &at[n]))
		from = at[n++];
	if (n == 0)
		return fail(cx, E_INPUT, "The recurrence rule never comes again.");
	for (size_t i = 0; i + 1 < n; i++)
		gap[i] = (at[i + 1] - at[i]) / 60;
	*next = at[0] * SECOND_MS;
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
