/*
 * oauth.h - applications, what people have granted to them, and the tokens of that.
 */
#ifndef FAKE_GOOGLE_OAUTH_H
#define FAKE_GOOGLE_OAUTH_H

#include "fake/google/manners.h"

/* A bit for each row of each service's scopes, in the order of fake_services. */
typedef uint64_t scope_set;
#define SCOPES_ALL UINT64_MAX

struct client {
	struct client *next;
	const char *id, *secret, *project;
	json *redirects;         /* list; NULL: any */
	const char *nonce, *iss; /* said in the place of what is right; NULL: nothing is */
	bool testing, rotate; /* consent screen in testing; a refresh gives a new refresh token */
};

#define FAKE_ISSUER "https://accounts.google.com"

enum token_kind { TOKEN_CODE, TOKEN_ACCESS, TOKEN_REFRESH };

struct token {
	struct token *next;
	enum token_kind kind;
	const char *text;
	struct client *client;
	struct account *who;
	scope_set scopes;
	int64_t made, ends; /* ends 0: never */
	bool dead;
	bool offline, fresh; /* a code: a refresh token is due */
	const char *redirect, *challenge;
	const char *nonce; /* of the question that a code answers, and of what came for it */
	bool s256;
};

/* A service account's key. */
struct robot {
	struct robot *next;
	const struct account *who;
	const char *key_id, *public_key; /* PEM */
};

struct oauth {
	struct client *clients;
	struct token *tokens;
	struct robot *robots;
};

struct oauth *oauth_of(const struct fake *);

/* oauth_grant.c */
struct client *client_by(struct fake *, const char *id);
struct client *client_add(struct fake *, const char *id, const char *secret);
struct token *token_add(struct fake *, enum token_kind, const struct token *like, int64_t life_ms);
struct token *token_by(struct fake *, enum token_kind, const char *text);
bool token_ok(const struct fake *, const struct token *);
void oauth_expire(struct fake *); /* all access tokens */
void oauth_save(struct fake *, struct arena *, json *top);
void oauth_load(struct fake *, const json *top);

/* oauth_scope.c */
bool scopes_read(const char *text, scope_set *);
const char *scopes_text(struct arena *, scope_set);
bool scopes_any(scope_set, const char *names); /* "drive drive.file": ends of their addresses */
scope_set scopes_identity(void);
/* {"url", "words", "fixed"} of each, for people. */
json *scopes_shown(struct arena *, scope_set);

/* oauth_who.c */
void oauth_tokeninfo(struct call *);
void oauth_userinfo(struct call *);

/* oauth_consent.c */
void consent_page(struct call *);
void consent_given(struct call *);

/* oauth_jwt.c */
json *service_key(struct fake *, struct arena *, const char *email); /* with its account */
/* NULL: right, and *who and *scopes are known. Otherwise the description of an invalid_grant. */
const char *
assertion_check(struct call *, const char *jws, struct account **who, scope_set *scopes);

/* oauth.c */
void refuse_oauth(struct call *, int status, const char *error, const char *description);
void oauth_error(struct call *, const struct refusal *); /* by its words for a token endpoint */

/* oauth_control.c */
struct account *account_named(struct call *, const char *email); /* NULL: the first; refuses */
extern const struct fake_command oauth_commands[];

#endif
