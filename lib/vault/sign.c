/*
 * sign.c - see sign.h.
 */
#include "vault/sign.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

enum { KEY_BITS_MIN = 2048, SIGNATURE_MAX = 2048 };

static EVP_PKEY *
read_key(struct str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;

	BIO_free(bio);
	return key;
}

enum rc
rs256_sign(struct ctx *cx, struct str pem, struct str text, struct str *signature)
{
	unsigned char *out = arena_alloc(cx->a, SIGNATURE_MAX);
	size_t n = SIGNATURE_MAX;
	EVP_PKEY *key = pem.n < 64 * 1024 ? read_key(pem) : NULL;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool usable = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
	    EVP_PKEY_get_bits(key) >= KEY_BITS_MIN;
	bool ok = c && usable && EVP_PKEY_get_size(key) <= SIGNATURE_MAX &&
	    EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(c, out, &n, (const unsigned char *)text.p, text.n) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	if (!ok)
		return fail(cx, E_INPUT,
		    "The private key of the service account cannot be used; download a new JSON "
		    "key.");
	*signature = (struct str){ (char *)out, n };
	return RC_OK;
}
