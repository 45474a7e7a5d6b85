/*
 * notion_base.c - databases and their data sources: made, told, changed.
 */
#include "fake/notion/notion.h"

#include "base/clock.h"

/*
 * Parents.
 */
json *
parent_json(struct arena *a, const struct notion_object *o)
{
	static const char *const types[] = {
		[OBJECT_PAGE] = "page_id",
		[OBJECT_DATABASE] = "database_id",
		[OBJECT_SOURCE] = "data_source_id",
		[OBJECT_BLOCK] = "block_id",
	};
	const struct notion_object *parent = o->now.parent;
	json *j = json_new(a);

	if (!parent) {
		json_set_str(j, "type", "workspace");
		json_set_bool(j, "workspace", true);
		return j;
	}
	json_set_str(j, "type", types[parent->kind]);
	json_set_str(j, types[parent->kind], parent->id);
	if (parent->kind == OBJECT_SOURCE)
		json_set_str(j, "database_id", parent->now.parent->id);
	return j;
}

/* The one data source of a database; NULL: refused. */
static struct notion_object *
parent_source(struct call *c, struct notion_object *database)
{
	json *details = json_new(c->a), *ids = json_list(c->a);

	if (database->child && !database->child->sibling)
		return database->child;
	for (const struct notion_object *s = database->child; s; s = s->sibling)
		json_add_str(ids, s->id);
	json_set_str(details, "error_type", "multiple_data_sources_for_database");
	json_set_str(details, "database_id", database->id);
	json_set(details, "child_data_source_ids", ids);
	json_set_str(details, "minimum_api_version", "2025-09-03");
	refuse(c,
	    &(struct refusal){
		.status = 400,
		.reason = "validation_error",
		.message = "Databases with multiple data sources are not supported in this API "
			   "version.",
		.details = details,
	    });
	return NULL;
}

struct notion_object *
parent_read(struct call *c, const char *kinds)
{
	static const struct {
		const char *member;
		enum object_kind kind;
	} rows[] = {
		{ "page_id", OBJECT_PAGE },
		{ "data_source_id", OBJECT_SOURCE },
		{ "database_id", OBJECT_DATABASE },
	};
	const json *parent = json_at(c->body, "parent");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *id = json_str(parent, rows[i].member);
		struct notion_object *o;

		if (!id || !strstr(kinds, rows[i].member))
			continue;
		o = object_of_call(c, rows[i].kind, id);
		if (o && object_trashed(o)) {
			refuse_invalid(c,
			    "Can't edit block that is archived. You must unarchive "
			    "the block before editing.");
			return NULL;
		}
		/* A data source is asked for; of a database with one it is clear which. */
		if (o && o->kind == OBJECT_DATABASE && strstr(kinds, "data_source_id"))
			return parent_source(c, o);
		return o;
	}
	refuse_invalid(c,
	    "body failed validation: body.parent should be defined, instead was `%.100s`.",
	    parent ? json_text(c->a, parent) : "undefined");
	return NULL;
}

bool
common_update(struct call *c, struct notion_object *o)
{
	if (json_has(c->body, "archived") && version_is(c, "2026-03-11")) {
		refuse_invalid(c,
		    "body failed validation: body.archived should be not present, "
		    "instead was `%s`.",
		    json_text(c->a, json_at(c->body, "archived")));
		return false;
	}
	o->now.trash = json_flag(c->body, "archived", o->now.trash);
	o->now.trash = json_flag(c->body, "in_trash", o->now.trash);
	if (json_has(c->body, "icon"))
		o->icon = json_at(c->body, "icon") ? notion_keep(c->f, json_at(c->body, "icon"))
						   : NULL;
	if (json_has(c->body, "cover"))
		o->cover = json_at(c->body, "cover") ? notion_keep(c->f, json_at(c->body, "cover"))
						     : NULL;
	return true;
}

static bool
base_texts(struct call *c, struct notion_object *o)
{
	json *text;

	if (json_at(c->body, "title")) {
		text = text_read(c, json_at(c->body, "title"), "body.title");
		if (!text)
			return false;
		o->now.title = notion_keep(c->f, text);
	}
	if (json_at(c->body, "description")) {
		text = text_read(c, json_at(c->body, "description"), "body.description");
		if (!text)
			return false;
		o->description = notion_keep(c->f, text);
	}
	o->in_line = json_flag(c->body, "is_inline", o->in_line);
	o->locked = json_flag(c->body, "is_locked", o->locked);
	return true;
}

/*
 * What is told.
 */
static const char *
base_url(struct arena *a, const char *id)
{
	char plain[33];
	size_t n = 0;

	for (; *id && n < 32; id++)
		if (*id != '-')
			plain[n++] = *id;
	plain[n] = 0;
	return arena_printf(a, "https://app.notion.com/p/%s", plain);
}

static json *
base_source(struct arena *a, const struct notion_object *source)
{
	json *j = json_new(a);

	json_set_str(j, "id", source->id);
	json_set_str(j, "name", object_title(a, source));
	return j;
}

/* With milliseconds and "+00:00", unlike everything else. */
static const char *
base_moment(struct arena *a, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(ms, text);
	return arena_printf(a, "%.19s.%03d+00:00", text, (int)(ms % SECOND_MS));
}

json *
database_json(struct call *c, const struct notion_object *o)
{
	json *j = json_new(c->a), *sources = json_list(c->a);
	const bool gone = object_trashed(o);

	for (const struct notion_object *s = o->child; s; s = s->sibling)
		if (!s->now.trash)
			json_add(sources, base_source(c->a, s));
	json_set_str(j, "object", "database");
	json_set_str(j, "id", o->id);
	json_set(j, "title", o->now.title ? o->now.title : json_list(c->a));
	json_set(j, "description", o->description ? o->description : json_list(c->a));
	json_set(j, "parent", parent_json(c->a, o));
	json_set_bool(j, "is_inline", o->in_line);
	json_set_bool(j, "in_trash", gone);
	json_set_bool(j, "is_locked", o->locked);
	json_set_str(j, "created_time", base_moment(c->a, o->created));
	json_set_str(j, "last_edited_time", base_moment(c->a, o->now.edited));
	json_set(j, "data_sources", sources);
	json_set(j, "icon", o->icon);
	json_set(j, "cover", o->cover);
	json_set_str(j, "url", base_url(c->a, o->id));
	json_set_null(j, "public_url");
	if (!version_is(c, "2026-03-11"))
		json_set_bool(j, "archived", gone);
	return j;
}

json *
source_json(struct call *c, const struct notion_object *o)
{
	json *j = json_new(c->a);
	const struct notion_object *database = o->now.parent;
	const bool gone = object_trashed(o);

	json_set_str(j, "object", "data_source");
	json_set_str(j, "id", o->id);
	json_set(j, "cover", o->cover);
	json_set(j, "icon", o->icon);
	json_set_str(j, "created_time", minute_text(c->a, o->created));
	json_set(j, "created_by", user_stub(c->a, o->creator));
	json_set(j, "last_edited_by", user_stub(c->a, o->editor));
	json_set_str(j, "last_edited_time", minute_text(c->a, o->now.edited));
	json_set(j, "title", o->now.title ? o->now.title : json_list(c->a));
	json_set(j, "description", o->description ? o->description : json_list(c->a));
	json_set_bool(j, "is_inline", database->in_line);
	json_set(j, "properties", schema_json(c, o));
	json_set(j, "parent", parent_json(c->a, o));
	json_set(j, "database_parent", parent_json(c->a, database));
	json_set_str(j, "url", base_url(c->a, database->id));
	json_set_null(j, "public_url");
	json_set_bool(j, "in_trash", gone);
	if (!version_is(c, "2026-03-11"))
		json_set_bool(j, "archived", gone);
	return j;
}

/*
 * Methods.
 */
struct notion_object *
source_add(struct call *c, struct notion_object *database, json *title, const json *properties)
{
	struct notion_object *o = object_add(c->f, OBJECT_SOURCE, database, database->space, NULL);
	json *usual = json_stored(c->a, "{\"Name\": {\"title\": {}}}");

	o->now.title = title ? notion_keep(c->f, title) : NULL;
	o->properties = json_list(c->f->a);
	o->now.trash = true;
	o->creator = bot_of(c)->user;
	object_changed(c->f, o, o->creator);
	if (!schema_change(c, o, properties ? properties : usual))
		return NULL;
	if (!property_by(o, "title")) {
		refuse_invalid(c, "Title property is missing.");
		return NULL;
	}
	o->now.trash = false;
	return o;
}

void
databases_create(struct call *c)
{
	struct notion_object *parent = parent_read(c, "page_id"), *o;
	const json *first = json_at(c->body, "initial_data_source");

	if (!parent)
		return;
	o = object_add(c->f, OBJECT_DATABASE, parent, parent->space, NULL);
	o->now.trash = true;
	o->creator = bot_of(c)->user;
	if (!base_texts(c, o) || !source_add(c, o, o->now.title, json_at(first, "properties")))
		return;
	o->now.trash = false;
	if (!common_update(c, o))
		return;
	object_changed(c->f, o, o->creator);
	hook_tell(c->f, o, "database.created", o->creator, NULL);
	reply_notion(c, database_json(c, o));
}

void
databases_get(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_DATABASE, c->part[0]);

	if (!o || (version_is(c, "2022-06-28") && !parent_source(c, o)))
		return;
	reply_notion(c, database_json(c, o));
}

void
databases_update(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_DATABASE, c->part[0]);
	const bool was = o && o->now.trash;

	if (!o || !base_texts(c, o) || !common_update(c, o))
		return;
	object_changed(c->f, o, bot_of(c)->user);
	if (o->now.trash != was)
		hook_tell(
		    c->f, o, was ? "database.undeleted" : "database.deleted", o->editor, NULL);
	reply_notion(c, database_json(c, o));
}

void
sources_create(struct call *c)
{
	struct notion_object *parent = parent_read(c, "database_id"), *o;
	json *title = NULL;

	if (!parent)
		return;
	if (json_at(c->body, "title") &&
	    !(title = text_read(c, json_at(c->body, "title"), "body.title")))
		return;
	o = source_add(c, parent, title, json_at(c->body, "properties"));
	if (!o || !common_update(c, o))
		return;
	hook_tell(c->f, o, "data_source.created", o->creator, NULL);
	reply_notion(c, source_json(c, o));
}

void
sources_get(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_SOURCE, c->part[0]);

	if (o)
		reply_notion(c, source_json(c, o));
}

void
sources_update(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_SOURCE, c->part[0]);
	const json *properties = json_at(c->body, "properties");
	const bool was = o && o->now.trash;

	if (!o || !base_texts(c, o))
		return;
	if ((properties && !schema_change(c, o, properties)) || !common_update(c, o))
		return;
	object_changed(c->f, o, bot_of(c)->user);
	if (properties)
		hook_tell(c->f, o, "data_source.schema_updated", o->editor, NULL);
	if (o->now.trash != was)
		hook_tell(c->f, o, was ? "data_source.undeleted" : "data_source.deleted", o->editor,
		    NULL);
	reply_notion(c, source_json(c, o));
}

void
sources_templates(struct call *c)
{
	json *j = json_new(c->a);

	if (!object_of_call(c, OBJECT_SOURCE, c->part[0]))
		return;
	json_set(j, "templates", json_list(c->a));
	json_set_bool(j, "has_more", false);
	json_set_null(j, "next_cursor");
	reply_json(c, 200, j);
}
