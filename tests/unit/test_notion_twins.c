/* Pages of Notion as events: which of them are any, and what is said of those that are none. */
#include "unit/notion_read_fixture.h"

static struct buf *twins;

static enum rc
noted(struct ctx *c, struct twin_sink *sink, const struct twin *t)
{
	(void)c;
	(void)sink;
	if (t->unread) {
		buf_printf(twins, "unread %s\n", t->key);
		return RC_OK;
	}
	buf_printf(twins, "%s%s %s\n", t->values ? json_str(t->values, "title") : "gone ",
	    t->outside ? " outside" : "",
	    t->values ? json_str(t->values, "startDateTime") : t->key);
	return RC_OK;
}

static const char *
twins_read(void)
{
	struct twin_sink sink = { .twin = noted };
	struct fixture_page pages[READ_PAGES];
	struct page_in in[READ_PAGES];
	const size_t n = pages_in(pages, in);

	twins = buf_in(cx.a, 1 << 20);
	assert_ok(reader_notion.twins(&cx, &from, in, n, &sink));
	return buf_c(twins);
}

static void
pages_with_a_date_are_events_within_the_days_of_the_settings(void **state)
{
	const char *id;

	(void)state;
	page(TITLE("Idea"));
	page(TITLE("Old") ", \"When\": {\"date\": {\"start\": \"2025-01-05\"}}");
	id = page(TITLE("Tea") ", \"When\": {\"date\": {\"start\": \"2026-10-05\"}}");
	begin(CALENDAR ", \"from\": \"2026-01-01\"");
	assert_ok(reads());
	has(twins_read(), "Old outside 2025-01-05\n");
	has(twins_read(), "Tea 2026-10-05\n");
	has_not(twins_read(), "Idea");
	/* One whose date goes is gone from the calendar; the page stays. */
	edited(id, "\"When\": {\"date\": null}");
	assert_ok(reads());
	assert_true(did.delta);
	assert_string_equal(twins_read(), arena_printf(cx.a, "gone  %s\n", id));
	assert_int_equal(rows_of(rows_read()), 1);
}

static void
a_page_whose_date_cannot_be_read_is_there_all_the_same(void **state)
{
	static const char *const dates[] = { "\"start\": \"9999-12-31T20:00:00Z\"",
		"\"start\": \"9999-12-31\"" };
	const char *id = page(TITLE("Tea") ", \"When\": {\"date\": {\"start\": \"2026-10-05\"}}");

	(void)state;
	begin(CALENDAR);
	assert_ok(reads());
	has_not(rows_read(), "date_unread");
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		edited(id, arena_printf(cx.a, "\"When\": {\"date\": {%s}}", dates[i]));
		assert_ok(reads());
		assert_true(did.delta);
		assert_string_equal(twins_read(), arena_printf(cx.a, "unread %s\n", id));
		has(rows_read(), "warn date_unread");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		read_test(pages_with_a_date_are_events_within_the_days_of_the_settings),
		read_test(a_page_whose_date_cannot_be_read_is_there_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
