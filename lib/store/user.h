/*
 * user.h - the people of an installation. Sessions and one-time keys: session.h; API tokens:
 * token.h; who did what: audit.h.
 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include "db/db.h"

enum { USER_NAME_MAX = 64, WORKSPACE_MAX = 200, EMAIL_MAX = 254 };

struct user {
	const char *id, *name, *role; /* role: operator, member */
	int64_t created_at, disabled_at;
	const char *password; /* crypt(5); NULL: signs in by link only */
	const char *email;    /* confirmed; NULL: none */
	bool mail_notices;
	const char *workspace_id; /* the host application's name of this user; NULL: none */
	int64_t removed_at;       /* since when all of it is being removed; 0: it is not */
};

struct user_list {
	struct user *v;
	size_t n;
	const char *next; /* cursor; NULL: the end */
};

/* E_NOT_FOUND. */
MUST enum rc user_find(struct ctx *, struct db *, const char *name, struct user *out);
MUST enum rc user_get(struct ctx *, struct db *, const char *id, struct user *out);
/* By workspace_id, or else by id; by name only a member without a workspace_id: who calls a
 * workspace of an application "admin" must not meet the operator of that name. A disabled user
 * counts as none: E_NOT_FOUND. */
MUST enum rc user_of_workspace(struct ctx *, struct db *, const char *word, struct user *out);
/* In order of making, from the cursor ("": the beginning) on. */
MUST enum rc
user_page(struct ctx *, struct db *, const char *cursor, int64_t limit, struct user_list *out);
/* In a transaction of its own: E_STATE when name or workspace_id is taken; E_INPUT for a bad name.
 * workspace_id may be NULL. */
MUST enum rc user_add(struct ctx *, struct db *, const char *name, bool operator_role,
    const char *workspace_id, struct user *out);
/* The first OPERATORS_TOLD operators with an address, but for this user: id and email of each. */
enum { OPERATORS_TOLD = 20 };
MUST enum rc user_operators(
    struct ctx *, struct db *, const char *but, struct user v[OPERATORS_TOLD], size_t *n);
/* How many connections and records a user has, kept data among them. */
MUST enum rc user_has(struct ctx *, struct db *, const char *id, int64_t *conns, int64_t *rows);

/*
 * In the caller's write transaction.
 */

/* role, disabled_at, workspace_id as they are in *u; schedules stop with a user who is disabled,
 * and go on with one who is enabled again. E_STATE when no enabled operator would be left, or the
 * workspace_id is another user's. */
MUST enum rc user_save(struct ctx *, struct db *, const struct user *u);
/* The user is to go with all it has: *u is disabled (user_save), and nothing of it works any more.
 * send/remover.h does the rest. E_STATE when it is going already. */
MUST enum rc user_doom(struct ctx *, struct db *, const struct user *u, int64_t now);
/* NULL: none. */
MUST enum rc user_set_email(struct ctx *, struct db *, const char *id, const char *email);
MUST enum rc user_set_notices(struct ctx *, struct db *, const char *id, bool on);
/* Looks like an address mail can be sent to, in one line. Pure. */
bool email_ok(struct str);

#endif
