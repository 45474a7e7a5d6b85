/*
 * hub.c - see hub.h.
 */
#include "sync/write/hub.h"

#include "base/clock.h"
#include "base/rand.h"
#include "event/rules.h"
#include "event/span.h"
#include "queue/event_edit.h"
#include "sync/write/flaw.h"

/* So much of the room is used up before others' events are counted again. */
enum { ROOM_PART = 10 };

/* A request takes 30 seconds at most, the wait for its turn as long. */
#define HUB_LEASE_MS (3 * MINUTE_MS)

static struct hub *
hub_of(const struct twoway *t)
{
	return t->arg;
}

void
hub_begin(struct hub *h)
{
	h->mirror_known = false;
	h->fresh.id = h->fresh.uid = NULL;
}

/* --- which event --- */

/* Can it get this twin? A link that nothing was sent for is no hindrance, and what we have made
 * ourselves gives way to what is there by itself. */
static enum rc
hub_is_free(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    const char *id, bool *is_free)
{
	const struct object o = twoway_object(t, id);
	struct link l;

	TRY(link_of(cx, db, t->owner, t->connection_id, &o, &l));
	*is_free = !l.id || (!l.remote_id && !l.sent) ||
	    (!there->mark && (l.ours || (!l.remote_id && l.sent)));
	return RC_OK;
}

/* The event that it was made for, also one that was deleted here since. */
static enum rc
hub_by_mark(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    const char **key)
{
	struct event_row e;
	bool is_free;

	if (!there->object || flaw(FLAW_COPY_IS_NEW))
		return RC_OK;
	TRY(event_try(cx, db, t->owner, there->object, &e));
	if (!e.id)
		return RC_OK;
	TRY(hub_is_free(cx, db, t, there, e.id, &is_free));
	*key = is_free ? e.id : NULL;
	return RC_OK;
}

/* One occurrence of a series can be all that somebody has of it: it is not the series. */
static enum rc
hub_by_uid(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    const char **key)
{
	const bool series = json_has(there->values, "recurrence");
	struct event_list list;
	bool is_free;

	if (!there->uid)
		return RC_OK;
	TRY(event_by_uid(cx, db, t->owner, t->connection_id, there->uid, &list));
	for (size_t i = 0; i < list.n && !*key; i++) {
		if (json_has(json_stored(cx->a, list.v[i].value), "recurrence") != series)
			continue;
		TRY(hub_is_free(cx, db, t, there, list.v[i].id, &is_free));
		*key = is_free ? list.v[i].id : NULL;
	}
	return RC_OK;
}

static enum rc
hub_room(struct ctx *cx, struct db *db, const struct twoway *t)
{
	struct hub *h = hub_of(t);

	if (h->uncounted-- <= 0) {
		TRY(event_room(cx, db, t->owner, &h->room));
		h->uncounted = h->room / ROOM_PART;
	}
	if (h->room-- > 0)
		return RC_OK;
	return fail(cx, E_SOURCE_TOO_LARGE,
	    "There are %d events already, which is as many as one user can have.", EVENTS_MAX);
}

/* It is named, and made when it is met. */
static enum rc
hub_new(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    const char **key)
{
	struct hub *h = hub_of(t);
	char id[UUID_TEXT];

	TRY(hub_room(cx, db, t));
	h->fresh.id = *key = arena_dup(cx->a, rand_uuid(id));
	h->fresh.uid = there->uid;
	return RC_OK;
}

static enum rc
hub_name(struct ctx *cx, struct db *db, const struct twoway *t, const struct there *there,
    const char **key, bool *fresh)
{
	struct hub *h = hub_of(t);

	*key = NULL;
	*fresh = false;
	TRY(hub_by_mark(cx, db, t, there, key));
	if (!*key)
		TRY(hub_by_uid(cx, db, t, there, key));
	if (*key)
		return RC_OK;
	*fresh = !there->outside && h->ways.direction != WAYS_PUSH;
	if (*fresh)
		return hub_new(cx, db, t, there, key);
	h->foreign++;
	return RC_OK;
}

/* --- the event --- */

static bool
hub_is_fresh(const struct hub *h, const char *key)
{
	return h->fresh.id && !strcmp(h->fresh.id, key);
}

/* id NULL: there is no row any more, or not yet. */
static enum rc
hub_row(struct ctx *cx, struct db *db, const struct twoway *t, const char *key, struct event_row *e)
{
	*e = (struct event_row){ 0 };
	if (hub_is_fresh(hub_of(t), key))
		return RC_OK;
	return event_try(cx, db, t->owner, key, e);
}

static enum rc
hub_get(struct ctx *cx, struct db *db, const struct twoway *t, const char *key, struct here *out)
{
	const struct hub *h = hub_of(t);
	struct event_row e;

	*out = (struct here){ .fresh = hub_is_fresh(h, key) };
	if (out->fresh)
		out->uid = h->fresh.uid;
	TRY(hub_row(cx, db, t, key, &e));
	if (!e.id)
		return RC_OK;
	out->uid = e.uid;
	out->edits.whole = e.updated_at;
	out->value = e.deleted_at ? NULL : json_stored(cx->a, e.value);
	return RC_OK;
}

/* Where it shall have a twin and has none, it gets one. */
static enum rc
hub_mirror(struct ctx *cx, struct db *db, const struct twoway *t, const struct event_row *e)
{
	struct hub *h = hub_of(t);

	if (!h->mirror_known)
		TRY(mirror_open(cx, db, t->owner, &h->mirror));
	h->mirror_known = true;
	return mirror_event(cx, db, &h->mirror, e, clock_ms());
}

static enum rc
hub_put(struct ctx *cx, struct db *db, const struct twoway *t, const char *key, const json *value)
{
	struct hub *h = hub_of(t);
	struct event_row e;

	TRY(hub_row(cx, db, t, key, &e));
	/* Also one whose tombstone was forgotten. */
	if (!e.id)
		e = (struct event_row){
			.id = key,
			.owner = t->owner,
			.uid = hub_is_fresh(h, key) ? h->fresh.uid : NULL,
			.origin = t->connection_id,
		};
	h->fresh.id = NULL;
	if (e.rev && !e.deleted_at)
		h->changed++;
	else
		h->made++;
	TRY(event_put(cx, db, &e, value, clock_ms()));
	return hub_mirror(cx, db, t, &e);
}

static enum rc
hub_remove(struct ctx *cx, struct db *db, const struct twoway *t, const char *key)
{
	struct hub *h = hub_of(t);
	struct event_row e;

	TRY(hub_row(cx, db, t, key, &e));
	if (!e.id)
		return RC_OK;
	h->gone++;
	return event_put(cx, db, &e, NULL, clock_ms());
}

static enum rc
hub_moved(struct ctx *cx, struct db *db, const struct twoway *t, const char *key,
    const char *connection_id)
{
	struct event_row e;

	TRY(hub_row(cx, db, t, key, &e));
	if (!e.id)
		return RC_OK;
	if (e.origin && !strcmp(e.origin, t->connection_id))
		TRY(event_set_origin(cx, db, &e, connection_id));
	return hub_mirror(cx, db, t, &e);
}

/* Paused, set otherwise, or given to another account in the middle of a turn. */
static enum rc
hub_sends(struct ctx *cx, struct db *db, const struct twoway *t, bool *yes)
{
	const struct conn *was = ((const struct hub *)t->arg)->conn;
	struct conn now;

	TRY(conn_get(cx, db, was->owner, was->id, &now));
	*yes = conn_sends(&now) && conn_is_set_as(&now, was);
	return RC_OK;
}

static const struct object_ops hub_ops = {
	.get = hub_get,
	.put = hub_put,
	.remove = hub_remove,
	.name = hub_name,
	.moved = hub_moved,
	.sends = hub_sends,
};

/* --- both sides --- */

static enum direction
hub_direction(const struct ways *w)
{
	static const enum direction of[] = {
		[WAYS_BOTH] = BOTH_WAYS,
		[WAYS_PULL] = PULL_ONLY,
		[WAYS_PUSH] = PUSH_ONLY,
	};

	return of[w->direction];
}

void
hub_open(struct arena *a, struct hub *h, const struct conn *c, const struct provider *provider,
    const struct source *source, struct twoway *out)
{
	const struct writer *w = provider->writer;

	*h = (struct hub){ .conn = c, .ways = ways_of(source->config) };
	h->ways.closed = c->read_only;
	*out = (struct twoway){
		.owner = c->owner,
		.connection_id = c->id,
		.limits = c->limits,
		.object_kind = OBJECT_EVENT,
		.dataset = "",
		.ops = &hub_ops,
		.arg = h,
		.rules = &event_rules,
		.direction = hub_direction(&h->ways),
		.policy = POLICY_LATEST,
		.writer = w,
		.source = source,
		.lease_ms = HUB_LEASE_MS,
		.unsure_ms = w->unsure_ms,
		.part = '@',
		.known_no = json_num(json_stored(a, c->cursor), "asOf", 0),
		.lists_lag = w->lists_lag,
	};
	(void)policy_of(h->ways.conflicts, &out->policy);
}
