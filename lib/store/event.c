/*
 * event.c - see event.h.
 */
#include "store/event.h"

#include "base/rand.h"

static void
event_read(struct ctx *cx, struct db *db, enum sql q, struct event_row *e)
{
	struct arena *a = cx->a;

	*e = (struct event_row){
		.id = db_dup(a, db, q, C_EVENT_ID),
		.owner = db_dup(a, db, q, C_EVENT_OWNER),
		.uid = db_dup(a, db, q, C_EVENT_UID),
		.value = db_dup(a, db, q, C_EVENT_VALUE),
		.origin = db_dup(a, db, q, C_EVENT_ORIGIN),
		.rev = db_num(db, q, C_EVENT_REV),
		.from_at = db_num(db, q, C_EVENT_FROM_AT),
		.until_at = db_num(db, q, C_EVENT_UNTIL_AT),
		.created_at = db_num(db, q, C_EVENT_CREATED_AT),
		.updated_at = db_num(db, q, C_EVENT_UPDATED_AT),
		.deleted_at = db_num(db, q, C_EVENT_DELETED_AT),
	};
}

enum rc
event_try(struct ctx *cx, struct db *db, const char *owner, const char *id, struct event_row *out)
{
	bool found;

	*out = (struct event_row){ 0 };
	TRY(db_row(cx, db, &found, Q_EVENT_GET, "ss", id, owner));
	if (!found)
		return RC_OK;
	event_read(cx, db, Q_EVENT_GET, out);
	db_reset(db, Q_EVENT_GET);
	return RC_OK;
}

enum rc
event_any(struct ctx *cx, struct db *db, const char *owner, const char *id, struct event_row *out)
{
	TRY(event_try(cx, db, owner, id, out));
	return out->id ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such event.");
}

enum rc
event_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct event_row *out)
{
	TRY(event_any(cx, db, owner, id, out));
	if (out->deleted_at)
		return fail(cx, E_GONE, "The event was deleted. It can be brought back: restore.");
	return RC_OK;
}

enum rc
event_range(struct ctx *cx, struct db *db, const struct event_range *r, struct event_list *out)
{
	const struct db_arg args[P_EVENT_RANGE__N] = {
		[P_EVENT_RANGE_OWNER] = db_s(r->owner),
		[P_EVENT_RANGE_FROM] = db_i(r->from),
		[P_EVENT_RANGE_UNTIL] = db_i(r->until),
		[P_EVENT_RANGE_AFTER] = db_i(r->after),
		[P_EVENT_RANGE_AFTER_ID] = db_s(r->after_id),
		[P_EVENT_RANGE_LIMIT] = db_i(r->limit + 1),
	};
	bool found;

	*out = (struct event_list){
		.v = arena_array(cx->a, (size_t)r->limit, sizeof *out->v),
	};
	TRY(db_row_named(cx, db, &found, Q_EVENT_RANGE, args, P_EVENT_RANGE__N));
	while (found && out->n < (size_t)r->limit) {
		event_read(cx, db, Q_EVENT_RANGE, &out->v[out->n++]);
		found = db_next(db, Q_EVENT_RANGE);
	}
	out->more = found;
	return db_done(cx, db, Q_EVENT_RANGE);
}

enum rc
event_count(struct ctx *cx, struct db *db, const char *owner, int64_t *n)
{
	bool found;

	*n = 0;
	TRY(db_row(cx, db, &found, Q_EVENT_COUNT, "s", owner));
	if (found)
		*n = db_num(db, Q_EVENT_COUNT, 0);
	db_reset(db, Q_EVENT_COUNT);
	return RC_OK;
}

enum rc
event_print(struct ctx *cx, struct db *db, const char *owner, const char **out)
{
	const enum sql q = Q_EVENT_PRINT;
	bool found;

	*out = "";
	TRY(db_row(cx, db, &found, q, "s", owner));
	if (found)
		*out = arena_printf(cx->a, "%lld %lld %lld %lld",
		    (long long)db_num(db, q, C_EVENT_PRINT_N),
		    (long long)db_num(db, q, C_EVENT_PRINT_REVS),
		    (long long)db_num(db, q, C_EVENT_PRINT_TIMES),
		    (long long)db_num(db, q, C_EVENT_PRINT_LAST));
	db_reset(db, q);
	return RC_OK;
}

enum rc
event_unlinked(struct ctx *cx, struct db *db, const struct event_page *p, struct event_list *out)
{
	*out = (struct event_list){
		.v = arena_array(cx->a, (size_t)p->limit, sizeof *out->v),
	};
	TRY(db_query(cx, db, Q_EVENT_UNLINKED, "ssisi", p->owner, p->connection_id, p->after,
	    p->after_id, p->limit + 1));
	while (db_next(db, Q_EVENT_UNLINKED) && !out->more) {
		if (out->n == (size_t)p->limit)
			out->more = true;
		else
			event_read(cx, db, Q_EVENT_UNLINKED, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_EVENT_UNLINKED);
}

enum rc
event_by_uid(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *uid,
    struct event_list *out)
{
	const int64_t max = EVENT_BY_UID_MAX;

	*out = (struct event_list){ .v = arena_array(cx->a, EVENT_BY_UID_MAX, sizeof *out->v) };
	TRY(db_query(cx, db, Q_EVENT_BY_UID, "sssi", owner, uid, conn_id, max));
	while (out->n < EVENT_BY_UID_MAX && db_next(db, Q_EVENT_BY_UID))
		event_read(cx, db, Q_EVENT_BY_UID, &out->v[out->n++]);
	return db_done(cx, db, Q_EVENT_BY_UID);
}

enum rc
event_room(struct ctx *cx, struct db *db, const char *owner, int64_t *left)
{
	int64_t n;

	TRY(event_count(cx, db, owner, &n));
	*left = EVENTS_MAX - n;
	return RC_OK;
}

enum rc
event_full(struct ctx *cx)
{
	return fail(cx, E_STATE,
	    "There are %d events already, which is as many as one user can have. Delete some that "
	    "are over.",
	    EVENTS_MAX);
}

enum rc
event_insert(struct ctx *cx, struct db *db, struct event_row *e)
{
	char uuid[UUID_TEXT];

	if (!e->id)
		e->id = arena_dup(cx->a, rand_uuid(uuid));
	if (!e->uid)
		e->uid = arena_printf(cx->a, "%s@tidemark", e->id);
	e->rev = 1;
	e->updated_at = e->created_at;

	const struct db_arg args[P_EVENT_INSERT__N] = {
		[P_EVENT_INSERT_ID] = db_s(e->id),
		[P_EVENT_INSERT_OWNER] = db_s(e->owner),
		[P_EVENT_INSERT_UID] = db_s(e->uid),
		[P_EVENT_INSERT_VALUE] = db_s(e->value),
		[P_EVENT_INSERT_ORIGIN] = db_s(e->origin),
		[P_EVENT_INSERT_FROM_AT] = db_i(e->from_at),
		[P_EVENT_INSERT_UNTIL_AT] = db_i(e->until_at),
		[P_EVENT_INSERT_CREATED_AT] = db_i(e->created_at),
		[P_EVENT_INSERT_DELETED_AT] = db_i(e->deleted_at),
	};

	return db_run_named(cx, db, NULL, Q_EVENT_INSERT, args, P_EVENT_INSERT__N);
}

enum rc
event_set_origin(struct ctx *cx, struct db *db, struct event_row *e, const char *origin)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_EVENT_ORIGIN, "ssis", e->id, e->owner, e->rev, origin));
	if (!changed)
		return fail(cx, E_STATE, "The event was changed meanwhile. Read it again.");
	e->origin = origin;
	e->rev++;
	return RC_OK;
}

enum rc
event_save(struct ctx *cx, struct db *db, struct event_row *e, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_EVENT_UPDATE, "ssisiiii", e->id, e->owner, e->rev, e->value,
	    e->from_at, e->until_at, now, e->deleted_at));
	if (!changed)
		return fail(cx, E_STATE, "The event was changed meanwhile. Read it again.");
	e->rev++;
	e->updated_at = now;
	return RC_OK;
}
