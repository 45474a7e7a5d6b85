/*
 * events.h - the application's own calendar: events made, changed, deleted; one occurrence, or it
 * and all that follow. What is written is told to the history, and queued for every provider that
 * has it, in one transaction.
 */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "app/caller.h"
#include "store/event.h"

/* Which event, or which occurrence of it. */
struct event_place {
	const char *id;
	const char *slot; /* its place in the series (when_slot_read()); NULL: the event */
	bool following;   /* it and all that follow: then they are a series of their own */
	int64_t rev;      /* the one that the caller has seen: E_STALE when it has moved; 0: any */
};

struct event_done {
	struct event_row e;
	struct event_row following; /* the series that has become one of its own; id NULL: none */
	/* Occurrences that differed and have no place in the series any more (occur_listed()) */
	json *lost;
};

/* What is said is read by event_take(), which leaves its complaints in the caller's. */
MUST enum rc events_add(
    struct ctx *, struct db *, const struct caller *, const json *said, struct event_done *out);
/* Members that are absent stay as they are. */
MUST enum rc events_change(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, const json *said, struct event_done *out);
MUST enum rc events_remove(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, struct event_done *out);

/* One that was deleted comes back as it was. E_STATE: it is not deleted. */
MUST enum rc events_restore(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, struct event_done *out);

/* An occurrence, or it and all that follow. E_STATE: that one is left out of the series, and its
 * status is not said, which alone brings it back. */
MUST enum rc events_change_one(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, const json *said, struct event_done *out);
MUST enum rc events_remove_one(struct ctx *, struct db *, const struct caller *,
    const struct event_place *, struct event_done *out);

/* Has every provider that is written to at once taken what was done to the event, or refused it?
 * What is held, paused, or tried again later is not waited for. */
MUST enum rc
events_arrived(struct ctx *, struct db *, const char *owner, const char *id, bool *settled);

#endif
