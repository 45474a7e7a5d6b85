/*
 * veiled.h - secrets in request headers and addresses, of sources and webhooks, that an older
 * version has stored open.
 */
#ifndef APP_VEILED_H
#define APP_VEILED_H

#include "db/db.h"

/* Seals them (kind/veil.h, kind/veil_url.h). Of connections that were disconnected the secrets go,
 * as they do when one is. Killed at any point and started again, it goes on; where nothing lies
 * open it writes nothing. */
MUST enum rc veiled_all(struct ctx *, struct db *);

#endif
