/* Phone numbers as people write them become E.164, as libphonenumber reads them. */
#include "unit/unit.h"

#include "profile/phone.h"

enum { LINE_BYTES = 400, LINES_LEAST = 3000 };

static const char *
read_as(const char *text, const char *country)
{
	static char out[PHONE_MAX];

	return phone_number(str_c(text), country, out) ? out : "none";
}

static bool
line_agrees(char *line)
{
	struct str rest = str_trim(str_c(line));
	const struct str country = str_cut(rest, '\t', &rest);
	const struct str text = str_cut(rest, '\t', &rest);
	char iso[3] = "", out[PHONE_MAX] = "none";

	memcpy(iso, country.p, 2);
	if (phone_number(text, iso, out) && str_is(rest, out))
		return true;
	print_error(
	    "%s %.*s: %s, wanted %.*s\n", iso, (int)text.n, text.p, out, (int)rest.n, rest.p);
	return false;
}

static void
numbers_of_all_countries_are_read_as_libphonenumber_reads_them(void **state)
{
	FILE *f = popen("tests/oracle/python tests/oracle/phones.py", "re");
	char line[LINE_BYTES];
	int n = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		n++;
		wrong += !line_agrees(line);
	}
	assert_int_equal(pclose(f), 0);
	assert_true(n >= LINES_LEAST);
	assert_int_equal(wrong, 0);
}

static void
one_number_is_written_in_many_ways(void **state)
{
	static const char *const ways[] = { "+49 30 123456", "0049 30 123456", "030 123456",
		"030/12 34 56", "(030) 123456", "+49 (0)30 123456", "+49 (0) 30-12.34.56",
		"tel:+49-30-123456", " 030-123456 ",
		"\xef\xbc\x8b\xef\xbc\x94\xef\xbc\x99 30 123456",
		"030\xc2\xa0"
		"123456",
		"030 123\xe2\x80\x93"
		"456",
		"+49 030 123456", "\xd9\xa0\xd9\xa3\xd9\xa0 123456" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(read_as(ways[i], "DE"), "+4930123456") != 0)
			flunk("%s: %s", ways[i], read_as(ways[i], "DE"));
}

static void
an_extension_is_another_number(void **state)
{
	(void)state;
	assert_string_equal(read_as("(212) 555-0100 ext. 12", "US"), "+12125550100;ext=12");
	assert_string_equal(read_as("212-555-0100 x12", "US"), "+12125550100;ext=12");
	assert_string_equal(read_as("tel:+1-212-555-0100;ext=12", ""), "+12125550100;ext=12");
	assert_string_equal(read_as("212-555-0100", "US"), "+12125550100");
}

static void
without_a_country_only_what_names_one_is_told(void **state)
{
	(void)state;
	assert_string_equal(read_as("030 123456", ""), "030123456");
	assert_string_equal(read_as("030/123-456", ""), "030123456");
	assert_string_equal(read_as("+49 30 123456", ""), "+4930123456");
	assert_string_equal(read_as("0049 30 123456", ""), "+4930123456");
}

static void
what_is_no_number_is_none(void **state)
{
	static const char *const texts[] = { "", " ", "n/a", "12345", "call me", "+",
		"++49 30 123456", "030 123456 or 7", "1.5e10", "2026-11-26T10:00:00Z",
		"+999 123456789", "12 monkeys", "555-CALL-NOW", "123456789012345678901234567890",
		"\xff\xfe", "0301234567 ext" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(read_as(texts[i], "DE"), "none") != 0)
			flunk("%s: %s", texts[i], read_as(texts[i], "DE"));
}

static void
countries_are_known_by_their_codes(void **state)
{
	(void)state;
	assert_true(phone_country("DE"));
	assert_true(phone_country("US"));
	assert_true(phone_country("de"));
	assert_false(phone_country("XX"));
	assert_false(phone_country(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_all_countries_are_read_as_libphonenumber_reads_them),
		cmocka_unit_test(one_number_is_written_in_many_ways),
		cmocka_unit_test(an_extension_is_another_number),
		cmocka_unit_test(without_a_country_only_what_names_one_is_told),
		cmocka_unit_test(what_is_no_number_is_none),
		cmocka_unit_test(countries_are_known_by_their_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
