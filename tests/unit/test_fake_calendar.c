/* The stand-in's calendars: who sees them, events, changes told by tokens, series, guests. */
#include "unit/fake_fixture.h"

#define E "/calendar/v3/calendars/primary/events"
#define MEETING \
	"\"start\": {\"dateTime\": \"2026-10-05T10:00:00+02:00\"}, " \
	"\"end\": {\"dateTime\": \"2026-10-05T11:00:00+02:00\"}"
#define DAY "\"start\": {\"date\": \"2026-10-05\"}, \"end\": {\"date\": \"2026-10-06\"}"
#define WEEKLY \
	"\"start\": {\"dateTime\": \"2026-10-19T09:00:00\", \"timeZone\": " \
	"\"Europe/Berlin\"}, \"end\": {\"dateTime\": \"2026-10-19T09:30:00\", " \
	"\"timeZone\": \"Europe/Berlin\"}, \"recurrence\": " \
	"[\"RRULE:FREQ=WEEKLY;COUNT=4\"]"

static const char *
kept_text(const char *path)
{
	return arena_dup(cx.a, text_at(path));
}

static void
insert(const char *id, const char *members)
{
	int status = ask("POST", E, arena_printf(cx.a, "{\"id\": \"%s\", %s}", id, members));

	if (status != 200)
		flunk("%s: %d %s", id, status, buf_c(rep.body));
}

static void
others(void)
{
	control(
	    "{\"account\": {\"email\": \"ann@example.com\", \"name\": \"Ann\"}, \"token\": "
	    "{\"value\": \"a\", \"email\": \"ann@example.com\"}, \"calendar\": {\"id\": \"" OWNER
	    "\", \"owner\": \"" OWNER "\", \"zone\": \"Europe/Berlin\"}}");
}

/* The ids and states of a list, "a b- c": - for what is cancelled. */
static const char *
listed(const char *query)
{
	struct buf *b = buf_in(cx.a, 100000);

	if (ask("GET", arena_printf(cx.a, E "%s", query), NULL) != 200)
		return arena_printf(cx.a, "%d", rep.status);
	for (size_t i = 0; i < json_len(at("items")); i++) {
		const json *e = json_nth(at("items"), i);
		const char *status = json_str(e, "status");

		buf_printf(b, "%s%s%s", i ? " " : "", json_str(e, "id"),
		    strcmp(status, "cancelled") == 0 ? "-" : "");
	}
	return buf_c(b);
}

static void
an_event_is_told_as_google_tells_it(void **state)
{
	(void)state;
	others();
	insert("meet1", MEETING ", \"summary\": \"Tea\", \"visibility\": \"default\"");
	assert_string_equal(text_at("kind"), "calendar#event");
	assert_string_equal(text_at("status"), "confirmed");
	assert_string_equal(text_at("start.dateTime"), "2026-10-05T10:00:00+02:00");
	assert_string_equal(text_at("start.timeZone"), "Europe/Berlin");
	assert_string_equal(text_at("iCalUID"), "meet1@google.com");
	assert_string_equal(text_at("creator.email"), OWNER);
	assert_string_equal(json_of("organizer.self"), "true");
	assert_string_equal(json_of("reminders"), "{\"useDefault\":true}");
	assert_null(at("visibility"));
	assert_int_equal(*text_at("etag"), '"');
	assert_int_equal(ask("GET", E "/meet1?timeZone=America/New_York&fields=start", NULL), 200);
	assert_string_equal(text_at("start.dateTime"), "2026-10-05T04:00:00-04:00");
	insert("dai01", DAY);
	assert_string_equal(json_of("end"), "{\"date\":\"2026-10-06\"}");
}

static void
what_is_no_event_is_refused_in_words(void **state)
{
	static const struct {
		const char *body, *reason;
	} rows[] = {
		{ "{\"start\": {\"date\": \"2026-10-05\"}}", "required" },
		{ "{\"start\": {\"date\": \"2026-10-05\"}, \"end\": {\"date\": \"2026-10-05\"}}",
		    "timeRangeEmpty" },
		{ "{\"start\": {\"date\": \"2026-10-05\"}, \"end\": {\"dateTime\": "
		  "\"2026-10-06T10:00:00Z\"}}",
		    "invalid" },
		{ "{\"start\": {\"date\": \"2026-02-29\"}, \"end\": {\"date\": \"2026-03-02\"}}",
		    "invalid" },
		{ "{\"start\": {\"dateTime\": \"2026-10-05T10:00:00\"}, \"end\": {\"dateTime\": "
		  "\"2026-10-05T11:00:00\"}}",
		    "invalid" },
		{ "{" MEETING ", \"recurrence\": [\"RRULE:FREQ=DAILY\"]}", "required" },
		{ "{" DAY ", \"recurrence\": [\"RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101\"]}",
		    "invalid" },
		{ "{" DAY ", \"recurrence\": [\"DTSTART:20261005\"]}", "invalid" },
		{ "{" MEETING ", \"id\": \"With-Hyphen\"}", "invalid" },
		{ "{" MEETING ", \"id\": \"abc\"}", "invalid" },
		{ "{" MEETING ", \"id\": \"abcdef\", \"iCalUID\": \"x@y\"}", "invalid" },
		{ "{" MEETING ", \"reminders\": {\"useDefault\": true, \"overrides\": "
		  "[{\"method\": \"popup\", \"minutes\": 5}]}}",
		    "cannotUseDefaultRemindersAndSpecifyOverride" },
		{ "{" MEETING ", \"eventType\": \"fromGmail\"}", "eventTypeRestriction" },
		{ "{" MEETING ", \"eventType\": \"birthday\"}", "eventTypeRestriction" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(ask("POST", E, rows[i].body), 400);
		if (strcmp(text_at("error.errors.0.reason"), rows[i].reason) != 0)
			flunk("%s: %s", rows[i].body, buf_c(rep.body));
	}
	assert_string_equal(listed(""), "");
}

static void
an_id_is_taken_once_and_stays_taken(void **state)
{
	(void)state;
	insert("taken1", MEETING);
	assert_int_equal(ask("POST", E, "{\"id\": \"taken1\", " MEETING "}"), 409);
	assert_string_equal(text_at("error.errors.0.reason"), "duplicate");
	assert_int_equal(ask("DELETE", E "/taken1", NULL), 204);
	assert_int_equal(ask("DELETE", E "/taken1", NULL), 410);
	assert_string_equal(text_at("error.errors.0.reason"), "deleted");
	assert_int_equal(ask("POST", E, "{\"id\": \"taken1\", " MEETING "}"), 409);
	assert_int_equal(ask("GET", E "/taken1", NULL), 200);
	assert_string_equal(text_at("status"), "cancelled");
	/* Writing to it brings it back. */
	assert_int_equal(ask("PUT", E "/taken1", "{" MEETING "}"), 200);
	assert_string_equal(listed(""), "taken1");
	assert_int_equal(ask("DELETE", E "/taken1", NULL), 204);
	control("{\"purge\": {\"calendar\": \"" OWNER "\"}}");
	assert_int_equal(ask("GET", E "/taken1", NULL), 404);
	assert_int_equal(ask("DELETE", E "/never1", NULL), 404);
}

static void
a_put_clears_what_is_omitted_and_a_patch_keeps_it(void **state)
{
	(void)state;
	insert("edit01",
	    MEETING ", \"summary\": \"A\", \"location\": \"B\", \"extendedProperties\": "
		    "{\"private\": {\"k\": \"1\", \"l\": \"2\"}}");
	assert_int_equal(ask("PATCH", E "/edit01",
			     "{\"summary\": \"C\", \"extendedProperties\": {\"private\": "
			     "{\"k\": null, \"m\": \"3\"}}}"),
	    200);
	assert_string_equal(text_at("location"), "B");
	assert_string_equal(json_of("extendedProperties.private"), "{\"l\":\"2\",\"m\":\"3\"}");
	/* The times are merged, too: who changes the kind of one takes the other away. */
	assert_int_equal(ask("PATCH", E "/edit01", "{\"start\": {\"date\": \"2026-10-05\"}}"), 400);
	assert_int_equal(ask("PATCH", E "/edit01", "{\"location\": null}"), 200);
	assert_null(at("location"));
	assert_int_equal(ask("PUT", E "/edit01", "{" MEETING ", \"location\": \"D\"}"), 200);
	assert_null(at("summary"));
	assert_null(at("extendedProperties"));
	assert_int_equal(ask("PUT", E "/edit01", "{\"summary\": \"E\"}"), 400);
}

static void
what_is_too_long_of_properties_is_cut_without_a_word(void **state)
{
	char key[50], value[1100];

	(void)state;
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = 0;
	memset(value, 'v', sizeof value - 1);
	value[sizeof value - 1] = 0;
	insert("long01",
	    arena_printf(cx.a,
		MEETING ", \"extendedProperties\": {\"shared\": {\"%s\": \"x\", \"v\": \"%s\"}}",
		key, value));
	assert_int_equal(strlen(text_at("extendedProperties.shared.v")), 1024);
	assert_int_equal(json_len(at("extendedProperties.shared")), 1);
}

static void
a_write_that_knows_an_older_state_is_refused(void **state)
{
	const char *etag;

	(void)state;
	insert("match1", MEETING);
	etag = kept_text("etag");
	if_match = etag;
	assert_int_equal(ask("PATCH", E "/match1", "{\"summary\": \"1\"}"), 200);
	if_match = etag;
	assert_int_equal(ask("PATCH", E "/match1", "{\"summary\": \"2\"}"), 412);
	assert_string_equal(text_at("error.errors.0.reason"), "conditionNotMet");
	if_match = etag;
	assert_int_equal(ask("DELETE", E "/match1", NULL), 412);
	assert_int_equal(ask("GET", E "/match1", NULL), 200);
	assert_string_equal(text_at("summary"), "1");
	assert_string_equal(json_of("sequence"), "0");
	assert_int_equal(ask("PATCH", E "/match1", "{\"location\": \"There\"}"), 200);
	assert_string_equal(json_of("sequence"), "1");
	assert_int_equal(ask("PATCH", E "/match1", "{\"sequence\": 0}"), 400);
}

static void
reminders_are_no_change_of_the_event(void **state)
{
	const char *updated, *etag;

	(void)state;
	insert("remind1", MEETING);
	updated = kept_text("updated");
	etag = kept_text("etag");
	clock_step_by(HOUR_MS);
	assert_int_equal(
	    ask("PATCH", E "/remind1", "{\"reminders\": {\"useDefault\": false}}"), 200);
	assert_string_equal(text_at("updated"), updated);
	assert_string_not_equal(text_at("etag"), etag);
}

static void
a_token_tells_what_has_changed_since(void **state)
{
	const char *token;

	(void)state;
	others();
	insert("first", MEETING);
	insert("second", MEETING);
	assert_string_equal(listed("?maxResults=50"), "first second");
	token = kept_text("nextSyncToken");
	assert_string_equal(listed(arena_printf(cx.a, "?maxResults=50&syncToken=%s", token)), "");
	assert_string_equal(text_at("nextSyncToken") + 0, text_at("nextSyncToken"));
	assert_int_equal(ask("DELETE", E "/first", NULL), 204);
	insert("third", MEETING);
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=50&syncToken=%s", token)), "first- third");
	/* With what it was made with, and without what would hide something. */
	assert_string_equal(listed(arena_printf(cx.a, "?syncToken=%s", token)), "400");
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=50&q=x&syncToken=%s", token)), "400");
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=50&showDeleted=false&syncToken=%s", token)),
	    "400");
	assert_string_equal(listed("?syncToken=old"), "410");
	assert_string_equal(text_at("error.errors.0.reason"), "fullSyncRequired");
	control("{\"calendar_share\": {\"calendar\": \"" OWNER
		"\", \"email\": \"ann@example.com\", \"role\": \"reader\"}}");
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=50&syncToken=%s", token)), "410");
}

static void
tokens_grow_old(void **state)
{
	const char *token;

	(void)state;
	assert_string_equal(listed(""), "");
	token = kept_text("nextSyncToken");
	control("{\"clock\": {\"advance_ms\": 2505600000}}");
	assert_string_equal(listed(arena_printf(cx.a, "?syncToken=%s", token)), "410");
}

static void
nothing_is_missed_that_changes_while_pages_are_read(void **state)
{
	const char *page, *token;

	(void)state;
	for (int i = 0; i < 5; i++)
		insert(arena_printf(cx.a, "page%d", i), MEETING);
	assert_string_equal(listed("?maxResults=2"), "page0 page1");
	page = kept_text("nextPageToken");
	assert_null(at("nextSyncToken"));
	assert_int_equal(ask("DELETE", E "/page0", NULL), 204);
	assert_int_equal(ask("PATCH", E "/page1", "{\"summary\": \"x\"}"), 200);
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=2&pageToken=%s", page)), "page2 page3");
	page = kept_text("nextPageToken");
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=2&pageToken=%s", page)), "page4");
	token = kept_text("nextSyncToken");
	assert_string_equal(
	    listed(arena_printf(cx.a, "?maxResults=2&syncToken=%s", token)), "page0- page1");
	control("{\"brief_pages\": true}");
	assert_string_equal(listed("?maxResults=2"), "");
	assert_non_null(at("nextPageToken"));
}

static void
a_list_can_be_narrowed(void **state)
{
	(void)state;
	insert("earli",
	    "\"start\": {\"dateTime\": \"2026-10-01T10:00:00Z\"}, \"end\": "
	    "{\"dateTime\": \"2026-10-01T11:00:00Z\"}");
	insert("later",
	    MEETING ", \"summary\": \"Dentist\", \"extendedProperties\": {\"private\": "
		    "{\"k\": \"v\"}}");
	assert_string_equal(listed("?timeMin=2026-10-01T11:00:00Z"), "later");
	assert_string_equal(listed("?timeMin=2026-10-01T10:59:00Z"), "earli later");
	assert_string_equal(listed("?timeMax=2026-10-01T10:00:00Z"), "");
	assert_string_equal(
	    listed("?timeMin=2026-10-01T10:00:00Z&timeMax=2026-10-01T10:00:00Z"), "400");
	assert_string_equal(text_at("error.errors.0.reason"), "timeRangeEmpty");
	assert_string_equal(listed("?timeMin=2026-10-01T10:00:00"), "400");
	assert_string_equal(listed("?q=dent"), "later");
	assert_string_equal(listed("?iCalUID=earli@google.com"), "earli");
	assert_string_equal(listed("?privateExtendedProperty=k%3Dv"), "later");
	assert_string_equal(listed("?privateExtendedProperty=k%3Dw"), "");
	assert_string_equal(listed("?orderBy=startTime"), "400");
	assert_string_equal(listed("?singleEvents=true&orderBy=startTime"), "earli later");
	assert_string_equal(listed("?updatedMin=2026-01-01T00:00:00Z"), "410");
	assert_string_equal(text_at("error.errors.0.reason"), "updatedMinTooLongAgo");
	assert_string_equal(listed("?colour=red"), "400");
}

static void
a_series_is_one_event_and_has_instances(void **state)
{
	(void)state;
	others();
	insert("series", WEEKLY);
	assert_string_equal(listed(""), "series");
	/* The clock goes back on 25 October. */
	assert_string_equal(listed("?singleEvents=true&orderBy=startTime"),
	    "series_20261019T070000Z series_20261026T080000Z series_20261102T080000Z "
	    "series_20261109T080000Z");
	assert_int_equal(ask("GET", E "/series_20261026T080000Z", NULL), 200);
	assert_string_equal(text_at("recurringEventId"), "series");
	assert_string_equal(text_at("originalStartTime.dateTime"), "2026-10-26T09:00:00+01:00");
	assert_string_equal(text_at("end.dateTime"), "2026-10-26T09:30:00+01:00");
	assert_null(at("recurrence"));
	assert_int_equal(ask("GET", E "/series_20261027T080000Z", NULL), 404);
	assert_int_equal(ask("GET", E "/series/instances?maxResults=3", NULL), 200);
	assert_int_equal(json_len(at("items")), 3);
	assert_non_null(at("nextPageToken"));
	assert_string_equal(listed("?timeMin=2026-11-09T08:29:00Z"), "series");
	assert_string_equal(listed("?timeMin=2026-11-09T08:30:00Z"), "");
}

static void
one_of_a_series_can_differ_or_be_left_out(void **state)
{
	const char *token;

	(void)state;
	others();
	insert("series", WEEKLY);
	assert_string_equal(listed(""), "series");
	token = kept_text("nextSyncToken");
	assert_int_equal(
	    ask("PATCH", E "/series_20261026T080000Z", "{\"summary\": \"Moved\"}"), 200);
	assert_int_equal(ask("DELETE", E "/series_20261102T080000Z", NULL), 204);
	assert_string_equal(listed(arena_printf(cx.a, "?syncToken=%s", token)),
	    "series_20261026T080000Z series_20261102T080000Z-");
	assert_string_equal(
	    text_at("items.1.originalStartTime.dateTime"), "2026-11-02T09:00:00+01:00");
	/* Left out instances are told of also where deleted events are not. */
	assert_string_equal(listed(""), "series series_20261026T080000Z series_20261102T080000Z-");
	assert_int_equal(ask("GET", E "/series/instances", NULL), 200);
	assert_int_equal(json_len(at("items")), 3);
	/* What the series has no longer does not differ from it either. */
	assert_int_equal(
	    ask("PATCH", E "/series", "{\"recurrence\": [\"RRULE:FREQ=WEEKLY;COUNT=2\"]}"), 200);
	assert_string_equal(listed(""), "series series_20261026T080000Z");
	assert_int_equal(ask("DELETE", E "/series", NULL), 204);
	assert_string_equal(listed("?showDeleted=true"), "series- series_20261026T080000Z-");
	assert_int_equal(ask("GET", E "/series_20261019T070000Z", NULL), 404);
}

static const char *
mails(void)
{
	struct buf *b = buf_in(cx.a, 10000);

	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	for (size_t i = 0; i < json_len(at("mails")); i++) {
		const json *m = json_nth(at("mails"), i);

		buf_printf(b, "%s%s %s", i ? ", " : "", json_str(m, "kind"), json_str(m, "to"));
	}
	return buf_c(b);
}

static void
guests_have_it_too_and_get_mail_only_when_asked_for(void **state)
{
	(void)state;
	others();
	insert("partie1",
	    MEETING ", \"summary\": \"Party\", \"colorId\": \"3\", \"attendees\": "
		    "[{\"email\": \"ann@example.com\"}, {\"email\": \"x@other.example\"}]");
	assert_string_equal(mails(), "");
	bearer = "a";
	assert_int_equal(ask("GET", E "/partie1", NULL), 200);
	assert_string_equal(text_at("organizer.email"), OWNER);
	assert_string_equal(text_at("iCalUID"), "partie1@google.com");
	assert_null(at("colorId"));
	assert_string_equal(json_of("attendees.0.self"), "true");
	assert_int_equal(ask("PATCH", E "/partie1", "{\"summary\": \"Mine\"}"), 403);
	assert_string_equal(text_at("error.errors.0.reason"), "forbiddenForNonOrganizer");
	assert_int_equal(ask("PATCH", E "/partie1",
			     "{\"colorId\": \"5\", \"attendees\": [{\"email\": "
			     "\"ann@example.com\", \"responseStatus\": \"accepted\"}, {\"email\": "
			     "\"x@other.example\"}]}"),
	    200);
	bearer = "t";
	assert_int_equal(ask("GET", E "/partie1", NULL), 200);
	assert_string_equal(text_at("attendees.0.responseStatus"), "accepted");
	assert_string_equal(text_at("colorId"), "3");
	assert_int_equal(
	    ask("PATCH", E "/partie1?sendUpdates=externalOnly", "{\"summary\": \"Late\"}"), 200);
	assert_string_equal(mails(), "update x@other.example");
	assert_int_equal(ask("DELETE", E "/partie1?sendUpdates=all", NULL), 204);
	assert_string_equal(mails(),
	    "update x@other.example, cancellation ann@example.com, cancellation x@other.example");
	bearer = "a";
	assert_int_equal(ask("GET", E "/partie1", NULL), 200);
	assert_string_equal(text_at("status"), "cancelled");
}

static void
a_guest_who_deletes_it_has_declined(void **state)
{
	(void)state;
	others();
	insert("partie2", MEETING ", \"attendees\": [{\"email\": \"ann@example.com\"}]");
	bearer = "a";
	assert_int_equal(ask("DELETE", E "/partie2", NULL), 204);
	bearer = "t";
	assert_int_equal(ask("GET", E "/partie2", NULL), 200);
	assert_string_equal(text_at("attendees.0.responseStatus"), "declined");
	assert_string_equal(text_at("status"), "confirmed");
}

static void
who_may_do_what_is_the_calendars_matter(void **state)
{
	const char *shared;

	(void)state;
	others();
	assert_int_equal(ask("POST", "/calendar/v3/calendars", "{\"summary\": \"Team\"}"), 200);
	shared = arena_printf(cx.a, "/calendar/v3/calendars/%s/events", kept_text("id"));
	control(arena_printf(cx.a,
	    "{\"calendar_share\": {\"calendar\": \"%s\", \"email\": \"ann@example.com\", "
	    "\"role\": \"freeBusyReader\"}}",
	    kept_text("id")));
	assert_int_equal(
	    ask("POST", shared, "{\"id\": \"team1\", \"summary\": \"Secret\", " MEETING "}"), 200);
	bearer = "a";
	assert_int_equal(ask("GET", shared, NULL), 200);
	assert_string_equal(text_at("accessRole"), "freeBusyReader");
	assert_null(at("items.0.summary"));
	assert_int_equal(ask("POST", shared, "{" MEETING "}"), 403);
	assert_string_equal(text_at("error.errors.0.reason"), "requiredAccessLevel");
	assert_int_equal(ask("GET", "/calendar/v3/calendars/" OWNER "/events", NULL), 404);
	assert_int_equal(ask("GET", "/calendar/v3/users/me/calendarList", NULL), 200);
	assert_int_equal(json_len(at("items")), 2);
	assert_int_equal(
	    ask("GET", "/calendar/v3/users/me/calendarList?minAccessRole=writer", NULL), 200);
	assert_int_equal(json_len(at("items")), 1);
}

static void
a_calendar_can_be_watched_and_tells_of_each_change(void **state)
{
	static const char *const channel =
	    "{\"id\": \"ch1\", \"type\": \"web_hook\", \"address\": \"http://127.0.0.1:1/x\", "
	    "\"token\": \"secret\"}";
	const char *resource;

	(void)state;
	assert_int_equal(ask("POST", E "/watch", channel), 200);
	assert_string_equal(text_at("kind"), "api#channel");
	/* A week. */
	assert_string_equal(text_at("expiration"), "1790604800000");
	resource = kept_text("resourceId");
	assert_int_equal(ask("POST", E "/watch", channel), 400);
	insert("told01", MEETING);
	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	assert_string_equal(text_at("channels.0.calendar"), OWNER);
	assert_string_equal(json_of("push.sent"), "2");
	assert_int_equal(
	    ask("POST", "/calendar/v3/channels/stop",
		arena_printf(cx.a, "{\"id\": \"ch1\", \"resourceId\": \"%s\"}", resource)),
	    204);
	insert("told02", MEETING);
	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	assert_string_equal(json_of("push.sent"), "2");
}

static void
a_patch_costs_three_of_the_quota(void **state)
{
	(void)state;
	insert("quota1", MEETING);
	control("{\"reset\": true, \"quota\": {\"calendar\": {\"user\": 4, \"project\": 0}}}");
	assert_int_equal(ask("PATCH", E "/quota1", "{\"summary\": \"1\"}"), 200);
	assert_int_equal(ask("PATCH", E "/quota1", "{\"summary\": \"2\"}"), 403);
	assert_string_equal(text_at("error.errors.0.reason"), "userRateLimitExceeded");
	assert_int_equal(ask("GET", E "/quota1", NULL), 200);
}

static void
some_answers_lie_about_what_was_done(void **state)
{
	(void)state;
	control("{\"faults\": [{\"kind\": \"saved503\", \"method\": \"POST\"}]}");
	assert_int_equal(ask("POST", E, "{\"id\": \"saved1\", " MEETING "}"), 503);
	assert_string_equal(listed(""), "saved1");
	control("{\"faults\": [{\"kind\": \"empty200\", \"method\": \"PATCH\"}]}");
	assert_int_equal(ask("PATCH", E "/saved1", "{\"summary\": \"x\"}"), 200);
	assert_string_equal(buf_c(rep.body), "");
	assert_int_equal(ask("GET", E "/saved1", NULL), 200);
	assert_string_equal(text_at("summary"), "x");
}

static void
conference_and_attachments_survive_who_does_not_know_them(void **state)
{
	(void)state;
	control(
	    "{\"event\": {\"calendar\": \"" OWNER "\", \"id\": \"meet01\", \"content\": {" MEETING
	    ", \"conferenceData\": {\"conferenceId\": \"abc\"}}}}");
	assert_int_equal(ask("PUT", E "/meet01", "{" MEETING ", \"summary\": \"x\"}"), 200);
	assert_string_equal(text_at("conferenceData.conferenceId"), "abc");
	assert_int_equal(ask("PUT", E "/meet01?conferenceDataVersion=1", "{" MEETING "}"), 200);
	assert_null(at("conferenceData"));
}

static void
an_import_is_the_event_of_its_uid(void **state)
{
	const char *id;

	(void)state;
	assert_int_equal(ask("POST", E "/import", "{" MEETING "}"), 400);
	assert_int_equal(
	    ask("POST", E "/import", "{\"iCalUID\": \"u@example.com\", " MEETING "}"), 200);
	id = kept_text("id");
	assert_int_equal(ask("POST", E "/import",
			     "{\"iCalUID\": \"u@example.com\", \"summary\": \"y\", " MEETING "}"),
	    200);
	assert_string_equal(text_at("id"), id);
	assert_string_equal(text_at("summary"), "y");
	assert_string_equal(listed(""), id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(an_event_is_told_as_google_tells_it),
		world_test(what_is_no_event_is_refused_in_words),
		world_test(an_id_is_taken_once_and_stays_taken),
		world_test(a_put_clears_what_is_omitted_and_a_patch_keeps_it),
		world_test(what_is_too_long_of_properties_is_cut_without_a_word),
		world_test(a_write_that_knows_an_older_state_is_refused),
		world_test(reminders_are_no_change_of_the_event),
		world_test(a_token_tells_what_has_changed_since),
		world_test(tokens_grow_old),
		world_test(nothing_is_missed_that_changes_while_pages_are_read),
		world_test(a_list_can_be_narrowed),
		world_test(a_series_is_one_event_and_has_instances),
		world_test(one_of_a_series_can_differ_or_be_left_out),
		world_test(guests_have_it_too_and_get_mail_only_when_asked_for),
		world_test(a_guest_who_deletes_it_has_declined),
		world_test(who_may_do_what_is_the_calendars_matter),
		world_test(a_calendar_can_be_watched_and_tells_of_each_change),
		world_test(a_patch_costs_three_of_the_quota),
		world_test(some_answers_lie_about_what_was_done),
		world_test(conference_and_attachments_survive_who_does_not_know_them),
		world_test(an_import_is_the_event_of_its_uid),
	};

	return cmocka_run_group_tests_name("stand-in calendar", tests, NULL, NULL);
}
