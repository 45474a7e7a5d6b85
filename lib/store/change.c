/*
 * change.c - see change.h.
 */
#include "store/change.h"

#include "base/vec.h"

enum { CHANGE_PAGE_MAX = 1000 };

/* The columns stand in the same order in every statement of sql/change.sql. */
static void
change_read(struct ctx *cx, struct db *db, enum sql q, struct change *c)
{
	struct arena *a = cx->a;

	c->no = db_num(db, q, C_CHANGE_NO);
	c->owner = db_dup(a, db, q, C_CHANGE_OWNER);
	c->object.kind = db_dup(a, db, q, C_CHANGE_OBJECT_KIND);
	c->object.dataset_no = db_num(db, q, C_CHANGE_DATASET_NO);
	c->object.key = db_dup(a, db, q, C_CHANGE_OBJECT_KEY);
	c->at = db_num(db, q, C_CHANGE_AT);
	c->action = (enum change_action)db_num(db, q, C_CHANGE_ACTION);
	c->side = db_dup(a, db, q, C_CHANGE_SIDE);
	c->sync_no = db_num(db, q, C_CHANGE_SYNC_NO);
	c->sync_id = db_dup(a, db, q, C_CHANGE_SYNC_ID);
	c->actor = db_dup(a, db, q, C_CHANGE_ACTOR);
	c->connection_id = db_dup(a, db, q, C_CHANGE_CONNECTION_ID);
	c->reason = db_dup(a, db, q, C_CHANGE_REASON);
	c->fields = db_dup(a, db, q, C_CHANGE_FIELDS);
	c->before = db_dup(a, db, q, C_CHANGE_BEFORE);
	c->edited_at = db_num(db, q, C_CHANGE_EDITED_AT);
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
	int64_t left = p->bytes ? p->bytes : INT64_MAX;

	*out = (struct change_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(change_ask(cx, db, p, q, limit + 1));
	while (db_next(db, q)) {
		left -= (int64_t)db_str(db, q, C_CHANGE_BEFORE).n;
		if (out->n == (size_t)limit || (out->n > 0 && left < 0)) {
			out->next = out->v[out->n - 1].no;
			break;
		}
		change_read(cx, db, q, &out->v[out->n++]);
	}
	return db_done(cx, db, q);
}

enum change_action
change_action(bool before, bool after)
{
	if (!after)
		return CHANGE_DELETED;
	return before ? CHANGE_UPDATED : CHANGE_ADDED;
}

/* What reasons say: that nothing was written, and what the other side has done. */
static const struct change_said {
	const char *reason;
	bool kept, theirs;
	enum change_action did;
} change_saids[] = {
	{ .reason = CHANGE_KEPT, .kept = true },
	{ .reason = CHANGE_KEPT_HERE, .kept = true, .theirs = true, .did = CHANGE_UPDATED },
	{ .reason = CHANGE_ASKED, .theirs = true, .did = CHANGE_UPDATED },
	{ .reason = CHANGE_ASKED_GONE, .kept = true, .theirs = true, .did = CHANGE_DELETED },
	{ .reason = CHANGE_ASKED_BACK, .kept = true, .theirs = true, .did = CHANGE_UPDATED },
};

static const struct change_said *
change_said(const char *reason)
{
	static const struct change_said nothing = { .reason = "" };

	for (size_t i = 0; reason && i < sizeof change_saids / sizeof *change_saids; i++)
		if (!strcmp(change_saids[i].reason, reason))
			return &change_saids[i];
	return &nothing;
}

const char *
change_asked(bool here, bool there)
{
	if (!there)
		return CHANGE_ASKED_GONE;
	return here ? CHANGE_ASKED : CHANGE_ASKED_BACK;
}

bool
change_theirs(const char *reason, enum change_action *did)
{
	const struct change_said *said = change_said(reason);

	*did = said->did;
	return said->theirs;
}

const char *
change_word(enum change_action action, const char *reason)
{
	static const char *const words[] = { "ADDED", "UPDATED", "DELETED" };
	const bool kept = action == CHANGE_UPDATED && change_said(reason)->kept;

	return kept ? "KEPT" : words[action];
}

enum rc
change_last(struct ctx *cx, struct db *db, int64_t *no)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_CHANGE_LAST, ""));
	*no = found ? db_num(db, Q_CHANGE_LAST, 0) : 0;
	db_reset(db, Q_CHANGE_LAST);
	return RC_OK;
}

enum rc
change_told(
    struct ctx *cx, struct db *db, int64_t after, const char *kind, struct change_told_list *out)
{
	size_t cap = 0;

	*out = (struct change_told_list){ 0 };
	TRY(db_query(cx, db, Q_CHANGE_TOLD, "is", after, kind));
	while (db_next(db, Q_CHANGE_TOLD)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		out->v[out->n++] = (struct change_told){
			.owner = db_dup(cx->a, db, Q_CHANGE_TOLD, C_CHANGE_TOLD_OWNER),
			.no = db_num(db, Q_CHANGE_TOLD, C_CHANGE_TOLD_NO),
		};
	}
	return db_done(cx, db, Q_CHANGE_TOLD);
}

enum rc
change_keys(struct ctx *cx, struct db *db, const char *owner, const char *kind, int64_t after,
    struct change_keys *out)
{
	size_t cap = 0;

	*out = (struct change_keys){ 0 };
	TRY(db_query(cx, db, Q_CHANGE_KEYS, "iss", after, kind, owner));
	while (db_next(db, Q_CHANGE_KEYS)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		out->v[out->n++] = db_dup(cx->a, db, Q_CHANGE_KEYS, 0);
	}
	return db_done(cx, db, Q_CHANGE_KEYS);
}

enum rc
change_since(struct ctx *cx, struct db *db, const struct change_mark *m, bool *any)
{
	const struct object *o = m->object;
	const enum sql q = Q_CHANGE_SINCE;

	TRY(db_row(cx, db, any, q, "sisiss", o->kind, o->dataset_no, o->key, m->after,
	    m->connection_id, m->owner));
	db_reset(db, q);
	return RC_OK;
}

enum rc
change_sent(struct ctx *cx, struct db *db, const struct change_mark *m, bool *any)
{
	const struct object *o = m->object;
	const enum sql q = Q_CHANGE_SENT;

	TRY(db_row(cx, db, any, q, "sisissi", o->kind, o->dataset_no, o->key, m->after,
	    m->connection_id, m->owner, m->from));
	db_reset(db, q);
	return RC_OK;
}

enum rc
change_taken(struct ctx *cx, struct db *db, const struct change_mark *m, int64_t *n)
{
	const struct object *o = m->object;
	const enum sql q = Q_CHANGE_TAKEN;
	bool found;

	TRY(db_row(cx, db, &found, q, "sisssi", o->kind, o->dataset_no, o->key, m->connection_id,
	    m->owner, m->from));
	*n = found ? db_num(db, q, 0) : 0;
	db_reset(db, q);
	return RC_OK;
}

enum rc
change_insert(struct ctx *cx, struct db *db, const struct change *c)
{
	const struct db_arg args[P_CHANGE_INSERT__N] = {
		[P_CHANGE_INSERT_OWNER] = db_s(c->owner),
		[P_CHANGE_INSERT_OBJECT_KIND] = db_s(c->object.kind),
		[P_CHANGE_INSERT_DATASET_NO] = db_i(c->object.dataset_no),
		[P_CHANGE_INSERT_OBJECT_KEY] = db_s(c->object.key),
		[P_CHANGE_INSERT_AT] = db_i(c->at),
		[P_CHANGE_INSERT_ACTION] = db_i((int64_t)c->action),
		[P_CHANGE_INSERT_SIDE] = db_s(c->side),
		[P_CHANGE_INSERT_SYNC_NO] = db_i(c->sync_no),
		[P_CHANGE_INSERT_ACTOR] = db_s(c->actor),
		[P_CHANGE_INSERT_CONNECTION_ID] = db_s(c->connection_id),
		[P_CHANGE_INSERT_REASON] = db_s(c->reason),
		[P_CHANGE_INSERT_FIELDS] = db_s(c->fields),
		[P_CHANGE_INSERT_BEFORE] = db_s(c->before),
		[P_CHANGE_INSERT_EDITED_AT] = db_i(c->edited_at),
	};

	return db_run_named(cx, db, NULL, Q_CHANGE_INSERT, args, P_CHANGE_INSERT__N);
}

enum rc
change_trim(struct ctx *cx, struct db *db, const char *owner, const struct object *o, int64_t keep,
    int64_t *n)
{
	return db_run(
	    cx, db, n, Q_CHANGE_TRIM, "sissi", o->kind, o->dataset_no, o->key, owner, keep);
}

enum rc
change_forget(
    struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, int64_t max, int64_t *n)
{
	return db_run(cx, db, n, Q_CHANGE_FORGET, "isi", dataset_no, owner, max);
}
