/*
 * gcal_map.h - an event of Google Calendar v3 ("Events" of its reference) and one of ours
 * (event/event.h), each made from the other. Pure.
 *
 * Everything that is not mapped (guests, conference, reminders, attachments, colour labels, what
 * other programs keep) is never sent, so it stays as it is; some of it is told elsewhere
 * (gcal_facets.c). What Google has no place for is kept in
 * private extended properties, which belong to the one calendar:
 *
 *	tidemark_object		which object it was made for
 *	tidemark_uid		the name of the same thing in every source
 *	tidemark_notes_0 ...	the notes, in pieces: a value has 1024 bytes
 *	tidemark_time		"floating"; "utc": a moment without a zone
 *	tidemark_clock		START/END, floating, of which the calendar's clock skips one; it has
 *				them as many hours later
 *	tidemark_color		a colour that is none of Google's eleven
 *	tidemark_status		"cancelled", which in Google's words is a deletion; it stands there
 *				as tentative
 *
 * A person may change what stands beside a mark: then the mark counts for nothing.
 */
#ifndef PROVIDER_GOOGLE_GCAL_MAP_H
#define PROVIDER_GOOGLE_GCAL_MAP_H

#include "base/json.h"
#include "event/occur.h"

/* Of the calendar; both may be NULL, where they are not known. */
struct gcal_home {
	const char *zone; /* where floating times are at home */
	const char *role; /* what the account may do there: "owner", "writer", "reader" ... */
};

/* An event, or an occurrence that differs, as one that stands alone. */
struct gcal_event {
	json *value;       /* NULL: it cannot be read */
	const char *why;   /* then: a sentence */
	const char *fixed; /* struct twin */
};

struct gcal_event gcal_value(struct arena *, const json *event, const struct gcal_home *);
/* What one that is gone says all the same; NULL: nothing but its name, which is all that Google
 * promises. So what it does not say was not taken away by anybody: *silent, as twin.silent, and
 * {"@": false}, for what differs in a series is never in it. */
json *gcal_last(struct arena *, const json *event, const struct gcal_home *, json **silent);
/* struct twin. {} when it says none. */
json *gcal_facets(struct arena *, const json *event);
bool gcal_is_gone(const json *event);
bool gcal_is_series(const json *event);
/* Adds the occurrence to the value of its series. False: the series has no such place. */
bool
gcal_differ(struct arena *, json *series, const json *occurrence, const struct gcal_home *home);
/* originalStartTime as a place of the series that begins at `like`; false: it is none. */
bool gcal_slot(struct arena *, const json *occurrence, const struct when *like,
    const struct gcal_home *home, struct when *out);
/* Is `now` the occurrence `plain` of a series that begins with `first`, by the clock of the
 * calendar, which skips an hour in spring and repeats one in autumn? Where that happens while one
 * goes on, Google's last as long as the first, and ours end when the clock shows so. */
bool gcal_same_times(const struct zone *home, const struct event_span *first,
    const struct event_span *plain, const struct event_span *now);
/* The end of the id of the occurrence in that place. A floating one is at home. */
const char *gcal_slot_id(struct arena *, const struct when *slot, const struct gcal_home *);
int64_t gcal_updated(const json *event); /* ms; 0: not told */

/* The id of an event that is made by a push, and back; NULL: it is none of ours. */
const char *gcal_id(struct arena *, const char *push_id);
const char *gcal_id_read(struct arena *, const char *event_id);
/* A private extended property of ours. */
const char *gcal_own(const json *event, const char *name);

/* All of a value (without its occurrences that differ), as it is made. NULL: it is too large for
 * Google, *why says. */
json *gcal_body(struct arena *, const json *value, const struct gcal_home *, const char **why);
/* What makes one value the other: members that differ, null to clear them. was NULL: all of it, and
 * what else `have`, the event as it stands there, has of ours is cleared. */
struct gcal_change {
	const json *was, *now, *have;
	const struct gcal_home *home;
};
json *gcal_patch(struct arena *, const struct gcal_change *, const char **why);

#endif
