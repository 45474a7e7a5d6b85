/*
 * clear.h - a connection's records are dropped, before everything is read as if for the first time.
 */
#ifndef SYNC_READ_CLEAR_H
#define SYNC_READ_CLEAR_H

#include "sync/progress.h"

/* A page at a time, so that nobody else waits long. The mark on the connection goes with the last
 * page: whatever ends this run, the next one goes on with it before it reads anything. */
MUST enum rc clear_all(struct ctx *, struct db *, const struct job *, struct progress *);

#endif
