/*
 * events.c - see events.h.
 */
#include "queue/events.h"

#include "base/clock.h"
#include "store/data.h"
#include "queue/lane.h"

const struct event_word event_words[] = {
#define EVENT(name, meaning) { name, meaning },
#include "queue/events.def"
#undef EVENT
};
const size_t event_words_n = sizeof event_words / sizeof *event_words;

bool
events_has(const char *list, const char *name)
{
	return str_has_word(str_c(list), ',', str_c(name));
}

/* {type, timestamp, data}, as Standard Webhooks 1.0 has it. */
static const char *
body_of(struct arena *a, const char *type, int64_t at, json *data)
{
	json *o = json_new(a);

	json_set_str(o, "type", type);
	json_set_time(o, "timestamp", at);
	json_set(o, "data", data);
	return json_text(a, o);
}

/* A webhook has a lane of its own. */
static enum rc
event_deliver(struct ctx *cx, struct db *db, const struct hook *h, const char *message_id,
    int64_t now, const char **delivery)
{
	const struct delivery_new d = {
		.owner = h->owner,
		.message_id = message_id,
		.hook_id = h->id,
		.lane = h->id,
	};

	return delivery_insert(cx, db, &d, now, delivery);
}

/* One message, delivered to every webhook of the list that wants it. */
static enum rc
event_emit(struct ctx *cx, struct db *db, const struct hook_list *hooks, const char *type,
    int64_t now, json *data)
{
	struct message m = { .type = type };
	char id[MESSAGE_ID];
	const char *delivery;

	for (size_t i = 0; i < hooks->n; i++) {
		const struct hook *h = &hooks->v[i];

		if (!h->enabled || !events_has(h->events, type))
			continue;
		if (!m.id) {
			m.id = message_id_new(id);
			m.owner = h->owner;
			m.body = body_of(cx->a, type, now, data);
			TRY(message_insert(cx, db, &m, now));
		}
		TRY(event_deliver(cx, db, h, m.id, now, &delivery));
		TRY(lane_put(cx, db, LANE_WEBHOOK, h->owner, h->id, now));
	}
	return RC_OK;
}

static json *
connection_data(struct arena *a, const struct conn *c)
{
	json *data = json_new(a);

	json_set_str(data, "connectionId", c->id);
	json_set_str(data, "connectionName", c->name);
	json_set_str(data, "provider", c->provider);
	return data;
}

static json *
run_data(struct arena *a, const struct conn *c, const struct run *r, int64_t now)
{
	json *data = connection_data(a, c), *stats = json_new(a);

	json_set_str(data, "syncId", r->id);
	json_set_str(data, "trigger", r->trigger);
	json_set_time(data, "startedAt", r->started_at);
	json_set_time(data, "finishedAt", now);
	json_set_i64(stats, "fetched", r->fetched);
	json_set_i64(stats, "added", r->added);
	json_set_i64(stats, "updated", r->updated);
	json_set_i64(stats, "deleted", r->deleted);
	json_set_i64(stats, "unchanged", r->unchanged);
	json_set_i64(stats, "skipped", r->skipped);
	json_set(data, "stats", stats);
	return data;
}

static json *
error_data(struct arena *a, const char *code, const char *detail)
{
	const struct error_row *row = error_by_code(code);
	json *e = json_new(a);

	json_set_str(e, "code", code);
	json_set_str(e, "title", row ? row->title : NULL);
	json_set_str(e, "detail", detail);
	json_set_str(e, "advice", row ? row->advice : NULL);
	return e;
}

static enum rc
changed_data(struct ctx *cx, struct db *db, const struct conn *c, const struct run *r, json **out)
{
	struct dataset_list list;
	json *data = connection_data(cx->a, c), *sets = json_list(cx->a);

	TRY(dataset_list(cx, db, c->owner, c->id, &list));
	for (size_t i = 0; i < list.n; i++) {
		json *o = json_new(cx->a);
		json_set_str(o, "id", list.v[i].id);
		json_set_str(o, "name", list.v[i].name);
		json_add(sets, o);
	}
	json_set_str(data, "syncId", r->id);
	json_set(data, "datasets", sets);
	json_set_i64(data, "added", r->added);
	json_set_i64(data, "updated", r->updated);
	json_set_i64(data, "deleted", r->deleted);
	*out = data;
	return RC_OK;
}

static json *
settled_data(struct arena *a, const struct settled *s, int64_t now)
{
	json *data = run_data(a, s->conn, s->run, now);

	if (s->err) {
		json_set(data, "error",
		    error_data(
			a, error_row(s->err->kind)->code, *s->err->detail ? s->err->detail : NULL));
		json_set_time(data, "nextPollAt", s->conn->sched.next_poll_at);
	}
	return data;
}

enum rc
events_settled(struct ctx *cx, struct db *db, const struct settled *s)
{
	const struct conn *c = s->conn;
	const struct run *r = s->run;
	const int64_t now = clock_ms();
	struct hook_list hooks;
	json *data;

	TRY(hook_list(cx, db, c->owner, &hooks));
	if (hooks.n == 0)
		return RC_OK;
	TRY(event_emit(cx, db, &hooks, s->err ? "sync.failed" : "sync.completed", now,
	    settled_data(cx->a, s, now)));
	if (r->added + r->updated + r->deleted > 0) {
		TRY(changed_data(cx, db, c, r, &data));
		TRY(event_emit(cx, db, &hooks, "records.changed", now, data));
	}
	if (!s->err && (s->before->failing || s->announce == 2))
		TRY(event_emit(cx, db, &hooks, "sync.recovered", now, run_data(cx->a, c, r, now)));
	if (s->announce != 1)
		return RC_OK;
	data = connection_data(cx->a, c);
	json_set_str(data, "syncId", r->id);
	json_set(data, "error", error_data(cx->a, c->sched.error_code, c->sched.error_detail));
	return event_emit(cx, db, &hooks, "connection.needs_attention", now, data);
}

enum rc
events_wanted(struct ctx *cx, struct db *db, const char *owner, const char *type, bool *wanted)
{
	struct hook_list hooks;

	*wanted = false;
	TRY(hook_list(cx, db, owner, &hooks));
	for (size_t i = 0; i < hooks.n; i++)
		*wanted |= hooks.v[i].enabled && events_has(hooks.v[i].events, type);
	return RC_OK;
}

enum rc
events_test(struct ctx *cx, struct db *db, const struct hook *h, const char **delivery)
{
	const int64_t now = clock_ms();
	json *data = json_new(cx->a);
	struct message m = { .owner = h->owner, .type = EVENT_TEST };
	char id[MESSAGE_ID];

	json_set_str(data, "webhookId", h->id);
	json_set_str(data, "message",
	    "This is a test. If you can verify its signature, everything is set up.");
	m.id = message_id_new(id);
	m.body = body_of(cx->a, EVENT_TEST, now, data);
	TRY(message_insert(cx, db, &m, now));
	TRY(event_deliver(cx, db, h, m.id, now, delivery));
	return lane_hurry(cx, db, LANE_WEBHOOK, h->owner, h->id, now);
}
