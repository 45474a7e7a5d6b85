/*
 * conflict.h - conflicts as rows: edits of both sides that could not both stand, which one did, and
 * the other, kept. They outlive their links. A foreign id is E_NOT_FOUND, like an unknown one.
 */
#ifndef STORE_CONFLICT_H
#define STORE_CONFLICT_H

#include "db/db.h"
#include "store/object.h"

#define CONFLICT_OPEN "open"
#define CONFLICT_RESOLVED "resolved"

struct conflict {
	const char *id, *owner, *link_id, *connection_id;
	struct object object;
	const char *policy;      /* a word of policy.def */
	const char *state;       /* CONFLICT_... */
	const char *fields;      /* JSON: [{field, base, local, remote, chosen}] */
	const char *kept;        /* JSON: {field: the loser} */
	const char *resolved_by; /* the policy's word, or who answered; NULL: open */
	const char *answer;      /* JSON: what was answered; NULL: nobody was asked */
	int64_t detected_at;
	int64_t resolved_at; /* 0: open */
};

struct conflict_list {
	struct conflict *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

MUST enum rc
conflict_get(struct ctx *, struct db *, const char *owner, const char *id, struct conflict *out);
/* The open one of a link: RC_OK with out->id NULL when there is none. */
MUST enum rc conflict_of_link(
    struct ctx *, struct db *, const char *owner, const char *link_id, struct conflict *out);

/* Of one connection, or of all (conn_id NULL). */
MUST enum rc
conflict_count(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t *open);

/* Newest first: all of the owner in one state, or all of one object. */
struct conflict_page {
	const char *owner;
	const char *state; /* when there is no object */
	const struct object *object;
	const char *before; /* NULL, "" or the cursor */
	int64_t limit;
};
MUST enum rc
conflict_page(struct ctx *, struct db *, const struct conflict_page *, struct conflict_list *out);

/* In the caller's write transaction. */
/* Resolved ones are added, but the newest of a linked object not twice. An open one takes the place
 * of what the link's open one said: id and detected_at stay. */
MUST enum rc conflict_put(struct ctx *, struct db *, struct conflict *);
/* fields, kept, resolved_by, answer, resolved_at of an open one. E_STATE: it is resolved. */
MUST enum rc conflict_resolve(struct ctx *, struct db *, const struct conflict *);
/* Those of a dataset that goes for good, at most max; *n how many. */
MUST enum rc conflict_forget(
    struct ctx *, struct db *, const char *owner, int64_t dataset_no, int64_t max, int64_t *n);

#endif
