/*
 * model.c - see model.h.
 */
#include "events/model.h"

#include "store/conn.h"
#include "store/link.h"

static struct object
model_object(const struct event_row *e)
{
	return (struct object){ .kind = OBJECT_EVENT, .key = e->id };
}

/* What the interface calls the providers of calendars. */
static const char *
model_provider(const char *provider)
{
	return !strcmp(provider, "notion") ? "NOTION" : "GOOGLE";
}

static enum rc
model_link_provider(struct req *r, const struct link *l, const char **provider)
{
	struct conn c;

	TRY(conn_get(r->cx, r->db, l->owner, l->connection_id, &c));
	*provider = model_provider(c.provider);
	return RC_OK;
}

static void
model_trouble(json *o, const struct arena *a, const struct link *l)
{
	json *error;

	if (!l->error_code)
		return;
	error = json_new((struct arena *)a);
	json_set_str(error, "code", l->error_code);
	json_set_str(error, "detail", l->error_detail);
	json_set(o, "error", error);
}

static enum rc
model_links(struct req *r, const struct event_row *e, struct link_list *list, json **out)
{
	const struct object object = model_object(e);
	struct arena *a = r->cx->a;

	*out = json_list(a);
	TRY(link_list(r->cx, r->db, e->owner, &object, list));
	for (size_t i = 0; i < list->n; i++) {
		const struct link *l = &list->v[i];
		const char *provider;
		json *o = json_new(a);

		TRY(model_link_provider(r, l, &provider));
		json_set_str(o, "connectionId", l->connection_id);
		json_set_str(o, "provider", provider);
		json_set_str(o, "externalId", l->remote_id);
		json_set_str(o, "state", l->state);
		json_set_time(o, "lastSyncedAt", l->last_synced_at);
		model_trouble(o, a, l);
		json_add(*out, o);
	}
	return RC_OK;
}

/* Occurrences that differ, by their place. */
static json *
model_exceptions(struct arena *a, const json *value)
{
	json *list = json_list(a);
	struct event_span span;
	struct when slot;

	if (!event_span(a, value, &span))
		return list;
	for (struct json_iter it = { 0 }; json_each(value, &it);) {
		json *o;

		if (*it.key != '@' || !when_slot_read(str_c(it.key + 1), &span.start, &slot))
			continue;
		o = json_new(a);
		json_set_str(o, "occurrence", when_text(a, &slot));
		for (struct json_iter f = { 0 }; json_each(it.value, &f);)
			json_set(o, f.key, f.value);
		json_add(list, o);
	}
	return list;
}

static void
model_fields(json *o, const json *value)
{
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key != '@')
			json_set(o, it.key, it.value);
}

static enum rc
model_whole(struct req *r, const struct event_row *e, struct link_list *links, json **out)
{
	struct arena *a = r->cx->a;
	const json *value = json_stored(a, e->value);
	json *o = json_new(a), *list;

	json_set_str(o, "id", e->id);
	model_fields(o, value);
	if (json_len(json_at(value, "recurrence")) > 0)
		json_set(o, "exceptions", model_exceptions(a, value));
	json_set_str(o, "origin", e->origin ? e->origin : "application");
	json_set_time(o, "createdAt", e->created_at);
	json_set_time(o, "updatedAt", e->updated_at);
	TRY(model_links(r, e, links, &list));
	json_set(o, "links", list);
	*out = o;
	return RC_OK;
}

enum rc
model_event(struct req *r, const struct event_row *e, json **out)
{
	struct link_list links;

	return model_whole(r, e, &links, out);
}

enum rc
model_event_reply(struct req *r, const struct event_row *e, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *event, *sent = json_list(a);
	struct link_list links;

	TRY(model_whole(r, e, &links, &event));
	for (size_t i = 0; i < links.n; i++) {
		const struct link *l = &links.v[i];
		const char *provider;
		json *one = json_new(a);

		TRY(model_link_provider(r, l, &provider));
		json_set_str(one, "provider", provider);
		json_set_str(one, "connectionId", l->connection_id);
		json_set_bool(one, "success", !strcmp(l->state, LINK_SYNCED));
		json_set_bool(one, "queued", !strcmp(l->state, LINK_QUEUED));
		json_set_str(one, "externalId", l->remote_id);
		model_trouble(one, a, l);
		json_add(sent, one);
	}
	json_set_bool(o, "success", true);
	json_set(o, "event", event);
	json_set(o, "externalSync", sent);
	*out = o;
	return RC_OK;
}

json *
model_occurrence(struct arena *a, const struct event_row *e, const struct occurrence *o)
{
	json *j = json_new(a);

	json_set_str(j, "eventId", e->id);
	json_set_str(j, "occurrence", when_text(a, &o->slot));
	model_fields(j, occur_value(a, json_stored(a, e->value), o));
	json_set_bool(j, "differs", o->differs);
	json_set_str(j, "origin", e->origin ? e->origin : "application");
	return j;
}
