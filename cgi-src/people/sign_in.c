/*
 * sign_in.c - signing in by a one-time link, a password or a trusted proxy, and signing out.
 * Whoever opens a link first has used it up; browsers that only fetch ahead say so and are sent
 * away, and HEAD does not count.
 */
#include "app/sign_in.h"
#include "base/conf.h"
#include "people/model.h"
#include "skin/page.h"

#define HOME_PATH "/settings?tab=integrations"

static enum rc
no_database(struct req *r)
{
	return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc
					 : fail(r->cx, E_SCHEMA, NULL);
}

static const char *
sign_in_agent(const struct req *r)
{
	const char *text = req_header(r, "user-agent");

	return text && str_utf8_ok(str_c(text)) ? text : "";
}

/* The browser has a new session; its old one ends, so that nobody else shall have it. */
static void
sign_in_enter(struct req *r, struct resp *w, const char *cookie, const char *path)
{
	const char *old = auth_cookie(r);

	if (old)
		(void)!session_end(r->cx, r->db, old);
	auth_set_cookie(r, w, cookie);
	resp_redirect(w, r->cx->a, path);
}

static const char *
or_home(const char *next)
{
	return next && *next ? next : HOME_PATH;
}

static enum rc
use_key(struct req *r, struct resp *w, const char *key, const char *next)
{
	struct sign_in in;

	TRY(sign_in_key_use(
	    r->cx, r->db, key, &(struct actor){ "link", r->remote_addr }, sign_in_agent(r), &in));
	sign_in_enter(r, w, in.cookie, in.choose ? "/settings?tab=account" : or_home(next));
	return RC_OK;
}

static struct visitor
sign_in_visitor(const struct req *r)
{
	return (struct visitor){ .address = r->remote_addr, .agent = sign_in_agent(r) };
}

static enum rc
use_password(struct req *r, struct resp *w, const char *name, const char *password)
{
	const struct visitor v = sign_in_visitor(r);
	const char *cookie;

	TRY(sign_in_password(r->cx, r->db, &v, name, password, &cookie));
	sign_in_enter(r, w, cookie, or_home(req_form(r, "next")));
	return RC_OK;
}

/* The proxy in front has signed somebody in. */
static enum rc
use_proxy(struct req *r, struct resp *w, const char *name)
{
	const char *cookie;
	struct user u;

	if (user_find(r->cx, r->db, name, &u) != RC_OK || u.disabled_at)
		return page_sign_in(r, w, 403,
		    "Your organisation's sign-in knows you, but nobody has added you here. Ask an "
		    "operator of this installation.");
	TRY(session_open(r->cx, r->db,
	    &(struct session_new){
		.owner = u.id,
		.agent = sign_in_agent(r),
		.by = { arena_printf(r->cx->a, "proxy %s", conf_str(CONF_SSO_PROXY)),
		    r->remote_addr },
		.by_proxy = true,
	    },
	    &cookie));
	sign_in_enter(r, w, cookie, or_home(req_query(r, "next")));
	return RC_OK;
}

static bool
fetched_ahead(const struct req *r)
{
	const char *why = req_header(r, "sec-purpose");

	return why && strstr(why, "prefetch");
}

static enum rc
open_link(struct req *r, struct resp *w, const char *key)
{
	const char *next = req_query(r, "next"), *owner;
	enum rc rc;

	if (r->method == M_HEAD || fetched_ahead(r)) {
		w->status = 204;
		return RC_OK;
	}
	/* A link that somebody else sent does not quietly make this browser another user's, nor
	 * that of who has sent it. */
	if ((r->who.user_id || !auth_site_is_told(r) || auth_origin(r) != RC_OK) &&
	    sign_in_key_owner(r->cx, r->db, key, &owner) == RC_OK &&
	    (!r->who.user_id || strcmp(owner, r->who.user_id)))
		return page_sign_in(r, w, 200, NULL);
	rc = use_key(r, w, key, next);
	if (rc != RC_AUTH)
		return rc;
	/* A link that is opened again by the one who is signed in already. */
	if (r->who.user_id) {
		resp_redirect(w, r->cx->a, next && *next ? next : "/");
		return RC_OK;
	}
	return page_sign_in(r, w, 401, arena_dup(r->cx->a, r->cx->err.detail));
}

enum rc
sign_in_page(struct req *r, struct resp *w)
{
	const char *key = req_query(r, "key"), *named = auth_sso_user(r);

	if (!r->db)
		return no_database(r);
	if (key && *key)
		return open_link(r, w, key);
	return named && !r->who.user_id ? use_proxy(r, w, named) : page_sign_in(r, w, 200, NULL);
}

enum rc
sign_in(struct req *r, struct resp *w)
{
	const char *key = req_form(r, "key");
	const char *name = req_form(r, "name");
	const char *password = req_form(r, "password");
	const char *mail = req_form(r, "mail");
	struct visitor v;
	struct err problem;
	enum rc rc;

	if (!r->db)
		return no_database(r);
	if (mail) {
		v = sign_in_visitor(r);
		rc = sign_in_mail(r->cx, r->db, &v, mail);
		if (rc == RC_OK) {
			page_say(r, w, "/sign-in",
			    "If this user has an e-mail address here, a mail with a link is on "
			    "its way.");
			return RC_OK;
		}
	} else if (key)
		rc = use_key(r, w, key, req_form(r, "next"));
	else
		rc = use_password(r, w, name ? name : "", password ? password : "");
	if (rc != RC_AUTH && rc != RC_LIMITED)
		return rc;
	problem = r->cx->err;
	if (rc == RC_LIMITED)
		resp_header(w, "Retry-After",
		    arena_printf(r->cx->a, "%lld", (long long)(problem.wait_ms + 999) / 1000));
	return page_sign_in(
	    r, w, rc == RC_LIMITED ? 429 : 401, arena_dup(r->cx->a, problem.detail));
}

enum rc
sign_out_again(struct req *r, struct resp *w)
{
	resp_redirect(w, r->cx->a, "/");
	return RC_OK;
}

enum rc
sign_out(struct req *r, struct resp *w)
{
	const char *cookie = auth_cookie(r);

	if (cookie)
		TRY(session_end(r->cx, r->db, cookie));
	auth_set_cookie(r, w, "");
	page_say(r, w, "/sign-in", "You are signed out.");
	/* What pages have left in the browser; not cookies, which it would take from the
	 * neighbours of this host as well. */
	resp_header(w, "Clear-Site-Data", "\"cache\", \"storage\"");
	return RC_OK;
}
