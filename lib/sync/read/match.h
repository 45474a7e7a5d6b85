/*
 * match.h - finds, for each row of a full read, the stored record it belongs to, and at the end
 * the records that are gone.
 *
 * Records are walked in order of change, which is the source's own order as long as it did not
 * change: the next row then is the next record and costs one comparison. Any other row costs one
 * look-up by key. Rows that repeat a key get "#2", "#3", ... behind it, in order. Which records
 * were seen is a bit each, so memory does not grow with the rows' size.
 */
#ifndef SYNC_READ_MATCH_H
#define SYNC_READ_MATCH_H

#include "base/buf.h"
#include "db/db.h"

enum match_kind { MATCH_NEW, MATCH_SAME, MATCH_DIFFERENT, MATCH_REVIVED };

struct match;

/* dataset_no 0: nothing is stored yet (every row is MATCH_NEW). Memory grows in the arena of cx
 * by a bit a record and by what repeated keys need. */
MUST enum rc match_new(struct ctx *, struct db *, int64_t dataset_no, struct match **out);
/* key: in, the row's key; out, with "#n" behind it when the key was met before in this read. It
 * is a buffer of the caller. *seq: of the stored record. */
MUST enum rc match_row(struct ctx *, struct match *, struct buf *key, struct str payload,
    enum match_kind *kind, int64_t *seq);
struct match_seen {
	int64_t seq;
	struct str key;
	bool kept; /* the source lacked it before, and its owner said "keep" */
};
typedef enum rc match_fn(struct ctx *, void *arg, const struct match_seen *);
/* Calls fn for every stored record that no row matched. */
MUST enum rc match_gone(struct ctx *, struct match *, match_fn *, void *arg);
/* Calls fn for every kept record that a row has matched: the source has it again. */
MUST enum rc match_back(struct ctx *, struct match *, match_fn *, void *arg);

/* Counts how often a key was met; used by match.c and, for records that are new in the same
 * read, by apply.c. */
struct repeats;
struct repeats *repeats_new(struct arena *);
/* 2 at the first call for a key, then 3, ... */
int64_t repeats_next(struct repeats *, struct str key);

#endif
