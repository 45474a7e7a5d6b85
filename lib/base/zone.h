/*
 * zone.h - time zones: what a clock on the wall shows at a moment, and back.
 *
 * Those of the system are found by name (zone_name.h); a calendar may define one by its changes.
 *
 * Moments are seconds since 1970: `utc`, or `local`, which is what the clock shows, read as if it
 * were UTC. A local time that a change skips is read with the offset before the change; one that
 * comes twice is the first of the two (RFC 5545, 3.3.5).
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/tzif.h"

struct zone;
extern const struct zone zone_utc;

/* A zone by its changes, kept by reference. Where a definition has nothing to say (before its first
 * change and, unless it is `open`, from its last one on), `beyond` is asked, if there is one. */
struct zone_made {
	struct tz_table table;
	bool open;
	const struct zone *beyond;
};
const struct zone *zone_make(struct arena *, const struct zone_made *);

int64_t zone_offset(const struct zone *, int64_t utc); /* seconds, positive in the east */
int64_t zone_to_utc(const struct zone *, int64_t local);
int64_t zone_to_local(const struct zone *, int64_t utc);
/* When the offset may change next, after a moment; INT64_MAX: never. */
int64_t zone_next_change(const struct zone *, int64_t utc);

#endif
