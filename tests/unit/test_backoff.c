/* How long to wait before the next try. */
#include "unit/unit.h"

#include "base/backoff.h"

static void
waits_double_up_to_the_most(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(100, 0, 1000), 100);
	assert_int_equal(backoff_ms(100, 1, 1000), 200);
	assert_int_equal(backoff_ms(100, 3, 1000), 800);
	assert_int_equal(backoff_ms(100, 4, 1000), 1000);
	assert_int_equal(backoff_ms(100, INT64_MAX, 1000), 1000);
	assert_int_equal(backoff_ms(2000, 0, 1000), 1000);
	assert_true(backoff_ms(1, INT64_MAX, INT64_MAX) == INT64_MAX);
	assert_true(backoff_ms(1, 62, INT64_MAX) == INT64_C(1) << 62);
}

static void
the_spread_has_both_ends(void **state)
{
	(void)state;
	assert_int_equal(backoff_spread(100, 10, 0), 100);
	assert_int_equal(backoff_spread(100, 10, 10), 110);
	assert_int_equal(backoff_spread(100, 10, 11), 100);
	assert_int_equal(backoff_spread(100, 0, UINT64_MAX), 100);
	for (uint64_t rnd = 1; rnd < 100000; rnd *= 3)
		assert_in_range(backoff_spread(100, 10, rnd), 100, 110);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_the_most),
		cmocka_unit_test(the_spread_has_both_ends),
	};
	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
