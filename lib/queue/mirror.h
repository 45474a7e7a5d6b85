/*
 * mirror.h - the application's own calendar and the connections that it is written to: an event
 * that came from one of them, or from the application, goes to the others as their ways say
 * (kind/ways.h), within their days, and never back.
 *
 * One that has not been read yet gets its links when it has: only then is it known what it has of
 * its own.
 */
#ifndef QUEUE_MIRROR_H
#define QUEUE_MIRROR_H

#include "kind/ways.h"
#include "store/conn.h"
#include "store/event.h"

struct mirror_to {
	const char *id;
	struct ways ways;
	bool read;      /* it has been, to its end */
	int64_t run_no; /* mirror_fill() and mirror_late(): the run that does it */
};

/* Those of an owner. */
struct mirror {
	struct mirror_to *v;
	size_t n;
};
MUST enum rc mirror_open(struct ctx *, struct db *, const char *owner, struct mirror *out);

/* Shall the event have a twin there, if it has none? */
bool mirror_wants(const struct mirror_to *, const struct event_row *);

/* In the caller's write: where it shall have a twin and has no link, it gets one, at those that
 * have been read. Of one that is deleted nothing. */
MUST enum rc mirror_event(
    struct ctx *, struct db *, const struct mirror *, const struct event_row *, int64_t now);
/* In the caller's write: the second was split off the event `from` here, and so goes along to where
 * that one is ours to edit, its origin too. */
MUST enum rc mirror_split(struct ctx *, struct db *, const struct mirror *, const char *from,
    const struct event_row *, int64_t now);
/* How far all events of an owner have been gone through. */
struct mirror_at {
	int64_t after; /* INT64_MIN, "": not begun */
	const char *after_id;
	bool over;
	int64_t made; /* links */
};
/* In the caller's write: a page of them gets its links at the one connection. */
MUST enum rc mirror_fill(
    struct ctx *, struct db *, const char *owner, const struct mirror_to *, struct mirror_at *);
/* In the caller's write, which makes it one that has been read: events that were made or changed
 * behind the back of mirror_fill(), after that change (store/change.h), get theirs. */
MUST enum rc
mirror_late(struct ctx *, struct db *, const char *owner, const struct mirror_to *, int64_t after);

#endif
