/*
 * api_logins.c - accounts at providers over HTTP, the way to the consent page and back, and the
 * tab of /settings about them.
 */
#include "logins/logins.h"
#include "fcgi/auth.h"
#include "base/clock.h"
#include "base/conf.h"
#include "oauth/consent.h"
#include "skin/page.h"
#include "logins/quota.h"
#include "app/doctor.h"
#include "queue/channel.h"

enum rc
api_accounts(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a), *o;
	struct login_list list;

	TRY(login_list(r->cx, r->db, r->who.user_id, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_account(r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, NULL));
	return RC_OK;
}

static enum rc
reply_account(struct req *r, struct resp *w, int status, const char *id)
{
	struct login acc;
	json *o;

	TRY(login_get(r->cx, r->db, r->who.user_id, id, &acc));
	TRY(model_account(r, &acc, &o));
	resp_json(w, status, r->cx->a, o);
	return RC_OK;
}

enum rc
api_account_one(struct req *r, struct resp *w)
{
	return reply_account(r, w, 200, r->path_param[0]);
}

/* {"key": {...} or its text} */
enum rc
api_account_service(struct req *r, struct resp *w)
{
	json *key = json_at(r->body, "key");
	const char *id;
	enum rc rc;

	if (!key)
		return input_fail_one(r, "key", "Paste the JSON key of the service account.");
	rc = account_service(
	    r, "google", json_is_str(key) ? json_value_str(key) : json_text(r->cx->a, key), &id);
	if (rc == RC_INVALID && (r->cx->err.kind == E_INPUT || r->cx->err.kind == E_BAD_REQUEST))
		return input_fail_one(r, "key", arena_dup(r->cx->a, r->cx->err.detail));
	TRY(rc);
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/accounts/%s", id));
	return reply_account(r, w, 201, id);
}

enum rc
api_account_remove(struct req *r, struct resp *w)
{
	bool revoked;

	TRY(account_remove(r, r->path_param[0], &revoked));
	w->status = 204;
	return RC_OK;
}

/* To the account of a connection, or of the given one, or a new one. */
enum rc
api_auth_start(struct req *r, struct resp *w)
{
	const char *conn_id = req_query(r, "connection");
	const char *account = req_query(r, "account");
	const char *next = "/settings?tab=accounts";
	const char *url;
	struct conn c;

	if (conn_id) {
		TRY(conn_get(r->cx, r->db, r->who.user_id, conn_id, &c));
		account = c.account_id;
		next = arena_printf(r->cx->a, "/connections/%s", c.id);
	} else if (req_query(r, "add"))
		next = "/settings?tab=integrations&add=google-sheets#add";
	TRY(account_start(r, r->path_param[0], account, next, &url));
	w->status = 302;
	resp_header(w, "Location", url);
	return RC_OK;
}

/* A person sees how it went on the page that follows, never a bare error: the address of this
 * one holds a code that must not stay in sight. */
enum rc
api_auth_back(struct req *r, struct resp *w)
{
	const char *next, *said = NULL;
	bool connected = false;
	enum rc rc = account_back(r, r->path_param[0], &next, &said, &connected);

	if (rc == RC_BUG)
		return rc;
	if (rc == RC_OK && connected)
		page_say(r, w, next, said);
	else
		page_say_bad(r, w, next,
		    rc == RC_OK ? said
				: arena_dup(r->cx->a,
				      *r->cx->err.detail ? r->cx->err.detail
							 : error_row(r->cx->err.kind)->title));
	return RC_OK;
}

/*
 * /settings?tab=accounts
 */

/* The quotas of one account, in words. */
static json *
meters(struct arena *a, const json *quota, const char *account_id)
{
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(quota); i++) {
		json *q = json_nth(quota, i), *o = json_new(a);
		int64_t conns = json_num(q, "connections", 0);
		int64_t share = json_num(q, "percent", 0);
		int64_t refused = json_num(q, "refusedLastDay", 0);
		if (strcmp(json_str(q, "accountId"), account_id))
			continue;
		json_set_str(o, "quotaTitle", json_str(q, "title"));
		json_set_i64(o, "fill", share > 100 ? 100 : share);
		json_set_str(o, "plan",
		    conns ? arena_printf(a, "%s %s at most %lld %% of the quota",
				page_plural(a, conns, "sheet", "sheets"),
				conns == 1 ? "uses" : "use", (long long)share)
			  : "nothing reads by schedule");
		json_set_str(o, "used",
		    arena_printf(a, "%s in the last 24 hours, %s a minute are allowed%s",
			page_plural(a, json_num(q, "usedLastDay", 0), "call", "calls"),
			page_count(a, json_num(q, "limitPerMinute", 0)),
			refused ? arena_printf(a, "; Google asked %s to wait",
				      page_plural(a, refused, "time", "times"))
				: ""));
		json_add(list, o);
	}
	return list;
}

/* What an operator does once, with what can be checked from here. */
static enum rc
setup(struct req *r, json *model)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *rows, *list = json_list(a);
	bool all_ok;

	TRY(doctor_checks(r->cx, r->db, DOCTOR_QUICK, &rows, &all_ok));
	for (size_t i = 0; i < json_len(rows); i++)
		if (str_starts(json_s(json_nth(rows, i), "name"), "google"))
			json_add(list, json_nth(rows, i));
	json_set_str(o, "redirect", consent_redirect(a, "google"));
	json_set_str(o, "webhook",
	    channel_possible() && !conf_int(CONF_DEMO) ? channel_address(a, "google-drive") : NULL);
	json_set_str(o, "origin", conf_app_url(a));
	json_set_bool(o, "isOpen", !account_ready("google"));
	json_set_str(o, "setupTitle",
	    conf_int(CONF_DEMO) ? "From the demo to the real Google" : "Set up Google");
	json_set(o, "checks", list);
	json_set(model, "setup", o);
	return RC_OK;
}

static enum rc
show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o, *quota;
	struct login_list all;
	const char *missing;

	TRY(login_list(r->cx, r->db, r->who.user_id, &all));
	TRY(quota_model(r, &quota));
	for (size_t i = 0; i < all.n; i++) {
		TRY(model_account(r, &all.v[i], &o));
		json_set(o, "meters", meters(r->cx->a, quota, all.v[i].id));
		json_set_bool(o, "isService", !strcmp(all.v[i].kind, "service"));
		json_set_bool(o, "well", !strcmp(all.v[i].health, "ok"));
		TRY(account_missing(r, &all.v[i], &missing));
		json_set_str(o, "missing", missing);
		json_set_bool(o, "week", login_lived_a_week(&all.v[i]));
		json_set_str(o, "connectionsText",
		    json_num(o, "connections", 0)
			? page_plural(
			      r->cx->a, json_num(o, "connections", 0), "connection", "connections")
			: "no connection yet");
		page_when(r->cx->a, o, "granted", json_str(o, "grantedAt"), clock_ms());
		json_add(list, o);
	}
	json_set(model, "accounts", list);
	json_set_bool(model, "none", all.n == 0);
	json_set_bool(model, "ready", account_ready("google"));
	json_set_bool(model, "isOperator", auth_may(r, SCOPE_OPERATOR));
	if (auth_may(r, SCOPE_OPERATOR))
		TRY(setup(r, model));
	json_set_str(model, "keyError", page_complaint(r, "key"));
	return page_settings_show(r, w, "accounts", model, problem);
}

enum rc
page_accounts(struct req *r, struct resp *w)
{
	return show(r, w, NULL);
}

enum rc
page_accounts_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	const char *id = req_form(r, "id") ? req_form(r, "id") : "";
	const char *key = req_form(r, "key");
	const char *said = "Saved.";
	struct err problem;
	bool revoked;
	enum rc rc;

	if (!strcmp(what, "service")) {
		rc = key && *key
		    ? account_service(r, "google", key, &id)
		    : input_fail_one(r, "key", "Paste the JSON key of the service account.");
		said = "The service account is connected. Share spreadsheets with its address.";
	} else if (!strcmp(what, "remove")) {
		rc = account_remove(r, id, &revoked);
		if (rc == RC_OK)
			said = revoked
			    ? "The account is disconnected and its access revoked."
			    : "The account is forgotten here. Google could not be reached to revoke it; do so in your Google account.";
	} else
		return fail(r->cx, E_BAD_REQUEST, NULL);
	if (rc == RC_OK) {
		page_say(r, w, "/settings?tab=accounts", said);
		return RC_OK;
	}
	problem = r->cx->err;
	return show(r, w, &problem);
}
