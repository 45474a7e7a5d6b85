/*
 * match_twins.c - see match.h: records whose keys repeat.
 */
#include "base/vec.h"
#include "sync/read/match.h"
#include "sync/read/match_state.h"

static enum rc
twin_read(struct ctx *cx, struct match *m, enum sql q, struct twin_group *g)
{
	struct stored s = match_stored(m->db, q);
	const struct twin_row one = {
		.seq = s.seq,
		.rev = s.rev,
		.id = s.id,
		.key = s.key,
		.deleted = !db_null(m->db, q, C_STORED_FOUND_DELETED),
		.kept = s.kept,
	};

	if (s.id >= m->mark)
		return RC_OK;
	twins_add(m->twins, g, &one);
	if (s.edited)
		TRY(match_base(cx, m, &s));
	g->v[g->n - 1].digest = s.said.p ? twins_digest(s.said) : 0;
	return RC_OK;
}

static enum rc
twins_load(struct ctx *cx, struct match *m, struct str key, struct twin_group *g)
{
	const enum sql q = Q_STORED_TWINS;
	const char *from = arena_printf(m->scratch, "%.*s#", (int)key.n, key.p);
	const char *to = arena_printf(m->scratch, "%.*s$", (int)key.n, key.p);
	struct stored s;
	enum rc rc = RC_OK;
	bool found;

	TRY(match_look_up(cx, m, key, &found, &s));
	if (found)
		rc = twin_read(cx, m, Q_STORED_LOOKUP, g);
	db_reset(m->db, Q_STORED_LOOKUP);
	TRY(rc);
	TRY(db_query(cx, m->db, q, "iss", m->dataset->no, from, to));
	while (rc == RC_OK && db_next(m->db, q))
		if (twins_is(key, db_str(m->db, q, C_STORED_KEY)))
			rc = twin_read(cx, m, q, g);
	if (rc != RC_OK) {
		db_reset(m->db, q);
		return rc;
	}
	return db_done(cx, m->db, q);
}

static enum rc
group_of(struct ctx *cx, struct match *m, struct str key, struct twin_group **out)
{
	bool fresh;

	*out = twins_group(m->twins, key, &fresh);
	if (!fresh)
		return RC_OK;
	arena_reset(m->scratch);
	return twins_load(cx, m, key, *out);
}

/* The record of the group that holds just this, and that no row has got yet. *earlier: one has, on
 * an earlier page. */
static struct twin_row *
twin_same(
    struct match *m, struct twin_group *g, const struct match_in *in, bool *earlier, bool *before)
{
	const uint64_t digest = twins_digest(in->payload);
	struct twin_row *same = NULL;

	*earlier = false;
	*before = g->rows++ > 0;
	for (size_t i = 0; i < g->n; i++) {
		const bool was = match_seen(m, g->v[i].id),
			   here = bits_has(&m->here, match_bit(m, g->v[i].id));

		*before |= was;
		if (g->v[i].deleted || g->v[i].digest != digest)
			continue;
		if (!was && !same)
			same = &g->v[i];
		*earlier |= was && in->page > 0 && !here;
	}
	return same;
}

static enum rc
match_defer(struct match *m, const struct match_in *in)
{
	struct late *l;

	VEC_HOLD(m->a, m->late, m->late_cap, m->late_n + 1, LATE_MAX);
	l = &m->late[m->late_n++];
	l->key = (struct str){ arena_dup_str(m->a, buf_s(in->key)), in->key->n };
	l->payload = (struct str){ arena_dup_str(m->a, in->payload), in->payload.n };
	l->line = in->line;
	m->late_bytes += in->key->n + in->payload.n + sizeof *l;
	return RC_OK;
}

enum rc
match_twin(
    struct ctx *cx, struct match *m, const struct match_in *in, struct match_found *out, bool *done)
{
	struct twin_group *g;
	const struct stored *s;
	struct twin_row *twin;
	bool earlier, before;

	*done = false;
	TRY(match_walk(cx, m, &s));
	if (s && str_eq(s->key, buf_s(in->key)) && str_eq(s->said, in->payload))
		return RC_OK;
	TRY(group_of(cx, m, buf_s(in->key), &g));
	if (g->n < 2)
		return RC_OK;
	twin = twin_same(m, g, in, &earlier, &before);
	if (!twin && !earlier && m->late_bytes > LATE_BYTES)
		return RC_OK;
	*done = true;
	if (!twin && earlier) {
		out->kind = MATCH_AGAIN;
		return RC_OK;
	}
	out->repeats = before;
	out->kind = twin ? MATCH_SAME : MATCH_LATE;
	if (!twin)
		return match_defer(m, in);
	out->seq = twin->seq;
	out->rev = twin->rev;
	out->back = twin->kept;
	match_met(m, &(struct stored){ .id = twin->id });
	return RC_OK;
}

/* What no row has got, one that is there before one that is gone; NULL: nothing. */
static struct twin_row *
twin_left(struct match *m, struct twin_group *g)
{
	for (int gone = 0; gone < 2; gone++)
		for (size_t i = 0; i < g->n; i++)
			if (g->v[i].deleted == (gone > 0) && !match_seen(m, g->v[i].id))
				return &g->v[i];
	return NULL;
}

static enum rc
late_row(struct ctx *cx, struct match *m, const struct match_in *in, struct match_found *out)
{
	struct twin_group *g;
	struct twin_row *twin;

	*out = (struct match_found){ .kind = MATCH_NEW };
	TRY(group_of(cx, m, buf_s(in->key), &g));
	twin = twin_left(m, g);
	if (twin) {
		buf_clear(in->key);
		buf_add(in->key, twin->key.p, twin->key.n);
	}
	return match_by_key(cx, m, in, out);
}

enum rc
match_late(struct ctx *cx, struct match *m, match_late_fn *fn, void *arg)
{
	struct buf *key = buf_in(cx->a, (size_t)4096 * 16);

	match_on_page(m, 0);
	for (size_t i = 0; i < m->late_n; i++) {
		const struct late *l = &m->late[i];
		const struct match_in in = { .key = key, .payload = l->payload, .line = l->line };
		struct match_found found;

		buf_clear(key);
		buf_add(key, l->key.p, l->key.n);
		TRY(late_row(cx, m, &in, &found));
		TRY(fn(cx, arg, &in, &found));
	}
	m->late_n = 0;
	return RC_OK;
}
