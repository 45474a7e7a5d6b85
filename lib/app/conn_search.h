/*
 * conn_search.h - choosing among all connections of an owner: by words, kind and state, sorted.
 *
 * Everything is decided over all of them; a page of the outcome is cut by who shows it.
 */
#ifndef APP_CONN_SEARCH_H
#define APP_CONN_SEARCH_H

#include "app/state.h"

/* NULL or "" of each: all, in order of making. */
struct conn_wish {
	const char *words; /* each is in the name, or in that of the kind; ASCII case is ignored */
	const char *provider; /* the id of a kind of source */
	const char *status;   /* a word of conn_states */
	/* created, name, state (who needs the owner first), next, fresh, records; with a "-" in
	 * front the other way round */
	const char *sort;
	const char *after; /* the cursor of the page before */
};

struct conn_found {
	const struct hit *hits; /* those that were chosen, behind `after` */
	size_t n;
	int64_t chosen;            /* how many there are with those before */
	int64_t count[STATE__MAX]; /* of all connections, whatever was wished */
	int64_t all, records;      /* the same */
};

/* E_INPUT, with a sentence, when a word is none of those. */
MUST enum rc conn_search(
    struct ctx *, struct db *, const char *owner, const struct conn_wish *, struct conn_found *out);
const struct conn_brief *conn_found_nth(const struct conn_found *, size_t i);
/* The cursor behind the i-th; NULL: it is the last. */
const char *conn_found_next(struct arena *, const struct conn_found *, size_t i);

#endif
