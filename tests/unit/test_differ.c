/* What is to be sent to a twin: what differs, without what a person has been asked about. */
#include "unit/unit.h"

#include "base/buf.h"
#include "event/rules.h"
#include "sync/write/differ.h"

#define WEEKLY(day) \
	"{\"title\":\"T\",\"startDateTime\":\"2026-10-" day "T10:00:00Z\"," \
	"\"endDateTime\":\"2026-10-" day "T11:00:00Z\"," \
	"\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=4\"]"

static struct arena *a;

/* The fields, a comma behind each; "-": there is nothing to send. */
static const char *
sent(const char *base, const char *here, const char *asked)
{
	const struct differ_in in = {
		.base = json_stored(a, base),
		.here = json_stored(a, here),
		.asked = json_stored(a, asked),
	};
	struct buf *b = buf_in(a, 1000);
	struct differ d;

	differ(a, &event_rules, &in, &d);
	if (!d.any)
		return "-";
	for (struct json_iter it = { 0 }; json_each(d.values, &it);)
		buf_printf(b, "%s,", it.key);
	return buf_c(b);
}

static void
what_is_asked_about_is_not_sent(void **state)
{
	(void)state;
	a = arena_new("differ", 1 << 20, 0);
	assert_string_equal(sent(WEEKLY("05") "}", WEEKLY("05") "}", NULL), "-");
	assert_string_equal(
	    sent(WEEKLY("05") "}", WEEKLY("06") ",\"location\":\"R\"}", "[{\"field\":\"time\"}]"),
	    "location,");
	assert_string_equal(
	    sent(WEEKLY("05") "}", WEEKLY("05") ",\"location\":\"R\"}", "[{\"field\":\"title\"}]"),
	    "location,");
	arena_free(a);
}

/* There the series has other places: one that is left out there, and is none here, would be sent
 * and be found different for ever. */
static void
what_differs_in_a_series_waits_while_its_time_is_asked_about(void **state)
{
	static const char one[] = WEEKLY("05") ",\"@20261013T100000Z\":{\"status\":\"cancelled\"}}";

	(void)state;
	a = arena_new("differ", 1 << 20, 0);
	assert_string_equal(sent(one, WEEKLY("05") "}", NULL), "@20261013T100000Z,");
	assert_string_equal(
	    sent(one, WEEKLY("05") "}", "[{\"field\":\"title\"}]"), "@20261013T100000Z,");
	assert_string_equal(sent(one, WEEKLY("07") "}", "[{\"field\":\"time\"}]"), "-");
	assert_string_equal(sent(WEEKLY("07") "}", one, "[{\"field\":\"time\"}]"), "-");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_about_is_not_sent),
		cmocka_unit_test(what_differs_in_a_series_waits_while_its_time_is_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
