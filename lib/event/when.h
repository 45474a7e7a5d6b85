/*
 * when.h - the times of events: a day, a moment by the clock of a zone, or a time of the clock
 * wherever one is (floating).
 *
 * Written as "2026-10-05", "2026-10-05T10:00:00+02:00" (or Z) and "2026-10-05T10:00:00".
 */
#ifndef EVENT_WHEN_H
#define EVENT_WHEN_H

#include "base/zone.h"

enum when_kind { WHEN_DAY, WHEN_MOMENT, WHEN_FLOATING };

struct when {
	enum when_kind kind;
	int64_t local; /* seconds; what the clock shows, as if it were UTC; of a day its midnight */
	int64_t utc;   /* of a day and of a floating time the same as local */
	const struct zone *zone; /* of a moment */
};

/* From 0001 to 9999. A time without an offset is one of the zone's, or floating where zone is NULL.
 * One with an offset is told in the zone; zone NULL: in UTC. False: it is none. */
bool when_read(struct str text, const struct zone *zone, struct when *out);
const char *when_text(struct arena *, const struct when *);
/* Is its year one of 0001 to 9999 wherever on earth it is told? A day is told alike everywhere. */
bool when_fits(const struct when *);
/* The same kind of time so many seconds later by the clock. */
struct when when_later(const struct when *, int64_t seconds);
/* The time of day that the clock shows, in seconds. */
int64_t when_of_day(const struct when *);
/* By its moment; a day or a floating time by the clock of `zone`. */
int64_t when_utc(const struct when *, const struct zone *zone);

/* A place in a series, as it is named: "20261005", "20261005T080000Z", floating without the Z. */
const char *when_slot(struct arena *, const struct when *);
/* "5 Oct 2026, 10:00" by its own clock. */
const char *when_words(struct arena *, const struct when *);
/* The time of such a name, or of the longer form, in a series of that kind and zone. */
bool when_slot_read(struct str text, const struct when *like, struct when *out);

#endif
