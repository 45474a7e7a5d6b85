/* The encodings in which CSV is found, and what is no text at all. */
#include <iconv.h>

#include "unit/csv_fixture.h"

#include "provider/web/charset.h"

static void
encodings_are_recognised(void **state)
{
	(void)state;
	expect(NULL, "n\xc3\xa4me,b\n\xe2\x82\xac,\xf0\x9f\x8c\x8a\n",
	    "names n\xc3\xa4me|b\n2 \xe2\x82\xac|\xf0\x9f\x8c\x8a\n");
	expect(NULL, "n\xe4me,b\n\x80,x\n",
	    "warn encoding_unsure\nnames n\xc3\xa4me|b\n2 \xe2\x82\xac|x\n");
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
	assert_non_null(strstr(buf_c(notes.text), "warn encoding_unsure\n"));
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

#define flunk(...) (print_error(__VA_ARGS__), _fail(__FILE__, __LINE__))

/* The same text in another encoding. */
static struct str
encoded(const char *text, const char *name)
{
	const size_t max = 4 * strlen(text) + 16;
	char *out = arena_alloc(cx.a, max), *to = out, *in = arena_dup(cx.a, text);
	size_t left = strlen(text), room = max;
	iconv_t cd = iconv_open(name, "UTF-8");

	assert_true(cd != (iconv_t)-1);
	assert_int_equal(iconv(cd, &in, &left, &to, &room), 0);
	iconv_close(cd);
	return (struct str){ out, (size_t)(to - out) };
}

/* A table of two columns, long enough that nothing is to be asked about it when `sure`. */
static const struct language {
	const char *text, *encodings; /* as iconv calls them, with spaces between */
	bool sure;
} languages[] = {
	/* clang-format off */
	{ "id;jm\xc3\xa9no\n1;P\xc5\x99\xc3\xadli\xc5\xa1 \xc5\xbelu"
	  "\xc5\xa5ou\xc4\x8dk\xc3\xbd k\xc5\xaf\xc5\x88\n2;\xc3\xbap"
	  "\xc4\x9bl \xc4\x8f\xc3\xa1" "belsk\xc3\xa9 \xc3\xb3" "dy\n3;"
	  "\xc4\x8c" "esk\xc3\xa1 t\xc5\x99" "ebov\xc3\xa1\n4;\xc5\x98"
	  "\xc3\xad\xc4\x8d" "any\n5;V\xc3\xbd" "chodo\xc4\x8d" "esk"
	  "\xc3\xbd kraj\n",
	  "CP1250 ISO-8859-2", true },
	{ "id;miasto\n1;\xc5\x81\xc3\xb3" "d\xc5\xba\n2;\xc5\x9awinouj"
	  "\xc5\x9b" "cie\n3;Gda\xc5\x84sk\n4;Za\xc5\xbc\xc3\xb3\xc5\x82"
	  "\xc4\x87 g\xc4\x99\xc5\x9bl\xc4\x85 ja\xc5\xba\xc5\x84\n5;Cz"
	  "\xc4\x99stochowa\n",
	  "CP1250 ISO-8859-2", false },
	{ "id;\xd0\xb8\xd0\xbc\xd1\x8f\n1;\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd "
	  "\xd0\x9f\xd0\xb5\xd1\x82\xd1\x80\xd0\xbe\xd0\xb2\n2;\xd0\xbf"
	  "\xd0\xbe\xd1\x81\xd1\x82\xd0\xbe\xd1\x8f\xd0\xbd\xd0\xbd\xd1\x8b"
	  "\xd0\xb9 \xd0\xba\xd0\xbb\xd0\xb8\xd0\xb5\xd0\xbd\xd1\x82\n",
	  "CP1251 KOI8-R CP866 ISO-8859-5", true },
	{ "id;\xe5\x90\x8d\xe5\x89\x8d\n1;\xe6\x9d\xb1\xe4\xba\xac"
	  "\xe9\x83\xbd\xe3\x81\xae\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88\n2;"
	  "\xe5\xa4\xa7\xe9\x98\xaa\xe3\x81\xab\xe3\x81\x82\xe3\x82\x8b"
	  "\xe3\x83\x9b\xe3\x83\x86\xe3\x83\xab\n",
	  "CP932 EUC-JP", false },
	{ "id;\xec\x9d\xb4\xeb\xa6\x84\n1;\xec\x84\x9c\xec\x9a\xb8"
	  "\xed\x8a\xb9\xeb\xb3\x84\xec\x8b\x9c\xec\x97\x90 \xec\x9e\x88"
	  "\xeb\x8a\x94\n2;\xeb\xb6\x80\xec\x82\xb0\xea\xb4\x91\xec\x97\xad"
	  "\xec\x8b\x9c \xea\xb3\xa0\xea\xb0\x9d \xeb\xaa\xa9\xeb\xa1\x9d"
	  "\xec\x9d\x98 \xec\xa3\xbc\xec\x86\x8c\n",
	  "CP949", true },
	{ "id;\xe5\x90\x8d\xe7\xa7\xb0\n1;\xe4\xb8\x8a\xe6\xb5\xb7"
	  "\xe5\xb8\x82\xe6\xb5\xa6\xe4\xb8\x9c\xe6\x96\xb0\xe5\x8c\xba"
	  "\xe7\x9a\x84\xe5\xae\xa2\xe6\x88\xb7\n2;\xe6\x88\x91\xe4\xbb\xac"
	  "\xe5\x9c\xa8\xe5\x8c\x97\xe4\xba\xac\xe6\x9c\x89\xe4\xb8\x80"
	  "\xe4\xb8\xaa\xe5\x8a\x9e\xe5\x85\xac\xe5\xae\xa4\n",
	  "GBK", true },
	{ "id;\xe5\x90\x8d\xe7\xa8\xb1\n1;\xe5\x8f\xb0\xe5\x8c\x97"
	  "\xe5\xb8\x82\xe7\x9a\x84\xe5\xae\xa2\xe6\x88\xb6\n2;\xe6\x88\x91"
	  "\xe5\x80\x91\xe5\x9c\xa8\xe9\xab\x98\xe9\x9b\x84\xe6\x9c\x89"
	  "\xe4\xb8\x80\xe5\x80\x8b\xe8\xbe\xa6\xe5\x85\xac\xe5\xae\xa4\n",
	  "BIG5", false },
	/* clang-format on */
};

static char *
read_as(struct str bytes, char **text)
{
	struct page page = { .bytes = bytes, .step = 7 };
	struct notes notes = new_notes();

	assert_int_equal(parse("{\"header\": \"yes\"}", &page, NULL, false, &notes), RC_OK);
	*text = buf_c(notes.text);
	return strstr(*text, "names id|");
}

static void
texts_are_read_in_the_encoding_of_their_language(void **state)
{
	char *text, *rows;

	(void)state;
	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
		const char *want;

		for (struct str rest = str_c(languages[i].encodings), one; rest.p;) {
			one = str_cut(rest, ' ', &rest);
			rows = read_as(encoded(languages[i].text, arena_dup_str(cx.a, one)), &text);
			want = strchr(languages[i].text, ';') + 1;
			want = arena_dup_str(cx.a, (struct str){ want, strcspn(want, "\n") });
			if (!rows || !strstr(rows, want) || strstr(rows, "\xef\xbf\xbd"))
				flunk("%.*s: %s", (int)one.n, one.p, text);
			if (languages[i].sure != !strstr(text, "warn encoding_unsure\n") ||
			    languages[i].sure != !!strstr(text, "warn encoding_guessed\n"))
				flunk("%.*s, sure or not: %s", (int)one.n, one.p, text);
		}
	}
}

/* Few letters, or letters of many: what they could be is said with a word of the text. */
static void
what_is_not_certain_is_asked_with_its_words(void **state)
{
	static const struct {
		const char *text, *encoding;
		const char *asked[3];
	} cases[] = {
		{ "id,n\n1,\xc5\x81\xc3\xb3"
		  "d\xc5\xba\n",
		    "CP1250",
		    { "\xc5\x81\xc3\xb3"
		      "d\xc5\xba",
			"windows-1250", "windows-1252" } },
		{ "id,n\n1,\xec\x84\x9c\xec\x9a\xb8\n", "CP949",
		    { "\xec\x84\x9c\xec\x9a\xb8", "euc-kr", "gb18030" } },
		{ "id,n\n1,K\xc3\xb6ln\n", "CP850", { "K\xc3\xb6ln", "ibm850", "macintosh" } },
		{ "id,n\n1,\xe6\x9d\xb1\xe4\xba\xac\n2,\xe5\xa4\xa7\xe9\x98\xaa\n", "CP932",
		    { "\xe6\x9d\xb1\xe4\xba\xac", "shift_jis", "in " } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct charset_look *look = charset_look_new(cx.a);
		struct charset_guess g;

		charset_look_at(look, encoded(cases[i].text, cases[i].encoding));
		g = charset_look_end(cx.a, look);
		assert_false(g.sure);
		for (size_t k = 0; k < 3; k++)
			if (!strstr(g.words, cases[i].asked[k]))
				flunk("%s: %s", cases[i].encoding, g.words);
	}
}

static void
utf_16_without_a_mark_is_seen(void **state)
{
	static const char *const texts[] = { "id;n\n1;a\n",
		"id;n\n1;\xc5\x81\xc3\xb3"
		"d\xc5\xba\n",
		"id;n\n1;\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\n" };
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (int big = 0; big < 2; big++) {
			char *rows = read_as(
			    encoded(texts[i], big ? "UTF-16BE" : "UTF-16LE"), &text);

			assert_non_null(rows);
			assert_non_null(strstr(text, "warn encoding_guessed\n"));
			assert_null(strstr(rows, "\xef\xbf\xbd"));
		}
}

/* What is no character in the encoding is there as U+FFFD, and the run says how many and where. */
static void
bytes_that_are_no_characters_are_told_with_their_line(void **state)
{
	static const struct {
		const char *encoding, *text, *rows, *told;
	} cases[] = {
		{ "windows-1252", "a,b\n1,x\n2,\x81\n3,\x8d\n", "4 3|\xef\xbf\xbd\n",
		    "2 in all, the first on line 3" },
		{ "shift_jis", "a,b\n1,\x83\x5c\n2,\xff\n", "3 2|\xef\xbf\xbd\n",
		    "1 in all, the first on line 3" },
		{ "windows-1253", "a,b\n1,\xd2\n", "2 1|\xef\xbf\xbd\n",
		    "1 in all, the first on line 2" },
		{ "euc-kr", "a,b\n\xff,1\n", "2 \xef\xbf\xbd|1\n",
		    "1 in all, the first on line 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t step = 1; step < 50; step += 6) {
			struct page page = { .bytes = str_c(cases[i].text), .step = step };
			struct notes notes = new_notes();
			const char *config = arena_printf(
			    cx.a, "{\"encoding\": \"%s\"}", cases[i].encoding);

			assert_int_equal(parse(config, &page, NULL, false, &notes), RC_OK);
			assert_non_null(strstr(buf_c(notes.text), "warn encoding_damaged\n"));
			assert_non_null(strstr(buf_c(notes.text), cases[i].rows));
			assert_non_null(strstr(buf_c(notes.said), cases[i].told));
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
		TEST(texts_are_read_in_the_encoding_of_their_language),
		TEST(what_is_not_certain_is_asked_with_its_words),
		TEST(utf_16_without_a_mark_is_seen),
		TEST(bytes_that_are_no_characters_are_told_with_their_line),
		TEST(what_is_no_text_is_refused_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
