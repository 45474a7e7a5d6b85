/*
 * tend.c - see tend.h. Keys are handed out as they are now: an edit that moves a record meanwhile
 * may have it named twice, or left to the next run.
 */
#include "sync/tend.h"

#include "base/clock.h"
#include "store/change.h"
#include "store/data.h"

enum { KEYS = 500 };

struct walk {
	const struct tending *tending;
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

/* --- what was done --- */

struct tended {
	const struct walk *walk;
	const json *keys;
	const char *what;
};

/* The dataset that has it, or had; NULL: none. */
static enum rc
tended_set(struct ctx *cx, struct db *db, const struct walk *w, const char *key,
    const struct dataset **set)
{
	struct record rec;

	*set = NULL;
	for (size_t i = 0; i < w->sets.n && !*set; i++) {
		enum rc rc = record_get(
		    cx, db, w->tending->job->conn.owner, &w->sets.v[i], key, &rec);

		if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
			return rc;
		if (rc == RC_OK)
			*set = &w->sets.v[i];
		cx->err = (struct err){ 0 };
	}
	return RC_OK;
}

static enum rc
tended_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct tended *t = arg;
	const struct job *job = t->walk->tending->job;
	const struct dataset *set;
	struct change c = {
		.owner = job->conn.owner,
		.object = { .kind = OBJECT_RECORD },
		.at = clock_ms(),
		.action = CHANGE_UPDATED,
		.side = SIDE_THERE,
		.sync_no = job->run.no,
		.connection_id = job->conn.id,
		.reason = t->what,
	};

	TRY(queue_hold(cx, db, job));
	TRY(queue_range(cx, db, job, -1));
	for (size_t i = 0; i < json_len(t->keys); i++) {
		c.object.key = json_value_str(json_nth(t->keys, i));
		TRY(tended_set(cx, db, t->walk, c.object.key, &set));
		c.object.dataset_no = set ? set->no : 0;
		if (set)
			TRY(change_insert(cx, db, &c));
	}
	return queue_range(cx, db, job, -1);
}

static enum rc
walk_told(struct ctx *cx, void *arg, const json *keys, const char *what)
{
	struct walk *w = arg;
	struct tended t = { .walk = w, .keys = keys, .what = what };

	return db_write(cx, w->db, tended_write, &t);
}

/* --- the whole --- */

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
	struct walk w = { .tending = t, .db = t->db };
	const struct keeping kept = { .next = walk_next, .told = walk_told, .arg = &w };
	const struct error_row *row;
	int calls = 0;
	enum rc rc;

	if (!t->provider->reader->tend || !json_at(cursor, "source"))
		return RC_OK;
	w.page = arena_inside(cx->a, "keys", (size_t)64 * 1024 * 1024);
	TRY(dataset_list(cx, t->db, t->job->conn.owner, t->job->conn.id, &w.sets));
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
