/* The encodings in which CSV is found, and what is no text at all. */
#include "unit/csv_fixture.h"

static void
encodings_are_recognised(void **state)
{
	(void)state;
	expect(NULL, "n\xc3\xa4me,b\n\xe2\x82\xac,\xf0\x9f\x8c\x8a\n",
	    "names n\xc3\xa4me|b\n2 \xe2\x82\xac|\xf0\x9f\x8c\x8a\n");
	expect(NULL, "n\xe4me,b\n\x80,x\n",
	    "warn encoding_guessed\nnames n\xc3\xa4me|b\n2 \xe2\x82\xac|x\n");
	expect_bytes(NULL,
	    STR("\xff\xfe"
		"a\0,\0b\0\r\0\n\0"
		"1\0,\0\xe4\0\n\0"),
	    "names a|b\n2 1|\xc3\xa4\n");
	expect_bytes(NULL,
	    STR("\xfe\xff"
		"\0a\0,\0b\0\n\0"
		"1\0,\xd8\x3c\xdf\x0a\0\n"),
	    "names a|b\n2 1|\xf0\x9f\x8c\x8a\n");
	expect_bytes("{\"encoding\": \"utf-16\"}",
	    STR("a\0,\0b\0\n\0"
		"1\0,\0\xe4\0"),
	    "names a|b\n2 1|\xc3\xa4\n");
	expect("{\"encoding\": \"iso-8859-1\"}", "a,b\n1,\xe9\n", "names a|b\n2 1|\xc3\xa9\n");
	expect("{\"encoding\": \"iso-8859-15\"}", "a,b\n1,\xa4\n", "names a|b\n2 1|\xe2\x82\xac\n");
	expect("{\"encoding\": \"utf-8\"}", "a,b\n1,\xc3\xa9\n", "names a|b\n2 1|\xc3\xa9\n");
	/* Mostly good UTF-8 with a broken byte is not taken for something else. */
	expect(NULL, "\xc3\xa4,b\n\xc3\xb6,\xff\n",
	    "warn encoding_damaged\nnames \xc3\xa4|b\n2 \xc3\xb6|\xef\xbf\xbd\n");
	expect(NULL,
	    "\xef\xbb\xbf"
	    "a,b\n1,\xff\n",
	    "warn encoding_damaged\nnames a|b\n2 1|\xef\xbf\xbd\n");
}

static void
the_last_line_counts_for_the_encoding_too(void **state)
{
	struct buf *b = buf_in(cx.a, MB);
	struct notes notes = new_notes();

	(void)state;
	buf_str(b, "a,b\n");
	for (int i = 0; i < 50000; i++)
		buf_printf(b, "%d,x\n", i);
	buf_str(b, "end,caf\xe9\n");
	struct page page = { .bytes = buf_s(b), .step = 64 * 1024 };
	assert_int_equal(parse(NULL, &page, NULL, false, &notes), RC_OK);
	assert_non_null(strstr(buf_c(notes.text), "warn encoding_guessed\n"));
	assert_non_null(strstr(buf_c(notes.text), "end|caf\xc3\xa9\n"));
}

static void
the_charset_of_the_answer_is_a_hint(void **state)
{
	struct page page = { .bytes = STR("a,b\n1,\xcf\xf0\n"), .step = 64 * 1024 };
	struct notes notes = new_notes();

	(void)state;
	assert_int_equal(
	    parse(NULL, &page, "text/csv; charset=windows-1251", false, &notes), RC_OK);
	assert_string_equal(buf_c(notes.text), "names a|b\n2 1|\xd0\x9f\xd1\x80\n");
	/* But not against good UTF-8. */
	page.bytes = STR("a,b\n1,\xc3\xa9\n");
	notes = new_notes();
	assert_int_equal(parse(NULL, &page, "text/csv; charset=iso-8859-1", false, &notes), RC_OK);
	assert_string_equal(buf_c(notes.text), "names a|b\n2 1|\xc3\xa9\n");
}

static void
what_is_no_text_is_refused_with_its_name(void **state)
{
	(void)state;
	assert_non_null(
	    strstr(expect_error(NULL, STR("PK\003\004\024\0\006\0"), E_ENCODING), "Excel"));
	assert_non_null(strstr(expect_error(NULL, STR("%PDF-1.7\n"), E_ENCODING), "PDF"));
	expect_error(NULL, STR("\x1f\x8b\x08"), E_ENCODING);
	expect_error(NULL,
	    STR("a,b\n1,\0"
		"2\n"),
	    E_ENCODING);
	expect_error("{\"encoding\": \"windows-1252\"}",
	    STR("a,b\n1,\0"
		"2\n"),
	    E_ENCODING);
	assert_non_null(
	    strstr(expect_error("{\"encoding\": \"utf-8\"}", STR("a,b\n1,2\n3,\xe9\n"), E_ENCODING),
		"Line 3"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(encodings_are_recognised),
		TEST(the_last_line_counts_for_the_encoding_too),
		TEST(the_charset_of_the_answer_is_a_hint),
		TEST(what_is_no_text_is_refused_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
