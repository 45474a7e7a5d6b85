/*
 * fake_oauth.c - the token endpoint, revocation and who am I. The consent page is fake_consent.c's, service accounts are fake_jwt.c's.
 */
#include "fake/world.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"

enum { ACCESS_SECONDS = 3599, TESTING_DAYS = 7, TOKENS_PER_CLIENT = 100 };

static unsigned
scope_bit(struct str name)
{
	for (size_t i = 0; i < SCOPE_BIT__MAX; i++)
		if (str_is(name, scope_rows[i].url))
			return 1U << i;
	return str_is(name, "email") ? FS_EMAIL : str_is(name, "profile") ? FS_PROFILE : 0;
}

bool
fake_scopes_parse(const char *text, unsigned *out)
{
	struct str rest = str_c(text);

	*out = 0;
	while (rest.p) {
		struct str one = str_cut(rest, ' ', &rest);

		if (one.n > 0 && scope_bit(one) == 0)
			return false;
		*out |= scope_bit(one);
	}
	return *out != 0;
}

const char *
scopes_text(struct arena *a, unsigned scopes)
{
	struct buf *b = buf_in(a, 4000);

	for (size_t i = 0; i < SCOPE_BIT__MAX; i++)
		if (scopes & 1U << i)
			buf_printf(b, "%s%s", b->n ? " " : "", scope_rows[i].url);
	return buf_c(b);
}

/*
 * Token answers.
 */

/* Nobody who takes it straight from the token endpoint checks its signature, and it has none worth checking. */
static const char *
id_token(struct call *c, const struct token *t)
{
	json *claims = json_new(c->a);
	const char *head = "{\"alg\":\"RS256\",\"kid\":\"stand-in\",\"typ\":\"JWT\"}", *text;

	json_set_str(claims, "iss", "https://accounts.google.com");
	json_set_str(claims, "azp", t->client->id);
	json_set_str(claims, "aud", t->client->id);
	json_set_str(claims, "sub", t->who->sub);
	if (t->scopes & FS_EMAIL) {
		json_set_str(claims, "email", t->who->email);
		json_set_bool(claims, "email_verified", true);
	}
	if (t->scopes & FS_PROFILE)
		json_set_str(claims, "name", t->who->name);
	json_set_i64(claims, "iat", fake_now(c->f) / SECOND_MS);
	json_set_i64(claims, "exp", fake_now(c->f) / SECOND_MS + HOUR_MS / SECOND_MS);
	text = json_text(c->a, claims);
	return arena_printf(c->a, "%s.%s.%s", base64url_encode(c->a, str_c(head)), base64url_encode(c->a, str_c(text)), base64url_encode(c->a, STR("not a signature")));
}

/* The oldest of too many dies, without a word. */
static void
keep_newest(struct fake *f, const struct token *fresh)
{
	int64_t n = 0;

	for (struct token *t = f->tokens; t; t = t->next)
		if (t->kind == TOKEN_REFRESH && t->who == fresh->who && t->client == fresh->client && !t->dead && ++n > TOKENS_PER_CLIENT)
			t->dead = true;
}

static struct token *
refresh_token(struct call *c, const struct token *from)
{
	bool dies = from->client->testing && (from->scopes & ~(unsigned)FS_IDENTITY);
	struct token *t = token_add(c->f, TOKEN_REFRESH, from->client, from->who, from->scopes, dies ? TESTING_DAYS * DAY_MS : 0);

	keep_newest(c->f, t);
	return t;
}

static void
answer(struct call *c, const struct token *from, const struct token *fresh)
{
	struct token *t = token_add(c->f, TOKEN_ACCESS, from->client, from->who, from->scopes, ACCESS_SECONDS * SECOND_MS);
	json *j = json_new(c->a);

	json_set_str(j, "access_token", t->text);
	json_set_i64(j, "expires_in", ACCESS_SECONDS);
	if (fresh)
		json_set_str(j, "refresh_token", fresh->text);
	if (fresh && fresh->ends > 0)
		json_set_i64(j, "refresh_token_expires_in", (fresh->ends - fake_now(c->f)) / SECOND_MS);
	json_set_str(j, "scope", scopes_text(c->a, t->scopes));
	json_set_str(j, "token_type", "Bearer");
	if (t->scopes & FS_IDENTITY)
		json_set_str(j, "id_token", id_token(c, t));
	reply_json(c, 200, j);
}

static const char *
form_of(const struct call *c, const char *name)
{
	return params_get(&c->form, name);
}

/* The members of one grant type, and no others. */
static bool
form_holds(struct call *c, const char *required, const char *optional)
{
	struct str rest = str_c(required), one;
	const char *all = arena_printf(c->a, "|%s|%s|grant_type|", required, optional);

	while (rest.p) {
		one = str_cut(rest, '|', &rest);
		if (!form_of(c, arena_dup_str(c->a, one))) {
			refuse_oauth(c, 400, "invalid_request", arena_printf(c->a, "Missing required parameter: %s", arena_dup_str(c->a, one)));
			return false;
		}
	}
	for (size_t i = 0; i < c->form.n; i++)
		if (!strstr(all, arena_printf(c->a, "|%s|", c->form.v[i].name))) {
			refuse_oauth(c, 400, "invalid_request", arena_printf(c->a, "Parameter not allowed for this message type: %s", c->form.v[i].name));
			return false;
		}
	return true;
}

static struct client *
client_of(struct call *c)
{
	struct client *client = client_by(c->f, form_of(c, "client_id"));
	const char *secret = form_of(c, "client_secret");

	if (!client)
		refuse_oauth(c, 401, "invalid_client", "The OAuth client was not found.");
	else if (!secret || strcmp(secret, client->secret) != 0)
		refuse_oauth(c, 401, "invalid_client", "The provided client secret is invalid.");
	return c->refused ? NULL : client;
}

static bool
verifier_fits(struct call *c, const struct token *code)
{
	const char *v = form_of(c, "code_verifier");
	unsigned char digest[SHA256_LEN];

	if (!code->challenge)
		return v == NULL;
	if (!v || strlen(v) < 43 || strlen(v) > 128 || strspn(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") != strlen(v))
		return false;
	if (!code->s256)
		return strcmp(v, code->challenge) == 0;
	hash_sha256(str_c(v), digest);
	return strcmp(base64url_encode(c->a, (struct str){ (char *)digest, sizeof digest }), code->challenge) == 0;
}

static void
exchange_code(struct call *c)
{
	struct client *client;
	struct token *code;
	const char *redirect;

	if (!form_holds(c, "code|client_id|client_secret|redirect_uri", "code_verifier") || !(client = client_of(c)))
		return;
	code = token_by(c->f, TOKEN_CODE, form_of(c, "code"));
	redirect = form_of(c, "redirect_uri");
	if (!token_ok(c->f, code) || code->client != client) {
		refuse_oauth(c, 400, "invalid_grant", code ? "Bad Request" : "Malformed auth code.");
		return;
	}
	/* Used up by the first who shows it, right or wrong. */
	code->dead = true;
	if (strcmp(code->redirect, redirect) != 0)
		refuse_oauth(c, 400, "redirect_uri_mismatch", "Bad Request");
	else if (!verifier_fits(c, code))
		refuse_oauth(c, 400, "invalid_grant", code->challenge ? "Invalid code verifier." : "code_verifier or verifier is not needed.");
	else
		answer(c, code, code->offline && code->fresh ? refresh_token(c, code) : NULL);
}

static void
exchange_refresh(struct call *c)
{
	struct client *client;
	struct token *t;

	if (!form_holds(c, "refresh_token|client_id|client_secret", "scope") || !(client = client_of(c)))
		return;
	t = token_by(c->f, TOKEN_REFRESH, form_of(c, "refresh_token"));
	if (!token_ok(c->f, t) || t->client != client) {
		refuse_oauth(c, 400, "invalid_grant", t && t->client == client ? "Token has been expired or revoked." : "Bad Request");
		return;
	}
	if (client->rotate) {
		t->dead = true;
		answer(c, t, refresh_token(c, t));
	} else {
		answer(c, t, NULL);
	}
}

static void
exchange_assertion(struct call *c)
{
	struct token like = { 0 }, *t;
	const char *wrong;
	json *j;

	if (!form_holds(c, "assertion", ""))
		return;
	wrong = assertion_check(c, form_of(c, "assertion"), &like.who, &like.scopes);
	if (wrong) {
		if (!c->refused)
			refuse_oauth(c, 400, "invalid_grant", wrong);
		return;
	}
	/* All keys of a service account belong to one project. */
	t = token_add(c->f, TOKEN_ACCESS, client_by(c->f, like.who->email) ? client_by(c->f, like.who->email) : client_add(c->f, like.who->email, ""), like.who, like.scopes,
		ACCESS_SECONDS * SECOND_MS);
	j = json_new(c->a);
	json_set_str(j, "access_token", t->text);
	json_set_i64(j, "expires_in", ACCESS_SECONDS);
	json_set_str(j, "token_type", "Bearer");
	reply_json(c, 200, j);
}

static void
do_token(struct call *c)
{
	static const struct { const char *type; void (*exchange)(struct call *); } grants[] = {
		{ "authorization_code", exchange_code }, { "refresh_token", exchange_refresh },
		{ "urn:ietf:params:oauth:grant-type:jwt-bearer", exchange_assertion }
	};
	const char *type = form_of(c, "grant_type");

	reply_header(c, "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
	for (size_t i = 0; type && i < sizeof grants / sizeof *grants; i++)
		if (strcmp(type, grants[i].type) == 0) {
			grants[i].exchange(c);
			return;
		}
	if (type)
		refuse_oauth(c, 400, "unsupported_grant_type", arena_printf(c->a, "Invalid grant_type: %s", type));
	else
		refuse_oauth(c, 400, "invalid_request", "Required parameter is missing: grant_type");
}

/* Revoking either token ends all that the account granted to the project. */
static void
do_revoke(struct call *c)
{
	const char *text = query_of(c, "token") ? query_of(c, "token") : form_of(c, "token");
	struct token *t = token_by(c->f, TOKEN_REFRESH, text);

	if (!t)
		t = token_by(c->f, TOKEN_ACCESS, text);
	if (!token_ok(c->f, t)) {
		refuse_oauth(c, 400, text ? "invalid_token" : "invalid_request", text ? "Token expired or revoked" : "Missing required parameter: token");
		return;
	}
	for (struct token *o = c->f->tokens; o; o = o->next)
		if (o->who == t->who && o->client == t->client)
			o->dead = true;
	reply_json(c, 200, json_new(c->a));
}

static void
do_tokeninfo(struct call *c)
{
	const char *text = query_of(c, "access_token") ? query_of(c, "access_token") : form_of(c, "access_token");
	const char *auth = params_get(&c->req->headers, "authorization");
	struct token *t = token_by(c->f, TOKEN_ACCESS, text ? text : auth && strncasecmp(auth, "Bearer ", 7) == 0 ? auth + 7 : NULL);
	json *j;

	if (!token_ok(c->f, t)) {
		refuse_oauth(c, 400, "invalid_token", "Invalid Value");
		return;
	}
	j = json_new(c->a);
	json_set_str(j, "azp", t->client->id);
	json_set_str(j, "aud", t->client->id);
	json_set_str(j, "sub", t->who->sub);
	json_set_str(j, "scope", scopes_text(c->a, t->scopes));
	json_set_str(j, "exp", arena_printf(c->a, "%lld", (long long)t->ends / SECOND_MS));
	json_set_str(j, "expires_in", arena_printf(c->a, "%lld", (long long)(t->ends - fake_now(c->f)) / SECOND_MS));
	if (t->scopes & FS_EMAIL) {
		json_set_str(j, "email", t->who->email);
		json_set_str(j, "email_verified", "true");
	}
	json_set_str(j, "access_type", "offline");
	reply_json(c, 200, j);
}

/* Both generations: "sub" and "email_verified", or "id" and "verified_email". */
static void
do_userinfo(struct call *c)
{
	bool oidc = strcmp(c->route->path, "/v1/userinfo") == 0;
	json *j = json_new(c->a);

	json_set_str(j, oidc ? "sub" : "id", c->who->sub);
	if (c->token->scopes & FS_EMAIL) {
		json_set_str(j, "email", c->who->email);
		json_set_bool(j, oidc ? "email_verified" : "verified_email", true);
	}
	if (c->token->scopes & FS_PROFILE) {
		json_set_str(j, "name", c->who->name);
		json_set_str(j, "given_name", arena_dup_str(c->a, (struct str){ c->who->name, strcspn(c->who->name, " ") }));
	}
	reply_json(c, 200, j);
}

const struct fake_route fake_oauth_routes[] = {
	{ "GET", "/o/oauth2/v2/auth", "oauth2.authorize", STYLE_OAUTH, .handle = consent_page },
	{ "POST", "/o/oauth2/v2/auth", "oauth2.authorize", STYLE_OAUTH, .handle = consent_given },
	{ "POST", "/token", "oauth2.token", STYLE_OAUTH, .handle = do_token },
	{ "POST", "/revoke", "oauth2.revoke", STYLE_OAUTH, .handle = do_revoke },
	{ "GET", "/tokeninfo", "oauth2.tokeninfo", STYLE_OAUTH, .handle = do_tokeninfo },
	{ "POST", "/tokeninfo", "oauth2.tokeninfo", STYLE_OAUTH, .handle = do_tokeninfo },
	{ "GET", "/oauth2/v2/userinfo", "oauth2.userinfo.get", STYLE_LEGACY, .scopes = FS_IDENTITY, .handle = do_userinfo },
	{ "GET", "/v1/userinfo", "oauth2.userinfo", STYLE_LEGACY, .scopes = FS_IDENTITY, .handle = do_userinfo },
	{ .path = NULL }
};
