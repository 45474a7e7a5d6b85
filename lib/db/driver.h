/*
 * driver.h - the seam under struct db: what an engine must do. One driver is there, sqlite.c, and
 * it is the only file that knows its engine. Private to lib/db and its tests.
 *
 * A driver keeps no rules of ours: which statement may run when, what is reset at the end of a
 * transaction and what runs again is decided above it, in stmt.c and tx.c, for every engine alike.
 */
#ifndef DB_DRIVER_H
#define DB_DRIVER_H

#include "base/err.h"

struct engine; /* a driver's own: one open database */
struct db_space;
struct stmt; /* a driver's own: one prepared statement */

/* How a call ended, in words that every engine has. */
enum engine_code {
	ENGINE_OK, /* done; no (more) rows */
	ENGINE_ROW,
	ENGINE_BUSY,   /* somebody else holds what is needed: the whole transaction may be run again
	              */
	ENGINE_SERIAL, /* this transaction lost against another: it must be run again as a whole */
	ENGINE_REFUSED,   /* against a rule of the schema; the transaction goes on */
	ENGINE_FULL,      /* the disk is */
	ENGINE_TOO_LARGE, /* a value is */
	ENGINE_READ_ONLY,
	ENGINE_DAMAGED,
	ENGINE_IO,
	ENGINE_MEMORY, /* there is not enough */
	ENGINE_RESOURCES,
	ENGINE_CROSSED, /* never a driver's: a statement was reset under its reader */
	ENGINE_WRONG    /* our mistake, or anything else */
};

struct driver {
	const char *name;

	/* The file that holds the database, and its directory; NULL for a server. */
	enum rc (*place)(struct ctx *, struct arena *, const char **path, const char **dir);
	/* Opens what the configuration names, with all settings, or fails with a sentence for
	 * people; flags: enum db_open_flags. *out is set also by a failure when there is something
	 * to close. */
	enum rc (*open)(struct ctx *, struct arena *, unsigned flags, struct engine **out);
	/* forked: this process has it from its parent, and must not touch what is the parent's. */
	void (*close)(struct engine *, bool forked);
	/* The last failure, in the engine's words, to the log; nothing for everyday ones. */
	void (*tell)(struct engine *, const char *name);

	/* Writers take turns before they begin; NULL where the engine does not need it. */
	enum rc (*turn_take)(struct ctx *, struct engine *);
	void (*turn_give)(struct engine *);
	/* A write transaction acts as if it were alone: what it reads stays true until it commits,
	 * or it ends with ENGINE_SERIAL (PostgreSQL: SERIALIZABLE). Reads see one moment. */
	enum engine_code (*begin)(struct engine *, bool write);
	/* Do commits from here on wait until the disk has it? An engine that has no such choice
	 * always waits. What is committed later and waits takes along what did not. */
	enum engine_code (*durable)(struct engine *, bool);
	enum engine_code (*commit)(struct engine *);
	enum engine_code (*rollback)(struct engine *);
	bool (*in_transaction)(
	    struct engine *); /* engines end one by themselves after some errors */

	/* Parameters count from 1, columns from 0. Bound texts are borrowed until the reset. */
	enum engine_code (*prepare)(struct engine *, const char *text, struct stmt **);
	void (*finish)(struct stmt *);
	int (*parameters)(struct stmt *);
	bool (*writes)(struct stmt *);
	enum engine_code (*bind_text)(struct stmt *, int i, const char *, size_t); /* NULL: null */
	enum engine_code (*bind_num)(struct stmt *, int i, int64_t);
	enum engine_code (*bind_real)(struct stmt *, int i, double);
	enum engine_code (*next)(struct engine *, struct stmt *);
	void (*reset)(struct stmt *);               /* and forgets what was bound */
	struct str (*text)(struct stmt *, int col); /* ends with NUL; p NULL for null */
	int64_t (*num)(struct stmt *, int col);     /* 0 for null */
	bool (*null)(struct stmt *, int col);
	/* Rows that a statement changed: mark() before it, changed() with that after it. mark() is
	 * how many rows were changed since it was opened. */
	int64_t (*mark)(struct engine *);
	int64_t (*changed)(struct engine *, int64_t mark);

	/* Migrations and the view of a dataset: texts of ours without parameters. */
	enum engine_code (*exec)(struct engine *, const char *text);
	const char *view_text;       /* asks for the text with which the view ?1 was made */
	const char *migration_table; /* makes the table of applied migrations when it is missing */
	enum engine_code (*schema_get)(struct engine *, int64_t *version); /* 0: empty */
	enum engine_code (*schema_set)(struct engine *, int64_t version);
	/* Another number after a commit of somebody else. */
	enum engine_code (*version)(struct engine *, int64_t *);
	enum engine_code (*broken_references)(struct engine *, int64_t *rows);

	/* For the operator. *answer: "ok", or what is wrong. */
	enum engine_code (*integrity)(struct engine *, struct arena *, const char **answer);
	/* A copy in which `forget`, one statement, was run. ENGINE_REFUSED: the file is there
	 * already or cannot be made. */
	enum engine_code (*backup)(struct engine *, const char *file, const char *forget);
	/* All becomes as it is in the copy, in which `forget` is run. ENGINE_REFUSED: it is
	 * damaged, none of ours, or of a version above `newest`. */
	enum engine_code (*restore)(
	    struct engine *, const char *file, const char *forget, int newest);
	enum engine_code (*space)(struct engine *, struct db_space *);
	enum engine_code (*give)(struct engine *, int64_t pages); /* inside a write */
	enum engine_code (*compact)(struct engine *);             /* outside */
};

extern const struct driver driver_sqlite;

/* An engine's failure as an error of ours; what the engine says goes to the log alone. name: of the
 * statement or step. */
MUST enum rc engine_fail(
    struct ctx *, const struct driver *, struct engine *, enum engine_code, const char *name);

#endif
