/* Characters as bytes, escapes, percent-encoding, and dates as days. */
#include "unit/unit.h"

#include "base/civil.h"
#include "base/pct.h"
#include "base/utf8.h"

static void
every_character_is_written_and_known_again(void **state)
{
	char s[UTF8_MAX];

	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		size_t n;

		if (utf8_is_half(c))
			continue;
		n = utf8_put(s, c);
		if (utf8_char(s, n) != (int)n || !str_utf8_ok((struct str){ s, n }))
			flunk("U+%X", (unsigned)c);
		/* What is not all there yet could still become it. */
		for (size_t part = 1; part < n; part++)
			assert_int_equal(utf8_char(s, part), -1);
	}
	assert_int_equal(utf8_put(s, 0x20AC), 3);
	assert_memory_equal(s, "\xe2\x82\xac", 3);
}

static void
what_is_no_character_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3x",
		"\xe2\x82x",
		"\xe0\x9f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (utf8_char(bad[i], strlen(bad[i])) != 0)
			flunk("number %zu", i);
}

static void
escapes_are_read_in_pairs(void **state)
{
	static const struct {
		const char *text;
		size_t takes;
		uint32_t c;
	} rows[] = {
		{ "0041", 4, 'A' },
		{ "20aC!", 4, 0x20AC },
		{ "d83d\\ude00", 10, 0x1F600 },
		{ "d83d\\u0041", 4, 0xD83D },
		{ "d83d\\ude0", 4, 0xD83D },
		{ "d83dxxxxxx", 4, 0xD83D },
		{ "de00\\ud83d", 4, 0xDE00 },
		{ "004", 0, 7 },
		{ "00g1", 0, 7 },
		{ "", 0, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint32_t c = 7;

		assert_int_equal(
		    utf8_unescape(rows[i].text, strlen(rows[i].text), &c), rows[i].takes);
		assert_int_equal(c, rows[i].c);
	}
}

static void
only_what_must_be_escaped_is(void **state)
{
	char out[UTF8_ESCAPE_MAX];
	size_t n;

	(void)state;
	for (int c = 0; c < 256; c++) {
		n = utf8_escape(out, (char)c);
		assert_int_equal(n > 0, c < 0x20 || c == '"' || c == '\\');
	}
	assert_int_equal(utf8_escape(out, '\n'), 2);
	assert_memory_equal(out, "\\n", 2);
	assert_int_equal(utf8_escape(out, '\x1f'), 6);
	assert_memory_equal(out, "\\u001f", 6);
}

static void
all_that_is_encoded_comes_back(void **state)
{
	struct buf *b = buf_in(cx.a, 1000);
	char all[256], *back;

	(void)state;
	for (int c = 1; c < 128; c++)
		all[c - 1] = (char)c;
	memcpy(all + 127, "\xc3\xa4", 3);
	url_encode(b, all);
	assert_true(url_decode(cx.a, buf_s(b), true, &back));
	assert_string_equal(back, all);
	buf_clear(b);
	url_encode(b, "a/b c~\xc3\xa4");
	assert_string_equal(buf_c(b), "a%2Fb%20c~%C3%A4");
	assert_false(url_decode(cx.a, STR("a%2"), false, &back));
	assert_false(url_decode(cx.a, STR("a%zz"), false, &back));
	assert_false(url_decode(cx.a, STR("a%00"), false, &back));
	assert_false(url_decode(cx.a, STR("%ff"), false, &back));
}

static void
dates_and_days_are_each_others_inverse(void **state)
{
	int64_t days = civil_days(-401, 1, 1);
	int y, m, d;

	(void)state;
	assert_int_equal(civil_days(1970, 1, 1), 0);
	assert_int_equal(civil_days(2000, 2, 29), 11016);
	assert_int_equal(civil_days(1969, 12, 31), -1);
	for (int64_t year = -401; year < 2405; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= civil_month_days(year, month); day++, days++) {
				civil_date(days, &y, &m, &d);
				if (civil_days(year, month, day) != days || y != year ||
				    m != month || d != day)
					flunk("%d-%d-%d", (int)year, month, day);
			}
	assert_int_equal(civil_month_days(1900, 2), 28);
	assert_int_equal(civil_month_days(2024, 2), 29);
	assert_int_equal(civil_month_days(2024, 13), 0);
	assert_int_equal(civil_month_days(2024, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_is_written_and_known_again),
		cmocka_unit_test(what_is_no_character_is_refused),
		cmocka_unit_test(escapes_are_read_in_pairs),
		cmocka_unit_test(only_what_must_be_escaped_is),
		cmocka_unit_test(all_that_is_encoded_comes_back),
		cmocka_unit_test(dates_and_days_are_each_others_inverse),
	};
	return cmocka_run_group_tests_name("utf8", tests, unit_open, unit_close);
}
