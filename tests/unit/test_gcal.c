/* Events of Google Calendar as ours and back: times, marks, series and what differs in them, whose
 * they are, what is told of what has changed. */
#include "unit/gcal_fixture.h"

#include "event/rules.h"

static const json *
value_of(const char *text)
{
	json *v = json_stored(cx.a, text);

	if (!v)
		flunk("no JSON: %s", text);
	return v;
}

static void
same_value(const json *x, const json *y)
{
	if (!merge_same(cx.a, &event_rules, x, y))
		flunk("%s\n is not %s", json_text(cx.a, x), y ? json_text(cx.a, y) : "there");
}

static int
berlin_open(void **state)
{
	world_open(state);
	control("{\"calendar\":{\"owner\":\"" OWNER "\",\"id\":\"" OWNER
		"\",\"zone\":\"Europe/Berlin\"}}");
	return 0;
}

#define berlin_test(f) cmocka_unit_test_setup_teardown(f, berlin_open, world_close)

#define TIMES(from, to) \
	"\"startDateTime\":\"" from "\",\"endDateTime\":\"" to "\",\"status\":\"confirmed\"," \
	"\"busy\":true"

static void
what_is_put_there_comes_back_as_it_was(void **state)
{
	static const char *const values[] = {
		"{\"title\":\"Plain\",\"allDay\":false,\"timeZone\":\"Europe/Berlin\"," TIMES(
		    "2026-10-05T10:00:00+02:00", "2026-10-05T11:00:00+02:00") "}",
		"{\"title\":\"No zone\",\"allDay\":false," TIMES(
		    "2026-10-05T10:00:00Z", "2026-10-05T11:00:00Z") "}",
		"{\"title\":\"UTC said\",\"allDay\":false,\"timeZone\":\"UTC\"," TIMES(
		    "2026-10-05T10:00:00Z", "2026-10-05T11:00:00Z") "}",
		"{\"title\":\"Floating\",\"allDay\":false," TIMES(
		    "2026-10-05T10:00:00", "2026-10-05T11:00:00") "}",
		"{\"title\":\"Floats weekly\",\"allDay\":false,\"recurrence\":[\"RRULE:FREQ=WEEKLY;"
		"COUNT=9\",\"EXDATE:20261012T100000\"]," TIMES(
		    "2026-10-05T10:00:00", "2026-10-05T11:00:00") "}",
		"{\"title\":\"Days\",\"allDay\":true," TIMES("2026-10-05", "2026-10-08") "}",
		"{\"title\":\"No time at all\",\"allDay\":false,\"timeZone\":"
		"\"Asia/Kolkata\"," TIMES(
		    "2026-10-05T10:00:00+05:30", "2026-10-05T10:00:00+05:30") "}",
		"{\"title\":\"The hour that comes twice\",\"allDay\":false,\"timeZone\":"
		"\"Europe/Berlin\"," TIMES(
		    "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00") "}",
		"{\"title\":\"Series\",\"allDay\":false,\"timeZone\":\"America/Los_Angeles\","
		"\"recurrence\":[\"RRULE:FREQ=WEEKLY;BYDAY=MO,WE\",\"RDATE:20261010T170000Z\","
		"\"EXDATE;TZID=America/Los_Angeles:20261007T100000\"]," TIMES(
		    "2026-10-05T10:00:00-07:00", "2026-10-05T11:00:00-07:00") "}",
		"{\"title\":\"Dates alone\",\"allDay\":true,\"recurrence\":[\"RDATE;VALUE=DATE:"
		"20261101,20261203\"]," TIMES("2026-10-05", "2026-10-06") "}",
		"{\"title\":\"All of it\",\"description\":\"<b>x</b>\\n\\\"y\\\"\",\"location\":"
		"\"Here\",\"notes\":\"n\\u00e4\",\"url\":\"https://example.com/?a=b\","
		"\"color\":\"7\","
		"\"allDay\":true,\"startDateTime\":\"2026-10-05\",\"endDateTime\":\"2026-10-06\","
		"\"status\":\"tentative\",\"busy\":false}",
		"{\"title\":\"Off\",\"color\":\"#ff0000\",\"allDay\":true,\"startDateTime\":"
		"\"2026-10-05\",\"endDateTime\":\"2026-10-06\",\"status\":\"cancelled\","
		"\"busy\":true}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const json *value = value_of(values[i]);
		struct twin_notes got_back;

		put_there(arena_printf(cx.a, "event%zu", i), value);
		got_back = twins_listed();
		assert_int_equal(got_back.n, i + 1);
		same_value(value, got_back.last.values);
		assert_null(got_back.last.fixed);
	}
}

static void
long_notes_are_kept_in_pieces(void **state)
{
	struct buf *b = buf_in(cx.a, 1 << 20);
	json *value = json_stored(
	    cx.a, "{\"title\":\"N\",\"allDay\":true," TIMES("2026-10-05", "2026-10-06") "}");
	const char *why;

	(void)state;
	for (int i = 0; i < 9000; i++)
		buf_str(b, "\xe2\x82\xac");
	json_set_str(value, "notes", buf_c(b));
	put_there("notes", value);
	same_value(value, twins_listed().last.values);
	for (int i = 0; i < 2000; i++)
		buf_str(b, "\xe2\x82\xac");
	json_set_str(value, "notes", buf_c(b));
	assert_null(gcal_body(cx.a, value, &(struct gcal_home){ .zone = NULL }, &why));
	assert_non_null(strstr(why, "too long"));
	assert_null(gcal_body(cx.a, json_stored(cx.a, "{\"title\":\"N\"}"),
	    &(struct gcal_home){ .zone = NULL }, &why));
	assert_string_equal(why, "It has no time.");
}

/* One occurrence after the other is changed at Google. */
static void
what_differs_in_a_series_is_part_of_its_twin(void **state)
{
	static const struct {
		const char *slot, *patch, *differs;
	} rows[] = {
		{ "20261006T080000Z", "{\"summary\":\"Other\"}", "{\"title\":\"Other\"}" },
		{ "20261007T080000Z", "{\"status\":\"cancelled\"}", "{\"status\":\"cancelled\"}" },
		{ "20261008T080000Z",
		    "{\"start\":{\"dateTime\":\"2026-10-08T15:00:00+02:00\"},\"end\":{\"dateTime\":"
		    "\"2026-10-08T16:00:00+02:00\"}}",
		    "{\"startDateTime\":\"2026-10-08T15:00:00+02:00\",\"endDateTime\":"
		    "\"2026-10-08T16:00:00+02:00\",\"allDay\":false,\"timeZone\":"
		    "\"Europe/Berlin\"}" },
		{ "20261009T080000Z", "{\"location\":null,\"transparency\":\"transparent\"}",
		    "{\"busy\":false,\"location\":null}" },
		/* The clock changes in it: it is as long as the others. */
		{ "20261025T090000Z", "{\"description\":\"d\"}", "{\"description\":\"d\"}" },
	};
	struct twin_notes all;

	(void)state;
	put_there("serial",
	    value_of("{\"title\":\"Daily\",\"location\":\"L\",\"allDay\":false,\"timeZone\":"
		     "\"Europe/Berlin\",\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=40\"]," TIMES(
			 "2026-10-05T10:00:00+02:00", "2026-10-05T11:00:00+02:00") "}"));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *id = arena_printf(cx.a, "serial_%s", rows[i].slot);
		const json *differs;

		if (ask("PATCH", arena_printf(cx.a, EVENTS "/%s", id), rows[i].patch) != 200)
			flunk("%s", buf_c(rep.body));
		all = twins_listed();
		assert_int_equal(all.n, 1);
		assert_int_equal(all.gone, 0);
		differs = json_at(all.last.values, arena_printf(cx.a, "@%s", rows[i].slot));
		if (!differs || !value_same(cx.a, differs, value_of(rows[i].differs)))
			flunk("%s: %s", rows[i].patch,
			    differs ? json_text(cx.a, differs) : "nothing");
		assert_non_null(json_str(json_stored(cx.a, all.last.etag), id));
	}
	ask("GET", EVENTS "/serial_20261006T080000Z", NULL);
	assert_string_equal(
	    json_str(json_stored(cx.a, all.last.etag), "serial_20261006T080000Z"), text_at("etag"));
	ask("GET", EVENTS "/serial", NULL);
	assert_string_equal(json_str(json_stored(cx.a, all.last.etag), ""), text_at("etag"));
	assert_string_equal(gcal_etag_uid(cx.a, all.last.etag), text_at("iCalUID"));
}

static void
days_and_floating_times_have_places_of_their_kind(void **state)
{
	struct twin_notes all;

	(void)state;
	put_there("dates",
	    value_of(
		"{\"title\":\"Days\",\"allDay\":true,\"recurrence\":[\"RRULE:FREQ=DAILY\"]," TIMES(
		    "2026-10-05", "2026-10-06") "}"));
	assert_int_equal(ask("PATCH", EVENTS "/dates_20261007", "{\"summary\":\"x\"}"), 200);
	all = twins_listed();
	assert_string_equal(json_str(json_at(all.last.values, "@20261007"), "title"), "x");
	put_there("floats",
	    value_of(
		"{\"title\":\"F\",\"allDay\":false,\"recurrence\":[\"RRULE:FREQ=DAILY\"]," TIMES(
		    "2026-10-05T10:00:00", "2026-10-05T11:00:00") "}"));
	assert_int_equal(
	    ask("PATCH", EVENTS "/floats_20261026T090000Z", "{\"summary\":\"x\"}"), 200);
	all = twins_listed();
	assert_string_equal(json_str(json_at(all.last.values, "@20261026T100000"), "title"), "x");
	assert_string_equal(gcal_slot_id(cx.a,
				&(struct when){ .kind = WHEN_FLOATING,
				    .local = INT64_C(1792922400),
				    .utc = INT64_C(1792922400) },
				&(struct gcal_home){ .zone = "Europe/Berlin" }),
	    "20261025T090000Z");
}

static void
what_is_not_ours_to_edit_is_fixed(void **state)
{
	static const struct {
		const char *event, *fixed;
	} rows[] = {
		{ "\"organizer\":{\"email\":\"x\",\"self\":true}", NULL },
		{ "\"organizer\":{\"email\":\"x\"}", "organiser is somebody else" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"birthday\"", "birthday" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"fromGmail\"", "mail" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"focusTime\"", "focus time" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"outOfOffice\"", "out of office" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"workingLocation\"", "works" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"newest\"", "does not know" },
		{ "\"organizer\":{\"self\":true},\"eventType\":\"default\"", NULL },
		{ "\"organizer\":{\"self\":true},\"locked\":true", "locked" },
		{ "\"recurrence\":[\"RRULE:FREQ=SOMETIMES\"]", "rule is not understood" },
		{ "\"recurrence\":[\"RRULE:FREQ=DAILY\"]", NULL },
		/* Moved past its own end: only its start comes, and moving it back is heard. */
		{ "\"recurrence\":[\"RRULE:FREQ=DAILY;UNTIL=20261001\"]", NULL },
	};
	/* Case 18: the last one is not in Google's documents of old. */
	static const char *const roles[] = { "reader", "freeBusyReader", "writer", "owner",
		"writerWithoutPrivateAccess" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const answers[] = {
			arena_printf(cx.a,
			    "{\"items\":[{\"id\":\"a\",\"start\":{\"date\":"
			    "\"2026-10-05\"},\"end\":{\"date\":\"2026-10-06\"},%s}]}",
			    rows[i].event),
			NULL
		};
		const struct twin t = twins_of(false, answers).last;

		if ((t.fixed != NULL) != (rows[i].fixed != NULL) ||
		    (t.fixed && !strstr(t.fixed, rows[i].fixed)))
			flunk("%s: %s", rows[i].event, t.fixed ? t.fixed : "ours");
	}
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		const char *const answers[] = {
			arena_printf(cx.a,
			    "{\"items\":[{\"id\":\"a\",\"start\":{\"date\":"
			    "\"2026-10-05\"},\"end\":{\"date\":\"2026-10-06\"}}],"
			    "\"accessRole\":\"%s\"}",
			    roles[i]),
			NULL
		};

		assert_int_equal(twins_of(false, answers).last.fixed != NULL, i < 2);
	}
}

static void
odd_times_are_read_or_left_out(void **state)
{
	static const struct {
		const char *event, *start, *end; /* NULL: left out */
	} rows[] = {
		/* Told in the zone of the start, whatever the offset and the zone of the end. */
		{ "\"start\":{\"dateTime\":\"2026-10-05T08:00:00Z\",\"timeZone\":"
		  "\"Europe/Berlin\"},"
		  "\"end\":{\"dateTime\":\"2026-10-05T20:00:00-07:00\",\"timeZone\":"
		  "\"America/Los_Angeles\"}",
		    "2026-10-05T10:00:00+02:00", "2026-10-06T05:00:00+02:00" },
		{ "\"start\":{\"dateTime\":\"2026-10-05T10:00:00\",\"timeZone\":\"Europe/Berlin\"},"
		  "\"end\":{\"dateTime\":\"2026-10-05T11:00:00.250\",\"timeZone\":"
		  "\"Europe/Berlin\"}",
		    "2026-10-05T10:00:00+02:00", "2026-10-05T11:00:00+02:00" },
		{ "\"start\":{\"dateTime\":\"2026-10-05T10:00:00+02:00\",\"timeZone\":"
		  "\"Mars/Olympus\"},"
		  "\"end\":{\"dateTime\":\"2026-10-05T11:00:00+02:00\"}",
		    "2026-10-05T08:00:00Z", "2026-10-05T09:00:00Z" },
		{ "\"start\":{\"date\":\"2026-10-05\"}", "2026-10-05", "2026-10-05" },
		{ "\"start\":{\"date\":\"2026-10-05\"},\"end\":{\"dateTime\":"
		  "\"2026-10-05T10:00:00Z\"}",
		    NULL, NULL },
		{ "\"start\":{\"date\":\"2026-13-05\"},\"end\":{\"date\":\"2026-10-06\"}", NULL,
		    NULL },
		{ "\"start\":{}", NULL, NULL },
		{ "\"summary\":\"nothing\"", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const answers[] = {
			arena_printf(cx.a, "{\"items\":[{\"id\":\"a\",%s}]}", rows[i].event), NULL
		};
		const struct twin_notes t = twins_of(false, answers);

		assert_int_equal(t.n, rows[i].start != NULL);
		if (!t.n)
			continue;
		assert_string_equal(json_str(t.last.values, "startDateTime"), rows[i].start);
		assert_string_equal(json_str(t.last.values, "endDateTime"), rows[i].end);
	}
}

#define DAY "\"start\":{\"date\":\"2026-10-05\"},\"end\":{\"date\":\"2026-10-06\"}"
#define SERIES \
	"{\"id\":\"s\",\"iCalUID\":\"u\",\"etag\":\"1\"," DAY \
	",\"recurrence\":[\"RRULE:FREQ=DAILY\"]}"
#define ONE(day, more) \
	"{\"id\":\"s_202610" day "\",\"iCalUID\":\"u\",\"etag\":\"2\",\"recurringEventId\":\"s\"," \
	"\"originalStartTime\":{\"date\":\"2026-10-" day "\"}," more "}"

/* Occurrences come in any order, and without their series. */
static void
each_twin_is_told_once_and_whole(void **state)
{
	static const struct {
		bool delta;
		const char *answers[4];
		const char *told; /* keys, and "-" before what is gone */
	} rows[] = {
		{ false, { "{\"items\":[" ONE("07", DAY) "," SERIES "]}" }, "s" },
		{ false, { "{\"items\":[" ONE("07", DAY) "]}", "{\"items\":[" SERIES "]}" }, "s" },
		{ false, { "{\"items\":[" ONE("07", DAY) "]}" }, "s_20261007" },
		{ false, { "{\"items\":[" ONE("07", "\"status\":\"cancelled\"") "]}" }, "" },
		{ true, { "{\"items\":[" ONE("07", "\"status\":\"cancelled\"") "]}" },
		    "-s_20261007" },
		{ true,
		    { "{\"items\":[" ONE("07", DAY) "]}",
			"{\"items\":[" SERIES "," ONE("07", DAY) "]}" },
		    "-s_20261007 s" },
		/* A place that the series has not. */
		{ false, { "{\"items\":[" SERIES "," ONE("01", DAY) "]}" }, "s_20261001 s" },
		/* What was read later counts. */
		{ true,
		    { "{\"items\":[" SERIES "]}",
			"{\"items\":[{\"id\":\"s\",\"status\":\"cancelled\"}]}" },
		    "-s" },
		{ true,
		    { "{\"items\":[{\"id\":\"s\",\"status\":\"cancelled\"}]}",
			"{\"items\":[" SERIES "]}" },
		    "s" },
		{ false, { "{\"items\":[{\"id\":\"s\",\"status\":\"cancelled\"}]}" }, "" },
		{ false, { "{\"items\":[{\"id\":\"a\"," DAY "},{\"id\":\"a\"," DAY "}]}" }, "a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct twin_notes t = twins_of(rows[i].delta, rows[i].answers);
		struct str rest = buf_s(t.text), line;
		struct buf *keys = buf_in(cx.a, 4000);

		while (rest.n > 0) {
			struct str word;

			line = str_cut(rest, '\n', &rest);
			word = str_cut(line, ' ', &line);
			if (word.n)
				buf_printf(keys, "%s%s%.*s", keys->n ? " " : "",
				    str_is(word, "gone") ? "-" : "",
				    (int)str_cut(line, ' ', &line).n, word.p + 5);
		}
		if (strcmp(buf_c(keys), rows[i].told) != 0)
			flunk("%zu: %s, not %s", i, buf_c(keys), rows[i].told);
	}
}

static void
names_of_ours_are_believed_of_what_we_made(void **state)
{
	const char *push = "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c11", *id = gcal_id(cx.a, push);
	const char *more = ",\"iCalUID\":\"u@google.com\",\"extendedProperties\":{\"private\":{"
			   "\"tidemark_object\":\"o\",\"tidemark_uid\":\"u\"}}";
	const char *answers[] = { NULL, NULL };
	struct twin t;

	(void)state;
	assert_string_equal(gcal_id_read(cx.a, id), push);
	assert_null(gcal_id_read(cx.a, "tm"));
	assert_null(gcal_id_read(cx.a, arena_printf(cx.a, "%s_20261005", id)));
	assert_null(gcal_id_read(cx.a, "0193b1f4"));
	assert_string_equal(gcal_id_read(cx.a, gcal_id(cx.a, "a")), "a");
	answers[0] = arena_printf(cx.a, "{\"items\":[{\"id\":\"%s\"," DAY "%s}]}", id, more);
	t = twins_of(false, answers).last;
	assert_string_equal(t.mark, push);
	assert_string_equal(t.object, "o");
	assert_string_equal(t.uid, "u");
	/* It may be gone before it is known here that it was made. */
	answers[0] = arena_printf(
	    cx.a, "{\"items\":[{\"id\":\"%s\",\"status\":\"cancelled\"}]}", id);
	assert_string_equal(twins_of(true, answers).last.mark, push);
	/* A copy that somebody made has another id. */
	answers[0] = arena_printf(cx.a, "{\"items\":[{\"id\":\"copy\"," DAY "%s}]}", more);
	t = twins_of(false, answers).last;
	assert_null(t.mark);
	assert_null(t.object);
	assert_string_equal(t.uid, "u@google.com");
}

static void
what_lies_outside_of_the_days_is_told_as_such(void **state)
{
	static const struct {
		const char *config;
		bool outside;
	} rows[] = {
		{ "{}", false },
		{ "{\"from\":\"2026-10-06\"}", true },
		{ "{\"from\":\"2026-10-05\"}", false },
		{ "{\"to\":\"2026-10-05\"}", true },
		{ "{\"to\":\"2026-10-06\"}", false },
		{ "{\"from\":\"2026-10-01\",\"to\":\"2026-10-05\"}", true },
		{ "{\"from\":\"2026-10-01\",\"to\":\"2026-10-06\"}", false },
	};
	const char *answer = "{\"timeZone\":\"Pacific/Apia\",\"items\":[{\"id\":\"a\"," DAY "}]}";
	const char *const answers[] = { answer, NULL };
	const char *series = "{\"items\":[{\"id\":\"s\"," DAY
			     ",\"recurrence\":[\"RRULE:FREQ=YEARLY;COUNT=3\"]}]}";
	const char *const yearly[] = { series, NULL };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		gcal_config = rows[i].config;
		assert_int_equal(twins_of(false, answers).last.outside, rows[i].outside);
		assert_int_equal(!strstr(rows_of(false, answer), "row"), rows[i].outside);
		assert_int_equal(strstr(rows_of(true, answer), "gone") != NULL, rows[i].outside);
	}
	gcal_config = "{\"from\":\"2027-01-01\",\"to\":\"2027-02-01\"}";
	assert_true(twins_of(false, yearly).last.outside);
	gcal_config = "{\"from\":\"2027-01-01\",\"to\":\"2027-11-01\"}";
	assert_false(twins_of(false, yearly).last.outside);
	gcal_config = "{\"from\":\"2029-01-01\"}";
	assert_true(twins_of(false, yearly).last.outside);
	gcal_config = "{\"calendar\":\"primary\"}";
}

static void
records_have_what_the_events_have(void **state)
{
	const char *text;

	(void)state;
	put_there("single",
	    value_of("{\"title\":\"T\",\"url\":\"https://example.com/\",\"allDay\":false,"
		     "\"timeZone\":\"Europe/Berlin\"," TIMES(
			 "2026-10-05T10:00:00+02:00", "2026-10-05T11:00:00+02:00") "}"));
	text = rows_of(false, listed(""));
	assert_non_null(strstr(text, "dataset \"" OWNER "\"\nrow 1 [single] id=\"single\""));
	assert_non_null(strstr(text,
	    "start=\"2026-10-05T10:00:00\" end=\"2026-10-05T11:00:00\" all_day=\"false\" "
	    "time_zone=\"Europe/Berlin\" start_utc=\"2026-10-05T08:00:00Z\" "
	    "end_utc=\"2026-10-05T09:00:00Z\""));
	assert_non_null(strstr(text, "organizer=\"Olga Owner <" OWNER ">\""));
	text = rows_of(false,
	    "{\"items\":[" SERIES
	    "," ONE("07", DAY) "," ONE("08", "\"status\":\"cancelled\"") "]}");
	assert_non_null(strstr(text, "row 1 [s] id=\"s\" uid=\"u\" start=\"2026-10-05\""));
	assert_non_null(strstr(text, "rrule=\"FREQ=DAILY\""));
	assert_non_null(strstr(text, "row 2 [s_20261007]"));
	assert_non_null(strstr(text, "row 3 [s_20261008]"));
	assert_non_null(strstr(text, "recurrence_id=\"2026-10-08\" status=\"cancelled\""));
	text = rows_of(true,
	    "{\"items\":[" ONE(
		"08", "\"status\":\"cancelled\"") ",{\"id\":\"x\","
						  "\"status\":\"cancelled\"},{\"id\":\"y\"}]}");
	assert_non_null(strstr(text, "gone [s_20261008]\ngone [x]\nskip bad_start 3\n"));
}

static void
what_cannot_be_read_is_there_all_the_same(void **state)
{
	static const char *const times[] = {
		"\"start\":{\"dateTime\":\"9999-12-31T23:30:00-05:00\"},"
		"\"end\":{\"dateTime\":\"9999-12-31T23:40:00-05:00\"}",
		"\"start\":{\"date\":\"10000-01-01\"},\"end\":{\"date\":\"10000-01-02\"}",
		"\"start\":{\"date\":\"2026-10-05\"},\"end\":{\"dateTime\":"
		"\"2026-10-05T10:00:00Z\"}",
		"\"end\":{\"date\":\"2026-10-05\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		for (int series = 0; series < 2; series++)
			for (int delta = 0; delta < 2; delta++) {
				const char *const answers[] = {
					arena_printf(cx.a, "{\"items\":[{\"id\":\"x\",%s%s}]}",
					    times[i],
					    series ? ",\"recurrence\":[\"RRULE:FREQ=DAILY\"]" : ""),
					NULL
				};
				struct twin_notes notes = twins_of(delta, answers);

				assert_string_equal(buf_c(notes.text), "unread x\n");
			}
}

#define PART(id, more) \
	"{\"id\":\"" id "\",\"iCalUID\":\"" id "@x\",\"status\":\"confirmed\"," \
	"\"start\":{\"dateTime\":\"2026-10-05T10:00:00Z\"}," \
	"\"end\":{\"dateTime\":\"2026-10-05T11:00:00Z\"}" more "}"
#define HEAD "\"accessRole\":\"owner\",\"timeZone\":\"UTC\""

/* The ids in the order in which they were told, "-" before one that is gone. */
static const char *
told_ids(const struct twin_notes *notes)
{
	struct buf *b = buf_in(cx.a, 4096);
	struct str rest = buf_s(notes->text), line, word;

	while (rest.n > 0) {
		line = str_cut(rest, '\n', &rest);
		word = str_cut(line, ' ', &line);
		buf_printf(b, "%s%s%.*s", b->n ? " " : "", str_is(word, "gone") ? "-" : "",
		    (int)str_cut(line, ' ', &line).n, word.p + word.n + 1);
	}
	return buf_c(b);
}

/* Of the pages of a read that goes on: what the pages behind these cannot add to. */
static void
early_is_told_what_is_whole_and_it_is_not_told_again_at_the_end(void **state)
{
	static const char *const answers[] = {
		"{\"items\":[" PART("a", "") "," PART("b", "") "," PART(
		    "s", ",\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=3\"]") "]," HEAD "}",
		"{" HEAD ",\"items\":[" PART("s_20261006T100000Z",
		    ",\"recurringEventId\":\"s\",\"originalStartTime\":"
		    "{\"dateTime\":\"2026-10-06T10:00:00Z\"}") "," PART("c", "") "]}",
		"{" HEAD ",\"items\":[" PART("d", "") "," PART(
		    "b", ",\"summary\":\"B\"") ",{\"id\":\"a\",\"status\":\"cancelled\"}]}",
		NULL,
	};
	const bool early[] = { true, true };
	struct answered *w = answered(false, answers);

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_ok(reader_gcal.early(&cx, &w->src, &w->in[i], &w->notes.sink));
	assert_string_equal(told_ids(&w->notes), "a b c");
	buf_clear(w->notes.text);
	w->notes.sink.early = early;
	w->notes.sink.n_early = 2;
	assert_ok(reader_gcal.twins(&cx, &w->src, w->in, w->n, &w->notes.sink));
	/* b comes again as another, and a has gone. */
	assert_string_equal(told_ids(&w->notes), "s d b -a");
	assert_non_null(strstr(buf_c(w->notes.text), "\"title\":\"B\""));
	w = answered(false, answers);
	assert_ok(reader_gcal.twins(&cx, &w->src, w->in, w->n, &w->notes.sink));
	assert_string_equal(told_ids(&w->notes), "s c d b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		berlin_test(early_is_told_what_is_whole_and_it_is_not_told_again_at_the_end),
		berlin_test(what_is_put_there_comes_back_as_it_was),
		berlin_test(long_notes_are_kept_in_pieces),
		berlin_test(what_differs_in_a_series_is_part_of_its_twin),
		berlin_test(days_and_floating_times_have_places_of_their_kind),
		world_test(what_is_not_ours_to_edit_is_fixed),
		world_test(odd_times_are_read_or_left_out),
		world_test(each_twin_is_told_once_and_whole),
		world_test(names_of_ours_are_believed_of_what_we_made),
		world_test(what_lies_outside_of_the_days_is_told_as_such),
		berlin_test(records_have_what_the_events_have),
		berlin_test(what_cannot_be_read_is_there_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
