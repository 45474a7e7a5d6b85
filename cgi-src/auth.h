/*
 * auth.h - who asks: session cookie, API token, cron secret. Used by dispatch.c.
 */
#ifndef CGI_AUTH_H
#define CGI_AUTH_H

#include "dispatch.h"

/* Fills r->who or fails with E_UNAUTHORIZED. cron: the cron secret is accepted too (user_id stays NULL then). */
MUST enum rc auth_who(struct req *, bool cron);
/* The same without failing: an open page may show who is signed in. */
MUST enum rc auth_try(struct req *);
/* Requests by cookie: same origin, and the session's token in X-CSRF-Token or the form field csrf. */
MUST enum rc auth_csrf(struct req *);
const char *scope_name(enum scope);

#endif
