/*
 * model.h - events as the interface shows them.
 */
#ifndef EVENTS_MODEL_H
#define EVENTS_MODEL_H

#include "event/occur.h"
#include "skin/model.h"
#include "store/change.h"
#include "store/event.h"
#include "store/link.h"

/* An event's twin at a connection, with the name of that. */
struct event_link {
	struct link link;
	const char *provider; /* as the interface calls it */
	const char *name;
	bool gone;            /* the connection was disconnected: the link says so as its error */
	const char *question; /* the run that asks about what is to be written; NULL: none */
	bool paused;          /* what is to be written waits until the connection is resumed */
	const char *rests;    /* why it is sent ever more rarely (OUTBOX_BY_TURNS), or NULL */
};

struct event_links {
	struct event_link *v;
	size_t n;
};

MUST enum rc model_links(struct req *, const struct event_row *, struct event_links *out);

/* Its history, newest first: each change, and what it led to. */
struct event_past {
	struct {
		struct change change;
		const json *after;
	} * v;
	size_t n;
	int64_t next; /* cursor of the next page; 0: this was the last */
};

/* from: 0 or the cursor. */
MUST enum rc model_past(
    struct req *, const struct event_row *, int64_t from, int64_t limit, struct event_past *out);
/* When that was, ms: what a person was asked about had been done there by then, not when it was
 * answered. */
int64_t model_past_at(const struct change *);

/* {id, title, ... (event.h), exceptions[{occurrence, ...}], origin, createdAt, updatedAt, links[{
 * connectionId, provider, externalId, state, lastSyncedAt, error{code, detail, syncId}}]} */
MUST enum rc model_event(struct req *, const struct event_row *, json **out);
/* {success, event, externalSync[{provider, connectionId, success, externalId, queued, error}]} */
MUST enum rc model_event_reply(struct req *, const struct event_row *, json **out);
/* {eventId, occurrence, title, ...} */
json *model_occurrence(struct arena *, const struct event_row *, const struct occurrence *);

#endif
