/*
 * token.h - API tokens, and the short-lived tokens by which a host page follows one connection.
 * Only SHA-256 digests are stored.
 */
#ifndef STORE_TOKEN_H
#define STORE_TOKEN_H

#include "db/db.h"

enum {
	PROGRESS_MINUTES_MAX = 24 * 60,
	TOKEN_OVERLAP_HOURS_MAX = 30 * 24,
	TOKEN_NAME_MAX = 100,
	TOKENS_LISTED = 1000,
	TOKENS_LIVE_MAX = 500 /* that one user can make; a list always shows every live one */
};

struct token {
	const char *id, *owner, *user_name, *role, *name, *scopes;
	int64_t created_at, last_used_at, expires_at, revoked_at; /* 0: never */
	const char *last_used_from, *replaces;                    /* may be NULL */
	const char *made_by; /* the token that made it, with which it ends; NULL: a person did */
};

struct token_list {
	struct token *v;
	size_t n;
};

struct token_new {
	const char *owner, *name;
	const char *scopes; /* "read,sync,write,operator"; operator only for operators */
	int64_t days;       /* 0: no end */
	/* The token that makes it, whoever's that is: the new one ends with it at the latest.
	 * NULL: a person makes it. */
	const char *made_by;
};
/* Own transaction. *text is the token, shown once. E_STATE when TOKENS_LIVE_MAX are live;
 * E_UNAUTHORIZED when the one that makes it has ended. */
MUST enum rc token_create(
    struct ctx *, struct db *, const struct token_new *, const char **text, struct token *out);
struct token_rotation {
	const char *owner, *id;
	int64_t overlap_hours; /* the old one goes on so long; 0: it ends now */
	unsigned may;          /* scopes of who asks: nobody gets more by way of a rotation */
	const char *made_by;   /* as above; a token that replaces itself keeps its own maker */
};

/* A new token of the same name, scopes and life. Own transaction. E_NOT_FOUND; E_FORBIDDEN when the
 * token has scopes that `may` lacks; E_STATE when it has ended already, or there are too many. */
MUST enum rc token_rotate(
    struct ctx *, struct db *, const struct token_rotation *, const char **text, struct token *out);
/* E_UNAUTHORIZED; notes the use, at most once a minute. */
MUST enum rc
token_find(struct ctx *, struct db *, const char *text, const char *address, struct token *out);
/* May that token still act for the owner? It is no use of it. */
MUST enum rc token_stands(struct ctx *, struct db *, const char *id, const char *owner, bool *yes);
/* The live ones first, the newest first; ended ones as far as TOKENS_LISTED has room. */
MUST enum rc tokens_of(struct ctx *, struct db *, const char *owner, struct token_list *out);
/* With all that it has made. E_NOT_FOUND. */
MUST enum rc token_end(struct ctx *, struct db *, const char *owner, const char *id);
/* Every API token and progress token of a user, and what those have made. In the caller's write
 * transaction. */
MUST enum rc token_end_all(struct ctx *, struct db *, const char *owner);
/* 1 to TOKEN_NAME_MAX characters, in one line. Pure. */
bool token_name_ok(struct str);
/* The SCOPE bits (base/actor.h) of a list of words; 0 when a word is unknown. */
unsigned scopes_parse(const char *scopes);

/* Progress tokens begin with this; API tokens do not. */
#define PROGRESS_PREFIX "tmp_"
enum { PROGRESS_DIGEST = 65 };
struct progress_token {
	const char *owner, *conn_id;
	char digest[PROGRESS_DIGEST]; /* by which it is known without being told */
};
struct progress_made {
	const char *text;
	int64_t expires_at;
};
/* The connection must be the owner's: the caller has looked. Own transaction. */
MUST enum rc progress_token_make(struct ctx *, struct db *, const char *owner, const char *conn_id,
    int64_t minutes, struct progress_made *out);
/* E_UNAUTHORIZED. */
MUST enum rc
progress_token_find(struct ctx *, struct db *, const char *text, struct progress_token *out);
MUST enum rc progress_token_stands(struct ctx *, struct db *, const char *digest, bool *yes);

#endif
