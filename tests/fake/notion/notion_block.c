/*
 * notion_block.c - what pages hold: blocks, as far as texts go, and pages and databases in them.
 */
#include "fake/notion/notion.h"

static const char block_types[] =
    "|paragraph|heading_1|heading_2|heading_3|bulleted_list_item|numbered_list_item|to_do|toggle"
    "|quote|callout|code|divider|";

/* The one typed member of a block; NULL: there is none that is played. */
static const char *
block_type(struct arena *a, const json *given)
{
	for (struct json_iter it = { 0 }; json_each(given, &it);)
		if (strstr(block_types, arena_printf(a, "|%s|", it.key)))
			return arena_dup(a, it.key);
	return NULL;
}

static json *
block_content(struct call *c, const char *type, const json *given)
{
	json *j = json_new(c->a), *text = NULL;

	if (strcmp(type, "divider") == 0)
		return j;
	text = text_read(c, json_at(given, "rich_text"),
	    arena_printf(c->a, "body.children[0].%s.rich_text", type));
	if (!text)
		return NULL;
	json_set(j, "rich_text", text);
	if (strcmp(type, "paragraph") == 0)
		json_set_null(j, "icon");
	if (strcmp(type, "to_do") == 0)
		json_set_bool(j, "checked", json_flag(given, "checked", false));
	json_set_str(j, "color", json_str(given, "color") ? json_str(given, "color") : "default");
	return j;
}

static json *
block_json(struct call *c, const struct notion_object *o)
{
	json *j = json_new(c->a), *inner = json_new(c->a);
	const bool gone = object_trashed(o);
	const char *type = o->block;
	bool children = false;

	if (o->kind != OBJECT_BLOCK)
		type = o->kind == OBJECT_PAGE ? "child_page" : "child_database";
	for (const struct notion_object *x = o->child; x; x = x->sibling)
		children |= x->kind != OBJECT_SOURCE && !x->now.trash;
	json_set_str(inner, "title", o->kind == OBJECT_BLOCK ? "" : object_title(c->a, o));
	json_set_str(j, "object", "block");
	json_set_str(j, "id", o->id);
	json_set(j, "parent", parent_json(c->a, o));
	json_set_str(j, "created_time", minute_text(c->a, o->created));
	json_set_str(j, "last_edited_time", minute_text(c->a, o->now.edited));
	json_set(j, "created_by", user_stub(c->a, o->creator));
	json_set(j, "last_edited_by", user_stub(c->a, o->editor));
	json_set_bool(j, "has_children", children);
	json_set_bool(j, "in_trash", gone);
	json_set_str(j, "type", type);
	json_set(j, type, o->kind == OBJECT_BLOCK ? o->now.values : inner);
	if (!version_is(c, "2026-03-11"))
		json_set_bool(j, "archived", gone);
	return j;
}

static bool
block_add(struct call *c, struct notion_object *parent, const json *given)
{
	const char *type = block_type(c->a, given);
	struct notion_object *o;
	json *content;

	if (!type) {
		refuse_invalid(c,
		    "body failed validation: body.children[0].type is not one that "
		    "can be appended.");
		return false;
	}
	content = block_content(c, type, json_at(given, type));
	if (!content)
		return false;
	o = object_add(c->f, OBJECT_BLOCK, parent, parent->space, NULL);
	o->block = arena_dup(c->f->a, type);
	o->now.values = notion_keep(c->f, content);
	o->creator = bot_of(c)->user;
	object_changed(c->f, o, o->creator);
	return true;
}

bool
blocks_add(struct call *c, struct notion_object *parent, const json *children)
{
	if (!json_is_list(children) || json_len(children) > LIST_MAX) {
		refuse_invalid(c,
		    "body failed validation: body.children should be an array of at most %d.",
		    LIST_MAX);
		return false;
	}
	for (size_t i = 0; i < json_len(children); i++)
		if (!block_add(c, parent, json_nth(children, i)))
			return false;
	return true;
}

void
blocks_get(struct call *c)
{
	const struct notion_object *o = object_of_call(c, OBJECT_BLOCK, c->part[0]);

	if (o)
		reply_notion(c, block_json(c, o));
}

void
blocks_update(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_BLOCK, c->part[0]);
	const json *given = o && o->block ? json_at(c->body, o->block) : NULL;
	json *content = NULL;

	if (!o)
		return;
	if (given && !(content = block_content(c, o->block, given)))
		return;
	object_changes(c->f, o);
	if (!common_update(c, o))
		return;
	if (content)
		o->now.values = notion_keep(c->f, content);
	object_changed(c->f, o, bot_of(c)->user);
	reply_notion(c, block_json(c, o));
}

void
blocks_delete(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_BLOCK, c->part[0]);

	if (!o)
		return;
	object_changes(c->f, o);
	o->now.trash = true;
	object_changed(c->f, o, bot_of(c)->user);
	if (o->kind == OBJECT_PAGE)
		hook_tell(c->f, o, "page.deleted", o->editor, NULL);
	if (o->kind == OBJECT_DATABASE)
		hook_tell(c->f, o, "database.deleted", o->editor, NULL);
	reply_notion(c, block_json(c, o));
}

static size_t
block_children(struct call *c, const struct notion_object *o, struct notion_object ***out)
{
	size_t n = 0;

	for (const struct notion_object *x = o->child; x; x = x->sibling)
		n++;
	*out = arena_array(c->a, n + 1, sizeof **out);
	n = 0;
	for (struct notion_object *x = o->child; x; x = x->sibling)
		if (x->kind != OBJECT_SOURCE && !x->now.trash)
			(*out)[n++] = x;
	return n;
}

void
blocks_children(struct call *c)
{
	const struct notion_object *o = object_of_call(c, OBJECT_BLOCK, c->part[0]);
	struct notion_object **all;
	json *list;
	size_t n;

	if (!o)
		return;
	n = block_children(c, o, &all);
	list = list_part(c, all, n, "block", block_json);
	if (list)
		reply_notion(c, list);
}

void
blocks_append(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_BLOCK, c->part[0]);
	struct notion_object *had = o ? o->last : NULL;
	json *results = json_list(c->a);

	if (!o || !blocks_add(c, o, json_at(c->body, "children")))
		return;
	for (struct notion_object *x = had ? had->sibling : o->child; x; x = x->sibling)
		json_add(results, block_json(c, x));
	object_changed(c->f, o, bot_of(c)->user);
	hook_tell(c->f, o, "page.content_updated", o->editor, NULL);
	reply_notion(c, list_json(c, results, NULL, "block"));
}
