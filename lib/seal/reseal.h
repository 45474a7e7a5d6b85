/*
 * reseal.h - a change of keys while everything runs: a new key comes first in the key file,
 * every sealed text is sealed anew with it, and keys that nothing needs any more go. Readers
 * know all keys of the file, writers use the first. Killed at any point and started again, it
 * goes on.
 */
#ifndef SEAL_RESEAL_H
#define SEAL_RESEAL_H

#include "db/db.h"
#include "vault/vault.h"

/* What the sealed texts of the database need. */
struct seal_count {
	int64_t texts; /* all */
	int64_t old;   /* sealed with another key of the file than the first */
	int64_t lost;  /* damaged, or sealed with a key that is not in the file */
	bool *used;    /* by the keys of the vault: does a text name it? */
};
MUST enum rc seal_count(struct ctx *, struct db *, const struct vault *, struct seal_count *out);

/* Seals anew what another key than the first has sealed. tell is called after each step with how
 * many are done; NULL: no one. *lost: texts that do not open, which are left as they are. */
MUST enum rc
reseal(struct ctx *, struct db *, void (*tell)(int64_t done), int64_t *done, int64_t *lost);

#endif
