/*
 * doomed.h - asks for what is to be removed (store/removal.h) to be worked off (send/remover.h).
 */
#ifndef QUEUE_DOOMED_H
#define QUEUE_DOOMED_H

#include "queue/lane.h"

/* In the caller's write, with what dooms it: the owner has something to be removed. */
MUST enum rc doomed_ask(struct ctx *, struct db *, const char *owner, int64_t now);

#endif
