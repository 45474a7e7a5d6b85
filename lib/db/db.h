/*
 * db.h - the database behind one small struct. Callers never see a handle: which engine it is, is
 * known to one file below the seam (driver.h, sqlite.c).
 *
 * All SQL is named: sql/NAME.sql holds "-- name: x" blocks, and build/gen/sql.h numbers them (enum
 * sql, Q_X). A statement is prepared at its first use. One process has one struct db, opened after
 * any fork; nobody else may open the database file.
 *
 * A write is a function handed to db_write(). Keep it under 20 ms: at most about 1,000 rows. Reads
 * outside a write see the last commit; db_read_begin() ... db_read_end() gives several reads one
 * snapshot (they nest, also inside a write). The beginning and the end of a transaction reset every
 * open statement: a reader that goes on across them gets E_BUG from db_done(). E_BUG too: a writing
 * statement outside a write.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/err.h"
#include "sql.h" /* Q_ statements, C_ columns, P_ parameters: made from sql/NAME.sql */

struct db;

enum db_open_flags {
	DB_ANY_SCHEMA = 1, /* any version will do, and none: for migrate and doctor only */
	DB_BIG_CACHE = 2,  /* 4 MB page cache instead of 256 KB: sync workers */
	/* A write waits a second for its turn, and hardly at all while another one's wait has just
	 * been in vain: who answers people has others to answer. */
	DB_BRIEF = 4
};

/* The file that the configuration names, and its directory, for who confines a process or looks at
 * rights; NULL where the database is no file. */
MUST enum rc db_place(struct ctx *, struct arena *, const char **path, const char **dir);
/* The files that an open database goes on to need, made where they are missing, for who is confined
 * to them: fills v, and ends it by NULL. */
enum { DB_FILES = 6 };
MUST enum rc db_files(struct ctx *, struct arena *, const char *v[DB_FILES + 1]);
/* What sorting and the undoing of one statement do not hold in memory lies in that directory from
 * now on: for who can no more reach the one where the data lies, which it is by default. */
void db_scratch(const char *dir);
/* Opens what the configuration names. E_SCHEMA when it is older than this program or not there,
 * E_NEWER, E_FOREIGN when it is no database of ours, E_DAMAGED, E_UNAVAILABLE and others when it
 * can't be opened. The handle is closed with db_close(). */
MUST enum rc db_open(struct ctx *, unsigned flags, struct db **out);
void db_close(struct db *);

/* Applies what is missing, one transaction each; *applied may be NULL. A changed applied file is an
 * error. */
MUST enum rc db_migrate(struct ctx *, struct db *, int *applied);
int db_schema_version(struct db *); /* 0: empty file */
int db_schema_wanted(void);

/*
 * Writing.
 */

/*
 * One write: reads what it needs, changes it, says how it went. arg is the caller's: what goes in,
 * and where results are put. It may be run more than once before it counts, so it sets its results
 * anew each time and does nothing that a rollback would not undo.
 */
typedef enum rc db_write_fn(struct ctx *, struct db *, void *arg);

/*
 * Begins, runs fn, and commits when it returns RC_OK; else rolls everything back and returns what
 * it returned. When the engine says that the write got in another's way it is run again, at most
 * WRITE_TRIES times in all, within WRITE_AGAIN_MS; then E_UNAVAILABLE with a time to wait.
 *
 * Inside another write it is a part of that: it runs at once and stands or falls with the whole. A
 * part that fails cannot be passed over: the whole fails with its error, whatever is returned.
 */
MUST enum rc db_write(struct ctx *, struct db *, db_write_fn *fn, void *arg);

/*
 * The same without waiting for the disk: seen by everybody at once, and safe from a kill; a power
 * cut may undo it, with all that was written hastily before it, up to the next db_write() of
 * anybody. For what is found out again then: that a run is alive and how far it has come. Never for
 * what somebody is told.
 */
MUST enum rc db_write_hasty(struct ctx *, struct db *, db_write_fn *fn, void *arg);

enum { WRITE_TRIES = 5, WRITE_AGAIN_MS = 10000 };

/* Since the database was opened. */
struct db_counts {
	int64_t writes;   /* transactions begun */
	int64_t again;    /* of them: once more, because of another's */
	int64_t given_up; /* writes that got no turn in all their tries */
};
struct db_counts db_counts(const struct db *);

/*
 * Several writes and what is said about them as one, such as the answer that is kept for who asks
 * again. From db_hold() on the next write stays open, and those that follow are parts of it, until
 * db_hold_end() runs `last` (NULL: nothing), which may be the only one, and commits; or rolls all
 * back when a part has failed. `first` runs at the beginning of that write, as a part.
 *
 * Everybody else who writes waits from the first write on: what takes long is done before it.
 */
void db_hold(struct db *, db_write_fn *first, void *arg);
MUST enum rc db_hold_end(struct ctx *, struct db *, db_write_fn *last, void *arg);

/*
 * What somebody's writes take. From db_meter() on, fn runs at the end of each write, as a part of
 * it, and asks db_written(): when it fails, nothing of it was written. fn NULL: no more.
 */
void db_meter(struct db *, db_write_fn *fn, void *arg);
/* About how many bytes the write that is open has written until now. What it writes over or deletes
 * counts like what it adds. */
int64_t db_written(const struct db *);
/* What follows, up to the next db_meter(), takes away what somebody has, or may do: it is counted,
 * but is not to be refused for what was written before. fn asks db_is_urgent(). */
void db_urgent(struct db *);
bool db_is_urgent(const struct db *);

/* The halves of a write, for what is not yet a function. */
MUST enum rc db_begin(struct ctx *, struct db *);
MUST enum rc db_commit(struct ctx *, struct db *); /* ends the transaction in any case */
/* Always safe; also resets what was left open, so call it after every request. */
void db_rollback(struct db *);
/* Commits when rc is RC_OK, else rolls back; the outcome. */
MUST enum rc db_end(struct ctx *, struct db *, enum rc rc);
MUST enum rc db_read_begin(struct ctx *, struct db *);
void db_read_end(struct db *);

/*
 * Statements. `types` has one letter per parameter, in order of ?1, ?2 ...: s const char * (NULL:
 * null), S struct str, i int64_t, d double, n nothing (null). Arguments are not copied: they must
 * live until the statement is reset.
 *
 *	TRY(db_query(cx, db, Q_CONN_LIST, "s", owner));
 *	while (db_next(db, Q_CONN_LIST))
 *		... db_text(db, Q_CONN_LIST, C_CONN_NAME) ...   borrowed until db_next() or
 *db_reset() TRY(db_done(cx, db, Q_CONN_LIST));                      resets; tells what db_next()
 *met
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

/*
 * Statements of many parameters have them by name (":size" in sql/NAME.sql is P_STATEMENT_SIZE):
 *
 *	const struct db_arg args[P_RUN_FINISH__N] = {
 *		[P_RUN_FINISH_ID] = db_s(run->id),
 *		[P_RUN_FINISH_SIZE] = db_i(run->size),
 *		...
 *	};
 *	TRY(db_run_named(cx, db, &changed, Q_RUN_FINISH, args, P_RUN_FINISH__N));
 *
 * A parameter that is not given is E_BUG.
 */
struct db_arg {
	char type; /* 0: not given */
	const char *s;
	int64_t i;
};

static inline struct db_arg
db_s(const char *s)
{
	return (struct db_arg){ .type = 's', .s = s };
}

static inline struct db_arg
db_i(int64_t i)
{
	return (struct db_arg){ .type = 'i', .i = i };
}

MUST enum rc db_run_named(
    struct ctx *, struct db *, int64_t *changed, enum sql, const struct db_arg *args, int n);
MUST enum rc
db_row_named(struct ctx *, struct db *, bool *found, enum sql, const struct db_arg *args, int n);

/* Columns of the row that db_next() or db_row() came to, by name: C_RUN_STATE is the column `state`
 * of "-- columns: run = ..."; 0 is the one column of a statement that has one. */
const char *db_text(struct db *, enum sql, int col);          /* NULL for null */
struct str db_str(struct db *, enum sql, int col);            /* {NULL, 0} for null */
char *db_dup(struct arena *, struct db *, enum sql, int col); /* NULL for null */
int64_t db_num(struct db *, enum sql, int col);               /* 0 for null */
bool db_flag(struct db *, enum sql, int col);                 /* false for null and 0 */
bool db_null(struct db *, enum sql, int col);

/* The one exception to "no dynamic SQL": (re)creates the view of a dataset from a text that
 * store/view.c alone builds and tests. */
MUST enum rc db_view(struct ctx *, struct db *, const char *drop, const char *create);
/* Was it made with this text? To make one anew is a change of the schema, after which every process
 * prepares all its statements again. */
MUST enum rc
db_view_is(struct ctx *, struct db *, const char *name, const char *create, bool *same);

/* Can it be read and written, as far as a glance tells? E_DAMAGED also when any process has met
 * damage since it was last known to be sound. That somebody is writing is no fault. Cheap. */
MUST enum rc db_probe(struct ctx *, struct db *);
/* Another number after anything was committed, without opening it; 0 where that cannot be told. */
int64_t db_stamp(struct ctx *);
/* Another number after anybody else has committed, exactly; within one struct db. */
MUST enum rc db_version(struct ctx *, struct db *, int64_t *);
/* It was looked at as a whole, or put in place anew: what was met before is over. */
void db_forget_damage(struct arena *);

/* For doctor, backup and tests. */
MUST enum rc db_integrity(struct ctx *, struct db *, const char **answer);
/* A copy that is known for one, without the epoch of the feed (store/feed.h). */
MUST enum rc db_backup(struct ctx *, struct db *, const char *file);
/* All that the database holds becomes what is in the copy, at once, also while others use it; the
 * copy is changed too. It may be of an earlier version: db_migrate() comes next. E_STATE when it is
 * none that fits. */
MUST enum rc db_restore(struct ctx *, struct db *, const char *file);
const char *db_sql_name(enum sql);

/*
 * The space that the file takes.
 */
struct db_space {
	int64_t bytes, unused; /* in all; of them, what nothing uses at present */
	int64_t page;          /* bytes */
	int64_t log;           /* bytes of the file of what was written and is to go there yet */
	bool gives;            /* db_give() can shorten it; else only db_compact() */
};
MUST enum rc db_space(struct ctx *, struct db *, struct db_space *);
/* In a write of its own: gives at most so many bytes back to the disk, of what nothing uses. */
MUST enum rc db_give(struct ctx *, struct db *, int64_t bytes);
/* Writes the whole file anew without what nothing uses, and so that db_give() works from then on.
 * Takes as much space again and as long as that is; whoever wants to write waits. */
MUST enum rc db_compact(struct ctx *, struct db *);

#endif
