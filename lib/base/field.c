/*
 * field.c - checks inputs against rows of struct field. The sentences are shown beside the
 * field, so they do not repeat its name.
 *
 * A JSON body sends numbers, flags, lists and objects as such; a form sends texts. Both are
 * taken, and only the JSON form goes on.
 */
#include "base/field.h"

#include <stdio.h>

enum { FIELD_CHARS = 2000, ITEMS_MAX = 200 };

struct check {
	struct arena *a;
	const struct field *f;
	const char *prefix;
	json *out, *errors;
};

static const char *const type_names[] = {
	[FIELD_TEXT] = "text",
	[FIELD_URL] = "url",
	[FIELD_INT] = "integer",
	[FIELD_BOOL] = "boolean",
	[FIELD_CHOICE] = "choice",
	[FIELD_LIST] = "list",
	[FIELD_MAP] = "map",
	[FIELD_SECRET] = "secret",
};

const char *
field_type_name(enum field_type type)
{
	return type_names[type];
}

static void
field_fault(const struct check *c, const char *name, const char *message)
{
	json *e = json_new(c->a);
	bool plain = !c->prefix || !*c->prefix;

	json_set_str(e, "field", plain ? name : arena_printf(c->a, "%s.%s", c->prefix, name));
	json_set_str(e, "message", message);
	json_add(c->errors, e);
}

static bool
has_controls(struct str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F) &&
		    !(lines && strchr("\n\r\t", s.p[i]) && s.p[i]))
			return true;
	return false;
}

/* NULL when the text fits, else the complaint. */
static const char *
text_fault(const struct check *c, struct str s)
{
	const bool own = c->f->max && c->f->type != FIELD_LIST;
	int64_t n = (int64_t)str_chars(s), max = own ? c->f->max : FIELD_CHARS;

	if (!str_utf8_ok(s))
		return "This is not valid UTF-8.";
	if (has_controls(s, c->f->type == FIELD_SECRET))
		return "This holds a line break or another control character.";
	if (n > max)
		return arena_printf(c->a, "Use at most %lld characters.", (long long)max);
	if (n < c->f->min)
		return arena_printf(c->a, "Use at least %lld characters.", (long long)c->f->min);
	return NULL;
}

static const char *
url_fault(const struct check *c, struct str s)
{
	struct str rest;

	if (str_istarts(s, "https://"))
		rest = (struct str){ s.p + 8, s.n - 8 };
	else if (str_istarts(s, "http://"))
		rest = (struct str){ s.p + 7, s.n - 7 };
	else
		return "Give a full address that begins with http:// or https://.";
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '<' || s.p[i] == '>' || s.p[i] == '"' ||
		    s.p[i] == '\\')
			return "An address holds no spaces, quotes, angle brackets or backslashes.";
	if (rest.n == 0 || strchr("/?#:@", rest.p[0]))
		return "The name of the server is missing from the address.";
	return text_fault(c, s);
}

static bool
is_choice(const char *choices, struct str s)
{
	struct str rest = str_c(choices), one;

	while (rest.p) {
		one = str_cut(rest, '|', &rest);
		if (str_eq(one, s))
			return true;
	}
	return false;
}

static void
check_text(const struct check *c, const json *in)
{
	struct str s = str_trim(str_c(json_value_str(in)));
	const char *fault = "This must be a text.";

	if (json_is_str(in)) {
		if (c->f->type == FIELD_URL)
			fault = url_fault(c, s);
		else if (c->f->type == FIELD_CHOICE)
			fault = is_choice(c->f->choices, s)
			    ? NULL
			    : arena_printf(c->a, "Choose one of: %s.", c->f->choices);
		else
			fault = text_fault(c, s);
	}
	if (fault)
		field_fault(c, c->f->name, fault);
	else
		json_set_s(c->out, c->f->name, s);
}

static void
check_int(const struct check *c, const json *in)
{
	bool ranged = c->f->min != 0 || c->f->max != 0;
	int64_t min = ranged ? c->f->min : INT64_MIN;
	int64_t max = ranged ? c->f->max : INT64_MAX;
	int64_t v = json_value_i64(in);

	if (json_is_int(in)
		? v >= min && v <= max
		: json_is_str(in) && str_i64(str_trim(str_c(json_value_str(in))), min, max, &v))
		json_set_i64(c->out, c->f->name, v);
	else if (ranged)
		field_fault(c, c->f->name,
		    arena_printf(c->a, "Give a whole number from %lld to %lld.", (long long)min,
			(long long)max));
	else
		field_fault(c, c->f->name, "Give a whole number.");
}

static void
check_bool(const struct check *c, const json *in)
{
	struct str s = str_trim(str_c(json_value_str(in)));

	if (json_is_bool(in))
		json_set_bool(c->out, c->f->name, json_value_bool(in));
	else if (json_is_str(in) && (str_is(s, "true") || str_is(s, "on") || str_is(s, "1")))
		json_set_bool(c->out, c->f->name, true);
	else if (json_is_str(in) && (str_is(s, "false") || str_is(s, "off") || str_is(s, "0")))
		json_set_bool(c->out, c->f->name, false);
	else
		field_fault(c, c->f->name, "This must be true or false.");
}

static bool
list_add(const struct check *c, json *list, struct str s)
{
	const int64_t max = c->f->max ? c->f->max : ITEMS_MAX;
	const char *fault;

	s = str_trim(s);
	if (s.n == 0)
		return true;
	fault = (int64_t)json_len(list) >= max
	    ? arena_printf(c->a, "Give at most %lld items.", (long long)max)
	    : text_fault(c, s);
	if (fault) {
		field_fault(c, c->f->name, fault);
		return false;
	}
	json_add(list, json_string(c->a, s));
	return true;
}

static void
check_list(const struct check *c, const json *in)
{
	json *list = json_list(c->a);

	if (json_is_str(in)) {
		struct str rest = str_c(json_value_str(in));

		while (rest.p)
			if (!list_add(c, list, str_cut(rest, ',', &rest)))
				return;
	} else if (json_is_list(in)) {
		for (size_t i = 0; i < json_len(in); i++) {
			if (!json_is_str(json_nth(in, i))) {
				field_fault(c, c->f->name, "This must be a list of texts.");
				return;
			}
			if (!list_add(c, list, str_c(json_value_str(json_nth(in, i)))))
				return;
		}
	} else {
		field_fault(c, c->f->name, "This must be a list of texts.");
		return;
	}
	if (json_len(list) > 0)
		json_set(c->out, c->f->name, list);
	else if (c->f->required)
		field_fault(c, c->f->name, "This is needed.");
}

static bool
map_add(const struct check *c, json *map, struct str name, struct str value)
{
	const char *key, *fault = NULL;

	name = str_trim(name);
	value = str_trim(value);
	key = arena_dup_str(c->a, name);
	if (name.n == 0)
		fault = "A name is missing before a colon.";
	else if (json_len(map) >= ITEMS_MAX)
		fault = arena_printf(c->a, "Give at most %d lines.", ITEMS_MAX);
	else if (json_has(map, key))
		fault = arena_printf(c->a, "%.60s is there twice.", key);
	else if (!(fault = text_fault(c, name)))
		fault = text_fault(c, value);
	if (fault) {
		field_fault(c, c->f->name, fault);
		return false;
	}
	json_set_s(map, key, value.n > 0 ? value : STR(""));
	return true;
}

static void
check_map(const struct check *c, const json *in)
{
	json *map = json_new(c->a);

	if (json_is_str(in)) {
		struct str rest = str_c(json_value_str(in)), line, value;

		while (rest.p) {
			line = str_trim(str_cut(rest, '\n', &rest));
			if (line.n == 0)
				continue;
			line = str_cut(line, ':', &value);
			if (!value.p) {
				field_fault(
				    c, c->f->name, "Write one \"Name: value\" on each line.");
				return;
			}
			if (!map_add(c, map, line, value))
				return;
		}
	} else if (json_is_obj(in)) {
		for (struct json_iter it = { 0 }; json_each(in, &it);) {
			if (!json_is_str(it.value)) {
				field_fault(c, c->f->name, "Every value must be a text.");
				return;
			}
			if (!map_add(c, map, str_c(it.key), str_c(json_value_str(it.value))))
				return;
		}
	} else {
		field_fault(c, c->f->name, "This must be an object of texts.");
		return;
	}
	if (json_len(map) > 0)
		json_set(c->out, c->f->name, map);
	else if (c->f->required)
		field_fault(c, c->f->name, "This is needed.");
}

static bool
is_empty(const json *in)
{
	return json_is_null(in) || (json_is_str(in) && str_trim(str_c(json_value_str(in))).n == 0);
}

static void
check_one(const struct check *c, const json *in)
{
	if (is_empty(in)) {
		if (c->f->required)
			field_fault(c, c->f->name, "This is needed.");
		return;
	}
	switch (c->f->type) {
	case FIELD_INT:
		check_int(c, in);
		break;
	case FIELD_BOOL:
		check_bool(c, in);
		break;
	case FIELD_LIST:
		check_list(c, in);
		break;
	case FIELD_MAP:
		check_map(c, in);
		break;
	case FIELD_TEXT:
	case FIELD_URL:
	case FIELD_CHOICE:
	case FIELD_SECRET:
		check_text(c, in);
		break;
	}
}

void
field_check(struct arena *a, const struct field *rows, const char *prefix, const json *in,
    const struct field_out *out)
{
	struct check c = { .a = a, .prefix = prefix, .errors = out->errors };
	const struct field *f;

	if (in && !json_is_obj(in)) {
		field_fault(&c, "", "This must be an object.");
		return;
	}
	for (f = rows; f->name; f++) {
		c.f = f;
		c.out = f->type == FIELD_SECRET ? out->secrets : out->good;
		check_one(&c, json_at(in, f->name));
	}
	for (struct json_iter it = { 0 }; json_each(in, &it);) {
		for (f = rows; f->name && strcmp(f->name, it.key) != 0; f++)
			;
		if (!f->name)
			field_fault(&c, it.key, "There is no such field.");
	}
}

static void
describe_choices(struct arena *a, const struct field *f, json *out)
{
	json *choices = json_list(a), *labels = json_list(a);
	struct str words = str_c(f->choices), said = str_c(f->labels ? f->labels : "");

	while (words.p) {
		struct str word = str_cut(words, '|', &words), label = { 0 };

		if (said.p)
			label = str_cut(said, '|', &said);
		if (!label.n)
			label = str_is(word, "auto") ? STR("Automatic") : word;
		json_add(choices, json_string(a, word));
		json_add(labels, json_string(a, label));
	}
	json_set(out, "choices", choices);
	json_set(out, "choiceLabels", labels);
}

json *
field_describe(struct arena *a, const struct field *rows)
{
	json *list = json_list(a);

	for (const struct field *f = rows; f->name; f++) {
		json *j = json_new(a);

		json_set_str(j, "name", f->name);
		json_set_str(j, "type", field_type_name(f->type));
		json_set_bool(j, "required", f->required);
		json_set_bool(j, "advanced", f->advanced);
		json_set_bool(j, "items", f->items);
		json_set_str(j, "label", f->label);
		json_set_str(j, "help", f->help ? f->help : "");
		if (f->search)
			json_set_str(j, "search", f->search);
		json_set_str(j, "placeholder", f->placeholder);
		if (f->choices)
			describe_choices(a, f, j);
		if (f->min != 0 || f->max != 0) {
			json_set_i64(j, "min", f->min);
			json_set_i64(j, "max", f->max);
		}
		json_add(list, j);
	}
	return list;
}
