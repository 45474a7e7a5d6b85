/* Recurrence rules in plain words: what can be said so is read and written again as the same, and
 * what cannot is left alone. */
#include "unit/unit.h"

#include "base/zone_name.h"
#include "event/rule.h"

/* A Thursday: the fourth and the last one of its month. */
static struct when
start_of(const char *text)
{
	struct when w;

	assert_true(when_read(str_c(text), zone_system(cx.a, STR("Europe/Berlin")), &w));
	return w;
}

static void
plain_rules_are_told_in_words_and_written_again(void **state)
{
	static const struct {
		const char *start, *line, *words, *again; /* NULL: as the line */
	} rows[] = {
		{ "2026-11-26T10:00:00", "RRULE:FREQ=DAILY", "Every day", NULL },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=WEEKLY;BYDAY=TH", "Every week on Thursday",
		    "RRULE:FREQ=WEEKLY" },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH,SU",
		    "Every 2 weeks on Monday, Thursday and Sunday", NULL },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10",
		    "Every week on working days, 10 times", NULL },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=MONTHLY;BYMONTHDAY=26",
		    "Every month on day 26", "RRULE:FREQ=MONTHLY" },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=MONTHLY;BYDAY=4TH",
		    "Every month on the fourth Thursday", NULL },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=MONTHLY;BYDAY=-1TH",
		    "Every month on the last Thursday", NULL },
		{ "2026-11-26", "RRULE:FREQ=YEARLY;UNTIL=20301231",
		    "Every year on 26 November, until 31 December 2030", NULL },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=DAILY;UNTIL=20261205T225959Z",
		    "Every day, until 5 December 2026", NULL },
		{ "2026-11-26T23:30:00", "RRULE:FREQ=DAILY;UNTIL=20261204T223000Z",
		    "Every day, until 4 December 2026", "RRULE:FREQ=DAILY;UNTIL=20261204T225959Z" },
		/* As a series ends that was split at 3 and at 4 December. */
		{ "2026-11-26T10:00:00", "RRULE:FREQ=WEEKLY;UNTIL=20261203T085959Z",
		    "Every week on Thursday, until 2 December 2026",
		    "RRULE:FREQ=WEEKLY;UNTIL=20261202T225959Z" },
		{ "2026-11-26T10:00:00", "RRULE:FREQ=WEEKLY;UNTIL=20261203T090000Z",
		    "Every week on Thursday, until 3 December 2026",
		    "RRULE:FREQ=WEEKLY;UNTIL=20261203T225959Z" },
		{ "2026-11-26", "RRULE:FREQ=DAILY;UNTIL=20261203T235959Z",
		    "Every day, until 3 December 2026", "RRULE:FREQ=DAILY;UNTIL=20261203" },
		{ "2026-11-26T10:00:00", "rrule:freq=weekly;wkst=SU;count=1",
		    "Every week on Thursday, 1 time", "RRULE:FREQ=WEEKLY;COUNT=1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct when start = start_of(rows[i].start);
		const char *again;
		struct rule r, s;

		if (!rule_read(rows[i].line, &start, &r))
			flunk("not plain: %s", rows[i].line);
		assert_string_equal(rule_words(cx.a, &r, &start), rows[i].words);
		again = rule_line(cx.a, &r, &start);
		assert_string_equal(again, rows[i].again ? rows[i].again : rows[i].line);
		assert_true(rule_read(again, &start, &s));
		assert_string_equal(rule_words(cx.a, &s, &start), rows[i].words);
		assert_string_equal(rule_line(cx.a, &s, &start), again);
	}
}

static void
other_rules_are_not_taken_for_plain_ones(void **state)
{
	static const char *const lines[] = {
		"EXDATE:20261126T090000Z",
		"RRULE:FREQ=HOURLY",
		"RRULE:FREQ=MONTHLY;BYMONTHDAY=25",
		"RRULE:FREQ=MONTHLY;BYMONTHDAY=26,27",
		"RRULE:FREQ=MONTHLY;BYDAY=3TH",
		"RRULE:FREQ=MONTHLY;BYDAY=4FR",
		"RRULE:FREQ=MONTHLY;BYDAY=TH",
		"RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"RRULE:FREQ=YEARLY;BYMONTH=5",
		"RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU",
		"RRULE:FREQ=DAILY;BYHOUR=9,17",
		"RRULE:FREQ=DAILY;COUNT=3;UNTIL=20301231",
		"RRULE:FREQ=DAILY;COUNT=1000000",
		"RRULE:FREQ=DAILY;X",
		"RRULE:",
		"FREQ=DAILY",
	};
	const struct when start = start_of("2026-11-26T10:00:00");
	struct rule r;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (rule_read(lines[i], &start, &r))
			flunk("taken: %s", lines[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    plain_rules_are_told_in_words_and_written_again, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    other_rules_are_not_taken_for_plain_ones, unit_open, unit_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
