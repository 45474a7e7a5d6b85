/*
 * page_people.c - the tabs of /settings on API tokens, users and activity, and the bar of tabs.
 */
#include "app/people.h"
#include "app/tokens.h"
#include "base/clock.h"
#include "skin/page.h"
#include "people/model.h"

enum { USERS_SHOWN = 100, AUDIT_SHOWN = 100 };

/* scope: what the interface asks for the same things. */
static const struct tab {
	const char *word, *title, *heading, *blurb, *view;
	enum scope scope;
	enum rc (*show)(struct req *, struct resp *);
} tabs[] = {
	{
	    .word = "integrations",
	    .title = "Integrations",
	    .heading = "Integrations",
	    .view = "settings",
	    .scope = SCOPE_READ,
	    .show = page_integrations,
	    .blurb = "Sources that Tidemark reads for you, and how often.",
	},
	{
	    .word = "accounts",
	    .title = "Connected accounts",
	    .heading = "Connected accounts",
	    .view = "accounts",
	    .scope = SCOPE_READ,
	    .show = page_accounts,
	    .blurb = "Where Tidemark signs in to read for you.",
	},
	{
	    .word = "tokens",
	    .title = "API tokens",
	    .heading = "API tokens",
	    .view = "tokens",
	    .scope = SCOPE_WRITE,
	    .show = page_tokens,
	    .blurb = "Credentials by which your programs use Tidemark.",
	},
	{
	    .word = "webhooks",
	    .title = "Webhooks",
	    .heading = "Webhooks",
	    .view = "hooks",
	    .scope = SCOPE_READ,
	    .show = page_settings_hooks,
	    .blurb = "Your programs are called when something happens.",
	},
	{
	    .word = "activity",
	    .title = "Activity",
	    .heading = "Activity",
	    .view = "activity",
	    .scope = SCOPE_READ,
	    .show = page_audit,
	    .blurb = "Who did what, and from where.",
	},
	{
	    .word = "account",
	    .title = "Your account",
	    .heading = "Your account",
	    .view = "account",
	    .scope = SCOPE_READ,
	    .show = page_account,
	    .blurb = "How you sign in, and where Tidemark may write to you.",
	},
	{
	    .word = "users",
	    .title = "Users",
	    .heading = "Users",
	    .view = "users",
	    .scope = SCOPE_OPERATOR,
	    .show = page_users,
	    .blurb = "The people of this installation. Nobody sees what another one has connected.",
	},
};
enum { TABS = sizeof tabs / sizeof *tabs };

enum rc
page_settings(struct req *r, struct resp *w)
{
	const char *word = req_query(r, "tab");

	for (size_t i = 0; i < TABS; i++)
		if (word && !strcmp(tabs[i].word, word)) {
			TRY(auth_need(r, tabs[i].scope));
			return tabs[i].show(r, w);
		}
	return tabs[0].show(r, w);
}

/* Forms of a tab are sent to an address of its own, which a browser that loads the answer again, or
 * brings it back later, asks for. */
enum rc
page_settings_again(struct req *r, struct resp *w)
{
	const char *word = r->path_param[0];

	if (!strcmp(word, "add") || !strcmp(word, "contacts"))
		word = tabs[0].word;
	for (size_t i = 0; i < TABS; i++)
		if (!strcmp(tabs[i].word, word)) {
			resp_redirect(
			    w, r->cx->a, arena_printf(r->cx->a, "/settings?tab=%s", word));
			return RC_OK;
		}
	return fail(r->cx, E_NOT_FOUND, NULL);
}

enum rc
page_settings_show(
    struct req *r, struct resp *w, const char *tab, json *model, const struct err *problem)
{
	json *list = json_list(r->cx->a), *o;
	const struct tab *this = &tabs[0];

	for (size_t i = 0; i < TABS; i++) {
		bool current = !strcmp(tabs[i].word, tab);
		if (current)
			this = &tabs[i];
		if (!auth_may(r, tabs[i].scope))
			continue;
		o = json_new(r->cx->a);
		json_set_str(o, "tab", tabs[i].word);
		json_set_str(o, "title", tabs[i].title);
		json_set_bool(o, "current", current);
		json_add(list, o);
	}
	json_set(model, "tabs", list);
	json_set_str(model, "tabTitle", this->heading);
	json_set_str(model, "tabBlurb", this->blurb);
	if (!json_has(model, "problem"))
		json_set_str(model, "problem",
		    !problem || json_len(r->wrong.list) ? NULL : page_problem(r, problem));
	return page_show(
	    r, w, problem ? problem_status(problem) : 200, this->view, this->heading, model);
}

/* {at} as page_when() shows it. */
static void
people_when(struct arena *a, json *o, const char *key, const char *from)
{
	page_when(a, o, key, json_str(o, from), clock_ms());
}

/*
 * API tokens.
 */

static const char *
revoke_question(struct arena *a, const char *name)
{
	return arena_printf(a,
	    "Revoke %s? Programs that use it stop at once, and what it has made ends too.", name);
}

/* Has a later one been made in its place? */
static bool
is_replaced(const struct token_list *all, const struct token *t)
{
	size_t i = 0;

	while (i < all->n && !(all->v[i].replaces && !strcmp(all->v[i].replaces, t->id)))
		i++;
	return i < all->n;
}

static json *
days_options(struct req *r, bool typed)
{
	static const char *const rows[][2] = {
		{ "30", "in 30 days" },
		{ "90", "in 90 days" },
		{ "365", "in a year" },
		{ "0", "never" },
	};
	const char *chosen = typed && req_form(r, "days") ? req_form(r, "days") : "90";
	json *list = json_list(r->cx->a), *o;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		o = json_new(r->cx->a);
		json_set_str(o, "value", rows[i][0]);
		json_set_str(o, "label", rows[i][1]);
		json_set_bool(o, "selected", !strcmp(rows[i][0], chosen));
		json_add(list, o);
	}
	return list;
}

static enum rc
tokens_show(struct req *r, struct resp *w, const char *secret, const struct err *problem)
{
	static const char *const scopes[][3] = {
		{ "read", "Read", "see connections, syncs and records" },
		{ "sync", "Sync", "start and stop syncs" },
		{ "write", "Write", "connect, change and disconnect sources" },
		{ "operator", "Operator", "act for other users and run this installation" },
	};
	json *model = json_new(r->cx->a);
	json *live = json_list(r->cx->a);
	json *boxes = json_list(r->cx->a);
	json *o;
	struct token_list all;

	TRY(tokens_of(r->cx, r->db, r->who.user_id, &all));
	for (size_t i = 0; i < all.n; i++) {
		const struct token *t = &all.v[i];
		if (t->revoked_at || (t->expires_at && t->expires_at <= clock_ms()))
			continue;
		o = model_token(r->cx->a, t);
		people_when(r->cx->a, o, "made", "createdAt");
		people_when(r->cx->a, o, "used", "lastUsedAt");
		people_when(r->cx->a, o, "ends", "expiresAt");
		json_set_str(o, "askRevoke", revoke_question(r->cx->a, t->name));
		json_set_bool(o, "old", is_replaced(&all, t));
		json_set_bool(o, "fresh", t->replaces != NULL && !is_replaced(&all, t));
		json_add(live, o);
	}
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		if (!(scopes_parse(scopes[i][0]) & r->who.scopes))
			continue;
		o = json_new(r->cx->a);
		json_set_str(o, "word", scopes[i][0]);
		json_set_str(o, "title", scopes[i][1]);
		json_set_str(o, "help", scopes[i][2]);
		json_set_bool(o, "checked", problem ? req_form(r, scopes[i][0]) != NULL : i == 0);
		json_add(boxes, o);
	}
	json_set_bool(model, "none", json_len(live) == 0);
	json_set(model, "tokens", live);
	json_set(model, "scopes", boxes);
	json_set_str(model, "secret", secret);
	json_set_str(model, "nameValue", secret ? NULL : req_form(r, "name"));
	json_set_str(model, "nameError", page_complaint(r, "name"));
	json_set_str(model, "scopesError", page_complaint(r, "scopes"));
	json_set_str(model, "daysError", page_complaint(r, "days"));
	json_set(model, "dayChoices", days_options(r, problem != NULL));
	return page_settings_show(r, w, "tokens", model, problem);
}

enum rc
page_tokens(struct req *r, struct resp *w)
{
	return tokens_show(r, w, NULL, NULL);
}

static enum rc
make_token(struct req *r, struct token_made *made)
{
	static const char *const words[] = { "read", "sync", "write", "operator" };
	struct buf *scopes = buf_in(r->cx->a, 100);
	const char *days = req_form(r, "days");
	struct token_input in = { .name = req_form(r, "name") };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (req_form(r, words[i]))
			buf_printf(scopes, "%s%s", scopes->n ? "," : "", words[i]);
	in.scopes = buf_c(scopes);
	if (days && *days && !str_i64(str_c(days), 0, INT64_MAX, &in.days))
		in.days = -1;
	return tokens_make(r->cx, r->db, auth_caller(r), &in, made);
}

static enum rc
ask_revoke(struct req *r, struct resp *w, const char *id)
{
	struct token_list all;
	size_t i = 0;

	TRY(tokens_of(r->cx, r->db, r->who.user_id, &all));
	while (i < all.n && strcmp(all.v[i].id, id))
		i++;
	if (i == all.n)
		return fail(r->cx, E_NOT_FOUND, "There is no such token.");
	return page_ask(
	    r, w, revoke_question(r->cx->a, all.v[i].name), "Revoke", "/settings?tab=tokens");
}

enum rc
page_tokens_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	const char *id = req_form(r, "id") ? req_form(r, "id") : "";
	struct token_made made = { .text = NULL };
	struct err problem;
	enum rc rc;

	if (!strcmp(what, "make"))
		rc = make_token(r, &made);
	else if (!strcmp(what, "rotate"))
		rc = tokens_rotate(r->cx, r->db, auth_caller(r), id, TOKEN_OVERLAP_HOURS, &made);
	else if (!strcmp(what, "revoke")) {
		if (!page_sure(r))
			return ask_revoke(r, w, id);
		rc = tokens_revoke(r->cx, r->db, auth_caller(r), id);
		if (rc == RC_OK) {
			page_say(r, w, "/settings?tab=tokens", "The token is revoked.");
			return RC_OK;
		}
	} else
		return fail(r->cx, E_BAD_REQUEST, NULL);
	if (rc == RC_OK)
		return tokens_show(r, w, made.text, NULL);
	problem = r->cx->err;
	return tokens_show(r, w, NULL, &problem);
}

/*
 * Users.
 */

/* What is asked before; NULL: nothing. */
static const char *
user_question(struct arena *a, const char *what, const char *name)
{
	static const char *const rows[][2] = {
		{ "reset", "Reset %s? The password goes, and every session and API token ends." },
		{ "operator",
		    "Make %s an operator? Operators add users and run this installation." },
		{ "disable",
		    "Disable %s? They are signed out everywhere and their API tokens stop at "
		    "once. Nothing of theirs is read any more; their data stays, and all goes on "
		    "when they are enabled again." },
		{ "remove",
		    "Remove %s for good? All they have here goes too: connections, records and "
		    "their history, webhooks, tokens, connected accounts. This cannot be "
		    "undone." },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i][0], what)) {
			struct str rest, first = str_cut(str_c(rows[i][1]), '%', &rest);
			return arena_printf(a, "%.*s%s%s", (int)first.n, first.p, name, rest.p + 1);
		}
	return NULL;
}

static enum rc
users_show(
    struct req *r, struct resp *w, const char *link, const char *who, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o;
	const char *after = req_query(r, "after");
	struct user_list all;

	TRY(user_page(r->cx, r->db, after ? after : "", USERS_SHOWN, &all));
	for (size_t i = 0; i < all.n; i++) {
		o = model_user(r->cx->a, &all.v[i]);
		people_when(r->cx->a, o, "since", "createdAt");
		json_set_bool(o, "off", all.v[i].disabled_at && !all.v[i].removed_at);
		json_set_bool(o, "isOperator", !strcmp(all.v[i].role, "operator"));
		json_set_bool(o, "self", !strcmp(all.v[i].id, r->who.user_id));
		json_set_str(o, "askReset", user_question(r->cx->a, "reset", all.v[i].name));
		json_set_str(o, "askOperator", user_question(r->cx->a, "operator", all.v[i].name));
		json_set_str(o, "askDisable", user_question(r->cx->a, "disable", all.v[i].name));
		json_set_str(o, "askRemove", user_question(r->cx->a, "remove", all.v[i].name));
		json_add(list, o);
	}
	json_set(model, "users", list);
	json_set_str(model, "more",
	    all.next ? arena_printf(r->cx->a, "/settings?tab=users&after=%s", all.next) : NULL);
	json_set_str(model, "link", link);
	json_set_str(model, "linkFor", who);
	json_set_i64(model, "minutes", SIGN_IN_KEY_MINUTES);
	json_set_str(model, "nameValue", link ? NULL : req_form(r, "name"));
	json_set_str(model, "nameError", page_complaint(r, "name"));
	json_set_bool(model, "operatorTyped", problem && req_form(r, "operator"));
	return page_settings_show(r, w, "users", model, problem);
}

enum rc
page_users(struct req *r, struct resp *w)
{
	return users_show(r, w, NULL, NULL, NULL);
}

static enum rc
set_member(struct req *r, const char *id, const char *name, bool flag, const char *word)
{
	json *change = json_new(r->cx->a);

	if (word)
		json_set_str(change, name, word);
	else
		json_set_bool(change, name, flag);
	return people_change(r->cx, r->db, auth_caller(r), id, change);
}

static enum rc
ask_user(struct req *r, struct resp *w, const char *what, const char *id)
{
	static const char *const buttons[][2] = {
		{ "reset", "Reset" },
		{ "disable", "Disable" },
		{ "remove", "Remove for good" },
	};
	const char *button = "Make operator";
	struct user u;

	TRY(user_get(r->cx, r->db, id, &u));
	for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++)
		if (!strcmp(what, buttons[i][0]))
			button = buttons[i][1];
	return page_ask(r, w, user_question(r->cx->a, what, u.name), button, "/settings?tab=users");
}

enum rc
page_users_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	const char *id = req_form(r, "id") ? req_form(r, "id") : "";
	const struct person p = {
		.name = req_form(r, "name"),
		.role = req_form(r, "operator") ? "operator" : "member",
	};
	const char *link = NULL;
	struct err problem;
	struct user u = { 0 };
	enum rc rc;

	if (user_question(r->cx->a, what, "") && !page_sure(r))
		return ask_user(r, w, what, id);
	if (!strcmp(what, "add")) {
		rc = people_add(r->cx, r->db, auth_caller(r), &p, &u);
		if (rc == RC_OK)
			rc = people_invite(r->cx, r->db, auth_caller(r), u.id, &link);
	} else if (!strcmp(what, "invite"))
		rc = people_invite(r->cx, r->db, auth_caller(r), id, &link);
	else if (!strcmp(what, "reset"))
		rc = people_reset(r->cx, r->db, auth_caller(r), id, &link);
	else if (!strcmp(what, "disable") || !strcmp(what, "enable"))
		rc = set_member(r, id, "disabled", !strcmp(what, "disable"), NULL);
	else if (!strcmp(what, "remove"))
		rc = people_remove(r->cx, r->db, auth_caller(r), id, req_form(r, "clean") != NULL);
	else if (!strcmp(what, "operator") || !strcmp(what, "member"))
		rc = set_member(r, id, "role", false, what);
	else
		return fail(r->cx, E_BAD_REQUEST, NULL);
	if (rc != RC_OK) {
		problem = r->cx->err;
		return users_show(r, w, NULL, NULL, &problem);
	}
	if (!link) {
		page_say(r, w, "/settings?tab=users",
		    strcmp(what, "remove") ? "Saved." : "The user is being removed.");
		return RC_OK;
	}
	if (!u.name)
		TRY(user_get(r->cx, r->db, id, &u));
	return users_show(r, w, link, u.name, NULL);
}

/*
 * Activity.
 */

/* What a schedule was set to, of the words that were kept of it. */
static const char *
schedule_words(struct arena *a, const char *detail)
{
	static const char *const names[][2] = {
		{ "frequency", "how often: " },
		{ "intervalMinutes", "minutes between syncs: " },
		{ "rrule", "rule: " },
		{ "timeZone", "time zone: " },
	};
	const json *o = *detail == '{' ? json_stored(a, detail) : NULL;
	struct buf *b = buf_in(a, 2000);

	if (!json_is_obj(o))
		return detail;
	if (json_has(o, "enabled"))
		buf_printf(b, "auto-sync %s", json_flag(o, "enabled", false) ? "on" : "off");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const json *v = json_at(o, names[i][0]);

		if (v)
			buf_printf(b, "%s%s%s", b->n ? ", " : "", names[i][1],
			    json_is_str(v) ? json_value_str(v) : json_text(a, v));
	}
	return buf_c(b);
}

/* What a row is about: its page, and the name of the connection that is or was there; NULL where
 * there is none. What else the row tells, in words. */
struct about {
	const char *path, *name, *detail;
};

/* A sync: the row names its connection by an id, which nobody reads. */
static bool
about_sync(struct req *r, const struct audit_row *row, struct about *out)
{
	struct run run;
	struct conn c;

	if (run_get(r->cx, r->db, r->who.user_id, row->object, &run) != RC_OK)
		return false;
	out->path = arena_printf(r->cx->a, "/syncs/%s", run.id);
	if (conn_get_any(r->cx, r->db, r->who.user_id, run.connection_id, &c) == RC_OK)
		out->name = c.name;
	if (!strcmp(row->detail, run.connection_id))
		out->detail = NULL;
	return true;
}

static struct about
about_of(struct req *r, const struct audit_row *row)
{
	struct about about = { .detail = schedule_words(r->cx->a, row->detail) };
	struct conn c;

	if (!*row->object || strcmp(row->owner, r->who.user_id) || about_sync(r, row, &about))
		return about;
	if (conn_get(r->cx, r->db, r->who.user_id, row->object, &c) != RC_OK)
		return about;
	about.path = arena_printf(r->cx->a, "/connections/%s", c.id);
	about.name = strcmp(c.name, row->detail) ? c.name : NULL;
	return about;
}

static const char *
actor_words(const char *actor)
{
	static const char *const rows[][2] = {
		{ "session", "in a browser" },
		{ "link", "by a one-time link" },
		{ "password", "by password" },
		{ "command", "on the command line" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i][0], actor))
			return rows[i][1];
	return actor;
}

static const char *
owner_name(struct req *r, const char *id)
{
	struct user u;

	return user_get(r->cx, r->db, id, &u) == RC_OK ? u.name : "somebody who was removed";
}

enum rc
page_audit(struct req *r, struct resp *w)
{
	const char *after = req_query(r, "after");
	bool all = req_query(r, "all") != NULL;
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o;
	struct audit_list rows;

	if (all)
		TRY(auth_need(r, SCOPE_OPERATOR));
	TRY(audit_page(r->cx, r->db,
	    &(struct audit_page){
		.owner = all ? NULL : r->who.user_id, .cursor = after, .limit = AUDIT_SHOWN },
	    &rows));
	for (size_t i = 0; i < rows.n; i++) {
		const struct about about = about_of(r, &rows.v[i]);

		o = model_audit(r->cx->a, &rows.v[i]);
		people_when(r->cx->a, o, "when", "at");
		json_set_str(o, "by", actor_words(rows.v[i].actor));
		json_set_str(o, "who", all ? owner_name(r, rows.v[i].owner) : NULL);
		json_set_str(o, "path", about.path);
		json_set_str(o, "about", about.name);
		json_set_str(o, "detail", about.detail);
		json_add(list, o);
	}
	json_set(model, "rows", list);
	json_set_bool(model, "none", rows.n == 0);
	json_set_bool(model, "everybody", all);
	json_set_bool(model, "mayAll", auth_may(r, SCOPE_OPERATOR));
	json_set_null(model, "more");
	if (rows.next)
		json_set_str(model, "more",
		    arena_printf(r->cx->a, "/settings?tab=activity%s&after=%s", all ? "&all=1" : "",
			rows.next));
	return page_settings_show(r, w, "activity", model, NULL);
}
