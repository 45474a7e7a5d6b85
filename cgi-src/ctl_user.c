/*
 * ctl_user.c - tidemark user, token, audit.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "ctl.h"
#include "store/user.h"

static const char *
when(int64_t ms, const char *none, char out[CLOCK_TEXT])
{
	return ms > 0 ? clock_text(ms, out) : none;
}

enum rc
ctl_user_add(struct call *c)
{
	struct user u;

	TRY(user_add(c->cx, c->db, c->arg[0], call_option(c, "operator") != NULL, &u));
	printf("%s\n", u.id);
	return RC_OK;
}

enum rc
ctl_user_list(struct call *c)
{
	struct user_list list;
	char made[CLOCK_TEXT];

	TRY(users_all(c->cx, c->db, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct user *u = &list.v[i];

		printf("%-24s %-9s since %s%s\n", u->name, u->role, clock_text(u->created_at, made), u->disabled_at ? "  disabled" : "");
	}
	return RC_OK;
}

enum rc
ctl_user_link(struct call *c)
{
	const char *base = conf_str(CONF_APP_URL), *key;
	struct user u;
	size_t n;

	TRY(user_find(c->cx, c->db, c->arg[0], &u));
	TRY(sign_in_key_make(c->cx, c->db, u.id, &key));
	if (!conf_set(CONF_APP_URL))
		base = arena_printf(c->cx->a, "http://127.0.0.1:%lld", (long long)conf_int(CONF_PORT));
	for (n = strlen(base); n && base[n - 1] == '/'; n--)
		;
	printf("%.*s/sign-in?key=%s\n", (int)n, base, key);
	return RC_OK;
}

enum rc
ctl_token_create(struct call *c)
{
	const char *user = call_option(c, "user"), *scopes = call_option(c, "scopes"), *name = call_option(c, "name");
	const char *days_text = call_option(c, "days"), *text;
	int64_t days = 0;
	struct token t;
	struct user u;

	if (!user || !scopes)
		return fail(c->cx, E_INPUT, "A token needs --user NAME and --scopes, a list of read, sync, write and operator.");
	if (days_text && !str_i64(str_c(days_text), 1, 36500, &days))
		return fail(c->cx, E_INPUT, "--days is a number from 1 to 36500.");
	TRY(user_find(c->cx, c->db, user, &u));
	TRY(token_create(c->cx, c->db, u.id, name ? name : "command line", scopes, days, &text, &t));
	printf("%s\n", text);
	return RC_OK;
}

static void
show_token(const struct token *t)
{
	char used[CLOCK_TEXT], ends[CLOCK_TEXT];

	printf("%s  %-12s %-20s %-24s last used %s, ends %s%s\n", t->id, t->user_name, t->name, t->scopes,
	    when(t->last_used_at, "never", used), when(t->expires_at, "never", ends), t->revoked_at ? "  revoked" : "");
}

/* The users a command is about: the one that --user names, or all. */
static enum rc
chosen_users(struct call *c, struct user_list *out)
{
	const char *name = call_option(c, "user");

	if (!name)
		return users_all(c->cx, c->db, out);
	out->v = arena_array(c->cx->a, 1, sizeof *out->v);
	out->n = 1;
	return user_find(c->cx, c->db, name, out->v);
}

enum rc
ctl_token_list(struct call *c)
{
	struct user_list users;
	struct token_list list;

	TRY(chosen_users(c, &users));
	for (size_t u = 0; u < users.n; u++) {
		TRY(tokens_of(c->cx, c->db, users.v[u].id, &list));
		for (size_t i = 0; i < list.n; i++)
			show_token(&list.v[i]);
	}
	return RC_OK;
}

enum rc
ctl_token_revoke(struct call *c)
{
	struct user_list users;
	enum rc rc = RC_NOTFOUND;

	TRY(chosen_users(c, &users));
	for (size_t u = 0; u < users.n && rc == RC_NOTFOUND; u++)
		rc = token_end(c->cx, c->db, users.v[u].id, c->arg[0]);
	if (rc == RC_NOTFOUND)
		return fail(c->cx, E_NOT_FOUND, "There is no token with this id; tidemark token list shows them.");
	return rc;
}

enum rc
ctl_audit(struct call *c)
{
	const char *limit_text = call_option(c, "limit");
	int64_t limit = 50;
	struct user_list users;
	struct audit_row *v;
	char at[CLOCK_TEXT];
	size_t n;

	if (limit_text && !str_i64(str_c(limit_text), 1, 10000, &limit))
		return fail(c->cx, E_INPUT, "--limit is a number from 1 to 10000.");
	TRY(chosen_users(c, &users));
	for (size_t u = 0; u < users.n; u++) {
		TRY(audit_list(c->cx, c->db, users.v[u].id, NULL, limit, &v, &n));
		for (size_t i = 0; i < n; i++)
			printf("%s  %-12s %-16s %-24s %s  %s\n", clock_text(v[i].at, at), users.v[u].name, v[i].actor, v[i].action,
			    v[i].object, v[i].detail);
	}
	return RC_OK;
}
