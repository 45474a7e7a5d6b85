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

/*
 * Events.
 */
static const struct {
	const char *word, *type;
	const char *names; /* by which it is known, '|' between; the first of the type otherwise */
	bool first;
} calendar_words[] = {
	{ "title", "title", "", true },
	{ "date", "date", "Date|When|Datum|Wann|Start|Due|Event", true },
	{ "description", "rich_text", "Description|Beschreibung|Details|Text", false },
	{ "location", "rich_text", "Location|Place|Where|Ort", false },
	{ "notes", "rich_text", "Notes|Note|Notizen|Remarks", false },
	{ "recurrence", "rich_text", "Repeats|Recurrence|Wiederholung", false },
	{ "mark", "rich_text", NOTION_MARK, false },
};

/* By its id or its name; then as it was found before. */
static const json *
calendar_named(const json *cursor, const json *schema, const char *name, const char *word)
{
	const json *p = name ? schema_by(schema, "id", name) : NULL;

	if (!p && name)
		p = schema_by(schema, "name", name);
	return p ? p : schema_by(schema, "id", json_str(json_at(cursor, "calendar"), word));
}

static const json *
calendar_guess(const json *schema, const char *type, const char *names, bool first)
{
	const json *any = NULL;

	for (size_t i = 0; i < json_len(schema); i++) {
		const json *p = json_nth(schema, i);

		if (strcmp(json_str(p, "type"), type))
			continue;
		if (str_has_word(str_c(names), '|', str_c(json_str(p, "name"))))
			return p;
		any = any ? any : p;
	}
	return first ? any : NULL;
}

json *
notion_calendar(struct arena *a, const json *config, const json *cursor, const json *schema)
{
	json *out = json_new(a);

	for (size_t i = 0; i < sizeof calendar_words / sizeof *calendar_words; i++) {
		const char *word = calendar_words[i].word, *type = calendar_words[i].type;
		const char *name = json_str(json_at(config, "properties"), word);
		const json *p = calendar_named(cursor, schema, name, word);

		if (!p && !name)
			p = calendar_guess(
			    schema, type, calendar_words[i].names, calendar_words[i].first);
		if (p && !strcmp(json_str(p, "type"), type))
			json_set_str(out, word, json_str(p, "id"));
	}
	return out;
}
