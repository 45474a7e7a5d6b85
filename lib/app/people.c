/*
 * people.c - see people.h. Each verb is one short transaction with its audit row.
 */
#include "app/people.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "base/conf.h"
#include "queue/mailbox.h"
#include "queue/doomed.h"
#include "queue/leave.h"
#include "store/guess.h"
#include "store/token.h"
#include "vault/password.h"

static const char role_words[] = "The role is member or operator.";
static const char email_words[] = "This is not an e-mail address.";

/*
 * One's own account.
 */

/* An open session alone does not change how one comes in: the present password does, or an
 * invitation that was opened a short while ago. */
static enum rc
account_know(struct ctx *cx, struct db *db, const struct caller *by, const struct user *u,
    const char *current)
{
	if (by->password_until >= clock_ms())
		return RC_OK;
	if (!u->password)
		return fail(cx, E_FORBIDDEN,
		    "Without a password, how you sign in and where you are written to is set "
		    "within %d minutes of opening an invitation; ask an operator for one, or run: "
		    "tidemark user invite %s",
		    PASSWORD_MINUTES, u->name);
	TRY(sign_in_try(cx, db, u->name, by->actor.from));
	if (!password_fits(u->password, current ? current : ""))
		return caller_wrong(cx, by, "current", "This is not your present password.");
	return sign_in_worked(cx, db, u->name, by->actor.from);
}

/* Told where the person could be reached before, in the transaction of the change. */
static enum rc
account_tell(struct ctx *cx, struct db *db, const struct user *u, const char *what)
{
	if (!mail_works() || !u->email)
		return RC_OK;
	return mail_enqueue(cx, db, u->id, u->email, "Your way into Tidemark changes",
	    arena_printf(cx->a,
		"%s, for the user %s at %s\n\nIf that was not you, somebody else is "
		"signed in as you: ask whoever runs it for a new link, and set a new password.\n",
		what, u->name, conf_app_url(cx->a)));
}

/* Who had no address cannot be told, so the operators are: a first one is a way in for good. */
static enum rc
account_tell_operators(struct ctx *cx, struct db *db, const struct user *u, const char *email)
{
	struct user v[OPERATORS_TOLD];
	const char *text;
	size_t n;

	text = arena_printf(cx->a,
	    "The user %s at %s had no e-mail address, and now %s was given for it. Whoever reads "
	    "mail there can sign in as %s from then on.\n\nIf that is not right, sign the user "
	    "out everywhere: Settings, Users, Reset, or \"tidemark user reset %s\".\n",
	    u->name, conf_app_url(cx->a), email, u->name, u->name);
	TRY(user_operators(cx, db, u->id, v, &n));
	for (size_t i = 0; i < n; i++)
		TRY(mail_enqueue(
		    cx, db, v[i].id, v[i].email, "A first address for a user of Tidemark", text));
	return RC_OK;
}

struct account_password {
	const struct caller *by;
	const struct user *u;
	const char *stored;
};

static enum rc
account_password_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct account_password *w = arg;
	const struct caller *by = w->by;
	const struct user *u = w->u;
	const char *stored = w->stored;

	TRY(session_set_password(cx, db, u->id, stored, by->session));
	TRY(caller_audit(cx, db, by, "password set, other sessions ended", u->id, ""));
	return account_tell(cx, db, u, "A new password was set");
}

enum rc
account_password(struct ctx *cx, struct db *db, const struct caller *by, const char *current,
    const char *password)
{
	const char *stored;
	struct user u;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_person(cx, by));
	TRY(user_get(cx, db, by->owner, &u));
	TRY(account_know(cx, db, by, &u, current));
	if (password_ok(cx, u.name, password ? password : "") != RC_OK)
		return caller_wrong(cx, by, "password", cx->err.detail);
	TRY(password_hash(cx, password, &stored));

	struct account_password w = {
		.by = by,
		.u = &u,
		.stored = stored,
	};

	db_urgent(db);
	TRY(db_write(cx, db, account_password_write, &w));
	wake_tick();
	return RC_OK;
}

struct account_end {
	const struct caller *by;
	const char *id;
};

static enum rc
account_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct account_end *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;

	if (id) {
		TRY(session_end_id(cx, db, by->owner, id));
		return caller_audit(cx, db, by, "session ended", id, "");
	}
	TRY(session_end_all(cx, db, by->owner, by->session));
	return caller_audit(cx, db, by, "other sessions ended", by->owner, "");
}

enum rc
account_end_sessions(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_person(cx, by));

	struct account_end w = {
		.by = by,
		.id = id,
	};

	db_urgent(db);
	return db_write(cx, db, account_end_write, &w);
}

struct account_notices {
	const struct caller *by;
	bool on;
};

static enum rc
account_notices_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct account_notices *w = arg;
	const struct caller *by = w->by;
	bool on = w->on;

	TRY(user_set_notices(cx, db, by->owner, on));
	return caller_audit(
	    cx, db, by, on ? "e-mail notices on" : "e-mail notices off", by->owner, "");
}

enum rc
account_notices(struct ctx *cx, struct db *db, const struct caller *by, bool on)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_person(cx, by));

	struct account_notices w = {
		.by = by,
		.on = on,
	};

	return db_write(cx, db, account_notices_write, &w);
}

struct account_confirm {
	const struct caller *by;
	const struct user *u;
	const char *email;
};

static enum rc
account_confirm_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct account_confirm *w = arg;
	const struct caller *by = w->by;
	const struct user *u = w->u;
	const char *email = w->email;
	const char *key;

	TRY(sign_in_key_put(cx, db, u->id, KEY_EMAIL, email, &key));
	TRY(mail_enqueue(cx, db, u->id, email, "Confirm your address for Tidemark",
	    arena_printf(cx->a,
		"%s wants Tidemark to write to this address when a connection needs "
		"attention.\n\nIf that is you, open this link within %d minutes:\n\n"
		"%s/confirm?key=%s\n\nIf not, do nothing: no more mail comes.\n",
		u->name, SIGN_IN_KEY_MINUTES, conf_app_url(cx->a), key)));
	TRY(u->email ? account_tell(
			   cx, db, u, "Mail goes to another address as soon as that is confirmed")
		     : account_tell_operators(cx, db, u, email));
	return caller_audit(cx, db, by, "e-mail address asked to confirm", u->id, email);
}

/* The address counts when the link was opened: nobody signs up somebody else. */
static enum rc
account_confirm(
    struct ctx *cx, struct db *db, const struct caller *by, const struct user *u, const char *email)
{
	if (!mail_works())
		return caller_wrong(cx, by, "email",
		    "This installation sends no mail; its operator has to set TIDEMARK_SMTP_URL.");
	/* Nobody has others written to again and again. */
	TRY(sign_in_try(cx, db, arena_printf(cx->a, "confirm %s", u->id), by->actor.from));

	struct account_confirm w = {
		.by = by,
		.u = u,
		.email = email,
	};

	TRY(db_write(cx, db, account_confirm_write, &w));
	wake_tick();
	return RC_OK;
}

struct account_no_email {
	const struct caller *by;
};

static enum rc
account_no_email_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct account_no_email *w = arg;
	const struct caller *by = w->by;

	TRY(user_set_email(cx, db, by->owner, NULL));
	return caller_audit(cx, db, by, "e-mail address removed", by->owner, "");
}

enum rc
account_email(struct ctx *cx, struct db *db, const struct caller *by, const char *email,
    const char *current, bool *sent)
{
	struct user u;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_person(cx, by));
	TRY(user_get(cx, db, by->owner, &u));
	*sent = *email != '\0';
	if (*sent && !email_ok(str_c(email)))
		return caller_wrong(cx, by, "email", email_words);
	/* A lost password is replaced by way of the address. */
	TRY(account_know(cx, db, by, &u, current));
	if (*sent)
		return account_confirm(cx, db, by, &u, email);

	struct account_no_email w = {
		.by = by,
	};

	return db_write(cx, db, account_no_email_write, &w);
}

/*
 * Operators. What they do stands on the timeline of the user to whom it is done.
 */

static const char *
people_role(const char *role)
{
	if (!role || !strcmp(role, "member"))
		return "member";
	return !strcmp(role, "operator") ? "operator" : NULL;
}

static const char *
people_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

struct people_add {
	const struct caller *by;
	const struct person *person;
	struct user *out;
};

static enum rc
people_add_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct people_add *w = arg;
	const struct person *p = w->person;
	struct user *u = w->out;

	TRY(user_add(cx, db, p->name ? p->name : "", !strcmp(people_role(p->role), "operator"),
	    people_or_null(p->workspace_id), u));
	u->email = people_or_null(p->email);
	if (u->email)
		TRY(user_set_email(cx, db, u->id, u->email));
	return audit_add(cx, db, u->id, &w->by->actor,
	    &(struct deed){ "user added", u->id, arena_printf(cx->a, "%s, %s", u->name, u->role) });
}

enum rc
people_add(struct ctx *cx, struct db *db, const struct caller *by, const struct person *p,
    struct user *out)
{
	struct people_add w = { .by = by, .person = p, .out = out };
	const char *email = people_or_null(p->email);
	enum rc rc;

	TRY(caller_need(cx, by, SCOPE_OPERATOR));
	if (!people_role(p->role))
		return caller_wrong(cx, by, "role", role_words);
	if (email && !email_ok(str_c(email)))
		return caller_wrong(cx, by, "email", email_words);
	rc = db_write(cx, db, people_add_write, &w);
	if (rc == RC_INVALID || rc == RC_CONFLICT)
		return caller_wrong(cx, by,
		    strstr(cx->err.detail, "workspace_id") ? "workspace_id" : "name",
		    cx->err.detail);
	return rc;
}

static enum rc
people_change_fields(struct ctx *cx, const struct caller *by, const json *change)
{
	static const char *const known[] = { "role", "disabled", "workspace_id", "email", NULL };

	TRY(caller_known(cx, by, change, known, "There is no such setting."));
	for (struct json_iter it = { 0 }; json_each(change, &it);) {
		if (json_is_null(it.value))
			continue;
		if (!strcmp(it.key, "disabled")) {
			if (!json_is_bool(it.value))
				return caller_wrong(cx, by, it.key, "Say true or false.");
		} else if (!json_is_str(it.value))
			return caller_wrong(cx, by, it.key, "This is a text.");
	}
	return RC_OK;
}

/* Takes what `change` says into *u. */
static enum rc
people_take(struct ctx *cx, const struct caller *by, const json *change, struct user *u)
{
	const char *email = people_or_null(json_str(change, "email"));

	TRY(people_change_fields(cx, by, change));
	if (json_has(change, "role")) {
		u->role = people_role(json_str(change, "role"));
		if (!u->role)
			return caller_wrong(cx, by, "role", role_words);
	}
	if (json_flag(change, "disabled", false))
		u->disabled_at = u->disabled_at ? u->disabled_at : clock_ms();
	else if (json_has(change, "disabled"))
		u->disabled_at = 0;
	if (json_has(change, "workspace_id"))
		u->workspace_id = people_or_null(json_str(change, "workspace_id"));
	if (email && !email_ok(str_c(email)))
		return caller_wrong(cx, by, "email", email_words);
	if (json_has(change, "email"))
		u->email = email;
	return RC_OK;
}

/* One row for the way in that was closed or opened, one for the rest. */
static enum rc
people_change_audit(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const json *change)
{
	json *rest = json_copy(cx->a, change);
	const struct deed way_in = {
		.action = json_flag(change, "disabled", false) ? "user disabled" : "user enabled",
		.object = id,
	};

	if (json_has(change, "disabled"))
		TRY(audit_add(cx, db, id, &by->actor, &way_in));
	json_unset(rest, "disabled");
	if (!json_len(rest))
		return RC_OK;
	return audit_add(cx, db, id, &by->actor,
	    &(struct deed){ "account changed by an operator", id, json_text(cx->a, rest) });
}

/* Nor does an operator's open session change its own way in by this way round. */
static enum rc
people_not_self(struct ctx *cx, const struct caller *by, const char *id)
{
	if (!by->session || strcmp(by->owner, id) != 0)
		return RC_OK;
	return fail(cx, E_FORBIDDEN,
	    "Your own password and e-mail address are set under Settings, Your account.");
}

struct people_change {
	const struct caller *by;
	const struct user *u;
	const json *change;
};

static enum rc
people_change_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct people_change *w = arg;
	const struct caller *by = w->by;
	const struct user *u = w->u;
	const json *change = w->change;

	TRY(user_save(cx, db, u));
	if (json_has(change, "email"))
		TRY(user_set_email(cx, db, u->id, u->email));
	if (u->disabled_at)
		TRY(session_end_all(cx, db, u->id, NULL));
	return people_change_audit(cx, db, by, u->id, change);
}

enum rc
people_change(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const json *change)
{
	struct user u;

	TRY(caller_need(cx, by, SCOPE_OPERATOR));
	if (json_has(change, "email"))
		TRY(people_not_self(cx, by, id));
	TRY(user_get(cx, db, id, &u));
	if (u.removed_at)
		return fail(cx, E_STATE, "This user is being removed.");
	TRY(people_take(cx, by, change, &u));

	struct people_change w = {
		.by = by,
		.u = &u,
		.change = change,
	};

	return db_write(cx, db, people_change_write, &w);
}

struct people_remove {
	const struct caller *by;
	const char *id;
	bool clean;
};

/* The row about it stands on the timeline of who does it: the user's own goes too. */
static enum rc
people_remove_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct people_remove *w = arg;
	const char *id = w->id;
	const int64_t now = clock_ms();
	struct user u;

	TRY(user_get(cx, db, id, &u));
	if (u.removed_at)
		return fail(cx, E_STATE, "This user is being removed.");
	u.disabled_at = now;
	TRY(user_doom(cx, db, &u, now));
	TRY(session_end_all(cx, db, id, NULL));
	TRY(token_end_all(cx, db, id));
	TRY(sync_end_all(cx, db, id));
	/* The rest waits for these runs (send/remover.c). */
	if (w->clean)
		TRY(leave_all(
		    cx, db, id, &(struct leave){ .by = w->by->actor.name, .data = true }));
	TRY(doomed_ask(cx, db, id, now));
	return audit_add(cx, db, w->by->owner ? w->by->owner : AUDIT_NOBODY, &w->by->actor,
	    &(struct deed){ "user removed", id, u.name });
}

enum rc
people_remove(struct ctx *cx, struct db *db, const struct caller *by, const char *id, bool clean)
{
	struct people_remove w = { .by = by, .id = id, .clean = clean };

	TRY(caller_need(cx, by, SCOPE_OPERATOR));
	if (by->owner && !strcmp(by->owner, id))
		return fail(
		    cx, E_STATE, "This is your own account; another operator can remove it.");
	TRY(db_write(cx, db, people_remove_write, &w));
	wake_tick();
	return RC_OK;
}

/* A link that works once, and the row about it. */
struct people_way {
	const char *purpose, *action, *detail;
	bool reset; /* the password goes, and every session and token ends */
};

struct people_key {
	const struct caller *by;
	const char *id;
	const struct people_way *how;
	const char **key;
};

static enum rc
people_key_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct people_key *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	const struct people_way *how = w->how;
	const char **key = w->key;
	struct user u;

	TRY(user_get(cx, db, id, &u));
	if (u.disabled_at)
		return fail(cx, E_STATE, "This user is disabled; enable the account first.");
	if (how->reset) {
		TRY(session_set_password(cx, db, id, NULL, NULL));
		TRY(token_end_all(cx, db, id));
	}
	TRY(sign_in_key_put(cx, db, id, how->purpose, NULL, key));
	return audit_add(cx, db, id, &by->actor, &(struct deed){ how->action, id, how->detail });
}

static enum rc
people_key(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const struct people_way *how, const char **link)
{
	const char *key;

	TRY(caller_need(cx, by, SCOPE_OPERATOR));
	TRY(people_not_self(cx, by, id));

	struct people_key w = {
		.by = by,
		.id = id,
		.how = how,
		.key = &key,
	};

	TRY(db_write(cx, db, people_key_write, &w));
	*link = arena_printf(cx->a, "%s/sign-in?key=%s", conf_app_url(cx->a), key);
	return RC_OK;
}

enum rc
people_link(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **link)
{
	return people_key(cx, db, by, id,
	    &(struct people_way){
		.purpose = KEY_SIGN_IN,
		.action = "sign-in link made",
		.detail = "",
	    },
	    link);
}

enum rc
people_invite(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **link)
{
	return people_key(cx, db, by, id,
	    &(struct people_way){
		.purpose = KEY_PASSWORD,
		.action = "sign-in link made",
		.detail = "leads to choosing a password",
	    },
	    link);
}

enum rc
people_reset(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **link)
{
	return people_key(cx, db, by, id,
	    &(struct people_way){
		.purpose = KEY_PASSWORD,
		.action = "password reset, sessions and tokens ended",
		.detail = "",
		.reset = true,
	    },
	    link);
}
