/* What a run says of itself while it goes: how far it is, whether it works or waits, and when it
 * has to give up. */
#include "engine_fixture.h"

#ifdef TIDEMARK_STEPS

#include "places_fixture.h"

#include "store/run.h"
#include "sync/progress.h"

#define KB INT64_C(1024)

static struct job job;
static struct progress pr;

static int
run_open(void **state)
{
	if (places_open(state) != 0)
		return -1;
	conf_override(CONF_RUN_SECONDS, "60");
	conf_override(CONF_RUN_MINUTES, "10");
	conf_override(CONF_LEASE_SECONDS, "3600");
	has_due("ann", 1, 1);
	assert_true(take(&job));
	progress_init(&pr, db, &job);
	return 0;
}

static int
run_close(void **state)
{
	conf_override(CONF_RUN_SECONDS, "300");
	conf_override(CONF_RUN_MINUTES, "360");
	conf_override(CONF_LEASE_SECONDS, "60");
	return places_close(state);
}

/* So much later, it is so far. */
static enum rc
moves(int64_t ms, enum phase phase, int64_t done, int64_t total)
{
	clock_step_by(ms);
	return progress_move(&cx, &pr, (struct moved){ phase, done, total }, "%s, %lld",
	    phase_name(phase), (long long)done);
}

static enum rc
downloads(int64_t ms, int64_t done)
{
	return moves(ms, PHASE_DOWNLOADING, done, 0);
}

static enum rc
waits_for(int64_t ms)
{
	const struct waiter w = progress_waiter(&pr);

	return w.alive(&cx, w.arg, "Waiting for the source", ms);
}

/* The run as everybody sees it. */
static struct run
seen(void)
{
	struct run r;

	assert_ok(run_get(&cx, db, "ann", job.run.id, &r));
	return r;
}

static int64_t
still_waits(void)
{
	const int64_t until = seen().wait_until;

	return until ? until - clock_ms() : 0;
}

static void
a_phase_has_its_share_of_the_bar(void **state)
{
	static const struct {
		enum phase phase;
		int64_t done, total;
		int percent;
	} v[] = {
		{ PHASE_DOWNLOADING, 0, 100, 0 },
		{ PHASE_DOWNLOADING, 50, 100, 30 },
		{ PHASE_DOWNLOADING, 100, 100, 60 },
		{ PHASE_DOWNLOADING, 101, 100, 60 },
		{ PHASE_DOWNLOADING, -1, 100, 0 },
		{ PHASE_PROCESSING, 0, 1, 60 },
		{ PHASE_PROCESSING, 1, 4, 65 },
		{ PHASE_SAVING, -5, 1, 80 },
		{ PHASE_SAVING, 1, 1, 100 },
		/* It is not known how much there is. */
		{ PHASE_DOWNLOADING, 0, 0, 0 },
		{ PHASE_DOWNLOADING, 8 * KB * KB, 0, 30 },
		{ PHASE_DOWNLOADING, 24 * KB * KB, -1, 45 },
		{ PHASE_DOWNLOADING, INT64_C(1) << 50, 0, 59 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		assert_int_equal(progress_percent(v[i].phase, v[i].done, v[i].total), v[i].percent);
}

static void
the_bar_never_goes_back(void **state)
{
	(void)state;
	assert_ok(moves(250, PHASE_DOWNLOADING, 50, 100));
	assert_int_equal(seen().progress, 30);
	assert_ok(moves(250, PHASE_DOWNLOADING, 10, 100));
	assert_int_equal(seen().progress, 30);
	assert_string_equal(seen().message, "downloading, 10");
	assert_ok(moves(250, PHASE_PROCESSING, 0, 100));
	assert_int_equal(seen().progress, 60);
	/* Taken up again, it starts where it was. */
	job.run.progress = 60;
	progress_init(&pr, db, &job);
	assert_ok(moves(250, PHASE_DOWNLOADING, 0, 100));
	assert_int_equal(pr.percent, 60);
}

static void
four_times_a_second_it_is_written(void **state)
{
	(void)state;
	assert_ok(moves(249, PHASE_DOWNLOADING, 1, 100));
	assert_string_not_equal(seen().message, "downloading, 1");
	assert_ok(moves(1, PHASE_DOWNLOADING, 2, 100));
	assert_string_equal(seen().message, "downloading, 2");
	assert_int_equal(seen().updated_at, clock_ms());
	assert_int_equal(seen().lease_until, clock_ms() + HOUR_MS);
	assert_ok(moves(249, PHASE_DOWNLOADING, 3, 100));
	assert_string_equal(seen().message, "downloading, 2");
	/* Another phase is told at once. */
	assert_ok(moves(0, PHASE_PROCESSING, 4, 100));
	assert_string_equal(seen().message, "processing, 4");
	assert_string_equal(seen().phase, "processing");
	assert_ok(moves(0, PHASE_PROCESSING, 5, 100));
	assert_string_equal(seen().message, "processing, 4");
}

static void
a_run_that_is_over_before_anybody_looks_writes_nothing(void **state)
{
	const struct run before = seen();

	(void)state;
	assert_ok(moves(100, PHASE_DOWNLOADING, 1, 1));
	assert_ok(moves(100, PHASE_PROCESSING, 1, 1));
	assert_ok(moves(49, PHASE_SAVING, 1, 1));
	assert_int_equal(seen().updated_at, before.updated_at);
	assert_string_equal(seen().phase, before.phase);
	assert_ok(moves(1, PHASE_SAVING, 1, 1));
	assert_string_equal(seen().phase, "saving");
}

static void
a_trickle_is_a_wait_and_a_flow_is_work(void **state)
{
	(void)state;
	assert_ok(downloads(1000, 0));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(999, 16 * KB - 1));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(1, 16 * KB - 1));
	assert_int_equal(still_waits(), 0); /* not a quarter of a second since the last */
	assert_ok(downloads(250, 16 * KB - 1));
	assert_int_equal(still_waits(), 2000);
	assert_ok(downloads(250, 16 * KB));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(1999, 32 * KB - 1));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(250, 32 * KB));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(2000, 32 * KB));
	assert_int_equal(still_waits(), 2000);
}

static void
what_starts_over_flows_from_there(void **state)
{
	(void)state;
	assert_ok(downloads(1000, 100 * KB));
	/* The request is sent again. */
	assert_ok(downloads(1900, 0));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(1900, 1 * KB));
	assert_int_equal(still_waits(), 0);
	assert_ok(downloads(250, 2 * KB));
	assert_int_equal(still_waits(), 2000);
	assert_ok(downloads(250, 16 * KB));
	assert_int_equal(still_waits(), 0);
}

static void
a_whole_page_counts_for_some_of_the_flow(void **state)
{
	(void)state;
	assert_ok(downloads(1000, 0));
	for (int i = 0; i < 15; i++)
		progress_whole(&pr);
	assert_ok(downloads(2000, 0));
	assert_int_equal(still_waits(), 2000);
	progress_whole(&pr);
	assert_ok(downloads(250, 0));
	assert_int_equal(still_waits(), 0);
}

static void
only_a_download_waits_for_others(void **state)
{
	(void)state;
	assert_ok(downloads(1000, 0));
	assert_ok(moves(250, PHASE_PROCESSING, 0, 10));
	assert_ok(moves(9000, PHASE_PROCESSING, 0, 10));
	assert_int_equal(still_waits(), 0);
}

static void
an_announced_wait_lasts_as_long_as_it_says(void **state)
{
	(void)state;
	assert_ok(downloads(1000, 5));
	/* One of two seconds is none. */
	clock_step_by(250);
	assert_ok(waits_for(2000));
	assert_int_equal(still_waits(), 0);
	assert_string_equal(seen().message, "Waiting for the source, 2 s");
	clock_step_by(250);
	assert_ok(waits_for(20001));
	assert_string_equal(seen().message, "Waiting for the source, 21 s");
	assert_int_equal(still_waits(), 20001);
	clock_step_by(20000);
	assert_ok(waits_for(1));
	assert_string_equal(seen().message, "Waiting for the source, 1 s");
	assert_int_equal(still_waits(), 1);
	assert_ok(downloads(250, 100 * KB));
	assert_int_equal(still_waits(), 0);
	assert_string_equal(seen().message, "downloading, 102400");
}

static void
while_a_request_is_under_way_what_was_said_is_still_true(void **state)
{
	(void)state;
	clock_step_by(250);
	assert_ok(waits_for(0));
	assert_string_equal(seen().message, "Waiting for the source");
	assert_ok(downloads(250, 7));
	clock_step_by(250);
	assert_ok(waits_for(500));
	clock_step_by(250);
	assert_ok(waits_for(0));
	assert_string_equal(seen().message, "downloading, 7");
}

static void
a_run_that_does_not_move_is_given_up(void **state)
{
	(void)state;
	assert_ok(downloads(1000, 0));
	assert_ok(downloads(60000 - 1000, 64 * KB - 1));
	assert_error(downloads(250, 64 * KB - 1), E_TIMED_OUT);
	assert_non_null(strstr(cx.err.detail, "Less than 64 KB came in 60 seconds."));
}

/* Each of these is a movement: the window starts there, and ends a minute later. */
static void
its_window_starts_anew(int64_t done)
{
	assert_ok(downloads(60000, done));
	assert_error(downloads(250, done), E_TIMED_OUT);
}

static void
enough_bytes_are_a_movement(void **state)
{
	(void)state;
	assert_ok(downloads(50000, 64 * KB));
	its_window_starts_anew(128 * KB - 1);
}

static void
starting_over_is_a_movement(void **state)
{
	(void)state;
	assert_ok(downloads(50000, 64 * KB));
	assert_ok(downloads(50000, 0));
	its_window_starts_anew(0);
}

static void
a_whole_page_is_a_movement(void **state)
{
	(void)state;
	clock_step_by(50000);
	progress_whole(&pr);
	its_window_starts_anew(1);
}

static void
an_announced_wait_is_a_movement(void **state)
{
	(void)state;
	clock_step_by(50000);
	assert_ok(waits_for(1000));
	its_window_starts_anew(1);
}

static void
another_phase_is_a_movement(void **state)
{
	(void)state;
	assert_ok(downloads(50000, 1));
	assert_ok(moves(50000, PHASE_PROCESSING, 1, 10));
	assert_ok(moves(60000, PHASE_PROCESSING, 1, 10));
	assert_error(moves(250, PHASE_PROCESSING, 1, 10), E_TIMED_OUT);
}

static void
a_source_without_an_end_is_given_up(void **state)
{
	int64_t done = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_ok(downloads(30000, done += 100 * KB));
	assert_error(downloads(250, done + 100 * KB), E_TIMED_OUT);
	assert_non_null(strstr(cx.err.detail, "has not come to its end in 10 minutes"));
	/* What has come is worked through, however long that takes. */
	assert_ok(moves(250, PHASE_PROCESSING, 0, 1000));
}

static void
a_preview_ends_when_its_time_is_over_and_writes_nothing(void **state)
{
	const int64_t before = seen().updated_at;

	(void)state;
	progress_init(&pr, NULL, NULL);
	pr.deadline = clock_mono_ms() + 20000;
	assert_ok(downloads(20000, 1));
	assert_int_equal(seen().updated_at, before);
	assert_string_equal(pr.message, "downloading, 1");
	assert_error(downloads(250, 1), E_SILENT);
}

static void
a_run_learns_that_it_is_cancelled_or_somebody_elses(void **state)
{
	(void)state;
	raw("UPDATE sync SET cancel = 1");
	assert_ok(downloads(249, 1));
	assert_error(downloads(1, 1), E_CANCELLED);
	raw("UPDATE sync SET cancel = 0, attempt = attempt + 1");
	assert_error(downloads(250, 1), E_LEASE);
}

/* The last of these: a process is told to stop once. */
static void
a_process_that_is_told_to_stop_does_so_at_its_next_step(void **state)
{
	(void)state;
	assert_ok(downloads(1, 1));
	assert_false(progress_stopped());
	progress_stop();
	assert_true(progress_stopped());
	assert_error(downloads(0, 1), E_INTERRUPTED);
}

#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, run_open, run_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN_TEST(a_phase_has_its_share_of_the_bar),
		RUN_TEST(the_bar_never_goes_back),
		RUN_TEST(four_times_a_second_it_is_written),
		RUN_TEST(a_run_that_is_over_before_anybody_looks_writes_nothing),
		RUN_TEST(a_trickle_is_a_wait_and_a_flow_is_work),
		RUN_TEST(what_starts_over_flows_from_there),
		RUN_TEST(a_whole_page_counts_for_some_of_the_flow),
		RUN_TEST(only_a_download_waits_for_others),
		RUN_TEST(an_announced_wait_lasts_as_long_as_it_says),
		RUN_TEST(while_a_request_is_under_way_what_was_said_is_still_true),
		RUN_TEST(a_run_that_does_not_move_is_given_up),
		RUN_TEST(enough_bytes_are_a_movement),
		RUN_TEST(starting_over_is_a_movement),
		RUN_TEST(a_whole_page_is_a_movement),
		RUN_TEST(an_announced_wait_is_a_movement),
		RUN_TEST(another_phase_is_a_movement),
		RUN_TEST(a_source_without_an_end_is_given_up),
		RUN_TEST(a_preview_ends_when_its_time_is_over_and_writes_nothing),
		RUN_TEST(a_run_learns_that_it_is_cancelled_or_somebody_elses),
		RUN_TEST(a_process_that_is_told_to_stop_does_so_at_its_next_step),
	};

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
