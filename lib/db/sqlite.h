/*
 * sqlite.h - the inside of the SQLite driver, for its tests alone.
 */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <sqlite3.h>

/* "TDMK", at a fixed place of the file's header: tells our files from other SQLite files. */
#define APPLICATION_ID 0x54444D4B

struct engine;
struct turnstile;
sqlite3 *sqlite_handle(struct engine *);
struct turnstile *sqlite_turn(struct engine *);

#endif
