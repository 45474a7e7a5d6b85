/*
 * run.c - see run.h. Reads only.
 */
#include <stdlib.h>

#include "store/run.h"

#include "base/clamp.h"
#include "base/vec.h"

enum { RUN_PAGE_MAX = 500, LOG_PAGE_MAX = 1000 };

/* The columns stand in the same order in every statement of sql/run.sql. */
static void
run_read(struct ctx *cx, struct db *db, enum sql q, struct run *r)
{
	struct arena *a = cx->a;

	r->no = db_num(db, q, C_RUN_NO);
	r->id = db_dup(a, db, q, C_RUN_ID);
	r->connection_id = db_dup(a, db, q, C_RUN_CONNECTION_ID);
	r->owner = db_dup(a, db, q, C_RUN_OWNER);
	r->trigger = db_dup(a, db, q, C_RUN_TRIGGER);
	r->state = db_dup(a, db, q, C_RUN_STATE);
	r->phase = db_dup(a, db, q, C_RUN_PHASE);
	r->progress = db_num(db, q, C_RUN_PROGRESS);
	r->message = db_dup(a, db, q, C_RUN_MESSAGE);
	r->created_at = db_num(db, q, C_RUN_CREATED_AT);
	r->started_at = db_num(db, q, C_RUN_STARTED_AT);
	r->updated_at = db_num(db, q, C_RUN_UPDATED_AT);
	r->finished_at = db_num(db, q, C_RUN_FINISHED_AT);
	r->lease_until = db_num(db, q, C_RUN_LEASE_UNTIL);
	r->attempt = db_num(db, q, C_RUN_ATTEMPT);
	r->pid = db_num(db, q, C_RUN_PID);
	r->cancel = db_flag(db, q, C_RUN_CANCEL);
	r->resumes = db_num(db, q, C_RUN_RESUMES);
	r->resumed_from = db_dup(a, db, q, C_RUN_RESUMED_FROM);
	r->checkpoint = db_dup(a, db, q, C_RUN_CHECKPOINT);
	r->size = db_num(db, q, C_RUN_SIZE);
	r->lines = db_num(db, q, C_RUN_LINES);
	r->fetched = db_num(db, q, C_RUN_FETCHED);
	r->added = db_num(db, q, C_RUN_ADDED);
	r->updated = db_num(db, q, C_RUN_UPDATED);
	r->deleted = db_num(db, q, C_RUN_DELETED);
	r->unchanged = db_num(db, q, C_RUN_UNCHANGED);
	r->skipped = db_num(db, q, C_RUN_SKIPPED);
	r->calls = db_num(db, q, C_RUN_CALLS);
	r->not_modified = db_flag(db, q, C_RUN_NOT_MODIFIED);
	r->skips = db_dup(a, db, q, C_RUN_SKIPS);
	r->warnings = db_dup(a, db, q, C_RUN_WARNINGS);
	r->review = db_dup(a, db, q, C_RUN_REVIEW);
	r->error_code = db_dup(a, db, q, C_RUN_ERROR_CODE);
	r->error_detail = db_dup(a, db, q, C_RUN_ERROR_DETAIL);
	r->due_at = db_num(db, q, C_RUN_DUE_AT);
	r->wait_until = db_num(db, q, C_RUN_WAIT_UNTIL);
	r->rolled = db_num(db, q, C_RUN_ROLLED);
	r->rolled_from = db_num(db, q, C_RUN_ROLLED_FROM);
	r->task = db_dup(a, db, q, C_RUN_TASK);
	r->undoes = db_dup(a, db, q, C_RUN_UNDOES);
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
run_list_read(struct ctx *cx, struct db *db, enum sql q, int64_t max, struct run_list *out)
{
	while (out->n < (size_t)max && db_next(db, q))
		run_read(cx, db, q, &out->v[out->n++]);
	return db_done(cx, db, q);
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
run_active_task(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct run *out)
{
	return one(cx, db, Q_RUN_ACTIVE_TASK, conn_id, owner, out);
}

enum rc
run_history(struct ctx *cx, struct db *db, const struct run_page *p, struct run_list *out)
{
	const int64_t limit = clamp(p->limit, 1, RUN_PAGE_MAX);
	int64_t before = INT64_MAX;

	if (p->before && *p->before && !str_i64(str_c(p->before), 1, INT64_MAX, &before))
		return fail_input(cx, "cursor", "The cursor is not one that this list has given.");
	*out = (struct run_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_RUN_HISTORY, "ssisi", p->conn_id, p->owner, before,
	    p->result ? p->result : "", limit + 1));
	TRY(run_list_read(cx, db, Q_RUN_HISTORY, limit + 1, out));
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

/* The statement brings active runs first, so that no page hides one; within a page they are shown
 * in order of making. */
enum rc
run_overview(struct ctx *cx, struct db *db, const struct run_page *p, struct run_list *out)
{
	const int64_t limit = clamp(p->limit, 1, RUN_PAGE_MAX);
	int64_t place = INT64_MAX; /* the number of the last one; negative when it had ended */
	const struct run *last;

	if (p->before && *p->before && !str_i64(str_c(p->before), -INT64_MAX, INT64_MAX, &place))
		return fail_input(cx, "cursor", "The cursor is not one that this list has given.");
	*out = (struct run_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_RUN_OVERVIEW, "siii", p->owner, limit + 1, (int64_t)(place < 0),
	    place < 0 ? -place : place));
	TRY(run_list_read(cx, db, Q_RUN_OVERVIEW, limit + 1, out));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		last = &out->v[limit - 1];
		out->next = arena_printf(
		    cx->a, "%lld", (long long)(last->finished_at ? -last->no : last->no));
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, newer_first);
	return RC_OK;
}

/* The run that goes on is made in the transaction that ends the interrupted one: it is the next of
 * its connection. */
static enum rc
run_list_all(struct ctx *cx, struct db *db, enum sql q, struct run_list *out)
{
	size_t cap = 0;

	*out = (struct run_list){ 0 };
	while (db_next(db, q)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		run_read(cx, db, q, &out->v[out->n++]);
	}
	return db_done(cx, db, q);
}

enum rc
run_made(struct ctx *cx, struct db *db, int64_t after, int64_t max, struct run_list *out)
{
	TRY(db_query(cx, db, Q_RUN_MADE, "ii", after, max));
	return run_list_all(cx, db, Q_RUN_MADE, out);
}

enum rc
run_going(struct ctx *cx, struct db *db, struct run_list *out)
{
	TRY(db_query(cx, db, Q_RUN_GOING, ""));
	return run_list_all(cx, db, Q_RUN_GOING, out);
}

enum rc
run_active_all(struct ctx *cx, struct db *db, const char *owner, struct run_list *out)
{
	TRY(db_query(cx, db, Q_RUN_ACTIVE_ALL, "s", owner));
	return run_list_all(cx, db, Q_RUN_ACTIVE_ALL, out);
}

enum rc
run_ended(struct ctx *cx, struct db *db, const char *owner, int64_t from, int64_t max,
    struct run_list *out)
{
	TRY(db_query(cx, db, Q_RUN_ENDED, "sii", owner, from, max));
	return run_list_all(cx, db, Q_RUN_ENDED, out);
}

enum rc
run_waiting(struct ctx *cx, struct db *db, struct run_number_list *out)
{
	size_t cap = 0;

	*out = (struct run_number_list){ 0 };
	TRY(db_query(cx, db, Q_RUN_WAITING, ""));
	while (db_next(db, Q_RUN_WAITING)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		out->v[out->n++] = db_num(db, Q_RUN_WAITING, 0);
	}
	return db_done(cx, db, Q_RUN_WAITING);
}

enum rc
run_last(struct ctx *cx, struct db *db, int64_t *no)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RUN_LAST, ""));
	*no = found ? db_num(db, Q_RUN_LAST, 0) : 0;
	db_reset(db, Q_RUN_LAST);
	return RC_OK;
}

enum rc
run_numbered(struct ctx *cx, struct db *db, const char *owner, int64_t no, struct run *out)
{
	bool found;

	*out = (struct run){ 0 };
	TRY(db_row(cx, db, &found, Q_RUN_NUMBERED, "is", no, owner));
	if (found)
		run_read(cx, db, Q_RUN_NUMBERED, out);
	db_reset(db, Q_RUN_NUMBERED);
	return RC_OK;
}

enum rc
run_resumed_by(struct ctx *cx, struct db *db, const struct run *run, const char **id)
{
	const char *from;
	bool found;

	*id = NULL;
	TRY(db_row(cx, db, &found, Q_RUN_AFTER, "ssi", run->connection_id, run->owner, run->no));
	from = found ? db_text(db, Q_RUN_AFTER, C_RUN_AFTER_RESUMED_FROM) : NULL;
	if (from && !strcmp(from, run->id))
		*id = db_dup(cx->a, db, Q_RUN_AFTER, C_RUN_AFTER_ID);
	db_reset(db, Q_RUN_AFTER);
	return RC_OK;
}

static enum rc
run_number(struct ctx *cx, struct db *db, int64_t *no)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RUN_NUMBER, ""));
	*no = db_num(db, Q_RUN_NUMBER, 0);
	db_reset(db, Q_RUN_NUMBER);
	return RC_OK;
}

enum rc
run_insert(struct ctx *cx, struct db *db, const struct run *r, int64_t now, bool *made)
{
	struct db_arg args[P_RUN_INSERT__N] = {
		[P_RUN_INSERT_ID] = db_s(r->id),
		[P_RUN_INSERT_CONNECTION_ID] = db_s(r->connection_id),
		[P_RUN_INSERT_OWNER] = db_s(r->owner),
		[P_RUN_INSERT_TRIGGER] = db_s(r->trigger),
		[P_RUN_INSERT_MESSAGE] = db_s(r->message),
		[P_RUN_INSERT_NOW] = db_i(now),
		[P_RUN_INSERT_RESUMES] = db_i(r->resumes),
		[P_RUN_INSERT_RESUMED_FROM] = db_s(r->resumed_from),
		[P_RUN_INSERT_CHECKPOINT] = db_s(r->checkpoint),
		[P_RUN_INSERT_DUE_AT] = db_i(r->due_at),
		[P_RUN_INSERT_TASK] = db_s(r->task),
		[P_RUN_INSERT_UNDOES] = db_s(r->undoes),
	};
	int64_t no, changed;

	TRY(run_number(cx, db, &no));
	args[P_RUN_INSERT_NO] = db_i(no);
	TRY(db_run_named(cx, db, &changed, Q_RUN_INSERT, args, P_RUN_INSERT__N));
	*made = changed != 0;
	return RC_OK;
}

enum rc
run_insert_asked(struct ctx *cx, struct db *db, const struct run *r, int64_t now)
{
	struct db_arg args[P_RUN_INSERT_ASKED__N] = {
		[P_RUN_INSERT_ASKED_ID] = db_s(r->id),
		[P_RUN_INSERT_ASKED_CONNECTION_ID] = db_s(r->connection_id),
		[P_RUN_INSERT_ASKED_OWNER] = db_s(r->owner),
		[P_RUN_INSERT_ASKED_TRIGGER] = db_s(r->trigger),
		[P_RUN_INSERT_ASKED_MESSAGE] = db_s(r->message),
		[P_RUN_INSERT_ASKED_NOW] = db_i(now),
		[P_RUN_INSERT_ASKED_REVIEW] = db_s(r->review),
		[P_RUN_INSERT_ASKED_ERROR_DETAIL] = db_s(r->error_detail),
	};
	int64_t no;

	TRY(run_number(cx, db, &no));
	args[P_RUN_INSERT_ASKED_NO] = db_i(no);
	return db_run_named(cx, db, NULL, Q_RUN_INSERT_ASKED, args, P_RUN_INSERT_ASKED__N);
}

enum rc
run_asks_more(struct ctx *cx, struct db *db, const struct run *r, int64_t now, bool *known)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_RUN_ASKS_MORE, "sssis", r->id, r->owner, r->review, now,
	    r->error_detail));
	*known = changed != 0;
	return RC_OK;
}

enum rc
run_answered(struct ctx *cx, struct db *db, const struct run *r, int64_t now)
{
	return db_run(cx, db, NULL, Q_RUN_ANSWERED, "sssi", r->id, r->owner, r->message, now);
}

enum rc
run_says(struct ctx *cx, struct db *db, const struct run *r, int64_t now)
{
	return db_run(cx, db, NULL, Q_RUN_SAYS, "sssi", r->id, r->owner, r->message, now);
}

enum rc
run_finish(struct ctx *cx, struct db *db, const struct run *r, int64_t now)
{
	const struct db_arg args[P_RUN_FINISH__N] = {
		[P_RUN_FINISH_ID] = db_s(r->id),
		[P_RUN_FINISH_ATTEMPT] = db_i(r->attempt),
		[P_RUN_FINISH_STATE] = db_s(r->state),
		[P_RUN_FINISH_MESSAGE] = db_s(r->message),
		[P_RUN_FINISH_NOW] = db_i(now),
		[P_RUN_FINISH_SIZE] = db_i(r->size),
		[P_RUN_FINISH_LINES] = db_i(r->lines),
		[P_RUN_FINISH_FETCHED] = db_i(r->fetched),
		[P_RUN_FINISH_ADDED] = db_i(r->added),
		[P_RUN_FINISH_UPDATED] = db_i(r->updated),
		[P_RUN_FINISH_DELETED] = db_i(r->deleted),
		[P_RUN_FINISH_UNCHANGED] = db_i(r->unchanged),
		[P_RUN_FINISH_SKIPPED] = db_i(r->skipped),
		[P_RUN_FINISH_CALLS] = db_i(r->calls),
		[P_RUN_FINISH_NOT_MODIFIED] = db_i(r->not_modified),
		[P_RUN_FINISH_SKIPS] = db_s(r->skips),
		[P_RUN_FINISH_WARNINGS] = db_s(r->warnings),
		[P_RUN_FINISH_REVIEW] = db_s(r->review),
		[P_RUN_FINISH_ERROR_CODE] = db_s(r->error_code),
		[P_RUN_FINISH_ERROR_DETAIL] = db_s(r->error_detail),
	};
	int64_t changed;

	TRY(db_run_named(cx, db, &changed, Q_RUN_FINISH, args, P_RUN_FINISH__N));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

enum rc
run_log(struct ctx *cx, struct db *db, const struct log_page *p, struct log_list *out)
{
	const size_t limit = (size_t)clamp(p->limit, 1, LOG_PAGE_MAX);
	bool found;

	*out = (struct log_list){ 0 };
	TRY(db_row(cx, db, &found, Q_RUN_EXISTS, "ss", p->run_id, p->owner));
	db_reset(db, Q_RUN_EXISTS);
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such sync.");
	out->v = arena_array(cx->a, limit, sizeof *out->v);
	TRY(db_query(cx, db, Q_RUN_LOG, "ssii", p->run_id, p->owner, p->after, (int64_t)limit));
	while (out->n < limit && db_next(db, Q_RUN_LOG)) {
		struct log_line *l = &out->v[out->n++];
		l->n = db_num(db, Q_RUN_LOG, C_RUN_LOG_N);
		l->at = db_num(db, Q_RUN_LOG, C_RUN_LOG_AT);
		l->level = db_dup(cx->a, db, Q_RUN_LOG, C_RUN_LOG_LEVEL);
		l->text = db_dup(cx->a, db, Q_RUN_LOG, C_RUN_LOG_TEXT);
	}
	return db_done(cx, db, Q_RUN_LOG);
}

static void
run_day_read(struct db *db, enum sql q, struct run_day *d)
{
	*d = (struct run_day){
		.day = db_num(db, q, C_RUN_DAYS_DAY),
		.runs = db_num(db, q, C_RUN_DAYS_RUNS),
		.complete = db_num(db, q, C_RUN_DAYS_COMPLETE),
		.failed = db_num(db, q, C_RUN_DAYS_FAILED),
		.took_ms = db_num(db, q, C_RUN_DAYS_TOOK_MS),
		.fetched = db_num(db, q, C_RUN_DAYS_FETCHED),
		.changed = db_num(db, q, C_RUN_DAYS_CHANGED),
		.calls = db_num(db, q, C_RUN_DAYS_CALLS),
	};
}

enum rc
run_days(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t since,
    struct run_day_list *out)
{
	enum sql q = conn_id ? Q_RUN_DAYS_OF : Q_RUN_DAYS;

	*out = (struct run_day_list){ .v = arena_array(cx->a, RUN_DAYS_MAX, sizeof *out->v) };
	if (conn_id)
		TRY(db_query(cx, db, q, "ssi", conn_id, owner, since));
	else
		TRY(db_query(cx, db, q, "si", owner, since));
	while (out->n < RUN_DAYS_MAX && db_next(db, q))
		run_day_read(db, q, &out->v[out->n++]);
	return db_done(cx, db, q);
}
