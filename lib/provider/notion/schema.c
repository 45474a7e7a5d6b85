/*
 * schema.c - the properties of a data source: what is kept of them, and what has changed. The id of
 * a property stays, whatever it is called.
 */
#include "provider/notion/notion.h"

json *
notion_schema(struct arena *a, const json *data_source)
{
	json *list = json_list(a);

	for (struct json_iter it = { 0 }; json_each(json_at(data_source, "properties"), &it);) {
		json *o = json_new(a);
		const char *type = json_str(it.value, "type");

		if (!json_str(it.value, "id") || !type)
			continue;
		json_set_str(o, "id", json_str(it.value, "id"));
		json_set_str(o, "name", it.key);
		json_set_str(o, "type", type);
		if (json_str(json_at(it.value, "relation"), "data_source_id"))
			json_set_str(
			    o, "source", json_str(json_at(it.value, "relation"), "data_source_id"));
		json_add(list, o);
	}
	return list;
}

static const json *
schema_by(const json *schema, const char *member, const char *value)
{
	for (size_t i = 0; value && i < json_len(schema); i++)
		if (!strcmp(json_str(json_nth(schema, i), member), value))
			return json_nth(schema, i);
	return NULL;
}

bool
notion_schema_fits(const json *schema, const json *page)
{
	size_t n = 0;

	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it); n++) {
		const json *p = schema_by(schema, "name", it.key);
		const char *id = json_str(it.value, "id"), *type = json_str(it.value, "type");

		if (!p || !id || !type || strcmp(id, json_str(p, "id")) ||
		    strcmp(type, json_str(p, "type")))
			return false;
	}
	return n == json_len(schema);
}

static void
schema_note(struct arena *a, json *out, const char *list, const char *const members[3],
    const char *const values[3])
{
	json *o = json_new(a);

	for (size_t i = 0; i < 3 && members[i]; i++)
		json_set_str(o, members[i], values[i]);
	if (!json_at(out, list))
		json_set(out, list, json_list(a));
	json_add(json_at(out, list), o);
}

void
notion_schema_drift(struct arena *a, const json *before, const json *now, json *out)
{
	for (size_t i = 0; i < json_len(before); i++) {
		const json *old = json_nth(before, i);
		const json *new = schema_by(now, "id", json_str(old, "id"));
		const char *name = json_str(new, "name"), *type = json_str(new, "type");

		if (new &&strcmp(name, json_str(old, "name")))
			schema_note(a, out, "renamed", (const char *const[3]){ "from", "to" },
			    (const char *const[3]){ json_str(old, "name"), name });
		if (new &&strcmp(type, json_str(old, "type")))
			schema_note(a, out, "retyped",
			    (const char *const[3]){ "name", "from", "to" },
			    (const char *const[3]){ name, json_str(old, "type"), type });
	}
}
