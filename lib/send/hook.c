/*
 * hook.c - see hook.h.
 */
#include "send/hook.h"

#include "base/hash.h"
#include "base/rand.h"
#include "kind/veil_url.h"
#include "seal/secret.h"
#include "vault/vault.h"

enum { SECRET_BYTES = 32 };

static const char *
hook_aad(struct arena *a, const struct hook *h)
{
	return secret_aad(a, "webhook", h->id, "secret", h->owner);
}

/* parts (may be NULL): "" when nothing of the address is sealed. */
static enum rc
hook_unseal(
    struct ctx *cx, const struct hook *h, const char *sealed, struct str *key, const char **parts)
{
	struct vault *vault;
	struct str plain;

	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(cx, vault, hook_aad(cx->a, h), sealed, &plain));
	if (plain.n < SECRET_BYTES)
		return fail(cx, E_SECRET, NULL);
	*key = (struct str){ plain.p, SECRET_BYTES };
	if (parts)
		*parts = arena_dup_str(
		    cx->a, (struct str){ plain.p + SECRET_BYTES, plain.n - SECRET_BYTES });
	return RC_OK;
}

static enum rc
hook_put(struct ctx *cx, struct hook *h, const char *url, struct str key)
{
	const char *parts = veil_url_parts(cx->a, url);
	const size_t n = parts ? strlen(parts) : 0;
	char *plain = arena_alloc(cx->a, key.n + n + 1), *sealed;
	struct vault *vault;

	memcpy(plain, key.p, key.n);
	if (parts)
		memcpy(plain + key.n, parts, n);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, hook_aad(cx->a, h), (struct str){ plain, key.n + n }, &sealed));
	h->secret = sealed;
	h->url = veil_url(cx->a, url);
	return RC_OK;
}

enum rc
hook_seal(struct ctx *cx, struct hook *h, const char *url, const char **shown)
{
	struct str key = { arena_alloc(cx->a, SECRET_BYTES), SECRET_BYTES };

	rand_bytes((char *)(uintptr_t)key.p, key.n);
	*shown = arena_printf(cx->a, "whsec_%s", base64_encode(cx->a, key));
	return hook_put(cx, h, url, key);
}

enum rc
hook_seal_url(struct ctx *cx, struct hook *h, const char *url)
{
	struct str key;

	TRY(hook_unseal(cx, h, h->secret, &key, NULL));
	return hook_put(cx, h, url, key);
}

enum rc
hook_whole(struct ctx *cx, const struct hook *h, const char **url)
{
	const char *parts, *missing;
	struct str key;

	*url = h->url;
	if (!veil_url_veiled(h->url))
		return RC_OK;
	TRY(hook_unseal(cx, h, h->secret, &key, &parts));
	*url = veil_url_fill(cx->a, h->url, parts, &missing);
	return *url ? RC_OK
		    : fail(cx, E_SECRET,
			  "Enter the address of this webhook anew: %.60s is not stored.", missing);
}

enum rc
hook_keys(struct ctx *cx, const struct hook *h, int64_t now, struct str keys[HOOK_KEYS], size_t *n)
{
	*n = 1;
	TRY(hook_unseal(cx, h, h->secret, &keys[0], NULL));
	if (!h->old_secret || h->old_until <= now)
		return RC_OK;
	*n = 2;
	return hook_unseal(cx, h, h->old_secret, &keys[1], NULL);
}
