/*
 * secret.h - the opened secrets of a connection, and how they are sealed.
 */
#ifndef SYNC_SECRET_H
#define SYNC_SECRET_H

#include "store/conn.h"

/* NULL in *out when the connection has none. E_SECRET when they cannot be opened. */
MUST enum rc secret_open(struct ctx *, struct db *, const struct conn *, json **out);
/* Seals and stores, in the caller's write transaction; NULL or {} removes them. The key file is made if it is missing. */
MUST enum rc secret_save(struct ctx *, struct db *, const char *owner, const char *conn_id, const json *secret);

#endif
