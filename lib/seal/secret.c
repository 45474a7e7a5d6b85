/*
 * secret.c - see secret.h. Joins the store and the vault.
 */
#include "base/clock.h"
#include "seal/secret.h"

#define TABLE "credential"
#define PURPOSE "source"

const char *
secret_aad(
    struct arena *a, const char *table, const char *id, const char *purpose, const char *owner)
{
	return arena_printf(a, "%s|%s|%s|%s", table, id, purpose, owner);
}

enum rc
secret_unseal(struct ctx *cx, const struct vault *vault, const struct sealed *s, struct str *plain)
{
	const char *aad = secret_aad(cx->a, s->table, s->id, s->purpose, s->owner);
	enum rc rc = vault_unseal(cx, vault, aad, s->text, plain);

	if (rc == RC_OK)
		return rc;
	aad = arena_printf(cx->a, "%s|%s|%s", s->table, s->id, s->purpose);
	return vault_unseal(cx, vault, aad, s->text, plain);
}

enum rc
secret_stored(struct ctx *cx, struct db *db, const struct conn *c, bool *any)
{
	const char *sealed;

	TRY(cred_get(cx, db, c->owner, c->id, PURPOSE, &sealed));
	*any = sealed != NULL;
	return RC_OK;
}

/* The row and the key file are not read at one moment: when keys change in between, the row has
 * changed too, and is read again. */
enum rc
secret_open(struct ctx *cx, struct db *db, const struct conn *c, json **out)
{
	struct sealed s = { .table = TABLE, .id = c->id, .purpose = PURPOSE, .owner = c->owner };
	const char *before = "";
	struct vault *vault;
	struct str plain;
	enum rc rc;

	*out = NULL;
	for (;;) {
		TRY(cred_get(cx, db, c->owner, c->id, PURPOSE, &s.text));
		if (!s.text)
			return RC_OK;
		rc = vault_open(cx, false, &vault);
		if (rc == RC_OK)
			rc = secret_unseal(cx, vault, &s, &plain);
		if (rc == RC_OK || !strcmp(s.text, before))
			break;
		before = s.text;
	}
	if (rc != RC_OK)
		return rc;
	*out = json_stored(cx->a, arena_dup_str(cx->a, plain));
	return *out ? RC_OK : fail(cx, E_SECRET, NULL);
}

enum rc
secret_save(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const json *secret)
{
	struct vault *vault;
	char *sealed;

	if (!secret || json_len(secret) == 0)
		return cred_drop(cx, db, owner, conn_id, PURPOSE);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, secret_aad(cx->a, TABLE, conn_id, PURPOSE, owner),
	    str_c(json_text(cx->a, secret)), &sealed));
	return cred_put(cx, db,
	    &(struct cred){
		.owner = owner,
		.conn_id = conn_id,
		.purpose = PURPOSE,
		.sealed = sealed,
	    },
	    clock_ms());
}
