/* How far a service's clock is ahead, by the times of its answers. */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/rand.h"
#include "base/skew.h"

#define NOW INT64_C(1790000000000)

/* What an answer bears whose service's clock is so far ahead: whole seconds, told at some time
 * between the request and the answer. */
static struct skew_sample
answer_of(int64_t ahead, int64_t heard, int64_t took, int64_t told)
{
	int64_t date = (told + ahead) / SECOND_MS * SECOND_MS;

	return skew_sample(date, heard, took);
}

/* Answers at all times of a second, of all durations. */
static struct skew
answers(int64_t ahead, size_t n)
{
	struct skew s = { 0 };

	for (size_t i = 0; i < n; i++) {
		int64_t heard = NOW + (int64_t)rand_below(HOUR_MS);
		int64_t took = (int64_t)rand_below(900);

		skew_add(&s,
		    answer_of(ahead, heard, took, heard - (int64_t)rand_below((uint64_t)took + 1)));
	}
	return s;
}

static void
assert_allows(const struct skew *s, int64_t ahead)
{
	struct skew_sample is = skew_of(s);

	assert_in_range(is.within_ms, 0, 1000);
	assert_true(is.ahead_ms - is.within_ms <= ahead && ahead <= is.ahead_ms + is.within_ms);
}

static void
a_clock_is_measured_to_the_second_or_better(void **state)
{
	const int64_t clocks[] = { 0, 10 * MINUTE_MS, -10 * MINUTE_MS, 1, -1, 499, 23 * HOUR_MS };

	(void)state;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
		for (int round = 0; round < 200; round++)
			for (size_t n = SKEW_ENOUGH; n <= SKEW_KEPT; n++) {
				struct skew s = answers(clocks[i], n);

				assert_allows(&s, clocks[i]);
			}
}

static void
one_odd_answer_changes_nothing(void **state)
{
	const int64_t odd[] = { -DAY_MS, -5000, 5000, HOUR_MS, 400 * DAY_MS };

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		for (size_t n = SKEW_ENOUGH; n <= SKEW_KEPT + 2; n++)
			for (size_t at = 0; at < n; at++) {
				struct skew s = { 0 };

				for (size_t k = 0; k < n; k++)
					skew_add(
					    &s, answer_of(k == at ? odd[i] : 600000, NOW, 40, NOW));
				assert_allows(&s, 600000);
			}
}

static void
a_clock_that_is_set_right_is_believed_after_three_answers(void **state)
{
	struct skew s = answers(600000, SKEW_KEPT);
	int n = 0;

	(void)state;
	while (skew_of(&s).ahead_ms > 1000) {
		struct skew_sample one = answer_of(0, NOW, 10, NOW);

		assert_true(skew_news(&s, one));
		skew_add(&s, one);
		n++;
	}
	assert_int_equal(n, 3);
	assert_false(skew_news(&s, answer_of(0, NOW, 10, NOW)));
}

static void
few_answers_and_such_as_disagree_decide_nothing(void **state)
{
	struct skew s = { 0 };

	(void)state;
	assert_int_equal(skew_of(&s).ahead_ms, 0);
	assert_int_equal(skew_of(&s).within_ms, 0);
	skew_add(&s, answer_of(600000, NOW, 10, NOW));
	assert_int_equal(skew_of(&s).ahead_ms, 0);
	assert_in_range(skew_of(&s).within_ms, 600000, 602000);
	skew_add(&s, answer_of(-700000, NOW, 10, NOW));
	assert_in_range(skew_of(&s).within_ms, 700000, 702000);
	/* Three front ends with three clocks. */
	skew_add(&s, answer_of(30000, NOW, 10, NOW));
	assert_int_equal(skew_of(&s).ahead_ms, 0);
	assert_in_range(skew_of(&s).within_ms, 700000, 702000);
}

static void
a_slow_answer_says_less_and_a_clock_beyond_a_day_nothing(void **state)
{
	struct skew s = { 0 };
	struct skew_sample slow = answer_of(0, NOW, 40000, NOW - 39000);

	(void)state;
	assert_in_range(slow.within_ms, 20000, 21000);
	skew_add(&s, slow);
	skew_add(&s, answer_of(0, NOW, 30, NOW - 10));
	skew_add(&s, answer_of(0, NOW, 30, NOW - 10));
	assert_allows(&s, 0);
	s = answers(2 * DAY_MS, SKEW_KEPT);
	assert_int_equal(skew_of(&s).ahead_ms, 0);
	assert_int_equal(skew_of(&s).within_ms, INT64_MAX);
	/* And it is no news each time. */
	assert_false(skew_news(&s, s.v[0]));
}

static void
what_is_stored_is_read_again(void **state)
{
	struct skew s = answers(-600000, SKEW_KEPT), out;

	(void)state;
	skew_read(skew_json(cx.a, &s), &out);
	assert_int_equal(out.n, s.n);
	assert_memory_equal(out.v, s.v, sizeof s.v);
	skew_read(NULL, &out);
	assert_int_equal(out.n, 0);
	skew_read(json_new(cx.a), &out);
	assert_int_equal(out.n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clock_is_measured_to_the_second_or_better),
		TEST(one_odd_answer_changes_nothing),
		TEST(a_clock_that_is_set_right_is_believed_after_three_answers),
		TEST(few_answers_and_such_as_disagree_decide_nothing),
		TEST(a_slow_answer_says_less_and_a_clock_beyond_a_day_nothing),
		TEST(what_is_stored_is_read_again),
	};

	return cmocka_run_group_tests_name("skew", tests, NULL, NULL);
}
