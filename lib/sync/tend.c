/*
 * tend.c - see tend.h. Keys are handed out as they are now: an edit that moves a record meanwhile
 * may have it named twice, or left to the next run.
 */
#include "sync/tend.h"

#include "base/clock.h"
#include "base/step.h"
#include "store/change.h"
#include "store/data.h"
#include "store/labelled.h"

enum { TEND_KEYS = 500 };

struct walk {
	const struct tending *tending;
	struct outcome *outcome;
	struct db *db;
	struct dataset_list sets;
	enum keeping_whom whom;
	size_t set;        /* the present one; behind the last: those of the ledger */
	const char *given; /* the last key of the ledger; NULL: none of it any more */
	struct arena *own, *page;
	struct bearer v[TEND_KEYS];
	size_t n, at;
	int64_t after;
	int64_t on, off; /* how many it was put on, and taken off */
};

/* --- who --- */

static enum bearer_stands
bearer_stood(enum labelled_stands s)
{
	static const enum bearer_stands as[] = {
		[LABELLED_NOT] = BEARER_NOT,
		[LABELLED_PUT] = BEARER_PUT,
		[LABELLED_COMING] = BEARER_COMING,
		[LABELLED_GOING] = BEARER_GOING,
	};

	return as[s];
}

static enum bearer_wish
bearer_wished(enum labelled_held held, bool kept)
{
	if (held == LABELLED_OFF)
		return BEARER_SPARED;
	return kept || held == LABELLED_ON ? BEARER_SHALL : BEARER_OTHER;
}

static void
walk_put(struct walk *w, const char *key, const char *label, struct bearer b)
{
	b.key = str_c(arena_dup(w->page, key));
	b.label = arena_dup(w->page, label);
	w->v[w->n++] = b;
}

static enum rc
walk_kept(struct ctx *cx, struct walk *w)
{
	const int64_t no = w->sets.v[w->set].no, first = no << SEQ_SHIFT;
	const struct conn *c = &w->tending->job->conn;
	const enum sql q = Q_STORED_BEARERS;

	if (w->after < first)
		w->after = first;
	TRY(db_query(cx, w->db, q, "iisis", w->after, (no + 1) << SEQ_SHIFT, c->id,
	    (int64_t)TEND_KEYS, c->owner));
	while (db_next(w->db, q)) {
		const enum labelled_held held = (enum labelled_held)db_num(
		    w->db, q, C_STORED_BEARER_HELD);

		w->after = db_num(w->db, q, C_STORED_BEARER_SEQ);
		walk_put(w, db_dup(w->page, w->db, q, C_STORED_BEARER_KEY),
		    db_dup(w->page, w->db, q, C_STORED_BEARER_LABEL),
		    (struct bearer){
			.wish = bearer_wished(held, true),
			.stands = bearer_stood(
			    (enum labelled_stands)db_num(w->db, q, C_STORED_BEARER_STANDS)),
		    });
	}
	TRY(db_done(cx, w->db, q));
	w->set += w->n == 0;
	return RC_OK;
}

/* Is it one of the records that are kept, and as what? NULL: it is not. */
static enum rc
walk_is_kept(
    struct ctx *cx, struct walk *w, const char *key, const struct dataset **set, const char **as)
{
	struct record rec;

	*set = NULL;
	*as = NULL;
	for (size_t i = 0; i < w->sets.n && !*set; i++) {
		enum rc rc = record_get(
		    cx, w->db, w->tending->job->conn.owner, &w->sets.v[i], key, &rec);

		if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
			return rc;
		if (rc == RC_OK)
			*set = &w->sets.v[i];
		if (rc == RC_OK && !rec.deleted)
			*as = rec.payload.p;
		cx->err = (struct err){ 0 };
	}
	return RC_OK;
}

/* Of the ledger, behind w->given. */
static enum rc
walk_given(struct ctx *cx, struct walk *w)
{
	static const enum labelled_which which[] = {
		[KEEPING_ALL] = LABELLED_OTHERS,
		[KEEPING_GIVEN] = LABELLED_ALL,
		[KEEPING_HELD] = LABELLED_HELD,
	};
	const struct conn *c = &w->tending->job->conn;
	const struct labelled_page page = {
		.which = which[w->whom],
		.owner = c->owner,
		.conn_id = c->id,
		.after = w->given,
		.limit = TEND_KEYS,
	};
	struct labelled_list list;
	const struct dataset *set;
	const char *kept = NULL;

	TRY(labelled_list(cx, w->db, &page, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct labelled *l = &list.v[i];

		if (w->whom == KEEPING_HELD)
			TRY(walk_is_kept(cx, w, l->key, &set, &kept));
		walk_put(w, l->key, l->label,
		    (struct bearer){
			.wish = bearer_wished(l->held, kept != NULL),
			.stands = bearer_stood(l->stands),
		    });
	}
	w->given = list.n == TEND_KEYS ? arena_dup(w->own, list.v[list.n - 1].key) : NULL;
	return RC_OK;
}

static enum rc
walk_chunk(struct ctx *cx, struct walk *w)
{
	struct arena *own = cx->a;
	enum rc rc;

	arena_reset(w->page);
	w->n = w->at = 0;
	cx->a = w->page;
	rc = w->set < w->sets.n ? walk_kept(cx, w) : walk_given(cx, w);
	cx->a = own;
	return rc;
}

static void
walk_begin(void *arg, enum keeping_whom whom)
{
	struct walk *w = arg;

	w->whom = whom;
	w->set = whom == KEEPING_ALL ? 0 : w->sets.n;
	w->given = "";
	w->n = w->at = 0;
	w->after = 0;
}

static enum rc
walk_next(struct ctx *cx, void *arg, struct bearer *out)
{
	struct walk *w = arg;

	*out = (struct bearer){ 0 };
	while (w->at == w->n && (w->set < w->sets.n || w->given))
		TRY(walk_chunk(cx, w));
	if (w->at < w->n)
		*out = w->v[w->at++];
	return RC_OK;
}

static enum rc
walk_of(struct ctx *cx, void *arg, const char *key, struct bearer *out)
{
	struct walk *w = arg;
	const struct conn *c = &w->tending->job->conn;
	struct labelled l;

	TRY(labelled_get(cx, w->db, c->owner, c->id, key, &l));
	*out = (struct bearer){
		.key = str_c(key),
		.wish = bearer_wished(l.held, false),
		.stands = bearer_stood(l.stands),
		.label = l.label,
	};
	return RC_OK;
}

/* --- what is done --- */

struct tended {
	struct walk *walk;
	const struct bestowal *what;
	bool done;
};

static enum rc
tended_mark(struct ctx *cx, struct db *db, const struct tended *t, const char *key)
{
	const struct tending *of = t->walk->tending;
	const struct conn *c = &of->job->conn;
	const struct bestowal *b = t->what;
	const char *wanted = json_str(of->source->config, "label");
	struct labelled l;

	TRY(labelled_get(cx, db, c->owner, c->id, key, &l));
	l.key = key;
	l.label = b->label;
	l.name = b->name;
	l.made = b->made;
	/* Of one that is taken off it stays what it was called by. */
	if (b->on || !l.wanted)
		l.wanted = wanted ? wanted : "";
	if (t->done)
		l.stands = b->on ? LABELLED_PUT : LABELLED_NOT;
	else
		l.stands = b->on ? LABELLED_COMING : LABELLED_GOING;
	return labelled_put(cx, db, c->owner, c->id, &l);
}

/* A field "label", before and after, as what is written over there is told (agree/over.h). */
static const char *
tended_field(struct arena *a, const struct bestowal *b, const char *wanted)
{
	json *o = json_new(a), *list = json_list(a);

	json_set_str(o, "field", "label");
	json_set_str(o, b->on ? "after" : "before", b->name);
	json_set_str(o, "wanted", wanted);
	json_add(list, o);
	return json_text(a, list);
}

static enum rc
tended_tell(struct ctx *cx, struct db *db, const struct tended *t, const char *key)
{
	const struct job *job = t->walk->tending->job;
	const struct dataset *set;
	struct change c = {
		.owner = job->conn.owner,
		.object = { .kind = OBJECT_RECORD, .key = key },
		.at = clock_ms(),
		.action = t->what->gone ? CHANGE_DELETED : CHANGE_UPDATED,
		.side = SIDE_THERE,
		.sync_no = job->run.no,
		.connection_id = job->conn.id,
		.reason = t->what->what,
	};
	struct labelled l;
	const char *kept;

	TRY(labelled_get(cx, db, c.owner, c.connection_id, key, &l));
	TRY(walk_is_kept(cx, t->walk, key, &set, &kept));
	/* What it is by then: by what comes back of the label alone no history tells more. */
	if (t->what->label) {
		c.fields = tended_field(cx->a, t->what, l.wanted);
		c.before = kept;
	}
	c.object.dataset_no = set ? set->no : 0;
	return set ? change_insert(cx, db, &c) : RC_OK;
}

static enum rc
tended_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct tended *t = arg;
	const struct job *job = t->walk->tending->job;
	const json *keys = t->what->keys;

	TRY(queue_hold(cx, db, job));
	TRY(queue_range(cx, db, job, -1));
	for (size_t i = 0; i < json_len(keys); i++) {
		const char *key = json_value_str(json_nth(keys, i));

		if (t->done && t->what->what)
			TRY(tended_tell(cx, db, t, key));
		if (t->what->label)
			TRY(tended_mark(cx, db, t, key));
	}
	return queue_range(cx, db, job, -1);
}

static enum rc
walk_about(struct ctx *cx, void *arg, const struct bestowal *what)
{
	struct walk *w = arg;
	struct tended t = { .walk = w, .what = what };

	TRY(db_write(cx, w->db, tended_write, &t));
	step("tend:about");
	return RC_OK;
}

static enum rc
walk_told(struct ctx *cx, void *arg, const struct bestowal *what)
{
	struct walk *w = arg;
	struct tended t = { .walk = w, .what = what, .done = true };

	step("tend:sent");
	TRY(db_write(cx, w->db, tended_write, &t));
	if (!what->what)
		return RC_OK;
	if (what->on)
		w->on += (int64_t)json_len(what->keys);
	else if (what->label)
		w->off += (int64_t)json_len(what->keys);
	step("tend:told");
	return RC_OK;
}

static void
walk_said(void *arg, const char *sentence)
{
	const struct walk *w = arg;

	outcome_log(w->outcome, "warning", "%s", sentence);
}

/* --- the whole --- */

static enum rc
walk_new(struct ctx *cx, const struct tending *t, struct outcome *o, struct walk **out)
{
	struct walk *w = arena_alloc(cx->a, sizeof *w);

	*w = (struct walk){ .tending = t, .outcome = o, .db = t->db, .own = cx->a };
	w->page = arena_inside(cx->a, "keys", (size_t)64 * 1024 * 1024);
	*out = w;
	return dataset_list(cx, t->db, t->job->conn.owner, t->job->conn.id, &w->sets);
}

static struct keeping
walk_keeping(struct walk *w)
{
	return (struct keeping){
		.begin = walk_begin,
		.next = walk_next,
		.of = walk_of,
		.about = walk_about,
		.told = walk_told,
		.said = walk_said,
		.undoing = w->tending->undoing,
		.arg = w,
	};
}

enum rc
tend_keeping(struct ctx *cx, const struct tending *t, struct outcome *o, struct keeping *out)
{
	struct walk *w;

	TRY(walk_new(cx, t, o, &w));
	*out = walk_keeping(w);
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

static enum rc
tend_settle_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct tending *t = arg;
	const struct conn *c = &t->job->conn;

	TRY(queue_hold(cx, db, t->job));
	return labelled_settle(cx, db, c->owner, c->id, json_str(t->source->config, "label"));
}

static enum rc
tend_all(struct ctx *cx, const struct tending *t, struct outcome *o)
{
	struct tending of = *t;
	struct keeping kept;
	struct walk *w;
	int calls = 0;
	enum rc rc;

	TRY(walk_new(cx, t, o, &w));
	kept = walk_keeping(w);
	rc = tend_lent(cx, t, &kept, &calls);
	o->result.calls += calls;
	if (rc == RC_OK)
		rc = db_write(cx, t->db, tend_settle_write, &of);
	if (t->undoing && w->on + w->off > 0)
		outcome_log(o, "info", "The label was put on %lld there again, and taken off %lld.",
		    (long long)w->on, (long long)w->off);
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
	const struct error_row *row;
	enum rc rc;

	if (!t->provider->reader->tend || (!t->undoing && !json_at(cursor, "source")))
		return RC_OK;
	rc = tend_all(cx, t, o);
	if (rc == RC_OK || tend_stops(cx->err.kind))
		return rc;
	row = error_row(cx->err.kind);
	outcome_warn(o, cx->a, "untended",
	    "%sat the source something is left to be done, which the next sync tries again: %s %s",
	    t->undoing ? "Here all was taken back, but " : "All was read, but ", row->title,
	    cx->err.detail);
	if (!t->undoing)
		json_set_bool(json_at(cursor, "source"), "untended", true);
	cx->err = (struct err){ 0 };
	return RC_OK;
}
