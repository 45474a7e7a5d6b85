/*
 * Events of the application's own calendar: what may be said of one, when it comes, and what
 * becomes of a series that is changed.
 */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/zone_name.h"
#include "event/event.h"
#include "event/occur.h"

#define BERLIN "\"timeZone\": \"Europe/Berlin\""
#define MEETING \
	"\"title\": \"Tea\", \"startDateTime\": " \
	"\"2026-10-05T10:00:00+02:00\", \"endDateTime\": " \
	"\"2026-10-05T11:00:00+02:00\""
#define WEEKLY \
	"{\"title\": \"Round\", \"startDateTime\": \"2026-10-19T09:00:00\", \"endDateTime\": " \
	"\"2026-10-19T09:30:00\", " BERLIN ", \"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=4\"]}"

static struct complaints wrong;

static json *
parsed(const char *text)
{
	json *j = json_stored(cx.a, text);

	assert_non_null(j);
	return j;
}

/* What is kept; NULL: refused. */
static json *
taken(const json *was, const char *in)
{
	json *out = NULL;

	wrong = (struct complaints){ NULL };
	return event_take(&cx, &wrong, was, parsed(in), &out) == RC_OK ? out : NULL;
}

static json *
kept(const char *in)
{
	json *out = taken(NULL, in);

	if (!out)
		flunk("%s: %s", in, wrong.list ? json_text(cx.a, wrong.list) : "(refused)");
	return out;
}

static void
an_event_is_kept_in_one_form(void **state)
{
	static const char *const rows[][3] = {
		{ "{" MEETING "}", "2026-10-05T08:00:00Z", "2026-10-05T09:00:00Z" },
		{ "{" MEETING ", " BERLIN "}", "2026-10-05T10:00:00+02:00",
		    "2026-10-05T11:00:00+02:00" },
		{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05T10:00:00.250\", "
		  "\"endDateTime\": \"2026-10-05T10:00:00\", " BERLIN "}",
		    "2026-10-05T10:00:00+02:00", "2026-10-05T10:00:00+02:00" },
		{ "{\"title\": \"floats\", \"startDateTime\": \"2026-10-05T10:00:00\", "
		  "\"endDateTime\": \"2026-10-05T11:00:00\"}",
		    "2026-10-05T10:00:00", "2026-10-05T11:00:00" },
		{ "{\"title\": \"days\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
		  "\"2026-10-07\"}",
		    "2026-10-05", "2026-10-07" },
		/* Skipped by the clock, and there twice. */
		{ "{\"title\": \"x\", \"startDateTime\": \"2026-03-29T02:30:00\", \"endDateTime\": "
		  "\"2026-03-29T04:00:00\", " BERLIN "}",
		    "2026-03-29T03:30:00+02:00", "2026-03-29T04:00:00+02:00" },
		{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-25T02:30:00+01:00\", "
		  "\"endDateTime\": \"2026-10-25T03:00:00+01:00\", " BERLIN "}",
		    "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00" },
		{ "{\"title\": \"late\", \"startDateTime\": \"9999-12-30\", \"endDateTime\": "
		  "\"9999-12-31\"}",
		    "9999-12-30", "9999-12-31" },
		{ "{\"title\": \"late\", \"startDateTime\": \"9999-12-30T22:00:00Z\", "
		  "\"endDateTime\": \"9999-12-30T23:59:59Z\"}",
		    "9999-12-30T22:00:00Z", "9999-12-30T23:59:59Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json *v = kept(rows[i][0]);

		assert_string_equal(json_str(v, "startDateTime"), rows[i][1]);
		assert_string_equal(json_str(v, "endDateTime"), rows[i][2]);
		assert_string_equal(json_str(v, "status"), "confirmed");
		assert_true(json_flag(v, "busy", false));
		assert_int_equal(
		    json_flag(v, "allDay", false), strlen(rows[i][1]) == strlen("2026-10-05"));
	}
}

static const struct {
	const char *in, *field;
} wrong_rows[] = {
	/* Somewhere on earth it is in a year that has more digits, or none. */
	{ "{\"title\": \"x\", \"startDateTime\": \"9999-12-31T20:00:00Z\", \"endDateTime\": "
	  "\"9999-12-31T21:00:00Z\"}",
	    "startDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"9999-12-30T23:00:00Z\", \"endDateTime\": "
	  "\"9999-12-31T01:00:00Z\"}",
	    "endDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"0001-01-01T20:00:00Z\", \"endDateTime\": "
	  "\"0001-01-02T21:00:00Z\"}",
	    "startDateTime" },
	{ "{" MEETING ", \"colour\": \"red\"}", "colour" },
	{ "{\"startDateTime\": \"2026-10-05\", \"endDateTime\": \"2026-10-06\"}", "title" },
	{ "{\"title\": 5, \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
	  "\"2026-10-06\"}",
	    "title" },
	{ "{\"title\": \"a\\u0007b\", \"startDateTime\": \"2026-10-05\", "
	  "\"endDateTime\": \"2026-10-06\"}",
	    "title" },
	{ "{\"title\": \"x\", \"startDateTime\": \"2026-02-29\", \"endDateTime\": "
	  "\"2026-03-02\"}",
	    "startDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"tomorrow\", \"endDateTime\": "
	  "\"2026-03-02\"}",
	    "startDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05\"}", "endDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
	  "\"2026-10-05\"}",
	    "endDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05T10:00:00Z\", "
	  "\"endDateTime\": \"2026-10-05T09:59:59Z\"}",
	    "endDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05T10:00:00Z\", "
	  "\"endDateTime\": \"2026-10-05T11:00:00\"}",
	    "endDateTime" },
	{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
	  "\"2026-10-05T11:00:00Z\"}",
	    "endDateTime" },
	{ "{" MEETING ", \"allDay\": true}", "startDateTime" },
	{ "{" MEETING ", \"timeZone\": \"Mars/Phobos\"}", "timeZone" },
	{ "{" MEETING ", \"timeZone\": \"../../etc/passwd\"}", "timeZone" },
	{ "{" MEETING ", \"recurrence\": [\"RRULE:FREQ=DAILY\"]}", "timeZone" },
	{ "{" MEETING ", " BERLIN ", \"recurrence\": \"RRULE:FREQ=DAILY\"}", "recurrence" },
	{ "{" MEETING ", " BERLIN ", \"recurrence\": [\"FREQ=DAILY\"]}", "recurrence" },
	{ "{" MEETING ", " BERLIN
	  ", \"recurrence\": [\"RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z\"]}",
	    "recurrence" },
	{ "{" MEETING ", " BERLIN
	  ", \"recurrence\": [\"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\"]}",
	    "recurrence" },
	{ "{" MEETING ", " BERLIN ", \"recurrence\": [\"RRULE:FREQ=DAILY\", \"EXDATE:20261301\"]}",
	    "recurrence" },
	{ "{" MEETING ", \"status\": \"perhaps\"}", "status" },
	{ "{" MEETING ", \"busy\": \"yes\"}", "busy" },
	{ "{" MEETING ", \"url\": \"javascript:alert(1)\"}", "url" },
	{ "{" MEETING ", \"@20261005T080000Z\": {}}", "@20261005T080000Z" },
};

static void
what_is_wrong_is_said_of_its_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong_rows / sizeof *wrong_rows; i++) {
		const json *first;

		if (taken(NULL, wrong_rows[i].in))
			flunk("%s was taken", wrong_rows[i].in);
		first = json_nth(wrong.list, 0);
		if (!first || strcmp(json_str(first, "field"), wrong_rows[i].field) != 0)
			flunk("%s: %s", wrong_rows[i].in, json_text(cx.a, wrong.list));
	}
}

static void
a_series_whose_times_are_written_in_utc_is_by_utc(void **state)
{
	static const char times[] =
	    "\"title\": \"x\", \"startDateTime\": \"2026-10-05T10:00:00Z\", "
	    "\"endDateTime\": \"2026-10-05T11:00:00Z\"";
	json *v = kept(arena_printf(cx.a, "{%s, \"recurrence\": [\"RRULE:FREQ=DAILY\"]}", times));

	(void)state;
	assert_string_equal(json_str(v, "timeZone"), "UTC");
	assert_string_equal(json_str(v, "startDateTime"), "2026-10-05T10:00:00Z");
	v = kept(arena_printf(cx.a, "{%s}", times));
	assert_null(json_str(v, "timeZone"));
	v = kept(
	    arena_printf(cx.a, "{%s, " BERLIN ", \"recurrence\": [\"RRULE:FREQ=DAILY\"]}", times));
	assert_string_equal(json_str(v, "timeZone"), "Europe/Berlin");
}

static void
a_title_has_at_most_a_thousand_characters(void **state)
{
	struct buf *b = buf_in(cx.a, 100000);

	(void)state;
	for (int i = 0; i < EVENT_TITLE_MAX; i++)
		buf_str(b, "\xC3\xA9");
	kept(arena_printf(cx.a,
	    "{\"title\": \"%s\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
	    "\"2026-10-06\"}",
	    buf_c(b)));
	assert_null(taken(NULL,
	    arena_printf(cx.a,
		"{\"title\": \"%s!\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
		"\"2026-10-06\"}",
		buf_c(b))));
}

static void
what_is_not_said_stays_and_null_takes_away(void **state)
{
	const json *v = kept("{" MEETING ", \"location\": \"Here\", \"notes\": \"n\"}");

	(void)state;
	v = taken(v, "{\"title\": \"Coffee\", \"notes\": null}");
	assert_string_equal(json_str(v, "title"), "Coffee");
	assert_string_equal(json_str(v, "location"), "Here");
	assert_false(json_has(v, "notes"));
	assert_string_equal(json_str(v, "startDateTime"), "2026-10-05T08:00:00Z");
	/* One of two things that belong together. */
	assert_null(taken(v, "{\"startDateTime\": \"2026-10-05\"}"));
	assert_non_null(taken(v,
	    "{\"startDateTime\": \"2026-10-05\", \"endDateTime\": "
	    "\"2026-10-06\", \"allDay\": true}"));
}

/* "09:00 10-19, ..." of what comes between two days, by the clock. */
static const char *
comes(const json *value, const char *zone, const char *from, const char *until)
{
	struct buf *b = buf_in(cx.a, 100000);
	struct occurrence *v;
	struct when f, u;
	size_t n;

	assert_true(when_read(str_c(from), NULL, &f) && when_read(str_c(until), NULL, &u));
	n = occur_between(cx.a, value, zone_system(cx.a, str_c(zone)), f.utc, u.utc, &v);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? " " : "", when_text(cx.a, &v[i].start));
	return buf_c(b);
}

static void
a_series_keeps_its_time_on_the_clock(void **state)
{
	const json *v = kept(WEEKLY);

	(void)state;
	assert_string_equal(comes(v, "UTC", "2026-10-01", "2027-01-01"),
	    "2026-10-19T09:00:00+02:00 2026-10-26T09:00:00+01:00 2026-11-02T09:00:00+01:00 "
	    "2026-11-09T09:00:00+01:00");
	/* The end is exclusive on both sides. */
	assert_string_equal(comes(v, "UTC", "2026-10-26T08:30:00Z", "2026-11-02T08:00:00Z"), "");
	assert_string_equal(comes(v, "UTC", "2026-10-26T08:29:59Z", "2026-11-02T08:00:01Z"),
	    "2026-10-26T09:00:00+01:00 2026-11-02T09:00:00+01:00");
}

static void
in_an_hour_that_comes_twice_an_event_ends_when_it_says(void **state)
{
#define DAILY ", \"recurrence\": [\"RRULE:FREQ=DAILY\"]"
	static const char *const rows[][3] = {
		{ "2026-10-25T02:30:00+01:00", "2026-10-25T02:45:00+01:00", "" },
		{ "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "" },
		{ "2026-10-25T01:30:00+02:00", "2026-10-25T02:15:00+01:00", DAILY },
		{ "2026-10-25T02:30:00+02:00", "2026-10-25T02:45:00+02:00", DAILY },
	};
	struct occurrence *v;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json *e = kept(arena_printf(cx.a,
		    "{\"title\": \"x\", " BERLIN ", \"startDateTime\": \"%s\", "
		    "\"endDateTime\": \"%s\"%s}",
		    rows[i][0], rows[i][1], rows[i][2]));

		assert_true(occur_between(cx.a, e, NULL, 0, INT64_C(1793000000), &v) > 0);
		assert_string_equal(when_text(cx.a, &v[0].start), rows[i][0]);
		assert_string_equal(when_text(cx.a, &v[0].end), rows[i][1]);
		assert_string_equal(
		    json_str(occur_value(cx.a, e, &v[0]), "endDateTime"), rows[i][1]);
	}
}

/* As Google has it, and RFC 5545: an occurrence lasts as many seconds as the first one, also on the
 * night in which the clock is changed, by which its end may be another hour. */
static void
each_of_a_series_lasts_as_long_as_the_first(void **state)
{
	static const struct {
		const char *zone, *start, *end, *last_start, *last_end;
	} rows[] = {
		{ "UTC", "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z", "2026-10-26T22:00:00Z",
		    "2026-10-27T06:00:00Z" },
		/* Set forward, and back. */
		{ "America/Los_Angeles", "2026-03-05T22:00:00-08:00", "2026-03-06T06:00:00-08:00",
		    "2026-03-07T22:00:00-08:00", "2026-03-08T07:00:00-07:00" },
		{ "America/Los_Angeles", "2026-10-29T22:00:00-07:00", "2026-10-30T06:00:00-07:00",
		    "2026-10-31T22:00:00-07:00", "2026-11-01T05:00:00-08:00" },
		{ "Europe/Berlin", "2026-03-26T22:00:00+01:00", "2026-03-27T06:00:00+01:00",
		    "2026-03-28T22:00:00+01:00", "2026-03-29T07:00:00+02:00" },
		{ "Europe/Berlin", "2026-10-22T22:00:00+02:00", "2026-10-23T06:00:00+02:00",
		    "2026-10-24T22:00:00+02:00", "2026-10-25T05:00:00+01:00" },
		/* One that begins in such a night is as long on all others. */
		{ "Europe/Berlin", "2026-10-24T22:00:00+02:00", "2026-10-25T06:00:00+01:00",
		    "2026-10-26T22:00:00+01:00", "2026-10-27T07:00:00+01:00" },
		{ "Asia/Kolkata", "2026-10-22T22:00:00+05:30", "2026-10-23T06:00:00+05:30",
		    "2026-10-24T22:00:00+05:30", "2026-10-25T06:00:00+05:30" },
		{ "Pacific/Apia", "2021-04-01T22:00:00+14:00", "2021-04-02T06:00:00+14:00",
		    "2021-04-03T22:00:00+14:00", "2021-04-04T05:00:00+13:00" },
	};
	struct occurrence *v;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json *e = kept(arena_printf(cx.a,
		    "{\"title\": \"x\", \"timeZone\": \"%s\", \"startDateTime\": \"%s\", "
		    "\"endDateTime\": \"%s\", \"recurrence\": [\"RRULE:FREQ=DAILY;COUNT=3\"]}",
		    rows[i].zone, rows[i].start, rows[i].end));

		assert_int_equal(occur_between(cx.a, e, NULL, 0, INT64_C(4000000000), &v), 3);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(
			    v[k].end.utc - v[k].start.utc, v[0].end.utc - v[0].start.utc);
		assert_string_equal(when_text(cx.a, &v[2].start), rows[i].last_start);
		assert_string_equal(when_text(cx.a, &v[2].end), rows[i].last_end);
		assert_string_equal(
		    json_str(occur_value(cx.a, e, &v[2]), "endDateTime"), rows[i].last_end);
	}
}

static void
a_day_is_a_day_where_somebody_looks(void **state)
{
	const json *v = kept("{\"title\": \"x\", \"startDateTime\": \"2026-10-05\", "
			     "\"endDateTime\": \"2026-10-06\"}");

	(void)state;
	assert_string_equal(
	    comes(v, "Pacific/Kiritimati", "2026-10-04T09:00:00Z", "2026-10-04T10:00:01Z"),
	    "2026-10-05");
	assert_string_equal(comes(v, "UTC", "2026-10-04T09:00:00Z", "2026-10-04T10:00:01Z"), "");
}

static json *
with(const json *value, const char *slot, const char *differs)
{
	json *out = json_stored(cx.a, json_text(cx.a, value));

	json_set(out, slot, parsed(differs));
	return out;
}

static void
an_occurrence_can_move_and_be_left_out(void **state)
{
	json *v = with(kept(WEEKLY), "@20261026T080000Z",
	    "{\"startDateTime\": \"2026-12-24T18:00:00+01:00\", \"endDateTime\": "
	    "\"2026-12-24T19:00:00+01:00\"}");

	(void)state;
	v = with(v, "@20261102T080000Z", "{\"status\": \"cancelled\"}");
	assert_string_equal(comes(v, "UTC", "2026-10-01", "2027-01-01"),
	    "2026-10-19T09:00:00+02:00 2026-11-09T09:00:00+01:00 2026-12-24T18:00:00+01:00");
	assert_string_equal(
	    comes(v, "UTC", "2026-12-24", "2026-12-25"), "2026-12-24T18:00:00+01:00");
	/* A series that has the places no more has nothing that differs there. */
	v = taken(v, "{\"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=2\"]}");
	assert_true(json_has(v, "@20261026T080000Z"));
	assert_false(json_has(v, "@20261102T080000Z"));
	v = taken(v, "{\"recurrence\": null}");
	assert_false(json_has(v, "@20261026T080000Z"));
}

#define TIMES(day, from, until) \
	"\"startDateTime\": \"2026-10-" day "T" from "\", \"endDateTime\": \"2026-10-" day \
	"T" until "\""

static void
what_differs_goes_with_the_series(void **state)
{
	static const struct {
		const char *said, *key; /* NULL: it has no place */
	} rows[] = {
		{ "{" TIMES("19", "11:00:00", "11:30:00") "}", "@20261026T100000Z" },
		{ "{" TIMES("19", "23:30:00", "23:45:00") "}", "@20261026T223000Z" },
		{ "{" TIMES("20", "11:00:00", "11:30:00") "}", "@20261027T100000Z" },
		{ "{" TIMES("12", "09:00:00", "09:30:00") "}", "@20261026T080000Z" },
		{ "{\"timeZone\": \"Asia/Tokyo\", " TIMES("19", "09:00:00", "09:30:00") "}",
		    "@20261026T000000Z" },
		{ "{\"startDateTime\": \"2026-10-19\", \"endDateTime\": \"2026-10-20\", "
		  "\"allDay\": true, \"timeZone\": null}",
		    "@20261026" },
		{ "{\"recurrence\": [\"RRULE:FREQ=DAILY\"]}", "@20261026T080000Z" },
		{ "{\"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=1\"]}", NULL },
		{ "{\"recurrence\": null}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json *was = with(
		    kept(WEEKLY), "@20261026T080000Z", "{\"title\": \"Special\"}");
		const json *now = taken(was, rows[i].said);

		if (!now)
			flunk("%s: %s", rows[i].said, json_text(cx.a, wrong.list));
		if (rows[i].key && !json_has(now, rows[i].key))
			flunk("%s: %s", rows[i].said, json_text(cx.a, now));
		assert_int_equal(json_len(occur_lost(cx.a, was, now)), rows[i].key ? 0 : 1);
	}
}

static void
the_dates_of_a_rule_go_with_the_series(void **state)
{
	const json *v = taken(
	    kept("{\"title\": \"Round\", \"startDateTime\": "
		 "\"2026-10-19T09:00:00\", \"endDateTime\": "
		 "\"2026-10-19T09:30:00\", " BERLIN
		 ", \"recurrence\": [\"RRULE:FREQ=WEEKLY;UNTIL=20261109T080000Z\", "
		 "\"EXDATE:20261026T080000Z\", \"RDATE:20261030T150000Z\"]}"),
	    "{" TIMES("19", "10:00:00", "10:30:00") "}");

	(void)state;
	assert_string_equal(comes(v, "UTC", "2026-10-01", "2027-01-01"),
	    "2026-10-19T10:00:00+02:00 2026-10-30T17:00:00+01:00 2026-11-02T10:00:00+01:00 "
	    "2026-11-09T10:00:00+01:00");
	v = taken(v,
	    "{\"startDateTime\": \"2026-10-19\", \"endDateTime\": \"2026-10-20\", "
	    "\"allDay\": true, \"timeZone\": null}");
	assert_string_equal(comes(v, "UTC", "2026-10-01", "2027-01-01"),
	    "2026-10-19 2026-10-30 2026-11-02 2026-11-09");
}

static void
one_occurrence_is_kept_as_what_differs(void **state)
{
	const json *v = kept(WEEKLY);
	struct occurrence o;
	struct event_span s;
	struct when slot;
	json *differs;

	(void)state;
	assert_true(event_span(cx.a, v, &s));
	assert_false(when_slot_read(STR("20261026"), &s.start, &slot));
	assert_true(when_slot_read(STR("2026-10-26T09:00:00+01:00"), &s.start, &slot));
	assert_string_equal(when_slot(cx.a, &slot), "20261026T080000Z");
	assert_true(occur_at(cx.a, v, &slot, &o));
	wrong = (struct complaints){ NULL };
	assert_ok(event_take_one(
	    &cx, &wrong, o.value, o.value, parsed("{\"title\": \"Special\"}"), &differs));
	assert_string_equal(json_text(cx.a, differs), "{\"title\":\"Special\"}");
	assert_ok(event_take_one(&cx, &wrong, o.value, o.value,
	    parsed("{\"endDateTime\": \"2026-10-26T11:00:00+01:00\"}"), &differs));
	assert_string_equal(json_str(differs, "startDateTime"), "2026-10-26T09:00:00+01:00");
	assert_int_not_equal(
	    event_take_one(&cx, &wrong, o.value, o.value, parsed("{\"recurrence\": []}"), &differs),
	    RC_OK);
	assert_true(when_slot_read(STR("20261027T080000Z"), &s.start, &slot));
	assert_false(occur_at(cx.a, v, &slot, &o));
}

static void
a_series_ends_and_another_goes_on(void **state)
{
	json *v = with(kept(WEEKLY), "@20261026T080000Z", "{\"title\": \"early\"}"), *before,
	     *after;
	struct event_span s;
	struct when slot;

	(void)state;
	v = with(v, "@20261109T080000Z", "{\"title\": \"late\"}");
	assert_true(event_span(cx.a, v, &s));
	assert_true(when_slot_read(STR("20261102T080000Z"), &s.start, &slot));
	assert_true(occur_split(cx.a, v, &slot, &before, &after));
	assert_string_equal(json_text(cx.a, json_at(before, "recurrence")),
	    "[\"RRULE:FREQ=WEEKLY;UNTIL=20261102T075959Z\"]");
	assert_string_equal(
	    json_text(cx.a, json_at(after, "recurrence")), "[\"RRULE:FREQ=WEEKLY;COUNT=2\"]");
	assert_string_equal(json_str(after, "startDateTime"), "2026-11-02T09:00:00+01:00");
	assert_true(json_has(before, "@20261026T080000Z"));
	assert_true(json_has(after, "@20261109T080000Z"));
	assert_string_equal(comes(before, "UTC", "2026-10-01", "2027-01-01"),
	    "2026-10-19T09:00:00+02:00 2026-10-26T09:00:00+01:00");
	assert_string_equal(comes(after, "UTC", "2026-10-01", "2027-01-01"),
	    "2026-11-02T09:00:00+01:00 2026-11-09T09:00:00+01:00");
	assert_true(when_slot_read(STR("20261019T070000Z"), &s.start, &slot));
	assert_false(occur_split(cx.a, v, &slot, &before, &after));
}

static void
dates_of_a_series_go_to_both_halves(void **state)
{
	const json *v = kept(
	    "{\"title\": \"x\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
	    "\"2026-10-06\", \"recurrence\": [\"RRULE:FREQ=DAILY;UNTIL=20261012\", "
	    "\"RDATE;VALUE=DATE:20261020,20261001\", \"EXDATE;VALUE=DATE:20261006,20261010\"]}");
	struct event_span s;
	struct when slot;
	json *before, *after;

	(void)state;
	assert_string_equal(comes(v, "UTC", "2026-09-01", "2027-01-01"),
	    "2026-10-01 2026-10-05 2026-10-07 2026-10-08 2026-10-09 2026-10-11 2026-10-12 "
	    "2026-10-20");
	assert_true(event_span(cx.a, v, &s));
	assert_true(when_slot_read(STR("2026-10-09"), &s.start, &slot));
	assert_true(occur_split(cx.a, v, &slot, &before, &after));
	assert_string_equal(comes(before, "UTC", "2026-09-01", "2027-01-01"),
	    "2026-10-01 2026-10-05 2026-10-07 2026-10-08");
	assert_string_equal(comes(after, "UTC", "2026-09-01", "2027-01-01"),
	    "2026-10-09 2026-10-11 2026-10-12 2026-10-20");
	/* Of two rules, one may be over by then. */
	v = kept("{\"title\": \"x\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
		 "\"2026-10-06\", \"recurrence\": [\"RRULE:FREQ=DAILY;COUNT=2\", "
		 "\"RRULE:FREQ=WEEKLY;COUNT=3\"]}");
	assert_true(event_span(cx.a, v, &s));
	assert_true(when_slot_read(STR("2026-10-12"), &s.start, &slot));
	assert_true(occur_split(cx.a, v, &slot, &before, &after));
	assert_string_equal(
	    json_text(cx.a, json_at(after, "recurrence")), "[\"RRULE:FREQ=WEEKLY;COUNT=2\"]");
}

static void
bounds_hold_all_of_an_event(void **state)
{
	static const struct {
		const char *in, *from, *until; /* until NULL: without an end */
	} rows[] = {
		{ "{" MEETING "}", "2026-10-05T08:00:00Z", "2026-10-05T09:00:00Z" },
		{ WEEKLY, "2026-10-19T07:00:00Z", "2026-11-09T08:30:00Z" },
		{ "{" MEETING ", " BERLIN ", \"recurrence\": [\"RRULE:FREQ=DAILY\"]}",
		    "2026-10-05T08:00:00Z", NULL },
		{ "{" MEETING ", " BERLIN
		  ", \"recurrence\": [\"RRULE:FREQ=DAILY;UNTIL=20261007T080000Z\", "
		  "\"RDATE:20270101T000000Z\"]}",
		    "2026-10-05T08:00:00Z", "2027-01-01T01:00:00Z" },
		{ "{\"title\": \"x\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": "
		  "\"2026-10-06\"}",
		    "2026-10-04T09:00:00Z", "2026-10-06T15:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct when from, until = { .utc = INT64_MAX };
		int64_t f, u;

		occur_bounds(cx.a, kept(rows[i].in), &f, &u);
		assert_true(when_read(str_c(rows[i].from), NULL, &from));
		if (rows[i].until)
			assert_true(when_read(str_c(rows[i].until), NULL, &until));
		assert_int_equal(f, from.utc);
		assert_int_equal(u, until.utc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    each_of_a_series_lasts_as_long_as_the_first, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    in_an_hour_that_comes_twice_an_event_ends_when_it_says, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_series_whose_times_are_written_in_utc_is_by_utc, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    an_event_is_kept_in_one_form, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_is_wrong_is_said_of_its_field, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_title_has_at_most_a_thousand_characters, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_is_not_said_stays_and_null_takes_away, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_series_keeps_its_time_on_the_clock, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_day_is_a_day_where_somebody_looks, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    an_occurrence_can_move_and_be_left_out, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_differs_goes_with_the_series, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    the_dates_of_a_rule_go_with_the_series, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    one_occurrence_is_kept_as_what_differs, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_series_ends_and_another_goes_on, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    dates_of_a_series_go_to_both_halves, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(bounds_hold_all_of_an_event, unit_open, unit_close),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
