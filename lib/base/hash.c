/*
 * hash.c - digests by OpenSSL's EVP, and hex and base64 texts.
 *
 * The digest is fetched once in a process; fetching it for every row would cost more than
 * hashing the row. libcrypto fails here only when it is broken or out of memory, which ends the
 * process.
 */
#include "base/hash.h"

#include <endian.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/log.h"

struct hash {
	EVP_MD_CTX *ctx;
};

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char std_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
hash_must(bool ok, const char *what)
{
	if (ok)
		return;
	log_event(LOG_LEVEL_ERR, "hash.failed", "s:call", what, NULL);
	abort();
}

static const EVP_MD *
hash_digest(void)
{
	static EVP_MD *md;

	if (!md)
		hash_must((md = EVP_MD_fetch(NULL, "SHA256", NULL)) != NULL, "EVP_MD_fetch");
	return md;
}

static void
ctx_free(void *p)
{
	EVP_MD_CTX_free(p);
}

struct hash *
hash_new(struct arena *a)
{
	struct hash *h = arena_alloc(a, sizeof *h);

	hash_must((h->ctx = EVP_MD_CTX_new()) != NULL, "EVP_MD_CTX_new");
	arena_defer(a, ctx_free, h->ctx);
	hash_begin(h);
	return h;
}

void
hash_begin(struct hash *h)
{
	hash_must(EVP_DigestInit_ex2(h->ctx, hash_digest(), NULL) == 1, "EVP_DigestInit_ex2");
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	hash_must(EVP_DigestUpdate(h->ctx, p, n) == 1, "EVP_DigestUpdate");
}

void
hash_end(struct hash *h, unsigned char out[SHA256_LEN])
{
	hash_must(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1, "EVP_DigestFinal_ex");
}

void
hash_sha256(struct str s, unsigned char out[SHA256_LEN])
{
	static struct hash shared;

	if (!shared.ctx)
		hash_must((shared.ctx = EVP_MD_CTX_new()) != NULL, "EVP_MD_CTX_new");
	hash_begin(&shared);
	hash_add(&shared, s.p, s.n);
	hash_end(&shared, out);
}

const char *
hash_sha256_hex(struct str s, char out[SHA256_HEX])
{
	unsigned char sum[SHA256_LEN];

	hash_sha256(s, sum);
	hex_encode(sum, sizeof sum, out);
	return out;
}

/* --- SipHash (Aumasson and Bernstein, 2012) --- */

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
sip_turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = sip_turn(s->v1, 13) ^ s->v0;
	s->v0 = sip_turn(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = sip_turn(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = sip_turn(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = sip_turn(s->v1, 17) ^ s->v2;
	s->v2 = sip_turn(s->v2, 32);
}

static inline void
sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

uint64_t
hash_sip(const uint64_t key[2], struct str text)
{
	struct sip s = {
		.v0 = key[0] ^ UINT64_C(0x736f6d6570736575),
		.v1 = key[1] ^ UINT64_C(0x646f72616e646f6d),
		.v2 = key[0] ^ UINT64_C(0x6c7967656e657261),
		.v3 = key[1] ^ UINT64_C(0x7465646279746573),
	};
	const size_t rest = text.n % sizeof(uint64_t);
	uint64_t word, last = (uint64_t)text.n << 56;

	for (size_t i = 0; i + sizeof word <= text.n; i += sizeof word) {
		memcpy(&word, text.p + i, sizeof word);
		sip_word(&s, le64toh(word));
	}
	for (size_t i = 0; i < rest; i++)
		last |= (uint64_t)(unsigned char)text.p[text.n - rest + i] << (8 * i);
	sip_word(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void
hash_hmac(struct str key, struct str text, unsigned char out[SHA256_LEN])
{
	hash_must(key.n <= INT_MAX &&
		HMAC(hash_digest(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, out,
		    NULL) != NULL,
	    "HMAC");
}

bool
hash_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool
hash_equal_c(const char *a, const char *b)
{
	size_t n;

	if (!a || !b)
		return false;
	n = strlen(a);
	return n == strlen(b) && hash_equal(a, b, n);
}

void
hex_encode(const unsigned char *p, size_t n, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = hex[p[i] >> 4];
		*out++ = hex[p[i] & 15];
	}
	*out = '\0';
}

static char *
base64_write(struct arena *a, struct str s, const char *alphabet, bool pad)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t groups = s.n / 3 + 1;
	char *out = arena_array(a, groups + 1, 4), *o = out;

	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
		    (left > 2 ? p[i + 2] : 0);

		*o++ = alphabet[v >> 18 & 63];
		*o++ = alphabet[v >> 12 & 63];
		if (left > 1)
			*o++ = alphabet[v >> 6 & 63];
		else if (pad)
			*o++ = '=';
		if (left > 2)
			*o++ = alphabet[v & 63];
		else if (pad)
			*o++ = '=';
	}
	return out;
}

char *
base64url_encode(struct arena *a, struct str s)
{
	return base64_write(a, s, url_alphabet, false);
}

char *
base64_encode(struct arena *a, struct str s)
{
	return base64_write(a, s, std_alphabet, true);
}

static int
url_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

bool
base64url_decode(struct arena *a, struct str s, struct str *out)
{
	char *text;
	size_t n = 0;
	unsigned v = 0, bits = 0;

	if (s.n % 4 == 1)
		return false;
	text = arena_alloc(a, s.n / 4 * 3 + 3);
	for (size_t i = 0; i < s.n; i++) {
		int d = url_digit(s.p[i]);

		if (d < 0)
			return false;
		v = (v << 6 | (unsigned)d) & 0xFFFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			text[n++] = (char)(v >> bits & 0xFF);
		}
	}
	/* One text has one reading: the bits that are left over must be zero. */
	if (v & ((1U << bits) - 1))
		return false;
	*out = (struct str){ text, n };
	return true;
}
