/*
 * leave.c - see leave.h.
 */
#include "app/leave.h"

#include "ask/ask.h"
#include "kind/kind.h"
#include "queue/leave.h"
#include "store/called.h"
#include "store/data.h"
#include "store/labelled.h"

struct conn_exit {
	const struct caller *by;
	const char *id;
	bool data;
	const char *sync_id;
	bool met;
};

static enum rc
conn_exit_write(struct ctx *cx, struct db *db, void *arg)
{
	struct conn_exit *w = arg;
	const struct leave l = { .by = w->by->actor.name, .data = w->data };
	struct conn c;
	enum rc rc;

	TRY(conn_get(cx, db, w->by->owner, w->id, &c));
	rc = leave_begin(cx, db, &c, &l, &w->sync_id);
	w->met = rc == RC_CONFLICT && w->sync_id;
	if (w->met) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	return caller_audit(cx, db, w->by, "clean exit started", w->id, c.name);
}

enum rc
conn_exit(struct ctx *cx, struct db *db, const struct caller *by, const char *id, bool delete_data,
    const char **sync_id)
{
	struct conn_exit w = { .by = by, .id = id, .data = delete_data };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(db_write(cx, db, conn_exit_write, &w));
	*sync_id = w.sync_id;
	wake_tick();
	return RC_OK;
}

/* --- looking --- */

struct exit_view {
	json *items;
	int64_t n;
};

static json *
exit_item(struct arena *a, const char *title, const char *external, const char *action)
{
	json *o = json_new(a);

	json_set_str(o, "title", title);
	json_set_str(o, "externalId", external);
	json_set_str(o, "action", action);
	return o;
}

static void
exit_add(struct arena *a, struct exit_view *v, const char *title, const char *external,
    const char *action)
{
	if (v->n++ < EXIT_SHOWN)
		json_add(v->items, exit_item(a, title, external, action));
}

static const char *
exit_title(struct arena *a, const struct link *l)
{
	const char *title = json_str(json_stored(a, l->base ? l->base : l->sent), "title");

	return title ? title : l->object.key;
}

static enum rc
exit_links(
    struct ctx *cx, struct db *db, const struct conn *c, const struct kind *k, struct exit_view *v)
{
	const char *after = "";
	struct link_list list;

	do {
		TRY(link_list_all(cx, db, c->owner, c->id, after, &list));
		for (size_t i = 0; i < list.n; i++) {
			const struct link *l = &list.v[i];
			const json *base = json_stored(cx->a, l->base);

			if (leave_there(l))
				exit_add(cx->a, v, exit_title(cx->a, l), l->remote_id, "delete");
			else if (!leave_ours(l) && base && k->marked && k->marked(base))
				exit_add(cx->a, v, exit_title(cx->a, l), l->remote_id, "clean");
		}
		after = list.next;
	} while (after);
	return RC_OK;
}

static enum rc
exit_named(struct ctx *cx, struct db *db, const struct dataset_list *sets, const char *key,
    const char **name)
{
	struct record rec;

	*name = key;
	for (size_t i = 0; i < sets->n; i++) {
		const struct dataset *d = &sets->v[i];
		enum rc rc = record_get(cx, db, d->owner, d, key, &rec);

		if (rc == RC_OK)
			*name = called(cx->a, called_column(json_stored(cx->a, d->columns)),
			    json_stored(cx->a, rec.payload.p), key, false);
		else if (cx->err.kind != E_NOT_FOUND)
			return rc;
		cx->err = (struct err){ 0 };
	}
	return RC_OK;
}

/* Whom a label of somebody else's was put on. *n: how many. */
static enum rc
exit_labelled(struct ctx *cx, struct db *db, const struct conn *c, struct exit_view *v, int64_t *n)
{
	struct labelled_page page = {
		.owner = c->owner,
		.conn_id = c->id,
		.after = "",
		.limit = EXIT_SHOWN,
	};
	struct labelled_list list;
	struct dataset_list sets;

	TRY(labelled_count(cx, db, c->owner, c->id, false, n));
	if (*n == 0)
		return RC_OK;
	TRY(dataset_list(cx, db, c->owner, c->id, &sets));
	TRY(labelled_list(cx, db, &page, &list));
	v->n += *n;
	for (size_t i = 0; i < list.n; i++) {
		const struct labelled *l = &list.v[i];
		const char *name;

		if (l->made || l->stands == LABELLED_NOT)
			continue;
		TRY(exit_named(cx, db, &sets, l->key, &name));
		name = arena_printf(cx->a, "%s: the label \"%s\"", name, l->name);
		json_add(v->items, exit_item(cx->a, name, l->key, "clean"));
	}
	return RC_OK;
}

/* Of what there is but once; of a label that was given it is known whose it is. */
static enum rc
exit_own(
    struct ctx *cx, struct db *db, const struct conn *c, const struct kind *k, struct exit_view *v)
{
	int64_t theirs, ours;
	const char *own;

	TRY(exit_labelled(cx, db, c, v, &theirs));
	TRY(labelled_count(cx, db, c->owner, c->id, true, &ours));
	own = k->traces(
	    cx->a, json_stored(cx->a, c->config), json_at(json_stored(cx->a, c->cursor), "source"));
	if (own && (theirs == 0 || ours > 0))
		exit_add(cx->a, v, own, NULL, "delete");
	return RC_OK;
}

enum rc
conn_exit_look(struct ctx *cx, struct db *db, const char *owner, const char *id, json **out)
{
	struct exit_view v = { .items = json_list(cx->a) };
	const struct kind *k;
	struct conn c;

	TRY(conn_get(cx, db, owner, id, &c));
	k = kind_find(c.provider);
	if (k && k->object)
		TRY(exit_links(cx, db, &c, k, &v));
	if (k && k->traces)
		TRY(exit_own(cx, db, &c, k, &v));
	*out = json_new(cx->a);
	json_set(*out, "items", v.items);
	json_set_i64(*out, "count", v.n);
	return RC_OK;
}
