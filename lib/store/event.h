/*
 * event.h - events of the application's own calendar as rows. What a value consists of is known to
 * lib/event. A foreign id is E_NOT_FOUND, like an unknown one; one that is deleted is E_GONE.
 */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "db/db.h"

enum { EVENTS_MAX = 100000, EVENT_BY_UID_MAX = 20 }; /* of one user; of one uid */
#define EVENT_NEVER INT64_C(253402300800000)         /* until_at of one without an end, ms */

struct event_row {
	const char *id, *owner, *uid;
	const char *value;  /* JSON */
	const char *origin; /* the connection that it came from; NULL: the application */
	int64_t rev;
	int64_t from_at, until_at; /* ms */
	int64_t created_at, updated_at;
	int64_t deleted_at; /* 0: it is not */
};

struct event_list {
	struct event_row *v;
	size_t n;
	bool more; /* further ones follow the last */
};

MUST enum rc
event_get(struct ctx *, struct db *, const char *owner, const char *id, struct event_row *out);
/* Also one that is deleted. */
MUST enum rc
event_any(struct ctx *, struct db *, const char *owner, const char *id, struct event_row *out);
/* The same; out->id NULL: there is none. */
MUST enum rc
event_try(struct ctx *, struct db *, const char *owner, const char *id, struct event_row *out);

MUST enum rc event_count(struct ctx *, struct db *, const char *owner, int64_t *n);

/* Those that may touch [from, until), ms, in order of from_at and id. */
struct event_range {
	const char *owner;
	int64_t from, until;
	int64_t after; /* from_at and id of the last one before; INT64_MIN, "": from the first on */
	const char *after_id;
	int64_t limit;
};
MUST enum rc
event_range(struct ctx *, struct db *, const struct event_range *, struct event_list *out);

/* The same text as long as the owner's events are what they are. */
MUST enum rc event_print(struct ctx *, struct db *, const char *owner, const char **out);

/* Those without a link at the connection, in order of from_at and id; of the last one before, as in
 * struct event_range. */
struct event_page {
	const char *owner, *connection_id;
	int64_t after;
	const char *after_id;
	int64_t limit;
};
MUST enum rc
event_unlinked(struct ctx *, struct db *, const struct event_page *, struct event_list *out);
/* Those of that uid, at most EVENT_BY_UID_MAX; last those that were deleted here, which has not
 * reached all yet: one is an invitation there, or is known at another connection than this one. */
MUST enum rc event_by_uid(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *uid, struct event_list *out);

/* How many more the owner can have; then event_full() says so: E_STATE. */
MUST enum rc event_room(struct ctx *, struct db *, const char *owner, int64_t *left);
MUST enum rc event_full(struct ctx *);

/* In the caller's write. */
/* Sets id and uid when they are not given. One with deleted_at is only named: it is not there. */
MUST enum rc event_insert(struct ctx *, struct db *, struct event_row *);
/* value, bounds, deleted_at; e->rev is the one it was read with, and the new one afterwards.
 * E_STATE: it has moved. */
MUST enum rc event_save(struct ctx *, struct db *, struct event_row *, int64_t now);
/* It comes from that connection from now on. E_STATE: it has moved. */
MUST enum rc event_set_origin(struct ctx *, struct db *, struct event_row *, const char *origin);

#endif
