/*
 * token.h - API tokens, and the short-lived tokens by which a host page follows one connection. Only SHA-256 digests are stored.
 */
#ifndef STORE_TOKEN_H
#define STORE_TOKEN_H

#include "db/db.h"

enum { PROGRESS_MINUTES_MAX = 24 * 60, TOKEN_OVERLAP_HOURS_MAX = 30 * 24 };

struct token {
	const char *id, *owner, *user_name, *role, *name, *scopes;
	int64_t created_at, last_used_at, expires_at, revoked_at;    /* 0: never */
	const char *last_used_from, *replaces;                       /* may be NULL */
};

struct token_list {
	struct token *v;
	size_t n;
};

/* scopes: "read,sync,write,operator"; the operator scope only for operators. Own transaction. *text is the token, shown once. days 0: no end. */
MUST enum rc token_create(struct ctx *, struct db *, const char *owner, const char *name, const char *scopes, int64_t days, const char **text, struct token *out);
/* A new token of the same name, scopes and life; the old one goes on for so many hours (0: it ends now). E_NOT_FOUND; E_STATE when it has ended already. */
MUST enum rc token_rotate(struct ctx *, struct db *, const char *owner, const char *id, int64_t overlap_hours, const char **text, struct token *out);
/* E_UNAUTHORIZED; notes the use, at most once a minute. */
MUST enum rc token_find(struct ctx *, struct db *, const char *text, const char *address, struct token *out);
MUST enum rc tokens_of(struct ctx *, struct db *, const char *owner, struct token_list *out);
MUST enum rc token_end(struct ctx *, struct db *, const char *owner, const char *id);    /* E_NOT_FOUND */
/* The SCOPE bits (web/req.h) of a list of words; 0 when a word is unknown. */
unsigned scopes_parse(const char *scopes);

/* Progress tokens begin with this; API tokens do not. */
#define PROGRESS_PREFIX "tmp_"
/* The connection must be the owner's: the caller has looked. Own transaction. */
MUST enum rc progress_token_make(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t minutes, const char **text, int64_t *expires_at);
/* E_UNAUTHORIZED. */
MUST enum rc progress_token_find(struct ctx *, struct db *, const char *text, const char **owner, const char **conn_id);

#endif
