/*
 * page_account.c - /settings?tab=account: password, e-mail address, notices, sessions; and the
 * page that a mailed link leads to.
 */
#include "app/people.h"
#include "base/clock.h"
#include "skin/page.h"
#include "people/model.h"
#include "queue/mailbox.h"

/* "Firefox on Linux" for people, from what browsers say about themselves. */
static const char *
account_browser(struct arena *a, const char *agent)
{
	static const char *const browsers[][2] = {
		{ "Edg/", "Edge" },
		{ "OPR/", "Opera" },
		{ "Firefox/", "Firefox" },
		{ "Chrome/", "Chrome" },
		{ "Safari/", "Safari" },
		{ "curl/", "curl" },
	};
	static const char *const systems[][2] = {
		{ "Android", "Android" },
		{ "iPhone", "iPhone" },
		{ "iPad", "iPad" },
		{ "Windows", "Windows" },
		{ "Mac OS X", "Mac" },
		{ "Linux", "Linux" },
	};
	const char *b = NULL, *s = NULL;

	for (size_t i = 0; !b && i < sizeof browsers / sizeof *browsers; i++)
		b = strstr(agent, browsers[i][0]) ? browsers[i][1] : NULL;
	for (size_t i = 0; !s && i < sizeof systems / sizeof *systems; i++)
		s = strstr(agent, systems[i][0]) ? systems[i][1] : NULL;
	if (!b)
		return "A browser";
	return s ? arena_printf(a, "%s on %s", b, s) : b;
}

static enum rc
account_sessions(struct req *r, json *model)
{
	json *list = json_list(r->cx->a), *o;
	struct session_list all;

	TRY(session_list(r->cx, r->db, r->who.user_id, &all));
	for (size_t i = 0; i < all.n; i++) {
		o = model_session(r, &all.v[i]);
		page_when(r->cx->a, o, "since", json_str(o, "createdAt"), clock_ms());
		page_when(r->cx->a, o, "seen", json_str(o, "seenAt"), clock_ms());
		json_set_str(o, "browser", account_browser(r->cx->a, all.v[i].agent));
		json_add(list, o);
	}
	json_set(model, "sessions", list);
	json_set_bool(model, "others", all.n > 1);
	return RC_OK;
}

static enum rc
account_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a);
	const char *typed = req_form(r, "email");
	struct user u;

	TRY(user_get(r->cx, r->db, r->who.user_id, &u));
	json_set(model, "account", model_user(r->cx->a, &u));
	json_set_bool(model, "choose", r->who.password_until > clock_ms());
	json_set_bool(model, "mayChange", u.password || r->who.password_until > clock_ms());
	/* Without the form there is no field to say it beside. */
	if (problem && !json_flag(model, "mayChange", false))
		json_set_str(model, "problem", page_problem(r, problem));
	json_set_str(model, "emailValue", typed ? typed : u.email);
	json_set_bool(model, "mailWorks", mail_works());
	json_set_bool(model, "emailWants", u.password && r->who.password_until <= clock_ms());
	json_set_str(model, req_form(r, "email") ? "emailCurrentError" : "currentError",
	    page_complaint(r, "current"));
	json_set_str(model, "passwordError", page_complaint(r, "password"));
	json_set_str(model, "againError", page_complaint(r, "again"));
	json_set_str(model, "emailError", page_complaint(r, "email"));
	TRY(account_sessions(r, model));
	return page_settings_show(r, w, "account", model, problem);
}

enum rc
page_account(struct req *r, struct resp *w)
{
	return account_show(r, w, NULL);
}

static enum rc
change_password(struct req *r, const char **say)
{
	const char *password = req_form(r, "password"), *again = req_form(r, "again");

	if (password && (!again || strcmp(password, again)))
		return input_fail_one(r, "again", "The two are not the same.");
	*say = "Your password is set. Every other session has ended.";
	return account_password(r->cx, r->db, auth_caller(r), req_form(r, "current"), password);
}

static enum rc
change_email(struct req *r, const char **say)
{
	const char *email = req_form(r, "email");
	bool sent;

	TRY(account_email(
	    r->cx, r->db, auth_caller(r), email ? email : "", req_form(r, "current"), &sent));
	*say = sent
	    ? "A mail with a link is on its way. The address counts when the link was opened."
	    : "Your address is removed.";
	return RC_OK;
}

enum rc
page_account_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "", *say = "Saved.";
	struct err problem;
	enum rc rc;

	if (!strcmp(what, "password"))
		rc = change_password(r, &say);
	else if (!strcmp(what, "email"))
		rc = change_email(r, &say);
	else if (!strcmp(what, "notices"))
		rc = account_notices(r->cx, r->db, auth_caller(r), req_form(r, "on") != NULL);
	else if (!strcmp(what, "end")) {
		say = "The session has ended.";
		rc = account_end_sessions(
		    r->cx, r->db, auth_caller(r), req_form(r, "id") ? req_form(r, "id") : "");
	} else if (!strcmp(what, "end-others")) {
		say = "Every other session has ended.";
		rc = account_end_sessions(r->cx, r->db, auth_caller(r), NULL);
	} else
		return fail(r->cx, E_BAD_REQUEST, NULL);
	if (rc == RC_OK) {
		page_say(r, w, "/settings?tab=account", say);
		return RC_OK;
	}
	problem = r->cx->err;
	return account_show(r, w, &problem);
}

/*
 * The link in a mail. It is opened by whoever reads that mail, signed in or not; programs that
 * look at links in mails only see the question.
 */

static enum rc
confirm_show(struct req *r, struct resp *w, int status, const char *key, const char *done,
    const char *problem)
{
	json *model = json_new(r->cx->a);

	json_set_str(model, "key", key);
	json_set_str(model, "done", done);
	json_set_str(model, "problem", problem);
	return page_show(r, w, status, "confirm", "E-mail address", model);
}

enum rc
page_confirm(struct req *r, struct resp *w)
{
	const char *key = req_query(r, "key") ? req_query(r, "key") : "", *owner;

	if (!r->db)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc
						 : fail(r->cx, E_SCHEMA, NULL);
	if (sign_in_key_owner(r->cx, r->db, key, &owner) != RC_OK)
		return confirm_show(r, w, 401, NULL, NULL, arena_dup(r->cx->a, r->cx->err.detail));
	return confirm_show(r, w, 200, key, NULL, NULL);
}

enum rc
page_confirm_act(struct req *r, struct resp *w)
{
	const char *key = req_form(r, "key") ? req_form(r, "key") : "", *email;
	enum rc rc;

	if (!r->db)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc
						 : fail(r->cx, E_SCHEMA, NULL);
	rc = sign_in_key_confirm(
	    r->cx, r->db, key, &(struct actor){ "link", r->remote_addr }, &email);
	if (rc == RC_AUTH)
		return confirm_show(r, w, 401, NULL, NULL, arena_dup(r->cx->a, r->cx->err.detail));
	TRY(rc);
	return confirm_show(r, w, 200, NULL, email, NULL);
}
