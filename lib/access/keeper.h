/*
 * keeper.h - the small process that has the key of the vault in the place of one that reads what
 * strangers wrote.
 *
 * keeper_fork() splits it off before anything is opened. It is bound once, to a connection and its
 * login: of these it opens the secret and hands out access tokens, and of no others, whoever asks.
 * Refresh tokens and the key never leave it. So a process carries out one run for which it was
 * asked, and no other (keeper_bound()). In a program that never called keeper_fork() the same
 * functions do it themselves.
 */
#ifndef ACCESS_KEEPER_H
#define ACCESS_KEEPER_H

#include "store/conn.h"

/* Before the database is opened, the process confined, and before there are threads. E_UNAVAILABLE
 * when it cannot be done. */
MUST enum rc keeper_fork(struct ctx *);
/* For good: from now on nothing can be asked. Waits until it has ended. */
void keeper_end(void);
/* Does it serve something already? */
bool keeper_bound(void);

/* Binds it to a connection and its login, and opens the secret of the connection; NULL in *secret
 * when it has none. Is there neither, nobody is asked. E_FORBIDDEN when it is bound already. */
MUST enum rc keeper_open(struct ctx *, struct db *, const struct conn *, json **secret);
/* Binds it to a login alone; nothing is done when that is what it serves. */
MUST enum rc keeper_login(struct ctx *, const char *owner, const char *account_id);
/* As grant_token(), of the login that it is bound to. */
MUST enum rc keeper_token(struct ctx *, struct db *, const char *owner, const char *account_id,
    const char *refused, const char **bearer);

#endif
