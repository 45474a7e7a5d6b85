/*
 * handle.h - the inside of struct db, shared by the files of lib/db and its tests.
 */
#ifndef DB_HANDLE_H
#define DB_HANDLE_H

#include <sys/types.h>

#include "db/db.h"
#include "db/driver.h"

/* A prepared statement and where it stands. */
struct query {
	struct stmt *st;         /* NULL: not used yet */
	bool open;               /* between db_query() and its reset */
	enum engine_code result; /* ENGINE_OK, or why db_next() failed */
};

struct db {
	struct arena *a;
	const struct driver *drv;
	struct engine *engine;
	unsigned flags;
	unsigned forks;      /* of the process when it was opened */
	bool write;          /* a write transaction is open and the turn is ours */
	int reads;           /* depth of db_read_begin() */
	bool read_open;      /* a transaction is open for them */
	bool again;          /* since the write began the engine said that it may be run again */
	bool part_failed;    /* a write inside this write failed: it cannot be committed */
	struct err part_err; /* with this */
	db_write_fn *hold;   /* between db_hold() and db_hold_end(); else NULL */
	void *hold_arg;
	db_write_fn *meter; /* db_meter(); else NULL */
	void *meter_arg;
	bool urgent;     /* db_urgent() */
	int64_t bytes;   /* of the texts that writing statements were given in this write */
	int64_t changes; /* where the engine's count of changed rows stood when it began */
	struct db_counts counts;
	dev_t dev; /* of the file that was opened, where there is one */
	ino_t ino;
	struct query q[Q__MAX];
};

/* engine_fail() for an open database; remembers whether the write may be run again. */
MUST enum rc db_fail(struct ctx *, struct db *, enum engine_code, const char *name);
/* E_NEWER: the database is at that version. */
MUST enum rc db_fail_newer(struct ctx *, int64_t version);
/* In a process that was forked after the database was opened? */
bool db_forked(const struct db *);
/* E_BUG when it is. */
MUST enum rc db_check_process(struct ctx *, const struct db *);
/* Runs a text of ours, such as a migration; no result rows. */
MUST enum rc db_exec(struct ctx *, struct db *, const char *name, const char *sql);
const char *db_sql_text(enum sql);
/* Which file it was that was opened. */
void db_note_file(struct ctx *, struct db *);
/* For every process: a statement has met damage. */
void db_note_damage(struct ctx *, const char *name);
/* Resets every statement that is open; whoever is still reading gets an error from db_done(). */
void db_reset_all(struct db *);

#endif
