/*
 * run.c - see run.h.
 */
#include "store/run.h"

static void
run_read(struct arena *a, struct db *db, enum sql q, struct run *r)
{
	int i = 0;

	r->no = db_num(db, q, i++);
	r->id = db_dup(a, db, q, i++);
	r->connection_id = db_dup(a, db, q, i++);
	r->owner = db_dup(a, db, q, i++);
	r->trigger = db_dup(a, db, q, i++);
	r->state = db_dup(a, db, q, i++);
	r->phase = db_dup(a, db, q, i++);
	r->progress = db_num(db, q, i++);
	r->message = db_dup(a, db, q, i++);
	r->created_at = db_num(db, q, i++);
	r->started_at = db_num(db, q, i++);
	r->updated_at = db_num(db, q, i++);
	r->finished_at = db_num(db, q, i++);
	r->lease_until = db_num(db, q, i++);
	r->attempt = db_num(db, q, i++);
	r->pid = db_num(db, q, i++);
	r->cancel = db_num(db, q, i++) != 0;
	r->resumes = db_num(db, q, i++);
	r->resumed_from = db_dup(a, db, q, i++);
	r->checkpoint = db_dup(a, db, q, i++);
	r->size = db_num(db, q, i++);
	r->lines = db_num(db, q, i++);
	r->fetched = db_num(db, q, i++);
	r->added = db_num(db, q, i++);
	r->updated = db_num(db, q, i++);
	r->deleted = db_num(db, q, i++);
	r->unchanged = db_num(db, q, i++);
	r->skipped = db_num(db, q, i++);
	r->calls = db_num(db, q, i++);
	r->not_modified = db_num(db, q, i++) != 0;
	r->skips = db_dup(a, db, q, i++);
	r->warnings = db_dup(a, db, q, i++);
	r->review = db_dup(a, db, q, i++);
	r->error_code = db_dup(a, db, q, i++);
	r->error_detail = db_dup(a, db, q, i++);
}

enum rc
run_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct run *out)
{
	bool found;

	*out = (struct run){ 0 };
	TRY(db_row(cx, db, &found, Q_RUN_GET, "ss", owner, id));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no sync with this id.");
	run_read(cx->a, db, Q_RUN_GET, out);
	db_reset(db, Q_RUN_GET);
	return RC_OK;
}

enum rc
run_latest(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct run *out)
{
	bool found;

	*out = (struct run){ 0 };
	TRY(db_row(cx, db, &found, Q_RUN_LATEST, "ss", owner, conn_id));
	if (found)
		run_read(cx->a, db, Q_RUN_LATEST, out);
	db_reset(db, Q_RUN_LATEST);
	return RC_OK;
}

enum rc
run_active(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct run *out)
{
	/* A new run cannot be made while one is active, so the active one is the latest. */
	TRY(run_latest(cx, db, owner, conn_id, out));
	if (out->id && strcmp(out->state, "queued") && strcmp(out->state, "running"))
		*out = (struct run){ 0 };
	return RC_OK;
}

enum rc
run_history(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *result, const char *before, int64_t limit, struct run_list *out)
{
	int64_t no = INT64_MAX;

	if (before && *before && !str_i64(str_c(before), 1, INT64_MAX, &no))
		return fail(cx, E_INPUT, "The cursor is not one that this list gave.");
	*out = (struct run_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_RUN_HISTORY, "ssisi", owner, conn_id, no, result ? result : "", limit + 1));
	while ((int64_t)out->n <= limit && db_next(db, Q_RUN_HISTORY))
		run_read(cx->a, db, Q_RUN_HISTORY, &out->v[out->n++]);
	TRY(db_done(cx, db, Q_RUN_HISTORY));
	if ((int64_t)out->n > limit) {
		out->n--;
		out->next = arena_printf(cx->a, "%lld", (long long)out->v[out->n - 1].no);
	}
	return RC_OK;
}

enum rc
run_overview(struct ctx *cx, struct db *db, const char *owner, int64_t limit, struct run_list *out)
{
	*out = (struct run_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_RUN_OVERVIEW, "si", owner, limit));
	while ((int64_t)out->n < limit && db_next(db, Q_RUN_OVERVIEW))
		run_read(cx->a, db, Q_RUN_OVERVIEW, &out->v[out->n++]);
	return db_done(cx, db, Q_RUN_OVERVIEW);
}

enum rc
run_resumed_by(struct ctx *cx, struct db *db, const struct run *run, const char **id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RUN_RESUMED_BY, "ssis", run->owner, run->connection_id, run->no, run->id));
	*id = found ? db_dup(cx->a, db, Q_RUN_RESUMED_BY, 0) : NULL;
	db_reset(db, Q_RUN_RESUMED_BY);
	return RC_OK;
}

enum rc
run_log(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t after, int64_t limit, struct log_line **out, size_t *n)
{
	*out = arena_array(cx->a, (size_t)limit + 1, sizeof **out);
	*n = 0;
	TRY(db_query(cx, db, Q_RUN_LOG, "ssii", owner, id, after, limit));
	while ((int64_t)*n < limit && db_next(db, Q_RUN_LOG))
		(*out)[(*n)++] = (struct log_line){ db_num(db, Q_RUN_LOG, 0), db_num(db, Q_RUN_LOG, 1), db_dup(cx->a, db, Q_RUN_LOG, 2), db_dup(cx->a, db, Q_RUN_LOG, 3) };
	return db_done(cx, db, Q_RUN_LOG);
}
