/*
 * hooks.h - webhooks: make, change, rotate the secret, test, send again. A secret is shown when it
 * is made and never again.
 */
#ifndef APP_HOOKS_H
#define APP_HOOKS_H

#include "app/caller.h"
#include "store/hook.h"

enum { HOOK_URL_MAX = 2000, HOOK_DESCRIPTION_MAX = 200, SECRET_OVERLAP_HOURS = 24 };

/* What is said about a webhook; NULL: not said. */
struct hook_input {
	const char *url, *description;
	const json *events; /* a list of names */
	const bool *enabled;
};

/* E_STATE when there are HOOKS_MAX. Names are judged when they are connected to. */
MUST enum rc hooks_add(struct ctx *, struct db *, const struct caller *, const struct hook_input *,
    const char **id, const char **secret);
/* Switched on: what waits is sent, and failures are forgotten. */
MUST enum rc hooks_change(
    struct ctx *, struct db *, const struct caller *, const char *id, const struct hook_input *);
MUST enum rc hooks_remove(struct ctx *, struct db *, const struct caller *, const char *id);
/* The secret before signs too for SECRET_OVERLAP_HOURS. */
MUST enum rc
hooks_rotate(struct ctx *, struct db *, const struct caller *, const char *id, const char **secret);
/* A real message of type webhook.test. E_STATE when the webhook is switched off. */
MUST enum rc
hooks_test(struct ctx *, struct db *, const struct caller *, const char *id, const char **delivery);
/* The same message with the same id once more. */
MUST enum rc
hooks_again(struct ctx *, struct db *, const struct caller *, const char *id, const char *delivery);

#endif
