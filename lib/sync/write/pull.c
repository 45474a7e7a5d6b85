/*
 * pull.c - see pull.h.
 */
#include "sync/write/pull.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rand.h"
#include "base/step.h"
#include "base/vec.h"
#include "store/conn.h"
#include "queue/heed.h"
#include "queue/outward.h"
#include "queue/post.h"
#include "sync/blast.h"
#include "sync/write/facets.h"
#include "sync/write/flaw.h"
#include "sync/write/kin.h"
#include "sync/write/meet.h"
#include "sync/write/refuse.h"
#include "sync/write/silent.h"

enum { PULL_ARENA = 64 * 1024 * 1024, PULL_PAGE = 200 };

/* A twin that was not read. */
struct pull_missed {
	const char *link_id, *remote_id;
	bool sure; /* it is gone; else it is looked for */
	bool counts;
};

struct pull_walk {
	struct arena *a; /* of what is missed; that of the context is a page's */
	struct pull_missed *v;
	size_t n, cap;
	int64_t linked, gone;
};

struct pulling {
	const struct twoway *t;
	const struct pull_page *page;
	struct pull_rest *rest;
	struct pull_walk walk;
	size_t at, next; /* in what was missed */
};

static enum rc
pull_hold(struct ctx *cx, struct db *db, const struct twoway *t)
{
	return t->hold ? t->hold(cx, db, t->hold_arg) : RC_OK;
}

static enum rc
pull_saved(struct ctx *cx, struct db *db, const struct twoway *t)
{
	return t->saved ? t->saved(cx, db, t->hold_arg) : RC_OK;
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

/* What is held of the copy would have changed or deleted what is going now: nobody is asked. */
static enum rc
pull_let_go(struct ctx *cx, struct db *db, struct link *copy)
{
	struct outbox o;

	TRY(heed_link(cx, db, copy, clock_ms()));
	TRY(outbox_of_link(cx, db, copy->owner, copy->id, &o));
	return o.id && !strcmp(o.state, OUTBOX_HELD) ? outbox_drop(cx, db, &o) : RC_OK;
}

/* What we had made, or are making, goes: the object has a twin of its own there, with which nothing
 * was agreed on yet. The copy is nobody's from now on; somebody's edit of it goes to the object.
 * What was agreed on since it was read is so under its new name too. */
static enum rc
pull_give_way(
    struct ctx *cx, struct db *db, const struct twoway *t, struct link *copy, int64_t as_of)
{
	struct outbox o = {
		.owner = t->owner,
		.link_id = copy->id,
		.connection_id = t->connection_id,
		.op = OUTBOX_DELETE,
		.allowed = t->allowed,
	};
	char nobody[UUID_TEXT];
	bool moved;

	TRY(pull_let_go(cx, db, copy));
	TRY(meet_moved(cx, db, t, copy, as_of, &moved));
	TRY(meet_close(cx, db, copy, "agreement", false));
	TRY(link_give_way(cx, db, copy, arena_dup(cx->a, rand_uuid(nobody))));
	if (moved)
		TRY(meet_record_there(cx, db, t, copy, copy->base));
	copy->state = LINK_QUEUED;
	copy->updated_at = clock_ms();
	TRY(link_save(cx, db, copy));
	return post_put(cx, db, &o, copy->updated_at);
}

/* Of this object. One that is new has no rev: it is stored when it is met. */
static enum rc
pull_link_to(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    const struct object *o, struct link *out)
{
	char id[UUID_TEXT];
	int64_t last;

	/* It waits for something that is there by itself. */
	if (out->id && !out->ours && !out->sent)
		return RC_OK;
	if (out->id)
		TRY(pull_give_way(cx, db, t, out, there->as_of));
	*out = (struct link){
		.id = arena_dup(cx->a, rand_uuid(id)),
		.owner = t->owner,
		.connection_id = t->connection_id,
		.object = *o,
		.remote_id = there->key,
		.ours = there->mark != NULL,
		.state = LINK_SYNCED,
		.created_at = clock_ms(),
	};
	TRY(change_last(cx, db, &last));
	out->since_no = out->ours ? 0 : last + 1;
	return RC_OK;
}

/* It was hidden, and is what something was made in the place of: that gives way. What was agreed on
 * with it is agreed on again. out->id NULL: it is not. */
static enum rc
pull_link_back(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    struct link *out)
{
	struct object o;
	const json *base;

	TRY(link_of_former(cx, db, t->owner, t->connection_id, there->key, out));
	if (out->id && out->remote_id && !out->ours)
		*out = (struct link){ 0 };
	if (!out->id)
		return RC_OK;
	o = out->object;
	TRY(pull_link_to(cx, db, t, there, &o, out));
	if (out->rev)
		return RC_OK;
	TRY(kin_former(cx, db, t, &o, true, &base));
	out->base = base ? json_text(cx->a, base) : NULL;
	return RC_OK;
}

static enum rc
pull_link_new(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    struct link *out)
{
	const char *key;
	struct object o;
	bool fresh;

	TRY(pull_link_back(cx, db, t, there, out));
	if (out->id)
		return RC_OK;
	TRY(t->ops->name(cx, db, t, there, &key, &fresh));
	*out = (struct link){ 0 };
	if (!key)
		return RC_OK;
	o = twoway_object(t, key);
	if (!fresh)
		TRY(link_of(cx, db, t->owner, t->connection_id, &o, out));
	TRY(pull_link_to(cx, db, t, there, &o, out));
	/* What is made here by it has not come from elsewhere. */
	if (fresh)
		out->since_no = 0;
	return RC_OK;
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
	if (!out->id && there->mark && !flaw(FLAW_COPY_IS_NEW))
		TRY(pull_find_ours(cx, db, t, there, out));
	if (out->id || !there->values)
		return RC_OK;
	TRY(pull_given_up(cx, db, t, there, &given_up));
	return given_up ? RC_OK : pull_link_new(cx, db, t, there, out);
}

/* What was agreed on stays here without a twin, until it is edited here or comes back there. */
static enum rc
pull_keep(struct ctx *cx, struct db *db, struct link *l)
{
	if (!l->base || !strcmp(l->state, LINK_CONFLICT))
		return RC_OK;
	l->etag = NULL;
	return link_skip(cx, db, l, OUTWARD_KEPT,
	    "It is gone there and was kept here; the next edit here is sent again.", clock_ms());
}

/* One of them. */
static enum rc
pull_page_one(struct ctx *cx, struct db *db, const struct pulling *p, const struct there *read)
{
	const struct twoway *t = p->t;
	struct there there;
	struct link l;
	bool doubted;

	if (read->refused)
		TRY(link_of_remote(cx, db, t->owner, t->connection_id, read->key, &l));
	else
		TRY(pull_find(cx, db, t, read, &l));
	if (!l.id)
		return RC_OK;
	if (!read->values && p->page->keeps)
		return pull_keep(cx, db, &l);
	if (read->refused)
		return refuse(cx, db, t, &l, read);
	TRY(silent_there(cx, db, t, &l, read, &there));
	TRY(meet(cx, db, t, &l, &there, &doubted));
	TRY(facets_take(cx, db, t, &l, read));
	if (!there.unfilled || !l.id || t->direction == PULL_ONLY || !strcmp(l.state, LINK_SKIPPED))
		return RC_OK;
	return post_look(cx, db, &l, clock_ms());
}

static enum rc
pull_page_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct pulling *p = arg;

	TRY(pull_hold(cx, db, p->t));
	for (size_t i = 0; i < p->page->n; i++)
		TRY(pull_page_one(cx, db, p, &p->page->v[i]));
	TRY(pull_saved(cx, db, p->t));
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

/* What was agreed on, or sent, while the read went on may have come and gone unseen. What a person
 * has kept is known to be missing. */
static enum rc
pull_walk_one(
    struct ctx *cx, struct db *db, struct pulling *p, struct pull_walk *w, const struct link *l)
{
	bool known = l->base && l->remote_id, read, moved;

	read = l->remote_id && keyset_has(p->rest->seen, str_c(l->remote_id));
	if (!read && outward_kept(l))
		return RC_OK;
	w->linked += known;
	if ((!known && !l->sent) || read)
		return RC_OK;
	TRY(meet_moved(cx, db, p->t, l, p->rest->as_of, &moved));
	w->gone += known && !moved;
	VEC_HOLD(w->a, w->v, w->cap, w->n + 1, VEC_ROWS_MAX);
	w->v[w->n++] = (struct pull_missed){
		.link_id = arena_dup(w->a, l->id),
		.remote_id = arena_dup(w->a, l->remote_id),
		.sure = known && !moved && !l->sent && !p->t->lists_lag,
		.counts = known && !moved,
	};
	return RC_OK;
}

static enum rc
pull_walk_page(
    struct ctx *cx, struct db *db, struct pulling *p, struct pull_walk *w, struct link_page *page)
{
	struct link_list list;

	TRY(link_list_state(cx, db, page, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(pull_walk_one(cx, db, p, w, &list.v[i]));
	page->after = arena_dup(w->a, list.next);
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
	enum rc rc = RC_OK;

	cx->a = arena_new("links", PULL_ARENA, 0);
	while (page.after && rc == RC_OK) {
		arena_reset(cx->a);
		rc = pull_walk_page(cx, db, p, w, &page);
	}
	arena_free(cx->a);
	cx->a = w->a;
	return rc;
}

static void
pull_tell_lost(struct ctx *cx, struct pull_rest *rest, const struct pull_walk *w)
{
	rest->gone = 0;
	rest->linked = w->linked;
	rest->lost = arena_array(cx->a, w->n + 1, sizeof *rest->lost);
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].counts)
			rest->lost[rest->gone++] = w->v[i].remote_id;
	if (rest->gone)
		qsort(rest->lost, (size_t)rest->gone, sizeof *rest->lost, pull_order);
}

static enum rc
pull_walk(struct ctx *cx, struct db *db, struct pulling *p, struct pull_walk *w)
{
	static const char *const states[] = { LINK_SYNCED, LINK_QUEUED, LINK_FAILED, LINK_CONFLICT,
		LINK_SKIPPED };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		TRY(pull_walk_state(cx, db, p, w, states[i]));
	pull_tell_lost(cx, p->rest, w);
	/* Nothing goes here by it. */
	if (p->t->direction == PUSH_ONLY || !blast_large(&p->t->limits, w->linked, w->gone) ||
	    p->rest->approved || p->rest->keeps)
		return RC_OK;
	return fail(cx, E_NEEDS_APPROVAL, "%lld of %lld items are not there any more.",
	    (long long)w->gone, (long long)w->linked);
}

/* A link that went meanwhile is nobody's matter any more. */
static enum rc
pull_missed_one(struct ctx *cx, struct db *db, const struct pulling *p, const struct pull_missed *m)
{
	const struct there gone = { .key = m->remote_id, .as_of = p->rest->as_of };
	struct link l;
	bool doubted;
	enum rc rc = link_get(cx, db, p->t->owner, m->link_id, &l);

	if (rc != RC_OK && cx->err.kind == E_NOT_FOUND) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	if (m->counts && p->rest->keeps)
		return pull_keep(cx, db, &l);
	return m->sure && !l.sent ? meet(cx, db, p->t, &l, &gone, &doubted)
				  : post_look(cx, db, &l, clock_ms());
}

/* All links are gone through, which is too long for a write: what has moved since is seen when each
 * is dealt with. */
static enum rc
pull_walk_read(struct ctx *cx, struct db *db, struct pulling *p)
{
	enum rc rc;

	p->walk = (struct pull_walk){ .a = cx->a };
	TRY(db_read_begin(cx, db));
	rc = pull_walk(cx, db, p, &p->walk);
	db_read_end(db);
	return rc;
}

/* Some of what is missed; with the last of it the cursor. */
static enum rc
pull_missed_write(struct ctx *cx, struct db *db, void *arg)
{
	struct pulling *p = arg;
	size_t end = p->at + PULL_PAGE < p->walk.n ? p->at + PULL_PAGE : p->walk.n;

	TRY(pull_hold(cx, db, p->t));
	for (size_t i = p->at; i < end; i++)
		TRY(pull_missed_one(cx, db, p, &p->walk.v[i]));
	p->next = end;
	TRY(pull_saved(cx, db, p->t));
	return end < p->walk.n ? RC_OK : pull_cursor(cx, db, p->t, p->rest->cursor);
}

enum rc
pull_rest(struct ctx *cx, struct db *db, const struct twoway *t, struct pull_rest *rest)
{
	struct pulling p = { .t = t, .rest = rest };

	TRY(pull_walk_read(cx, db, &p));
	do {
		TRY(db_write(cx, db, pull_missed_write, &p));
		step("pull:saved");
		p.at = p.next;
	} while (p.at < p.walk.n);
	return RC_OK;
}
