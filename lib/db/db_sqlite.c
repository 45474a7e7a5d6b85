/*
 * db_sqlite.c - statements and transactions on SQLite.
 *
 * Invariants: a statement that writes runs only inside db_begin() ... db_commit(); no statement
 * is left open across the beginning or the end of a transaction, because an old snapshot cannot
 * be written from and keeps the log file from shrinking. SQLite undoes a transaction by itself
 * after some errors; that is noticed before the next statement, which would otherwise be
 * committed alone.
 */
#define SQL_TEXTS
#include "db/handle.h"

#include <string.h>

#include "base/log.h"

enum rc
db_prepare_all(struct ctx *cx, struct db *db)
{
	for (int q = 0; q < Q__MAX; q++) {
		if (db->q[q].st)
			continue;
		int code = sqlite3_prepare_v3(
		    db->h, sql_texts[q].text, -1, SQLITE_PREPARE_PERSISTENT, &db->q[q].st, NULL);

		if (code != SQLITE_OK)
			return db_fail(cx, db, code, sql_texts[q].name);
	}
	return RC_OK;
}

const char *
db_sql_name(enum sql q)
{
	return (unsigned)q < Q__MAX ? sql_texts[q].name : "?";
}

/* --- statements --- */

void
db_reset(struct db *db, enum sql q)
{
	struct query *s = &db->q[q];

	if (s->st) {
		sqlite3_reset(s->st);
		/* Parameters are borrowed; they must not outlive their owner. */
		sqlite3_clear_bindings(s->st);
	}
	s->open = false;
	s->result = SQLITE_OK;
}

/* Whoever is still reading gets an error from db_done(). */
static void
reset_all(struct db *db)
{
	for (int q = 0; q < Q__MAX; q++)
		if (db->q[q].open) {
			db_reset(db, (enum sql)q);
			db->q[q].result = SQLITE_MISUSE;
		}
}

static int
bind_one(sqlite3_stmt *st, int i, char type, va_list *ap)
{
	const char *c;
	struct str s;

	switch (type) {
	case 's':
		c = va_arg(*ap, const char *);
		return c ? sqlite3_bind_text(st, i, c, -1, SQLITE_STATIC)
			 : sqlite3_bind_null(st, i);
	case 'S':
		s = va_arg(*ap, struct str);
		return s.p ? sqlite3_bind_text64(st, i, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8)
			   : sqlite3_bind_null(st, i);
	case 'i':
		return sqlite3_bind_int64(st, i, va_arg(*ap, int64_t));
	case 'd':
		return sqlite3_bind_double(st, i, va_arg(*ap, double));
	case 'n':
		return sqlite3_bind_null(st, i);
	default:
		return SQLITE_MISUSE;
	}
}

/* Prepares on first use and checks that the statement may run now. */
static enum rc
ready(struct ctx *cx, struct db *db, enum sql q)
{
	struct query *s = &db->q[q];
	int code;

	TRY(db_check_process(cx, db));
	if (s->open) {
		db_reset(db, q);
		return fail(cx, E_BUG, "Statement %s is used inside itself or was left open.",
		    db_sql_name(q));
	}
	if (!s->st) {
		code = sqlite3_prepare_v3(
		    db->h, sql_texts[q].text, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);
		if (code != SQLITE_OK)
			return db_fail(cx, db, code, db_sql_name(q));
	}
	if (db->write && sqlite3_get_autocommit(db->h))
		return fail(cx, E_UNAVAILABLE, "The database undid what was being written.");
	if (!db->write && !sqlite3_stmt_readonly(s->st))
		return fail(
		    cx, E_BUG, "Statement %s writes outside a transaction.", db_sql_name(q));
	return RC_OK;
}

static enum rc
query(struct ctx *cx, struct db *db, enum sql q, const char *types, va_list *ap)
{
	struct query *s = &db->q[q];
	int n = (int)strlen(types), code;

	TRY(ready(cx, db, q));
	if (n != sqlite3_bind_parameter_count(s->st))
		return fail(cx, E_BUG, "Statement %s has %d parameters, not %d.", db_sql_name(q),
		    sqlite3_bind_parameter_count(s->st), n);
	for (int i = 0; i < n; i++) {
		code = bind_one(s->st, i + 1, types[i], ap);
		if (code != SQLITE_OK) {
			db_reset(db, q);
			return db_fail(cx, db, code, db_sql_name(q));
		}
	}
	s->open = true;
	s->result = SQLITE_OK;
	return RC_OK;
}

enum rc
db_query(struct ctx *cx, struct db *db, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, types);
	rc = query(cx, db, q, types, &ap);
	va_end(ap);
	return rc;
}

bool
db_next(struct db *db, enum sql q)
{
	struct query *s = &db->q[q];
	int code;

	if (!s->open || s->result != SQLITE_OK)
		return false;
	code = sqlite3_step(s->st);
	if (code == SQLITE_ROW)
		return true;
	s->result = code == SQLITE_DONE ? SQLITE_OK : code;
	/* The snapshot is let go at once; db_done() still finds the code. */
	sqlite3_reset(s->st);
	sqlite3_clear_bindings(s->st);
	s->open = false;
	return false;
}

enum rc
db_done(struct ctx *cx, struct db *db, enum sql q)
{
	int code = db->q[q].result;
	enum rc rc = RC_OK;

	if (code == SQLITE_MISUSE)
		rc = fail(cx, E_BUG, "Statement %s was read across the end of its transaction.",
		    db_sql_name(q));
	else if (code != SQLITE_OK)
		rc = db_fail(cx, db, code, db_sql_name(q));
	db_reset(db, q);
	return rc;
}

enum rc
db_run(struct ctx *cx, struct db *db, int64_t *changed, enum sql q, const char *types, ...)
{
	va_list ap;
	int64_t before = sqlite3_total_changes64(db->h);
	enum rc rc;

	va_start(ap, types);
	rc = query(cx, db, q, types, &ap);
	va_end(ap);
	if (rc != RC_OK)
		return rc;
	if (db_next(db, q)) {
		db_reset(db, q);
		return fail(cx, E_BUG, "Statement %s gives rows.", db_sql_name(q));
	}
	TRY(db_done(cx, db, q));
	/* sqlite3_changes64() keeps its old value when a statement matches no row of another
	 * kind; the totals tell whether this one wrote. */
	if (changed)
		*changed = sqlite3_total_changes64(db->h) == before ? 0 : sqlite3_changes64(db->h);
	return RC_OK;
}

enum rc
db_row(struct ctx *cx, struct db *db, bool *found, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	*found = false;
	va_start(ap, types);
	rc = query(cx, db, q, types, &ap);
	va_end(ap);
	if (rc != RC_OK)
		return rc;
	*found = db_next(db, q);
	return *found ? RC_OK : db_done(cx, db, q);
}

const char *
db_text(struct db *db, enum sql q, int col)
{
	return (const char *)sqlite3_column_text(db->q[q].st, col);
}

struct str
db_str(struct db *db, enum sql q, int col)
{
	const char *p = db_text(db, q, col);

	return (struct str){ p, p ? (size_t)sqlite3_column_bytes(db->q[q].st, col) : 0 };
}

char *
db_dup(struct arena *a, struct db *db, enum sql q, int col)
{
	struct str s = db_str(db, q, col);

	return s.p ? arena_dup_str(a, s) : NULL;
}

int64_t
db_num(struct db *db, enum sql q, int col)
{
	return sqlite3_column_int64(db->q[q].st, col);
}

bool
db_null(struct db *db, enum sql q, int col)
{
	return sqlite3_column_type(db->q[q].st, col) == SQLITE_NULL;
}

/* --- transactions --- */

static int
step_own(struct db *db, sqlite3_stmt **st, const char *text)
{
	int code = SQLITE_OK;

	if (!*st)
		code = sqlite3_prepare_v3(db->h, text, -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(*st);
	sqlite3_reset(*st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

enum rc
db_begin(struct ctx *cx, struct db *db)
{
	enum rc rc;
	int code;

	TRY(db_check_process(cx, db));
	if (db->write || db->reads > 0)
		return fail(cx, E_BUG, "A transaction was begun inside another one.");
	reset_all(db);
	TRY(turnstile_enter(cx, &db->turn, db->dir));
	code = step_own(db, &db->begin, "BEGIN IMMEDIATE");
	if (code != SQLITE_OK) {
		rc = db_fail(cx, db, code, "begin");
		turnstile_leave(&db->turn);
		return rc;
	}
	db->write = true;
	return RC_OK;
}

enum rc
db_commit(struct ctx *cx, struct db *db)
{
	enum rc rc;
	int code;

	TRY(db_check_process(cx, db));
	if (!db->write)
		return fail(cx, E_BUG, "There is no transaction to commit.");
	reset_all(db);
	if (sqlite3_get_autocommit(db->h)) {
		db_rollback(db);
		return fail(cx, E_UNAVAILABLE, "The database undid what was being written.");
	}
	code = step_own(db, &db->commit, "COMMIT");
	if (code != SQLITE_OK) {
		rc = db_fail(cx, db, code, "commit");
		db_rollback(db);
		return rc;
	}
	db->write = false;
	db->reads = 0;
	turnstile_leave(&db->turn);
	return RC_OK;
}

static void
undo(struct db *db)
{
	int code = sqlite3_get_autocommit(db->h) ? SQLITE_OK
						 : step_own(db, &db->rollback, "ROLLBACK");

	if (code != SQLITE_OK)
		log_event(LOG_LEVEL_ERR, "db.rollback", "i:code", (int64_t)code, NULL);
}

void
db_rollback(struct db *db)
{
	if (db_forked(db))
		return;
	reset_all(db);
	if (db->write || db->read_open)
		undo(db);
	db->reads = 0;
	db->read_open = false;
	if (db->write) {
		db->write = false;
		turnstile_leave(&db->turn);
	}
}

enum rc
db_end(struct ctx *cx, struct db *db, enum rc rc)
{
	if (rc == RC_OK)
		rc = db_commit(cx, db);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

bool
db_in_write(const struct db *db)
{
	return db->write;
}

enum rc
db_read_begin(struct ctx *cx, struct db *db)
{
	int code;

	TRY(db_check_process(cx, db));
	/* A write transaction is one snapshot already. */
	if (!db->write && db->reads == 0) {
		code = step_own(db, &db->begin_read, "BEGIN");
		if (code != SQLITE_OK)
			return db_fail(cx, db, code, "begin");
		db->read_open = true;
	}
	db->reads++;
	return RC_OK;
}

void
db_read_end(struct db *db)
{
	if (db->reads == 0 || --db->reads > 0 || !db->read_open || db_forked(db))
		return;
	reset_all(db);
	undo(db);
	db->read_open = false;
}

enum rc
db_view(struct ctx *cx, struct db *db, const char *drop, const char *create)
{
	TRY(db_check_process(cx, db));
	if (!db->write)
		return fail(cx, E_BUG, "A view was made outside a transaction.");
	if (drop)
		TRY(db_exec(cx, db, "view_drop", drop));
	if (create)
		TRY(db_exec(cx, db, "view_create", create));
	return RC_OK;
}
