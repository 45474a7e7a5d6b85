/*
 * hooks.h - webhooks as the interface and the pages show and change them (api_hooks.c,
 * page_hooks.c).
 */
#ifndef HOOKS_HOOKS_H
#define HOOKS_HOOKS_H

#include "skin/model.h"
#include "send/hook.h"

/* {id, url, description, events[], enabled, createdAt, updatedAt, lastSuccessAt, failingSince,
 * disabled{code, detail, title, advice, action} | null, secondSecretUntil} */
json *model_hook(struct arena *, const struct hook *);
/* {id, messageId, type, status, tries, createdAt, finishedAt, nextAttemptAt, attempts[{n, at,
 * durationMs, status, error{code, detail} | null, answer}]} */
MUST enum rc model_delivery(struct req *, const struct delivery *, json **out);

/* What a call or a form says about a webhook; NULL: not said. */
struct hook_input {
	const char *url, *description;
	const json *events; /* a list of names */
	const bool *enabled;
};

/* With the audit; E_INPUT with the fields that are wrong. */
MUST enum rc
hooks_add(struct req *, const struct hook_input *, const char **id, const char **secret);
MUST enum rc hooks_change(struct req *, const char *id, const struct hook_input *);
MUST enum rc hooks_remove(struct req *, const char *id);
MUST enum rc hooks_rotate(struct req *, const char *id, const char **secret);
MUST enum rc hooks_test(struct req *, const char *id, const char **delivery);
MUST enum rc hooks_again(struct req *, const char *id, const char *delivery);

#endif
