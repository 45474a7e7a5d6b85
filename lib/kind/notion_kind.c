/*
 * notion_kind.c - the kind "notion": a data source of Notion, as a table.
 */
#include "kind/kind.h"

#include "kind/notion_link.h"

enum { LINK_MAX = 2000, TOKEN_MAX = 400, POLL_MINUTES = 2 };

static const struct field fields[] = {
	{
	    .name = "dataSource",
	    .type = FIELD_TEXT,
	    .required = true,
	    .label = "Database",
	    .help =
		"The link of the database, as the browser shows it, or the id of one of its data "
		"sources.",
	    .placeholder = "https://www.notion.so/...",
	    .max = LINK_MAX,
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
	    .advanced = true,
	    .label = "What it becomes",
	    .help = "table: every page is a record, every property a column; nothing is written to "
		    "Notion.",
	    .choices = "table",
	},
	{ .name = NULL },
};

/* A link becomes the id in it. */
static void
notion_configure(struct arena *a, json *config, json *errors)
{
	const char *text = json_str(config, "dataSource"), *id = notion_link_id(a, text);

	if (!id)
		kind_complain(a, errors, "config.dataSource",
		    "Paste the link of the database: open it in Notion as a page of its own, and "
		    "choose Copy link.");
	else
		json_set_str(config, "dataSource", id);
	if (!json_str(config, "mode"))
		kind_complain(a, errors, "config.mode",
		    "Say \"mode\": \"table\". Databases as calendars are not in this version.");
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
static const struct cost cost[] = { { QUOTA_NOTION, 1, 0 }, { 0 } };

const struct kind kind_notion = {
	.id = "notion",
	.title = "Notion",
	.blurb = "A database of a workspace: every page a record, every property a column.",
	.caps = KIND_PULL | KIND_OWN_KEYS | KIND_LISTS,
	.fields = fields,
	.account = "notion",
	.scopes = "",
	.token = "token",
	.token_setting = CONF_NOTION_API_KEY,
	.token_help = "Or paste the secret of an internal connection below, and share the database "
		      "with that connection.",
	.cost = cost,
	.poll_minutes = POLL_MINUTES,
	.words = {
		.one = "database",
		.many = "databases",
		.things = "databases",
		.look = "Look at its pages",
		.open = "Open in Notion",
	},
	.demo = "/fake/notion",
	.configure = notion_configure,
	.show = notion_show,
	.link = notion_link,
};
