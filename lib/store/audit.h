/*
 * audit.h - who did what, when, to what, from where. Written in the transaction that does it.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/actor.h"
#include "db/db.h"

/* Whose timeline it is when the command does it to no user, or to all there is. */
#define AUDIT_NOBODY "-"

struct deed {
	const char *action;
	const char *object; /* what it was done to, an id */
	const char *detail; /* may be NULL */
};

/* In the caller's write transaction. owner: whose timeline it stands on. */
MUST enum rc
audit_add(struct ctx *, struct db *, const char *owner, const struct actor *, const struct deed *);

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

struct audit_page {
	const char *owner;  /* NULL, for operators: everybody's, whatever the object */
	const char *object; /* NULL: all of the owner's */
	const char *cursor; /* NULL or "": from the newest */
	int64_t limit;
};

/* Newest first, older than the cursor. */
MUST enum rc
audit_page(struct ctx *, struct db *, const struct audit_page *, struct audit_list *out);
/* Rows older than that, a bounded number. In the caller's write transaction. */
MUST enum rc audit_sweep(struct ctx *, struct db *, int64_t before);

#endif
