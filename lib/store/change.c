/*
 * change.c - see change.h.
 */
#include "store/change.h"

enum { CHANGE_PAGE_MAX = 1000 };

/* The columns stand in the same order in every statement of sql/change.sql. */
static void
change_read(struct ctx *cx, struct db *db, enum sql q, struct change *c)
{
	struct arena *a = cx->a;

	c->no = db_num(db, q, 0);
	c->owner = db_dup(a, db, q, 1);
	c->object.kind = db_dup(a, db, q, 2);
	c->object.dataset_no = db_num(db, q, 3);
	c->object.key = db_dup(a, db, q, 4);
	c->at = db_num(db, q, 5);
	c->action = (enum change_action)db_num(db, q, 6);
	c->side = db_dup(a, db, q, 7);
	c->sync_no = db_num(db, q, 8);
	c->actor = db_dup(a, db, q, 9);
	c->connection_id = db_dup(a, db, q, 10);
	c->reason = db_dup(a, db, q, 11);
	c->fields = db_dup(a, db, q, 12);
	c->before = db_dup(a, db, q, 13);
}

static enum rc
change_ask(struct ctx *cx, struct db *db, const struct change_page *p, enum sql q, int64_t limit)
{
	int64_t before = p->before ? p->before : INT64_MAX;
	const struct object *o = p->object;

	if (!o)
		return db_query(cx, db, q, "iisi", p->sync_no, before, p->owner, limit);
	return db_query(
	    cx, db, q, "sisisi", o->kind, o->dataset_no, o->key, before, p->owner, limit);
}

enum rc
change_page(struct ctx *cx, struct db *db, const struct change_page *p, struct change_list *out)
{
	enum sql q = p->object ? Q_CHANGE_LIST : Q_CHANGE_LIST_RUN;
	int64_t limit = p->limit < 1 || p->limit > CHANGE_PAGE_MAX ? CHANGE_PAGE_MAX : p->limit;

	*out = (struct change_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(change_ask(cx, db, p, q, limit + 1));
	while (out->n <= (size_t)limit && db_next(db, q))
		change_read(cx, db, q, &out->v[out->n++]);
	TRY(db_done(cx, db, q));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		out->next = out->v[limit - 1].no;
	}
	return RC_OK;
}

enum rc
change_insert(struct ctx *cx, struct db *db, const struct change *c)
{
	return db_run(cx, db, NULL, Q_CHANGE_INSERT, "ssisiisisssss", c->owner, c->object.kind,
	    c->object.dataset_no, c->object.key, c->at, (int64_t)c->action, c->side, c->sync_no,
	    c->actor, c->connection_id, c->reason, c->fields, c->before);
}

enum rc
change_forget(
    struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, int64_t max, int64_t *n)
{
	return db_run(cx, db, n, Q_CHANGE_FORGET, "isi", dataset_no, owner, max);
}

enum rc
change_retain(struct ctx *cx, struct db *db, int64_t before, int64_t max, int64_t *n)
{
	return db_run(cx, db, n, Q_RETAIN_CHANGE, "ii", before, max);
}
