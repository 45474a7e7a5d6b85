/*
 * pushing.h - one turn of push.h while it goes on, for the files that are push.h.
 */
#ifndef SYNC_WRITE_PUSHING_H
#define SYNC_WRITE_PUSHING_H

#include "store/outbox.h"
#include "sync/write/differ.h"
#include "sync/write/twoway.h"

/* What is done with the item next. */
enum push_next { PUSH_OVER, PUSH_LOOK, PUSH_SEND };

struct pushing {
	const struct twoway *t;
	struct outbox item;
	struct link link;
	int64_t claimed_rev; /* of the link */
	enum push_next next;
	struct differ differ;
	struct push push;
	const char *sent;   /* link.sent as we have written it */
	const char *before; /* as it was before */
	const char *uid;    /* of the object */
	const json *facets; /* see struct push */
	bool repeats;       /* what may have been made already, or is not all: more follows */
	int64_t as_of, deadline;
	struct link intent; /* the link, with the intent */
	bool left;          /* what is there, as it is: see push_leave() */
	bool look_again;    /* somebody else has met the twin since */
	struct pushed answer;
	enum rc rc; /* of the request, and why */
	struct err err;
};

/* All of these are part of the caller's write, and say in p->next what follows. */

/* What is to be sent: nothing, and the item is done; or the intent is stored. */
MUST enum rc push_plan(struct ctx *, struct db *, struct pushing *);
/* A db_write_fn: settles what came of the request. */
MUST enum rc push_sent_write(struct ctx *, struct db *, void *pushing);

/* The item ends so; end.now is set here. */
MUST enum rc push_settle(struct ctx *, struct db *, struct pushing *, struct outbox_end end);
/* What is there stays as it is, until somebody edits the object here; the item is not settled. */
MUST enum rc push_leave(struct ctx *, struct db *, struct pushing *);
/* Nothing is left to be sent. */
MUST enum rc push_done(struct ctx *, struct db *, struct pushing *);
/* Something is: the next claim, at once. */
MUST enum rc push_at_once(struct ctx *, struct db *, struct pushing *);
/* The etag is not to be relied on: the next claim, at once, looks first. */
MUST enum rc push_look_anew(struct ctx *, struct db *, struct pushing *);
/* The old twin is gone for good: the object, if it still is one, gets a link for a new one, and
 * the item goes with the old link. */
MUST enum rc push_new_twin(struct ctx *, struct db *, struct pushing *);

/* ms since 1970: when it is tried again, as the service asks or after a wait that grows. */
int64_t push_again_at(const struct pushing *);
/* When the answer says that the twin was edited. */
struct edits push_edits(const struct pushing *);

#endif
