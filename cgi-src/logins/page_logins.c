/*
 * page_logins.c - /settings?tab=accounts: accounts at providers, and how an operator sets a
 * provider up.
 */
#include "app/doctor.h"
#include "app/logins.h"
#include "base/clock.h"
#include "base/conf.h"
#include "oauth/consent.h"
#include "queue/channel.h"
#include "skin/page.h"

static const char *
plan_text(struct arena *a, int64_t conns, int64_t percent)
{
	if (!conns)
		return "nothing reads by schedule";
	return arena_printf(a, "%s %s at most %lld %% of the quota",
	    page_plural(a, conns, "sheet", "sheets"), conns == 1 ? "uses" : "use",
	    (long long)percent);
}

/* The quotas of one account, in words. */
static json *
login_meters(struct arena *a, const json *quota, const char *account_id)
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
		json_set_str(o, "plan", plan_text(a, conns, share));
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
login_setup(struct req *r, json *model)
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
	json_set_bool(o, "isOpen", !login_ready("google"));
	json_set_str(o, "setupTitle",
	    conf_int(CONF_DEMO) ? "From the demo to the real Google" : "Set up Google");
	json_set(o, "checks", list);
	json_set(model, "setup", o);
	return RC_OK;
}

static enum rc
login_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o, *quota;
	struct login_list all;
	const char *missing;

	TRY(login_list(r->cx, r->db, r->who.user_id, &all));
	TRY(model_quota(r, &quota));
	for (size_t i = 0; i < all.n; i++) {
		TRY(model_account(r, &all.v[i], &o));
		json_set(o, "meters", login_meters(r->cx->a, quota, all.v[i].id));
		json_set_bool(o, "isService", !strcmp(all.v[i].kind, "service"));
		json_set_bool(o, "well", !strcmp(all.v[i].health, "ok"));
		TRY(login_missing(r->cx, &all.v[i], &missing));
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
	json_set_bool(model, "ready", login_ready("google"));
	json_set_bool(model, "isOperator", auth_may(r, SCOPE_OPERATOR));
	if (auth_may(r, SCOPE_OPERATOR))
		TRY(login_setup(r, model));
	json_set_str(model, "keyError", page_complaint(r, "key"));
	return page_settings_show(r, w, "accounts", model, problem);
}

enum rc
page_accounts(struct req *r, struct resp *w)
{
	return login_show(r, w, NULL);
}

enum rc
page_accounts_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	const char *id = req_form(r, "id") ? req_form(r, "id") : "";
	const char *said = "Saved.";
	struct err problem;
	bool revoked;
	enum rc rc;

	if (!strcmp(what, "service")) {
		rc = logins_service(
		    r->cx, r->db, auth_caller(r), "google", req_form(r, "key"), &id);
		said = "The service account is connected. Share spreadsheets with its address.";
	} else if (!strcmp(what, "remove")) {
		rc = logins_remove(r->cx, r->db, auth_caller(r), id, &revoked);
		if (rc == RC_OK)
			said = revoked
			    ? "The account is disconnected and its access revoked."
			    : "The account is forgotten here. Google could not be reached to "
			      "revoke it; do so in your Google account.";
	} else
		return fail(r->cx, E_BAD_REQUEST, NULL);
	if (rc == RC_OK) {
		page_say(r, w, "/settings?tab=accounts", said);
		return RC_OK;
	}
	problem = r->cx->err;
	return login_show(r, w, &problem);
}
