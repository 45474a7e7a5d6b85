/*
 * sheets_kind.c - google-sheets: tabs of a spreadsheet, read with somebody's account. Google Drive
 * tells of changes.
 */
#include "kind/google_call.h"
#include "kind/person.h"
#include "kind/row_test.h"
#include "kind/sheets_link.h"
#include "kind/sheets_kind.h"

enum { TITLE_MAX = 200 };

static const struct cost sheets_cost[] = {
	{ QUOTA_DRIVE, 1, 0 },
	{ QUOTA_SHEETS_READS, 2, SHEETS_CELLS / 2 },
	{ 0 },
};

static const struct field sheets_fields[] = {
	{
	    .name = "spreadsheet",
	    .type = FIELD_TEXT,
	    .plans = true,
	    .required = true,
	    .label = "Spreadsheet",
	    .help = "Its link, as the browser shows it.",
	    .placeholder = "https://docs.google.com/spreadsheets/d/1AbC.../edit",
	    .max = 2000,
	},
	{
	    .name = "tabs",
	    .type = FIELD_LIST,
	    .plans = true,
	    .label = "Tabs",
	    .help = "Their titles, with commas between; left empty, all that are not hidden. A tab "
		    "that is renamed later is still found.",
	},
	{
	    .name = "key",
	    .type = FIELD_LIST,
	    .plans = true,
	    .label = "Key column",
	    .help = "Tells rows apart. Left empty, Tidemark finds one.",
	},
	{
	    .name = "header_row",
	    .type = FIELD_INT,
	    .advanced = true,
	    .label = "Header row",
	    .help = "The row with the names of the columns; the first one, if left empty.",
	    .min = 1,
	    .max = 100000,
	},
	{
	    .name = "range",
	    .type = FIELD_TEXT,
	    .plans = true,
	    .advanced = true,
	    .label = "Range",
	    .help = "A part of the tabs, as B3:F or B3:F900, or a named range.",
	    .placeholder = "B3:F",
	    .max = 200,
	},
	{
	    .name = "columns",
	    .type = FIELD_LIST,
	    .plans = true,
	    .advanced = true,
	    .label = "Columns",
	    .help = "Only these, with commas between; left empty, all.",
	},
	{
	    .name = "where",
	    .type = FIELD_LIST,
	    .plans = true,
	    .advanced = true,
	    .label = "Rows",
	    .help = "Only rows for which all of these hold, with commas between, as in: Status = "
		    "open, Mail is not empty.",
	},
	{
	    .name = "hidden",
	    .type = FIELD_BOOL,
	    .advanced = true,
	    .label = "Hidden tabs too",
	    .help = "Also reads tabs that are hidden.",
	},
	{
	    .name = "contacts",
	    .type = FIELD_BOOL,
	    .advanced = true,
	    .label = "The rows are people",
	    .help = "Counts them as contacts, and those that have neither an e-mail "
		    "address nor a phone number.",
	},
	{
	    .name = "name_column",
	    .type = FIELD_TEXT,
	    .advanced = true,
	    .label = "Column of the name",
	    .help = "Left empty, Tidemark guesses by the header.",
	    .max = TITLE_MAX,
	},
	{
	    .name = "email_column",
	    .type = FIELD_TEXT,
	    .advanced = true,
	    .label = "Column of the e-mail address",
	    .help = "Left empty, Tidemark guesses by the header.",
	    .max = TITLE_MAX,
	},
	{
	    .name = "phone_column",
	    .type = FIELD_TEXT,
	    .advanced = true,
	    .label = "Column of the phone number",
	    .help = "Left empty, Tidemark guesses by the header.",
	    .max = TITLE_MAX,
	},
	{ .name = NULL },
};

/* A link becomes the id in it. */
static void
gsheets_configure(struct arena *a, json *config, json *errors)
{
	const char *text = json_str(config, "spreadsheet");
	const char *id = text ? sheets_link_id(a, text) : NULL;
	const char *why;

	if (text && !id)
		kind_complain(a, errors, "config.spreadsheet",
		    "Paste the link of the spreadsheet: "
		    "https://docs.google.com/spreadsheets/d/...");
	else if (text)
		json_set_str(config, "spreadsheet", id);
	if (!row_tests_check(a, json_at(config, "where"), &why))
		kind_complain(a, errors, "config.where", why);
}

static void
gsheets_suggest(struct arena *a, const json *columns, json *suggested)
{
	size_t n = json_len(columns);
	struct str *names = arena_array(a, n + 1, sizeof *names);

	for (size_t i = 0; i < n; i++)
		names[i] = str_c(json_value_str(json_nth(columns, i)));
	for (int k = 0; k < PEOPLE; k++) {
		int at = person_guess(names, n, k);
		if (at >= 0)
			json_set_str(suggested, person_fields[k], names[at].p);
	}
}

static const char *
gsheets_link(struct arena *a, const json *config)
{
	const char *id = json_str(config, "spreadsheet");

	return arena_printf(a, "https://docs.google.com/spreadsheets/d/%s/edit", id ? id : "");
}

static void
gsheets_show(struct arena *a, json *config)
{
	if (json_str(config, "spreadsheet"))
		json_set_str(config, "spreadsheet", gsheets_link(a, config));
}

static const struct kind_receiver drive = {
	.name = "google-drive",
	.headers = google_call_headers,
	.receive = google_call_receive,
	.summary = "Google Drive says that a spreadsheet has changed",
};

const struct kind kind_gsheets = {
	.id = "google-sheets",
	.title = "Google Sheets",
	.blurb = "Tabs of a spreadsheet, at once when somebody changes it.",
	.icon = "M4 4h16v16H4zM4 9h16M4 14.5h16M10 9v11",
	.caps = KIND_PULL | KIND_HOOK | KIND_COLUMNS | KIND_TABLES,
	.fields = sheets_fields,
	.chosen = "spreadsheet",
	.account = "google",
	.scopes = GOOGLE_SCOPES_WHO " " GOOGLE_SCOPE_SHEETS,
	.more_scopes = GOOGLE_SCOPE_DRIVE,
	.cost = sheets_cost,
	.recheck_hours = 24,
	.words = {
		.things = "spreadsheets",
		.look = "Show its tabs and columns",
		.open = "Open the spreadsheet",
		.share = "Share each spreadsheet with",
		.share_as = ", as Viewer at least.",
		.without =
		    "Changes are found by schedule, and spreadsheets are "
		    "connected by pasting their links.",
	},
	.receiver = &drive,
	.demo = "/fake/edit",
	.configure = gsheets_configure,
	.suggest = gsheets_suggest,
	.show = gsheets_show,
	.link = gsheets_link,
};
