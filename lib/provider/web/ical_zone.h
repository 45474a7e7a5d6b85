/*
 * ical_zone.h - the time zones of a calendar: those that it defines (VTIMEZONE), and the system's
 * by the names that programs give them.
 *
 * A definition goes before the system's zone of the same name, for the time of which it says
 * something. Many programs define the changes of one year only; before and after these the
 * system's zone is asked, if the name is one that it knows, or X-LIC-LOCATION. Names are the same
 * whatever their case and the blanks around them.
 */
#ifndef PROVIDER_WEB_ICAL_ZONE_H
#define PROVIDER_WEB_ICAL_ZONE_H

#include "base/zone.h"

struct ical_zone {
	const char *name;
	const struct zone *zone; /* NULL: unknown */
	bool defined;            /* the calendar defines it; with zone NULL, not so that it could be
				  * understood */
	int64_t known_until;     /* moments from then on are read with the last offset that it has,
				  * for nobody knows another; INT64_MAX: no such */
};

struct ical_zones;
struct ical_zones *ical_zones_new(struct arena *);
/* text: a VTIMEZONE. False when it cannot be used: the system's zone of its name is taken then. */
bool ical_zones_add(struct ical_zones *, struct str text);
/* By TZID; never NULL. */
const struct ical_zone *ical_zones_find(struct ical_zones *, struct str tzid);

#endif
