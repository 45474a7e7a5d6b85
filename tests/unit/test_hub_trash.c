/* What is in a trash there, or has left the calendar, and is brought back: nothing that was said
 * there is lost. */
#include "unit/hub_back.h"

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

static struct thing *trashed;

/* A room is said there just before it is deleted there. */
static void
roomed_and_deleted(struct thing *t)
{
	cals[0].recalls = true;
	edited_there(0, t, "location", "Room 5");
	deleted_there(0, t);
}

static void
restored_here(const char *id)
{
	struct event_done done;

	assert_ok(events_restore(&cx, db, &owner_calls, &(struct event_place){ .id = id }, &done));
}

static void
assert_back_with_room(const struct thing *t, const char *id)
{
	assert_non_null(strstr(t->values, "Room 5"));
	assert_false(t->gone);
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("location"), 0);
	assert_silence(3);
	clock_fake(0);
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
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	raw("UPDATE connection SET guard = 'always',"
	    " config = '{\"calendar\":\"a\",\"conflicts\":\"ask\"}'");
	roomed_and_deleted(t);
	edited_here(id, "{\"title\":\"Ours\"}");
	settles();
	assert_int_equal(conflicts_about("deleted"), 1);
	answered_here("{\"choice\":\"local\"}");
	settles();
	assert_string_equal(title_there(t), "Ours");
	assert_back_with_room(t, id);
}

static void
it_is_so_where_what_went_here_with_it_is_restored(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	raw("UPDATE connection SET guard = 'always'");
	roomed_and_deleted(t);
	settles();
	assert_string_equal(title_here(id), "-");
	restored_here(id);
	settles();
	assert_back_with_room(t, id);
}

/* By an edit of its other twin, which has not heard of the deletion yet. */
static void
it_is_so_where_another_calendar_brings_it_back(void **state)
{
	struct thing *t, *b;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	connect(CONN_B, "b", "");
	raw("UPDATE connection SET guard = 'always'");
	settles();
	b = twin_there(1, id);
	roomed_and_deleted(t);
	reads(CONN_A);
	assert_string_equal(title_here(id), "-");
	edited_there(1, b, "title", "Theirs");
	reads(CONN_B);
	settles();
	assert_string_equal(title_there(t), "Theirs");
	assert_non_null(strstr(b->values, "Room 5"));
	assert_back_with_room(t, id);
}

/* It was taken out of the trash for that, and nobody has heard of it. */
static void
it_is_so_where_it_had_been_deleted_from_here(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	raw("UPDATE connection SET guard = 'always'");
	edited_here(id, NULL);
	settles();
	assert_true(t->gone);
	t->gone = false;
	roomed_and_deleted(t);
	restored_here(id);
	settles();
	assert_back_with_room(t, id);
}

/* As soon as nothing is heard of our deletion, which was not done. */
static void
deleted_by_them_meanwhile(void *id, const char *name)
{
	if (strcmp(name, "push:settled") != 0)
		return;
	step_watch(NULL, NULL);
	cals[0].send_fails = E_NONE;
	roomed_and_deleted(trashed);
	restored_here(id);
}

static void
it_is_so_where_a_deletion_from_here_may_have_arrived(void **state)
{
	const char *id;

	(void)state;
	id = one_is_there(&trashed);
	raw("UPDATE connection SET guard = 'always'");
	edited_here(id, NULL);
	cals[0].send_fails = E_UNSURE;
	step_watch(deleted_by_them_meanwhile, (void *)id);
	sends();
	step_watch(NULL, NULL);
	time_passes();
	settles();
	assert_back_with_room(trashed, id);
}

static void
it_is_so_where_both_had_deleted_it(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	raw("UPDATE connection SET guard = 'always'");
	edited_here(id, NULL);
	roomed_and_deleted(t);
	settles();
	restored_here(id);
	settles();
	assert_back_with_room(t, id);
}

/* Its property was removed there, which takes nothing with it. */
static void
what_it_did_not_say_any_more_when_it_was_deleted_stays(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = one_is_there(&t);
	snprintf(t->silent, sizeof t->silent, "{\"title\":false}");
	edited_there(0, t, "title", NULL);
	roomed_and_deleted(t);
	edited_here(id, "{\"url\":\"https://example.com\"}");
	settles();
	assert_string_equal(title_here(id), "Meeting");
	assert_back_with_room(t, id);
}

/* Out of the trash, and into it again, as soon as our look has seen what is in it. */
static void
edited_behind_the_look(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "push:looked") != 0)
		return;
	step_watch(NULL, NULL);
	edited_there(0, trashed, "location", "Room 5");
}

static void
what_is_edited_in_the_trash_behind_the_look_is_looked_at_again(void **state)
{
	const char *id;

	(void)state;
	id = one_is_there(&trashed);
	cals[0].recalls = true;
	deleted_there(0, trashed);
	edited_here(id, "{\"title\":\"Ours\"}");
	step_watch(edited_behind_the_look, NULL);
	settles();
	step_watch(NULL, NULL);
	settles();
	assert_string_equal(title_there(trashed), "Ours");
	assert_back_with_room(trashed, id);
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

/* Both agreed on a title, and somebody there has written another one over it unseen, before it was
 * deleted there. */
static const char *
deleted_unseen(struct thing **out)
{
	const char *id = one_is_there(out);
	struct thing *t = *out;

	made_there(0, "g2", "Tea", DAY);
	made_there(0, "g3", "Choir", DAY);
	cals[0].recalls = true;
	edited_here(id, "{\"title\":\"Ours\"}");
	settles();
	snprintf(t->unseen, sizeof t->unseen, "{\"title\":\"Ours\"}");
	edited_there(0, t, "title", "Theirs");
	deleted_there(0, t);
	return id;
}

static void
assert_ours_is_there(const struct thing *t, const char *id)
{
	assert_string_equal(title_there(t), "Ours");
	assert_string_equal(title_here(id), "Ours");
	assert_silence(3);
	clock_fake(0);
}

static void
what_was_written_over_unseen_and_then_deleted_is_in_conflict_with_it(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = deleted_unseen(&t);
	edited_here(id, "{\"location\":\"Room 5\"}");
	sends();
	settles();
	assert_non_null(strstr(t->values, "Room 5"));
	assert_int_equal(
	    raw_number("SELECT count(*) FROM conflict WHERE kept LIKE '%\"Theirs\"%'"), 1);
	assert_ours_is_there(t, id);
}

static void
who_deletes_what_was_written_over_unseen_has_not_seen_that(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	id = deleted_unseen(&t);
	settles();
	assert_int_equal(conflicts_about("deleted"), 1);
	assert_ours_is_there(t, id);
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
	assert_room_without_conflict(id);
	assert_silence(3);
	clock_fake(0);
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
	trashed->gone = false;
	edited_there(0, trashed, "location", "Room 5");
}

static void
what_is_lost_on_its_way_hides_nothing_that_was_agreed_on_before(void **state)
{
	const char *id;

	(void)state;
	id = one_is_there(&trashed);
	raw("UPDATE connection SET guard = 'always'");
	deleted_there(0, trashed);
	edited_here(id, "{\"title\":\"Ours\"}");
	reads(CONN_A);
	cals[0].send_fails = E_UNSURE;
	step_watch(taken_out_meanwhile, NULL);
	sends();
	step_watch(NULL, NULL);
	time_passes();
	settles();
	assert_string_equal(title_there(trashed), "Ours");
	assert_room_without_conflict(id);
	assert_silence(3);
	clock_fake(0);
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
		HUB_TEST(it_is_so_where_both_had_deleted_it),
		HUB_TEST(what_it_did_not_say_any_more_when_it_was_deleted_stays),
		HUB_TEST(what_is_edited_in_the_trash_behind_the_look_is_looked_at_again),
		HUB_TEST(what_had_arrived_before_it_was_deleted_is_no_edit_of_theirs),
		HUB_TEST(what_was_written_over_unseen_and_then_deleted_is_in_conflict_with_it),
		HUB_TEST(who_deletes_what_was_written_over_unseen_has_not_seen_that),
		HUB_TEST(what_is_there_again_is_brought_together_from_what_was_agreed_on),
		HUB_TEST(what_is_lost_on_its_way_hides_nothing_that_was_agreed_on_before),
	};

	return cmocka_run_group_tests_name("hub, what is in a trash", tests, NULL, NULL);
}
