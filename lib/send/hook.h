/*
 * hook.h - the secrets of a webhook: 32 random bytes, shown as "whsec_" and base64 when they are
 * made and never again; stored sealed. What is done with webhooks is lib/app/hooks.h.
 */
#ifndef SEND_HOOK_H
#define SEND_HOOK_H

#include "store/hook.h"

enum { HOOK_KEYS = 2 };

/* *sealed for the row, *shown for the owner. In the write transaction that stores it. */
MUST enum rc hook_secret_make(
    struct ctx *, const char *owner, const char *id, const char **sealed, const char **shown);
/* The keys that sign now, newest first: bytes, the arena's. */
MUST enum rc
hook_keys(struct ctx *, const struct hook *, int64_t now, struct str keys[HOOK_KEYS], size_t *n);

#endif
