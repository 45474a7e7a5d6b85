/*
 * model.h - webhooks and their deliveries, as the interface and the pages show them.
 */
#ifndef HOOKS_MODEL_H
#define HOOKS_MODEL_H

#include "skin/model.h"
#include "store/hook.h"

/* {id, url, description, events[], enabled, createdAt, updatedAt, lastSuccessAt, failingSince,
 * disabled{code, detail, title, advice, action} | null, secondSecretUntil} */
json *model_hook(struct arena *, const struct hook *);
/* {id, messageId, type, status, tries, createdAt, finishedAt, nextAttemptAt, attempts[{n, at,
 * durationMs, status, error{code, detail} | null, answer}]} */
MUST enum rc model_delivery(struct req *, const struct delivery *, json **out);

#endif
