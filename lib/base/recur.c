/*
 * recur.c - see recur.h.
 */
#include "base/recur.h"

#include "base/civil.h"

enum { RECUR_FAR = 2 * DAY_SECONDS };
#define LAST INT64_C(253402300799) /* of the year 9999 */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
floor_mod(int64_t a, int64_t b)
{
	return a - floor_div(a, b) * b;
}

struct day {
	int64_t no;                                    /* days since 1970 */
	int year, month, month_day, year_day, weekday; /* weekday 0: Monday */
	int month_days, year_days;
};

static void
day_set(struct day *d, int64_t no)
{
	const int64_t since = no + 3; /* 1 January 1970 was a Thursday */

	d->no = no;
	civil_date(no, &d->year, &d->month, &d->month_day);
	d->weekday = (int)floor_mod(since, 7);
	d->month_days = civil_month_days(d->year, d->month);
	d->year_days = 337 + civil_month_days(d->year, 2);
	d->year_day = (int)(no - civil_days(d->year, 1, 1)) + 1;
}

/*
 * Periods: the days, weeks, months or years that an interval counts, by number.
 */

static int64_t
period_of(const struct recur *r, const struct day *d)
{
	switch (r->unit) {
	case RECUR_YEAR:
		return d->year;
	case RECUR_MONTH:
		return (int64_t)d->year * 12 + d->month - 1;
	case RECUR_WEEK:
		return floor_div(d->no + 3 - r->week_start, 7);
	default:
		return d->no;
	}
}

/* Its first day. */
static int64_t
period_begin(const struct recur *r, int64_t period)
{
	switch (r->unit) {
	case RECUR_YEAR:
		return civil_days(period, 1, 1);
	case RECUR_MONTH:
		return civil_days(floor_div(period, 12), (int)floor_mod(period, 12) + 1, 1);
	case RECUR_WEEK:
		return period * 7 - 3 + r->week_start;
	default:
		return period;
	}
}

static int64_t
unit_seconds(const struct recur *r)
{
	static const int64_t seconds[] = { 1, 60, 3600 };

	return r->unit < RECUR_DAY ? seconds[r->unit] : DAY_SECONDS;
}

/*
 * Days.
 */

static bool
list_has(const struct recur_list *l, int n, int from_end)
{
	for (int i = 0; i < l->n; i++)
		if (l->v[i] == n || l->v[i] == from_end)
			return true;
	return l->n == 0;
}

/* The first day of the first week of a year, which is the one that has its fourth of January. */
static int64_t
weeks_begin(const struct recur *r, int64_t year)
{
	const int64_t fourth = civil_days(year, 1, 4);

	return fourth - floor_mod(fourth + 3 - r->week_start, 7);
}

static bool
week_matches(const struct recur *r, const struct day *d)
{
	int64_t year = d->year, begin, next;

	if (r->weeks.n == 0)
		return true;
	if (d->no < weeks_begin(r, year))
		year--;
	else if (d->no >= weeks_begin(r, year + 1))
		year++;
	begin = weeks_begin(r, year);
	next = weeks_begin(r, year + 1);
	return list_has(
	    &r->weeks, (int)((d->no - begin) / 7) + 1, -(int)((next - 1 - d->no) / 7) - 1);
}

/* A number counts the weekdays of the month, or of the year. */
static bool
weekday_matches(const struct recur *r, const struct day *d)
{
	const bool month = r->unit == RECUR_MONTH || r->by_month;
	const int from = month ? d->month_day - 1 : d->year_day - 1;
	const int left = month ? d->month_days - d->month_day : d->year_days - d->year_day;

	for (int i = 0; i < r->weekdays.n; i++) {
		const int n = (int)floor_div(r->weekdays.v[i], 7);

		if (floor_mod(r->weekdays.v[i], 7) == d->weekday &&
		    (n == 0 || n == from / 7 + 1 || n == -(left / 7) - 1))
			return true;
	}
	return r->weekdays.n == 0;
}

static bool
day_matches(const struct recur *r, const struct day *d)
{
	return r->months >> d->month & 1 &&
	    list_has(&r->month_days, d->month_day, d->month_day - d->month_days - 1) &&
	    list_has(&r->year_days, d->year_day, d->year_day - d->year_days - 1) &&
	    weekday_matches(r, d) && week_matches(r, d);
}

/* The first day from d on that is worth a look. */
static int64_t
day_worth(const struct recur *r, const struct day *d)
{
	const int64_t period = period_of(r, d);
	const int64_t over = r->unit < RECUR_DAY ? 0 : floor_mod(period - r->first, r->interval);

	if (over)
		return period_begin(r, period + r->interval - over);
	if (!(r->months >> d->month & 1))
		return d->no + d->month_days - d->month_day + 1;
	return d->no;
}

/*
 * Times of the day.
 */

/* The first from `second` on that the hours, minutes and seconds allow; DAY_SECONDS: none. */
static int
time_allowed(const struct recur *r, int second)
{
	int h = second / 3600, m = second / 60 % 60, s = second % 60;

	for (; h < 24; h++, m = 0, s = 0)
		for (; r->hours >> h & 1 && m < 60; m++, s = 0)
			for (; r->minutes >> m & 1 && s < 60; s++)
				if (r->seconds >> s & 1)
					return h * 3600 + m * 60 + s;
	return DAY_SECONDS;
}

/* Is the hour, minute or second one that the interval meets? */
static bool
time_in_step(const struct recur *r, int64_t at)
{
	const int64_t unit = unit_seconds(r);

	return r->unit >= RECUR_DAY ||
	    floor_mod(floor_div(at, unit) - floor_div(r->start, unit), r->interval) == 0;
}

/* Not before the next hour, minute or second that it meets. */
static int64_t
time_aligned(const struct recur *r, int64_t from)
{
	const int64_t unit = unit_seconds(r);
	int64_t over;

	if (r->unit >= RECUR_DAY)
		return from;
	over = floor_mod(floor_div(from, unit) - floor_div(r->start, unit), r->interval);
	return over ? (floor_div(from, unit) + r->interval - over) * unit : from;
}

void
recur_settle(struct recur *r)
{
	int64_t a = r->interval, step = DAY_SECONDS / unit_seconds(r);
	struct day d;

	day_set(&d, floor_div(r->start, DAY_SECONDS));
	r->first = period_of(r, &d);
	if (r->unit >= RECUR_DAY)
		return;
	/* The hours, minutes or seconds of a day that the interval ever meets are those that differ
	 * from the start's by a multiple of what it has in common with the day. */
	while (a) {
		const int64_t rest = step % a;

		step = a;
		a = rest;
	}
	r->never = true;
	for (int s = time_allowed(r, 0); s < DAY_SECONDS && r->never; s = time_allowed(r, s + 1))
		r->never = floor_mod(s / unit_seconds(r) - floor_div(r->start, unit_seconds(r)),
			       step) != 0;
}

static int
bits(uint64_t mask)
{
	return __builtin_popcountll(mask);
}

static int
bits_below(uint64_t mask, int n)
{
	return bits(mask & ((UINT64_C(1) << n) - 1));
}

/*
 * BYSETPOS.
 */

/* How many of the period's days before d match, and in *all how many of them do. */
static int64_t
set_days(struct recur_walk *w, const struct day *d, int64_t *all)
{
	const struct recur *r = w->r;
	const int64_t period = period_of(r, d), first = period_begin(r, period);
	const int64_t next = period_begin(r, period + 1);
	const bool known = w->set_days > 0 && w->set_first == first;
	int64_t before = 0, n = 0;
	struct day one;

	for (int64_t no = first; no < (known ? d->no : next); no++) {
		day_set(&one, no);
		n += day_matches(r, &one);
		if (no < d->no)
			before = n;
	}
	if (!known) {
		w->set_first = first;
		w->set_days = n;
	}
	*all = w->set_days;
	return before;
}

static bool
set_has(struct recur_walk *w, const struct day *d, int second)
{
	const struct recur *r = w->r;
	const int h = second / 3600, m = second / 60 % 60, s = second % 60;
	const int64_t each = bits(r->seconds), per_hour = bits(r->minutes) * each;
	int64_t rank = bits_below(r->seconds, s), all = each, days;

	if (r->positions.n == 0)
		return true;
	if (r->unit == RECUR_SECOND) {
		rank = 0;
		all = 1;
	}
	if (r->unit >= RECUR_HOUR) {
		rank += bits_below(r->minutes, m) * each;
		all = per_hour;
	}
	if (r->unit >= RECUR_DAY) {
		const int64_t per_day = bits(r->hours) * per_hour;

		rank += bits_below(r->hours, h) * per_hour + set_days(w, d, &days) * per_day;
		all = days * per_day;
	}
	for (int i = 0; i < r->positions.n; i++)
		if (r->positions.v[i] == rank + 1 || r->positions.v[i] == rank - all)
			return true;
	return false;
}

/*
 * Walking.
 */

static bool
recur_find(struct recur_walk *w, int64_t end, int64_t *at)
{
	const struct recur *r = w->r;
	int64_t from = w->from, worth;
	struct day d;

	for (;; from = (d.no + 1) * DAY_SECONDS) {
		from = time_aligned(r, from);
		if (from > end)
			return false;
		day_set(&d, floor_div(from, DAY_SECONDS));
		worth = day_worth(r, &d);
		if (worth > d.no) {
			d.no = worth - 1;
			continue;
		}
		if (!day_matches(r, &d))
			continue;
		for (int s = time_allowed(r, (int)(from - d.no * DAY_SECONDS)); s < DAY_SECONDS;
		     s = time_allowed(r, s + 1)) {
			*at = d.no * DAY_SECONDS + s;
			if (*at > end)
				return false;
			if (time_in_step(r, *at) && set_has(w, &d, s))
				return true;
		}
	}
}

void
recur_begin(struct recur_walk *w, const struct recur *r, int64_t from)
{
	int64_t at;

	*w = (struct recur_walk){ .r = r, .from = r->start };
	if (from <= r->start)
		return;
	if (!r->count)
		w->from = from;
	while (r->count && recur_step(w, from - 1, &at))
		continue;
}

bool
recur_step(struct recur_walk *w, int64_t end, int64_t *at)
{
	const struct recur *r = w->r;

	if (r->ends && !r->ends_utc && end > r->until)
		end = r->until;
	if (end > LAST)
		end = LAST;
	if (r->never || (r->count && w->given == r->count))
		return false;
	if (!recur_find(w, end, at)) {
		w->from = w->from > end ? w->from : end + 1;
		return false;
	}
	w->from = *at + 1;
	w->given++;
	return true;
}

/* Does the clock not change for days around the moment? */
static bool
zone_is_calm(const struct zone *z, int64_t utc)
{
	return zone_next_change(z, utc - RECUR_FAR) > utc + RECUR_FAR;
}

bool
recur_after(const struct recur *r, const struct zone *z, int64_t after, int64_t end, int64_t *at)
{
	int64_t local = zone_to_local(z, after), utc;
	struct recur_walk w;
	bool found = false;

	if (r->ends && r->ends_utc && end > r->until)
		end = r->until;
	if (end > LAST)
		end = LAST;
	if (after >= end)
		return false;
	/* What is skipped comes together with what follows it, so order of local times is not
	 * that of moments. */
	recur_begin(&w, r, zone_is_calm(z, after) ? local + 1 : local - RECUR_FAR);
	while (recur_step(&w, end + RECUR_FAR, &local)) {
		utc = zone_to_utc(z, local);
		if (utc <= after || utc > end)
			continue;
		if (found && local > zone_to_local(z, *at) + RECUR_FAR)
			break;
		if (!found || utc < *at)
			*at = utc;
		found = true;
		if (zone_is_calm(z, utc))
			break;
	}
	return found;
}
