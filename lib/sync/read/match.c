/*
 * match.c - see match.h. Reads only; the run that holds the dataset is its single writer, so
 * what is read here stays true until it is applied.
 */
#include "store/data.h"
#include "sync/read/match.h"

enum { CHUNK_ROWS = 512, BLOCK_BITS = 65536 };

struct stored {
	int64_t seq;
	struct str key, payload;
};

struct match {
	struct arena *a;    /* lives as long as the match */
	struct arena *page; /* the chunk's texts */
	struct db *db;
	int64_t dataset_no, first, end; /* seq range of the dataset */
	bool empty;
	struct stored chunk[CHUNK_ROWS];
	size_t n, at;
	int64_t after;          /* last seq read by the walk */
	bool walked;            /* the walk has reached the end */
	unsigned char **blocks; /* bitmaps of BLOCK_BITS each */
	size_t blocks_cap;
	struct repeats *repeats;
};

static void
free_page(void *p)
{
	arena_free(p);
}

enum rc
match_new(struct ctx *cx, struct db *db, int64_t dataset_no, struct match **out)
{
	struct match *m = arena_alloc(cx->a, sizeof *m);
	bool any = false;

	m->a = cx->a;
	m->db = db;
	m->dataset_no = dataset_no;
	m->first = dataset_no << SEQ_SHIFT;
	m->end = (dataset_no + 1) << SEQ_SHIFT;
	m->after = m->first;
	m->repeats = repeats_new(cx->a);
	if (dataset_no > 0) {
		TRY(db_row(cx, db, &any, Q_STORED_ANY, "ii", m->first, m->end));
		db_reset(db, Q_STORED_ANY);
	}
	m->empty = !any;
	if (!m->empty) {
		m->page = arena_new("match", (size_t)256 * 1024 * 1024, 0);
		arena_defer(cx->a, free_page, m->page);
	}
	*out = m;
	return RC_OK;
}

static unsigned char *
seen_byte(struct match *m, int64_t seq, unsigned *bit)
{
	uint64_t i = (uint64_t)(seq - m->first);
	size_t block = (size_t)(i / BLOCK_BITS), in = (size_t)(i % BLOCK_BITS);

	if (block >= m->blocks_cap) {
		size_t cap = m->blocks_cap ? m->blocks_cap : 16;
		unsigned char **v;
		while (cap <= block)
			cap *= 2;
		v = arena_array(m->a, cap, sizeof *v);
		if (m->blocks_cap)
			memcpy(v, m->blocks, m->blocks_cap * sizeof *v);
		m->blocks = v;
		m->blocks_cap = cap;
	}
	if (!m->blocks[block])
		m->blocks[block] = arena_alloc(m->a, BLOCK_BITS / 8);
	*bit = 1u << (in % 8);
	return &m->blocks[block][in / 8];
}

static bool
seen(struct match *m, int64_t seq)
{
	unsigned bit;

	return (*seen_byte(m, seq, &bit) & bit) != 0;
}

static void
mark(struct match *m, int64_t seq)
{
	unsigned bit;
	unsigned char *byte = seen_byte(m, seq, &bit);

	*byte = (unsigned char)(*byte | bit);
}

static enum rc
next_chunk(struct ctx *cx, struct match *m)
{
	arena_reset(m->page);
	m->n = m->at = 0;
	TRY(db_query(cx, m->db, Q_STORED_PAGE, "iii", m->after, m->end, (int64_t)CHUNK_ROWS));
	while (db_next(m->db, Q_STORED_PAGE)) {
		struct stored *s = &m->chunk[m->n++];
		struct str key = db_str(m->db, Q_STORED_PAGE, C_STORED_KEY);
		struct str payload = db_str(m->db, Q_STORED_PAGE, C_STORED_PAYLOAD);
		s->seq = db_num(m->db, Q_STORED_PAGE, C_STORED_SEQ);
		s->key = (struct str){ arena_dup_str(m->page, key), key.n };
		s->payload = (struct str){ arena_dup_str(m->page, payload), payload.n };
		m->after = s->seq;
	}
	TRY(db_done(cx, m->db, Q_STORED_PAGE));
	m->walked = m->n == 0;
	return RC_OK;
}

/* The record the walk stands at, over those that were matched by look-up before; NULL at the
 * end. */
static enum rc
walk_peek(struct ctx *cx, struct match *m, const struct stored **out)
{
	for (;;) {
		while (m->at < m->n && seen(m, m->chunk[m->at].seq))
			m->at++;
		if (m->at < m->n) {
			*out = &m->chunk[m->at];
			return RC_OK;
		}
		if (m->walked) {
			*out = NULL;
			return RC_OK;
		}
		TRY(next_chunk(cx, m));
	}
}

/* After a look-up hit further down in the same chunk, the walk goes on behind it: the rows
 * between are gone or come later, and then by look-up. */
static void
walk_skip_to(struct match *m, int64_t seq)
{
	if (m->at >= m->n || seq <= m->chunk[m->at].seq || seq > m->chunk[m->n - 1].seq)
		return;
	while (m->at < m->n && m->chunk[m->at].seq <= seq)
		m->at++;
}

static enum rc
look_up(struct ctx *cx, struct match *m, struct str key, struct str payload, bool *found,
    bool *deleted, bool *same, int64_t *seq)
{
	TRY(db_row(cx, m->db, found, Q_STORED_LOOKUP, "iS", m->dataset_no, key));
	if (*found) {
		*seq = db_num(m->db, Q_STORED_LOOKUP, C_STORED_ONE_SEQ);
		*same = str_eq(db_str(m->db, Q_STORED_LOOKUP, C_STORED_ONE_PAYLOAD), payload);
		*deleted = !db_null(m->db, Q_STORED_LOOKUP, C_STORED_ONE_DELETED);
	}
	db_reset(m->db, Q_STORED_LOOKUP);
	return RC_OK;
}

enum rc
match_row(struct ctx *cx, struct match *m, struct buf *key, struct str payload,
    enum match_kind *kind, int64_t *seq)
{
	size_t base = key->n;

	*kind = MATCH_NEW;
	*seq = 0;
	if (m->empty)
		return RC_OK;
	for (;;) {
		const struct stored *s;
		bool found, deleted = false, same = false;

		TRY(walk_peek(cx, m, &s));
		if (s && str_eq(s->key, buf_s(key))) {
			*kind = str_eq(s->payload, payload) ? MATCH_SAME : MATCH_DIFFERENT;
			*seq = s->seq;
			m->at++;
			break;
		}
		TRY(look_up(cx, m, buf_s(key), payload, &found, &deleted, &same, seq));
		if (!found)
			return RC_OK;
		if (!seen(m, *seq)) {
			*kind = deleted ? MATCH_REVIVED : same ? MATCH_SAME : MATCH_DIFFERENT;
			walk_skip_to(m, *seq);
			break;
		}
		/* This key belongs to a row of this read already. */
		buf_cut(key, base);
		int64_t again = repeats_next(m->repeats, buf_s(key));
		buf_printf(key, "#%lld", (long long)again);
	}
	mark(m, *seq);
	return RC_OK;
}

enum rc
match_gone(struct ctx *cx, struct match *m, match_fn *fn, void *arg)
{
	int64_t after = m->first;
	size_t n;

	if (m->empty)
		return RC_OK;
	do {
		n = 0;
		arena_reset(m->page);
		TRY(db_query(cx, m->db, Q_STORED_KEYS, "iii", after, m->end, (int64_t)CHUNK_ROWS));
		while (db_next(m->db, Q_STORED_KEYS)) {
			after = db_num(m->db, Q_STORED_KEYS, C_STORED_KEY_SEQ);
			n++;
			if (seen(m, after))
				continue;
			const struct match_seen gone = { after,
				db_str(m->db, Q_STORED_KEYS, C_STORED_KEY_KEY),
				db_num(m->db, Q_STORED_KEYS, C_STORED_KEY_KEPT) != 0 };
			enum rc rc = fn(cx, arg, &gone);
			if (rc != RC_OK) {
				db_reset(m->db, Q_STORED_KEYS);
				return rc;
			}
		}
		TRY(db_done(cx, m->db, Q_STORED_KEYS));
	} while (n == CHUNK_ROWS);
	return RC_OK;
}

enum rc
match_back(struct ctx *cx, struct match *m, match_fn *fn, void *arg)
{
	int64_t after = m->first;
	size_t n;

	if (m->empty)
		return RC_OK;
	do {
		n = 0;
		TRY(db_query(
		    cx, m->db, Q_STORED_KEPT, "iii", m->dataset_no, after, (int64_t)CHUNK_ROWS));
		while (db_next(m->db, Q_STORED_KEPT)) {
			const struct match_seen back = { db_num(m->db, Q_STORED_KEPT,
							     C_STORED_KEPT_SEQ),
				db_str(m->db, Q_STORED_KEPT, C_STORED_KEPT_KEY), true };

			after = back.seq;
			n++;
			enum rc rc = seen(m, after) ? fn(cx, arg, &back) : RC_OK;
			if (rc != RC_OK) {
				db_reset(m->db, Q_STORED_KEPT);
				return rc;
			}
		}
		TRY(db_done(cx, m->db, Q_STORED_KEPT));
	} while (n == CHUNK_ROWS);
	return RC_OK;
}
