/*
 * remains.h - what can be done with the data that was kept when a connection was disconnected.
 */
#ifndef APP_REMAINS_H
#define APP_REMAINS_H

#include "app/caller.h"
#include "store/remains.h"

/* Removes the connection with all it has: at once for everybody who reads, then page by page.
 * Another time it says E_NOT_FOUND. */
MUST enum rc remains_delete(struct ctx *, struct db *, const struct caller *, const char *id);
/* Connects the source again, as it was configured, each hour, and reads it: the data is compared
 * with it. given: {config?, secret?, accountId?} in place of what was; a secret is never kept. */
MUST enum rc remains_reconnect(
    struct ctx *, struct db *, const struct caller *, const char *id, const json *given);

#endif
