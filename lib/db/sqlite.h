/*
 * sqlite.h - the inside of the SQLite driver, for itself and its tests.
 */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <sqlite3.h>

#include "db/db.h"
#include "db/driver.h"

/* "TDMK", at a fixed place of the file's header: tells our files from other SQLite files. */
#define APPLICATION_ID 0x54444D4B

struct turnstile;
sqlite3 *sqlite_handle(struct engine *);
struct turnstile *sqlite_turn(struct engine *);
/* Of an extended code; err: errno of the system call behind it, dir: of the database. */
enum engine_code sqlite_meaning(int code, int err, const char *dir);

/* Keeps what SQLite said, for the log, and says it in our words. */
enum engine_code sqlite_code(struct engine *, int code);
/* The same of what another handle has said, before that is closed. */
enum engine_code sqlite_code_of(struct engine *, sqlite3 *other, int code);
enum engine_code sqlite_exec(struct engine *, const char *text);
/* The first column of the first row. */
enum engine_code sqlite_ask(struct engine *, const char *text, int64_t *out);

/* sqlite_care.c: as the driver has them. */
enum engine_code sqlite_broken_references(struct engine *, int64_t *rows);
enum engine_code sqlite_integrity(struct engine *, struct arena *, const char **answer);
enum engine_code sqlite_backup(struct engine *, const char *file, const char *forget);
enum engine_code sqlite_restore(struct engine *, const char *file, const char *forget, int newest);
enum engine_code sqlite_space(struct engine *, struct db_space *);
enum engine_code sqlite_give(struct engine *, int64_t pages);
enum engine_code sqlite_compact(struct engine *);

#endif
