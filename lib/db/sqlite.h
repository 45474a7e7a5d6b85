/*
 * sqlite.h - the inside of the SQLite driver, for itself and its tests.
 */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <sqlite3.h>

#include "db/driver.h"

/* "TDMK", at a fixed place of the file's header: tells our files from other SQLite files. */
#define APPLICATION_ID 0x54444D4B

struct turnstile;
sqlite3 *sqlite_handle(struct engine *);
struct turnstile *sqlite_turn(struct engine *);
/* Of an extended code; err: errno of the system call behind it, dir: of the database. */
enum engine_code sqlite_meaning(int code, int err, const char *dir);

#endif
