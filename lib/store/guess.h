/*
 * guess.h - the limit on guessing passwords. A try is counted before the password is looked at, in
 * the database: tries at once and restarts change nothing. Three counters: this account from this
 * address, this address, this account. IPv6 counts by /64. The last one does not keep an account
 * out of an address from which it has come in before: nobody is locked out from afar. One-time
 * links are not limited: they cannot be guessed.
 */
#ifndef STORE_GUESS_H
#define STORE_GUESS_H

#include "db/db.h"

/* E_TOO_MANY with err.wait_ms when it is too early; else the try is counted as failed. */
MUST enum rc sign_in_try(struct ctx *, struct db *, const char *name, const char *address);
/* The password fitted: forgets the failures of this account from this address, and takes back this
 * try from the others. */
MUST enum rc sign_in_worked(struct ctx *, struct db *, const char *name, const char *address);
/* Somebody has come in as `name` from there, however. In the caller's write transaction. */
MUST enum rc guess_known(struct ctx *, struct db *, const char *name, const char *address);

#endif
