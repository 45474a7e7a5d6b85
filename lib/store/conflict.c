/*
 * conflict.c - see conflict.h.
 */
#include "store/conflict.h"

#include "base/rand.h"

enum { CONFLICT_PAGE_MAX = 500 };

/* The columns stand in the same order in every statement of sql/conflict.sql. */
static void
conflict_read(struct ctx *cx, struct db *db, enum sql q, struct conflict *c)
{
	struct arena *a = cx->a;

	c->id = db_dup(a, db, q, C_CONFLICT_ID);
	c->owner = db_dup(a, db, q, C_CONFLICT_OWNER);
	c->link_id = db_dup(a, db, q, C_CONFLICT_LINK_ID);
	c->connection_id = db_dup(a, db, q, C_CONFLICT_CONNECTION_ID);
	c->object.kind = db_dup(a, db, q, C_CONFLICT_OBJECT_KIND);
	c->object.dataset_no = db_num(db, q, C_CONFLICT_DATASET_NO);
	c->object.key = db_dup(a, db, q, C_CONFLICT_OBJECT_KEY);
	c->policy = db_dup(a, db, q, C_CONFLICT_POLICY);
	c->state = db_dup(a, db, q, C_CONFLICT_STATE);
	c->fields = db_dup(a, db, q, C_CONFLICT_FIELDS);
	c->kept = db_dup(a, db, q, C_CONFLICT_KEPT);
	c->resolved_by = db_dup(a, db, q, C_CONFLICT_RESOLVED_BY);
	c->answer = db_dup(a, db, q, C_CONFLICT_ANSWER);
	c->detected_at = db_num(db, q, C_CONFLICT_DETECTED_AT);
	c->resolved_at = db_num(db, q, C_CONFLICT_RESOLVED_AT);
}

static void
conflict_read_one(struct ctx *cx, struct db *db, enum sql q, bool found, struct conflict *out)
{
	*out = (struct conflict){ 0 };
	if (found)
		conflict_read(cx, db, q, out);
	db_reset(db, q);
}

enum rc
conflict_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct conflict *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_CONFLICT_GET, "ss", id, owner));
	conflict_read_one(cx, db, Q_CONFLICT_GET, found, out);
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such conflict.");
}

enum rc
conflict_of_link(
    struct ctx *cx, struct db *db, const char *owner, const char *link_id, struct conflict *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_CONFLICT_OPEN, "ss", link_id, owner));
	conflict_read_one(cx, db, Q_CONFLICT_OPEN, found, out);
	return RC_OK;
}

enum rc
conflict_count(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t *open)
{
	enum sql q = conn_id ? Q_CONFLICT_COUNT_OF : Q_CONFLICT_COUNT;
	bool found;

	TRY(conn_id ? db_row(cx, db, &found, q, "ss", owner, conn_id)
		    : db_row(cx, db, &found, q, "s", owner));
	*open = found ? db_num(db, q, 0) : 0;
	db_reset(db, q);
	return RC_OK;
}

static enum rc
conflict_ask(
    struct ctx *cx, struct db *db, const struct conflict_page *p, enum sql q, int64_t limit)
{
	/* Ids are hexadecimal: everything sorts before this. */
	const char *before = p->before && *p->before ? p->before : "g";
	const struct object *o = p->object;

	if (!o)
		return db_query(cx, db, q, "sssi", p->owner, p->state, before, limit);
	return db_query(
	    cx, db, q, "ssissi", p->owner, o->kind, o->dataset_no, o->key, before, limit);
}

enum rc
conflict_page(
    struct ctx *cx, struct db *db, const struct conflict_page *p, struct conflict_list *out)
{
	enum sql q = p->object ? Q_CONFLICT_LIST_OBJECT : Q_CONFLICT_LIST;
	int64_t limit = p->limit < 1 || p->limit > CONFLICT_PAGE_MAX ? CONFLICT_PAGE_MAX : p->limit;

	*out = (struct conflict_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(conflict_ask(cx, db, p, q, limit + 1));
	while (out->n <= (size_t)limit && db_next(db, q))
		conflict_read(cx, db, q, &out->v[out->n++]);
	TRY(db_done(cx, db, q));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		out->next = out->v[limit - 1].id;
	}
	return RC_OK;
}

static enum rc
conflict_insert(struct ctx *cx, struct db *db, struct conflict *c)
{
	const struct db_arg args[P_CONFLICT_INSERT__N] = {
		[P_CONFLICT_INSERT_ID] = db_s(c->id),
		[P_CONFLICT_INSERT_OWNER] = db_s(c->owner),
		[P_CONFLICT_INSERT_LINK_ID] = db_s(c->link_id),
		[P_CONFLICT_INSERT_CONNECTION_ID] = db_s(c->connection_id),
		[P_CONFLICT_INSERT_OBJECT_KIND] = db_s(c->object.kind),
		[P_CONFLICT_INSERT_DATASET_NO] = db_i(c->object.dataset_no),
		[P_CONFLICT_INSERT_OBJECT_KEY] = db_s(c->object.key),
		[P_CONFLICT_INSERT_POLICY] = db_s(c->policy),
		[P_CONFLICT_INSERT_STATE] = db_s(c->state),
		[P_CONFLICT_INSERT_FIELDS] = db_s(c->fields),
		[P_CONFLICT_INSERT_KEPT] = db_s(c->kept),
		[P_CONFLICT_INSERT_RESOLVED_BY] = db_s(c->resolved_by),
		[P_CONFLICT_INSERT_DETECTED_AT] = db_i(c->detected_at),
		[P_CONFLICT_INSERT_RESOLVED_AT] = db_i(c->resolved_at),
	};

	c->id = args[P_CONFLICT_INSERT_ID].s;
	return db_run_named(cx, db, NULL, Q_CONFLICT_INSERT, args, P_CONFLICT_INSERT__N);
}

/* The same edits, met before: what is read of a connection that takes nothing over meets them once
 * more when it is written. */
static enum rc
conflict_known(struct ctx *cx, struct db *db, const struct conflict *c, const char **id)
{
	const struct conflict_page newest = { .owner = c->owner, .object = &c->object, .limit = 1 };
	struct conflict_list list;

	*id = NULL;
	if (!c->link_id)
		return RC_OK;
	TRY(conflict_page(cx, db, &newest, &list));
	if (list.n && list.v->link_id && !strcmp(list.v->link_id, c->link_id) &&
	    !strcmp(list.v->state, c->state) && !strcmp(list.v->fields, c->fields) &&
	    !strcmp(list.v->kept, c->kept))
		*id = list.v->id;
	return RC_OK;
}

enum rc
conflict_put(struct ctx *cx, struct db *db, struct conflict *c)
{
	struct conflict open = { 0 };
	char id[UUID_TEXT];

	if (strcmp(c->state, CONFLICT_OPEN)) {
		const char *known;

		TRY(conflict_known(cx, db, c, &known));
		if (known) {
			c->id = known;
			return RC_OK;
		}
	} else {
		TRY(conflict_of_link(cx, db, c->owner, c->link_id, &open));
	}
	if (!open.id) {
		c->id = arena_dup(cx->a, rand_uuid(id));
		return conflict_insert(cx, db, c);
	}
	c->id = open.id;
	c->detected_at = open.detected_at;
	return db_run(
	    cx, db, NULL, Q_CONFLICT_AGAIN, "ssss", c->id, c->owner, c->policy, c->fields);
}

enum rc
conflict_resolve(struct ctx *cx, struct db *db, const struct conflict *c)
{
	struct conflict row;
	int64_t changed;

	TRY(conflict_get(cx, db, c->owner, c->id, &row));
	TRY(db_run(cx, db, &changed, Q_CONFLICT_RESOLVE, "ssssssi", c->id, c->owner, c->fields,
	    c->kept, c->resolved_by, c->answer, c->resolved_at));
	return changed
	    ? RC_OK
	    : fail(cx, E_STATE, "This conflict is resolved already; look at what was chosen.");
}

enum rc
conflict_forget(
    struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, int64_t max, int64_t *n)
{
	return db_run(cx, db, n, Q_CONFLICT_FORGET, "sii", owner, dataset_no, max);
}
