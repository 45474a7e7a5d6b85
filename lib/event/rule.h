/*
 * rule.h - recurrence rules as people think of them: every so often, on these days, until then.
 * Rules that are more than that stay as they are written (RFC 5545). Pure.
 */
#ifndef EVENT_RULE_H
#define EVENT_RULE_H

#include "event/span.h"

enum rule_every { RULE_DAY, RULE_WEEK, RULE_MONTH, RULE_YEAR };
/* Of a month's or year's rule: the same date, the same weekday counted from the month's beginning
 * ("the second Tuesday"), or its last one. */
enum rule_by { RULE_BY_DATE, RULE_BY_WEEKDAY, RULE_BY_LAST };

struct rule {
	enum rule_every every;
	enum rule_by by;
	int64_t interval;
	unsigned days;    /* RULE_WEEK: a bit for each, from Monday; 0: that of the start */
	int64_t last_day; /* the last day that it may come on, by the series' clock: see `ends` */
	int64_t count;    /* 0: it does not end by number */
	bool ends;        /* by last_day, days since 1970 */
};

enum { RULE_INTERVAL_MAX = 999, RULE_COUNT_MAX = 5000 };

/* False: it is more than that, or no RRULE line at all. */
bool rule_read(const char *line, const struct when *start, struct rule *out);
/* "RRULE:FREQ=WEEKLY;BYDAY=MO,TH" */
const char *rule_line(struct arena *, const struct rule *, const struct when *start);
/* "Every 2 weeks on Monday and Thursday, until 5 December 2026" */
const char *rule_words(struct arena *, const struct rule *, const struct when *start);

/* 0 is Monday. */
int rule_weekday(int64_t day);
const char *rule_day_name(int weekday); /* "Monday" */
const char *rule_month_name(int month); /* "January", of 1 */
/* "the second Tuesday", "the last Tuesday" of the month, by the day of the start. */
const char *rule_nth(struct arena *, const struct when *start, bool last);

#endif
