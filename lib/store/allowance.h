/*
 * allowance.h - how much one user can write in a day by requests: TIDEMARK_USER_WRITE_MB, counted
 * in bytes of what is stored, history, audit and kept answers included, for these grow by each
 * write, whatever it changes. What is counted falls steadily, so that a bit more can be written at
 * any time and there is no hour at which all of it comes back.
 *
 * What syncs read is not counted; how much of that there can be, room.h says.
 */
#ifndef STORE_ALLOWANCE_H
#define STORE_ALLOWANCE_H

#include "db/db.h"

/* What is left of so many bytes after so many ms, where `day` bytes go in a day. Pure. */
int64_t allowance_left(int64_t written, int64_t ms, int64_t day);

/* From now on everything that is written to the database is the owner's (db_meter()), until
 * allowance_end(). A write is E_TOO_MANY, with err.wait_ms, when there were too many before it: one
 * is always let through, however large. What is urgent (db_urgent()) has two days' more. owner must
 * live as long. */
void allowance_begin(struct db *, const char *owner);
/* The same for what is done later because of a request that was let through: it is counted, up to
 * another day's, and never stopped. */
void allowance_count(struct db *, const char *owner);
void allowance_end(struct db *);

#endif
