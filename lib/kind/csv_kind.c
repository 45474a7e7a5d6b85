/*
 * csv_kind.c - CSV by address. A link of a shared or published spreadsheet becomes the address of
 * its data.
 */
#include "kind/sheets_link.h"
#include "kind/web.h"

enum { SKIP_ROWS_MAX = 1000 };

static const struct field csv_fields[] = {
	URL_FIELD("Address of the CSV file", "A direct link to the file, or " SHEETS_LINK_WORDS ".",
	    "https://example.com/data.csv"),
	{
	    .name = "key",
	    .type = FIELD_LIST,
	    .plans = true,
	    .label = "Key columns",
	    .placeholder = "id",
	    .help = "The column, or columns, that tell one row from another. Left empty, Tidemark "
		    "finds one or compares whole rows.",
	},
	{
	    .name = "delimiter",
	    .type = FIELD_CHOICE,
	    .advanced = true,
	    .label = "Delimiter",
	    .help = "What separates the cells of a row.",
	    .choices = "auto|comma|semicolon|tab|pipe",
	    .labels = "|Comma|Semicolon|Tab|Vertical bar",
	},
	{
	    .name = "quote",
	    .type = FIELD_CHOICE,
	    .advanced = true,
	    .label = "Quotes",
	    .help = "What encloses cells that contain the delimiter or line breaks.",
	    .choices = "auto|double|single|none",
	    .labels = "|Double quotes|Single quotes|None",
	},
	{
	    .name = "escape",
	    .type = FIELD_CHOICE,
	    .advanced = true,
	    .label = "Quotes inside cells",
	    .help = "How a quote that belongs to the text of a quoted cell is written: twice, or "
		    "behind a backslash, as databases write it.",
	    .choices = "auto|doubled|backslash",
	    .labels = "|Doubled|With a backslash",
	},
	{
	    .name = "encoding",
	    .type = FIELD_CHOICE,
	    .advanced = true,
	    .label = "Encoding",
	    .help = "How letters are stored in the file.",
	    .choices = "auto|utf-8|windows-1252|iso-8859-1|iso-8859-15|utf-16|windows-1250|"
		       "iso-8859-2|ibm852|windows-1251|koi8-r|koi8-u|iso-8859-5|ibm866|"
		       "windows-1253|iso-8859-7|windows-1254|iso-8859-9|windows-1255|windows-1256|"
		       "windows-1257|windows-1258|windows-874|shift_jis|euc-jp|gb18030|gbk|big5|"
		       "euc-kr|ibm850|macintosh|utf-16le|utf-16be",
	},
	{
	    .name = "header",
	    .type = FIELD_CHOICE,
	    .advanced = true,
	    .label = "Header row",
	    .help = "Whether the first row holds the names of the columns.",
	    .choices = "auto|yes|no",
	    .labels = "|Yes|No",
	},
	{
	    .name = "skip_rows",
	    .type = FIELD_INT,
	    .advanced = true,
	    .label = "Lines to skip",
	    .help = "Lines at the top that do not belong to the table.",
	    .min = 0,
	    .max = SKIP_ROWS_MAX,
	},
	URL_FIELD_HEADERS, URL_FIELD_AUTHORIZATION, { .name = NULL }
};

static void
csv_configure(struct arena *a, json *config, json *errors)
{
	const char *sheet = sheets_link_csv(a, json_str(config, "url"));

	if (sheet)
		json_set_str(config, "url", sheet);
	web_configure(a, config, errors);
}

const struct kind kind_csv = {
	.id = "csv",
	.title = "CSV file or published sheet",
	.blurb = "Reads a CSV file from a web address, or " SHEETS_LINK_BLURB ".",
	.icon = "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
	.caps = KIND_PULL | KIND_COLUMNS,
	.fields = csv_fields,
	.configure = csv_configure,
};
