/*
 * event_edit.h - an edit of an event: its row, its history, and what follows from it for the
 * providers that have it or shall have it, in one write. People's edits and those of runs come this
 * way.
 */
#ifndef QUEUE_EVENT_EDIT_H
#define QUEUE_EVENT_EDIT_H

#include "queue/edit.h"
#include "queue/mirror.h"
#include "store/event.h"

/* In the caller's write. Writes the row, adds the edit to the history, queues it for the twins, and
 * gives the event links where it shall have a twin and has none. e: as it was read, and as it is
 * then; id NULL: a new one (owner, and uid, origin or NULL). Of *edit the object and the rules are
 * set here. E_STATE: it has moved, or there are too many. */
MUST enum rc event_edit(struct ctx *, struct db *, const struct edit *, struct event_row *e);

/* The row alone: as `value` (NULL: deleted); a new one (rev 0) is inserted. For who tells of it
 * himself. */
MUST enum rc
event_put(struct ctx *, struct db *, struct event_row *, const json *value, int64_t now);

#endif
