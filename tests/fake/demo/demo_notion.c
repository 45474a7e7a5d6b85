/*
 * demo_notion.c - the demo workspace at Notion: a programme of events, the suppliers of the shop
 * with what they deliver, and a page that nobody has shared.
 */
#include "fake/demo/demo.h"

#include "base/clock.h"
#include "fake/notion/notion.h"

/* Ids stay, so that a connection finds its data source after a restart. */

struct demo_page {
	const char *id; /* its end */
	int day;        /* counted from the day on which the demo begins */
	const char *time, *title, *more;
};

static const char programme[] =
    "[{\"id\": \"title\", \"name\": \"Name\", \"description\": null, \"type\": \"title\", "
    "\"title\": {}}, {\"id\": \"dat%3A\", \"name\": \"When\", \"description\": null, \"type\": "
    "\"date\", \"date\": {}}, {\"id\": \"sta_\", \"name\": \"Status\", \"description\": null, "
    "\"type\": \"select\", \"select\": {\"options\": []}}, {\"id\": \"plac\", \"name\": "
    "\"Place\", \"description\": null, \"type\": \"rich_text\", \"rich_text\": {}}, {\"id\": "
    "\"seat\", \"name\": \"Seats\", \"description\": null, \"type\": \"number\", \"number\": "
    "{\"format\": \"number\"}}, {\"id\": \"supp\", \"name\": \"Supplier\", \"description\": "
    "null, \"type\": \"relation\", \"relation\": {\"data_source_id\": "
    "\"1de30000-0000-4000-8000-000000000005\", \"database_id\": "
    "\"1de30000-0000-4000-8000-000000000004\", \"type\": \"single_property\", "
    "\"single_property\": {}}}]";
static const char suppliers[] =
    "[{\"id\": \"title\", \"name\": \"Name\", \"description\": null, \"type\": \"title\", "
    "\"title\": {}}, {\"id\": \"mail\", \"name\": \"E-mail\", \"description\": null, \"type\": "
    "\"email\", \"email\": {}}, {\"id\": \"tags\", \"name\": \"Delivers\", \"description\": "
    "null, \"type\": \"multi_select\", \"multi_select\": {\"options\": []}}]";

static const struct demo_page programme_pages[] = {
	{ "11", 2, "18:30", "Autumn teas",
	    "\"seat\": 12, \"supp\": [{\"id\": \"1de30000-0000-4000-8000-000000000021\"}]" },
	{ "12", 9, "19:00", "Oolong evening", "\"seat\": 8" },
	{ "13", 14, NULL, "Open Sunday", "\"seat\": null" },
	{ "14", 0, NULL, "Idea: brewing for children", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};
static const struct demo_page firms[] = {
	{ "21", 0, NULL, "Hafen Tee GmbH", "\"mail\": \"office@hafentee.example\"" },
	{ "22", 0, NULL, "Kyoto Pottery", "\"mail\": null" },
	{ NULL, 0, NULL, NULL, NULL },
};

static struct notion_object *
demo_object(struct fake *f, enum object_kind kind, struct notion_object *up, const char *end,
    struct notion_user *who)
{
	struct notion_object *o = object_add(f, kind, up, who->space,
	    arena_printf(f->a, "1de30000-0000-4000-8000-0000000000%s", end));

	o->creator = who;
	object_changed(f, o, who);
	return o;
}

static json *
demo_date(struct fake *f, const struct demo_page *d)
{
	json *j = json_new(f->a);
	char day[CLOCK_TEXT];

	clock_text((fake_now(f) / DAY_MS + d->day) * DAY_MS, day);
	json_set_str(j, "start",
	    d->time ? arena_printf(f->a, "%.10sT%s:00.000+00:00", day, d->time)
		    : arena_printf(f->a, "%.10s", day));
	json_set_null(j, "end");
	json_set_null(j, "time_zone");
	return j;
}

static struct notion_object *
demo_database(struct fake *f, struct notion_object *up, const char *title, const char *schema,
    const char *ends)
{
	struct notion_user *who = up->space->users;
	struct notion_object *base = demo_object(
	    f, OBJECT_DATABASE, up, arena_printf(f->a, "%.2s", ends), who);
	struct notion_object *source = demo_object(
	    f, OBJECT_SOURCE, base, arena_printf(f->a, "%.2s", ends + 2), who);

	base->now.title = source->now.title = text_plain(f->a, title);
	source->properties = json_stored(f->a, schema);
	return source;
}

static void
demo_pages(struct fake *f, struct notion_object *source, const struct demo_page *d)
{
	for (; d->id; d++) {
		struct notion_object *o = demo_object(
		    f, OBJECT_PAGE, source, d->id, source->space->users);

		o->now.values = json_stored(
		    f->a, arena_printf(f->a, "{%s}", d->more ? d->more : ""));
		json_set(o->now.values, "title", text_plain(f->a, d->title));
		if (d->day > 0)
			json_set(o->now.values, "dat%3A", demo_date(f, d));
		o->number = ++source->number;
	}
}

void
demo_workspace(struct fake *f)
{
	struct notion_space *s = space_add(
	    f, "1de30000-0000-4000-8000-00000000000a", "Demo workspace");
	struct notion_user *who = notion_user_add(
	    f, s, "1de30000-0000-4000-8000-00000000000b", "Demo Person", "demo@example.com");
	struct notion_object *page;

	notion_client_add(f, "Tidemark", "demo");
	page = demo_object(f, OBJECT_PAGE, NULL, "01", who);
	page->now.values = json_new(f->a);
	json_set(page->now.values, "title", text_plain(f->a, "Demo: Tea shop"));
	demo_pages(f, demo_database(f, page, "Programme", programme, "0203"), programme_pages);
	demo_pages(f, demo_database(f, page, "Suppliers", suppliers, "0405"), firms);
}
