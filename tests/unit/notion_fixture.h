/* notion_fixture.h - a workspace of the stand-in's Notion for one test: a connection "n", a page
 * that is shared with it, and a data source there with a property of most types. */
#ifndef NOTION_FIXTURE_H
#define NOTION_FIXTURE_H

#include "unit/fake_fixture.h"

#define N "/fake/notion/v1"
#define ROOT "393abc1e-edcd-80f3-813b-e205934558c6"
#define TEXT(s) "[{\"text\": {\"content\": \"" s "\"}}]"
#define TITLE(s) "\"Name\": {\"title\": " TEXT(s) "}"

static const char *source, *database;

static inline const char *
kept_text(const char *path)
{
	return arena_dup(cx.a, text_at(path));
}

static inline void
fine(const char *method, const char *path, const char *body)
{
	if (ask(method, path, body) != 200)
		flunk("%s %s: %d %s", method, path, rep.status, buf_c(rep.body));
}

static inline const char *
page(const char *properties)
{
	fine("POST", N "/pages",
	    arena_printf(cx.a,
		"{\"parent\": {\"type\": \"data_source_id\", \"data_source_id\": \"%s\"}, "
		"\"properties\": {%s}}",
		source, properties));
	return kept_text("id");
}

static inline const char *
data_source(const char *title, const char *properties)
{
	fine("POST", N "/databases",
	    arena_printf(cx.a,
		"{\"parent\": {\"type\": \"page_id\", \"page_id\": \"" ROOT "\"}, \"title\": "
		"[{\"text\": {\"content\": \"%s\"}}], \"initial_data_source\": {\"properties\": "
		"{\"Name\": {\"title\": {}}%s%s}}}",
		title, *properties ? ", " : "", properties));
	database = kept_text("id");
	return kept_text("data_sources.0.id");
}

/* The titles that a query answers with: "a b c", and "..." when there are more. */
static inline const char *
queried(const char *body)
{
	struct buf *b = buf_in(cx.a, 100000);

	if (ask("POST", arena_printf(cx.a, N "/data_sources/%s/query", source), body) != 200)
		return arena_printf(cx.a, "%d %s", rep.status, text_at("message"));
	for (size_t i = 0; i < json_len(at("results")); i++)
		buf_printf(b, "%s%s", i ? " " : "",
		    text_at(
			arena_printf(cx.a, "results.%zu.properties.Name.title.0.plain_text", i)));
	buf_str(b, json_flag(got, "has_more", false) ? " ..." : "");
	return buf_c(b);
}

static inline void
refused(int status, const char *code, const char *in_message)
{
	if (rep.status != status || strcmp(text_at("code"), code) != 0 ||
	    !strstr(text_at("message"), in_message))
		flunk("not %d %s \"%s\": %d %s", status, code, in_message, rep.status,
		    buf_c(rep.body));
	assert_string_equal(text_at("object"), "error");
	assert_non_null(at("request_id"));
}

static inline int
notion_open(void **state)
{
	world_open(state);
	notion_version = "2025-09-03";
	control("{\"notion\": {\"token\": \"n\", \"name\": \"tester\", \"page\": \"" ROOT "\"}}");
	bearer = "n";
	source = data_source("Tasks",
	    "\"When\": {\"date\": {}}, \"Seats\": {\"number\": {}}, \"Kind\": {\"select\": {}}, "
	    "\"Tags\": {\"multi_select\": {}}, \"State\": {\"status\": {}}, \"Done\": "
	    "{\"checkbox\": {}}, \"Link\": {\"url\": {}}, \"Mail\": {\"email\": {}}, \"Notes\": "
	    "{\"rich_text\": {}}, \"Files\": {\"files\": {}}, \"Who\": {\"people\": {}}, "
	    "\"Twice\": {\"formula\": {\"expression\": \"prop(\\\"Seats\\\")\"}}, \"No\": "
	    "{\"unique_id\": {\"prefix\": \"T\"}}, \"Made\": {\"created_time\": {}}");
	return 0;
}

static inline int
notion_close(void **state)
{
	notion_version = NULL;
	bearer = "t";
	return world_close(state);
}

#define notion_test(f) cmocka_unit_test_setup_teardown(f, notion_open, notion_close)

static inline const char *
header(const char *name)
{
	const char *v = params_get(&rep.headers, name);

	return v ? v : "(none)";
}

#endif
