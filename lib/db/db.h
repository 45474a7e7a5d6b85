/*
 * db.h - the database behind one small struct. SQLite now; a second driver may come, so callers
 * never see a handle.
 *
 * All SQL is named: sql/NAME.sql holds "-- name: x" blocks, and build/gen/sql.h numbers them
 * (enum sql, Q_X). A statement is prepared at its first use; db_prepare_all() prepares every
 * one, for tests and doctor. One process has one struct db, opened after any fork; nobody else
 * may open the database file.
 *
 * Writers: db_begin() ... db_commit(). It takes the turnstile (two lock files) and BEGIN
 * IMMEDIATE; SQLite's own busy handler is unfair. Keep a transaction under 20 ms: at most about
 * 1,000 rows. Reads outside a transaction see the last commit; db_read_begin() ... db_read_end()
 * gives several reads one snapshot (they nest, also inside a write transaction). db_begin(),
 * db_commit(), db_rollback() and the outermost db_read_end() reset every open statement: a
 * reader that goes on across them gets E_BUG from db_done(). E_BUG too: db_begin() inside a
 * transaction, a writing statement outside one.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/err.h"
#include "sql.h" /* enum sql: made from sql/NAME.sql */

struct db;

enum db_open_flags {
	/* do not compare the schema version, make file and directory if missing: migrate and
	 * doctor only */
	DB_ANY_SCHEMA = 1,
	DB_BIG_CACHE = 2 /* 8 MB page cache instead of 256 KB: sync workers */
};

/* The file that the configuration names, and its directory. */
MUST enum rc db_place(struct ctx *, struct arena *, const char **path, const char **dir);
/* Opens that file. E_SCHEMA when its version is not ours, E_UNAVAILABLE when it can't be opened
 * or is no database of ours. The handle is closed with db_close(). */
MUST enum rc db_open(struct ctx *, unsigned flags, struct db **out);
void db_close(struct db *);
MUST enum rc db_prepare_all(struct ctx *, struct db *);

/* Applies what is missing, one transaction each; *applied may be NULL. A changed applied file is
 * an error. */
MUST enum rc db_migrate(struct ctx *, struct db *, int *applied);
int db_schema_version(struct db *); /* 0: empty file */
int db_schema_wanted(void);

MUST enum rc db_begin(struct ctx *, struct db *);
MUST enum rc db_commit(struct ctx *, struct db *); /* ends the transaction in any case */
/* always safe; also resets what was left open, so call it after every request */
void db_rollback(struct db *);
/* Ends a write transaction by how it went: commits when rc is RC_OK, else rolls back; the
 * outcome. */
MUST enum rc db_end(struct ctx *, struct db *, enum rc rc);
bool db_in_write(const struct db *);
MUST enum rc db_read_begin(struct ctx *, struct db *);
void db_read_end(struct db *);

/*
 * Statements. `types` has one letter per parameter, in order of ?1, ?2 ...: s const char *
 * (NULL: null), S struct str, i int64_t, d double, n nothing (null). Arguments are not copied:
 * they must live until the statement is reset.
 *
 *	TRY(db_query(cx, db, Q_CONN_LIST, "s", owner));
 *	while (db_next(db, Q_CONN_LIST))
 *		... db_text(db, Q_CONN_LIST, 0) ...          borrowed until the next db_next() or db_reset()
 *	TRY(db_done(cx, db, Q_CONN_LIST));               resets; reports what db_next() met
 */
MUST enum rc db_query(struct ctx *, struct db *, enum sql, const char *types, ...);
bool db_next(struct db *, enum sql);
MUST enum rc db_done(struct ctx *, struct db *, enum sql);
void db_reset(struct db *, enum sql);
/* Runs a statement that returns no rows; *changed (may be NULL) is how many it changed. */
MUST enum rc db_run(struct ctx *, struct db *, int64_t *changed, enum sql, const char *types, ...);
/* Runs a statement that returns one row or none; *found says which. On a row, read the columns,
 * then db_reset(). */
MUST enum rc db_row(struct ctx *, struct db *, bool *found, enum sql, const char *types, ...);

const char *db_text(struct db *, enum sql, int col); /* NULL for null */
struct str db_str(struct db *, enum sql, int col);   /* {NULL, 0} for null */
char *db_dup(struct arena *, struct db *, enum sql, int col);
int64_t db_num(struct db *, enum sql, int col); /* 0 for null */
bool db_null(struct db *, enum sql, int col);

/* The one exception to "no dynamic SQL": (re)creates the view of a dataset from a text that
 * store/view.c alone builds and tests. */
MUST enum rc db_view(struct ctx *, struct db *, const char *drop, const char *create);

/* For doctor, backup and tests. */
MUST enum rc db_integrity(struct ctx *, struct db *, const char **answer);
MUST enum rc db_backup(struct ctx *, struct db *, const char *file);
const char *db_sql_name(enum sql);
MUST enum rc db_prepare_all(struct ctx *, struct db *);

#endif
