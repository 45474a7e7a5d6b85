/*
 * audit.h - who did what, when, to what, from where. Written in the transaction that does it.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/actor.h"
#include "db/db.h"

/* In the caller's write transaction. owner: whose timeline it stands on; object: what it was done
 * to, an id. detail may be NULL. */
MUST enum rc audit_add(struct ctx *, struct db *, const char *owner, const struct actor *,
    const char *action, const char *object, const char *detail);

struct audit_row {
	const char *id;
	int64_t at;
	const char *owner, *actor, *action, *object, *detail, *from;
};

struct audit_list {
	struct audit_row *v;
	size_t n;
	const char *next; /* cursor; NULL: the end */
};

/* Newest first, older than the cursor ("": the newest). object NULL: all of the owner's. owner
 * NULL, for operators: everybody's. */
MUST enum rc audit_page(struct ctx *, struct db *, const char *owner, const char *object,
    const char *cursor, int64_t limit, struct audit_list *out);
/* Rows older than that, a bounded number. In the caller's write transaction. */
MUST enum rc audit_sweep(struct ctx *, struct db *, int64_t before);

#endif
