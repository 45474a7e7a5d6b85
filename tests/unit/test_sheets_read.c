/* Google Sheets as it is read, call by call, against a spreadsheet of the stand-in in this process:
 * which tabs, in which pieces, and what tells that nothing has changed. */
#include "unit/read_fixture.h"

#include "provider/google/sheets.h"

static void
begin(const char *more)
{
	read_begin(
	    &reader_gsheets, "t", arena_printf(cx.a, "{\"spreadsheet\": \"" SHEET "\"%s}", more));
}

/* {"title": ...} of each tab. */
static void
file(const char *tabs)
{
	control(arena_printf(cx.a,
	    "{\"file\": {\"id\": \"" SHEET "\", \"name\": \"Test\", \"owner\": \"" OWNER
	    "\", \"tabs\": [%s]}}",
	    tabs));
}

static int
times(const char *text, const char *part)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, part)); p++)
		n++;
	return n;
}

static int
tab_id(const char *title)
{
	ask("GET", "/v4/spreadsheets/" SHEET "?fields=sheets.properties(sheetId,title)", NULL);
	for (size_t i = 0; i < json_len(at("sheets")); i++) {
		const json *one = json_at(json_nth(at("sheets"), i), "properties");

		if (!strcmp(json_str(one, "title"), title))
			return (int)json_num(one, "sheetId", -1);
	}
	flunk("no tab %s", title);
	return -1;
}

#define TEA "{\"title\": \"Tea\", \"values\": [[\"id\", \"n\"], [\"a\", 1], [\"b\", 2]]}"
#define POTS "{\"title\": \"Pots\", \"values\": [[\"id\"], [\"p\"]]}"

static void
an_unchanged_file_costs_one_call_and_an_edit_brings_it(void **state)
{
	(void)state;
	file(TEA);
	begin("");
	assert_ok(reads());
	has(rows_read(), "row 3 id=\"b\" n=2\n");
	/* The file, its tabs, its cells plain, and as they are shown. */
	assert_int_equal(did.calls, 4);
	assert_ok(reads());
	assert_true(did.unchanged);
	assert_int_equal(did.calls, 1);
	from.recheck = true;
	assert_ok(reads());
	assert_false(did.unchanged);
	from.recheck = false;
	control("{\"edit\": {\"file\": \"" SHEET "\", \"range\": \"Tea!B3\", \"values\": [[5]]}}");
	assert_ok(reads());
	has(rows_read(), "row 3 id=\"b\" n=5\n");
	assert_ok(reads());
	assert_true(did.unchanged);
	control("{\"trash\": \"" SHEET "\"}");
	assert_error(reads(), E_SOURCE_GONE);
	has(cx.err.detail, "in the trash of Google Drive");
}

static void
who_may_not_look_at_the_file_reads_it_each_time(void **state)
{
	(void)state;
	control("{\"token\": {\"value\": \"t\", \"email\": \"" OWNER
		"\", \"scope\": \"https://www.googleapis.com/auth/spreadsheets.readonly\"}}");
	file(TEA);
	begin("");
	assert_ok(reads());
	assert_null(json_str(from.cursor, "version"));
	assert_ok(reads());
	assert_false(did.unchanged);
	has(rows_read(), "row 2 id=\"a\" n=1\n");
}

static void
tabs_are_chosen_by_title_or_number_and_keep_their_number(void **state)
{
	const char *rows;

	(void)state;
	file(TEA "," POTS ", {\"title\": \"Chart\", \"chart\": true}, {\"title\": \"Secret\", "
		 "\"hidden\": true, \"values\": [[\"x\"], [\"s\"]]}");
	begin("");
	assert_ok(reads());
	rows = rows_read();
	has(rows, "dataset \"Tea\"");
	has(rows, "dataset \"Pots\"");
	has_not(rows, "dataset \"Secret\"");
	has(buf_c(did.page[0]), "{\"title\":\"Chart\",\"why\":\"It is a chart, not a table.\"}");
	has(buf_c(did.page[0]),
	    "{\"title\":\"Secret\",\"why\":\"It is hidden. Name it under Tabs to read it.\"}");
	begin(", \"hidden\": true");
	assert_ok(reads());
	has(rows_read(), "dataset \"Secret\"");
	begin(arena_printf(cx.a, ", \"tabs\": [\"%d\", \"Secret\", \"None\"]", tab_id("Pots")));
	assert_ok(reads());
	rows = rows_read();
	has(rows, "dataset \"Pots\"");
	has(rows, "dataset \"Secret\"");
	has_not(rows, "dataset \"Tea\"");
	has(buf_c(did.page[0]), "{\"title\":\"None\",\"why\":\"There is no such tab any more.\"}");
	/* It is the same tab under another name. */
	begin(", \"tabs\": [\"Tea\"]");
	assert_ok(reads());
	control("{\"edit\": {\"file\": \"" SHEET
		"\", \"requests\": [{\"updateSheetProperties\": {\"properties\": {\"sheetId\": 0, "
		"\"title\": \"Coffee\"}, \"fields\": \"title\"}}]}}");
	assert_ok(reads());
	has(rows_read(), "dataset \"Coffee\"");
	begin(", \"tabs\": [\"Chart\"]");
	assert_error(reads(), E_EMPTY);
	has(cx.err.detail, "None of the chosen tabs can be read. It is a chart, not a table.");
	begin(", \"tabs\": [\"None\"]");
	assert_error(reads(), E_EMPTY);
}

static void
a_range_is_a_part_of_one_tab(void **state)
{
	(void)state;
	file("{\"title\": \"Tea\", \"rows\": 10, \"cols\": 4, \"values\": [[\"x\"], [\"\", "
	     "\"id\", \"n\"], [\"\", \"a\", 1], [\"\", \"b\", 2], [\"\", \"c\", 3]]}," POTS);
	begin(", \"range\": \"Tea!B2:C4\"");
	assert_ok(reads());
	assert_int_equal(times(rows_read(), "row "), 2);
	has(rows_read(), "id=\"b\" n=2");
	has_not(rows_read(), "Pots");
	begin(", \"range\": \"Tea!B2:C\", \"header_row\": 2");
	assert_ok(reads());
	assert_int_equal(times(rows_read(), "row "), 3);
	control("{\"edit\": {\"file\": \"" SHEET
		"\", \"requests\": [{\"addNamedRange\": {\"namedRange\": {\"name\": \"mine\", "
		"\"range\": {\"sheetId\": 0, \"startRowIndex\": 1, \"endRowIndex\": 3, "
		"\"startColumnIndex\": 1, \"endColumnIndex\": 3}}}}]}}");
	begin(", \"range\": \"mine\"");
	assert_ok(reads());
	assert_int_equal(times(rows_read(), "row "), 1);
	has(rows_read(), "id=\"a\" n=1");
	begin(", \"range\": \"nobody's\"");
	assert_error(reads(), E_SOURCE_GONE);
	has(cx.err.detail, "no named range \"nobody's\"");
	begin(", \"range\": \"Tea!F2:G4\"");
	assert_error(reads(), E_EMPTY);
	has(cx.err.detail, "The chosen range lies outside of it.");
	begin(", \"range\": \"Tea!A11:B12\"");
	assert_error(reads(), E_EMPTY);
	begin(", \"range\": \"Tea!A10:B10\"");
	assert_ok(reads());
}

static void
a_large_tab_comes_in_blocks_that_overlap_and_a_look_is_one(void **state)
{
	struct buf *values = buf_in(cx.a, 8 << 20);
	const char *rows;

	(void)state;
	for (int i = 0; i < 25000; i++)
		buf_printf(values, ", [\"k%d\"]", i);
	file(arena_printf(cx.a,
	    "{\"title\": \"Long\", \"rows\": 25001, \"cols\": 20, \"values\": [[\"id\"]%s]}, "
	    "{\"title\": \"Short\", \"values\": [[\"id\"], [\"s\"]]}",
	    buf_c(values)));
	begin("");
	assert_ok(reads());
	rows = rows_read();
	/* The tabs, ten thousand rows twice, the rest of them with the other tab. */
	assert_int_equal(did.n, 4);
	assert_int_equal(times(rows, "\nrow "), 25001);
	assert_int_equal(times(rows, "id=\"k9999\"\n"), 1);
	assert_int_equal(times(rows, "id=\"k24999\"\n"), 1);
	has(rows, "dataset \"Short\"");
	has_not(rows, "torn");
	did.enough = 1;
	assert_ok(reads());
	did.enough = 0;
	from.cursor = NULL;
	did.enough = 1;
	assert_ok(reads());
	assert_true(did.cut);
	assert_int_equal(did.n, 2);
	/* A share of the look for each tab. */
	assert_int_equal(times(rows_read(), "\nrow "), 499 + 1);
	has(rows_read(), "dataset \"Short\"");
}

static void
tabs_and_files_are_shown_to_choose_from(void **state)
{
	json *choices = json_new(cx.a), *list = json_list(cx.a);
	const json *tabs;
	bool more = true;

	(void)state;
	file(TEA ", {\"title\": \"Chart\", \"chart\": true}, {\"title\": \"Secret\", \"hidden\": "
		 "true}");
	begin("");
	assert_ok(reader_gsheets.choices(&cx, &from, choices));
	assert_string_equal(json_str(choices, "title"), "Test");
	tabs = json_at(choices, "tabs");
	assert_int_equal(json_len(tabs), 3);
	assert_string_equal(json_str(json_nth(tabs, 0), "id"), "0");
	assert_true(json_flag(json_nth(tabs, 0), "usable", false));
	assert_null(json_str(json_nth(tabs, 0), "why"));
	assert_false(json_flag(json_nth(tabs, 1), "usable", true));
	assert_string_equal(json_str(json_nth(tabs, 1), "why"), "a chart, not a table");
	assert_true(json_flag(json_nth(tabs, 2), "hidden", false));
	assert_false(json_flag(json_nth(tabs, 0), "hidden", true));
	assert_ok(reader_gsheets.sources(&cx, &from, list, &more));
	assert_false(more);
	assert_int_equal(json_len(list), 1);
	assert_string_equal(json_str(json_nth(list, 0), "id"), SHEET);
	assert_string_equal(json_str(json_nth(list, 0), "title"), "Test");
}

/* What is chosen of so many tabs. */
static enum rc
choose_of(int n, json *page)
{
	json *meta = json_stored(cx.a, "{\"properties\": {\"title\": \"T\"}, \"sheets\": []}");

	for (int i = 0; i < n; i++)
		json_add(json_at(meta, "sheets"),
		    json_stored(cx.a,
			arena_printf(cx.a,
			    "{\"properties\": {\"sheetId\": %d, \"title\": \"t%d\", "
			    "\"gridProperties\": {\"rowCount\": 1, \"columnCount\": 1}}}",
			    i, i)));
	cx.err = (struct err){ 0 };
	return gsheets_choose(&cx, json_new(cx.a), NULL, meta, page);
}

static void
no_more_tabs_are_read_than_there_is_room_for(void **state)
{
	json *page = json_new(cx.a);

	(void)state;
	assert_ok(choose_of(64, page));
	assert_int_equal(json_len(json_at(page, "tabs")), 64);
	assert_string_equal(json_str(page, "title"), "T");
	assert_error(choose_of(65, json_new(cx.a)), E_SOURCE_TOO_LARGE);
	has(cx.err.detail, "more than 64 tabs; choose the ones to read.");
}

static int
sheets_close(void **state)
{
	read_end();
	return world_close(state);
}

#define sheets_test(f) cmocka_unit_test_setup_teardown(f, world_open, sheets_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		sheets_test(an_unchanged_file_costs_one_call_and_an_edit_brings_it),
		sheets_test(who_may_not_look_at_the_file_reads_it_each_time),
		sheets_test(tabs_are_chosen_by_title_or_number_and_keep_their_number),
		sheets_test(a_range_is_a_part_of_one_tab),
		sheets_test(a_large_tab_comes_in_blocks_that_overlap_and_a_look_is_one),
		sheets_test(tabs_and_files_are_shown_to_choose_from),
		sheets_test(no_more_tabs_are_read_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
