/*
 * flaw.h - mistakes that tests plant in the core, one at a time, to see that the simulation finds
 * them. There are none outside test builds (TIDEMARK_STEPS).
 */
#ifndef SYNC_WRITE_FLAW_H
#define SYNC_WRITE_FLAW_H

#include <stdbool.h>

enum flaw {
	FLAW_NONE,
	FLAW_ECHO_BY_TIME,     /* what was edited there soon after we wrote is taken for ours */
	FLAW_NO_LOOK,          /* a create without an answer is sent again, as another one */
	FLAW_BASE_AS_FOUND,    /* a create that arrived: the base is what is found */
	FLAW_CURSOR_FIRST,     /* the cursor is saved before the data */
	FLAW_NOT_DECIDED_NEW,  /* confirmed: the base is what is here now, not what was sent */
	FLAW_STALE_READ,       /* a page is applied over what was agreed on after it was read */
	FLAW_NO_CONDITION,     /* sent without If-Match */
	FLAW_KEPT_NOTHING,     /* the loser of a conflict is not kept */
	FLAW_DOUBT_IS_KNOWN,   /* the etag is that of a state which was not taken in */
	FLAW_COPY_IS_NEW,      /* a copy of our own is taken for something new */
	FLAW_NOTHING_INTENDED, /* what is sent is not written down before */
	FLAW__MAX
};

#ifdef TIDEMARK_STEPS
extern enum flaw flaw_planted;
#define flaw(f) (flaw_planted == (f))
#else
#define flaw(f) false
#endif

#endif
