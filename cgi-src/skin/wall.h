/*
 * wall.h - the clock on a person's wall: by which time zone pages show times, and how they word
 * days and times.
 *
 * The zone is the one that the person chose, or else the browser's own, which the script tells in
 * a cookie, or else UTC. Days are counted from 1970, local times in seconds as zone.h has them.
 */
#ifndef SKIN_WALL_H
#define SKIN_WALL_H

#include "event/span.h"
#include "web/req.h"

enum wall_by { WALL_UNKNOWN, WALL_BROWSER, WALL_CHOSEN };

struct wall {
	const char *name; /* of the zone */
	const struct zone *zone;
	enum wall_by by;
	int64_t now;   /* UTC seconds */
	int64_t today; /* a day */
};

void wall_of(struct req *, struct wall *);
/* Keeps the choice; "": the browser's zone again. E_INPUT, said of `zone`: there is none such. */
MUST enum rc wall_choose(struct req *, struct resp *, const char *name);

/* The moment at which the day begins. */
int64_t wall_midnight(const struct wall *, int64_t day);
int64_t wall_local(const struct wall *, const struct when *); /* as it is shown */
int64_t wall_day(int64_t local);

/* "2026-11-26"; false: it is no day between 1900 and 9000. */
bool wall_day_read(const char *text, int64_t *day);
const char *wall_date(struct arena *, int64_t day);
const char *wall_clock(struct arena *, int64_t local);   /* "09:00" */
const char *wall_day_words(struct arena *, int64_t day); /* "Thursday, 26 November 2026" */
/* "Thursday, 26 November 2026, 10:00 to 11:00", "26 to 28 November 2026" */
const char *
wall_span(struct arena *, const struct wall *, const struct when *start, const struct when *end);

/* What a field of an event is called that occur_name() has named: an occurrence by this clock. */
const char *wall_label(struct arena *, const struct wall *, const json *field);
/* The value of such a field that is a time, "2026-10-05T10:00:00+02:00", by this clock; of a day
 * that nothing lasts any more the one before. NULL: it is none. */
const char *wall_time(struct arena *, const struct wall *, const char *field, const json *value);

#endif
