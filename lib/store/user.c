/*
 * user.c - see user.h.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "store/user.h"

static void
user_read(struct arena *a, struct db *db, enum sql q, struct user *u)
{
	*u = (struct user){
		.id = db_dup(a, db, q, C_USER_ID),
		.name = db_dup(a, db, q, C_USER_NAME),
		.role = db_dup(a, db, q, C_USER_ROLE),
		.created_at = db_num(db, q, C_USER_CREATED_AT),
		.disabled_at = db_num(db, q, C_USER_DISABLED_AT),
		.password = db_dup(a, db, q, C_USER_PASSWORD),
		.email = db_dup(a, db, q, C_USER_EMAIL),
		.mail_notices = db_flag(db, q, C_USER_MAIL_NOTICES),
		.workspace_id = db_dup(a, db, q, C_USER_WORKSPACE_ID),
		.removed_at = db_num(db, q, C_USER_REMOVED_AT),
	};
}

static enum rc
user_by(struct ctx *cx, struct db *db, enum sql q, const char *word, bool *found, struct user *out)
{
	TRY(db_row(cx, db, found, q, "s", word));
	if (*found) {
		user_read(cx->a, db, q, out);
		db_reset(db, q);
	}
	return RC_OK;
}

enum rc
user_find(struct ctx *cx, struct db *db, const char *name, struct user *out)
{
	bool found;

	TRY(user_by(cx, db, Q_USER_BY_NAME, name, &found, out));
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no user \"%.64s\".", name);
}

enum rc
user_get(struct ctx *cx, struct db *db, const char *id, struct user *out)
{
	bool found;

	TRY(user_by(cx, db, Q_USER_BY_ID, id, &found, out));
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such user.");
}

enum rc
user_of_workspace(struct ctx *cx, struct db *db, const char *word, struct user *out)
{
	static const enum sql ways[] = { Q_USER_BY_WORKSPACE, Q_USER_BY_ID };
	bool found = false;

	for (size_t i = 0; !found && i < sizeof ways / sizeof *ways; i++)
		TRY(user_by(cx, db, ways[i], word, &found, out));
	if (!found) {
		TRY(user_by(cx, db, Q_USER_BY_NAME, word, &found, out));
		found = found && !out->workspace_id && strcmp(out->role, "operator");
	}
	return found && !out->disabled_at
	    ? RC_OK
	    : fail(cx, E_NOT_FOUND, "There is no user with this workspace_id.");
}

enum rc
user_page(struct ctx *cx, struct db *db, const char *cursor, int64_t limit, struct user_list *out)
{
	*out = (struct user_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_USER_PAGE, "si", cursor, limit + 1));
	while (db_next(db, Q_USER_PAGE)) {
		if ((int64_t)out->n == limit) {
			out->next = out->v[limit - 1].id;
			break;
		}
		user_read(cx->a, db, Q_USER_PAGE, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_USER_PAGE);
}

static bool
word_ok(struct str s, size_t max)
{
	if (!s.n || str_chars(s) > max)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ')
			return false;
	return str_line_ok(s);
}

static enum rc
user_add_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct user *u = arg;
	struct user other;
	bool found = false;

	TRY(user_by(cx, db, Q_USER_BY_NAME, u->name, &found, &other));
	if (found)
		return fail(cx, E_STATE, "There is a user \"%s\" already.", u->name);
	if (u->workspace_id)
		TRY(user_by(cx, db, Q_USER_BY_WORKSPACE, u->workspace_id, &found, &other));
	if (found)
		return fail(cx, E_STATE, "Another user has this workspace_id.");
	return db_run(cx, db, NULL, Q_USER_INSERT, "sssis", u->id, u->name, u->role, u->created_at,
	    u->workspace_id);
}

enum rc
user_add(struct ctx *cx, struct db *db, const char *name, bool operator_role,
    const char *workspace_id, struct user *out)
{
	char id[UUID_TEXT];

	if (!word_ok(str_c(name), USER_NAME_MAX))
		return fail_input(
		    cx, "name", "A user name has 1 to %d characters and no spaces.", USER_NAME_MAX);
	if (workspace_id && !word_ok(str_c(workspace_id), WORKSPACE_MAX))
		return fail_input(cx, "workspace_id",
		    "A workspace_id has 1 to %d characters and no spaces.", WORKSPACE_MAX);
	*out = (struct user){
		.id = arena_dup(cx->a, rand_uuid(id)),
		.name = arena_dup(cx->a, name),
		.role = operator_role ? "operator" : "member",
		.created_at = clock_ms(),
		.mail_notices = true,
		.workspace_id = workspace_id,
	};
	return db_write(cx, db, user_add_write, out);
}

static enum rc
user_exists(struct ctx *cx, struct db *db, enum sql q, const char *a, const char *b, bool *yes)
{
	const char *types = b ? "ss" : "s";

	TRY(db_row(cx, db, yes, q, types, a, b));
	db_reset(db, q);
	return RC_OK;
}

enum rc
user_save(struct ctx *cx, struct db *db, const struct user *u)
{
	bool other, taken = false, operates = !strcmp(u->role, "operator") && !u->disabled_at;

	if (u->workspace_id && !word_ok(str_c(u->workspace_id), WORKSPACE_MAX))
		return fail_input(cx, "workspace_id",
		    "A workspace_id has 1 to %d characters and no spaces.", WORKSPACE_MAX);
	TRY(user_exists(cx, db, Q_USER_OTHER_OPERATOR, u->id, NULL, &other));
	if (!operates && !other)
		return fail(
		    cx, E_STATE, "This is the last operator; make somebody else one first.");
	if (u->workspace_id)
		TRY(user_exists(cx, db, Q_USER_WORKSPACE_TAKEN, u->workspace_id, u->id, &taken));
	if (taken)
		return fail(cx, E_STATE, "Another user has this workspace_id.");
	if (u->disabled_at) {
		TRY(db_run(cx, db, NULL, Q_USER_HOLD, "s", u->id));
		return db_run(cx, db, NULL, Q_USER_SAVE, "ssis", u->id, u->role, u->disabled_at,
		    u->workspace_id);
	}
	TRY(db_run(cx, db, NULL, Q_USER_RELEASE, "si", u->id, clock_ms()));
	return db_run(cx, db, NULL, Q_USER_SAVE, "ssns", u->id, u->role, u->workspace_id);
}

static enum rc
user_count(struct ctx *cx, struct db *db, enum sql q, const char *id, int64_t *n)
{
	bool found;

	TRY(db_row(cx, db, &found, q, "s", id));
	*n = found ? db_num(db, q, 0) : 0;
	db_reset(db, q);
	return RC_OK;
}

enum rc
user_has(struct ctx *cx, struct db *db, const char *id, int64_t *conns, int64_t *rows)
{
	TRY(user_count(cx, db, Q_USER_CONNS, id, conns));
	return user_count(cx, db, Q_USER_ROWS, id, rows);
}

enum rc
user_doom(struct ctx *cx, struct db *db, const struct user *u, int64_t now)
{
	int64_t changed;

	TRY(user_save(cx, db, u));
	TRY(db_run(cx, db, &changed, Q_USER_DOOM, "si", u->id, now));
	if (!changed)
		return fail(cx, E_STATE, "This user is being removed.");
	return db_run(cx, db, NULL, Q_USER_DOOM_HOOKS, "s", u->id);
}

enum rc
user_operators(
    struct ctx *cx, struct db *db, const char *but, struct user v[OPERATORS_TOLD], size_t *n)
{
	const enum sql q = Q_USER_OPERATORS;

	*n = 0;
	TRY(db_query(cx, db, q, "si", but, (int64_t)OPERATORS_TOLD));
	while (*n < OPERATORS_TOLD && db_next(db, q))
		v[(*n)++] = (struct user){
			.id = db_dup(cx->a, db, q, C_REACHED_ID),
			.email = db_dup(cx->a, db, q, C_REACHED_EMAIL),
		};
	return db_done(cx, db, q);
}

enum rc
user_set_email(struct ctx *cx, struct db *db, const char *id, const char *email)
{
	return db_run(cx, db, NULL, Q_USER_EMAIL, "ss", id, email);
}

enum rc
user_set_notices(struct ctx *cx, struct db *db, const char *id, bool on)
{
	return db_run(cx, db, NULL, Q_USER_NOTICES, "si", id, (int64_t)on);
}

bool
email_ok(struct str s)
{
	struct str host, local = str_cut(s, '@', &host);

	/* What would be taken for more than one address, or for something else than an address, in
	 * a mail's header. */
	if (!word_ok(s, EMAIL_MAX) || !local.n || local.n > 64 || !host.n ||
	    memchr(host.p, '@', host.n) || !memchr(host.p, '.', host.n))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("\"(),:;<>[\\]", s.p[i]))
			return false;
	return host.p[0] != '.' && host.p[0] != '-' && host.p[host.n - 1] != '.' &&
	    host.p[host.n - 1] != '-';
}
