/*
 * db_private.h - what migrate.c needs of the driver. For lib/db only.
 */
#ifndef DB_PRIVATE_H
#define DB_PRIVATE_H

#include <sqlite3.h>

#include "db/db.h"

enum { DB_APPLICATION_ID = 0x7469646d }; /* "tidm" */

sqlite3 *db_handle(struct db *);
MUST enum rc db_script(struct ctx *, struct db *, const char *text);

#endif
