/*
 * remains.h - what remains of connections that were disconnected: their kept data, and what is
 * being removed until it is gone. They can be read through their datasets (data.h), and nothing
 * else finds them.
 */
#ifndef STORE_REMAINS_H
#define STORE_REMAINS_H

#include "db/db.h"
#include "store/conn.h"

struct remains {
	const char *id, *provider, *name, *config;
	int64_t config_rev;
	const char *account_id; /* that it read with; NULL: none, or it is gone */
	int64_t removed_at;     /* when it was disconnected */
	int64_t doomed_at;      /* since when it is being removed; 0: it is kept */
	int64_t rows;           /* records that are there */
};

struct remains_list {
	struct remains *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

/* E_NOT_FOUND. */
MUST enum rc
remains_get(struct ctx *, struct db *, const char *owner, const char *id, struct remains *out);
/* In order of making, like conn_list(). */
MUST enum rc remains_list(struct ctx *, struct db *, const char *owner, const char *after,
    int64_t limit, struct remains_list *out);
/* In the caller's write: a connection again, as *c is now, with its schedule and no cursor.
 * E_NOT_FOUND when there is nothing kept of it. */
MUST enum rc remains_connect(struct ctx *, struct db *, const struct conn *c, int64_t now);

#endif
