/*
 * match_gone.c - see match.h: records that no row has matched.
 */
#include "base/step.h"
#include "sync/read/match.h"
#include "sync/read/match_state.h"

/* A record that was edited here is lost by no deletion, unless it is again what the source said, or
 * gives way to it. */
static enum rc
gone_edited(struct ctx *cx, struct match *m, struct match_seen *gone, bool *had)
{
	struct stored s;
	bool found;

	TRY(match_look_up(cx, m, gone->key, &found, &s));
	*had = found && s.said.p;
	gone->refused = s.refused;
	gone->edited = found && (s.deleted || (!s.yields && !str_eq(s.here, s.said)));
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
	s = match_stored(m->db, q);
	gone = (struct match_seen){ .seq = seq, .rev = s.rev, .key = s.key, .kept = s.kept };
	/* It may be edited, and be met again behind the mark. */
	match_mark(m, s.id);
	if (s.edited)
		rc = gone_edited(cx, m, &gone, &had);
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
		if (id < m->mark && !match_seen(m, id))
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
match_kept(struct ctx *cx, struct match *m, int64_t *n)
{
	bool found;

	TRY(db_row(cx, m->db, &found, Q_STORED_KEPT, "ii", m->first, m->end));
	*n = found ? db_num(m->db, Q_STORED_KEPT, 0) : 0;
	db_reset(m->db, Q_STORED_KEPT);
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
	bool had = true, came = match_seen(m, s->id);

	*something = !bits_has(&m->gone, match_bit(m, s->id));
	match_mark(m, s->id);
	bits_add(&m->gone, match_bit(m, s->id));
	gone->seq = s->seq;
	gone->rev = came || s->seq >= m->mark ? 0 : s->rev;
	if (s->edited)
		TRY(gone_edited(cx, m, gone, &had));
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
		TRY(match_look_up(cx, m, key, &found, &s));
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
