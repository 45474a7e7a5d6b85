/*
 * tokens.h - API tokens, and the tokens by which a host page follows one connection.
 */
#ifndef APP_TOKENS_H
#define APP_TOKENS_H

#include "app/caller.h"
#include "store/token.h"

enum { TOKEN_DAYS_MAX = 3650 };

struct token_made {
	struct token token;
	const char *text; /* shown this once */
};

enum { TOKEN_OVERLAP_HOURS = 24 }; /* where nobody says how long */

struct token_input {
	const char *name;
	const char *scopes; /* words with commas; nobody gives away more than the caller may do */
	int64_t days;       /* 0: no end */
};
MUST enum rc tokens_make(struct ctx *, struct db *, const struct caller *,
    const struct token_input *, struct token_made *out);
/* A new one in its place; the old one goes on for overlap_hours. */
MUST enum rc tokens_rotate(struct ctx *, struct db *, const struct caller *, const char *id,
    int64_t overlap_hours, struct token_made *out);
MUST enum rc tokens_revoke(struct ctx *, struct db *, const struct caller *, const char *id);
/* One that reads the status of this connection's syncs and nothing else. Leaves no row in the
 * audit: a host page asks for one with every visit. */
MUST enum rc tokens_progress(struct ctx *, struct db *, const struct caller *, const char *conn_id,
    int64_t minutes, struct progress_made *out);

#endif
