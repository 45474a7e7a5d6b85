/*
 * rehearse.c - see rehearse.h.
 *
 * A page of twins is a write of its own, as in a run: nobody else waits long for it. What one page
 * would do is not seen by the next; but which events have a twin is remembered over all of them.
 */
#include "sync/rehearse.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/rand.h"
#include "event/occur.h"
#include "queue/heed.h"
#include "store/conflict.h"
#include "store/outbox.h"
#include "sync/write/catch_up.h"
#include "sync/write/differ.h"
#include "sync/write/hub.h"
#include "sync/write/pull.h"
#include "sync/write/silent.h"
#include "sync/write/there.h"
#include "sync/write/withdraw.h"

enum { REHEARSE_TWINS = 100, REHEARSE_ARENA = 256 * 1024 * 1024, REHEARSE_ROWS = 500 };
/* The run that its changes name; there is none such. */
#define REHEARSE_NO INT64_C(-1)

/* What one write would have done. */
struct rehearse_page {
	struct listing list;
	json *met, *sent; /* met: {event: true} that have a twin; sent: {link: true} */
	int64_t filled;
	int64_t n[REHEARSED_SIDES][CHANGE_DELETED + 1];
};

struct rehearsing {
	struct twin_sink sink; /* first: what providers are given */
	const struct rehearsal *in;
	struct twoway t;
	struct hub hub;
	struct arena *page;
	struct there v[REHEARSE_TWINS];
	size_t n;
	struct keyset seen;
	struct rehearse_page now, all;
	struct mirror_at at;
	char after_id[UUID_TEXT];
	struct catching_up late;
	char late_after[UUID_TEXT];
	int64_t linked;
};

typedef enum rc rehearse_fn(struct ctx *, struct db *, struct rehearsing *);

/* --- what has been done --- */

static json *
rehearse_fields(struct arena *a, const json *before, const json *after)
{
	json *list = json_list(a), *o;
	const json *const sides[] = { before, after };

	for (size_t i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(sides[i], &it);) {
			json *was = json_at(before, it.key), *is = json_at(after, it.key);

			if ((i && json_has(before, it.key)) || value_same(a, was, is))
				continue;
			o = listing_field(a, it.key, was, is);
			occur_name(a, o, before ? before : after, it.key);
			json_add(list, o);
		}
	return list;
}

/* One change of one side; before and after NULL: there is nothing. */
static void
rehearse_note(struct arena *a, struct rehearse_page *to, enum rehearsed_side side,
    const json *before, const json *after)
{
	static const char *const sides[] = { LISTING_LOCAL, LISTING_REMOTE };
	static const char *const actions[] = { "add", "update", "delete" };
	enum change_action action = change_action(before != NULL, after != NULL);
	json *fields;

	to->n[side][action]++;
	if (!listing_takes(&to->list, sides[side], actions[action]))
		return;
	fields = rehearse_fields(a, before, after);
	listing_weigh(&to->list, strlen(json_text(a, fields)));
	json_add(to->list.changes,
	    listing_change(a, sides[side], actions[action],
		json_str(after ? after : before, "title"), fields));
}

static enum rc
rehearse_here(struct ctx *cx, struct db *db, struct rehearsing *w)
{
	struct change_page page = {
		.owner = w->t.owner,
		.sync_no = REHEARSE_NO,
		.limit = REHEARSE_ROWS,
	};
	struct change_list list;
	struct here here;

	do {
		TRY(change_page(cx, db, &page, &list));
		for (size_t i = 0; i < list.n; i++) {
			const struct change *c = &list.v[i];

			json_set_bool(w->now.met, c->object.key, true);
			if (strcmp(c->side, SIDE_HERE) != 0)
				continue;
			TRY(w->t.ops->get(cx, db, &w->t, c->object.key, &here));
			rehearse_note(cx->a, &w->now, REHEARSED_LOCAL,
			    json_stored(cx->a, c->before), here.value);
		}
		page.before = list.next;
	} while (list.next);
	return RC_OK;
}

/* What would be sent of a link, as it is computed when it is. there: what was read of its twin;
 * NULL: it is as was agreed on last. */
static enum rc
rehearse_item(
    struct ctx *cx, struct db *db, struct rehearsing *w, const char *link_id, const json *there)
{
	const json *after;
	struct conflict open = { 0 };
	struct differ_in in = { 0 };
	struct differ differs;
	struct here here;
	struct link l;

	if (json_has(w->all.sent, link_id) || json_has(w->now.sent, link_id))
		return RC_OK;
	json_set_bool(w->now.sent, link_id, true);
	TRY(link_get(cx, db, w->t.owner, link_id, &l));
	TRY(heed_link(cx, db, &l, clock_ms()));
	if (!strcmp(l.state, LINK_SKIPPED) || w->t.direction == PULL_ONLY)
		return RC_OK;
	TRY(w->t.ops->get(cx, db, &w->t, l.object.key, &here));
	TRY(conflict_of_link(cx, db, w->t.owner, l.id, &open));
	in.base = json_stored(cx->a, l.base);
	in.here = l.back ? withdraw_back(cx->a, &l) : here.value;
	in.asked = json_stored(cx->a, open.fields);
	differ(cx->a, w->t.rules, &in, &differs);
	if (!differs.any)
		return RC_OK;
	after = differs.whole;
	if (there && after)
		after = differ_confirmed(cx->a, there, differs.values, after);
	rehearse_note(cx->a, &w->now, REHEARSED_REMOTE, there ? there : in.base, after);
	return RC_OK;
}

/* Items of the connection in a state that were put or joined since; 0: all. */
static enum rc
rehearse_there(
    struct ctx *cx, struct db *db, struct rehearsing *w, const char *state, int64_t since)
{
	struct outbox_page page = { .owner = w->t.owner, .state = state, .after = "" };
	struct outbox_list list;

	do {
		TRY(outbox_list_state(cx, db, &page, &list));
		for (size_t i = 0; i < list.n; i++)
			if (list.v[i].updated_at >= since &&
			    !strcmp(list.v[i].connection_id, w->t.connection_id))
				TRY(rehearse_item(cx, db, w, list.v[i].link_id, NULL));
		page.after = list.next;
	} while (list.next);
	return RC_OK;
}

/* Nothing differs, and yet something is to be told there. */
static enum rc
rehearse_unfilled(struct ctx *cx, struct db *db, struct rehearsing *w, const struct link *l,
    const struct there *read)
{
	json *fields = json_list(cx->a);
	struct there there;

	if (!read->values || w->t.direction == PULL_ONLY || !strcmp(l->state, LINK_SKIPPED))
		return RC_OK;
	TRY(silent_there(cx, db, &w->t, l, read, &there));
	for (struct json_iter it = { 0 }; json_each(there.unfilled, &it);)
		json_add(fields, listing_field(cx->a, it.key, NULL, json_at(there.values, it.key)));
	if (!json_len(fields))
		return RC_OK;
	w->now.n[REHEARSED_REMOTE][CHANGE_UPDATED]++;
	w->now.filled++;
	if (listing_takes(&w->now.list, LISTING_REMOTE, "update"))
		json_add(w->now.list.changes,
		    listing_change(
			cx->a, LISTING_REMOTE, "update", json_str(there.values, "title"), fields));
	return RC_OK;
}

/* What is to be sent of a twin that was met is seen by what the meeting has made of both: what
 * waits already, and what catch_up() would find. */
static enum rc
rehearse_met(struct ctx *cx, struct db *db, struct rehearsing *w, const struct there *read)
{
	const int64_t *n = w->now.n[REHEARSED_REMOTE], before = n[CHANGE_UPDATED];
	struct outbox open;
	struct here here;
	struct link l;
	bool late;

	TRY(link_of_remote(cx, db, w->t.owner, w->t.connection_id, read->key, &l));
	if (!l.id)
		return RC_OK;
	TRY(outbox_of_link(cx, db, w->t.owner, l.id, &open));
	TRY(w->t.ops->get(cx, db, &w->t, l.object.key, &here));
	late = w->in->other && here.value && !l.withdrawn && !l.back;
	if (open.id || (late && !strcmp(l.state, LINK_SYNCED)))
		TRY(rehearse_item(cx, db, w, l.id, read->values));
	json_set_bool(w->now.sent, l.id, true);
	return n[CHANGE_UPDATED] > before ? RC_OK : rehearse_unfilled(cx, db, w, &l, read);
}

/* --- a write that is rolled back --- */

struct rehearse_write {
	struct rehearsing *w;
	rehearse_fn *fn;
};

static enum rc
rehearse_and_forget(struct ctx *cx, struct db *db, void *arg)
{
	const struct rehearse_write *r = arg;

	r->w->now = (struct rehearse_page){
		.list = r->w->all.list,
		.met = json_new(cx->a),
		.sent = json_new(cx->a),
	};
	r->w->now.list.changes = json_list(cx->a);
	if (r->w->in->fresh)
		TRY(conn_insert(cx, db, r->w->in->conn));
	hub_begin(&r->w->hub);
	TRY(r->fn(cx, db, r->w));
	return fail(cx, E_ENOUGH, NULL);
}

/* Into what is told in the end, which is the caller's arena's. */
static void
rehearse_add(struct arena *own, struct rehearsing *w)
{
	const json *changes = json_copy(own, w->now.list.changes);
	json *list = w->all.list.changes;

	w->all.list = w->now.list;
	w->all.list.changes = list;
	w->all.filled += w->now.filled;
	for (size_t i = 0; i < json_len(changes); i++)
		json_add(list, json_nth(changes, i));
	for (struct json_iter it = { 0 }; json_each(w->now.met, &it);)
		json_set_bool(w->all.met, it.key, true);
	for (struct json_iter it = { 0 }; json_each(w->now.sent, &it);)
		json_set_bool(w->all.sent, it.key, true);
	for (size_t s = 0; s < REHEARSED_SIDES; s++)
		for (size_t i = 0; i <= CHANGE_DELETED; i++)
			w->all.n[s][i] += w->now.n[s][i];
}

static enum rc
rehearse_once(struct ctx *cx, struct rehearsing *w, rehearse_fn *fn)
{
	struct rehearse_write r = { .w = w, .fn = fn };
	struct arena *own = cx->a;
	enum rc rc;

	cx->a = w->page;
	rc = db_write(cx, w->in->db, rehearse_and_forget, &r);
	cx->a = own;
	if (cx->err.kind == E_ENOUGH) {
		cx->err = (struct err){ 0 };
		rehearse_add(own, w);
		rc = RC_OK;
	}
	w->n = 0;
	arena_reset(w->page);
	return rc;
}

/* --- the steps of a run --- */

static enum rc
rehearse_twins(struct ctx *cx, struct db *db, struct rehearsing *w)
{
	const struct pull_page page = { .v = w->v, .n = w->n };
	const int64_t since = clock_ms();

	TRY(pull_page(cx, db, &w->t, &page));
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].key)
			TRY(rehearse_met(cx, db, w, &w->v[i]));
	TRY(rehearse_here(cx, db, w));
	return rehearse_there(cx, db, w, OUTBOX_WAITING, since);
}

static enum rc
rehearse_twin(struct ctx *cx, struct twin_sink *sink, const struct twin *twin)
{
	struct rehearsing *w = (struct rehearsing *)sink;

	if (twin->values || twin->unread)
		keyset_add(&w->seen, str_c(twin->key));
	if (twin->unread)
		return RC_OK;
	w->v[w->n++] = there_of(w->page, twin, w->in->provider->writer, w->in->as_of);
	return w->n == REHEARSE_TWINS ? rehearse_once(cx, w, rehearse_twins) : RC_OK;
}

/* What the source has beside its twins. */
static enum rc
rehearse_beside(struct ctx *cx, struct twin_sink *sink, const json *before, const json *after)
{
	struct rehearsing *w = (struct rehearsing *)sink;

	rehearse_note(cx->a, &w->all, REHEARSED_REMOTE, before ? json_copy(cx->a, before) : NULL,
	    after ? json_copy(cx->a, after) : NULL);
	return RC_OK;
}

/* What it would delete is told, whatever would be asked about it. */
static enum rc
rehearse_rest(struct ctx *cx, struct db *db, struct rehearsing *w)
{
	const int64_t since = clock_ms();
	struct pull_rest rest = {
		.seen = &w->seen,
		.as_of = w->in->as_of,
		.approved = true,
	};

	TRY(pull_rest(cx, db, &w->t, &rest));
	w->linked = rest.linked;
	for (int64_t i = 0; i < rest.gone; i++)
		TRY(rehearse_met(cx, db, w, &(struct there){ .key = rest.lost[i] }));
	TRY(rehearse_here(cx, db, w));
	return rehearse_there(cx, db, w, OUTBOX_WAITING, since);
}

/* What waits by now, beside what has been told. */
static enum rc
rehearse_queue(struct ctx *cx, struct db *db, struct rehearsing *w)
{
	static const char *const states[] = { OUTBOX_WAITING, OUTBOX_SENDING, OUTBOX_UNSURE,
		OUTBOX_HELD, OUTBOX_FAILED };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		TRY(rehearse_there(cx, db, w, states[i], 0));
	return RC_OK;
}

/* What is here and shall be there; a page of it. */
static enum rc
rehearse_fill(struct ctx *cx, struct db *db, struct rehearsing *w)
{
	const struct mirror_to to = { .id = w->t.connection_id, .ways = w->hub.ways };
	struct event_list list;

	TRY(event_unlinked(cx, db,
	    &(struct event_page){
		.owner = w->t.owner,
		.connection_id = w->t.connection_id,
		.after = w->at.after,
		.after_id = w->at.after_id,
		.limit = REHEARSE_TWINS,
	    },
	    &list));
	for (size_t i = 0; i < list.n; i++)
		if (!json_has(w->all.met, list.v[i].id) && mirror_wants(&to, &list.v[i]))
			rehearse_note(cx->a, &w->now, REHEARSED_REMOTE, NULL,
			    json_stored(cx->a, list.v[i].value));
	w->at.over = !list.more;
	if (list.n > 0) {
		w->at.after = list.v[list.n - 1].from_at;
		snprintf(w->after_id, sizeof w->after_id, "%s", list.v[list.n - 1].id);
		w->at.after_id = w->after_id;
	}
	return RC_OK;
}

/* What was edited here while nothing was to be sent; a page of it. */
static enum rc
rehearse_late(struct ctx *cx, struct db *db, struct rehearsing *w)
{
	const int64_t since = clock_ms();
	struct catching_up late = w->late;

	TRY(catch_up(cx, db, &w->t, &late));
	TRY(rehearse_there(cx, db, w, OUTBOX_WAITING, since));
	if (late.after)
		snprintf(w->late_after, sizeof w->late_after, "%s", late.after);
	w->late.after = late.after ? w->late_after : NULL;
	return RC_OK;
}

static enum rc
rehearse_steps(struct ctx *cx, struct rehearsing *w)
{
	struct page_in *pages;
	int64_t read_bytes;

	TRY(spool_pages(cx, w->in->spool, false, &read_bytes, &pages));
	TRY(w->in->provider->reader->twins(
	    cx, w->in->source, pages, w->in->spool->pages, &w->sink));
	TRY(rehearse_once(cx, w, rehearse_twins));
	TRY(rehearse_once(cx, w, rehearse_rest));
	while (!w->at.over)
		TRY(rehearse_once(cx, w, rehearse_fill));
	while (w->in->other && w->t.direction != PULL_ONLY && w->late.after)
		TRY(rehearse_once(cx, w, rehearse_late));
	return rehearse_once(cx, w, rehearse_queue);
}

/* --- the whole --- */

enum rc
rehearse(struct ctx *cx, const struct rehearsal *in, struct rehearsed *out)
{
	struct rehearsing *w = arena_alloc(cx->a, sizeof *w);
	enum rc rc;

	w->sink.twin = rehearse_twin;
	w->sink.beside = rehearse_beside;
	w->in = in;
	w->at = (struct mirror_at){ .after = INT64_MIN, .after_id = "" };
	w->late.after = "";
	w->all = (struct rehearse_page){
		.list = *in->list,
		.met = json_new(cx->a),
		.sent = json_new(cx->a),
	};
	keyset_init(cx->a, &w->seen);
	hub_open(cx->a, &w->hub, in->conn, in->provider, in->source, &w->t);
	w->t.sync_no = REHEARSE_NO;
	w->t.anew = in->other;
	/* Nobody goes and looks for what a list lacks: it is told as gone. */
	w->t.lists_lag = false;
	w->page = arena_new("rehearsal", REHEARSE_ARENA, 0);
	rc = rehearse_steps(cx, w);
	arena_free(w->page);
	TRY(rc);
	*in->list = w->all.list;
	memcpy(out->n, w->all.n, sizeof out->n);
	out->filled = w->all.filled;
	out->linked = w->linked;
	return RC_OK;
}
