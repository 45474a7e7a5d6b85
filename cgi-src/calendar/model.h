/*
 * model.h - what is shown of calendars beside their events: conflicts, the queue, connections.
 */
#ifndef CALENDAR_MODEL_H
#define CALENDAR_MODEL_H

#include "skin/model.h"
#include "store/conflict.h"

/* {id, eventId, title, connectionId, provider, detectedAt, state, policy, fields[{field, base,
 * local, remote, chosen, of an occurrence also name and occurrence}], kept{}, resolvedAt,
 * resolvedBy}; what has gone meanwhile is null */
MUST enum rc model_conflict(struct req *, const struct conflict *, json **out);
/* What the interface calls the provider of a connection; NULL: it is gone. */
MUST enum rc model_provider_of(
    struct req *, const char *owner, const char *conn_id, const char **word, const char **name);

#endif
