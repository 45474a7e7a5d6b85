/*
 * login.c - see login.h.
 */
#include "base/clock.h"
#include "base/vec.h"
#include "store/login.h"

static void
login_read(struct arena *a, struct db *db, enum sql q, struct login *r)
{
	*r = (struct login){
		.id = db_dup(a, db, q, C_REMOTE_ID),
		.owner = db_dup(a, db, q, C_REMOTE_OWNER),
		.provider = db_dup(a, db, q, C_REMOTE_PROVIDER),
		.kind = db_dup(a, db, q, C_REMOTE_KIND),
		.subject = db_dup(a, db, q, C_REMOTE_SUBJECT),
		.address = db_dup(a, db, q, C_REMOTE_ADDRESS),
		.scopes = db_dup(a, db, q, C_REMOTE_SCOPES),
		.sealed = db_dup(a, db, q, C_REMOTE_SEALED),
		.access = db_dup(a, db, q, C_REMOTE_ACCESS),
		.access_until = db_num(db, q, C_REMOTE_ACCESS_UNTIL),
		.health = db_dup(a, db, q, C_REMOTE_HEALTH),
		.error_code = db_dup(a, db, q, C_REMOTE_ERROR_CODE),
		.error_detail = db_dup(a, db, q, C_REMOTE_ERROR_DETAIL),
		.granted_at = db_num(db, q, C_REMOTE_GRANTED_AT),
		.refreshed_at = db_num(db, q, C_REMOTE_REFRESHED_AT),
		.created_at = db_num(db, q, C_REMOTE_CREATED_AT),
	};
}

enum rc
login_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct login *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_REMOTE_GET, "ss", owner, id));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such account.");
	login_read(cx->a, db, Q_REMOTE_GET, out);
	db_reset(db, Q_REMOTE_GET);
	return RC_OK;
}

enum rc
login_of_subject(
    struct ctx *cx, struct db *db, const struct login *like, bool *found, struct login *out)
{
	TRY(db_row(
	    cx, db, found, Q_REMOTE_OF_SUBJECT, "sss", like->owner, like->provider, like->subject));
	if (*found)
		login_read(cx->a, db, Q_REMOTE_OF_SUBJECT, out);
	db_reset(db, Q_REMOTE_OF_SUBJECT);
	return RC_OK;
}

enum rc
login_shared(struct ctx *cx, struct db *db, const struct login *a, bool *yes)
{
	TRY(db_row(cx, db, yes, Q_REMOTE_SHARED, "sss", a->provider, a->subject, a->id));
	db_reset(db, Q_REMOTE_SHARED);
	return RC_OK;
}

enum rc
login_list(struct ctx *cx, struct db *db, const char *owner, struct login_list *out)
{
	size_t cap = 0;

	*out = (struct login_list){ 0 };
	TRY(db_query(cx, db, Q_REMOTE_LIST, "s", owner));
	while (db_next(db, Q_REMOTE_LIST)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		login_read(cx->a, db, Q_REMOTE_LIST, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_REMOTE_LIST);
}

enum rc
remote_only(struct ctx *cx, struct db *db, const char *owner, const char *provider, const char **id,
    bool *several)
{
	*id = NULL;
	*several = false;
	TRY(db_query(cx, db, Q_REMOTE_TWO, "ss", owner, provider));
	while (db_next(db, Q_REMOTE_TWO)) {
		*several = *id != NULL;
		if (!*id)
			*id = db_dup(cx->a, db, Q_REMOTE_TWO, 0);
	}
	return db_done(cx, db, Q_REMOTE_TWO);
}

enum rc
login_conns(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const char ***ids, size_t *n)
{
	const char **v = NULL;
	size_t cap = 0;

	*n = 0;
	TRY(db_query(cx, db, Q_REMOTE_CONNS, "ss", owner, id));
	while (db_next(db, Q_REMOTE_CONNS)) {
		VEC_HOLD(cx->a, v, cap, *n + 1, VEC_ROWS_MAX);
		v[(*n)++] = db_dup(cx->a, db, Q_REMOTE_CONNS, 0);
	}
	*ids = v;
	return db_done(cx, db, Q_REMOTE_CONNS);
}

/* It was used at least daily, most likely. */
#define WEEK_FROM (6 * DAY_MS)
#define WEEK_TO (7 * DAY_MS + 2 * HOUR_MS)

enum rc
login_week(struct ctx *cx, struct db *db, const char *provider, int64_t *n)
{
	bool found;

	TRY(db_row(
	    cx, db, &found, Q_REMOTE_WEEK, "sii", provider, (int64_t)WEEK_FROM, (int64_t)WEEK_TO));
	*n = found ? db_num(db, Q_REMOTE_WEEK, 0) : 0;
	db_reset(db, Q_REMOTE_WEEK);
	return RC_OK;
}

bool
login_lived_a_week(const struct login *a)
{
	int64_t lived = a->refreshed_at - a->granted_at;

	return !strcmp(a->kind, "oauth") && strcmp(a->health, "ok") && lived >= WEEK_FROM &&
	    lived <= WEEK_TO;
}

enum rc
login_insert(struct ctx *cx, struct db *db, const struct login *a)
{
	const struct db_arg args[P_REMOTE_INSERT__N] = {
		[P_REMOTE_INSERT_ID] = db_s(a->id),
		[P_REMOTE_INSERT_OWNER] = db_s(a->owner),
		[P_REMOTE_INSERT_PROVIDER] = db_s(a->provider),
		[P_REMOTE_INSERT_KIND] = db_s(a->kind),
		[P_REMOTE_INSERT_SUBJECT] = db_s(a->subject),
		[P_REMOTE_INSERT_ADDRESS] = db_s(a->address),
		[P_REMOTE_INSERT_SCOPES] = db_s(a->scopes),
		[P_REMOTE_INSERT_SEALED] = db_s(a->sealed),
		[P_REMOTE_INSERT_ACCESS] = db_s(a->access),
		[P_REMOTE_INSERT_ACCESS_UNTIL] = db_i(a->access_until),
		[P_REMOTE_INSERT_GRANTED_AT] = db_i(a->granted_at),
	};

	return db_run_named(cx, db, NULL, Q_REMOTE_INSERT, args, P_REMOTE_INSERT__N);
}

static enum rc
met(struct ctx *cx, int64_t changed)
{
	return changed ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such account.");
}

enum rc
login_granted(struct ctx *cx, struct db *db, const struct login *a)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_REMOTE_GRANTED, "ssssssii", a->owner, a->id, a->address,
	    a->scopes, a->sealed, a->access, a->access_until, a->granted_at));
	return met(cx, changed);
}

enum rc
login_delete(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	int64_t changed;

	TRY(db_run(cx, db, NULL, Q_REMOTE_UNLINK, "ss", owner, id));
	TRY(db_run(cx, db, &changed, Q_REMOTE_DELETE, "ss", owner, id));
	return met(cx, changed);
}

enum rc
login_lease(
    struct ctx *cx, struct db *db, const struct login *a, const struct login_lease *l, bool *got)
{
	int64_t changed;

	/* A lease that ends later than any of ours could was taken by a wrong clock. */
	TRY(db_run(cx, db, &changed, Q_REMOTE_LEASE, "sssiiii", a->owner, a->id, l->lease, l->until,
	    a->access_until, l->now, l->until));
	*got = changed != 0;
	return RC_OK;
}

enum rc
login_holder(struct ctx *cx, struct db *db, const struct login *a, const char **lease)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_REMOTE_HOLDER, "ss", a->owner, a->id));
	*lease = found ? db_dup(cx->a, db, Q_REMOTE_HOLDER, 0) : NULL;
	db_reset(db, Q_REMOTE_HOLDER);
	return RC_OK;
}

enum rc
login_release(struct ctx *cx, struct db *db, const struct login *a, const char *lease)
{
	return db_run(cx, db, NULL, Q_REMOTE_RELEASE, "sss", a->owner, a->id, lease);
}

enum rc
login_renewed(struct ctx *cx, struct db *db, const struct login *a, const char *lease,
    const struct login_tokens *t, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_REMOTE_RENEWED, "ssssisi", a->owner, a->id, lease, t->access,
	    t->until, t->sealed, now));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

enum rc
login_dead(struct ctx *cx, struct db *db, const struct login *a, const char *lease,
    const struct login_end *e, bool *first)
{
	int64_t changed;

	TRY(db_run(
	    cx, db, &changed, Q_REMOTE_DEAD, "sssss", a->owner, a->id, lease, e->code, e->detail));
	*first = changed != 0;
	return RC_OK;
}

enum rc
try_insert(struct ctx *cx, struct db *db, const struct oauth_try *t)
{
	return db_run(cx, db, NULL, Q_TRY_INSERT, "sssssssi", t->state_hash, t->owner,
	    t->session_id, t->provider, t->account_id, t->verifier, t->next,
	    clock_ms() + TRY_MINUTES * MINUTE_MS);
}

enum rc
try_take(struct ctx *cx, struct db *db, struct oauth_try *t)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_TRY_TAKE, "ssssi", t->state_hash, t->owner, t->session_id,
	    t->provider, clock_ms()));
	if (!found)
		return fail(cx, E_UNAUTHORIZED,
		    "This way back has been used already, is older than %d minutes, "
		    "or began in another session. Start again.",
		    TRY_MINUTES);
	t->account_id = db_dup(cx->a, db, Q_TRY_TAKE, C_TRY_ACCOUNT_ID);
	t->verifier = db_dup(cx->a, db, Q_TRY_TAKE, C_TRY_VERIFIER);
	t->next = db_dup(cx->a, db, Q_TRY_TAKE, C_TRY_NEXT);
	db_reset(db, Q_TRY_TAKE);
	return RC_OK;
}

enum rc
try_sweep(struct ctx *cx, struct db *db, int64_t now)
{
	return db_run(cx, db, NULL, Q_SWEEP_TRIES, "i", now);
}
