/* What was gone there and is there again, or is to be: nothing of it is lost, and it is there
 * once. */
#include "unit/hub_fixture.h"

#include "app/conflicts.h"
#include "base/step.h"
#include "unit/caller_fixture.h"

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

/* The room of theirs is here as well, and nobody has been asked about anything. */
static void
assert_room_without_conflict(const char *id)
{
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("title") + conflicts_about("location"), 0);
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

static struct thing *trashed;

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
		HUB_TEST(what_was_edited_there_before_it_was_deleted_is_in_what_is_brought_back),
		HUB_TEST(what_had_arrived_before_it_was_deleted_is_no_edit_of_theirs),
		HUB_TEST(what_was_written_over_unseen_and_then_deleted_is_in_conflict_with_it),
		HUB_TEST(who_deletes_what_was_written_over_unseen_has_not_seen_that),
		HUB_TEST(what_is_there_again_is_brought_together_from_what_was_agreed_on),
		HUB_TEST(what_is_lost_on_its_way_hides_nothing_that_was_agreed_on_before),
		HUB_TEST(what_had_arrived_before_it_was_hidden_is_known_when_it_is_shown_again),
		HUB_TEST(what_somebody_keeps_is_known_when_it_is_shown_again),
		HUB_TEST(
		    what_was_deleted_here_because_it_was_hidden_is_known_when_it_is_shown_again),
		HUB_TEST(what_is_shown_again_is_looked_for_before_another_one_is_made),
		HUB_TEST(what_was_made_in_its_place_gives_way_to_what_is_shown_again),
	};

	return cmocka_run_group_tests_name("hub, what comes back", tests, NULL, NULL);
}
