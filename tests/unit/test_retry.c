/* Statuses, transfer failures and Retry-After mean what tests/table/retry.txt says; single
 * header values are read as their RFCs write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include "base/clock.h"
#include "net/header.h"
#include "net/retry.h"
#include "unit/table_file.h"

#define NOW INT64_C(784111777000) /* Sun, 06 Nov 1994 08:49:37 GMT */

static int wrong;

/* "Name: value; Name: value", or a body. */
static void
limit(const char *status, const char *says, char *got, size_t cap)
{
	struct retry_signs s = { .status = atoi(status), .body = str_c(says) };
	struct str rest = str_c(says), one, value;
	char *kept[8];
	size_t n = 0;
	int64_t wait;
	bool is;

	while (says[0] >= 'A' && says[0] <= 'Z' && strstr(says, ": ") && rest.p && n < 8) {
		/* Parameters of the one header that has some follow without a blank. */
		const char *end = strstr(rest.p, "; ");
		one = (struct str){ rest.p, end ? (size_t)(end - rest.p) : strlen(rest.p) };
		rest = (struct str){ end ? end + 2 : NULL, 0 };
		one = str_cut(one, ':', &value);
		kept[n] = strndup(value.p, value.n);
		s.body = STR("{}");
		if (str_ieq(one, STR("Retry-After")))
			s.retry_after = kept[n];
		else if (str_ends(one, "Remaining"))
			s.remaining = kept[n];
		else if (str_ends(one, "Reset"))
			s.reset = kept[n];
		else
			s.limit = kept[n];
		n++;
	}
	is = retry_limited(&s, NOW, &wait);
	snprintf(got, cap, is ? "%lld" : "no", (long long)wait);
	while (n > 0)
		free(kept[--n]);
}

static void
check(char *const *columns, int n, const char *where)
{
	const char *what = columns[0], *in = columns[1], *want = n > 2 ? columns[2] : "";
	char got[32];

	if (strcmp(what, "limit") == 0) {
		limit(in, want, got, sizeof got);
		want = columns[3];
	} else if (strcmp(what, "status") == 0)
		snprintf(got, sizeof got, "%s", error_row(retry_status_kind(atoi(in)))->code);
	else if (strcmp(what, "curl") == 0)
		snprintf(got, sizeof got, "%s", error_row(retry_curl_kind(atoi(in)))->code);
	else
		snprintf(got, sizeof got, "%lld", (long long)retry_after_ms(in, NOW));
	if (strcmp(got, want) != 0) {
		print_message("# %s %s: got %s, not %s\n", where, in, got, want);
		wrong++;
	}
}

static void
every_case_of_the_table_holds(void **state)
{
	(void)state;
	assert_in_range(table_each("tests/table/retry.txt", check), 50, 1000);
	assert_int_equal(wrong, 0);
}

static void
an_absent_retry_after_is_no_wait(void **state)
{
	(void)state;
	assert_int_equal(retry_after_ms(NULL, NOW), 0);
}

static void
the_next_link_is_found_among_others(void **state)
{
	struct arena *a = arena_new("test", 1 << 20, 0);

	(void)state;
	assert_string_equal(header_link_next(a, "<https://x.example/p?a=1,2>; rel=\"next\""),
	    "https://x.example/p?a=1,2");
	assert_string_equal(
	    header_link_next(
		a, "<a>; rel=prev, <b>; title=\"x, <y>; rel=next\"; rel=\"last  next\""),
	    "b");
	assert_string_equal(header_link_next(a, "<a> ; REL = NEXT"), "a");
	assert_null(header_link_next(a, "<a>; rel=\"nextish\""));
	assert_null(header_link_next(a, "<a>"));
	assert_null(header_link_next(a, "<a"));
	assert_null(header_link_next(a, "garbage; rel=next"));
	assert_null(header_link_next(a, "<a>; rel=\"next \\"));
	assert_null(header_link_next(a, ""));
	assert_null(header_link_next(a, NULL));
	arena_free(a);
}

static void
validators_of_a_file_just_written_are_not_trusted(void **state)
{
	const char *sent = "Sun, 06 Nov 1994 08:49:37 GMT";
	const char *same = "Sun, 06 Nov 1994 08:49:36 GMT";
	const char *old = "Sun, 06 Nov 1994 08:49:30 GMT";

	(void)state;
	assert_true(header_is_fresh(sent, same, NULL, 0));
	assert_true(header_is_fresh(sent, same, "\"2ebc98a0-1f\"", 0));
	assert_true(header_is_fresh(NULL, same, NULL, NOW));
	assert_false(header_is_fresh(sent, old, NULL, 0));
	assert_false(header_is_fresh(sent, same, "\"a-real-digest\"", 0));
	assert_false(header_is_fresh(sent, NULL, NULL, 0));
}

static void
headers_that_would_break_the_request_are_refused(void **state)
{
	(void)state;
	assert_true(header_ok("X-Api-Key", "a b\tc"));
	assert_true(header_ok("X", ""));
	assert_false(header_ok("", "x"));
	assert_false(header_ok("X Y", "x"));
	assert_false(header_ok("X:", "x"));
	assert_false(header_ok("X\r\nY", "x"));
	assert_false(header_ok("X\xc3\xa9", "x"));
	assert_false(header_ok("X", "a\r\nHost: b"));
	assert_false(header_ok("X", "a\nb"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_table_holds),
		cmocka_unit_test(an_absent_retry_after_is_no_wait),
		cmocka_unit_test(the_next_link_is_found_among_others),
		cmocka_unit_test(validators_of_a_file_just_written_are_not_trusted),
		cmocka_unit_test(headers_that_would_break_the_request_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
