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

	l->id = db_dup(a, db, q, C_LINK_ID);
	l->owner = db_dup(a, db, q, C_LINK_OWNER);
	l->connection_id = db_dup(a, db, q, C_LINK_CONNECTION_ID);
	l->object.kind = db_dup(a, db, q, C_LINK_OBJECT_KIND);
	l->object.dataset_no = db_num(db, q, C_LINK_DATASET_NO);
	l->object.key = db_dup(a, db, q, C_LINK_OBJECT_KEY);
	l->remote_id = db_dup(a, db, q, C_LINK_REMOTE_ID);
	l->etag = db_dup(a, db, q, C_LINK_ETAG);
	l->base = db_dup(a, db, q, C_LINK_BASE);
	l->sent = db_dup(a, db, q, C_LINK_SENT);
	l->state = db_dup(a, db, q, C_LINK_STATE);
	l->ours = db_flag(db, q, C_LINK_OURS);
	l->withdrawn = db_flag(db, q, C_LINK_WITHDRAWN);
	l->rev = db_num(db, q, C_LINK_REV);
	l->error_code = db_dup(a, db, q, C_LINK_ERROR_CODE);
	l->error_detail = db_dup(a, db, q, C_LINK_ERROR_DETAIL);
	l->last_synced_at = db_num(db, q, C_LINK_LAST_SYNCED_AT);
	l->created_at = db_num(db, q, C_LINK_CREATED_AT);
	l->updated_at = db_num(db, q, C_LINK_UPDATED_AT);
	l->since_no = db_num(db, q, C_LINK_SINCE_NO);
	l->heir = db_dup(a, db, q, C_LINK_HEIR);
	l->run_no = db_num(db, q, C_LINK_RUN_NO);
	l->back = db_dup(a, db, q, C_LINK_BACK);
	l->facets = db_dup(a, db, q, C_LINK_FACETS);
	l->former = db_dup(a, db, q, C_LINK_FORMER);
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
link_of_former(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *former, struct link *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LINK_FORMER, "sss", conn_id, former, owner));
	link_read_one(cx, db, Q_LINK_FORMER, found, out);
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

static enum rc
link_put(struct ctx *cx, struct db *db, const struct link *l)
{
	const struct db_arg args[P_LINK_INSERT__N] = {
		[P_LINK_INSERT_ID] = db_s(l->id),
		[P_LINK_INSERT_OWNER] = db_s(l->owner),
		[P_LINK_INSERT_CONNECTION_ID] = db_s(l->connection_id),
		[P_LINK_INSERT_OBJECT_KIND] = db_s(l->object.kind),
		[P_LINK_INSERT_DATASET_NO] = db_i(l->object.dataset_no),
		[P_LINK_INSERT_OBJECT_KEY] = db_s(l->object.key),
		[P_LINK_INSERT_REMOTE_ID] = db_s(l->remote_id),
		[P_LINK_INSERT_ETAG] = db_s(l->etag),
		[P_LINK_INSERT_BASE] = db_s(l->base),
		[P_LINK_INSERT_SENT] = db_s(l->sent),
		[P_LINK_INSERT_STATE] = db_s(l->state),
		[P_LINK_INSERT_ERROR_CODE] = db_s(l->error_code),
		[P_LINK_INSERT_ERROR_DETAIL] = db_s(l->error_detail),
		[P_LINK_INSERT_LAST_SYNCED_AT] = db_i(l->last_synced_at),
		[P_LINK_INSERT_CREATED_AT] = db_i(l->created_at),
		[P_LINK_INSERT_OURS] = db_i(l->ours),
		[P_LINK_INSERT_FORMER] = db_s(l->former),
		[P_LINK_INSERT_SINCE_NO] = db_i(l->since_no),
		[P_LINK_INSERT_WITHDRAWN] = db_i((int64_t)l->withdrawn),
		[P_LINK_INSERT_RUN_NO] = db_i(l->run_no),
		[P_LINK_INSERT_FACETS] = db_s(l->facets),
	};

	return db_run_named(cx, db, NULL, Q_LINK_INSERT, args, P_LINK_INSERT__N);
}

enum rc
link_insert(struct ctx *cx, struct db *db, struct link *l)
{
	char id[UUID_TEXT];

	if (!l->id)
		l->id = arena_dup(cx->a, rand_uuid(id));
	l->rev = 1;
	l->updated_at = l->created_at;
	return link_put(cx, db, l);
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
	const struct db_arg args[P_LINK_SAVE__N] = {
		[P_LINK_SAVE_ID] = db_s(l->id),
		[P_LINK_SAVE_OWNER] = db_s(l->owner),
		[P_LINK_SAVE_REV] = db_i(l->rev),
		[P_LINK_SAVE_REMOTE_ID] = db_s(l->remote_id),
		[P_LINK_SAVE_ETAG] = db_s(l->etag),
		[P_LINK_SAVE_BASE] = db_s(l->base),
		[P_LINK_SAVE_SENT] = db_s(l->sent),
		[P_LINK_SAVE_STATE] = db_s(l->state),
		[P_LINK_SAVE_ERROR_CODE] = db_s(l->error_code),
		[P_LINK_SAVE_ERROR_DETAIL] = db_s(l->error_detail),
		[P_LINK_SAVE_LAST_SYNCED_AT] = db_i(l->last_synced_at),
		[P_LINK_SAVE_UPDATED_AT] = db_i(l->updated_at),
		[P_LINK_SAVE_OURS] = db_i(l->ours),
		[P_LINK_SAVE_WITHDRAWN] = db_i((int64_t)l->withdrawn),
		[P_LINK_SAVE_RUN_NO] = db_i(l->run_no),
		[P_LINK_SAVE_BACK] = db_s(l->back),
		[P_LINK_SAVE_FACETS] = db_s(l->facets),
	};
	int64_t changed;

	TRY(db_run_named(cx, db, &changed, Q_LINK_SAVE, args, P_LINK_SAVE__N));
	TRY(link_met(cx, changed));
	l->rev++;
	return RC_OK;
}

enum rc
link_skip(struct ctx *cx, struct db *db, struct link *l, const char *code, const char *detail,
    int64_t now)
{
	l->state = LINK_SKIPPED;
	l->error_code = code;
	l->error_detail = detail;
	l->updated_at = now;
	return link_save(cx, db, l);
}

enum rc
link_give_way(struct ctx *cx, struct db *db, struct link *l, const char *object_key)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_LINK_GIVE_WAY, "ssiss", l->id, l->owner, l->rev, object_key,
	    l->object.key));
	TRY(link_met(cx, changed));
	l->heir = l->object.key;
	l->object.key = object_key;
	l->former = NULL;
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

enum rc
link_list_all(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *after, struct link_list *out)
{
	*out = (struct link_list){ .v = arena_array(cx->a, LINKS_PAGE, sizeof *out->v) };
	TRY(db_query(cx, db, Q_LINK_LIST_ALL, "sssi", conn_id, after, owner, (int64_t)LINKS_PAGE));
	TRY(link_read_list(cx, db, Q_LINK_LIST_ALL, LINKS_PAGE, out));
	out->next = out->n == LINKS_PAGE ? out->v[out->n - 1].object.key : NULL;
	return RC_OK;
}

enum rc
link_list_run(struct ctx *cx, struct db *db, const struct link_run *p, struct link_list *out)
{
	*out = (struct link_list){ .v = arena_array(cx->a, LINKS_PAGE, sizeof *out->v) };
	TRY(db_query(
	    cx, db, Q_LINK_LIST_RUN, "issi", p->run_no, p->after, p->owner, (int64_t)LINKS_PAGE));
	TRY(link_read_list(cx, db, Q_LINK_LIST_RUN, LINKS_PAGE, out));
	out->next = out->n == LINKS_PAGE ? out->v[out->n - 1].id : NULL;
	return RC_OK;
}

enum rc
link_drop_withdrawn(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_LINK_DROP_WITHDRAWN, "ss", conn_id, owner);
}

enum rc
link_forget(
    struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, int64_t max, int64_t *n)
{
	return db_run(cx, db, n, Q_LINK_FORGET, "sii", owner, dataset_no, max);
}

enum rc
link_young(struct ctx *cx, struct db *db, const struct link_young *y, json *keys)
{
	const enum sql q = Q_LINK_YOUNG;

	TRY(db_query(cx, db, q, "siisi", y->connection_id, y->after, y->before, y->owner, y->max));
	while (db_next(db, q))
		json_set_bool(keys, db_dup(cx->a, db, q, 0), true);
	return db_done(cx, db, q);
}

enum rc
link_refused(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t *n)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LINK_REFUSED, "sss", conn_id, owner, LINK_REFUSED));
	*n = found ? db_num(db, Q_LINK_REFUSED, 0) : 0;
	db_reset(db, Q_LINK_REFUSED);
	return RC_OK;
}

enum rc
link_kept(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *error_code, int64_t *n)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LINK_KEPT, "sss", conn_id, owner, error_code));
	*n = found ? db_num(db, Q_LINK_KEPT, 0) : 0;
	db_reset(db, Q_LINK_KEPT);
	return RC_OK;
}

enum rc
link_list_refused(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    int64_t limit, struct link_list *out)
{
	const enum sql q = Q_LINK_LIST_REFUSED;

	*out = (struct link_list){ .v = arena_array(cx->a, LINKS_PAGE, sizeof *out->v) };
	TRY(db_query(cx, db, q, "sssi", conn_id, owner, LINK_REFUSED, limit));
	return link_read_list(cx, db, q, LINKS_PAGE, out);
}

bool
link_is_refused(const struct link *l)
{
	const char *code = l->error_code;

	return !strcmp(l->state, LINK_SKIPPED) && code &&
	    (!strcmp(code, LINK_REFUSED) || !strcmp(code, LINK_REFUSED_FIXED));
}

bool
link_yields(const char *code)
{
	return code && (!strcmp(code, LINK_YIELDS) || !strcmp(code, LINK_REFUSED));
}
