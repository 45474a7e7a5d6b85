/*
 * recur.h - recurrence rules (RFC 5545, 3.3.10): when something comes again.
 *
 * A rule is a test that a local time passes or not, and what comes is found by looking day by day:
 * there is nothing to walk through from the start, and rules that hardly ever match cost little.
 * Local times are seconds since 1970 as if the clock showed UTC (zone.h).
 *
 * Where the standard leaves it open, as python-dateutil has it: a year's rule by BYWEEKNO alone
 * means all days of these weeks. What it forbids is refused: BYMONTHDAY by the week, BYYEARDAY by
 * the month or week, BYWEEKNO other than by the year, numbered weekdays other than by month or
 * year or with BYWEEKNO.
 */
#ifndef BASE_RECUR_H
#define BASE_RECUR_H

#include "base/zone.h"

enum recur_unit {
	RECUR_SECOND,
	RECUR_MINUTE,
	RECUR_HOUR,
	RECUR_DAY,
	RECUR_WEEK,
	RECUR_MONTH,
	RECUR_YEAR
};

enum { RECUR_LIST_MAX = 400 };

struct recur_list {
	int16_t v[RECUR_LIST_MAX];
	int n;
};

/* A rule as it is read; the members are recur.c's, and for who asks what was given. */
struct recur {
	enum recur_unit unit;
	int64_t start, interval;
	int64_t first;       /* the number of the day, week, month or year that it starts in */
	int64_t count;       /* 0: without end */
	bool ends, ends_utc; /* UNTIL was given, as UTC */
	int64_t until;       /* the last moment that counts: local, or UTC */
	int week_start;      /* 0: Monday */
	/* A bit for each that is allowed. */
	uint64_t months, hours, minutes, seconds;
	bool by_month, by_second;
	/* By number, from the end when negative; weekdays: 7 * number + day, number 0: each. */
	struct recur_list month_days, year_days, weeks, weekdays, positions;
	bool never; /* the interval and the times of the day do not meet */
};

/* From the start, which is local, to the second; it says what the rule leaves out. False: the rule
 * is none. A leading "RRULE:" is not part of it. */
bool recur_read(struct str rule, int64_t start, struct recur *out);
/* A value of the types DATE and DATE-TIME, "20260329" and "20260329T023000" with or without Z. */
bool recur_time(struct str, int64_t *at, bool *date, bool *utc);
void recur_settle(struct recur *); /* for recur_read() */

/* The times of a rule one after the other. */
struct recur_walk {
	const struct recur *r;
	int64_t from, given;
	int64_t set_first,
	    set_days; /* of BYSETPOS: the period looked at, and its days that match */
};
/* At or after `from`; rules with COUNT are counted through from their start. */
void recur_begin(struct recur_walk *, const struct recur *, int64_t from);
/* The next time, *at. False: none up to `end`, or after looking very long. UNTIL in UTC is left to
 * the caller. */
bool recur_step(struct recur_walk *, int64_t end, int64_t *at);

/* The first moment after `after`, both in UTC, at which a rule comes by the clock of a zone. False:
 * there is none up to `end`. */
bool
recur_after(const struct recur *, const struct zone *, int64_t after, int64_t end, int64_t *at);

#endif
