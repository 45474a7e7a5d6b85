/* Ranges as sheets name them: read, written, refused. */
#include "unit/unit.h"

#include "provider/google/a1.h"

/* "tab|row,col-last_row,last_col", or "none". */
static const char *
read_as(const char *text)
{
	struct a1 r;

	if (!a1_parse(cx.a, str_c(text), &r))
		return "none";
	return arena_printf(cx.a, "%s|%lld,%lld-%lld,%lld", r.tab ? r.tab : "", (long long)r.row,
	    (long long)r.col, (long long)r.last_row, (long long)r.last_col);
}

static void
ranges_are_read(void **state)
{
	static const char *const rows[][2] = {
		{ "A1:C9", "|1,1-9,3" },
		{ "b3:f", "|3,2-0,6" },
		{ "B3:F900", "|3,2-900,6" },
		{ "3:900", "|3,0-900,0" },
		{ "A:B", "|0,1-0,2" },
		{ " A1:B2 ", "|1,1-2,2" },
		{ "$B$3:$F$9", "|3,2-9,6" },
		{ "C5", "|5,3-5,3" },
		{ "AA10:AB12", "|10,27-12,28" },
		{ "ZZZ1:ZZZ2", "|1,18278-2,18278" },
		{ "Tab!A1:C9", "Tab|1,1-9,3" },
		{ "'Bob''s tab'!A:B", "Bob's tab|0,1-0,2" },
		{ "'A:B'!C1:D2", "A:B|1,3-2,4" },
		{ "'2026'", "2026|0,0-0,0" },
		{ "what!ever!B2:C3", "what!ever|2,2-3,3" },
		{ "'an ! inside'!B2:C3", "an ! inside|2,2-3,3" },
		{ "\xc3\x9c"
		  "bersicht!A:A",
		    "\xc3\x9c"
		    "bersicht|0,1-0,1" },
		{ "A10000000:B10000000", "|10000000,1-10000000,2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(read_as(rows[i][0]), rows[i][1]))
			flunk("%s is %s, not %s", rows[i][0], read_as(rows[i][0]), rows[i][1]);
}

static void
what_is_no_range_is_refused(void **state)
{
	static const char *const rows[] = { "", " ", ":", "A", "12", "AB", "Totals", "A1:", ":B2",
		"A1:B2:C3", "B2:A1", "A9:A1", "A0:B2", "A1:B0", "AAAA1:AAAB2",
		"A10000001:B10000001", "A99999999999999999999:B1", "3:F9", "A:C9", "3:F", "A:3",
		"A1:3", "A1:C-9", "A+1:B2", "1A:2B", "A1 :B2", "'Tab!A1:B2", "''!A1:B2", "!A1:B2",
		"Tab!", "'Tab'!", "'Tab'A1", "'Tab'!x", "$:$", "$$A1:B2", "A$$1:B2", "A1.5:B2" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(read_as(rows[i]), "none"))
			flunk("%s is taken as %s", rows[i], read_as(rows[i]));
}

static void
a_title_that_is_too_long_is_refused(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof text);
	text[0] = '\'';
	strcpy(text + 2000, "'!A1:B2");
	assert_string_equal(read_as(text), "none");
}

static void
bytes_after_the_text_are_not_looked_at(void **state)
{
	struct a1 r;

	(void)state;
	assert_true(a1_parse(cx.a, (struct str){ "A1:B29", 5 }, &r));
	assert_int_equal(r.last_row, 2);
	assert_false(a1_parse(cx.a, (struct str){ NULL, 0 }, &r));
}

static void
what_is_written_is_read_as_the_same(void **state)
{
	static const char *const tabs[] = { "Sheet1", "Bob's tab", "'", "a!b", "A1",
		"\xe2\x82\xac 2026" };
	static const int64_t cols[] = { 1, 25, 26, 27, 52, 53, 701, 702, 703, 704, 18277,
		A1_COLUMNS_MAX };

	(void)state;
	for (size_t t = 0; t < sizeof tabs / sizeof *tabs; t++)
		for (size_t c = 0; c < sizeof cols / sizeof *cols; c++) {
			struct buf *b = buf_in(cx.a, 1000);
			struct a1 r;

			a1_write(b, tabs[t], 7, cols[c], A1_ROWS_MAX, A1_COLUMNS_MAX);
			assert_true(a1_parse(cx.a, buf_s(b), &r));
			assert_string_equal(r.tab, tabs[t]);
			assert_int_equal(r.row, 7);
			assert_int_equal(r.col, cols[c]);
			assert_int_equal(r.last_row, A1_ROWS_MAX);
			assert_int_equal(r.last_col, A1_COLUMNS_MAX);
		}
}

static void
columns_have_letters(void **state)
{
	char name[8];

	(void)state;
	assert_string_equal(a1_column(1, name), "A");
	assert_string_equal(a1_column(26, name), "Z");
	assert_string_equal(a1_column(27, name), "AA");
	assert_string_equal(a1_column(702, name), "ZZ");
	assert_string_equal(a1_column(703, name), "AAA");
	assert_string_equal(a1_column(A1_COLUMNS_MAX, name), "ZZZ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ranges_are_read, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(what_is_no_range_is_refused, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_title_that_is_too_long_is_refused, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    bytes_after_the_text_are_not_looked_at, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_is_written_is_read_as_the_same, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(columns_have_letters, unit_open, unit_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
