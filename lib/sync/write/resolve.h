/*
 * resolve.h - a person's answer to an open conflict, carried out here; what is to be done there
 * follows as an item of the outbox.
 */
#ifndef SYNC_WRITE_RESOLVE_H
#define SYNC_WRITE_RESOLVE_H

#include "store/conflict.h"
#include "sync/write/twoway.h"

struct answer {
	const char *conflict_id;
	enum pick pick; /* for all of its fields: PICK_LOCAL or PICK_REMOTE */
	const char *by; /* who */
	int64_t now;
};

/* In the caller's write. E_STATE: it is resolved already. What has been edited there since it was
 * asked is met when it is sent, and asked again. */
MUST enum rc
resolve_conflict(struct ctx *, struct db *, const struct twoway *, const struct answer *);

#endif
