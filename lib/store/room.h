/*
 * room.h - how much one user can have of what is stored, so that nobody fills the disk or the lists
 * of all. The operator sets it: TIDEMARK_USER_..., a row each.
 */
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

#include "db/db.h"

enum room {
	ROOM_CONNECTIONS,
	ROOM_LOGINS,
	ROOM_FOLLOWERS, /* progress tokens, until they have ended for a while */
	ROOM_DATASETS,  /* what was kept of former connections counts, too */
	ROOM_RECORDS,   /* likewise */
	ROOM_BYTES,     /* of these; told in MB */
	ROOM__MAX
};

/* For `more` of them beside what is there. `kind` when there is not: E_STATE for callers,
 * E_SOURCE_TOO_LARGE for runs. Whoever adds asks in the transaction that adds, where it is a short
 * one. */
MUST enum rc room_for(
    struct ctx *, struct db *, const char *owner, enum room, int64_t more, enum error_kind kind);

#endif
