/* Google Sheets links: tests/table/sheets_link.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include "kind/sheets_link.h"
#include "unit/table_file.h"

static struct arena *a;
static int wrong;

static void
check(char *const *columns, int n, const char *where)
{
	const char *got = sheets_link_csv(a, columns[0]), *again;

	assert_int_equal(n, 2);
	if (strcmp(got ? got : "-", columns[1]) != 0) {
		print_message("# %s: got %s, not %s\n", where, got ? got : "-", columns[1]);
		wrong++;
	}
	/* What was rewritten once stays as it is. */
	if (got && (!(again = sheets_link_csv(a, got)) || strcmp(got, again) != 0)) {
		print_message("# %s: %s became %s\n", where, got, again ? again : "-");
		wrong++;
	}
}

static void
every_case_of_the_table_holds(void **state)
{
	(void)state;
	assert_in_range(table_each("tests/table/sheets_link.txt", check), 30, 1000);
	assert_int_equal(wrong, 0);
}

static void
no_address_is_no_sheet(void **state)
{
	(void)state;
	assert_null(sheets_link_csv(a, NULL));
	assert_null(sheets_link_csv(a, ""));
}

static void
the_id_of_a_sheet_is_found_in_what_people_paste(void **state)
{
	static const char id[] = "1mHIWnDvW9cALRMq9OdNfRwjAthCUFUOACPp0Lkyl7b4";
	static const struct {
		const char *before, *after;
		bool found;
	} rows[] = {
		{ "", "", true },
		{ "  ", "\n", true },
		{ "https://docs.google.com/spreadsheets/d/", "/edit#gid=0", true },
		{ "http://docs.google.com/spreadsheets/u/1/d/", "", true },
		{ "docs.google.com/spreadsheets/d/", "?usp=sharing", true },
		{ "https://docs.google.com/a/example.com/spreadsheets/d/", "/edit", true },
		/* Published ones have none that the interface knows. */
		{ "https://docs.google.com/spreadsheets/d/e/2PACX-", "/pubhtml", false },
		{ "https://example.com/spreadsheets/d/", "/edit", false },
		{ "https://docs.google.com/spreadsheets/", "/edit", false },
		{ "https://docs.google.com/spreadsheets/d", "", false },
		{ "https://docs.google.com/spreadsheets/d/x!", "/edit", false },
		{ "x!", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *text = arena_printf(a, "%s%s%s", rows[i].before, id, rows[i].after);
		const char *got = sheets_link_id(a, text);

		assert_string_equal(got ? got : "-", rows[i].found ? id : "-");
	}
	assert_null(sheets_link_id(a, ""));
	assert_null(sheets_link_id(a, "Sheet1"));
	assert_null(sheets_link_id(a, "https://docs.google.com/spreadsheets/d/short/edit"));
	assert_null(sheets_link_id(a, arena_printf(a, "%s%s%s%s%s", id, id, id, id, id)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_table_holds),
		cmocka_unit_test(no_address_is_no_sheet),
		cmocka_unit_test(the_id_of_a_sheet_is_found_in_what_people_paste),
	};

	a = arena_new("test", 1 << 20, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
