/*
 * occur.h - when an event comes: the occurrences of a series, and those of them that differ. Pure.
 */
#ifndef EVENT_OCCUR_H
#define EVENT_OCCUR_H

#include "event/span.h"

enum { OCCUR_MAX = 5000 }; /* of one event in one answer */

struct occurrence {
	struct when slot;  /* its place in the series */
	const json *value; /* all of it, as an event that comes once; NULL: not asked for */
	struct when start, end;
	bool differs, cancelled;
	bool left_out; /* by itself, of a series; only occur_at() tells */
};

/* What is wrong with the lines of a recurrence, in a sentence; NULL: nothing. */
const char *occur_wrong(struct arena *, const json *lines, const struct when *start);
/* Are they understood? So is a series of which nothing but its start comes, as one is that was
 * moved past its own end. */
bool occur_is_read(struct arena *, const json *lines, const struct when *start);

/* The occurrence in that place; false: the series has none there. An event that comes once has one,
 * in the place of its start. */
bool occur_at(struct arena *, const json *value, const struct when *slot, struct occurrence *);
/* Those that touch [from, until), UTC seconds, in order of their start; days and floating times by
 * the clock of `zone`. Cancelled ones are left out. More than OCCUR_MAX: there are too many to be
 * told, and *out is not all of them. Their values are left to occur_value(). */
size_t occur_between(struct arena *, const json *value, const struct zone *zone, int64_t from,
    int64_t until, struct occurrence **out);

const json *occur_value(struct arena *, const json *value, const struct occurrence *);

/* All of the one that a member "@20261005T080000Z" is about, whether there is such a member or not,
 * but for `recurrence`; NULL: the value is no series, or it is none. */
const json *occur_whole(struct arena *, const json *value, const char *member);

/* [{occurrence: its start as planned, ...}] of members of a series as it is kept. */
json *occur_listed(struct arena *, const json *series, const json *members);

/* The member of a whole event by which an occurrence of it differs: {"field": "the occurrence of 5
 * Oct 2026, 10:00", "occurrence": its start as planned}; of another member its name alone. */
void occur_name(struct arena *, json *o, const json *event, const char *member);

/* From the earliest start to the latest end, UTC, for searching: days and floating times by the
 * clocks that have them first and last. *until INT64_MAX: without an end. */
void occur_bounds(struct arena *, const json *value, int64_t *from, int64_t *until);

/*
 * A series that was `was` and is changed to `value`: the occurrences that differ, which are still
 * named by their old places, follow it. Each stays where its place is one; else it goes with the
 * time of day that the series has now, on the same day, or as far as the whole series was moved.
 * One that finds no place is left out: occur_lost() tells of these, {key: differs}.
 */
json *occur_moved(struct arena *, const json *was, const json *value);
json *occur_lost(struct arena *, const json *was, const json *now);
/* A series in two: what comes before the slot, and a series that begins with it. False: the slot is
 * the first one. */
bool occur_split(
    struct arena *, const json *value, const struct when *slot, json **before, json **after);

#endif
