/* Events as other programs read them: what is written is what RFC 5545 wants, to the byte, and our
 * own reader makes the same times of it. */
#include "unit/provider_fixture.h"
#include "unit/unit.h"

#include "event/ics.h"

static struct ics calendar;

static const char *
written(const char *const *values)
{
	calendar = (struct ics){ .out = buf_in(cx.a, 1 << 20), .now = 1790000000, .a = cx.a };
	ics_begin(&calendar);
	for (int i = 0; values[i]; i++) {
		struct arena *brief = arena_new("brief", 8 << 20, 0);
		const struct ics_event e = {
			.uid = arena_printf(cx.a, "uid%d@example.com", i),
			.value = json_stored(cx.a, values[i]),
			.changed_at = 1790000000,
		};

		if (!e.value)
			flunk("no JSON: %s", values[i]);
		ics_add(&calendar, brief, &e);
		arena_free(brief);
	}
	ics_end(&calendar);
	return buf_c(calendar.out);
}

static const char *
of_one(const char *value)
{
	return written((const char *const[]){ value, NULL });
}

static int
times(const char *text, const char *part)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, part)); p++)
		n++;
	return n;
}

/* Two whole days. */
#define DAYS "{\"startDateTime\":\"2026-10-05\",\"endDateTime\":\"2026-10-07\",\"allDay\":true"
#define AT(from, to) "\"startDateTime\":\"" from "\",\"endDateTime\":\"" to "\""

static void
one_event_is_written_to_the_byte(void **state)
{
	(void)state;
	assert_string_equal(
	    of_one("{\"title\":\"Tea; hot, \\\\ sweet\",\"location\":\"A\\r\\nB\",\"notes\":\"n\","
		   "\"description\":\"d\",\"url\":\"https://a.example/?x=1,2\",\"status\":"
		   "\"tentative\",\"busy\":false," AT("2026-10-05T12:00:00+02:00",
		       "2026-10-05T13:00:00+02:00") ",\"timeZone\":"
						    "\"Europe/Berlin\",\"allDay\":false}"),
	    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tidemark//Calendar//EN\r\n"
	    "BEGIN:VEVENT\r\nUID:uid0@example.com\r\nDTSTAMP:20260921T141320Z\r\n"
	    "DTSTART:20261005T100000Z\r\nDTEND:20261005T110000Z\r\n"
	    "SUMMARY:Tea\\; hot\\, \\\\ sweet\r\nLOCATION:A\\nB\r\nDESCRIPTION:d\r\nCOMMENT:n\r\n"
	    "URL:https://a.example/?x=1,2\r\nSTATUS:TENTATIVE\r\nTRANSP:TRANSPARENT\r\n"
	    "END:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_string_equal(of_one(DAYS ",\"status\":\"confirmed\",\"busy\":true}"),
	    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tidemark//Calendar//EN\r\n"
	    "BEGIN:VEVENT\r\nUID:uid0@example.com\r\nDTSTAMP:20260921T141320Z\r\n"
	    "DTSTART;VALUE=DATE:20261005\r\nDTEND;VALUE=DATE:20261007\r\n"
	    "END:VEVENT\r\nEND:VCALENDAR\r\n");
	has(of_one(DAYS ",\"status\":\"cancelled\"}"), "STATUS:CANCELLED\r\n");
	/* What has no times is no event. */
	assert_int_equal(times(of_one("{\"title\":\"x\"}"), "VEVENT"), 0);
}

static void
long_lines_are_folded_between_characters(void **state)
{
	struct buf *title = buf_in(cx.a, 10000);
	const char *text, *line;
	size_t letters = 0;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_str(title, "ö€𝄞x");
	text = of_one(arena_printf(cx.a,
	    "{\"title\":\"%s\"," AT("2026-10-05", "2026-10-06") ",\"allDay\":true}", buf_c(title)));
	for (line = text; *line; line = strstr(line, "\r\n") + 2) {
		const size_t n = strcspn(line, "\r");

		assert_in_range(n, 1, 75);
		assert_true(str_utf8_ok((struct str){ line, n }));
		if (*line == ' ' || !strncmp(line, "SUMMARY:", 8))
			letters += n - (*line == ' ' ? 1 : 8);
	}
	assert_int_equal(letters, title->n);
	assert_int_equal(times(text, "\r\n "), 8);
}

static const char *
series(const char *zone, const char *more)
{
	return arena_printf(cx.a,
	    "{\"title\":\"Tea\",\"startDateTime\":\"2026-10-20T10:00:00+02:00\","
	    "\"endDateTime\":\"2026-10-20T11:00:00+02:00\",\"timeZone\":\"%s\",\"allDay\":"
	    "false,\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=3\"]%s}",
	    zone, more);
}

static void
a_series_goes_by_the_clock_of_its_zone_which_is_written_once(void **state)
{
	const char *const two[] = { series("Europe/Berlin", ""), series("Europe/Berlin", ""),
		series("Asia/Tokyo", ""), NULL };
	const char *text = written(two);

	(void)state;
	assert_int_equal(times(text, "BEGIN:VTIMEZONE"), 2);
	assert_int_equal(times(text, "TZID:Europe/Berlin\r\n"), 1);
	has(text,
	    "DTSTART;TZID=Europe/Berlin:20261020T100000\r\nDTEND;TZID=Europe/Berlin:"
	    "20261020T110000\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n");
	has(text, "DTSTART;TZID=Asia/Tokyo:20261020T170000\r\n");
	/* From a year before the first to ten years after it. */
	has(text,
	    "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:"
	    "+0100\r\nEND:STANDARD\r\n");
	has(text,
	    "BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:"
	    "+0200\r\nEND:DAYLIGHT\r\n");
	assert_null(strstr(text, "DTSTART:20381"));
	has(text, "DTSTART:20360330T020000\r\n");
	/* A zone that is behind, by more than whole hours. */
	has(of_one("{\"startDateTime\":\"2026-07-20T10:00:00-02:30\",\"endDateTime\":"
		   "\"2026-07-20T11:00:00-02:30\",\"timeZone\":\"America/St_Johns\",\"allDay\":"
		   "false,\"recurrence\":[\"RRULE:FREQ=DAILY\"]}"),
	    "TZOFFSETFROM:-0230\r\nTZOFFSETTO:-0330\r\n");
}

static void
a_series_names_no_zone_that_the_file_does_not_tell(void **state)
{
	const char *utc = of_one(series("UTC", ""));
	const char *others = of_one(
	    "{\"startDateTime\":\"2026-10-20T10:00:00+02:00\",\"endDateTime\":"
	    "\"2026-10-20T11:00:00+02:00\",\"timeZone\":\"Europe/Berlin\",\"allDay\":false,"
	    "\"recurrence\":[\"RRULE:FREQ=DAILY;UNTIL=20261030T100000\",\"EXDATE;TZID=Asia/Tokyo:"
	    "20261021T170000,20261026T180000\",\"RDATE;TZID=America/New_York:20261101T050000\"]}");

	(void)state;
	has(utc, "DTSTART:20261020T080000Z\r\nDTEND:20261020T090000Z\r\nRRULE:");
	assert_int_equal(times(utc, "TZID"), 0);
	assert_int_equal(times(others, "BEGIN:VTIMEZONE"), 1);
	assert_int_equal(times(others, "TZID=Europe/Berlin"), 2);
	assert_int_equal(times(others, "TZID="), 2);
	has(others, "RRULE:FREQ=DAILY;UNTIL=20261030T090000Z\r\n");
	has(others, "EXDATE:20261021T080000Z,20261026T090000Z\r\n");
	has(others, "RDATE:20261101T100000Z\r\n");
}

static void
what_differs_in_a_series_is_written_with_its_place(void **state)
{
	const char *text = of_one(series("Europe/Berlin",
	    ",\"@20261027T090000Z\":{\"title\":\"Green tea\"},\"@20261103T090000Z\":{\"status\":"
	    "\"cancelled\"},\"@20261104T090000Z\":{\"title\":\"nowhere\"}"));

	(void)state;
	assert_int_equal(times(text, "BEGIN:VEVENT"), 3);
	has(text,
	    "RECURRENCE-ID;TZID=Europe/Berlin:20261027T100000\r\nDTSTART:20261027T090000Z\r\n");
	has(text, "SUMMARY:Green tea\r\n");
	has(text, "RECURRENCE-ID;TZID=Europe/Berlin:20261103T100000\r\n");
	has(text, "STATUS:CANCELLED\r\n");
	assert_int_equal(times(text, "RRULE:"), 1);
	has(of_one(DAYS ",\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=3\"],\"@20261012\":"
			"{\"title\":\"x\"}}"),
	    "RECURRENCE-ID;VALUE=DATE:20261012\r\nDTSTART;VALUE=DATE:20261012\r\n");
}

/* Each is looked for in its series, in the room that the whole of it has. */
static void
a_series_of_which_many_differ_is_written_whole(void **state)
{
	enum { DAYS_LEFT = 1000 };
	struct buf *more = buf_in(cx.a, 1 << 20);
	const char *text;

	(void)state;
	buf_str(more, ",\"recurrence\":[\"RRULE:FREQ=DAILY\",\"EXDATE:20261021T080000Z\"]");
	for (int i = 2; i < DAYS_LEFT + 2; i++)
		buf_printf(more, ",\"@%s\":{\"title\":\"x%d\"}",
		    when_slot(cx.a,
			&(struct when){ .kind = WHEN_MOMENT,
			    .utc = 1792483200 + i * 86400,
			    .zone = &zone_utc }),
		    i);
	text = of_one(arena_printf(cx.a,
	    "{\"title\":\"Tea\",\"startDateTime\":\"2026-10-20T08:00:00Z\",\"endDateTime\":"
	    "\"2026-10-20T09:00:00Z\",\"timeZone\":\"UTC\",\"allDay\":false%s}",
	    buf_c(more)));
	assert_int_equal(times(text, "BEGIN:VEVENT"), DAYS_LEFT + 1);
	assert_int_equal(times(text, "EXDATE:20261021T080000Z"), 1);
}

static int
ics_open(void **state)
{
	return unit_open(state);
}

#define ics_test(f) cmocka_unit_test_setup_teardown(f, ics_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ics_test(one_event_is_written_to_the_byte),
		ics_test(long_lines_are_folded_between_characters),
		ics_test(a_series_goes_by_the_clock_of_its_zone_which_is_written_once),
		ics_test(a_series_names_no_zone_that_the_file_does_not_tell),
		ics_test(a_series_of_which_many_differ_is_written_whole),
		ics_test(what_differs_in_a_series_is_written_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
