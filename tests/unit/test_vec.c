/* Arrays that grow. */
#include "unit/unit.h"

#include "base/vec.h"

static void
elements_stay_and_what_is_behind_them_is_zero(void **state)
{
	int64_t *v = NULL;
	size_t cap = 0, moves = 0;

	(void)state;
	for (size_t n = 0; n < 10000; n++) {
		const int64_t *was = v;

		VEC_HOLD(cx.a, v, cap, n + 1, 10000);
		moves += v != was;
		assert_true(cap > n && cap <= 10000);
		assert_int_equal(v[n], 0);
		assert_int_equal(v[cap - 1], 0);
		v[n] = (int64_t)n + 1;
		assert_int_equal(v[n / 2], n / 2 + 1);
	}
	assert_in_range(moves, 2, 12);
	/* A jump. */
	v = NULL;
	cap = 0;
	VEC_HOLD(cx.a, v, cap, 1000, 10000);
	assert_in_range(cap, 1000, 2000);
}

static void
more_than_the_maximum_ends_the_process(void **state)
{
	char *v = NULL;
	size_t cap = 0;

	(void)state;
	VEC_HOLD(cx.a, v, cap, 5, 5);
	assert_int_equal(cap, 5);
	assert_aborts(VEC_HOLD(cx.a, v, cap, 6, 5));
	v = NULL;
	cap = 0;
	assert_aborts(VEC_HOLD(cx.a, v, cap, SIZE_MAX, SIZE_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_stay_and_what_is_behind_them_is_zero),
		cmocka_unit_test(more_than_the_maximum_ends_the_process),
	};
	return cmocka_run_group_tests_name("vec", tests, unit_open, unit_close);
}
