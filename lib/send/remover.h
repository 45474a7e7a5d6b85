/*
 * remover.h - works off what is to be removed: connections with all they have, and users with all
 * theirs. One lane for each owner; a process that dies leaves the rest to the next. What is to go
 * at a provider goes first, and is tried anew some times when that has failed.
 */
#ifndef SEND_REMOVER_H
#define SEND_REMOVER_H

#include "queue/lane.h"

/* For some seconds, a page a transaction; then it is another owner's turn. */
MUST enum rc remover_work(struct ctx *, struct db *, const struct lane *);

#endif
