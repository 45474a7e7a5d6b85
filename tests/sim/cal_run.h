/*
 * cal_run.h - the main program of a share of the schedules of calendars, CAL_FIRST and CAL_COUNT of
 * them. With a seed as its argument it lives through that one alone and tells what happens; with
 * two, through those from one to the other; with a third, the number of a mistake, with it. One that
 * does not come to its end fails with the program, by its name.
 */
#ifndef SIM_CAL_RUN_H
#define SIM_CAL_RUN_H

#include "sim/cal_world.h"

#include <signal.h>
#include <sys/time.h>

/* Sanitizers are slow, and what a killed process leaves behind would be a leak to them. */
#if defined __SANITIZE_ADDRESS__
enum { CAL_SHARE = CAL_COUNT / (CAL_COUNT > 1000 ? 200 : 100) };
#else
enum { CAL_SHARE = CAL_COUNT };
#endif

/* Of what was edited on one side, how many requests write it on each other one. */
enum { WRITES_PERCENT = 105 };

/* Of one schedule, which takes hundredths of a second of a processor. By the clock on the wall for
 * one that waits for something which does not come. */
enum { CAL_CPU_SECONDS = 60, CAL_WALL_SECONDS = 1800 };

static char endless[160];

static void
run_is_endless(int sig)
{
	(void)sig;
	if (write(STDOUT_FILENO, endless, strlen(endless)) < 0)
		_exit(2);
	_exit(1);
}

/* The limits begin anew with each; 0, 0: there are none. */
static void
run_limits(time_t cpu, time_t wall)
{
	const struct itimerval of_cpu = { .it_value.tv_sec = cpu },
			       of_wall = { .it_value.tv_sec = wall };

	signal(SIGPROF, run_is_endless);
	signal(SIGALRM, run_is_endless);
	setitimer(ITIMER_PROF, &of_cpu, NULL);
	setitimer(ITIMER_REAL, &of_wall, NULL);
}

static bool
run_lives(uint64_t seed)
{
	bool lives;

	snprintf(endless, sizeof endless,
	    "seed %llu: it does not come to its end, and nothing behind it is tried\n",
	    (unsigned long long)seed);
	run_limits(CAL_CPU_SECONDS, CAL_WALL_SECONDS);
	lives = world_lives(seed);
	run_limits(0, 0);
	return lives;
}

static void
all_sides_come_together_and_nothing_is_lost(void **state)
{
	(void)state;
	for (int seed = CAL_FIRST; seed < CAL_FIRST + CAL_SHARE; seed++)
		if (!run_lives((uint64_t)seed))
			flunk("seed %d: %s (this program with %d as its argument tells it all)",
			    seed, sim.bad, seed);
	print_message("# %d schedules: %ld edits here and %ld there, %ld requests that wrote, "
		      "%ld conflicts, %ld answers\n",
	    CAL_SHARE, tally.here, tally.there, tally.sent, tally.conflicts, tally.answers);
	print_message("# %ld faults, %ld kills, %ld switches, %ld jumps, %ld cursors refused\n",
	    tally.faults, tally.kills, tally.switches, tally.jumps, tally.fulls);
	print_message("# %ld edits in the windows that Notion leaves open, of %ld requests there\n",
	    notion_tally.windows, notion_tally.asked);
	assert_true(tally.sent * 100 <= (2 * tally.here + tally.there) * WRITES_PERCENT);
}

static int
run_some(const char *first, const char *last, const char *planted)
{
	void *state = NULL;
	int64_t n = 0, end, f = 0;
	int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (planted)
		str_i64(str_c(planted), 0, FLAW__MAX - 1, &f);
	str_i64(str_c(first), 0, INT64_MAX, &n);
	end = n;
	if (last)
		str_i64(str_c(last), 0, INT64_MAX, &end);
	if (world_open(&state) != 0)
		return 2;
	flaw_planted = (enum flaw)f;
	sim.trace = !last;
	for (; n <= end; n++)
		if (!run_lives((uint64_t)n) && ++bad)
			printf("seed %lld: %s\n", (long long)n, sim.bad);
	world_close(&state);
	return bad != 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    all_sides_come_together_and_nothing_is_lost, world_open, world_close),
	};

	if (argc > 1)
		return run_some(argv[1], argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL);
	return cmocka_run_group_tests_name("simulation of calendars", tests, NULL, NULL);
}

#endif
