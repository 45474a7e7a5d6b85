/* Recurrence rules: wall-clock time, rhythm, refusals. */
#include "unit/unit.h"

#include <time.h>

#include "base/clock.h"
#include "queue/sched.h"

static int64_t
ms(const char *text)
{
	int64_t at;

	assert_true(clock_parse(str_c(text), &at));
	return at;
}

static const char *
next(const char *rule, const char *zone, const char *after, int64_t *gap)
{
	int64_t at, minutes;
	enum rc rc = rrule_next(&cx, rule, zone, ms(after), &at, &minutes);

	if (rc != RC_OK)
		flunk("%s: %s", rule, cx.err.detail);
	assert_true(at > ms(after));
	if (gap)
		*gap = minutes;
	return clock_text(at, arena_alloc(cx.a, CLOCK_TEXT));
}

static void
assert_next(const char *rule, const char *zone, const char *after, const char *want)
{
	const char *got = next(rule, zone, after, NULL);

	if (strcmp(got, want))
		flunk("%s in %s after %s: %s, wanted %s", rule, zone ? zone : "UTC", after, got,
		    want);
}

static void
nine_o_clock_stays_nine_o_clock_when_the_clocks_change(void **state)
{
	const char *rule = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0";

	(void)state;
	assert_next(rule, "Europe/Paris", "2026-10-12T12:00:00Z", "2026-10-19T07:00:00Z");
	assert_next(rule, "Europe/Paris", "2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z");
	assert_next(rule, "Europe/Paris", "2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z");
	assert_next(rule, "America/New_York", "2026-10-26T13:00:00Z", "2026-11-02T14:00:00Z");
	assert_next(rule, "Asia/Kolkata", "2026-10-26T03:30:00Z", "2026-11-02T03:30:00Z");
	assert_next(
	    "RRULE:FREQ=DAILY;BYHOUR=6", NULL, "2026-10-24T07:00:00Z", "2026-10-25T06:00:00Z");
}

static void
a_time_that_the_change_skips_or_repeats_comes_once_that_day(void **state)
{
	const char *rule = "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", *at = "2026-03-27T12:00:00Z";
	char day[11] = "";

	(void)state;
	for (int i = 0; i < 4; i++) {
		at = next(rule, "Europe/Berlin", at, NULL);
		assert_int_not_equal(strncmp(day, at, 10), 0);
		memcpy(day, at, 10);
	}
	assert_string_equal(at, "2026-03-31T00:30:00Z");
	at = "2026-10-23T12:00:00Z";
	for (int i = 0; i < 4; i++)
		at = next(rule, "Europe/Berlin", at, NULL);
	assert_string_equal(at, "2026-10-27T01:30:00Z");
}

static void
business_hours_have_an_hour_as_their_usual_gap(void **state)
{
	const char *rule = "FREQ=HOURLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,10,11,12,13,14,15,16,17";
	int64_t gap;

	(void)state;
	assert_string_equal(
	    next(rule, "Europe/Berlin", "2026-11-20T16:00:00Z", &gap), "2026-11-23T08:00:00Z");
	assert_int_equal(gap, 60);
	assert_string_equal(
	    next("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7", "UTC", "2026-11-20T16:00:00Z", &gap),
	    "2026-11-23T07:00:00Z");
	assert_int_equal(gap, 24 * 60);
	(void)next("FREQ=MINUTELY;INTERVAL=5", "UTC", "2026-11-20T16:01:00Z", &gap);
	assert_int_equal(gap, 5);
	(void)next(
	    "FREQ=YEARLY;INTERVAL=3;BYMONTH=5;BYMONTHDAY=1", "UTC", "2026-11-20T16:01:00Z", &gap);
	assert_int_equal(gap, 576000);
}

static void
the_rhythm_does_not_depend_on_when_it_is_asked(void **state)
{
	static const char *const rules[] = { "FREQ=DAILY;INTERVAL=3;BYHOUR=4",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA", "FREQ=HOURLY;INTERVAL=7",
		"FREQ=MINUTELY;INTERVAL=11", "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=12",
		"FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=HOURLY;INTERVAL=5;BYDAY=WE", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"FREQ=DAILY;BYMONTH=3;BYMONTHDAY=28,29,30",
		"FREQ=HOURLY;INTERVAL=9;BYMONTHDAY=-1,-2",
		"FREQ=MINUTELY;INTERVAL=400;BYYEARDAY=-1,1,200" };

	(void)state;
	for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
		int64_t at = ms("2026-01-01T00:00:00Z"), then, gap;

		for (int i = 0; i < 40; i++) {
			int64_t from = at;

			assert_int_equal(
			    rrule_next(&cx, rules[r], "Europe/Paris", from, &at, &gap), RC_OK);
			/* Asked again at moments in between, the answer is the same. */
			for (int k = 1; k < 5; k++) {
				assert_int_equal(rrule_next(&cx, rules[r], "Europe/Paris",
						     from + (at - from) / 5 * k, &then, &gap),
				    RC_OK);
				if (then != at)
					flunk("%s, time %d", rules[r], i);
			}
		}
		arena_reset(cx.a);
	}
}

static void
a_start_of_its_own_is_the_beginning(void **state)
{
	(void)state;
	assert_next("DTSTART:20270105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=2", "Europe/Paris",
	    "2026-11-20T00:00:00Z", "2027-01-05T07:30:00Z");
	assert_next("DTSTART:20270105T083000\r\nRRULE:FREQ=WEEKLY;INTERVAL=2", "Europe/Paris",
	    "2027-01-05T07:30:00Z", "2027-01-19T07:30:00Z");
	assert_next("DTSTART;TZID=America/New_York:20270105T083000\nFREQ=DAILY", NULL,
	    "2027-02-01T00:00:00Z", "2027-02-01T13:30:00Z");
	assert_next("DTSTART:20270105T083000Z\nFREQ=DAILY", "Europe/Paris", "2027-02-01T00:00:00Z",
	    "2027-02-01T08:30:00Z");
	assert_next("DTSTART;VALUE=DATE:20270105\nFREQ=DAILY;UNTIL=20270107T000000", "UTC",
	    "2027-01-06T00:00:00Z", "2027-01-07T00:00:00Z");
}

static void
rules_that_cannot_be_a_schedule_are_refused_with_a_sentence(void **state)
{
	static const char *const rules[] = { "", "hello", "BYDAY=MO", "INTERVAL=2", "FREQ=SECONDLY",
		"FREQ=MINUTELY;BYSECOND=0,30", "FREQ=DAILY;COUNT=3", "FREQ=HOURLY;BYDAY=-1MO",
		"FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYWEEKNO=3",

		"FREQ=DAILY;UNTIL=20210101T000000Z", "FREQ=DAILY;BYHOUR=25",
		"FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY\nFREQ=DAILY",
		"DTSTART:20270105T083000", "DTSTART:yesterday\nFREQ=DAILY", "FREQ=DAILY;NONSENSE=1",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "DTSTART\nFREQ=DAILY",
		"DTSTART:20270105T083000\nDTSTART:20270105T083000\nFREQ=DAILY",
		"DTSTART;TZID=Mars/Base:20270105T083000\nFREQ=DAILY" };
	int64_t at, gap;

	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		cx.err = (struct err){ 0 };
		if (rrule_next(&cx, rules[i], NULL, ms("2026-11-20T10:00:00Z"), &at, &gap) == RC_OK)
			flunk("accepted: %s", rules[i]);
		assert_int_equal(cx.err.kind, E_INPUT);
		assert_true(strlen(cx.err.detail) > 20);
	}
	assert_int_equal(
	    rrule_next(&cx, "FREQ=DAILY", "Mars/Olympus", ms("2026-11-20T10:00:00Z"), &at, &gap),
	    RC_INVALID);
	assert_non_null(strstr(cx.err.detail, "Mars/Olympus"));
	assert_int_equal(rrule_next(&cx, "FREQ=DAILY", "../../etc/passwd",
			     ms("2026-11-20T10:00:00Z"), &at, &gap),
	    RC_INVALID);
}

static void
rules_that_hardly_ever_match_are_answered_at_once(void **state)
{
	static const char *const rules[] = { "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
		"FREQ=HOURLY;BYYEARDAY=366;INTERVAL=5", "FREQ=MINUTELY;BYMONTH=4;BYMONTHDAY=31",
		"FREQ=MINUTELY", "FREQ=MINUTELY;BYDAY=SU;BYHOUR=3;BYMINUTE=1",
		"FREQ=MINUTELY;BYMONTHDAY=-20", "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29" };
	int64_t began = clock_mono_ms(), at, gap;

	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rrule_next(&cx, rules[i], "Europe/Paris", ms("2026-11-20T10:00:00Z"), &at,
			&gap) == RC_OK)
			assert_true(at > ms("2026-11-20T10:00:00Z"));
	/* Walked from the fixed day on, each of them would take many seconds. */
	assert_true(clock_mono_ms() - began < 8000);
}

/* The C library's own idea of local time, over years and zones. */
static void
zones_agree_with_the_system(void **state)
{
	static const char *const zones[] = { "Europe/Paris", "America/Los_Angeles",
		"Australia/Sydney", "Africa/Casablanca", "Asia/Kathmandu", "America/Havana" };
	int64_t at, gap;

	(void)state;
	for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
		assert_int_equal(setenv("TZ", zones[z], 1), 0);
		tzset();
		at = ms("2026-01-01T00:00:00Z");
		for (int i = 0; i < 120; i++) {
			struct tm tm;
			time_t t;

			assert_int_equal(
			    rrule_next(&cx, "FREQ=DAILY;INTERVAL=9;BYHOUR=12;BYMINUTE=5", zones[z],
				at, &at, &gap),
			    RC_OK);
			t = (time_t)(at / 1000);
			localtime_r(&t, &tm);
			if (tm.tm_hour != 12 || tm.tm_min != 5 || tm.tm_sec != 0)
				flunk("%s: %02d:%02d", zones[z], tm.tm_hour, tm.tm_min);
		}
	}
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nine_o_clock_stays_nine_o_clock_when_the_clocks_change),
		cmocka_unit_test(a_time_that_the_change_skips_or_repeats_comes_once_that_day),
		cmocka_unit_test(business_hours_have_an_hour_as_their_usual_gap),
		cmocka_unit_test(the_rhythm_does_not_depend_on_when_it_is_asked),
		cmocka_unit_test(a_start_of_its_own_is_the_beginning),
		cmocka_unit_test(rules_that_cannot_be_a_schedule_are_refused_with_a_sentence),
		cmocka_unit_test(rules_that_hardly_ever_match_are_answered_at_once),
		cmocka_unit_test(zones_agree_with_the_system),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
