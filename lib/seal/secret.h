/*
 * secret.h - the opened secrets of a connection, and how they are sealed.
 *
 * Whoever seals something does so inside the write transaction that stores it: so, once a new
 * key is in the key file and one empty transaction has passed, nothing is sealed with an old one
 * any more (reseal.h).
 */
#ifndef SEAL_SECRET_H
#define SEAL_SECRET_H

#include "store/conn.h"
#include "vault/vault.h"

/* What a sealed text belongs to, as the vault's associated data: moved to another row, purpose
 * or owner it does not open. */
const char *secret_aad(
    struct arena *, const char *table, const char *id, const char *purpose, const char *owner);
struct sealed {
	const char *table, *id, *purpose, *owner; /* what it belongs to */
	const char *text;
};
/* Opens one. Texts of the first version are not tied to their owner; a change of keys ties them. */
MUST enum rc
secret_unseal(struct ctx *, const struct vault *, const struct sealed *, struct str *plain);
/* NULL in *out when the connection has none. E_SECRET when they cannot be opened. */
MUST enum rc secret_open(struct ctx *, struct db *, const struct conn *, json **out);
/* They as they are stored; NULL in *text: it has none. */
MUST enum rc secret_sealed(struct ctx *, struct db *, const struct conn *, const char **text);
/* Opens what secret_sealed() has read; of the connection, its owner and id. It reads no row. */
MUST enum rc secret_of(struct ctx *, const struct conn *, const char *text, json **out);
/* Seals and stores, in the caller's write transaction; NULL or {} removes them. The key file is
 * made if it is missing. */
MUST enum rc
secret_save(struct ctx *, struct db *, const char *owner, const char *conn_id, const json *secret);

#endif
