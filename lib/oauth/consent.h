/*
 * consent.h - the address of a provider's consent page. Apart from oauth.h, because web
 * processes use it and have no network code.
 */
#ifndef OAUTH_CONSENT_H
#define OAUTH_CONSENT_H

#include "oauth/provider.h"

struct consent {
	const struct oauth_provider *provider;
	const char *redirect, *scopes, *state;
	const char *verifier; /* PKCE (RFC 7636): of which the S256 challenge goes out */
	const char *hint;     /* the account to offer, or NULL */
	bool again; /* ask even when it was granted before, so that a refresh token comes */
};

/* What goes out beside the state and must come back in the id_token (OpenID Connect Core 1.0,
 * 3.1.2.1): made of the verifier, which nobody else knows. NULL: the provider gives no id_token. */
const char *consent_nonce(struct arena *, const struct oauth_provider *, const char *verifier);

/* Does the answer come from the provider that was asked (RFC 9207)? iss: as it says, or NULL: then
 * its own address of return has to do. */
bool consent_from(const struct oauth_provider *, const char *iss);

/* Where a browser is sent. */
char *consent_url(struct arena *, const struct consent *);

/* The address that the provider sends people back to; it must know it. */
const char *consent_redirect(struct arena *, const char *provider);

/* What scopes allow, for people: "see your spreadsheets, see the names and dates of your files". */
const char *consent_words(struct arena *, const char *scopes);

/* Is every word of `needed` among `granted`? missing (may be NULL): those that are not, with
 * spaces between. */
bool consent_covers(struct arena *, const char *granted, const char *needed, const char **missing);

struct buf;
/* Appends "name=value" of a form or query, encoded, with & between; a NULL value adds nothing. */
void form_put(struct buf *, const char *name, const char *value);

#endif
