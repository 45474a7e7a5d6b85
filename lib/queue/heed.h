/*
 * heed.h - what a question of the guard before what leaves holds (outward.h) follows its answer: it
 * is sent, or is kept there for good. It may be many thousands: who answers writes the answer down
 * (store/ruling.h), and a lane of the owner's does the rest a page in one write, with what says
 * how far it is. Whatever dies meanwhile, the next turn goes on.
 *
 * Nothing is decided on what is not done yet: no question counts it, nor takes more in; an edit of
 * one of those objects has that one follow first, and a run all of them.
 */
#ifndef QUEUE_HEED_H
#define QUEUE_HEED_H

#include "store/ruling.h"
#include "store/link.h"

/* In one write; as many follow at once, in the write that answers. */
enum { HEED_PAGE = 100 };

/* In the caller's write, in which the run has been answered. The caller wakes the tick. */
MUST enum rc heed_note(struct ctx *, struct db *, const struct ruling *, int64_t now);

struct heed_page {
	const char *owner;
	int64_t n; /* out: so many have followed */
	bool more; /* out: until nothing is left of any answer of the owner's */
};
/* In the caller's write. */
MUST enum rc heed_page(struct ctx *, struct db *, struct heed_page *);
/* In the caller's write, before anything is decided on the link: what is held of it follows its
 * answer, if it has one. The link is as it is then. */
MUST enum rc heed_link(struct ctx *, struct db *, struct link *, int64_t now);

#endif
