/*
 * user.c - users, sign-in keys and sessions (user.h).
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/user.h"

enum { SEEN_EVERY_MS = 5 * 60 * 1000, NAME_MAX_BYTES = 64 };

static void
user_read(struct arena *a, struct db *db, enum sql q, struct user *u)
{
	*u = (struct user){ db_dup(a, db, q, 0), db_dup(a, db, q, 1), db_dup(a, db, q, 2), db_num(db, q, 3), db_num(db, q, 4) };
}

enum rc
user_find(struct ctx *cx, struct db *db, const char *name, struct user *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_USER_BY_NAME, "s", name));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no user \"%.64s\".", name);
	user_read(cx->a, db, Q_USER_BY_NAME, out);
	db_reset(db, Q_USER_BY_NAME);
	return RC_OK;
}

enum rc
users_all(struct ctx *cx, struct db *db, struct user_list *out)
{
	size_t cap = 0;

	*out = (struct user_list){ 0 };
	TRY(db_query(cx, db, Q_USER_ALL, ""));
	while (db_next(db, Q_USER_ALL)) {
		if (out->n == cap) {
			struct user *v = arena_array(cx->a, cap = cap ? cap * 2 : 16, sizeof *v);
			if (out->n)
				memcpy(v, out->v, out->n * sizeof *v);
			out->v = v;
		}
		user_read(cx->a, db, Q_USER_ALL, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_USER_ALL);
}

static bool
name_ok(struct str s)
{
	if (!s.n || s.n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return str_utf8_ok(s);
}

static enum rc
insert_user(struct ctx *cx, struct db *db, const char *name, bool operator_role, struct user *out)
{
	char id[UUID_TEXT];
	int64_t changed;

	*out = (struct user){ .id = arena_dup(cx->a, rand_uuid(id)), .name = arena_dup(cx->a, name), .role = operator_role ? "operator" : "member",
		.created_at = clock_ms() };
	TRY(db_run(cx, db, &changed, Q_USER_INSERT, "sssi", out->id, out->name, out->role, out->created_at));
	return changed ? RC_OK : fail(cx, E_STATE, "There is a user \"%s\" already.", name);
}

enum rc
user_add(struct ctx *cx, struct db *db, const char *name, bool operator_role, struct user *out)
{
	if (!name_ok(str_c(name)))
		return fail(cx, E_INPUT, "A user name has 1 to %d characters and no spaces.", NAME_MAX_BYTES);
	TRY(db_begin(cx, db));
	return db_end(cx, db, insert_user(cx, db, name, operator_role, out));
}

enum rc
user_ensure_admin(struct ctx *cx, struct db *db, struct user *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_USER_ANY, ""));
	if (!found)
		return user_add(cx, db, "admin", true, out);
	user_read(cx->a, db, Q_USER_ANY, out);
	db_reset(db, Q_USER_ANY);
	return user_find(cx, db, "admin", out) == RC_OK ? RC_OK : user_find(cx, db, out->name, out);
}

/*
 * One-time keys and sessions.
 */

enum rc
sign_in_key_make(struct ctx *cx, struct db *db, const char *owner, const char **key)
{
	char text[TOKEN_TEXT], hash[SHA256_HEX];

	*key = arena_dup(cx->a, rand_token(text));
	hash_sha256_hex(str_c(*key), hash);
	TRY(db_begin(cx, db));
	return db_end(cx, db, db_run(cx, db, NULL, Q_KEY_INSERT, "ssi", hash, owner, clock_ms() + SIGN_IN_KEY_MINUTES * MINUTE_MS));
}

static enum rc
use_key(struct ctx *cx, struct db *db, const char *hash, const char **session)
{
	char text[TOKEN_TEXT], csrf[TOKEN_TEXT], cookie_hash[SHA256_HEX];
	const char *owner;
	int64_t now = clock_ms();
	bool found;

	TRY(db_row(cx, db, &found, Q_KEY_TAKE, "si", hash, now));
	owner = found ? db_dup(cx->a, db, Q_KEY_TAKE, 0) : NULL;
	db_reset(db, Q_KEY_TAKE);
	if (!owner)
		return fail(cx, E_UNAUTHORIZED, "This sign-in link was used already or is older than %d minutes.", SIGN_IN_KEY_MINUTES);
	*session = arena_dup(cx->a, rand_token(text));
	hash_sha256_hex(str_c(*session), cookie_hash);
	TRY(db_run(cx, db, NULL, Q_SESSION_INSERT, "sssii", cookie_hash, owner, rand_token(csrf), now, now + SESSION_DAYS * DAY_MS));
	return audit_add(cx, db, owner, "link", "signed in", owner, "");
}

enum rc
sign_in_key_use(struct ctx *cx, struct db *db, const char *key, const char **session)
{
	char hash[SHA256_HEX];

	hash_sha256_hex(str_c(key), hash);
	TRY(db_begin(cx, db));
	return db_end(cx, db, use_key(cx, db, hash, session));
}

enum rc
session_find(struct ctx *cx, struct db *db, const char *cookie, struct session *out)
{
	char hash[SHA256_HEX];
	int64_t now = clock_ms(), seen;
	bool found;

	hash_sha256_hex(str_c(cookie), hash);
	TRY(db_row(cx, db, &found, Q_SESSION_FIND, "sii", hash, now, now - SESSION_IDLE_HOURS * HOUR_MS));
	if (!found)
		return fail(cx, E_UNAUTHORIZED, "The session has ended.");
	*out = (struct session){ db_dup(cx->a, db, Q_SESSION_FIND, 0), db_dup(cx->a, db, Q_SESSION_FIND, 1), db_dup(cx->a, db, Q_SESSION_FIND, 2),
		db_dup(cx->a, db, Q_SESSION_FIND, 3) };
	seen = db_num(db, Q_SESSION_FIND, 4);
	db_reset(db, Q_SESSION_FIND);
	if (now - seen < SEEN_EVERY_MS)
		return RC_OK;
	/* A visit that cannot be noted (full disk) is still a visit. */
	if (db_begin(cx, db) != RC_OK || db_end(cx, db, db_run(cx, db, NULL, Q_SESSION_SEEN, "si", hash, now)) != RC_OK)
		log_event(LOG_LEVEL_WARN, "session.visit_not_noted", "s:code", error_row(cx->err.kind)->code, NULL);
	return RC_OK;
}

enum rc
session_end(struct ctx *cx, struct db *db, const char *cookie)
{
	char hash[SHA256_HEX];

	hash_sha256_hex(str_c(cookie), hash);
	TRY(db_begin(cx, db));
	return db_end(cx, db, db_run(cx, db, NULL, Q_SESSION_END, "s", hash));
}

/*
 * Audit.
 */

enum rc
audit_add(struct ctx *cx, struct db *db, const char *owner, const char *actor, const char *action, const char *object, const char *detail)
{
	char id[UUID_TEXT];

	return db_run(cx, db, NULL, Q_AUDIT_INSERT, "ssissss", rand_uuid(id), owner, clock_ms(), actor, action, object, detail ? detail : "");
}

enum rc
audit_list(struct ctx *cx, struct db *db, const char *owner, const char *object, int64_t limit, struct audit_row **out, size_t *n)
{
	enum sql q = object ? Q_AUDIT_OF_OBJECT : Q_AUDIT_OF_OWNER;

	*n = 0;
	*out = arena_array(cx->a, (size_t)limit + 1, sizeof **out);
	if (object)
		TRY(db_query(cx, db, q, "ssi", owner, object, limit));
	else
		TRY(db_query(cx, db, q, "si", owner, limit));
	while ((int64_t)*n < limit && db_next(db, q))
		(*out)[(*n)++] = (struct audit_row){ db_num(db, q, 0), db_dup(cx->a, db, q, 1), db_dup(cx->a, db, q, 2), db_dup(cx->a, db, q, 3), db_dup(cx->a, db, q, 4) };
	return db_done(cx, db, q);
}

enum rc
auth_sweep(struct ctx *cx, struct db *db, int64_t now)
{
	static const enum sql sweeps[] = { Q_SWEEP_KEYS, Q_SWEEP_SESSIONS };
	enum rc rc = RC_OK;

	TRY(db_begin(cx, db));
	for (size_t i = 0; rc == RC_OK && i < sizeof sweeps / sizeof *sweeps; i++)
		rc = db_run(cx, db, NULL, sweeps[i], "i", now);
	if (rc == RC_OK)
		rc = db_run(cx, db, NULL, Q_SWEEP_IDEM, "i", now - DAY_MS);
	return db_end(cx, db, rc);
}
