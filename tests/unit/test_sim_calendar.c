/* The application and two people's calendars at Google, kept level whatever goes wrong: a
 * simulation of whole schedules (tests/sim/cal_world.h). With a seed as its argument it lives
 * through that one alone and tells what happens; with two, through those from one to the other. */
#include "sim/cal_world.h"

/* Sanitizers are slow, and what a killed process leaves behind would be a leak to them. */
#if defined __SANITIZE_ADDRESS__
enum { SCHEDULES = 40 };
#else
enum { SCHEDULES = 400 };
#endif

static void
three_calendars_come_together_and_nothing_is_lost(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SCHEDULES; seed++)
		if (!world_lives(seed))
			flunk("seed %llu: %s (this program with %llu as its argument tells it all)",
			    (unsigned long long)seed, sim.bad, (unsigned long long)seed);
	print_message("# %d schedules: %ld edits here and %ld there, %ld requests that wrote, "
		      "%ld conflicts, %ld answers\n",
	    SCHEDULES, tally.here, tally.there, tally.sent, tally.conflicts, tally.answers);
	print_message("# %ld faults, %ld kills, %ld switches, %ld jumps, %ld cursors refused\n",
	    tally.faults, tally.kills, tally.switches, tally.jumps, tally.fulls);
}

static int
run_some(const char *first, const char *last)
{
	void *state = NULL;
	int64_t n = 0, end;
	int bad = 0;

	str_i64(str_c(first), 0, INT64_MAX, &n);
	end = n;
	if (last)
		str_i64(str_c(last), 0, INT64_MAX, &end);
	if (world_open(&state) != 0)
		return 2;
	sim.trace = !last;
	for (; n <= end; n++)
		if (!world_lives((uint64_t)n) && ++bad)
			printf("seed %lld: %s\n", (long long)n, sim.bad);
	world_close(&state);
	return bad != 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    three_calendars_come_together_and_nothing_is_lost, world_open, world_close),
	};

	if (argc > 1)
		return run_some(argv[1], argc > 2 ? argv[2] : NULL);
	return cmocka_run_group_tests_name("simulation of calendars", tests, NULL, NULL);
}
