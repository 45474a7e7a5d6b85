/* The stand-in's spreadsheets: ranges, values as shown and as they are, grids, edits. */
#include "unit/fake_fixture.h"

#include "fake/google/sheets.h"

#define S "/v4/spreadsheets/" SHEET

/* One spreadsheet with everything. */
static void
make(void)
{
	control(
	    "{\"file\": {\"id\": \"" SHEET "\", \"name\": \"Test\", \"tabs\": ["
	    "{\"title\": \"Data\", \"rows\": 100, \"cols\": 8, \"values\": [[\"Code\", \"Price\", "
	    "\"Date\", \"Ok\", \"Sum\"],"
	    " [\"'007\", \"1,234.50\", \"2026-03-01\", \"TRUE\", \"=1+2*3\"], [], [\"x\", null, "
	    "\"2026-03-01 18:30\", \"\", \"=1/0\"], [null, null, null, null, \"=NA()\"]]},"
	    "{\"title\": \"Bob's tab\", \"rows\": 10, \"cols\": 3, \"values\": [[\"a\", \"b\"], "
	    "[\"c\"]]},"
	    "{\"title\": \"Empty\"}, {\"title\": \"Picture\", \"chart\": true}, "
	    "{\"title\": \"Secret\", \"hidden\": true}]}}");
}

static const char *
values(const char *range_and_query)
{
	if (ask("GET", arena_printf(cx.a, S "/values/%s", range_and_query), NULL) != 200)
		return buf_c(rep.body);
	return json_of("values");
}

static void
values_are_shown_plain_or_as_formulas(void **state)
{
	(void)state;
	make();
	assert_string_equal(
	    values("Data!A2:E2"), "[[\"007\",\"1,234.50\",\"2026-03-01\",\"TRUE\",\"7\"]]");
	assert_string_equal(values("Data!A2:E2?valueRenderOption=UNFORMATTED_VALUE"),
	    "[[\"007\",1234.5,46082,true,7]]");
	assert_string_equal(values("Data!A2:E2?valueRenderOption=FORMULA"),
	    "[[\"007\",1234.5,46082,true,\"=1+2*3\"]]");
	assert_string_equal(values("Data!C2:D4?valueRenderOption=UNFORMATTED_VALUE&"
				   "dateTimeRenderOption=FORMATTED_STRING"),
	    "[[\"2026-03-01\",true],[],[\"2026-03-01 18:30:00\"]]");
	assert_string_equal(
	    values("Data!E4:E5?valueRenderOption=UNFORMATTED_VALUE"), "[[\"#DIV/0!\"],[\"#N/A\"]]");
	assert_string_equal(
	    values("Data!C4?valueRenderOption=UNFORMATTED_VALUE"), "[[46082.770833333336]]");
}

static void
empty_ends_are_left_out(void **state)
{
	(void)state;
	make();
	assert_string_equal(values("Data!A1:H4?valueRenderOption=UNFORMATTED_VALUE"),
	    "[[\"Code\",\"Price\",\"Date\",\"Ok\",\"Sum\"],[\"007\",1234.5,46082,true,7],[],"
	    "[\"x\",\"\",46082.770833333336,\"\",\"#DIV/0!\"]]");
	assert_string_equal(values("Empty"), "(nothing)");
	assert_string_equal(text_at("range"), "Empty!A1:Z1000");
	assert_string_equal(values("Data!G1:H9"), "(nothing)");
	assert_string_equal(
	    values("'Bob''s%20tab'?majorDimension=COLUMNS"), "[[\"a\",\"c\"],[\"b\"]]");
	assert_string_equal(text_at("majorDimension"), "COLUMNS");
}

static void
ranges_are_read_in_all_their_forms(void **state)
{
	static const char *const rows[][2] = {
		{ "Data", "Data!A1:H100" },
		{ "'Data'", "Data!A1:H100" },
		{ "data!a1", "Data!A1" },
		{ "A1:B2", "Data!A1:B2" },
		{ "Data!$A$1:$B$2", "Data!A1:B2" },
		{ "Data!B:B", "Data!B1:B100" },
		{ "Data!A2:C", "Data!A2:C100" },
		{ "Data!3:5", "Data!A3:H5" },
		{ "Data!B2:A1", "Data!A1:B2" },
		{ "Data!A1:Z999", "Data!A1:H100" },
		{ "'Bob''s%20tab'!A1", "'Bob''s tab'!A1" },
		{ "Bob's%20tab!A1:A2", "'Bob''s tab'!A1:A2" },
		{ "Rates", "Data!B2:B4" },
		{ "Data!Rates", "Data!B2:B4" },
		{ "Secret!A1", "Secret!A1" },
	};
	static const char *const wrong[] = { "Nowhere!A1", "Data!A0", "Data!1A", "Data!",
		"'Data!A1", "Data!A:B:C", "Picture", "Data!A101:A102", "Data!ZZZZ1" };

	(void)state;
	make();
	control(
	    "{\"edit\": {\"file\": \"" SHEET
	    "\", \"requests\": [{\"addNamedRange\": {\"namedRange\": {\"name\": \"Rates\", "
	    "\"range\":"
	    " {\"sheetId\": 0, \"startRowIndex\": 1, \"endRowIndex\": 4, \"startColumnIndex\": 1, "
	    "\"endColumnIndex\": 2}}}}]}}");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		values(rows[i][0]);
		assert_string_equal(text_at("range"), rows[i][1]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(
		    ask("GET", arena_printf(cx.a, S "/values/%s", wrong[i]), NULL), 400);
		assert_string_equal(text_at("error.status"), "INVALID_ARGUMENT");
	}
	ask("GET", S "/values/Nowhere!A1", NULL);
	assert_string_equal(text_at("error.message"), "Unable to parse range: Nowhere!A1");
	ask("GET", S "/values/Data!A101:B102", NULL);
	assert_string_equal(text_at("error.message"),
	    "Range (Data!A101:B102) exceeds grid limits. Max rows: 100, max columns: 8");
}

static void
several_ranges_come_in_one_call(void **state)
{
	(void)state;
	make();
	assert_int_equal(
	    ask("GET",
		S "/values:batchGet?ranges=Data!A1:B1&ranges=Empty!A1:B9&ranges='Bob''s%20tab'!A1",
		NULL),
	    200);
	assert_string_equal(json_of("valueRanges"),
	    "[{\"range\":\"Data!A1:B1\",\"majorDimension\":\"ROWS\",\"values\":[[\"Code\","
	    "\"Price\"]]},"
	    "{\"range\":\"Empty!A1:B9\",\"majorDimension\":\"ROWS\"},{\"range\":\"'Bob''s "
	    "tab'!A1\",\"majorDimension\":\"ROWS\",\"values\":[[\"a\"]]}]");
	assert_int_equal(
	    ask("GET", S "/values:batchGet?ranges=Data!A1&fields=valueRanges.values", NULL), 200);
	assert_string_equal(buf_c(rep.body), "{\"valueRanges\":[{\"values\":[[\"Code\"]]}]}");
	assert_int_equal(
	    ask("POST", S "/values:batchGetByDataFilter",
		"{\"dataFilters\": [{\"gridRange\": {\"sheetId\": 0, \"startRowIndex\": 1, "
		"\"endRowIndex\": 2}}]}"),
	    200);
	assert_string_equal(text_at("valueRanges.0.valueRange.range"), "Data!A2:H2");
}

static void
decimals_and_dates_follow_the_locale(void **state)
{
	(void)state;
	control(
	    "{\"file\": {\"id\": \"" SHEET
	    "\", \"locale\": \"de_DE\", \"tabs\": [{\"title\": \"D\", \"values\": [[\"1.234,50\", "
	    "\"3,5\", \"24.12.2026\", \"12,5%\"]]}]}}");
	assert_string_equal(values("D"), "[[\"1.234,50\",\"3,5\",\"24.12.2026\",\"12,50%\"]]");
	assert_string_equal(
	    values("D?valueRenderOption=UNFORMATTED_VALUE"), "[[1234.5,3.5,46380,0.125]]");
}

static void
tabs_are_listed_with_their_kinds(void **state)
{
	(void)state;
	make();
	assert_int_equal(
	    ask("GET",
		S
		"?fields=spreadsheetId,properties(title,locale,timeZone),sheets.properties(sheetId,"
		"title,index,sheetType,hidden,gridProperties(rowCount,columnCount))",
		NULL),
	    200);
	assert_string_equal(text_at("properties.timeZone"), "Etc/GMT");
	assert_string_equal(json_of("sheets.0.properties"),
	    "{\"sheetId\":0,\"title\":\"Data\",\"index\":0,\"sheetType\":\"GRID\","
	    "\"gridProperties\":{\"rowCount\":100,\"columnCount\":8}}");
	assert_string_equal(text_at("sheets.3.properties.sheetType"), "OBJECT");
	assert_null(at("sheets.3.properties.gridProperties"));
	assert_string_equal(json_of("sheets.4.properties.hidden"), "true");
	assert_null(at("sheets.0.data"));
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_null(at("sheets.0.data"));
}

static void
formats_are_told_for_the_cells_asked_about(void **state)
{
	(void)state;
	make();
	assert_int_equal(
	    ask("GET",
		S
		"?ranges=Data!A2:E2&fields=sheets.data.rowData.values.effectiveFormat.numberFormat",
		NULL),
	    200);
	assert_string_equal(buf_c(rep.body),
	    "{\"sheets\":[{\"data\":[{\"rowData\":[{\"values\":[{\"effectiveFormat\":{}},"
	    "{\"effectiveFormat\":{\"numberFormat\":{\"type\":\"NUMBER\",\"pattern\":\"#,"
	    "##0.00\"}}},"
	    "{\"effectiveFormat\":{\"numberFormat\":{\"type\":\"DATE\","
	    "\"pattern\":\"yyyy-mm-dd\"}}},{\"effectiveFormat\":{}},"
	    "{\"effectiveFormat\":{}}]}]}]}]}");
	assert_int_equal(ask("GET", S "?includeGridData=true&ranges=Data!E2:E5", NULL), 200);
	assert_string_equal(json_of("sheets.0.data.0.rowData.0.values.0.userEnteredValue"),
	    "{\"formulaValue\":\"=1+2*3\"}");
	assert_string_equal(
	    json_of("sheets.0.data.0.rowData.0.values.0.effectiveValue"), "{\"numberValue\":7}");
	assert_string_equal(json_of("sheets.0.data.0.rowData.2.values.0.effectiveValue"),
	    "{\"errorValue\":{\"type\":\"DIVIDE_BY_ZERO\",\"message\":\"#DIV/0!\"}}");
	assert_string_equal(
	    text_at("sheets.0.data.0.rowData.3.values.0.effectiveValue.errorValue.type"), "N_A");
	assert_int_equal(json_num(at("sheets.0.data.0"), "startRow", 0), 1);
}

static void
values_are_written_raw_or_as_typed(void **state)
{
	(void)state;
	make();
	assert_int_equal(ask("PUT", S "/values/Empty!A1:B2?valueInputOption=RAW",
			     "{\"values\": [[\"007\", 1.5], [true, null]]}"),
	    200);
	assert_string_equal(json_of("updatedCells"), "3");
	assert_string_equal(
	    values("Empty?valueRenderOption=UNFORMATTED_VALUE"), "[[\"007\",1.5],[true]]");
	assert_int_equal(ask("PUT", S "/values/Empty!A1?valueInputOption=USER_ENTERED",
			     "{\"values\": [[\"007\"]]}"),
	    200);
	assert_string_equal(
	    values("Empty?valueRenderOption=UNFORMATTED_VALUE"), "[[7,1.5],[true]]");
	assert_int_equal(
	    ask("PUT", S "/values/Empty!A1?valueInputOption=RAW", "{\"values\": [[null, \"\"]]}"),
	    200);
	assert_string_equal(values("Empty?valueRenderOption=UNFORMATTED_VALUE"), "[[7],[true]]");
	assert_int_equal(ask("PUT", S "/values/Empty!A1:A1", "{\"values\": [[1]]}"), 400);
	assert_int_equal(
	    ask("PUT", S "/values/Empty!A1:B1?valueInputOption=RAW", "{\"values\": [[1], [2]]}"),
	    400);
	assert_int_equal(ask("POST", S "/values/Empty:append?valueInputOption=RAW",
			     "{\"values\": [[\"next\"]]}"),
	    200);
	assert_string_equal(text_at("updates.updatedRange"), "Empty!A3");
	assert_string_equal(text_at("tableRange"), "Empty!A1:A2");
	assert_int_equal(ask("POST", S "/values/Empty!A1:Z2:clear", "{}"), 200);
	assert_string_equal(values("Empty"), "[[],[],[\"next\"]]");
}

static void
another_person_edits(void **state)
{
	(void)state;
	make();
	control(
	    "{\"edit\": {\"file\": \"" SHEET
	    "\", \"range\": \"Data!A2\", \"values\": [[\"'008\"]], \"requests\": ["
	    "{\"insertDimension\": {\"range\": {\"sheetId\": 0, \"dimension\": \"COLUMNS\", "
	    "\"startIndex\": 1, \"endIndex\": 2}}},"
	    "{\"deleteDimension\": {\"range\": {\"sheetId\": 0, \"dimension\": \"ROWS\", "
	    "\"startIndex\": 2, \"endIndex\": 3}}},"
	    "{\"updateSheetProperties\": {\"properties\": {\"sheetId\": 0, \"title\": \"Renamed\", "
	    "\"index\": 2}, \"fields\": \"title,index\"}},"
	    "{\"addSheet\": {\"properties\": {\"title\": \"New\"}}}]}}");
	assert_string_equal(values("Renamed!A1:C3"),
	    "[[\"Code\",\"\",\"Price\"],[\"008\",\"\",\"1,234.50\"],[\"x\"]]");
	assert_int_equal(ask("GET", S "?fields=sheets.properties(title,index)", NULL), 200);
	assert_string_equal(text_at("sheets.2.properties.title"), "Renamed");
	assert_string_equal(text_at("sheets.5.properties.title"), "New");
	assert_int_equal(ask("GET", S "/values/Data", NULL), 400);
	control("{\"edit\": {\"file\": \"" SHEET "\", \"clear\": \"Renamed\"}}");
	assert_string_equal(values("Renamed"), "(nothing)");
}

static void
columns_are_moved(void **state)
{
	(void)state;
	make();
	control(
	    "{\"edit\": {\"file\": \"" SHEET
	    "\", \"requests\": [{\"moveDimension\": {\"source\": {\"sheetId\": 0, \"dimension\": "
	    "\"COLUMNS\", \"startIndex\": 0, \"endIndex\": 1}, \"destinationIndex\": 3}}]}}");
	assert_string_equal(values("Data!A1:H1"), "[[\"Price\",\"Date\",\"Code\",\"Ok\",\"Sum\"]]");
	assert_string_equal(text_at("range"), "Data!A1:H1");
}

static void
the_last_visible_tab_cannot_be_hidden(void **state)
{
	(void)state;
	control("{\"file\": {\"id\": \"" SHEET "\"}}");
	assert_int_equal(
	    ask("POST", S ":batchUpdate",
		"{\"requests\": [{\"updateSheetProperties\": {\"properties\": {\"sheetId\": 0, "
		"\"hidden\": true}, \"fields\": \"hidden\"}}]}"),
	    400);
	assert_string_equal(text_at("error.message"),
	    "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a "
	    "document.");
}

static void
a_million_rows_are_made_when_they_are_read(void **state)
{
	(void)state;
	control("{\"file\": {\"id\": \"" SHEET
		"\", \"tabs\": [{\"title\": \"Big\", \"generate\": {\"rows\": 1000001, \"cols\": "
		"10}}]}}");
	assert_string_equal(values("Big!A1000001:J1000001?valueRenderOption=UNFORMATTED_VALUE"),
	    "[[\"R1000000\",\"Person 1000000\",\"person1000000@example.com\",\"+49 30 1000000\",0,"
	    "0,40000,false,\"Berlin\",\"00000\"]]");
	assert_int_equal(
	    ask("GET", S "/values/Big!A2:J10001?valueRenderOption=UNFORMATTED_VALUE", NULL), 200);
	assert_int_equal(json_len(at("values")), 10000);
	control("{\"edit\": {\"file\": \"" SHEET
		"\", \"range\": \"Big!B500000\", \"values\": [[\"Changed\"]], \"requests\": ["
		"{\"deleteDimension\": {\"range\": {\"sheetId\": 0, \"dimension\": \"ROWS\", "
		"\"startIndex\": 1, \"endIndex\": 11}}},"
		"{\"insertDimension\": {\"range\": {\"sheetId\": 0, \"dimension\": \"COLUMNS\", "
		"\"startIndex\": 1, \"endIndex\": 2}}}]}}");
	assert_string_equal(values("Big!A2:C2"), "[[\"R0000011\",\"\",\"Person 11\"]]");
	assert_string_equal(values("Big!A499990:C499990"), "[[\"R0499999\",\"\",\"Changed\"]]");
	control("{\"edit\": {\"file\": \"" SHEET "\", \"clear\": \"Big\"}}");
	assert_string_equal(values("Big!A1:C10"), "(nothing)");
}

static void
the_demo_has_what_makes_spreadsheets_hard(void **state)
{
	static const char contacts[] =
	    "/v4/spreadsheets/1DemoContacts-0000000000000000000000000000000";
	static const char shop[] = "/v4/spreadsheets/1DemoShop-00000000000000000000000000000000000";

	(void)state;
	fake_free(world);
	world = fake_new(true);
	control("{\"token\": {\"value\": \"t\", \"email\": \"demo@example.com\"}}");
	assert_int_equal(
	    ask("GET",
		arena_printf(
		    cx.a, "%s/values/Contacts!A2:G2?valueRenderOption=UNFORMATTED_VALUE", contacts),
		NULL),
	    200);
	assert_string_equal(json_of("values"),
	    "[[\"00042\",\"Ada\",\"Martens\",\"ada.martens@example.com\",\"+49 30 5550142\",32216,"
	    "0.05]]");
	assert_int_equal(
	    ask("GET",
		arena_printf(cx.a,
		    "%s?fields=properties.title,sheets.properties(title,sheetType,hidden)",
		    contacts),
		NULL),
	    200);
	assert_string_equal(text_at("properties.title"), "Demo: Contacts");
	assert_string_equal(json_of("sheets.2.properties.hidden"), "true");
	assert_int_equal(
	    ask("GET",
		arena_printf(
		    cx.a, "%s/values:batchGet?ranges=Events!1:1&ranges=Orders%%202026!F5:F6", shop),
		NULL),
	    200);
	assert_string_equal(
	    json_of("valueRanges.0.values"), "[[\"Date\",\"Name\",\"Name\",\"\",\"Place\"]]");
	assert_string_equal(json_of("valueRanges.1.values"), "[[\"#DIV/0!\"],[\"#N/A\"]]");
	assert_int_equal(
	    ask("GET", arena_printf(cx.a, "%s?fields=sheets.properties.sheetType", shop), NULL),
	    200);
	assert_string_equal(text_at("sheets.1.properties.sheetType"), "OBJECT");
}

static void
durations_are_shown_as_their_pattern_says(void **state)
{
	static const struct {
		double n;
		const char *pattern, *shown;
	} rows[] = {
		{ 1.125, "[h]", "27" },
		{ 1.125, "[h]\" h\"", "27 h" },
		{ 1.125, "[hh]:mm:ss", "27:00:00" },
		{ 0.0208333333333333, "[mm]", "30" },
		{ 0.0208333333333333, "[s]", "1800" },
		{ -1.125, "[h]:mm", "-27:00" },
		{ 0.4375, "hh", "10" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct format fmt = { .type = "TIME", .pattern = rows[i].pattern };
		const struct cell c = { .kind = CELL_NUMBER, .n = rows[i].n, .fmt = &fmt };

		assert_string_equal(cell_text(cx.a, &c, "en_US"), rows[i].shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(values_are_shown_plain_or_as_formulas),
		world_test(durations_are_shown_as_their_pattern_says),
		world_test(empty_ends_are_left_out),
		world_test(ranges_are_read_in_all_their_forms),
		world_test(several_ranges_come_in_one_call),
		world_test(decimals_and_dates_follow_the_locale),
		world_test(tabs_are_listed_with_their_kinds),
		world_test(formats_are_told_for_the_cells_asked_about),
		world_test(values_are_written_raw_or_as_typed),
		world_test(another_person_edits),
		world_test(columns_are_moved),
		world_test(the_last_visible_tab_cannot_be_hidden),
		world_test(a_million_rows_are_made_when_they_are_read),
		world_test(the_demo_has_what_makes_spreadsheets_hard),
	};
	return cmocka_run_group_tests_name("fake_sheets", tests, NULL, NULL);
}
