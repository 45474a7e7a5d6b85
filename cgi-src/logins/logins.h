/*
 * logins.h - accounts at providers, shared by pages and interface: choosing one for a
 * connection, the way to the consent page and back, service accounts, disconnecting.
 */
#ifndef LOGINS_LOGINS_H
#define LOGINS_LOGINS_H

#include "skin/model.h"
#include "store/login.h"

/* {id, provider, kind, address, health, scopes[], grantedAt, refreshedAt, lastError,
 * connections} */
MUST enum rc model_account(struct req *, const struct login *, json **out);

/* The account that a connection of this kind shall read with. given: an id or NULL, which means
 * the only one there is. *id NULL: this kind needs none. Complains about the field accountId
 * when there is none, or several to choose from, or the given one is not the owner's. */
MUST enum rc account_choose(struct req *, const char *provider, const char *given, const char **id);

/* Where to send the browser. account_id: to be connected again, or NULL. next: a path of ours to
 * go on to. By session only. */
MUST enum rc account_start(
    struct req *, const char *provider, const char *account_id, const char *next, const char **url);
/* The browser is back, with what stands in the query. *next: where to go on; *said: one sentence
 * about how it went; *connected: well. */
MUST enum rc account_back(
    struct req *, const char *provider, const char **next, const char **said, bool *connected);
MUST enum rc account_service(struct req *, const char *provider, const char *key, const char **id);
/* Revokes and forgets; connections stay and need another account. */
MUST enum rc account_remove(struct req *, const char *id, bool *revoked);
/* What Tidemark asks for and this account does not allow, for people: "see the names and dates
 * of your files"; NULL: it allows all. */
MUST enum rc account_missing(struct req *, const struct login *, const char **words);
/* Has the operator set this provider up? */
bool account_ready(const char *provider);

#endif
