/*
 * oauth_grant.c - applications and tokens; who calls, by the token that comes along.
 */
#include "fake/google/oauth.h"

#include <strings.h>

#include "base/clock.h"
#include "fake/google/google.h"

struct oauth *
oauth_of(const struct fake *f)
{
	return fake_part(f, &oauth_service);
}

struct client *
client_by(struct fake *f, const char *id)
{
	struct client *c;

	for (c = oauth_of(f)->clients; c; c = c->next)
		if (id && strcmp(c->id, id) == 0)
			return c;
	return NULL;
}

struct client *
client_add(struct fake *f, const char *id, const char *secret)
{
	struct client *c = client_by(f, id);

	if (c)
		return c;
	c = arena_alloc(f->a, sizeof *c);
	*c = (struct client){
		.next = oauth_of(f)->clients,
		.id = arena_dup(f->a, id),
		.secret = arena_dup(f->a, secret),
		.project = arena_printf(f->a, "1000000000%02d", (int)fake_serial(f)),
	};
	oauth_of(f)->clients = c;
	return c;
}

/* A dead or long expired one, whose place is used again so that a long life does not fill memory.
 */
static struct token *
grant_unused(struct fake *f, enum token_kind kind)
{
	struct token *t;

	for (t = oauth_of(f)->tokens; t && kind != TOKEN_REFRESH; t = t->next)
		if (t->kind == kind && t->ends > 0 && t->ends < fake_now(f) - DAY_MS)
			return t;
	t = arena_alloc(f->a, sizeof *t);
	t->next = oauth_of(f)->tokens;
	oauth_of(f)->tokens = t;
	return t;
}

struct token *
token_add(struct fake *f, enum token_kind kind, const struct token *like, int64_t life_ms)
{
	static const char *const prefix[] = {
		[TOKEN_CODE] = "4/0",
		[TOKEN_ACCESS] = "ya29.",
		[TOKEN_REFRESH] = "1//0",
	};
	const int64_t now = fake_now(f);
	struct token *t = grant_unused(f, kind);

	*t = (struct token){
		.next = t->next,
		.kind = kind,
		.text = fake_secret(f->a, prefix[kind]),
		.client = like->client,
		.who = like->who,
		.scopes = like->scopes,
		.made = now,
		.ends = life_ms > 0 ? now + life_ms : 0,
	};
	return t;
}

struct token *
token_by(struct fake *f, enum token_kind kind, const char *text)
{
	struct token *t;

	for (t = oauth_of(f)->tokens; t; t = t->next)
		if (t->kind == kind && text && strcmp(t->text, text) == 0)
			return t;
	return NULL;
}

bool
token_ok(const struct fake *f, const struct token *t)
{
	return t && !t->dead && (t->ends == 0 || fake_now(f) < t->ends);
}

void
oauth_expire(struct fake *f)
{
	for (struct token *t = oauth_of(f)->tokens; t; t = t->next)
		if (t->kind == TOKEN_ACCESS)
			t->dead = true;
}

/*
 * Who calls.
 */
#define GRANT_REALM "Bearer realm=\"https://accounts.google.com/\""

static void
grant_refuse_credentials(struct call *c, bool missing)
{
	const char *message = arena_printf(c->a,
	    "Request %s. Expected OAuth 2 access token, login cookie or other valid authentication "
	    "credential. See "
	    "https://developers.google.com/identity/sign-in/web/devconsole-project.",
	    missing ? "is missing required authentication credential"
		    : "had invalid authentication credentials");

	if (c->route->style == STYLE_LEGACY)
		message = missing ? "Login Required." : "Invalid Credentials";
	refuse(c,
	    &(struct refusal){
		.status = 401,
		.reason = missing ? "required" : "authError",
		.message = message,
		.location_type = "header",
		.location = "Authorization",
	    });
	reply_header(
	    c, "WWW-Authenticate", missing ? GRANT_REALM : GRANT_REALM ", error=\"invalid_token\"");
}

static void
grant_refuse_scopes(struct call *c)
{
	const char *message = "Request had insufficient authentication scopes.";

	if (c->route->style == STYLE_LEGACY)
		message = "Insufficient Permission: "
			  "Request had insufficient authentication scopes.";
	refuse(c,
	    &(struct refusal){
		.status = 403,
		.reason = "insufficientPermissions",
		.details = google_error_info(c, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
		.message = message,
	    });
	reply_header(c, "WWW-Authenticate", GRANT_REALM ", error=\"insufficient_scope\"");
}

bool
google_admit(struct call *c)
{
	struct token *t;

	if (!c->route->scopes)
		return true;
	t = token_by(c->f, TOKEN_ACCESS, bearer_of(c));
	if (!token_ok(c->f, t)) {
		grant_refuse_credentials(c, !params_get(&c->req->headers, "authorization"));
		return false;
	}
	c->token = t;
	c->who = t->who;
	c->project = t->client;
	if (scopes_any(t->scopes, c->route->scopes))
		return true;
	grant_refuse_scopes(c);
	return false;
}

/*
 * What outlives a restart.
 */
void
oauth_save(struct fake *f, struct arena *a, json *top)
{
	json *tokens = json_list(a);

	for (const struct token *t = oauth_of(f)->tokens; t; t = t->next) {
		json *j = json_new(a);

		if (!token_ok(f, t) || t->kind == TOKEN_CODE)
			continue;
		json_set_i64(j, "kind", t->kind);
		json_set_str(j, "text", t->text);
		json_set_str(j, "client", t->client->id);
		json_set_str(j, "email", t->who->email);
		json_set_str(j, "scope", scopes_text(a, t->scopes));
		json_set_i64(j, "made", t->made);
		json_set_i64(j, "ends", t->ends);
		json_add(tokens, j);
	}
	json_set(top, "tokens", tokens);
}

static void
grant_load(struct fake *f, const json *j)
{
	const char *text = json_str(j, "text"), *scope = json_str(j, "scope");
	const int64_t kind = json_num(j, "kind", -1);
	struct token like = { 0 }, *t;

	like.client = client_by(f, json_str(j, "client"));
	like.who = account_by(f, json_str(j, "email"));
	if (!like.client || !like.who || !text || !scope || !scopes_read(scope, &like.scopes) ||
	    (kind != TOKEN_ACCESS && kind != TOKEN_REFRESH))
		return;
	t = token_add(f, (enum token_kind)kind, &like, 0);
	t->text = arena_dup(f->a, text);
	t->made = json_num(j, "made", t->made);
	t->ends = json_num(j, "ends", 0);
}

void
oauth_load(struct fake *f, const json *top)
{
	const json *tokens = json_at(top, "tokens");

	for (size_t i = 0; i < json_len(tokens); i++)
		grant_load(f, json_nth(tokens, i));
}
