/* test_planner.c - what schedules cost, in numbers. */
#include "unit/unit.h"

#include "oauth/consent.h"
#include "access/forecast.h"

static void
a_read_costs_its_calls_and_one_for_each_block(void **state)
{
	(void)state;
	assert_int_equal(forecast_calls(2, 0, 1000000), 2);
	assert_int_equal(forecast_calls(2, 1000, 0), 3);
	assert_int_equal(forecast_calls(2, 1000, 1000), 3);
	assert_int_equal(forecast_calls(2, 1000, 1001), 4);
}

static void
rates_are_rounded_up_so_that_little_is_not_nothing(void **state)
{
	(void)state;
	assert_int_equal(forecast_rate(3, 1), 3000);
	assert_int_equal(forecast_rate(3, 60), 50);
	assert_int_equal(forecast_rate(1, 576000), 1);
	assert_int_equal(forecast_rate(1, 0), 0);
	assert_int_equal(forecast_percent(1, 12000), 1);
	assert_int_equal(forecast_percent(0, 60), 0);
	assert_int_equal(forecast_percent(60000, 60), 100);
	assert_int_equal(forecast_percent(60001, 60), 101);
}

static void
the_shortest_interval_fits_and_a_shorter_one_does_not(void **state)
{
	(void)state;
	for (int64_t calls = 1; calls <= 50; calls++)
		for (int64_t others = 0; others < 20000; others += 1700) {
			int64_t minutes = forecast_shortest(calls, others, 20);
			assert_true(minutes >= 1);
			assert_true(others + forecast_rate(calls, minutes) <= 20000);
			assert_true(
			    minutes == 1 || others + forecast_rate(calls, minutes - 1) > 20000);
		}
	assert_int_equal(forecast_shortest(1, 20000, 20), 0);
	assert_int_equal(forecast_shortest(1, 25000, 20), 0);
	assert_int_equal(forecast_shortest(INT32_MAX, 0, 20), 0);
}

static void
scopes_are_told_in_words(void **state)
{
	(void)state;
	assert_string_equal(
	    consent_words(cx.a,
		"https://www.googleapis.com/auth/spreadsheets.readonly https://www.googleapis.com/"
		"auth/drive.metadata.readonly"),
	    "see your spreadsheets, see the names and dates of your files");
	assert_string_equal(consent_words(cx.a, "https://www.googleapis.com/auth/other"),
	    "https://www.googleapis.com/auth/other");
	assert_string_equal(consent_words(cx.a, ""), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_costs_its_calls_and_one_for_each_block),
		cmocka_unit_test(rates_are_rounded_up_so_that_little_is_not_nothing),
		cmocka_unit_test(the_shortest_interval_fits_and_a_shorter_one_does_not),
		cmocka_unit_test_setup_teardown(scopes_are_told_in_words, unit_open, unit_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
