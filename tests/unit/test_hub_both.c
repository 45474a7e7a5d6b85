/* What both sides have edited: which edit stands, and that the history says why. */
#include "hub_fixture.h"

#include "base/step.h"

#define DAY "2026-10-05"

static void
edits_of_both_sides_meet_field_by_field(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_there(0, t, "title", "Big meeting");
	edited_here(id, "{\"location\":\"Room 5\"}");
	settles();
	assert_string_equal(title_here(id), "Big meeting");
	assert_string_equal(title_there(t), "Big meeting");
	assert_non_null(strstr(t->values, "Room 5"));
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	assert_silence(3);
	/* Of the same field the rule is told by which one stands. */
	edited_here(id, "{\"title\":\"Ours\"}");
	clock_step_by(HOUR_MS);
	edited_there(0, t, "title", "Theirs, later");
	settles();
	clock_fake(0);
	assert_string_equal(title_here(id), "Theirs, later");
	assert_int_equal(
	    raw_number("SELECT count(*) FROM change WHERE reason LIKE 'Both sides had edited "
		       "the title (the edit made there stands). The later edit wins,%'"),
	    1);
}

/* The history of `id`, newest first: who was changed, and why. */
static const char *
told_of(const char *id)
{
	return first_of(arena_printf(cx.a,
	    "SELECT group_concat(side || ': ' || reason, '; ') FROM (SELECT side, reason "
	    "FROM change WHERE object_key = '%s' AND reason IS NOT NULL ORDER BY no DESC)",
	    id));
}

static void
history_tells_by_which_rule_an_edit_made_here_stands(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_there(0, t, "title", "Theirs");
	clock_step_by(HOUR_MS);
	edited_here(id, "{\"title\":\"Ours, later\"}");
	settles();
	assert_string_equal(title_here(id), "Ours, later");
	assert_string_equal(title_there(t), "Ours, later");
	assert_string_equal(told_of(id),
	    "remote: Both sides had edited the title (the edit made here stands). The later "
	    "edit wins, by our clock. What else was edited was taken.");
	assert_silence(3);
	/* And an edit that meets a deletion. */
	edited_here(id, "{\"title\":\"Still here\"}");
	deleted_there(0, t);
	settles();
	assert_string_equal(title_here(id), "Still here");
	assert_non_null(strstr(told_of(id),
	    "remote: It was deleted there and edited here: the edit wins.; remote: Both"));
	clock_fake(0);
}

/* Another field was edited there meanwhile: of this one ours is the later all the same. */
static void
each_field_has_its_own_time_here(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"title\":\"Ours, early\"}");
	clock_step_by(HOUR_MS);
	edited_there(0, t, "title", "Theirs, between");
	clock_step_by(HOUR_MS);
	edited_here(id, "{\"location\":\"Room 5\"}");
	settles();
	clock_fake(0);
	assert_string_equal(title_here(id), "Theirs, between");
	assert_string_equal(title_there(t), "Theirs, between");
	assert_non_null(strstr(t->values, "Room 5"));
}

static void
over_unseen_there(struct thing *t, const char *title, const char *unseen)
{
	snprintf(t->unseen, sizeof t->unseen, "{\"title\":\"%s\"}", unseen);
	clock_step_by(HOUR_MS);
	edited_there(0, t, "title", title);
}

static void
what_was_written_over_there_unseen_is_in_conflict_with_it(void **state)
{
	const char *const conflicts = "SELECT count(*) FROM conflict";
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"title\":\"Ours\"}");
	settles();
	assert_string_equal(title_there(t), "Ours");
	over_unseen_there(t, "Theirs", "Ours");
	settles();
	assert_string_equal(title_here(id), "Theirs");
	assert_int_equal(
	    raw_number("SELECT count(*) FROM conflict WHERE kept LIKE '%\"Ours\"%'"), 1);
	assert_silence(3);
	/* Of what was agreed on since it was seen. */
	over_unseen_there(t, "Theirs again", "Ours");
	settles();
	assert_string_equal(title_here(id), "Theirs again");
	assert_int_equal(raw_number(conflicts), 1);
	/* Found by who writes something else. */
	edited_here(id, "{\"title\":\"Ours, too\"}");
	settles();
	over_unseen_there(t, "Theirs, too", "Ours, too");
	edited_here(id, "{\"location\":\"Room 5\"}");
	sends();
	assert_string_equal(title_here(id), "Theirs, too");
	assert_int_equal(raw_number(conflicts), 2);
	settles();
	assert_non_null(strstr(t->values, "Room 5"));
	assert_silence(3);
	clock_fake(0);
}

/* It was edited when somebody did it, not when we heard of it. */
static void
an_edit_that_comes_late_is_as_old_as_it_is(void **state)
{
	const char *id;
	struct thing *a, *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	a = made_there(0, "g1", "Meeting", DAY);
	settles();
	id = newest_here();
	b = twin_there(1, id);
	edited_there(0, a, "title", "Earlier, and heard of late");
	clock_step_by(HOUR_MS);
	edited_there(1, b, "title", "Later");
	clock_step_by(HOUR_MS);
	reads(CONN_A);
	assert_string_equal(title_here(id), "Earlier, and heard of late");
	settles();
	clock_fake(0);
	assert_string_equal(title_here(id), "Later");
	assert_string_equal(title_there(a), "Later");
	assert_silence(3);
}

/* Who edited it had seen what the other one still says, whatever the policy there. */
static void
sends_beside(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "pull:page") != 0)
		return;
	step_watch(NULL, NULL);
	sends();
}

/* Neither is it when the edit arrives at the other one while this one is being read. */
static void
a_twin_that_is_met_as_it_was_before_an_edit_was_sent_is_in_no_conflict_with_it(void **state)
{
	struct thing *a, *b;
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	a = made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"title\":\"Board, moved\"}");
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	edited_there(1, b, "location", "Room 5");
	connect(CONN_B, "b", ",\"conflicts\":\"provider\"");
	step_watch(sends_beside, NULL);
	reads(CONN_B);
	step_watch(NULL, NULL);
	assert_string_equal(title_there(a), "Board, moved");
	assert_string_equal(title_here(id), "Board, moved");
	settles();
	assert_string_equal(title_here(id), "Board, moved");
	assert_string_equal(title_there(b), "Board, moved");
	assert_non_null(strstr(a->values, "Room 5"));
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	assert_silence(3);
}

static void
a_twin_that_is_met_after_an_edit_here_is_in_no_conflict_with_it(void **state)
{
	struct thing *a, *b;
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	a = made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"title\":\"Board, moved\"}");
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	edited_there(1, b, "location", "Room 5");
	connect(CONN_B, "b", ",\"conflicts\":\"provider\"");
	settles();
	assert_string_equal(title_here(id), "Board, moved");
	assert_string_equal(title_there(a), "Board, moved");
	assert_string_equal(title_there(b), "Board, moved");
	assert_non_null(strstr(a->values, "Room 5"));
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	assert_silence(3);
}

/* Two calendars have the same event. What was edited in both of them has been seen here by way of
 * one, and was edited here since. */
static void
an_edit_that_was_seen_by_another_twin_is_in_no_conflict_with_a_later_one(void **state)
{
	struct thing *a, *b;
	const char *id;

	(void)state;
	connect(CONN_A, "a", ",\"conflicts\":\"provider\"");
	connect(CONN_B, "b", ",\"conflicts\":\"provider\"");
	a = made_there(0, "g1", "Board", DAY);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	settles();
	id = newest_here();
	edited_there(0, a, "title", "Board, moved");
	edited_there(1, b, "title", "Board, moved");
	reads(CONN_B);
	edited_here(id, "{\"title\":\"Ours\"}");
	edited_there(0, a, "location", "Room 5");
	settles();
	assert_string_equal(title_here(id), "Ours");
	assert_string_equal(title_there(a), "Ours");
	assert_string_equal(title_there(b), "Ours");
	assert_non_null(strstr(b->values, "Room 5"));
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	assert_silence(3);
	/* Set back there by somebody who has seen ours: that is an edit. */
	edited_there(0, a, "title", "Board, moved");
	edited_here(id, "{\"title\":\"Ours again\"}");
	settles();
	assert_string_equal(title_here(id), "Board, moved");
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 1);
	assert_silence(3);
}

/* As an index does it that comes to know things late. */
static void
lists_it_as(struct thing *t, const struct thing *was)
{
	const struct thing now = *t;

	*t = *was;
	cals[0].oldest = INT64_MAX;
	reads(CONN_A);
	cals[0].oldest = 0;
	*t = now;
}

static void
what_a_list_tells_late_is_no_edit_of_what_was_seen_since(void **state)
{
	struct thing *a, was;
	const char *id;

	(void)state;
	writer_cal.lists_lag = true;
	writer_cal.unsure_ms = MINUTE_MS;
	connect(CONN_A, "a", ",\"conflicts\":\"provider\"");
	a = made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	id = newest_here();
	was = *a;
	edited_there(0, a, "title", "Board, moved");
	edited_here(id, "{\"location\":\"Room 5\"}");
	/* It is found to be another one, and looked at. */
	sends();
	assert_string_equal(title_here(id), "Board, moved");
	lists_it_as(a, &was);
	assert_string_equal(title_here(id), "Board, moved");
	cals[0].oldest = INT64_MAX;
	settles();
	cals[0].oldest = 0;
	assert_string_equal(title_here(id), "Board, moved");
	assert_string_equal(title_there(a), "Board, moved");
	assert_non_null(strstr(a->values, "Room 5"));
	assert_silence(3);
	writer_cal.lists_lag = false;
	writer_cal.unsure_ms = 0;
}

static void
takes_its_time(void *arg, const char *name)
{
	(void)arg;
	if (!strcmp(name, "take:begins"))
		clock_step_by(HOUR_MS);
}

/* However long it takes to take it in. */
static void
a_list_is_as_late_as_when_it_was_asked_for(void **state)
{
	struct thing *a, was;
	const char *id;

	(void)state;
	writer_cal.lists_lag = true;
	writer_cal.unsure_ms = MINUTE_MS;
	connect(CONN_A, "a", "");
	a = made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	id = newest_here();
	was = *a;
	clock_step_by(SECOND_MS);
	edited_there(0, a, "title", "Board, moved");
	edited_here(id, "{\"location\":\"Room 5\"}");
	sends();
	assert_string_equal(title_here(id), "Board, moved");
	step_watch(takes_its_time, NULL);
	lists_it_as(a, &was);
	step_watch(NULL, NULL);
	assert_string_equal(title_here(id), "Board, moved");
	clock_fake(0);
	writer_cal.lists_lag = false;
	writer_cal.unsure_ms = 0;
}

/* It was deleted there after an edit that was not seen here, and has come back by one of ours: a
 * list that still has it as it was before is older than that. */
static void
what_was_written_there_is_followed_by_nothing_that_was_edited_before(void **state)
{
	struct thing *a, was;
	const char *id;

	(void)state;
	writer_cal.lists_lag = true;
	writer_cal.unsure_ms = MINUTE_MS;
	clock_step_by(0);
	connect(CONN_A, "a", ",\"conflicts\":\"provider\"");
	a = made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"title\":\"Board, ours\"}");
	edited_there(0, a, "location", "Room 5");
	was = *a;
	clock_step_by(MINUTE_MS);
	deleted_there(0, a);
	sends();
	assert_string_equal(title_there(a), "Board, ours");
	lists_it_as(a, &was);
	assert_string_equal(title_here(id), "Board, ours");
	cals[0].oldest = INT64_MAX;
	settles();
	cals[0].oldest = 0;
	assert_string_equal(title_here(id), "Board, ours");
	assert_string_equal(title_there(a), "Board, ours");
	assert_silence(3);
	clock_fake(0);
	writer_cal.lists_lag = false;
	writer_cal.unsure_ms = 0;
}

/* A person is asked about the title; the list has it as it is there, and the rest as it was before
 * that was written, all within a minute, which is how exactly times are told. */
static void
what_a_list_tells_late_beside_something_that_is_asked_about_is_no_edit(void **state)
{
	struct thing *a, was;
	const char *id;

	(void)state;
	writer_cal.lists_lag = true;
	writer_cal.unsure_ms = MINUTE_MS;
	writer_cal.grain_ms = MINUTE_MS;
	connect(CONN_A, "a", ",\"conflicts\":\"ask\"");
	a = made_there(0, "g1", "Board", DAY);
	edited_there(0, a, "location", "Room 1");
	reads(CONN_A);
	id = newest_here();
	edited_there(0, a, "title", "Board, theirs");
	was = *a;
	edited_here(id, "{\"title\":\"Board, ours\",\"location\":\"Room 5\"}");
	sends();
	assert_non_null(strstr(a->values, "Room 5"));
	lists_it_as(a, &was);
	assert_string_equal(
	    first_of("SELECT json_extract(value, '$.location') FROM event"), "Room 5");
	sends();
	assert_non_null(strstr(a->values, "Room 5"));
	assert_string_equal(title_there(a), "Board, theirs");
	assert_int_equal(raw_number("SELECT count(*) FROM conflict WHERE state = 'open'"), 1);
	/* An edit that was made since is one. */
	edited_there(0, a, "location", "Room 7");
	reads(CONN_A);
	assert_string_equal(
	    first_of("SELECT json_extract(value, '$.location') FROM event"), "Room 7");
	writer_cal.lists_lag = false;
	writer_cal.unsure_ms = writer_cal.grain_ms = 0;
}

/* A request of ours whose answer is lost has arrived, and was written over: a list that still has
 * it tells nothing of who was the last. */
static void
a_list_that_tells_late_what_was_sent_is_no_news_of_it(void **state)
{
	struct thing *a, was;
	const char *id;

	(void)state;
	writer_cal.lists_lag = true;
	writer_cal.unsure_ms = MINUTE_MS;
	clock_step_by(0);
	connect(CONN_A, "a", ",\"conflicts\":\"provider\"");
	a = made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"title\":\"Board, ours\"}");
	cals[0].send_hides = E_UNSURE;
	sends();
	cals[0].send_hides = E_NONE;
	was = *a;
	clock_step_by(SECOND_MS);
	edited_there(0, a, "title", "Board, theirs");
	clock_step_by(SECOND_MS);
	reads(CONN_A);
	assert_string_equal(title_here(id), "Board, theirs");
	edited_here(id, "{\"title\":\"Board, after all\"}");
	lists_it_as(a, &was);
	time_passes();
	settles();
	assert_string_equal(title_here(id), "Board, after all");
	assert_string_equal(title_there(a), "Board, after all");
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 1);
	assert_silence(3);
	clock_fake(0);
	writer_cal.lists_lag = false;
	writer_cal.unsure_ms = 0;
}

static void
comes_weekly(struct thing *t, int times, const char *more)
{
	snprintf(t->values, sizeof t->values,
	    "{\"title\":\"Weekly\",\"startDateTime\":\"2026-10-05T10:00:00Z\",\"endDateTime\":"
	    "\"2026-10-05T11:00:00Z\",\"allDay\":false,\"timeZone\":\"UTC\",\"recurrence\":"
	    "[\"RRULE:FREQ=WEEKLY;COUNT=%d\"],\"status\":\"confirmed\",\"busy\":true%s}",
	    times, more);
	thing_touch(&cals[0], t);
}

#define LAST ",\"@20261026T100000Z\":{\"title\":\"%s\"}"

/* Here the series gets fewer occurrences while the last of them is edited there: a person is asked
 * about that one, and the rule takes it along. */
static void
what_is_asked_about_and_goes_with_its_place_is_kept(void **state)
{
	struct thing *a;
	const char *id;

	(void)state;
	connect(CONN_A, "a", ",\"conflicts\":\"ask\"");
	a = made_there(0, "g1", "Weekly", DAY);
	comes_weekly(a, 4, arena_printf(cx.a, LAST, "Solo"));
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=3\"]}");
	comes_weekly(a, 4, arena_printf(cx.a, LAST, "Duet"));
	sends();
	assert_non_null(strstr(a->values, "COUNT=3"));
	has(first_of("SELECT fields FROM conflict WHERE state = 'open'"), "Duet");
	/* As a service does. */
	comes_weekly(a, 3, "");
	settles();
	assert_int_equal(raw_number("SELECT count(*) FROM conflict WHERE state = 'open'"), 0);
	has(raw_lines("SELECT kept FROM conflict", 0),
	    "\"@20261026T100000Z\":{\"title\":\"Duet\"}");
	assert_silence(3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(edits_of_both_sides_meet_field_by_field),
		HUB_TEST(history_tells_by_which_rule_an_edit_made_here_stands),
		HUB_TEST(each_field_has_its_own_time_here),
		HUB_TEST(what_was_written_over_there_unseen_is_in_conflict_with_it),
		HUB_TEST(an_edit_that_comes_late_is_as_old_as_it_is),
		HUB_TEST(
		    a_twin_that_is_met_as_it_was_before_an_edit_was_sent_is_in_no_conflict_with_it),
		HUB_TEST(an_edit_that_was_seen_by_another_twin_is_in_no_conflict_with_a_later_one),
		HUB_TEST(what_a_list_tells_late_is_no_edit_of_what_was_seen_since),
		HUB_TEST(what_is_asked_about_and_goes_with_its_place_is_kept),
		HUB_TEST(what_a_list_tells_late_beside_something_that_is_asked_about_is_no_edit),
		HUB_TEST(a_list_is_as_late_as_when_it_was_asked_for),
		HUB_TEST(a_list_that_tells_late_what_was_sent_is_no_news_of_it),
		HUB_TEST(what_was_written_there_is_followed_by_nothing_that_was_edited_before),
		HUB_TEST(a_twin_that_is_met_after_an_edit_here_is_in_no_conflict_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
