/*
 * retain.h - what is kept how long: history, changes, deleted records and events, what was sent,
 * conflicts that are settled, messages, and what is over of logins, tokens, channels and quotas.
 */
#ifndef APP_RETAIN_H
#define APP_RETAIN_H

#include "db/db.h"

/* Removes what is older than TIDEMARK_KEEP_DAYS, a bounded number a transaction, and the working
 * directories that no run has left a day; gives back the space that this has left. */
MUST enum rc retain_all(struct ctx *, struct db *, int64_t now);

#endif
