/*
 * oauth_who.c - what a token says: whose it is, for what, how long.
 */
#include "fake/google/oauth.h"

#include <strings.h>

#include "base/clock.h"

static const char *
who_token(const struct call *c)
{
	const char *auth = params_get(&c->req->headers, "authorization");

	if (query_of(c, "access_token"))
		return query_of(c, "access_token");
	if (form_of(c, "access_token"))
		return form_of(c, "access_token");
	return auth && strncasecmp(auth, "Bearer ", 7) == 0 ? auth + 7 : NULL;
}

void
oauth_tokeninfo(struct call *c)
{
	const struct token *t = token_by(c->f, TOKEN_ACCESS, who_token(c));
	int64_t left;
	json *j;

	if (!token_ok(c->f, t)) {
		refuse_oauth(c, 400, "invalid_token", "Invalid Value");
		return;
	}
	left = t->ends - fake_now(c->f);
	j = json_new(c->a);
	json_set_str(j, "azp", t->client->id);
	json_set_str(j, "aud", t->client->id);
	json_set_str(j, "sub", t->who->sub);
	json_set_str(j, "scope", scopes_text(c->a, t->scopes));
	json_set_str(j, "exp", arena_printf(c->a, "%lld", (long long)t->ends / SECOND_MS));
	json_set_str(j, "expires_in", arena_printf(c->a, "%lld", (long long)left / SECOND_MS));
	if (scopes_any(t->scopes, "userinfo.email")) {
		json_set_str(j, "email", t->who->email);
		json_set_str(j, "email_verified", "true");
	}
	json_set_str(j, "access_type", "offline");
	reply_json(c, 200, j);
}

/* Both generations: "sub" and "email_verified", or "id" and "verified_email". */
void
oauth_userinfo(struct call *c)
{
	const bool oidc = strcmp(c->route->path, "/v1/userinfo") == 0;
	const char *name = c->who->name;
	json *j = json_new(c->a);

	json_set_str(j, oidc ? "sub" : "id", c->who->sub);
	if (scopes_any(c->token->scopes, "userinfo.email")) {
		json_set_str(j, "email", c->who->email);
		json_set_bool(j, oidc ? "email_verified" : "verified_email", true);
	}
	if (scopes_any(c->token->scopes, "userinfo.profile")) {
		json_set_str(j, "name", name);
		json_set_s(j, "given_name", (struct str){ name, strcspn(name, " ") });
	}
	reply_json(c, 200, j);
}
