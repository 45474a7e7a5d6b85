/* Who may be worked on: places, waits, and the times of schedules. */
#include "engine_fixture.h"

#ifdef TIDEMARK_STEPS

#include "places_fixture.h"

#include "queue/sched.h"

static void
a_run_that_waits_holds_no_place(void **state)
{
	struct job job[6];

	(void)state;
	has_due("ann", 4, 4);
	has_due("bob", 4, 4);
	for (int i = 0; i < 4; i++)
		assert_true(take(&job[i]));
	assert_false(pending());
	assert_false(take(&job[4]));
	waits(&job[2], 25 * SECOND_MS);
	assert_true(pending());
	assert_true(take(&job[4]));
	assert_false(take(&job[5]));
	/* It works again: nobody is sent away for it, and nobody comes. */
	waits(&job[2], 0);
	ends(&job[0], E_NONE);
	assert_false(take(&job[5]));
	ends(&job[1], E_NONE);
	assert_true(take(&job[5]));
}

static void
what_is_due_while_it_is_being_synced_is_passed_over(void **state)
{
	struct job first, other;

	(void)state;
	has_due("ann", 1, 1);
	assert_true(take(&first));
	raw("UPDATE schedule SET next_poll_at = 1 WHERE owner = 'ann'");
	/* Nobody is woken for it, nor does it stand in the way. */
	assert_false(pending());
	assert_false(take(&other));
	has_due("bob", 1, 1);
	raw("UPDATE schedule SET next_poll_at = 1 WHERE owner IN ('ann', 'bob')");
	assert_true(take(&other));
	assert_string_equal(other.conn.owner, "bob");
}

static void
those_that_failed_hold_at_most_half_the_places(void **state)
{
	struct job job;
	int failing = 0, n = 0;

	(void)state;
	has_due("ann", 10, 5);
	has_due("bob", 10, 5);
	for (; take(&job); n++)
		failing += job.conn.sched.failing;
	assert_int_equal(n, 4);
	assert_int_equal(failing, 2);
	assert_false(pending());
}

/* Also when they alone have something to do, and when a person has asked for it. */
static void
half_the_places_are_free_for_what_is_well(void **state)
{
	struct job job;
	int none;

	(void)state;
	has_due("ann", 5, 0);
	has_due("bob", 5, 0);
	is_asked("bob");
	assert_int_equal(take_all("ann", &none), 2);
	assert_false(pending());
	has_due("cyd", 1, 1);
	assert_true(pending());
	assert_true(take(&job));
	assert_string_equal(job.conn.owner, "cyd");
}

/* Whoever has what under way: also of the same owner, and while no place is left. */
static void
what_is_asked_for_waits_for_nothing_that_a_schedule_has_begun(void **state)
{
	struct job job;
	int ann, dan;

	(void)state;
	has_due("ann", 8, 8);
	has_due("bob", 8, 8);
	assert_int_equal(take_all("ann", &ann), 4);
	assert_false(pending());
	has_due("cyd", 1, 1);
	is_asked("cyd");
	assert_true(pending());
	assert_true(take(&job));
	assert_string_equal(job.run.trigger, "manual");
	assert_false(pending());
	/* They have as many places as schedules have, and one is left to others. */
	has_due("dan", 8, 8);
	is_asked("dan");
	assert_int_equal(take_all("dan", &dan), 3);
	assert_int_equal(dan, 3);
	assert_false(pending());
}

/* Hanging sources: they may all wait, but not without end. */
static void
room_for_waits_is_bounded_and_half_of_it_is_for_what_is_well(void **state)
{
	struct job job;
	int n = 0;

	(void)state;
	has_due("ann", 40, 0);
	has_due("bob", 40, 0);
	for (; take(&job); n++)
		waits(&job, 90 * SECOND_MS);
	assert_int_equal(n, places_most() / 2);
	has_due("cyd", 40, 40);
	has_due("dan", 40, 40);
	for (; take(&job); n++)
		waits(&job, 90 * SECOND_MS);
	assert_int_equal(n, places_most());
	assert_false(pending());
}

static void
nobody_takes_the_last_place(void **state)
{
	struct job job;
	int ann;

	(void)state;
	has_due("ann", 10, 10);
	assert_int_equal(take_all("ann", &ann), 3);
	assert_false(pending());
	has_due("bob", 1, 1);
	assert_true(pending());
	assert_true(take(&job));
	assert_string_equal(job.conn.owner, "bob");
}

/* By hand as by schedule, and also of the room in which one waits. */
static void
nobody_takes_the_last_room(void **state)
{
	struct job job;
	int n = 0;

	(void)state;
	has_due("ann", 60, 60);
	is_asked("ann");
	for (; take(&job); n++)
		waits(&job, 90 * SECOND_MS);
	assert_int_equal(n, places_most() - 4);
	has_due("bob", 1, 1);
	is_asked("bob");
	assert_true(take(&job));
	assert_string_equal(job.conn.owner, "bob");
}

/* Where there are so many places that little room is left for waits, they are no fewer for it. */
static void
many_places_are_all_but_one_for_somebody(void **state)
{
	int ann;

	(void)state;
	conf_override(CONF_WORKERS, "200");
	has_due("ann", 210, 210);
	assert_int_equal(take_all("ann", &ann), 199);
}

static void
with_one_place_everybody_may_have_it(void **state)
{
	struct job job;

	(void)state;
	conf_override(CONF_WORKERS, "1");
	has_due("ann", 2, 1);
	assert_true(take(&job));
	assert_false(pending());
	ends(&job, E_NONE);
	assert_true(take(&job));
	ends(&job, E_SILENT);
}

static int64_t
due_next_ms(void)
{
	return raw_number("SELECT next_poll_at FROM schedule WHERE owner = 'ann'");
}

static void
set_due(int64_t at)
{
	raw(arena_printf(
	    cx.a, "UPDATE schedule SET next_poll_at = %lld WHERE owner = 'ann'", (long long)at));
}

static void
a_schedule_keeps_its_times_however_long_runs_take(void **state)
{
	const int64_t due = NOW + 2 * HOUR_MS;
	struct job job;

	(void)state;
	has_due("ann", 1, 1);
	for (int i = 0; i < 5; i++) {
		set_due(due + i * MINUTE_MS);
		clock_step_to(due + i * MINUTE_MS + 200);
		assert_true(take(&job));
		clock_step_by(7 * SECOND_MS);
		ends(&job, E_NONE);
		assert_int_equal(due_next_ms(), due + (i + 1) * MINUTE_MS);
	}
	/* One that took longer than its interval: the next of its times. */
	set_due(due + HOUR_MS);
	clock_step_to(due + HOUR_MS);
	assert_true(take(&job));
	clock_step_by(90 * SECOND_MS);
	ends(&job, E_NONE);
	assert_int_equal(due_next_ms(), due + HOUR_MS + 2 * MINUTE_MS);
	/* One by hand in between counts from its end. */
	is_asked("ann");
	set_due(due + 3 * HOUR_MS);
	clock_step_to(due + 2 * HOUR_MS);
	assert_true(take(&job));
	ends(&job, E_NONE);
	assert_int_equal(due_next_ms(), due + 2 * HOUR_MS + MINUTE_MS);
}

enum { MANY = 1000, HANGING = 30, ROUNDS = 4 };

static int64_t lateness[MANY * (ROUNDS + 2)];

static int
by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* A thousand schedules of a minute that all began at once, run after run of 8 ms (four places of
 * some 30 ms), and 3 % that hang: after a round everybody has found his time. */
static void
a_thousand_schedules_of_a_minute_are_hardly_late(void **state)
{
	struct job job;
	int64_t at, end;
	int n = 0;

	(void)state;
	has_due("ann", MANY / 2, MANY / 2);
	has_due("bob", MANY / 2, MANY / 2);
	has_due("cyd", HANGING, 0);
	raw(arena_printf(cx.a, "UPDATE schedule SET next_poll_at = %lld", (long long)clock_ms()));
	end = clock_ms() + (ROUNDS + 1) * MINUTE_MS;
	while (clock_ms() < end) {
		arena_reset(cx.a);
		if (!take(&job)) {
			assert_ok(queue_next(&cx, db, &at));
			clock_step_by(
			    at > clock_ms() && at - clock_ms() < 100 ? at - clock_ms() : 100);
			continue;
		}
		if (!strcmp(job.conn.owner, "cyd")) {
			waits(&job, 90 * SECOND_MS);
			continue;
		}
		if (clock_ms() >= end - ROUNDS * MINUTE_MS)
			lateness[n++] = clock_ms() - job.run.due_at;
		clock_step_by(8);
		ends(&job, E_NONE);
	}
	assert_in_range(n, MANY * ROUNDS * 98 / 100, MANY * (ROUNDS + 1));
	qsort(lateness, (size_t)n, sizeof *lateness, by_size);
	if (lateness[n * 99 / 100] > 2 * SECOND_MS)
		flunk("p50 %lld p99 %lld max %lld", (long long)lateness[n / 2],
		    (long long)lateness[n * 99 / 100], (long long)lateness[n - 1]);
}

/* --- what is a wait --- */

static struct {
	int64_t ms;               /* between two ticks */
	int bytes;                /* with each */
	int ticks, waited, first; /* first: the tick at which it was a wait; -1: never */
} flow;

static enum rc
flow_fetch(struct ctx *c, const struct source *src, struct fetch *f)
{
	char chunk[64 * 1024];

	(void)src;
	memset(chunk, 'x', sizeof chunk);
	TRY(f->write(c, f->arg, "id,name\n1,", 10));
	for (int i = 0; i < flow.ticks; i++) {
		clock_step_by(flow.ms);
		TRY(f->write(c, f->arg, chunk, (size_t)flow.bytes));
		TRY(f->tick(c, f->arg, 0, 0));
		if (raw_number("SELECT wait_until > 0 FROM sync WHERE state = 'running'")) {
			if (flow.first < 0)
				flow.first = i;
			flow.waited++;
		}
	}
	TRY(f->write(c, f->arg, "\n", 1));
	f->cursor = json_new(c->a);
	return RC_OK;
}

static struct run
flow_run(int64_t ms, int bytes, int ticks)
{
	flow.ms = ms;
	flow.bytes = bytes;
	flow.ticks = ticks;
	flow.first = -1;
	flow.waited = 0;
	script.text = "";
	script.fetch = flow_fetch;
	return sync_now();
}

static void
a_silent_or_dripping_server_is_a_wait_after_two_seconds(void **state)
{
	(void)state;
	assert_string_equal(flow_run(250, 0, 100).state, "complete");
	assert_in_range(flow.first, 6, 9);
	assert_in_range(flow.waited, 90, 94);
	assert_string_equal(flow_run(500, 20, 100).state, "complete");
	assert_in_range(flow.first, 2, 4);
	assert_string_equal(flow_run(250, 8 * 1024, 50).state, "complete");
	assert_int_equal(flow.first, -1);
	/* What is made of it is work. */
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE wait_until > 0 AND "
				    "state = 'running'"),
	    0);
}

static void
a_drip_ends_in_the_time_that_a_run_may_stand_still(void **state)
{
	struct run r;

	(void)state;
	conf_override(CONF_RUN_SECONDS, "300");
	r = flow_run(SECOND_MS, 1, 1000);
	assert_string_equal(r.error_code, "timed_out");
	assert_in_range(clock_ms() - r.started_at, 299 * SECOND_MS, 302 * SECOND_MS);
}

/* Fast enough to count as moving, and without end. */
static void
a_source_without_end_ends_in_the_time_that_a_run_may_take(void **state)
{
	struct run r;

	(void)state;
	conf_override(CONF_RUN_MINUTES, "60");
	r = flow_run(20 * SECOND_MS, 60 * 1024, 400);
	conf_override(CONF_RUN_MINUTES, NULL);
	assert_string_equal(r.error_code, "timed_out");
	assert_non_null(strstr(r.error_detail, "not come to its end in 60 minutes"));
	assert_in_range(clock_ms() - r.started_at, 60 * MINUTE_MS, 61 * MINUTE_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACES_TEST(a_run_that_waits_holds_no_place),
		PLACES_TEST(what_is_due_while_it_is_being_synced_is_passed_over),
		PLACES_TEST(those_that_failed_hold_at_most_half_the_places),
		PLACES_TEST(what_is_asked_for_waits_for_nothing_that_a_schedule_has_begun),
		PLACES_TEST(half_the_places_are_free_for_what_is_well),
		PLACES_TEST(room_for_waits_is_bounded_and_half_of_it_is_for_what_is_well),
		PLACES_TEST(nobody_takes_the_last_place),
		PLACES_TEST(nobody_takes_the_last_room),
		PLACES_TEST(many_places_are_all_but_one_for_somebody),
		PLACES_TEST(with_one_place_everybody_may_have_it),
		PLACES_TEST(a_schedule_keeps_its_times_however_long_runs_take),
		PLACES_TEST(a_thousand_schedules_of_a_minute_are_hardly_late),
		PLACES_TEST(a_silent_or_dripping_server_is_a_wait_after_two_seconds),
		PLACES_TEST(a_drip_ends_in_the_time_that_a_run_may_stand_still),
		PLACES_TEST(a_source_without_end_ends_in_the_time_that_a_run_may_take),
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
