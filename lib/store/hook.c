/*
 * hook.c - see hook.h.
 */
#include "store/hook.h"

#include <stdio.h>

#include "base/rand.h"

static void
hook_read(struct ctx *cx, struct db *db, enum sql q, struct hook *h)
{
	struct arena *a = cx->a;

	h->id = db_dup(a, db, q, C_HOOK_ID);
	h->owner = db_dup(a, db, q, C_HOOK_OWNER);
	h->url = db_dup(a, db, q, C_HOOK_URL);
	h->description = db_dup(a, db, q, C_HOOK_DESCRIPTION);
	h->events = db_dup(a, db, q, C_HOOK_EVENTS);
	h->enabled = db_flag(db, q, C_HOOK_ENABLED);
	h->secret = db_dup(a, db, q, C_HOOK_SECRET);
	h->old_secret = db_dup(a, db, q, C_HOOK_OLD_SECRET);
	h->old_until = db_num(db, q, C_HOOK_OLD_UNTIL);
	h->created_at = db_num(db, q, C_HOOK_CREATED_AT);
	h->updated_at = db_num(db, q, C_HOOK_UPDATED_AT);
	h->last_success_at = db_num(db, q, C_HOOK_LAST_SUCCESS_AT);
	h->failing_since = db_num(db, q, C_HOOK_FAILING_SINCE);
	h->disabled_code = db_dup(a, db, q, C_HOOK_DISABLED_CODE);
	h->disabled_detail = db_dup(a, db, q, C_HOOK_DISABLED_DETAIL);
}

enum rc
hook_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct hook *out)
{
	bool found;

	*out = (struct hook){ 0 };
	TRY(db_row(cx, db, &found, Q_HOOK_GET, "ss", id, owner));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such webhook.");
	hook_read(cx, db, Q_HOOK_GET, out);
	db_reset(db, Q_HOOK_GET);
	return RC_OK;
}

enum rc
hook_list(struct ctx *cx, struct db *db, const char *owner, struct hook_list *out)
{
	*out = (struct hook_list){ .v = arena_array(cx->a, HOOKS_MAX, sizeof *out->v) };
	TRY(db_query(cx, db, Q_HOOK_LIST, "si", owner, (int64_t)HOOKS_MAX));
	while (out->n < HOOKS_MAX && db_next(db, Q_HOOK_LIST))
		hook_read(cx, db, Q_HOOK_LIST, &out->v[out->n++]);
	return db_done(cx, db, Q_HOOK_LIST);
}

enum rc
hook_stored(struct ctx *cx, struct db *db, const char *after, struct hook v[HOOK_PAGE], size_t *n)
{
	*n = 0;
	TRY(db_query(cx, db, Q_HOOK_STORED, "s", after));
	while (*n < HOOK_PAGE && db_next(db, Q_HOOK_STORED))
		hook_read(cx, db, Q_HOOK_STORED, &v[(*n)++]);
	return db_done(cx, db, Q_HOOK_STORED);
}

enum rc
hook_insert(struct ctx *cx, struct db *db, const struct hook *h)
{
	return db_run(cx, db, NULL, Q_HOOK_INSERT, "ssssssi", h->id, h->owner, h->url,
	    h->description, h->events, h->secret, h->created_at);
}

static enum rc
hook_met(struct ctx *cx, int64_t changed)
{
	return changed ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such webhook.");
}

enum rc
hook_save(struct ctx *cx, struct db *db, const struct hook *h)
{
	const struct db_arg args[P_HOOK_UPDATE__N] = {
		[P_HOOK_UPDATE_ID] = db_s(h->id),
		[P_HOOK_UPDATE_OWNER] = db_s(h->owner),
		[P_HOOK_UPDATE_URL] = db_s(h->url),
		[P_HOOK_UPDATE_DESCRIPTION] = db_s(h->description),
		[P_HOOK_UPDATE_EVENTS] = db_s(h->events),
		[P_HOOK_UPDATE_ENABLED] = db_i(h->enabled),
		[P_HOOK_UPDATE_FAILING_SINCE] = db_i(h->failing_since),
		[P_HOOK_UPDATE_DISABLED_CODE] = db_s(h->disabled_code),
		[P_HOOK_UPDATE_DISABLED_DETAIL] = db_s(h->disabled_detail),
		[P_HOOK_UPDATE_UPDATED_AT] = db_i(h->updated_at),
	};
	int64_t changed;

	TRY(db_run_named(cx, db, &changed, Q_HOOK_UPDATE, args, P_HOOK_UPDATE__N));
	return hook_met(cx, changed);
}

enum rc
hook_save_secrets(struct ctx *cx, struct db *db, const struct hook *h)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_HOOK_SECRETS, "ssssii", h->id, h->owner, h->secret,
	    h->old_secret, h->old_until, h->updated_at));
	return hook_met(cx, changed);
}

enum rc
hook_save_result(struct ctx *cx, struct db *db, const struct hook *h)
{
	return db_run(cx, db, NULL, Q_HOOK_RESULT, "ssii", h->id, h->owner, h->last_success_at,
	    h->failing_since);
}

enum rc
hook_doom(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_HOOK_DOOM, "ssi", id, owner, now));
	return hook_met(cx, changed);
}

/*
 * Messages and deliveries.
 */

const char *
message_id_new(char out[MESSAGE_ID])
{
	char id[UUID_TEXT];

	snprintf(out, MESSAGE_ID, "msg_%s", rand_uuid(id));
	return out;
}

enum rc
message_insert(struct ctx *cx, struct db *db, const struct message *m, int64_t now)
{
	return db_run(
	    cx, db, NULL, Q_MESSAGE_INSERT, "ssssi", m->id, m->owner, m->type, m->body, now);
}

enum rc
delivery_insert(
    struct ctx *cx, struct db *db, const struct delivery_new *d, int64_t now, const char **id)
{
	char text[UUID_TEXT];

	*id = arena_dup(cx->a, rand_uuid(text));
	return db_run(cx, db, NULL, Q_DELIVERY_INSERT, "sssssi", *id, d->owner, d->message_id,
	    d->hook_id, d->lane, now);
}

static void
delivery_read(struct ctx *cx, struct db *db, enum sql q, struct delivery *d)
{
	struct arena *a = cx->a;

	d->id = db_dup(a, db, q, C_DELIVERY_ID);
	d->message_id = db_dup(a, db, q, C_DELIVERY_MESSAGE_ID);
	d->type = db_dup(a, db, q, C_DELIVERY_TYPE);
	d->state = db_dup(a, db, q, C_DELIVERY_STATE);
	d->tries = db_num(db, q, C_DELIVERY_TRIES);
	d->attempts = db_num(db, q, C_DELIVERY_ATTEMPTS);
	d->due_at = db_num(db, q, C_DELIVERY_DUE_AT);
	d->created_at = db_num(db, q, C_DELIVERY_CREATED_AT);
	d->finished_at = db_num(db, q, C_DELIVERY_FINISHED_AT);
}

enum rc
delivery_get(struct ctx *cx, struct db *db, const char *owner, const char *hook_id, const char *id,
    struct delivery *out)
{
	bool found;

	*out = (struct delivery){ 0 };
	TRY(db_row(cx, db, &found, Q_DELIVERY_GET, "sss", id, hook_id, owner));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such delivery.");
	delivery_read(cx, db, Q_DELIVERY_GET, out);
	db_reset(db, Q_DELIVERY_GET);
	return RC_OK;
}

enum rc
delivery_list(
    struct ctx *cx, struct db *db, const struct delivery_page *p, struct delivery_list *out)
{
	/* Ids are hexadecimal: everything sorts before this. */
	const char *from = p->before && *p->before ? p->before : "g";
	const int64_t limit = p->limit;

	*out = (struct delivery_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_DELIVERY_LIST, "sssi", p->hook_id, p->owner, from, limit + 1));
	while ((int64_t)out->n <= limit && db_next(db, Q_DELIVERY_LIST))
		delivery_read(cx, db, Q_DELIVERY_LIST, &out->v[out->n++]);
	TRY(db_done(cx, db, Q_DELIVERY_LIST));
	if ((int64_t)out->n > limit) {
		out->n--;
		out->next = out->v[out->n - 1].id;
	}
	return RC_OK;
}

static void
attempt_read(struct arena *a, struct db *db, enum sql q, struct attempt *t)
{
	*t = (struct attempt){
		.n = db_num(db, q, C_ATTEMPT_N),
		.at = db_num(db, q, C_ATTEMPT_AT),
		.duration_ms = db_num(db, q, C_ATTEMPT_DURATION_MS),
		.status = db_num(db, q, C_ATTEMPT_STATUS),
		.error_code = db_dup(a, db, q, C_ATTEMPT_ERROR_CODE),
		.error_detail = db_dup(a, db, q, C_ATTEMPT_ERROR_DETAIL),
		.answer = db_dup(a, db, q, C_ATTEMPT_ANSWER),
	};
}

enum rc
attempt_list(struct ctx *cx, struct db *db, const char *owner, const char *delivery_id,
    struct attempt **out, size_t *n)
{
	enum sql q = Q_ATTEMPT_LIST;

	*out = arena_array(cx->a, ATTEMPTS_SHOWN, sizeof **out);
	*n = 0;
	TRY(db_query(cx, db, q, "ssi", delivery_id, owner, (int64_t)ATTEMPTS_SHOWN));
	while (*n < ATTEMPTS_SHOWN && db_next(db, q))
		attempt_read(cx->a, db, q, &(*out)[(*n)++]);
	return db_done(cx, db, q);
}

enum rc
delivery_again(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t now)
{
	return db_run(cx, db, NULL, Q_DELIVERY_AGAIN, "ssi", id, owner, now);
}
