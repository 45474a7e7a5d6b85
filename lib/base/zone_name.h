/*
 * zone_name.h - time zones by name, from the system's own tables (/usr/share/zoneinfo, of the
 * package tzdata), to the second and for every year.
 */
#ifndef BASE_ZONE_NAME_H
#define BASE_ZONE_NAME_H

#include "base/zone.h"

/* By its exact name, such as Europe/Berlin; NULL: the system has no such zone. The arena's, or the
 * process'. */
const struct zone *zone_system(struct arena *, struct str name);
/* By what calendars call it: the system's name in any case and with blanks, also behind a path
 * ("/example.org/2005/Europe/Paris"); the names of Windows and what Windows shows for them
 * ("(UTC-05:00) Eastern Time (US & Canada)"); an offset ("GMT+05:30"). NULL: unknown. */
const struct zone *zone_named(struct arena *, struct str name);

#endif
