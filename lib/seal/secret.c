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
secret_sealed(struct ctx *cx, struct db *db, const struct conn *c, const char **text)
{
	return cred_get(cx, db, c->owner, c->id, PURPOSE, text);
}

enum rc
secret_of(struct ctx *cx, const struct conn *c, const char *text, json **out)
{
	const struct sealed s = {
		.table = TABLE,
		.id = c->id,
		.purpose = PURPOSE,
		.owner = c->owner,
		.text = text,
	};
	struct vault *vault;
	struct str plain;

	TRY(vault_open(cx, false, &vault));
	TRY(secret_unseal(cx, vault, &s, &plain));
	*out = json_stored(cx->a, arena_dup_str(cx->a, plain));
	return *out ? RC_OK : fail(cx, E_SECRET, NULL);
}

/* The row and the key file are not read at one moment: when keys change in between, the row has
 * changed too, and is read again. */
enum rc
secret_open(struct ctx *cx, struct db *db, const struct conn *c, json **out)
{
	const char *text, *before = "";
	enum rc rc;

	*out = NULL;
	for (;;) {
		TRY(secret_sealed(cx, db, c, &text));
		if (!text)
			return RC_OK;
		rc = secret_of(cx, c, text, out);
		if (rc == RC_OK || !strcmp(text, before))
			return rc;
		before = text;
	}
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
