/* seconds: 60 */
/* What one turn of the outbox leaves behind: what the service has told is believed, and no more is
 * asked of it than is not known. */
#include "unit/hub_fixture.h"

#include <limits.h>

#include "sync/progress.h"
#include "sync/write/outlet.h"

#define DAY "2027-03-04"

static void
connect_both(void)
{
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	settles();
}

/* An event made here that both calendars have. */
static const char *
tea_in_both(void)
{
	const char *id;

	connect_both();
	id = made_here("Tea", DAY);
	settles();
	return id;
}

static const char *
location_here(const char *id)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return json_str(json_stored(cx.a, e.value), "location");
}

/* The etag of the link is that of the twin, so that the next request needs no look. */
static void
assert_level(const struct thing *twin)
{
	const char *etag = first_of("SELECT etag FROM link");

	assert_string_equal(etag, thing_etag(twin));
	assert_string_equal(first_of("SELECT state FROM link"), LINK_SYNCED);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
}

static void
what_the_service_adds_is_here_with_its_answer(void **state)
{
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	settles();
	cals[0].gives_rooms = true;
	id = made_here("Tea", DAY);
	sends();
	assert_string_equal(location_here(id), "Room 5");
	assert_string_equal(title_here(id), "Tea");
	assert_int_equal(cals[0].looks, 0);
	assert_level(twin_there(0, id));
	/* Of what is edited there too. */
	edited_here(id, "{\"title\":\"Coffee\",\"location\":\"Room 1\"}");
	sends();
	assert_string_equal(location_here(id), "Room 5");
	assert_int_equal(cals[0].looks, 0);
	assert_level(twin_there(0, id));
	cals[0].gives_rooms = false;
	assert_silence(3);
}

static void
an_edit_that_was_found_before_the_request_makes_its_answer_no_older(void **state)
{
	const char *id;
	struct thing *twin;

	(void)state;
	connect(CONN_A, "a", "");
	id = made_here("Tea", DAY);
	settles();
	twin = twin_there(0, id);
	edited_there(0, twin, "location", "Room 5");
	edited_here(id, "{\"title\":\"Coffee\"}");
	raw("UPDATE link SET etag = NULL");
	sends();
	assert_int_equal(cals[0].looks, 1);
	assert_string_equal(title_there(twin), "Coffee");
	assert_string_equal(location_here(id), "Room 5");
	assert_level(twin);
	/* It goes without a look. */
	edited_here(id, "{\"title\":\"Cocoa\"}");
	sends();
	assert_int_equal(cals[0].looks, 1);
	assert_string_equal(title_there(twin), "Cocoa");
	settles();
	assert_silence(3);
}

static int
writes_there(void)
{
	return cals[0].writes + cals[1].writes;
}

/* Two services of which each makes something else of all that the other has: sent around for ever,
 * unless somebody notices. */
static void
what_comes_back_changed_each_time_is_not_sent_around_for_ever(void **state)
{
	const char *id;
	int before;

	(void)state;
	connect_both();
	cals[0].drifts = cals[1].drifts = true;
	id = made_here("Tea", DAY);
	for (int i = 0; i < 12; i++)
		settles();
	assert_in_range(writes_there(), 2, 40);
	assert_silence(3);
	assert_string_equal(first_of("SELECT state FROM link ORDER BY state"), LINK_SKIPPED);
	/* An edit goes to both, and comes to an end again. */
	before = writes_there();
	edited_here(id, "{\"title\":\"Coffee\"}");
	settles();
	assert_in_range(writes_there(), before + 2, before + 10);
	assert_int_equal(strncmp(title_there(twin_there(0, id)), "Coffee", 6), 0);
	assert_int_equal(strncmp(title_there(twin_there(1, id)), "Coffee", 6), 0);
	assert_silence(3);
	/* What is edited there is here, and at the other one. */
	edited_there(0, twin_there(0, id), "location", "Room 9");
	settles();
	assert_string_equal(location_here(id), "Room 9");
	assert_non_null(strstr(twin_there(1, id)->values, "Room 9"));
	assert_silence(3);
}

/* One that was told to stop before its turn. */
static enum rc
stopped_turn(struct ctx *c, struct db *d)
{
	bool found, again;
	struct parcel p;

	progress_stop();
	TRY(sender_claim(c, d, &found, &again, &p));
	return found ? outlet_work(c, d, &p.lane) : fail(c, E_BUG, "Nothing was due.");
}

static void
who_is_told_to_stop_sends_nothing_more_and_leaves_it_to_others(void **state)
{
	(void)state;
	connect(CONN_A, "a", "");
	settles();
	made_here("Tea", DAY);
	made_here("Coffee", DAY);
	assert_false(dies(stopped_turn, INT_MAX));
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE state = 'waiting'"), 2);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE pid <> 0"), 0);
	sends();
	assert_int_equal(cals[0].writes, 2);
	assert_silence(3);
}

/* The same, when they make something else of it some time after they have answered. */
static void
what_is_changed_some_time_after_it_was_written_is_not_sent_around_for_ever(void **state)
{
	const char *id;
	int before;

	(void)state;
	connect_both();
	cals[0].drifts_later = cals[1].drifts_later = true;
	id = made_here("Tea", DAY);
	for (int i = 0; i < 12; i++)
		settles();
	assert_in_range(writes_there(), 2, 40);
	assert_silence(3);
	assert_string_equal(first_of("SELECT state FROM link ORDER BY state"), LINK_SKIPPED);
	has(first_of("SELECT error_detail FROM link WHERE state = 'skipped'"), "again and again");
	/* An edit here goes to both, and comes to an end again. */
	cals[0].drifts_later = cals[1].drifts_later = false;
	before = writes_there();
	edited_here(id, "{\"title\":\"Coffee\"}");
	settles();
	assert_in_range(writes_there(), before + 2, before + 4);
	assert_string_equal(title_there(twin_there(0, id)), "Coffee");
	assert_string_equal(title_there(twin_there(1, id)), "Coffee");
	assert_silence(3);
}

/* Who edits it there, and nobody writes to it, is no service that does so. */
static void
what_is_edited_there_again_and_again_is_sent_on_each_time(void **state)
{
	const char *id;

	(void)state;
	id = tea_in_both();
	for (int i = 0; i < 10; i++) {
		edited_there(0, twin_there(0, id), "title", arena_printf(cx.a, "Tea %d", i));
		settles();
	}
	assert_string_equal(title_there(twin_there(1, id)), "Tea 9");
	edited_there(1, twin_there(1, id), "title", "Coffee");
	settles();
	assert_string_equal(title_there(twin_there(0, id)), "Coffee");
	assert_silence(3);
}

/* How long the turn is that its item has while it is sent, in whole minutes. */
static int64_t turn;

static enum rc
sends_in_its_turn(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	turn = raw_number("SELECT (next_at - updated_at) / 60000 FROM outbox WHERE state = "
			  "'sending'");
	assert_in_range(p->until - clock_mono_ms(), 1, turn * MINUTE_MS / 2);
	return cal_send(c, src, p, out);
}

static void
who_takes_over_looks_when_a_list_that_tells_late_has_told(void **state)
{
	const struct writer before = writer_cal;
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	settles();
	writer_cal.send = sends_in_its_turn;
	writer_cal.unsure_ms = 2 * MINUTE_MS;
	made_here("Tea", DAY);
	sends();
	assert_int_equal(turn, 3);
	writer_cal.lists_lag = true;
	id = made_here("Coffee", DAY);
	sends();
	assert_int_equal(turn, 5);
	/* What is there already is found by its name. */
	edited_here(id, "{\"title\":\"Espresso\"}");
	sends();
	assert_int_equal(turn, 3);
	writer_cal = before;
	assert_silence(3);
}

/* Ann at the one and Bob at the other answer each other. */
static void
people_who_edit_by_turns_are_no_service_that_alters(void **state)
{
	const char *id;
	int before;

	(void)state;
	clock_step_by(0);
	id = tea_in_both();
	for (int i = 0; i < 20; i++) {
		clock_step_by(2 * MINUTE_MS + SECOND_MS);
		edited_there(
		    i % 2, twin_there(i % 2, id), "title", arena_printf(cx.a, "Tea %d", i));
		settles();
		assert_string_equal(
		    title_there(twin_there(0, id)), arena_printf(cx.a, "Tea %d", i));
		assert_string_equal(
		    title_there(twin_there(1, id)), arena_printf(cx.a, "Tea %d", i));
	}
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE state = 'skipped'"), 0);
	/* Nor do they make one of a service that once takes away a blank. */
	cals[0].gives_rooms = true;
	before = writes_there();
	edited_here(id, "{\"title\":\"Coffee\"}");
	settles();
	cals[0].gives_rooms = false;
	assert_string_equal(location_here(id), "Room 5");
	assert_non_null(strstr(twin_there(1, id)->values, "Room 5"));
	assert_in_range(writes_there(), before + 2, before + 3);
	assert_silence(3);
	clock_fake(0);
}

/* Something else than the service: it takes a while, and comes back all the same. */
static void
what_answers_each_minute_for_an_hour_is_nobody(void **state)
{
	const char *id;
	int turns = 0;

	(void)state;
	clock_step_by(0);
	id = tea_in_both();
	while (turns < 110 && !raw_number("SELECT count(*) FROM link WHERE state = 'skipped'")) {
		clock_step_by(30 * SECOND_MS);
		edited_there(turns % 2, twin_there(turns % 2, id), "title",
		    arena_printf(cx.a, "Tea %d", turns));
		settles();
		turns++;
	}
	assert_in_range(turns, 50, 70);
	assert_silence(3);
	clock_fake(0);
}

/* Two services that are slow: the one makes coffee of all tea, the other tea of all coffee. */
static void
brews(const char *id)
{
	static const char *const makes[] = { "Coffee", "Tea" };

	for (int i = 0; i < 2; i++)
		if (!strcmp(title_there(twin_there(i, id)), makes[1 - i]))
			edited_there(i, twin_there(i, id), "title", makes[i]);
	settles();
}

static void
what_goes_to_and_fro_between_the_same_two_is_sent_ever_more_rarely(void **state)
{
	const char *id;
	int before;

	(void)state;
	clock_step_by(0);
	id = tea_in_both();
	for (int i = 0; i < 12 * 24; i++) {
		clock_step_by(5 * MINUTE_MS);
		brews(id);
	}
	assert_in_range(writes_there(), 12, 40);
	before = writes_there();
	for (int i = 0; i < 24; i++) {
		clock_step_by(HOUR_MS);
		brews(id);
	}
	assert_in_range(writes_there(), before, before + 8);
	/* Anything else that somebody makes of it goes at once, from there and from here. */
	edited_there(0, twin_there(0, id), "title", "Cocoa");
	settles();
	assert_string_equal(title_there(twin_there(1, id)), "Cocoa");
	edited_here(id, "{\"title\":\"Tea\"}");
	settles();
	assert_string_equal(title_there(twin_there(0, id)), "Tea");
	assert_string_equal(title_there(twin_there(1, id)), "Tea");
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE state = 'skipped'"), 0);
	assert_silence(3);
	clock_fake(0);
}

/* Two services that write a time of their own into each text, told only with the next read. */
static void
stamps(const char *id, int at)
{
	static char was[2][40];

	for (int i = 0; i < 2; i++) {
		struct thing *t = twin_there(i, id);

		if (!strcmp(title_there(t), was[i]))
			continue;
		snprintf(was[i], sizeof was[i], "Tea, %d of %d", at, i);
		edited_there(i, t, "title", was[i]);
	}
}

static void
what_becomes_something_new_each_time_it_is_written_is_sent_ever_more_rarely(void **state)
{
	const char *id;
	int before;

	(void)state;
	clock_step_by(0);
	id = tea_in_both();
	for (int i = 0; i < 7 * 24; i++) {
		stamps(id, i);
		clock_step_by(20 * MINUTE_MS);
		settles();
	}
	assert_in_range(writes_there(), 12, 40);
	assert_non_null(
	    strstr(first_of("SELECT error_detail FROM outbox WHERE finished_at IS NULL"),
		"comes back as something else"));
	/* What is edited here goes at once. */
	edited_here(id, "{\"title\":\"Coffee\"}");
	settles();
	assert_string_equal(title_there(twin_there(0, id)), "Coffee");
	assert_string_equal(title_there(twin_there(1, id)), "Coffee");
	/* They do so no more: all is level within a day. */
	before = writes_there();
	for (int i = 0; i < 25; i++) {
		clock_step_by(HOUR_MS);
		settles();
	}
	assert_in_range(writes_there(), before, before + 2);
	assert_string_equal(title_there(twin_there(0, id)), title_there(twin_there(1, id)));
	assert_silence(3);
	clock_fake(0);
}

/* As long as they like, and hardly late. */
static void
people_who_answer_each_other_for_days_wait_for_an_hour_at_most(void **state)
{
	const char *id;

	(void)state;
	clock_step_by(0);
	id = tea_in_both();
	for (int i = 0; i < 120; i++) {
		const char *title = arena_printf(cx.a, "Tea %d", i);

		edited_there(i % 2, twin_there(i % 2, id), "title", title);
		settles();
		clock_step_by(HOUR_MS + MINUTE_MS);
		settles();
		assert_string_equal(title_there(twin_there(1 - i % 2, id)), title);
	}
	assert_silence(3);
	clock_fake(0);
}

/* What they agree on in the end arrives, be it one of the two. */
static void
the_last_of_two_by_turns_arrives_within_a_day(void **state)
{
	const char *id;

	(void)state;
	clock_step_by(0);
	id = tea_in_both();
	for (int i = 0; i < 40; i++) {
		clock_step_by(5 * MINUTE_MS);
		brews(id);
	}
	for (int i = 0; i < 25; i++) {
		clock_step_by(HOUR_MS);
		settles();
	}
	assert_string_equal(title_there(twin_there(0, id)), title_there(twin_there(1, id)));
	assert_silence(3);
	clock_fake(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_the_service_adds_is_here_with_its_answer),
		HUB_TEST(who_is_told_to_stop_sends_nothing_more_and_leaves_it_to_others),
		HUB_TEST(what_comes_back_changed_each_time_is_not_sent_around_for_ever),
		HUB_TEST(
		    what_is_changed_some_time_after_it_was_written_is_not_sent_around_for_ever),
		HUB_TEST(people_who_edit_by_turns_are_no_service_that_alters),
		HUB_TEST(what_answers_each_minute_for_an_hour_is_nobody),
		HUB_TEST(what_goes_to_and_fro_between_the_same_two_is_sent_ever_more_rarely),
		HUB_TEST(the_last_of_two_by_turns_arrives_within_a_day),
		HUB_TEST(
		    what_becomes_something_new_each_time_it_is_written_is_sent_ever_more_rarely),
		HUB_TEST(people_who_answer_each_other_for_days_wait_for_an_hour_at_most),
		HUB_TEST(what_is_edited_there_again_and_again_is_sent_on_each_time),
		HUB_TEST(an_edit_that_was_found_before_the_request_makes_its_answer_no_older),
		HUB_TEST(who_takes_over_looks_when_a_list_that_tells_late_has_told),
	};

	return cmocka_run_group_tests_name("a turn of the outbox", tests, NULL, NULL);
}
