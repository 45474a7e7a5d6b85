/*
 * feed.h - the promise of the feed: who follows its cursor has the records as they are, always. A
 * cursor is refused as soon as it cannot be kept: E_FEED_OVER, with a sentence that says why and
 * what to do. It is never answered with a part of what has happened since.
 *
 * A cursor names the database as it was made or restored (the epoch), the last change that its
 * reader has, and where the feed ended when that reader began: what had been deleted by then it
 * never had, so nothing is missing when that is forgotten.
 */
#ifndef STORE_FEED_H
#define STORE_FEED_H

#include "db/db.h"
#include "store/dataset.h"

struct feed_place {
	int64_t after; /* seq of the last change that the reader has */
	int64_t base;  /* seq of the feed's end when it began */
};

/* One moment for the dataset, its records and what cursors are held against, until
 * db_read_end(). */
MUST enum rc feed_open(struct ctx *, struct db *);

/* Inside of it, with the dataset as it is then: */
int64_t feed_end(const struct dataset *); /* seq of its last change */
/* cursor NULL or "": from the start; then since (0: none) is a time behind which the reader wants
 * deletions too. E_INPUT when the cursor is none; E_FEED_OVER. */
MUST enum rc feed_seek(struct ctx *, struct db *, const struct dataset *, const char *cursor,
    int64_t since, struct feed_place *out);
MUST enum rc feed_cursor(struct ctx *, struct db *, const struct feed_place *, const char **cursor);

/* In the caller's write: tombstones of a dataset from before then are forgotten, at most max; *n
 * how many. */
MUST enum rc
feed_forget(struct ctx *, struct db *, int64_t dataset_no, int64_t before, int64_t max, int64_t *n);

#endif
