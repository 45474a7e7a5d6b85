/*
 * cal_grant.h - the grants of the two logins: access tokens that end, grants that people end and
 * give again. What Google's accounts say of them is said here; the stand-in behind it always lets
 * in who has the token of the day.
 */
#ifndef SIM_CAL_GRANT_H
#define SIM_CAL_GRANT_H

#include "sim/cal_here.h"

#include "access/grant.h"
#include "seal/secret.h"
#include "store/login.h"
#include "vault/vault.h"

#define CAL_SCOPE "https://www.googleapis.com/auth/calendar.events"
#define CAL_TOKENS "https://oauth2.googleapis.com/token"
#define CAL_USERINFO CAL_HOST "/oauth2/v2/userinfo"

static struct {
	int access; /* the number of the access token that is good */
	bool ended;
} grants[SIDES];

static inline void
grant_says(struct ctx *c, struct net_response *out, int status, const json *body)
{
	out->status = status;
	out->body = str_c(json_text(c->a, body));
	out->headers[0] = (struct net_header){ "Content-Type", "application/json" };
}

/* Whose refresh token, code or access token it is that stands behind these words. */
static inline int
grant_side(const char *text)
{
	for (int s = 0; s < GOOGLES; s++)
		if (text && strstr(text, sides[s].ours))
			return s;
	sim_bad("nobody's token is used: %s", text ? text : "none");
	return 0;
}

static inline const char *
grant_token_now(struct arena *a, int s)
{
	return arena_printf(a, "%s-access-%d", sides[s].ours, grants[s].access);
}

static inline void
grant_tokens(struct ctx *c, const struct net_request *req, struct net_response *out)
{
	int s = grant_side(req->body.p);
	json *body = json_new(c->a);

	if (grants[s].ended) {
		json_set_str(body, "error", "invalid_grant");
		grant_says(c, out, 400, body);
		return;
	}
	json_set_str(body, "access_token", grant_token_now(c->a, s));
	json_set_str(body, "refresh_token", sides[s].ours);
	json_set_str(body, "token_type", "Bearer");
	json_set_str(body, "scope", CAL_SCOPE);
	json_set_i64(body, "expires_in", 3599);
	grant_says(c, out, 200, body);
}

static inline void
grant_userinfo(struct ctx *c, const struct net_request *req, struct net_response *out)
{
	json *body = json_new(c->a);
	int s = grant_side(net_header(req, "Authorization"));

	json_set_str(body, "id", sides[s].email);
	json_set_str(body, "email", sides[s].email);
	grant_says(c, out, 200, body);
}

/* Is it let in? */
static inline bool
grant_good(struct ctx *c, const struct net_request *req)
{
	const char *bearer = net_header(req, "Authorization");
	int s = grant_side(bearer);

	return !grants[s].ended &&
	    !strcmp(bearer, arena_printf(c->a, "Bearer %s", grant_token_now(c->a, s)));
}

/* --- people --- */

static inline void
grant_again(int s)
{
	const struct grant_request g = {
		.owner = OWNER,
		.provider = "google",
		.scopes = CAL_SCOPE,
		.code = sides[s].ours,
		.verifier = "v",
		.redirect = "https://tidemark.example/back",
	};
	struct grant_result done;

	grants[s].ended = false;
	grants[s].access++;
	tell("%s lets us in again", sides[s].email);
	assert_ok(grant_connect(&cx, db, &g, &done));
}

static inline void
grants_turn(void)
{
	int s = (int)dice(GOOGLES);

	if (grants[s].ended) {
		grant_again(s);
		return;
	}
	/* One access token after the other would be taken for the end of the grant. */
	grants[s].ended = grants[s].access > 0 || dice(2);
	grants[s].access++;
	tell(
	    "%s: %s", sides[s].email, grants[s].ended ? "the grant ends" : "the access token ends");
}

/* --- for the programs --- */

static inline char *
grant_seal(const char *login, const char *purpose, const char *text)
{
	struct vault *vault;
	char *sealed;

	assert_ok(vault_open(&cx, true, &vault));
	assert_ok(vault_seal(&cx, vault, secret_aad(cx.a, "remote_account", login, purpose, OWNER),
	    str_c(text), &sealed));
	return sealed;
}

static enum rc
sign_in_write(struct ctx *c, struct db *d, void *arg)
{
	const struct side *s = arg;
	const char *id = arena_printf(c->a, "%.34sa%s", s->conn, s->conn + 35);
	struct login a = {
		.id = id,
		.owner = OWNER,
		.provider = "google",
		.kind = "oauth",
		.subject = s->email,
		.address = s->email,
		.scopes = CAL_SCOPE,
		.sealed = grant_seal(id, "grant", s->ours),
		.access = grant_seal(id, "access", arena_printf(c->a, "%s-access-0", s->ours)),
		.access_until = SIM_EPOCH + 3650 * DAY_MS,
		.granted_at = 1,
	};

	TRY(login_insert(c, d, &a));
	return conn_set_account(c, d, OWNER, s->conn, a.id);
}

#endif
