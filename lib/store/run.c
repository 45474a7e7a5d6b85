/*
 * run.c - see run.h. Reads only.
 */
#include <stdlib.h>

#include "store/run.h"

enum { RUN_PAGE_MAX = 500, LOG_PAGE_MAX = 1000 };

/* The columns stand in the same order in every statement of sql/run.sql. */
static void
run_read(struct ctx *cx, struct db *db, enum sql q, struct run *r)
{
	struct arena *a = cx->a;

	r->no = db_num(db, q, 0);
	r->id = db_dup(a, db, q, 1);
	r->connection_id = db_dup(a, db, q, 2);
	r->owner = db_dup(a, db, q, 3);
	r->trigger = db_dup(a, db, q, 4);
	r->state = db_dup(a, db, q, 5);
	r->phase = db_dup(a, db, q, 6);
	r->progress = db_num(db, q, 7);
	r->message = db_dup(a, db, q, 8);
	r->created_at = db_num(db, q, 9);
	r->started_at = db_num(db, q, 10);
	r->updated_at = db_num(db, q, 11);
	r->finished_at = db_num(db, q, 12);
	r->lease_until = db_num(db, q, 13);
	r->attempt = db_num(db, q, 14);
	r->pid = db_num(db, q, 15);
	r->cancel = db_num(db, q, 16) != 0;
	r->resumes = db_num(db, q, 17);
	r->resumed_from = db_dup(a, db, q, 18);
	r->checkpoint = db_dup(a, db, q, 19);
	r->size = db_num(db, q, 20);
	r->lines = db_num(db, q, 21);
	r->fetched = db_num(db, q, 22);
	r->added = db_num(db, q, 23);
	r->updated = db_num(db, q, 24);
	r->deleted = db_num(db, q, 25);
	r->unchanged = db_num(db, q, 26);
	r->skipped = db_num(db, q, 27);
	r->calls = db_num(db, q, 28);
	r->not_modified = db_num(db, q, 29) != 0;
	r->skips = db_dup(a, db, q, 30);
	r->warnings = db_dup(a, db, q, 31);
	r->review = db_dup(a, db, q, 32);
	r->error_code = db_dup(a, db, q, 33);
	r->error_detail = db_dup(a, db, q, 34);
}

static enum rc
one(struct ctx *cx, struct db *db, enum sql q, const char *id, const char *owner, struct run *out)
{
	bool found;

	*out = (struct run){ 0 };
	TRY(db_row(cx, db, &found, q, "ss", id, owner));
	if (found)
		run_read(cx, db, q, out);
	db_reset(db, q);
	return RC_OK;
}

static enum rc
list_read(struct ctx *cx, struct db *db, enum sql q, int64_t max, struct run_list *out)
{
	while (out->n < (size_t)max && db_next(db, q))
		run_read(cx, db, q, &out->v[out->n++]);
	return db_done(cx, db, q);
}

static int64_t
page_limit(int64_t limit, int64_t max)
{
	return limit < 1 ? 1 : limit > max ? max : limit;
}

enum rc
run_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct run *out)
{
	TRY(one(cx, db, Q_RUN_GET, id, owner, out));
	return out->id ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such sync.");
}

/* A run is made only when no other is active: the active one, if any, is the latest. */
enum rc
run_latest(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct run *out)
{
	return one(cx, db, Q_RUN_LATEST, conn_id, owner, out);
}

enum rc
run_active(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct run *out)
{
	return one(cx, db, Q_RUN_ACTIVE, conn_id, owner, out);
}

enum rc
run_history(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *result, const char *before, int64_t limit, struct run_list *out)
{
	int64_t before_no = INT64_MAX;

	if (before && *before && !str_i64(str_c(before), 1, INT64_MAX, &before_no))
		return fail(cx, E_INPUT, "The cursor is not one that this list has given.");
	limit = page_limit(limit, RUN_PAGE_MAX);
	*out = (struct run_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_RUN_HISTORY, "ssisi", conn_id, owner, before_no,
	    result ? result : "", limit + 1));
	TRY(list_read(cx, db, Q_RUN_HISTORY, limit + 1, out));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		out->next = arena_printf(cx->a, "%lld", (long long)out->v[limit - 1].no);
	}
	return RC_OK;
}

static int
newer_first(const void *a, const void *b)
{
	int64_t x = ((const struct run *)a)->no, y = ((const struct run *)b)->no;

	return (x < y) - (x > y);
}

/* The statement brings active runs first, so that the limit never hides one; they are shown in
 * order of making. */
enum rc
run_overview(struct ctx *cx, struct db *db, const char *owner, int64_t limit, struct run_list *out)
{
	limit = page_limit(limit, RUN_PAGE_MAX);
	*out = (struct run_list){ .v = arena_array(cx->a, (size_t)limit, sizeof *out->v) };
	TRY(db_query(cx, db, Q_RUN_OVERVIEW, "si", owner, limit));
	TRY(list_read(cx, db, Q_RUN_OVERVIEW, limit, out));
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, newer_first);
	return RC_OK;
}

/* The run that goes on is made in the transaction that ends the interrupted one: it is the next
 * of its connection. */
enum rc
run_resumed_by(struct ctx *cx, struct db *db, const struct run *run, const char **id)
{
	const char *from;
	bool found;

	*id = NULL;
	TRY(db_row(cx, db, &found, Q_RUN_AFTER, "ssi", run->connection_id, run->owner, run->no));
	from = found ? db_text(db, Q_RUN_AFTER, 1) : NULL;
	if (from && !strcmp(from, run->id))
		*id = db_dup(cx->a, db, Q_RUN_AFTER, 0);
	db_reset(db, Q_RUN_AFTER);
	return RC_OK;
}

enum rc
run_log(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t after,
    int64_t limit, struct log_line **out, size_t *n)
{
	bool found;

	*n = 0;
	*out = NULL;
	TRY(db_row(cx, db, &found, Q_RUN_EXISTS, "ss", id, owner));
	db_reset(db, Q_RUN_EXISTS);
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such sync.");
	limit = page_limit(limit, LOG_PAGE_MAX);
	*out = arena_array(cx->a, (size_t)limit, sizeof **out);
	TRY(db_query(cx, db, Q_RUN_LOG, "ssii", id, owner, after, limit));
	while (*n < (size_t)limit && db_next(db, Q_RUN_LOG)) {
		struct log_line *l = &(*out)[(*n)++];
		l->n = db_num(db, Q_RUN_LOG, 0);
		l->at = db_num(db, Q_RUN_LOG, 1);
		l->level = db_dup(cx->a, db, Q_RUN_LOG, 2);
		l->text = db_dup(cx->a, db, Q_RUN_LOG, 3);
	}
	return db_done(cx, db, Q_RUN_LOG);
}

enum rc
run_days(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t since,
    size_t cap, struct run_day **out, size_t *n)
{
	enum sql q = conn_id ? Q_RUN_DAYS_OF : Q_RUN_DAYS;

	*out = arena_array(cx->a, cap, sizeof **out);
	*n = 0;
	if (conn_id)
		TRY(db_query(cx, db, q, "ssi", conn_id, owner, since));
	else
		TRY(db_query(cx, db, q, "si", owner, since));
	while (*n < cap && db_next(db, q))
		(*out)[(*n)++] = (struct run_day){ db_num(db, q, 0), db_num(db, q, 1),
			db_num(db, q, 2), db_num(db, q, 3), db_num(db, q, 4), db_num(db, q, 5),
			db_num(db, q, 6) };
	return db_done(cx, db, q);
}
