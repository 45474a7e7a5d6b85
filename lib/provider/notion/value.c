/*
 * value.c - the properties of a page as cells: texts where a person reads one, lists and objects
 * where there is more to say. Nothing of it changes unless somebody has changed something.
 */
#include "provider/notion/notion.h"

enum { TEXT_MAX = 16 * 1024 * 1024 };

static struct cell
cell_text(const char *s)
{
	if (!s || !*s)
		return (struct cell){ .kind = CELL_NONE };
	return (struct cell){ CELL_TEXT, str_c(s) };
}

static struct cell
cell_json(struct arena *a, const json *v)
{
	if (!v || json_is_null(v))
		return (struct cell){ .kind = CELL_NONE };
	return (struct cell){ CELL_JSON, str_c(json_text(a, v)) };
}

static const char *
value_plain(struct arena *a, const json *rich)
{
	struct buf *b = buf_in(a, TEXT_MAX);

	for (size_t i = 0; i < json_len(rich); i++)
		buf_str(b, json_str(json_nth(rich, i), "plain_text"));
	return buf_c(b);
}

static json *
value_person(struct arena *a, const json *user)
{
	json *o = json_new(a);
	const char *mail = json_str(json_at(user, "person"), "email");

	json_set_str(o, "id", json_str(user, "id"));
	json_set_str(o, "name", json_str(user, "name"));
	if (mail)
		json_set_str(o, "email", mail);
	return o;
}

/* One of a list of people, options, files or relations. */
static json *
value_item(struct arena *a, const char *type, const json *one, const json *titles)
{
	const char *url = json_str(json_at(one, "external"), "url");
	json *o;

	if (!strcmp(type, "multi_select"))
		return json_string(a, json_s(one, "name"));
	if (!strcmp(type, "people"))
		return value_person(a, one);
	o = json_new(a);
	if (!strcmp(type, "relation")) {
		json_set_str(o, "id", json_str(one, "id"));
		json_set_str(
		    o, "title", json_str(one, "id") ? json_str(titles, json_str(one, "id")) : NULL);
		return o;
	}
	json_set_str(o, "name", json_str(one, "name"));
	if (url)
		json_set_str(o, "url", url);
	return o;
}

static json *
value_list(struct arena *a, const char *type, const json *list, const json *titles)
{
	json *out = json_list(a);

	for (size_t i = 0; i < json_len(list); i++)
		json_add(out, value_item(a, type, json_nth(list, i), titles));
	return out;
}

/* "2026-10-05", or with an end "2026-10-05/2026-10-07" as ISO 8601 has it. */
static const char *
value_span(struct arena *a, const json *date)
{
	const char *start = json_str(date, "start"), *end = json_str(date, "end");

	return start && end ? arena_printf(a, "%s/%s", start, end) : start;
}

static const char *
value_unique(struct arena *a, const json *v)
{
	const char *prefix = json_str(v, "prefix");

	if (!json_at(v, "number"))
		return NULL;
	return arena_printf(a, "%s%s%lld", prefix ? prefix : "", prefix ? "-" : "",
	    (long long)json_num(v, "number", 0));
}

/* A value among those of a rollup, as JSON. */
static json *
value_rolled(struct arena *a, const json *property, const json *titles)
{
	struct notion_cell c;

	notion_value(a, property, titles, &c);
	if (c.cell.kind == CELL_TEXT && c.end.kind == CELL_TEXT)
		return json_string(a, str_c(value_span(a, json_at(property, "date"))));
	if (c.cell.kind == CELL_TEXT)
		return json_string(a, c.cell.v);
	return c.cell.kind == CELL_JSON
	    ? json_at(json_stored(a, arena_printf(a, "{\"v\":%s}", c.cell.v.p)), "v")
	    : NULL;
}

/* Formulas and rollups: a value with a type of its own. */
static void
value_computed(struct arena *a, const json *v, const json *titles, struct notion_cell *out)
{
	const char *type = json_str(v, "type");
	const json *inner = type ? json_at(v, type) : NULL;
	json *list = json_list(a);

	if (!type || !strcmp(type, "unsupported") || !strcmp(type, "incomplete")) {
		out->unsupported = true;
	} else if (!strcmp(type, "date")) {
		out->cell = cell_text(value_span(a, inner));
	} else if (!strcmp(type, "array")) {
		for (size_t i = 0; i < json_len(inner); i++)
			json_add(list, value_rolled(a, json_nth(inner, i), titles));
		out->cell = cell_json(a, list);
	} else {
		out->cell = json_is_str(inner) ? cell_text(json_value_str(inner))
					       : cell_json(a, inner);
	}
}

enum value_way {
	VALUE_RICH,
	VALUE_NAME,
	VALUE_DATE,
	VALUE_LIST,
	VALUE_PERSON,
	VALUE_COMPUTED,
	VALUE_UNIQUE,
	VALUE_STATE,
	VALUE_NONE,
	VALUE_PLAIN
};

static const struct {
	const char *type;
	enum value_way way;
} value_types[] = {
	{ "title", VALUE_RICH },
	{ "rich_text", VALUE_RICH },
	{ "select", VALUE_NAME },
	{ "status", VALUE_NAME },
	{ "date", VALUE_DATE },
	{ "multi_select", VALUE_LIST },
	{ "people", VALUE_LIST },
	{ "relation", VALUE_LIST },
	{ "files", VALUE_LIST },
	{ "created_by", VALUE_PERSON },
	{ "last_edited_by", VALUE_PERSON },
	{ "formula", VALUE_COMPUTED },
	{ "rollup", VALUE_COMPUTED },
	{ "unique_id", VALUE_UNIQUE },
	{ "verification", VALUE_STATE },
	{ "button", VALUE_NONE },
};

void
notion_value(struct arena *a, const json *property, const json *titles, struct notion_cell *out)
{
	const char *type = json_str(property, "type");
	const json *v = type ? json_at(property, type) : NULL;
	enum value_way way = VALUE_PLAIN;

	*out = (struct notion_cell){ .unsupported = false };
	for (size_t i = 0; type && i < sizeof value_types / sizeof *value_types; i++)
		if (!strcmp(value_types[i].type, type))
			way = value_types[i].way;
	switch (way) {
	case VALUE_RICH:
		out->cell = cell_text(value_plain(a, v));
		break;
	case VALUE_NAME:
		out->cell = cell_text(json_str(v, "name"));
		break;
	case VALUE_DATE:
		out->cell = cell_text(json_str(v, "start"));
		out->end = cell_text(json_str(v, "end"));
		break;
	case VALUE_LIST:
		out->cell = cell_json(a, value_list(a, type, v, titles));
		break;
	case VALUE_PERSON:
		out->cell = v ? cell_json(a, value_person(a, v)) : out->cell;
		break;
	case VALUE_COMPUTED:
		value_computed(a, v, titles, out);
		break;
	case VALUE_UNIQUE:
		out->cell = cell_text(value_unique(a, v));
		break;
	case VALUE_STATE:
		out->cell = cell_text(json_str(v, "state"));
		break;
	case VALUE_NONE:
		break;
	case VALUE_PLAIN:
		/* Numbers, checkboxes, addresses, times, and what Notion may have one day. */
		out->cell = json_is_str(v) ? cell_text(json_value_str(v)) : cell_json(a, v);
		break;
	}
}
