/* What was gone there and is there again, or is to be: nothing of it is lost, and it is there
 * once. */
#include "unit/hub_fixture.h"

#include "base/step.h"

#define DAY "2027-05-04"

static int64_t
conflicts_about(const char *field)
{
	return raw_number(arena_printf(
	    cx.a, "SELECT count(*) FROM conflict WHERE fields LIKE '%%\"%s\"%%'", field));
}

/* Calendar "a" with one event that is there by itself. */
static const char *
one_is_there(struct thing **t)
{
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	*t = made_there(0, "g1", "Meeting", DAY);
	settles();
	return newest_here();
}

static bool
has_here(const char *id, const char *text)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return strstr(e.value, text) != NULL;
}

/* --- in a trash --- */

static void
what_was_edited_there_before_it_was_deleted_is_in_what_is_brought_back(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	cals[0].recalls = true;
	edited_there(0, t, "location", "Room 5");
	deleted_there(0, t);
	edited_here(id, "{\"title\":\"Ours\"}");
	settles();
	assert_string_equal(title_there(t), "Ours");
	assert_non_null(strstr(t->values, "Room 5"));
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("location"), 0);
	assert_silence(3);
	/* The edit that brings it back stands, and the other is kept: once. */
	edited_there(0, t, "title", "Theirs");
	deleted_there(0, t);
	edited_here(id, "{\"title\":\"Ours, too\"}");
	cals[0].send_fails = E_SOURCE_5XX;
	settles();
	time_passes();
	settles();
	cals[0].send_fails = E_NONE;
	time_passes();
	settles();
	assert_string_equal(title_there(t), "Ours, too");
	assert_int_equal(
	    raw_number("SELECT count(*) FROM conflict WHERE kept LIKE '%\"Theirs\"%'"), 1);
	assert_silence(3);
	clock_fake(0);
}

static void
what_had_arrived_before_it_was_deleted_is_no_edit_of_theirs(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	cals[0].recalls = true;
	edited_here(id, "{\"title\":\"Ours\"}");
	cals[0].send_hides = E_UNSURE;
	sends();
	cals[0].send_hides = E_NONE;
	assert_string_equal(title_there(t), "Ours");
	deleted_there(0, t);
	edited_here(id, "{\"title\":\"Ours, too\"}");
	time_passes();
	settles();
	assert_string_equal(title_there(t), "Ours, too");
	assert_int_equal(conflicts_about("title"), 0);
	assert_silence(3);
	clock_fake(0);
}

static void
what_is_there_again_is_brought_together_from_what_was_agreed_on(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	deleted_there(0, t);
	edited_here(id, "{\"title\":\"Ours\"}");
	cals[0].send_fails = E_SOURCE_5XX;
	settles();
	t->gone = false;
	edited_there(0, t, "location", "Room 5");
	cals[0].send_fails = E_NONE;
	time_passes();
	settles();
	assert_string_equal(title_there(t), "Ours");
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("title") + conflicts_about("location"), 0);
	assert_silence(3);
	clock_fake(0);
}

/* --- not shown --- */

static struct thing *hidden;

/* As soon as it is decided that another one is to be made. */
static void
shown_meanwhile(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "push:settled") != 0)
		return;
	step_watch(NULL, NULL);
	shown_there(0, hidden, true);
}

static void
what_is_shown_again_is_looked_for_before_another_one_is_made(void **state)
{
	const char *id;

	(void)state;
	id = one_is_there(&hidden);
	edited_there(0, hidden, "location", "Room 5");
	shown_there(0, hidden, false);
	edited_here(id, "{\"title\":\"Ours\"}");
	reads(CONN_A);
	step_watch(shown_meanwhile, NULL);
	sends();
	step_watch(NULL, NULL);
	time_passes();
	settles();
	assert_int_equal(cals[0].n, 1);
	assert_int_equal(events_here(), 1);
	assert_string_equal(title_there(hidden), "Ours");
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("title") + conflicts_about("location"), 0);
	assert_silence(3);
	clock_fake(0);
}

static void
what_was_made_in_its_place_gives_way_to_what_is_shown_again(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	shown_there(0, t, false);
	edited_here(id, "{\"title\":\"Ours\"}");
	settles();
	assert_int_equal(cals[0].n, 2);
	assert_string_equal(title_there(&cals[0].v[1]), "Ours");
	edited_there(0, &cals[0].v[1], "description", "In the copy");
	edited_there(0, t, "location", "Room 5");
	shown_there(0, t, true);
	settles();
	time_passes();
	settles();
	assert_int_equal(live_there(0), 1);
	assert_int_equal(events_here(), 1);
	assert_string_equal(title_there(t), "Ours");
	assert_non_null(strstr(t->values, "In the copy"));
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("title") + conflicts_about("location"), 0);
	assert_silence(3);
	clock_fake(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_was_edited_there_before_it_was_deleted_is_in_what_is_brought_back),
		HUB_TEST(what_had_arrived_before_it_was_deleted_is_no_edit_of_theirs),
		HUB_TEST(what_is_there_again_is_brought_together_from_what_was_agreed_on),
		HUB_TEST(what_is_shown_again_is_looked_for_before_another_one_is_made),
		HUB_TEST(what_was_made_in_its_place_gives_way_to_what_is_shown_again),
	};

	return cmocka_run_group_tests_name("hub, what comes back", tests, NULL, NULL);
}
