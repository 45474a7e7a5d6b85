/* A series that one side gives other places while the other one edits one of its occurrences: the
 * edit goes along, or is kept. */
#include "unit/hub_fixture.h"

#include "app/conflicts.h"
#include "app/events.h"
#include "unit/caller_fixture.h"

#define DAY "2027-05-04"
#define SOLO ",\"@20261012T100000Z\":{\"title\":\"Solo\"}"
#define SOLO_MOVED "\"@20261012T120000Z\":{\"title\":\"Solo\"}"

static void
comes_weekly(struct thing *t, int hour, int times, const char *more)
{
	snprintf(t->values, sizeof t->values,
	    "{\"title\":\"Weekly\",\"startDateTime\":\"2026-10-05T%d:00:00Z\",\"endDateTime\":"
	    "\"2026-10-05T%d:00:00Z\",\"allDay\":false,\"timeZone\":\"UTC\",\"recurrence\":"
	    "[\"RRULE:FREQ=WEEKLY;COUNT=%d\"],\"status\":\"confirmed\",\"busy\":true%s}",
	    hour, hour + 1, times, more);
	thing_touch(&cals[0], t);
}

/* From 10:00 on, four times. */
static const char *
weekly_is_there(struct thing **t, const char *policy)
{
	clock_step_to(clock_ms());
	connect(CONN_A, "a", policy);
	*t = made_there(0, "g1", "Weekly", DAY);
	comes_weekly(*t, 10, 4, "");
	settles();
	return newest_here();
}

static const char *
here(const char *id)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return e.value;
}

static void
one_edited_here(const char *id, const char *slot, const char *title)
{
	const struct event_place place = { .id = id, .slot = slot };
	struct event_done done;
	json *said = json_new(cx.a);

	clock_step_by(SECOND_MS);
	json_set_str(said, "title", title);
	assert_ok(events_change_one(&cx, db, &owner_calls, &place, said, &done));
}

/* Both sides have it, and nobody was asked. */
static void
assert_solo_went_along(const struct thing *t, const char *id)
{
	has(here(id), SOLO_MOVED);
	has(t->values, SOLO_MOVED);
	assert_null(strstr(here(id), "T100000Z"));
	assert_null(strstr(t->values, "T100000Z"));
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	assert_silence(3);
	clock_fake(0);
}

static void
an_edit_of_an_occurrence_there_goes_along_with_a_series_that_is_moved_here(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = weekly_is_there(&t, "");
	edited_here(id,
	    "{\"startDateTime\":\"2026-10-05T12:00:00Z\",\"endDateTime\":"
	    "\"2026-10-05T13:00:00Z\"}");
	comes_weekly(t, 10, 4, SOLO);
	settles();
	assert_solo_went_along(t, id);
}

static void
an_edit_of_an_occurrence_here_goes_along_with_a_series_that_is_moved_there(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = weekly_is_there(&t, "");
	one_edited_here(id, "20261012T100000Z", "Solo");
	comes_weekly(t, 12, 4, "");
	settles();
	assert_solo_went_along(t, id);
}

static void
an_edit_of_an_occurrence_that_its_series_has_no_more_is_kept(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = weekly_is_there(&t, "");
	edited_here(id, "{\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=1\"]}");
	comes_weekly(t, 10, 4, SOLO);
	settles();
	assert_null(strstr(here(id), "Solo"));
	assert_null(strstr(t->values, "Solo"));
	has(raw_lines("SELECT kept FROM conflict", 0), "\"Solo\"");
	assert_silence(3);
	clock_fake(0);
}

static void
an_edit_whose_place_another_one_has_taken_is_kept(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = weekly_is_there(&t, "");
	edited_here(id,
	    "{\"startDateTime\":\"2026-10-05T12:00:00Z\",\"endDateTime\":"
	    "\"2026-10-05T13:00:00Z\"}");
	one_edited_here(id, "20261012T120000Z", "Duet");
	comes_weekly(t, 10, 4, SOLO);
	settles();
	has(here(id), "\"@20261012T120000Z\":{\"title\":\"Duet\"}");
	has(t->values, "\"@20261012T120000Z\":{\"title\":\"Duet\"}");
	assert_null(strstr(here(id), "Solo"));
	has(raw_lines("SELECT kept FROM conflict", 0), "\"Solo\"");
	assert_silence(3);
	clock_fake(0);
}

/* At 11:00 here, with an occurrence that is edited, at 12:00 and so often there: somebody is asked.
 */
static struct thing *
moved_on_both_sides(const char **id, int times)
{
	struct thing *t;

	*id = weekly_is_there(&t, ",\"conflicts\":\"ask\"");
	edited_here(*id,
	    "{\"startDateTime\":\"2026-10-05T11:00:00Z\",\"endDateTime\":"
	    "\"2026-10-05T12:00:00Z\"}");
	one_edited_here(*id, "20261012T110000Z", "Solo");
	comes_weekly(t, 12, times, "");
	settles();
	assert_string_equal(first_of("SELECT state FROM conflict"), "open");
	return t;
}

static void
answered(const char *choice)
{
	struct conflicts_answered done;
	json *said = json_new(cx.a);

	json_set_str(said, "choice", choice);
	assert_ok(conflicts_answer(&cx, db, &owner_calls,
	    first_of("SELECT id FROM conflict WHERE state = 'open'"), said, &done));
	settles();
}

static void
an_edit_of_an_occurrence_goes_along_with_a_series_that_an_answer_moves(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	t = moved_on_both_sides(&id, 4);
	answered("remote");
	has(here(id), SOLO_MOVED);
	has(t->values, SOLO_MOVED);
	assert_null(strstr(here(id), "T110000Z"));
	assert_null(strstr(t->values, "T110000Z"));
	assert_silence(3);
	clock_fake(0);
}

static void
an_edit_of_an_occurrence_that_a_series_has_no_more_by_an_answer_is_kept(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	t = moved_on_both_sides(&id, 1);
	answered("remote");
	assert_null(strstr(here(id), "Solo"));
	assert_null(strstr(t->values, "Solo"));
	has(raw_lines("SELECT kept FROM conflict", 0), "\"Solo\"");
	assert_silence(3);
	clock_fake(0);
}

static void
an_edit_of_an_occurrence_stays_where_an_answer_leaves_the_series(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	t = moved_on_both_sides(&id, 4);
	answered("local");
	has(here(id), "\"@20261012T110000Z\":{\"title\":\"Solo\"}");
	has(t->values, "\"@20261012T110000Z\":{\"title\":\"Solo\"}");
	has(t->values, "\"startDateTime\":\"2026-10-05T11:00:00Z\"");
	assert_silence(3);
	clock_fake(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(
		    an_edit_of_an_occurrence_there_goes_along_with_a_series_that_is_moved_here),
		HUB_TEST(
		    an_edit_of_an_occurrence_here_goes_along_with_a_series_that_is_moved_there),
		HUB_TEST(an_edit_of_an_occurrence_that_its_series_has_no_more_is_kept),
		HUB_TEST(an_edit_whose_place_another_one_has_taken_is_kept),
		HUB_TEST(an_edit_of_an_occurrence_goes_along_with_a_series_that_an_answer_moves),
		HUB_TEST(an_edit_of_an_occurrence_that_a_series_has_no_more_by_an_answer_is_kept),
		HUB_TEST(an_edit_of_an_occurrence_stays_where_an_answer_leaves_the_series),
	};

	return cmocka_run_group_tests_name("hub, series that are moved", tests, NULL, NULL);
}
