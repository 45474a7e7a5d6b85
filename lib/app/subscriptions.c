/*
 * subscriptions.c - see subscriptions.h.
 */
#include "app/subscriptions.h"

#include "queue/signed.h"

static enum rc
subscription_shown(struct ctx *cx, const struct subscription *s, json *o)
{
	const char *token = NULL;

	/* Once it counts nobody needs to see it any more. */
	if (!s->confirmed_at)
		TRY(signed_open(cx, s, &token));
	json_set_str(o, "id", s->id);
	json_set_str(o, "receiver", s->receiver);
	json_set_str(o, "state", s->confirmed_at ? "confirmed" : "offered");
	json_set_str(o, "token", token);
	json_set_time(o, "offeredAt", s->offered_at);
	json_set_time(o, "confirmedAt", s->confirmed_at);
	json_set_time(o, "lastMessageAt", s->last_at);
	json_set_i64(o, "messages", s->messages);
	return RC_OK;
}

enum rc
subscriptions_shown(struct ctx *cx, struct db *db, json **list)
{
	struct subscription *v;
	size_t n;

	*list = json_list(cx->a);
	TRY(signed_list(cx, db, &v, &n));
	for (size_t i = 0; i < n; i++) {
		json *o = json_new(cx->a);

		TRY(subscription_shown(cx, &v[i], o));
		json_add(*list, o);
	}
	return RC_OK;
}

struct subscription_change {
	const struct caller *by;
	const char *id;
	bool drop;
};

static enum rc
subscription_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct subscription_change *w = arg;
	struct subscription s;

	TRY(signed_get(cx, db, w->id, &s));
	if (w->drop)
		TRY(signed_drop(cx, db, &s));
	else
		TRY(signed_confirm(cx, db, s.id));
	return caller_audit(cx, db, w->by,
	    w->drop ? "subscription removed" : "subscription confirmed", s.id, s.receiver);
}

enum rc
subscriptions_confirm(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	struct subscription_change w = { .by = by, .id = id };

	TRY(caller_need(cx, by, SCOPE_OPERATOR));
	return db_write(cx, db, subscription_write, &w);
}

enum rc
subscriptions_drop(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	struct subscription_change w = { .by = by, .id = id, .drop = true };

	TRY(caller_need(cx, by, SCOPE_OPERATOR));
	return db_write(cx, db, subscription_write, &w);
}
