/*
 * oauth_jwt.c - service accounts: a key pair, its key file, and signed claims instead of consent.
 */
#include "fake/google/oauth.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/clock.h"
#include "base/hash.h"

static const char jwt_token_uri[] = "https://oauth2.googleapis.com/token";

static const char *
jwt_pem(struct arena *a, EVP_PKEY *key, bool private)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *p;
	long n;
	const char *text;

	if (private)
		PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PUBKEY(out, key);
	n = BIO_get_mem_data(out, &p);
	text = arena_dup_str(a, (struct str){ p, (size_t)n });
	BIO_free(out);
	return text;
}

/* Its key, or the place for one. */
static struct robot *
jwt_robot(struct fake *f, const struct account *who)
{
	struct oauth *o = oauth_of(f);
	struct robot *r;

	for (r = o->robots; r; r = r->next)
		if (r->who == who)
			return r;
	r = arena_alloc(f->a, sizeof *r);
	*r = (struct robot){ .next = o->robots, .who = who };
	o->robots = r;
	return r;
}

json *
service_key(struct fake *f, struct arena *a, const char *email)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct account *who = account_add(f, email, "Service account");
	struct robot *robot = jwt_robot(f, who);
	json *j = json_new(a);

	who->service = true;
	robot->key_id = arena_printf(f->a, "%040llx", (unsigned long long)fake_serial(f));
	robot->public_key = jwt_pem(f->a, key, false);
	json_set_str(j, "type", "service_account");
	json_set_str(j, "project_id", "demo-project");
	json_set_str(j, "private_key_id", robot->key_id);
	json_set_str(j, "private_key", jwt_pem(a, key, true));
	json_set_str(j, "client_email", who->email);
	json_set_str(j, "client_id", who->sub);
	json_set_str(j, "auth_uri", "https://accounts.google.com/o/oauth2/auth");
	json_set_str(j, "token_uri", jwt_token_uri);
	json_set_str(
	    j, "auth_provider_x509_cert_url", "https://www.googleapis.com/oauth2/v1/certs");
	json_set_str(j, "universe_domain", "googleapis.com");
	EVP_PKEY_free(key);
	return j;
}

static bool
jwt_signature_fits(const char *pem, struct str text, struct str signature)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool fits = key && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(md, (const unsigned char *)signature.p, signature.n,
		(const unsigned char *)text.p, text.n) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	BIO_free(in);
	return fits;
}

static json *
jwt_part(struct call *c, struct str encoded)
{
	struct str text;
	json *j = NULL;

	if (base64url_decode(c->a, encoded, &text) &&
	    json_parse(c->cx, "Part", text, &j) == RC_OK && json_is_obj(j))
		return j;
	return NULL;
}

/* "https://oauth2.googleapis.com/token", or wherever this stand-in answers it. */
static bool
jwt_audience_ok(const char *aud)
{
	return aud &&
	    (strcmp(aud, jwt_token_uri) == 0 ||
		(strncmp(aud, "http://", 7) == 0 && str_ends(str_c(aud), "/token")));
}

static bool
jwt_times_ok(const struct call *c, const json *claims)
{
	const int64_t now = fake_now(c->f) / SECOND_MS;
	const int64_t iat = json_num(claims, "iat", 0), exp = json_num(claims, "exp", 0);

	return exp > now && iat <= now + 300 && exp - iat <= 3600 && exp <= now + 3900 &&
	    iat >= now - 3600;
}

/* Signed by this account's key? */
static bool
jwt_signed(struct call *c, const json *header, const struct account *who, struct str text,
    struct str signature)
{
	const struct robot *robot = jwt_robot(c->f, who);
	const char *kid = json_str(header, "kid");

	return (!kid || strcmp(kid, robot->key_id) == 0) &&
	    jwt_signature_fits(robot->public_key, text, signature);
}

/* What it claims: NULL, or what is wrong; "" when the reply says so already. */
static const char *
jwt_claims_check(struct call *c, const json *claims, const struct account *who, scope_set *scopes)
{
	const char *scope = json_str(claims, "scope"), *sub = json_str(claims, "sub");

	if (!jwt_audience_ok(json_str(claims, "aud")))
		return "Invalid JWT: Failed audience check.";
	if (!jwt_times_ok(c, claims))
		return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
		       "reasonable timeframe. Check your iat and exp values in the JWT claim.";
	if (sub && strcmp(sub, who->email) != 0) {
		refuse_oauth(c, 401, "unauthorized_client",
		    "Client is unauthorized to retrieve access tokens using this method, "
		    "or client not authorized for any of the scopes requested.");
		return "";
	}
	if (!scope || !scopes_read(scope, scopes)) {
		refuse_oauth(
		    c, 400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
		return "";
	}
	return NULL;
}

const char *
assertion_check(struct call *c, const char *jws, struct account **who, scope_set *scopes)
{
	struct str rest, head = str_cut(str_c(jws), '.', &rest), body = str_cut(rest, '.', &rest);
	struct str signature, text = { jws, (size_t)(rest.p ? rest.p - jws : 1) - 1 };
	const json *header = jwt_part(c, head), *claims = jwt_part(c, body);
	const char *alg = json_str(header, "alg");

	if (!header || !claims || !rest.p || !base64url_decode(c->a, rest, &signature) || !alg ||
	    strcmp(alg, "RS256") != 0)
		return "Invalid JWT: Failed audience check or malformed assertion.";
	*who = account_by(c->f, json_str(claims, "iss"));
	if (!*who || !(*who)->service)
		return "Invalid grant: account not found";
	if (!jwt_signed(c, header, *who, text, signature))
		return "Invalid JWT Signature.";
	return jwt_claims_check(c, claims, *who, scopes);
}
