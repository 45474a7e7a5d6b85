/*
 * undo.c - see undo.h: what is taken back, and what is not. undo_do.c does it.
 */
#include "queue/undo.h"

#include <stdio.h>

#include "agree/merge.h"
#include "base/clock.h"
#include "event/event.h"
#include "kind/kind.h"
#include "store/called.h"
#include "store/data.h"
#include "store/event.h"
#include "store/link.h"
#include "store/undo.h"

enum { UNDO_CHAIN = 20, UNDO_LATEST = 50, UNDO_WALK = 500 };
enum { UNDO_BEFORE = 4 << 20, UNDO_BYTES = 16 << 20 }; /* of a page */

/* --- the task --- */

const char *
undo_text(struct arena *a, const struct undo *u)
{
	json *o = json_new(a);

	json_set_str(o, "do", "undo");
	json_set_str(o, "by", u->by);
	json_set_str(o, "sync", u->sync_id);
	json_set_str(o, "at", u->at);
	json_set(o, "runs", (json *)u->runs);
	json_set_bool(o, "records", u->records);
	json_set_str(o, "kind", u->object.kind);
	json_set_i64(o, "dataset", u->object.dataset_no);
	json_set_str(o, "key", u->object.key);
	json_set_i64(o, "change", u->change);
	return json_text(a, o);
}

const char *
undo_said(struct arena *a, int64_t back, int64_t left)
{
	const char *said = arena_printf(
	    a, "Taken back: %lld %s", (long long)back, back == 1 ? "change" : "changes");

	if (!left)
		return said;
	return arena_printf(
	    a, "%s; %lld left as %s", said, (long long)left, left == 1 ? "it is" : "they are");
}

bool
undo_read(struct arena *a, const struct run *run, struct undo *out)
{
	const json *o = json_stored(a, run->task);
	const char *word = json_str(o, "do");

	if (!word || strcmp(word, "undo"))
		return false;
	*out = (struct undo){
		.owner = run->owner,
		.conn_id = run->connection_id,
		.by = json_str(o, "by"),
		.sync_id = json_str(o, "sync"),
		.at = json_str(o, "at"),
		.runs = json_at(o, "runs"),
		.records = json_flag(o, "records", false),
		.object = {
			.kind = json_str(o, "kind"),
			.dataset_no = json_num(o, "dataset", 0),
			.key = json_str(o, "key"),
		},
		.change = json_num(o, "change", 0),
	};
	return true;
}

json *
undo_at_json(struct arena *a, const struct undo_at *at)
{
	json *o = json_new(a);

	json_set_i64(o, "change", at->change);
	json_set_i64(o, "run", at->run);
	json_set_bool(o, "appeared", at->appeared);
	json_set_i64(o, "seq", at->seq);
	json_set_bool(o, "there", at->there);
	json_set_str(o, "link", at->link);
	json_set_bool(o, "over", at->over);
	return o;
}

void
undo_at_link(struct undo_at *at, const char *id)
{
	snprintf(at->link, sizeof at->link, "%s", id ? id : "");
}

void
undo_at_read(const json *o, struct undo_at *out)
{
	*out = (struct undo_at){
		.change = json_num(o, "change", 0),
		.run = json_num(o, "run", 0),
		.appeared = json_flag(o, "appeared", false),
		.seq = json_num(o, "seq", 0),
		.there = json_flag(o, "there", false),
		.over = json_flag(o, "over", false),
	};
	undo_at_link(out, json_str(o, "link"));
}

/* --- what of --- */

static bool
undo_shows_events(struct arena *a, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	return k && kind_object(k, json_stored(a, c->config)) != NULL;
}

static json *
undo_number(struct arena *a, int64_t no)
{
	json *o = json_new(a);

	json_set_i64(o, "no", no);
	return o;
}

/* With those that it went on for. */
static enum rc
undo_chain(struct ctx *cx, struct db *db, const struct run *run, json *runs)
{
	struct run r = *run;

	json_add(runs, undo_number(cx->a, r.no));
	for (int i = 0; i < UNDO_CHAIN && r.resumed_from; i++) {
		enum rc rc = run_get(cx, db, r.owner, r.resumed_from, &r);

		if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
			return rc;
		if (rc != RC_OK) {
			cx->err = (struct err){ 0 };
			return RC_OK;
		}
		json_add(runs, undo_number(cx->a, r.no));
	}
	return RC_OK;
}

enum rc
undo_of_run(struct ctx *cx, struct db *db, const struct run *run, struct undo *out)
{
	json *runs = json_list(cx->a), *time = json_new(cx->a);
	struct conn c;

	if (!run->finished_at)
		return fail(
		    cx, E_STATE, "This sync goes on: cancel it, or wait until it has ended.");
	TRY(conn_get(cx, db, run->owner, run->connection_id, &c));
	TRY(undo_chain(cx, db, run, runs));
	json_set_time(time, "at", run->started_at ? run->started_at : run->created_at);
	*out = (struct undo){
		.owner = run->owner,
		.conn_id = c.id,
		.sync_id = run->id,
		.at = json_str(time, "at"),
		.runs = runs,
		.records = !undo_shows_events(cx->a, &c),
	};
	return RC_OK;
}

enum rc
undo_any(struct ctx *cx, struct db *db, const struct undo *u)
{
	struct undo_at at = { 0 };
	struct undo_page page;

	do {
		TRY(undo_page(cx, db, u, &at, UNDO_WALK, &page));
	} while (!page.n && !at.over);
	return page.n ? RC_OK
		      : fail(cx, E_STATE,
			    "This sync has changed nothing here that could be taken back, or it is "
			    "no longer remembered, or was taken back already.");
}

/* The last change of it here; no 0: none is remembered. */
static enum rc
undo_last(
    struct ctx *cx, struct db *db, const char *owner, const struct object *o, struct change *out)
{
	struct change_list list;

	*out = (struct change){ 0 };
	TRY(change_page(cx, db,
	    &(struct change_page){ .owner = owner, .object = o, .limit = UNDO_LATEST }, &list));
	for (size_t i = 0; i < list.n && !out->no; i++)
		if (!strcmp(list.v[i].side, SIDE_HERE))
			*out = list.v[i];
	return RC_OK;
}

/* The run needs a connection: where the change came from, or one that has it. */
static enum rc
undo_conn(struct ctx *cx, struct db *db, const struct undo *u, const char *from, const char **id)
{
	struct link_list links;
	struct conn c;

	*id = NULL;
	if (from && conn_get(cx, db, u->owner, from, &c) == RC_OK)
		*id = c.id;
	TRY(link_list(cx, db, u->owner, &u->object, &links));
	for (size_t i = 0; i < links.n && !*id; i++)
		if (conn_get(cx, db, u->owner, links.v[i].connection_id, &c) == RC_OK)
			*id = c.id;
	cx->err = (struct err){ 0 };
	return RC_OK;
}

enum rc
undo_of_event(struct ctx *cx, struct db *db, const char *owner, const char *id, struct undo *out)
{
	struct event_row e;
	struct change c;

	TRY(event_any(cx, db, owner, id, &e));
	*out = (struct undo){ .owner = owner, .object = { .kind = OBJECT_EVENT, .key = e.id } };
	TRY(undo_last(cx, db, owner, &out->object, &c));
	if (!c.no)
		return fail(cx, E_STATE, "No change of this event is remembered any more.");
	out->change = c.no;
	return undo_conn(cx, db, out, c.connection_id, &out->conn_id);
}

enum rc
undo_of_record(struct ctx *cx, struct db *db, const char *owner, const char *dataset_id,
    const char *key, struct undo *out)
{
	struct record rec;
	struct dataset d;
	struct change c;
	struct conn conn;
	struct link l;

	TRY(dataset_get(cx, db, owner, dataset_id, &d));
	TRY(record_get(cx, db, owner, &d, key, &rec));
	TRY(conn_get(cx, db, owner, d.connection_id, &conn));
	if (undo_shows_events(cx->a, &conn)) {
		TRY(link_of_remote(cx, db, owner, conn.id, key, &l));
		return l.id ? undo_of_event(cx, db, owner, l.object.key, out)
			    : fail(cx, E_STATE,
				  "This record shows what the calendar has. Take back the event.");
	}
	*out = (struct undo){
		.owner = owner,
		.conn_id = conn.id,
		.records = true,
		.object = { OBJECT_RECORD, d.no, rec.key },
	};
	TRY(undo_last(cx, db, owner, &out->object, &c));
	out->change = c.no;
	if (!c.no && rec.first_sync == 0)
		return fail(cx, E_STATE, "No change of this record is remembered any more.");
	return RC_OK;
}

/* --- what becomes of each --- */

static bool
undo_in_runs(const struct undo *u, int64_t sync_no)
{
	for (size_t i = 0; sync_no && i < json_len(u->runs); i++)
		if (json_num(json_nth(u->runs, i), "no", 0) == sync_no)
			return true;
	return false;
}

/* Done by an undo of the same run: there is nothing new in it. */
static bool
undo_is_own(const struct undo *u, const struct undo_step *s)
{
	return u->sync_id && s->undoes && !strcmp(s->undoes, u->sync_id);
}

static const char *
undo_since_words(struct arena *a, const struct undo_step *s)
{
	if (!s->actor)
		return "A later sync has changed it since.";
	if (!strcmp(s->actor, "session"))
		return "It was changed here since.";
	return arena_printf(a, "It was changed here since, by %s.", s->actor);
}

/* no: of the change, 0: of an appearance. */
static enum rc
undo_meet_since(
    struct ctx *cx, struct db *db, const struct undo *u, int64_t no, struct undo_item *it)
{
	struct undo_steps steps;

	TRY(undo_since(cx, db, u->owner, &it->object, 0, &steps));
	for (size_t i = 0; i < steps.n; i++) {
		const struct undo_step *s = &steps.v[i];

		if (s->no == no || undo_is_own(u, s))
			continue;
		if (undo_in_runs(u, s->sync_no)) {
			/* The first change of the runs tells what it was before them. */
			if (s->no < no)
				it->fate = UNDO_NONE;
		} else if (s->no > no) {
			it->fate = UNDO_LEFT;
			it->why = undo_since_words(cx->a, s);
			return RC_OK;
		}
	}
	return RC_OK;
}

static bool
undo_same(struct arena *a, const struct undo_item *it)
{
	if (!it->before || !it->now)
		return !it->before && !it->now;
	if (it->dataset)
		return !strcmp(it->before, it->now);
	return merge_same(a, &event_rules, json_stored(a, it->before), json_stored(a, it->now));
}

static enum rc
undo_judge(struct ctx *cx, struct db *db, const struct undo *u, int64_t no, struct undo_item *it)
{
	if (it->fate == UNDO_LEFT)
		return RC_OK;
	it->fate = UNDO_BACK;
	TRY(undo_meet_since(cx, db, u, no, it));
	if (it->fate == UNDO_BACK && undo_same(cx->a, it))
		it->fate = UNDO_NONE;
	return RC_OK;
}

/* --- the things --- */

const char *
undo_event_title(struct arena *a, const struct undo_item *it)
{
	const json *value = json_stored(a, it->now ? it->now : it->before);
	const char *title = json_str(value, "title"), *start = json_str(value, "startDateTime");

	if (!title)
		return it->object.key;
	return start ? arena_printf(a, "%s (%.10s)", title, start) : title;
}

static enum rc
undo_load_event(struct ctx *cx, struct db *db, const struct undo *u, struct undo_item *it)
{
	struct event_row e;

	TRY(event_try(cx, db, u->owner, it->object.key, &e));
	if (e.id && !e.deleted_at)
		it->now = e.value;
	it->title = undo_event_title(cx->a, it);
	return RC_OK;
}

/* "Dorothy (4)": nobody is told by a name alone. */
static const char *
undo_record_title(struct arena *a, const struct undo_item *it)
{
	const struct dataset *d = it->dataset;
	const bool digest = called_by_digest(json_stored(a, d->key_rule));
	const char *key = it->object.key;
	const char *name = called(a, called_column(json_stored(a, d->columns)),
	    json_stored(a, it->now ? it->now : it->before), key, digest);

	return digest || !strcmp(name, key) ? name : arena_printf(a, "%s (%s)", name, key);
}

static enum rc
undo_load_record(struct ctx *cx, struct db *db, const struct undo *u,
    const struct dataset_list *sets, struct undo_item *it)
{
	struct record rec;
	enum rc rc;

	it->title = it->object.key;
	for (size_t i = 0; i < sets->n && !it->dataset; i++)
		if (sets->v[i].no == it->object.dataset_no)
			it->dataset = &sets->v[i];
	if (!it->dataset) {
		it->fate = UNDO_LEFT;
		it->why = "Its data was cleared since.";
		return RC_OK;
	}
	rc = record_get(cx, db, u->owner, it->dataset, it->object.key, &rec);
	if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
		return rc;
	if (rc != RC_OK)
		cx->err = (struct err){ 0 };
	else if (!rec.deleted)
		it->now = rec.payload.p;
	it->title = undo_record_title(cx->a, it);
	return RC_OK;
}

/* A page that is being filled. */
struct undoing {
	const struct undo *u;
	const char *label; /* that the settings put on people at the source; NULL: none */
	struct dataset_list sets;
	struct undo_page *out;
	size_t full; /* the page ends where its texts have filled the arena so far */
};

static enum rc
undo_add_there(struct ctx *cx, struct db *db, struct undoing *w, const struct change *c)
{
	struct undo_item *it = &w->out->v[w->out->n];

	*it = (struct undo_item){ .object = c->object, .fate = UNDO_NONE };
	if (!c->fields || w->u->object.kind)
		return RC_OK;
	if (strcmp(c->object.kind, OBJECT_RECORD)) {
		TRY(undo_over(cx, db, c, it));
	} else {
		TRY(undo_load_record(cx, db, w->u, &w->sets, it));
		TRY(undo_labelled(cx, db, w->u, c, it));
	}
	w->out->n += it->fate != UNDO_NONE;
	return RC_OK;
}

static enum rc
undo_add(struct ctx *cx, struct db *db, struct undoing *w, const struct change *c)
{
	struct undo_item *it = &w->out->v[w->out->n];
	const char *kind = c->object.kind;

	if (strcmp(c->side, SIDE_HERE))
		return undo_add_there(cx, db, w, c);
	if (!kind || (!w->u->object.kind && !strcmp(kind, OBJECT_RECORD) && !w->u->records))
		return RC_OK;
	*it = (struct undo_item){
		.object = c->object,
		.did = c->action,
		.connection_id = c->connection_id,
		.before = c->action == CHANGE_ADDED ? NULL : c->before,
	};
	if (strcmp(c->object.kind, OBJECT_RECORD))
		TRY(undo_load_event(cx, db, w->u, it));
	else
		TRY(undo_load_record(cx, db, w->u, &w->sets, it));
	TRY(undo_judge(cx, db, w->u, c->no, it));
	if (it->dataset && !it->before != !it->now)
		it->relabels = w->label;
	w->out->n += it->fate != UNDO_NONE;
	return RC_OK;
}

/* --- pages --- */

static enum rc
undo_page_changes(
    struct ctx *cx, struct db *db, struct undoing *w, struct undo_at *at, int64_t limit)
{
	struct change_list list;
	size_t i = 0;

	TRY(change_page(cx, db,
	    &(struct change_page){
		.owner = w->u->owner,
		.sync_no = json_num(json_nth(w->u->runs, (size_t)at->run), "no", 0),
		.before = at->change,
		.limit = limit,
		.bytes = UNDO_BEFORE,
	    },
	    &list));
	for (; i < list.n && (i == 0 || arena_used(cx->a) < w->full); i++)
		TRY(undo_add(cx, db, w, &list.v[i]));
	at->change = i < list.n ? list.v[i - 1].no : list.next;
	if (at->change)
		return RC_OK;
	at->run++;
	if ((size_t)at->run < json_len(w->u->runs))
		return RC_OK;
	at->appeared = w->u->records;
	at->there = !w->u->records;
	at->run = 0;
	return RC_OK;
}

/* Behind seq, in the datasets in order of their numbers. */
static enum rc
undo_page_added(struct ctx *cx, struct db *db, struct undoing *w, struct undo_at *at, int64_t limit)
{
	const int64_t run = json_num(json_nth(w->u->runs, (size_t)at->run), "no", 0);
	struct undo_added *v;
	size_t n = 0;

	for (size_t i = 0; i < w->sets.n && !n; i++) {
		const struct undo_added_page page = {
			.from = w->sets.v[i].no << SEQ_SHIFT > at->seq
			    ? w->sets.v[i].no << SEQ_SHIFT
			    : at->seq,
			.until = (w->sets.v[i].no + 1) << SEQ_SHIFT,
			.sync_no = run,
			.limit = limit,
		};

		if (page.from < page.until)
			TRY(undo_added(cx, db, &page, &v, &n));
		for (size_t k = 0; k < n && (k == 0 || arena_used(cx->a) < w->full); k++) {
			const struct change c = {
				.object = { OBJECT_RECORD, w->sets.v[i].no, v[k].key },
				.action = CHANGE_ADDED,
				.side = SIDE_HERE,
			};

			at->seq = v[k].seq;
			TRY(undo_add(cx, db, w, &c));
		}
	}
	if (n)
		return RC_OK;
	at->seq = 0;
	at->over = (size_t)++at->run >= json_len(w->u->runs);
	return RC_OK;
}

/* Of one object. */
static enum rc
undo_page_one(struct ctx *cx, struct db *db, struct undoing *w, struct undo_at *at)
{
	struct change c = {
		.object = w->u->object,
		.action = CHANGE_ADDED,
		.side = SIDE_HERE,
	};
	struct change_list list;

	at->over = true;
	if (!w->u->change)
		return undo_add(cx, db, w, &c);
	TRY(change_page(cx, db,
	    &(struct change_page){
		.owner = w->u->owner,
		.object = &w->u->object,
		.before = w->u->change + 1,
		.limit = 1,
	    },
	    &list));
	return list.n && list.v[0].no == w->u->change ? undo_add(cx, db, w, &list.v[0]) : RC_OK;
}

static enum rc
undo_conn_label(struct ctx *cx, struct db *db, const struct undo *u, const char **label)
{
	const struct kind *k;
	struct conn c;

	TRY(conn_get(cx, db, u->owner, u->conn_id, &c));
	k = kind_find(c.provider);
	*label = k && k->echoes ? json_str(json_stored(cx->a, c.config), "label") : NULL;
	return RC_OK;
}

enum rc
undo_page(struct ctx *cx, struct db *db, const struct undo *u, struct undo_at *at, int64_t limit,
    struct undo_page *out)
{
	struct undoing w = { .u = u, .out = out, .full = arena_used(cx->a) + UNDO_BYTES };
	const int64_t walk = limit > UNDO_WALK ? UNDO_WALK : limit;

	*out = (struct undo_page){ .v = arena_array(cx->a, (size_t)walk + 1, sizeof *out->v) };
	if (u->conn_id)
		TRY(dataset_list(cx, db, u->owner, u->conn_id, &w.sets));
	if (u->records)
		TRY(undo_conn_label(cx, db, u, &w.label));
	if (at->over)
		return RC_OK;
	if (u->object.kind)
		return undo_page_one(cx, db, &w, at);
	if (at->there)
		return undo_page_there(cx, db, u, at, out);
	return at->appeared ? undo_page_added(cx, db, &w, at, walk)
			    : undo_page_changes(cx, db, &w, at, walk);
}
