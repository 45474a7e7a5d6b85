/*
 * oauth.h - OAuth 2.0 as protocol only: exchange, refresh, revocation, service accounts. It
 * stores nothing and knows no user.
 *
 * Sources: RFC 6749, 7523, 9700. People may grant a part of the scopes; expires_in may come as a
 * text. The way to the consent page is consent.h.
 */
#ifndef OAUTH_OAUTH_H
#define OAUTH_OAUTH_H

#include "base/err.h"
#include "base/json.h"
#include "oauth/provider.h"

enum { OAUTH_TIMEOUT_MS = 8 * 1000 };

struct oauth_client {
	const struct oauth_provider *provider;
	const char *token_url;
	const char *revoke_url, *userinfo_url; /* NULL: it has none */
	const char *id, *secret;
};

/* At the addresses and with the credentials that the configuration names. */
struct oauth_client oauth_client(struct arena *, const struct oauth_provider *);

struct oauth_tokens {
	const char *access, *refresh; /* refresh NULL: none came, the old one stays good */
	const char *scopes;           /* granted, with spaces between; NULL: not said */
	const char *id_token;         /* or NULL */
	const char *nonce;            /* that it must have; NULL: none was sent */
	const json *answer;           /* all that came */
	int64_t expires_s;
};

/* E_GRANT: the code or refresh token is not good (any more): no use in trying again.
 * E_OAUTH_SETUP: the client itself is refused. E_SOURCE_5XX, E_NETWORK ...: try again later. */
MUST enum rc oauth_exchange(struct ctx *, const struct oauth_client *, const char *code,
    const char *verifier, const char *redirect, struct oauth_tokens *out);
MUST enum rc oauth_refresh(
    struct ctx *, const struct oauth_client *, const char *refresh, struct oauth_tokens *out);
/* What an answer of a token endpoint means; both of the above end with it. Pure. */
struct http_answer;
MUST enum rc oauth_answered(struct ctx *, const struct http_answer *, struct oauth_tokens *out);
/* A token that is dead already counts as revoked. */
MUST enum rc oauth_revoke(struct ctx *, const struct oauth_client *, const char *token);

/* Who it is: {subject, address}, from the id_token that came with the tokens over TLS, or else
 * asked for. */
/* What an id_token says of it. Its signature is not looked at, for it came over TLS from the token
 * endpoint itself (OpenID Connect Core 1.0, 3.1.3.7); issuer, audience, end and nonce are. Pure. */
enum oauth_word {
	OAUTH_SILENT, /* there is none, or it does not say */
	OAUTH_TOLD,
	OAUTH_FOREIGN /* it is of somebody else, for somebody else, or over */
};
enum oauth_word oauth_told(struct arena *, const struct oauth_client *, const struct oauth_tokens *,
    int64_t now_ms, const char **subject, const char **address);
MUST enum rc oauth_identity(struct ctx *, const struct oauth_client *, const struct oauth_tokens *,
    const char **subject, const char **address);

/* key: the JSON key of a service account (client_email, private_key, private_key_id). E_INPUT
 * when it is none. */
MUST enum rc oauth_service_check(struct ctx *, const json *key, const char **address);
MUST enum rc oauth_service_token(struct ctx *, const struct oauth_client *, const json *key,
    const char *scopes, int64_t now_ms, struct oauth_tokens *out);

#endif
