/*
 * edit.h - a record written by somebody else than a run: the application, a person, an event.
 *
 * By the rules of the feed: the record gets the next seq of its dataset and another rev, what it
 * was before is kept as a change, and the base of its link is what the source said of it last, so
 * that the next run knows the edit from what the source has changed. A run that is under way meets
 * it in the same way.
 */
#ifndef STORE_EDIT_H
#define STORE_EDIT_H

#include "store/data.h"
#include "store/link.h"

struct record_edit {
	const struct dataset *dataset;
	const char *actor;  /* who, as people read it in the history */
	int64_t sync_no;    /* the run that does it for him; 0: none */
	const char *reason; /* a sentence; NULL: none is needed */
	const char *key;
	struct str payload; /* JSON array by column; p NULL: it is deleted */
	/* It holds until the source changes the record; else it stays, whatever that does. */
	bool yields;
	int64_t seq; /* out: what it has now; 0: it was as wanted, nothing was written */
};

/* In the caller's write. E_NOT_FOUND: the dataset is not the owner's, or what is to be deleted is
 * not there. */
MUST enum rc record_edit(struct ctx *, struct db *, const char *owner, struct record_edit *);

/* In the caller's write: the record of this link is no edited one from now on, though it stays as
 * it is: the next run compares it with what the source says. The link goes. */
MUST enum rc record_edit_over(struct ctx *, struct db *, const struct link *);

#endif
