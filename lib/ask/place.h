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
/* For a request that waits for nothing and is much work, which holds its process too: said as it
 * goes on, in things of some 20 us. One that comes to more than PLACE_WORK of them goes on in a
 * place only. Errors: as above. */
enum { PLACE_WORK = 1000 };
MUST enum rc place_work(struct ctx *, const char *owner, int64_t things);
/* When the request has ended. */
void place_leave(void);

#endif
