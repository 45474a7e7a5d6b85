/*
 * coming.h - what comes in a time: each occurrence of a user's events, in order of their start.
 */
#ifndef EVENTS_COMING_H
#define EVENTS_COMING_H

#include "event/occur.h"
#include "store/event.h"
#include "web/req.h"

enum { COMING_MAX = 20000, COMING_DAYS = 400 };

struct coming_time {
	const struct zone *zone; /* of days and floating times */
	int64_t from, until;     /* UTC seconds */
};

struct coming {
	const struct event_row *e;
	const json *value; /* of the event */
	struct occurrence o;
	int64_t at, end; /* UTC seconds, by the clock of the zone */
};

struct coming_list {
	struct coming *v;
	size_t n, cap;
};

/* Of who asks. E_INPUT, said of `to`: there are more than COMING_MAX. */
MUST enum rc coming_find(struct req *, const struct coming_time *, struct coming_list *);
/* The rows that may touch the time, a page of them. */
MUST enum rc coming_rows(struct req *, const struct coming_time *, int64_t after,
    const char *after_id, int64_t limit, struct event_list *out);

#endif
