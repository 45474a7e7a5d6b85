/*
 * auth.c - see auth.h; signing in and out, and API tokens over HTTP.
 */
#include "auth.h"
#include "base/conf.h"
#include "base/field.h"
#include "base/hash.h"
#include "model.h"
#include "page.h"
#include "store/user.h"

const char *
scope_name(enum scope s)
{
	return s == SCOPE_OPERATOR ? "operator" : s == SCOPE_WRITE ? "write" : s == SCOPE_SYNC ? "sync" : "read";
}

static bool
public_https(void)
{
	return str_starts(str_c(conf_str(CONF_APP_URL)), "https://");
}

/* The __Host- prefix ties the cookie to this host over TLS; browsers refuse it without TLS. */
static const char *
cookie_name(void)
{
	return public_https() ? "__Host-tidemark" : "tidemark";
}

static const char *
bearer(const struct req *r)
{
	const char *h = req_header(r, "authorization");

	if (!h || !str_istarts(str_c(h), "bearer "))
		return NULL;
	return h + 7 + strspn(h + 7, " ");
}

static enum rc
who_token(struct req *r, const char *text)
{
	struct token t;

	TRY(token_find(r->cx, r->db, text, &t));
	r->who = (struct who){ .user_id = t.owner, .user_name = t.user_name, .operator_role = !strcmp(t.role, "operator"), .scopes = scopes_parse(t.scopes),
		.actor = arena_printf(r->cx->a, "token %s", t.name) };
	/* The operator scope is the role's to give. */
	if (!r->who.operator_role)
		r->who.scopes &= ~(unsigned)SCOPE_OPERATOR;
	return RC_OK;
}

static enum rc
who_session(struct req *r)
{
	const char *cookie = params_get(&r->cookies, cookie_name());
	struct session s;

	if (!cookie)
		return fail(r->cx, E_UNAUTHORIZED, NULL);
	TRY(session_find(r->cx, r->db, cookie, &s));
	r->who = (struct who){ .user_id = s.owner, .user_name = s.user_name, .operator_role = !strcmp(s.role, "operator"), .by_cookie = true,
		.scopes = SCOPE_READ | SCOPE_SYNC | SCOPE_WRITE, .csrf = s.csrf, .actor = "session" };
	if (r->who.operator_role)
		r->who.scopes |= SCOPE_OPERATOR;
	return RC_OK;
}

enum rc
auth_who(struct req *r, bool cron)
{
	const char *token = bearer(r);

	if (cron && token && conf_set(CONF_CRON_SECRET) && hash_equal_c(token, conf_str(CONF_CRON_SECRET))) {
		r->who = (struct who){ .scopes = SCOPE_READ | SCOPE_SYNC, .operator_role = true, .actor = "cron" };
		return RC_OK;
	}
	return token ? who_token(r, token) : who_session(r);
}

enum rc
auth_try(struct req *r)
{
	if (r->db && !bearer(r) && params_get(&r->cookies, cookie_name()))
		(void)who_session(r);
	return RC_OK;
}

/* Is the origin ("https://host:port") that of this address, or of the host the browser asked? */
static bool
own_origin(struct str origin, struct str url, const char *host)
{
	struct str rest, at = str_cut(origin, ':', &rest);

	while (str_ends(url, "/"))
		url.n--;
	if (url.n && str_ieq(origin, url))
		return true;
	return host && (str_ieq(at, STR("http")) || str_ieq(at, STR("https"))) && str_starts(rest, "//") && str_ieq((struct str){ rest.p + 2, rest.n - 2 }, str_c(host));
}

/* Where the request says it comes from: browsers set these, pages cannot. */
static bool
same_origin(const struct req *r)
{
	const char *site = req_header(r, "sec-fetch-site"), *origin = req_header(r, "origin");

	if (site)
		return !strcmp(site, "same-origin") || !strcmp(site, "none");
	/* An old browser: the token alone decides. */
	return !origin || own_origin(str_c(origin), str_c(conf_str(CONF_APP_URL)), req_header(r, "host"));
}

enum rc
auth_csrf(struct req *r)
{
	const char *given = req_header(r, "x-csrf-token");

	if (!r->who.by_cookie)
		return RC_OK;
	if (!given)
		given = req_form(r, "csrf");
	if (!same_origin(r))
		return fail(r->cx, E_CSRF, "The request came from another site.");
	if (!hash_equal_c(given, r->who.csrf))
		return fail(r->cx, E_CSRF, given ? "The form is from an earlier session." : "The form has no token of this session.");
	return RC_OK;
}

/*
 * Signing in. Whoever opens a link first has used it up; browsers that only fetch ahead say so and are sent away, and HEAD does not count.
 */

static void
set_cookie(struct req *r, struct resp *w, const char *value, int64_t seconds)
{
	resp_header(w, "Set-Cookie", arena_printf(r->cx->a, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", cookie_name(), value, (long long)seconds,
	    public_https() ? "; Secure" : ""));
}

static enum rc
use_key(struct req *r, struct resp *w, const char *key, const char *next)
{
	const char *session, *old = params_get(&r->cookies, cookie_name());

	TRY(sign_in_key_use(r->cx, r->db, key, &session));
	/* The browser forgets its old session, so nobody else shall have it. */
	if (old)
		(void)!session_end(r->cx, r->db, old);
	set_cookie(r, w, session, SESSION_DAYS * 24 * 3600);
	resp_redirect(w, r->cx->a, next && *next ? next : "/settings?tab=integrations");
	return RC_OK;
}

static bool
fetched_ahead(const struct req *r)
{
	const char *why = req_header(r, "sec-purpose");

	return why && strstr(why, "prefetch");
}

enum rc
sign_in_page(struct req *r, struct resp *w)
{
	const char *key = req_query(r, "key"), *next = req_query(r, "next");
	enum rc rc;

	if (!r->db)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc : fail(r->cx, E_SCHEMA, NULL);
	if (!key || !*key)
		return page_sign_in(r, w, NULL);
	if (r->method == M_HEAD || fetched_ahead(r)) {
		w->status = 204;
		return RC_OK;
	}
	rc = use_key(r, w, key, next);
	if (rc != RC_AUTH)
		return rc;
	/* A link that is opened again by the one who is signed in already. */
	if (r->who.user_id) {
		resp_redirect(w, r->cx->a, next && *next ? next : "/");
		return RC_OK;
	}
	return page_sign_in(r, w, arena_dup(r->cx->a, r->cx->err.detail));
}

enum rc
sign_in(struct req *r, struct resp *w)
{
	const char *key = req_form(r, "key");
	enum rc rc;

	if (!r->db)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc : fail(r->cx, E_SCHEMA, NULL);
	rc = use_key(r, w, key ? key : "", req_form(r, "next"));
	return rc == RC_AUTH ? page_sign_in(r, w, arena_dup(r->cx->a, r->cx->err.detail)) : rc;
}

enum rc
sign_out(struct req *r, struct resp *w)
{
	const char *cookie = params_get(&r->cookies, cookie_name());

	if (cookie)
		TRY(session_end(r->cx, r->db, cookie));
	set_cookie(r, w, "", 0);
	resp_redirect(w, r->cx->a, "/sign-in");
	return RC_OK;
}

/*
 * API tokens.
 */

static json *
token_json(struct arena *a, const struct token *t)
{
	json *o = json_new(a), *scopes = json_list(a);
	struct str rest = str_c(t->scopes);

	while (rest.p && rest.n)
		json_add(scopes, json_string(a, str_trim(str_cut(rest, ',', &rest))));
	json_set_str(o, "id", t->id);
	json_set_str(o, "name", t->name);
	json_set(o, "scopes", scopes);
	json_set_time(o, "createdAt", t->created_at);
	json_set_time(o, "lastUsedAt", t->last_used_at);
	json_set_time(o, "expiresAt", t->expires_at);
	json_set_time(o, "revokedAt", t->revoked_at);
	return o;
}

enum rc
token_list(struct req *r, struct resp *w)
{
	struct token_list list;
	json *o = json_new(r->cx->a), *data = json_list(r->cx->a);

	TRY(tokens_of(r->cx, r->db, r->who.user_id, &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(data, token_json(r->cx->a, &list.v[i]));
	json_set(o, "data", data);
	json_set_null(o, "nextCursor");
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/* ["read", "sync"] or "read,sync". */
static const char *
scopes_given(struct req *r)
{
	json *v = json_at(r->body, "scopes");
	struct buf *b = buf_in(r->cx->a, 200);

	if (json_is_str(v))
		return json_value_str(v);
	for (size_t i = 0; i < json_len(v); i++)
		if (json_is_str(json_nth(v, i)))
			buf_printf(b, "%s%s", i ? "," : "", json_value_str(json_nth(v, i)));
	return buf_c(b);
}

enum rc
token_add(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "name", .type = FIELD_TEXT, .required = true, .max = 100 },
		{ .name = "scopes", .type = FIELD_LIST, .required = true },
		{ .name = "days", .type = FIELD_INT, .min = 1, .max = 3650 },
		{ .name = NULL },
	};
	json *in = json_new(r->cx->a), *errors = json_list(r->cx->a), *o;
	const char *scopes = scopes_given(r), *text;
	struct token t;

	field_check(r->cx->a, fields, "", r->body, in, in, errors);
	if (json_len(errors))
		return input_fail(r, errors);
	if (!scopes_parse(scopes))
		return input_fail_one(r, "scopes", "The scopes are one or more of read, sync, write and operator.");
	/* Nobody gives away more than the credential at hand may do. */
	if (scopes_parse(scopes) & ~r->who.scopes)
		return fail(r->cx, E_FORBIDDEN, "A token cannot have more scopes than the credential that makes it.");
	TRY(token_create(r->cx, r->db, r->who.user_id, json_str(in, "name"), scopes, json_num(in, "days", 0), &text, &t));
	TRY(audit_now(r, "token made", t.id, t.name));
	o = token_json(r->cx->a, &t);
	json_set_str(o, "token", text);
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/tokens/%s", t.id));
	resp_json(w, 201, r->cx->a, o);
	w->secret = true;
	return RC_OK;
}

static enum rc
revoke(struct req *r, struct resp *w, const char *id)
{
	TRY(token_end(r->cx, r->db, r->who.user_id, id));
	TRY(audit_now(r, "token revoked", id, ""));
	w->status = 204;
	return RC_OK;
}

enum rc
token_revoke(struct req *r, struct resp *w)
{
	return revoke(r, w, r->path_param[0]);
}

enum rc
token_revoke_query(struct req *r, struct resp *w)
{
	const char *id = req_query(r, "id");

	return id ? revoke(r, w, id) : input_fail_one(r, "id", "Name the token: ?id=");
}
