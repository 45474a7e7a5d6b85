/*
 * secret.c - see secret.h. Joins the store and the vault.
 */
#include "base/clock.h"
#include "sync/secret.h"
#include "vault/vault.h"

#define PURPOSE "source"

static const char *
aad_of(struct arena *a, const char *conn_id)
{
	return arena_printf(a, "credential|%s|%s", conn_id, PURPOSE);
}

enum rc
secret_open(struct ctx *cx, struct db *db, const struct conn *c, json **out)
{
	struct vault *vault;
	const char *sealed;
	struct str plain;

	*out = NULL;
	TRY(cred_get(cx, db, c->owner, c->id, PURPOSE, &sealed));
	if (!sealed)
		return RC_OK;
	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(cx, vault, aad_of(cx->a, c->id), sealed, &plain));
	*out = json_stored(cx->a, arena_dup_str(cx->a, plain));
	return *out ? RC_OK : fail(cx, E_SECRET, NULL);
}

enum rc
secret_save(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const json *secret)
{
	struct vault *vault;
	char *sealed;

	if (!secret || json_len(secret) == 0)
		return cred_drop(cx, db, owner, conn_id, PURPOSE);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, aad_of(cx->a, conn_id), str_c(json_text(cx->a, secret)), &sealed));
	return cred_put(cx, db, owner, conn_id, PURPOSE, sealed, clock_ms());
}
