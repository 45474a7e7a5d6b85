/*
 * place.h - how many requests of one user may wait at once, over all processes. A request that
 * waits for a source, for a run or for a slow reader holds a process; nobody holds so many that
 * others find none. A place is a lock on one byte of a file, so it ends with its process however
 * that ends.
 */
#ifndef ASK_PLACE_H
#define ASK_PLACE_H

#include "base/err.h"

/* A place of the owner's, kept until place_leave(); held already: RC_OK. E_TOO_MANY with
 * err.wait_ms when TIDEMARK_WAITING of his are taken. */
MUST enum rc place_take(struct ctx *, const char *owner);
/* When the request has ended. */
void place_leave(void);

#endif
