/* What is in a trash there, or has left the calendar, and is brought back: nothing that was said
 * there is lost. */
#include "unit/hub_back.h"

/* One event that is in both, with which each of these stories begins. */
static struct thing *twin; /* there */
static const char *ours;   /* its id here */

static void
one_is_shared(void)
{
	ours = one_is_there(&twin);
}

static void
nobody_is_asked(void)
{
	raw("UPDATE connection SET guard = 'always'");
}

static void
one_goes_unasked(void)
{
	one_is_shared();
	nobody_is_asked();
}

static void
one_is_deleted_here(void)
{
	one_goes_unasked();
	edited_here(ours, NULL);
}

/* And nothing goes to and fro: so each of them ends. */
static void
assert_quiet(void)
{
	assert_silence(3);
	clock_fake(0);
}

static void
what_was_edited_there_before_it_was_deleted_is_in_what_is_brought_back(void **state)
{
	(void)state;
	one_is_shared();
	cals[0].recalls = true;
	edited_there(0, twin, "location", "Room 5");
	deleted_there(0, twin);
	edited_here(ours, "{\"title\":\"Ours\"}");
	settles();
	assert_string_equal(title_there(twin), "Ours");
	assert_non_null(strstr(twin->values, "Room 5"));
	assert_true(has_here(ours, "Room 5"));
	assert_int_equal(conflicts_about("location"), 0);
	assert_silence(3);
	/* The edit that brings it back stands, and the other is kept: once. */
	edited_there(0, twin, "title", "Theirs");
	deleted_there(0, twin);
	edited_here(ours, "{\"title\":\"Ours, too\"}");
	cals[0].send_fails = E_SOURCE_5XX;
	settles();
	time_passes();
	settles();
	cals[0].send_fails = E_NONE;
	time_passes();
	settles();
	assert_string_equal(title_there(twin), "Ours, too");
	assert_int_equal(
	    raw_number("SELECT count(*) FROM conflict WHERE kept LIKE '%\"Theirs\"%'"), 1);
	assert_quiet();
}

/* A room is said there just before it is deleted there. */
static void
roomed_and_deleted(void)
{
	cals[0].recalls = true;
	edited_there(0, twin, "location", "Room 5");
	deleted_there(0, twin);
}

static void
restored_here(void)
{
	struct event_done done;

	assert_ok(
	    events_restore(&cx, db, &owner_calls, &(struct event_place){ .id = ours }, &done));
}

static void
assert_back_with_room(void)
{
	assert_non_null(strstr(twin->values, "Room 5"));
	assert_false(twin->gone);
	assert_true(has_here(ours, "Room 5"));
	assert_int_equal(conflicts_about("location"), 0);
	assert_quiet();
}

static void
answered_here(const char *said)
{
	struct conflicts_answered done;

	assert_ok(conflicts_answer(&cx, db, &owner_calls,
	    first_of("SELECT id FROM conflict WHERE state = 'open'"), json_stored(cx.a, said),
	    &done));
}

static void
it_is_so_where_somebody_is_asked_and_keeps_what_is_here(void **state)
{
	(void)state;
	one_goes_unasked();
	raw("UPDATE connection SET config = '{\"calendar\":\"a\",\"conflicts\":\"ask\"}'");
	roomed_and_deleted();
	edited_here(ours, "{\"title\":\"Ours\"}");
	settles();
	assert_int_equal(conflicts_about("deleted"), 1);
	answered_here("{\"choice\":\"local\"}");
	settles();
	assert_string_equal(title_there(twin), "Ours");
	assert_back_with_room();
}

static void
it_is_so_where_what_went_here_with_it_is_restored(void **state)
{
	(void)state;
	one_goes_unasked();
	roomed_and_deleted();
	settles();
	assert_string_equal(title_here(ours), "-");
	restored_here();
	settles();
	assert_back_with_room();
}

/* By an edit of its other twin, which has not heard of the deletion yet. */
static void
it_is_so_where_another_calendar_brings_it_back(void **state)
{
	struct thing *b;

	(void)state;
	one_is_shared();
	connect(CONN_B, "b", "");
	nobody_is_asked();
	settles();
	b = twin_there(1, ours);
	roomed_and_deleted();
	reads(CONN_A);
	assert_string_equal(title_here(ours), "-");
	edited_there(1, b, "title", "Theirs");
	reads(CONN_B);
	settles();
	assert_string_equal(title_there(twin), "Theirs");
	assert_non_null(strstr(b->values, "Room 5"));
	assert_back_with_room();
}

/* It was taken out of the trash for that, and nobody has heard of it. */
static void
it_is_so_where_it_had_been_deleted_from_here(void **state)
{
	(void)state;
	one_is_deleted_here();
	settles();
	assert_true(twin->gone);
	twin->gone = false;
	roomed_and_deleted();
	restored_here();
	settles();
	assert_back_with_room();
}

/* As soon as nothing is heard of our deletion, which was not done. */
static void
deleted_by_them_meanwhile(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "push:settled") != 0)
		return;
	step_watch(NULL, NULL);
	cals[0].send_fails = E_NONE;
	roomed_and_deleted();
	restored_here();
}

static void
it_is_so_where_a_deletion_from_here_may_have_arrived(void **state)
{
	(void)state;
	one_is_deleted_here();
	cals[0].send_fails = E_UNSURE;
	step_watch(deleted_by_them_meanwhile, NULL);
	sends();
	step_watch(NULL, NULL);
	time_passes();
	settles();
	assert_back_with_room();
}

/* We have made it, do not know so yet, and hear of its deletion first. */
static void
it_is_so_where_it_was_not_known_yet_that_it_had_been_made(void **state)
{
	(void)state;
	clock_step_to(clock_ms());
	writer_cal.unsure_ms = 2 * MINUTE_MS;
	connect(CONN_A, "a", "");
	settles();
	ours = made_here("Meeting", DAY);
	cals[0].send_hides = E_UNSURE;
	sends();
	cals[0].send_hides = E_NONE;
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE remote_id IS NULL"), 1);
	twin = &cals[0].v[cals[0].n - 1];
	roomed_and_deleted();
	edited_here(ours, "{\"url\":\"https://example.com\"}");
	assert_string_equal(reads(CONN_A).state, "complete");
	clock_step_by(3 * MINUTE_MS);
	settles();
	writer_cal.unsure_ms = 0;
	assert_back_with_room();
}

static void
it_is_so_where_both_had_deleted_it(void **state)
{
	(void)state;
	one_is_deleted_here();
	roomed_and_deleted();
	settles();
	restored_here();
	settles();
	assert_back_with_room();
}

/* Its property was removed there, which takes nothing with it. */
static void
what_it_did_not_say_any_more_when_it_was_deleted_stays(void **state)
{
	(void)state;
	one_is_shared();
	snprintf(twin->silent, sizeof twin->silent, "{\"title\":false}");
	edited_there(0, twin, "title", NULL);
	roomed_and_deleted();
	edited_here(ours, "{\"url\":\"https://example.com\"}");
	settles();
	assert_string_equal(title_here(ours), "Meeting");
	assert_back_with_room();
}

#define SLOT(day) "@2027050" day "T100000Z"

/* What it says at last is that, and that it is deleted: of what differs in it nothing. */
static void
series_deleted_there(int count)
{
	json *values = json_stored(cx.a, twin->values), *said = json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(values, &it);)
		if (*it.key != '@')
			json_set(said, it.key, it.value);
	json_set_str(said, "location", "Room 5");
	json_set(said, "recurrence",
	    json_stored(cx.a, arena_printf(cx.a, "[\"RRULE:FREQ=DAILY;COUNT=%d\"]", count)));
	snprintf(twin->values, sizeof twin->values, "%s", json_text(cx.a, said));
	snprintf(twin->silent, sizeof twin->silent, "{\"@\":false}");
	thing_touch(&cals[0], twin);
	deleted_there(0, twin);
}

static void
series_is_shared(void)
{
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	twin = made_there(0, "g1", "Meeting", DAY);
	snprintf(twin->values, sizeof twin->values,
	    "{\"title\":\"Meeting\",\"startDateTime\":\"2027-05-04T10:00:00Z\",\"endDateTime\":"
	    "\"2027-05-04T11:00:00Z\",\"allDay\":false,\"timeZone\":\"UTC\",\"recurrence\":"
	    "[\"RRULE:FREQ=DAILY;COUNT=4\"],\"status\":\"confirmed\",\"busy\":true,"
	    "\"" SLOT("5") "\":{\"title\":\"One\"},\"" SLOT("7") "\":{\"title\":\"Three\"}}");
	settles();
	ours = newest_here();
	cals[0].recalls = true;
}

static void
what_differs_in_a_series_stays_where_what_is_gone_says_nothing_of_it(void **state)
{
	static const struct {
		int count;
		bool one, three; /* which of them have a place in it then */
	} rows[] = { { 4, true, true }, { 6, true, true }, { 3, true, false } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		series_is_shared();
		assert_true(has_here(ours, "\"One\"") && has_here(ours, "\"Three\""));
		series_deleted_there(rows[i].count);
		edited_here(ours, "{\"title\":\"Ours\"}");
		settles();
		assert_string_equal(title_there(twin), "Ours");
		assert_int_equal(strstr(twin->values, "\"One\"") != NULL, rows[i].one);
		assert_int_equal(strstr(twin->values, "\"Three\"") != NULL, rows[i].three);
		twin->silent[0] = '\0';
		assert_back_with_room();
		hub_teardown(state);
		hub_setup(state);
	}
}

/* Out of the trash, and into it again, as soon as our look has seen what is in it. */
static void
edited_behind_the_look(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "push:looked") != 0)
		return;
	step_watch(NULL, NULL);
	edited_there(0, twin, "location", "Room 5");
}

static void
what_is_edited_in_the_trash_behind_the_look_is_looked_at_again(void **state)
{
	(void)state;
	one_is_shared();
	cals[0].recalls = true;
	deleted_there(0, twin);
	edited_here(ours, "{\"title\":\"Ours\"}");
	step_watch(edited_behind_the_look, NULL);
	settles();
	step_watch(NULL, NULL);
	settles();
	assert_string_equal(title_there(twin), "Ours");
	assert_back_with_room();
}

static void
what_had_arrived_before_it_was_deleted_is_no_edit_of_theirs(void **state)
{
	(void)state;
	one_is_shared();
	cals[0].recalls = true;
	edited_here(ours, "{\"title\":\"Ours\"}");
	cals[0].send_hides = E_UNSURE;
	sends();
	cals[0].send_hides = E_NONE;
	assert_string_equal(title_there(twin), "Ours");
	deleted_there(0, twin);
	edited_here(ours, "{\"title\":\"Ours, too\"}");
	time_passes();
	settles();
	assert_string_equal(title_there(twin), "Ours, too");
	assert_int_equal(conflicts_about("title"), 0);
	assert_quiet();
}

/* Both agreed on a title, and somebody there has written another one over it unseen, before it was
 * deleted there. */
static void
deleted_unseen(void)
{
	one_is_shared();
	made_there(0, "g2", "Tea", DAY);
	made_there(0, "g3", "Choir", DAY);
	cals[0].recalls = true;
	edited_here(ours, "{\"title\":\"Ours\"}");
	settles();
	snprintf(twin->unseen, sizeof twin->unseen, "{\"title\":\"Ours\"}");
	edited_there(0, twin, "title", "Theirs");
	deleted_there(0, twin);
}

static void
assert_ours_is_there(void)
{
	assert_string_equal(title_there(twin), "Ours");
	assert_string_equal(title_here(ours), "Ours");
	assert_quiet();
}

static void
what_was_written_over_unseen_and_then_deleted_is_in_conflict_with_it(void **state)
{
	(void)state;
	deleted_unseen();
	edited_here(ours, "{\"location\":\"Room 5\"}");
	sends();
	settles();
	assert_non_null(strstr(twin->values, "Room 5"));
	assert_int_equal(
	    raw_number("SELECT count(*) FROM conflict WHERE kept LIKE '%\"Theirs\"%'"), 1);
	assert_ours_is_there();
}

static void
who_deletes_what_was_written_over_unseen_has_not_seen_that(void **state)
{
	(void)state;
	deleted_unseen();
	settles();
	assert_int_equal(conflicts_about("deleted"), 1);
	assert_ours_is_there();
}

static void
what_is_there_again_is_brought_together_from_what_was_agreed_on(void **state)
{
	(void)state;
	one_is_shared();
	deleted_there(0, twin);
	edited_here(ours, "{\"title\":\"Ours\"}");
	cals[0].send_fails = E_SOURCE_5XX;
	settles();
	twin->gone = false;
	edited_there(0, twin, "location", "Room 5");
	cals[0].send_fails = E_NONE;
	time_passes();
	settles();
	assert_string_equal(title_there(twin), "Ours");
	assert_room_without_conflict(ours);
	assert_quiet();
}

/* Somebody else takes it out of the trash, as soon as our writing that brings it back is lost. */
static void
taken_out_meanwhile(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "push:settled") != 0)
		return;
	step_watch(NULL, NULL);
	cals[0].send_fails = E_NONE;
	twin->gone = false;
	edited_there(0, twin, "location", "Room 5");
}

static void
what_is_lost_on_its_way_hides_nothing_that_was_agreed_on_before(void **state)
{
	(void)state;
	one_goes_unasked();
	deleted_there(0, twin);
	edited_here(ours, "{\"title\":\"Ours\"}");
	reads(CONN_A);
	cals[0].send_fails = E_UNSURE;
	step_watch(taken_out_meanwhile, NULL);
	sends();
	step_watch(NULL, NULL);
	time_passes();
	settles();
	assert_string_equal(title_there(twin), "Ours");
	assert_room_without_conflict(ours);
	assert_quiet();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_was_edited_there_before_it_was_deleted_is_in_what_is_brought_back),
		HUB_TEST(it_is_so_where_somebody_is_asked_and_keeps_what_is_here),
		HUB_TEST(it_is_so_where_what_went_here_with_it_is_restored),
		HUB_TEST(it_is_so_where_another_calendar_brings_it_back),
		HUB_TEST(it_is_so_where_it_had_been_deleted_from_here),
		HUB_TEST(it_is_so_where_a_deletion_from_here_may_have_arrived),
		HUB_TEST(it_is_so_where_it_was_not_known_yet_that_it_had_been_made),
		HUB_TEST(it_is_so_where_both_had_deleted_it),
		HUB_TEST(what_it_did_not_say_any_more_when_it_was_deleted_stays),
		HUB_TEST(what_differs_in_a_series_stays_where_what_is_gone_says_nothing_of_it),
		HUB_TEST(what_is_edited_in_the_trash_behind_the_look_is_looked_at_again),
		HUB_TEST(what_had_arrived_before_it_was_deleted_is_no_edit_of_theirs),
		HUB_TEST(what_was_written_over_unseen_and_then_deleted_is_in_conflict_with_it),
		HUB_TEST(who_deletes_what_was_written_over_unseen_has_not_seen_that),
		HUB_TEST(what_is_there_again_is_brought_together_from_what_was_agreed_on),
		HUB_TEST(what_is_lost_on_its_way_hides_nothing_that_was_agreed_on_before),
	};

	return cmocka_run_group_tests_name("hub, what is in a trash", tests, NULL, NULL);
}
