/* CSV as it is found in the wild: what comes out, cell by cell, however the bytes are cut into
 * pieces. */
#include "unit/csv_fixture.h"

static void
plain_files_with_any_line_end_are_read(void **state)
{
	(void)state;
	expect(NULL, "a,b,c\n1,2,3\n", "names a|b|c\n2 1|2|3\n");
	expect(NULL, "a,b,c\r\n1,2,3\r\n4,5,6", "names a|b|c\n2 1|2|3\n3 4|5|6\n");
	expect(NULL, "a,b,c\r1,2,3\r4,5,6\r", "names a|b|c\n2 1|2|3\n3 4|5|6\n");
	expect(NULL,
	    "\xef\xbb\xbf"
	    "a,b\n1,2\n",
	    "names a|b\n2 1|2\n");
	expect(NULL, "a,b\n\n\n1,2\n\n3,4\n\n", "names a|b\n4 1|2\n6 3|4\n");
	expect(NULL, "\n\n a , b\n 1 ,2 \n", "names  a | b\n4  1 |2 \n");
	expect(NULL, "only\nx\ny\n", "names only\n2 x\n3 y\n");
}

static void
quoted_cells_keep_delimiters_breaks_and_quotes(void **state)
{
	(void)state;
	expect(NULL, "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",z\n\"\",9\n",
	    "names a|b\n2 x, y|say \"hi\"\n3 two\r\nlines|z\n5 |9\n");
	expect(NULL, "\"a\",\"b\"\n\"1\",\"2\"", "names a|b\n2 1|2\n");
	expect(NULL, "a,b\n1,\"\n\n\"\n3,4\n", "names a|b\n2 1|\n\n\n5 3|4\n");
	expect(NULL, "a,b\n1,5\" pipe\n", "names a|b\n2 1|5\" pipe\n");
	expect(NULL, "'a','b'\n'1','it''s, x'\n", "names a|b\n2 1|it's, x\n");
	expect("{\"quote\": \"none\"}", "a,b\n\"1,2\"\n", "names a|b\n2 \"1|2\"\n");
	expect("{\"quote\": \"double\"}", "a,b\n'1',2\n", "names a|b\n2 '1'|2\n");
	expect(NULL, "\"a\", \"b, c\"\n\"1\" , \"2, 3\"\n",
	    "warn spaces_trimmed\nnames a|b, c\n2 1|2, 3\n");
}

static void
the_delimiter_is_the_one_that_cuts_evenly(void **state)
{
	(void)state;
	expect(NULL, "n;p\nA;1,5\nB;2,5\n", "names n|p\n2 A|1,5\n3 B|2,5\n");
	expect(NULL, "n\tp\nA, B\t1\nC\t2\n", "names n|p\n2 A, B|1\n3 C|2\n");
	expect(NULL, "n|p\nA|1\n", "names n|p\n2 A|1\n");
	expect(NULL, "n,p\n\"a;b\",1\n\"c;d\",2\n", "names n|p\n2 a;b|1\n3 c;d|2\n");
	expect(NULL, "name,notes\nDoe;x,1\n", "names name|notes\n2 Doe;x|1\n");
	expect(NULL, "sep=;\na;b\n1;2\n", "names a|b\n3 1|2\n");
	expect("{\"header\": \"no\"}", "A;1,5\nB;2,5\n", "names |\n1 A|1,5\n2 B|2,5\n");
	expect("{\"delimiter\": \"comma\"}", "a;b\n1;2\n", "names a;b\n2 1;2\n");
	expect("{\"delimiter\": \"tab\"}", "a,b\tc\n1,2\t\n", "names a,b|c\n2 1,2|\n");
}

static void
the_first_row_is_a_header_unless_it_looks_like_data(void **state)
{
	(void)state;
	expect(NULL, "name,city\nAnn,Rome\n", "names name|city\n2 Ann|Rome\n");
	expect(NULL, "1,2\n3,4\n", "warn no_header\nnames |\n1 1|2\n2 3|4\n");
	expect(NULL, "2024-01-02,Ann\n2024-01-03,Bob\n",
	    "warn no_header\nnames |\n1 2024-01-02|Ann\n2 2024-01-03|Bob\n");
	expect(NULL, "Ann,Rome\nBob,Rome\n", "warn no_header\nnames |\n1 Ann|Rome\n2 Bob|Rome\n");
	expect(NULL, "ann@a.example,x\nbob@b.example,y\n",
	    "warn no_header\nnames |\n1 ann@a.example|x\n2 bob@b.example|y\n");
	expect(NULL, "country,2019,2020\nDE,80,81\n", "names country|2019|2020\n2 DE|80|81\n");
	expect(NULL, "name,age", "names name|age\n");
	expect(NULL, "a,b\nx,y\na,b\n", "names a|b\n2 x|y\n3 a|b\n");
	/* A blank cell is no column that is known. */
	expect(NULL, "1,,2\n3,,4\n", "warn no_header\nnames ||\n1 1||2\n2 3||4\n");
	expect("{\"header\": \"yes\"}", "1,2\n3,4\n", "names 1|2\n2 3|4\n");
	expect("{\"header\": \"no\"}", "a,b\n3,4\n", "names |\n1 a|b\n2 3|4\n");
	expect("{\"skip_rows\": 2}", "Report\n\na,b\n1,2\n", "names a|b\n4 1|2\n");
}

static void
duplicate_and_blank_headers_come_as_they_stand(void **state)
{
	(void)state;
	expect(NULL, "a,a,\n1,2,3\n", "names a|a|\n2 1|2|3\n");
}

static void
nothing_of_a_ragged_file_is_lost_in_silence(void **state)
{
	struct buf *b = buf_in(cx.a, MB), *want = buf_in(cx.a, MB);

	(void)state;
	/* A cell to the right of the header gets a column, and short rows are counted. */
	expect(NULL, "a,b\n1,2,3\n4\n5,6\n", "names a|b|\n2 1|2|3\n3 4\n4 5|6\nwarn ragged_rows\n");
	/* Empty ones do not. */
	expect(NULL, "a,b\n1,2,,\n3,4,\n", "names a|b\n2 1|2\n3 3|4\nwarn trailing_delimiters\n");
	expect(
	    NULL, "a,b\n,\n1,2\n , \n", "names a|b\nskip blank_row 2\n3 1|2\nskip blank_row 4\n");
	/* Beyond the beginning of the file it is too late for a column. */
	buf_str(b, "a,b\n");
	buf_str(want, "names a|b\n");
	for (int i = 0; i < 30000; i++) {
		buf_printf(b, "%d,x\n", i);
		buf_printf(want, "%d %d|x\n", i + 2, i);
	}
	buf_str(b, "7,8,lost\n");
	buf_str(want, "skip too_many_cells 30002\n30002 7|8\n");
	struct page page = { .bytes = buf_s(b), .step = 64 * 1024 };
	struct notes notes = new_notes();
	assert_int_equal(parse(NULL, &page, NULL, false, &notes), RC_OK);
	assert_string_equal(buf_c(notes.text), buf_c(want));
}

static void
a_delimiter_too_many_is_told(void **state)
{
	(void)state;
	expect(NULL, "day,time,what\n1,,a,\n2,b,c\n",
	    "names day|time|what\n2 1||a\n3 2|b|c\n"
	    "warn surplus_cells\n");
	expect(NULL, "a;b\n1;2\n3;4\n5;;6; \n7;8\n",
	    "names a|b|\n2 1|2\n3 3|4\n4 5||6\n5 7|8\nwarn surplus_cells\n");
	expect("{\"header\": \"no\"}", "1\t2\n3\t4\n5\t\t\n",
	    "names |\n1 1|2\n2 3|4\n3 5|\nwarn surplus_cells\n");
	expect(NULL, "a,b,\n1,2,\n3,4,\n5,6\n",
	    "names a|b|\n2 1|2|\n3 3|4|\n4 5|6\nwarn empty_columns\nwarn ragged_rows\n");
	/* Where most rows have one, it only ends them. */
	expect(NULL, "a,b\n1,2,\n3,4,\n5,6\n",
	    "names a|b\n2 1|2\n3 3|4\n4 5|6\nwarn trailing_delimiters\n");
}

static void
columns_of_nothing_are_counted(void **state)
{
	static const struct {
		const char *config, *text, *warned, *said;
	} cases[] = {
		{ NULL, "a,b,\n1,2,\n", "empty_columns", "1 column is without a name" },
		{ NULL, "a;b;;;\n1;2;;;\n3;4\n", "empty_columns", "3 columns are without" },
		{ NULL, "a\tb\t \t\n1\t2\t\t\n", "empty_columns", "2 columns are without" },
		{ NULL, "a,b,\"\"\n1,2,\"\"\n", "empty_columns", "1 column is without a name" },
		{ "{\"header\": \"no\"}", "1|2|\n3|4|\n", "empty_columns",
		    "1 column is without a name" },
		{ NULL, "a,b\n1,2,\n3,4,,,\n5,6\n", "trailing_delimiters",
		    "2 of 3, the first on line 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct page page = { .bytes = str_c(cases[i].text), .step = 3 };
		struct notes notes = new_notes();

		assert_int_equal(parse(cases[i].config, &page, NULL, false, &notes), RC_OK);
		assert_non_null(strstr(buf_c(notes.text), cases[i].warned));
		assert_non_null(strstr(buf_c(notes.said), cases[i].said));
	}
	/* One with a name, or with a single value, is a column. */
	expect(NULL, "a,b\n1,\n2,\n", "names a|b\n2 1|\n3 2|\n");
	expect(NULL, "a,b,\n1,2,\n3,4,x\n", "names a|b|\n2 1|2|\n3 3|4|x\n");
}

/* Offered, not done: whoever looks at the preview knows. */
static void
a_title_above_the_table_is_told(void **state)
{
	static const char *const titled[] = {
		"Report 2026\n\nid,name,city\n1,Ann,Rome\n2,Bob,Bonn\n",
		"Sales;;\nas of;March;\n\nid;name;city;zip\n1;Ann;Rome;1\n2;Bob;Bonn;2\n",
		"Some notes\nand more\na\tb\tc\n1\t2\t3\n",
	};
	static const char *const plain[] = { "id,name\n1,Ann\n2,Bob\n", "name\nAnn\nBob\n",
		"a,b,c,d\n1,2\n3,4,5,6\n", "a,b,c\n1,2,3,4\n1,2,3,4\n", "Report\na,b\n" };

	(void)state;
	for (size_t i = 0; i < sizeof titled / sizeof *titled; i++) {
		struct page page = { .bytes = str_c(titled[i]), .step = 7 };
		struct notes notes = new_notes();

		assert_int_equal(parse(NULL, &page, NULL, false, &notes), RC_OK);
		assert_non_null(strstr(buf_c(notes.text), "warn title_lines\n"));
	}
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct page page = { .bytes = str_c(plain[i]), .step = 7 };
		struct notes notes = new_notes();

		assert_int_equal(parse(NULL, &page, NULL, false, &notes), RC_OK);
		assert_null(strstr(buf_c(notes.text), "title_lines"));
	}
	expect("{\"skip_rows\": 2}", titled[0], "names id|name|city\n4 1|Ann|Rome\n5 2|Bob|Bonn\n");
}

static void
an_empty_file_is_told_from_one_without_rows(void **state)
{
	(void)state;
	expect_error(NULL, STR(""), E_EMPTY);
	expect_error(NULL, STR(" \n\r\n\t\n"), E_EMPTY);
	expect_error(NULL, STR(",,,\n,,,\n"), E_EMPTY);
	expect_error(NULL, STR("\xef\xbb\xbf"), E_EMPTY);
	expect_error("{\"skip_rows\": 3}", STR("a,b\n1,2\n"), E_EMPTY);
	expect(NULL, "name,age\n", "names name|age\n");
}

static void
an_unclosed_quote_is_told_with_its_line(void **state)
{
	struct page page = { .bytes = STR("a,b\n1,2\n3,\"x\n\ny\n"), .step = 64 * 1024 };
	struct notes notes = new_notes();

	(void)state;
	assert_non_null(strstr(expect_error(NULL, page.bytes, E_CSV), "line 3"));
	/* The line of the quote, not that of its row. */
	assert_non_null(
	    strstr(expect_error(NULL, STR("a,b,c\n1,\"x\ny\",\"z\n"), E_CSV), "line 3"));
	/* In a prefix it only means that the rest is missing. */
	assert_int_equal(parse(NULL, &page, NULL, true, &notes), RC_OK);
	assert_string_equal(buf_c(notes.text), "names a|b\n2 1|2\n");
}

static void
quotes_behind_backslashes_belong_to_the_text(void **state)
{
	static const char *const text =
	    "\"id\",\"name\",\"note\"\n\"1\",\"Foo \\\"Bar\\\"\",\"x\"\n"
	    "\"2\",\"say \\\"hi, you\\\"\",\"y\"\n\"3\",\"plain\",\"z\"\n";
	static const char *const want = "names id|name|note\n2 1|Foo \"Bar\"|x\n"
					"3 2|say \"hi, you\"|y\n4 3|plain|z\n";

	(void)state;
	expect(NULL, text, want);
	expect("{\"escape\": \"backslash\"}", text, want);
	/* Over lines, at the end of a cell, before a backslash, and in single quotes. */
	expect(NULL, "a;b\n\"x\\\"\ny\";1\n\"\\\"\";2\n", "names a|b\n2 x\"\ny|1\n4 \"|2\n");
	expect(NULL, "a,b\n\"c:\\\\\",\"\\\"q\\\"\"\n", "names a|b\n2 c:\\|\"q\"\n");
	expect("{\"quote\": \"single\"}", "a,b\n'it\\'s',1\n", "names a|b\n2 it's|1\n");
	/* Other backslashes are what they are. */
	expect(NULL, "a,b\n\"\\\"\\n\\t\\\"\",1\n", "names a|b\n2 \"\\n\\t\"|1\n");
	expect(NULL, "a,b\n\"C:\\\",\"D:\\dir\\\"\n\"say \"\"x\"\"\",2\n",
	    "names a|b\n2 C:\\|D:\\dir\\\n3 say \"x\"|2\n");
	expect("{\"escape\": \"doubled\"}", "a,b\n\"x\\\"y\",1\n",
	    "names a|b\n2 x\\\"y|1\nwarn stray_quotes\n");
	expect_error(NULL, STR("a,b\n\"\\\"x\\\"\",1\n\"x\\"), E_CSV);
}

static void
a_stray_quote_is_kept_and_told(void **state)
{
	(void)state;
	expect(NULL, "a,b\n\"he said \"hi\" to me\",2\n3,4\n",
	    "names a|b\n2 he said \"hi\" to me|2\n3 3|4\nwarn stray_quotes\n");
	expect(NULL, "a,b\n1,\"x\ny \"z\" \"\n3,4\n",
	    "names a|b\n2 1|x\ny \"z\" \n4 3|4\nwarn stray_quotes\n");
	expect("{\"header\": \"yes\"}", "a,b,c\n1,\"b\"x,\"n\"\n",
	    "names a|b|c\n2 1|b\"x,\"n\nwarn stray_quotes\nwarn ragged_rows\n");
	/* In a cell without quotes a quote is a letter like any other. */
	expect(NULL, "a,b\n5\",2\"x\"\n", "names a|b\n2 5\"|2\"x\"\n");
}

/* The cell that was opened by mistake would take the rows below into itself. */
static void
a_stray_quote_does_not_swallow_the_next_row(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "id,text,note\n1,\"a\",\"n1\"\n2,\"b\",\"\n3,\"c\",\"n3\"\n4,\"d\",\"n4\"\n",
		    "line 3" },
		{ "a,b\n1,\"x\"\n2,\"\n3,\"y\"\n", "line 3" },
		{ "a,b\n1,\"x\"\n2,\"z\n\"3\",\"y\"\n", "line 3" },
		{ "a;b;c\n\"1;x;y\n2;x;\"y\"\n", "line 2" },
		{ "a\tb\n1\t\"x\n2\t\"y z\"\n", "line 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_non_null(
		    strstr(expect_error(NULL, str_c(cases[i].text), E_CSV), cases[i].says));
}

static void
a_prefix_drops_its_unfinished_row(void **state)
{
	struct page page = { .bytes = STR("a,b\n1,2\n3,4"), .step = 64 * 1024 };
	struct notes notes = new_notes();

	(void)state;
	assert_int_equal(parse(NULL, &page, NULL, true, &notes), RC_OK);
	assert_string_equal(buf_c(notes.text), "names a|b\n2 1|2\n");
	page.bytes = STR("a,b\n1,\xc3");
	notes = new_notes();
	assert_int_equal(parse(NULL, &page, NULL, true, &notes), RC_OK);
	assert_string_equal(buf_c(notes.text), "names a|b\n");
}

static void
lines_and_cells_without_end_use_no_memory(void **state)
{
	static const struct {
		const char *start, *says;
		char filler;
		int64_t tail;
	} cases[] = {
		{ "a,b\n1,2\n", "cell that begins on line 3", 'x', 2048LL * MB },
		{ "a,b\n1,2\n3,\"", "cell that begins on line 3", 'x', 2048LL * MB },
		{ "a,b\n1,2\n3,\"", "cell that begins on line 3", '\n', 2048LL * MB },
		{ "a,b\n1,2\n", "row that begins on line 3", ',', 2048LL * MB },
		{ "", "line 1", 'x', 2048LL * MB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		/* An encoding that needs no look ahead, so that the test is quick. */
		struct page page = {
			.bytes = str_c(cases[i].start),
			.step = 64 * 1024,
			.tail = cases[i].tail,
			.filler = cases[i].filler,
		};
		struct notes notes = new_notes();
		const size_t before = arena_used(cx.a);
		assert_int_not_equal(
		    parse("{\"encoding\": \"windows-1252\"}", &page, NULL, false, &notes), RC_OK);
		assert_int_equal(cx.err.kind, E_CSV);
		if (!strstr(cx.err.detail, cases[i].says))
			print_message("# case %zu: %s\n", i, cx.err.detail);
		assert_non_null(strstr(cx.err.detail, cases[i].says));
		assert_true(page.tail_at < 40LL * MB);
		assert_true(arena_used(cx.a) - before < 8 * MB);
	}
}

static void
a_header_of_absurd_width_is_refused(void **state)
{
	struct page page = { .bytes = STR("a"), .step = 64 * 1024, .tail = 10000, .filler = ',' };
	struct notes notes = new_notes();

	(void)state;
	assert_int_not_equal(parse(NULL, &page, NULL, false, &notes), RC_OK);
	assert_int_equal(cx.err.kind, E_SOURCE_TOO_LARGE);
}

static void
what_the_sink_says_ends_the_parse(void **state)
{
	struct page page = { .bytes = STR("a,b\n1,2\n3,4\n"), .step = 64 * 1024 };
	struct notes notes = new_notes();

	(void)state;
	notes.refuse_row = E_CANCELLED;
	assert_int_equal(parse(NULL, &page, NULL, false, &notes), error_row(E_CANCELLED)->rc);
	assert_int_equal(cx.err.kind, E_CANCELLED);
	assert_string_equal(buf_c(notes.text), "names a|b\n2 1|2\n");
}

static enum rc
write_row(struct ctx *c, void *arg, const struct row *row, int64_t more)
{
	struct buf *b = arg;

	(void)c;
	buf_printf(b, "%lld %lld", (long long)row->line, (long long)more);
	note_cells(b, row->cells, NULL, row->n);
	return RC_OK;
}

static const char *
rows_of(struct str text, struct csv_dialect how, bool plain, size_t step)
{
	struct buf *b = buf_in(cx.a, MB);

	how.plain = plain;
	struct csv_rows *rows = csv_rows_new(cx.a, &how, 1, write_row, b);
	for (size_t at = 0; at < text.n; at += step)
		if (csv_rows_feed(&cx, rows,
			(struct str){ text.p + at, text.n - at < step ? text.n - at : step }) !=
		    RC_OK) {
			buf_str(b, "failed");
			return buf_c(b);
		}
	if (csv_rows_end(&cx, rows, false) != RC_OK)
		buf_str(b, "unclosed");
	return buf_c(b);
}

/* Of a row that came: its cells and what was left out. */
struct long_row {
	size_t n, bytes;
	int64_t more;
	bool whole; /* each cell begins as it was written */
	int rows;
};

static enum rc
measure_row(struct ctx *c, void *arg, const struct row *row, int64_t more)
{
	struct long_row *out = arg;

	(void)c;
	out->rows++;
	out->n = row->n;
	out->more = more;
	out->bytes = 0;
	out->whole = true;
	for (size_t i = 0; i < row->n; i++) {
		const char *want = arena_printf(cx.a, "%zu\"", i);

		out->bytes += row->cells[i].v.n;
		out->whole = out->whole && row->cells[i].v.n > strlen(want) &&
		    !strncmp(row->cells[i].v.p, want, strlen(want));
	}
	return RC_OK;
}

static struct long_row
measured(struct str text, size_t step, enum rc want)
{
	const struct csv_dialect how = { .delimiter = ',', .quote = '"', .newline = '\n' };
	struct long_row out = { .rows = 0 };
	struct csv_rows *rows = csv_rows_new(cx.a, &how, 1, measure_row, &out);
	enum rc rc = RC_OK;

	for (size_t at = 0; at < text.n && rc == RC_OK; at += step)
		rc = csv_rows_feed(&cx, rows,
		    (struct str){ text.p + at, text.n - at < step ? text.n - at : step });
	if (rc == RC_OK)
		rc = csv_rows_end(&cx, rows, false);
	assert_int_equal(rc, want);
	return out;
}

/* Its bytes move to larger places while it is read, and with them the cells that there are. */
static void
a_row_of_as_many_cells_as_there_can_be_is_whole_however_long_it_is(void **state)
{
	struct buf *b = buf_in(cx.a, 64 * MB);
	struct long_row got;

	(void)state;
	for (int i = 0; i < CSV_CELLS_MAX; i++)
		buf_printf(b, "%s\"%d\"\"%0200d\"", i ? "," : "", i, 0);
	buf_str(b, "\n");
	got = measured(buf_s(b), 1000, RC_OK);
	assert_int_equal(got.rows, 1);
	assert_int_equal(got.n, CSV_CELLS_MAX);
	assert_int_equal(got.more, 0);
	assert_true(got.whole);
	/* What there is no cell for is counted, as long as it may be. */
	buf_cut(b, b->n - 1);
	buf_printf(b, ",\"%0900000d\",x\n", 0);
	got = measured(buf_s(b), 4096, RC_OK);
	assert_int_equal(got.rows, 1);
	assert_int_equal(got.n, CSV_CELLS_MAX);
	assert_int_equal(got.more, 2);
	assert_true(got.whole);
}

static void
a_row_and_a_cell_may_be_as_long_as_is_said_and_no_longer(void **state)
{
	enum { CELLS = CSV_ROW_MAX / CSV_CELL_MAX };
	struct buf *b = buf_in(cx.a, 64 * MB);

	(void)state;
	/* With the delimiters between them and the end of the line. */
	for (int i = 0; i < CELLS; i++)
		buf_printf(b, "%s%0*d", i ? "," : "", CSV_CELL_MAX - 1, 0);
	buf_str(b, "\n");
	assert_int_equal(b->n, CSV_ROW_MAX);
	assert_int_equal(measured(buf_s(b), MB, RC_OK).bytes, CELLS * (CSV_CELL_MAX - 1));
	buf_cut(b, b->n - 1);
	buf_str(b, "0\n");
	assert_int_equal(measured(buf_s(b), MB, RC_INVALID).rows, 0);
	assert_non_null(strstr(cx.err.detail, "longer than 16 MB"));
	buf_clear(b);
	buf_printf(b, "a,%0*d\n", CSV_CELL_MAX, 0);
	assert_int_equal(measured(buf_s(b), 1000, RC_OK).bytes, CSV_CELL_MAX + 1);
	buf_cut(b, b->n - 1);
	buf_str(b, "0\n");
	assert_int_equal(measured(buf_s(b), 1000, RC_INVALID).rows, 0);
	assert_non_null(strstr(cx.err.detail, "larger than 1 MB"));
}

static void
the_short_cut_and_the_state_machine_agree(void **state)
{
	static const char alphabet[] = "ab,,;\"\"\n\n\r\t '\\";
	uint32_t seed = 1;
	char text[64];

	(void)state;
	for (int i = 0; i < 4000; i++) {
		const struct csv_dialect how = {
			.delimiter = ",;\t"[i % 3],
			.quote = "\"'\0"[i / 3 % 3],
			.newline = i % 5 ? '\n' : '\r',
			.escape = i % 7 ? '\0' : '\\',
		};
		size_t n = 0;

		if (i % 200 == 0) {
			arena_free(cx.a);
			cx.a = arena_new("test", 512 * MB, 0);
		}
		for (seed = seed * 1664525 + 1013904223; n < 1 + seed % 40; n++) {
			uint32_t r = seed = seed * 1664525 + 1013904223;
			text[n] = alphabet[(r >> 16) % (sizeof alphabet - 1)];
		}
		const struct str s = { text, n };
		const char *want = rows_of(s, how, true, n);
		assert_string_equal(rows_of(s, how, false, n), want);
		assert_string_equal(rows_of(s, how, false, 1), want);
		assert_string_equal(rows_of(s, how, false, 3), want);
	}
}

static void
a_sheets_link_becomes_its_export_address(void **state)
{
	json *config = json_new(cx.a), *errors = json_list(cx.a);

	(void)state;
	json_set_str(config, "url", "https://docs.google.com/spreadsheets/d/1AbC/edit#gid=7");
	kind_csv.configure(cx.a, config, errors);
	assert_string_equal(json_str(config, "url"),
	    "https://docs.google.com/spreadsheets/d/1AbC/export?format=csv&gid=7");
	assert_int_equal(json_len(errors), 0);
	json_set_str(config, "url", "https://u:p@a.example/");
	kind_csv.configure(cx.a, config, errors);
	assert_int_equal(json_len(errors), 1);
}

static void
the_key_may_be_one_text_or_a_list(void **state)
{
	json *out = json_new(cx.a), *secrets = json_new(cx.a), *errors = json_list(cx.a);

	(void)state;
	field_check(cx.a, kind_csv.fields, "config",
	    json_stored(cx.a,
		"{\"url\": \"https://a.example/\", \"key\": \"id\", "
		"\"authorization\": \"x\"}"),
	    &(struct field_out){ out, secrets, errors });
	assert_int_equal(json_len(errors), 0);
	assert_string_equal(json_value_str(json_nth(json_at(out, "key"), 0)), "id");
	assert_string_equal(json_str(secrets, "authorization"), "x");
	assert_null(json_str(out, "authorization"));
	field_check(cx.a, kind_csv.fields, "config",
	    json_stored(cx.a,
		"{\"url\": \"https://a.example/\", \"key\": [\"id\", "
		"\"day\"]}"),
	    &(struct field_out){ out, secrets, errors });
	assert_int_equal(json_len(json_at(out, "key")), 2);
	field_check(cx.a, kind_csv.fields, "config",
	    json_stored(cx.a, "{\"delimiter\": \"dot\", \"skip_rows\": -1}"),
	    &(struct field_out){ out, secrets, errors });
	assert_int_equal(json_len(errors), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_files_with_any_line_end_are_read),
		TEST(quoted_cells_keep_delimiters_breaks_and_quotes),
		TEST(the_delimiter_is_the_one_that_cuts_evenly),
		TEST(the_first_row_is_a_header_unless_it_looks_like_data),
		TEST(duplicate_and_blank_headers_come_as_they_stand),
		TEST(nothing_of_a_ragged_file_is_lost_in_silence),
		TEST(a_delimiter_too_many_is_told),
		TEST(columns_of_nothing_are_counted),
		TEST(a_title_above_the_table_is_told),
		TEST(an_empty_file_is_told_from_one_without_rows),
		TEST(an_unclosed_quote_is_told_with_its_line),
		TEST(quotes_behind_backslashes_belong_to_the_text),
		TEST(a_stray_quote_is_kept_and_told),
		TEST(a_stray_quote_does_not_swallow_the_next_row),
		TEST(a_prefix_drops_its_unfinished_row),
		TEST(lines_and_cells_without_end_use_no_memory),
		TEST(a_header_of_absurd_width_is_refused),
		TEST(a_row_of_as_many_cells_as_there_can_be_is_whole_however_long_it_is),
		TEST(a_row_and_a_cell_may_be_as_long_as_is_said_and_no_longer),
		TEST(what_the_sink_says_ends_the_parse),
		TEST(the_short_cut_and_the_state_machine_agree),
		TEST(a_sheets_link_becomes_its_export_address),
		TEST(the_key_may_be_one_text_or_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
