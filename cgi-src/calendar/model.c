/*
 * model.c - see model.h.
 */
#include "calendar/model.h"

#include "event/occur.h"
#include "store/event.h"

enum rc
model_provider_of(
    struct req *r, const char *owner, const char *conn_id, const char **word, const char **name)
{
	struct conn c;
	enum rc rc = conn_get_any(r->cx, r->db, owner, conn_id, &c);

	*word = *name = NULL;
	if (rc == RC_NOTFOUND) {
		r->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	*word = model_calendar_word(c.provider);
	*name = c.name;
	return RC_OK;
}

/* The event as it is by now, or was last; NULL: there is none. */
static enum rc
conflict_event(struct req *r, const struct conflict *c, const json **value)
{
	struct event_row e;
	enum rc rc;

	*value = NULL;
	if (strcmp(c->object.kind, OBJECT_EVENT) != 0)
		return RC_OK;
	rc = event_any(r->cx, r->db, c->owner, c->object.key, &e);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	r->cx->err = (struct err){ 0 };
	if (rc == RC_OK)
		*value = json_stored(r->cx->a, e.value);
	return RC_OK;
}

static void
conflict_time(json *o, const json *f, const char *name)
{
	if (json_has(f, name))
		json_set_time(o, name, json_num(f, name, 0));
}

/* The key by which an occurrence is answered says little to people. */
static void
conflict_occurrence(struct arena *a, json *o, const json *event)
{
	json *named = json_new(a);

	occur_name(a, named, event, json_str(o, "field"));
	if (!json_has(named, "occurrence"))
		return;
	json_set_str(o, "name", json_str(named, "field"));
	json_set_str(o, "occurrence", json_str(named, "occurrence"));
}

static json *
conflict_fields(struct arena *a, const struct conflict *c, const json *event)
{
	static const char *const names[] = { "field", "base", "local", "remote", "chosen" };
	const json *fields = json_stored(a, c->fields);
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(fields); i++) {
		json *o = json_new(a);

		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			json_set(o, names[k], json_at(json_nth(fields, i), names[k]));
		conflict_occurrence(a, o, event);
		conflict_time(o, json_nth(fields, i), "localAt");
		conflict_time(o, json_nth(fields, i), "remoteAt");
		json_add(list, o);
	}
	return list;
}

enum rc
model_conflict(struct req *r, const struct conflict *c, json **out)
{
	struct arena *a = r->cx->a;
	const char *provider, *name;
	json *o = json_new(a);
	const json *event;

	TRY(model_provider_of(r, c->owner, c->connection_id, &provider, &name));
	json_set_str(o, "id", c->id);
	json_set_str(o, "eventId", strcmp(c->object.kind, OBJECT_EVENT) ? NULL : c->object.key);
	TRY(conflict_event(r, c, &event));
	json_set_str(o, "title", json_str(event, "title"));
	json_set_str(o, "connectionId", c->connection_id);
	json_set_str(o, "provider", provider);
	json_set_time(o, "detectedAt", c->detected_at);
	json_set_str(o, "state", c->state);
	json_set_str(o, "policy", c->policy);
	json_set(o, "fields", conflict_fields(a, c, event));
	json_set(o, "kept", json_stored(a, c->kept));
	json_set_time(o, "resolvedAt", c->resolved_at);
	json_set_str(o, "resolvedBy", c->resolved_by);
	*out = o;
	return RC_OK;
}
