/* One cell of Google Sheets: dates in the words of many locales, and the conditions on a row. */
#include "unit/unit.h"

#include "provider/google/sheets.h"

#include <math.h>
#include <time.h>

/* --- dates --- */

static const char *
when(double serial, const char *shown)
{
	char out[40];
	enum serial_kind kind = gsheets_kind(serial, str_c(shown));

	return gsheets_when(serial, kind, out) ? arena_dup(cx.a, out) : "none";
}

static void
dates_are_told_by_what_the_sheet_shows_in_any_locale(void **state)
{
	static const struct {
		double serial;
		const char *shown, *is;
	} rows[] = {
		{ 46347, "21.11.2026", "2026-11-21" },
		{ 46347, "11/21/2026", "2026-11-21" },
		{ 46347, "2026-11-21", "2026-11-21" },
		{ 46347, "21 nov. 2026", "2026-11-21" },
		{ 46347,
		    "2026\xe5\xb9\xb4"
		    "11\xe6\x9c\x88"
		    "21\xe6\x97\xa5",
		    "2026-11-21" },
		{ 46347, "Samstag, 21. November 2026", "2026-11-21" },
		{ 46347, "Nov 26", "2026-11-21" },
		{ 46347.4375, "21.11.2026 10:30:00", "2026-11-21T10:30:00" },
		{ 46347.4375, "21/11/26 10:30", "2026-11-21T10:30:00" },
		{ 46347.4375, "Nov 21, 2026 10:30 AM", "2026-11-21T10:30:00" },
		{ 46347.4375, "21 Nov 10:30", "2026-11-21T10:30:00" },
		{ 46347.4375, "Sat 10:30", "2026-11-21T10:30:00" },
		{ 46347.4375, "21.11.2026 10.30.00", "2026-11-21T10:30:00" },
		{ 46347.4375, "21.11.2026", "2026-11-21T10:30:00" },
		{ 46347, "21.11.2026 00:00:00", "2026-11-21T00:00:00" },
		{ 0.4375, "10:30:00", "10:30:00" },
		{ 0.4375, "10:30 AM", "10:30:00" },
		{ 0.4375, "10.30.00", "10:30:00" },
		{ 0, "00:00", "00:00:00" },
		{ 0.999988425925926, "23:59:59", "23:59:59" },
		{ 1.1354166666666667, "27:15:00", "27:15:00" },
		{ 1.1354166666666667, "27.15.00", "27:15:00" },
		{ 1.1354166666666667, "1635:00", "27:15:00" },
		{ -1.1354166666666667, "-27:15:00", "-27:15:00" },
		{ 41.66666666666667, "1000:00:00", "1000:00:00" },
		{ 1, "24:00:00", "24:00:00" },
		{ 0, "30.12.1899", "1899-12-30" },
		{ 1, "31.12.1899", "1899-12-31" },
		{ 2, "1900-01-01", "1900-01-01" },
		{ 60, "28.02.1900", "1900-02-28" },
		{ 61, "01.03.1900", "1900-03-01" },
		{ -1, "29.12.1899", "1899-12-29" },
		{ -0.5, "29.12.1899 12:00:00", "1899-12-29T12:00:00" },
		{ 36585, "29.02.2000", "2000-02-29" },
		{ 2958465, "31.12.9999", "9999-12-31" },
		{ 46347.43750578704, "21.11.2026 10:30:00", "2026-11-21T10:30:00.500" },
		{ 1.1354224537037037, "27:15:00", "27:15:00.500" },
		{ 46347.99999999999, "22.11.2026 0:00:00", "2026-11-22T00:00:00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(when(rows[i].serial, rows[i].shown), rows[i].is))
			flunk("%.10g shown as %s is %s, not %s", rows[i].serial, rows[i].shown,
			    when(rows[i].serial, rows[i].shown), rows[i].is);
}

static void
one_number_is_a_duration_when_it_counts_up_to_it(void **state)
{
	static const struct {
		double serial;
		const char *shown, *is;
	} rows[] = {
		/* One number, which is the hours, minutes or seconds. */
		{ 1.125, "27", "27:00:00" },
		{ 1.125, "27 h", "27:00:00" },
		{ 1.125, "1620", "27:00:00" },
		{ 1.125, "97200 s", "27:00:00" },
		{ -1.125, "-27", "-27:00:00" },
		{ 12.5, "300 Std.", "300:00:00" },
		{ 1.1354166666666667, "27 h 15 min", "27:15:00" },
		{ 0.4375, "10", "10:30:00" },
		{ 0.9375, "10 PM", "22:30:00" },
		{ 0.020833333333333332, "30", "00:30:00" },
		{ 0.5, "12", "12:00:00" },
		{ 0, "0", "00:00:00" },
		/* And one that is not. */
		{ 46347, "2026", "2026-11-21" },
		{ 46347, "21", "2026-11-21" },
		{ 46347, "November", "2026-11-21" },
		{ 46347.4375, "Saturday 21", "2026-11-21T10:30:00" },
		{ 1, "31", "1899-12-31" },
		{ 0, "30", "1899-12-30" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(when(rows[i].serial, rows[i].shown), rows[i].is);
}

static void
days_that_no_calendar_has_stay_numbers(void **state)
{
	static const double rows[] = { 2958466, 1e9, 1e300, -693595, -1e300, INFINITY, -INFINITY,
		NAN };
	char out[40];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int kind = SERIAL_DATE; kind <= SERIAL_DURATION; kind++)
			assert_false(gsheets_when(rows[i], (enum serial_kind)kind, out));
	assert_true(gsheets_when(-693593, SERIAL_DATE, out));
	assert_string_equal(out, "0001-01-01");
	/* However they are shown, they count nothing up. */
	assert_int_equal(gsheets_kind(NAN, STR("1:2")), SERIAL_DATE_TIME);
	assert_int_equal(gsheets_kind(1e300, STR("99999999999999999999999:2")), SERIAL_DATE_TIME);
	assert_int_equal(gsheets_kind(1, (struct str){ NULL, 0 }), SERIAL_DATE);
}

/* Every day of four centuries, against the calendar of the C library. */
static void
each_day_has_its_own_date(void **state)
{
	(void)state;
	for (int64_t day = -25569; day < 146097; day += 7) {
		time_t t = (time_t)(day * 86400);
		struct tm tm;
		char out[40], want[40];

		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%Y-%m-%d", &tm);
		assert_true(gsheets_when((double)(day + 25569), SERIAL_DATE, out));
		assert_string_equal(out, want);
	}
}

/* --- conditions --- */

static bool
holds(const char *test, const char *cell)
{
	struct row_test t;
	const char *why;

	if (!row_test_parse(cx.a, test, &t, &why))
		flunk("%s: %s", test, why);
	return row_test_holds(&t, str_c(cell));
}

static void
conditions_compare_numbers_as_numbers_and_texts_as_texts(void **state)
{
	static const struct {
		const char *test, *cell;
		bool holds;
	} rows[] = {
		{ "Status = open", "Open", true },
		{ "Status = open", " open ", true },
		{ "Status = open", "opened", false },
		{ "Status=open", "open", true },
		{ "Status != open", "closed", true },
		{ "Status != open", "", true },
		{ "Status =", "", true },
		{ "Amount >= 100", "100", true },
		{ "Amount >= 100", "100.0", true },
		{ "Amount >= 100", "99.99", false },
		{ "Amount > 9", "10", true },
		{ "Amount > 9", "1e2", true },
		{ "Amount < 10", "9", true },
		{ "Amount < 10", "-5", true },
		{ "Amount <= 10", "10", true },
		{ "Amount = 7", "7.0", true },
		{ "Amount < 10", "abc", false },
		{ "Day >= 2026-01-01", "2026-11-21", true },
		{ "Day >= 2026-01-01", "2025-12-31", false },
		{ "Name contains ann", "Joanne", true },
		{ "Name contains ann", "Bob", false },
		{ "Name does not contain ann", "Bob", true },
		{ "Name does not contain ann", "Annabel", false },
		{ "Mail is empty", "", true },
		{ "Mail is empty", "  ", true },
		{ "Mail is empty", "a@b", false },
		{ "Mail is not empty", "a@b", true },
		{ "Mail is not empty", "", false },
		{ "Code = 0x10", "16", false },
		{ "Code = nan", "nan", true },
		{ "A = b = c", "b = c", true },
		{ "Size = <3", "<3", true },
		{ "Status is not Done", "Done", false },
		{ "Status is not Done", "", true },
		{ "Status is Done", "done", true },
		{ "What it is = 3", "3", true },
		{ "Who is in contains Ann", "Joanne", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (holds(rows[i].test, rows[i].cell) != rows[i].holds)
			flunk("\"%s\" of \"%s\" is not %d", rows[i].test, rows[i].cell,
			    rows[i].holds);
}

static void
a_cell_that_is_not_there_is_an_empty_one(void **state)
{
	struct row_test t;
	const char *why;

	(void)state;
	assert_true(row_test_parse(cx.a, "Mail is empty", &t, &why));
	assert_true(row_test_holds(&t, (struct str){ NULL, 0 }));
	assert_string_equal(t.column, "Mail");
}

static void
what_is_no_condition_is_refused_with_a_sentence(void **state)
{
	static const char *const rows[] = { "", "Status", "= open", " = open", "is empty",
		"Mail is empty today", "Mail is not empty x" };
	struct row_test t;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		why = NULL;
		assert_false(row_test_parse(cx.a, rows[i], &t, &why));
		assert_non_null(strstr(why, "Status = open"));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dates_are_told_by_what_the_sheet_shows_in_any_locale),
		TEST(one_number_is_a_duration_when_it_counts_up_to_it),
		TEST(days_that_no_calendar_has_stay_numbers),
		TEST(each_day_has_its_own_date),
		TEST(conditions_compare_numbers_as_numbers_and_texts_as_texts),
		TEST(a_cell_that_is_not_there_is_an_empty_one),
		TEST(what_is_no_condition_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
