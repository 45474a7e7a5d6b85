/*
 * leave.h - a clean exit: a connection is left, and what Tidemark has made at its provider is
 * removed there first (queue/leave.h).
 */
#ifndef APP_LEAVE_H
#define APP_LEAVE_H

#include "app/caller.h"

/* *sync_id: the run that does it, new or active. */
MUST enum rc conn_exit(struct ctx *, struct db *, const struct caller *, const char *id,
    bool delete_data, const char **sync_id);

/* {items: [{title, externalId, action}], count}: what it would do there, as far as the ledger here
 * tells; at most EXIT_SHOWN items. action: "delete" what Tidemark has made; "clean" what is the
 * person's and carries a mark. Nothing is written. */
enum { EXIT_SHOWN = 1000 };
MUST enum rc
conn_exit_look(struct ctx *, struct db *, const char *owner, const char *id, json **out);

#endif
