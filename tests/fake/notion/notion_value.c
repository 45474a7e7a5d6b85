/*
 * notion_value.c - what is written to a property: checked, and in the form in which it is told.
 */
#include "fake/notion/notion.h"

#include "base/civil.h"
#include "base/clock.h"
#include "base/zone_name.h"

json *
value_empty(struct arena *a, const char *type)
{
	static const char lists[] = "|title|rich_text|multi_select|people|files|relation|";

	if (strstr(lists, arena_printf(a, "|%s|", type)))
		return json_list(a);
	if (strcmp(type, "checkbox") == 0)
		return json_at(json_stored(a, "{\"v\": false}"), "v");
	return NULL;
}

static json *
value_wrong(struct call *c, const json *property)
{
	if (!c->refused)
		refuse_invalid(c, "%s is expected to be %s.", json_str(property, "name"),
		    json_str(property, "type"));
	return NULL;
}

/* null is kept as a JSON null, which is no pointer: "v" of {"v": value} tells the two apart. */
static json *
value_kept(struct call *c, json *value)
{
	json *box = json_new(c->a);

	json_set(box, "v", value);
	return box;
}

/*
 * Dates.
 */
static bool
date_day(const char *s)
{
	int64_t y, m, d;

	return s && strlen(s) >= 10 && s[4] == '-' && s[7] == '-' &&
	    str_i64((struct str){ s, 4 }, 1, 9999, &y) &&
	    str_i64((struct str){ s + 5, 2 }, 1, 12, &m) &&
	    str_i64((struct str){ s + 8, 2 }, 1, civil_month_days(y, (int)m), &d);
}

/* "2026-10-05" or "2026-10-05T10:00:00.000+02:00", from any way to write it. NULL: it is none. */
static const char *
date_one(struct arena *a, const char *s, const struct zone *zone, int64_t *ms)
{
	const char *offset, *text;
	int64_t at;

	if (!date_day(s))
		return NULL;
	*ms = -1;
	if (!s[10])
		return arena_dup(a, s);
	if (s[10] != 'T' && s[10] != ' ')
		return NULL;
	offset = s + 11 + strcspn(s + 11, "Z+-");
	if (zone && *offset)
		return NULL;
	text = arena_printf(a, "%.10sT%.*s", s, (int)(offset - s - 11), s + 11);
	if (strlen(text) == 16)
		text = arena_printf(a, "%s:00", text);
	if (!clock_parse(str_c(arena_printf(a, "%sZ", text)), &at))
		return NULL;
	if (zone) {
		const int64_t utc = zone_to_utc(zone, at / SECOND_MS);
		const int64_t minutes = (at / SECOND_MS - utc) / 60;
		const char sign = minutes < 0 ? '-' : '+';
		const int64_t off = minutes < 0 ? -minutes : minutes;

		*ms = utc * SECOND_MS;
		return arena_printf(
		    a, "%.19s.000%c%02d:%02d", text, sign, (int)(off / 60), (int)(off % 60));
	}
	if (!*offset || *offset == 'Z')
		offset = "+00:00";
	if (!clock_parse(str_c(arena_printf(a, "%.19s%s", text, offset)), ms))
		return NULL;
	return arena_printf(a, "%.19s.000%s", text, offset);
}

bool
date_read(struct call *c, const json *given, json **out)
{
	const char *start = json_str(given, "start"), *end = json_str(given, "end");
	const char *name = json_str(given, "time_zone"), *from, *to = NULL, *wrong;
	const struct zone *zone = name ? zone_system(c->a, str_c(name)) : NULL;
	int64_t since = 0, until = 0;

	*out = NULL;
	from = !name || zone ? date_one(c->a, start, zone, &since) : NULL;
	if (from && end)
		to = date_one(c->a, end, zone, &until);
	wrong = from ? end : start;
	if (!from || (end && !to)) {
		refuse_invalid(c,
		    "body failed validation: date.%s should be a valid ISO 8601 date string, "
		    "instead was `\"%.100s\"`.",
		    from ? "end" : "start", wrong ? wrong : "undefined");
		return false;
	}
	if (to && (since < 0) != (until < 0)) {
		refuse_invalid(c, "Start and end dates must both have a time, or neither.");
		return false;
	}
	if (to && (since < 0 ? strcmp(to, from) < 0 : until < since)) {
		refuse_invalid(c, "Start date must be before end date.");
		return false;
	}
	*out = json_new(c->a);
	json_set_str(*out, "start", from);
	json_set_str(*out, "end", to);
	json_set_null(*out, "time_zone");
	return true;
}

/*
 * Others.
 */
static json *
value_text(struct call *c, const json *property, const json *v, size_t max)
{
	const char *s = json_value_str(v);

	if (json_is_null(v))
		return value_kept(c, NULL);
	if (!s)
		return value_wrong(c, property);
	if (!*s || strlen(s) > max) {
		refuse_invalid(c,
		    "body failed validation: body.properties.%s.%s.length should be %s `%zu`, "
		    "instead was `%zu`.",
		    json_str(property, "name"), json_str(property, "type"), *s ? "≤" : "≥",
		    *s ? max : 1, strlen(s));
		return NULL;
	}
	return value_kept(c, json_string(c->f->a, str_c(s)));
}

/* As it is told: without the description. */
static json *
value_option(struct call *c, json *property, const json *given)
{
	const char *name = json_str(given, "name"), *id = json_str(given, "id");
	json *list = json_at(json_at(property, json_str(property, "type")), "options");
	json *option = NULL, *told = json_new(c->f->a);

	for (size_t i = 0; i < json_len(list) && !option; i++) {
		json *one = json_nth(list, i);

		if ((id && strcmp(id, json_str(one, "id")) == 0) ||
		    (!id && name && strcmp(name, json_str(one, "name")) == 0))
			option = one;
	}
	if (!option && type_is(property, "status") && name) {
		refuse_invalid(
		    c, "Invalid status option. Status option \"%s\" does not exist\".", name);
		return NULL;
	}
	if (!option && (!name || !*name || strchr(name, ','))) {
		refuse_invalid(
		    c, "Invalid select option, commas not allowed: %s", name ? name : "");
		return NULL;
	}
	if (!option)
		option = option_add(c->f, property, name);
	json_set_str(told, "id", json_str(option, "id"));
	json_set_str(told, "name", json_str(option, "name"));
	json_set_str(told, "color", json_str(option, "color"));
	return told;
}

static json *
value_person(struct call *c, const json *given)
{
	const char *id = id_read(c->a, json_str(given, "id"));
	const struct notion_user *u = notion_user_by(bot_of(c)->space, id);

	if (!u)
		refuse_invalid(c, "Could not find user with ID: %s.", id ? id : "(none)");
	return u ? user_stub(c->f->a, u) : NULL;
}

static json *
value_related(struct call *c, const json *property, const json *given)
{
	const char *id = id_read(c->a, json_str(given, "id"));
	const char *source = json_str(json_at(property, "relation"), "data_source_id");
	const struct notion_object *o = object_by(c->f, id);
	json *j = json_new(c->f->a);

	if (!o || !o->now.parent || strcmp(o->now.parent->id, source) != 0 ||
	    !object_seen(bot_of(c), o)) {
		refuse_notion(c, 404, "object_not_found",
		    "Could not find page with ID: %s. Make sure the relevant pages and databases "
		    "are shared with your integration.",
		    id ? id : "(none)");
		return NULL;
	}
	json_set_str(j, "id", o->id);
	return j;
}

/* One that Notion itself keeps has an address that is good for an hour only: it is made when it is
 * told. */
static json *
value_file(struct call *c, const json *property, const json *given)
{
	const char *url = json_str(json_at(given, "external"), "url");
	const bool own = json_at(given, "file") != NULL;
	json *j = json_new(c->f->a), *inner = json_new(c->f->a);

	if (!json_str(given, "name") || (!url && !own) || (url && strlen(url) > 2000))
		return value_wrong(c, property);
	json_set_str(j, "name", json_str(given, "name"));
	json_set_str(j, "type", own ? "file" : "external");
	json_set_str(inner, "url", own ? "" : url);
	json_set(j, own ? "file" : "external", inner);
	return j;
}

static json *
value_one(struct call *c, json *property, const json *given)
{
	if (type_is(property, "multi_select"))
		return value_option(c, property, given);
	if (type_is(property, "people"))
		return value_person(c, given);
	if (type_is(property, "relation"))
		return value_related(c, property, given);
	return value_file(c, property, given);
}

static json *
value_list(struct call *c, json *property, const json *v)
{
	json *out = json_list(c->f->a);

	if (!json_is_list(v))
		return value_wrong(c, property);
	if (json_len(v) > LIST_MAX) {
		refuse_invalid(c,
		    "body failed validation: body.properties.%s.%s.length should be ≤ `%d`, "
		    "instead was `%zu`.",
		    json_str(property, "name"), json_str(property, "type"), LIST_MAX, json_len(v));
		return NULL;
	}
	for (size_t i = 0; i < json_len(v); i++) {
		json *one = value_one(c, property, json_nth(v, i));

		if (!one)
			return NULL;
		json_add(out, one);
	}
	return value_kept(c, out);
}

static json *
value_typed(struct call *c, json *property, json *v)
{
	const char *type = json_str(property, "type");
	json *out;

	if (strstr("|title|rich_text|", arena_printf(c->a, "|%s|", type))) {
		out = text_read(c, v,
		    arena_printf(c->a, "body.properties.%s.%s", json_str(property, "name"), type));
		return out ? value_kept(c, out) : NULL;
	}
	if (strstr("|multi_select|people|relation|files|", arena_printf(c->a, "|%s|", type)))
		return value_list(c, property, v);
	if (type_is(property, "checkbox"))
		return json_is_bool(v) ? value_kept(c, v) : value_wrong(c, property);
	if (type_is(property, "url"))
		return value_text(c, property, v, 2000);
	if (type_is(property, "email") || type_is(property, "phone_number"))
		return value_text(c, property, v, 200);
	if (json_is_null(v))
		return value_kept(c, NULL);
	if (type_is(property, "number"))
		return json_is_num(v) ? value_kept(c, v) : value_wrong(c, property);
	if (!json_is_obj(v))
		return value_wrong(c, property);
	if (type_is(property, "date"))
		return date_read(c, v, &out) ? value_kept(c, out) : NULL;
	out = value_option(c, property, v);
	return out ? value_kept(c, out) : NULL;
}

json *
value_read(struct call *c, json *property, const json *value)
{
	static const char fixed[] =
	    "|formula|rollup|created_time|created_by|last_edited_time|last_edited_by|unique_id"
	    "|button|verification|";
	const char *type = json_str(property, "type"), *said = json_str(value, "type");

	if (strstr(fixed, arena_printf(c->a, "|%s|", type))) {
		refuse_invalid(
		    c, "%s cannot be written: it is %s.", json_str(property, "name"), type);
		return NULL;
	}
	if (json_is_list(value))
		return value_typed(c, property, (json *)value);
	if ((said && strcmp(said, type) != 0) || !json_has(value, type))
		return value_wrong(c, property);
	return value_typed(c, property, json_at(value, type));
}
