/*
 * notion_show.c - pages as they are told: in full but for lists, which are cut; the rest of those
 * comes by property.
 */
#include "fake/notion/notion.h"

#include <ctype.h>

#include "base/clock.h"

/*
 * Values.
 */
static json *
show_people(struct call *c, const struct notion_object *page, const json *list)
{
	json *out = json_list(c->a);

	for (size_t i = 0; i < json_len(list); i++)
		json_add(out,
		    user_json(c, notion_user_by(page->space, json_str(json_nth(list, i), "id"))));
	return out;
}

/* Addresses of Notion's own files are good for an hour, and another one each time. */
static json *
show_files(struct call *c, const json *list)
{
	json *out = json_list(c->a);
	char until[CLOCK_TEXT];

	for (size_t i = 0; i < json_len(list); i++) {
		const json *kept = json_nth(list, i);
		json *one, *file;

		if (!json_at(kept, "file")) {
			json_add(out, json_nth(list, i));
			continue;
		}
		one = json_new(c->a);
		file = json_new(c->a);
		json_set_str(file, "url",
		    arena_printf(c->a,
			"https://prod-files-secure.s3.us-west-2.amazonaws.com/%s?X-Amz-Date=%lld"
			"&X-Amz-Expires=3600&X-Amz-Signature=%s",
			json_str(kept, "name"), (long long)fake_now(c->f), fake_secret(c->a, "")));
		json_set_str(file, "expiry_time",
		    arena_printf(c->a, "%.19s.000Z", clock_text(fake_now(c->f) + HOUR_MS, until)));
		json_set_str(one, "name", json_str(kept, "name"));
		json_set_str(one, "type", "file");
		json_set(one, "file", file);
		json_add(out, one);
	}
	return out;
}

/* Of what may not be seen there is no word. */
static json *
show_related(struct call *c, const json *list)
{
	json *out = json_list(c->a);

	for (size_t i = 0; i < json_len(list); i++) {
		const struct notion_object *o = object_by(c->f, json_str(json_nth(list, i), "id"));

		if (o && !object_trashed(o) && object_seen(bot_of(c), o))
			json_add(out, json_nth(list, i));
	}
	return out;
}

static json *
show_unique(struct call *c, const struct notion_object *page, const json *property)
{
	json *j = json_new(c->a);

	json_set_str(j, "prefix", json_str(json_at(property, "unique_id"), "prefix"));
	json_set_i64(j, "number", page->number);
	return j;
}

static json *
show_verification(struct arena *a)
{
	return json_stored(a, "{\"state\": \"unverified\", \"verified_by\": null, \"date\": null}");
}

static json *
show_value(struct call *c, const struct notion_object *page, const json *property, bool whole)
{
	const struct notion_state *s = &page->now;
	const char *type = json_str(property, "type");
	json *kept = json_at(s->values, json_str(property, "id"));

	if (strcmp(type, "created_time") == 0)
		return json_string(c->a, str_c(minute_text(c->a, page->created)));
	if (strcmp(type, "last_edited_time") == 0)
		return json_string(c->a, str_c(minute_text(c->a, s->edited)));
	if (strcmp(type, "created_by") == 0)
		return user_json(c, page->creator);
	if (strcmp(type, "last_edited_by") == 0)
		return user_json(c, page->editor);
	if (strcmp(type, "unique_id") == 0)
		return show_unique(c, page, property);
	if (strcmp(type, "button") == 0)
		return json_new(c->a);
	if (strcmp(type, "verification") == 0)
		return show_verification(c->a);
	if (strcmp(type, "formula") == 0)
		return computed_formula(c, page, property);
	if (strcmp(type, "rollup") == 0)
		return computed_rollup(c, page, property, whole);
	if (strcmp(type, "people") == 0)
		return show_people(c, page, kept);
	if (strcmp(type, "files") == 0)
		return show_files(c, kept);
	if (strcmp(type, "relation") == 0)
		return show_related(c, kept);
	return json_has(s->values, json_str(property, "id")) ? kept : value_empty(c->a, type);
}

json *
value_json(struct call *c, const struct notion_object *page, const json *property, bool whole)
{
	static const char cut[] = "|title|rich_text|people|relation|";
	json *j = json_new(c->a), *v = show_value(c, page, property, whole), *part;
	const char *type = json_str(property, "type");
	const bool limited = strstr(cut, arena_printf(c->a, "|%s|", type)) != NULL;

	json_set_str(j, "id", json_str(property, "id"));
	json_set_str(j, "type", type);
	if (type_is(property, "relation"))
		json_set_bool(j, "has_more", !whole && json_len(v) > INLINE_MAX);
	if (limited && !whole && json_len(v) > INLINE_MAX) {
		part = json_list(c->a);
		for (size_t i = 0; i < INLINE_MAX; i++)
			json_add(part, json_nth(v, i));
		v = part;
	}
	json_set(j, type, v);
	return j;
}

/*
 * Pages.
 */
static bool
show_wanted(const struct call *c, const json *property)
{
	bool named = false;

	for (size_t i = 0; i < c->query.n; i++) {
		const struct param *q = &c->query.v[i];

		if (strncmp(q->name, "filter_properties", 17) != 0)
			continue;
		named = true;
		if (strcmp(q->value, json_str(property, "id")) == 0 ||
		    strcmp(q->value, json_str(property, "name")) == 0)
			return true;
	}
	return !named;
}

static json *
show_properties(struct call *c, const struct notion_object *page)
{
	const struct notion_object *source = page->now.parent;
	json *j = json_new(c->a), *title;

	if (source && source->kind == OBJECT_SOURCE) {
		for (size_t i = 0; i < json_len(source->properties); i++) {
			const json *p = json_nth(source->properties, i);

			if (show_wanted(c, p))
				json_set(j, json_str(p, "name"), value_json(c, page, p, false));
		}
		return j;
	}
	title = json_stored(c->a, "{\"id\": \"title\", \"name\": \"title\", \"type\": \"title\"}");
	json_set(j, "title", value_json(c, page, title, false));
	return j;
}

/* ".../p/Team-round-393abc1eedcd81e297eafad78f8ecc3a". */
static const char *
show_url(struct arena *a, const char *title, const char *id)
{
	struct buf *b = buf_in(a, 4000);
	const char *base = "https://app.notion.com/p/";
	size_t word;

	buf_str(b, base);
	for (; *title && b->n < 2000; title += word) {
		for (word = 0; isalnum((unsigned char)title[word]); word++)
			continue;
		buf_add(b, title, word);
		if (word)
			buf_ch(b, '-');
		else
			title++;
	}
	for (; *id; id++)
		if (*id != '-')
			buf_ch(b, *id);
	return buf_c(b);
}

json *
page_json(struct call *c, const struct notion_object *o)
{
	json *j = json_new(c->a);
	const bool gone = object_trashed(o);

	json_set_str(j, "object", "page");
	json_set_str(j, "id", o->id);
	json_set_str(j, "created_time", minute_text(c->a, o->created));
	json_set_str(j, "last_edited_time", minute_text(c->a, o->now.edited));
	json_set(j, "created_by", user_stub(c->a, o->creator));
	json_set(j, "last_edited_by", user_stub(c->a, o->editor));
	json_set(j, "cover", o->cover);
	json_set(j, "icon", o->icon);
	json_set(j, "parent", parent_json(c->a, o));
	json_set_bool(j, "in_trash", gone);
	json_set_bool(j, "is_archived", o->archived);
	json_set_bool(j, "is_locked", o->locked);
	json_set(j, "properties", show_properties(c, o));
	json_set_str(j, "url", show_url(c->a, object_title(c->a, o), o->id));
	json_set_null(j, "public_url");
	if (!version_is(c, "2026-03-11"))
		json_set_bool(j, "archived", gone);
	return j;
}

/*
 * One property: in pieces where it is a list.
 */
static json *
show_item(struct call *c, const json *value, const char *type, json *v)
{
	json *j = json_new(c->a);

	json_set_str(j, "object", "property_item");
	json_set_str(j, "id", json_str(value, "id"));
	json_set_str(j, "type", type);
	json_set(j, type, v);
	return j;
}

static void
show_items(struct call *c, const json *value, const json *all, json *about)
{
	const char *type = json_str(value, "type"), *start, *next = NULL;
	json *results = json_list(c->a), *list;
	int64_t from = 0;
	size_t size;
	const bool rollup = strcmp(type, "rollup") == 0;

	if (!list_asked(c, &size, &start))
		return;
	if (start && !str_i64(str_c(start), 0, (int64_t)json_len(all), &from)) {
		refuse_invalid(c, "The start_cursor provided is invalid: %s", start);
		return;
	}
	for (size_t i = (size_t)from; i < json_len(all) && i < (size_t)from + size; i++) {
		json *one = json_nth(all, i);

		if (rollup)
			json_add(results,
			    show_item(c, value, json_str(one, "type"),
				json_at(one, json_str(one, "type"))));
		else
			json_add(results, show_item(c, value, type, one));
	}
	if ((size_t)from + size < json_len(all))
		next = arena_printf(c->a, "%lld", (long long)from + (long long)size);
	list = list_json(c, results, next, "property_item");
	json_set_str(about, "id", json_str(value, "id"));
	json_set_str(about, "next_url",
	    next ? arena_printf(c->a,
		       "https://api.notion.com/v1/pages/%s/properties/%s?start_cursor=%s",
		       c->part[0], json_str(value, "id"), next)
		 : NULL);
	json_set_str(about, "type", type);
	json_set(list, "property_item", about);
	reply_notion(c, list);
}

void
page_property(struct call *c)
{
	const struct notion_object *o = object_of_call(c, OBJECT_PAGE, c->part[0]);
	const json *property, *inner;
	const char *type;
	json *value, *about = json_new(c->a);

	if (!o)
		return;
	property = o->now.parent && o->now.parent->kind == OBJECT_SOURCE
	    ? property_by(o->now.parent, c->part[1])
	    : NULL;
	if (!property && strcmp(c->part[1], "title") == 0)
		property = json_stored(
		    c->a, "{\"id\": \"title\", \"name\": \"title\", \"type\": \"title\"}");
	if (!property) {
		refuse_notion(
		    c, 404, "object_not_found", "Could not find property with ID: %s.", c->part[1]);
		return;
	}
	value = value_json(c, o, property, true);
	type = json_str(property, "type");
	inner = json_at(value, type);
	if (strstr("|title|rich_text|people|relation|", arena_printf(c->a, "|%s|", type))) {
		json_set(about, type, json_new(c->a));
		show_items(c, value, inner, about);
	} else if (type_is(property, "rollup")) {
		/* What a list adds up to is told beside it. */
		json_set(about, "rollup", json_at(value, "rollup"));
		show_items(c, value, json_at(inner, "array"), about);
	} else {
		reply_notion(c, show_item(c, value, type, json_at(value, type)));
	}
}
