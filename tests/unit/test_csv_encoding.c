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

/* One is an accident: the cell is there, and the run says what and where. */
static void
a_zero_byte_is_shown_and_told(void **state)
{
	static const char *const encodings[] = { "null", "\"auto\"", "\"utf-8\"",
		"\"windows-1252\"", "\"gbk\"" };
	struct buf *b = buf_in(cx.a, MB);

	(void)state;
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
		const char *config = arena_printf(cx.a, "{\"encoding\": %s}", encodings[i]);

		expect_bytes(config,
		    STR("a,b\n1,x\0"
			"y\n2,z\n"),
		    "warn zero_bytes\nnames a|b\n2 1|x\xef\xbf\xbdy\n3 2|z\n");
		expect_error(config,
		    STR("a,b\n1,\0\0\0"
			"2\n"),
		    E_ENCODING);
		buf_clear(b);
		buf_str(b, "a,b\n");
		for (int n = 0; n < 101; n++)
			buf_add(b, "1,a cell that is long enough\0\n", 30);
		expect_error(config, buf_s(b), E_ENCODING);
	}
	/* Beside other damage, and in UTF-16. */
	expect_bytes(NULL,
	    STR("\xc3\xa4,b\n\xc3\xb6,\xff\0"
		"c\n"),
	    "warn encoding_damaged\nwarn zero_bytes\nnames \xc3\xa4|b\n"
	    "2 \xc3\xb6|\xef\xbf\xbd\xef\xbf\xbd"
	    "c\n");
	expect_bytes(NULL,
	    STR("\xff\xfe"
		"a\0,\0b\0\n\0"
		"1\0,\0\0\0c\0\n\0"),
	    "warn zero_bytes\nnames a|b\n2 1|\xef\xbf\xbd"
	    "c\n");
}

/* What can be decoded can be chosen; and what is chosen is decoded. */
static void
every_encoding_that_can_be_chosen_is_read(void **state)
{
	const struct field *f = kind_csv.fields;
	struct str rest, one;
	int n = 0;

	(void)state;
	while (strcmp(f->name, "encoding"))
		f++;
	for (rest = str_c(f->choices); rest.p; n++) {
		one = str_cut(rest, '|', &rest);
		if (str_starts(one, "utf-16"))
			continue;
		expect(arena_printf(cx.a, "{\"encoding\": \"%.*s\"}", (int)one.n, one.p),
		    "a,b\n1,x\n", "names a|b\n2 1|x\n");
	}
	assert_in_range(n, 30, 60);
	expect("{\"encoding\": \"windows-1251\"}", "\xea,\xe8\n1,\xc8\xe2\n",
	    "names \xd0\xba|\xd0\xb8\n2 1|\xd0\x98\xd0\xb2\n");
	expect("{\"encoding\": \"koi8-u\"}", "a,b\n1,\xa4\n", "names a|b\n2 1|\xd1\x94\n");
	expect(
	    "{\"encoding\": \"shift_jis\"}", "a,b\n1,\x83\x5c\n", "names a|b\n2 1|\xe3\x82\xbd\n");
	expect("{\"encoding\": \"big5\"}", "a,b\n1,\xa4\xa4\n", "names a|b\n2 1|\xe4\xb8\xad\n");
}

static void
alphabets_of_their_own_are_guessed_and_others_are_not(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		/* "Иван Петров;постоянный клиент" */
		{ "\xc8\xe2\xe0\xed \xcf\xe5\xf2\xf0\xee\xe2;"
		  "\xef\xee\xf1\xf2\xee\xff\xed\xed\xfb\xe9 \xea\xeb\xe8\xe5\xed\xf2",
		    "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd" },
		{ "\xe9\xd7\xc1\xce \xf0\xc5\xd4\xd2\xcf\xd7;"
		  "\xd0\xcf\xd3\xd4\xcf\xd1\xce\xce\xd9\xca \xcb\xcc\xc9\xc5\xce\xd4",
		    "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd" },
		{ "\x88\xa2\xa0\xad \x8f\xa5\xe2\xe0\xae\xa2;"
		  "\xaf\xae\xe1\xe2\xae\xef\xad\xad\xeb\xa9 \xaa\xab\xa8\xa5\xad\xe2",
		    "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd" },
		/* Western words, and a double-byte text: not by guessing. */
		{ "M\xfcller;\xc4pfel;Stra\xdf"
		  "e;gr\xfc\xdf"
		  "e;\xe9t\xe9;d\xe9\xe7u;na\xefve",
		    "M\xc3\xbcller" },
		{ "\xb9\xe8\xc8\xf1\xbc\xf6\xb1\xe8\xc3\xb6\xbc\xf6\xbc\xad\xbf\xef",
		    "\xc2\xb9\xc3\xa8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct page page = { .bytes = str_c(cases[i].text), .step = 7 };
		struct notes notes = new_notes();

		assert_int_equal(parse("{\"header\": \"no\"}", &page, NULL, false, &notes), RC_OK);
		assert_non_null(strstr(buf_c(notes.text), "warn encoding_guessed\n"));
		assert_non_null(strstr(buf_c(notes.text), cases[i].want));
	}
}

static void
what_is_no_text_is_refused_with_its_name(void **state)
{
	(void)state;
	assert_non_null(
	    strstr(expect_error(NULL, STR("PK\003\004\024\0\006\0"), E_ENCODING), "Excel"));
	assert_non_null(strstr(expect_error(NULL, STR("%PDF-1.7\n"), E_ENCODING), "PDF"));
	expect_error(NULL, STR("\x1f\x8b\x08"), E_ENCODING);
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
		TEST(a_zero_byte_is_shown_and_told),
		TEST(every_encoding_that_can_be_chosen_is_read),
		TEST(alphabets_of_their_own_are_guessed_and_others_are_not),
		TEST(what_is_no_text_is_refused_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
