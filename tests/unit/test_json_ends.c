/* How lists end, as the world writes it, and what earlier reads have to do with it: what is said of
 * totals, next pages and the end, in the body; what is found out; when a read is in doubt. */
#include "unit/known_fixture.h"

static enum rc
ends_row(struct ctx *c, struct sink *s, const struct row *row)
{
	(void)c;
	(void)row;
	((struct fixture *)s)->rows++;
	return RC_OK;
}

static struct fixture *
ends_fixture(void)
{
	struct fixture *f = known_fixture();

	f->sink.row = ends_row;
	return f;
}

/* next: the setting, or NULL. known: members of an object, "" for a first read. */
static enum rc
ends_parse(
    const char *next, const char *known, const char *const *pages, size_t n, struct fixture *f)
{
	struct known_read r = {
		.reader = &reader_json,
		.settings = next ? arena_printf(cx.a, "\"next\":\"%s\"", next) : "",
		.known = known,
		.pages = n,
	};

	for (size_t i = 0; i < n; i++)
		r.page[i] = str_c(pages[i]);
	return known_parse(&r, f);
}

/* A page with so many records and what else it says. */
static const char *
page_of(int records, const char *says)
{
	struct buf *b = buf_in(cx.a, 8192);

	buf_str(b, "{\"items\":[");
	for (int i = 0; i < records; i++)
		buf_printf(b, "%s{\"id\":%d,\"has_more\":true}", i ? "," : "", i);
	buf_printf(b, "]%s%s}", *says ? "," : "", says);
	return buf_c(b);
}

struct ends {
	const char *next, *known;
	struct {
		int records; /* -1: the page is there and has no body */
		const char *says;
	} page[3];
	const char *want;
};

static void
expect(const struct ends *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fixture *f = ends_fixture();
		const char *pages[3];
		size_t k = 0;

		for (; k < 3 && e[i].page[k].says; k++)
			pages[k] = e[i].page[k].records < 0
			    ? ""
			    : page_of(e[i].page[k].records, e[i].page[k].says);
		assert_ok(ends_parse(e[i].next, e[i].known, pages, k, f));
		if (strcmp(buf_c(f->text), e[i].want) != 0)
			flunk("%zu, %s: \"%s\", not \"%s\"", i, e[i].page[k - 1].says,
			    buf_c(f->text), e[i].want);
	}
}
#define EXPECT(rows) expect(rows, sizeof rows / sizeof *rows)

static void
one_page_that_is_one_of_several_is_told_however_it_is_written(void **state)
{
	static const struct ends rows[] = {
		{ NULL, "", { { 3, "" } }, "more=no " },
		{ NULL, "", { { 3, "\"has_more\":true" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"hasNextPage\":true" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"page\":{\"Is-Truncated\":true}" } },
		    "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"has_more\":false" } }, "more=no " },
		{ NULL, "", { { 3, "\"last_page\":false" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"isLast\":true" } }, "more=no " },
		/* What says no is stronger than what only hints. */
		{ NULL, "", { { 3, "\"has_more\":false,\"nextCursor\":\"x\"" } }, "more=no " },
		{ NULL, "", { { 3, "\"nextCursor\":\"x\"" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"nextCursor\":\" \"" } }, "more=no " },
		{ NULL, "", { { 3, "\"nextCursor\":null" } }, "more=no " },
		{ NULL, "", { { 3, "\"next_page\":2" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"next_page\":0" } }, "more=no " },
		{ NULL, "", { { 3, "\"links\":{\"next\":{\"href\":\"/2\"}}" } },
		    "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"links\":{\"prev\":{\"href\":\"/2\"}}" } }, "more=no " },
		/* Airtable's; one that is a number is this page's. */
		{ NULL, "", { { 3, "\"offset\":\"itr/rec\"" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"offset\":\"200\"" } }, "more=no " },
		{ NULL, "", { { 3, "\"offset\":\"\"" } }, "more=no " },
		{ NULL, "", { { 3, "\"page\":1,\"total_pages\":3" } },
		    "more=yes warn:more_pages " },
		{ NULL, "", { { 3, "\"page\":3,\"total_pages\":3" } }, "more=no " },
		{ NULL, "", { { 3, "\"page\":0,\"pages\":1" } }, "more=no " },
		{ NULL, "", { { 0, "\"page\":1,\"pages\":3" } }, "more=no " },
		{ NULL, "", { { 3, "\"truncated\":true" } }, "more=yes warn:more_pages " },
		{ NULL, "", { { 0, "\"truncated\":true" } }, "more=no " },
		{ NULL, "", { { 3, "\"truncated\":false" } }, "more=no " },
		/* Not what stands deep in the document, in a list, or is no such value. */
		{ NULL, "", { { 3, "\"a\":{\"b\":{\"c\":{\"has_more\":true}}}" } }, "more=no " },
		{ NULL, "", { { 3, "\"a\":[{\"has_more\":true}]" } }, "more=no " },
		{ NULL, "", { { 3, "\"has_more\":1" } }, "more=no " },
		{ NULL, "", { { 3, "\"next\":{\"a\":\"/2\"}" } }, "more=no " },
		/* Once that was all, more may be what is missing here. */
		{ NULL, "\"more\":\"no\"", { { 3, "\"has_more\":true" } },
		    "more=yes doubt:more_pages " },
		{ NULL, "\"more\":\"yes\"", { { 3, "\"has_more\":true" } },
		    "more=yes warn:more_pages " },
	};

	(void)state;
	EXPECT(rows);
}

static void
the_place_of_the_next_page_is_named(void **state)
{
	struct fixture *f = ends_fixture();
	const char *page = page_of(2, "\"paging\":{\"next\":{\"after\":\"NTI\"}}");

	(void)state;
	assert_ok(ends_parse(NULL, "", &page, 1, f));
	if (!strstr(known_warned, "the next one at paging.next.after."))
		flunk("\"%s\"", known_warned);
}

static void
a_total_that_is_not_reached_is_told(void **state)
{
	static const struct ends rows[] = {
		{ NULL, "", { { 3, "\"total\":3" } }, "total=fits more=no " },
		{ NULL, "", { { 3, "\"total\":2" } }, "total=other more=no " },
		/* May be one of money; a page's size, or a name that only counts have, is none. */
		{ NULL, "", { { 3, "\"total\":12" } }, "total=other more=no " },
		{ NULL, "", { { 10, "\"total\":12" } }, "total=other warn:more_pages more=no " },
		{ NULL, "", { { 11, "\"total\":12" } }, "total=other more=no " },
		{ NULL, "", { { 5, "\"total\":12" } }, "total=other more=no " },
		{ NULL, "", { { 3, "\"total_count\":12" } },
		    "total=other warn:more_pages more=no " },
		{ NULL, "", { { 3, "\"total\":-1" } }, "more=no " },
		{ NULL, "", { { 3, "\"total\":3.5" } }, "more=no " },
		{ NULL, "", { { 3, "\"total\":\"12\"" } }, "more=no " },
		/* The first of two is it. */
		{ NULL, "", { { 3, "\"total\":3,\"totalItems\":9" } }, "total=fits more=no " },
	};

	(void)state;
	EXPECT(rows);
}

static void
a_total_that_has_fitted_is_held_against_later_reads(void **state)
{
	static const struct ends rows[] = {
		{ NULL, "\"total\":\"fits\"", { { 3, "\"total\":3" } }, "total=fits more=no " },
		/* An item more than it says is no gap. */
		{ NULL, "\"total\":\"fits\"", { { 4, "\"total\":3" } }, "total=fits more=no " },
		{ NULL, "\"total\":\"fits\"", { { 3, "\"total\":4" } },
		    "total=missed doubt:more_pages more=no " },
		{ NULL, "\"total\":\"missed\"", { { 3, "\"total\":4" } },
		    "total=other doubt:more_pages more=no " },
		{ NULL, "\"total\":\"missed\"", { { 4, "\"total\":4" } }, "total=fits more=no " },
		{ NULL, "\"total\":\"missed\"", { { 5, "\"total\":4" } }, "total=other more=no " },
		/* It was never that of the records: by chance it is. */
		{ NULL, "\"total\":\"other\"", { { 4, "\"total\":4" } }, "more=no " },
		{ NULL, "\"total\":\"other\"", { { 3, "\"total\":4" } }, "total=other more=no " },
		/* In pages, the list may have moved, once. */
		{ "next", "\"total\":\"fits\"",
		    { { 3, "\"total\":6,\"next\":\"/2\"" }, { 2, "\"total\":6,\"next\":null" } },
		    "total=missed torn next=seen end=said " },
		{ "next", "\"total\":\"missed\"",
		    { { 3, "\"total\":6,\"next\":\"/2\"" }, { 2, "\"total\":6,\"next\":null" } },
		    "total=other doubt:more_pages next=seen end=said " },
		/* Two pages that say different totals are not of one moment. */
		{ "next", "",
		    { { 3, "\"total\":6,\"next\":\"/2\"" }, { 3, "\"total\":7,\"next\":null" } },
		    "torn next=seen end=said " },
		/* A page that says none takes nothing back. */
		{ "next", "", { { 3, "\"total\":5,\"next\":\"/2\"" }, { 2, "\"next\":null" } },
		    "total=fits next=seen end=said " },
	};

	(void)state;
	EXPECT(rows);
}

static void
a_next_page_that_is_not_found_is_told(void **state)
{
	static const struct ends rows[] = {
		{ "next", "", { { 3, "" } }, "warn:next_not_found end=said " },
		{ "Link", "", { { 3, "" } }, "warn:next_not_found end=said " },
		{ "Link", "", { { 3, "" }, { 3, "" } }, "next=seen end=said " },
		{ "next", "", { { 3, "\"next\":null" } }, "next=seen end=said " },
		{ "next", "", { { 3, "\"next\":\"\"" } }, "next=seen end=said " },
		/* Earlier reads found one. */
		{ "next", "\"next\":\"seen\"", { { 3, "" } }, "doubt:next_not_found end=said " },
		{ "Link", "\"next\":\"seen\"", { { 3, "" } }, "doubt:next_not_found end=said " },
		/* The source says how it stands. */
		{ "next", "", { { 3, "\"has_more\":false" } }, "end=said " },
		{ "next", "", { { 3, "\"total\":3" } }, "total=fits end=said " },
		{ "next", "", { { 3, "\"has_more\":true" } }, "end=said doubt:more_pages " },
		{ "next", "", { { 3, "\"total_count\":4" } },
		    "total=other warn:more_pages warn:next_not_found end=said " },
	};

	(void)state;
	EXPECT(rows);
}

static void
a_list_that_ends_otherwise_than_before_is_in_doubt(void **state)
{
	static const struct ends rows[] = {
		{ "page:p", "", { { 3, "" }, { 0, "" } }, "end=empty " },
		{ "page:p", "", { { 3, "" }, { 2, "" } }, "end=repeat " },
		{ "page:p", "", { { 3, "" }, { -1, "" } }, "end=behind " },
		{ "offset:o", "", { { 3, "" }, { 2, "\"has_more\":false" } }, "end=said " },
		{ "page:p", "\"end\":\"empty\"", { { 3, "" }, { 0, "" } }, "end=empty " },
		{ "page:p", "\"end\":\"empty\"", { { 3, "" }, { -1, "" } },
		    "doubt:list_ended end=behind " },
		{ "offset:o", "\"end\":\"behind\"", { { 3, "" }, { 0, "" } },
		    "doubt:list_ended end=empty " },
		/* What the source says ends a list, whatever did before. */
		{ "page:p", "\"end\":\"empty\"", { { 3, "\"has_more\":false" } }, "end=said " },
		{ "next", "\"end\":\"said\"",
		    { { 3, "\"next\":\"/2\"" }, { 0, "\"next\":\"/3\"" } },
		    "next=seen doubt:list_ended end=empty " },
		/* It stopped though the source said that there is more. */
		{ "page:p", "", { { 3, "\"has_more\":true" }, { 0, "\"has_more\":true" } },
		    "end=empty doubt:more_pages " },
		{ "page:p", "", { { 3, "\"has_more\":true" }, { -1, "" } }, "end=behind " },
	};

	(void)state;
	EXPECT(rows);
}

static void
refused(
    const char *next, const char *known, const char *page, enum error_kind kind, const char *detail)
{
	assert_error(ends_parse(next, known, &page, 1, ends_fixture()), kind);
	if (!strstr(cx.err.detail, detail))
		flunk("\"%s\" does not say \"%s\"", cx.err.detail, detail);
}

static void
what_is_no_address_of_a_next_page_is_refused(void **state)
{
	char *longest = arena_alloc(cx.a, 4200);

	(void)state;
	memset(longest, 'a', 4095);
	refused("next", "", page_of(1, "\"next\":true"), E_JSON_PATH, "only \"true\"");
	refused("next", "", page_of(1, "\"next\":[]"), E_JSON_PATH, "a list");
	refused("next", "", page_of(1, arena_printf(cx.a, "\"next\":\"%s\"", longest)), E_URL,
	    "too long");
	longest[4094] = '\0';
	const char *page = page_of(1, arena_printf(cx.a, "\"next\":\"%s\"", longest));
	assert_ok(ends_parse("next", "", &page, 1, ends_fixture()));
	refused("a..b", "", page_of(1, ""), E_JSON_PATH, "path of the next page");
}

static void
what_was_read_as_one_shape_is_not_read_as_another(void **state)
{
	static const char list[] = "\"records\":\"items\",\"shape\":\"list\"",
			  members[] = "\"records\":\"items\",\"shape\":\"members\"",
			  one[] = "\"records\":\"items\",\"shape\":\"one\"",
			  word[] = "\"records\":\"items\",\"shape\":\"other\"";
	static const struct {
		const char *known, *page;
		int64_t rows; /* -1: refused */
		const char *says;
	} rows[] = {
		{ list, "{\"items\":[{\"id\":1}]}", 1, "" },
		/* null, and how PHP writes a list that has a gap, or is empty. */
		{ list, "{\"items\":null}", 0, "" },
		{ list, "{\"items\":{}}", 0, "" },
		{ list, "{\"items\":{\"0\":{\"id\":1},\"2\":{\"id\":3}}}", 2, "" },
		{ list, "{\"items\":{\"a\":{\"id\":1},\"b\":{\"id\":3}}}", -1,
		    "a list before, and there is an object of records now" },
		{ list, "{\"items\":{\"id\":1}}", -1, "a list before, and there is one record" },
		{ list, "{\"items\":\"none\"}", -1,
		    "a single value, not a list of records. The "
		    "records were there before." },
		{ list, "{\"data\":[{\"id\":1}]}", -1, "the document has: data. The records" },
		{ members, "{\"items\":{\"a\":{\"id\":1}}}", 1, "" },
		{ members, "{\"items\":[]}", 0, "" },
		{ members, "{\"items\":[{\"id\":1}]}", -1, "records before, and there is a list" },
		/* A member that is no object does not make one record of many. */
		{ members, "{\"items\":{\"a\":{\"id\":1},\"n\":1}}", 1, "skip no_record 2" },
		{ one, "{\"items\":{\"id\":1}}", 1, "" },
		{ one, "{\"items\":{\"a\":{\"id\":1}}}", 1, "" },
		{ one, "{\"items\":[{\"id\":1}]}", -1, "one record before, and there is a list" },
		{ word, "{\"items\":{\"id\":1}}", 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture *f = ends_fixture();

		if (rows[i].rows < 0) {
			refused(NULL, rows[i].known, rows[i].page,
			    strstr(rows[i].says, "before") || strstr(rows[i].says, "The records")
				? E_SHAPE
				: E_JSON_PATH,
			    rows[i].says);
			continue;
		}
		assert_ok(ends_parse(NULL, rows[i].known, &rows[i].page, 1, f));
		if (f->rows != rows[i].rows || !strstr(buf_c(f->text), rows[i].says))
			flunk("%s: %lld, %s", rows[i].page, (long long)f->rows, buf_c(f->text));
	}
}

/* Of records that are lists, the names of the columns are found elsewhere in the document. */
static void
names_that_were_found_before_are_not_given_up_for_places(void **state)
{
	static const char known[] = "\"shape\":\"list\",\"records\":\"rows\",\"names\":\"columns\"";
	static const char *const named = "{\"columns\":[{\"name\":\"id\"}],\"rows\":[[1],[2]]}";
	static const char *const bare = "{\"rows\":[[1],[2]]}";
	struct fixture *f = known_fixture();

	(void)state;
	assert_ok(ends_parse(NULL, known, &named, 1, f));
	assert_non_null(strstr(buf_c(f->text), "id=1"));
	refused(NULL, known, bare, E_SHAPE, "they were in \"columns\"");
	/* Where there were none, they are told by their places, with names beside or without. */
	f = known_fixture();
	assert_ok(ends_parse(NULL, "", &bare, 1, f));
	assert_non_null(strstr(buf_c(f->text), "column_1=1"));
}

static int
ends_open(void **state)
{
	if (unit_open(state) != 0)
		return -1;
	known_names = " total next end more ";
	known_begin_with(&reader_json, "{\"items\":[]}");
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, ends_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_page_that_is_one_of_several_is_told_however_it_is_written),
		TEST(the_place_of_the_next_page_is_named),
		TEST(a_total_that_is_not_reached_is_told),
		TEST(a_total_that_has_fitted_is_held_against_later_reads),
		TEST(a_next_page_that_is_not_found_is_told),
		TEST(a_list_that_ends_otherwise_than_before_is_in_doubt),
		TEST(what_is_no_address_of_a_next_page_is_refused),
		TEST(what_was_read_as_one_shape_is_not_read_as_another),
		TEST(names_that_were_found_before_are_not_given_up_for_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
