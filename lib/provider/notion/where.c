/*
 * where.c - which pages are events: those for which all conditions of the settings hold. A property
 * that a condition names keeps its part in it when it is called otherwise.
 */
#include "kind/row_test.h"
#include "provider/notion/notion.h"

/* The property that the condition had the last time. */
static const char *
where_before(const json *before, const char *text)
{
	const json *list = json_at(before, "where");

	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_str(json_nth(list, i), "text"), text))
			return json_str(json_nth(list, i), "id");
	return NULL;
}

static const char *
where_find(const json *schema, const char *member, const char *value)
{
	for (size_t i = 0; value && i < json_len(schema); i++)
		if (!strcmp(json_str(json_nth(schema, i), member), value))
			return json_str(json_nth(schema, i), "id");
	return NULL;
}

json *
notion_where(struct arena *a, const json *config, const json *before, const json *schema)
{
	const json *list = json_at(config, "where");
	json *out = json_list(a), *o;
	struct row_test test;
	const char *why;

	for (size_t i = 0; i < json_len(list); i++) {
		const char *text = json_value_str(json_nth(list, i)), *id;

		if (!row_test_parse(a, text, &test, &why))
			continue;
		id = where_find(schema, "name", test.column);
		o = json_new(a);
		json_set_str(o, "text", text);
		json_set_str(
		    o, "id", id ? id : where_find(schema, "id", where_before(before, text)));
		json_add(out, o);
	}
	return out;
}

const char *
notion_where_missing(const json *calendar)
{
	const json *list = json_at(calendar, "where");

	for (size_t i = 0; i < json_len(list); i++)
		if (!json_str(json_nth(list, i), "id"))
			return json_str(json_nth(list, i), "text");
	return NULL;
}

static bool
where_holds(struct arena *a, const json *page, const json *one)
{
	const char *id = json_str(one, "id"), *why;
	struct row_test test;
	struct notion_cell c = { .unsupported = false };

	if (!row_test_parse(a, json_str(one, "text"), &test, &why))
		return true;
	for (struct json_iter it = { 0 }; id && json_each(json_at(page, "properties"), &it);)
		if (json_str(it.value, "id") && !strcmp(json_str(it.value, "id"), id))
			notion_value(a, it.value, NULL, &c);
	return row_test_holds(&test, c.cell.v);
}

bool
notion_where_holds(struct arena *a, const json *page, const json *calendar)
{
	const json *list = json_at(calendar, "where");

	for (size_t i = 0; i < json_len(list); i++)
		if (!where_holds(a, page, json_nth(list, i)))
			return false;
	return true;
}
