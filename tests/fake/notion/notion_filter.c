/*
 * notion_filter.c - filters of queries, by the types of properties.
 */
#include "fake/notion/notion.h"

#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"

enum { FILTER_DEPTH = 3 };

/* The condition a type of property takes, and its words. */
static const struct {
	const char *type, *as, *words;
} filter_types[] = {
	{ "title", "title",
	    "|equals|does_not_equal|contains|does_not_contain|starts_with|ends_with|" },
	{ "rich_text", "rich_text",
	    "|equals|does_not_equal|contains|does_not_contain|starts_with|ends_with|" },
	{ "url", "url", "|equals|does_not_equal|contains|does_not_contain|starts_with|ends_with|" },
	{ "email", "email",
	    "|equals|does_not_equal|contains|does_not_contain|starts_with|ends_with|" },
	{ "phone_number", "phone_number",
	    "|equals|does_not_equal|contains|does_not_contain|starts_with|ends_with|" },
	{ "number", "number",
	    "|equals|does_not_equal|greater_than|less_than|greater_than_or_equal_to"
	    "|less_than_or_equal_to|" },
	{ "unique_id", "unique_id",
	    "|equals|does_not_equal|greater_than|less_than|greater_than_or_equal_to"
	    "|less_than_or_equal_to|" },
	{ "checkbox", "checkbox", "|equals|does_not_equal|" },
	{ "select", "select", "|equals|does_not_equal|" },
	{ "status", "status", "|equals|does_not_equal|" },
	{ "multi_select", "multi_select", "|contains|does_not_contain|" },
	{ "people", "people", "|contains|does_not_contain|" },
	{ "relation", "relation", "|contains|does_not_contain|" },
	{ "files", "files", "|" },
	{ "date", "date", "|equals|before|after|on_or_before|on_or_after|" },
	{ "created_time", "created_time", "|equals|before|after|on_or_before|on_or_after|" },
	{ "last_edited_time", "last_edited_time",
	    "|equals|before|after|on_or_before|on_or_after|" },
};

static bool
filter_word_known(struct arena *a, const char *type, const char *word)
{
	for (size_t i = 0; i < sizeof filter_types / sizeof *filter_types; i++)
		if (strcmp(filter_types[i].type, type) == 0)
			return strcmp(word, "is_empty") == 0 || strcmp(word, "is_not_empty") == 0 ||
			    strstr(filter_types[i].words, arena_printf(a, "|%s|", word)) != NULL;
	return false;
}

/* The name of a filter's condition: what is neither "property" nor "timestamp" nor "type". */
static const char *
filter_condition(const json *filter)
{
	for (struct json_iter it = { 0 }; json_each(filter, &it);)
		if (strcmp(it.key, "property") != 0 && strcmp(it.key, "timestamp") != 0 &&
		    strcmp(it.key, "type") != 0)
			return it.key;
	return "";
}

static bool
filter_check_words(struct call *c, const char *type, const json *condition)
{
	if (!json_is_obj(condition) || json_len(condition) != 1) {
		refuse_invalid(c,
		    "body failed validation: body.filter.%s should be an object with one "
		    "condition, instead was `%.100s`.",
		    type, condition ? json_text(c->a, condition) : "undefined");
		return false;
	}
	for (struct json_iter it = { 0 }; json_each(condition, &it);)
		if (!filter_word_known(c->a, type, it.key)) {
			refuse_invalid(c,
			    "body failed validation: body.filter.%s.%s should be not present, "
			    "instead was `%.100s`.",
			    type, it.key, json_text(c->a, it.value));
			return false;
		}
	return true;
}

static const json *
filter_group(const json *filter)
{
	const json *all = json_at(filter, "and");

	return all ? all : json_at(filter, "or");
}

bool
filter_check(struct call *c, const struct notion_object *source, const json *filter, int depth)
{
	const json *group = filter_group(filter), *p;
	const char *stamp = json_str(filter, "timestamp"), *name = json_str(filter, "property");
	const char *type = filter_condition(filter);

	if (group && depth < FILTER_DEPTH && json_len(filter) == 1) {
		for (size_t i = 0; i < json_len(group); i++)
			if (!filter_check(c, source, json_nth(group, i), depth + 1))
				return false;
		return true;
	}
	if (group || (!stamp && !name) || !json_is_obj(filter)) {
		refuse_invalid(c, "body failed validation: body.filter is not a valid filter.");
		return false;
	}
	if (stamp && strcmp(stamp, type) != 0) {
		refuse_invalid(c,
		    "body failed validation: body.filter.%s should be defined, instead was "
		    "`undefined`.",
		    stamp);
		return false;
	}
	p = name ? property_by(source, name) : NULL;
	if (name && !p) {
		refuse_invalid(c, "Could not find property with name or id: %s", name);
		return false;
	}
	if (p && !type_is(p, type)) {
		refuse_invalid(
		    c, "database property %s does not match filter %s", json_str(p, "type"), type);
		return false;
	}
	return filter_check_words(c, type, json_at(filter, type));
}

/*
 * Does it fit?
 */
static bool
filter_text(const char *have, const char *word, const json *want)
{
	const char *v = json_value_str(want) ? json_value_str(want) : "";
	const size_t n = strlen(have), m = strlen(v);

	if (strcmp(word, "is_empty") == 0)
		return n == 0;
	if (strcmp(word, "is_not_empty") == 0)
		return n > 0;
	if (strcmp(word, "equals") == 0)
		return strcmp(have, v) == 0;
	if (strcmp(word, "does_not_equal") == 0)
		return strcmp(have, v) != 0;
	if (strcmp(word, "contains") == 0)
		return strcasestr(have, v) != NULL;
	if (strcmp(word, "does_not_contain") == 0)
		return !strcasestr(have, v);
	if (strcmp(word, "starts_with") == 0)
		return strncasecmp(have, v, m) == 0;
	return n >= m && strcasecmp(have + n - m, v) == 0;
}

static bool
filter_number(struct arena *a, const json *have, const char *word, const json *want)
{
	double x, v;

	if (strcmp(word, "is_empty") == 0)
		return !json_is_num(have);
	if (strcmp(word, "is_not_empty") == 0)
		return json_is_num(have);
	if (!json_is_num(have) || !json_is_num(want))
		return strcmp(word, "does_not_equal") == 0;
	x = strtod(json_text(a, have), NULL);
	v = strtod(json_text(a, want), NULL);
	if (strcmp(word, "greater_than") == 0)
		return x > v;
	if (strcmp(word, "less_than") == 0)
		return x < v;
	if (strcmp(word, "greater_than_or_equal_to") == 0)
		return x >= v;
	if (strcmp(word, "less_than_or_equal_to") == 0)
		return x <= v;
	return (x < v || x > v) == (strcmp(word, "does_not_equal") == 0);
}

/* A list of {"id", "name"}. */
static bool
filter_list(const json *have, const char *word, const json *want)
{
	const char *v = json_value_str(want) ? json_value_str(want) : "";
	bool in = false;

	if (strcmp(word, "is_empty") == 0 || strcmp(word, "is_not_empty") == 0)
		return (json_len(have) == 0) == (strcmp(word, "is_empty") == 0);
	for (size_t i = 0; i < json_len(have); i++) {
		const char *id = json_str(json_nth(have, i), "id");
		const char *name = json_str(json_nth(have, i), "name");

		in |= (id && strcmp(id, v) == 0) || (name && strcmp(name, v) == 0);
	}
	return in == (strcmp(word, "contains") == 0);
}

/* A day stands for its first moment, or all of it, as the word wants. */
static bool
filter_read(struct arena *a, const char *text, int64_t *ms)
{
	const bool day = strlen(text) == 10;

	return clock_parse(str_c(day ? arena_printf(a, "%sT00:00:00Z", text) : text), ms);
}

static bool
filter_moment(struct arena *a, const char *have, const char *word, const json *want)
{
	const char *v = json_value_str(want);
	int64_t x, from, until;

	if (strcmp(word, "is_empty") == 0)
		return !have;
	if (strcmp(word, "is_not_empty") == 0)
		return have != NULL;
	if (!have || !v || !filter_read(a, have, &x) || !filter_read(a, v, &from))
		return false;
	until = strlen(v) == 10 ? from + DAY_MS - 1 : from;
	if (strcmp(word, "before") == 0)
		return x < from;
	if (strcmp(word, "after") == 0)
		return x > until;
	if (strcmp(word, "on_or_before") == 0)
		return x <= until;
	if (strcmp(word, "on_or_after") == 0)
		return x >= from;
	return x >= from && x <= until;
}

static bool
filter_value(struct arena *a, const char *type, const json *v, const struct json_iter *it)
{
	const char *name = json_str(v, "name");
	bool same;

	if (strcmp(type, "title") == 0 || strcmp(type, "rich_text") == 0)
		return filter_text(text_of(a, v), it->key, it->value);
	if (strcmp(type, "select") == 0 || strcmp(type, "status") == 0)
		return filter_text(name ? name : "", it->key, it->value);
	if (strcmp(type, "checkbox") == 0) {
		same = json_value_bool(v) == json_value_bool(it->value);
		return same == (strcmp(it->key, "equals") == 0);
	}
	if (strcmp(type, "number") == 0)
		return filter_number(a, v, it->key, it->value);
	if (strcmp(type, "date") == 0)
		return filter_moment(a, json_str(v, "start"), it->key, it->value);
	if (json_is_list(v))
		return filter_list(v, it->key, it->value);
	return filter_text(json_value_str(v) ? json_value_str(v) : "", it->key, it->value);
}

static bool
filter_one(struct call *c, const struct notion_object *source, const struct notion_object *page,
    const json *filter)
{
	const char *type = filter_condition(filter), *name = json_str(filter, "property");
	const json *p = name ? property_by(source, name) : NULL;
	struct json_iter it = { 0 };

	if (!json_each(json_at(filter, type), &it))
		return false;
	if (strcmp(type, "created_time") == 0)
		return filter_moment(c->a, minute_text(c->a, page->created), it.key, it.value);
	if (strcmp(type, "last_edited_time") == 0)
		return filter_moment(c->a, minute_text(c->a, page->now.edited), it.key, it.value);
	if (strcmp(type, "unique_id") == 0) {
		json *box = json_new(c->a);

		json_set_i64(box, "v", page->number);
		return filter_number(c->a, json_at(box, "v"), it.key, it.value);
	}
	return filter_value(c->a, type, json_at(page->now.values, json_str(p, "id")), &it);
}

bool
filter_fits(struct call *c, const struct notion_object *source, const struct notion_object *page,
    const json *filter)
{
	const json *all = json_at(filter, "and"), *any = json_at(filter, "or");

	for (size_t i = 0; i < json_len(all); i++)
		if (!filter_fits(c, source, page, json_nth(all, i)))
			return false;
	for (size_t i = 0; i < json_len(any); i++)
		if (filter_fits(c, source, page, json_nth(any, i)))
			return true;
	if (all || any)
		return all != NULL;
	return !filter || filter_one(c, source, page, filter);
}
