/* What a person has kept, here or there, is asked about again when he wants to be: however little
 * it is, and whatever dies meanwhile. */
#include "kept_fixture.h"

#include "queue/post.h"

/* --- kept here --- */

static void
deletions_kept_here_are_asked_about_again(void **state)
{
	struct run r;

	(void)state;
	kept_here();
	asks_again();
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(asked("deletions"), MANY - LEFT);
	assert_int_equal(events_here(), MANY);
	/* As long as there is no answer, each read asks. */
	r = question();
	assert_string_equal(reads(CONN_A).error_code, "needs_approval");
	assert_string_not_equal(question().id, r.id);
	answered("keep");
	assert_string_equal(reads(CONN_A).state, "complete");
	assert_int_equal(events_here(), MANY);
	asks_again();
	assert_ok(runs_all(&cx, db));
	answered("approve");
	assert_level(LEFT);
	assert_int_equal(cals[0].writes, 0);
}

static enum rc
look_write(struct ctx *c, struct db *d, void *arg)
{
	struct link l;

	TRY(link_get(c, d, OWNER, arg, &l));
	return post_look(c, d, &l, clock_ms());
}

/* Whoever looks at it, for what another calendar tells of it, and how soon ever. */
static void
what_was_kept_here_stays_however_often_it_is_found_to_be_gone(void **state)
{
	(void)state;
	kept_here();
	for (int i = 0; i < 3; i++) {
		const char *link = first_of("SELECT id FROM link WHERE remote_id = 'g05'");
		const int looks = cals[0].looks;

		assert_ok(db_write(&cx, db, look_write, (void *)link));
		sends();
		assert_int_equal(cals[0].looks, looks + 1);
		deleted_there(0, thing_at(&cals[0], "g05"));
		settles();
	}
	assert_int_equal(events_here(), MANY);
	assert_int_equal(live_there(0), LEFT);
	assert_int_equal(records_here(), MANY);
	assert_int_equal(cals[0].writes, 0);
	assert_silence(2);
}

/* It is a small part of what there is by now. */
static void
a_few_that_were_kept_here_are_asked_about_too(void **state)
{
	(void)state;
	kept_here();
	raw("UPDATE connection SET guard_percent = 100, guard_items = 1000");
	asks_again();
	assert_ok(runs_all(&cx, db));
	assert_int_equal(asked("deletions"), MANY - LEFT);
	assert_int_equal(events_here(), MANY);
	answered("approve");
	assert_level(LEFT);
}

static void
what_is_there_again_is_not_asked_about(void **state)
{
	(void)state;
	kept_here();
	for (int i = LEFT; i < MANY; i++) {
		struct thing *t = thing_at(&cals[0], arena_printf(cx.a, "g%02d", i));

		t->gone = false;
		thing_touch(&cals[0], t);
	}
	asks_again();
	assert_ok(runs_all(&cx, db));
	assert_level(MANY);
}

/* What is kept is no part of what the calendar has, of which the share is taken. */
static void
what_a_calendar_loses_beside_kept_events_is_held_against_what_it_has(void **state)
{
	(void)state;
	kept_here();
	for (int i = 0; i < LEFT; i++)
		deleted_there(0, thing_at(&cals[0], arena_printf(cx.a, "g%02d", i)));
	assert_string_equal(reads(CONN_A).error_code, "needs_approval");
	assert_int_equal(events_here(), MANY);
	answered("approve");
	settles();
	assert_int_equal(events_here(), MANY - LEFT);
	assert_int_equal(records_here(), MANY - LEFT);
}

/* --- kept there --- */

static void
deletions_kept_there_are_asked_about_again(void **state)
{
	(void)state;
	kept_there();
	asks_again();
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE trigger = 'guard'"), 2);
	assert_int_equal(asked("deletions"), MANY - LEFT);
	assert_string_equal(question().error_detail,
	    "Of 8 events in the other calendar, 6 would be deleted and 0 overwritten, which was "
	    "kept before. Nothing of it was sent.");
	assert_int_equal(live_there(0), MANY);
	answered("keep");
	settles();
	assert_int_equal(live_there(0), MANY);
	asks_again();
	assert_ok(runs_all(&cx, db));
	answered("approve");
	assert_level(LEFT);
}

static void
a_few_that_were_kept_there_are_asked_about_too(void **state)
{
	(void)state;
	kept_there();
	raw("UPDATE connection SET guard_percent = 100, guard_items = 1000");
	asks_again();
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(live_there(0), MANY);
	answered("approve");
	assert_level(LEFT);
}

static void
what_was_to_be_overwritten_there_is_asked_about_again(void **state)
{
	(void)state;
	connected();
	for (int i = LEFT; i < MANY; i++)
		edited_here(event_of(i), "{\"title\":\"Mine\"}");
	sends();
	answered("keep");
	settles();
	asks_again();
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(asked("replaced"), MANY - LEFT);
	assert_string_equal(title_there(thing_at(&cals[0], "g05")), "Event 05");
	answered("approve");
	settles();
	assert_string_equal(title_there(thing_at(&cals[0], "g05")), "Mine");
	assert_silence(2);
}

/* What was edited there meanwhile wins over the deletion, as always. */
static void
what_is_edited_there_while_it_is_asked_about_comes_back(void **state)
{
	(void)state;
	kept_there();
	asks_again();
	edited_there(0, thing_at(&cals[0], "g05"), "title", "Wanted");
	assert_ok(runs_all(&cx, db));
	sends();
	answered("approve");
	assert_level(LEFT + 1);
	assert_string_equal(title_there(thing_at(&cals[0], "g05")), "Wanted");
}

static void
where_nothing_is_written_what_was_kept_there_stays_so(void **state)
{
	(void)state;
	kept_there();
	raw("UPDATE connection SET config = '{\"calendar\":\"a\",\"direction\":\"pull\"}'");
	asks_again();
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
	assert_int_equal(live_there(0), MANY);
	assert_int_equal(events_here(), LEFT);
}

/* --- kills --- */

static enum rc
asks_and_works(struct ctx *c, struct db *own)
{
	TRY(db_write(c, own, again_write, NULL));
	return work_all(c, own);
}

/* Has the person got so far as to ask? */
static bool
is_asked(void)
{
	return raw_number("SELECT count(*) FROM connection WHERE cursor LIKE '%asks%'") +
	    raw_number("SELECT count(*) FROM outbox WHERE state = 'held'") >
	    0;
}

/* The question is there in the end, and nothing is done before it is answered. */
static bool
struck_before_the_question(void (*kept)(void), struck_fn *struck, int at)
{
	void *state = NULL;
	bool killed;

	assert_int_equal(hub_setup(&state), 0);
	kept();
	killed = struck(asks_and_works, at);
	if (!is_asked())
		asks_again();
	time_passes();
	assert_ok(work_all(&cx, db));
	time_passes();
	settles();
	assert_int_equal(asked("deletions"), MANY - LEFT);
	assert_int_equal(events_here() + live_there(0), MANY + LEFT);
	answered("approve");
	assert_level(LEFT);
	assert_int_equal(hub_teardown(&state), 0);
	return killed;
}

static bool
struck_after_the_answer(void (*kept)(void), struck_fn *struck, int at)
{
	void *state = NULL;
	bool killed;

	assert_int_equal(hub_setup(&state), 0);
	kept();
	assert_ok(asks_and_works(&cx, db));
	says("approve");
	killed = struck(work_all, at);
	time_passes();
	settles();
	time_passes();
	assert_level(LEFT);
	assert_int_equal(hub_teardown(&state), 0);
	return killed;
}

static void
sweep(void (*kept)(void), struck_fn *struck)
{
	int at = 0;

	while (struck_before_the_question(kept, struck, at += SLOW_SHARE))
		continue;
	assert_true(at > 1);
	at = 0;
	while (struck_after_the_answer(kept, struck, at += SLOW_SHARE))
		continue;
	assert_in_range(at, 10, 1000);
}

static void
killed_at_any_step_what_was_kept_here_is_asked_about_and_goes(void **state)
{
	(void)state;
	sweep(kept_here, dies);
}

static void
killed_at_any_step_what_was_kept_there_is_asked_about_and_goes(void **state)
{
	(void)state;
	sweep(kept_there, dies);
}

static void
whichever_statement_fails_it_is_asked_about_and_goes(void **state)
{
	(void)state;
	sweep(kept_here, fails_at);
	sweep(kept_there, fails_at);
}

/* While nothing was ever read of it there is nothing that could be lost; a first run that came to
 * no end has left something. */
static void
what_comes_first_is_taken_in_before_the_end_only_while_nothing_is_there(void **state)
{
	const char *never = "UPDATE connection SET cursor = NULL;"
			    "UPDATE schedule SET last_success_at = NULL;";

	(void)state;
	connect(CONN_A, "a", "");
	made_there(0, "g1", "Meeting", "2026-10-05");
	reads(CONN_A);
	assert_int_equal(cals[0].earlies, 1);
	made_there(0, "g2", "Lunch", "2026-10-06");
	reads(CONN_A);
	raw(never);
	reads(CONN_A);
	assert_int_equal(cals[0].earlies, 1);
	raw(arena_printf(cx.a, "%s UPDATE dataset SET rows = 0", never));
	reads(CONN_A);
	assert_int_equal(cals[0].earlies, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_comes_first_is_taken_in_before_the_end_only_while_nothing_is_there),
		HUB_TEST(deletions_kept_here_are_asked_about_again),
		HUB_TEST(what_was_kept_here_stays_however_often_it_is_found_to_be_gone),
		HUB_TEST(a_few_that_were_kept_here_are_asked_about_too),
		HUB_TEST(what_is_there_again_is_not_asked_about),
		HUB_TEST(what_a_calendar_loses_beside_kept_events_is_held_against_what_it_has),
		HUB_TEST(deletions_kept_there_are_asked_about_again),
		HUB_TEST(a_few_that_were_kept_there_are_asked_about_too),
		HUB_TEST(what_was_to_be_overwritten_there_is_asked_about_again),
		HUB_TEST(what_is_edited_there_while_it_is_asked_about_comes_back),
		HUB_TEST(where_nothing_is_written_what_was_kept_there_stays_so),
		cmocka_unit_test(killed_at_any_step_what_was_kept_here_is_asked_about_and_goes),
		cmocka_unit_test(killed_at_any_step_what_was_kept_there_is_asked_about_and_goes),
		cmocka_unit_test(whichever_statement_fails_it_is_asked_about_and_goes),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("hub_kept", tests, NULL, NULL);
}
