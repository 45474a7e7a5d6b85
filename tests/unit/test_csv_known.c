/* What the first read of a table has found out (header, dialect, encoding) is what later ones go
 * by: data that does not fit it is told, or refused, and never read in another way. */
#include "unit/known_fixture.h"

struct again {
	const char *settings, *known, *bytes;
	const char *want; /* NULL: refused as another shape, */
	const char *says; /* with this */
};

static void
expect(const struct again *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct known_read r = {
			.reader = &reader_csv,
			.settings = rows[i].settings,
			.known = rows[i].known,
			.page = { str_c(rows[i].bytes) },
			.pages = 1,
		};
		struct fixture *f = known_fixture();
		enum rc rc = known_parse(&r, f);

		if (!rows[i].want) {
			assert_int_not_equal(rc, RC_OK);
			assert_int_equal(cx.err.kind, E_SHAPE);
			assert_non_null(strstr(cx.err.detail, rows[i].says));
			continue;
		}
		assert_ok(rc);
		if (strcmp(buf_c(f->text), rows[i].want) != 0)
			flunk("%zu: \"%s\", not \"%s\"", i, buf_c(f->text), rows[i].want);
	}
}
#define EXPECT(rows) expect(rows, sizeof rows / sizeof *rows)

static void
a_header_is_what_it_was(void **state)
{
	static const char yes[] = "\"header\":\"yes\",\"columns\":[\"id\",\"name\"]";
	static const struct again rows[] = {
		/* Two rows of words: no header by their looks, and one by what is known. */
		{ "", yes, "id,name\nx,y\n",
		    "header=yes header \"id\" \"name\"\n"
		    "row 2 id=\"x\" name=\"y\"\n",
		    NULL },
		{ "", yes, "name,mail\nx,y\n",
		    "header=yes header \"name\" \"mail\"\n"
		    "row 2 name=\"x\" mail=\"y\"\n",
		    NULL },
		/* All columns are called otherwise, and it looks like a header all the same. */
		{ "", yes, "nr,mail\n1,a\n2,b\n3,c\n",
		    "header=yes header \"nr\" \"mail\"\n"
		    "row 2 nr=\"1\" mail=\"a\"\nrow 3 nr=\"2\" mail=\"b\"\n"
		    "row 4 nr=\"3\" mail=\"c\"\n",
		    NULL },
		/* It is gone. */
		{ "", yes, "1,2\n3,4\n5,6\n", NULL, "no header as before" },
		{ "\"header\":\"no\"", yes, "1,2\n3,4\n",
		    "header=no header \"\" \"\"\nrow 1 =\"1\" =\"2\"\n"
		    "row 2 =\"3\" =\"4\"\n",
		    NULL },
		/* There was none: what looks like one is a row. */
		{ "", "\"header\":\"no\"", "nr,mail\n1,a\n2,b\n3,c\n",
		    "header=no warn:no_header header \"\" \"\"\nrow 1 =\"nr\" =\"mail\"\n"
		    "row 2 =\"1\" =\"a\"\nrow 3 =\"2\" =\"b\"\n"
		    "row 4 =\"3\" =\"c\"\n",
		    NULL },
		/* A column of the key is one of the header, whatever it looks like. */
		{ "\"key\":\"2024\"", "", "2024,2025\n1,2\n3,4\n",
		    "header=yes header \"2024\" \"2025\"\nrow 2 2024=\"1\" 2025=\"2\"\n"
		    "row 3 2024=\"3\" 2025=\"4\"\n",
		    NULL },
		{ "\"key\":[\"x\",\"2025\"]", "", "2024,2025\n1,2\n3,4\n",
		    "header=yes header \"2024\" \"2025\"\nrow 2 2024=\"1\" 2025=\"2\"\n"
		    "row 3 2024=\"3\" 2025=\"4\"\n",
		    NULL },
	};

	(void)state;
	known_names = " header ";
	EXPECT(rows);
}

static void
a_dialect_is_what_it_was_unless_its_columns_are_in_another(void **state)
{
	static const char comma[] = "\"delimiter\":\"comma\",\"header\":\"yes\","
				    "\"columns\":[\"id\",\"name\"]";
	static const struct again rows[] = {
		/* More semicolons than commas. */
		{ "", comma, "id,name\n1,a;b;c\n2,d;e;f\n",
		    "delimiter=comma header \"id\" \"name\"\nrow 2 id=\"1\" name=\"a;b;c\"\n"
		    "row 3 id=\"2\" name=\"d;e;f\"\n",
		    NULL },
		{ "", comma, "id;name\n1;a\n2;b\n",
		    "warn:dialect_changed delimiter=semicolon header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"a\"\nrow 3 id=\"2\" name=\"b\"\n",
		    NULL },
		/* What the settings say is stronger. */
		{ "\"delimiter\":\"comma\"", comma, "id;name\n1;a\n2;b\n",
		    "header \"id;name\"\nrow 2 id;name=\"1;a\"\nrow 3 id;name=\"2;b\"\n", NULL },
		{ "", "\"quote\":\"single\"", "id,name\n1,'a,b'\n2,'c'\n",
		    "delimiter=comma quote=single header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"a,b\"\nrow 3 id=\"2\" name=\"c\"\n",
		    NULL },
		{ "", "\"quote\":\"none\"", "id,name\n1,\"a\"\n2,\"c\"\n",
		    "delimiter=comma header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"\\\"a\\\"\"\nrow 3 id=\"2\" name=\"\\\"c\\\"\"\n",
		    NULL },
		{ "", "\"escape\":\"backslash\"", "id,name\n1,\"a\\\"b\"\n2,\"c\"\n",
		    "delimiter=comma quote=double escape=backslash header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"a\\\"b\"\nrow 3 id=\"2\" name=\"c\"\n",
		    NULL },
		/* A word that nobody knows any more is none. */
		{ "", "\"delimiter\":\"colon\"", "id,name\n1,a\n",
		    "delimiter=comma header \"id\" \"name\"\nrow 2 id=\"1\" name=\"a\"\n", NULL },
	};

	(void)state;
	known_names = " delimiter quote escape ";
	EXPECT(rows);
}

static void
blanks_around_quotes_are_what_they_were(void **state)
{
	static const char padded[] = "id, name\n1, \"a\" \n2, \"b\" \n";
	static const struct again rows[] = {
		{ "", "\"spaces\":\"trimmed\"", padded,
		    "spaces=trimmed warn:spaces_trimmed header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"a\"\nrow 3 id=\"2\" name=\"b\"\n",
		    NULL },
	};

	(void)state;
	known_names = " spaces ";
	EXPECT(rows);
}

static void
an_encoding_is_what_it_was(void **state)
{
	static const struct again rows[] = {
		{ "", "", "id,name\n1,J\xc3\xbcrgen\n",
		    "encoding=utf-8 header \"id\" \"name\"\nrow 2 id=\"1\" name=\"Jürgen\"\n",
		    NULL },
		{ "", "\"encoding\":\"windows-1252\"", "id,name\n1,J\xfcrgen\n",
		    "warn:encoding_guessed encoding=windows-1252 header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"Jürgen\"\n",
		    NULL },
		{ "", "\"encoding\":\"windows-1251\"", "id,name\n1,\xcf\xf0\xe8\n",
		    "warn:encoding_guessed encoding=windows-1251 header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"При\"\n",
		    NULL },
		/* Plain letters say nothing of it. */
		{ "", "\"encoding\":\"windows-1252\"", "id,name\n1,Ann\n",
		    "header \"id\" \"name\"\nrow 2 id=\"1\" name=\"Ann\"\n", NULL },
		{ "", "\"encoding\":\"windows-1252\"", "id,name\n1,J\xc3\xbcrgen\n",
		    "warn:encoding_changed encoding=utf-8 header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"Jürgen\"\n",
		    NULL },
		/* It was UTF-8: one bad byte is damage, and nothing but bad ones another text. */
		{ "", "\"encoding\":\"utf-8\"", "id,name\n1,J\xc3\xbcrgen \xfc\xfc\xfc\n",
		    "encoding=utf-8 warn:encoding_damaged header \"id\" \"name\"\n"
		    "row 2 id=\"1\" name=\"Jürgen ���\"\n",
		    NULL },
		{ "", "\"encoding\":\"utf-8\"", "id,name\n1,J\xfcrgen\n", NULL,
		    "was UTF-8 before" },
		{ "\"encoding\":\"windows-1252\"", "\"encoding\":\"utf-8\"",
		    "id,name\n1,J\xfcrgen\n",
		    "header \"id\" \"name\"\nrow 2 id=\"1\" name=\"Jürgen\"\n", NULL },
	};

	(void)state;
	known_names = " encoding ";
	EXPECT(rows);
}

static int
csv_open(void **state)
{
	if (unit_open(state) != 0)
		return -1;
	known_names = "";
	known_begin_with(&reader_csv, "id,name\n1,Ann\n");
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, csv_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_header_is_what_it_was),
		TEST(a_dialect_is_what_it_was_unless_its_columns_are_in_another),
		TEST(blanks_around_quotes_are_what_they_were),
		TEST(an_encoding_is_what_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
