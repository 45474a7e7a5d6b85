/*
 * hash.h - digests and text encodings of bytes. With lib/vault the only users of libcrypto.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/arena.h"

enum { SHA256_LEN = 32, SHA256_HEX = 65 };

void hash_sha256(struct str, unsigned char out[SHA256_LEN]);
const char *hash_sha256_hex(struct str, char out[SHA256_HEX]);
void hash_hmac(struct str key, struct str text, unsigned char out[SHA256_LEN]);
bool hash_equal(const void *, const void *, size_t n); /* constant time */
/* constant time in the content; NULL equals nothing */
bool hash_equal_c(const char *, const char *);

/* SipHash-2-4, for tables in memory: quick, and whoever does not know the key cannot make texts
 * that meet in one place. */
uint64_t hash_sip(const uint64_t key[2], struct str);

/* A digest fed in pieces; one allocation, reused by hash_begin(). */
struct hash;
struct hash *hash_new(struct arena *);
void hash_begin(struct hash *);
void hash_add(struct hash *, const void *, size_t);
void hash_end(struct hash *, unsigned char out[SHA256_LEN]);

void hex_encode(const unsigned char *, size_t n, char *out /* 2n + 1 */);
char *base64url_encode(struct arena *, struct str); /* no padding */
/* False on any character outside the alphabet; padding is not accepted. */
bool base64url_decode(struct arena *, struct str, struct str *out);
char *base64_encode(struct arena *, struct str); /* padded, standard alphabet */

#endif
