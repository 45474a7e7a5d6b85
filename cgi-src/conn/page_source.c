/*
 * page_source.c - see page.h: the part of a source's form that needs an account at a provider,
 * and what can be chosen in the source (tabs of a spreadsheet).
 */
#include "app/login_choice.h"
#include "app/logins.h"
#include "base/clock.h"
#include "base/conf.h"
#include "kind/kind.h"
#include "kind/ways.h"
#include "oauth/provider.h"
#include "queue/channel.h"
#include "skin/page.h"

/* What to do without an account. */
static const char *
token_help(const struct kind *k)
{
	if (k->token && kind_token(k, NULL))
		return "Left empty, it is read with the connection of this installation.";
	return k->token_help;
}

/* What the account that is read with does not allow is said, and asked for, before anything else is
 * filled in. */
static void
source_lacks(struct arena *a, json *form, const struct kind *k, const struct login *acc)
{
	const char *lacks = acc ? login_lacks(a, acc, k) : NULL;

	json_set_str(form, "lacks", lacks);
	json_set_str(form, "lacksAllow", lacks ? login_allow(a, acc, k) : NULL);
	json_set_str(form, "lacksTitle", oauth_title(k->account));
}

enum rc
page_account_field(struct req *r, json *form, const json *provider, const char *current)
{
	const struct kind *k = kind_find(json_str(provider, "id"));
	const char *kind = k ? k->account : NULL, *typed = req_form(r, "account");
	json *list = json_list(r->cx->a), *o;
	const char *conn_id = json_str(form, "id");
	const struct login *with = NULL;
	struct login_list all;

	json_set_bool(form, "needsAccount", kind != NULL);
	json_set_str(form, "lookText", kind ? k->words.look : "Test");
	json_set_str(form, "another", NULL);
	if (!kind)
		return RC_OK;
	json_set_str(form, "another",
	    conn_id ? page_login_start(r->cx->a, kind, "connection", conn_id)
		    : page_login_start(r->cx->a, kind, "add", k->id));
	json_set_str(form, "accountTitle", oauth_title(kind));
	json_set_bool(form, "hasService", k->words.share != NULL);
	json_set_str(form, "things", k->words.things);
	TRY(login_list(r->cx, r->db, r->who.user_id, &all));
	for (size_t i = 0; i < all.n; i++) {
		if (strcmp(all.v[i].provider, kind))
			continue;
		o = json_new(r->cx->a);
		json_set_str(o, "accountId", all.v[i].id);
		json_set_str(o, "address", all.v[i].address);
		json_set_bool(o, "well", !strcmp(all.v[i].health, "ok"));
		json_set_bool(o, "selected",
		    (typed || current) && !strcmp(typed ? typed : current, all.v[i].id));
		if (json_flag(o, "selected", false) || (!with && !typed && !current))
			with = &all.v[i];
		json_add(list, o);
	}
	if (json_len(list) > 1 && !typed && !current)
		with = NULL;
	source_lacks(r->cx->a, form, k, conn_id ? NULL : with);
	json_set(form, "accountList", list);
	/* Without an account the form is of no use, unless a secret may stand in its place. */
	json_set_bool(form, "noAccount", json_len(list) == 0 && !k->token);
	json_set_bool(form, "noneYet", json_len(list) == 0 && k->token);
	json_set_str(form, "tokenHelp", token_help(k));
	json_set_bool(form, "manyAccounts",
	    json_len(list) > 1 ||
		(json_len(list) && current && !json_flag(json_nth(list, 0), "selected", false)));
	json_set_str(form, "onlyAccount", json_str(json_nth(list, 0), "address"));
	json_set_str(form, "accountError", page_complaint(r, "accountId"));
	json_set_bool(form, "mayConnect", login_ready(kind));
	json_set_bool(form, "canList", json_flag(provider, "sources", false));
	return RC_OK;
}

void
page_sources(struct arena *a, json *form, const json *found)
{
	json *list = json_list(a), *data = json_at(found, "data");

	if (!found)
		return;
	for (size_t i = 0; i < json_len(data); i++) {
		json *o = json_new(a);
		json_set_str(o, "link", json_str(json_nth(data, i), "link"));
		json_set_str(o, "title", json_str(json_nth(data, i), "title"));
		json_set_str(o, "note", json_str(json_nth(data, i), "note"));
		page_when(a, o, "changed", json_str(json_nth(data, i), "changedAt"), clock_ms());
		json_add(list, o);
	}
	json_set(form, "sources", list);
	json_set_bool(form, "hasSources", json_len(list) > 0);
	json_set_bool(form, "noSources", json_len(list) == 0);
	json_set_str(form, "firstSources",
	    json_flag(found, "more", false) ? page_count(a, (int64_t)json_len(list)) : NULL);
}

/* word: what is posted; label: what is read. */
static json *
source_box(struct arena *a, const char *word, const char *label, bool checked, const char *note)
{
	json *o = json_new(a);

	json_set_str(o, "word", word);
	json_set_str(o, "label", label);
	json_set_bool(o, "checked", checked);
	json_set_bool(o, "unusable", false);
	json_set_str(o, "note", note);
	return o;
}

static bool
source_holds(const json *list, const char *word)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (word && !strcmp(json_value_str(json_nth(list, i)), word))
			return true;
	return false;
}

static const char *
size_of(struct arena *a, const json *item)
{
	return arena_printf(a, "%s rows, %s columns%s", page_count(a, json_num(item, "rows", 0)),
	    page_count(a, json_num(item, "columns", 0)),
	    json_flag(item, "hidden", false) ? ", hidden" : "");
}

/* Somebody, who is chosen by his name at the provider and shown by his own. */
static json *
source_person(struct arena *a, const json *item, bool checked)
{
	const char *detail = json_str(item, "detail");
	json *box;

	if (json_flag(item, "gone", false))
		detail = arena_printf(a, "%s, not there now", detail);
	box = source_box(a, json_str(item, "id"), json_str(item, "title"), checked, detail);
	json_set_bool(box, "found", json_flag(item, "found", false));
	return box;
}

/* One that is chosen by its title, or by its id when others may have the same. */
static json *
source_item(struct arena *a, const json *item, bool checked)
{
	const char *title, *note;
	json *box;

	if (json_is_str(item))
		return source_box(a, json_value_str(item), json_value_str(item), checked, NULL);
	title = json_str(item, "title");
	if (json_has(item, "gone"))
		return source_person(a, item, checked);
	if (json_flag(item, "byId", false))
		return source_box(a, json_str(item, "id"), title, checked, NULL);
	note = json_flag(item, "usable", true) ? size_of(a, item) : json_str(item, "why");
	box = source_box(a, title, title, checked, note);
	json_set_bool(box, "unusable", !json_flag(item, "usable", true));
	return box;
}

json *
page_boxes(struct arena *a, const json *items, const json *wanted)
{
	json *list = json_list(a), *known = json_list(a);

	for (size_t i = 0; i < json_len(items); i++) {
		const json *t = json_nth(items, i);
		const char *title = json_is_str(t) ? json_value_str(t) : json_str(t, "title");
		const char *id = json_str(t, "id");
		bool checked = source_holds(wanted, title) || source_holds(wanted, id);

		json_add(list, source_item(a, t, checked));
		json_add_str(known, title);
		if (id)
			json_add_str(known, id);
	}
	/* What was chosen and is not there is not dropped in silence. */
	for (size_t i = 0; i < json_len(wanted); i++)
		if (!source_holds(known, json_value_str(json_nth(wanted, i))))
			json_add(list,
			    source_box(a, json_value_str(json_nth(wanted, i)),
				json_value_str(json_nth(wanted, i)), true,
				items ? "not there now" : NULL));
	return list;
}

enum { ORIGINS_PAGE = 100 };

enum rc
page_origins(struct req *r, const char *provider, const char *self, const json *choices, json **out)
{
	const struct kind *k = kind_find(provider);
	json *list = json_list(r->cx->a);
	struct conn_list page = { .next = "" };

	*out = choices ? json_copy(r->cx->a, choices) : json_new(r->cx->a);
	if (!k || !k->object)
		return RC_OK;
	while (page.next) {
		TRY(conn_list(r->cx, r->db, r->who.user_id, page.next, ORIGINS_PAGE, &page));
		for (size_t i = 0; i < page.n; i++) {
			const struct kind *other = kind_find(page.v[i].provider);
			json *o;

			if (!other || !other->object || (self && !strcmp(self, page.v[i].id)))
				continue;
			o = json_new(r->cx->a);
			json_set_str(o, "id", page.v[i].id);
			json_set_str(o, "title", page.v[i].name);
			json_set_bool(o, "byId", true);
			json_add(list, o);
		}
	}
	json_set(*out, "writeFrom", list);
	return RC_OK;
}

/*
 * A connection's page.
 */

/* Is the source told to call back, and if not, why? */
static const char *
channel_text(struct arena *a, const struct conn *c, const char *who, const json *channel)
{
	const bool signs = kind_find(c->provider)->receiver->signs;
	const char *refused = json_str(channel, "refused");

	/* One subscription is for all that it may see, which may be this or not. */
	if (signs && json_has(channel, "expiresAt") && !json_str(channel, "lastMessageAt"))
		return arena_printf(
		    a, "%s has sent no message about it yet; it is read by schedule, too.", who);
	if (json_has(channel, "expiresAt"))
		return arena_printf(a, "%s tells Tidemark about changes at once.", who);
	if (refused)
		return arena_printf(a,
		    "Read by schedule: %s would not send messages about changes. %s", who, refused);
	if (!channel_possible())
		return arena_printf(a,
		    "Read by schedule: %s calls only an https:// address, and this "
		    "installation has none.",
		    who);
	if (!c->sched.enabled)
		return "Auto-sync is off: changes are not waited for.";
	if (signs)
		return arena_printf(a,
		    "Read by schedule. %s tells of changes at once when an operator has set its "
		    "messages up, under Settings, Connected accounts.",
		    who);
	return arena_printf(
	    a, "After the next complete read, %s is asked to tell about changes.", who);
}

static json *
channel_words(struct arena *a, const struct conn *c, const char *who, const json *channel)
{
	json *o = json_new(a);

	json_set_bool(o, "on", json_has(channel, "expiresAt"));
	json_set_str(o, "text", channel_text(a, c, who, channel));
	page_when(a, o, "last", json_str(channel, "lastMessageAt"), clock_ms());
	return o;
}

static enum rc
account_words(struct req *r, const struct conn *c, json **out)
{
	struct login acc;

	*out = NULL;
	if (!c->account_id)
		return RC_OK;
	TRY(login_get(r->cx, r->db, c->owner, c->account_id, &acc));
	TRY(model_account(r, &acc, out));
	json_set_str(*out, "connectionId", c->id);
	json_set_bool(*out, "isService", !strcmp(acc.kind, "service"));
	json_set_bool(*out, "well", !strcmp(acc.health, "ok"));
	return RC_OK;
}

/* What the schedules of the account cost, by the quota that is fullest. */
static const char *
quota_text(struct arena *a, const struct kind *k, const json *quota, const char *account_id)
{
	const json *most = NULL;
	int64_t conns;

	for (size_t i = 0; i < json_len(quota); i++) {
		const json *q = json_nth(quota, i);
		if (account_id && !strcmp(json_str(q, "accountId"), account_id) &&
		    (!most || json_num(q, "percent", 0) > json_num(most, "percent", 0)))
			most = q;
	}
	conns = json_num(most, "connections", 0);
	if (!conns)
		return NULL;
	return arena_printf(a, "%s of this account %s at most %lld %% of what %s allows it.",
	    page_plural(a, conns, "connection", "connections"), conns == 1 ? "uses" : "use",
	    (long long)json_num(most, "percent", 0), oauth_title(k->account));
}

enum rc
page_access(struct req *r, const struct conn *c, json *out)
{
	const struct kind *k = kind_find(c->provider);
	const struct oauth_provider *p = k && k->account ? oauth_find(k->account) : NULL;
	const char *link;
	json *account, *quota;
	bool own;

	if (!p)
		return RC_OK;
	TRY(account_words(r, c, &account));
	json_set(out, "account", account);
	own = !account && k->token && (json_flag(out, "hasSecret", false) || kind_token(k, NULL));
	json_set_bool(out, "ownToken", own);
	json_set_bool(out, "accountGone", !account && !own);
	json_set_bool(out, "closed",
	    c->read_only && ways_of(json_stored(r->cx->a, c->config)).direction != WAYS_PULL);
	json_set_null(out, "push");
	if (k->receiver)
		json_set(
		    out, "push", channel_words(r->cx->a, c, p->title, json_at(out, "channel")));
	TRY(model_quota(r, &quota));
	json_set_str(out, "quotaText", quota_text(r->cx->a, k, quota, c->account_id));
	link = k->link ? k->link(r->cx->a, json_stored(r->cx->a, c->config)) : NULL;
	json_set_str(out, "openLink", p->demo && conf_int(CONF_DEMO) ? k->demo : link);
	json_set_str(out, "openText", k->words.open);
	return RC_OK;
}
