/*
 * outbox.h - what is to be sent to providers, as its owner deals with it.
 */
#ifndef APP_OUTBOX_H
#define APP_OUTBOX_H

#include "app/caller.h"

enum { OUTBOX_DAYS = 7, OUTBOX_DAYS_MAX = 3650 };

/* One item is tried now, a held one is let go; id NULL: all that wait or have failed. *n: how
 * many. */
MUST enum rc
outbox_process(struct ctx *, struct db *, const struct caller *, const char *id, int64_t *n);
/* Forgets what was done, or has failed, more than so many days ago. *n: how many. */
MUST enum rc
outbox_forget(struct ctx *, struct db *, const struct caller *, int64_t days, int64_t *n);

#endif
