/* Recurrence rules: what is read, and 10,000 rules at random against python-dateutil. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/recur.h"
#include "base/zone_name.h"

enum { RULES = CASES(10000), SEED = 20261126, LINE_BYTES = 2000, DAY = 86400 };

static int64_t
number(struct str s)
{
	int64_t n = 0;

	if (!str_i64(s, INT64_MIN, INT64_MAX, &n))
		flunk("no number: %.*s", (int)s.n, s.p);
	return n;
}

/* The moments that a line wants, and those that we find. */
static bool
line_agrees(struct arena *a, struct str line)
{
	const char *whole = arena_dup_str(a, line);
	const struct zone *zone = zone_named(a, str_cut(line, '\t', &line));
	const int64_t start = number(str_cut(line, '\t', &line));
	const struct str rule = str_cut(line, '\t', &line);
	int64_t after = number(str_cut(line, '\t', &line)), at;
	const int64_t end = number(str_cut(line, '\t', &line));
	struct recur r;

	assert_non_null(zone);
	if (!recur_read(rule, start, &r))
		flunk("not read: %.*s", (int)rule.n, rule.p);
	for (int i = 0; i < 3; i++) {
		const bool wanted = line.p != NULL;
		const int64_t want = wanted ? number(str_cut(line, '\t', &line)) : 0;

		if (recur_after(&r, zone, after, end, &at) != wanted || (wanted && at != want)) {
			print_error("%s: the %d. differs\n", whole, i + 1);
			return false;
		}
		if (!wanted)
			return true;
		after = at;
	}
	return true;
}

static void
random_rules_come_when_dateutil_says(void **state)
{
	const char *command = arena_printf(
	    cx.a, "tests/oracle/python tests/oracle/recur.py %d %d", (int)SEED, (int)RULES);
	FILE *f = popen(command, "re");
	char line[LINE_BYTES];
	int n = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct arena *a = arena_new("line", 1 << 20, 0);

		n++;
		wrong += !line_agrees(a, str_trim(str_c(line)));
		arena_free(a);
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(n, RULES);
	assert_int_equal(wrong, 0);
}

static int64_t
local(const char *text)
{
	int64_t at;
	bool date, utc;

	if (!recur_time(str_c(text), &at, &date, &utc))
		flunk("no time: %s", text);
	return at;
}

/* Up to five times of a rule from a time on, as days and times of day. */
static void
assert_times(const char *rule, const char *start, const char *from, const char *want)
{
	char have[200] = "";
	struct recur_walk w;
	struct recur r;
	int64_t at;

	if (!recur_read(str_c(rule), local(start), &r))
		flunk("not read: %s", rule);
	recur_begin(&w, &r, local(from));
	for (int i = 0; i < 5 && recur_step(&w, local("22001231T000000"), &at); i++) {
		int year, month, day;

		civil_date(at / DAY, &year, &month, &day);
		snprintf(have + strlen(have), sizeof have - strlen(have), "%s%04d%02d%02dT%02d%02d",
		    i ? " " : "", year, month, day, (int)(at % DAY / 3600), (int)(at / 60 % 60));
		if (at % 60)
			snprintf(have + strlen(have), sizeof have - strlen(have), "%02d",
			    (int)(at % 60));
	}
	if (strcmp(have, want) != 0)
		flunk("%s from %s: %s, wanted %s", rule, from, have, want);
}

/* Of times of the day, too: as dateutil says. */
static void
places_in_a_set_are_counted_in_the_period_of_the_rule(void **state)
{
	static const struct {
		const char *rule, *want;
	} rows[] = {
		{ "FREQ=SECONDLY;BYSECOND=7,9;BYSETPOS=1",
		    "20260105T060507 20260105T060509 20260105T060607 "
		    "20260105T060609 20260105T060707" },
		{ "FREQ=SECONDLY;BYSECOND=7,9;BYSETPOS=-1",
		    "20260105T060507 20260105T060509 20260105T060607 "
		    "20260105T060609 20260105T060707" },
		{ "FREQ=MINUTELY;BYSECOND=0,20,40;BYSETPOS=2",
		    "20260105T060520 20260105T060620 20260105T060720 "
		    "20260105T060820 20260105T060920" },
		{ "FREQ=MINUTELY;BYSECOND=0,20,40;BYSETPOS=-1",
		    "20260105T060540 20260105T060640 20260105T060740 "
		    "20260105T060840 20260105T060940" },
		{ "FREQ=HOURLY;BYMINUTE=5,25,45;BYSECOND=10,50;BYSETPOS=4",
		    "20260105T062550 20260105T072550 20260105T082550 "
		    "20260105T092550 20260105T102550" },
		{ "FREQ=HOURLY;BYMINUTE=5,25,45;BYSECOND=10,50;BYSETPOS=1,-2",
		    "20260105T060510 20260105T064510 20260105T070510 "
		    "20260105T074510 20260105T080510" },
		{ "FREQ=DAILY;BYHOUR=8,12;BYMINUTE=0,30;BYSECOND=0,15;BYSETPOS=3,-1",
		    "20260105T0830 20260105T123015 20260106T0830 20260106T123015 20260107T0830" },
		{ "FREQ=DAILY;BYHOUR=8,12,18;BYMINUTE=0,30;BYSETPOS=4",
		    "20260105T1230 20260106T1230 20260107T1230 20260108T1230 20260109T1230" },
		{ "FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9,17;BYMINUTE=0,10;BYSETPOS=3,6",
		    "20260105T1700 20260108T0910 20260112T1700 20260115T0910 20260119T1700" },
		{ "FREQ=MONTHLY;BYDAY=MO,TU;BYHOUR=6,7;BYSETPOS=-3,2",
		    "20260105T0705 20260126T0705 20260202T0705 20260223T0705 20260302T0705" },
		{ "FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=28,29;BYHOUR=1,2;BYSETPOS=-1,3",
		    "20260328T0105 20260329T0205 20270328T0105 20270329T0205 20280229T0105" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_times(rows[i].rule, "20260105T060500", "20260105T000000", rows[i].want);
}

static void
what_dateutil_has_wrong_is_right_here(void **state)
{
	(void)state;
	/* Each day of the week that is plain, and the first Tuesday. */
	assert_times("FREQ=MONTHLY;BYDAY=SU,1TU", "20260101T090000", "20260101T000000",
	    "20260104T0900 20260106T0900 20260111T0900 20260118T0900 20260125T0900");
	/* The second to last of the whole week, also when the rule begins in its middle. */
	assert_times("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "20261126T090000", "20261126T000000",
	    "20261202T0900 20261209T0900 20261216T0900 20261223T0900 20261230T0900");
	/* The second of January 2050 is a Sunday of 2049's week 52, its last one. */
	assert_times("FREQ=YEARLY;BYWEEKNO=52;BYDAY=SU", "20491220T090000", "20491220T000000",
	    "20500102T0900 20510101T0900 20511231T0900 20521229T0900 20531228T0900");
}

static void
counted_rules_end_wherever_one_begins_to_look(void **state)
{
	(void)state;
	assert_times("FREQ=DAILY;COUNT=3", "20260101T090000", "20200101T000000",
	    "20260101T0900 20260102T0900 20260103T0900");
	assert_times("FREQ=DAILY;COUNT=3", "20260101T090000", "20260103T090000", "20260103T0900");
	assert_times("FREQ=DAILY;COUNT=3", "20260101T090000", "20260103T090001", "");
	assert_times("FREQ=DAILY;UNTIL=20260102T090000", "20260101T090000", "20260101T090001",
	    "20260102T0900");
	assert_times(
	    "FREQ=DAILY;UNTIL=20260103", "20260101T090000", "20260102T000000", "20260102T0900");
}

static void
a_start_before_1970_is_as_good(void **state)
{
	(void)state;
	assert_times("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "16010101T020000", "19951001T000000",
	    "19951029T0200 19961027T0200 19971026T0200 19981025T0200 19991031T0200");
	assert_times("FREQ=WEEKLY;INTERVAL=2", "19631122T123000", "19700101T000000",
	    "19700109T1230 19700123T1230 19700206T1230 19700220T1230 19700306T1230");
	assert_times("FREQ=HOURLY;INTERVAL=5", "19691231T200000", "19691231T210000",
	    "19700101T0100 19700101T0600 19700101T1100 19700101T1600 19700101T2100");
}

static void
what_is_no_rule_is_refused(void **state)
{
	static const char *const bad[] = { "", ";", "FREQ", "FREQ=", "FREQ=NEVER", "BYDAY=MO",
		"FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;NONSENSE=1", "FREQ=DAILY;INTERVAL=0",
		"FREQ=DAILY;INTERVAL=1000001", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=1000001",
		"FREQ=DAILY;BYHOUR=24", "FREQ=DAILY;BYHOUR=-1", "FREQ=DAILY;BYHOUR=1,",
		"FREQ=DAILY;BYMINUTE=60", "FREQ=DAILY;BYSECOND=61", "FREQ=DAILY;BYMONTH=0",
		"FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTHDAY=0", "FREQ=DAILY;BYMONTHDAY=32",
		"FREQ=DAILY;BYMONTHDAY=-32", "FREQ=YEARLY;BYYEARDAY=367", "FREQ=YEARLY;BYWEEKNO=54",
		"FREQ=YEARLY;BYWEEKNO=0", "FREQ=YEARLY;BYSETPOS=367;BYDAY=MO",
		"FREQ=YEARLY;BYDAY=", "FREQ=YEARLY;BYDAY=XX", "FREQ=YEARLY;BYDAY=0MO",
		"FREQ=YEARLY;BYDAY=54MO", "FREQ=WEEKLY;WKST=1", "FREQ=DAILY;UNTIL=2026",
		"FREQ=DAILY;UNTIL=20260230", "FREQ=DAILY;UNTIL=20260101T250000",
		"FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYWEEKNO=3", "FREQ=MONTHLY;BYYEARDAY=3",
		"FREQ=WEEKLY;BYYEARDAY=3", "FREQ=HOURLY;BYDAY=-1MO",
		"FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO" };
	static const char *const good[] = { "FREQ=DAILY;", "freq=daily;interval=1000000",
		"FREQ=DAILY;COUNT=1000000", "FREQ=DAILY;BYHOUR=0,23;BYMINUTE=0,59;BYSECOND=0,60",
		"FREQ=YEARLY;BYMONTHDAY=31,-31;BYYEARDAY=366,-366;BYSETPOS=-366",
		"FREQ=YEARLY;BYWEEKNO=53,-53", "FREQ=YEARLY;BYDAY=+53MO,-53TU",
		"FREQ=DAILY;UNTIL=20260101;WKST=SU" };
	struct recur r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (recur_read(str_c(bad[i]), 0, &r))
			flunk("taken: %s", bad[i]);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!recur_read(str_c(good[i]), 0, &r))
			flunk("refused: %s", good[i]);
}

/* More numbers than there is room for, of a rule that anybody may write. */
static void
a_list_without_end_is_refused(void **state)
{
	struct buf *b = buf_in(cx.a, 10000);
	struct recur r;

	(void)state;
	buf_str(b, "FREQ=DAILY;BYMONTHDAY=1");
	for (int i = 1; i < RECUR_LIST_MAX; i++)
		buf_str(b, ",2");
	assert_true(recur_read(buf_s(b), 0, &r));
	buf_str(b, ",2");
	assert_false(recur_read(buf_s(b), 0, &r));
}

static void
rules_that_never_come_end(void **state)
{
	static const char *const never[] = { "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
		"FREQ=MINUTELY;INTERVAL=90;BYMINUTE=1", "FREQ=HOURLY;INTERVAL=4;BYHOUR=1",
		"FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=YEARLY;INTERVAL=1000000;BYMONTH=1;BYMONTHDAY=-31;BYDAY=MO" };

	(void)state;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_times(never[i], "20260101T000000", "20260101T000001", "");
	/* Without an end too: where years end. */
	struct recur_walk w;
	struct recur r;
	int64_t at;

	assert_true(recur_read(str_c(never[1]), 0, &r));
	recur_begin(&w, &r, 0);
	assert_false(recur_step(&w, INT64_MAX, &at));
}

static void
what_a_change_skips_comes_later_and_what_it_repeats_once(void **state)
{
	static const struct {
		const char *zone, *rule, *after, *want; /* after, want: UTC */
	} cases[] = {
		{ "Europe/Berlin", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "20260328T120000",
		    "20260329T013000" },
		{ "America/Santiago", "FREQ=DAILY;BYHOUR=0;BYMINUTE=10", "20260905T120000",
		    "20260906T041000" },
		{ "Europe/Berlin", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "20261024T120000",
		    "20261025T003000" },
		{ "Europe/Berlin", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "20261025T003000",
		    "20261026T013000" },
		/* What is skipped at 02:30 comes at 03:30, behind what comes at 03:00. */
		{ "Europe/Berlin", "FREQ=MINUTELY;INTERVAL=30", "20260329T003000",
		    "20260329T010000" },
		{ "Europe/Berlin", "FREQ=MINUTELY;INTERVAL=30", "20260329T010000",
		    "20260329T013000" },
		{ "Europe/Berlin", "FREQ=MINUTELY;INTERVAL=30", "20260329T013000",
		    "20260329T020000" },
		/* A day that Samoa left out. */
		{ "Pacific/Apia", "FREQ=DAILY;BYHOUR=12", "20111229T230000", "20111230T220000" },
	};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct zone *z = zone_system(cx.a, str_c(cases[i].zone));
		struct recur r;

		assert_true(recur_read(str_c(cases[i].rule), local("20000101T000000"), &r));
		assert_true(recur_after(&r, z, local(cases[i].after), INT64_MAX, &at));
		if (at != local(cases[i].want))
			flunk("case %d: off by %lld s", (int)i,
			    (long long)(at - local(cases[i].want)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_rules_come_when_dateutil_says),
		cmocka_unit_test(places_in_a_set_are_counted_in_the_period_of_the_rule),
		cmocka_unit_test(what_dateutil_has_wrong_is_right_here),
		cmocka_unit_test(counted_rules_end_wherever_one_begins_to_look),
		cmocka_unit_test(a_start_before_1970_is_as_good),
		cmocka_unit_test(what_is_no_rule_is_refused),
		cmocka_unit_test(a_list_without_end_is_refused),
		cmocka_unit_test(rules_that_never_come_end),
		cmocka_unit_test(what_a_change_skips_comes_later_and_what_it_repeats_once),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
