/*
 * notion_page.c - pages: made, read, changed, moved.
 */
#include "fake/notion/notion.h"

/* The property of a page: of its data source, or the one title that others have. */
static json *
page_property_by(struct call *c, const struct notion_object *page, const char *name)
{
	const struct notion_object *source = page->now.parent;

	if (source && source->kind == OBJECT_SOURCE)
		return property_by(source, name);
	if (strcmp(name, "title") == 0)
		return json_stored(
		    c->a, "{\"id\": \"title\", \"name\": \"title\", \"type\": \"title\"}");
	return NULL;
}

bool
page_write(struct call *c, struct notion_object *o, const json *properties, bool fresh)
{
	json *values = notion_keep(c->f, o->now.values ? o->now.values : json_new(c->a));

	if (!json_is_obj(properties) && (fresh || properties)) {
		refuse_invalid(c,
		    "body failed validation: body.properties should be %s, instead was `%.100s`.",
		    properties ? "an object" : "defined",
		    properties ? json_text(c->a, properties) : "undefined");
		return false;
	}
	for (struct json_iter it = { 0 }; json_each(properties, &it);) {
		json *p = page_property_by(c, o, it.key), *kept;

		if (!p) {
			refuse_invalid(c, "%s is not a property that exists.", it.key);
			return false;
		}
		kept = value_read(c, p, it.value);
		if (!kept)
			return false;
		json_set(values, json_str(p, "id"), json_at(notion_keep(c->f, kept), "v"));
	}
	o->now.values = values;
	return true;
}

static const char *
page_ids(struct call *c, const json *properties, const struct notion_object *o)
{
	json *list = json_list(c->a);

	for (struct json_iter it = { 0 }; json_each(properties, &it);)
		json_add_str(list, json_str(page_property_by(c, o, it.key), "id"));
	return json_text(c->a, list);
}

void
pages_create(struct call *c)
{
	struct notion_object *parent = parent_read(c, "page_id|data_source_id|database_id"), *o;

	if (!parent)
		return;
	o = object_add(c->f, OBJECT_PAGE, parent, parent->space, NULL);
	o->now.there = false;
	o->creator = bot_of(c)->user;
	if (!page_write(c, o, json_at(c->body, "properties"), true) || !common_update(c, o) ||
	    (json_at(c->body, "children") && !blocks_add(c, o, json_at(c->body, "children")))) {
		o->now.trash = true;
		return;
	}
	o->now.there = true;
	o->number = ++parent->number;
	object_changed(c->f, o, o->creator);
	hook_tell(c->f, o, "page.created", o->creator, NULL);
	reply_notion(c, page_json(c, o));
}

void
pages_get(struct call *c)
{
	const struct notion_object *o = object_of_call(c, OBJECT_PAGE, c->part[0]);

	if (o)
		reply_notion(c, page_json(c, o));
}

static bool
page_restorable(struct call *c, const struct notion_object *o)
{
	if (!object_trashed(o) || json_has(c->body, "in_trash") || json_has(c->body, "archived"))
		return true;
	refuse_invalid(c,
	    "Can't edit block that is archived. You must unarchive the block before "
	    "editing.");
	return false;
}

void
pages_update(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_PAGE, c->part[0]);
	const json *properties = json_at(c->body, "properties");
	const bool was = o && o->now.trash;

	if (!o || !page_restorable(c, o))
		return;
	object_changes(c->f, o);
	if (!page_write(c, o, properties, false) || !common_update(c, o))
		return;
	o->locked = json_flag(c->body, "is_locked", o->locked);
	o->archived = json_flag(c->body, "is_archived", o->archived);
	object_changed(c->f, o, bot_of(c)->user);
	if (o->now.trash != was)
		hook_tell(c->f, o, was ? "page.undeleted" : "page.deleted", o->editor, NULL);
	else if (properties)
		hook_tell(
		    c->f, o, "page.properties_updated", o->editor, page_ids(c, properties, o));
	reply_notion(c, page_json(c, o));
}

void
pages_move(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_PAGE, c->part[0]);
	struct notion_object *parent = o ? parent_read(c, "page_id|data_source_id") : NULL;

	if (!parent)
		return;
	for (const struct notion_object *up = parent; up; up = up->now.parent)
		if (up == o) {
			refuse_invalid(c, "A page cannot be moved into itself.");
			return;
		}
	object_changes(c->f, o);
	object_move(o, parent);
	object_changed(c->f, o, bot_of(c)->user);
	hook_tell(c->f, o, "page.moved", o->editor, NULL);
	reply_notion(c, page_json(c, o));
}
