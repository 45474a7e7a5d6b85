/* Notion as it is read, call by call, against a workspace of the stand-in in this process: what is
 * asked for, what is left out because it was told before, what ends a read, and in which words. */
#include "unit/notion_read_fixture.h"

static void
everything_is_read_by_hundreds_in_the_order_in_which_it_was_made(void **state)
{
	const char *rows, *first, *last;

	(void)state;
	control(
	    arena_printf(cx.a, "{\"notion_fill\": {\"source\": \"%s\", \"count\": 230}}", source));
	begin(TABLE);
	assert_ok(reads());
	assert_false(did.delta);
	/* The data source, and three queries. */
	assert_int_equal(did.calls, 4);
	rows = rows_read();
	assert_int_equal(rows_of(rows), 230);
	first = strstr(rows, "Name=\"Row 1\"");
	last = strstr(rows, "Name=\"Row 230\"");
	assert_true(first && last && first < last);
	/* Then one call tells that nothing has changed. */
	clock_step_to(WORLD_MS + MINUTE_MS);
	assert_ok(reads());
	assert_true(did.unchanged);
	assert_int_equal(did.calls, 1);
	/* An edit comes alone. */
	page(TITLE("Tea"));
	assert_ok(reads());
	assert_true(did.delta && !did.unchanged);
	assert_int_equal(rows_of(rows_read()), 1);
	/* After ten minutes, and for who asks, everything comes; not a moment before. */
	clock_step_to(WORLD_MS + 10 * MINUTE_MS - 1);
	assert_ok(reads());
	assert_true(did.unchanged);
	clock_step_to(WORLD_MS + 10 * MINUTE_MS);
	assert_ok(reads());
	assert_false(did.delta || did.unchanged);
	from.asked = true;
	assert_ok(reads());
	assert_false(did.delta || did.unchanged);
	from.asked = false;
	/* A clock that was set back is no reason to wait for it. */
	clock_step_to(WORLD_MS);
	assert_ok(reads());
	assert_false(did.delta || did.unchanged);
}

static void
everything_is_read_the_more_rarely_the_more_there_is(void **state)
{
	(void)state;
	control(
	    arena_printf(cx.a, "{\"notion_fill\": {\"source\": \"%s\", \"count\": 1050}}", source));
	begin(TABLE);
	assert_ok(reads());
	/* Eleven pages of a hundred, and one of titles: two minutes for each. */
	clock_step_to(WORLD_MS + 24 * MINUTE_MS - 1);
	assert_ok(reads());
	assert_true(did.unchanged);
	clock_step_to(WORLD_MS + 24 * MINUTE_MS);
	assert_ok(reads());
	assert_false(did.delta || did.unchanged);
}

static void
what_was_told_within_some_minutes_is_told_again_only_when_it_differs(void **state)
{
	const char *tea = page(TITLE("Tea")), *pot = page(TITLE("Pot"));

	(void)state;
	begin(TABLE);
	assert_ok(reads());
	assert_int_equal(rows_of(rows_read()), 2);
	/* In the same minute, so that the time of the edit is no other. */
	edited(tea, TITLE("Green tea"));
	assert_ok(reads());
	assert_int_equal(rows_of(rows_read()), 1);
	has(rows_read(), "Name=\"Green tea\"");
	assert_ok(reads());
	assert_true(did.unchanged);
	for (int i = 1; i < 8; i++) {
		clock_step_to(WORLD_MS + i * MINUTE_MS);
		edited(pot, arena_printf(cx.a, "\"Seats\": {\"number\": %d}", i));
		assert_ok(reads());
		assert_int_equal(rows_of(rows_read()), 1);
		has(rows_read(), arena_printf(cx.a, "Seats=%d", i));
		assert_ok(reads());
		assert_true(did.unchanged);
	}
}

static void
related_pages_are_called_by_their_titles(void **state)
{
	const char *here = source, *shop = data_source("Shop", ""), *tea, *pot;
	struct buf *many = buf_in(cx.a, 100000);

	(void)state;
	source = shop;
	tea = page(TITLE("Tea"));
	pot = page(TITLE("Pot"));
	source = here;
	fine("PATCH", arena_printf(cx.a, N "/data_sources/%s", source),
	    arena_printf(cx.a,
		"{\"properties\": {\"Item\": {\"relation\": {\"data_source_id\": \"%s\", "
		"\"single_property\": {}}}}}",
		shop));
	page(
	    arena_printf(cx.a, TITLE("One") ", \"Item\": {\"relation\": [{\"id\": \"%s\"}]}", tea));
	begin(TABLE);
	assert_ok(reads());
	has(rows_read(), arena_printf(cx.a, "Item=[{\"id\":\"%s\",\"title\":\"Tea\"}]", tea));
	/* In a read of what was edited they are asked for one by one. */
	page(
	    arena_printf(cx.a, TITLE("Two") ", \"Item\": {\"relation\": [{\"id\": \"%s\"}]}", pot));
	assert_ok(reads());
	assert_true(did.delta);
	assert_int_equal(did.calls, 2);
	has(rows_read(), arena_printf(cx.a, "Item=[{\"id\":\"%s\",\"title\":\"Pot\"}]", pot));
	/* One that is not shown is related to all the same. */
	/* One that is hidden before its title is asked for is related to all the same. */
	page(arena_printf(cx.a,
	    TITLE("Three") ", \"Item\": {\"relation\": [{\"id\": \"%s\"}, {\"id\": \"%s\"}]}", tea,
	    pot));
	did.hidden = arena_printf(cx.a, "/v1/pages/%s", pot);
	assert_ok(reads());
	assert_true(did.delta);
	has(rows_read(),
	    arena_printf(cx.a,
		"Item=[{\"id\":\"%s\",\"title\":\"Tea\"},{\"id\":\"%s\",\"title\":null}]", tea,
		pot));
	did.hidden = NULL;
	/* More than forty are worth a read of everything. */
	source = shop;
	for (int i = 0; i < 41; i++)
		buf_printf(many, "%s{\"id\": \"%s\"}", i ? ", " : "",
		    page(arena_printf(
			cx.a, "\"Name\": {\"title\": [{\"text\": {\"content\": \"T%d\"}}]}", i)));
	source = here;
	page(arena_printf(cx.a, TITLE("All") ", \"Item\": {\"relation\": [%s]}", buf_c(many)));
	assert_ok(reads());
	assert_false(did.delta);
	has(rows_read(), "\"title\":\"T40\"");
}

static void
a_related_database_that_is_not_shown_costs_its_titles_alone(void **state)
{
	const char *here = source, *shop = data_source("Shop", ""), *tea;

	(void)state;
	source = shop;
	tea = page(TITLE("Tea"));
	source = here;
	fine("PATCH", arena_printf(cx.a, N "/data_sources/%s", source),
	    arena_printf(cx.a,
		"{\"properties\": {\"Item\": {\"relation\": {\"data_source_id\": \"%s\", "
		"\"single_property\": {}}}}}",
		shop));
	page(
	    arena_printf(cx.a, TITLE("One") ", \"Item\": {\"relation\": [{\"id\": \"%s\"}]}", tea));
	control(arena_printf(cx.a,
	    "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": false}}", shop));
	begin(TABLE);
	assert_ok(reads());
	has(buf_c(did.asked), shop);
	has(rows_read(), arena_printf(cx.a, "Name=\"One\""));
	has_not(rows_read(), "Tea");
}

static void
a_query_that_tells_of_fewer_than_there_are_is_begun_again(void **state)
{
	const char *rows;

	(void)state;
	control(
	    arena_printf(cx.a, "{\"notion_fill\": {\"source\": \"%s\", \"count\": 57}}", source));
	control("{\"notion_cap\": 20}");
	begin(TABLE);
	assert_ok(reads());
	rows = rows_read();
	/* At the minute of the last one, which comes twice and is told once. */
	assert_int_equal(rows_of(rows), 57);
	has(rows, "Name=\"Row 57\"");
	has_not(rows, "doubt");
	/* All of one minute: it cannot be told apart, and is said. */
	control(arena_printf(
	    cx.a, "{\"notion_fill\": {\"source\": \"%s\", \"count\": 30, \"gap_ms\": 0}}", source));
	from.cursor = NULL;
	assert_ok(reads());
	has(rows_read(), "doubt query_limit");
	/* Of what was edited alone, too. */
	control("{\"notion_cap\": 10000}");
	from.cursor = NULL;
	assert_ok(reads());
	for (int i = 0; i < 25; i++) {
		clock_step_to(WORLD_MS + MINUTE_MS + i * MINUTE_MS / 3);
		page(TITLE("Late"));
	}
	control("{\"notion_cap\": 10}");
	assert_ok(reads());
	assert_true(did.delta);
	assert_int_equal(rows_of(rows_read()), 25);
}

static void
long_texts_and_relations_come_in_full(void **state)
{
	struct buf *pieces = buf_in(cx.a, 100000);
	const char *id;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_printf(pieces, "%s{\"text\": {\"content\": \"piece %d. \"%s}}", i ? ", " : "",
		    i, i % 2 ? ", \"link\": {\"url\": \"https://a.example\"}" : "");
	id = page(
	    arena_printf(cx.a, TITLE("Long") ", \"Notes\": {\"rich_text\": [%s]}", buf_c(pieces)));
	begin(TABLE);
	assert_ok(reads());
	has(buf_c(did.asked), arena_printf(cx.a, "GET /v1/pages/%s/properties/", id));
	has(rows_read(), "piece 0. piece 1. ");
	has(rows_read(), "piece 58. piece 59. ");
	/* Whether its end has changed the page itself does not say: it comes with each look. */
	assert_ok(reads());
	assert_int_equal(rows_of(rows_read()), 1);
}

static void
properties_that_are_others_now_are_told_and_make_it_a_read_of_everything(void **state)
{
	const char *rows;

	(void)state;
	page(TITLE("Tea") ", \"Seats\": {\"number\": 7}");
	begin(TABLE);
	assert_ok(reads());
	fine("PATCH", arena_printf(cx.a, N "/data_sources/%s", source),
	    "{\"properties\": {\"Seats\": {\"name\": \"Places\"}, \"Mail\": {\"url\": {}}}}");
	page(TITLE("Pot") ", \"Places\": {\"number\": 8}");
	assert_ok(reads());
	assert_false(did.delta);
	rows = rows_read();
	assert_int_equal(rows_of(rows), 2);
	has(rows,
	    "warn property_renamed_0: The property \"Seats\" is called \"Places\" now: its "
	    "values are in the column of the new name.");
	has(rows,
	    "warn property_retyped_0: The property \"Mail\" is of the type url now, no longer "
	    "email.");
	has(rows, "Places=8");
	/* Told once. */
	from.asked = true;
	assert_ok(reads());
	has_not(rows_read(), "property_re");
}

static void
the_page_at_which_a_read_goes_on_may_go(void **state)
{
	const char *next = NULL;

	(void)state;
	control(
	    arena_printf(cx.a, "{\"notion_fill\": {\"source\": \"%s\", \"count\": 150}}", source));
	begin(TABLE);
	for (did.n = 0; did.n < 3; did.n++) {
		struct fetch f = { .page = did.n, .next = next, .write = read_write };

		did.page[did.n] = buf_in(cx.a, 1 << 20);
		assert_ok(reader_notion.fetch(&cx, &from, &f));
		next = f.next_page;
		if (did.n == 1) {
			json *at_page = json_stored(cx.a, next);

			assert_non_null(json_str(at_page, "start"));
			trashed(json_str(at_page, "start"));
		}
		if (!next)
			assert_int_equal(did.n, 2);
	}
	assert_null(next);
	/* The one that went away may be told or not; every other is there once. */
	assert_in_range(rows_of(rows_read()), 149, 150);
	has(rows_read(), "Name=\"Row 150\"");
	has(rows_read(), "Name=\"Row 102\"");
}

static void
a_link_names_a_database_with_one_data_source(void **state)
{
	const char *first = source;

	(void)state;
	begin(TABLE);
	json_set_str((json *)from.config, "dataSource", database);
	page(TITLE("Tea"));
	assert_ok(reads());
	has(buf_c(did.asked), arena_printf(cx.a, "GET /v1/databases/%s\n", database));
	assert_int_equal(rows_of(rows_read()), 1);
	assert_string_equal(json_str(from.cursor, "source"), first);
	fine("POST", N "/data_sources",
	    arena_printf(cx.a,
		"{\"parent\": {\"type\": \"database_id\", \"database_id\": \"%s\"}, \"title\": "
		"[{\"text\": {\"content\": \"Second\"}}], \"properties\": {\"Name\": "
		"{\"title\": {}}}}",
		database));
	from.cursor = NULL;
	assert_error(reads(), E_UNSUPPORTED);
	has(cx.err.detail, "several data sources: ");
	has(cx.err.detail, first);
	has(cx.err.detail, "\"Second\" (");
	json_set_str((json *)from.config, "dataSource", "393abc1e-edcd-80f3-813b-e20593455800");
	assert_error(reads(), E_SOURCE_GONE);
	has(cx.err.detail, "add \"tester\"; or it was deleted.");
}

static void
what_is_in_the_trash_is_said_to_be(void **state)
{
	(void)state;
	begin(TABLE);
	assert_ok(reads());
	fine("PATCH", arena_printf(cx.a, N "/data_sources/%s", source), "{\"in_trash\": true}");
	assert_error(reads(), E_SOURCE_GONE);
	has(cx.err.detail, "in the trash of Notion");
	from.cursor = NULL;
	assert_error(reads(), E_SOURCE_GONE);
	has(cx.err.detail, "in the trash of Notion");
}

static void
properties_of_events_are_guessed_or_named(void **state)
{
	(void)state;
	page(TITLE("Tea") ", \"When\": {\"date\": {\"start\": \"2026-10-05\", \"end\": "
			  "\"2026-10-06\"}}, \"Notes\": {\"rich_text\": " TEXT("Bring cups") "}");
	begin(CALENDAR);
	assert_ok(reads());
	has(buf_c(did.asked), "GET /v1/users/me\n");
	assert_non_null(json_str(json_at(from.cursor, "calendar"), "date"));
	assert_non_null(json_str(json_at(from.cursor, "calendar"), "notes"));
	assert_null(json_str(json_at(from.cursor, "calendar"), "location"));
	assert_non_null(json_str(from.cursor, "bot"));
	(void)rows_read();
	assert_string_equal(json_str(from.known, "date"), "When");
	assert_string_equal(json_str(from.known, "title"), "Name");
	assert_null(json_str(from.known, "location"));
	/* It goes with the cursor. */
	assert_ok(reads());
	assert_true(did.unchanged);
	page(TITLE("Pot"));
	assert_ok(reads());
	has(buf_c(did.page[0]), "\"calendar\":");
	has(buf_c(did.page[0]), "\"bot\":");
	begin(CALENDAR ", \"properties\": {\"date\": \"When\", \"location\": \"Where\"}");
	assert_error(reads(), E_UNSUPPORTED);
	has(cx.err.detail,
	    "The database has no property \"Where\" that could be the location of an event.");
	/* A property of another type is none. */
	begin(CALENDAR ", \"properties\": {\"location\": \"Seats\"}");
	assert_error(reads(), E_UNSUPPORTED);
	has(cx.err.detail, "\"Seats\"");
	source = data_source("Dateless", "\"Seats\": {\"number\": {}}");
	begin(CALENDAR);
	assert_error(reads(), E_UNSUPPORTED);
	has(cx.err.detail, "no property of the type Date. Add one in Notion, then sync.");
}

static void
a_look_takes_what_comes_first_and_says_that_there_is_more(void **state)
{
	(void)state;
	control(
	    arena_printf(cx.a, "{\"notion_fill\": {\"source\": \"%s\", \"count\": 250}}", source));
	begin(TABLE);
	did.enough = 1;
	assert_ok(reads());
	assert_true(did.cut);
	assert_int_equal(rows_of(rows_read()), 100);
	assert_null(from.cursor);
	/* All of it: nothing is cut, whatever else was to be enough. */
	did.enough = 0;
	assert_ok(reads());
	assert_false(did.cut);
	assert_false(did.delta);
	assert_int_equal(rows_of(rows_read()), 250);
	assert_non_null(from.cursor);
	/* What is looked at whole is not cut either. */
	source = data_source("Few", "");
	page(TITLE("One"));
	begin(TABLE);
	did.enough = 1;
	assert_ok(reads());
	assert_false(did.cut);
	assert_int_equal(rows_of(rows_read()), 1);
}

static void
what_is_shared_is_shown_to_choose_from(void **state)
{
	json *choices = json_new(cx.a), *list = json_list(cx.a);
	bool more = true;

	(void)state;
	begin(TABLE);
	assert_ok(reader_notion.choices(&cx, &from, choices));
	assert_int_equal(json_len(json_at(choices, "dataSources")), 1);
	assert_string_equal(
	    json_str(json_nth(json_at(choices, "dataSources"), 0), "title"), "Tasks");
	assert_string_equal(json_str(json_nth(json_at(choices, "dataSources"), 0), "id"), source);
	assert_null(json_str(choices, "share"));
	assert_ok(reader_notion.sources(&cx, &from, list, &more));
	assert_false(more);
	assert_int_equal(json_len(list), 1);
	assert_string_equal(json_str(json_nth(list, 0), "link"), source);
	assert_non_null(json_str(json_nth(list, 0), "changedAt"));
	control("{\"notion\": {\"token\": \"m\", \"name\": \"nobody\"}}");
	read_token = "m";
	choices = json_new(cx.a);
	assert_ok(reader_notion.choices(&cx, &from, choices));
	assert_int_equal(json_len(json_at(choices, "dataSources")), 0);
	has(json_str(choices, "share"), "Nothing is shared yet.");
}

static const struct {
	int status;
	const char *body;
	bool write;
	enum error_kind kind;
	const char *says;
} refusals[] = {
	{ 404,
	    "{\"code\": \"object_not_found\", \"message\": \"Could not find x. Make sure "
	    "it is shared with your integration \\\"Desk\\\".\"}",
	    false, E_SOURCE_GONE, "Connections, and add \"Desk\"; or it was deleted." },
	{ 404, "{\"code\": \"object_not_found\"}", false, E_SOURCE_GONE,
	    "add the connection that Tidemark reads with" },
	{ 404, "{\"code\": \"object_not_found\", \"message\": \"\\\"\"}", false, E_SOURCE_GONE,
	    "add the connection that Tidemark reads with" },
	{ 403, "{\"code\": \"restricted_resource\"}", false, E_SOURCE_DENIED,
	    "does not let this connection read the page. Switch on \"Read content\"" },
	{ 403, "{\"code\": \"restricted_resource\"}", true, E_SOURCE_DENIED,
	    "change the page. Switch on \"Update content\" and \"Insert content\"" },
	{ 400,
	    "{\"code\": \"validation_error\", \"message\": \"The start_cursor provided is "
	    "invalid\"}",
	    false, E_CURSOR, "The page that came next in the page is gone." },
	{ 400, "{\"code\": \"validation_error\", \"message\": \"It is in the trash\"}", false,
	    E_SOURCE_GONE, "in the trash of Notion" },
	{ 400, "{\"code\": \"validation_error\", \"message\": \"Bad filter\"}", false,
	    E_SOURCE_STATUS, "does not take the request for the page: Bad filter" },
	{ 400, "{\"code\": \"invalid_json\"}", false, E_SOURCE_STATUS,
	    "it did not understand it." },
	{ 409, "{\"code\": \"conflict_error\"}", false, E_SOURCE_5XX, "broke off" },
	{ 529, "{\"code\": \"service_overload\"}", false, E_RATE_LIMITED, "slow down" },
	{ 403,
	    "{\"code\": \"x\", \"additional_data\": {\"rate_limit_reason\": "
	    "\"public_api_request_blocked\"}}",
	    false, E_SOURCE_DENIED, "has blocked this connection" },
};

static void
refusals_say_what_to_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct rest_call call = { .what = "the page", .write = refusals[i].write };
		const struct http_answer answer = {
			.status = refusals[i].status,
			.body = str_c(refusals[i].body),
		};

		cx.err = (struct err){ 0 };
		assert_error(notion_rest.refusal(&cx, &call, NULL, &answer), refusals[i].kind);
		has(cx.err.detail, refusals[i].says);
	}
	/* By the status alone. */
	for (int status = 401; status <= 500; status += 99) {
		const struct rest_call call = { .what = "the page" };
		const struct http_answer answer = {
			.status = status,
			.body = str_c("{\"code\": \"other\"}"),
		};

		assert_ok(notion_rest.refusal(&cx, &call, NULL, &answer));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		read_test(everything_is_read_by_hundreds_in_the_order_in_which_it_was_made),
		read_test(everything_is_read_the_more_rarely_the_more_there_is),
		read_test(what_was_told_within_some_minutes_is_told_again_only_when_it_differs),
		read_test(related_pages_are_called_by_their_titles),
		read_test(a_related_database_that_is_not_shown_costs_its_titles_alone),
		read_test(a_query_that_tells_of_fewer_than_there_are_is_begun_again),
		read_test(long_texts_and_relations_come_in_full),
		read_test(properties_that_are_others_now_are_told_and_make_it_a_read_of_everything),
		read_test(the_page_at_which_a_read_goes_on_may_go),
		read_test(a_link_names_a_database_with_one_data_source),
		read_test(what_is_in_the_trash_is_said_to_be),
		read_test(properties_of_events_are_guessed_or_named),
		read_test(a_look_takes_what_comes_first_and_says_that_there_is_more),
		read_test(what_is_shared_is_shown_to_choose_from),
		read_test(refusals_say_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
