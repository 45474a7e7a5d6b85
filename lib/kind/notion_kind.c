/*
 * notion_kind.c - the kind "notion": a data source of Notion, as a table, or its pages with a date
 * as events.
 */
#include "base/buf.h"
#include "kind/kind.h"
#include "kind/notion_call.h"
#include "kind/notion_link.h"
#include "kind/row_test.h"
#include "kind/ways.h"

enum { NOTION_LINK_MAX = 2000, TOKEN_MAX = 400, POLL_MINUTES = 2 };

static const struct field notion_fields[] = {
	{
	    .name = "dataSource",
	    .type = FIELD_TEXT,
	    .plans = true,
	    .required = true,
	    .label = "Database",
	    .help =
		"The link of the database, as the browser shows it, or the id of one of its data "
		"sources.",
	    .placeholder = "https://www.notion.so/...",
	    .max = NOTION_LINK_MAX,
	},
	{
	    .name = "token",
	    .type = FIELD_SECRET,
	    .label = "Secret of an internal connection",
	    .help = "Needed only without a connected account. Make one at "
		    "notion.so/profile/integrations and copy its secret.",
	    .max = TOKEN_MAX,
	},
	{
	    .name = "mode",
	    .type = FIELD_CHOICE,
	    .plans = true,
	    .label = "What it becomes",
	    .help = "Every page is a record, every property a column; in a calendar, pages with a "
		    "date are events too.",
	    .choices = "table|calendar",
	    .labels = "A table|A calendar",
	},
	{
	    .name = "properties",
	    .type = FIELD_MAP,
	    .items = true,
	    .plans = true,
	    .advanced = true,
	    .label = "Properties of events",
	    .help =
		"Which property is the date, description, location, notes, url, "
		"one a line, as in date: When. Left empty, they are guessed. Written there and "
		"never read: recurrence (in words), status, color, busy, and what Google "
		"says of attendees, organizer, call, reminders, visibility. With a + in front, as "
		"in notes: +Notes, it is added in Notion where it is missing.",
	    .max = NOTION_LINK_MAX,
	},
	{
	    .name = "series",
	    .type = FIELD_CHOICE,
	    .items = true,
	    .plans = true,
	    .label = "What a series becomes",
	    .help =
		"One page has the date of the next occurrence: a date that is "
		"changed there moves that occurrence alone, everything else the series. With a "
		"page for each occurrence, from a week ago to sixty days ahead, an edit of one is "
		"that occurrence's alone; one page more, without a date, is the series. Changed, "
		"the pages of occurrences are made, or go to the trash of Notion.",
	    .choices = "one|each",
	    .labels = "One page|A page for each occurrence",
	},
	{
	    .name = "where",
	    .type = FIELD_LIST,
	    .items = true,
	    .plans = true,
	    .advanced = true,
	    .label = "Which pages are events",
	    .help = "Only pages for which all of these hold, with commas between, "
		    "as in: Status is not Done. The others leave the calendar and stay records; "
		    "what Tidemark has made in Notion stays, whatever they say.",
	},
#include "kind/ways_fields.def"
	{ .name = NULL },
};

static const struct kind_part notion_parts[] = {
#define NOTION_WORD(word, label, types, names, how) { word, label, NOTION_##how >= NOTION_SHOWN },
#include "kind/notion_words.def"
#undef NOTION_WORD
	{ .word = NULL },
};

/* "+" alone, or before blanks, is added under its usual name; blanks around one are none of it. */
static void
notion_added(struct arena *a, json *properties, const struct notion_word *w)
{
	const char *name = json_str(properties, w->word);
	struct str given;

	if (!name || *name != '+')
		return;
	given = str_trim(str_c(name + 1));
	if (!given.n)
		given = str_c(w->label);
	json_set_str(properties, w->word, arena_printf(a, "+%.*s", (int)given.n, given.p));
}

static void
notion_properties(struct arena *a, const json *config, json *errors)
{
	struct buf *names = buf_in(a, 1000);

	for (const struct notion_word *w = notion_words; w->word; w++)
		buf_printf(names, "%s%s", w == notion_words ? "" : ", ", w->word);
	for (struct json_iter it = { 0 }; json_each(json_at(config, "properties"), &it);)
		if (notion_word(it.key))
			notion_added(a, json_at(config, "properties"), notion_word(it.key));
		else
			kind_complain(a, errors, "config.properties",
			    arena_printf(a, "Name properties for %s.", buf_c(names)));
}

/* As a calendar, which it is unless something else is said. */
static void
notion_calendar(struct arena *a, json *config, json *errors)
{
	const char *why;

	json_set_str(config, "mode", "calendar");
	notion_properties(a, config, errors);
	if (!row_tests_check(a, json_at(config, "where"), &why))
		kind_complain(a, errors, "config.where", why);
	ways_check(a, config, errors);
}

/* A link becomes the id in it. */
static void
notion_configure(struct arena *a, json *config, json *errors)
{
	const char *id = notion_link_id(a, json_str(config, "dataSource"));
	const char *mode = json_str(config, "mode");

	if (!id)
		kind_complain(a, errors, "config.dataSource",
		    "Paste the link of the database: open it in Notion as a page of its own, and "
		    "choose Copy link.");
	else
		json_set_str(config, "dataSource", id);
	if (!mode || strcmp(mode, "table") != 0) {
		notion_calendar(a, config, errors);
		return;
	}
	for (const struct field *f = notion_fields; f->name; f++)
		if (f->items)
			json_unset(config, f->name);
}

static const char *
notion_link(struct arena *a, const json *config)
{
	return notion_link_to(a, json_str(config, "dataSource"));
}

static void
notion_show(struct arena *a, json *config)
{
	if (json_str(config, "dataSource"))
		json_set_str(config, "dataSource", notion_link(a, config));
}

/* A query brings a hundred pages, and a property of one is a cell. */
static const struct cost notion_cost[] = { { QUOTA_NOTION, 1, 0 }, { 0 } };

static const char *
notion_traces(struct arena *a, const json *config, const json *cursor)
{
	(void)a;
	(void)config;
	return json_at(cursor, "calendar") ? "The property \"Tidemark\", where it was added" : NULL;
}

const struct kind kind_notion = {
	.id = "notion",
	.title = "Notion",
	.blurb = "A database of a workspace: as a table, or its pages as events of the calendar.",
	.icon = "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3",
	.caps = KIND_PULL | KIND_PUSH | KIND_HOOK | KIND_OWN_KEYS | KIND_READ_FIRST,
	.fields = notion_fields,
	.chosen = "dataSource",
	.account = "notion",
	.scopes = "",
	.token = "token",
	.token_setting = CONF_NOTION_API_KEY,
	.token_help = "Or paste the secret of an internal connection below, and share the database "
		      "with that connection.",
	.cost = notion_cost,
	.object = "event",
	.records_mode = "table",
	.place = "dataSource",
	.place_found = "source",
	.parts = notion_parts,
	.parts_field = "properties",
	.poll_minutes = POLL_MINUTES,
	.words = {
		.things = "databases",
		.look = "Look at its pages",
		.open = "Open in Notion",
	},
	.receiver = &notion_receiver,
	.demo = "/fake/notion",
	.configure = notion_configure,
	.show = notion_show,
	.link = notion_link,
	.traces = notion_traces,
};
