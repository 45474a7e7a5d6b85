/*
 * post.c - see post.h.
 */
#include "queue/post.h"

#include "kind/kind.h"
#include "queue/lane.h"

static const char *
post_name(struct arena *a, const char *owner, const char *conn_id)
{
	return arena_printf(a, LANE_ID_OUTBOX "%s|%s", owner, conn_id);
}

static enum rc
post_lane(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t due_at)
{
	return lane_put(cx, db, LANE_OUTBOX, owner, post_name(cx->a, owner, conn_id), due_at);
}

bool
post_is_early(struct arena *a, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	return k && (k->caps & KIND_READ_FIRST) && !conn_was_read(a, c);
}

enum rc
post_soon(struct ctx *cx, struct db *db, const struct conn *c, int64_t by, bool *soon)
{
	*soon = false;
	if (post_is_early(cx->a, c))
		return RC_OK;
	return lane_soon(cx, db, post_name(cx->a, c->owner, c->id), by, soon);
}

enum rc
post_put(struct ctx *cx, struct db *db, struct outbox *o, int64_t now)
{
	TRY(outbox_put(cx, db, o, now));
	return o->next_at ? post_lane(cx, db, o->owner, o->connection_id, o->next_at) : RC_OK;
}

enum rc
post_look(struct ctx *cx, struct db *db, struct link *l, int64_t now)
{
	struct outbox o = {
		.owner = l->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = OUTBOX_PUT,
		.fields = "[]",
	};

	l->etag = NULL;
	l->updated_at = now;
	TRY(link_save(cx, db, l));
	return post_put(cx, db, &o, now);
}

enum rc
post_due(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	int64_t at;

	TRY(outbox_next(cx, db, conn_id, &at));
	return at ? post_lane(cx, db, owner, conn_id, at) : RC_OK;
}

enum rc
post_hurry(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t now)
{
	return lane_hurry(cx, db, LANE_OUTBOX, owner, post_name(cx->a, owner, conn_id), now);
}

enum rc
post_hurry_all(struct ctx *cx, struct db *db, const char *owner, int64_t now)
{
	const char **ids;
	size_t n;

	TRY(outbox_conns(cx, db, owner, &ids, &n));
	for (size_t i = 0; i < n; i++)
		TRY(post_hurry(cx, db, owner, ids[i], now));
	return RC_OK;
}
