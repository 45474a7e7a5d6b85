/*
 * oauth.c - see oauth.h. Requests are forms, or JSON where a provider wants that; answers are flat
 * objects (RFC 6749 5.1, 5.2), whose error says what may be done about it.
 */
#include "oauth/oauth.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "net/http_call.h"
#include "oauth/consent.h"
#include "vault/sign.h"

enum { ANSWER_MAX = 64 * 1024, FORM_MAX = 32 * 1024, SERVICE_LIFE_S = 3600, EXPIRES_S = 3600 };
/* Clocks are not the same everywhere. */
enum { SLACK_S = 600 };

struct oauth_client
oauth_client(struct arena *a, const struct oauth_provider *p)
{
	return (struct oauth_client){
		.provider = p,
		.token_url = oauth_at(a, &p->token),
		.revoke_url = oauth_at(a, &p->revoke),
		.userinfo_url = oauth_at(a, &p->userinfo),
		.id = conf_str(p->client_id),
		.secret = conf_str(p->client_secret),
	};
}

/* A request for tokens. The client says who it is in it, or beside it. */
static json *
oauth_request(struct arena *a, const struct oauth_client *c, const char *type)
{
	json *f = json_new(a);

	json_set_str(f, "grant_type", type);
	if (!c->provider->json) {
		json_set_str(f, "client_id", c->id);
		json_set_str(f, "client_secret", c->secret);
	}
	return f;
}

static const char *
oauth_form(struct arena *a, const json *f)
{
	struct buf *b = buf_in(a, FORM_MAX);

	for (struct json_iter it = { 0 }; json_each(f, &it);)
		form_put(b, it.key, json_value_str(it.value));
	return buf_c(b);
}

static enum rc
oauth_post(struct ctx *cx, const struct oauth_client *c, const char *url, const json *f,
    struct http_answer *out)
{
	const char *who = arena_printf(cx->a, "%s:%s", c->id, c->secret);
	const bool plain = !c->provider->json;
	json *headers = json_new(cx->a);
	struct http_call call = {
		.method = "POST",
		.url = url,
		.secret_headers = headers,
		.content_type = plain ? "application/x-www-form-urlencoded" : "application/json",
		.body = str_c(plain ? oauth_form(cx->a, f) : json_text(cx->a, f)),
		.max_bytes = ANSWER_MAX,
		.timeout_ms = OAUTH_TIMEOUT_MS,
		.configured = true,
	};

	if (!plain)
		json_set_str(headers, "Authorization",
		    arena_printf(cx->a, "Basic %s", base64_encode(cx->a, str_c(who))));
	return http_call(cx, &call, out);
}

/* "invalid_grant: Token has been expired or revoked." of an answer that refuses; words are the
 * provider's, kept short. */
static enum rc
oauth_refusal(struct ctx *cx, const struct http_answer *answer, const json *body)
{
	const char *error = json_str(body, "error"), *why = json_str(body, "error_description");

	/* Some answer as they do everywhere else. */
	if (!error && json_str(body, "code")) {
		error = json_str(body, "code");
		why = json_str(body, "message");
	}
	if (answer->status >= 500 || answer->limited || answer->status == 408)
		return http_call_error(cx, answer);
	/* Not the words of a token endpoint: something stands in between. */
	if (!error)
		return fail(cx, E_SOURCE_STATUS, "%s answered %d without a reason.", answer->host,
		    answer->status);
	if (!strcmp(error, "server_error") || !strcmp(error, "internal_failure") ||
	    !strcmp(error, "temporarily_unavailable"))
		return fail(cx, E_SOURCE_5XX, "%s has a problem of its own.", answer->host);
	if (!strcmp(error, "invalid_grant"))
		return fail(cx, E_GRANT, "%.200s", why ? why : "The grant has ended.");
	if (!strcmp(error, "admin_policy_enforced") || !strcmp(error, "access_denied"))
		return fail(cx, E_GRANT, "The administrator of this account does not allow it.");
	return fail(cx, E_OAUTH_SETUP, "%.60s%s%.200s", error, why ? ": " : "", why ? why : "");
}

static int64_t
oauth_seconds(const json *body, int64_t unsaid)
{
	int64_t n = unsaid;

	if (!json_i64(body, "expires_in", &n))
		(void)str_i64(json_s(body, "expires_in"), 0, INT32_MAX, &n);
	if (n > INT32_MAX)
		n = INT32_MAX;
	return n < 0 ? 0 : n;
}

enum rc
oauth_answered(struct ctx *cx, const struct http_answer *answer, struct oauth_tokens *out)
{
	const json *body = json_stored(cx->a, answer->body.p);

	if (answer->status != 200)
		return oauth_refusal(cx, answer, body);
	*out = (struct oauth_tokens){
		.answer = body,
		.access = json_str(body, "access_token"),
		.refresh = json_str(body, "refresh_token"),
		.scopes = json_str(body, "scope"),
		.id_token = json_str(body, "id_token"),
		.expires_s = oauth_seconds(body, EXPIRES_S),
	};
	/* It goes into a header. */
	for (const char *p = out->access; p && *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			out->access = NULL;
	return out->access && *out->access
	    ? RC_OK
	    : fail(cx, E_SOURCE_STATUS, "%s gave no access token.", answer->host);
}

/* Some providers name scopes with something else between. */
static const char *
oauth_spaced(struct arena *a, const char *scopes, const char *separator)
{
	char *text = arena_dup(a, scopes);

	for (char *p = text; *p; p++)
		if (*p == *separator)
			*p = ' ';
	return text;
}

static enum rc
oauth_ask(struct ctx *cx, const struct oauth_client *c, const json *f, struct oauth_tokens *out)
{
	struct http_answer answer;

	TRY(oauth_post(cx, c, c->token_url, f, &answer));
	TRY(oauth_answered(cx, &answer, out));
	if (out->scopes)
		out->scopes = oauth_spaced(cx->a, out->scopes, c->provider->separator);
	if (!c->provider->lasting)
		return RC_OK;
	out->expires_s = oauth_seconds(out->answer, INT32_MAX);
	/* Older connections have no refresh token: what came is all there is. */
	if (!out->refresh)
		out->refresh = out->access;
	return RC_OK;
}

enum rc
oauth_exchange(struct ctx *cx, const struct oauth_client *c, const char *code, const char *verifier,
    const char *redirect, struct oauth_tokens *out)
{
	json *f = oauth_request(cx->a, c, "authorization_code");

	json_set_str(f, "code", code);
	json_set_str(f, "redirect_uri", redirect);
	if (c->provider->pkce)
		json_set_str(f, "code_verifier", verifier);
	TRY(oauth_ask(cx, c, f, out));
	out->nonce = consent_nonce(cx->a, c->provider, verifier);
	return RC_OK;
}

enum rc
oauth_refresh(
    struct ctx *cx, const struct oauth_client *c, const char *refresh, struct oauth_tokens *out)
{
	json *f = oauth_request(cx->a, c, "refresh_token");

	json_set_str(f, "refresh_token", refresh);
	return oauth_ask(cx, c, f, out);
}

enum rc
oauth_revoke(struct ctx *cx, const struct oauth_client *c, const char *token)
{
	json *f = json_new(cx->a), *body;
	struct http_answer answer;
	const char *error;

	if (!c->revoke_url)
		return fail(
		    cx, E_NOT_YET, "%s cannot be told that a login has ended.", c->provider->title);
	json_set_str(f, "token", token);
	TRY(oauth_post(cx, c, c->revoke_url, f, &answer));
	body = json_stored(cx->a, answer.body.p);
	error = json_str(body, "error");
	if (answer.status == 200 || (error && !strcmp(error, "invalid_token")))
		return RC_OK;
	return oauth_refusal(cx, &answer, body);
}

static json *
oauth_claims(struct arena *a, const char *token)
{
	struct str rest = str_c(token), part;

	(void)str_cut(rest, '.', &rest);
	part = str_cut(rest, '.', &rest);
	return part.n && base64url_decode(a, part, &part) ? json_stored(a, arena_dup_str(a, part))
							  : NULL;
}

/* `aud` is a text or a list of them. */
static bool
oauth_for(const json *who, const char *client)
{
	const json *aud = json_at(who, "aud");
	const char *party = json_str(who, "azp");
	bool meant = json_is_str(aud) && !strcmp(json_value_str(aud), client);

	for (size_t i = 0; !meant && i < json_len(aud); i++)
		meant = json_is_str(json_nth(aud, i)) &&
		    !strcmp(json_value_str(json_nth(aud, i)), client);
	return meant && (!party || !strcmp(party, client));
}

/* The answer to what this browser was sent with, and to nothing else. */
static bool
oauth_ours(const json *who, const char *nonce)
{
	const char *said = json_str(who, "nonce");

	return !nonce || (said && !strcmp(said, nonce));
}

enum oauth_word
oauth_told(struct arena *a, const struct oauth_client *c, const struct oauth_tokens *t,
    int64_t now_ms, const char **subject, const char **address)
{
	const json *who = t->id_token && c->provider->issuer ? oauth_claims(a, t->id_token) : NULL;
	struct str issuer;

	*subject = json_str(who, "sub");
	*address = json_str(who, "email");
	if (!*subject || !*address)
		return OAUTH_SILENT;
	issuer = json_s(who, "iss");
	if (str_starts(issuer, "https://"))
		issuer = (struct str){ issuer.p + 8, issuer.n - 8 };
	return str_is(issuer, c->provider->issuer) && oauth_for(who, c->id) &&
		oauth_ours(who, t->nonce) && json_num(who, "exp", 0) > now_ms / SECOND_MS - SLACK_S
	    ? OAUTH_TOLD
	    : OAUTH_FOREIGN;
}

/* "owner.user.name". */
static const char *
oauth_member(struct arena *a, const json *j, const char *path)
{
	struct str rest = str_c(path), name = { 0 };

	for (; path && rest.p; j = rest.p ? json_at(j, arena_dup_str(a, name)) : j)
		name = str_cut(rest, '.', &rest);
	return name.n ? json_str(j, arena_dup_str(a, name)) : NULL;
}

/* Whose it is, of what came with the tokens. False: it does not say. */
static bool
oauth_named(struct arena *a, const struct oauth_provider *p, const struct oauth_tokens *t,
    const char **subject, const char **address)
{
	const char *person = oauth_member(a, t->answer, p->person);

	*subject = oauth_member(a, t->answer, p->subject);
	*address = oauth_member(a, t->answer, p->address);
	if (*address && person)
		*address = arena_printf(a, "%s (%s)", *address, person);
	else if (!*address)
		*address = person;
	return *subject && *address;
}

enum rc
oauth_identity(struct ctx *cx, const struct oauth_client *c, const struct oauth_tokens *t,
    const char **subject, const char **address)
{
	json *headers = json_new(cx->a);
	struct http_answer answer;
	const json *who;
	const enum oauth_word word = oauth_told(cx->a, c, t, clock_ms(), subject, address);

	if (word == OAUTH_FOREIGN)
		return fail(cx, E_GRANT,
		    "What %s said of the account was not for this application, or is over: "
		    "connect again; if that is no help, look at the clock of this machine.",
		    c->provider->title);
	if (word == OAUTH_TOLD || oauth_named(cx->a, c->provider, t, subject, address))
		return RC_OK;
	if (!c->userinfo_url)
		return fail(cx, E_SOURCE_STATUS, "%s did not say whose account this is.",
		    c->provider->title);
	json_set_str(headers, "Authorization", arena_printf(cx->a, "Bearer %s", t->access));
	TRY(http_call(cx,
	    &(struct http_call){
		.method = "GET",
		.url = c->userinfo_url,
		.secret_headers = headers,
		.max_bytes = ANSWER_MAX,
		.timeout_ms = OAUTH_TIMEOUT_MS,
		.configured = true,
	    },
	    &answer));
	TRY(http_call_error(cx, &answer));
	who = json_stored(cx->a, answer.body.p);
	*subject = json_str(who, "id") ? json_str(who, "id") : json_str(who, "sub");
	*address = json_str(who, "email");
	return *subject && *address
	    ? RC_OK
	    : fail(cx, E_SOURCE_STATUS, "%s did not say whose account this is.", answer.host);
}

/*
 * Service accounts (RFC 7523).
 */

enum rc
oauth_service_check(struct ctx *cx, const json *key, const char **address)
{
	const char *type = json_str(key, "type");
	struct str signature;

	*address = json_str(key, "client_email");
	if (!type || strcmp(type, "service_account") || !*address || !json_str(key, "private_key"))
		return fail_input(cx, "key",
		    "This is not the JSON key of a service account: it has type, "
		    "client_email and private_key.");
	return rs256_sign(cx, json_s(key, "private_key"), STR("x"), &signature);
}

enum rc
oauth_service_token(struct ctx *cx, const struct oauth_client *c, const json *key,
    const char *scopes, int64_t now_ms, struct oauth_tokens *out)
{
	json *head = json_new(cx->a), *body = json_new(cx->a), *f = json_new(cx->a);
	struct str signature;
	const char *text;

	json_set_str(head, "alg", "RS256");
	json_set_str(head, "typ", "JWT");
	json_set_str(head, "kid", json_str(key, "private_key_id"));
	json_set_str(body, "iss", json_str(key, "client_email"));
	json_set_str(body, "scope", scopes);
	json_set_str(body, "aud", c->provider->audience);
	json_set_i64(body, "iat", now_ms / 1000);
	json_set_i64(body, "exp", now_ms / 1000 + SERVICE_LIFE_S);
	text = arena_printf(cx->a, "%s.%s", base64url_encode(cx->a, str_c(json_text(cx->a, head))),
	    base64url_encode(cx->a, str_c(json_text(cx->a, body))));
	TRY(rs256_sign(cx, json_s(key, "private_key"), str_c(text), &signature));
	json_set_str(f, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
	json_set_str(
	    f, "assertion", arena_printf(cx->a, "%s.%s", text, base64url_encode(cx->a, signature)));
	return oauth_ask(cx, c, f, out);
}
