/*
 * leave.c - see leave.h.
 */
#include "app/leave.h"

#include "ask/ask.h"
#include "kind/kind.h"
#include "queue/leave.h"

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

static void
exit_add(struct arena *a, struct exit_view *v, const char *title, const char *external,
    const char *action)
{
	json *o;

	if (v->n++ >= EXIT_SHOWN)
		return;
	o = json_new(a);
	json_set_str(o, "title", title);
	json_set_str(o, "externalId", external);
	json_set_str(o, "action", action);
	json_add(v->items, o);
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

			if (l->withdrawn && !l->base)
				continue;
			if (leave_ours(l))
				exit_add(cx->a, v, exit_title(cx->a, l), l->remote_id, "delete");
			else if (base && k->marked && k->marked(base))
				exit_add(cx->a, v, exit_title(cx->a, l), l->remote_id, "clean");
		}
		after = list.next;
	} while (after);
	return RC_OK;
}

enum rc
conn_exit_look(struct ctx *cx, struct db *db, const char *owner, const char *id, json **out)
{
	struct exit_view v = { .items = json_list(cx->a) };
	const struct kind *k;
	const char *own;
	struct conn c;

	TRY(conn_get(cx, db, owner, id, &c));
	k = kind_find(c.provider);
	if (k && k->object)
		TRY(exit_links(cx, db, &c, k, &v));
	own = k && k->traces ? k->traces(cx->a, json_stored(cx->a, c.config),
				   json_at(json_stored(cx->a, c.cursor), "source"))
			     : NULL;
	if (own)
		exit_add(cx->a, &v, own, NULL, "delete");
	*out = json_new(cx->a);
	json_set(*out, "items", v.items);
	json_set_i64(*out, "count", v.n);
	return RC_OK;
}
