/*
 * board.c - /fake/notion: a page on which a person plays somebody else who changes the demo's
 * databases at Notion, to see the change arrive elsewhere. Forms, no script.
 */
#include "fake/demo/demo.h"

#include "fake/fake_control.h"
#include "fake/notion/notion.h"
#include "web/tmpl.h"

enum { PAGES_SHOWN = 100 };

static const char board_html[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Demo databases</title>\n"
    "<link rel=\"stylesheet\" href=\"/fake/page.css\">\n<main class=\"wide\">\n"
    "<p class=\"demo\"><strong>Demo.</strong> These databases stand in for Notion's."
    " <a href=\"/fake/calendar\">Calendars</a>, <a href=\"/fake/edit\">spreadsheets</a>,"
    " <a href=\"/fake/contacts\">contacts</a>,"
    " <a href=\"/\">back to Tidemark</a></p>\n"
    "<h1>{{name}}</h1>\n"
    "<ul>\n{{#sources}}<li><a href=\"/fake/notion?source={{id}}\">{{title}}</a>\n"
    "{{/sources}}</ul>\n"
    "{{#said}}<p role=\"status\">{{said}}</p>\n{{/said}}"
    "{{#source}}<form method=\"post\" class=\"cell\">\n"
    "<label>New page <input name=\"title\" required></label>\n"
    "{{#dated}}<label>Day <input name=\"day\" type=\"date\"></label>\n{{/dated}}"
    "<button class=\"first\" name=\"do\" value=\"add\">Add</button>\n</form>\n"
    "{{#pages}}<form method=\"post\" class=\"cell\">\n"
    "<input type=\"hidden\" name=\"page\" value=\"{{id}}\">\n"
    "<label>Page <input name=\"title\" value=\"{{title}}\"></label>\n"
    "{{#dated}}<label>Day <input name=\"day\" type=\"date\" value=\"{{day}}\"></label>\n"
    "{{/dated}}"
    "<button name=\"do\" value=\"change\">Change</button>\n"
    "<button name=\"do\" value=\"trash\">Move to trash</button>\n</form>\n"
    "{{#beside}}<p>{{name}}: {{text}}</p>\n{{/beside}}{{/pages}}"
    "{{^pages}}<p>There are no pages.</p>\n{{/pages}}"
    "<form method=\"post\" class=\"cell\">\n"
    "<label>Property <input name=\"property\" required></label>\n"
    "<label>Its new name <input name=\"name\" required></label>\n"
    "<button name=\"do\" value=\"rename\">Rename</button>\n</form>\n"
    "{{/source}}"
    "<h2>Messages</h2>\n"
    "{{#hooks}}{{#verified}}<p>Messages go to {{address}}, at once.</p>\n{{/verified}}"
    "{{^verified}}<form method=\"post\" class=\"cell\">\n"
    "<p>A token has gone to {{address}}. Tidemark shows it under Settings, Connected accounts: copy"
    " it here, verify, and confirm it there.</p>\n"
    "<label>Token <input name=\"token\" required></label>\n"
    "<button class=\"first\" name=\"do\" value=\"verify\">Verify</button>\n</form>\n"
    "{{/verified}}{{/hooks}}"
    "{{^hooks}}<form method=\"post\" class=\"cell\">\n"
    "<p>Notion tells of changes at once where somebody has subscribed an address, in the settings"
    " of the connection.</p>\n"
    "<button class=\"first\" name=\"do\" value=\"subscribe\">Subscribe Tidemark</button>\n"
    "</form>\n{{/hooks}}"
    "</main>\n</html>\n";

static const struct view board_views[] = { { "board", board_html }, { NULL, NULL } };

static struct notion_object *
board_source(struct call *c)
{
	struct notion_object *o = object_by(c->f, query_of(c, "source"));

	return o && o->kind == OBJECT_SOURCE ? o : NULL;
}

/* The first property of the type date; NULL: there is none. */
static const char *
board_date(const struct notion_object *source)
{
	for (size_t i = 0; i < json_len(source->properties); i++)
		if (type_is(json_nth(source->properties, i), "date"))
			return json_str(json_nth(source->properties, i), "id");
	return NULL;
}

/* NULL: it says nothing in words. Others are shown to an integration, of which there is none. */
static const char *
board_text(struct call *c, const struct notion_object *o, const json *property)
{
	const json *v;

	if (!type_is(property, "rich_text") && !type_is(property, "select") &&
	    !type_is(property, "url"))
		return NULL;
	v = json_at(value_json(c, o, property, true), json_str(property, "type"));
	if (type_is(property, "rich_text"))
		return text_of(c->a, v);
	return type_is(property, "select") ? json_str(v, "name") : json_value_str(v);
}

/* What else its properties say in words, but for the one that Tidemark keeps for itself. */
static json *
board_beside(struct call *c, const struct notion_object *source, const struct notion_object *o)
{
	json *list = json_list(c->a);

	for (size_t i = 0; i < json_len(source->properties); i++) {
		const json *p = json_nth(source->properties, i);
		const char *text = board_text(c, o, p);
		json *one = json_new(c->a);

		if (!text || !*text || !strcmp(json_str(p, "name"), "Tidemark"))
			continue;
		json_set_str(one, "name", json_str(p, "name"));
		json_set_str(one, "text", text);
		json_add(list, one);
	}
	return list;
}

static json *
board_pages(struct call *c, const struct notion_object *source)
{
	json *list = json_list(c->a);
	const char *date = board_date(source);

	for (const struct notion_object *o = source->child; o; o = o->sibling) {
		const char *start = date ? json_str(json_at(o->now.values, date), "start") : NULL;
		json *one = json_new(c->a);

		if (o->now.trash || json_len(list) == PAGES_SHOWN)
			continue;
		json_set_str(one, "id", o->id);
		json_set_str(one, "title", object_title(c->a, o));
		json_set_bool(one, "dated", date != NULL);
		json_set_str(one, "day", start ? arena_printf(c->a, "%.10s", start) : "");
		json_set(one, "beside", board_beside(c, source, o));
		json_add(list, one);
	}
	return list;
}

static void
board_page(struct call *c)
{
	const struct notion_object *source = board_source(c);
	json *model = json_new(c->a), *list = json_list(c->a), *j = json_new(c->a);

	for (const struct notion_object *o = notion_of(c->f)->first; o; o = o->next) {
		json *one = json_new(c->a);

		if (o->kind != OBJECT_SOURCE || object_trashed(o))
			continue;
		json_set_str(one, "id", o->id);
		json_set_str(one, "title", object_title(c->a, o));
		json_add(list, one);
	}
	json_set_str(model, "name", source ? object_title(c->a, source) : "Demo databases");
	json_set(model, "sources", list);
	json_set_str(model, "said", demo_said(c));
	json_set(model, "hooks", notion_hooks(c));
	if (source) {
		json_set_bool(j, "dated", board_date(source) != NULL);
		json_set(j, "pages", board_pages(c, source));
		json_set(model, "source", j);
	}
	buf_clear(c->rep->body);
	c->rep->status = 200;
	c->rep->type = "text/html; charset=utf-8";
	if (tmpl_render(c->cx, board_views, "board", model, false, c->rep->body) != RC_OK)
		buf_str(c->rep->body, c->cx->err.detail);
}

static const char *
board_field(struct call *c, const char *name)
{
	const char *v = form_of(c, name);

	return v ? v : "";
}

/* The day alone: a time of day stays as it was. */
static void
board_write(struct call *c, const struct notion_object *source, struct notion_object *o)
{
	const char *date = board_date(source), *day = board_field(c, "day"), *start;
	json *values = notion_keep(c->f, o->now.values), *when;

	object_changes(c->f, o);
	json_set(values, "title", text_plain(c->f->a, board_field(c, "title")));
	if (date && strlen(day) == 10) {
		start = json_str(json_at(values, date), "start");
		when = json_new(c->f->a);
		json_set_str(
		    when, "start", arena_printf(c->a, "%s%s", day, start ? start + 10 : ""));
		json_set_null(when, "end");
		json_set_null(when, "time_zone");
		json_set(values, date, when);
	} else if (date) {
		json_set_null(values, date);
	}
	o->now.values = values;
	object_changed(c->f, o, source->space->users);
}

static const char *
board_add(struct call *c, struct notion_object *source)
{
	struct notion_object *o = object_add(c->f, OBJECT_PAGE, source, source->space, NULL);

	o->now.values = json_new(c->f->a);
	o->creator = source->space->users;
	o->number = ++source->number;
	board_write(c, source, o);
	hook_tell(c->f, o, "page.created", o->creator, NULL);
	return "Added.";
}

static const char *
board_rename(struct call *c, struct notion_object *source)
{
	const char *name = board_field(c, "name");
	json *p = property_by(source, board_field(c, "property"));

	if (!p || !*name || property_by(source, name))
		return "Name a property that there is, and a new name.";
	json_set_str(p, "name", name);
	object_changed(c->f, source, source->space->users);
	hook_tell(c->f, source, "data_source.schema_updated", source->editor, NULL);
	return "Renamed.";
}

/* This installation's address for messages, and no other: a demonstration calls nobody else. */
static const char *
board_address(struct call *c)
{
	const char *back = c->f->back, *api = back ? strstr(back, "/api/") : NULL;

	return api ? arena_printf(c->a, "%.*s/api/webhooks/notion", (int)(api - back), back) : NULL;
}

static const char *
board_subscribe(struct call *c)
{
	const char *address = board_address(c);

	if (!address)
		return "It is not known where Tidemark is.";
	return hook_subscribe(c, address)
	    ? "Subscribed: a token is on its way."
	    : "Connect Notion in Tidemark first: messages are those of a connection.";
}

static void
board_changed(struct call *c)
{
	const char *what = board_field(c, "do");
	struct notion_object *source = board_source(c);
	struct notion_object *o = object_by(c->f, board_field(c, "page"));
	const char *said = "Choose a page.";

	if (strcmp(what, "subscribe") == 0) {
		said = board_subscribe(c);
	} else if (strcmp(what, "verify") == 0) {
		said = hook_verify(c->f, board_field(c, "token"))
		    ? "Verified: messages come from now on, as soon as Tidemark has it confirmed."
		    : "This is not the token that was sent.";
	} else if (!source) {
		said = "Choose a database.";
	} else if (strcmp(what, "add") == 0) {
		said = board_add(c, source);
	} else if (strcmp(what, "rename") == 0) {
		said = board_rename(c, source);
	} else if (o && o->now.parent == source && strcmp(what, "change") == 0) {
		board_write(c, source, o);
		hook_tell(c->f, o, "page.properties_updated", o->editor, NULL);
		said = "Changed.";
	} else if (o && o->now.parent == source && strcmp(what, "trash") == 0) {
		object_changes(c->f, o);
		o->now.trash = true;
		object_changed(c->f, o, source->space->users);
		hook_tell(c->f, o, "page.deleted", o->editor, NULL);
		said = "Moved to the trash.";
	}
	demo_done(c, said);
}

static const struct fake_param board_query[] = {
	{ .name = "source" },
	{ .name = NULL },
};

static const struct fake_route board_routes[] = {
	{
	    .method = "GET",
	    .path = "/fake/notion",
	    .name = "notion",
	    .query = board_query,
	    .handle = board_page,
	},
	{
	    .method = "POST",
	    .path = "/fake/notion",
	    .name = "notion",
	    .query = board_query,
	    .form = true,
	    .handle = board_changed,
	},
	{ .path = NULL },
};

const struct fake_service board_service = {
	.name = "board",
	.own = true,
	.manners = &own_manners,
	.routes = board_routes,
};
