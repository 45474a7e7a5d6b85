/*
 * match.c - see match.h. Reads only. What is read here may be written by others before it is
 * applied: each verdict carries the rev it was found on.
 */
#include "base/step.h"
#include "base/vec.h"
#include "store/link.h"
#include "sync/read/match.h"
#include "sync/read/match_state.h"

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
	m->here.a = cx->a;
	m->repeats = repeats_new(cx->a);
	m->made = repeats_new(cx->a);
	m->twins = stored->repeats ? twins_new(cx->a) : NULL;
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

void
match_telling(struct match *m, const bool *telling)
{
	m->telling = telling;
}

/* The record has got its row. */
void
match_met(struct match *m, const struct stored *s)
{
	match_mark(m, s->id);
	m->met += !s->deleted || s->edited;
	if (!m->page_no)
		return;
	bits_add(&m->here, match_bit(m, s->id));
	VEC_HOLD(m->a, m->here_ids, m->here_cap, m->here_n + 1, HERE_MAX);
	m->here_ids[m->here_n++] = s->id;
}

/* Rows of another page begin. */
void
match_on_page(struct match *m, int page)
{
	if (page == m->page_no)
		return;
	for (size_t i = 0; i < m->here_n; i++)
		bits_drop(&m->here, match_bit(m, m->here_ids[i]));
	m->here_n = 0;
	m->page_no = page;
}

enum rc
match_base(struct ctx *cx, struct match *m, struct stored *s)
{
	const struct dataset *d = m->dataset;
	const enum sql q = Q_STORED_BASE;
	const char *code;
	struct str base;
	bool found;

	s->said = (struct str){ 0 };
	TRY(db_row(cx, m->db, &found, q, "siSs", d->connection_id, d->no, s->key, d->owner));
	if (found) {
		base = db_str(m->db, q, C_STORED_BASE_BASE);
		if (base.p)
			s->said = (struct str){ arena_dup_str(m->page, base), base.n };
		code = db_dup(m->page, m->db, q, C_STORED_BASE_ERROR_CODE);
		s->yields = link_yields(code);
		s->refused = code && !strcmp(code, LINK_REFUSED);
	}
	db_reset(m->db, q);
	return RC_OK;
}

/* Of the row that q came to; its strings are those of the open statement. */
struct stored
match_stored(struct db *db, enum sql q)
{
	int64_t seq = db_num(db, q, C_STORED_SEQ), origin = db_num(db, q, C_STORED_ORIGIN);

	return (struct stored){
		.seq = seq,
		.rev = db_num(db, q, C_STORED_REV),
		.changed = db_num(db, q, C_STORED_CHANGED),
		.id = origin ? origin : seq,
		.edited = origin != 0,
		.kept = db_flag(db, q, C_STORED_KEPT),
		.key = db_str(db, q, C_STORED_KEY),
		.here = db_str(db, q, C_STORED_PAYLOAD),
		.said = db_str(db, q, C_STORED_PAYLOAD),
	};
}

static enum rc
stored_keep(struct ctx *cx, struct match *m, struct stored *s)
{
	s->key.p = arena_dup_str(m->page, s->key);
	s->here.p = s->said.p = arena_dup_str(m->page, s->said);
	return s->edited ? match_base(cx, m, s) : RC_OK;
}

/* As many as one look brings, or as their texts take room. */
static enum rc
next_chunk(struct ctx *cx, struct match *m)
{
	enum rc rc = RC_OK;
	size_t bytes = 0;

	arena_reset(m->page);
	m->n = m->at = 0;
	TRY(db_query(
	    cx, m->db, Q_STORED_PAGE, "iii", m->after, m->mark, (int64_t)step_page(CHUNK_ROWS)));
	while (rc == RC_OK && bytes < CHUNK_BYTES && db_next(m->db, Q_STORED_PAGE)) {
		struct stored *s = &m->chunk[m->n++];

		*s = match_stored(m->db, Q_STORED_PAGE);
		m->after = s->seq;
		bytes += s->here.n;
		rc = stored_keep(cx, m, s);
	}
	if (rc != RC_OK || bytes >= CHUNK_BYTES) {
		db_reset(m->db, Q_STORED_PAGE);
		return rc;
	}
	TRY(db_done(cx, m->db, Q_STORED_PAGE));
	m->walked = m->n == 0;
	return RC_OK;
}

/* The record the walk stands at, over those that were matched by look-up before; NULL at the
 * end. */
enum rc
match_walk(struct ctx *cx, struct match *m, const struct stored **out)
{
	for (;;) {
		while (m->at < m->n && match_seen(m, m->chunk[m->at].id))
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
enum rc
match_look_up(struct ctx *cx, struct match *m, struct str key, bool *found, struct stored *s)
{
	const enum sql q = Q_STORED_LOOKUP;

	*s = (struct stored){ .key = key };
	TRY(db_row(cx, m->db, found, q, "iS", m->dataset->no, key));
	if (!*found)
		return RC_OK;
	*s = match_stored(m->db, q);
	s->key = key;
	s->deleted = !db_null(m->db, q, C_STORED_FOUND_DELETED);
	return s->edited ? match_base(cx, m, s) : RC_OK;
}

static struct row_diff
match_differs(const struct match *m, struct str was, struct str is)
{
	if (str_eq(was, is) || !was.p)
		return (struct row_diff){ 0 };
	arena_reset(m->scratch);
	return row_differ(m->scratch, was, is, m->telling);
}

/* One that is newer than the mark and does not say what it was is decided when it is written. */
static void
verdict(const struct match *m, const struct stored *s, struct str payload, struct match_found *out)
{
	bool unknown = s->seq >= m->mark && !s->edited;

	out->seq = s->seq;
	out->rev = unknown ? 0 : s->rev;
	out->changed = s->changed;
	out->back = s->kept;
	out->refused = s->refused;
	if (s->deleted && !s->edited && !unknown) {
		out->kind = MATCH_REVIVED;
		return;
	}
	out->kind = MATCH_DIFFERENT;
	if (unknown)
		return;
	out->diff = match_differs(m, s->said, payload);
	if (out->diff.changed == 0 && s->said.p)
		out->kind = MATCH_SAME;
	else if (s->refused)
		out->diff = match_differs(m, s->here, payload);
}

static void
found_again(struct match *m, const struct stored *s, struct str payload, struct match_found *out)
{
	bool undone = bits_has(&m->gone, match_bit(m, s->id));
	bool known = s->seq < m->mark || s->edited;

	*out = (struct match_found){
		.kind = MATCH_DIFFERENT,
		.seq = s->seq,
		.changed = s->changed,
		.again = true,
		.undone = undone,
		.back = undone && s->kept,
		.diff = match_differs(m, known ? s->here : (struct str){ 0 }, payload),
	};
	bits_drop(&m->gone, match_bit(m, s->id));
}

/* Of a delta: the order of change tells nothing, and a key that comes again is the same record. */
static enum rc
delta_row(
    struct ctx *cx, struct match *m, struct str key, struct str payload, struct match_found *out)
{
	struct stored s;
	bool found = false;

	if (!m->empty)
		TRY(match_look_up(cx, m, key, &found, &s));
	if (!found)
		out->again = repeats_next(m->repeats, key) > 2;
	else if (match_seen(m, s.id))
		found_again(m, &s, payload, out);
	else
		verdict(m, &s, payload, out);
	if (found)
		match_mark(m, s.id);
	db_reset(m->db, Q_STORED_LOOKUP);
	return RC_OK;
}

/* The key is that of a row that came before: the same item on an earlier page, or another one,
 * which gets the next "#n". */
static void
came_before(
    struct match *m, const struct match_in *in, bool earlier, size_t base, struct match_found *out)
{
	if (in->own && in->key->n == base && earlier) {
		out->kind = MATCH_AGAIN;
		return;
	}
	out->repeats |= in->own;
	buf_cut(in->key, base);
	buf_printf(in->key, "#%lld", (long long)repeats_next(m->repeats, buf_s(in->key)));
}

/* No record has the key: has a row that came before? */
static bool
is_made(struct match *m, const struct match_in *in, size_t base, struct match_found *out)
{
	int page;

	if (!in->own || in->key->n != base)
		return false;
	page = repeats_page(m->made, buf_s(in->key), in->page);
	if (page >= 0)
		came_before(m, in, in->page > 0 && page != in->page, base, out);
	return page >= 0;
}

/* By its key, in the order of the rows. */
enum rc
match_by_key(struct ctx *cx, struct match *m, const struct match_in *in, struct match_found *out)
{
	const size_t base = in->key->n;

	while (out->kind == MATCH_NEW) {
		const struct stored *s;
		struct stored other;
		bool found, mine;

		TRY(match_walk(cx, m, &s));
		if (s && str_eq(s->key, buf_s(in->key))) {
			verdict(m, s, in->payload, out);
			match_met(m, s);
			m->at++;
			return RC_OK;
		}
		TRY(match_look_up(cx, m, buf_s(in->key), &found, &other));
		mine = found && !match_seen(m, other.id);
		if (mine)
			verdict(m, &other, in->payload, out);
		db_reset(m->db, Q_STORED_LOOKUP);
		if (mine) {
			match_met(m, &other);
			walk_skip_to(m, other.seq);
		}
		if (mine || (!found && !is_made(m, in, base, out)))
			return RC_OK;
		if (found)
			came_before(m, in,
			    in->page > 0 && !bits_has(&m->here, match_bit(m, other.id)), base, out);
	}
	return RC_OK;
}

enum rc
match_row(struct ctx *cx, struct match *m, const struct match_in *in, struct match_found *out)
{
	const size_t base = in->key->n;
	bool done;

	*out = (struct match_found){ .kind = MATCH_NEW };
	if (m->delta)
		return delta_row(cx, m, buf_s(in->key), in->payload, out);
	match_on_page(m, in->page);
	if (m->empty) {
		(void)is_made(m, in, base, out);
		return RC_OK;
	}
	if (m->twins && in->own) {
		TRY(match_twin(cx, m, in, out, &done));
		if (done)
			return RC_OK;
	}
	return match_by_key(cx, m, in, out);
}
