/*
 * ctl_user.c - tidemark user, token, audit.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "ctl/ctl.h"
#include "store/audit.h"
#include "store/session.h"
#include "store/token.h"
#include "store/user.h"

enum { USER_PAGE = 500 };

static const char *
when(int64_t ms, const char *none, char out[CLOCK_TEXT])
{
	return ms > 0 ? clock_text(ms, out) : none;
}

static const struct actor by_command = { "command", "" };

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

static enum rc
print_link(struct call *c, const struct user *u, const char *purpose)
{
	const char *key;

	if (u->disabled_at)
		return fail(c->cx, E_STATE,
		    "The user %s is disabled; tidemark user enable %s comes first.", u->name,
		    u->name);
	TRY(sign_in_key_make(c->cx, c->db, u->id, purpose, NULL, &key));
	printf("%s/sign-in?key=%s\n", conf_app_url(c->cx->a), key);
	return RC_OK;
}

enum rc
ctl_user_add(struct call *c)
{
	const char *email = call_option(c, "email");
	struct user u;
	enum rc rc;

	if (email && !email_ok(str_c(email)))
		return fail(c->cx, E_INPUT, "--email is not an e-mail address.");
	TRY(user_add(c->cx, c->db, c->arg[0], call_option(c, "operator") != NULL,
	    call_option(c, "workspace"), &u));
	TRY(db_begin(c->cx, c->db));
	rc = email ? user_set_email(c->cx, c->db, u.id, email) : RC_OK;
	if (rc == RC_OK)
		rc = audit_add(c->cx, c->db, u.id, &by_command, "user added", u.id, u.role);
	TRY(db_end(c->cx, c->db, rc));
	printf("%s\n", u.id);
	return RC_OK;
}

static enum rc
show_user(struct call *c, const struct user *u, void *arg)
{
	char made[CLOCK_TEXT];

	(void)c;
	(void)arg;
	printf("%-24s %-9s %-9s since %s%s%s%s%s\n", u->name, u->role,
	    u->password ? "password" : "link", clock_text(u->created_at, made),
	    u->email ? "  " : "", u->email ? u->email : "", u->workspace_id ? "  workspace " : "",
	    u->workspace_id ? u->workspace_id : "");
	if (u->disabled_at)
		printf("%-24s disabled since %s\n", "", clock_text(u->disabled_at, made));
	return RC_OK;
}

enum rc
ctl_user_list(struct call *c)
{
	return call_users(c, show_user, NULL);
}

enum rc
ctl_user_link(struct call *c)
{
	struct user u;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	return print_link(c, &u, KEY_SIGN_IN);
}

enum rc
ctl_user_invite(struct call *c)
{
	struct user u;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	return print_link(c, &u, KEY_PASSWORD);
}

enum rc
ctl_user_reset(struct call *c)
{
	struct user u;
	enum rc rc;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	TRY(db_begin(c->cx, c->db));
	rc = user_set_password(c->cx, c->db, u.id, NULL, NULL);
	if (rc == RC_OK)
		rc = audit_add(
		    c->cx, c->db, u.id, &by_command, "password reset, sessions ended", u.id, "");
	TRY(db_end(c->cx, c->db, rc));
	return print_link(c, &u, KEY_PASSWORD);
}

static enum rc
set_disabled(struct call *c, int64_t at)
{
	struct user u;
	enum rc rc;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	u.disabled_at = at;
	TRY(db_begin(c->cx, c->db));
	rc = user_save(c->cx, c->db, &u);
	if (rc == RC_OK && at)
		rc = session_end_all(c->cx, c->db, u.id, NULL);
	if (rc == RC_OK)
		rc = audit_add(c->cx, c->db, u.id, &by_command,
		    at ? "user disabled" : "user enabled", u.id, "");
	return db_end(c->cx, c->db, rc);
}

enum rc
ctl_user_disable(struct call *c)
{
	return set_disabled(c, clock_ms());
}

enum rc
ctl_user_enable(struct call *c)
{
	return set_disabled(c, 0);
}

enum rc
ctl_token_create(struct call *c)
{
	const char *user = call_option(c, "user");
	const char *scopes = call_option(c, "scopes");
	const char *name = call_option(c, "name");
	const char *days_text = call_option(c, "days"), *text;
	int64_t days = 0;
	struct token t;
	struct user u;

	if (!user || !scopes)
		return fail(c->cx, E_INPUT,
		    "A token needs --user NAME and --scopes, a list of read, sync, write and operator.");
	if (days_text && !str_i64(str_c(days_text), 1, 36500, &days))
		return fail(c->cx, E_INPUT, "--days is a number from 1 to 36500.");
	TRY(user_find(c->cx, c->db, user, &u));
	TRY(token_create(
	    c->cx, c->db, u.id, name ? name : "command line", scopes, days, &text, &t));
	TRY(db_begin(c->cx, c->db));
	TRY(db_end(
	    c->cx, c->db, audit_add(c->cx, c->db, u.id, &by_command, "token made", t.id, t.name)));
	printf("%s\n", text);
	return RC_OK;
}

static void
show_token(const struct token *t)
{
	char used[CLOCK_TEXT], ends[CLOCK_TEXT];

	printf("%s  %-12s %-20s %-24s last used %s, ends %s%s\n", t->id, t->user_name, t->name,
	    t->scopes, when(t->last_used_at, "never", used), when(t->expires_at, "never", ends),
	    t->revoked_at ? "  revoked" : "");
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
	enum rc rc = token_end(c->cx, c->db, u->id, c->arg[0]);

	if (rc == RC_NOTFOUND)
		return RC_OK;
	TRY(rc);
	*(bool *)done = true;
	TRY(db_begin(c->cx, c->db));
	return db_end(c->cx, c->db,
	    audit_add(c->cx, c->db, u->id, &by_command, "token revoked", c->arg[0], ""));
}

enum rc
ctl_token_revoke(struct call *c)
{
	bool done = false;

	TRY(call_users(c, revoke_of, &done));
	return done ? RC_OK
		    : fail(c->cx, E_NOT_FOUND,
			  "There is no token with this id; tidemark token list shows them.");
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
	TRY(audit_page(
	    c->cx, c->db, u.id, name ? call_option(c, "object") : NULL, "", limit, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct audit_row *row = &list.v[i];

		printf("%s  %-12s %-16s %-15s %-28s %s  %s\n", clock_text(row->at, at),
		    user_get(c->cx, c->db, row->owner, &u) == RC_OK ? u.name : "-", row->actor,
		    *row->from ? row->from : "-", row->action, row->object, row->detail);
	}
	return RC_OK;
}
