/*
 * hook.h - what a person or an application does with webhooks: make, change, rotate the secret,
 * test, send again. Each call is a transaction of its own; the caller wakes the tick after
 * hook_test(), hook_redeliver() and a switch back on.
 *
 * A secret is 32 random bytes, shown as "whsec_" and base64 when it is made and never again;
 * stored sealed.
 */
#ifndef SEND_HOOK_H
#define SEND_HOOK_H

#include "store/hook.h"

enum { HOOK_URL_MAX = 2000, HOOK_DESCRIPTION_MAX = 200, SECRET_OVERLAP_HOURS = 24, HOOK_KEYS = 2 };

/* Can this be an endpoint's address? E_URL with a sentence. Names are judged when they are
 * connected to. */
MUST enum rc hook_check_url(struct ctx *, const char *url);
/* E_STATE when there are HOOKS_MAX. *secret is shown once. */
MUST enum rc hook_create(struct ctx *, struct db *, const char *owner, const char *url,
    const char *description, const char *events, const char **id, const char **secret);
/* url, description, events, enabled as they are in *h. Switched on: what waits is sent, and
 * failures are forgotten. */
MUST enum rc hook_change(struct ctx *, struct db *, struct hook *h);
MUST enum rc hook_remove(struct ctx *, struct db *, const char *owner, const char *id);
/* The one before signs too for SECRET_OVERLAP_HOURS. */
MUST enum rc
hook_rotate(struct ctx *, struct db *, const char *owner, const char *id, const char **secret);
/* A real message of type webhook.test. E_STATE when the webhook is switched off. */
MUST enum rc
hook_test(struct ctx *, struct db *, const char *owner, const char *id, const char **delivery);
/* The same message with the same id once more. */
MUST enum rc
hook_redeliver(struct ctx *, struct db *, const char *owner, const char *id, const char *delivery);

/* The keys that sign now, newest first: bytes, the arena's. */
MUST enum rc
hook_keys(struct ctx *, const struct hook *, int64_t now, struct str keys[HOOK_KEYS], size_t *n);

#endif
