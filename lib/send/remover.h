/*
 * remover.h - works off what is to be removed: connections with all they have. One lane for each
 * owner; a process that dies leaves the rest to the next.
 */
#ifndef SEND_REMOVER_H
#define SEND_REMOVER_H

#include "queue/lane.h"

/* In the caller's write: the owner has something to be removed. */
MUST enum rc remover_ask(struct ctx *, struct db *, const char *owner, int64_t now);
/* For some seconds, a page a transaction; then it is another owner's turn. */
MUST enum rc remover_work(struct ctx *, struct db *, const struct lane *);

#endif
