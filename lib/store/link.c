/*
 * link.c - see link.h.
 */
#include "store/link.h"

#include "base/rand.h"

enum { LINK_PAGE_MAX = 500 };

/* The columns stand in the same order in every statement of sql/link.sql. */
static void
link_read(struct ctx *cx, struct db *db, enum sql q, struct link *l)
{
	struct arena *a = cx->a;

	l->id = db_dup(a, db, q, 0);
	l->owner = db_dup(a, db, q, 1);
	l->connection_id = db_dup(a, db, q, 2);
	l->object.kind = db_dup(a, db, q, 3);
	l->object.dataset_no = db_num(db, q, 4);
	l->object.key = db_dup(a, db, q, 5);
	l->remote_id = db_dup(a, db, q, 6);
	l->etag = db_dup(a, db, q, 7);
	l->base = db_dup(a, db, q, 8);
	l->sent = db_dup(a, db, q, 9);
	l->state = db_dup(a, db, q, 10);
	l->rev = db_num(db, q, 11);
	l->error_code = db_dup(a, db, q, 12);
	l->error_detail = db_dup(a, db, q, 13);
	l->last_synced_at = db_num(db, q, 14);
	l->created_at = db_num(db, q, 15);
	l->updated_at = db_num(db, q, 16);
}

/* The row that the statement has met, if any. */
static void
link_read_one(struct ctx *cx, struct db *db, enum sql q, bool found, struct link *out)
{
	*out = (struct link){ 0 };
	if (found)
		link_read(cx, db, q, out);
	db_reset(db, q);
}

static enum rc
link_read_list(struct ctx *cx, struct db *db, enum sql q, size_t max, struct link_list *out)
{
	while (out->n < max && db_next(db, q))
		link_read(cx, db, q, &out->v[out->n++]);
	return db_done(cx, db, q);
}

enum rc
link_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct link *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LINK_GET, "ss", id, owner));
	link_read_one(cx, db, Q_LINK_GET, found, out);
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such link.");
}

enum rc
link_of(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const struct object *o, struct link *out)
{
	bool found;

	TRY(db_row(
	    cx, db, &found, Q_LINK_OF, "ssiss", conn_id, o->kind, o->dataset_no, o->key, owner));
	link_read_one(cx, db, Q_LINK_OF, found, out);
	return RC_OK;
}

enum rc
link_of_remote(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *remote_id, struct link *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LINK_REMOTE, "sss", conn_id, remote_id, owner));
	link_read_one(cx, db, Q_LINK_REMOTE, found, out);
	return RC_OK;
}

enum rc
link_list(
    struct ctx *cx, struct db *db, const char *owner, const struct object *o, struct link_list *out)
{
	const int64_t max = LINKS_OF_OBJECT;

	*out = (struct link_list){ .v = arena_array(cx->a, LINKS_OF_OBJECT, sizeof *out->v) };
	TRY(db_query(
	    cx, db, Q_LINK_LIST_OBJECT, "ssisi", owner, o->kind, o->dataset_no, o->key, max));
	return link_read_list(cx, db, Q_LINK_LIST_OBJECT, LINKS_OF_OBJECT, out);
}

enum rc
link_list_state(struct ctx *cx, struct db *db, const struct link_page *p, struct link_list *out)
{
	enum sql q = Q_LINK_LIST_STATE;
	int64_t limit = p->limit < 1 || p->limit > LINK_PAGE_MAX ? LINK_PAGE_MAX : p->limit;

	*out = (struct link_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(
	    cx, db, q, "ssssi", p->connection_id, p->state, p->after, p->owner, limit + 1));
	TRY(link_read_list(cx, db, q, (size_t)limit + 1, out));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		out->next = out->v[limit - 1].id;
	}
	return RC_OK;
}

enum rc
link_insert(struct ctx *cx, struct db *db, struct link *l)
{
	char id[UUID_TEXT];

	l->id = arena_dup(cx->a, rand_uuid(id));
	l->rev = 1;
	l->updated_at = l->created_at;
	return db_run(cx, db, NULL, Q_LINK_INSERT, "ssssissssssssii", l->id, l->owner,
	    l->connection_id, l->object.kind, l->object.dataset_no, l->object.key, l->remote_id,
	    l->etag, l->base, l->sent, l->state, l->error_code, l->error_detail, l->last_synced_at,
	    l->created_at);
}

static enum rc
link_met(struct ctx *cx, int64_t changed)
{
	return changed
	    ? RC_OK
	    : fail(cx, E_STATE, "The link was changed meanwhile. Read it and decide again.");
}

enum rc
link_save(struct ctx *cx, struct db *db, struct link *l)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_LINK_SAVE, "ssisssssssii", l->id, l->owner, l->rev,
	    l->remote_id, l->etag, l->base, l->sent, l->state, l->error_code, l->error_detail,
	    l->last_synced_at, l->updated_at));
	TRY(link_met(cx, changed));
	l->rev++;
	return RC_OK;
}

enum rc
link_delete(struct ctx *cx, struct db *db, const struct link *l)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_LINK_DELETE, "ssi", l->id, l->owner, l->rev));
	return link_met(cx, changed);
}
