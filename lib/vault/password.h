/*
 * password.h - passwords as crypt(5) yescrypt texts, by libxcrypt: about 20 ms and 4 MB of work
 * each.
 */
#ifndef VAULT_PASSWORD_H
#define VAULT_PASSWORD_H

#include "base/err.h"

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 200 }; /* characters; bytes */

/* Is it fit to protect this user's account? E_INPUT with a sentence when it is not. Length and
 * guessability count, not kinds of characters. */
MUST enum rc password_ok(struct ctx *, const char *user_name, const char *password);
/* A new text to store. */
MUST enum rc password_hash(struct ctx *, const char *password, const char **out);
/* Does it fit the stored text? stored NULL (no such user, or one without a password): false,
 * after the same work. */
bool password_fits(const char *stored, const char *password);

#endif
