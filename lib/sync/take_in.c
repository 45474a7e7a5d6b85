/*
 * take_in.c - see take_in.h.
 */
#include "sync/take_in.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/step.h"
#include "base/vec.h"
#include "kind/kind.h"
#include "queue/outward.h"
#include "sync/blast.h"
#include "sync/write/catch_up.h"
#include "sync/write/flaw.h"
#include "sync/write/hub.h"
#include "sync/write/pull.h"
#include "sync/write/there.h"

/* A page is a write of its own: by so many twins, or bytes of them, nobody is kept waiting long. */
enum { PAGE_TWINS = 400, PAGE_BYTES = 1024 * 1024 };
enum { PAGE_ARENA = 256 * 1024 * 1024, GONE_MAX = 1 << 20 };

struct taking {
	struct twin_sink sink; /* first: what providers are given */
	struct take_in *in;
	struct twoway t;
	struct hub hub;
	struct arena *page; /* of what waits in v */
	struct arena *scan; /* of one early page */
	bool first;         /* nothing was read before */
	bool *early;        /* see struct twin_sink */
	size_t early_cap;
	struct there v[PAGE_TWINS];
	size_t n, bytes;
	struct there *gone; /* what is deleted there: taken in last, for it may be there anew */
	size_t n_gone, gone_cap;
	struct keyset seen; /* of a full read: all that it has */
	int64_t met, filled, read_bytes;
	int64_t from;  /* the newest change of all before */
	int64_t overs; /* see struct twoway */
};

/* --- pages --- */

static enum rc
taking_hold(struct ctx *cx, struct db *db, void *arg)
{
	const struct taking *w = arg;

	return queue_hold(cx, db, w->in->job);
}

/* Where in the table of changes its own are. A run that has changed nothing, here or there, has
 * none: it is one without news. */
static enum rc
taking_saved(struct ctx *cx, struct db *db, void *arg)
{
	const struct taking *w = arg;
	const struct hub *h = &w->hub;

	return h->made + h->changed + h->gone + w->overs > 0
	    ? queue_range(cx, db, w->in->job, w->from)
	    : RC_OK;
}

/* What is made on the way is a page's. */
static enum rc
taking_flush(struct ctx *cx, struct taking *w)
{
	const struct pull_page page = { .v = w->v, .n = w->n, .keeps = w->in->keeps };
	struct arena *own = cx->a;
	enum rc rc;

	if (w->n == 0)
		return RC_OK;
	hub_begin(&w->hub);
	cx->a = w->page;
	rc = pull_page(cx, w->in->db, &w->t, &page);
	cx->a = own;
	w->met += (int64_t)w->n;
	w->n = w->bytes = 0;
	arena_reset(w->page);
	TRY(rc);
	/* The download says how far it is itself. */
	if (!w->in->plan)
		return RC_OK;
	return progress_move(cx, w->in->progress,
	    (struct moved){ PHASE_PROCESSING, w->read_bytes, w->in->spool->bytes },
	    "Taking in, %lld so far", (long long)w->met);
}

/* It, or what it is made of. */
static bool
taking_refuses(const struct taking *w, const struct twin *twin)
{
	bool refuses = w->in->refused && keyset_has(w->in->refused, str_c(twin->key));

	for (size_t i = 0; w->in->refused && i < json_len(twin->parts) && !refuses; i++)
		refuses = keyset_has(
		    w->in->refused, str_c(json_value_str(json_nth(twin->parts, i))));
	return refuses;
}

static struct there
taking_there(struct arena *a, const struct taking *w, const struct twin *twin)
{
	const struct take_in *in = w->in;
	struct there there = there_of(a, twin, in->provider->writer, in->as_of);

	there.listed_at = in->listed_at;
	there.refused = twin->values && taking_refuses(w, twin);
	return there;
}

static enum rc
taking_twin(struct ctx *cx, struct twin_sink *sink, const struct twin *twin)
{
	struct taking *w = (struct taking *)sink;

	if (!w->in->delta && (twin->values || twin->unread))
		keyset_add(&w->seen, str_c(twin->key));
	if (twin->unread)
		return RC_OK;
	if (!twin->values) {
		VEC_HOLD(cx->a, w->gone, w->gone_cap, w->n_gone + 1, GONE_MAX);
		w->gone[w->n_gone++] = taking_there(cx->a, w, twin);
		return RC_OK;
	}
	w->v[w->n++] = taking_there(w->page, w, twin);
	w->bytes += twin->size;
	return w->n == PAGE_TWINS || w->bytes >= PAGE_BYTES ? taking_flush(cx, w) : RC_OK;
}

static enum rc
taking_gone(struct ctx *cx, struct taking *w)
{
	for (size_t i = 0; i < w->n_gone; i++) {
		w->v[w->n++] = w->gone[i];
		if (w->n == PAGE_TWINS)
			TRY(taking_flush(cx, w));
	}
	return taking_flush(cx, w);
}

static enum rc
taking_pages(struct ctx *cx, struct taking *w)
{
	const struct take_in *in = w->in;
	struct page_in *pages;

	TRY(spool_pages(cx, in->spool, false, &w->read_bytes, &pages));
	TRY(in->provider->reader->twins(cx, &in->source, pages, in->spool->pages, &w->sink));
	TRY(taking_flush(cx, w));
	return taking_gone(cx, w);
}

/* --- what a full read lacks --- */

/* One of what is gone, by its name and as a change of the plan. */
static enum rc
taking_lost(struct ctx *cx, struct taking *w, const char *key, json *items, json *changes)
{
	json *change = json_new(cx->a);
	const char *name = key;
	struct link l;

	TRY(link_of_remote(cx, w->in->db, w->t.owner, w->t.connection_id, key, &l));
	if (l.id) {
		name = outward_name(cx->a, &l);
		json_set_str(change, "eventId", l.object.key);
	}
	json_add_str(items, name);
	json_set_str(change, "side", "local");
	json_set_str(change, "action", "delete");
	json_set_str(change, "item", name);
	json_set(change, "fields", json_list(cx->a));
	json_add(changes, change);
	return RC_OK;
}

/* For a person, as question.h has it; its digest is of all that is gone. */
static enum rc
taking_review(struct ctx *cx, struct taking *w, const struct pull_rest *rest, json **out)
{
	json *o = json_new(cx->a), *items = json_list(cx->a), *changes = json_list(cx->a);
	struct hash *h = hash_new(cx->a);
	unsigned char sum[SHA256_LEN];
	char plan[SHA256_HEX];

	hash_begin(h);
	for (int64_t i = 0; i < rest->gone; i++) {
		hash_add(h, rest->lost[i], strlen(rest->lost[i]) + 1);
		if (i < INTAKE_PREVIEW_ROWS)
			TRY(taking_lost(cx, w, rest->lost[i], items, changes));
	}
	hash_end(h, sum);
	hex_encode(sum, sizeof sum, plan);
	json_set_i64(o, "stored", rest->linked);
	json_set_i64(o, "deletions", rest->gone);
	json_set_i64(o, "added", 0);
	json_set_i64(o, "updated", 0);
	json_set_i64(o, "replaced", 0);
	json_set(o, "items", items);
	json_set(o, "changes", changes);
	json_set_str(o, "plan", plan);
	*out = o;
	return RC_OK;
}

/* Was it answered? Read anew, for the answer may have come while this run read. */
static enum rc
taking_answer(struct ctx *cx, struct taking *w, const json *review, enum blast *out)
{
	const struct conn *c = &w->in->job->conn;
	struct conn now;

	TRY(conn_get(cx, w->in->db, c->owner, c->id, &now));
	*out = blast_answered(now.guard, now.guard_plan, json_str(review, "plan"));
	return RC_OK;
}

static enum rc
taking_rest(struct ctx *cx, struct taking *w)
{
	struct pull_rest rest = {
		.seen = &w->seen,
		.as_of = w->in->as_of,
		.approved = w->in->approved,
		.keeps = w->in->keeps,
	};
	enum blast said;
	json *review;
	enum rc rc;

	hub_begin(&w->hub);
	rc = pull_rest(cx, w->in->db, &w->t, &rest);
	if (rc == RC_OK || cx->err.kind != E_NEEDS_APPROVAL)
		return rc;
	cx->err = (struct err){ 0 };
	TRY(taking_review(cx, w, &rest, &review));
	TRY(taking_answer(cx, w, review, &said));
	if (said == BLAST_ASK) {
		w->in->outcome->result.review = json_text(cx->a, review);
		return fail(cx, E_NEEDS_APPROVAL,
		    "%s now lacks %lld of the %lld events that it had. Nothing was deleted.",
		    kind_place(w->in->job->conn.provider, "The source"), (long long)rest.gone,
		    (long long)rest.linked);
	}
	cx->err = (struct err){ 0 };
	rest.keeps = said == BLAST_KEEP;
	rest.approved = !rest.keeps;
	return pull_rest(cx, w->in->db, &w->t, &rest);
}

/* --- what is here and not there --- */

struct filling {
	struct taking *w;
	struct mirror_to to;
	/* next: what the write has come to, which may be run again */
	struct mirror_at at, next;
	struct catching_up late, later;
};

static enum rc
filling_write(struct ctx *cx, struct db *db, void *arg)
{
	struct filling *f = arg;

	f->next = f->at;
	TRY(taking_hold(cx, db, f->w));
	return mirror_fill(cx, db, f->w->t.owner, &f->to, &f->next);
}

static enum rc
filling_late_write(struct ctx *cx, struct db *db, void *arg)
{
	struct filling *f = arg;

	f->later = f->late;
	TRY(taking_hold(cx, db, f->w));
	TRY(catch_up(cx, db, &f->w->t, &f->later));
	return taking_saved(cx, db, f->w);
}

/* One page of either. */
static enum rc
filling_page(struct ctx *cx, struct filling *f, db_write_fn *fn)
{
	struct arena *own = cx->a;
	enum rc rc;

	cx->a = f->w->page;
	rc = db_write(cx, f->w->in->db, fn, f);
	cx->a = own;
	f->at = f->next;
	f->at.after_id = arena_dup(own, f->next.after_id);
	f->late = f->later;
	f->late.after = arena_dup(own, f->later.after);
	/* What the page had is gone; a page of the other kind leaves these as they are. */
	f->next = f->at;
	f->later = f->late;
	arena_reset(f->w->page);
	step("fill:saved");
	return rc;
}

/* Now that all is known that is there, what is here and shall be there gets a link; and what was
 * edited while nothing was to be sent goes after it. */
static enum rc
taking_fill(struct ctx *cx, struct taking *w)
{
	struct filling f = {
		.w = w,
		.to = {
			.id = w->t.connection_id,
			.ways = w->hub.ways,
			.run_no = w->t.sync_no,
		},
		.at = { .after = INT64_MIN, .after_id = "" },
		.late = { .after = "" },
	};
	int64_t from;

	TRY(change_last(cx, w->in->db, &from));
	json_set_i64(w->in->plan, "filledFrom", from);
	f.next = f.at;
	f.later = f.late;
	while (!f.at.over)
		TRY(filling_page(cx, &f, filling_write));
	while (w->in->other && w->t.direction != PULL_ONLY && f.late.after)
		TRY(filling_page(cx, &f, filling_late_write));
	w->filled = f.at.made + f.late.queued;
	return RC_OK;
}

/* --- the whole --- */

static void
taking_tell(const struct taking *w)
{
	const struct hub *h = &w->hub;
	struct outcome *o = w->in->outcome;

	if (h->made + h->changed + h->gone > 0)
		outcome_log(o, "info",
		    "Taken over into the calendar here: %lld new, %lld changed, %lld deleted.",
		    (long long)h->made, (long long)h->changed, (long long)h->gone);
	if (h->foreign > 0)
		outcome_log(o, "info",
		    "Left alone, for they are outside the days that are looked at, or nothing is "
		    "to come from there: %lld.",
		    (long long)h->foreign);
	if (w->filled > 0)
		outcome_log(o, "info", "To be written there, as it was here before: %lld.",
		    (long long)w->filled);
}

static enum rc
taking_cursor(struct ctx *cx, struct db *db, void *arg)
{
	const struct take_in *in = arg;
	const struct conn *c = &in->job->conn;

	return conn_set_cursor(
	    cx, db, c->owner, c->id, json_text(cx->a, json_at(in->plan, "cursor")));
}

static enum rc
taking_steps(struct ctx *cx, struct taking *w)
{
	const bool opened = w->in->job->conn.read_only && !w->hub.ways.closed;

	if (flaw(FLAW_CURSOR_FIRST))
		TRY(db_write(cx, w->in->db, taking_cursor, w->in));
	step("take:begins");
	TRY(taking_pages(cx, w));
	if (!w->in->delta)
		TRY(taking_rest(cx, w));
	return w->in->delta && !opened ? RC_OK : taking_fill(cx, w);
}

/* Has the source said that nothing can be written there? As this read has left it; where that is
 * not known, as one before. */
static bool
taking_closed(const struct conn *c, const json *plan)
{
	const struct kind *k = kind_find(c->provider);
	const json *left = json_at(json_at(plan, "cursor"), "source");

	return left && k && k->read_only ? k->read_only(left) : c->read_only;
}

bool
take_in_has(const struct provider *p, const json *config)
{
	return kind_object(p->kind, config) && p->reader->twins;
}

/* While nothing was ever read of it there is nothing that could be lost or written over, and so
 * nothing that a person could be asked about: what comes first need not wait for what comes
 * last. */
static enum rc
taking_is_first(struct ctx *cx, const struct take_in *in, bool *first)
{
	const struct conn *c = &in->job->conn;
	struct dataset_list list;

	*first = in->provider->reader->early && !c->cursor && !c->sched.last_success_at;
	if (!*first)
		return RC_OK;
	TRY(dataset_list(cx, in->db, c->owner, c->id, &list));
	for (size_t i = 0; i < list.n; i++)
		*first = *first && list.v[i].rows == 0;
	return RC_OK;
}

enum rc
take_in_open(struct ctx *cx, struct take_in *in, struct taking **out)
{
	struct taking *w = arena_alloc(cx->a, sizeof *w);

	w->sink.twin = taking_twin;
	w->in = in;
	keyset_init(cx->a, &w->seen);
	hub_open(cx->a, &w->hub, &in->job->conn, in->provider, &in->source, &w->t);
	w->t.sync_no = in->job->run.no;
	w->t.anew = in->other;
	w->t.allowed = !strcmp(in->job->conn.guard, "plan");
	w->t.hold = taking_hold;
	w->t.saved = taking_saved;
	w->t.hold_arg = w;
	w->t.overs = &w->overs;
	w->page = arena_inside(cx->a, "twins", PAGE_ARENA);
	w->scan = arena_inside(cx->a, "early twins", PAGE_ARENA);
	*out = w;
	TRY(taking_is_first(cx, in, &w->first));
	return change_last(cx, in->db, &w->from);
}

enum rc
take_in_early(struct ctx *cx, void *arg, size_t page)
{
	struct taking *w = arg;
	struct arena *own = cx->a;
	struct page_in in;
	enum rc rc;

	if (!w->first)
		return RC_OK;
	cx->a = w->scan;
	spool_page(cx, w->in->spool, page, &w->read_bytes, &in);
	rc = w->in->provider->reader->early(cx, &w->in->source, &in, &w->sink);
	cx->a = own;
	arena_reset(w->scan);
	TRY(rc);
	VEC_HOLD(own, w->early, w->early_cap, page + 1, SPOOL_PAGES_MAX);
	w->early[page] = true;
	w->sink.early = w->early;
	w->sink.n_early = page + 1;
	step("take:early");
	return RC_OK;
}

enum rc
take_in(struct ctx *cx, struct taking *w)
{
	struct take_in *in = w->in;
	enum rc rc;

	w->hub.ways.closed = taking_closed(&in->job->conn, in->plan);
	w->read_bytes = 0;
	/* It is saved with what was read, while the run goes on for some time. */
	if (json_at(in->plan, "cursor"))
		json_set_i64(json_at(in->plan, "cursor"), "asOf", in->as_of);
	rc = taking_steps(cx, w);
	arena_reset(w->page);
	taking_tell(w);
	return rc;
}

enum rc
take_in_late(struct ctx *cx, struct db *db, const struct job *job, const json *plan)
{
	const struct conn *c = &job->conn;
	struct mirror_to to = {
		.id = c->id,
		.ways = ways_of(json_stored(cx->a, c->config)),
		.run_no = job->run.no,
	};
	const int64_t from = json_num(plan, "filledFrom", -1);

	to.ways.closed = taking_closed(c, plan);
	/* What waits for an answer is not taken in, nor what is here written there. */
	if (to.ways.closed != c->read_only && !json_flag(plan, "held", false))
		TRY(conn_set_read_only(cx, db, c->owner, c->id, to.ways.closed));
	return from < 0 ? RC_OK : mirror_late(cx, db, c->owner, &to, from);
}
