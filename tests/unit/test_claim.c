/* What is claimed next: turns of owners, what was asked for, what a source has called for. */
#include "engine_fixture.h"

#ifdef TIDEMARK_STEPS

#include "places_fixture.h"

/* Their sources have called, and nothing is due by a schedule. */
static void
is_called(const char *owner)
{
	raw(arena_printf(cx.a,
	    "UPDATE schedule SET next_poll_at = NULL, asked = served + 1 WHERE owner = '%s'",
	    owner));
}

static void
calls_of_one_owner_stand_in_nobodys_way(void **state)
{
	struct job job;
	int ann;

	(void)state;
	has_due("ann", 10, 10);
	is_called("ann");
	assert_true(pending());
	assert_int_equal(take_all("ann", &ann), 3);
	/* What has no place is not to be claimed: nobody is started for it. */
	assert_false(pending());
	has_due("bob", 1, 1);
	is_called("bob");
	assert_true(pending());
	assert_true(take(&job));
	assert_string_equal(job.conn.owner, "bob");
	assert_string_equal(job.run.trigger, "webhook");
	ends(&job, E_NONE);
	assert_false(pending());
}

/* By whose share of scheduled runs is used up. */
static void
what_is_due_is_nothing_for_who_takes_only_what_was_asked_for(void **state)
{
	struct claim_state only = { .asked_only = true };
	struct job job = { 0 };
	bool yes;

	(void)state;
	has_due("ann", 1, 1);
	for (int i = 0; i < 2; i++) {
		assert_ok(queue_pending(&cx, db, true, &yes));
		assert_int_equal(yes, i);
		assert_ok(queue_claim(&cx, db, &only, NULL, &yes, &job));
		assert_int_equal(yes, i);
		assert_true(i || pending());
		if (i == 0)
			is_asked("ann");
	}
	assert_string_equal(job.run.trigger, "manual");
}

static void
assert_turns(const char *want)
{
	struct buf *b = buf_in(cx.a, 1000);
	struct job job;

	while (take(&job)) {
		buf_printf(b, "%c", job.conn.owner[0]);
		ends(&job, E_NONE);
	}
	assert_string_equal(buf_c(b), want);
}

static void
owners_take_turns(void **state)
{
	(void)state;
	has_due("ann", 5, 5);
	has_due("bob", 2, 2);
	has_due("cyd", 1, 1);
	assert_turns("abcabaaa");
	/* What is asked for comes before what is due, in turns too. */
	has_due("dan", 3, 3);
	has_due("eve", 2, 2);
	has_due("fay", 2, 2);
	is_asked("eve");
	is_asked("dan");
	assert_turns("dededff");
}

static void
a_run_that_is_to_wait_is_left_until_then(void **state)
{
	struct job job;
	int64_t at;

	(void)state;
	has_due("ann", 1, 1);
	is_asked("ann");
	raw(arena_printf(
	    cx.a, "UPDATE sync SET wait_until = %lld", (long long)clock_ms() + 5 * SECOND_MS));
	assert_false(pending());
	assert_false(take(&job));
	assert_ok(queue_next(&cx, db, &at));
	assert_int_equal(at, clock_ms() + 5 * SECOND_MS);
	clock_step_by(5 * SECOND_MS);
	assert_true(pending());
	assert_true(take(&job));
}

/* What is due stays written down until the run ends: who claims it writes no more than the run. */
static void
a_claim_leaves_the_schedule_as_it_is(void **state)
{
	const char *as_it_is = "SELECT quote(next_poll_at) || set_at || served FROM schedule"
			       " WHERE owner = 'ann'";
	const char *before;
	struct job job;

	(void)state;
	has_due("ann", 1, 1);
	before = raw_lines(as_it_is, 0);
	assert_true(take(&job));
	assert_string_equal(raw_lines(as_it_is, 0), before);
	assert_int_equal(job.run.due_at, NOW);
	ends(&job, E_NONE);
	assert_int_equal(raw_number("SELECT next_poll_at FROM schedule WHERE owner = 'ann'"),
	    clock_ms() + MINUTE_MS);
}

static enum rc
leave_write(struct ctx *c, struct db *d, void *job)
{
	return queue_leave(c, d, job, clock_ms() + 25 * SECOND_MS, "Waits");
}

/* By a person: the time that the schedule had for it is over as well. */
static void
what_is_cancelled_while_it_waits_does_not_begin_anew(void **state)
{
	struct job job;

	(void)state;
	has_due("ann", 1, 1);
	assert_true(take(&job));
	assert_ok(db_write(&cx, db, leave_write, &job));
	assert_ok(sync_cancel(&cx, db, "ann", job.run.id));
	assert_false(pending());
	assert_int_equal(raw_number("SELECT next_poll_at FROM schedule WHERE owner = 'ann'"),
	    clock_ms() + MINUTE_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACES_TEST(calls_of_one_owner_stand_in_nobodys_way),
		PLACES_TEST(what_is_due_is_nothing_for_who_takes_only_what_was_asked_for),
		PLACES_TEST(owners_take_turns),
		PLACES_TEST(a_run_that_is_to_wait_is_left_until_then),
		PLACES_TEST(a_claim_leaves_the_schedule_as_it_is),
		PLACES_TEST(what_is_cancelled_while_it_waits_does_not_begin_anew),
	};

	fixture_root = "/dev/shm";
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int
main(void)
{
	puts("1..0 # SKIP the clock cannot be set outside test builds");
	return 0;
}
#endif
