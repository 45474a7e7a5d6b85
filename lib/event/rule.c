/*
 * rule.c - see rule.h.
 */
#include "event/rule.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/recur.h"

enum { WEEK = 7, LINE_MAX_BYTES = 400 };

static const char *const rule_days[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
static const struct {
	const char *freq, *unit;
} rule_units[] = {
	[RULE_DAY] = { "DAILY", "day" },
	[RULE_WEEK] = { "WEEKLY", "week" },
	[RULE_MONTH] = { "MONTHLY", "month" },
	[RULE_YEAR] = { "YEARLY", "year" },
};

static int64_t
rule_day_of(const struct when *w)
{
	int64_t days = w->local / DAY_SECONDS;

	return w->local % DAY_SECONDS < 0 ? days - 1 : days;
}

int
rule_weekday(int64_t day)
{
	return (int)(((day + 3) % WEEK + WEEK) % WEEK); /* 1970 began on a Thursday */
}

const char *
rule_day_name(int weekday)
{
	static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday", "Sunday" };

	return names[weekday];
}

const char *
rule_month_name(int month)
{
	static const char *const names[] = { "January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December" };

	return names[month - 1];
}

/* Which of its weekdays in its month, from 1. */
static int
rule_nth_of(int64_t day)
{
	int y, m, d;

	civil_date(day, &y, &m, &d);
	return (d - 1) / WEEK + 1;
}

const char *
rule_nth(struct arena *a, const struct when *start, bool last)
{
	static const char *const words[] = { "first", "second", "third", "fourth", "fifth" };
	const int64_t day = rule_day_of(start);

	return arena_printf(a, "the %s %s", last ? "last" : words[rule_nth_of(day) - 1],
	    rule_day_name(rule_weekday(day)));
}

/*
 * Reading.
 */
static int
rule_day_read(struct str word)
{
	for (int i = 0; i < WEEK; i++)
		if (str_ieq(word, str_c(rule_days[i])))
			return i;
	return -1;
}

/* "MO,TH", or of a month "2TU" and "-1TU", which must be the start's. */
static bool
rule_by_day(struct str value, const struct when *start, struct rule *out)
{
	const int64_t day = rule_day_of(start);
	int64_t nth;
	int which;

	if (out->every == RULE_WEEK) {
		while (value.p) {
			which = rule_day_read(str_cut(value, ',', &value));
			if (which < 0)
				return false;
			out->days |= 1u << which;
		}
		return true;
	}
	if (out->every != RULE_MONTH || value.n < 3 ||
	    !str_i64((struct str){ value.p, value.n - 2 }, -1, 5, &nth))
		return false;
	which = rule_day_read((struct str){ value.p + value.n - 2, 2 });
	out->by = nth == -1 ? RULE_BY_LAST : RULE_BY_WEEKDAY;
	return which == rule_weekday(day) && (nth == -1 || nth == rule_nth_of(day));
}

/* The last day on which it can begin: an end that comes before the hour of the start, as it has a
 * series that was split, is none for its own day. */
static bool
rule_until(struct str value, const struct when *start, struct rule *out)
{
	bool date, utc;
	struct when at = { .kind = WHEN_FLOATING };

	if (!recur_time(value, &at.local, &date, &utc))
		return false;
	if (utc && start->kind == WHEN_MOMENT)
		at.local = zone_to_local(start->zone, at.local);
	out->ends = true;
	out->last_day = rule_day_of(&at);
	if (!date && when_of_day(&at) < when_of_day(start))
		out->last_day--;
	return true;
}

/* A part that says no more than the start does. */
static bool
rule_says_nothing(struct str name, struct str value, const struct when *start, struct rule *out)
{
	int y, m, d;
	int64_t n;

	civil_date(rule_day_of(start), &y, &m, &d);
	if (str_ieq(name, STR("WKST")))
		return str_ieq(value, STR("MO")) || out->interval == 1 || out->every != RULE_WEEK;
	if (str_ieq(name, STR("BYMONTHDAY")))
		return out->every >= RULE_MONTH && str_i64(value, 1, 31, &n) && n == d;
	if (str_ieq(name, STR("BYMONTH")))
		return out->every == RULE_YEAR && str_i64(value, 1, 12, &n) && n == m;
	return false;
}

static bool
rule_part(struct str name, struct str value, const struct when *start, struct rule *out)
{
	if (str_ieq(name, STR("FREQ")) || str_ieq(name, STR("INTERVAL")))
		return true;
	if (str_ieq(name, STR("COUNT")))
		return str_i64(value, 1, RULE_COUNT_MAX, &out->count);
	if (str_ieq(name, STR("UNTIL")))
		return rule_until(value, start, out);
	if (str_ieq(name, STR("BYDAY")))
		return rule_by_day(value, start, out);
	return rule_says_nothing(name, value, start, out);
}

/* What the other parts are read by. */
static bool
rule_first(struct str rest, struct rule *out)
{
	bool found = false;

	out->interval = 1;
	while (rest.p) {
		struct str value, name = str_cut(str_cut(rest, ';', &rest), '=', &value);

		for (size_t i = 0; i < sizeof rule_units / sizeof *rule_units; i++)
			if (str_ieq(name, STR("FREQ")) &&
			    str_ieq(value, str_c(rule_units[i].freq))) {
				out->every = (enum rule_every)i;
				found = true;
			}
		if (str_ieq(name, STR("INTERVAL")) &&
		    !str_i64(value, 1, RULE_INTERVAL_MAX, &out->interval))
			return false;
	}
	return found;
}

bool
rule_read(const char *line, const struct when *start, struct rule *out)
{
	struct str rest, head = str_cut(str_c(line), ':', &rest);

	*out = (struct rule){ .interval = 1 };
	if (!str_ieq(head, STR("RRULE")) || !rest.p || !rule_first(rest, out))
		return false;
	while (rest.p) {
		struct str value, part = str_cut(rest, ';', &rest);
		struct str name = str_cut(part, '=', &value);

		if (!value.p || !rule_part(name, value, start, out))
			return false;
	}
	if (out->every == RULE_WEEK && out->days == 1u << rule_weekday(rule_day_of(start)))
		out->days = 0;
	return !(out->ends && out->count);
}

/*
 * Writing.
 */
static void
rule_add_days(struct buf *b, const struct rule *r, const struct when *start)
{
	const int64_t day = rule_day_of(start);
	char between = '=';

	if (r->every == RULE_WEEK && r->days) {
		buf_str(b, ";BYDAY");
		for (int i = 0; i < WEEK; i++)
			if (r->days & 1u << i) {
				buf_printf(b, "%c%s", between, rule_days[i]);
				between = ',';
			}
	}
	if (r->every == RULE_MONTH && r->by != RULE_BY_DATE)
		buf_printf(b, ";BYDAY=%d%s", r->by == RULE_BY_LAST ? -1 : rule_nth_of(day),
		    rule_days[rule_weekday(day)]);
}

/* The last day to its end. */
static const char *
rule_end(struct arena *a, const struct rule *r, const struct when *start)
{
	const int64_t end = r->last_day * DAY_SECONDS +
	    (start->kind == WHEN_DAY ? 0 : DAY_SECONDS - 1);
	const struct when last = when_later(start, end - start->local);

	return when_slot(a, &last);
}

const char *
rule_line(struct arena *a, const struct rule *r, const struct when *start)
{
	struct buf *b = buf_in(a, LINE_MAX_BYTES);

	buf_printf(b, "RRULE:FREQ=%s", rule_units[r->every].freq);
	if (r->interval > 1)
		buf_printf(b, ";INTERVAL=%lld", (long long)r->interval);
	rule_add_days(b, r, start);
	if (r->count)
		buf_printf(b, ";COUNT=%lld", (long long)r->count);
	if (r->ends)
		buf_printf(b, ";UNTIL=%s", rule_end(a, r, start));
	return buf_c(b);
}

/*
 * In words.
 */
static void
words_days(struct buf *b, unsigned days)
{
	enum { WORKDAYS = 0x1f };
	int n = 0, left = 0;

	if (days == WORKDAYS) {
		buf_str(b, " on working days");
		return;
	}
	for (int i = 0; i < WEEK; i++)
		left += (days & 1u << i) != 0;
	for (int i = 0; i < WEEK; i++) {
		const char *between = n ? ", " : " on ";

		if (!(days & 1u << i))
			continue;
		if (n && n == left - 1)
			between = " and ";
		buf_printf(b, "%s%s", between, rule_day_name(i));
		n++;
	}
}

static void
words_on(struct arena *a, struct buf *b, const struct rule *r, const struct when *start)
{
	const int64_t day = rule_day_of(start);
	int y, m, d;

	civil_date(day, &y, &m, &d);
	if (r->every == RULE_WEEK)
		words_days(b, r->days ? r->days : 1u << rule_weekday(day));
	if (r->every == RULE_YEAR)
		buf_printf(b, " on %d %s", d, rule_month_name(m));
	if (r->every != RULE_MONTH)
		return;
	if (r->by == RULE_BY_DATE)
		buf_printf(b, " on day %d", d);
	else
		buf_printf(b, " on %s", rule_nth(a, start, r->by == RULE_BY_LAST));
}

const char *
rule_words(struct arena *a, const struct rule *r, const struct when *start)
{
	const char *unit = rule_units[r->every].unit;
	struct buf *b = buf_in(a, LINE_MAX_BYTES);
	int y, m, d;

	if (r->interval == 1)
		buf_printf(b, "Every %s", unit);
	else
		buf_printf(b, "Every %lld %ss", (long long)r->interval, unit);
	words_on(a, b, r, start);
	if (r->count)
		buf_printf(b, ", %lld %s", (long long)r->count, r->count == 1 ? "time" : "times");
	if (r->ends) {
		civil_date(r->last_day, &y, &m, &d);
		buf_printf(b, ", until %d %s %d", d, rule_month_name(m), y);
	}
	return buf_c(b);
}
