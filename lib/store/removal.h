/*
 * removal.h - what is removed goes page by page, so that nobody else waits long, and from the first
 * moment on nobody reads it any more: whatever ends who does it, another goes on.
 *
 * All in the caller's write, but for removal_pace().
 */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

#include "db/db.h"

/* The datasets of a connection are no more. Their records are dropped by removal_records(), and
 * the next dataset of the same table gets the id (removal_id). */
MUST enum rc removal_datasets(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* Drops up to about `limit` of their records, with what hangs on them; *more until nothing is
 * left. */
MUST enum rc removal_records(
    struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t limit, bool *more);
/* How many the next page takes after one of `limit` that took so long, so that each is short,
 * however large the records are. Pure. */
int64_t removal_pace(int64_t limit, int64_t took_ms);
enum { REMOVAL_PAGE = 1000 }; /* what the first one takes */

/* The id of a dataset that was cleared; NULL: none of this table was. */
MUST enum rc removal_id(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *remote_id, const char **id);
/* A connection that is disconnected is to go with all it has. E_NOT_FOUND when it is going. */
MUST enum rc
removal_doom(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t now);
/* One of the owner's that is to go; NULL: none. */
MUST enum rc removal_next(struct ctx *, struct db *, const char *owner, const char **conn_id);
/* Up to about `limit` rows of what it has besides: links and what hangs on them. Conflicts outlive
 * it, for they are about what is here. *more until nothing is left. */
MUST enum rc removal_rows(
    struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t limit, bool *more);
/* Some of its runs, for whose files the caller cares before it removes them. */
enum { REMOVAL_RUNS = 50 };
struct removal_runs {
	const char *id[REMOVAL_RUNS];
	size_t n;
};
MUST enum rc removal_runs(
    struct ctx *, struct db *, const char *owner, const char *conn_id, struct removal_runs *out);
MUST enum rc removal_run(struct ctx *, struct db *, const char *owner, const char *run_id);
/* At last itself. */
MUST enum rc removal_conn(struct ctx *, struct db *, const char *owner, const char *conn_id);

/* A webhook of the owner's that is to go (hook_doom); NULL: none. */
MUST enum rc removal_hook_next(struct ctx *, struct db *, const char *owner, const char **hook_id);
/* Up to `limit` of what was sent to it or is to be; when that was all, the webhook itself. */
MUST enum rc
removal_hook(struct ctx *, struct db *, const char *owner, const char *hook_id, int64_t limit);

/* Is the user to go with all it has? */
MUST enum rc removal_user(struct ctx *, struct db *, const char *owner, bool *yes);
/* A connection of it that is not to go yet; NULL: none. */
MUST enum rc removal_user_conn(struct ctx *, struct db *, const char *owner, const char **conn_id);
/* The logins that it has at providers. */
enum { REMOVAL_LOGINS = 100 };
struct removal_logins {
	const char *id[REMOVAL_LOGINS];
	size_t n;
};
MUST enum rc
removal_user_logins(struct ctx *, struct db *, const char *owner, struct removal_logins *out);
/* Up to about `limit` rows of what hangs on it alone. */
MUST enum rc
removal_user_rows(struct ctx *, struct db *, const char *owner, int64_t limit, bool *more);
/* At last itself, with its lanes. */
MUST enum rc removal_user_itself(struct ctx *, struct db *, const char *owner);

#endif
