/*
 * pulse.h - the sign of life that goes to an address outside, TIDEMARK_HEARTBEAT_URL, once a minute
 * (send/pulse.c): when it stays away, somebody else tells. And what is wrong with the whole, so
 * that it says so itself while it still can.
 */
#ifndef QUEUE_PULSE_H
#define QUEUE_PULSE_H

#include "db/db.h"

/* Work that was due so long ago is late. */
#define PULSE_LATE_MS (15 * MINUTE_MS)

/* In the caller's write, with each beat of the tick: one is to be sent, if it is set up. */
MUST enum rc pulse_ask(struct ctx *, struct db *, int64_t now);
/* *why: a sentence, without anything secret; NULL: all is well. */
MUST enum rc pulse_trouble(struct ctx *, struct db *, int64_t now, const char **why);

/* How the last one went. */
struct pulse_last {
	int64_t at;        /* when one has arrived last; 0: none yet */
	const char *error; /* why the last one did not (a code of errors.def); NULL: it did */
};
MUST enum rc pulse_last(struct ctx *, struct db *, struct pulse_last *out);
/* In the caller's write. error NULL: it has arrived. */
MUST enum rc pulse_note(struct ctx *, struct db *, int64_t now, const char *error);

#endif
