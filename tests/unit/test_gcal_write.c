/* What goes out to Google Calendar, against a world of the stand-in: only what differs, only where
 * it is as it was seen, nobody told; what others keep in it stays; what was done by halves is found
 * out. */
#include "unit/gcal_write_fixture.h"

static void
what_is_made_can_be_found_by_its_push(void **state)
{
	const json *all = value_of("{\"title\":\"T\",\"notes\":\"N\",\"color\":\"red\"," ONCE "}");
	const char *key = made(all);

	(void)state;
	assert_int_equal(writes, 1);
	assert_int_equal(reads, 0);
	/* Its answer was lost: again. */
	assert_error(push(NULL, NULL, all), E_CHANGED);
	assert_ok(look(NULL));
	assert_string_equal(seen.key, key);
	same_value(all, seen.values);
	assert_int_equal(ask("DELETE", arena_printf(cx.a, EVENTS "/%s", key), NULL), 204);
	assert_ok(look(NULL));
	assert_string_equal(seen.key, key);
	assert_null(seen.values);
	assert_ok(look("neverthere"));
	assert_null(seen.key);
}

static const struct {
	const char *more, *body; /* what it is then, what was sent */
} edits_sent[] = {
	{ "\"title\":\"U\"," ONCE, "{\"summary\":\"U\"}" },
	{ "\"title\":\"U\",\"location\":\"L\"," ONCE, "{\"location\":\"L\"}" },
	{ "\"title\":\"U\"," ONCE, "{\"location\":null}" },
	{ "\"title\":\"U\",\"notes\":\"n\"," ONCE,
	    "{\"extendedProperties\":{\"private\":{\"tidemark_notes_0\":\"n\"}}}" },
	{ "\"title\":\"U\"," ONCE,
	    "{\"extendedProperties\":{\"private\":{\"tidemark_notes_0\":null}}}" },
	{ "\"title\":\"U\",\"color\":\"5\",\"url\":\"https://example.com/\"," ONCE,
	    "{\"colorId\":\"5\",\"source\":{\"url\":\"https://example.com/\"}}" },
	{ "\"title\":\"U\",\"color\":\"blue\"," ONCE,
	    "{\"colorId\":null,\"source\":null,\"extendedProperties\":{\"private\":"
	    "{\"tidemark_color\":\"blue\"}}}" },
	{ "\"title\":\"U\",\"allDay\":false,\"timeZone\":\"Europe/Berlin\","
	  "\"startDateTime\":\"2026-10-05T09:00:00+02:00\",\"endDateTime\":"
	  "\"2026-10-05T11:00:00+02:00\",\"status\":\"confirmed\",\"busy\":true",
	    "{\"extendedProperties\":{\"private\":{\"tidemark_color\":null}},\"start\":"
	    "{\"dateTime\":\"2026-10-05T09:00:00+02:00\"},\"end\":{\"dateTime\":"
	    "\"2026-10-05T11:00:00+02:00\"}}" },
	{ "\"title\":\"U\",\"allDay\":true,\"startDateTime\":\"2026-10-05\","
	  "\"endDateTime\":\"2026-10-07\",\"status\":\"confirmed\",\"busy\":false",
	    "{\"transparency\":\"transparent\",\"start\":{\"date\":\"2026-10-05\","
	    "\"dateTime\":null,\"timeZone\":null},\"end\":{\"date\":\"2026-10-07\","
	    "\"dateTime\":null,\"timeZone\":null}}" },
	{ "\"title\":\"U\",\"allDay\":false,\"startDateTime\":\"2026-10-05T10:00:00\","
	  "\"endDateTime\":\"2026-10-05T11:00:00\",\"status\":\"confirmed\","
	  "\"busy\":false",
	    "{\"extendedProperties\":{\"private\":{\"tidemark_time\":\"floating\"}},"
	    "\"start\":{\"dateTime\":\"2026-10-05T10:00:00\",\"timeZone\":"
	    "\"Europe/Berlin\",\"date\":null},\"end\":{\"dateTime\":"
	    "\"2026-10-05T11:00:00\",\"timeZone\":\"Europe/Berlin\",\"date\":null}}" },
	{ "\"title\":\"U\"," DAILY, NULL },
	{ "\"title\":\"U\"," ONCE, "{\"recurrence\":null}" },
	{ "\"title\":\"U\",\"allDay\":false,\"timeZone\":\"Europe/Berlin\","
	  "\"startDateTime\":\"2026-10-05T10:00:00+02:00\",\"endDateTime\":"
	  "\"2026-10-05T11:00:00+02:00\",\"status\":\"cancelled\",\"busy\":true",
	    "{\"status\":\"tentative\",\"extendedProperties\":{\"private\":"
	    "{\"tidemark_status\":\"cancelled\"}}}" },
};

static void
only_what_differs_is_sent(void **state)
{
	const json *was = value_of("{\"title\":\"T\"," ONCE "}");
	const char *key = made(was);

	(void)state;
	for (size_t i = 0; i < sizeof edits_sent / sizeof *edits_sent; i++) {
		const json *all = value_of(arena_printf(cx.a, "{%s}", edits_sent[i].more));
		const char *sent;

		changed(key, was, all);
		assert_int_equal(writes, 1);
		sent = strchr(buf_c(asked), '{');
		if (edits_sent[i].body &&
		    (!sent ||
			!value_same(cx.a, value_of(edits_sent[i].body), json_stored(cx.a, sent))))
			flunk("%s\n was sent, not %s", sent ? sent : "nothing", edits_sent[i].body);
		was = all;
	}
	/* Nothing of it is anything there: it is only looked at. */
	changed(key, was, was);
	assert_int_equal(writes, 0);
	nobody_got_mail();
}

#define GUESTS \
	"\"attendees\":[{\"email\":\"guest@example.com\",\"responseStatus\":\"accepted\"}," \
	"{\"email\":\"" OWNER "\",\"responseStatus\":\"tentative\"}]"
#define THEIRS \
	GUESTS \
	",\"reminders\":{\"useDefault\":false,\"overrides\":[{\"method\":\"popup\"," \
	"\"minutes\":7}]},\"conferenceData\":{\"conferenceId\":\"c\"},\"attachments\":" \
	"[{\"fileUrl\":\"https://drive.example/1\"}],\"visibility\":\"private\"," \
	"\"extendedProperties\":{\"private\":{\"other\":\"x\"},\"shared\":{\"s\":\"y\"}}," \
	"\"guestsCanModify\":true,\"source\":{\"title\":\"Their title\",\"url\":" \
	"\"https://x.example/\"}"

static void
what_others_keep_in_it_stays(void **state)
{
	static const char *const members[] = { "attendees", "reminders", "conferenceData",
		"attachments", "visibility", "guestsCanModify" };
	const json *was, *all, *before;

	(void)state;
	control("{\"account\":{\"email\":\"guest@example.com\",\"name\":\"G\"}}");
	control("{\"event\":{\"calendar\":\"" OWNER "\",\"id\":\"theirs\",\"content\":{"
		"\"summary\":\"S\",\"start\":{\"dateTime\":\"2026-10-05T08:00:00Z\",\"timeZone\":"
		"\"Europe/Berlin\"},\"end\":{\"dateTime\":\"2026-10-05T20:00:00Z\",\"timeZone\":"
		"\"America/Los_Angeles\"}," THEIRS "}}}");
	assert_ok(look("theirs"));
	was = seen.values;
	assert_int_equal(ask("GET", EVENTS "/theirs", NULL), 200);
	before = got;
	all = value_of("{\"title\":\"Mine\",\"notes\":\"n\",\"description\":\"d\",\"url\":"
		       "\"https://y.example/\",\"allDay\":false,\"timeZone\":\"Europe/Berlin\","
		       "\"startDateTime\":\"2026-10-06T09:00:00+02:00\",\"endDateTime\":"
		       "\"2026-10-06T22:00:00+02:00\",\"status\":\"tentative\",\"busy\":false}");
	changed("theirs", was, all);
	assert_int_equal(ask("GET", EVENTS "/theirs", NULL), 200);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (!slot_same(cx.a, slot_of(before, members[i]), slot_of(got, members[i])))
			flunk("%s is another one", members[i]);
	assert_string_equal(text_at("extendedProperties.private.other"), "x");
	assert_string_equal(text_at("extendedProperties.shared.s"), "y");
	assert_string_equal(text_at("source.title"), "Their title");
	assert_string_equal(text_at("end.timeZone"), "America/Los_Angeles");
	nobody_got_mail();
	assert_ok(push("theirs", all, NULL));
	nobody_got_mail();
}

static void
what_was_edited_there_meanwhile_is_not_written_over(void **state)
{
	const json *was = value_of("{\"title\":\"T\"," ONCE "}");
	const json *all = value_of("{\"title\":\"U\"," ONCE "}");
	const char *key = made(was), *path = arena_printf(cx.a, EVENTS "/%s", key);

	(void)state;
	assert_int_equal(ask("PATCH", path, "{\"location\":\"L\"}"), 200);
	assert_error(push(key, was, all), E_CHANGED);
	assert_error(push(key, was, NULL), E_CHANGED);
	assert_ok(look(key));
	assert_string_equal(json_str(seen.values, "title"), "T");
	assert_ok(push(key, was, NULL));
	/* It is deleted already, and stays so. */
	assert_ok(push(key, was, NULL));
	assert_int_equal(writes, 0);
	assert_error(push(key, was, all), E_SOURCE_GONE);
	control("{\"purge\":{\"calendar\":\"" OWNER "\"}}");
	assert_error(push(key, was, all), E_SOURCE_GONE);
}

#define TEAM "team@group.calendar.google.com"
#define SHARE(role) \
	"{\"calendar_share\":{\"calendar\":\"" TEAM "\",\"email\":\"" OWNER "\",\"role\":" role "}}"
#define SHOWN SHARE("\"writer\"")
#define NOT_SHOWN SHARE("null")

static void
of_a_calendar_that_is_not_shown_nothing_is_gone(void **state)
{
	const json *was = value_of("{\"title\":\"T\"," ONCE "}");
	const json *all = value_of("{\"title\":\"U\"," ONCE "}");
	const char *key;

	(void)state;
	control("{\"account\":{\"email\":\"bob@example.com\"},\"calendar\":{\"owner\":"
		"\"bob@example.com\",\"id\":\"" TEAM "\",\"summary\":\"Team\"}}");
	control(SHOWN);
	json_set_str((json *)there.config, "calendar", TEAM);
	assert_ok(push(NULL, NULL, was));
	key = arena_dup(cx.a, seen.key);
	control(NOT_SHOWN);
	assert_error(look(key), E_UNAVAILABLE);
	assert_error(push(key, was, all), E_UNAVAILABLE);
	assert_error(push(key, was, NULL), E_UNAVAILABLE);
	assert_error(push(NULL, NULL, all), E_UNAVAILABLE);
	/* Shown again behind the first of our requests. */
	behind.world = SHOWN;
	assert_ok(look(key));
	assert_string_equal(json_str(seen.values, "title"), "T");
	control(NOT_SHOWN);
	behind.world = SHOWN;
	assert_error(push(key, was, NULL), E_CHANGED);
	control(NOT_SHOWN);
	behind.world = SHOWN;
	assert_error(push(key, was, all), E_CHANGED);
	assert_ok(look(key));
	assert_string_equal(json_str(seen.values, "title"), "T");
	assert_ok(push(key, was, NULL));
}

static enum rc
revive(const char *key, const json *all)
{
	const struct push p = {
		.id = PUSH,
		.key = key,
		.etag = seen.etag,
		.values = all,
		.all = all,
		.whole = true,
	};

	forget();
	seen = (struct pushed){ 0 };
	return writer_gcal.send(&cx, &there, &p, &seen);
}

static void
what_was_deleted_is_brought_back_as_it_shall_be(void **state)
{
	const json *was = value_of("{\"title\":\"T\",\"notes\":\"n\",\"location\":\"L\"," DAILY
				   ",\"@20261006T080000Z\":{\"title\":\"One\"},"
				   "\"@20261007T080000Z\":{\"title\":\"Two\"}}");
	const json *all = value_of(
	    "{\"title\":\"U\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"},"
	    "\"@20261009T080000Z\":{\"status\":\"cancelled\"}}");
	const char *key = made(was);
	struct twin_notes t;

	(void)state;
	assert_ok(push(key, was, NULL));
	assert_ok(look(key));
	assert_ok(revive(key, all));
	same_value(all, seen.values);
	t = twins_listed();
	assert_int_equal(t.n, 1);
	same_value(all, t.last.values);
	assert_string_equal(t.last.etag, seen.etag);
	assert_string_equal(t.last.object, "object");
	/* For good. */
	assert_ok(push(key, all, NULL));
	control("{\"purge\":{\"calendar\":\"" OWNER "\"}}");
	seen.etag = NULL;
	assert_error(revive(key, all), E_SOURCE_GONE);
}

static void
edited_and_deleted(const char *key, const char *body)
{
	if (body)
		assert_int_equal(ask("PATCH", arena_printf(cx.a, EVENTS "/%s", key), body), 200);
	assert_int_equal(ask("DELETE", arena_printf(cx.a, EVENTS "/%s", key), NULL), 204);
	assert_ok(look(key));
	assert_null(seen.values);
	assert_string_equal(seen.key, key);
}

static void
tells_of_what_is_deleted(bool whole)
{
	control(whole ? "{\"deleted_whole\":true}" : "{\"deleted_whole\":false}");
}

/* Google promises its name alone, and usually tells all. */
static void
what_was_edited_just_before_it_was_deleted_is_told_where_google_tells_it(void **state)
{
	static const struct {
		const char *edit, *field, *says; /* says NULL: it says nothing of it */
	} rows[] = {
		{ "{\"summary\":\"Theirs\"}", "title", "\"Theirs\"" },
		{ "{\"location\":\"There\"}", "location", "\"There\"" },
		{ "{\"start\":{\"dateTime\":\"2026-10-05T12:00:00+02:00\"},"
		  "\"end\":{\"dateTime\":\"2026-10-05T13:00:00+02:00\"}}",
		    "startDateTime", "\"2026-10-05T12:00:00+02:00\"" },
		{ "{\"transparency\":\"transparent\"}", "busy", "false" },
		/* Taken away, or not told: nobody knows. */
		{ "{\"location\":null}", "location", NULL },
		{ "{\"transparency\":\"opaque\"}", "busy", NULL },
		{ "{\"status\":\"tentative\"}", "status", NULL },
		{ NULL, "title", "\"T\"" },
		{ NULL, "notes", "\"n\"" },
		{ NULL, "color", NULL },
	};
	const char *key;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *field = rows[i].field, *says = rows[i].says;

		key = made(
		    value_of("{\"title\":\"T\",\"notes\":\"n\",\"location\":\"L\"," ONCE "}"));
		tells_of_what_is_deleted(false);
		edited_and_deleted(key, rows[i].edit);
		assert_null(seen.last);
		tells_of_what_is_deleted(true);
		assert_ok(look(key));
		assert_int_equal(json_has(seen.last, field), says != NULL);
		assert_int_equal(json_has(seen.silent, field), !says);
		if (says)
			assert_string_equal(json_text(cx.a, json_at(seen.last, field)), says);
		write_close(state);
		write_open(state);
	}
}

/* What differs in a series is not in it: Google says of it alone that it went along. */
static void
a_series_that_was_deleted_says_nothing_of_what_differs_in_it(void **state)
{
	const json *was = value_of(
	    "{\"title\":\"T\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
	const char *key = made(was);

	(void)state;
	tells_of_what_is_deleted(true);
	edited_and_deleted(key, "{\"summary\":\"Theirs\"}");
	assert_string_equal(json_str(seen.last, "title"), "Theirs");
	assert_string_equal(json_text(cx.a, json_at(seen.last, "recurrence")),
	    json_text(cx.a, json_at(was, "recurrence")));
	assert_false(json_has(seen.last, "@20261006T080000Z"));
	assert_true(json_has(seen.silent, "@"));
	assert_ok(revive(key, was));
	same_value(was, seen.values);
}

/* Between our look and our write: what is to be written over has been seen. */
static void
what_somebody_else_brings_back_and_edits_is_not_written_over(void **state)
{
	const json *was = value_of("{\"title\":\"T\",\"location\":\"L\"," ONCE "}");
	const char *key = made(was), *path = arena_printf(cx.a, EVENTS "/%s", key);

	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		tells_of_what_is_deleted(whole);
		edited_and_deleted(key, NULL);
		assert_int_equal(
		    ask("PATCH", path, "{\"status\":\"confirmed\",\"summary\":\"Theirs\"}"), 200);
		assert_error(revive(key, was), E_CHANGED);
		assert_int_equal(writes, 0);
		assert_ok(look(key));
		assert_string_equal(json_str(seen.values, "title"), "Theirs");
		/* And deleted once more since. */
		edited_and_deleted(key, NULL);
		assert_int_equal(
		    ask("PATCH", path, "{\"status\":\"confirmed\",\"summary\":\"Again\"}"), 200);
		assert_int_equal(ask("DELETE", path, NULL), 204);
		assert_error(revive(key, was), E_CHANGED);
		assert_int_equal(writes, 0);
		assert_ok(look(key));
		assert_ok(revive(key, was));
		same_value(was, seen.values);
	}
}

/* The answer to each request in turn is lost, or it is refused. */
static void
what_was_done_by_halves_is_found_out(void **state)
{
	static const char *const faults[] = { "lost", "503", "forbidden" };

	for (size_t k = 0; k < 3; k++)
		for (int i = 0; i < 3; i++) {
			const json *was = value_of("{\"title\":\"T\"," DAILY
						   ",\"@20261006T080000Z\":{\"title\":\"One\"}}");
			const json *all = value_of(
			    "{\"title\":\"U\"," DAILY ",\"@20261006T080000Z\":{\"title\":\"Two\"},"
			    "\"@20261008T080000Z\":{\"notes\":\"n\"}}");
			const char *key = made(was);
			enum rc rc;

			control(arena_printf(cx.a,
			    "{\"faults\":[{\"kind\":\"%s\",\"method\":\"PATCH\",\"path\":"
			    "\"/calendar\",\"skip\":%d,\"count\":1}]}",
			    faults[k], i));
			rc = push(key, was, all);
			control("{\"faults\":[]}");
			if (k == 2 && i == 0)
				assert_int_equal(rc, RC_DENIED);
			else
				assert_error(rc, E_UNSURE);
			assert_ok(look(key));
			/* As much as differs still. */
			changed(key, seen.values, all);
			assert_in_range(writes, 0, 3);
			write_close(state);
			write_open(state);
		}
}

static void
a_calendar_that_may_only_be_read_says_so(void **state)
{
	const json *all = value_of("{\"title\":\"T\"," ONCE "}");

	(void)state;
	control(
	    "{\"account\":{\"email\":\"bob@example.com\"},\"calendar\":{\"owner\":"
	    "\"bob@example.com\",\"id\":\"team@group.calendar.google.com\",\"summary\":\"Team\"},"
	    "\"calendar_share\":{\"calendar\":\"team@group.calendar.google.com\",\"email\":"
	    "\"" OWNER "\",\"role\":\"reader\"}}");
	there.config = value_of("{\"calendar\":\"team@group.calendar.google.com\"}");
	assert_error(push(NULL, NULL, all), E_SOURCE_DENIED);
	assert_non_null(strstr(cx.err.detail, "may only read"));
}

static void
channels_are_opened_and_stopped(void **state)
{
	struct watching w = {
		.channel = "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c11",
		.token = "token",
		.address = "https://sync.example.com/api/webhooks/google-calendar",
		.until = WORLD_MS + 90 * DAY_MS,
	};

	(void)state;
	assert_ok(watcher_gcal.watch(&cx, &there, &w));
	assert_non_null(w.resource);
	assert_int_equal(w.expires_at, WORLD_MS + 30 * DAY_MS);
	assert_ok(watcher_gcal.unwatch(&cx, &there, &w));
	assert_error(watcher_gcal.unwatch(&cx, &there, &w), E_SOURCE_GONE);
	control("{\"push\":{\"refuse\":true}}");
	w.channel = "another";
	assert_error(watcher_gcal.watch(&cx, &there, &w), E_SOURCE_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		write_test(what_is_made_can_be_found_by_its_push),
		write_test(only_what_differs_is_sent),
		write_test(what_others_keep_in_it_stays),
		write_test(what_was_edited_there_meanwhile_is_not_written_over),
		write_test(of_a_calendar_that_is_not_shown_nothing_is_gone),
		write_test(what_was_deleted_is_brought_back_as_it_shall_be),
		write_test(
		    what_was_edited_just_before_it_was_deleted_is_told_where_google_tells_it),
		write_test(a_series_that_was_deleted_says_nothing_of_what_differs_in_it),
		write_test(what_somebody_else_brings_back_and_edits_is_not_written_over),
		write_test(what_was_done_by_halves_is_found_out),
		write_test(a_calendar_that_may_only_be_read_says_so),
		write_test(channels_are_opened_and_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
