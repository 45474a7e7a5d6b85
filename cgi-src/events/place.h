/*
 * place.h - which event a page is about, which occurrence of it, and how much of a series is meant:
 * {id} of the address, "at" and "scope" of the query or the form.
 */
#ifndef EVENTS_PLACE_H
#define EVENTS_PLACE_H

#include "event/occur.h"
#include "store/event.h"
#include "web/req.h"

enum event_reach { REACH_ALL, REACH_ONE, REACH_FOLLOWING };

struct event_seen {
	struct event_row e; /* also one that is deleted */
	const json *event;  /* its value */
	bool series;
	const char *slot; /* NULL: the event, or the series */
	struct occurrence one;
	bool first; /* the occurrence is the first one: all follow it */
	enum event_reach reach;
};

/* E_NOT_FOUND: there is no such event, or it does not come there. */
MUST enum rc place_find(struct req *, struct event_seen *);
/* "/events/ID", then `rest`, and which occurrence. */
const char *place_href(struct arena *, const struct event_seen *, const char *rest);
/* What went wrong with a form. One that was overtaken is in conflict with what is there (409): no
 * header of its request has set a condition (412). */
struct err place_problem(const struct req *);

#endif
