/*
 * pull.c - see pull.h.
 */
#include "sync/write/pull.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/step.h"
#include "base/vec.h"
#include "store/conn.h"
#include "store/outbox.h"
#include "sync/blast.h"
#include "sync/write/flaw.h"
#include "sync/write/meet.h"

struct pulling {
	const struct twoway *t;
	const struct pull_page *page;
	struct pull_rest *rest;
};

static enum rc
pull_hold(struct ctx *cx, struct db *db, const struct twoway *t)
{
	return t->hold ? t->hold(cx, db, t->hold_arg) : RC_OK;
}

static enum rc
pull_cursor(struct ctx *cx, struct db *db, const struct twoway *t, const char *cursor)
{
	return cursor ? conn_set_cursor(cx, db, t->owner, t->connection_id, cursor) : RC_OK;
}

/* Made by us, and its answer has not been seen yet. */
static enum rc
pull_find_ours(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    struct link *out)
{
	enum rc rc = link_get(cx, db, t->owner, there->mark, out);

	if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
		return rc;
	cx->err = rc == RC_OK ? cx->err : (struct err){ 0 };
	if (rc != RC_OK || out->remote_id || strcmp(out->connection_id, t->connection_id))
		*out = (struct link){ 0 };
	return RC_OK;
}

static enum rc
pull_link_new(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    struct link *out)
{
	const char *key;

	TRY(t->ops->name(cx, db, t, there, &key));
	*out = (struct link){
		.owner = t->owner,
		.connection_id = t->connection_id,
		.object = twoway_object(t, key),
		.remote_id = there->key,
		.state = LINK_SYNCED,
		.created_at = clock_ms(),
	};
	return link_insert(cx, db, out);
}

/* A twin that was given up after it was read: it is gone for good. */
static enum rc
pull_given_up(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    bool *given_up)
{
	const char *const names[] = { there->key, there->mark };

	*given_up = false;
	for (size_t i = 0; i < 2 && names[i] && !*given_up; i++) {
		const struct link l = { .object = twoway_object(t, names[i]) };

		TRY(meet_moved(cx, db, t, &l, there->as_of, given_up));
	}
	return RC_OK;
}

/* out->id NULL: there is nothing here that it could be brought together with. */
static enum rc
pull_find(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    struct link *out)
{
	bool given_up;

	TRY(link_of_remote(cx, db, t->owner, t->connection_id, there->key, out));
	if (!out->id && there->mark)
		TRY(pull_find_ours(cx, db, t, there, out));
	if (out->id || !there->values)
		return RC_OK;
	TRY(pull_given_up(cx, db, t, there, &given_up));
	return given_up ? RC_OK : pull_link_new(cx, db, t, there, out);
}

static enum rc
pull_page_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct pulling *p = arg;
	struct link l;
	bool doubted;

	TRY(pull_hold(cx, db, p->t));
	for (size_t i = 0; i < p->page->n; i++) {
		TRY(pull_find(cx, db, p->t, &p->page->v[i], &l));
		if (l.id)
			TRY(meet(cx, db, p->t, &l, &p->page->v[i], &doubted));
	}
	return pull_cursor(cx, db, p->t, p->page->cursor);
}

static enum rc
pull_cursor_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct pulling *p = arg;

	TRY(pull_hold(cx, db, p->t));
	return pull_cursor(cx, db, p->t, p->page->cursor);
}

enum rc
pull_page(struct ctx *cx, struct db *db, const struct twoway *t, const struct pull_page *page)
{
	struct pulling p = { .t = t, .page = page };

	if (flaw(FLAW_CURSOR_FIRST))
		TRY(db_write(cx, db, pull_cursor_write, &p));
	step("pull:page");
	TRY(db_write(cx, db, pull_page_write, &p));
	step("pull:saved");
	return RC_OK;
}

/* --- the end of a full read --- */

static int
pull_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool
pull_was_read(const struct pull_rest *r, const char *key)
{
	return r->n && bsearch(&key, r->keys, r->n, sizeof *r->keys, pull_order) != NULL;
}

/* What is not sure to be gone is looked for. */
static enum rc
pull_ask(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l)
{
	struct outbox o = {
		.owner = t->owner,
		.link_id = l->id,
		.connection_id = t->connection_id,
		.op = OUTBOX_PUT,
		.fields = "[]",
	};

	l->etag = NULL;
	l->updated_at = clock_ms();
	TRY(link_save(cx, db, l));
	return outbox_put(cx, db, &o, l->updated_at);
}

/* A twin that was not read. */
struct pull_missed {
	struct link link;
	bool sure; /* it is gone; else it is looked for */
};

struct pull_walk {
	struct pull_missed *v;
	size_t n, cap;
	int64_t linked, gone;
};

/* What was agreed on, or sent, while the read went on may have come and gone unseen. */
static enum rc
pull_walk_one(
    struct ctx *cx, struct db *db, struct pulling *p, struct pull_walk *w, const struct link *l)
{
	bool known = l->base && l->remote_id, moved;

	w->linked += known;
	if ((!known && !l->sent) || (l->remote_id && pull_was_read(p->rest, l->remote_id)))
		return RC_OK;
	TRY(meet_moved(cx, db, p->t, l, p->rest->as_of, &moved));
	w->gone += known && !moved;
	VEC_HOLD(cx->a, w->v, w->cap, w->n + 1, VEC_ROWS_MAX);
	w->v[w->n++] = (struct pull_missed){
		.link = *l,
		.sure = known && !moved && !l->sent && !p->t->lists_lag,
	};
	return RC_OK;
}

static enum rc
pull_walk_state(
    struct ctx *cx, struct db *db, struct pulling *p, struct pull_walk *w, const char *state)
{
	struct link_page page = {
		.owner = p->t->owner,
		.connection_id = p->t->connection_id,
		.state = state,
		.after = "",
	};
	struct link_list list;

	do {
		TRY(link_list_state(cx, db, &page, &list));
		for (size_t i = 0; i < list.n; i++)
			TRY(pull_walk_one(cx, db, p, w, &list.v[i]));
		page.after = list.next;
	} while (page.after);
	return RC_OK;
}

static enum rc
pull_walk(struct ctx *cx, struct db *db, struct pulling *p, struct pull_walk *w)
{
	static const char *const states[] = { LINK_SYNCED, LINK_QUEUED, LINK_FAILED,
		LINK_CONFLICT };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		TRY(pull_walk_state(cx, db, p, w, states[i]));
	p->rest->gone = w->gone;
	if (!blast_large(w->linked, w->gone) || p->rest->approved)
		return RC_OK;
	return fail(cx, E_NEEDS_APPROVAL, "%lld of %lld items are not there any more.",
	    (long long)w->gone, (long long)w->linked);
}

static enum rc
pull_rest_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pulling *p = arg;
	struct pull_walk w = { 0 };
	bool doubted;

	TRY(pull_hold(cx, db, p->t));
	TRY(pull_walk(cx, db, p, &w));
	for (size_t i = 0; i < w.n; i++) {
		struct link *l = &w.v[i].link;
		const struct there gone = { .key = l->remote_id, .as_of = p->rest->as_of };

		if (!w.v[i].sure)
			TRY(pull_ask(cx, db, p->t, l));
		else
			TRY(meet(cx, db, p->t, l, &gone, &doubted));
	}
	return pull_cursor(cx, db, p->t, p->rest->cursor);
}

enum rc
pull_rest(struct ctx *cx, struct db *db, const struct twoway *t, struct pull_rest *rest)
{
	struct pulling p = { .t = t, .rest = rest };

	qsort(rest->keys, rest->n, sizeof *rest->keys, pull_order);
	TRY(db_write(cx, db, pull_rest_write, &p));
	step("pull:saved");
	return RC_OK;
}
