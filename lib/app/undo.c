/*
 * undo.c - see undo.h.
 */
#include "app/undo.h"

#include "ask/ask.h"
#include "base/clock.h"
#include "store/data.h"

enum { UNDO_PAGE = 500, UNDO_LOOK_ARENA = 256 * 1024 * 1024 };

struct undo_start {
	const struct caller *by;
	const char *run_id;     /* of a run */
	const char *event_id;   /* of an event */
	const char *dataset_id; /* of a record, and its key */
	const char *key;
	const char *sync_id; /* out */
	bool met;            /* another run is active, which is sync_id */
	struct err err;
};

static enum rc
undo_target(struct ctx *cx, struct db *db, const struct undo_start *w, struct undo *out)
{
	const char *owner = w->by->owner;
	struct run run;

	if (w->event_id)
		return undo_of_event(cx, db, owner, w->event_id, out);
	if (w->dataset_id)
		return undo_of_record(cx, db, owner, w->dataset_id, w->key, out);
	TRY(run_get(cx, db, owner, w->run_id, &run));
	TRY(undo_of_run(cx, db, &run, out));
	return undo_any(cx, db, out);
}

/* Of one object. */
static enum rc
undo_only(struct ctx *cx, struct db *db, const struct undo *u, struct undo_item *out)
{
	struct undo_at at = { 0 };
	struct undo_page page;

	TRY(undo_page(cx, db, u, &at, 1, &page));
	if (!page.n)
		return fail(cx, E_STATE, "It is as it was before its last change.");
	if (page.v->fate == UNDO_LEFT)
		return fail(cx, E_STATE, "%s", page.v->why);
	*out = *page.v;
	return RC_OK;
}

/* One object that no connection has anything to do with. */
static enum rc
undo_at_once(struct ctx *cx, struct db *db, const struct undo *u)
{
	struct undo_item it;

	TRY(undo_only(cx, db, u, &it));
	return undo_do(cx, db, u, NULL, &it, clock_ms());
}

static enum rc
undo_queue(struct ctx *cx, struct db *db, struct undo_start *w, const struct undo *u)
{
	const struct run as = {
		.trigger = "undo",
		.task = undo_text(cx->a, u),
		.undoes = u->sync_id,
		.message = "Waiting to take back",
	};
	struct conn c;
	enum rc rc;

	TRY(conn_get(cx, db, u->owner, u->conn_id, &c));
	rc = sync_task(cx, db, &c, &as, &w->sync_id);
	w->met = rc == RC_CONFLICT && w->sync_id;
	w->err = cx->err;
	return w->met ? RC_OK : rc;
}

static enum rc
undo_write(struct ctx *cx, struct db *db, void *arg)
{
	struct undo_start *w = arg;
	struct undo u;

	w->sync_id = NULL;
	w->met = false;
	TRY(undo_target(cx, db, w, &u));
	u.by = w->by->actor.name;
	if (u.conn_id)
		TRY(undo_queue(cx, db, w, &u));
	else
		TRY(undo_at_once(cx, db, &u));
	if (w->met)
		return RC_OK;
	return caller_audit(cx, db, w->by, "undo started", u.sync_id ? u.sync_id : u.object.key,
	    w->sync_id ? w->sync_id : "at once");
}

static enum rc
undo_do_start(struct ctx *cx, struct db *db, struct undo_start *w, const char **sync_id)
{
	*sync_id = NULL;
	TRY(caller_need(cx, w->by, SCOPE_WRITE));
	TRY(db_write(cx, db, undo_write, w));
	*sync_id = w->sync_id;
	if (w->met) {
		cx->err = w->err;
		return RC_CONFLICT;
	}
	wake_tick();
	return RC_OK;
}

enum rc
undo_sync(struct ctx *cx, struct db *db, const struct caller *by, const char *run_id,
    const char **sync_id)
{
	struct undo_start w = { .by = by, .run_id = run_id };

	return undo_do_start(cx, db, &w, sync_id);
}

enum rc
undo_one_record(struct ctx *cx, struct db *db, const struct caller *by, const char *dataset_id,
    const char *key, const char **sync_id)
{
	struct undo_start w = { .by = by, .dataset_id = dataset_id, .key = key };

	return undo_do_start(cx, db, &w, sync_id);
}

enum rc
undo_one_event(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **sync_id)
{
	struct undo_start w = { .by = by, .event_id = id };

	return undo_do_start(cx, db, &w, sync_id);
}

/* --- looking --- */

enum rc
undo_look_record(struct ctx *cx, struct db *db, const char *owner, const char *dataset_id,
    const char *key, struct undo_item *out)
{
	struct undo u;

	TRY(undo_of_record(cx, db, owner, dataset_id, key, &u));
	return undo_only(cx, db, &u, out);
}

enum rc
undo_look_event(
    struct ctx *cx, struct db *db, const char *owner, const char *id, struct undo_item *out)
{
	struct undo u;

	TRY(undo_of_event(cx, db, owner, id, &u));
	return undo_only(cx, db, &u, out);
}

static struct undo_item
undo_kept(struct arena *a, const struct undo_item *it)
{
	struct undo_item out = *it;
	struct dataset *d = NULL;
	struct undo_label *label = NULL;
	struct link *l = NULL;

	if (it->label) {
		label = arena_alloc(a, sizeof *label);
		*label = (struct undo_label){ arena_dup(a, it->label->name), it->label->on };
	}
	if (it->dataset) {
		d = arena_alloc(a, sizeof *d);
		d->id = arena_dup(a, it->dataset->id);
		d->name = arena_dup(a, it->dataset->name);
		d->columns = arena_dup(a, it->dataset->columns);
	}
	if (it->there) {
		l = arena_alloc(a, sizeof *l);
		l->connection_id = arena_dup(a, it->there->connection_id);
	}
	out.dataset = d;
	out.there = l;
	out.label = label;
	out.over = NULL;
	out.object.kind = arena_dup(a, it->object.kind);
	out.object.key = arena_dup(a, it->object.key);
	out.connection_id = arena_dup(a, it->connection_id);
	out.before = arena_dup(a, it->before);
	out.now = arena_dup(a, it->now);
	out.relabels = arena_dup(a, it->relabels);
	out.title = arena_dup(a, it->title);
	out.why = arena_dup(a, it->why);
	return out;
}

static int64_t
undo_bytes(const struct undo_item *it)
{
	return (int64_t)((it->before ? strlen(it->before) : 0) + (it->now ? strlen(it->now) : 0));
}

static void
undo_view_add(struct arena *a, struct undo_view *out, const struct undo_page *page)
{
	for (size_t i = 0; i < page->n; i++) {
		if (page->v[i].fate == UNDO_LEFT)
			out->left++;
		else
			out->back++;
		if (out->n == UNDO_SHOWN || out->bytes > UNDO_SHOWN_BYTES)
			continue;
		out->v[out->n++] = undo_kept(a, &page->v[i]);
		out->bytes += undo_bytes(&page->v[i]);
	}
}

enum rc
undo_look(
    struct ctx *cx, struct db *db, const char *owner, const char *run_id, struct undo_view *out)
{
	struct arena *own = cx->a, *scratch = arena_new("undo look", UNDO_LOOK_ARENA, 0);
	struct undo_at at = { 0 };
	struct undo_page page;
	struct undo u;
	struct run run;
	enum rc rc;

	*out = (struct undo_view){ .v = arena_array(own, UNDO_SHOWN, sizeof *out->v) };
	rc = run_get(cx, db, owner, run_id, &run);
	if (rc == RC_OK)
		rc = undo_of_run(cx, db, &run, &u);
	while (rc == RC_OK && !at.over && out->back + out->left < UNDO_COUNTED) {
		cx->a = scratch;
		rc = undo_page(cx, db, &u, &at, UNDO_PAGE, &page);
		if (rc == RC_OK)
			undo_view_add(own, out, &page);
		cx->a = own;
		arena_reset(scratch);
	}
	out->more = !at.over;
	arena_free(scratch);
	return rc;
}
