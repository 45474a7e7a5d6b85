/*
 * auth.h - who asks: session cookie, API token, cron secret. Used by dispatch.c.
 */
#ifndef FCGI_AUTH_H
#define FCGI_AUTH_H

#include "app/caller.h"
#include "fcgi/route.h"

/* Fills r->who or fails with E_UNAUTHORIZED. cron: the cron secret is accepted too (user_id
 * stays NULL then). */
MUST enum rc auth_who(struct req *, bool cron);
/* The same without failing: an open page may show who is signed in. */
MUST enum rc auth_try(struct req *);
/* E_CSRF when the browser says that the request came from another site. */
MUST enum rc auth_origin(struct req *);
/* "workspace_id" in the query or the JSON body: an application with an operator's token acts for
 * that user, with no more than that user may. */
MUST enum rc auth_act(struct req *);
/* Requests by cookie: same origin, and the session's token in X-CSRF-Token or the form field
 * csrf. */
MUST enum rc auth_csrf(struct req *);
/* Does the credential at hand have this scope? The one question that pages and interface ask: what
 * a person's role allows is in the scopes of a session, and a token has those it was given. */
bool auth_may(const struct req *, enum scope);
/* E_FORBIDDEN when it has not. */
MUST enum rc auth_need(struct req *, enum scope);

/* Who asks, as the verbs of lib/app take it. */
const struct caller *auth_caller(struct req *);

/* Is the public address an encrypted one? Then cookies are Secure and bound to this host by
 * their __Host- names. */
bool auth_https(void);
/* Would a browser of today say here where a request comes from (Sec-Fetch-Site)? It does so over
 * TLS and to its own machine. */
bool auth_site_is_told(const struct req *);
/* The session cookie, and an end to it (value ""). */
const char *auth_cookie(const struct req *);
void auth_set_cookie(struct req *, struct resp *, const char *value);
/* The user whom the trusted proxy names; NULL: there is none, or it names nobody. */
const char *auth_sso_user(const struct req *);

#endif
