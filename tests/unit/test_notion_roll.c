/* A series that is one page of Notion: it shows the occurrence that comes next, and a date that
 * somebody gives it is that of this occurrence alone. */
#include "unit/strew_fixture.h"

/* Each week at ten in Berlin, from `first` on. */
static const char *
lesson(int first, const char *more)
{
	return arena_printf(cx.a,
	    "{\"title\":\"Lesson\",\"startDateTime\":\"%sT10:00:00+02:00\",\"endDateTime\":"
	    "\"%sT11:00:00+02:00\",\"timeZone\":\"Europe/Berlin\",\"allDay\":false,\"status\":"
	    "\"confirmed\",\"busy\":true,\"recurrence\":[\"RRULE:FREQ=DAILY;INTERVAL=7%s\"]}",
	    day(first), day(first), more);
}

static const char *
lesson_is_there(const char *more)
{
	const char *key;

	begin(ONE);
	key = arena_dup(cx.a, push(NULL, lesson(-1, more)).key);
	runs();
	return key;
}

static void
shows(const char *key, const char *start, const char *end)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", key), NULL);
	assert_string_equal(text_at("properties.When.date.start"), start);
	assert_string_equal(text_at("properties.When.date.end"), end);
}

/* On that day at this hour UTC, as Notion says it. */
static const char *
hour(int n, int at)
{
	return arena_printf(cx.a, "%sT%02d:00:00.000+00:00", day(n), at);
}

static void
when_one_is_over_the_next_is_shown(void **state)
{
	const char *key;

	(void)state;
	key = lesson_is_there("");
	shows(key, hour(6, 8), hour(6, 9));
	runs();
	has_not(buf_c(did.asked), "PATCH");
	clock_step_by(7 * DAY_MS);
	runs();
	shows(key, hour(13, 8), hour(13, 9));
	assert_non_null(strstr(agreed(key), day(-1)));
	/* Where nothing goes there it stays as it is. */
	settings(", \"direction\": \"pull\"");
	clock_step_by(7 * DAY_MS);
	runs();
	shows(key, hour(13, 8), hour(13, 9));
}

static void
when_all_are_over_the_last_one_is_shown(void **state)
{
	const char *key;

	(void)state;
	key = lesson_is_there(";COUNT=3");
	clock_step_by(100 * DAY_MS);
	runs();
	shows(key, hour(13, 8), hour(13, 9));
	runs();
	has_not(buf_c(did.asked), "PATCH");
}

static void
a_date_of_somebodys_moves_the_occurrence_that_is_shown(void **state)
{
	const char *key;

	(void)state;
	key = lesson_is_there("");
	paula_edits(key,
	    arena_printf(cx.a,
		"\"When\": {\"date\": {\"start\": \"%sT12:00:00+02:00\", \"end\": "
		"\"%sT13:00:00+02:00\"}}",
		day(7), day(7)));
	/* In the zone of the series, and the series is where it was. */
	has(agreed(key),
	    arena_printf(cx.a,
		"\"@%sT080000Z\":{\"timeZone\":\"Europe/Berlin\",\"startDateTime\":"
		"\"%sT12:00:00+02:00\",\"endDateTime\":\"%sT13:00:00+02:00\",\"allDay\":false}",
		slot(6), day(7), day(7)));
	has(agreed(key), arena_printf(cx.a, "\"startDateTime\":\"%sT10:00:00+02:00\"", day(-1)));
	push(key, agreed(key));
	runs();
	/* As it was said. */
	shows(key, arena_printf(cx.a, "%sT12:00:00.000+02:00", day(7)),
	    arena_printf(cx.a, "%sT13:00:00.000+02:00", day(7)));
	clock_step_by(8 * DAY_MS);
	runs();
	shows(key, hour(13, 8), hour(13, 9));
	has(agreed(key), slot(6));
}

/* As the series has it: that differs in nothing, on no side. */
static void
a_date_that_is_set_back_differs_no_more(void **state)
{
	static const char there[] = "\"When\": {\"date\": {\"start\": \"%sT%d:00:00+02:00\", "
				    "\"end\": \"%sT%d:00:00+02:00\"}}";
	const char *key;

	(void)state;
	key = lesson_is_there("");
	paula_edits(key, arena_printf(cx.a, there, day(7), 12, day(7), 13));
	has(agreed(key), slot(6));
	push(key, agreed(key));
	runs();
	paula_edits(key, arena_printf(cx.a, there, day(6), 10, day(6), 11));
	has_not(agreed(key), slot(6));
}

static void
a_day_without_a_time_makes_that_occurrence_one_of_all_day(void **state)
{
	const char *key;

	(void)state;
	key = lesson_is_there("");
	paula_edits(key, arena_printf(cx.a, "\"When\": {\"date\": {\"start\": \"%s\"}}", day(6)));
	has(agreed(key),
	    arena_printf(cx.a,
		"\"@%sT080000Z\":{\"timeZone\":null,\"startDateTime\":\"%s\",\"endDateTime\":"
		"\"%s\",\"allDay\":true}",
		slot(6), day(6), day(7)));
	has(agreed(key), "\"allDay\":false");
}

/* In the trash, or not shown to us, or without a date: there is nothing to go on with. */
static void
a_page_that_is_no_event_any_more_is_left_alone(void **state)
{
	static const char *const ends[] = { "{\"in_trash\": true}",
		"{\"properties\": {\"When\": {\"date\": null}}}" };

	(void)state;
	begin(ONE);
	for (size_t i = 0; i < 3; i++) {
		const char *key = arena_dup(cx.a, push(NULL, lesson(-1, "")).key);
		const json *cursor;

		runs();
		cursor = from.cursor;
		if (i < 2)
			paula("PATCH", arena_printf(cx.a, N "/pages/%s", key), ends[i]);
		else
			did.hidden = arena_printf(cx.a, "/v1/pages/%s", key);
		from.cursor = cursor;
		clock_step_by(7 * DAY_MS);
		buf_clear(did.asked);
		assert_ok(tends());
		has(buf_c(did.asked), arena_printf(cx.a, "GET /v1/pages/%s", key));
		has_not(buf_c(did.asked), "PATCH");
		did.hidden = NULL;
		paula_trashes(key, true);
		clock_step_by(-7 * DAY_MS);
		from.cursor = NULL;
		assert_ok(reads());
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		strew_test(when_one_is_over_the_next_is_shown),
		strew_test(when_all_are_over_the_last_one_is_shown),
		strew_test(a_date_of_somebodys_moves_the_occurrence_that_is_shown),
		strew_test(a_date_that_is_set_back_differs_no_more),
		strew_test(a_day_without_a_time_makes_that_occurrence_one_of_all_day),
		strew_test(a_page_that_is_no_event_any_more_is_left_alone),
	};

	return cmocka_run_group_tests_name("a series as one page", tests, NULL, NULL);
}
