/*
 * model.h - events as the interface shows them.
 */
#ifndef EVENTS_MODEL_H
#define EVENTS_MODEL_H

#include "event/occur.h"
#include "skin/model.h"
#include "store/event.h"

/* {id, title, ... (event.h), exceptions[{occurrence, ...}], origin, createdAt, updatedAt, links[{
 * connectionId, provider, externalId, state, lastSyncedAt, error}]} */
MUST enum rc model_event(struct req *, const struct event_row *, json **out);
/* {success, event, externalSync[{provider, connectionId, success, externalId, queued, error}]} */
MUST enum rc model_event_reply(struct req *, const struct event_row *, json **out);
/* {eventId, occurrence, title, ...} */
json *model_occurrence(struct arena *, const struct event_row *, const struct occurrence *);

#endif
