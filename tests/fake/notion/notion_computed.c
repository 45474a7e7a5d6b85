/*
 * notion_computed.c - formulas and rollups, as far as they are played: a formula is prop("Name") or
 * a constant; a rollup counts, adds up, or shows what there is. What an expression may be beyond
 * that is told as unsupported, which real ones are, too, now and then.
 */
#include "fake/notion/notion.h"

#include <stdlib.h>

static json *
computed_of(struct arena *a, const char *type, json *v)
{
	json *j = json_new(a);

	json_set_str(j, "type", type);
	json_set(j, type, v);
	return j;
}

static json *
computed_text(struct arena *a, const char *s)
{
	return computed_of(a, "string", s ? json_string(a, str_c(s)) : NULL);
}

/* The value of another property, as a formula has it. */
static json *
formula_prop(struct call *c, const struct notion_object *page, const json *property)
{
	const json *v = value_json(c, page, property, true);
	json *inner = json_at(v, json_str(property, "type"));

	if (type_is(property, "number"))
		return computed_of(c->a, "number", inner);
	if (type_is(property, "checkbox"))
		return computed_of(c->a, "boolean", inner);
	if (type_is(property, "date"))
		return computed_of(c->a, "date", inner);
	if (type_is(property, "title") || type_is(property, "rich_text"))
		return computed_text(c->a, text_of(c->a, inner));
	if (type_is(property, "select") || type_is(property, "status"))
		return computed_text(c->a, json_str(inner, "name"));
	return computed_text(c->a, json_value_str(inner));
}

json *
computed_formula(struct call *c, const struct notion_object *page, const json *property)
{
	const char *text = json_str(json_at(property, "formula"), "expression");
	const char *end = strstr(text, "\")");
	const json *other;
	json *constant;

	if (strncmp(text, "prop(\"", 6) == 0 && end && !end[2]) {
		other = property_by(
		    page->now.parent, arena_printf(c->a, "%.*s", (int)(end - text - 6), text + 6));
		if (other && !type_is(other, "formula"))
			return formula_prop(c, page, other);
	}
	constant = json_at(json_stored(c->a, arena_printf(c->a, "{\"v\": %s}", text)), "v");
	if (json_is_num(constant))
		return computed_of(c->a, "number", constant);
	if (json_is_bool(constant))
		return computed_of(c->a, "boolean", constant);
	if (json_is_str(constant))
		return computed_of(c->a, "string", constant);
	return computed_of(c->a, "unsupported", json_new(c->a));
}

static double
rollup_number(struct arena *a, const json *v)
{
	const json *n = json_at(v, "number");

	return json_is_num(n) ? strtod(json_text(a, n), NULL) : 0;
}

json *
computed_rollup(struct call *c, const struct notion_object *page, const json *property, bool whole)
{
	const json *config = json_at(property, "rollup");
	const char *function = json_str(config, "function");
	const struct notion_object *source = page->now.parent;
	const json *relation = property_by(source, json_str(config, "relation_property_id"));
	const json *ids = json_at(page->now.values, json_str(config, "relation_property_id"));
	json *j = json_new(c->a), *array = json_list(c->a), *number = json_new(c->a);
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; relation && i < json_len(ids); i++) {
		const struct notion_object *o = object_by(c->f, json_str(json_nth(ids, i), "id"));
		const json *what = o
		    ? property_by(o->now.parent, json_str(config, "rollup_property_id"))
		    : NULL;
		json *v;

		if (!what || object_trashed(o) || !object_seen(bot_of(c), o) ||
		    type_is(what, "rollup"))
			continue;
		v = value_json(c, o, what, true);
		json_unset(v, "id");
		json_unset(v, "has_more");
		sum += rollup_number(c->a, v);
		if (whole || n < INLINE_MAX)
			json_add(array, v);
		n++;
	}
	json_set_str(j, "function", function);
	if (strcmp(function, "show_original") == 0) {
		json_set_str(j, "type", "array");
		json_set(j, "array", array);
		return j;
	}
	json_set_f(number, "v", strcmp(function, "sum") == 0 ? sum : (double)n);
	json_set_str(j, "type", "number");
	json_set(j, "number", json_at(number, "v"));
	return j;
}
