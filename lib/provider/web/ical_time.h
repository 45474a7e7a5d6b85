/*
 * ical_time.h - times of events: dates, local times with their zone, UTC. With ical_time.c the
 * only user of libical in this directory.
 *
 * A zone that the file defines (VTIMEZONE) goes before the system's zone of the same name. A
 * local time that a change of the clock skips is read with the offset before the change, one
 * that comes twice is the first of the two (RFC 5545, 3.3.5).
 */
#ifndef PROVIDER_WEB_ICAL_TIME_H
#define PROVIDER_WEB_ICAL_TIME_H

#include "base/buf.h"
#include "base/err.h"

struct ical_zones;
struct ical_zone;

struct ical_zones *ical_zones_new(struct arena *);
/* text: a VTIMEZONE. False when it cannot be used; it is then as if it were not there. */
bool ical_zones_add(struct ical_zones *, struct str text);
/* By TZID; NULL: unknown. Names with a path before them ("/example.org/Europe/Paris") are
 * understood. */
const struct ical_zone *ical_zones_find(struct ical_zones *, struct str tzid);

enum ical_clock { ICAL_DATE, ICAL_FLOATING, ICAL_UTC, ICAL_ZONED };

struct ical_when {
	enum ical_clock clock;
	int64_t local;                /* seconds since 1970 as if the clock showed UTC */
	const struct ical_zone *zone; /* ICAL_ZONED; NULL: unknown */
	bool exact;                   /* utc is known: the second of two equal local times */
	int64_t utc;
};

/* A DATE or DATE-TIME value. named: it has a TZID, zone is what that means. */
bool
ical_when_parse(struct str value, bool named, const struct ical_zone *zone, struct ical_when *out);
/* Seconds since 1970 in UTC; false for dates, floating times and unknown zones. */
bool ical_when_utc(const struct ical_when *, int64_t *utc);
/* Later by a DURATION: days and weeks by the calendar, the rest by the clock. False when it is
 * none. */
bool ical_when_add(const struct ical_when *, struct str duration, struct ical_when *out);
/* "2026-03-29", "2026-03-29T10:00:00", and with Z for ICAL_UTC. */
void ical_when_text(const struct ical_when *, struct buf *out);
void ical_utc_text(int64_t utc, struct buf *out);

#endif
