/* "This and following" in the stand-in's calendars: one series ends, another begins. */
#include "unit/fake_fixture.h"

#define E "/calendar/v3/calendars/primary/events"

static void
weekly_series(void)
{
	control("{\"calendar\": {\"id\": \"" OWNER "\", \"owner\": \"" OWNER
		"\", \"zone\": \"Europe/Berlin\"}}");
	assert_int_equal(
	    ask("POST", E,
		"{\"id\": \"series\", \"start\": {\"dateTime\": \"2026-10-19T09:00:00\", "
		"\"timeZone\": \"Europe/Berlin\"}, \"end\": {\"dateTime\": "
		"\"2026-10-19T09:30:00\", \"timeZone\": \"Europe/Berlin\"}, "
		"\"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=4\"]}"),
	    200);
}

/* At its third occurrence. */
static void
split(const char *summary)
{
	control(arena_printf(cx.a,
	    "{\"split\": {\"calendar\": \"" OWNER
	    "\", \"event\": \"series_20261102T080000Z\", \"changes\": {\"summary\": \"%s\"}}}",
	    summary));
}

static void
this_and_following_ends_one_series_and_begins_another(void **state)
{
	(void)state;
	weekly_series();
	split("New");
	assert_int_equal(ask("GET", E "/series", NULL), 200);
	assert_string_equal(text_at("recurrence.0"), "RRULE:FREQ=WEEKLY;UNTIL=20261102T075959Z");
	assert_int_equal(ask("GET", E "/series_R20261102T080000Z", NULL), 200);
	assert_string_equal(text_at("summary"), "New");
	assert_string_equal(text_at("start.dateTime"), "2026-11-02T09:00:00+01:00");
}

static void
split_at_one_place_twice_the_first_rest_stays(void **state)
{
	(void)state;
	weekly_series();
	split("First");
	assert_int_equal(
	    ask("PATCH", E "/series", "{\"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=3\"]}"), 200);
	split("Second");
	assert_int_equal(ask("GET", E "/series_R20261102T080000Z", NULL), 200);
	assert_string_equal(text_at("summary"), "First");
	assert_int_equal(ask("GET", E, NULL), 200);
	assert_int_equal(json_len(at("items")), 3);
	assert_string_equal(text_at("items.2.summary"), "Second");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(this_and_following_ends_one_series_and_begins_another),
		world_test(split_at_one_place_twice_the_first_rest_stays),
	};

	return cmocka_run_group_tests_name("series split in the stand-in", tests, NULL, NULL);
}
