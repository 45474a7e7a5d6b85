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
	bool edited, deleted, kept;
	struct str key;
	struct str said; /* the payload that the source gave last; p NULL: it never had it */
};

struct match {
	struct arena *a;    /* lives as long as the match */
	struct arena *page; /* the chunk's texts */
	struct arena *scratch;
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
	int64_t met; /* how many of what match_gone() looks through were matched */
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
		m->scratch = arena_inside(cx->a, "differ", (size_t)256 * 1024 * 1024);
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

/* The record has got its row. */
static void
met(struct match *m, const struct stored *s)
{
	mark(m, s->id);
	m->met += !s->deleted || s->edited;
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

/* Of the row that q came to; its strings are those of the open statement. */
static struct stored
stored_row(struct db *db, enum sql q)
{
	int64_t seq = db_num(db, q, C_STORED_SEQ), origin = db_num(db, q, C_STORED_ORIGIN);

	return (struct stored){
		.seq = seq,
		.rev = db_num(db, q, C_STORED_REV),
		.id = origin ? origin : seq,
		.edited = origin != 0,
		.kept = db_flag(db, q, C_STORED_KEPT),
		.key = db_str(db, q, C_STORED_KEY),
		.said = db_str(db, q, C_STORED_PAYLOAD),
	};
}

static enum rc
stored_keep(struct ctx *cx, struct match *m, struct stored *s)
{
	s->key.p = arena_dup_str(m->page, s->key);
	if (s->edited)
		return match_base(cx, m, s->key, &s->said);
	s->said.p = arena_dup_str(m->page, s->said);
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
		struct stored *s = &m->chunk[m->n++];

		*s = stored_row(m->db, Q_STORED_PAGE);
		m->after = s->seq;
		rc = stored_keep(cx, m, s);
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

	*s = (struct stored){ .key = key };
	TRY(db_row(cx, m->db, found, q, "iS", m->dataset->no, key));
	if (!*found)
		return RC_OK;
	*s = stored_row(m->db, q);
	s->key = key;
	s->deleted = !db_null(m->db, q, C_STORED_FOUND_DELETED);
	return s->edited ? match_base(cx, m, key, &s->said) : RC_OK;
}

/* One that is newer than the mark and does not say what it was is decided when it is written. */
static void
verdict(const struct match *m, const struct stored *s, struct str payload, struct match_found *out)
{
	bool unknown = s->seq >= m->mark && !s->edited;

	out->seq = s->seq;
	out->rev = unknown ? 0 : s->rev;
	out->back = s->kept;
	if (s->deleted && !s->edited && !unknown) {
		out->kind = MATCH_REVIVED;
		return;
	}
	out->kind = MATCH_DIFFERENT;
	if (unknown)
		return;
	if (!str_eq(s->said, payload) && s->said.p) {
		arena_reset(m->scratch);
		out->diff = row_differ(m->scratch, s->said, payload);
	}
	if (out->diff.changed == 0 && s->said.p)
		out->kind = MATCH_SAME;
}

static void
found_again(struct match *m, const struct stored *s, struct match_found *out)
{
	bool undone = bits_has(&m->gone, bit_of(m, s->id));

	*out = (struct match_found){
		.kind = MATCH_DIFFERENT,
		.seq = s->seq,
		.again = true,
		.undone = undone,
		.back = undone && s->kept,
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
			met(m, s);
			m->at++;
			return RC_OK;
		}
		TRY(look_up(cx, m, buf_s(key), &found, &other));
		mine = found && !seen(m, other.id);
		if (mine)
			verdict(m, &other, payload, out);
		db_reset(m->db, Q_STORED_LOOKUP);
		if (mine) {
			met(m, &other);
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

/* Of the record at seq, which no row has matched. */
static enum rc
gone_one(struct ctx *cx, struct match *m, int64_t seq, match_fn *fn, void *arg)
{
	const enum sql q = Q_STORED_AT;
	struct match_seen gone;
	enum rc rc = RC_OK;
	struct stored s;
	bool found, had = true;

	TRY(db_row(cx, m->db, &found, q, "i", seq));
	if (!found)
		return fail(cx, E_BUG, "A record is not there that was read just now.");
	s = stored_row(m->db, q);
	gone = (struct match_seen){ .seq = seq, .rev = s.rev, .key = s.key, .kept = s.kept };
	/* It may be edited, and be met again behind the mark. */
	mark(m, s.id);
	if (s.edited)
		rc = gone_edited(cx, m, gone.key, &had, &gone.edited);
	if (rc == RC_OK && had)
		rc = fn(cx, arg, &gone);
	db_reset(m->db, q);
	return rc;
}

/* Of the next records behind `after`; *n: how many there were. */
static enum rc
gone_chunk(struct ctx *cx, struct match *m, int64_t *after, size_t *n, match_fn *fn, void *arg)
{
	const enum sql q = Q_STORED_IDS;
	enum rc rc = RC_OK;

	*n = 0;
	TRY(db_query(cx, m->db, q, "iii", *after, m->end, (int64_t)step_page(CHUNK_ROWS)));
	while (rc == RC_OK && db_next(m->db, q)) {
		int64_t origin = db_num(m->db, q, C_STORED_ID_ORIGIN), id;

		*after = db_num(m->db, q, C_STORED_ID_SEQ);
		++*n;
		id = origin ? origin : *after;
		if (id < m->mark && !seen(m, id))
			rc = gone_one(cx, m, *after, fn, arg);
	}
	if (rc == RC_OK)
		return db_done(cx, m->db, q);
	db_reset(m->db, q);
	return rc;
}

/* What was matched is there still: whoever edits or deletes it here leaves its record. So when no
 * more is there than was matched, nothing is gone, and counting costs a third of looking. */
static enum rc
all_met(struct ctx *cx, struct match *m, bool *all)
{
	bool found;

	TRY(db_row(cx, m->db, &found, Q_STORED_COUNT, "ii", m->first, m->end));
	*all = found && db_num(m->db, Q_STORED_COUNT, 0) == m->met;
	db_reset(m->db, Q_STORED_COUNT);
	return RC_OK;
}

enum rc
match_gone(struct ctx *cx, struct match *m, match_fn *fn, void *arg)
{
	int64_t after = m->first;
	bool all = true;
	size_t n;

	if (!m->empty)
		TRY(all_met(cx, m, &all));
	if (all)
		return RC_OK;
	do {
		arena_reset(m->page);
		TRY(gone_chunk(cx, m, &after, &n, fn, arg));
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
	gone.kept = found && s.kept;
	db_reset(m->db, Q_STORED_LOOKUP);
	if (found) {
		TRY(gone_stored(cx, m, &s, &gone, &something));
	} else {
		something = repeats_met(m->repeats, key);
		gone.edited = true;
	}
	return something ? fn(cx, arg, &gone) : RC_OK;
}
