/* What goes out to Google Calendar, against a world of the stand-in: only what differs, only where
 * it is as it was seen, nobody told; what others keep in it stays; what was done by halves is found
 * out. */
#include "unit/gcal_fixture.h"

#include "unit/fake_transport.h"

static struct remote lent;
static struct source there;
static struct pushed seen; /* after the last push or look */

/* What was asked, one a line: "PATCH ID {body}". */
static struct buf *asked;
static int writes, reads;

/* What somebody edits as soon as a request of ours has been answered. */
static struct {
	const char *path, *body;
} behind;

static void
listening(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	const char *id = strstr(in->url, "/events");
	struct str name = str_c(id ? id + 7 : "");

	if (strcmp(in->method, "GET") != 0) {
		bool post = !strcmp(in->method, "POST");

		writes++;
		if (!strstr(in->url, "sendUpdates=none") && !strstr(in->url, "/watch") &&
		    !strstr(in->url, "/stop"))
			flunk("guests would be told: %s", in->url);
		if (!post && !net_header(in, "If-Match"))
			flunk("whatever it is: %s %s", in->method, in->url);
		buf_printf(asked, "%s %.*s %.*s\n", in->method, (int)str_cut(name, '?', &name).n,
		    id ? id + 7 : "", (int)in->body.n, in->body.p ? in->body.p : "");
	} else
		reads++;
	fake_transport(c, arg, in, out);
	if (behind.path && ask("PATCH", behind.path, behind.body) != 200)
		flunk("%s", behind.path);
	behind.path = NULL;
}

static int
write_open(void **state)
{
	world_open(state);
	control("{\"calendar\":{\"owner\":\"" OWNER "\",\"id\":\"" OWNER
		"\",\"zone\":\"Europe/Berlin\"}}");
	lent = fake_remote();
	there = (struct source){
		.config = json_stored(cx.a, gcal_config),
		.cursor = json_stored(
		    cx.a, "{\"token\":\"x\",\"zone\":\"Europe/Berlin\",\"role\":\"owner\"}"),
		.remote = &lent,
	};
	asked = buf_in(cx.a, 1 << 20);
	writes = reads = 0;
	net_transport_set(listening, &world);
	return 0;
}

static int
write_close(void **state)
{
	net_transport_set(NULL, NULL);
	return world_close(state);
}

static const json *
value_of(const char *text)
{
	json *v = json_stored(cx.a, text);

	if (!v)
		flunk("no JSON: %s", text);
	return v;
}

/* {member: what it shall be, null where it is none any more} */
static const json *
difference(const json *was, const json *all)
{
	json *out = json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(all, &it);)
		if (!slot_same(cx.a, slot_of(was, it.key), slot_of(all, it.key)))
			json_set(out, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(was, &it);)
		if (!json_has(all, it.key))
			json_set_null(out, it.key);
	return out;
}

static void
forget(void)
{
	buf_clear(asked);
	writes = reads = 0;
}

#define PUSH "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c11"

/* all NULL: it is deleted. key NULL: it is made. */
static enum rc
push(const char *key, const json *was, const json *all)
{
	const struct push p = {
		.id = PUSH,
		.dataset = "",
		.key = key,
		.etag = key ? seen.etag : NULL,
		.values = all ? difference(was, all) : NULL,
		.was = was,
		.all = all,
		.object = "object",
		.uid = "uid",
	};
	struct pushed answer = { 0 };
	enum rc rc;

	forget();
	rc = writer_gcal.send(&cx, &there, &p, &answer);
	if (rc == RC_OK)
		seen = answer;
	return rc;
}

static enum rc
look(const char *key)
{
	const struct push p = { .id = PUSH, .key = key };

	seen = (struct pushed){ 0 };
	return writer_gcal.look(&cx, &there, &p, &seen);
}

static void
same_value(const json *x, const json *y)
{
	if (!y || !merge_same(cx.a, &event_rules, x, y))
		flunk("%s\n is not %s", json_text(cx.a, x), y ? json_text(cx.a, y) : "there");
}

/* Made, and what is there is what it was made as. */
static const char *
made(const json *all)
{
	struct twin_notes t;

	assert_ok(push(NULL, NULL, all));
	same_value(all, seen.values);
	t = twins_listed();
	assert_int_equal(t.n, 1);
	same_value(all, t.last.values);
	assert_string_equal(t.last.key, seen.key);
	assert_string_equal(t.last.mark, PUSH);
	assert_string_equal(t.last.object, "object");
	assert_string_equal(t.last.uid, "uid");
	assert_string_equal(t.last.etag, seen.etag);
	return arena_dup(cx.a, seen.key);
}

/* What the twin says is what the answer said. */
static void
changed(const char *key, const json *was, const json *all)
{
	struct twin_notes t;

	if (push(key, was, all) != RC_OK)
		flunk("%s: %s", buf_c(asked), cx.err.detail);
	same_value(all, seen.values);
	t = twins_listed();
	assert_int_equal(t.n, 1);
	same_value(all, t.last.values);
	assert_string_equal(t.last.etag, seen.etag);
}

static void
nobody_got_mail(void)
{
	ask("GET", "/fake/control", NULL);
	assert_int_equal(json_len(at("mails")), 0);
}

#define ONCE \
	"\"allDay\":false,\"timeZone\":\"Europe/Berlin\",\"startDateTime\":" \
	"\"2026-10-05T10:00:00+02:00\",\"endDateTime\":\"2026-10-05T11:00:00+02:00\"," \
	"\"status\":\"confirmed\",\"busy\":true"
#define DAILY ONCE ",\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=30\"]"

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

#define write_test(f) cmocka_unit_test_setup_teardown(f, write_open, write_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		write_test(what_is_made_can_be_found_by_its_push),
		write_test(only_what_differs_is_sent),
		write_test(what_others_keep_in_it_stays),
		write_test(what_was_edited_there_meanwhile_is_not_written_over),
		write_test(what_was_edited_in_an_occurrence_just_now_is_not_written_over),
		write_test(occurrences_are_written_by_themselves),
		write_test(a_series_is_made_with_what_differs_in_it),
		write_test(a_series_in_which_something_was_edited_is_not_deleted),
		write_test(what_was_deleted_is_brought_back_as_it_shall_be),
		write_test(what_was_done_by_halves_is_found_out),
		write_test(a_calendar_that_may_only_be_read_says_so),
		write_test(channels_are_opened_and_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
