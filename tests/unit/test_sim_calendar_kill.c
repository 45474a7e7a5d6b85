/* seconds: 55 */
/* The application and two people's calendars at Google, with a process that is killed at every
 * point of a sync and of the outbox, one after the other: around each request, each write and each
 * named step. What is made, changed, deleted and in conflict arrives, once; a token is fetched on
 * the way. Channels are opened before; their renewal is a story of its own. */
#include "sim/cal_kill.h"

static const struct points each_point = { 1, SLOW_SHARE };

/* n1 and n2 are made by the application, n3 and n4 by Ann, n5 by Bob: all are everywhere. */
static void
deeds_begin(void)
{
	sim.calm = true;
	app_adds();
	app_adds();
	cal_adds(&sides[0]);
	cal_adds(&sides[0]);
	cal_adds(&sides[1]);
	for (int i = 0; i < 3; i++)
		works_off(true);
	sim.calm = false;
}

static void
deeds_done(void)
{
	app_adds();
	app_edits_named(1, 0);
	app_edits_named(3, 0);
	they_edit_named(&sides[0], 3, 0); /* both have */
	they_edit_named(&sides[1], 5, 0);
	app_removes_named(4);
	they_remove_named(&sides[1], 2);
	cal_adds(&sides[1]);
	grants[0].access++;
	cal_control("{\"sync_tokens\":{\"calendar\":\"bob@example.com\"}}");
}

static void
story_begins(const char *conflicts)
{
	story_world(conflicts, false);
	deeds_begin();
}

/* True when it was killed there. */
static bool
story_ends(int point, long before)
{
	world_ends();
	if (*sim.bad)
		flunk("killed at point %d: %s", point, sim.bad);
	return tally.kills > before;
}

static bool
is_killed_at(int point, const void *conflicts)
{
	long before = tally.kills;

	story_begins(conflicts);
	deeds_done();
	kill_at = point;
	works_off(true);
	kill_at = 0;
	return story_ends(point, before);
}

static void
killed_at_any_point_nothing_is_lost_and_nothing_doubled(void **state)
{
	static const char *const policies[] = { "latest", "ask" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		int points = points_sweep(each_point, is_killed_at, policies[i]);

		print_message("# %d points, conflicts by %s\n", points, policies[i]);
		assert_in_range(points, 100, 5000);
	}
}

enum { FIRST_EVENTS = 9 };

/* Ann's calendar, of which nothing was read yet: events by themselves and series, in which things
 * differ, on several pages. */
static bool
first_read_is_killed_at(int point, const void *unused)
{
	const long before = tally.kills;
	struct cal_twins all;

	(void)unused;
	story_world("latest", false);
	sim.calm = true;
	for (int i = 0; i < FIRST_EVENTS; i++)
		cal_adds(&sides[0]);
	cal_all(&sides[0], &all);
	for (int i = 0; i < all.n; i++)
		if (json_has(all.v[i].values, "recurrence"))
			cal_edits_one(&sides[0], &all.v[i]);
	sim.calm = false;
	kill_at = point;
	works_off(true);
	kill_at = 0;
	return story_ends(point, before);
}

static void
killed_at_any_point_of_a_first_read_all_of_it_is_here_once(void **state)
{
	int points;

	(void)state;
	step_pages(2);
	points = points_sweep(each_point, first_read_is_killed_at, NULL);
	step_pages(0);
	print_message("# %d points\n", points);
	assert_in_range(points, 100, 5000);
}

static bool
channel_is_known(const char *id)
{
	return ask_handle(sqlite_handle(db->engine),
	    arena_printf(cx.a,
		"SELECT count(*) FROM channel WHERE id = '%s' AND resource_id IS NOT NULL", id));
}

/* Those that live there: all, or those that are known here. */
static int
channels_there(bool known)
{
	json *list = json_at(cal_control(NULL), "channels");
	int n = 0;

	for (size_t i = 0; i < json_len(list); i++)
		n += json_flag(json_nth(list, i), "open", false) &&
		    (!known || channel_is_known(json_str(json_nth(list, i), "id")));
	return n;
}

static bool
renewal_is_killed_at(int point, const void *unused)
{
	long before = tally.kills;
	size_t opened;

	(void)unused;
	story_begins("latest");
	assert_int_equal(channels_there(false), SIDES);
	clock_step_by(17 * HOUR_MS);
	kill_at = point;
	works_off(false);
	kill_at = 0;
	sim.calm = true;
	works_off(false);
	if (channels_there(true) != SIDES ||
	    ask_handle(sqlite_handle(db->engine), "SELECT count(*) FROM channel") != SIDES)
		flunk("killed at point %d: %d channels are known", point, channels_there(true));
	/* One was renewed once more, at most, and one that nobody knows of ends by itself. */
	assert_in_range(channels_there(false), SIDES, SIDES + 1);
	opened = json_len(json_at(cal_control(NULL), "channels"));
	assert_in_range(opened, 2 * SIDES, 2 * SIDES + 1);
	/* By them alone is told what is done there. */
	they_edit_named(&sides[0], 3, 0);
	they_edit_named(&sides[1], 5, 0);
	for (int i = 0; i < 5; i++) {
		works_off(false);
		clock_step_by(4 * HOUR_MS);
	}
	if (channels_there(false) != SIDES || channels_there(true) != SIDES)
		flunk("killed at point %d: %d channels live there, of which %d are known", point,
		    channels_there(false), channels_there(true));
	return story_ends(point, before);
}

static void
killed_at_any_point_of_a_renewal_each_calendar_has_one_channel(void **state)
{
	const int points = points_sweep(each_point, renewal_is_killed_at, NULL);

	(void)state;
	print_message("# %d points\n", points);
	assert_in_range(points, 20, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    killed_at_any_point_nothing_is_lost_and_nothing_doubled, world_open,
		    world_close),
		cmocka_unit_test_setup_teardown(
		    killed_at_any_point_of_a_first_read_all_of_it_is_here_once, world_open,
		    world_close),
		cmocka_unit_test_setup_teardown(
		    killed_at_any_point_of_a_renewal_each_calendar_has_one_channel, world_open,
		    world_close),
	};

	return cmocka_run_group_tests_name("calendars and kills", tests, NULL, NULL);
}
