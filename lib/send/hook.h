/*
 * hook.h - what of a webhook is secret: the 32 random bytes that sign, shown as "whsec_" and base64
 * when they are made and never again, and what of its address somebody else could send to it with
 * (kind/veil_url.h), for which VEIL stands in the row. Both are sealed in one text, the address's
 * parts behind the bytes. What is done with webhooks is lib/app/hooks.h.
 */
#ifndef SEND_HOOK_H
#define SEND_HOOK_H

#include "store/hook.h"

enum { HOOK_KEYS = 2 };

/* Makes h->secret anew and sets h->url, both for the row; url is the whole address, *shown for the
 * owner. In the write transaction that stores them. */
MUST enum rc hook_seal(struct ctx *, struct hook *h, const char *url, const char **shown);
/* Sets h->url, and h->secret with the bytes that it had. In the write transaction, likewise. */
MUST enum rc hook_seal_url(struct ctx *, struct hook *h, const char *url);
/* The whole address, the arena's. E_SECRET: what is sealed of it cannot be opened. */
MUST enum rc hook_whole(struct ctx *, const struct hook *, const char **url);
/* The keys that sign now, newest first: bytes, the arena's. */
MUST enum rc
hook_keys(struct ctx *, const struct hook *, int64_t now, struct str keys[HOOK_KEYS], size_t *n);

#endif
