/*
 * removal.c - see removal.h. A dataset that goes leaves a row in dataset_past, under whose number
 * its records still lie; the number is given to no other one.
 */
#include "base/clamp.h"
#include "store/change.h"
#include "store/conflict.h"
#include "store/data.h"
#include "store/link.h"
#include "store/removal.h"
#include "store/view.h"

enum { PAGE_MS = 20, PAGE_LEAST = 10 };

enum rc
removal_datasets(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	struct dataset_list list;

	TRY(dataset_list(cx, db, owner, conn_id, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(view_drop(cx, db, &list.v[i]));
	TRY(db_run(cx, db, NULL, Q_PAST_FORGET, "ss", owner, conn_id));
	TRY(db_run(cx, db, NULL, Q_PAST_PUT, "ss", owner, conn_id));
	return db_run(cx, db, NULL, Q_PAST_DATASETS, "ss", owner, conn_id);
}

typedef enum rc forget_fn(
    struct ctx *, struct db *, const char *owner, int64_t dataset_no, int64_t max, int64_t *n);

/* What hangs on the records: links, changes, and conflicts, which outlive their links. */
static forget_fn *const forget_all[] = { link_forget, change_forget, conflict_forget };

static enum rc
past_drop(struct ctx *cx, struct db *db, const char *owner, int64_t no, int64_t *budget)
{
	const int64_t first = no << SEQ_SHIFT, end = (no + 1) << SEQ_SHIFT;
	int64_t n;

	TRY(db_run(cx, db, &n, Q_PAST_RECORDS, "isiii", no, owner, first, end, *budget));
	*budget -= n;
	if (n)
		TRY(db_run(cx, db, NULL, Q_PAST_LEFT, "isi", no, owner, n));
	for (size_t i = 0; *budget > 0 && i < sizeof forget_all / sizeof *forget_all; i++) {
		TRY(forget_all[i](cx, db, owner, no, *budget, &n));
		*budget -= n;
	}
	if (*budget <= 0)
		return RC_OK;
	return db_run(cx, db, NULL, Q_PAST_DROPPED, "is", no, owner);
}

enum rc
removal_records(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    int64_t limit, bool *more)
{
	int64_t budget = limit < 1 ? 1 : limit, no;

	*more = true;
	while (budget > 0) {
		TRY(db_row(cx, db, more, Q_PAST_NEXT, "ss", owner, conn_id));
		no = *more ? db_num(db, Q_PAST_NEXT, 0) : 0;
		db_reset(db, Q_PAST_NEXT);
		if (!*more)
			return RC_OK;
		TRY(past_drop(cx, db, owner, no, &budget));
	}
	return RC_OK;
}

int64_t
removal_pace(int64_t limit, int64_t took_ms)
{
	return clamp(took_ms > PAGE_MS ? limit / 2 : limit * 2, PAGE_LEAST, REMOVAL_PAGE);
}

enum rc
removal_id(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *remote_id, const char **id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_PAST_ID, "sss", owner, conn_id, remote_id));
	*id = found ? db_dup(cx->a, db, Q_PAST_ID, 0) : NULL;
	db_reset(db, Q_PAST_ID);
	return RC_OK;
}

/*
 * Connections.
 */

enum rc
removal_doom(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_DOOM_CONN, "ssi", conn_id, owner, now));
	if (!changed)
		return fail(cx, E_NOT_FOUND, "There is no such connection.");
	return removal_datasets(cx, db, owner, conn_id);
}

enum rc
removal_next(struct ctx *cx, struct db *db, const char *owner, const char **conn_id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_DOOM_NEXT, "s", owner));
	*conn_id = found ? db_dup(cx->a, db, Q_DOOM_NEXT, 0) : NULL;
	db_reset(db, Q_DOOM_NEXT);
	return RC_OK;
}

enum rc
removal_runs(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct removal_runs *out)
{
	*out = (struct removal_runs){ 0 };
	TRY(db_query(cx, db, Q_DOOM_RUNS, "ssi", conn_id, owner, (int64_t)REMOVAL_RUNS));
	while (out->n < REMOVAL_RUNS && db_next(db, Q_DOOM_RUNS))
		out->id[out->n++] = db_dup(cx->a, db, Q_DOOM_RUNS, 0);
	return db_done(cx, db, Q_DOOM_RUNS);
}

enum rc
removal_rows(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t limit,
    bool *more)
{
	static const enum sql rows[] = { Q_DOOM_OUTBOX, Q_DOOM_LINKS, Q_DOOM_LABELLED };
	int64_t n;

	for (size_t i = 0; limit > 0 && i < sizeof rows / sizeof *rows; i++) {
		TRY(db_run(cx, db, &n, rows[i], "ssi", conn_id, owner, limit));
		limit -= n;
	}
	*more = limit <= 0;
	return RC_OK;
}

enum rc
removal_run(struct ctx *cx, struct db *db, const char *owner, const char *run_id)
{
	return db_run(cx, db, NULL, Q_DOOM_RUN, "ss", run_id, owner);
}

enum rc
removal_conn(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	TRY(db_run(cx, db, NULL, Q_DOOM_LANES, "ss", conn_id, owner));
	return db_run(cx, db, NULL, Q_DOOM_GONE, "ss", conn_id, owner);
}

/*
 * Webhooks.
 */

enum rc
removal_hook_next(struct ctx *cx, struct db *db, const char *owner, const char **hook_id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_DOOM_HOOK_NEXT, "s", owner));
	*hook_id = found ? db_dup(cx->a, db, Q_DOOM_HOOK_NEXT, 0) : NULL;
	db_reset(db, Q_DOOM_HOOK_NEXT);
	return RC_OK;
}

enum rc
removal_hook(struct ctx *cx, struct db *db, const char *owner, const char *hook_id, int64_t limit)
{
	int64_t n;

	TRY(db_run(cx, db, &n, Q_DOOM_DELIVERIES, "ssi", hook_id, owner, limit));
	return n < limit ? db_run(cx, db, NULL, Q_DOOM_HOOK_GONE, "ss", hook_id, owner) : RC_OK;
}

/*
 * Users.
 */

enum rc
removal_user(struct ctx *cx, struct db *db, const char *owner, bool *yes)
{
	TRY(db_row(cx, db, yes, Q_GONE_USER, "s", owner));
	db_reset(db, Q_GONE_USER);
	return RC_OK;
}

enum rc
removal_user_conn(struct ctx *cx, struct db *db, const char *owner, const char **conn_id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_GONE_CONN, "s", owner));
	*conn_id = found ? db_dup(cx->a, db, Q_GONE_CONN, 0) : NULL;
	db_reset(db, Q_GONE_CONN);
	return RC_OK;
}

enum rc
removal_user_logins(struct ctx *cx, struct db *db, const char *owner, struct removal_logins *out)
{
	*out = (struct removal_logins){ 0 };
	TRY(db_query(cx, db, Q_GONE_LOGINS, "si", owner, (int64_t)REMOVAL_LOGINS));
	while (out->n < REMOVAL_LOGINS && db_next(db, Q_GONE_LOGINS))
		out->id[out->n++] = db_dup(cx->a, db, Q_GONE_LOGINS, 0);
	return db_done(cx, db, Q_GONE_LOGINS);
}

enum rc
removal_user_rows(struct ctx *cx, struct db *db, const char *owner, int64_t limit, bool *more)
{
	static const enum sql rows[] = { Q_GONE_EVENT_CHANGES, Q_GONE_EVENTS, Q_GONE_MESSAGES,
		Q_GONE_NOTICES, Q_GONE_AUDIT, Q_GONE_CONFLICTS, Q_GONE_IDENTS, Q_GONE_PEOPLE,
		Q_GONE_PLACES };
	int64_t n;

	for (size_t i = 0; limit > 0 && i < sizeof rows / sizeof *rows; i++) {
		TRY(db_run(cx, db, &n, rows[i], "si", owner, limit));
		limit -= n;
	}
	*more = limit <= 0;
	return RC_OK;
}

enum rc
removal_user_itself(struct ctx *cx, struct db *db, const char *owner)
{
	TRY(db_run(cx, db, NULL, Q_GONE_LANES, "s", owner));
	return db_run(cx, db, NULL, Q_GONE_ACCOUNT, "s", owner);
}
