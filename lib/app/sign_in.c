/*
 * sign_in.c - see sign_in.h.
 */
#include "app/sign_in.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "queue/mailbox.h"
#include "store/guess.h"
#include "store/user.h"
#include "vault/password.h"

enum { MAIL_LINK_MS = 100 };

enum rc
sign_in_password(struct ctx *cx, struct db *db, const struct visitor *v, const char *name,
    const char *password, const char **cookie)
{
	struct session_new new = { .by = { "password", v->address }, .agent = v->agent };
	struct user u = { 0 };
	bool known;

	TRY(sign_in_try(cx, db, name, v->address));
	known = user_find(cx, db, name, &u) == RC_OK && !u.disabled_at;
	if (!password_fits(known ? u.password : NULL, password)) {
		log_event(LOG_LEVEL_WARN, "sign_in.refused", "s:user", known ? u.name : "",
		    "s:address", v->address, NULL);
		return fail(cx, E_UNAUTHORIZED, "This name and password do not fit together.");
	}
	TRY(sign_in_worked(cx, db, name, v->address));
	new.owner = u.id;
	return session_open(cx, db, &new, cookie);
}

struct sign_in_letter {
	const struct user *user;
	const struct visitor *visitor;
};

static enum rc
sign_in_mail_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct sign_in_letter *w = arg;
	const struct actor by = { .name = "sign-in page", .from = w->visitor->address };
	const struct user *u = w->user;
	const char *key;

	TRY(sign_in_key_put(cx, db, u->id, KEY_PASSWORD, NULL, &key));
	TRY(mail_enqueue(cx, db, u->id, u->email, "Your sign-in link for Tidemark",
	    arena_printf(cx->a,
		"Somebody, probably you, asked for a link to sign in as %s and to choose a new "
		"password:\n\n%s/sign-in?key=%s\n\nIt works once, within %d minutes. "
		"If it was not you, do nothing.\n",
		u->name, conf_app_url(cx->a), key, SIGN_IN_KEY_MINUTES)));
	return audit_add(cx, db, u->id, &by, &(struct deed){ "sign-in link mailed", u->id, NULL });
}

enum rc
sign_in_mail(struct ctx *cx, struct db *db, const struct visitor *v, const char *name)
{
	int64_t until = clock_mono_ms() + MAIL_LINK_MS;
	struct user u;
	struct sign_in_letter w = { .user = &u, .visitor = v };
	enum rc rc = RC_NOTFOUND;

	TRY(sign_in_try(cx, db, arena_printf(cx->a, "mail %s", name), v->address));
	if (mail_works())
		rc = user_find(cx, db, name, &u);
	if (rc == RC_OK && !u.disabled_at && u.email) {
		rc = db_write(cx, db, sign_in_mail_write, &w);
		wake_tick();
	}
	until -= clock_mono_ms();
	if (until > 0)
		clock_sleep_ms(until);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
