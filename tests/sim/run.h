/*
 * run.h - the main program of a share of the schedules, SIM_FIRST and SIM_COUNT of them. With a
 * seed as its argument it lives through that one alone and tells what happens.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "sim/world.h"

/* Sanitizers are slow: a tenth. */
#if defined __SANITIZE_ADDRESS__
enum { SIM_SHARE = SIM_COUNT / 10 };
#else
enum { SIM_SHARE = SIM_COUNT };
#endif

enum { SENT_PERCENT = 60, WRITTEN_PERCENT = 60 };

static void
two_sides_come_together_and_nothing_is_lost(void **state)
{
	(void)state;
	for (uint64_t seed = SIM_FIRST; seed < SIM_FIRST + SIM_SHARE; seed++)
		if (!world_lives(seed))
			flunk("seed %llu: %s (this program with %llu as its argument tells it all)",
			    (unsigned long long)seed, sim.bad, (unsigned long long)seed);
	print_message(
	    "# %d schedules: %ld edits here and %ld there, %ld requests that wrote and %ld "
	    "writes here, %ld looks, %ld conflicts, %ld answers\n",
	    SIM_SHARE, tally.here, tally.there, tally.sent, tally.written, tally.looks,
	    tally.conflicts, tally.answers);
	print_message(
	    "# %ld faults, %ld kills, %ld switches, %ld jumps, %ld full reads, %ld asked\n",
	    tally.faults, tally.kills, tally.switches, tally.jumps, tally.fulls, tally.guards);
	/* Many edits are one request, and one is never many: echoes are not answered. */
	assert_true(tally.sent * 100 <= tally.here * SENT_PERCENT);
	assert_true(tally.written * 100 <= tally.there * WRITTEN_PERCENT);
}

static int
run_one(const char *seed, const char *planted)
{
	void *state = NULL;
	int64_t n = 0, f = 0;
	bool well;

	str_i64(str_c(seed), 0, INT64_MAX, &n);
	if (planted)
		str_i64(str_c(planted), 0, FLAW__MAX - 1, &f);
	if (world_open(&state) != 0)
		return 2;
	flaw_planted = (enum flaw)f;
	sim.trace = true;
	well = world_lives((uint64_t)n);
	world_close(&state);
	return !well;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    two_sides_come_together_and_nothing_is_lost, world_open, world_close),
	};

	if (argc > 1)
		return run_one(argv[1], argc > 2 ? argv[2] : NULL);
	return cmocka_run_group_tests_name("simulation", tests, NULL, NULL);
}

#endif
