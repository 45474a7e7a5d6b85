/*
 * session.c - see session.h.
 */
#include "store/session.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/guess.h"
#include "store/user.h"

enum { SEEN_EVERY_MS = 5 * 60 * 1000, AGENT_MAX = 300 };

/*
 * One-time keys.
 */

enum rc
sign_in_key_put(struct ctx *cx, struct db *db, const char *owner, const char *purpose,
    const char *detail, const char **key)
{
	char text[TOKEN_TEXT], hash[SHA256_HEX];

	*key = arena_dup(cx->a, rand_token(text));
	hash_sha256_hex(str_c(*key), hash);
	return db_run(cx, db, NULL, Q_KEY_INSERT, "ssiss", hash, owner,
	    clock_ms() + SIGN_IN_KEY_MINUTES * MINUTE_MS, purpose, detail ? detail : "");
}

static enum rc
key_refused(struct ctx *cx)
{
	return fail(cx, E_UNAUTHORIZED, "This link was used already or is older than %d minutes.",
	    SIGN_IN_KEY_MINUTES);
}

enum rc
sign_in_key_owner(struct ctx *cx, struct db *db, const char *key, const char **owner)
{
	char hash[SHA256_HEX];
	bool found;

	hash_sha256_hex(str_c(key), hash);
	TRY(db_row(cx, db, &found, Q_KEY_OWNER, "si", hash, clock_ms()));
	if (!found)
		return key_refused(cx);
	*owner = db_dup(cx->a, db, Q_KEY_OWNER, 0);
	db_reset(db, Q_KEY_OWNER);
	return RC_OK;
}

struct taken {
	const char *owner, *purpose, *detail;
};

/* In a write transaction. */
static enum rc
key_take(struct ctx *cx, struct db *db, const char *key, bool email, struct taken *out)
{
	char hash[SHA256_HEX];
	bool found;

	TRY(sign_in_key_owner(cx, db, key, &out->owner));
	hash_sha256_hex(str_c(key), hash);
	TRY(db_row(cx, db, &found, Q_KEY_TAKE, "sii", hash, clock_ms(), (int64_t)email));
	if (!found)
		return key_refused(cx);
	*out = (struct taken){
		.owner = db_dup(cx->a, db, Q_KEY_TAKE, C_KEY_OWNER),
		.purpose = db_dup(cx->a, db, Q_KEY_TAKE, C_KEY_PURPOSE),
		.detail = db_dup(cx->a, db, Q_KEY_TAKE, C_KEY_DETAIL),
	};
	db_reset(db, Q_KEY_TAKE);
	return RC_OK;
}

/* A person who comes in: with a key, or (owner) known already. */
struct entry {
	const char *key, *owner;
	const struct actor *by;
	const char *agent;
	int64_t password_until; /* a password may be chosen so long without the old one */
	bool by_proxy;
	const char *cookie, *email; /* made */
};

static enum rc
session_open_write(struct ctx *cx, struct db *db, void *arg)
{
	struct entry *e = arg;
	char text[TOKEN_TEXT], csrf[TOKEN_TEXT], hash[SHA256_HEX], id[UUID_TEXT];
	struct str shown = str_utf8_cut(str_c(e->agent), AGENT_MAX);
	int64_t now = clock_ms();
	struct user u;

	e->cookie = arena_dup(cx->a, rand_token(text));
	hash_sha256_hex(str_c(e->cookie), hash);

	const struct db_arg args[P_SESSION_INSERT__N] = {
		[P_SESSION_INSERT_HASH] = db_s(hash),
		[P_SESSION_INSERT_ID] = db_s(rand_uuid(id)),
		[P_SESSION_INSERT_OWNER] = db_s(e->owner),
		[P_SESSION_INSERT_CSRF] = db_s(rand_token(csrf)),
		[P_SESSION_INSERT_NOW] = db_i(now),
		[P_SESSION_INSERT_EXPIRES_AT] = db_i(now + SESSION_DAYS * DAY_MS),
		[P_SESSION_INSERT_ADDRESS] = db_s(e->by->from),
		[P_SESSION_INSERT_AGENT] = db_s(arena_dup_str(cx->a, shown)),
		[P_SESSION_INSERT_PASSWORD_UNTIL] = db_i(e->password_until),
		[P_SESSION_INSERT_BY_PROXY] = db_i(e->by_proxy),
	};

	/* The one that has not been seen for the longest gives way: the list shows them all. */
	TRY(db_run(cx, db, NULL, Q_SESSION_ROOM, "si", e->owner, (int64_t)SESSIONS_MAX - 1));
	TRY(db_run_named(cx, db, NULL, Q_SESSION_INSERT, args, P_SESSION_INSERT__N));
	TRY(user_get(cx, db, e->owner, &u));
	TRY(guess_known(cx, db, u.name, e->by->from));
	return audit_add(cx, db, e->owner, e->by, &(struct deed){ "signed in", e->owner, NULL });
}

static enum rc
key_use_write(struct ctx *cx, struct db *db, void *arg)
{
	struct entry *e = arg;
	struct taken k;
	bool choose;

	TRY(key_take(cx, db, e->key, false, &k));
	choose = !strcmp(k.purpose, KEY_PASSWORD);
	e->owner = k.owner;
	e->password_until = choose ? clock_ms() + PASSWORD_MINUTES * MINUTE_MS : 0;
	return session_open_write(cx, db, e);
}

enum rc
sign_in_key_use(struct ctx *cx, struct db *db, const char *key, const struct actor *by,
    const char *agent, struct sign_in *out)
{
	struct entry e = { .key = key, .by = by, .agent = agent };

	TRY(db_write(cx, db, key_use_write, &e));
	*out = (struct sign_in){ .cookie = e.cookie, .choose = e.password_until != 0 };
	return RC_OK;
}

static enum rc
key_confirm_write(struct ctx *cx, struct db *db, void *arg)
{
	struct entry *e = arg;
	struct taken k;

	TRY(key_take(cx, db, e->key, true, &k));
	e->email = k.detail;
	TRY(user_set_email(cx, db, k.owner, k.detail));
	return audit_add(cx, db, k.owner, e->by,
	    &(struct deed){ "e-mail address confirmed", k.owner, k.detail });
}

enum rc
sign_in_key_confirm(
    struct ctx *cx, struct db *db, const char *key, const struct actor *by, const char **email)
{
	struct entry e = { .key = key, .by = by };

	TRY(db_write(cx, db, key_confirm_write, &e));
	*email = e.email;
	return RC_OK;
}

/*
 * Sessions.
 */

enum rc
session_open(struct ctx *cx, struct db *db, const struct session_new *new, const char **cookie)
{
	struct entry e = {
		.owner = new->owner,
		.by = &new->by,
		.agent = new->agent,
		.by_proxy = new->by_proxy,
	};

	TRY(db_write(cx, db, session_open_write, &e));
	*cookie = e.cookie;
	return RC_OK;
}

static void
session_read(struct arena *a, struct db *db, enum sql q, struct session *s)
{
	*s = (struct session){
		.id = db_dup(a, db, q, C_SESSION_ID),
		.owner = db_dup(a, db, q, C_SESSION_OWNER),
		.user_name = db_dup(a, db, q, C_SESSION_USER_NAME),
		.role = db_dup(a, db, q, C_SESSION_ROLE),
		.created_at = db_num(db, q, C_SESSION_CREATED_AT),
		.seen_at = db_num(db, q, C_SESSION_SEEN_AT),
		.password_until = db_num(db, q, C_SESSION_PASSWORD_UNTIL),
		.address = db_dup(a, db, q, C_SESSION_ADDRESS),
		.agent = db_dup(a, db, q, C_SESSION_AGENT),
		.by_proxy = db_flag(db, q, C_SESSION_BY_PROXY),
	};
}

/* arg: the digest of the cookie. */
static enum rc
session_seen_write(struct ctx *cx, struct db *db, void *arg)
{
	return db_run(cx, db, NULL, Q_SESSION_SEEN, "si", (const char *)arg, clock_ms());
}

static enum rc
session_end_write(struct ctx *cx, struct db *db, void *arg)
{
	return db_run(cx, db, NULL, Q_SESSION_END, "s", (const char *)arg);
}

enum rc
session_find(struct ctx *cx, struct db *db, const char *cookie, struct session *out)
{
	char hash[SHA256_HEX];
	int64_t now = clock_ms();
	bool found;

	hash_sha256_hex(str_c(cookie), hash);
	TRY(db_row(
	    cx, db, &found, Q_SESSION_FIND, "sii", hash, now, now - SESSION_IDLE_HOURS * HOUR_MS));
	if (!found)
		return fail(cx, E_UNAUTHORIZED, "The session has ended.");
	session_read(cx->a, db, Q_SESSION_FIND, out);
	out->csrf = db_dup(cx->a, db, Q_SESSION_FIND, C_SESSION_OWN_CSRF);
	db_reset(db, Q_SESSION_FIND);
	if (now - out->seen_at < SEEN_EVERY_MS)
		return RC_OK;
	/* A visit that cannot be noted (full disk) is still a visit. */
	if (db_write(cx, db, session_seen_write, hash) != RC_OK)
		log_event(LOG_LEVEL_WARN, "session.visit_not_noted", "s:code",
		    error_row(cx->err.kind)->code, NULL);
	return RC_OK;
}

enum rc
session_stands(struct ctx *cx, struct db *db, const char *owner, const char *id, bool *yes)
{
	int64_t now = clock_ms();

	TRY(db_row(cx, db, yes, Q_SESSION_STANDS, "ssii", owner, id, now,
	    now - SESSION_IDLE_HOURS * HOUR_MS));
	db_reset(db, Q_SESSION_STANDS);
	return RC_OK;
}

enum rc
session_end(struct ctx *cx, struct db *db, const char *cookie)
{
	char hash[SHA256_HEX];

	hash_sha256_hex(str_c(cookie), hash);
	db_urgent(db);
	return db_write(cx, db, session_end_write, hash);
}

enum rc
session_list(struct ctx *cx, struct db *db, const char *owner, struct session_list *out)
{
	int64_t now = clock_ms();

	*out = (struct session_list){ .v = arena_array(cx->a, SESSIONS_MAX, sizeof *out->v) };
	TRY(db_query(cx, db, Q_SESSION_LIST, "siii", owner, now, now - SESSION_IDLE_HOURS * HOUR_MS,
	    (int64_t)SESSIONS_MAX));
	while (out->n < SESSIONS_MAX && db_next(db, Q_SESSION_LIST))
		session_read(cx->a, db, Q_SESSION_LIST, &out->v[out->n++]);
	return db_done(cx, db, Q_SESSION_LIST);
}

enum rc
session_end_id(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_SESSION_END_ID, "ss", owner, id));
	return changed ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such session.");
}

enum rc
session_end_all(struct ctx *cx, struct db *db, const char *owner, const char *keep)
{
	TRY(db_run(cx, db, NULL, Q_KEY_END_ALL, "s", owner));
	return db_run(cx, db, NULL, Q_SESSION_END_ALL, "ss", owner, keep ? keep : "");
}

enum rc
session_set_password(
    struct ctx *cx, struct db *db, const char *owner, const char *password, const char *keep)
{
	TRY(db_run(cx, db, NULL, Q_USER_PASSWORD, "ss", owner, password));
	/* It has been chosen: from now on the session is one like others. */
	if (keep)
		TRY(db_run(cx, db, NULL, Q_SESSION_CHOSEN, "ss", owner, keep));
	return session_end_all(cx, db, owner, keep);
}

/*
 * What is over.
 */

/* arg: now. */
static enum rc
sweep_write(struct ctx *cx, struct db *db, void *arg)
{
	static const enum sql sweeps[] = { Q_SWEEP_KEYS, Q_SWEEP_SESSIONS, Q_SWEEP_PROGRESS,
		Q_SWEEP_LIMITS };
	const int64_t now = *(const int64_t *)arg;

	for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++)
		TRY(db_run(cx, db, NULL, sweeps[i], "i", now));
	TRY(db_run(cx, db, NULL, Q_SWEEP_IDEM, "i", now - DAY_MS));
	return audit_sweep(cx, db, now - conf_int(CONF_AUDIT_DAYS) * DAY_MS);
}

enum rc
auth_sweep(struct ctx *cx, struct db *db, int64_t now)
{
	return db_write(cx, db, sweep_write, &now);
}
