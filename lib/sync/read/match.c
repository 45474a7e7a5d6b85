/*
 * match.c - see match.h. Reads only. What is read here may be written by others before it is
 * applied: each verdict carries the rev it was found on.
 */
#include "base/step.h"
#include "sync/read/bits.h"
#include "sync/read/match.h"

enum { CHUNK_ROWS = 512 };

struct stored {
	int64_t seq, rev;
	int64_t id; /* stays while it moves: its origin, or its seq */
	bool edited, deleted;
	struct str key;
	struct str said; /* the payload that the source gave last; p NULL: it never had it */
};

struct match {
	struct arena *a;    /* lives as long as the match */
	struct arena *page; /* the chunk's texts */
	struct db *db;
	const struct dataset *dataset;
	int64_t first, end; /* seq range of the dataset */
	int64_t mark;       /* what is from here on was not there when the comparison began */
	bool empty, delta;
	struct stored chunk[CHUNK_ROWS];
	size_t n, at;
	int64_t after; /* last seq read by the walk */
	bool walked;   /* the walk has reached the end */
	struct bits seen, gone;
	struct repeats *repeats;
};

enum rc
match_new(
    struct ctx *cx, struct db *db, const struct dataset *stored, bool delta, struct match **out)
{
	struct match *m = arena_alloc(cx->a, sizeof *m);
	bool any = false;

	m->a = cx->a;
	m->db = db;
	m->dataset = stored;
	m->delta = delta;
	m->first = stored->no << SEQ_SHIFT;
	m->end = (stored->no + 1) << SEQ_SHIFT;
	m->mark = m->first + stored->next_seq;
	m->after = m->first;
	m->seen.a = m->gone.a = cx->a;
	m->repeats = repeats_new(cx->a);
	if (stored->no > 0) {
		TRY(db_row(cx, db, &any, Q_STORED_ANY, "ii", m->first, m->end));
		db_reset(db, Q_STORED_ANY);
	}
	m->empty = !any;
	if (!m->empty) {
		m->page = arena_inside(cx->a, "match", (size_t)256 * 1024 * 1024);
	}
	*out = m;
	return RC_OK;
}

static uint64_t
bit_of(const struct match *m, int64_t id)
{
	return (uint64_t)(id - m->first);
}

static bool
seen(const struct match *m, int64_t id)
{
	return bits_has(&m->seen, bit_of(m, id));
}

static void
mark(struct match *m, int64_t id)
{
	bits_add(&m->seen, bit_of(m, id));
}

/* What the source said last of a record that was edited here. */
static enum rc
match_base(struct ctx *cx, struct match *m, struct str key, struct str *out)
{
	const struct dataset *d = m->dataset;
	struct str base;
	bool found;

	*out = (struct str){ 0 };
	TRY(db_row(
	    cx, m->db, &found, Q_STORED_BASE, "siSs", d->connection_id, d->no, key, d->owner));
	if (found) {
		base = db_str(m->db, Q_STORED_BASE, 0);
		if (base.p)
			*out = (struct str){ arena_dup_str(m->page, base), base.n };
	}
	db_reset(m->db, Q_STORED_BASE);
	return RC_OK;
}

static enum rc
stored_read(struct ctx *cx, struct match *m, enum sql q, struct stored *s)
{
	struct str key = db_str(m->db, q, C_STORED_KEY), payload;
	int64_t origin = db_num(m->db, q, C_STORED_ORIGIN);

	s->seq = db_num(m->db, q, C_STORED_SEQ);
	s->rev = db_num(m->db, q, C_STORED_REV);
	s->id = origin ? origin : s->seq;
	s->edited = origin != 0;
	s->deleted = !db_null(m->db, q, C_STORED_DELETED);
	s->key = (struct str){ arena_dup_str(m->page, key), key.n };
	if (s->edited)
		return match_base(cx, m, s->key, &s->said);
	payload = db_str(m->db, q, C_STORED_PAYLOAD);
	s->said = (struct str){ arena_dup_str(m->page, payload), payload.n };
	return RC_OK;
}

static enum rc
next_chunk(struct ctx *cx, struct match *m)
{
	enum rc rc = RC_OK;

	arena_reset(m->page);
	m->n = m->at = 0;
	TRY(db_query(
	    cx, m->db, Q_STORED_PAGE, "iii", m->after, m->mark, (int64_t)step_page(CHUNK_ROWS)));
	while (rc == RC_OK && db_next(m->db, Q_STORED_PAGE)) {
		rc = stored_read(cx, m, Q_STORED_PAGE, &m->chunk[m->n]);
		m->after = m->chunk[m->n++].seq;
	}
	if (rc != RC_OK) {
		db_reset(m->db, Q_STORED_PAGE);
		return rc;
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
		while (m->at < m->n && seen(m, m->chunk[m->at].id))
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

/* After a look-up hit further down in the same chunk, the walk goes on behind it: the rows between
 * are gone or come later, and then by look-up. */
static void
walk_skip_to(struct match *m, int64_t seq)
{
	if (m->at >= m->n || seq <= m->chunk[m->at].seq || seq > m->chunk[m->n - 1].seq)
		return;
	while (m->at < m->n && m->chunk[m->at].seq <= seq)
		m->at++;
}

/* The strings are those of the open statement: whoever looks up resets it. */
static enum rc
look_up(struct ctx *cx, struct match *m, struct str key, bool *found, struct stored *s)
{
	const enum sql q = Q_STORED_LOOKUP;
	int64_t origin;

	*s = (struct stored){ .key = key };
	TRY(db_row(cx, m->db, found, q, "iS", m->dataset->no, key));
	if (!*found)
		return RC_OK;
	origin = db_num(m->db, q, C_STORED_ORIGIN);
	s->seq = db_num(m->db, q, C_STORED_SEQ);
	s->rev = db_num(m->db, q, C_STORED_REV);
	s->id = origin ? origin : s->seq;
	s->edited = origin != 0;
	s->deleted = !db_null(m->db, q, C_STORED_DELETED);
	s->said = db_str(m->db, q, C_STORED_PAYLOAD);
	return s->edited ? match_base(cx, m, key, &s->said) : RC_OK;
}

/* One that is newer than the mark and does not say what it was is decided when it is written. */
static void
verdict(const struct match *m, const struct stored *s, struct str payload, struct match_found *out)
{
	bool unknown = s->seq >= m->mark && !s->edited;

	out->seq = s->seq;
	out->rev = unknown ? 0 : s->rev;
	if (s->deleted && !s->edited && !unknown)
		out->kind = MATCH_REVIVED;
	else
		out->kind = !unknown && str_eq(s->said, payload) ? MATCH_SAME : MATCH_DIFFERENT;
}

static void
found_again(struct match *m, const struct stored *s, struct match_found *out)
{
	*out = (struct match_found){
		.kind = MATCH_DIFFERENT,
		.seq = s->seq,
		.again = true,
		.undone = bits_has(&m->gone, bit_of(m, s->id)),
	};
	bits_drop(&m->gone, bit_of(m, s->id));
}

/* Of a delta: the order of change tells nothing, and a key that comes again is the same record. */
static enum rc
delta_row(
    struct ctx *cx, struct match *m, struct str key, struct str payload, struct match_found *out)
{
	struct stored s;
	bool found = false;

	if (!m->empty)
		TRY(look_up(cx, m, key, &found, &s));
	if (!found)
		out->again = repeats_next(m->repeats, key) > 2;
	else if (seen(m, s.id))
		found_again(m, &s, out);
	else
		verdict(m, &s, payload, out);
	if (found)
		mark(m, s.id);
	db_reset(m->db, Q_STORED_LOOKUP);
	return RC_OK;
}

enum rc
match_row(
    struct ctx *cx, struct match *m, struct buf *key, struct str payload, struct match_found *out)
{
	size_t base = key->n;

	*out = (struct match_found){ .kind = MATCH_NEW };
	if (m->delta)
		return delta_row(cx, m, buf_s(key), payload, out);
	if (m->empty)
		return RC_OK;
	for (;;) {
		const struct stored *s;
		struct stored other;
		bool found, mine;

		TRY(walk_peek(cx, m, &s));
		if (s && str_eq(s->key, buf_s(key))) {
			verdict(m, s, payload, out);
			mark(m, s->id);
			m->at++;
			return RC_OK;
		}
		TRY(look_up(cx, m, buf_s(key), &found, &other));
		mine = found && !seen(m, other.id);
		if (mine)
			verdict(m, &other, payload, out);
		db_reset(m->db, Q_STORED_LOOKUP);
		if (mine) {
			mark(m, other.id);
			walk_skip_to(m, other.seq);
		}
		if (mine || !found)
			return RC_OK;
		/* This key belongs to a row of this read already. */
		buf_cut(key, base);
		int64_t again = repeats_next(m->repeats, buf_s(key));
		buf_printf(key, "#%lld", (long long)again);
	}
}

/* A record that was edited here is lost by no deletion, unless it is again what the source said. */
static enum rc
gone_edited(struct ctx *cx, struct match *m, struct str key, bool *had, bool *differs)
{
	struct stored s;
	struct str now;
	bool found;

	TRY(look_up(cx, m, key, &found, &s));
	*had = found && s.said.p;
	now = db_str(m->db, Q_STORED_LOOKUP, C_STORED_PAYLOAD);
	*differs = found && (s.deleted || !str_eq(now, s.said));
	db_reset(m->db, Q_STORED_LOOKUP);
	return RC_OK;
}

static enum rc
gone_one(struct ctx *cx, struct match *m, match_fn *fn, void *arg)
{
	const enum sql q = Q_STORED_KEYS;
	int64_t origin = db_num(m->db, q, C_STORED_KEY_ORIGIN);
	struct match_seen gone = {
		.seq = db_num(m->db, q, C_STORED_KEY_SEQ),
		.rev = db_num(m->db, q, C_STORED_KEY_REV),
		.key = db_str(m->db, q, C_STORED_KEY_KEY),
		.kept = db_flag(m->db, q, C_STORED_KEY_KEPT),
	};
	int64_t id = origin ? origin : gone.seq;
	bool had = true;

	if (id >= m->mark || seen(m, id))
		return RC_OK;
	/* It may be edited, and be met again behind the mark. */
	mark(m, id);
	if (origin)
		TRY(gone_edited(cx, m, gone.key, &had, &gone.edited));
	return had ? fn(cx, arg, &gone) : RC_OK;
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
		TRY(db_query(cx, m->db, Q_STORED_KEYS, "iii", after, m->end,
		    (int64_t)step_page(CHUNK_ROWS)));
		while (db_next(m->db, Q_STORED_KEYS)) {
			enum rc rc = gone_one(cx, m, fn, arg);

			after = db_num(m->db, Q_STORED_KEYS, C_STORED_KEY_SEQ);
			n++;
			if (rc != RC_OK) {
				db_reset(m->db, Q_STORED_KEYS);
				return rc;
			}
		}
		TRY(db_done(cx, m->db, Q_STORED_KEYS));
	} while (n > 0);
	return RC_OK;
}

/* Of one that is stored: is there something to do about its being gone? */
static enum rc
gone_stored(struct ctx *cx, struct match *m, const struct stored *s, struct match_seen *gone,
    bool *something)
{
	bool had = true, came = seen(m, s->id);

	*something = !bits_has(&m->gone, bit_of(m, s->id));
	mark(m, s->id);
	bits_add(&m->gone, bit_of(m, s->id));
	gone->seq = s->seq;
	gone->rev = came || s->seq >= m->mark ? 0 : s->rev;
	if (s->edited)
		TRY(gone_edited(cx, m, gone->key, &had, &gone->edited));
	else if (s->deleted)
		had = came;
	*something = *something && had;
	return RC_OK;
}

enum rc
match_gone_key(struct ctx *cx, struct match *m, struct str key, match_fn *fn, void *arg)
{
	struct match_seen gone = { .key = key };
	struct stored s;
	bool found = false, something;

	if (!m->empty)
		TRY(look_up(cx, m, key, &found, &s));
	gone.kept = found && db_flag(m->db, Q_STORED_LOOKUP, C_STORED_KEPT);
	db_reset(m->db, Q_STORED_LOOKUP);
	if (found) {
		TRY(gone_stored(cx, m, &s, &gone, &something));
	} else {
		something = repeats_met(m->repeats, key);
		gone.edited = true;
	}
	return something ? fn(cx, arg, &gone) : RC_OK;
}

enum rc
match_back(struct ctx *cx, struct match *m, match_fn *fn, void *arg)
{
	const enum sql q = Q_STORED_KEPT;
	int64_t after = m->first;
	size_t n;

	if (m->empty)
		return RC_OK;
	do {
		n = 0;
		TRY(db_query(
		    cx, m->db, q, "iii", m->dataset->no, after, (int64_t)step_page(CHUNK_ROWS)));
		while (db_next(m->db, q)) {
			int64_t origin = db_num(m->db, q, C_STORED_KEY_ORIGIN);
			const struct match_seen back = {
				.seq = db_num(m->db, q, C_STORED_KEY_SEQ),
				.rev = db_num(m->db, q, C_STORED_KEY_REV),
				.key = db_str(m->db, q, C_STORED_KEY_KEY),
				.kept = true,
			};
			bool is = seen(m, origin ? origin : back.seq);
			enum rc rc;

			after = back.seq;
			n++;
			rc = is ? fn(cx, arg, &back) : RC_OK;
			if (rc != RC_OK) {
				db_reset(m->db, q);
				return rc;
			}
		}
		TRY(db_done(cx, m->db, q));
	} while (n > 0);
	return RC_OK;
}
