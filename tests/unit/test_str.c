/* Slices: comparing, cutting, numbers, UTF-8. */
#include "unit/unit.h"

#include "base/clamp.h"
#include "base/host.h"
#include "base/str.h"

static void
equality_looks_at_length_and_bytes(void **state)
{
	(void)state;
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq(STR("ab"), STR("abc")));
	assert_true(str_eq((struct str){ NULL, 0 }, STR("")));
	assert_true(str_is(STR("x"), "x"));
	assert_true(str_is(STR(""), NULL));
}

static void
a_word_is_found_in_its_list(void **state)
{
	(void)state;
	assert_true(str_has_word(STR("one two three"), ' ', STR("one")));
	assert_true(str_has_word(STR("one two three"), ' ', STR("three")));
	assert_true(str_has_word(STR("one,two"), ',', STR("two")));
	assert_false(str_has_word(STR("one,two"), ' ', STR("two")));
	assert_false(str_has_word(STR("one two"), ' ', STR("tw")));
	assert_false(str_has_word(STR("one two"), ' ', STR("twoo")));
	assert_false(str_has_word(STR(""), ' ', STR("")));
	assert_false(str_has_word((struct str){ 0 }, ' ', STR("one")));
}

static void
case_is_ignored_for_ascii_only(void **state)
{
	(void)state;
	assert_true(str_ieq(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_ieq(STR("\xC3\x84"), STR("\xC3\xA4")));
	assert_false(str_ieq(STR("@"), STR("`")));
	assert_false(str_ieq(STR("["), STR("{")));
}

static void
prefixes_and_suffixes(void **state)
{
	(void)state;
	assert_true(str_starts(STR("https://x"), "https://"));
	assert_false(str_starts(STR("http"), "https"));
	assert_true(str_istarts(STR("HTTPS://x"), "https://"));
	assert_true(str_ends(STR("a.csv"), ".csv"));
	assert_false(str_ends(STR("csv"), ".csv"));
	assert_true(str_ends(STR(""), ""));
}

static void
trim_takes_white_space_from_both_ends_only(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t\r\n a b \v\f")), "a b"));
	assert_int_equal(str_trim(STR(" \n ")).n, 0);
	assert_true(str_is(str_trim(STR("\xC2\xA0x")), "\xC2\xA0x"));
}

static void
cut_tells_an_empty_rest_from_none(void **state)
{
	struct str rest;

	(void)state;
	assert_true(str_is(str_cut(STR("a,b,c"), ',', &rest), "a"));
	assert_true(str_is(rest, "b,c"));
	assert_true(str_is(str_cut(STR("a,"), ',', &rest), "a"));
	assert_non_null(rest.p);
	assert_int_equal(rest.n, 0);
	assert_true(str_is(str_cut(STR("a"), ',', &rest), "a"));
	assert_null(rest.p);
	str_cut((struct str){ NULL, 0 }, ',', &rest);
	assert_null(rest.p);
}

static void
numbers_are_whole_and_in_range(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0", "0x1",
		"9223372036854775808", "-9223372036854775809", "99999999999999999999", "1a",
		"--1" };
	int64_t v = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(str_i64(str_c(bad[i]), INT64_MIN, INT64_MAX, &v));
		assert_int_equal(v, 7);
	}
	assert_true(str_i64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MAX);
	assert_true(str_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MIN);
	assert_true(str_i64(STR("-0"), 0, 0, &v));
	assert_int_equal(v, 0);
	assert_true(str_i64(STR("007"), 0, 10, &v));
	assert_int_equal(v, 7);
	assert_false(str_i64(STR("11"), 0, 10, &v));
	assert_false(str_i64(STR("-1"), 0, 10, &v));
}

static void
utf8_that_is_well_formed(void **state)
{
	(void)state;
	assert_true(str_utf8_ok(STR("")));
	assert_true(str_utf8_ok(STR("plain ascii that is longer than eight bytes\x7F")));
	assert_true(
	    str_utf8_ok(STR("\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF "
			    "\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF")));
}

static void
utf8_that_is_not(void **state)
{
	static const struct str bad[] = {
		STR("\x80"),
		STR("\xBF"),
		STR("\xC0\x80"),
		STR("\xC1\xBF"),
		STR("\xC2"),
		STR("\xC2\x41"),
		STR("\xE0\x9F\xBF"),
		STR("\xE2\x82"),
		STR("\xED\xA0\x80"),
		STR("\xED\xBF\xBF"),
		STR("\xF0\x8F\xBF\xBF"),
		STR("\xF0\x9F\x98"),
		STR("\xF4\x90\x80\x80"),
		STR("\xF5\x80\x80\x80"),
		STR("\xFF"),
		STR("\xFE"),
	};
	char text[40];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		/* At every place within and across the words that are looked at eight bytes at a
		 * time. */
		for (size_t at = 0; at < 20; at++) {
			memset(text, 'x', sizeof text);
			memcpy(text + at, bad[i].p, bad[i].n);
			assert_false(str_utf8_ok((struct str){ text, at + bad[i].n }));
			assert_false(str_utf8_ok((struct str){ text, sizeof text }));
		}
}

static void
cut_never_splits_a_character(void **state)
{
	struct str s = STR("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z");
	static const size_t expect[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	(void)state;
	assert_int_equal(str_chars(s), 5);
	assert_int_equal(str_chars(STR("")), 0);
	for (size_t max = 0; max < sizeof expect / sizeof *expect; max++)
		assert_int_equal(str_utf8_cut(s, max).n, expect[max]);
	/* What is no UTF-8 at all is cut where it must be. */
	assert_int_equal(str_utf8_cut(STR("\x80\x80\x80\x80\x80\x80\x80\x80"), 6).n, 6);
}

static void
a_number_is_kept_within_its_bounds(void **state)
{
	(void)state;
	assert_int_equal(clamp(0, 1, 500), 1);
	assert_int_equal(clamp(INT64_MIN, 1, 500), 1);
	assert_int_equal(clamp(1, 1, 500), 1);
	assert_int_equal(clamp(7, 1, 500), 7);
	assert_int_equal(clamp(500, 1, 500), 500);
	assert_int_equal(clamp(INT64_MAX, 1, 500), 500);
}

static void
a_line_has_no_character_that_ends_or_commands(void **state)
{
	(void)state;
	assert_true(str_line_ok(STR("")));
	assert_true(str_line_ok(STR("Z\xC3\xBCrich \xE2\x80\x99 \xF0\x9F\x98\x80")));
	assert_true(str_line_ok(STR("\xC2\xA0\xE2\x80\xA7\xE2\x80\xAF\xE2\x81\xAA")));
	/* What is behind one of these is seen in another order than it is. */
	assert_false(str_line_ok(STR("a\xE2\x80\xAA")));
	assert_false(str_line_ok(STR("a\xE2\x80\xAE"
				     "b")));
	assert_false(str_line_ok(STR("a\xE2\x81\xA6"
				     "b")));
	assert_false(str_line_ok(STR("a\xE2\x81\xA9")));
	assert_false(str_line_ok(STR("a\x1b[2J")));
	assert_false(str_line_ok(STR("a\nb")));
	assert_false(str_line_ok(STR("a\0b")));
	assert_false(str_line_ok(STR("a\x7f")));
	assert_false(str_line_ok(STR("a\xC2\x80")));
	assert_false(str_line_ok(STR("a\xC2\x9F")));
	assert_false(str_line_ok(STR("a\xE2\x80\xA8")));
	assert_false(str_line_ok(STR("a\xE2\x80\xA9")));
	assert_false(str_line_ok(STR("a\xFF")));
}

static void
a_host_that_is_this_machine(void **state)
{
	static const char *const here[] = { "localhost", "LocalHost", "a.localhost", "127.0.0.1",
		"127.255.0.9", "[::1]", NULL };
	static const char *const away[] = { "", "127.evil.example", "127.0.0.1.evil.example",
		"localhost.evil.example", "xlocalhost", ".localhost", "128.0.0.1", "127.1", "[::2]",
		"::1", NULL };

	(void)state;
	for (size_t i = 0; here[i]; i++)
		if (!host_is_here(str_c(here[i])))
			flunk("%s is here", here[i]);
	for (size_t i = 0; away[i]; i++)
		if (host_is_here(str_c(away[i])))
			flunk("%s is not here", away[i]);
	assert_true(str_is(host_of(STR("a.example:80")), "a.example"));
	assert_true(str_is(host_of(STR("[::1]:80")), "[::1]"));
	assert_true(str_is(host_of(STR("[::1")), "[::1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_looks_at_length_and_bytes),
		cmocka_unit_test(a_word_is_found_in_its_list),
		cmocka_unit_test(case_is_ignored_for_ascii_only),
		cmocka_unit_test(prefixes_and_suffixes),
		cmocka_unit_test(trim_takes_white_space_from_both_ends_only),
		cmocka_unit_test(cut_tells_an_empty_rest_from_none),
		cmocka_unit_test(numbers_are_whole_and_in_range),
		cmocka_unit_test(a_number_is_kept_within_its_bounds),
		cmocka_unit_test(utf8_that_is_well_formed),
		cmocka_unit_test(utf8_that_is_not),
		cmocka_unit_test(cut_never_splits_a_character),
		cmocka_unit_test(a_line_has_no_character_that_ends_or_commands),
		cmocka_unit_test(a_host_that_is_this_machine),
	};
	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
