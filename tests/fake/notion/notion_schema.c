/*
 * notion_schema.c - the properties of data sources: added, renamed, given another type, removed.
 */
#include "fake/notion/notion.h"

#include <stdlib.h>

#include "base/pct.h"
#include "base/rand.h"

enum { PROPERTIES_MAX = 500, OPTIONS_MAX = 100 };

static const char *const schema_types[] = {
	"title",
	"rich_text",
	"number",
	"select",
	"multi_select",
	"status",
	"date",
	"people",
	"files",
	"checkbox",
	"url",
	"email",
	"phone_number",
	"formula",
	"relation",
	"rollup",
	"created_time",
	"created_by",
	"last_edited_time",
	"last_edited_by",
	"unique_id",
	"button",
	"verification",
};

static const char *const schema_colors[] = {
	"blue",
	"green",
	"orange",
	"pink",
	"purple",
	"red",
	"yellow",
};

bool
type_is(const json *property, const char *type)
{
	const char *have = json_str(property, "type");

	return have && strcmp(have, type) == 0;
}

/* Ids are told encoded as they go into addresses. */
static bool
schema_named(const json *p, const char *name)
{
	const char *id = json_str(p, "id"), *own = json_str(p, "name");
	char plain[40];
	size_t n = 0;

	if (strcmp(own, name) == 0 || strcmp(id, name) == 0)
		return true;
	for (const char *s = id; *s && n + 1 < sizeof plain; s++) {
		const char hex[3] = { s[0] == '%' ? s[1] : '0', s[0] == '%' ? s[2] : '0', 0 };

		plain[n++] = *s == '%' ? (char)strtol(hex, NULL, 16) : *s;
		s += *s == '%' ? 2 : 0;
	}
	plain[n] = 0;
	return strcmp(plain, name) == 0;
}

json *
property_by(const struct notion_object *source, const char *name)
{
	for (size_t i = 0; name && i < json_len(source->properties); i++)
		if (schema_named(json_nth(source->properties, i), name))
			return json_nth(source->properties, i);
	return NULL;
}

static const char *
schema_id(struct fake *f)
{
	static const char letters[] =
	    "abcdefghijkmnoprstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:;<=>?@[]^_`{|}~";
	struct buf *b = buf_in(f->a, 40);
	char plain[5] = "";

	for (int i = 0; i < 4; i++)
		plain[i] = letters[rand_below(sizeof letters - 1)];
	url_encode(b, plain);
	return buf_c(b);
}

/*
 * Options of select, multi_select and status.
 */
static json *
option_by(const json *property, const char *key, const char *value)
{
	const json *list = json_at(json_at(property, json_str(property, "type")), "options");

	for (size_t i = 0; value && i < json_len(list); i++)
		if (strcmp(json_str(json_nth(list, i), key), value) == 0)
			return json_nth(list, i);
	return NULL;
}

json *
option_add(struct fake *f, json *property, const char *name)
{
	json *config = json_at(property, json_str(property, "type"));
	json *list = json_at(config, "options"), *one = option_by(property, "name", name);

	if (one)
		return one;
	one = json_new(f->a);
	json_set_str(one, "id", notion_id(f));
	json_set_str(one, "name", name);
	json_set_str(one, "color", schema_colors[json_len(list) % 7]);
	json_set_null(one, "description");
	json_add(list, one);
	return one;
}

static bool
schema_options(struct call *c, json *property, const json *given)
{
	const json *list = json_at(given, "options");

	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_str(json_nth(list, i), "name");

		if (!name || strchr(name, ',') || strlen(name) > OPTIONS_MAX) {
			refuse_invalid(
			    c, "Invalid select option, commas not allowed: %s", name ? name : "");
			return false;
		}
		option_add(c->f, property, name);
	}
	return true;
}

/* "To-do", "In progress" and "Complete", each with an option, unless others are named. */
static void
schema_status(struct call *c, json *property, json *config)
{
	static const char *const groups[] = { "To-do", "In progress", "Complete" };
	static const char *const usual[] = { "Not started", "In progress", "Done" };
	json *list = json_list(c->f->a);
	const bool given = json_len(json_at(config, "options")) > 0;

	for (size_t i = 0; i < 3; i++) {
		json *group = json_new(c->f->a), *ids = json_list(c->f->a);

		if (!given)
			option_add(c->f, property, usual[i]);
		for (size_t k = i; k < json_len(json_at(config, "options")); k += 3)
			json_add_str(ids, json_str(json_nth(json_at(config, "options"), k), "id"));
		json_set_str(group, "id", notion_id(c->f));
		json_set_str(group, "name", groups[i]);
		json_set_str(group, "color", i == 0 ? "gray" : schema_colors[i]);
		json_set(group, "option_ids", ids);
		json_add(list, group);
	}
	json_set(config, "groups", list);
}

/*
 * What one type needs.
 */
static bool
schema_relation(struct call *c, const json *given, json *config)
{
	const char *id = id_read(c->a, json_str(given, "data_source_id"));
	struct notion_object *to = object_by(c->f, id);

	if (!to || to->kind != OBJECT_SOURCE || !object_seen(bot_of(c), to)) {
		refuse_invalid(c,
		    "body failed validation: relation.data_source_id should be defined, instead "
		    "was `%s`.",
		    id ? id : "undefined");
		return false;
	}
	if (!json_has(given, "single_property")) {
		refuse_invalid(c,
		    "body failed validation: relation.single_property should be defined, instead "
		    "was `undefined`.");
		return false;
	}
	json_set_str(config, "data_source_id", to->id);
	json_set_str(config, "database_id", to->now.parent->id);
	json_set_str(config, "type", "single_property");
	json_set(config, "single_property", json_new(c->f->a));
	return true;
}

static bool
schema_rollup(struct call *c, const struct notion_object *source, const json *given, json *config)
{
	const char *by = json_str(given, "relation_property_name");
	const char *what = json_str(given, "rollup_property_name");
	const char *function = json_str(given, "function");
	const json *relation, *rolled = NULL;

	by = by ? by : json_str(given, "relation_property_id");
	what = what ? what : json_str(given, "rollup_property_id");
	relation = property_by(source, by);
	if (relation && type_is(relation, "relation"))
		rolled = property_by(
		    object_by(c->f, json_str(json_at(relation, "relation"), "data_source_id")),
		    what);
	if (!rolled || !function) {
		refuse_invalid(c, "Cannot find the relation or the property of the rollup.");
		return false;
	}
	json_set_str(config, "relation_property_name", json_str(relation, "name"));
	json_set_str(config, "relation_property_id", json_str(relation, "id"));
	json_set_str(config, "rollup_property_name", json_str(rolled, "name"));
	json_set_str(config, "rollup_property_id", json_str(rolled, "id"));
	json_set_str(config, "function", function);
	return true;
}

static bool
schema_config(struct call *c, struct notion_object *source, json *property, const json *given)
{
	json *config = json_new(c->f->a);
	const char *type = json_str(property, "type");

	json_set(property, type, config);
	if (type_is(property, "select") || type_is(property, "multi_select") ||
	    type_is(property, "status")) {
		json_set(config, "options", json_list(c->f->a));
		if (!schema_options(c, property, given))
			return false;
		if (type_is(property, "status"))
			schema_status(c, property, config);
	} else if (type_is(property, "number")) {
		json_set_str(config, "format",
		    json_str(given, "format") ? json_str(given, "format") : "number");
	} else if (type_is(property, "formula")) {
		json_set_str(config, "expression",
		    json_str(given, "expression") ? json_str(given, "expression") : "");
	} else if (type_is(property, "unique_id")) {
		json_set_str(config, "prefix", json_str(given, "prefix"));
	} else if (type_is(property, "relation")) {
		return schema_relation(c, given, config);
	} else if (type_is(property, "rollup")) {
		return schema_rollup(c, source, given, config);
	}
	return true;
}

/* The type that a configuration names, by "type" or by its one typed member. */
static const char *
schema_type(const json *given)
{
	const char *type = json_str(given, "type");

	for (size_t i = 0; i < sizeof schema_types / sizeof *schema_types; i++)
		if (type ? strcmp(type, schema_types[i]) == 0 : json_has(given, schema_types[i]))
			return schema_types[i];
	return NULL;
}

/*
 * Changes.
 */
static bool
schema_add(struct call *c, struct notion_object *source, const char *name, const json *given)
{
	json *p = json_new(c->f->a);
	const char *type = schema_type(given);
	const bool title = type && strcmp(type, "title") == 0;

	if (!type) {
		refuse_invalid(c,
		    "body failed validation: body.properties.%s.type should be defined, instead "
		    "was `undefined`.",
		    name);
		return false;
	}
	if (title && property_by(source, "title")) {
		refuse_invalid(c, "Cannot create new title property.");
		return false;
	}
	if (json_len(source->properties) >= PROPERTIES_MAX) {
		refuse_invalid(c, "The data source has too many properties.");
		return false;
	}
	json_set_str(p, "id", title ? "title" : schema_id(c->f));
	json_set_str(p, "name", name);
	json_set_null(p, "description");
	json_set_str(p, "type", type);
	if (!schema_config(c, source, p, json_at(given, type)))
		return false;
	json_add(source->properties, p);
	return true;
}

static void
schema_remove(struct call *c, struct notion_object *source, const json *gone)
{
	json *left = json_list(c->f->a);

	for (size_t i = 0; i < json_len(source->properties); i++)
		if (json_nth(source->properties, i) != gone)
			json_add(left, json_nth(source->properties, i));
	source->properties = left;
}

/* Texts and names survive another type; what does not fit is empty. */
static json *
schema_converted(struct call *c, json *property, const char *from, const json *old)
{
	struct arena *a = c->f->a;
	const char *type = json_str(property, "type"), *text = NULL;
	json *value = value_empty(a, type);

	if (strcmp(from, "rich_text") == 0)
		text = text_of(a, old);
	else if (strcmp(from, "select") == 0 || strcmp(from, "status") == 0)
		text = json_str(old, "name");
	else if (strcmp(from, "url") == 0 || strcmp(from, "email") == 0 ||
	    strcmp(from, "phone_number") == 0)
		text = json_value_str(old);
	else if (old && !json_is_null(old) && strcmp(from, "number") == 0)
		text = json_text(a, old);
	if (!text || !*text)
		return value;
	if (strcmp(type, "rich_text") == 0)
		return text_plain(a, text);
	if (strcmp(type, "select") == 0)
		return option_add(c->f, property, text);
	if (strcmp(type, "url") == 0 || strcmp(type, "email") == 0)
		return json_string(a, str_c(text));
	return value;
}

static bool
schema_retype(struct call *c, struct notion_object *source, json *p, const json *given)
{
	const char *from = json_str(p, "type"), *type = schema_type(given), *id = json_str(p, "id");

	from = arena_dup(c->a, from);
	if (!type || strcmp(type, from) == 0) {
		if (type && json_len(json_at(json_at(given, type), "options")))
			return schema_options(c, p, json_at(given, type));
		return true;
	}
	if (strcmp(from, "title") == 0 || strcmp(type, "title") == 0) {
		refuse_invalid(c, "Cannot change the type of the title property.");
		return false;
	}
	json_unset(p, from);
	json_set_str(p, "type", type);
	if (!schema_config(c, source, p, json_at(given, type)))
		return false;
	for (struct notion_object *o = source->child; o; o = o->sibling) {
		object_changes(c->f, o);
		o->now.values = notion_keep(c->f, o->now.values);
		json_set(
		    o->now.values, id, schema_converted(c, p, from, json_at(o->now.values, id)));
	}
	return true;
}

static bool
schema_one(struct call *c, struct notion_object *source, const char *name, const json *given)
{
	json *p = property_by(source, name);
	const char *other = json_str(given, "name");

	if (!p && json_is_null(given)) {
		refuse_invalid(c, "%s is not a property that exists.", name);
		return false;
	}
	if (!p)
		return schema_add(c, source, other ? other : name, given);
	if (json_is_null(given) && type_is(p, "title")) {
		refuse_invalid(c, "Cannot delete title property.");
		return false;
	}
	if (json_is_null(given)) {
		schema_remove(c, source, p);
		return true;
	}
	if (other && property_by(source, other) && property_by(source, other) != p) {
		refuse_invalid(c, "Cannot rename property: %s is taken.", other);
		return false;
	}
	if (other)
		json_set_str(p, "name", other);
	return schema_retype(c, source, p, given);
}

bool
schema_change(struct call *c, struct notion_object *source, const json *properties)
{
	json *before;

	if (!json_is_obj(properties)) {
		refuse_invalid(c,
		    "body failed validation: body.properties should be an object, instead was "
		    "`%.100s`.",
		    properties ? json_text(c->a, properties) : "undefined");
		return false;
	}
	before = notion_keep(c->f, source->properties);
	for (struct json_iter it = { 0 }; json_each(properties, &it);)
		if (!schema_one(c, source, it.key, it.value)) {
			source->properties = before;
			return false;
		}
	return true;
}

json *
schema_json(struct call *c, const struct notion_object *source)
{
	json *j = json_new(c->a);

	for (size_t i = 0; i < json_len(source->properties); i++) {
		json *p = json_nth(source->properties, i);

		json_set(j, json_str(p, "name"), p);
	}
	return j;
}
