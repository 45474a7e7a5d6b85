/*
 * match.h - finds, for each row of a read, the stored record it belongs to, and at the end the
 * records that are gone.
 *
 * Records are walked in order of change, which is the source's own order as long as it did not
 * change: the next row then is the next record and costs one comparison. Any other row costs one
 * look-up by key. Rows that repeat a key get "#2", "#3", ... behind it; where there are such
 * records, a row belongs to the one that holds the same, and what is then left over is matched in
 * order, at the end. Which records were seen is a bit each, so memory does not grow with the rows'
 * size.
 *
 * Others write while a run compares. It works against a high-water mark, the dataset's next seq
 * when the comparison begins: a record made after it is neither matched as old nor taken for gone.
 * One that was there and is edited meanwhile moves, and is known by its origin. What is compared is
 * always what the source said last: of a record that was edited here, the base of its link.
 */
#ifndef SYNC_READ_MATCH_H
#define SYNC_READ_MATCH_H

#include "base/buf.h"
#include "store/data.h"
#include "sync/read/differ.h"

enum match_kind {
	MATCH_NEW,
	MATCH_SAME,
	MATCH_DIFFERENT,
	MATCH_REVIVED,
	MATCH_AGAIN, /* an item that came on an earlier page of the read already */
	MATCH_LATE   /* which record it belongs to is known at the end: match_late() */
};

/* A row, to be matched. */
struct match_in {
	/* in, the row's key; out, with "#n" behind it when it is not the first of this key. The
	 * caller's buffer */
	struct buf *key;
	struct str payload;
	bool own;     /* the key is the row's own, not made of all that it holds */
	int page;     /* of the row (table/row.h) */
	int64_t line; /* for match_late() */
};

struct match_found {
	enum match_kind kind;
	int64_t seq, rev; /* of the stored record; rev 0: it is decided when it is written */
	int64_t changed;  /* when that was written last, ms; 0: not told */
	bool back;        /* it was kept when the source lacked it: the source has it again */
	/* What the source says was refused before: MATCH_SAME when it says just that, else what it
	 * differs by is told beside what was kept. */
	bool refused;
	/* Of a delta, where a key may come twice and the last word is meant: */
	bool again;  /* it came before */
	bool undone; /* and was gone then */
	/* of one that is MATCH_DIFFERENT from what the source said before; all 0 where that is not
	 * known */
	struct row_diff diff;
	bool repeats; /* its own key was met before in this read */
};

struct match;

/* stored: the dataset as it is when the comparison begins; no 0: nothing is stored yet (every row
 * is MATCH_NEW). delta: the read has only what was changed. Memory grows in the arena of cx by a
 * bit a record and by what repeated keys need. */
MUST enum rc
match_new(struct ctx *, struct db *, const struct dataset *stored, bool delta, struct match **out);
/* Which columns say what a row is, COLUMNS_MAX of them, the caller's; NULL: none. */
void match_telling(struct match *, const bool *telling);
MUST enum rc
match_row(struct ctx *, struct match *, const struct match_in *, struct match_found *out);
typedef enum rc
match_late_fn(struct ctx *, void *arg, const struct match_in *, const struct match_found *);
/* After the last row: calls fn for each that was MATCH_LATE. */
MUST enum rc match_late(struct ctx *, struct match *, match_late_fn *, void *arg);
struct match_seen {
	int64_t seq, rev; /* seq 0: made by a row of this delta */
	struct str key;
	bool kept;    /* the source lacked it before, and its owner said "keep" */
	bool edited;  /* here, since the source said it: nothing that is lost by a deletion */
	bool refused; /* what the source said last of it */
};
typedef enum rc match_fn(struct ctx *, void *arg, const struct match_seen *);
/* Calls fn for every stored record that no row matched and that the source had once. */
MUST enum rc match_gone(struct ctx *, struct match *, match_fn *, void *arg);
/* A delta says that this one is gone: calls fn when there is something to do about it. */
MUST enum rc match_gone_key(struct ctx *, struct match *, struct str key, match_fn *, void *arg);

/* How many stored records are kept although the source lacks them. */
MUST enum rc match_kept(struct ctx *, struct match *, int64_t *n);

/* Counts how often a key was met; used by match.c and, for records that are new in the same
 * read, by apply.c. */
struct repeats;
struct repeats *repeats_new(struct arena *);
/* 2 at the first call for a key, then 3, ... */
int64_t repeats_next(struct repeats *, struct str key);
/* Was it called for that key? */
bool repeats_met(struct repeats *, struct str key);
/* On which page was the key noted first? -1: it is noted now, or there are too many to be. */
int repeats_page(struct repeats *, struct str key, int page);

#endif
