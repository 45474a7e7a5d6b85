/*
 * recur_read.c - the text of a recurrence rule. See recur.h.
 */
#include "base/civil.h"
#include "base/recur.h"

enum { INTERVAL_MAX = 1000000, COUNT_MAX = 1000000, WEEKDAY_MAX = 53 };

/* What has been read of a rule. */
struct rule_reading {
	struct recur *r;
	uint32_t seen; /* a bit for each part */
};

typedef bool part_fn(struct recur *, struct str value);

static bool
number(struct str s, int64_t min, int64_t max, int64_t *out)
{
	if (s.n > 1 && s.p[0] == '+')
		s = (struct str){ s.p + 1, s.n - 1 };
	return str_i64(s, min, max, out);
}

static bool
read_freq(struct recur *r, struct str value)
{
	static const char *const names[] = { "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY",
		"MONTHLY", "YEARLY" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_ieq(value, str_c(names[i]))) {
			r->unit = (enum recur_unit)i;
			return true;
		}
	return false;
}

static bool
read_interval(struct recur *r, struct str value)
{
	return number(value, 1, INTERVAL_MAX, &r->interval);
}

static bool
read_count(struct recur *r, struct str value)
{
	return number(value, 1, COUNT_MAX, &r->count);
}

bool
recur_time(struct str s, int64_t *at, bool *date, bool *utc)
{
	int64_t y, mo, d, h = 0, mi = 0, sec = 0;

	*date = s.n == 8;
	*utc = s.n == 16 && s.p[15] == 'Z';
	if ((!*date && s.n != 15 && !*utc) || memchr(s.p, '-', s.n) ||
	    !str_i64((struct str){ s.p, 4 }, 1, 9999, &y) ||
	    !str_i64((struct str){ s.p + 4, 2 }, 1, 12, &mo) ||
	    !str_i64((struct str){ s.p + 6, 2 }, 1, civil_month_days(y, (int)mo), &d))
		return false;
	if (!*date &&
	    (s.p[8] != 'T' || !str_i64((struct str){ s.p + 9, 2 }, 0, 23, &h) ||
		!str_i64((struct str){ s.p + 11, 2 }, 0, 59, &mi) ||
		!str_i64((struct str){ s.p + 13, 2 }, 0, 60, &sec)))
		return false;
	*at = civil_days(y, (int)mo, (int)d) * DAY_SECONDS + h * 3600 + mi * 60 +
	    (sec > 59 ? 59 : sec);
	return true;
}

static bool
read_until(struct recur *r, struct str value)
{
	bool date;

	r->ends = true;
	return recur_time(value, &r->until, &date, &r->ends_utc);
}

static bool
weekday(struct str s, int64_t *out)
{
	static const char *const names[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

	for (*out = 0; *out < 7; ++*out)
		if (str_ieq(s, str_c(names[*out])))
			return true;
	return false;
}

static bool
read_week_start(struct recur *r, struct str value)
{
	int64_t day;

	if (!weekday(value, &day))
		return false;
	r->week_start = (int)day;
	return true;
}

static bool
number_add(struct recur_list *l, int64_t n)
{
	if (l->n == RECUR_LIST_MAX)
		return false;
	l->v[l->n++] = (int16_t)n;
	return true;
}

static bool
read_weekdays(struct recur *r, struct str value)
{
	while (value.p) {
		struct str one = str_trim(str_cut(value, ',', &value));
		int64_t n = 0, day;

		if (one.n < 2 || !weekday((struct str){ one.p + one.n - 2, 2 }, &day))
			return false;
		one.n -= 2;
		if (one.n > 0 && (!number(one, -WEEKDAY_MAX, WEEKDAY_MAX, &n) || n == 0))
			return false;
		if (!number_add(&r->weekdays, n * 7 + day))
			return false;
	}
	return true;
}

/* Numbers from 1, or from the end when they are negative. */
static bool
read_numbers(struct str value, int64_t max, struct recur_list *out)
{
	while (value.p) {
		const struct str one = str_trim(str_cut(value, ',', &value));
		int64_t n;

		if (!number(one, -max, max, &n) || n == 0 || !number_add(out, n))
			return false;
	}
	return true;
}

static bool
read_bits(struct str value, int64_t min, int64_t max, uint64_t *out)
{
	*out = 0;
	while (value.p) {
		const struct str one = str_trim(str_cut(value, ',', &value));
		int64_t n;

		if (!number(one, min, max, &n))
			return false;
		*out |= UINT64_C(1) << n;
	}
	return true;
}

static bool
read_months(struct recur *r, struct str value)
{
	r->by_month = true;
	return read_bits(value, 1, 12, &r->months);
}

static bool
read_hours(struct recur *r, struct str value)
{
	return read_bits(value, 0, 23, &r->hours);
}

static bool
read_minutes(struct recur *r, struct str value)
{
	return read_bits(value, 0, 59, &r->minutes);
}

static bool
read_seconds(struct recur *r, struct str value)
{
	const bool ok = read_bits(value, 0, 60, &r->seconds);

	/* A leap second is the last of its minute. */
	if (r->seconds >> 60 & 1)
		r->seconds = (r->seconds | UINT64_C(1) << 59) & ~(UINT64_C(1) << 60);
	return ok;
}

static bool
read_month_days(struct recur *r, struct str value)
{
	return read_numbers(value, 31, &r->month_days);
}

static bool
read_year_days(struct recur *r, struct str value)
{
	return read_numbers(value, 366, &r->year_days);
}

static bool
read_weeks(struct recur *r, struct str value)
{
	return read_numbers(value, 53, &r->weeks);
}

static bool
read_positions(struct recur *r, struct str value)
{
	return read_numbers(value, 366, &r->positions);
}

static const struct {
	const char *name;
	part_fn *read;
} parts[] = {
	{ "FREQ", read_freq },
	{ "INTERVAL", read_interval },
	{ "COUNT", read_count },
	{ "UNTIL", read_until },
	{ "WKST", read_week_start },
	{ "BYMONTH", read_months },
	{ "BYWEEKNO", read_weeks },
	{ "BYYEARDAY", read_year_days },
	{ "BYMONTHDAY", read_month_days },
	{ "BYDAY", read_weekdays },
	{ "BYHOUR", read_hours },
	{ "BYMINUTE", read_minutes },
	{ "BYSECOND", read_seconds },
	{ "BYSETPOS", read_positions },
};

static bool
read_part(struct rule_reading *rd, struct str one)
{
	struct str value;
	const struct str name = str_trim(str_cut(one, '=', &value));

	if (!value.p)
		return name.n == 0; /* a semicolon too many */
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!str_ieq(name, str_c(parts[i].name)))
			continue;
		if (rd->seen >> i & 1)
			return false;
		rd->seen |= UINT32_C(1) << i;
		return parts[i].read(rd->r, str_trim(value));
	}
	return false;
}

/* What the standard does not allow together. */
static bool
contradicts(const struct recur *r)
{
	const bool year = r->unit == RECUR_YEAR, month = r->unit == RECUR_MONTH;
	const bool week = r->unit == RECUR_WEEK;
	bool numbered = false;

	for (int i = 0; i < r->weekdays.n; i++)
		numbered |= r->weekdays.v[i] < 0 || r->weekdays.v[i] > 6;
	return (r->weeks.n && !year) || (r->year_days.n && (month || week)) ||
	    (r->month_days.n && week) || (numbered && !year && !month) || (numbered && r->weeks.n);
}

/* The start says what the rule leaves out. */
static void
complete(struct recur *r)
{
	const int64_t second = (r->start % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS,
		      day = (r->start - second) / DAY_SECONDS;
	const bool days = r->weeks.n || r->year_days.n || r->month_days.n || r->weekdays.n;
	int year, month, month_day;

	civil_date(day, &year, &month, &month_day);
	if (!days && r->unit == RECUR_YEAR && !r->by_month)
		r->months = UINT64_C(1) << month;
	if (!days && (r->unit == RECUR_YEAR || r->unit == RECUR_MONTH))
		(void)number_add(&r->month_days, month_day);
	if (!days && r->unit == RECUR_WEEK)
		(void)number_add(&r->weekdays, ((day + 3) % 7 + 7) % 7);
	if (!r->months)
		r->months = 0x1ffe;
	if (!r->hours)
		r->hours = r->unit > RECUR_HOUR ? UINT64_C(1) << second / 3600 : 0xffffff;
	if (!r->minutes)
		r->minutes = r->unit > RECUR_MINUTE ? UINT64_C(1) << second / 60 % 60
						    : (UINT64_C(1) << 60) - 1;
	r->by_second = r->seconds != 0;
	if (!r->seconds)
		r->seconds = r->unit > RECUR_SECOND ? UINT64_C(1) << second % 60
						    : (UINT64_C(1) << 60) - 1;
}

bool
recur_read(struct str rule, int64_t start, struct recur *out)
{
	struct rule_reading rd = { .r = out };

	*out = (struct recur){ .start = start, .interval = 1 };
	for (rule = str_trim(rule); rule.p;)
		if (!read_part(&rd, str_cut(rule, ';', &rule)))
			return false;
	if (!(rd.seen & 1) || contradicts(out))
		return false;
	complete(out);
	recur_settle(out);
	return true;
}
