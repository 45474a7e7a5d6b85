/*
 * match_state.h - what match.c, match_twins.c and match_gone.c share; for them alone.
 */
#ifndef SYNC_READ_MATCH_STATE_H
#define SYNC_READ_MATCH_STATE_H

#include "sync/read/bits.h"
#include "sync/read/twins.h"

struct match_in;
struct match_found;
struct repeats;

enum { CHUNK_ROWS = 512, CHUNK_BYTES = 4 << 20 };
enum { HERE_MAX = 1 << 26, LATE_MAX = 1 << 26, LATE_BYTES = 64 << 20 };

struct stored {
	int64_t seq, rev;
	int64_t changed; /* ms */
	int64_t id;      /* stays while it moves: its origin, or its seq */
	bool edited, deleted, kept;
	/* of what was edited: it gives way to what the source says next; and that is what was kept
	 * against what the source said */
	bool yields, refused;
	struct str key;
	struct str here; /* the payload */
	struct str said; /* that which the source gave last; p NULL: it never had it */
};

/* A row that waits for the end. */
struct late {
	struct str key, payload;
	int64_t line;
};

struct match {
	struct arena *a;    /* lives as long as the match */
	struct arena *page; /* the chunk's texts */
	struct arena *scratch;
	struct db *db;
	const struct dataset *dataset;
	const bool *telling; /* see match_telling() */
	int64_t first, end;  /* seq range of the dataset */
	int64_t mark;        /* what is from here on was not there when the comparison began */
	bool empty, delta;
	struct stored chunk[CHUNK_ROWS];
	size_t n, at;
	int64_t after; /* last seq read by the walk */
	bool walked;   /* the walk has reached the end */
	struct bits seen, gone;
	int64_t met; /* how many of what match_gone() looks through were matched */
	struct repeats *repeats;
	struct repeats *made; /* keys that no record had */
	struct twins *twins;  /* NULL: there are no records whose keys repeat */
	int page_no;          /* of the rows that come */
	struct bits here;     /* which of the seen are of this page: */
	int64_t *here_ids;
	size_t here_n, here_cap;
	struct late *late;
	size_t late_n, late_cap, late_bytes;
};

static inline uint64_t
match_bit(const struct match *m, int64_t id)
{
	return (uint64_t)(id - m->first);
}

static inline bool
match_seen(const struct match *m, int64_t id)
{
	return bits_has(&m->seen, match_bit(m, id));
}

static inline void
match_mark(struct match *m, int64_t id)
{
	bits_add(&m->seen, match_bit(m, id));
}

/* The record has got its row. */
void match_met(struct match *, const struct stored *);
/* Rows of another page begin. */
void match_on_page(struct match *, int page);
/* What the source said last of a record that was edited here, and whether the edit yields. */
MUST enum rc match_base(struct ctx *, struct match *, struct stored *);
/* Of the row that q came to; its strings are those of the open statement. */
struct stored match_stored(struct db *, enum sql q);
/* The record the walk stands at, over those that were matched by look-up before; NULL at the
 * end. */
MUST enum rc match_walk(struct ctx *, struct match *, const struct stored **out);
/* The strings are those of the open statement: whoever looks up resets it. */
MUST enum rc
match_look_up(struct ctx *, struct match *, struct str key, bool *found, struct stored *);
/* By its key, in the order of the rows. */
MUST enum rc
match_by_key(struct ctx *, struct match *, const struct match_in *, struct match_found *out);
/* By what it holds, where records have their key in common. *done: it has been decided. */
MUST enum rc match_twin(
    struct ctx *, struct match *, const struct match_in *, struct match_found *out, bool *done);

#endif
