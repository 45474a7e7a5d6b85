/*
 * around.h - what a service makes something else of each time it is written: two of those would
 * have an object sent around between them for ever.
 *
 * Nobody is told who has edited something there. A service alters what it is written at once, or
 * within seconds, each time; somebody who reads what another has written and answers it takes
 * longer, and does not answer twice a minute for an hour.
 */
#ifndef SYNC_WRITE_AROUND_H
#define SYNC_WRITE_AROUND_H

#include "sync/write/twoway.h"

/* Has what was written of the object come back as something else, again and again within the hour,
 * and nobody has edited it here meanwhile? Whether the answer said so, or a later read. */
MUST enum rc
around_goes(struct ctx *, struct db *, const struct twoway *, const struct object *, bool *goes);
/* The same of all that happened within the hour: for one whose answer has just altered it again. */
MUST enum rc
around_went(struct ctx *, struct db *, const struct twoway *, const struct object *, bool *went);

/*
 * What is slow cannot be told from people by its times. But of two contents of which each has
 * become the other again and again, nothing is lost by sending it later: each further time waits
 * for twice as long, up to a day. Whatever else somebody makes of it goes at once, and so does any
 * edit here. Nor is anything lost where each writing, one after the other and whatever it was, has
 * come back as something else and nobody has edited it here: what does so at once is a service (a
 * counter, a time of writing), and waits as long; what takes its time may be people, who answer
 * each other, and waits for an hour at most, after a good many times.
 */
struct around_turn {
	const struct object *object;
	const json *shall; /* what is to be sent: the object as it is here */
};
struct around_rest {
	int64_t until; /* not before then, ms since 1970; 0: at once */
	bool same;     /* it is the same two contents */
};
MUST enum rc around_until(struct ctx *, struct db *, const struct twoway *,
    const struct around_turn *, struct around_rest *out);

#endif
