/* Times in words and back. */
#include "unit/unit.h"

#include "base/clock.h"

static void
texts_of_known_moments(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} known[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 951782399999, "2000-02-28T23:59:59Z" },
		{ 951782400000, "2000-02-29T00:00:00Z" },
		{ 4107542400000, "2100-03-01T00:00:00Z" },
		{ 1795170600123, "2026-11-20T10:30:00Z" },
		{ 253402300799000, "9999-12-31T23:59:59Z" },
		{ INT64_MAX, "9999-12-31T23:59:59Z" },
		{ INT64_MIN, "1970-01-01T00:00:00Z" },
	};
	char out[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		assert_string_equal(clock_text(known[i].ms, out), known[i].text);
	assert_string_equal(clock_http(784111777000, out), "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
what_is_written_can_be_read(void **state)
{
	char out[CLOCK_TEXT];
	int64_t back;

	(void)state;
	/* A step that is prime to days, so that all hours and all days of leap years and
	 * centuries are met. */
	for (int64_t ms = 0; ms < INT64_C(253402300799000); ms += INT64_C(86399999) * 13) {
		assert_true(clock_parse(str_c(clock_text(ms, out)), &back));
		assert_true(back == ms / 1000 * 1000);
	}
}

static void
offsets_and_fractions_are_read(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(clock_parse(STR("2026-11-20T12:00:00.25+01:30"), &ms));
	assert_true(ms == INT64_C(1795170600250));
	assert_true(clock_parse(STR("2026-11-20T08:30:00-02:00"), &ms));
	assert_true(ms == INT64_C(1795170600000));
	assert_true(clock_parse(STR("2026-11-20t10:30:00.123456789z"), &ms));
	assert_true(ms == INT64_C(1795170600123));
	assert_true(clock_parse(STR("2016-12-31T23:59:60Z"), &ms));
	assert_true(ms == INT64_C(1483228800000));
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-11-20",
		"2026-11-20T10:30Z",
		"2026-11-20T10:30:00",
		"2026-11-20 10:30:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z",
		"2026-01-01T00:00:00.Z",
		"2026-01-01T00:00:00+24:00",
		"2026-01-01T00:00:00+0100",
		"2026-01-01T00:00:00+01:60",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"-026-01-01T00:00:00Z",
		"2026-01-01T00:00:00Zx",
		"02026-01-01T00:00:00Z",
		"2026-1-01T00:00:00Z",
	};
	int64_t ms = 5;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (clock_parse(str_c(bad[i]), &ms))
			flunk("accepted: %s", bad[i]);
		assert_int_equal(ms, 5);
	}
}

static void
a_fake_clock_goes_on_from_its_base(void **state)
{
	int64_t real = clock_ms(), mono = clock_mono_ms(), got;

	(void)state;
	assert_true(real > INT64_C(1577836800000));
	clock_fake(INT64_C(1795170600000));
	clock_sleep_ms(2);
	got = clock_ms();
	assert_true(got >= INT64_C(1795170600002) && got < INT64_C(1795170600000) + MINUTE_MS);
	assert_true(clock_mono_ms() >= mono + 2);
	clock_fake(0);
	assert_true(clock_ms() >= real);
}

#ifdef TIDEMARK_STEPS
static void
a_stepped_clock_moves_when_it_is_told_to(void **state)
{
	const int64_t noon = INT64_C(1795170600000);
	int64_t mono;

	(void)state;
	clock_step_to(noon);
	mono = clock_mono_ms();
	assert_true(clock_ms() == noon && clock_mono_ms() == mono);
	clock_sleep_ms(3 * DAY_MS);
	assert_true(clock_ms() == noon + 3 * DAY_MS && clock_mono_ms() == mono + 3 * DAY_MS);
	clock_step_by(250);
	assert_true(clock_ms() == noon + 3 * DAY_MS + 250);
	/* Somebody sets the wall clock back: durations do not notice. */
	clock_step_to(noon - HOUR_MS);
	assert_true(clock_ms() == noon - HOUR_MS);
	assert_true(clock_mono_ms() == mono + 3 * DAY_MS + 250);
	clock_fake(0);
	assert_true(clock_ms() != noon - HOUR_MS && clock_mono_ms() < mono + MINUTE_MS);
	/* Stepping begins at the time that it is. */
	mono = clock_ms();
	clock_step_by(5);
	assert_in_range(clock_ms() - mono, 5, MINUTE_MS);
	clock_fake(0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_known_moments),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(offsets_and_fractions_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_fake_clock_goes_on_from_its_base),
#ifdef TIDEMARK_STEPS
		cmocka_unit_test(a_stepped_clock_moves_when_it_is_told_to),
#endif
	};
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
