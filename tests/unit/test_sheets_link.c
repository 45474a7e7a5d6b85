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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_table_holds),
		cmocka_unit_test(no_address_is_no_sheet),
	};

	a = arena_new("test", 1 << 20, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
