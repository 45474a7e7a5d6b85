/*
 * page_logins.c - /settings?tab=accounts: accounts at providers, and how an operator sets a
 * provider up.
 */
#include "app/doctor.h"
#include "app/logins.h"
#include "app/subscriptions.h"
#include "base/clock.h"
#include "base/conf.h"
#include "kind/kind.h"
#include "oauth/consent.h"
#include "queue/channel.h"
#include "skin/page.h"

static const char *
plan_text(struct arena *a, int64_t conns, int64_t percent)
{
	if (!conns)
		return "nothing reads by schedule";
	return arena_printf(a, "%s %s at most %lld %% of the quota",
	    page_plural(a, conns, "connection", "connections"), conns == 1 ? "uses" : "use",
	    (long long)percent);
}

static const char *
used_text(struct arena *a, const char *who, const json *q)
{
	int64_t refused = json_num(q, "refusedLastDay", 0);
	const char *waits = "";

	if (refused)
		waits = arena_printf(
		    a, "; %s asked %s to wait", who, page_plural(a, refused, "time", "times"));
	return arena_printf(a, "%s in the last 24 hours, %s a minute are allowed%s",
	    page_plural(a, json_num(q, "usedLastDay", 0), "call", "calls"),
	    page_count(a, json_num(q, "limitPerMinute", 0)), waits);
}

/* Does some kind of the provider spend it? */
static bool
is_spent(const char *provider, const char *quota)
{
	const struct kind *k;

	for (size_t i = 0; (k = kind_of_account(provider, &i));)
		for (const struct cost *c = k->cost; c && c->calls; c++)
			if (!strcmp(quota_name(c->quota), quota))
				return true;
	return false;
}

/* The quotas of one account, in words. */
static json *
logins_meters(struct arena *a, const json *quota, const struct login *acc)
{
	const struct kind *k = kind_first_of(acc->provider);
	json *list = json_list(a);

	for (size_t i = 0; k && i < json_len(quota); i++) {
		json *q = json_nth(quota, i), *o = json_new(a);
		int64_t share = json_num(q, "percent", 0);

		if (strcmp(json_str(q, "accountId"), acc->id) ||
		    !is_spent(acc->provider, json_str(q, "quota")))
			continue;
		json_set_str(o, "quotaTitle", json_str(q, "title"));
		json_set_i64(o, "fill", share > 100 ? 100 : share);
		json_set_str(o, "plan", plan_text(a, json_num(q, "connections", 0), share));
		json_set_str(o, "used", used_text(a, oauth_title(acc->provider), q));
		json_add(list, o);
	}
	return list;
}

/* What an operator does once, with what can be checked from here. */
static json *
logins_setup(struct arena *a, const struct oauth_provider *p, const json *checks)
{
	bool demo = p->demo && conf_int(CONF_DEMO);
	json *o = json_new(a), *list = json_list(a);

	for (size_t i = 0; i < json_len(checks); i++)
		if (str_starts(json_s(json_nth(checks, i), "name"), p->id))
			json_add(list, json_nth(checks, i));
	json_set_str(o, "redirect", consent_redirect(a, p->id));
	json_set(o, "receivers",
	    channel_possible() && !demo ? channel_addresses(a, p->id) : json_list(a));
	json_set_bool(o, "calls", json_len(json_at(o, "receivers")) > 0);
	json_set_str(o, "origin", conf_app_url(a));
	json_set_bool(o, "isOpen", !oauth_ready(p));
	json_set_str(o, "setupTitle",
	    arena_printf(a, demo ? "From the demo to the real %s" : "Set up %s", p->title));
	json_set_str(o, "providerId", p->id);
	json_set_str(o, "providerTitle", p->title);
	json_set_str(o, "idName", conf_name(p->client_id));
	json_set_str(o, "secretName", conf_name(p->client_secret));
	json_set(o, "checks", list);
	return o;
}

/* Of a provider that signs its messages: what an operator does with its subscriptions. */
static void
logins_signs(struct arena *a, const struct kind_receiver *receiver, const json *all, json *o)
{
	json *list = json_list(a);

	json_set_bool(o, "signs", receiver && receiver->signs);
	json_set_str(o, "setup", receiver ? receiver->setup : NULL);
	for (size_t i = 0; receiver && i < json_len(all); i++) {
		json *one = json_nth(all, i);

		if (strcmp(json_str(one, "receiver"), receiver->name))
			continue;
		json_set_str(one, "told",
		    arena_printf(a, "Confirmed: %s",
			page_plural(a, json_num(one, "messages", 0), "message", "messages")));
		page_when(a, one, "offered", json_str(one, "offeredAt"), clock_ms());
		page_when(a, one, "last", json_str(one, "lastMessageAt"), clock_ms());
		json_add(list, one);
	}
	json_set(o, "subscriptions", list);
}

/* One list for those whose guide the page has, one for the others. */
static enum rc
logins_setups(struct req *r, json *model)
{
	json *guides = json_list(r->cx->a), *plain = json_list(r->cx->a), *checks, *subscriptions;
	const struct oauth_provider *p;
	bool all_ok;

	TRY(doctor_checks(r->cx, r->db, DOCTOR_QUICK, &checks, &all_ok));
	TRY(subscriptions_shown(r->cx, r->db, &subscriptions));
	for (size_t i = 0; (p = oauth_nth(i)); i++) {
		const struct kind *k = kind_first_of(p->id);
		json *o = logins_setup(r->cx->a, p, checks);

		logins_signs(r->cx->a, k ? k->receiver : NULL, subscriptions, o);
		json_add(p->guide ? guides : plain, o);
	}
	json_set(model, "setup", guides);
	json_set(model, "plainSetup", plain);
	return RC_OK;
}

static size_t
logins_at(const struct login_list *all, const char *provider)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += !strcmp(all->v[i].provider, provider);
	return n;
}

/* The ways in: a button for each provider that is set up, a word for each that is not, and a form
 * for those with service accounts. */
static void
logins_ways(struct arena *a, json *model, const struct login_list *all)
{
	json *list = json_list(a), *services = json_list(a), *missing = json_list(a);
	const struct oauth_provider *p;

	for (size_t i = 0; (p = oauth_nth(i)); i++) {
		json *o = json_new(a);
		const char *text = arena_printf(a, "Connect %s", p->title);

		if (logins_at(all, p->id))
			text = oauth_nth(1)
			    ? arena_printf(a, "Connect another %s account", p->title)
			    : "Connect another account";
		json_set_str(o, "providerId", p->id);
		json_set_str(o, "providerTitle", p->title);
		json_set_str(o, "connectText", text);
		json_set_bool(o, "first", all->n == 0);
		json_set_bool(o, "hasService", p->audience != NULL);
		json_add(oauth_ready(p) ? list : missing, o);
		if (p->audience)
			json_add(services, o);
	}
	json_set(model, "ways", list);
	json_set(model, "missingWays", missing);
	json_set(model, "services", services);
}

/* What is said of an account whose grant ended as those of unpublished applications do. */
static const char *
week_text(struct arena *a, const struct login *acc)
{
	const struct oauth_provider *p = oauth_find(acc->provider);

	if (!p || !p->unpublished || !login_lived_a_week(acc))
		return NULL;
	return arena_printf(a,
	    "This access ended a week after it was given: so %s. %s; then connect again.",
	    p->unpublished, p->publish);
}

static const char *
remove_question(struct arena *a, const char *address)
{
	return arena_printf(a,
	    "Disconnect %s? Its connections stop until they get another account; their data is "
	    "kept.",
	    address);
}

static enum rc
account_shown(struct req *r, const struct login *acc, const json *quota, json **out)
{
	const struct kind *k = kind_first_of(acc->provider);
	struct arena *a = r->cx->a;
	const char *missing;
	int64_t conns;
	json *o;

	TRY(model_account(r, acc, out));
	TRY(login_missing(r->cx, acc, &missing));
	o = *out;
	conns = json_num(o, "connections", 0);
	json_set(o, "meters", logins_meters(a, quota, acc));
	json_set_str(o, "askRemove", remove_question(a, acc->address));
	json_set_bool(o, "isService", !strcmp(acc->kind, "service"));
	json_set_bool(o, "well", !strcmp(acc->health, "ok"));
	json_set_str(o, "providerTitle", oauth_title(acc->provider));
	json_set_str(o, "reconnect", page_login_start(a, acc->provider, "account", acc->id));
	json_set_str(o, "share", k ? k->words.share : NULL);
	json_set_str(o, "shareAs", k ? k->words.share_as : NULL);
	json_set_str(o, "missing", missing);
	json_set_str(o, "without", k ? k->words.without : NULL);
	json_set_str(o, "week", week_text(a, acc));
	json_set_str(o, "connectionsText",
	    conns ? page_plural(a, conns, "connection", "connections") : "no connection yet");
	page_when(a, o, "granted", json_str(o, "grantedAt"), clock_ms());
	return RC_OK;
}

static enum rc
logins_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o, *quota;
	struct login_list all;

	TRY(login_list(r->cx, r->db, r->who.user_id, &all));
	TRY(model_quota(r, &quota));
	for (size_t i = 0; i < all.n; i++) {
		TRY(account_shown(r, &all.v[i], quota, &o));
		json_add(list, o);
	}
	json_set(model, "accounts", list);
	json_set_bool(model, "none", all.n == 0);
	logins_ways(r->cx->a, model, &all);
	json_set_bool(model, "isOperator", auth_may(r, SCOPE_OPERATOR));
	if (auth_may(r, SCOPE_OPERATOR))
		TRY(logins_setups(r, model));
	json_set_str(model, "keyError", page_complaint(r, "key"));
	return page_settings_show(r, w, "accounts", model, problem);
}

enum rc
page_accounts(struct req *r, struct resp *w)
{
	return logins_show(r, w, NULL);
}

static enum rc
ask_remove(struct req *r, struct resp *w, const char *id)
{
	struct login acc;

	TRY(login_get(r->cx, r->db, r->who.user_id, id, &acc));
	return page_ask(
	    r, w, remove_question(r->cx->a, acc.address), "Disconnect", "/settings?tab=accounts");
}

enum rc
page_accounts_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	const char *id = req_form(r, "id") ? req_form(r, "id") : "";
	const char *said = "Saved.";
	struct err problem;
	bool revoked, left;
	enum rc rc;

	if (!strcmp(what, "service")) {
		rc = logins_service(r->cx, r->db, auth_caller(r),
		    login_service_provider(req_form(r, "provider")), req_form(r, "key"), &id);
		said =
		    "The service account is connected. Share what it shall read with its address.";
	} else if (!strcmp(what, "remove")) {
		if (!page_sure(r))
			return ask_remove(r, w, id);
		rc = logins_remove(r->cx, r->db, auth_caller(r), id, &revoked, &left);
		said = "The account is forgotten here. Its provider could not be reached to "
		       "revoke it; do so in your account there.";
		if (rc == RC_OK && revoked)
			said = "The account is disconnected and its access revoked.";
		else if (rc == RC_OK && left)
			said =
			    "The account is disconnected. Nothing was revoked: its access is used "
			    "elsewhere too.";
	} else if (!strcmp(what, "confirm")) {
		rc = subscriptions_confirm(r->cx, r->db, auth_caller(r), id);
		said = "Confirmed. Its messages count from the next reading of each source on.";
	} else if (!strcmp(what, "forget")) {
		rc = subscriptions_drop(r->cx, r->db, auth_caller(r), id);
		said = "Removed. Remove it in the settings there, too.";
	} else
		return fail(r->cx, E_BAD_REQUEST, NULL);
	if (rc == RC_OK) {
		page_say(r, w, "/settings?tab=accounts", said);
		return RC_OK;
	}
	problem = r->cx->err;
	return logins_show(r, w, &problem);
}
