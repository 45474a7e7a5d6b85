/* The stand-in's world over a restart: all of it is there again, and who was told of more than was
 * kept is told so. */
#include "unit/fake_fixture.h"

#include "base/pct.h"

#define CAL "/calendar/v3/calendars/" OWNER "/events"
#define PEOPLE "/v1/people/me/connections?personFields=names&requestSyncToken=true"

static const char *
saved(bool ended)
{
	return json_text(cx.a, fake_save(world, cx.a, ended));
}

static void
restarted(const char *text, bool demo)
{
	fake_free(world);
	world = fake_new(demo);
	fake_load(world, json_stored(cx.a, text));
}

static void
calendar_has_all(void)
{
	control(
	    "{\"calendar\": {\"id\": \"" OWNER "\", \"owner\": \"" OWNER
	    "\", \"zone\": \"Europe/Berlin\"}, \"account\": {\"email\": \"guest@example.com\"}}");
	control("{\"calendar\": {\"id\": \"c2\", \"owner\": \"guest@example.com\", \"summary\": "
		"\"Other\"}, \"calendar_share\": {\"calendar\": \"c2\", \"email\": \"" OWNER
		"\", \"role\": \"reader\"}}");
	assert_int_equal(ask("POST", CAL,
			     "{\"id\": \"seriesone\", \"summary\": \"Round\", \"start\": "
			     "{\"dateTime\": \"2026-10-01T09:00:00\", \"timeZone\": "
			     "\"Europe/Berlin\"}, \"end\": {\"dateTime\": \"2026-10-01T10:00:00\", "
			     "\"timeZone\": \"Europe/Berlin\"}, \"recurrence\": "
			     "[\"RRULE:FREQ=DAILY;COUNT=9\"], \"attendees\": [{\"email\": "
			     "\"guest@example.com\"}]}"),
	    200);
	assert_int_equal(
	    ask("PATCH", CAL "/seriesone_20261002T070000Z", "{\"summary\": \"Moved\"}"), 200);
	assert_int_equal(ask("DELETE", CAL "/seriesone_20261003T070000Z", NULL), 204);
	control("{\"event\": {\"calendar\": \"" OWNER "\", \"id\": \"goneone\", \"content\": "
		"{\"summary\": \"Gone\", \"start\": {\"date\": \"2026-10-05\"}, \"end\": "
		"{\"date\": \"2026-10-06\"}}}}");
	assert_int_equal(ask("DELETE", CAL "/goneone", NULL), 204);
	assert_int_equal(ask("POST", CAL "/watch",
			     "{\"id\": \"ch\", \"type\": \"web_hook\", \"address\": "
			     "\"http://127.0.0.1/hook\"}"),
	    200);
}

static void
people_have_all(void)
{
	control("{\"person\": {\"id\": \"people/c1\", \"labels\": [\"Tea\"], \"content\": "
		"{\"names\": [{\"givenName\": \"Ada\"}]}}}");
	control("{\"person\": {\"id\": \"people/c2\", \"content\": {\"names\": [{\"givenName\": "
		"\"A.\"}]}}}");
	control("{\"person\": {\"id\": \"otherContacts/c3\", \"other\": true, \"content\": "
		"{\"names\": [{\"givenName\": \"Bo\"}]}}}");
	control("{\"merge_people\": {\"into\": \"people/c1\", \"from\": [\"people/c2\"]}}");
	control("{\"people_delay_ms\": 60000, \"person\": {\"id\": \"people/c4\", \"content\": "
		"{\"names\": [{\"givenName\": \"Late\"}]}}}");
}

static void
workspace_has_all(void)
{
	const char *page;

	control("{\"notion\": {\"token\": \"n\"}, \"notion_client\": {\"id\": \"app\", "
		"\"secret\": \"s\", \"redirects\": [\"http://127.0.0.1/\"]}}");
	page = arena_dup(cx.a, text_at("page"));
	control("{\"notion_webhook\": {\"token\": \"n\", \"address\": \"http://127.0.0.1/hook\"}}");
	bearer = "n";
	notion_version = "2025-09-03";
	assert_int_equal(ask("POST", "/fake/notion/v1/databases",
			     arena_printf(cx.a,
				 "{\"parent\": {\"type\": \"page_id\", \"page_id\": \"%s\"}, "
				 "\"title\": [{\"text\": {\"content\": \"Tasks\"}}], "
				 "\"initial_data_source\": {\"properties\": {\"Name\": {\"title\": "
				 "{}}, \"State\": {\"select\": {\"options\": [{\"name\": "
				 "\"Open\"}]}}}}}",
				 page)),
	    200);
	assert_int_equal(ask("POST", "/fake/notion/v1/pages",
			     arena_printf(cx.a,
				 "{\"parent\": {\"data_source_id\": \"%s\"}, \"properties\": "
				 "{\"Name\": {\"title\": [{\"text\": {\"content\": \"Tea\"}}]}, "
				 "\"State\": {\"select\": {\"name\": \"Done\"}}}, \"children\": "
				 "[{\"paragraph\": {\"rich_text\": [{\"text\": {\"content\": "
				 "\"Text\"}}]}}]}",
				 text_at("data_sources.0.id"))),
	    200);
	assert_int_equal(ask("PATCH", arena_printf(cx.a, "/fake/notion/v1/pages/%s", text_at("id")),
			     "{\"in_trash\": true}"),
	    200);
	bearer = "t";
	notion_version = NULL;
}

static void
spreadsheet_has_all(void)
{
	control(
	    "{\"file\": {\"id\": \"" SHEET "\", \"name\": \"Tea\", \"locale\": \"de_DE\", "
	    "\"tabs\": [{\"title\": \"A\", \"rows\": 20, \"cols\": 9, \"values\": [[\"Name\", "
	    "1.1, true, \"'007\", \"=1/0\", \"=2*3,5\"], [], [null, null, \"2026-10-01\"]]}, "
	    "{\"title\": \"B\", \"generate\": {\"rows\": 50, \"cols\": 4}}]}, \"share\": "
	    "{\"file\": \"" SHEET "\", \"email\": \"guest@example.com\", \"role\": \"reader\"}}");
	control(
	    "{\"edit\": {\"file\": \"" SHEET "\", \"range\": \"B!A3\", \"values\": [[\"over\"]]}}");
	control(
	    "{\"edit\": {\"file\": \"" SHEET "\", \"requests\": [{\"deleteDimension\": {\"range\": "
	    "{\"sheetId\": 0, \"dimension\": \"COLUMNS\", \"startIndex\": 6, \"endIndex\": 8}}}, "
	    "{\"addNamedRange\": {\"namedRange\": {\"name\": \"Names\", \"range\": {\"sheetId\": "
	    "0, \"startRowIndex\": 0, \"endRowIndex\": 3}}}}]}}");
}

static const char *
values_of(const char *range)
{
	assert_int_equal(
	    ask("GET", arena_printf(cx.a, "/v4/spreadsheets/" SHEET "/values/%s", range), NULL),
	    200);
	return json_of("values");
}

static void
a_spreadsheet_reads_as_it_did_and_goes_on(void **state)
{
	const char *a, *b;
	int64_t version, later;

	(void)state;
	spreadsheet_has_all();
	a = values_of("A");
	b = values_of("B");
	assert_non_null(strstr(a, "007"));
	assert_int_equal(ask("GET", "/drive/v3/files/" SHEET "?fields=version", NULL), 200);
	assert_true(str_i64(str_c(text_at("version")), 1, INT64_MAX, &version));
	restarted(saved(false), true);
	assert_string_equal(values_of("A"), a);
	assert_string_equal(values_of("B"), b);
	control(
	    "{\"edit\": {\"file\": \"" SHEET "\", \"range\": \"A!A2\", \"values\": [[\"x\"]]}}");
	assert_int_equal(ask("GET", "/drive/v3/files/" SHEET "?fields=version", NULL), 200);
	assert_true(str_i64(str_c(text_at("version")), 1, INT64_MAX, &later));
	assert_true(later > version + 1);
}

static void
all_is_there_again(void **state)
{
	const char *before;

	(void)state;
	calendar_has_all();
	people_have_all();
	workspace_has_all();
	spreadsheet_has_all();
	before = saved(true);
	restarted(before, false);
	assert_string_equal(saved(true), before);
}

static void
what_was_kept_takes_the_place_of_the_demonstration(void **state)
{
	static const char *const parts[] = { "calendars", "people" };
	const json *before, *after;

	(void)state;
	calendar_has_all();
	people_have_all();
	before = fake_save(world, cx.a, true);
	before = json_copy(cx.a, before);
	restarted(json_text(cx.a, before), true);
	after = fake_save(world, cx.a, true);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_string_equal(json_text(cx.a, json_at(json_at(after, parts[i]), "list")),
		    json_text(cx.a, json_at(json_at(before, parts[i]), "list")));
	assert_string_equal(json_text(cx.a, json_at(after, "channels")),
	    json_text(cx.a, json_at(before, "channels")));
}

static void
what_the_file_has_not_is_invented(void **state)
{
	(void)state;
	restarted("{}", true);
	control("{\"token\": {\"value\": \"d\", \"email\": \"demo@example.com\"}}");
	bearer = "d";
	assert_int_equal(ask("GET", "/calendar/v3/users/me/calendarList", NULL), 200);
	assert_int_equal(json_len(at("items")), 3);
	assert_int_equal(ask("GET", PEOPLE, NULL), 200);
	assert_true(json_len(at("connections")) > 3);
}

static const char *
token_of(const char *target)
{
	struct buf *b = buf_in(cx.a, 2000);

	assert_int_equal(ask("GET", target, NULL), 200);
	url_encode(b, text_at("nextSyncToken"));
	return buf_c(b);
}

static void
tokens_are_good_after_an_end_and_refused_after_a_cut(void **state)
{
	const char *events, *people, *text;

	(void)state;
	calendar_has_all();
	people_have_all();
	events = arena_printf(cx.a, CAL "?syncToken=%s", token_of(CAL));
	people = arena_printf(cx.a, PEOPLE "&syncToken=%s", token_of(PEOPLE));
	text = saved(true);
	restarted(text, false);
	assert_int_equal(ask("GET", events, NULL), 200);
	assert_int_equal(json_len(at("items")), 0);
	assert_int_equal(ask("GET", people, NULL), 200);
	assert_int_equal(json_len(at("connections")), 0);
	text = saved(false);
	clock_step_to(WORLD_MS + 1000);
	restarted(text, false);
	assert_int_equal(ask("GET", events, NULL), 410);
	assert_int_equal(ask("GET", people, NULL), 400);
	assert_string_equal(text_at("error.details.0.reason"), "EXPIRED_SYNC_TOKEN");
}

/* A version that was lost with the world that gave it is not that of something else. */
static void
what_was_told_after_the_file_was_written_is_never_told_again_of_another(void **state)
{
	const char *text, *etag;

	(void)state;
	calendar_has_all();
	text = saved(false);
	assert_int_equal(ask("PATCH", CAL "/seriesone", "{\"summary\": \"Lost\"}"), 200);
	etag = arena_dup(cx.a, text_at("etag"));
	restarted(text, false);
	assert_int_equal(ask("PATCH", CAL "/seriesone", "{\"summary\": \"Other\"}"), 200);
	assert_string_not_equal(text_at("etag"), etag);
	if_match = etag;
	assert_int_equal(ask("PATCH", CAL "/seriesone", "{\"summary\": \"Stale\"}"), 412);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(all_is_there_again),
		world_test(what_was_kept_takes_the_place_of_the_demonstration),
		world_test(a_spreadsheet_reads_as_it_did_and_goes_on),
		world_test(what_the_file_has_not_is_invented),
		world_test(tokens_are_good_after_an_end_and_refused_after_a_cut),
		world_test(what_was_told_after_the_file_was_written_is_never_told_again_of_another),
	};
	return cmocka_run_group_tests_name("fake_keep", tests, NULL, NULL);
}
