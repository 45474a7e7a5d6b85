/*
 * ical_time.h - times of events: dates, local times with their zone, UTC.
 *
 * A local time that a change of the clock skips is read with the offset before the change, one
 * that comes twice is the first of the two (RFC 5545, 3.3.5).
 */
#ifndef PROVIDER_WEB_ICAL_TIME_H
#define PROVIDER_WEB_ICAL_TIME_H

#include "base/buf.h"
#include "provider/web/ical_zone.h"

enum ical_clock { ICAL_DATE, ICAL_FLOATING, ICAL_UTC, ICAL_ZONED };

struct ical_when {
	enum ical_clock clock;
	int64_t local; /* seconds since 1970 as if the clock showed UTC */
	/* Of a zoned time, NULL: unknown. Of a floating one the calendar's own, if it has one. */
	const struct zone *zone;
	bool exact; /* utc is known: the second of two equal local times */
	int64_t utc;
};

/* A DATE or DATE-TIME value. named: it has a TZID; zone is what that means, or where floating times
 * are at home. */
bool ical_when_parse(struct str value, bool named, const struct zone *zone, struct ical_when *out);
/* Seconds since 1970 in UTC; false for dates, and for times whose zone is not known. */
bool ical_when_utc(const struct ical_when *, int64_t *utc);
/* Later by a DURATION: days and weeks by the calendar, the rest by the clock. False when it is
 * none. */
bool ical_when_add(const struct ical_when *, struct str duration, struct ical_when *out);
/* "2026-03-29", "2026-03-29T10:00:00", and with Z for ICAL_UTC. */
void ical_when_text(const struct ical_when *, struct buf *out);
void ical_utc_text(int64_t utc, struct buf *out);

#endif
