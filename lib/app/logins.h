/*
 * logins.h - accounts at providers: the way to the consent page and back, service accounts,
 * disconnecting. What reaches the provider is asked of the worker, which
 * seals and stores tokens itself: they never come here.
 */
#ifndef APP_LOGINS_H
#define APP_LOGINS_H

#include "app/caller.h"
#include "app/login_choice.h"
#include "store/login.h"

/* What Tidemark asks for beside that without which nothing can be read, and this account does not
 * allow, for people: "see the names and dates of your files"; NULL: it allows all. */
MUST enum rc login_missing(struct ctx *, const struct login *, const char **words);
/* account_id: to be connected again, or NULL; what it allows is asked for again. kind: what is to
 * be read with it, which says what is asked for; NULL: as it was before, or what the provider is
 * used for first. next: a path of ours to go on to afterwards. */
struct login_start {
	const char *provider, *account_id, *kind, *next;
};
/* *url: where to send the browser. By session only. */
MUST enum rc logins_start(
    struct ctx *, struct db *, const struct caller *, const struct login_start *, const char **url);

/* What stands in the address by which the browser is back; NULL: nothing. */
struct login_back {
	const char *provider, *state, *code, *error;
	const char *iss; /* who says that it answers (RFC 9207); NULL: not said */
};
/* next: where to go on, also when it failed; said: one sentence about how it went; connected:
 * well. */
struct login_outcome {
	const char *next, *said;
	bool connected;
};
/* By session only. */
MUST enum rc logins_back(struct ctx *, struct db *, const struct caller *,
    const struct login_back *, struct login_outcome *);
/* key: the JSON text of a service account's key. */
MUST enum rc logins_service(struct ctx *, struct db *, const struct caller *, const char *provider,
    const char *key, const char **id);
/* Revokes and forgets; connections stay, stop, and need another account. *revoked false: the
 * provider could not be reached, or, *left, it is not ours to revoke: a service account's key, or
 * what another user reads with too. */
MUST enum rc logins_remove(
    struct ctx *, struct db *, const struct caller *, const char *id, bool *revoked, bool *left);

#endif
