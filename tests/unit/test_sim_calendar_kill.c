/* seconds: 55 */
/* The application and two people's calendars at Google, with a process that is killed at every
 * point of a sync and of the outbox, one after the other: around each request, each write and each
 * named step. What is made, changed, deleted and in conflict arrives, once; a token is fetched on
 * the way. Channels are opened before; their renewal is a story of its own. */
#include "sim/cal_world.h"

static const struct twin *
there_named(const struct cal_twins *all, int name)
{
	for (int i = 0; i < all->n; i++)
		if (cal_name(all->v[i].values) == name)
			return &all->v[i];
	flunk("n%d is not there", name);
	return NULL;
}

static struct event_row
here_named(int name)
{
	struct event_list list = app_events();

	for (size_t i = 0; i < list.n; i++)
		if (cal_name(json_stored(cx.a, list.v[i].value)) == name)
			return list.v[i];
	flunk("n%d is not here", name);
	return (struct event_row){ 0 };
}

static void
app_titles(int name)
{
	struct event_row e = here_named(name);
	struct event_place place = { .id = e.id };
	json *said = json_new(cx.a);
	struct content c = cal_content(json_stored(cx.a, e.value));
	struct event_done done;

	json_set_str(said, "title", arena_printf(cx.a, "t%d", token_new(c.f[0], 0)));
	app_did(events_change(&cx, db, &owner_calls, &place, said, &done), "change", e.id, said);
}

static void
they_title(const struct side *s, int name)
{
	json *body = json_new(cx.a);
	struct cal_twins all;
	const struct twin *t;

	cal_all(s, &all);
	t = there_named(&all, name);
	json_set_str(
	    body, "summary", arena_printf(cx.a, "t%d", token_new(cal_content(t->values).f[0], 0)));
	cal_says(s, "PATCH", cal_path(t->key), body);
}

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
	struct event_row goes = here_named(4);
	const struct event_place place = { .id = goes.id };
	struct event_done done;
	struct cal_twins all;

	app_adds();
	app_titles(1);
	app_titles(3);
	they_title(&sides[0], 3); /* both have */
	they_title(&sides[1], 5);
	cal.gone[2] = cal.gone[4] = true;
	cal_fine(json_stored(cx.a, goes.value));
	app_did(events_remove(&cx, db, &owner_calls, &place, &done), "delete", goes.id, NULL);
	cal_all(&sides[1], &all);
	cal_fine(there_named(&all, 2)->values);
	cal_says(&sides[1], "DELETE", cal_path(there_named(&all, 2)->key), NULL);
	cal_adds(&sides[1]);
	grants[0].access++;
	cal_control("{\"sync_tokens\":{\"calendar\":\"bob@example.com\"}}");
}

/* They hear of changes by messages alone. */
static void
story_world(const char *conflicts)
{
	world_begins(7);
	sim.w = (struct weather){ .etags = true };
	sim.cal.guests = sim.cal.grants = false;
	sim.cal.calls = CALLS_ONLY;
	conf_override(CONF_APP_URL, "https://tidemark.example");
	cal_sql(arena_printf(cx.a,
	    "UPDATE connection SET config = '{\"calendar\":\"primary\",\"conflicts\":\"%s\"}'",
	    conflicts));
}

static void
story_begins(const char *conflicts)
{
	story_world(conflicts);
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
is_killed_at(int point, const char *conflicts)
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
		int point = 1;

		while (is_killed_at(point, policies[i]))
			point += SLOW_SHARE;
		print_message("# %d points, conflicts by %s\n", point - SLOW_SHARE, policies[i]);
		assert_in_range(point, 100, 5000);
	}
}

enum { FIRST_EVENTS = 9 };

/* Ann's calendar, of which nothing was read yet: events by themselves and series, in which things
 * differ, on several pages. */
static bool
first_read_is_killed_at(int point)
{
	const long before = tally.kills;
	struct cal_twins all;

	story_world("latest");
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
	int point = 1;

	(void)state;
	step_pages(2);
	while (first_read_is_killed_at(point))
		point += SLOW_SHARE;
	step_pages(0);
	print_message("# %d points\n", point - SLOW_SHARE);
	assert_in_range(point, 100, 5000);
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
renewal_is_killed_at(int point)
{
	long before = tally.kills;
	size_t opened;

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
	they_title(&sides[0], 3);
	they_title(&sides[1], 5);
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
	int point = 1;

	(void)state;
	while (renewal_is_killed_at(point))
		point += SLOW_SHARE;
	print_message("# %d points\n", point - SLOW_SHARE);
	assert_in_range(point, 20, 1000);
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
