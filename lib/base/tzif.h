/*
 * tzif.h - the tables of the system's time zones: a TZif file (RFC 9636) has the changes of a
 * zone's clock so far, and the rule for the years to come as POSIX writes it into TZ.
 */
#ifndef BASE_TZIF_H
#define BASE_TZIF_H

#include "base/arena.h"

/* From `at` on (seconds since 1970, UTC), the clock is `offset` seconds ahead of UTC. */
struct tz_change {
	int64_t at;
	int32_t offset;
};

/* The day of a year on which the clock changes, and the second of that day. */
struct tz_day {
	char how; /* M: week, month, day of the week; J: 1 to 365 without 29 February; 0: 0 to 365
		   */
	int month, week, day;
	int32_t second; /* may lie outside the day */
};

/* "CET-1CEST,M3.5.0,M10.5.0/3" */
struct tz_rule {
	int32_t standard, summer;
	bool changes; /* there is a summer time */
	struct tz_day begin, end;
};

struct tz_table {
	const struct tz_change *v; /* sorted by time */
	size_t n;
	int32_t before; /* the first change */
	bool ruled;     /* from the last change on, by the rule */
	struct tz_rule rule;
};

/* The bytes of a file. False: it is none, or one that counts leap seconds. */
bool tzif_read(struct arena *, struct str bytes, struct tz_table *out);
bool tz_rule_read(struct str text, struct tz_rule *out);
/* The offset at a moment, and when it changes next (INT64_MAX: never). */
int32_t tz_rule_span(const struct tz_rule *, int64_t utc, int64_t *next);

#endif
