/*
 * ics.h - events as iCalendar has them (RFC 5545), for other programs to read. Pure.
 *
 * What comes once is written in UTC. A series is by the clock of its zone, which is written out
 * with its changes before it (3.6.5), once a calendar.
 */
#ifndef EVENT_ICS_H
#define EVENT_ICS_H

#include "base/buf.h"
#include "event/span.h"

enum { ICS_ZONES_MAX = 600 };

struct ics {
	struct buf *out;
	int64_t now;                      /* UTC seconds */
	const char *zones[ICS_ZONES_MAX]; /* written already; their names stay */
	size_t n_zones;
	struct arena *a; /* that keeps the names */
};

struct ics_event {
	const char *uid;
	const json *value;
	int64_t changed_at; /* UTC seconds */
};

void ics_begin(struct ics *);
/* brief: for what is needed in between. */
void ics_add(struct ics *, struct arena *brief, const struct ics_event *);
void ics_end(struct ics *);

#endif
