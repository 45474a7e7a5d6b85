/*
 * ruling.h - the answer of a person to a question of the guard (queue/outward.h), as a row, while
 * what the question holds follows it (queue/heed.h). From the answer on it is no question any more:
 * nobody is asked, and no more is held by it.
 */
#ifndef STORE_RULING_H
#define STORE_RULING_H

#include "db/db.h"

struct ruling {
	const char *question; /* the run that asked; NULL: there is none */
	const char *owner;
	bool keep;        /* what is there stays; else what is held is sent */
	const char *said; /* what the run says once all has followed */
	int64_t done;     /* so many have */
};

/* Of the owner's, the one that was asked first. */
MUST enum rc ruling_next(struct ctx *, struct db *, const char *owner, struct ruling *out);
/* The one that what is held of a link follows. */
MUST enum rc ruling_of_link(
    struct ctx *, struct db *, const char *owner, const char *link_id, struct ruling *out);
/* To this question. */
MUST enum rc
ruling_of(struct ctx *, struct db *, const char *owner, const char *question, struct ruling *out);

/* In the caller's write transaction: it has been answered; so many more have followed; all have. */
MUST enum rc ruling_put(struct ctx *, struct db *, const struct ruling *, int64_t now);
MUST enum rc ruling_more(struct ctx *, struct db *, const struct ruling *, int64_t n);
MUST enum rc ruling_over(struct ctx *, struct db *, const struct ruling *);

#endif
