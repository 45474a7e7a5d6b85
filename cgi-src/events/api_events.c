/*
 * api_events.c - events over HTTP: one, made, changed, deleted, one of a series; why it is as it
 * is. Lists: api_calendar.c.
 */
#include "app/events.h"
#include "app/undo.h"
#include "ask/place.h"
#include "base/clock.h"
#include "events/model.h"
#include "fcgi/auth.h"
#include "fcgi/etag.h"

enum { PROVIDERS_WAIT_MS = 3000, POLL_MS = 25 };

/* The event that the call names: in its path, or as ?id=. */
static enum rc
event_named(struct req *r, const char **id)
{
	*id = r->path_param[0] ? r->path_param[0] : req_query(r, "id");
	return *id ? RC_OK : input_fail_one(r, "id", "Say which event: its id.");
}

/* Its revision, which a write goes by when the client says so. */
static enum rc
event_held(struct req *r, struct event_place *place)
{
	struct event_row e;

	if (!req_header(r, "if-match"))
		return RC_OK;
	TRY(event_get(r->cx, r->db, r->who.user_id, place->id, &e));
	return etag_match(r, e.rev, &place->rev);
}

/* By now. */
static enum rc
event_reply_now(struct req *r, struct resp *w, const struct event_done *d)
{
	json *o, *following;

	TRY(model_event_reply(r, &d->e, &o));
	if (d->following.id) {
		TRY(model_event(r, &d->following, &following));
		json_set(o, "following", following);
	}
	if (json_len(d->lost) > 0)
		json_set(o, "lost", (json *)d->lost);
	resp_json(w, w->status, r->cx->a, o);
	return RC_OK;
}

/* Once it is committed: what the providers have answered, if they do so soon. Who has too many
 * requests that wait is told at once. */
static enum rc
event_reply_later(struct req *r, struct resp *w)
{
	const struct event_done *d = w->later_arg;
	const int64_t until = clock_mono_ms() + PROVIDERS_WAIT_MS;
	bool settled;

	TRY(events_arrived(r->cx, r->db, r->who.user_id, d->e.id, &settled));
	if (settled)
		return event_reply_now(r, w, d);
	if (place_take(r->cx, r->who.user_id) != RC_OK) {
		r->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	while (!settled && clock_mono_ms() < until) {
		clock_sleep_ms(POLL_MS);
		TRY(events_arrived(r->cx, r->db, r->who.user_id, d->e.id, &settled));
	}
	return event_reply_now(r, w, d);
}

static enum rc
event_reply(struct req *r, struct resp *w, int status, const struct event_done *d)
{
	struct event_done *kept = arena_alloc(r->cx->a, sizeof *kept);

	*kept = *d;
	w->status = status;
	etag_revision(r, w, d->e.rev);
	w->later = event_reply_later;
	w->later_arg = kept;
	return event_reply_now(r, w, d);
}

enum rc
api_event_add(struct req *r, struct resp *w)
{
	struct event_done d;

	TRY(events_add(r->cx, r->db, auth_caller(r), r->body, &d));
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/events/%s", d.e.id));
	return event_reply(r, w, 201, &d);
}

enum rc
api_event_get(struct req *r, struct resp *w)
{
	struct event_row e;
	json *o = json_new(r->cx->a), *event;
	const char *id;

	TRY(event_named(r, &id));
	TRY(event_get(r->cx, r->db, r->who.user_id, id, &e));
	TRY(model_event(r, &e, &event));
	json_set_bool(o, "success", true);
	json_set(o, "event", event);
	w->rev = e.rev;
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_event_change(struct req *r, struct resp *w)
{
	struct event_place place = { .id = NULL };
	struct event_done d;

	TRY(event_named(r, &place.id));
	TRY(event_held(r, &place));
	TRY(events_change(r->cx, r->db, auth_caller(r), &place, r->body, &d));
	return event_reply(r, w, 200, &d);
}

enum rc
api_event_delete(struct req *r, struct resp *w)
{
	struct event_place place = { .id = NULL };
	struct event_done d;

	TRY(event_named(r, &place.id));
	TRY(event_held(r, &place));
	TRY(events_remove(r->cx, r->db, auth_caller(r), &place, &d));
	return event_reply(r, w, 200, &d);
}

enum rc
api_event_restore(struct req *r, struct resp *w)
{
	const struct event_place place = { .id = r->path_param[0] };
	struct event_done d;

	TRY(events_restore(r->cx, r->db, auth_caller(r), &place, &d));
	return event_reply(r, w, 200, &d);
}

/*
 * One of a series.
 */
static struct event_place
event_place(struct req *r)
{
	const char *scope = req_query(r, "scope");

	return (struct event_place){
		.id = r->path_param[0],
		.slot = r->path_param[1],
		.following = scope && !strcmp(scope, "following"),
	};
}

enum rc
api_occurrence_change(struct req *r, struct resp *w)
{
	struct event_place place = event_place(r);
	struct event_done d;

	TRY(event_held(r, &place));
	TRY(events_change_one(r->cx, r->db, auth_caller(r), &place, r->body, &d));
	return event_reply(r, w, 200, &d);
}

enum rc
api_occurrence_delete(struct req *r, struct resp *w)
{
	struct event_place place = event_place(r);
	struct event_done d;

	TRY(event_held(r, &place));
	TRY(events_remove_one(r->cx, r->db, auth_caller(r), &place, &d));
	return event_reply(r, w, 200, &d);
}

enum rc
api_event_undo(struct req *r, struct resp *w)
{
	const char *id;
	enum rc rc = undo_one_event(r->cx, r->db, auth_caller(r), r->path_param[0], &id);

	return model_undoing(r, w, rc, id);
}

/*
 * Why.
 */
struct history_sides {
	const json *before, *after; /* NULL: there was, there is nothing */
};

static void
history_field(
    struct arena *a, json *list, const char *name, const struct history_sides *of, const char *side)
{
	json *before = json_at(of->before, name), *after = json_at(of->after, name);
	json *o;

	if (!strcmp(before ? json_text(a, before) : "null", after ? json_text(a, after) : "null"))
		return;
	o = json_new(a);
	occur_name(a, o, of->before ? of->before : of->after, name);
	json_set(o, "before", before);
	json_set(o, "after", after);
	json_set_str(o, "side", side);
	json_add(list, o);
}

/* What differs between two values. */
static json *
history_fields(struct arena *a, const struct history_sides *of, const char *side)
{
	json *list = json_list(a);

	for (struct json_iter it = { 0 }; json_each(of->before, &it);)
		history_field(a, list, it.key, of, side);
	for (struct json_iter it = { 0 }; json_each(of->after, &it);)
		if (!json_has(of->before, it.key))
			history_field(a, list, it.key, of, side);
	return list;
}

static json *
history_entry(struct arena *a, const struct change *c, const json *after)
{
	const char *side = strcmp(c->side, SIDE_HERE) ? "provider" : "application";
	const struct history_sides of = {
		.before = json_stored(a, c->before),
		.after = c->action == CHANGE_DELETED ? NULL : after,
	};
	json *o = json_new(a);

	json_set_time(o, "at", model_past_at(c));
	json_set_str(o, "actor", c->actor ? c->actor : c->connection_id);
	json_set_str(o, "connectionId", c->connection_id);
	if (c->sync_id)
		json_set_str(o, "syncId", c->sync_id);
	json_set_str(o, "action", change_word(c->action, c->reason));
	json_set(o, "changes", history_fields(a, &of, side));
	json_set_str(o, "reason", c->reason);
	return o;
}

/* About: what it was, and what it led to. */
static size_t
history_bytes(const struct change *c)
{
	return c->before ? 2 * strlen(c->before) : 0;
}

enum rc
api_event_history(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	const char *cursor = req_query(r, "cursor");
	json *data = json_list(a);
	struct event_past past;
	struct event_row e;
	int64_t limit, from = 0, used = 0;
	size_t i = 0;

	TRY(req_limit(r, &limit));
	if (cursor && !str_i64(str_c(cursor), 1, INT64_MAX - 1, &from))
		return input_fail_one(r, "cursor", "Give the nextCursor of the page before.");
	TRY(event_any(r->cx, r->db, r->who.user_id, r->path_param[0], &e));
	TRY(model_past(r, &e, from, limit, &past));
	for (; i < past.n && model_room(&used, history_bytes(&past.v[i].change)); i++)
		json_add(data, history_entry(a, &past.v[i].change, past.v[i].after));
	if (i < past.n)
		past.next = past.v[i - 1].change.no;
	resp_json(w, 200, a,
	    model_page(a, data, past.next ? arena_printf(a, "%lld", (long long)past.next) : NULL));
	return RC_OK;
}
