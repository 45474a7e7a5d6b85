/*
 * hear.h - what services tell of changes, as a run sees it: what they have said, and how they are
 * to say more.
 */
#ifndef SYNC_HEAR_H
#define SYNC_HEAR_H

#include "provider/provider.h"
#include "store/conn.h"

/* source.told; *told NULL: nothing. */
MUST enum rc
hear_told(struct ctx *, struct db *, const struct provider *, const struct conn *, json **told);
/* In the last write of a complete run, which has left `cursor`. */
MUST enum rc hear_on(
    struct ctx *, struct db *, const struct provider *, const struct conn *, const json *cursor);

#endif
