/*
 * oauth.c - the token endpoint and revocation; the row of the service. The consent page is
 * oauth_consent.c's, service accounts are oauth_jwt.c's.
 */
#include "fake/google/oauth.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

enum { ACCESS_SECONDS = 3599, TESTING_DAYS = 7, TOKENS_PER_CLIENT = 100 };

/*
 * Refusals.
 */
void
oauth_error(struct call *c, const struct refusal *r)
{
	json *j = json_new(c->a);

	json_set_str(j, "error", r->oauth);
	json_set_str(j, "error_description", r->message);
	if (r->subtype)
		json_set_str(j, "error_subtype", r->subtype);
	c->refused = true;
	reply_json(c, r->status, j);
}

void
refuse_oauth(struct call *c, int status, const char *error, const char *description)
{
	oauth_error(c,
	    &(struct refusal){
		.status = status,
		.oauth = error,
		.message = description,
	    });
}

/*
 * Token answers.
 */

/* Nobody who takes it straight from the token endpoint checks its signature, and it has none worth
 * checking. */
static const char *
oauth_id_token(struct call *c, const struct token *t)
{
	json *claims = json_new(c->a);
	const char *head = "{\"alg\":\"RS256\",\"kid\":\"stand-in\",\"typ\":\"JWT\"}", *text;

	json_set_str(claims, "iss", FAKE_ISSUER);
	json_set_str(claims, "azp", t->client->id);
	json_set_str(claims, "aud", t->client->id);
	json_set_str(claims, "sub", t->who->sub);
	if (scopes_any(t->scopes, "userinfo.email")) {
		json_set_str(claims, "email", t->who->email);
		json_set_bool(claims, "email_verified", true);
	}
	json_set_str(claims, "nonce", t->nonce && t->client->nonce ? t->client->nonce : t->nonce);
	if (scopes_any(t->scopes, "userinfo.profile"))
		json_set_str(claims, "name", t->who->name);
	json_set_i64(claims, "iat", fake_now(c->f) / SECOND_MS);
	json_set_i64(claims, "exp", fake_now(c->f) / SECOND_MS + HOUR_MS / SECOND_MS);
	text = json_text(c->a, claims);
	return arena_printf(c->a, "%s.%s.%s", base64url_encode(c->a, str_c(head)),
	    base64url_encode(c->a, str_c(text)), base64url_encode(c->a, STR("not a signature")));
}

/* The oldest of too many dies, without a word. */
static void
oauth_keep_newest(struct fake *f, const struct token *fresh)
{
	int64_t n = 0;

	for (struct token *t = oauth_of(f)->tokens; t; t = t->next)
		if (t->kind == TOKEN_REFRESH && t->who == fresh->who &&
		    t->client == fresh->client && !t->dead && ++n > TOKENS_PER_CLIENT)
			t->dead = true;
}

static struct token *
oauth_refresh_token(struct call *c, const struct token *from)
{
	bool dies = from->client->testing && (from->scopes & ~scopes_identity());
	struct token *t = token_add(c->f, TOKEN_REFRESH, from, dies ? TESTING_DAYS * DAY_MS : 0);

	oauth_keep_newest(c->f, t);
	return t;
}

static void
oauth_answer(struct call *c, const struct token *from, const struct token *fresh)
{
	struct token *t = token_add(c->f, TOKEN_ACCESS, from, ACCESS_SECONDS * SECOND_MS);
	json *j = json_new(c->a);

	t->nonce = from->kind == TOKEN_CODE ? from->nonce : NULL;
	json_set_str(j, "access_token", t->text);
	json_set_i64(j, "expires_in", ACCESS_SECONDS);
	if (fresh)
		json_set_str(j, "refresh_token", fresh->text);
	if (fresh && fresh->ends > 0)
		json_set_i64(
		    j, "refresh_token_expires_in", (fresh->ends - fake_now(c->f)) / SECOND_MS);
	json_set_str(j, "scope", scopes_text(c->a, t->scopes));
	json_set_str(j, "token_type", "Bearer");
	if (t->scopes & scopes_identity())
		json_set_str(j, "id_token", oauth_id_token(c, t));
	reply_json(c, 200, j);
}

/* The members of one grant type, and no others. */
static bool
oauth_form_holds(struct call *c, const char *required, const char *optional)
{
	struct str rest = str_c(required), one;
	const char *all = arena_printf(c->a, "|%s|%s|grant_type|", required, optional);

	while (rest.p) {
		one = str_cut(rest, '|', &rest);
		if (!form_of(c, arena_dup_str(c->a, one))) {
			refuse_oauth(c, 400, "invalid_request",
			    arena_printf(
				c->a, "Missing required parameter: %s", arena_dup_str(c->a, one)));
			return false;
		}
	}
	for (size_t i = 0; i < c->form.n; i++)
		if (!strstr(all, arena_printf(c->a, "|%s|", c->form.v[i].name))) {
			refuse_oauth(c, 400, "invalid_request",
			    arena_printf(c->a, "Parameter not allowed for this message type: %s",
				c->form.v[i].name));
			return false;
		}
	return true;
}

static struct client *
oauth_client(struct call *c)
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
oauth_verifier_fits(struct call *c, const struct token *code)
{
	const char *v = form_of(c, "code_verifier");
	unsigned char digest[SHA256_LEN];

	if (!code->challenge)
		return !v;
	if (!v || strlen(v) < 43 || strlen(v) > 128 ||
	    strspn(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") !=
		strlen(v))
		return false;
	if (!code->s256)
		return strcmp(v, code->challenge) == 0;
	hash_sha256(str_c(v), digest);
	return strcmp(base64url_encode(c->a, (struct str){ (char *)digest, sizeof digest }),
		   code->challenge) == 0;
}

static void
oauth_by_code(struct call *c)
{
	struct client *client;
	struct token *code;
	const char *redirect;

	if (!oauth_form_holds(c, "code|client_id|client_secret|redirect_uri", "code_verifier") ||
	    !(client = oauth_client(c)))
		return;
	code = token_by(c->f, TOKEN_CODE, form_of(c, "code"));
	redirect = form_of(c, "redirect_uri");
	if (!token_ok(c->f, code) || code->client != client) {
		refuse_oauth(
		    c, 400, "invalid_grant", code ? "Bad Request" : "Malformed auth code.");
		return;
	}
	/* Used up by the first who shows it, right or wrong. */
	code->dead = true;
	if (strcmp(code->redirect, redirect) != 0)
		refuse_oauth(c, 400, "redirect_uri_mismatch", "Bad Request");
	else if (!oauth_verifier_fits(c, code))
		refuse_oauth(c, 400, "invalid_grant",
		    code->challenge ? "Invalid code verifier."
				    : "code_verifier or verifier is not needed.");
	else
		oauth_answer(
		    c, code, code->offline && code->fresh ? oauth_refresh_token(c, code) : NULL);
}

static void
oauth_by_refresh(struct call *c)
{
	struct client *client;
	struct token *t;

	if (!oauth_form_holds(c, "refresh_token|client_id|client_secret", "scope") ||
	    !(client = oauth_client(c)))
		return;
	t = token_by(c->f, TOKEN_REFRESH, form_of(c, "refresh_token"));
	if (!token_ok(c->f, t) || t->client != client) {
		refuse_oauth(c, 400, "invalid_grant",
		    t && t->client == client ? "Token has been expired or revoked."
					     : "Bad Request");
		return;
	}
	if (client->rotate) {
		t->dead = true;
		oauth_answer(c, t, oauth_refresh_token(c, t));
	} else {
		oauth_answer(c, t, NULL);
	}
}

static void
oauth_by_assertion(struct call *c)
{
	struct token like = { 0 }, *t;
	const char *wrong;
	json *j;

	if (!oauth_form_holds(c, "assertion", ""))
		return;
	wrong = assertion_check(c, form_of(c, "assertion"), &like.who, &like.scopes);
	if (wrong) {
		if (!c->refused)
			refuse_oauth(c, 400, "invalid_grant", wrong);
		return;
	}
	/* All keys of a service account belong to one project. */
	like.client = client_add(c->f, like.who->email, "");
	t = token_add(c->f, TOKEN_ACCESS, &like, ACCESS_SECONDS * SECOND_MS);
	j = json_new(c->a);
	json_set_str(j, "access_token", t->text);
	json_set_i64(j, "expires_in", ACCESS_SECONDS);
	json_set_str(j, "token_type", "Bearer");
	reply_json(c, 200, j);
}

static void
oauth_token(struct call *c)
{
	static const struct {
		const char *type;
		void (*exchange)(struct call *);
	} grants[] = {
		{ "authorization_code", oauth_by_code },
		{ "refresh_token", oauth_by_refresh },
		{ "urn:ietf:params:oauth:grant-type:jwt-bearer", oauth_by_assertion },

	};
	const char *type = form_of(c, "grant_type");

	reply_header(c, "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
	for (size_t i = 0; type && i < sizeof grants / sizeof *grants; i++)
		if (strcmp(type, grants[i].type) == 0) {
			grants[i].exchange(c);
			return;
		}
	if (type)
		refuse_oauth(c, 400, "unsupported_grant_type",
		    arena_printf(c->a, "Invalid grant_type: %s", type));
	else
		refuse_oauth(
		    c, 400, "invalid_request", "Required parameter is missing: grant_type");
}

/* Revoking either token ends all that the account granted to the project. */
static void
oauth_revoke(struct call *c)
{
	const char *text = query_of(c, "token") ? query_of(c, "token") : form_of(c, "token");
	struct token *t = token_by(c->f, TOKEN_REFRESH, text);

	if (!t)
		t = token_by(c->f, TOKEN_ACCESS, text);
	if (!token_ok(c->f, t)) {
		refuse_oauth(c, 400, text ? "invalid_token" : "invalid_request",
		    text ? "Token expired or revoked" : "Missing required parameter: token");
		return;
	}
	for (struct token *o = oauth_of(c->f)->tokens; o; o = o->next)
		if (o->who == t->who && o->client == t->client)
			o->dead = true;
	reply_json(c, 200, json_new(c->a));
}

/*
 * Tables.
 */
#define AUTH "https://www.googleapis.com/auth/"
#define IDENTITY "openid userinfo.email userinfo.profile"

static const struct fake_scope oauth_scopes[] = {
	{
	    .url = "openid",
	    .words = "Know who you are",
	    .identity = true,
	},
	{
	    .url = AUTH "userinfo.email",
	    .alias = "email",
	    .words = "See your e-mail address",
	    .identity = true,
	},
	{
	    .url = AUTH "userinfo.profile",
	    .alias = "profile",
	    .words = "See your name",
	    .identity = true,
	},
	{ .url = NULL },
};

static const struct fake_route oauth_routes[] = {
	{
	    .method = "GET",
	    .path = "/o/oauth2/v2/auth",
	    .name = "oauth2.authorize",
	    .style = STYLE_OAUTH,
	    .form = true,
	    .handle = consent_page,
	},
	{
	    .method = "POST",
	    .path = "/o/oauth2/v2/auth",
	    .name = "oauth2.authorize",
	    .style = STYLE_OAUTH,
	    .form = true,
	    .handle = consent_given,
	},
	{
	    .method = "POST",
	    .path = "/token",
	    .name = "oauth2.token",
	    .style = STYLE_OAUTH,
	    .form = true,
	    .handle = oauth_token,
	},
	{
	    .method = "POST",
	    .path = "/revoke",
	    .name = "oauth2.revoke",
	    .style = STYLE_OAUTH,
	    .form = true,
	    .handle = oauth_revoke,
	},
	{
	    .method = "GET",
	    .path = "/tokeninfo",
	    .name = "oauth2.tokeninfo",
	    .style = STYLE_OAUTH,
	    .form = true,
	    .handle = oauth_tokeninfo,
	},
	{
	    .method = "POST",
	    .path = "/tokeninfo",
	    .name = "oauth2.tokeninfo",
	    .style = STYLE_OAUTH,
	    .form = true,
	    .handle = oauth_tokeninfo,
	},
	{
	    .method = "GET",
	    .path = "/oauth2/v2/userinfo",
	    .name = "oauth2.userinfo.get",
	    .style = STYLE_LEGACY,
	    .scopes = IDENTITY,
	    .query = fake_nothing,
	    .handle = oauth_userinfo,
	},
	{
	    .method = "GET",
	    .path = "/v1/userinfo",
	    .name = "oauth2.userinfo",
	    .style = STYLE_LEGACY,
	    .scopes = IDENTITY,
	    .query = fake_nothing,
	    .handle = oauth_userinfo,
	},
	{ .path = NULL },
};

static void
oauth_init(struct fake *f)
{
	client_add(f, "client", "secret");
}

const struct fake_service oauth_service = {
	.name = "oauth2",
	.bases = "accounts|oauth2|api",
	.manners = &google_manners,
	.routes = oauth_routes,
	.scopes = oauth_scopes,
	.commands = oauth_commands,
	.part = sizeof(struct oauth),
	.init = oauth_init,
	.save = oauth_save,
	.load = oauth_load,
};
