/* The stand-in's Notion: what it tells, refuses, and is slow to know. */
#include "unit/notion_fixture.h"

/* The members of what the real service answered, as recorded. */
static void
answers_have_the_members_of_the_real_ones(void **state)
{
	static const struct {
		const char *method, *path, *body, *members;
	} rows[] = {
		{ "POST", "/pages",
		    "{\"parent\":{\"page_id\":\"393abc1eedcd80f3813be205934558c6\"},\"properties\":"
		    "{\"title\":[{\"text\":{\"content\":\"Test Page\"}}]},\"children\":[]}",
		    "object id created_time last_edited_time created_by last_edited_by cover icon "
		    "parent in_trash is_archived is_locked properties url public_url archived "
		    "request_id" },
		{ "POST", "/databases",
		    "{\"parent\":{\"type\":\"page_id\",\"page_id\":\"" ROOT
		    "\"},\"title\":[{\"type\":\"text\",\"text\":{\"content\":\"Test DB\"}}]}",
		    "object id title description parent is_inline in_trash is_locked created_time "
		    "last_edited_time data_sources icon cover url public_url archived request_id" },
		{ "GET", "/data_sources/%s", NULL,
		    "object id cover icon created_time created_by last_edited_by last_edited_time "
		    "title description is_inline properties parent database_parent url public_url "
		    "in_trash archived request_id" },
		{ "POST", "/data_sources/%s/query", "{}",
		    "object results next_cursor has_more type page_or_data_source request_id" },
		{ "GET", "/users", NULL,
		    "object results next_cursor has_more type user request_id" },
		{ "GET", "/users/me", NULL, "object id name avatar_url type bot request_id" },
		{ "GET", "/blocks/" ROOT "/children", NULL,
		    "object results next_cursor has_more type block request_id" },
		{ "DELETE", "/blocks/" ROOT, NULL,
		    "object id parent created_time last_edited_time created_by last_edited_by "
		    "has_children in_trash type child_page archived request_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *path = rows[i].path, *hole = strstr(path, "%s");
		struct str rest = str_c(rows[i].members);
		size_t n = 0;

		path = hole
		    ? arena_printf(cx.a, N "%.*s%s%s", (int)(hole - path), path, source, hole + 2)
		    : arena_printf(cx.a, N "%s", path);
		fine(rows[i].method, path, rows[i].body);
		for (; rest.p; n++) {
			const char *name = arena_dup_str(cx.a, str_cut(rest, ' ', &rest));

			if (!json_has(got, name))
				flunk("%s: %s is missing", path, name);
		}
		if (json_len(got) != n)
			flunk("%s: %s", path, buf_c(rep.body));
	}
}

static void
a_page_is_told_with_all_its_values(void **state)
{
	(void)state;
	page(TITLE("Tea") ", \"When\": {\"date\": {\"start\": \"2026-10-05T10:00:00\", "
			  "\"time_zone\": \"Europe/Berlin\"}}, \"Seats\": {\"number\": 7.5}, "
			  "\"Kind\": {\"select\": {\"name\": \"New\"}}, \"State\": {\"status\": "
			  "{\"name\": \"Done\"}}, \"Files\": {\"files\": [{\"name\": \"a.pdf\", "
			  "\"file\": {}}]}");
	assert_string_equal(json_of("properties.When.date"),
	    "{\"start\":\"2026-10-05T10:00:00.000+02:00\",\"end\":null,\"time_zone\":null}");
	assert_string_equal(json_of("properties.Seats.number"), "7.5");
	assert_string_equal(text_at("properties.Kind.select.name"), "New");
	assert_string_equal(json_of("properties.Link.url"), "(nothing)");
	assert_true(json_has(at("properties.Link"), "url"));
	assert_string_equal(json_of("properties.Done.checkbox"), "false");
	assert_string_equal(json_of("properties.Tags.multi_select"), "[]");
	assert_string_equal(
	    json_of("properties.Twice.formula"), "{\"type\":\"number\",\"number\":7.5}");
	assert_string_equal(json_of("properties.No.unique_id"), "{\"prefix\":\"T\",\"number\":1}");
	assert_string_equal(text_at("properties.Made.created_time"), text_at("created_time"));
	assert_string_equal(text_at("created_time") + 16, ":00.000Z");
	assert_string_equal(text_at("properties.Files.files.0.type"), "file");
	assert_non_null(at("properties.Files.files.0.file.expiry_time"));
	assert_string_equal(text_at("properties.Name.id"), "title");
	assert_string_equal(text_at("parent.data_source_id"), source);
}

static void
what_notion_refuses_is_refused_in_its_words(void **state)
{
	static const struct {
		const char *properties, *message;
	} rows[] = {
		{ "\"Nome\": {\"title\": []}", "Nome is not a property that exists." },
		{ "\"Seats\": {\"number\": \"7\"}", "Seats is expected to be number." },
		{ "\"Seats\": {\"select\": {\"name\": \"x\"}}", "Seats is expected to be number." },
		{ "\"Link\": {\"url\": \"\"}", "length should be ≥" },
		{ "\"State\": {\"status\": {\"name\": \"Maybe\"}}", "Invalid status option." },
		{ "\"Kind\": {\"select\": {\"name\": \"a,b\"}}", "commas not allowed" },
		{ "\"Done\": {\"checkbox\": null}", "Done is expected to be checkbox." },
		{ "\"Twice\": {\"formula\": 1}", "Twice cannot be written" },
		{ "\"When\": {\"date\": {\"start\": \"2026-02-30\"}}", "date.start" },
		{ "\"When\": {\"date\": {\"start\": \"2026-03-02\", \"end\": \"2026-03-01\"}}",
		    "before end date" },
		{ "\"When\": {\"date\": {\"start\": \"2026-03-02\", \"end\": "
		  "\"2026-03-03T10:00:00Z\"}}",
		    "both have a time" },
		{ "\"When\": {\"date\": {\"start\": \"2026-03-02T10:00:00Z\", \"time_zone\": "
		  "\"Europe/Berlin\"}}",
		    "date.start" },
		{ "\"Who\": {\"people\": [{\"id\": \"" ROOT "\"}]}", "Could not find user" },
	};
	char *long_text = arena_alloc(cx.a, 2002);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask("POST", N "/pages",
		    arena_printf(cx.a,
			"{\"parent\": {\"data_source_id\": \"%s\"}, \"properties\": {%s}}", source,
			rows[i].properties));
		refused(400, "validation_error", rows[i].message);
	}
	memset(long_text, 'x', 2001);
	ask("POST", N "/pages",
	    arena_printf(cx.a,
		"{\"parent\": {\"data_source_id\": \"%s\"}, \"properties\": {\"Notes\": "
		"{\"rich_text\": [{\"text\": {\"content\": \"%s\"}}]}}}",
		source, long_text));
	refused(400, "validation_error", "length should be ≤ `2000`, instead was `2001`.");
	ask("POST", N "/pages", "{\"parent\": {\"data_source_id\": \"x\"}}");
	refused(400, "validation_error", "should be a valid uuid");
	ask("POST", N "/pages", "{\"parent\": {\"page_id\": \"" ROOT "\"}, \"colour\": 1}");
	refused(400, "validation_error", "body.colour should be not present");
	ask("POST", N "/pages", "{\"parent\"");
	refused(400, "invalid_json", "Error parsing JSON body.");
	ask("GET", N "/invalid", NULL);
	refused(400, "invalid_request_url", "Invalid request URL.");
	bearer = "wrong";
	ask("GET", N "/users", NULL);
	refused(401, "unauthorized", "API token is invalid.");
	bearer = "n";
	notion_version = NULL;
	ask("GET", N "/users", NULL);
	refused(400, "missing_version", "Notion-Version header should be defined");
	notion_version = "2025-09-03";
	/* Nothing of all that is there. */
	assert_string_equal(queried("{}"), "");
}

static void
a_query_filters_sorts_and_goes_on_from_its_cursor(void **state)
{
	const char *cursor;

	(void)state;
	for (int i = 0; i < 5; i++) {
		page(arena_printf(cx.a,
		    "\"Name\": {\"title\": [{\"text\": {\"content\": "
		    "\"p%d\"}}]}, \"Seats\": {\"number\": %d}",
		    i, i % 3));
		clock_step_by(MINUTE_MS);
	}
#define BY_TIME "\"sorts\": [{\"timestamp\": \"created_time\", \"direction\": \"ascending\"}]"
	assert_string_equal(queried("{" BY_TIME ", \"page_size\": 2}"), "p0 p1 ...");
	cursor = kept_text("next_cursor");
	assert_string_equal(
	    queried(arena_printf(
		cx.a, "{" BY_TIME ", \"page_size\": 3, \"start_cursor\": \"%s\"}", cursor)),
	    "p2 p3 p4");
	assert_string_equal(queried("{" BY_TIME ", \"filter\": {\"and\": [{\"property\": \"Seats\","
				    " \"number\": {\"less_than\": 2}}, {\"property\": \"Name\", "
				    "\"title\": {\"does_not_equal\": \"p3\"}}]}}"),
	    "p0 p1 p4");
	assert_string_equal(queried("{\"sorts\": [{\"property\": \"Seats\", \"direction\": "
				    "\"descending\"}, {\"timestamp\": \"created_time\", "
				    "\"direction\": \"ascending\"}]}"),
	    "p2 p1 p4 p0 p3");
	assert_string_equal(queried("{\"filter\": {\"property\": \"Seatz\", \"number\": "
				    "{\"equals\": 1}}}"),
	    "400 Could not find property with name or id: Seatz");
	assert_string_equal(queried("{\"page_size\": 101}"),
	    "400 body failed validation: body.page_size should "
	    "be ≤ `100`, instead was `101`.");
	control("{\"notion_brief_pages\": true}");
	assert_string_equal(queried("{" BY_TIME ", \"page_size\": 4}"), "p0 p1 ...");
	control("{\"notion_brief_pages\": false, \"notion_cap\": 3}");
	assert_string_equal(queried("{" BY_TIME ", \"page_size\": 2}"), "p0 p1 ...");
	assert_string_equal(
	    text_at("request_status.incomplete_reason"), "query_result_limit_reached");
	cursor = kept_text("next_cursor");
	assert_string_equal(
	    queried(arena_printf(cx.a, "{" BY_TIME ", \"start_cursor\": \"%s\"}", cursor)), "p2");
}

static void
times_of_edits_are_those_of_their_minute(void **state)
{
	const char *id, *edited;

	(void)state;
	clock_step_to(INT64_C(1790000000000) / MINUTE_MS * MINUTE_MS + 20 * SECOND_MS);
	id = page(TITLE("Tea"));
	edited = kept_text("last_edited_time");
	clock_step_by(30 * SECOND_MS);
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"properties\": {\"Seats\": "
	    "{\"number\": 3}}}");
	assert_string_equal(text_at("last_edited_time"), edited);
#define SINCE \
	"{\"filter\": {\"timestamp\": \"last_edited_time\", " \
	"\"last_edited_time\": {\"%s\": \"%s\"}}}"
	assert_string_equal(queried(arena_printf(cx.a, SINCE, "on_or_after", edited)), "Tea");
	assert_string_equal(queried(arena_printf(cx.a, SINCE, "after", edited)), "");
}

static void
long_lists_are_cut_and_come_in_full_by_property(void **state)
{
	struct buf *b = buf_in(cx.a, 100000);
	const char *id;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_printf(b, "%s{\"text\": {\"content\": \"%d \"}}", i ? "," : "", i);
	id = page(arena_printf(cx.a, TITLE("Tea") ", \"Notes\": {\"rich_text\": [%s]}", buf_c(b)));
	assert_int_equal(json_len(at("properties.Notes.rich_text")), 25);
	fine("GET",
	    arena_printf(
		cx.a, N "/pages/%s/properties/%s?page_size=50", id, text_at("properties.Notes.id")),
	    NULL);
	assert_int_equal(json_len(at("results")), 50);
	assert_string_equal(text_at("results.49.rich_text.plain_text"), "49 ");
	assert_string_equal(json_of("has_more"), "true");
	assert_non_null(at("property_item.next_url"));
	fine("GET",
	    arena_printf(
		cx.a, N "/pages/%s/properties/Notes?start_cursor=%s", id, text_at("next_cursor")),
	    NULL);
	assert_int_equal(json_len(at("results")), 10);
	assert_string_equal(json_of("has_more"), "false");
	ask("GET", arena_printf(cx.a, N "/pages/%s/properties/Nope", id), NULL);
	refused(404, "object_not_found", "Could not find property");
}

static void
relations_are_rolled_up_and_hide_what_is_not_shared(void **state)
{
	const char *orders = source, *shop, *tea;

	(void)state;
	source = shop = data_source("Shop", "\"Price\": {\"number\": {}}");
	tea = page(TITLE("Tea") ", \"Price\": {\"number\": 4}");
	page(TITLE("Cup") ", \"Price\": {\"number\": 5}");
	fine("PATCH", arena_printf(cx.a, N "/data_sources/%s", orders),
	    arena_printf(cx.a,
		"{\"properties\": {\"Items\": {\"relation\": {\"data_source_id\": \"%s\", "
		"\"single_property\": {}}}}}",
		shop));
	fine("PATCH", arena_printf(cx.a, N "/data_sources/%s", orders),
	    "{\"properties\": {\"Sum\": {\"rollup\": {\"relation_property_name\": \"Items\", "
	    "\"rollup_property_name\": \"Price\", \"function\": \"sum\"}}}}");
	source = orders;
	page(
	    arena_printf(cx.a, TITLE("O1") ", \"Items\": {\"relation\": [{\"id\": \"%s\"}]}", tea));
	assert_string_equal(json_of("properties.Items.has_more"), "false");
	assert_string_equal(json_of("properties.Sum.rollup.number"), "4");
	control(arena_printf(cx.a,
	    "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": false}}", shop));
	assert_string_equal(queried("{}"), "O1");
	assert_string_equal(json_of("results.0.properties.Items.relation"), "[]");
	ask("GET", arena_printf(cx.a, N "/data_sources/%s", shop), NULL);
	refused(404, "object_not_found", "are shared with your integration \"tester\"");
	assert_non_null(at("additional_data.integration_id"));
}

static void
a_schema_changes_under_ids_that_stay(void **state)
{
	const char *path = arena_printf(cx.a, N "/data_sources/%s", source), *id, *notes;

	(void)state;
	id = page(TITLE("Tea") ", \"Notes\": {\"rich_text\": " TEXT("often") "}");
	notes = kept_text("properties.Notes.id");
	fine("PATCH", path, "{\"properties\": {\"Notes\": {\"name\": \"Remarks\"}}}");
	assert_string_equal(text_at("properties.Remarks.id"), notes);
	fine("PATCH", path, "{\"properties\": {\"Remarks\": {\"select\": {}}}}");
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	assert_string_equal(text_at("properties.Remarks.id"), notes);
	assert_string_equal(text_at("properties.Remarks.select.name"), "often");
	fine("PATCH", path, "{\"properties\": {\"Remarks\": null}}");
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	assert_null(at("properties.Remarks"));
	ask("PATCH", path, "{\"properties\": {\"Name\": null}}");
	refused(400, "validation_error", "Cannot delete title property.");
	ask("PATCH", path, "{\"properties\": {\"Extra\": {\"date\": {}}, \"Gone\": null}}");
	refused(400, "validation_error", "Gone is not a property that exists.");
	fine("GET", path, NULL);
	assert_null(at("properties.Extra"));
	/* A second data source: who speaks of the database has to choose. */
	fine("POST", N "/data_sources",
	    arena_printf(cx.a,
		"{\"parent\": {\"database_id\": \"%s\"}, \"properties\": {\"Name\": {\"title\": "
		"{}}}}",
		database));
	ask("POST", N "/pages",
	    arena_printf(
		cx.a, "{\"parent\": {\"database_id\": \"%s\"}, \"properties\": {}}", database));
	refused(400, "validation_error", "multiple data sources");
	assert_string_equal(
	    text_at("additional_data.error_type"), "multiple_data_sources_for_database");
	assert_int_equal(json_len(at("additional_data.child_data_source_ids")), 2);
}

static void
trash_is_not_found_by_queries_and_can_be_taken_out(void **state)
{
	const char *path;

	(void)state;
	path = arena_printf(cx.a, N "/pages/%s", page(TITLE("Tea")));
	fine("PATCH", path, "{\"in_trash\": true}");
	assert_string_equal(queried("{}"), "");
	fine("GET", path, NULL);
	assert_string_equal(json_of("in_trash"), "true");
	ask("PATCH", path, "{\"properties\": {\"Seats\": {\"number\": 1}}}");
	refused(400, "validation_error", "unarchive the block");
	fine("PATCH", path, "{\"archived\": false}");
	assert_string_equal(queried("{}"), "Tea");
	notion_version = "2026-03-11";
	ask("PATCH", path, "{\"archived\": true}");
	refused(400, "validation_error", "body.archived should be not present");
	fine("PATCH", path, "{\"in_trash\": true}");
	assert_false(json_has(got, "archived"));
}

static void
an_index_knows_later_what_has_changed(void **state)
{
	const char *path;

	(void)state;
	path = arena_printf(cx.a, N "/pages/%s", page(TITLE("Tea")));
	control("{\"notion_lag_ms\": 5000}");
	page(TITLE("Cup"));
	fine("PATCH", path, "{\"properties\": {" TITLE("Pot") "}}");
	assert_string_equal(queried("{\"filter\": {\"property\": \"Name\", \"title\": "
				    "{\"contains\": \"\"}}}"),
	    "Tea");
	fine("GET", path, NULL);
	assert_string_equal(text_at("properties.Name.title.0.plain_text"), "Pot");
	/* One after the other: what changes again is not hidden for longer. */
	clock_step_by(3 * SECOND_MS);
	fine("PATCH", path, "{\"properties\": {" TITLE("Mug") "}}");
	clock_step_by(2 * SECOND_MS);
	assert_string_equal(queried("{\"sorts\": [{\"property\": \"Name\", \"direction\": "
				    "\"ascending\"}]}"),
	    "Cup Pot");
	clock_step_by(3 * SECOND_MS);
	assert_string_equal(queried("{\"sorts\": [{\"property\": \"Name\", \"direction\": "
				    "\"ascending\"}]}"),
	    "Cup Mug");
}

static void
calls_are_limited_and_some_answers_lie(void **state)
{
	int n = 0;

	(void)state;
	clock_step_to(
	    INT64_C(1790000000000) / MINUTE_MS * MINUTE_MS + 2 * MINUTE_MS + 13 * SECOND_MS);
	while (ask("GET", N "/users/me", NULL) == 200)
		n++;
	assert_int_equal(n, 180);
	refused(429, "rate_limited", "rate limited");
	assert_string_equal(header("Retry-After"), "47");
	assert_string_equal(text_at("additional_data.retry_after"), "47");
	assert_string_equal(
	    text_at("additional_data.rate_limit_reason"), "public_api_request_rate_limit");
	clock_step_by(47 * SECOND_MS);
	control("{\"faults\": [{\"kind\": \"529\", \"path\": \"/v1/users\", \"retry_after\": 3}, "
		"{\"kind\": \"409\", \"path\": \"/v1/search\"}, {\"kind\": \"saved503\", \"path\": "
		"\"/v1/pages\"}]}");
	ask("GET", N "/users/me", NULL);
	refused(529, "service_overload", "overloaded");
	assert_string_equal(header("Retry-After"), "3");
	ask("POST", N "/search", "{}");
	refused(409, "conflict_error", "Conflict occurred");
	ask("POST", N "/pages",
	    arena_printf(cx.a,
		"{\"parent\": {\"data_source_id\": \"%s\"}, \"properties\": {" TITLE("Tea") "}}",
		source));
	refused(503, "service_unavailable", "was saved");
	n = (int)json_len(at("additional_data.retry_guidance"));
	assert_int_equal(n, 2);
	fine("GET",
	    arena_printf(cx.a, N "/pages/%s", text_at("additional_data.committed_resource_id")),
	    NULL);
	assert_string_equal(queried("{}"), "Tea");
}

static void
what_is_searched_is_what_is_shared(void **state)
{
	(void)state;
	control("{\"notion\": {\"token\": \"other\", \"name\": \"other\"}}");
	fine("POST", N "/search",
	    "{\"filter\": {\"property\": \"object\", \"value\": \"data_source\"}}");
	assert_int_equal(json_len(at("results")), 1);
	assert_string_equal(text_at("results.0.object"), "data_source");
	assert_string_equal(text_at("results.0.id"), source);
	bearer = "other";
	fine("POST", N "/search",
	    "{\"filter\": {\"property\": \"object\", \"value\": \"data_source\"}}");
	assert_int_equal(json_len(at("results")), 0);
	control("{\"notion_user\": {\"token\": \"paula\", \"name\": \"Paula\"}}");
	bearer = "paula";
	fine("POST", N "/search", "{\"query\": \"task\"}");
	assert_int_equal(json_len(at("results")), 1);
	ask("POST", N "/search",
	    "{\"filter\": {\"property\": \"object\", \"value\": \"database\"}}");
	refused(400, "validation_error", "body.filter.value");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		notion_test(answers_have_the_members_of_the_real_ones),
		notion_test(a_page_is_told_with_all_its_values),
		notion_test(what_notion_refuses_is_refused_in_its_words),
		notion_test(a_query_filters_sorts_and_goes_on_from_its_cursor),
		notion_test(times_of_edits_are_those_of_their_minute),
		notion_test(long_lists_are_cut_and_come_in_full_by_property),
		notion_test(relations_are_rolled_up_and_hide_what_is_not_shared),
		notion_test(a_schema_changes_under_ids_that_stay),
		notion_test(trash_is_not_found_by_queries_and_can_be_taken_out),
		notion_test(an_index_knows_later_what_has_changed),
		notion_test(calls_are_limited_and_some_answers_lie),
		notion_test(what_is_searched_is_what_is_shared),
	};

	return cmocka_run_group_tests_name("stand-in Notion", tests, NULL, NULL);
}
