/* Google Sheets, the pure half: numbers to the letter, ragged rows, headers, columns, people,
 * blocks. */
#include "unit/unit.h"

#include "base/buf.h"
#include "provider/google/sheets.h"
#include "unit/provider_fixture.h"

#include <sys/resource.h>

static enum rc outcome;

/* config; the tabs; then pages, to a NULL. What the sink was told. */
static const char *
told(const char *config, const char *first, ...)
{
	struct fixture_page pages[20] = { { .bytes = str_c(first) } };
	struct fixture *f = fixture_new(cx.a);
	const char *page;
	size_t n = 1;
	va_list ap;

	f->sentences = true;
	va_start(ap, first);
	while ((page = va_arg(ap, const char *)) && n < 20)
		pages[n++] = (struct fixture_page){ .bytes = str_c(page), .step = 7 };
	va_end(ap);
	outcome = fixture_parse(&cx, &reader_gsheets, config, pages, n, f);
	return buf_c(f->text);
}

#define TAB \
	"{\"title\":\"Book\",\"tabs\":[{\"id\":5,\"title\":\"People\",\"row\":1,\"col\":1," \
	"\"lastRow\":1000,\"lastCol\":26}],\"left\":[]}"

/* The block of the first rows, shown as it is. */
static const char *
block(const char *values)
{
	return arena_printf(cx.a,
	    "{\"parts\":[{\"tab\":0,\"row\":1}],\"values\":{\"valueRanges\":[{\"range\":\"x\","
	    "\"values\":%s}]},\"shown\":{\"valueRanges\":[{\"values\":%s}]}}",
	    values, values);
}

static const char *
later(int row, const char *values)
{
	return arena_printf(cx.a,
	    "{\"parts\":[{\"tab\":0,\"row\":%d}],\"values\":{\"valueRanges\":[{\"values\":%s}]}}",
	    row, values);
}

static const char *
rows_of(const char *values)
{
	const char *t = told("{}", TAB, block(values), NULL);

	assert_ok(outcome);
	assert_int_equal(strncmp(t, "dataset \"People\"\nheader ", 24), 0);
	return t + 17;
}

static void
values_are_kept_to_the_letter(void **state)
{
	(void)state;
	assert_string_equal(
	    rows_of("[[\"a\",\"b\",\"c\"],[\"0003\",\"+49 30\",\"1.234,56\"],[12.50,1e21,-0.1],"
		    "[0.1000000000000000055,123456789012345678,9007199254740993],[true,false,"
		    "\"\\u00e4\\n\\\"\"]]"),
	    "header \"a\" \"b\" \"c\"\n"
	    "row 2 a=\"0003\" b=\"+49 30\" c=\"1.234,56\"\n"
	    "row 3 a=12.50 b=1e21 c=-0.1\n"
	    "row 4 a=0.1000000000000000055 b=123456789012345678 c=9007199254740993\n"
	    "row 5 a=true b=false c=\"\xc3\xa4\\n\\\"\"\n");
	assert_string_equal(rows_of("[[\"a\"],[12345678901234567890123],[1.7976931348623157E308]]"),
	    "header \"a\"\nrow 2 a=12345678901234567890123\nrow 3 a=1.7976931348623157E308\n");
}

static void
ragged_and_empty_rows_are_what_they_are(void **state)
{
	(void)state;
	assert_string_equal(
	    rows_of("[[\"a\",\"b\",\"c\"],[1],[],[null,2],[\"\",\"\",\"\"],[\"\",\"\",3],[4,5,6]]"),
	    "header \"a\" \"b\" \"c\"\nrow 2 a=1\nrow 4 b=2\nrow 6 c=3\nrow 7 a=4 b=5 c=6\n");
	assert_string_equal(rows_of("[[\"a\"]]"), "header \"a\"\n");
}

static void
headers_go_on_as_they_stand(void **state)
{
	(void)state;
	assert_string_equal(rows_of("[[\"a\",\"\",\"a\",2026,\" x \"],[1,2,3,4,5]]"),
	    "header \"a\" \"\" \"a\" \"2026\" \" x \"\nrow 2 a=1 =2 a=3 2026=4  x =5\n");
}

static void
values_to_the_right_of_the_headers_get_columns_of_their_own(void **state)
{
	(void)state;
	assert_string_equal(rows_of("[[\"a\",\"b\"],[1,2,\"\",\"stray\",\"\"],[3,4]]"),
	    "header \"a\" \"b\" \"\" \"\"\nrow 2 a=1 b=2 =\"stray\"\nrow 3 a=3 b=4\n");
	assert_string_equal(rows_of("[[\"a\",\"b\",\"\",\"\"],[1,2,\"\",\"\"]]"),
	    "header \"a\" \"b\"\nrow 2 a=1 b=2\n");
}

static void
stray_values_far_below_are_told(void **state)
{
	(void)state;
	assert_string_equal(told("{}", TAB, block("[[\"a\"],[1]]"),
				later(3, "[[2,\"x\",\"\",\"y\"],[\"\",\"z\"]]"), NULL),
	    "dataset \"People\"\nheader \"a\"\nrow 2 a=1\nrow 3 a=2\n"
	    "warn values_beyond: 3 values stand to the right of all headers and were left out. "
	    "Give their columns a header.\n");
}

static void
errors_of_formulas_stay_texts_and_are_counted(void **state)
{
	const char *t = rows_of(
	    "[[\"a\",\"b\"],[\"#REF!\",\"#N/A\"],[\"#DIV/0!\",\"fine\"],[\"#hashtag\",\"#REF! is "
	    "text\"]]");

	(void)state;
	assert_non_null(strstr(t, "row 2 a=\"#REF!\" b=\"#N/A\"\n"));
	assert_non_null(strstr(t,
	    "warn formula_errors: 3 cells show an error of a formula, as #REF!; "
	    "they are kept as text.\n"));
}

/* Whatever else stands in the column, above or below. */
static void
each_cell_is_what_the_sheet_shows_it_as(void **state)
{
	const char *head = "[\"day\",\"n\",\"at\",\"mix\",\"took\"],", *page[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		page[i] = arena_printf(cx.a,
		    "{\"parts\":[{\"tab\":0,\"row\":%d}],"
		    "\"values\":{\"valueRanges\":[{\"values\":[%s[46347,46347,0.5,46347,0.25],"
		    "[46348.5,1,0.75,7,1.25],[7]]}]},"
		    "\"shown\":{\"valueRanges\":[{\"values\":[%s[\"21.11.2026\",46347,\"12:00\","
		    "\"21.11.2026\",\"6:00:00\"],[\"22.11.2026\",1,\"18:00\",7,\"30:00:00\"]]}]}}",
		    i ? 5 : 1, i ? "" : head, i ? "" : head);
	assert_string_equal(told("{}", TAB, page[0], page[1], later(8, "[[46349,\"soon\"]]"), NULL),
	    "dataset \"People\"\nheader \"day\" \"n\" \"at\" \"mix\" \"took\"\n"
	    "row 2 day=\"2026-11-21\" n=46347 at=\"12:00:00\" mix=\"2026-11-21\" "
	    "took=\"06:00:00\"\n"
	    "row 3 day=\"2026-11-22T12:00:00\" n=1 at=\"18:00:00\" mix=7 took=\"30:00:00\"\n"
	    "row 4 day=7\n"
	    "row 5 day=\"2026-11-21\" n=46347 at=\"12:00:00\" mix=\"2026-11-21\" "
	    "took=\"06:00:00\"\n"
	    "row 6 day=\"2026-11-22T12:00:00\" n=1 at=\"18:00:00\" mix=7 took=\"30:00:00\"\n"
	    "row 7 day=7\n"
	    "row 8 day=46349 n=\"soon\"\n");
}

static void
only_chosen_columns_are_read(void **state)
{
	(void)state;
	assert_string_equal(told("{\"columns\":[\"NAME\",\"id\"]}", TAB,
				block("[[\"id\",\"secret\",\"name\",\"\"],[1,\"x\",\"Ann\",\"y\"],"
				      "[\"\",\"only hidden\",\"\"]]"),
				NULL),
	    "dataset \"People\"\nheader \"id\" \"name\"\nrow 2 id=1 name=\"Ann\"\n");
	assert_ok(outcome);
}

static void
a_chosen_column_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_string_equal(told("{\"columns\":[\"id\",\"Mail\"]}", TAB,
				block("[[\"id\",\"name\"],[1,\"Ann\"]]"), NULL),
	    "dataset \"People\"\nwarn column_unknown_5_1: The tab \"People\" has no column "
	    "\"Mail\", which is chosen.\nheader \"id\"\nrow 2 id=1\n");
	assert_ok(outcome);
	told("{\"columns\":[\"Mail\"]}", TAB, block("[[\"id\",\"name\"],[1,\"Ann\"]]"), NULL);
	assert_error(outcome, E_COLUMN);
	assert_string_equal(cx.err.detail, "The tab \"People\" has none of the chosen columns.");
}

static void
rows_are_filtered_also_by_columns_that_are_not_chosen(void **state)
{
	(void)state;
	assert_string_equal(
	    told("{\"columns\":[\"id\"],\"where\":[\"Status = open\",\"Amount >= 10\"]}", TAB,
		block(
		    "[[\"id\",\"status\",\"amount\"],[1,\"open\",10],[2,\"open\",9],[3,\"closed\","
		    "50],[4,\"OPEN\",1e3],[5,\"open\"]]"),
		NULL),
	    "dataset \"People\"\nheader \"id\"\nrow 2 id=1\nrow 5 id=4\n"
	    "warn rows_filtered: 3 rows do not meet the conditions and were left out.\n");
	told("{\"where\":[\"Stage = open\"]}", TAB, block("[[\"id\"],[1]]"), NULL);
	assert_error(outcome, E_COLUMN);
}

static void
contacts_are_counted_with_guessed_or_given_columns(void **state)
{
	const char *rows =
	    "[[\"Name\",\"E-Mail\",\"Telefon\",\"Work\"],[\"Ann\",\"a@x\",\"\",\"\"],[\"Bob\",\"\","
	    "\"+49\",\"\"],[\"Cy\",\"\",\" \",\"w\"],[\"Di\"]]";

	(void)state;
	assert_non_null(strstr(told("{\"contacts\":true}", TAB, block(rows), NULL),
	    "people 2: the name from \"Name\", the e-mail address from \"E-Mail\", the phone "
	    "number from \"Telefon\"\n"));
	assert_non_null(
	    strstr(told("{\"contacts\":true,\"phone_column\":\"work\"}", TAB, block(rows), NULL),
		"the phone number from \"Work\"\n"));
	assert_null(strstr(told("{}", TAB, block(rows), NULL), "people"));
	told("{\"contacts\":true,\"email_column\":\"Post\"}", TAB, block(rows), NULL);
	assert_error(outcome, E_COLUMN);
}

static void
an_emptied_tab_is_an_error_that_keeps_the_data(void **state)
{
	(void)state;
	told("{}", TAB,
	    "{\"parts\":[{\"tab\":0,\"row\":1}],\"values\":{\"valueRanges\":[{\"range\":\"x\"}]},"
	    "\"shown\":{\"valueRanges\":[{\"range\":\"x\"}]}}",
	    NULL);
	assert_error(outcome, E_EMPTY);
	told("{}", TAB, block("[[],[\"Ann\",1]]"), NULL);
	assert_error(outcome, E_EMPTY);
	assert_non_null(strstr(
	    cx.err.detail, "Row 1 of the tab \"People\" is empty, where its headers should be."));
}

#define TWO_TABS \
	"{\"title\":\"Book\",\"tabs\":[" \
	"{\"id\":5,\"title\":\"A\",\"row\":1,\"col\":1,\"lastRow\":3,\"lastCol\":2}," \
	"{\"id\":6,\"title\":\"B\",\"row\":3,\"col\":1,\"lastRow\":9,\"lastCol\":2}]," \
	"\"left\":[{\"title\":\"Chart1\",\"why\":\"It is a chart, not a table.\"}]}"

static void
several_tabs_come_in_one_block(void **state)
{
	(void)state;
	assert_string_equal(
	    told("{}", TWO_TABS,
		"{\"parts\":[{\"tab\":0,\"row\":1},{\"tab\":1,\"row\":3}],"
		"\"values\":{\"valueRanges\":[{\"values\":[[\"x\"],[1]]},{\"values\":[[\"y\"],"
		"[2]]}]},"
		"\"shown\":{\"valueRanges\":[{\"values\":[[\"x\"],[1]]},{\"values\":[[\"y\"],"
		"[2]]}]}}",
		"{\"parts\":[{\"tab\":1,\"row\":5}],"
		"\"values\":{\"valueRanges\":[{\"values\":[[3]]}]}}",
		NULL),
	    "warn tab_left_out_0: The tab \"Chart1\" was left out. It is a chart, not a table.\n"
	    "dataset \"A\"\nheader \"x\"\nrow 2 x=1\ndataset \"B\"\nheader \"y\"\nrow 4 y=2\n"
	    "row 5 y=3\n");
	assert_ok(outcome);
}

/* The fifth and later rows come in a second block, which repeats three: rows 2 to 4. The first
 * column is the key. */
static const char *
seam(const char *second)
{
	const char *t = told("{}", TAB, block("[[\"k\"],[\"a\"],[\"b\"],[\"c\"]]"),
	    arena_printf(cx.a,
		"{\"parts\":[{\"tab\":0,\"row\":5,\"over\":3}],"
		"\"values\":{\"valueRanges\":[{\"values\":%s}]}}",
		second),
	    NULL);
	struct buf *keys = buf_in(cx.a, 1000);

	assert_ok(outcome);
	for (const char *p = t; (p = strstr(p, "k=\"")); p += 3)
		buf_printf(keys, "%c", p[3]);
	if (strstr(t, "torn"))
		buf_str(keys, " torn");
	return buf_c(keys);
}

static void
rows_that_move_between_two_blocks_are_neither_lost_nor_doubled(void **state)
{
	(void)state;
	assert_string_equal(seam("[[\"a\"],[\"b\"],[\"c\"],[\"d\"],[\"e\"]]"), "abcde");
	assert_string_equal(seam("[[\"a\"],[\"b\"],[\"c\"]]"), "abc");
	/* One and two rows were deleted above. */
	assert_string_equal(seam("[[\"b\"],[\"c\"],[\"d\"],[\"e\"]]"), "abcde");
	assert_string_equal(seam("[[\"c\"],[\"d\"],[\"e\"]]"), "abcde");
	/* One and three were inserted above. */
	assert_string_equal(seam("[[\"x\"],[\"a\"],[\"b\"],[\"c\"],[\"d\"]]"), "abcd");
	assert_string_equal(
	    seam("[[\"x\"],[\"y\"],[\"z\"],[\"a\"],[\"b\"],[\"c\"],[\"d\"]]"), "abcd");
	/* A value was changed beside the key; a row was emptied. */
	assert_string_equal(seam("[[\"a\",1],[\"b\"],[\"c\",2],[\"d\"]]"), "abcd");
	assert_string_equal(seam("[[\"a\"],[],[\"c\"],[\"d\"]]"), "abcd");
	/* Sorted, or many were deleted: nobody knows. */
	assert_string_equal(seam("[[\"y\"],[\"z\"],[\"x\"],[\"d\"],[\"e\"]]"), "abcde torn");
	assert_string_equal(seam("[]"), "abc torn");
}

static void
a_seam_among_empty_rows_loses_nothing(void **state)
{
	static const char first[] = "[[\"k\"],[\"a\"]]";
	static const char second[] = "{\"parts\":[{\"tab\":0,\"row\":6,\"over\":3}],"
				     "\"values\":{\"valueRanges\":[{\"values\":%s}]}}";

	(void)state;
	assert_non_null(strstr(
	    told("{}", TAB, block(first), arena_printf(cx.a, second, "[[],[],[],[\"b\"]]"), NULL),
	    "row 2 k=\"a\"\nrow 6 k=\"b\"\n"));
	/* It has slid up into what was empty. */
	assert_non_null(strstr(
	    told("{}", TAB, block(first), arena_printf(cx.a, second, "[[],[],[\"b\"]]"), NULL),
	    "row 2 k=\"a\"\nrow 5 k=\"b\"\n"));
	/* A header row among the repeated ones is no data. */
	assert_null(
	    strstr(told("{}", TAB, block("[[\"k\"]]"),
		       "{\"parts\":[{\"tab\":0,\"row\":4,\"over\":3}],"
		       "\"values\":{\"valueRanges\":[{\"values\":[[\"k\"],[],[],[\"b\"]]}]}}",
		       NULL),
		"k=\"k\""));
}

static void
answers_that_do_not_fit_are_errors(void **state)
{
	static const char *const pages[] = { "", "{", "[]", "null",
		"{\"parts\":[{\"tab\":0,\"row\":1}],\"values\":{}}",
		"{\"parts\":[{\"tab\":0,\"row\":1}]}",
		"{\"parts\":[{\"tab\":9,\"row\":1}],"
		"\"values\":{\"valueRanges\":[{\"values\":[[1]]}]}}",
		"{\"parts\":[{\"tab\":-1,\"row\":1}],"
		"\"values\":{\"valueRanges\":[{\"values\":[[1]]}]}}",
		"{\"parts\":[{\"tab\":0,\"row\":1}],\"values\":{\"valueRanges\":[{},{}]}}",
		"{\"parts\":[{\"tab\":0,\"row\":1}],"
		"\"values\":{\"valueRanges\":[{\"values\":[[\"a\"],[1]]}]},"
		"\"shown\":{\"valueRanges\":[]}}" };

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		told("{}", TAB, pages[i], NULL);
		if (outcome == RC_OK)
			flunk("%s is taken", pages[i]);
	}
}

static void
things_of_the_wrong_type_are_left_out_and_nothing_breaks(void **state)
{
	(void)state;
	assert_string_equal(rows_of("[[\"a\",\"b\"],[{\"x\":1},[1,2]],\"row\",7,[1,2]]"),
	    "header \"a\" \"b\"\nrow 2 a={\"x\":1} b=[1,2]\nrow 5 a=1 b=2\n");
}

/* --- size; AddressSanitizer keeps what was given back --- */

#ifndef __SANITIZE_ADDRESS__
static long
peak_kb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* Blocks as the network half makes them: 10,000 rows of 10 cells each. */
static void
memory_does_not_grow_with_the_number_of_blocks(void **state)
{
	static struct fixture_page pages[1001];
	struct fixture *f = fixture_new(cx.a);
	struct buf *row = buf_in(cx.a, 1000);
	long before;

	(void)state;
	f->quiet = true;
	for (int i = 0; i < 10; i++)
		buf_printf(row, "%s\"value %d of the row\"", i ? "," : "[", i);
	buf_str(row, "],");
	pages[0] = (struct fixture_page){ .bytes = str_c(TAB) };
	for (size_t i = 1; i < 101; i++)
		pages[i] = (struct fixture_page){
			.bytes = str_c(arena_printf(cx.a,
			    "{\"parts\":[{\"tab\":0,\"row\":%zu}],"
			    "\"values\":{\"valueRanges\":[{\"values\":[",
			    i * 2000 - 1999)),
			.repeat = buf_s(row),
			.times = 2000,
			.last = STR("[]]}]}}"),
		};
	assert_ok(fixture_parse(&cx, &reader_gsheets, "{}", pages, 3, f));
	before = peak_kb();
	for (size_t i = 0; i < 101; i++)
		fixture_restart(&cx, &pages[i]);
	assert_ok(fixture_parse(&cx, &reader_gsheets, "{}", pages, 101, f));
	assert_int_equal(f->rows, 2 * 2000 - 1 + 100 * 2000 - 1);
	if (peak_kb() - before > 4096)
		flunk("%ld kB more for 100 blocks than for 2", peak_kb() - before);
}
#endif

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_kept_to_the_letter),
		TEST(ragged_and_empty_rows_are_what_they_are),
		TEST(headers_go_on_as_they_stand),
		TEST(values_to_the_right_of_the_headers_get_columns_of_their_own),
		TEST(stray_values_far_below_are_told),
		TEST(errors_of_formulas_stay_texts_and_are_counted),
		TEST(each_cell_is_what_the_sheet_shows_it_as),
		TEST(only_chosen_columns_are_read),
		TEST(a_chosen_column_that_is_not_there_is_told),
		TEST(rows_are_filtered_also_by_columns_that_are_not_chosen),
		TEST(contacts_are_counted_with_guessed_or_given_columns),
		TEST(an_emptied_tab_is_an_error_that_keeps_the_data),
		TEST(several_tabs_come_in_one_block),
		TEST(answers_that_do_not_fit_are_errors),
		TEST(rows_that_move_between_two_blocks_are_neither_lost_nor_doubled),
		TEST(a_seam_among_empty_rows_loses_nothing),
		TEST(things_of_the_wrong_type_are_left_out_and_nothing_breaks),
#ifndef __SANITIZE_ADDRESS__
		TEST(memory_does_not_grow_with_the_number_of_blocks),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
