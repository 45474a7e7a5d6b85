/*
 * auth.c - see auth.h.
 */
#include "fcgi/auth.h"
#include "base/conf.h"
#include "base/host.h"
#include "base/hash.h"
#include "store/session.h"
#include "store/token.h"
#include "store/user.h"

const struct caller *
auth_caller(struct req *r)
{
	struct caller *by = arena_alloc(r->cx->a, sizeof *by);

	*by = (struct caller){
		.owner = r->who.user_id,
		.actor = r->who.by,
		.scopes = r->who.scopes,
		.session = r->who.by_cookie ? r->who.session_id : NULL,
		.token = r->who.token_id,
		.password_until = r->who.password_until,
		.wrong = &r->wrong,
	};
	return by;
}

bool
auth_may(const struct req *r, enum scope need)
{
	return (r->who.scopes & need) == (unsigned)need;
}

enum rc
auth_need(struct req *r, enum scope need)
{
	return caller_need(r->cx, auth_caller(r), need);
}

bool
auth_https(void)
{
	return str_starts(str_c(conf_str(CONF_APP_URL)), "https://");
}

bool
auth_site_is_told(const struct req *r)
{
	return req_header(r, "sec-fetch-site") || r->https || auth_https() ||
	    host_is_here(host_of(str_c(req_header(r, "host"))));
}

/* The __Host- prefix ties the cookie to this host over TLS; browsers refuse it without TLS. */
static const char *
cookie_name(void)
{
	return auth_https() ? "__Host-tidemark" : "tidemark";
}

const char *
auth_cookie(const struct req *r)
{
	return params_get(&r->cookies, cookie_name());
}

void
auth_set_cookie(struct req *r, struct resp *w, const char *value)
{
	resp_header(w, "Set-Cookie",
	    arena_printf(r->cx->a, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
		cookie_name(), value, *value ? SESSION_DAYS * 24 * 3600 : 0,
		auth_https() ? "; Secure" : ""));
}

const char *
auth_sso_user(const struct req *r)
{
	return conf_set(CONF_SSO_PROXY) && hash_equal_c(r->sso_proxy, conf_str(CONF_SSO_PROXY))
	    ? r->sso_user
	    : NULL;
}

static const char *
auth_bearer(const struct req *r)
{
	const char *h = req_header(r, "authorization");

	if (!h || !str_istarts(str_c(h), "bearer "))
		return NULL;
	return h + 7 + strspn(h + 7, " ");
}

/* A browser that follows a stream cannot send headers of its own. In an address stands nothing that
 * lives long or may do more than read; which calls take it, their words in answers.c say. */
static const char *
auth_progress(const struct req *r)
{
	return r->route && r->route->who == WHO_PROGRESS ? req_query(r, "access_token") : NULL;
}

static enum rc
who_progress(struct req *r, const char *text)
{
	struct progress_token t;

	TRY(progress_token_find(r->cx, r->db, text, &t));
	r->who = (struct who){
		.user_id = t.owner,
		.user_name = "",
		.scopes = SCOPE_READ,
		.only_conn = t.conn_id,
		.progress = arena_dup(r->cx->a, t.digest),
		.by = { "progress token", r->remote_addr },
	};
	return RC_OK;
}

static enum rc
who_token(struct req *r, const char *text)
{
	struct token t;

	if (str_starts(str_c(text), PROGRESS_PREFIX))
		return who_progress(r, text);
	TRY(token_find(r->cx, r->db, text, r->remote_addr, &t));
	r->who = (struct who){
		.user_id = t.owner,
		.user_name = t.user_name,
		.token_id = t.id,
		.scopes = scopes_parse(t.scopes),
		.by = { arena_printf(r->cx->a, "token %s", t.name), r->remote_addr },
	};
	/* The operator scope is the role's to give. */
	if (strcmp(t.role, "operator"))
		r->who.scopes &= ~(unsigned)SCOPE_OPERATOR;
	return RC_OK;
}

static enum rc
who_session(struct req *r)
{
	const char *cookie = auth_cookie(r), *named = auth_sso_user(r);
	struct session s;

	if (!cookie)
		return fail(r->cx, E_UNAUTHORIZED, NULL);
	TRY(session_find(r->cx, r->db, cookie, &s));
	/* The proxy has somebody else at this browser now; and what it has opened is good as long
	 * as it says so, not beside it. */
	if (named ? strcmp(named, s.user_name) != 0 : s.by_proxy)
		return fail(r->cx, E_UNAUTHORIZED, NULL);
	r->who = (struct who){
		.user_id = s.owner,
		.user_name = s.user_name,
		.by_cookie = true,
		.scopes = SCOPE_READ | SCOPE_SYNC | SCOPE_WRITE,
		.session_id = s.id,
		.csrf = s.csrf,
		.password_until = s.password_until,
		.by = { "session", r->remote_addr },
	};
	if (!strcmp(s.role, "operator"))
		r->who.scopes |= SCOPE_OPERATOR;
	return RC_OK;
}

enum rc
auth_who(struct req *r, bool cron)
{
	const char *token = auth_bearer(r);

	if (cron && token && conf_set(CONF_CRON_SECRET) &&
	    hash_equal_c(token, conf_str(CONF_CRON_SECRET))) {
		r->who = (struct who){ .scopes = SCOPE_READ | SCOPE_SYNC,
			.by = { "cron", r->remote_addr } };
		return RC_OK;
	}
	if (!token && auth_progress(r))
		return who_progress(r, auth_progress(r));
	return token ? who_token(r, token) : who_session(r);
}

enum rc
auth_try(struct req *r)
{
	if (r->db && !auth_bearer(r) && auth_cookie(r))
		(void)who_session(r);
	return RC_OK;
}

enum rc
auth_act(struct req *r)
{
	const char *word = req_query(r, "workspace_id"), *again = json_str(r->body, "workspace_id");
	struct user u;

	if (word && again && strcmp(word, again))
		return fail_input(
		    r->cx, "workspace_id", "workspace_id is given twice, and differs.");
	if (!word)
		word = again;
	if (!word)
		return json_has(r->body, "workspace_id")
		    ? fail_input(r->cx, "workspace_id", "workspace_id is a text.")
		    : RC_OK;
	word = arena_dup(r->cx->a, word);
	if (r->body)
		json_unset(r->body, "workspace_id");
	if (!r->who.user_id)
		return fail(r->cx, E_FORBIDDEN, "This credential acts for nobody.");
	if (r->who.by_cookie || !auth_may(r, SCOPE_OPERATOR)) {
		TRY(user_get(r->cx, r->db, r->who.user_id, &u));
		if (!strcmp(word, u.id) || !strcmp(word, u.name) ||
		    (u.workspace_id && !strcmp(word, u.workspace_id)))
			return RC_OK;
		return fail(r->cx, E_FORBIDDEN,
		    "Only a token with the scope \"operator\" may act for another user.");
	}
	TRY(user_of_workspace(r->cx, r->db, word, &u));
	r->who.user_id = u.id;
	r->who.user_name = u.name;
	r->who.scopes &= ~(unsigned)SCOPE_OPERATOR;
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
	return host && (str_ieq(at, STR("http")) || str_ieq(at, STR("https"))) &&
	    str_starts(rest, "//") && str_ieq((struct str){ rest.p + 2, rest.n - 2 }, str_c(host));
}

/* Where the request says it comes from: browsers set these, pages cannot. */
static bool
same_origin(const struct req *r)
{
	const char *site = req_header(r, "sec-fetch-site"), *origin = req_header(r, "origin");

	if (site)
		return !strcmp(site, "same-origin") || !strcmp(site, "none");
	/* An old browser: the token alone decides. */
	return !origin ||
	    own_origin(str_c(origin), str_c(conf_str(CONF_APP_URL)), req_header(r, "host"));
}

enum rc
auth_origin(struct req *r)
{
	return same_origin(r) ? RC_OK : fail(r->cx, E_CSRF, "The request came from another site.");
}

enum rc
auth_csrf(struct req *r)
{
	const char *given = req_header(r, "x-csrf-token");

	if (!r->who.by_cookie)
		return RC_OK;
	if (!given)
		given = req_form(r, "csrf");
	TRY(auth_origin(r));
	if (!hash_equal_c(given, r->who.csrf))
		return fail(r->cx, E_CSRF,
		    given ? "The form is from an earlier session."
			  : "The form has no token of this session.");
	return RC_OK;
}
