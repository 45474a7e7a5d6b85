/*
 * user.h - users, one-time sign-in keys, sessions and API tokens. Only SHA-256 digests of secrets are stored.
 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include "db/db.h"

enum { SIGN_IN_KEY_MINUTES = 30, SESSION_IDLE_HOURS = 12, SESSION_DAYS = 14 };

struct user {
	const char *id, *name, *role;    /* role: operator, member */
	int64_t created_at, disabled_at;
};

struct user_list {
	struct user *v;
	size_t n;
};

MUST enum rc user_find(struct ctx *, struct db *, const char *name, struct user *out);      /* E_NOT_FOUND */
MUST enum rc users_all(struct ctx *, struct db *, struct user_list *out);
/* In a transaction of its own: E_STATE when the name is taken; E_INPUT for a bad name. */
MUST enum rc user_add(struct ctx *, struct db *, const char *name, bool operator_role, struct user *out);
/* The operator "admin", made when there is no user at all. */
MUST enum rc user_ensure_admin(struct ctx *, struct db *, struct user *out);

/* A one-time key for /sign-in?key=, good for SIGN_IN_KEY_MINUTES. Its own transaction. */
MUST enum rc sign_in_key_make(struct ctx *, struct db *, const char *owner, const char **key);
/* Uses the key up and opens a session: *session is the cookie's value. E_UNAUTHORIZED when the key is unknown, used or too old. */
MUST enum rc sign_in_key_use(struct ctx *, struct db *, const char *key, const char **session);

struct session {
	const char *owner, *user_name, *role, *csrf;
};
/* E_UNAUTHORIZED when there is none. Notes the visit, at most every five minutes. */
MUST enum rc session_find(struct ctx *, struct db *, const char *cookie, struct session *out);
MUST enum rc session_end(struct ctx *, struct db *, const char *cookie);

struct token {
	const char *id, *owner, *user_name, *role, *name, *scopes;
	int64_t created_at, last_used_at, expires_at, revoked_at;    /* 0: never */
};

struct token_list {
	struct token *v;
	size_t n;
};

/* scopes: "read,sync,write,operator"; the operator scope only for operators. Own transaction. *text is the token, shown once. days 0: no end. */
MUST enum rc token_create(struct ctx *, struct db *, const char *owner, const char *name, const char *scopes, int64_t days, const char **text, struct token *out);
MUST enum rc token_find(struct ctx *, struct db *, const char *text, struct token *out);    /* E_UNAUTHORIZED; notes the use, at most once a minute */
MUST enum rc tokens_of(struct ctx *, struct db *, const char *owner, struct token_list *out);
MUST enum rc token_end(struct ctx *, struct db *, const char *owner, const char *id);    /* E_NOT_FOUND */
/* The SCOPE bits (web/req.h) of a list of words; 0 when a word is unknown. */
unsigned scopes_parse(const char *scopes);

/* In the caller's write transaction. actor: session, token name, command. object: what it was done to, an id. */
MUST enum rc audit_add(struct ctx *, struct db *, const char *owner, const char *actor, const char *action, const char *object, const char *detail);

struct audit_row {
	int64_t at;
	const char *actor, *action, *object, *detail;
};
/* Newest first; object NULL: all of the owner's. */
MUST enum rc audit_list(struct ctx *, struct db *, const char *owner, const char *object, int64_t limit, struct audit_row **out, size_t *n);

/* Sessions, keys, idempotency rows that are over. */
MUST enum rc auth_sweep(struct ctx *, struct db *, int64_t now);

#endif
