/*
 * events.h - the application's own calendar: events made, changed, deleted; one occurrence, or it
 * and all that follow. What is written is told to the history, and queued for every provider that
 * has it, in one transaction.
 */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "app/caller.h"
#include "store/event.h"

/* What is said is read by event_take(), which leaves its complaints in the caller's. */
MUST enum rc events_add(
    struct ctx *, struct db *, const struct caller *, const json *said, struct event_row *out);
/* Members that are absent stay as they are. */
MUST enum rc events_change(struct ctx *, struct db *, const struct caller *, const char *id,
    const json *said, struct event_row *out);
MUST enum rc events_remove(
    struct ctx *, struct db *, const struct caller *, const char *id, struct event_row *out);

/* An occurrence, by its place in the series (when_slot_read()), or it and all that follow: then it
 * begins a series of its own. */
struct event_place {
	const char *id, *slot;
	bool following;
};
/* *out: the event; of following ones, the new one. */
MUST enum rc events_change_one(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, const json *said, struct event_row *out);
MUST enum rc events_remove_one(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, struct event_row *out);

#endif
