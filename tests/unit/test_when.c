/* Times of events as they are written and read, and the names of places in a series. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/zone_name.h"
#include "event/occur.h"
#include "event/rules.h"
#include "event/series.h"
#include "event/when.h"

static const struct zone *
berlin(void)
{
	return zone_named(cx.a, STR("Europe/Berlin"));
}

static void
what_is_a_time_is_read_and_written_in_one_form(void **state)
{
	static const struct {
		const char *text;
		bool zone; /* Berlin's */
		const char *again;
	} rows[] = {
		{ "2024-02-29", false, "2024-02-29" },
		{ "0001-01-01", false, "0001-01-01" },
		{ "9999-12-31", true, "9999-12-31" },
		{ "2026-10-05T10:00:00", false, "2026-10-05T10:00:00" },
		{ "2026-10-05t00:00:00z", false, "2026-10-05T00:00:00Z" },
		{ "2026-10-05T23:59:59.999Z", false, "2026-10-05T23:59:59Z" },
		{ "2026-10-05T10:00:00.", false, "2026-10-05T10:00:00" },
		{ "2026-10-05T10:00:00-23:59", false, "2026-10-06T09:59:00Z" },
		{ "2026-10-05T10:00:00", true, "2026-10-05T10:00:00+02:00" },
		{ "2026-10-05T10:00:00Z", true, "2026-10-05T12:00:00+02:00" },
		{ "1969-12-31T23:59:59", false, "1969-12-31T23:59:59" },
		/* An hour that the clock skips. */
		{ "2026-03-29T02:30:00", true, "2026-03-29T03:30:00+02:00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct when w;

		if (!when_read(str_c(rows[i].text), rows[i].zone ? berlin() : NULL, &w))
			flunk("%s is no time", rows[i].text);
		assert_string_equal(when_text(cx.a, &w), rows[i].again);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const texts[] = { "", "2026-10-0", "0000-01-01", "2026-00-01",
		"2026-13-01", "2026-01-00", "2026-01-32", "2026-02-29", "2100-02-29", "2026/10/05",
		"2026-10/05", "x026-10-05", "2026-x0-05", "2026-10-x5", "-026-10-05", "2026-10-05T",
		"2026-10-05T10:00", "2026-10-05 10:00:00", "2026-10-05T24:00:00",
		"2026-10-05T10:60:00", "2026-10-05T10:00:60", "2026-10-05T1x:00:00",
		"2026-10-05T10:x0:00", "2026-10-05T10:00:0x", "2026-10-05T10.00:00",
		"2026-10-05T10:00.00", "2026-10-05T10:00:00+2", "2026-10-05T10:00:00+0200",
		"2026-10-05T10:00:00+24:00", "2026-10-05T10:00:00+02:60",
		"2026-10-05T10:00:00+x2:00", "2026-10-05T10:00:00+02:x0",
		"2026-10-05T10:00:00*02:00", "2026-10-05T10:00:00+02-00", "2026-10-05T10:00:00Y",
		"2026-10-05T10:00:00.5x" };
	struct when w;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (when_read(str_c(texts[i]), NULL, &w))
			flunk("%s is a time: %s", texts[i], when_text(cx.a, &w));
}

static void
a_place_of_a_series_is_of_the_series_kind(void **state)
{
	static const struct {
		const char *like, *slot, *again; /* NULL: it is no place there */
	} rows[] = {
		{ "2026-10-05", "20261012", "20261012" },
		{ "2026-10-05", "2026-10-12", "20261012" },
		{ "2026-10-05", "20261012T080000Z", NULL },
		{ "2026-10-05", "2026-10-12T08:00:00", NULL },
		{ "2026-10-05T10:00:00", "20261012T100000", "20261012T100000" },
		{ "2026-10-05T10:00:00", "20261012T100000Z", NULL },
		{ "2026-10-05T10:00:00", "20261012", NULL },
		{ "2026-10-05T10:00:00Z", "20261012T100000Z", "20261012T100000Z" },
		{ "2026-10-05T10:00:00Z", "2026-10-12T12:00:00+02:00", "20261012T100000Z" },
		{ "2026-10-05T10:00:00Z", "20261012T100000", NULL },
		{ "2026-10-05T10:00:00Z", "20261012T100000X", NULL },
		{ "2026-10-05T10:00:00Z", "20261012X100000Z", NULL },
		{ "2026-10-05T10:00:00Z", "20261012T250000Z", NULL },
		{ "2026-10-05T10:00:00Z", "20261312T100000Z", NULL },
		{ "2026-10-05T10:00:00Z", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct when like, slot;
		bool ok;

		assert_true(when_read(str_c(rows[i].like), NULL, &like));
		ok = when_slot_read(str_c(rows[i].slot), &like, &slot);
		if (ok != (rows[i].again != NULL))
			flunk("%s in a series of %s", rows[i].slot, rows[i].like);
		if (ok)
			assert_string_equal(when_slot(cx.a, &slot), rows[i].again);
	}
}

static void
years_that_cannot_be_told_everywhere_do_not_fit(void **state)
{
	static const struct {
		const char *text;
		bool fits;
	} rows[] = {
		{ "0001-01-01", true },
		{ "9999-12-31", true },
		{ "0001-01-01T23:59:59Z", false },
		{ "0001-01-02T00:00:00Z", true },
		{ "9999-12-30T23:59:59", true },
		{ "9999-12-31T00:00:00", false },
	};
	struct when w;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(when_read(str_c(rows[i].text), NULL, &w));
		if (when_fits(&w) != rows[i].fits)
			flunk("%s", rows[i].text);
	}
}

static const char *
wrong(const char *start, const char *lines)
{
	struct when w;

	assert_true(when_read(str_c(start), strlen(start) == 19 ? berlin() : NULL, &w));
	return series_wrong(cx.a, json_stored(cx.a, lines), &w);
}

static void
lines_of_a_recurrence_are_judged_by_the_start(void **state)
{
	static const char day[] = "2026-10-05", at[] = "2026-10-05T10:00:00";
	static const struct {
		const char *start, *lines, *says; /* NULL: nothing is wrong */
	} rows[] = {
		{ at, "[\"RRULE:FREQ=DAILY\",\"RDATE:20261007T150000Z\"]", NULL },
		{ at, "[\"RDATE;TZID=America/New_York:20261007T090000,20261008T090000\"]", NULL },
		{ at, "[\"RDATE;VALUE=DATE:20261007\"]", NULL },
		{ at, "[\"rrule:freq=weekly\",\"exdate:20261012T100000\"]", NULL },
		{ at, "[\"RDATE;TZID=Nowhere/Town:20261007T090000\"]", "is none" },
		{ at, "[\"RDATE:20261007T150000Z,\"]", "is none" },
		{ at, "[\"RDATE\"]", "is none" },
		{ at, "[\"RRULE\"]", "is none" },
		{ at, "[\"RRULE:FREQ=NEVER\"]", "is none" },
		{ at, "[\"DTSTART:20261007T150000Z\"]", "is none" },
		{ day, "[\"RDATE:20261007\"]", NULL },
		{ day, "[\"RDATE:20261007T150000Z\"]", "is none" },
		{ day, "[\"RDATE:20261007T150000\"]", "is none" },
		{ at, "[\"RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261010T000000Z\"]", "not by both" },
		{ at, "[\"RRULE:FREQ=MINUTELY\"]", "once an hour" },
		{ at, "[\"RRULE:FREQ=SECONDLY;INTERVAL=7200\"]", "once an hour" },
		{ at, "[\"RRULE:FREQ=HOURLY\"]", NULL },
		/* What takes away need never come. */
		{ at, "[\"RRULE:FREQ=DAILY\",\"EXRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\"]",
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *said = wrong(rows[i].start, rows[i].lines);

		if (!said != !rows[i].says || (said && !strstr(said, rows[i].says)))
			flunk("%s: %s", rows[i].lines, said ? said : "nothing");
	}
	assert_non_null(wrong(at, "[\"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\"]"));
}

/* So many lines or dates, and one more. */
static void
lines_and_dates_have_a_limit(void **state)
{
	struct buf *b = buf_in(cx.a, 1 << 16);

	(void)state;
	for (int n = 10; n <= 11; n++) {
		buf_clear(b);
		for (int i = 0; i < n; i++)
			buf_printf(b, "%s\"RRULE:FREQ=DAILY\"", i ? "," : "[");
		assert_int_equal(
		    !wrong("2026-10-05", arena_printf(cx.a, "%s]", buf_c(b))), n == 10);
	}
	for (int n = 2000; n <= 2001; n++) {
		buf_clear(b);
		for (int i = 0; i < n; i++)
			buf_printf(b, "%s20261007", i ? "," : "[\"RDATE:");
		assert_int_equal(
		    !wrong("2026-10-05", arena_printf(cx.a, "%s\"]", buf_c(b))), n == 2000);
	}
}

static void
an_occurrence_is_called_by_its_day_and_time(void **state)
{
	static const char *const rows[][3] = {
		{ "@20261102T080000Z", "the occurrence of 2 Nov 2026, 09:00",
		    "2026-11-02T09:00:00+01:00" },
		{ "@20261102", "@20261102", NULL }, /* of days alone */
		{ "title", "title", NULL },
	};
	const json *event = json_stored(cx.a,
	    "{\"startDateTime\":\"2026-10-05T09:00:00+02:00\","
	    "\"endDateTime\":\"2026-10-05T10:00:00+02:00\",\"timeZone\":\"Europe/Berlin\","
	    "\"recurrence\":[\"RRULE:FREQ=WEEKLY\"]}");
	json *o;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		o = json_new(cx.a);
		occur_name(cx.a, o, event, rows[i][0]);
		assert_string_equal(json_str(o, "field"), rows[i][1]);
		assert_int_equal(json_has(o, "occurrence"), rows[i][2] != NULL);
		if (rows[i][2])
			assert_string_equal(json_str(o, "occurrence"), rows[i][2]);
	}
	/* Where the event is not at hand, nor its zone. */
	assert_string_equal(event_rules.called(cx.a, "@20261102T080000Z"),
	    "the occurrence of 2 Nov 2026, 08:00 UTC");
	assert_string_equal(
	    event_rules.called(cx.a, "@20261102T080000"), "the occurrence of 2 Nov 2026, 08:00");
	assert_string_equal(event_rules.called(cx.a, "@20261102"), "the occurrence of 2 Nov 2026");
	assert_string_equal(event_rules.called(cx.a, "@no"), "@no");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_a_time_is_read_and_written_in_one_form),
		TEST(what_is_no_time_is_refused),
		TEST(a_place_of_a_series_is_of_the_series_kind),
		TEST(an_occurrence_is_called_by_its_day_and_time),
		TEST(years_that_cannot_be_told_everywhere_do_not_fit),
		TEST(lines_of_a_recurrence_are_judged_by_the_start),
		TEST(lines_and_dates_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
