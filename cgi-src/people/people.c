/*
 * people.c - see people.h. Each verb is one short transaction with its audit row.
 */
#include "people/people.h"
#include "base/clock.h"
#include "base/conf.h"
#include "ask/ask.h"
#include "queue/mailbox.h"
#include "vault/password.h"

/*
 * Models.
 */

json *
model_user(struct arena *a, const struct user *u)
{
	json *o = json_new(a);

	json_set_str(o, "id", u->id);
	json_set_str(o, "name", u->name);
	json_set_str(o, "role", u->role);
	json_set_str(o, "email", u->email);
	json_set_bool(o, "mailNotices", u->mail_notices);
	json_set_bool(o, "hasPassword", u->password != NULL);
	json_set_str(o, "workspace_id", u->workspace_id);
	json_set_time(o, "createdAt", u->created_at);
	json_set_bool(o, "disabled", u->disabled_at != 0);
	json_set_time(o, "disabledAt", u->disabled_at);
	return o;
}

json *
model_session(struct req *r, const struct session *s)
{
	json *o = json_new(r->cx->a);

	json_set_str(o, "id", s->id);
	json_set_time(o, "createdAt", s->created_at);
	json_set_time(o, "seenAt", s->seen_at);
	json_set_str(o, "address", s->address);
	json_set_str(o, "agent", s->agent);
	json_set_bool(o, "current", r->who.session_id && !strcmp(s->id, r->who.session_id));
	return o;
}

json *
model_token(struct arena *a, const struct token *t)
{
	json *o = json_new(a), *scopes = json_list(a);
	struct str rest = str_c(t->scopes);

	while (rest.p && rest.n)
		json_add(scopes, json_string(a, str_trim(str_cut(rest, ',', &rest))));
	json_set_str(o, "id", t->id);
	json_set_str(o, "name", t->name);
	json_set(o, "scopes", scopes);
	json_set_time(o, "createdAt", t->created_at);
	json_set_time(o, "lastUsedAt", t->last_used_at);
	json_set_str(o, "lastUsedFrom", t->last_used_from);
	json_set_time(o, "expiresAt", t->expires_at);
	json_set_time(o, "revokedAt", t->revoked_at);
	json_set_str(o, "replaces", t->replaces);
	return o;
}

json *
model_audit(struct arena *a, const struct audit_row *row)
{
	json *o = json_new(a);

	json_set_str(o, "id", row->id);
	json_set_time(o, "at", row->at);
	json_set_str(o, "actor", row->actor);
	json_set_str(o, "action", row->action);
	json_set_str(o, "object", row->object);
	json_set_str(o, "detail", row->detail);
	json_set_str(o, "address", row->from);
	json_set_str(o, "owner", row->owner);
	return o;
}

/*
 * One's own account.
 */

enum rc
person_only(struct req *r)
{
	return r->who.by_cookie
	    ? RC_OK
	    : fail(r->cx, E_FORBIDDEN, "A token cannot do this; sign in with a browser.");
}

/* An open session alone does not change how one comes in. */
static enum rc
know_password(struct req *r, const struct user *u, const char *current)
{
	if (r->who.password_until >= clock_ms())
		return RC_OK;
	TRY(sign_in_try(r->cx, r->db, u->name, r->remote_addr));
	if (!password_fits(u->password, current ? current : ""))
		return input_fail_one(r, "current", "This is not your present password.");
	return sign_in_worked(r->cx, r->db, u->name, r->remote_addr);
}

/* Told where the person could be reached before, in the transaction of the change. */
static enum rc
tell_change(struct req *r, const struct user *u, const char *what)
{
	if (!mail_works() || !u->email)
		return RC_OK;
	return mail_enqueue(r->cx, r->db, u->id, u->email, "Your way into Tidemark changes",
	    arena_printf(r->cx->a,
		"%s, for the user %s at %s\n\nIf that was not you, somebody else is "
		"signed in as you: ask whoever runs it for a new link, and set a new password.\n",
		what, u->name, conf_app_url(r->cx->a)));
}

enum rc
account_password(struct req *r, const char *current, const char *password)
{
	const char *stored;
	struct user u;
	enum rc rc;

	TRY(person_only(r));
	TRY(user_get(r->cx, r->db, r->who.user_id, &u));
	if (!u.password && r->who.password_until < clock_ms())
		return fail(r->cx, E_FORBIDDEN,
		    "A first password is chosen within %d minutes of opening an invitation; ask an operator for one.",
		    PASSWORD_MINUTES);
	TRY(know_password(r, &u, current));
	if (password_ok(r->cx, u.name, password ? password : "") != RC_OK)
		return input_fail_one(r, "password", arena_dup(r->cx->a, r->cx->err.detail));
	TRY(password_hash(r->cx, password, &stored));
	TRY(db_begin(r->cx, r->db));
	rc = user_set_password(r->cx, r->db, u.id, stored, r->who.session_id);
	if (rc == RC_OK)
		rc = audit_add(
		    r->cx, r->db, u.id, &r->who.by, "password set, other sessions ended", u.id, "");
	if (rc == RC_OK)
		rc = tell_change(r, &u, "A new password was set");
	TRY(db_end(r->cx, r->db, rc));
	wake_tick();
	return RC_OK;
}

enum rc
account_end_sessions(struct req *r, const char *id)
{
	enum rc rc;

	TRY(person_only(r));
	TRY(db_begin(r->cx, r->db));
	rc = id ? session_end_id(r->cx, r->db, r->who.user_id, id)
		: session_end_all(r->cx, r->db, r->who.user_id, r->who.session_id);
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, r->who.user_id, &r->who.by,
		    id ? "session ended" : "other sessions ended", id ? id : r->who.user_id, "");
	return db_end(r->cx, r->db, rc);
}

enum rc
account_notices(struct req *r, bool on)
{
	enum rc rc;

	TRY(person_only(r));
	TRY(db_begin(r->cx, r->db));
	rc = user_set_notices(r->cx, r->db, r->who.user_id, on);
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, r->who.user_id, &r->who.by,
		    on ? "e-mail notices on" : "e-mail notices off", r->who.user_id, "");
	return db_end(r->cx, r->db, rc);
}

/* The address counts when the link was opened: nobody signs up somebody else. */
static enum rc
mail_confirmation(struct req *r, const struct user *u, const char *email)
{
	const char *key, *text;
	enum rc rc;

	if (!mail_works())
		return input_fail_one(r, "email",
		    "This installation sends no mail; its operator sets TIDEMARK_SMTP_URL.");
	/* Nobody has others written to again and again. */
	TRY(sign_in_try(
	    r->cx, r->db, arena_printf(r->cx->a, "confirm %s", r->who.user_id), r->remote_addr));
	TRY(db_begin(r->cx, r->db));
	rc = sign_in_key_put(r->cx, r->db, r->who.user_id, KEY_EMAIL, email, &key);
	if (rc == RC_OK) {
		text = arena_printf(r->cx->a,
		    "%s wants Tidemark to write to this address when a connection needs attention.\n\nIf that is you, open this link within %d minutes:\n\n"
		    "%s/confirm?key=%s\n\nIf not, do nothing: no more mail comes.\n",
		    r->who.user_name, SIGN_IN_KEY_MINUTES, conf_app_url(r->cx->a), key);
		rc = mail_enqueue(
		    r->cx, r->db, r->who.user_id, email, "Confirm your address for Tidemark", text);
	}
	if (rc == RC_OK)
		rc = tell_change(r, u, "Mail goes to another address as soon as that is confirmed");
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, r->who.user_id, &r->who.by,
		    "e-mail address asked to confirm", r->who.user_id, email);
	TRY(db_end(r->cx, r->db, rc));
	wake_tick();
	return RC_OK;
}

enum rc
account_email(struct req *r, const char *email, const char *current, bool *sent)
{
	struct user u;
	enum rc rc;

	TRY(person_only(r));
	TRY(user_get(r->cx, r->db, r->who.user_id, &u));
	*sent = *email != '\0';
	if (*sent && !email_ok(str_c(email)))
		return input_fail_one(r, "email", "This is not an e-mail address.");
	/* A lost password is replaced by way of the address. */
	if (u.password)
		TRY(know_password(r, &u, current));
	if (*sent)
		return mail_confirmation(r, &u, email);
	TRY(db_begin(r->cx, r->db));
	rc = user_set_email(r->cx, r->db, r->who.user_id, NULL);
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, r->who.user_id, &r->who.by, "e-mail address removed",
		    r->who.user_id, "");
	return db_end(r->cx, r->db, rc);
}

/*
 * Operators.
 */

static const char *
role_word(const char *role)
{
	return !role || !strcmp(role, "member") ? "member"
	    : !strcmp(role, "operator")         ? "operator"
						: NULL;
}

enum rc
people_add(
    struct req *r, const char *name, const char *role, const char *workspace_id, struct user *out)
{
	enum rc rc;

	if (!role_word(role))
		return input_fail_one(r, "role", "The role is member or operator.");
	rc = user_add(r->cx, r->db, name ? name : "", !strcmp(role_word(role), "operator"),
	    workspace_id && *workspace_id ? workspace_id : NULL, out);
	if (rc == RC_INVALID || rc == RC_CONFLICT)
		return input_fail_one(r,
		    strstr(r->cx->err.detail, "workspace_id") ? "workspace_id" : "name",
		    arena_dup(r->cx->a, r->cx->err.detail));
	TRY(rc);
	return audit_now(
	    r, "user added", out->id, arena_printf(r->cx->a, "%s, %s", out->name, out->role));
}

/* Takes what `change` says into *u. */
static enum rc
take_change(struct req *r, const json *change, struct user *u)
{
	static const char *const known[] = { "role", "disabled", "workspace_id", "email" };
	const char *text;

	for (struct json_iter it = { 0 }; json_each(change, &it);) {
		size_t i = 0;
		while (i < sizeof known / sizeof *known && strcmp(known[i], it.key))
			i++;
		if (i == sizeof known / sizeof *known)
			return input_fail_one(r, it.key, "There is no such setting.");
		if (!json_is_null(it.value) &&
		    (i == 1 ? !json_is_bool(it.value) : !json_is_str(it.value)))
			return input_fail_one(
			    r, it.key, i == 1 ? "Say true or false." : "This is a text.");
	}
	if (json_has(change, "role") && !(u->role = role_word(json_str(change, "role"))))
		return input_fail_one(r, "role", "The role is member or operator.");
	if (json_has(change, "disabled"))
		u->disabled_at = !json_flag(change, "disabled", false) ? 0
		    : u->disabled_at                                   ? u->disabled_at
								       : clock_ms();
	text = json_str(change, "workspace_id");
	if (json_has(change, "workspace_id"))
		u->workspace_id = text && *text ? text : NULL;
	text = json_str(change, "email");
	if (text && *text && !email_ok(str_c(text)))
		return input_fail_one(r, "email", "This is not an e-mail address.");
	if (json_has(change, "email"))
		u->email = text && *text ? text : NULL;
	return RC_OK;
}

enum rc
people_change(struct req *r, const char *id, const json *change)
{
	struct user u;
	enum rc rc;

	TRY(user_get(r->cx, r->db, id, &u));
	TRY(take_change(r, change, &u));
	TRY(db_begin(r->cx, r->db));
	rc = user_save(r->cx, r->db, &u);
	if (rc == RC_OK && json_has(change, "email"))
		rc = user_set_email(r->cx, r->db, id, u.email);
	if (rc == RC_OK && u.disabled_at)
		rc = session_end_all(r->cx, r->db, id, NULL);
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, id, &r->who.by, "account changed by an operator", id,
		    json_text(r->cx->a, change));
	return db_end(r->cx, r->db, rc);
}

enum rc
people_link(struct req *r, const char *id, const char *purpose, bool reset, const char **link)
{
	struct user u;
	const char *key;
	enum rc rc;

	TRY(user_get(r->cx, r->db, id, &u));
	if (u.disabled_at)
		return fail(r->cx, E_STATE, "This user is disabled; enable the account first.");
	TRY(db_begin(r->cx, r->db));
	rc = reset ? user_set_password(r->cx, r->db, id, NULL, NULL) : RC_OK;
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, id, &r->who.by,
		    reset ? "password reset, sessions ended" : "sign-in link made", id, "");
	TRY(db_end(r->cx, r->db, rc));
	TRY(sign_in_key_make(r->cx, r->db, id, purpose, NULL, &key));
	*link = arena_printf(r->cx->a, "%s/sign-in?key=%s", conf_app_url(r->cx->a), key);
	return RC_OK;
}

/*
 * Tokens.
 */

enum rc
tokens_make(struct req *r, const char *name, const char *scopes, int64_t days, const char **text,
    struct token *out)
{
	unsigned bits = scopes_parse(scopes);

	if (!bits)
		return input_fail_one(
		    r, "scopes", "The scopes are one or more of read, sync, write and operator.");
	if (bits & ~r->who.scopes)
		return fail(r->cx, E_FORBIDDEN,
		    "A token cannot have more scopes than the credential that makes it.");
	TRY(token_create(r->cx, r->db, r->who.user_id, name, scopes, days, text, out));
	return audit_now(
	    r, "token made", out->id, arena_printf(r->cx->a, "%s (%s)", out->name, out->scopes));
}

enum rc
tokens_rotate(
    struct req *r, const char *id, int64_t overlap_hours, const char **text, struct token *out)
{
	const struct token_rotation how = {
		.owner = r->who.user_id,
		.id = id,
		.overlap_hours = overlap_hours,
		.may = r->who.scopes,
	};

	TRY(token_rotate(r->cx, r->db, &how, text, out));
	return audit_now(r, "token rotated", out->id,
	    arena_printf(r->cx->a, "%s, the old one ends in %lld hours", out->name,
		(long long)overlap_hours));
}

enum rc
tokens_revoke(struct req *r, const char *id)
{
	TRY(token_end(r->cx, r->db, r->who.user_id, id));
	return audit_now(r, "token revoked", id, "");
}
