/* seconds: 20 */
/* Mistakes planted in the core, one at a time: the simulation of calendars finds each, and soon. */
#include "sim/cal_world.h"

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
	{ FLAW_STALE_READ, "an old page goes over what was agreed on since", 300 },
	{ FLAW_NO_CONDITION, "nothing is sent with If-Match", 100 },
	{ FLAW_KEPT_NOTHING, "what loses a conflict is not kept", 100 },
	{ FLAW_DOUBT_IS_KNOWN, "the etag is that of a state which was not taken in", 2100 },
	{ FLAW_COPY_IS_NEW, "a copy of our own is taken for something new", 100 },
	{ FLAW_NOTHING_INTENDED, "what is sent is not written down before", 400 },
};

static void
each_mistake_is_found(void **state)
{
	(void)state;
	assert_int_equal(sizeof flaws / sizeof *flaws, FLAW__MAX - 1);
	for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i += SLOW_SHARE) {
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_mistake_is_found, world_open, world_close),
	};

	return cmocka_run_group_tests_name("planted mistakes of calendars", tests, NULL, NULL);
}
