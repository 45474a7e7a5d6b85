/*
 * pull.h - what was read at a provider, taken in: a page is one transaction for objects, links,
 * conflicts, history, what is to be sent, and the cursor.
 *
 * Of a delta, what is missing says nothing. A full read (no cursor yet, or it was refused) is
 * taken in page by page like a delta; what it lacks is dealt with once it is complete.
 */
#ifndef SYNC_WRITE_PULL_H
#define SYNC_WRITE_PULL_H

#include "base/keyset.h"
#include "sync/write/twoway.h"

struct pull_page {
	const struct there *v;
	size_t n;
	const char *cursor; /* JSON: saved with this page; NULL: it stays as it was */
	bool keeps;         /* a person has kept here what is gone there */
};

MUST enum rc pull_page(struct ctx *, struct db *, const struct twoway *, const struct pull_page *);

/* The end of a full read. */
struct pull_rest {
	struct keyset *seen; /* what it had */
	int64_t as_of;       /* change_last() before its first page was asked for */
	const char *cursor;  /* JSON */
	bool approved;       /* a person has let a large loss be */
	bool keeps;          /* or has kept it here: it is remembered, and not asked about again */
	/* out, also when a person is asked: twins that there were, that it lacked, and the keys of
	 * those, in order */
	int64_t linked, gone;
	const char **lost;
};

/*
 * Twins that were not among what was read are gone, or looked for where that is not sure; then the
 * cursor is saved. E_NEEDS_APPROVAL: so many that a person must say so first (blast.h); nothing
 * was done, the cursor stays as it was.
 */
MUST enum rc pull_rest(struct ctx *, struct db *, const struct twoway *, struct pull_rest *);

#endif
