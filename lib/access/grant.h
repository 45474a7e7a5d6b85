/*
 * grant.h - the tokens of accounts at providers: connecting, access tokens for whoever reads,
 * disconnecting. Uses the network: only tidemark-worker links it.
 *
 * A new access token is fetched by one process at a time (a lease in the database, longer than
 * the request can take, and a lock that ends with the process); others wait for it. It is committed
 * before it is used. A refresh token that the provider replaces is committed with it. "The grant
 * has ended" stops every connection of the account at once, with one notice; nothing else of theirs
 * changes. Trouble on the way is no such end.
 */
#ifndef ACCESS_GRANT_H
#define ACCESS_GRANT_H

#include "oauth/oauth.h"
#include "store/login.h"

enum { GRANT_LEASE_MS = 3 * OAUTH_TIMEOUT_MS, GRANT_EARLY_MS = 5 * 60 * 1000 };

/* A token that is good for some minutes. refused: the one handed out before, when the provider
 * has just refused it; NULL: none. E_GRANT: only the owner can help. */
MUST enum rc grant_token(struct ctx *, struct db *, const char *owner, const char *account_id,
    const char *refused, const char **bearer);
/* Is the account well, and its stored access token good for some minutes? */
bool grant_lasts(const struct login *);
/* Opens such a token, as it is stored; it reads no row, and opens nothing else of the account. */
MUST enum rc grant_access(struct ctx *, const char *owner, const char *account_id,
    const char *sealed, const char **bearer);

struct grant_result {
	/* missing: scopes that were not granted, with spaces between */
	const char *account_id, *address, *missing;
	/* it is not the account that was to be connected again */
	bool other;
	bool made; /* it was not known before */
};
struct grant_request {
	const char *owner, *provider;
	/* scopes without which it is of no use: E_SCOPES then, and nothing is stored */
	const char *scopes;
	/* Of the way back from the consent page: */
	const char *code, *verifier, *redirect;
	const char *asked;      /* scopes; all of them are granted when the provider does not say */
	const char *account_id; /* to be connected again, or NULL */
	/* Of a service account: */
	const char *key; /* JSON */
};
/* The way back from the consent page: exchanges the code, learns whose it is, stores it. */
MUST enum rc
grant_connect(struct ctx *, struct db *, const struct grant_request *, struct grant_result *out);
/* A service account by its key, tried out at once. */
MUST enum rc
grant_service(struct ctx *, struct db *, const struct grant_request *, struct grant_result *out);
enum grant_end_kind {
	GRANT_REVOKED,
	GRANT_UNREACHED, /* forgotten here, but the provider could not be reached */
	/* Not Tidemark's to revoke: the key of a service account, or an account that another user
	 * reads with, whose access would end too. */
	GRANT_LEFT
};
/* Revokes at the provider and forgets. Connections stay, stop, and need another account. */
MUST enum rc grant_revoke(
    struct ctx *, struct db *, const char *owner, const char *account_id, enum grant_end_kind *how);

#endif
