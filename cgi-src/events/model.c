/*
 * model.c - see model.h.
 */
#include "events/model.h"

#include "store/conn.h"

enum { PAST_CHUNK = 200 };

static const char gone_code[] = "disconnected";

static struct object
model_object(const struct event_row *e)
{
	return (struct object){ .kind = OBJECT_EVENT, .key = e->id };
}

/* The links; a connection that was disconnected leaves what it has written where it is. */
enum rc
model_links(struct req *r, const struct event_row *e, struct event_links *out)
{
	const struct object object = model_object(e);
	struct link_list list;
	struct conn c;

	TRY(link_list(r->cx, r->db, e->owner, &object, &list));
	*out = (struct event_links){ .v = arena_array(r->cx->a, list.n + 1, sizeof *out->v) };
	for (size_t i = 0; i < list.n; i++) {
		struct link *l = &list.v[i];
		enum rc rc = conn_get(r->cx, r->db, l->owner, l->connection_id, &c);

		if (rc == RC_NOTFOUND) {
			rc = conn_get_any(r->cx, r->db, l->owner, l->connection_id, &c);
			l->state = LINK_SKIPPED;
			l->error_code = gone_code;
			l->error_detail = "The connection was disconnected: what is there stays "
					  "as it is, and is not kept level any more.";
		}
		if (rc == RC_NOTFOUND)
			continue;
		TRY(rc);
		out->v[out->n++] = (struct event_link){
			.link = *l,
			.provider = model_calendar_word(c.provider),
			.name = c.name,
			.gone = l->error_code && !strcmp(l->error_code, gone_code),
		};
	}
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

static json *
model_link_list(struct arena *a, const struct event_links *links)
{
	json *list = json_list(a);

	for (size_t i = 0; i < links->n; i++) {
		const struct link *l = &links->v[i].link;
		json *o = json_new(a);

		json_set_str(o, "connectionId", l->connection_id);
		json_set_str(o, "provider", links->v[i].provider);
		json_set_str(o, "externalId", l->remote_id);
		json_set_str(o, "state", l->state);
		json_set_time(o, "lastSyncedAt", l->last_synced_at);
		model_trouble(o, a, l);
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
model_whole(struct req *r, const struct event_row *e, struct event_links *links, json **out)
{
	struct arena *a = r->cx->a;
	const json *value = json_stored(a, e->value);
	json *o = json_new(a);

	json_set_str(o, "id", e->id);
	model_fields(o, value);
	if (json_len(json_at(value, "recurrence")) > 0)
		json_set(o, "exceptions", occur_listed(a, value, value));
	json_set_str(o, "origin", e->origin ? e->origin : "application");
	json_set_time(o, "createdAt", e->created_at);
	json_set_time(o, "updatedAt", e->updated_at);
	TRY(model_links(r, e, links));
	json_set(o, "links", model_link_list(a, links));
	*out = o;
	return RC_OK;
}

enum rc
model_event(struct req *r, const struct event_row *e, json **out)
{
	struct event_links links;

	return model_whole(r, e, &links, out);
}

enum rc
model_event_reply(struct req *r, const struct event_row *e, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *event, *sent = json_list(a);
	struct event_links links;

	TRY(model_whole(r, e, &links, &event));
	for (size_t i = 0; i < links.n; i++) {
		const struct link *l = &links.v[i].link;
		json *one = json_new(a);

		json_set_str(one, "provider", links.v[i].provider);
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

/* Adds those of a chunk from the cursor on; true: the page is full. What a provider was given is
 * what the event was then, and makes it no other one. */
static bool
past_add(struct arena *a, const struct change_list *list, int64_t from, int64_t limit,
    struct event_past *out, const json **after)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct change *c = &list->v[i];

		if (!from || c->no < from) {
			if (out->n == (size_t)limit) {
				out->next = out->v[out->n - 1].change.no;
				return true;
			}
			out->v[out->n].change = *c;
			out->v[out->n++].after = *after;
		}
		if (!strcmp(c->side, SIDE_HERE))
			*after = json_stored(a, c->before);
	}
	return false;
}

/* What a change led to is said by the ones after it: they are gone through from the newest. */
enum rc
model_past(
    struct req *r, const struct event_row *e, int64_t from, int64_t limit, struct event_past *out)
{
	const struct object object = model_object(e);
	const json *after = json_stored(r->cx->a, e->value);
	struct change_page page = { .owner = e->owner, .object = &object, .limit = PAST_CHUNK };
	struct change_list list;

	*out = (struct event_past){ .v = arena_array(r->cx->a, (size_t)limit, sizeof *out->v) };
	do {
		TRY(change_page(r->cx, r->db, &page, &list));
		if (past_add(r->cx->a, &list, from, limit, out, &after))
			break;
		page.before = list.next;
	} while (list.next);
	return RC_OK;
}
