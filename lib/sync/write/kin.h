/*
 * kin.h - what is known of an object by its twins at other connections.
 */
#ifndef SYNC_WRITE_KIN_H
#define SYNC_WRITE_KIN_H

#include "sync/write/twoway.h"

/*
 * A twin is met of which the object was deleted here, while that is on its way to another twin of
 * it: whoever deleted it has seen what both agreed on there, which is *base for this one too. NULL:
 * it is deleted nowhere else.
 */
MUST enum rc
kin_base(struct ctx *, struct db *, const struct twoway *, const struct link *, const json **base);

#endif
