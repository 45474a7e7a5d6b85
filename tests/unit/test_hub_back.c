/* What was gone there and is there again, or is to be: nothing of it is lost, and it is there
 * once. */
#include "unit/hub_back.h"

/* --- not shown --- */

/* As one_is_there(), and whoever is asked decides. */
static const char *
one_is_there_and_asks(struct thing **t)
{
	const char *id = one_is_there(t);

	raw("UPDATE connection SET guard = 'always',"
	    " config = '{\"calendar\":\"a\",\"conflicts\":\"ask\"}'");
	return id;
}

static struct thing *hidden;

/* As soon as the answer to a writing of ours is lost, while it is edited here again. */
static void
hidden_meanwhile(void *id, const char *name)
{
	if (strcmp(name, "push:settled") != 0)
		return;
	step_watch(NULL, NULL);
	cals[0].send_hides = E_NONE;
	shown_there(0, hidden, false);
	edited_here(id, "{\"title\":\"Ours, too\"}");
}

static void
what_had_arrived_before_it_was_hidden_is_known_when_it_is_shown_again(void **state)
{
	const char *id;

	(void)state;
	id = one_is_there_and_asks(&hidden);
	edited_here(id, "{\"title\":\"Ours\"}");
	cals[0].send_hides = E_UNSURE;
	step_watch(hidden_meanwhile, (void *)id);
	sends();
	step_watch(NULL, NULL);
	assert_string_equal(title_there(hidden), "Ours");
	time_passes();
	settles();
	shown_there(0, hidden, true);
	time_passes();
	settles();
	assert_string_equal(title_there(hidden), "Ours, too");
	assert_int_equal(conflicts_about("title"), 0);
	assert_silence(3);
	clock_fake(0);
}

static void
what_somebody_keeps_is_known_when_it_is_shown_again(void **state)
{
	struct conflicts_answered done;
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there_and_asks(&t);
	shown_there(0, t, false);
	edited_here(id, "{\"title\":\"Ours\"}");
	settles();
	assert_int_equal(conflicts_about("deleted"), 1);
	assert_ok(conflicts_answer(&cx, db, &owner_calls,
	    first_of("SELECT id FROM conflict WHERE state = 'open'"),
	    json_stored(cx.a, "{\"choice\":\"local\"}"), &done));
	settles();
	edited_there(0, t, "location", "Room 5");
	shown_there(0, t, true);
	settles();
	time_passes();
	settles();
	assert_int_equal(live_there(0), 1);
	assert_int_equal(events_here(), 1);
	assert_string_equal(title_there(t), "Ours");
	assert_room_without_conflict(id);
	assert_silence(3);
	clock_fake(0);
}

/* It was deleted here as it was not shown, and came back by an edit in another calendar. */
static void
what_was_deleted_here_because_it_was_hidden_is_known_when_it_is_shown_again(void **state)
{
	struct thing *t, *b;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	connect(CONN_B, "b", "");
	raw("UPDATE connection SET guard = 'always'");
	settles();
	b = twin_there(1, id);
	shown_there(0, t, false);
	reads(CONN_A);
	assert_string_equal(title_here(id), "-");
	edited_there(1, b, "title", "Theirs");
	reads(CONN_B);
	assert_string_equal(title_here(id), "Theirs");
	shown_there(0, t, true);
	time_passes();
	settles();
	assert_string_equal(title_there(t), "Theirs");
	assert_string_equal(title_there(b), "Theirs");
	assert_int_equal(conflicts_about("title"), 0);
	assert_silence(3);
	clock_fake(0);
}

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
	assert_room_without_conflict(id);
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
	assert_room_without_conflict(id);
	assert_silence(3);
	clock_fake(0);
}

/* As after a restore, or of another installation. */
static void
what_is_marked_as_a_copy_of_what_nobody_knows_is_an_event_like_others(void **state)
{
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Meeting", "2026-10-05");
	snprintf(t->object, sizeof t->object, "00000000-0000-7000-8000-0000000000ff");
	assert_string_equal(reads(CONN_A).state, "complete");
	assert_string_equal(titles_here(), "Meeting,");
	settles();
	assert_int_equal(live_there(0), 1);
	edited_here(newest_here(), "{\"title\":\"Moved\"}");
	settles();
	assert_string_equal(title_there(t), "Moved");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_is_marked_as_a_copy_of_what_nobody_knows_is_an_event_like_others),
		HUB_TEST(what_had_arrived_before_it_was_hidden_is_known_when_it_is_shown_again),
		HUB_TEST(what_somebody_keeps_is_known_when_it_is_shown_again),
		HUB_TEST(
		    what_was_deleted_here_because_it_was_hidden_is_known_when_it_is_shown_again),
		HUB_TEST(what_is_shown_again_is_looked_for_before_another_one_is_made),
		HUB_TEST(what_was_made_in_its_place_gives_way_to_what_is_shown_again),
	};

	return cmocka_run_group_tests_name("hub, what comes back", tests, NULL, NULL);
}
