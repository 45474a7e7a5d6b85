/*
 * ctl_user.c - tidemark user, token, audit.
 */
#include <stdio.h>

#include "app/people.h"
#include "app/tokens.h"
#include "base/clock.h"
#include "ctl/ctl.h"
#include "store/audit.h"

enum { USER_PAGE = 500 };

static const char *
ctl_when(int64_t ms, const char *none, char out[CLOCK_TEXT])
{
	return ms > 0 ? clock_text(ms, out) : none;
}

enum rc
call_users(struct call *c, user_fn *fn, void *arg)
{
	struct user_list list = { .next = "" };
	const char *name = call_option(c, "user");
	struct user u;

	if (name) {
		TRY(user_find(c->cx, c->db, name, &u));
		return fn(c, &u, arg);
	}
	while (list.next) {
		TRY(user_page(c->cx, c->db, list.next, USER_PAGE, &list));
		for (size_t i = 0; i < list.n; i++)
			TRY(fn(c, &list.v[i], arg));
	}
	return RC_OK;
}

enum rc
ctl_user_add(struct call *c)
{
	const struct caller by = call_by(c, NULL);
	const struct person p = {
		.name = c->arg[0],
		.role = call_option(c, "operator") ? "operator" : "member",
		.workspace_id = call_option(c, "workspace"),
		.email = call_option(c, "email"),
	};
	struct user u;

	TRY(people_add(c->cx, c->db, &by, &p, &u));
	ctl_say("%s\n", u.id);
	return RC_OK;
}

static enum rc
show_user(struct call *c, const struct user *u, void *arg)
{
	char made[CLOCK_TEXT];

	(void)c;
	(void)arg;
	ctl_say("%-24s %-9s %-9s since %s%s%s%s%s\n", u->name, u->role,
	    u->password ? "password" : "link", clock_text(u->created_at, made),
	    u->email ? "  " : "", u->email ? u->email : "", u->workspace_id ? "  workspace " : "",
	    u->workspace_id ? u->workspace_id : "");
	if (u->disabled_at)
		ctl_say("%-24s disabled since %s\n", "", clock_text(u->disabled_at, made));
	return RC_OK;
}

enum rc
ctl_user_list(struct call *c)
{
	return call_users(c, show_user, NULL);
}

typedef enum rc
link_fn(struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **link);

/* Prints a link for the user that the first word names. */
static enum rc
print_link(struct call *c, link_fn *make)
{
	struct caller by;
	struct user u;
	const char *link;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	by = call_by(c, u.id);
	TRY(make(c->cx, c->db, &by, u.id, &link));
	ctl_say("%s\n", link);
	return RC_OK;
}

enum rc
ctl_user_link(struct call *c)
{
	return print_link(c, people_link);
}

enum rc
ctl_user_invite(struct call *c)
{
	return print_link(c, people_invite);
}

enum rc
ctl_user_reset(struct call *c)
{
	return print_link(c, people_reset);
}

static enum rc
set_disabled(struct call *c, bool disabled)
{
	json *change = json_new(c->cx->a);
	struct caller by;
	struct user u;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	by = call_by(c, u.id);
	json_set_bool(change, "disabled", disabled);
	return people_change(c->cx, c->db, &by, u.id, change);
}

enum rc
ctl_user_disable(struct call *c)
{
	return set_disabled(c, true);
}

enum rc
ctl_user_enable(struct call *c)
{
	return set_disabled(c, false);
}

/* What would go, when it is not said that it is to. */
static enum rc
ask_remove(struct call *c, const struct user *u)
{
	int64_t conns = 0, rows = 0;

	TRY(user_has(c->cx, c->db, u->id, &conns, &rows));
	return fail(c->cx, E_INPUT,
	    "%s has %lld connection%s with %lld record%s. To remove all of it for good, which "
	    "cannot be undone: tidemark user remove %s --yes",
	    u->name, (long long)conns, conns == 1 ? "" : "s", (long long)rows, rows == 1 ? "" : "s",
	    u->name);
}

enum rc
ctl_user_remove(struct call *c)
{
	const struct caller by = call_by(c, NULL);
	struct user u;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	if (!call_option(c, "yes"))
		return ask_remove(c, &u);
	TRY(people_remove(c->cx, c->db, &by, u.id, call_option(c, "clean") != NULL));
	return RC_OK;
}

enum rc
ctl_token_create(struct call *c)
{
	const char *user = call_option(c, "user"), *days = call_option(c, "days");
	struct token_input in = {
		.name = call_option(c, "name"),
		.scopes = call_option(c, "scopes"),
	};
	struct token_made made;
	struct caller by;
	struct user u;

	if (!user || !in.scopes)
		return fail(c->cx, E_INPUT,
		    "A token needs --user NAME and --scopes, a list of read, sync, write and "
		    "operator.");
	if (!in.name)
		in.name = "command line";
	if (days && !str_i64(str_c(days), 1, INT64_MAX, &in.days))
		in.days = -1;
	TRY(user_find(c->cx, c->db, user, &u));
	by = call_by(c, u.id);
	TRY(tokens_make(c->cx, c->db, &by, &in, &made));
	ctl_say("%s\n", made.text);
	return RC_OK;
}

static void
show_token(const struct token *t)
{
	char used[CLOCK_TEXT], ends[CLOCK_TEXT];

	ctl_say("%s  %-12s %-20s %-24s last used %s, ends %s%s\n", t->id, t->user_name, t->name,
	    t->scopes, ctl_when(t->last_used_at, "never", used),
	    ctl_when(t->expires_at, "never", ends), t->revoked_at ? "  revoked" : "");
}

static enum rc
show_tokens(struct call *c, const struct user *u, void *arg)
{
	struct token_list list;

	(void)arg;
	TRY(tokens_of(c->cx, c->db, u->id, &list));
	for (size_t i = 0; i < list.n; i++)
		show_token(&list.v[i]);
	return RC_OK;
}

enum rc
ctl_token_list(struct call *c)
{
	return call_users(c, show_tokens, NULL);
}

static enum rc
revoke_of(struct call *c, const struct user *u, void *done)
{
	const struct caller by = call_by(c, u->id);
	enum rc rc = tokens_revoke(c->cx, c->db, &by, c->arg[0]);

	if (rc == RC_NOTFOUND)
		return RC_OK;
	TRY(rc);
	*(bool *)done = true;
	return RC_OK;
}

enum rc
ctl_token_revoke(struct call *c)
{
	bool done = false;

	TRY(call_users(c, revoke_of, &done));
	if (done)
		return RC_OK;
	return fail(
	    c->cx, E_NOT_FOUND, "There is no token with this id; tidemark token list shows them.");
}

enum rc
ctl_audit(struct call *c)
{
	const char *limit_text = call_option(c, "limit"), *name = call_option(c, "user");
	struct audit_list list;
	int64_t limit = 50;
	char at[CLOCK_TEXT];
	struct user u = { 0 };

	if (limit_text && !str_i64(str_c(limit_text), 1, 10000, &limit))
		return fail(c->cx, E_INPUT, "--limit is a number from 1 to 10000.");
	if (name)
		TRY(user_find(c->cx, c->db, name, &u));
	TRY(audit_page(c->cx, c->db,
	    &(struct audit_page){
		.owner = u.id, .object = name ? call_option(c, "object") : NULL, .limit = limit },
	    &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct audit_row *row = &list.v[i];

		ctl_say("%s  %-12s %-16s %-15s %-28s %s  %s\n", clock_text(row->at, at),
		    user_get(c->cx, c->db, row->owner, &u) == RC_OK ? u.name : "-", row->actor,
		    *row->from ? row->from : "-", row->action, row->object, row->detail);
	}
	return RC_OK;
}
