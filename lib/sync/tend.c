/*
 * tend.c - see tend.h. Keys are handed out as they are now: an edit that moves a record meanwhile
 * may have it named twice, or left to the next run.
 */
#include "sync/tend.h"

#include "store/data.h"

enum { KEYS = 500 };

struct walk {
	struct db *db;
	struct dataset_list sets;
	size_t set; /* the present one */
	struct arena *page;
	struct str key[KEYS];
	size_t n, at;
	int64_t after;
};

static enum rc
walk_chunk(struct ctx *cx, struct walk *w)
{
	const int64_t no = w->sets.v[w->set].no, first = no << SEQ_SHIFT;
	const enum sql q = Q_STORED_KEYS;

	arena_reset(w->page);
	w->n = w->at = 0;
	if (w->after < first)
		w->after = first;
	TRY(db_query(cx, w->db, q, "iii", w->after, (no + 1) << SEQ_SHIFT, (int64_t)KEYS));
	while (db_next(w->db, q)) {
		const struct str key = db_str(w->db, q, C_STORED_KEY_KEY);

		w->after = db_num(w->db, q, C_STORED_KEY_SEQ);
		w->key[w->n++] = (struct str){ arena_dup_str(w->page, key), key.n };
	}
	return db_done(cx, w->db, q);
}

static enum rc
walk_next(struct ctx *cx, void *arg, struct str *key)
{
	struct walk *w = arg;

	*key = (struct str){ NULL, 0 };
	while (w->at == w->n && w->set < w->sets.n) {
		TRY(walk_chunk(cx, w));
		if (w->n == 0)
			w->set++;
	}
	if (w->at < w->n)
		*key = w->key[w->at++];
	return RC_OK;
}

/* Waits are waited where they are: what is saved is not read again for them. */
static enum rc
tend_lent(struct ctx *cx, const struct tending *t, const struct keeping *kept, int *calls)
{
	struct later *later = t->lend ? t->lend->later : NULL;
	enum rc rc;

	if (t->lend)
		t->lend->later = NULL;
	rc = t->provider->reader->tend(cx, t->source, kept, calls);
	if (t->lend)
		t->lend->later = later;
	return rc;
}

/* Told to stop, or nobody's any more. */
static bool
tend_stops(enum error_kind kind)
{
	return kind == E_CANCELLED || kind == E_INTERRUPTED || kind == E_LEASE;
}

enum rc
tend_source(struct ctx *cx, const struct tending *t, json *cursor, struct outcome *o)
{
	struct walk w = { .db = t->db };
	const struct keeping kept = { .next = walk_next, .arg = &w };
	const struct error_row *row;
	int calls = 0;
	enum rc rc;

	if (!t->provider->reader->tend || !json_at(cursor, "source"))
		return RC_OK;
	w.page = arena_inside(cx->a, "keys", (size_t)64 * 1024 * 1024);
	TRY(dataset_list(cx, t->db, t->conn->owner, t->conn->id, &w.sets));
	rc = tend_lent(cx, t, &kept, &calls);
	o->result.calls += calls;
	if (rc == RC_OK || tend_stops(cx->err.kind))
		return rc;
	row = error_row(cx->err.kind);
	outcome_warn(o, cx->a, "untended",
	    "All was read, but at the source something is left to be "
	    "done, which the next sync tries again: %s %s",
	    row->title, cx->err.detail);
	json_set_bool(json_at(cursor, "source"), "untended", true);
	cx->err = (struct err){ 0 };
	return RC_OK;
}
