/*
 * sign_in.h - how somebody who is nobody yet comes in: by name and password, or by a link that is
 * mailed. Who asks is known by the address alone. One-time links and sessions are
 * store/session.h's.
 */
#ifndef APP_SIGN_IN_H
#define APP_SIGN_IN_H

#include "store/session.h"

/* Who knocks. */
struct visitor {
	const char *address; /* "" when there is none */
	const char *agent;   /* what the browser says about itself; "" */
};

/* *cookie: of a new session. E_UNAUTHORIZED; E_TOO_MANY with err.wait_ms. An unknown name and a
 * wrong password look the same, and take the same time. */
MUST enum rc sign_in_password(struct ctx *, struct db *, const struct visitor *, const char *name,
    const char *password, const char **cookie);
/* Mails a link to the confirmed address of a user. What is answered does not tell whether there is
 * such a user, nor does the time it takes. E_TOO_MANY as above. */
MUST enum rc sign_in_mail(struct ctx *, struct db *, const struct visitor *, const char *name);

#endif
