/*
 * push.h - one item of the outbox, worked off: what is to be sent is computed, the intent is
 * committed, it is sent, and what came of it is settled.
 *
 *	claim  -> nothing differs: done
 *	       -> a request may be out, or no etag is known: look, meet (meet.h), compute again
 *	       -> intent -> send -> confirmed, done
 *	                         -> not as the etag says: look, next time at once
 *	                         -> no answer: unsure; look, after unsure_ms
 *	                         -> not now: again, after a time that grows or that was asked for
 *	                         -> refused: failed, with the reason; others go on
 *
 * It may end at any point; the claim lapses, and who takes it up looks first. Nothing is sent
 * after the lease has ended.
 */
#ifndef SYNC_WRITE_PUSH_H
#define SYNC_WRITE_PUSH_H

#include "sync/write/twoway.h"

/* What became of one turn. */
struct push_turn {
	bool found;      /* false: nothing is due */
	int64_t wait_ms; /* > 0: the service asks to be left alone for so long */
};

/*
 * Works off the next due item of the connection. An item that fails, or
 * was taken over by another process, is no failure of this call. RC_AUTH: nothing more can be sent
 * at this connection until its owner has signed in again; the item waits.
 */
MUST enum rc push_next(struct ctx *, struct db *, const struct twoway *, struct push_turn *);

#endif
