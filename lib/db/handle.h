/*
 * handle.h - the inside of struct db, shared by the files of lib/db and nobody else.
 */
#ifndef DB_HANDLE_H
#define DB_HANDLE_H

#include <sqlite3.h>

#include "db/db.h"
#include "db/turnstile.h"

/* "TDMK", at a fixed place of the file's header: tells our files from other SQLite files. */
#define APPLICATION_ID 0x54444D4B

enum { WAL_KEEP_BYTES = 64 << 20, BUSY_MS = 10000 };

/* A prepared statement and where it stands. */
struct query {
	sqlite3_stmt *st; /* NULL: not used yet */
	bool open;        /* between db_query() and its reset */
	/* SQLite's code when db_next() failed, SQLITE_MISUSE when it was reset under its caller;
	 * else SQLITE_OK */
	int result;
};

struct db {
	struct arena *a;
	sqlite3 *h;
	const char *path, *dir;
	unsigned flags;
	unsigned forks; /* of the process when it was opened */
	bool write;     /* BEGIN IMMEDIATE is open and the turn is ours */
	int reads;      /* depth of db_read_begin() */
	bool read_open; /* BEGIN is open for them */
	struct turnstile turn;
	sqlite3_stmt *begin, *begin_read, *commit, *rollback;
	struct query q[Q__MAX];
};

/* SQLite's code as an error of ours; what SQLite says goes to the log alone. name: of the
 * statement or step. */
MUST enum rc db_fail(struct ctx *, struct db *, int code, const char *name);
/* In a process that was forked after the database was opened? */
bool db_forked(const struct db *);
/* E_BUG when it is. */
MUST enum rc db_check_process(struct ctx *, const struct db *);
/* Runs a text of ours, such as a PRAGMA or a migration; no result rows. */
MUST enum rc db_exec(struct ctx *, struct db *, const char *name, const char *sql);
/* The first column of the first row of a text of ours. */
MUST enum rc db_ask(struct ctx *, struct db *, const char *name, const char *sql, int64_t *out);

#endif
