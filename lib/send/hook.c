/*
 * hook.c - see hook.h.
 */
#include "send/hook.h"

#include "base/hash.h"
#include "base/rand.h"
#include "seal/secret.h"
#include "vault/vault.h"

enum { SECRET_BYTES = 32 };

enum rc
hook_secret_make(
    struct ctx *cx, const char *owner, const char *id, const char **sealed, const char **shown)
{
	struct str bytes = { arena_alloc(cx->a, SECRET_BYTES), SECRET_BYTES };
	struct vault *vault;
	char *text;

	rand_bytes((char *)(uintptr_t)bytes.p, bytes.n);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, secret_aad(cx->a, "webhook", id, "secret", owner), bytes, &text));
	*sealed = text;
	*shown = arena_printf(cx->a, "whsec_%s", base64_encode(cx->a, bytes));
	return RC_OK;
}

enum rc
hook_keys(struct ctx *cx, const struct hook *h, int64_t now, struct str keys[HOOK_KEYS], size_t *n)
{
	const char *aad = secret_aad(cx->a, "webhook", h->id, "secret", h->owner);
	struct vault *vault;

	*n = 1;
	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(cx, vault, aad, h->secret, &keys[0]));
	if (!h->old_secret || h->old_until <= now)
		return RC_OK;
	*n = 2;
	return vault_unseal(cx, vault, aad, h->old_secret, &keys[1]);
}
