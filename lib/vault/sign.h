/*
 * sign.h - RSA signatures for service accounts (RS256).
 */
#ifndef VAULT_SIGN_H
#define VAULT_SIGN_H

#include "base/err.h"

/* RSASSA-PKCS1-v1_5 over SHA-256. pem: a private key in PKCS #8 or PKCS #1. E_INPUT when it
 * cannot be used. */
MUST enum rc rs256_sign(struct ctx *, struct str pem, struct str text, struct str *signature);

#endif
