/*
 * cal_run.h - the main program of a share of the schedules of calendars, CAL_FIRST and CAL_COUNT of
 * them. With a seed as its argument it lives through that one alone and tells what happens; with
 * two, through those from one to the other; with a third, the number of a mistake, with it. Each that
 * goes wrong is told by its name, also one that takes the program along: that begins anew behind it.
 */
#ifndef SIM_CAL_RUN_H
#define SIM_CAL_RUN_H

#include "sim/cal_world.h"

#include <signal.h>
#include <sys/time.h>

/* Sanitizers are slow, and what a killed process leaves behind would be a leak to them. */
#if defined __SANITIZE_ADDRESS__
enum { CAL_SHARE = CAL_COUNT / (CAL_COUNT > 1000 ? 500 : 100) };
#else
enum { CAL_SHARE = CAL_COUNT };
#endif

/* Of what was edited on one side, how many requests write it on each other one. */
enum { WRITES_PERCENT = 105 };

/* Of one schedule, which takes hundredths of a second of a processor. By the clock on the wall for
 * one that waits for something which does not come. */
enum { CAL_CPU_SECONDS = 60, CAL_WALL_SECONDS = 1800 };

/* The schedule that is lived through, and what goes on should it take the program along: one that has
 * no end, a bug (base/err.c aborts then), or whatever else ends a process. */
static struct {
	bool lives;
	char name[24], next[24], last[24], flaw[24];
	bool left; /* there are some behind it */
} life;

/* The program begins anew with the next one: nothing of the broken one is in it. */
static void
life_breaks_off(const char *how)
{
	const char *const say[] = { "seed ", life.name, ": ", how, "\n" };

	for (size_t i = 0; i < sizeof say / sizeof *say; i++)
		if (write(STDOUT_FILENO, say[i], strlen(say[i])) < 0)
			_exit(2);
	if (life.left)
		execl("/proc/self/exe", "simulation", life.next, life.last, life.flaw, "bad",
		    (char *)NULL);
	_exit(1);
}

static void
life_has_no_end(int sig)
{
	life_breaks_off(sig == SIGABRT ? "it ends as a bug" : "it does not come to its end");
}

static void
life_ends_all(void)
{
	if (life.lives)
		life_breaks_off("it ends the program");
}

static void
life_watch(void)
{
	static const int signals[] = { SIGPROF, SIGALRM, SIGABRT };
	/* It stays open to the signal for the one that goes on. */
	const struct sigaction on = { .sa_handler = life_has_no_end, .sa_flags = SA_NODEFER };

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &on, NULL);
	atexit(life_ends_all);
}

/* The limits begin anew with each; 0, 0: there are none. */
static void
life_limits(time_t cpu, time_t wall)
{
	const struct itimerval of_cpu = { .it_value.tv_sec = cpu },
			       of_wall = { .it_value.tv_sec = wall };

	setitimer(ITIMER_PROF, &of_cpu, NULL);
	setitimer(ITIMER_REAL, &of_wall, NULL);
}

static bool
run_lives(uint64_t seed)
{
	bool well;

	snprintf(life.name, sizeof life.name, "%llu", (unsigned long long)seed);
	snprintf(life.next, sizeof life.next, "%llu", (unsigned long long)seed + 1);
	life.lives = true;
	life_limits(CAL_CPU_SECONDS, CAL_WALL_SECONDS);
	well = world_lives(seed);
	life_limits(0, 0);
	life.lives = false;
	return well;
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
	print_message(
	    "# %ld edits of pages of occurrences, %ld turns of what is shared, %ld messages\n",
	    notion_tally.leaves, notion_tally.shares, notion_tally.calls);
	assert_true(tally.sent * 100 <= (2 * tally.here + tally.there) * WRITES_PERCENT);
}

/* FIRST [LAST [FLAW [bad]]]; bad: one of those before has taken the program along. */
static int
run_some(int argc, char **argv)
{
	const char *last = argc > 2 ? argv[2] : argv[1], *planted = argc > 3 ? argv[3] : "0";
	int64_t n = 0, end = 0, f = 0;
	int bad = argc > 4;
	void *state = NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	str_i64(str_c(planted), 0, FLAW__MAX - 1, &f);
	str_i64(str_c(argv[1]), 0, INT64_MAX, &n);
	str_i64(str_c(last), 0, INT64_MAX, &end);
	snprintf(life.last, sizeof life.last, "%s", last);
	snprintf(life.flaw, sizeof life.flaw, "%s", planted);
	if (world_open(&state) != 0)
		return 2;
	flaw_planted = (enum flaw)f;
	sim.trace = argc == 2;
	for (; n <= end; n++) {
		life.left = n < end;
		if (!run_lives((uint64_t)n) && ++bad)
			printf("seed %lld: %s\n", (long long)n, sim.bad);
	}
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

	life_watch();
	if (argc > 1)
		return run_some(argc, argv);
	return cmocka_run_group_tests_name("simulation of calendars", tests, NULL, NULL);
}

#endif
