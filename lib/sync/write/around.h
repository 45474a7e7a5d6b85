/*
 * around.h - what a service makes something else of each time it is written: two of those would
 * have an object sent around between them for ever.
 */
#ifndef SYNC_WRITE_AROUND_H
#define SYNC_WRITE_AROUND_H

#include "sync/write/twoway.h"

/* Has what was written of the object come back as something else, again and again within the hour,
 * and nobody has edited it here meanwhile? Whether the answer said so, or a later read: that is not
 * told from somebody's edit there. */
MUST enum rc
around_goes(struct ctx *, struct db *, const struct twoway *, const struct object *, bool *goes);

#endif
