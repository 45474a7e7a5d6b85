/* What goes out to Google Calendar of a series and of what differs in it: each occurrence by
 * itself, and nothing over what somebody has edited in one meanwhile. */
#include "unit/gcal_write_fixture.h"

/* Between our look at the series and the one at the occurrence, whose etag is that of the edit. */
static void
what_was_edited_in_an_occurrence_just_now_is_not_written_over(void **state)
{
	const json *was = value_of("{\"title\":\"T\"," DAILY "}");
	const json *all = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const char *key = made(was);

	(void)state;
	behind.path = arena_printf(cx.a, EVENTS "/%s_20261006T080000Z", key);
	behind.body = "{\"summary\":\"Theirs\"}";
	assert_error(push(key, was, all), E_CHANGED);
	assert_ok(look(key));
	assert_string_equal(json_str(json_at(seen.values, "@20261006T080000Z"), "title"), "Theirs");
}

/* There they last as long as the first, here they end when the clock shows so. */
static void
an_occurrence_in_which_the_clock_changes_was_not_edited_by_anybody(void **state)
{
	static const struct {
		const char *first, *last, *slot;
	} rows[] = {
		{ "2026-10-23T00:30:00", "2026-10-23T04:45:00", "@20261025T003000" },
		{ "2026-10-23T19:15:00", "2026-10-24T03:00:00", "@20261024T191500" },
		{ "2027-03-26T00:30:00", "2027-03-26T04:45:00", "@20270328T003000" },
		{ "2027-03-26T00:15:00", "2027-03-26T02:45:00", "@20270328T001500" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		write_close(state);
		write_open(state);
		const char *text = arena_printf(cx.a,
		    "{\"title\":\"T\",\"startDateTime\":\"%s\",\"endDateTime\":\"%s\","
		    "\"allDay\":false,\"status\":\"confirmed\",\"busy\":true,"
		    "\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=4\"]}",
		    rows[i].first, rows[i].last);
		json *one = json_new(cx.a), *all = json_stored(cx.a, text);
		const json *was = value_of(text);
		const char *key = made(was);

		json_set_str(one, "title", "One");
		json_set(all, rows[i].slot, one);
		assert_ok(push(key, was, value_of(json_text(cx.a, all))));
		assert_ok(look(key));
		assert_string_equal(json_str(json_at(seen.values, rows[i].slot), "title"), "One");
	}
}

/* Between our look and the write that changes the series itself. */
static void
what_was_edited_in_an_occurrence_as_its_series_was_written_is_not_undone(void **state)
{
	const json *was = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const json *all = value_of(
	    "{\"title\":\"U\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const char *key = made(was);

	(void)state;
	behind.path = arena_printf(cx.a, EVENTS "/%s_20261006T080000Z", key);
	behind.body = "{\"summary\":\"Theirs\"}";
	assert_error(push(key, was, all), E_UNSURE);
	assert_ok(look(key));
	assert_string_equal(json_str(seen.values, "title"), "U");
	assert_string_equal(json_str(json_at(seen.values, "@20261006T080000Z"), "title"), "Theirs");
}

#define LATER \
	"\"allDay\":false,\"timeZone\":\"Europe/Berlin\",\"startDateTime\":" \
	"\"2026-12-05T10:00:00+01:00\",\"endDateTime\":\"2026-12-05T11:00:00+01:00\"," \
	"\"status\":\"confirmed\",\"busy\":true,\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=30\"]"

/* Between the write that moves the series and the one of what differs in its new place. */
static void
what_was_edited_in_a_place_that_the_series_has_just_got_is_not_undone(void **state)
{
	const json *was = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const json *all = value_of(
	    "{\"title\":\"T\"," LATER ",\"@20261206T090000Z\":{\"title\":\"One\"}}");
	const char *key = made(was);

	(void)state;
	behind.after = "PATCH";
	behind.path = arena_printf(cx.a, EVENTS "/%s_20261206T090000Z", key);
	behind.body = "{\"summary\":\"Theirs\"}";
	assert_error(push(key, was, all), E_UNSURE);
	assert_ok(look(key));
	assert_string_equal(json_str(seen.values, "startDateTime"), "2026-12-05T10:00:00+01:00");
	assert_string_equal(json_str(json_at(seen.values, "@20261206T090000Z"), "title"), "Theirs");
}

/* Known by a look: a person is asked about it, and until then nothing of it is sent. */
static void
an_occurrence_that_is_asked_about_stays_as_it_is_when_another_is_written(void **state)
{
#define ASKED DAILY ",\"@20261006T080000Z\":{\"location\":\"L\"}"
	const json *was = value_of("{\"title\":\"T\"," ASKED "}");
	const json *all = value_of(
	    "{\"title\":\"T\"," ASKED ",\"@20261007T080000Z\":{\"title\":\"One\"}}");
	const char *key = made(was);

	(void)state;
	assert_int_equal(ask("PATCH", arena_printf(cx.a, EVENTS "/%s_20261006T080000Z", key),
			     "{\"summary\":\"Theirs\"}"),
	    200);
	assert_ok(look(key));
	assert_ok(push(key, was, all));
	assert_string_equal(json_str(json_at(seen.values, "@20261006T080000Z"), "title"), "Theirs");
	assert_string_equal(json_str(json_at(seen.values, "@20261007T080000Z"), "title"), "One");
}

/* It was deleted there, and all of it is sent: what differed before goes back to what it shall be,
 * what is edited once it is there again stays. */
static void
what_was_edited_in_a_series_that_was_put_back_just_now_is_not_undone(void **state)
{
	static const char *const slots[] = { "@20261006T080000Z", "@20261007T080000Z" };
	const json *all = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const char *key = made(all);
	struct push p = {
		.id = PUSH,
		.dataset = "",
		.key = key,
		.whole = true,
		.values = all,
		.all = all,
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pushed answer = { 0 };

		clock_step_by(1000);
		assert_int_equal(ask("DELETE", arena_printf(cx.a, EVENTS "/%s", key), NULL), 204);
		clock_step_by(1000);
		behind.after = "PATCH";
		behind.path = arena_printf(cx.a, EVENTS "/%s_%s", key, slots[i] + 1);
		behind.body = "{\"summary\":\"Theirs\",\"status\":\"confirmed\"}";
		/* Of the one that differs here, too, a look has to tell first. */
		assert_int_equal(writer_gcal.send(&cx, &there, &p, &answer), i ? RC_OK : RC_UNSURE);
		assert_ok(look(key));
		assert_string_equal(json_str(json_at(seen.values, slots[i]), "title"), "Theirs");
	}
	clock_fake(0);
}

/* At Google all others last as long as the first does by the clock of the calendar. */
static void
a_series_whose_first_occurrence_the_clock_bends_is_not_sent(void **state)
{
#define FLOATS(from, until) \
	"{\"title\":\"T\",\"allDay\":false,\"startDateTime\":\"" from \
	"\",\"endDateTime\":\"" until "\",\"status\":\"confirmed\",\"busy\":true"
	static const char shorter[] = FLOATS("2025-03-29T19:00:00", "2025-03-30T03:15:00"),
			  longer[] = FLOATS("2025-10-25T19:00:00", "2025-10-26T03:15:00");
	const char *const bent[] = { shorter, longer };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_error(push(NULL, NULL,
				 value_of(arena_printf(
				     cx.a, "%s,\"recurrence\":[\"RRULE:FREQ=DAILY\"]}", bent[i]))),
		    E_UNSUPPORTED);
		assert_non_null(strstr(cx.err.detail, "Let it begin on another day"));
		cx.err = (struct err){ 0 };
	}
	/* What comes once is all there. */
	made(value_of(arena_printf(cx.a, "%s}", longer)));
}

/* What somebody edits in one that goes is told by a look alone. */
static void
a_series_is_looked_at_before_each_try_to_give_it_other_places(void **state)
{
	static const char busy[] = "{\"faults\":[{\"kind\":\"rateLimitExceeded\",\"method\":"
				   "\"PATCH\",\"path\":\"/calendar\",\"count\":1}]}";
	const json *was = value_of("{\"title\":\"T\"," DAILY "}"), *all;
	const char *key = made(was);

	(void)state;
	control(busy);
	all = value_of("{\"title\":\"U\"," DAILY "}");
	changed(key, was, all);
	assert_int_equal(writes, 2);
	control(busy);
	was = all;
	all = value_of("{\"title\":\"U\"," ONCE ",\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=2\"]}");
	assert_error(push(key, was, all), E_RATE_LIMITED);
	assert_int_equal(writes, 1);
	changed(key, was, all);
}

/* It differed, went with its place, and differs again when that is back. */
static void
an_occurrence_comes_back_with_its_place(void **state)
{
	const json *one = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const json *short_one = value_of(
	    "{\"title\":\"T\"," ONCE ",\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=1\"]}");
	const json *plain = value_of("{\"title\":\"T\"," DAILY "}");
	const char *key = made(one);

	(void)state;
	changed(key, one, short_one);
	changed(key, short_one, plain);
	changed(key, plain, one);
}

/* What a series is, one state after the other. */
static void
occurrences_are_written_by_themselves(void **state)
{
	static const struct {
		const char *more;
		int writes;
	} rows[] = {
		{ "\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}", 1 },
		{ "\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"},"
		  "\"@20261007T080000Z\":{\"status\":\"cancelled\"}",
		    1 },
		{ "\"title\":\"T\",\"location\":\"L\"," DAILY ",\"@20261006T080000Z\":{\"title\":"
		  "\"One\"},\"@20261007T080000Z\":{\"status\":\"cancelled\"}",
		    2 /* the location of the occurrence follows */ },
		{ "\"title\":\"T\",\"location\":\"L\"," DAILY ",\"@20261006T080000Z\":{\"title\":"
		  "\"One\",\"location\":null},\"@20261008T080000Z\":{\"startDateTime\":"
		  "\"2026-10-08T12:00:00+02:00\",\"endDateTime\":\"2026-10-08T13:00:00+02:00\","
		  "\"allDay\":false,\"timeZone\":\"Europe/Berlin\"}",
		    3 /* one is brought back */ },
		{ "\"title\":\"T\",\"location\":\"L\"," DAILY ",\"@20261008T080000Z\":{\"notes\":"
		  "\"n\"}",
		    2 },
		{ "\"title\":\"V\"," DAILY, 4 },
	};
	const json *was = value_of("{\"title\":\"T\"," DAILY "}");
	const char *key = made(was);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json *all = value_of(arena_printf(cx.a, "{%s}", rows[i].more));

		changed(key, was, all);
		if (writes != rows[i].writes)
			flunk("%zu: %d\n%s", i, writes, buf_c(asked));
		changed(key, all, all);
		assert_int_equal(writes, 0);
		was = all;
	}
	nobody_got_mail();
}

static void
a_series_is_made_with_what_differs_in_it(void **state)
{
	const json *all = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"},"
	    "\"@20261007T080000Z\":{\"status\":\"cancelled\"}}");

	(void)state;
	made(all);
	assert_int_equal(writes, 3);
}

static void
a_series_in_which_something_was_edited_is_not_deleted(void **state)
{
	const json *was = value_of("{\"title\":\"T\"," DAILY "}");
	const char *key = made(was);
	const char *one = arena_printf(cx.a, EVENTS "/%s_20261006T080000Z", key);

	(void)state;
	assert_int_equal(ask("PATCH", one, "{\"summary\":\"x\"}"), 200);
	assert_error(push(key, was, NULL), E_CHANGED);
	assert_int_equal(writes, 0);
	assert_error(push(key, was, value_of("{\"title\":\"U\"," DAILY "}")), E_CHANGED);
	assert_int_equal(writes, 0);
	assert_ok(look(key));
	assert_ok(push(key, was, NULL));
	assert_int_equal(twins_listed().n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		write_test(what_was_edited_in_an_occurrence_just_now_is_not_written_over),
		write_test(an_occurrence_in_which_the_clock_changes_was_not_edited_by_anybody),
		write_test(
		    what_was_edited_in_an_occurrence_as_its_series_was_written_is_not_undone),
		write_test(what_was_edited_in_a_place_that_the_series_has_just_got_is_not_undone),
		write_test(
		    an_occurrence_that_is_asked_about_stays_as_it_is_when_another_is_written),
		write_test(what_was_edited_in_a_series_that_was_put_back_just_now_is_not_undone),
		write_test(a_series_whose_first_occurrence_the_clock_bends_is_not_sent),
		write_test(a_series_is_looked_at_before_each_try_to_give_it_other_places),
		write_test(an_occurrence_comes_back_with_its_place),
		write_test(occurrences_are_written_by_themselves),
		write_test(a_series_is_made_with_what_differs_in_it),
		write_test(a_series_in_which_something_was_edited_is_not_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
