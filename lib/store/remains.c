/*
 * remains.c - see remains.h.
 */
#include "base/clamp.h"
#include "store/remains.h"

enum { REMAINS_PAGE_MAX = 500 };

static void
remains_read(struct ctx *cx, struct db *db, enum sql q, struct remains *out)
{
	struct arena *a = cx->a;

	*out = (struct remains){
		.id = db_dup(a, db, q, C_REMAINS_ID),
		.provider = db_dup(a, db, q, C_REMAINS_PROVIDER),
		.name = db_dup(a, db, q, C_REMAINS_NAME),
		.config = db_dup(a, db, q, C_REMAINS_CONFIG),
		.config_rev = db_num(db, q, C_REMAINS_CONFIG_REV),
		.account_id = db_dup(a, db, q, C_REMAINS_ACCOUNT_ID),
		.removed_at = db_num(db, q, C_REMAINS_REMOVED_AT),
		.doomed_at = db_num(db, q, C_REMAINS_DOOMED_AT),
		.rows = db_num(db, q, C_REMAINS_ROWS),
	};
}

enum rc
remains_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct remains *out)
{
	bool found;

	*out = (struct remains){ 0 };
	TRY(db_row(cx, db, &found, Q_REMAINS_GET, "ss", id, owner));
	if (!found)
		return fail(cx, E_NOT_FOUND, "Nothing is kept of such a connection.");
	remains_read(cx, db, Q_REMAINS_GET, out);
	db_reset(db, Q_REMAINS_GET);
	return RC_OK;
}

enum rc
remains_list(struct ctx *cx, struct db *db, const char *owner, const char *after, int64_t limit,
    struct remains_list *out)
{
	const enum sql q = Q_REMAINS_LIST;

	limit = clamp(limit, 1, REMAINS_PAGE_MAX);
	*out = (struct remains_list){ .v = arena_array(cx->a, (size_t)limit, sizeof *out->v) };
	TRY(db_query(cx, db, q, "ssi", owner, after ? after : "", limit + 1));
	while (out->n < (size_t)limit && db_next(db, q))
		remains_read(cx, db, q, &out->v[out->n++]);
	if (out->n == (size_t)limit && db_next(db, q))
		out->next = out->v[limit - 1].id;
	return db_done(cx, db, q);
}

enum rc
remains_connect(struct ctx *cx, struct db *db, const struct conn *c, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_REMAINS_CONNECT, "sssis", c->id, c->owner, c->config, now,
	    c->account_id));
	if (!changed)
		return fail(cx, E_NOT_FOUND, "Nothing is kept of such a connection.");
	return sched_save(cx, db, c);
}
