/*
 * session.h - one-time keys and sessions of browsers. Only SHA-256 digests of keys and cookies are
 * stored. The limit on guessing passwords is guess.h's.
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/audit.h"

enum {
	SIGN_IN_KEY_MINUTES = 30,
	SESSION_IDLE_HOURS = 12,
	SESSION_DAYS = 14,
	PASSWORD_MINUTES = 30,
	SESSIONS_MAX = 100, /* of one user; the one that was not seen for the longest gives way */
};

/* What a one-time key is for: to sign in; to sign in and choose a password without the old one
 * (invitation, reset); to confirm an e-mail address. */
#define KEY_SIGN_IN "sign-in"
#define KEY_PASSWORD "password"
#define KEY_EMAIL "email"

/* Good for SIGN_IN_KEY_MINUTES. detail: the address of KEY_EMAIL, else NULL. In the caller's write
 * transaction. */
MUST enum rc sign_in_key_put(struct ctx *, struct db *, const char *owner, const char *purpose,
    const char *detail, const char **key);
/* Whose it is, without using it up. E_UNAUTHORIZED when it is unknown, used, too old, or its user
 * is disabled. */
MUST enum rc sign_in_key_owner(struct ctx *, struct db *, const char *key, const char **owner);
struct sign_in {
	const char *cookie; /* its value */
	bool choose;        /* a password may be chosen now */
};
/* Uses up a key to sign in and opens a session. E_UNAUTHORIZED as above. */
MUST enum rc sign_in_key_use(struct ctx *, struct db *, const char *key, const struct actor *,
    const char *agent, struct sign_in *out);
/* Uses up a key that confirms an address, and sets it. E_UNAUTHORIZED as above. */
MUST enum rc sign_in_key_confirm(
    struct ctx *, struct db *, const char *key, const struct actor *, const char **email);

struct session {
	const char *id, *owner, *user_name, *role, *csrf;
	int64_t created_at, seen_at, password_until;
	const char *address, *agent;
	bool by_proxy; /* good only where the proxy still names its user */
};

struct session_list {
	struct session *v;
	size_t n;
};

/* A user whose password fitted, or whom a trusted proxy named. */
struct session_new {
	const char *owner, *agent;
	struct actor by;
	bool by_proxy;
};
/* Its own transaction; the sign-in is audited. */
MUST enum rc
session_open(struct ctx *, struct db *, const struct session_new *, const char **cookie);
/* E_UNAUTHORIZED when there is none. Notes the visit, at most every five minutes. */
MUST enum rc session_find(struct ctx *, struct db *, const char *cookie, struct session *out);
/* Would that session still be found? It is no visit. */
MUST enum rc
session_stands(struct ctx *, struct db *, const char *owner, const char *id, bool *yes);
MUST enum rc session_end(struct ctx *, struct db *, const char *cookie);
/* The live ones of a user, latest first. */
MUST enum rc session_list(struct ctx *, struct db *, const char *owner, struct session_list *out);
/* In the caller's write transaction. E_NOT_FOUND. */
MUST enum rc session_end_id(struct ctx *, struct db *, const char *owner, const char *id);
/* Every session but `keep` (an id; NULL: none is kept), and every one-time key. In the caller's
 * write transaction. */
MUST enum rc session_end_all(struct ctx *, struct db *, const char *owner, const char *keep);
/* A new password ends them likewise: a text of password_hash(), or NULL for none. */
MUST enum rc session_set_password(
    struct ctx *, struct db *, const char *owner, const char *password, const char *keep);

/* Keys, sessions, progress tokens, counters and idempotency rows that are over. */
MUST enum rc auth_sweep(struct ctx *, struct db *, int64_t now);

#endif
