/* The application's calendar and two others, with a process that is killed at every step of a run
 * and of the outbox, one after the other, or meets a statement that fails: nothing is lost, nothing
 * is there twice. */
#include "hub_fixture.h"

#define DAY "2026-10-05"

/* What people do on all sides, before it is worked off. */
struct deeds {
	const char *mine, *shared;
	struct thing *theirs;
};

static void
deeds_begin(struct deeds *d)
{
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	d->theirs = made_there(0, "g1", "Theirs", DAY);
	made_there(0, "g2", "Goes", DAY);
	made_there(1, "h1", "From B", DAY);
	d->mine = made_here("Mine", DAY);
	settles();
	d->shared = first_of("SELECT id FROM event WHERE uid = 'g1@there'");
}

static void
deeds_done(const struct deeds *d)
{
	made_here("New here", DAY);
	made_there(0, "g3", "New in A", DAY);
	edited_here(d->mine, "{\"title\":\"Mine, edited\"}");
	edited_here(d->shared, "{\"location\":\"Edited here\"}");
	edited_there(0, d->theirs, "title", "Theirs, edited");
	deleted_there(0, thing_at(&cals[0], "g2"));
}

static void
assert_all_is_level(void)
{
	assert_string_equal(titles_here(), "From B,Mine, edited,New here,New in A,Theirs, edited,");
	assert_int_equal(live_there(0), 5);
	assert_int_equal(live_there(1), 5);
	assert_int_equal(raw_number("SELECT count(*) FROM event WHERE deleted_at IS NULL AND value "
				    "LIKE '%Theirs, edited%' AND value LIKE '%Edited here%'"),
	    1);
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	for (int c = 0; c < CALS; c++)
		for (int i = 0; i < cals[c].n; i++)
			for (int k = i + 1; k < cals[c].n; k++)
				assert_false(!cals[c].v[i].gone && !cals[c].v[k].gone &&
				    !strcmp(
					title_there(&cals[c].v[i]), title_there(&cals[c].v[k])));
}

/* How many steps there are. */
static int
sweep(bool full, struck_fn *struck)
{
	int at = 1;

	for (bool killed = true; killed; at += SLOW_SHARE) {
		void *state = NULL;
		struct deeds d;

		assert_int_equal(hub_setup(&state), 0);
		deeds_begin(&d);
		deeds_done(&d);
		ask_sync(CONN_A);
		ask_sync(CONN_B);
		cals[0].oldest = cals[1].oldest = full ? INT64_MAX : 0;
		killed = struck(work_all, at);
		cals[0].oldest = cals[1].oldest = 0;
		time_passes();
		settles();
		time_passes();
		settles();
		assert_all_is_level();
		assert_silence(4);
		assert_int_equal(hub_teardown(&state), 0);
	}
	return at;
}

static void
killed_at_any_step_nothing_is_lost_and_nothing_doubled(void **state)
{
	(void)state;
	assert_in_range(sweep(false, dies), 30, 1000);
}

static void
killed_at_any_step_of_a_full_read_likewise(void **state)
{
	(void)state;
	assert_in_range(sweep(true, dies), 30, 1000);
}

static void
whichever_statement_fails_nothing_is_lost_and_nothing_doubled(void **state)
{
	(void)state;
	assert_in_range(sweep(false, fails_at), 50, 2000);
}

static void
whichever_statement_of_a_full_read_fails_likewise(void **state)
{
	(void)state;
	assert_in_range(sweep(true, fails_at), 50, 2000);
}

/* Killed with the request out: what it makes is found there only after a while. */
static void
what_was_being_made_is_looked_for_when_it_is_sure_to_be_found(void **unused)
{
	int out = 0;

	(void)unused;
	writer_cal.unsure_ms = 2 * MINUTE_MS;
	for (int at = 1, killed = 1; killed; at++) {
		void *state = NULL;

		assert_int_equal(hub_setup(&state), 0);
		connect(CONN_A, "a", "");
		settles();
		made_here("Mine", DAY);
		killed = dies(work_all, at);
		if (raw_number("SELECT count(*) FROM outbox WHERE state = 'unsure'")) {
			out += live_there(0);
			time_passes();
			sends();
			assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE state = "
						    "'unsure' AND mark IS NOT NULL"),
			    1);
			assert_in_range(raw_number("SELECT next_at FROM outbox") - clock_ms(),
			    MINUTE_MS, 2 * MINUTE_MS);
		}
		time_passes();
		sends();
		assert_int_equal(live_there(0), 1);
		assert_int_equal(
		    raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
		assert_int_equal(hub_teardown(&state), 0);
	}
	writer_cal.unsure_ms = 0;
	assert_in_range(out, 1, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_step_nothing_is_lost_and_nothing_doubled),
		cmocka_unit_test(killed_at_any_step_of_a_full_read_likewise),
		cmocka_unit_test(what_was_being_made_is_looked_for_when_it_is_sure_to_be_found),
		cmocka_unit_test(whichever_statement_fails_nothing_is_lost_and_nothing_doubled),
		cmocka_unit_test(whichever_statement_of_a_full_read_fails_likewise),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
