/* The application and two people's calendars at Google, kept level whatever goes wrong: a
 * simulation of whole schedules (tests/sim/cal_world.h), which finds mistakes that are planted in
 * the core. With a seed as its argument it lives through that one alone and tells what happens;
 * with two, through those from one to the other; with a third, the number of a mistake, with it. */
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

static const struct {
	enum flaw flaw;
	const char *name;
	int within; /* schedules; at least twice what it took when this was written */
} flaws[] = {
	{ FLAW_ECHO_BY_TIME, "an echo is known by its time", 100 },
	{ FLAW_NO_LOOK, "no look before a create is repeated", 100 },
	{ FLAW_BASE_AS_FOUND, "what is found of a create is its base", 200 },
	{ FLAW_CURSOR_FIRST, "the cursor is saved before the data", 200 },
	{ FLAW_NOT_DECIDED_NEW, "what is here now is confirmed, not what was sent", 100 },
	{ FLAW_NO_CONDITION, "nothing is sent with If-Match", 100 },
	{ FLAW_KEPT_NOTHING, "what loses a conflict is not kept", 100 },
};

static void
each_mistake_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
		int n = 1;

		flaw_planted = flaws[i].flaw;
		while (n <= flaws[i].within && world_lives((uint64_t)n))
			n++;
		flaw_planted = FLAW_NONE;
		if (n > flaws[i].within)
			flunk("%s: not found in %d schedules", flaws[i].name, flaws[i].within);
		print_message("# %s: found in schedule %d: %s\n", flaws[i].name, n, sim.bad);
	}
}

static int
run_some(const char *first, const char *last, const char *planted)
{
	void *state = NULL;
	int64_t n = 0, end, f = 0;
	int bad = 0;

	if (planted)
		str_i64(str_c(planted), 0, FLAW__MAX - 1, &f);

	str_i64(str_c(first), 0, INT64_MAX, &n);
	end = n;
	if (last)
		str_i64(str_c(last), 0, INT64_MAX, &end);
	if (world_open(&state) != 0)
		return 2;
	flaw_planted = (enum flaw)f;
	for (; n <= end; n++) {
		sim.trace = n == end && !planted;
		if (!world_lives((uint64_t)n) && ++bad)
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
		    three_calendars_come_together_and_nothing_is_lost, world_open, world_close),
		cmocka_unit_test_setup_teardown(each_mistake_is_found, world_open, world_close),
	};

	if (argc > 1)
		return run_some(argv[1], argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL);
	return cmocka_run_group_tests_name("simulation of calendars", tests, NULL, NULL);
}
