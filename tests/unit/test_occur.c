/* What differs in a series where it comes no more: that is left when the series gets other places
 * on one side while one of its occurrences is edited on another. Google keeps it and shows it.
 * Source: G Suite Developers Blog, "Calendar v3 best practices: recurring events", 2011. */
#include "unit/unit.h"

#include "base/buf.h"
#include "event/event.h"
#include "event/occur.h"

/* Mondays at eight, four times from the 19th of October 2026 on. */
#define WEEKLY(differs) \
	"{\"title\":\"Round\",\"startDateTime\":\"2026-10-19T08:00:00Z\"," \
	"\"endDateTime\":\"2026-10-19T09:00:00Z\",\"allDay\":false," \
	"\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=4\"]" differs "}"

/* The starts of what comes between two days. */
static const char *
comes(const char *value, const char *from, const char *until)
{
	struct buf *b = buf_in(cx.a, 1000);
	struct occurrence *v;
	struct when f, u;
	size_t n;

	assert_true(when_read(str_c(from), NULL, &f) && when_read(str_c(until), NULL, &u));
	n = occur_between(cx.a, json_stored(cx.a, value), NULL, f.utc, u.utc, &v);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s ", when_text(cx.a, &v[i].start));
	return buf_c(b);
}

static void
what_differs_where_a_series_comes_no_more_is_not_hidden(void **state)
{
	static const struct {
		const char *value, *all, *then;
	} rows[] = {
		{ WEEKLY(",\"@20261020T080000Z\":{\"title\":\"Solo\"}"), /* a Tuesday */
		    "2026-10-19T08:00:00Z 2026-10-20T08:00:00Z 2026-10-26T08:00:00Z "
		    "2026-11-02T08:00:00Z 2026-11-09T08:00:00Z ",
		    "" },
		{ WEEKLY(",\"@20261116T080000Z\":{\"title\":\"Solo\"}"), /* the fifth time */
		    "2026-10-19T08:00:00Z 2026-10-26T08:00:00Z 2026-11-02T08:00:00Z "
		    "2026-11-09T08:00:00Z 2026-11-16T08:00:00Z ",
		    "2026-11-16T08:00:00Z " },
		{ WEEKLY(",\"@20261116T080000Z\":{\"status\":\"cancelled\"}"),
		    "2026-10-19T08:00:00Z 2026-10-26T08:00:00Z 2026-11-02T08:00:00Z "
		    "2026-11-09T08:00:00Z ",
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(comes(rows[i].value, "2026-10-01", "2027-01-01"), rows[i].all);
		assert_string_equal(comes(rows[i].value, "2026-11-15", "2026-11-18"), rows[i].then);
	}
}

static void
one_that_was_moved_comes_where_it_is_now(void **state)
{
	const char *v = WEEKLY(",\"@20261109T080000Z\":{\"startDateTime\":\"2026-10-20T08:00:00Z\","
			       "\"endDateTime\":\"2026-10-20T09:00:00Z\"}");

	(void)state;
	assert_string_equal(comes(v, "2026-10-20", "2026-10-21"), "2026-10-20T08:00:00Z ");
	assert_string_equal(comes(v, "2026-11-08", "2026-11-11"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_differs_where_a_series_comes_no_more_is_not_hidden, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    one_that_was_moved_comes_where_it_is_now, unit_open, unit_close),
	};

	return cmocka_run_group_tests_name("occurrences", tests, NULL, NULL);
}
