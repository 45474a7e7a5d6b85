/* Notion without the network: ids in links, what properties become, which columns there are. */
#include "unit/provider_fixture.h"
#include "unit/unit.h"

#include "kind/notion_link.h"
#include "provider/notion/notion.h"

static void
an_id_is_found_in_whatever_people_paste(void **state)
{
	static const struct {
		const char *text, *id;
	} rows[] = {
		{ "1f0cAB0012ab4c0d9e0f112233445566", "1f0cab00-12ab-4c0d-9e0f-112233445566" },
		{ " 1f0cab00-12ab-4c0d-9e0f-112233445566\n",
		    "1f0cab00-12ab-4c0d-9e0f-112233445566" },
		{ "https://www.notion.so/team/Tasks-1f0cab0012ab4c0d9e0f112233445566?v=aa#b",
		    "1f0cab00-12ab-4c0d-9e0f-112233445566" },
		{ "https://app.notion.com/p/1f0cab0012ab4c0d9e0f112233445566/",
		    "1f0cab00-12ab-4c0d-9e0f-112233445566" },
		{ "https://x.notion.site/Face-1f0cab00-12ab-4c0d-9e0f-112233445566",
		    "1f0cab00-12ab-4c0d-9e0f-112233445566" },
		/* The last digits of a title are not the first of the id. */
		{ "https://www.notion.so/deadbeef-1f0cab0012ab4c0d9e0f112233445566",
		    "1f0cab00-12ab-4c0d-9e0f-112233445566" },
		{ "1f0cab0012ab4c0d9e0f11223344556", NULL },
		{ "x1f0cab0012ab4c0d9e0f112233445566", NULL },
		{ "Tasks", NULL },
		{ "https://www.notion.so/", NULL },
		{ "https://www.notion.so/?p=1f0cab0012ab4c0d9e0f112233445566", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *id = notion_link_id(cx.a, rows[i].text);

		if (!id != !rows[i].id || (id && strcmp(id, rows[i].id) != 0))
			flunk("%s: %s", rows[i].text, id ? id : "(none)");
	}
	assert_string_equal(notion_link_to(cx.a, "1f0cab00-12ab-4c0d-9e0f-112233445566"),
	    "https://www.notion.so/1f0cab0012ab4c0d9e0f112233445566");
}

static const char *
shown(const struct cell *c)
{
	if (c->kind == CELL_NONE)
		return "-";
	return arena_printf(cx.a, "%s%.*s", c->kind == CELL_TEXT ? "" : "=", (int)c->v.n, c->v.p);
}

static const struct {
	const char *property, *cell, *end;
	bool unsupported;
} cells[] = {
	{ "{\"type\": \"title\", \"title\": [{\"plain_text\": \"a \"}, "
	  "{\"plain_text\": \"b\"}]}",
	    "a b", "-", false },
	{ "{\"type\": \"rich_text\", \"rich_text\": []}", "-", "-", false },
	{ "{\"type\": \"number\", \"number\": 12345678901234567890.5}", "=12345678901234567890.5",
	    "-", false },
	{ "{\"type\": \"number\", \"number\": null}", "-", "-", false },
	{ "{\"type\": \"checkbox\", \"checkbox\": false}", "=false", "-", false },
	{ "{\"type\": \"status\", \"status\": {\"name\": \"Done\"}}", "Done", "-", false },
	{ "{\"type\": \"select\", \"select\": null}", "-", "-", false },
	{ "{\"type\": \"date\", \"date\": {\"start\": \"2026-10-05\", \"end\": "
	  "\"2026-10-07\"}}",
	    "2026-10-05", "2026-10-07", false },
	{ "{\"type\": \"date\", \"date\": null}", "-", "-", false },
	{ "{\"type\": \"people\", \"people\": [{\"id\": \"u\"}]}",
	    "=[{\"id\":\"u\",\"name\":null}]", "-", false },
	{ "{\"type\": \"relation\", \"relation\": [{\"id\": \"known\"}, {\"id\": "
	  "\"other\"}]}",
	    "=[{\"id\":\"known\",\"title\":\"Tea\"},{\"id\":\"other\",\"title\":null}]", "-",
	    false },
	{ "{\"type\": \"unique_id\", \"unique_id\": {\"prefix\": null, \"number\": 7}}", "7", "-",
	    false },
	{ "{\"type\": \"unique_id\", \"unique_id\": {\"prefix\": \"A\", \"number\": null}}", "-",
	    "-", false },
	{ "{\"type\": \"formula\", \"formula\": {\"type\": \"date\", \"date\": {\"start\": "
	  "\"2026-01-01\", \"end\": \"2026-01-02\"}}}",
	    "2026-01-01/2026-01-02", "-", false },
	{ "{\"type\": \"formula\", \"formula\": {\"type\": \"unsupported\", "
	  "\"unsupported\": {}}}",
	    "-", "-", true },
	{ "{\"type\": \"rollup\", \"rollup\": {\"type\": \"array\", \"array\": [{\"type\": "
	  "\"number\", \"number\": 1}, {\"type\": \"date\", \"date\": {\"start\": "
	  "\"2026-01-01\", \"end\": null}}, {\"type\": \"select\", \"select\": null}]}}",
	    "=[1,\"2026-01-01\",null]", "-", false },
	{ "{\"type\": \"rollup\", \"rollup\": {\"type\": \"incomplete\"}}", "-", "-", true },
	{ "{\"type\": \"button\", \"button\": {}}", "-", "-", false },
	/* What there may be one day is kept as it comes. */
	{ "{\"type\": \"place\", \"place\": {\"lat\": 1.5}}", "={\"lat\":1.5}", "-", false },
	{ "{\"type\": \"place\"}", "-", "-", false },
	{ "{}", "-", "-", false },
};

static void
each_type_of_property_becomes_a_cell(void **state)
{
	const json *titles = json_stored(cx.a, "{\"known\": \"Tea\"}");

	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		const json *property = json_stored(cx.a, cells[i].property);
		struct notion_cell c;

		assert_non_null(property);
		notion_value(cx.a, property, titles, &c);
		if (strcmp(shown(&c.cell), cells[i].cell) != 0 ||
		    strcmp(shown(&c.end), cells[i].end) != 0 ||
		    c.unsupported != cells[i].unsupported)
			flunk("%s: %s, %s", cells[i].property, shown(&c.cell), shown(&c.end));
	}
}

static void
addresses_that_end_are_not_kept(void **state)
{
	json *page = json_stored(cx.a,
	    "{\"id\": \"p\", \"icon\": {}, \"cover\": {}, \"properties\": {\"F\": {\"files\": "
	    "[{\"name\": \"a\", \"file\": {\"url\": \"https://x?sign\"}}, {\"name\": \"b\", "
	    "\"external\": {\"url\": \"https://b\"}}]}, \"R\": {\"rollup\": {\"array\": "
	    "[{\"files\": [{\"name\": \"c\", \"file\": {\"url\": \"https://y?sign\"}}]}]}}}}");

	(void)state;
	notion_unsign(page);
	assert_null(strstr(json_text(cx.a, page), "sign"));
	assert_non_null(strstr(json_text(cx.a, page), "https://b"));
	assert_false(json_has(page, "icon"));
}

static void
a_page_fits_the_properties_it_was_read_with_or_not(void **state)
{
	const json *schema = json_stored(cx.a,
	    "[{\"id\": \"title\", \"name\": \"Name\", \"type\": \"title\"}, {\"id\": \"a%3A\", "
	    "\"name\": \"When\", \"type\": \"date\"}]");
	static const struct {
		const char *properties;
		bool fits;
	} rows[] = {
		{ "\"When\": {\"id\": \"a%3A\", \"type\": \"date\"}, \"Name\": {\"id\": \"title\", "
		  "\"type\": \"title\"}",
		    true },
		{ "\"Name\": {\"id\": \"title\", \"type\": \"title\"}", false },
		{ "\"Wann\": {\"id\": \"a%3A\", \"type\": \"date\"}, \"Name\": {\"id\": \"title\", "
		  "\"type\": \"title\"}",
		    false },
		{ "\"When\": {\"id\": \"a%3A\", \"type\": \"rich_text\"}, \"Name\": {\"id\": "
		  "\"title\", \"type\": \"title\"}",
		    false },
		{ "\"When\": {\"id\": \"b\", \"type\": \"date\"}, \"Name\": {\"id\": \"title\", "
		  "\"type\": \"title\"}",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (notion_schema_fits(schema,
			json_stored(
			    cx.a, arena_printf(cx.a, "{\"properties\": {%s}}", rows[i].properties)),
			false) != rows[i].fits)
			flunk("%s", rows[i].properties);
}

static void
the_property_of_our_own_may_have_come_since(void **state)
{
	static const char page[] =
	    "{\"properties\": {\"Name\": {\"id\": \"title\", \"type\": \"title\"}, "
	    "\"Tidemark\": {\"id\": \"m\", \"type\": \"%s\"}}}";
	static const char schema[] =
	    "[{\"id\": \"title\", \"name\": \"Name\", \"type\": \"title\"}%s]";
	const json *before = json_stored(cx.a, arena_printf(cx.a, schema, ""));
	const json *other = json_stored(cx.a,
	    arena_printf(cx.a, schema,
		", {\"id\": \"n\", \"name\": \"Tidemark\", \"type\": \"rich_text\"}"));
	const json *ours = json_stored(cx.a, arena_printf(cx.a, page, "rich_text"));

	(void)state;
	assert_true(notion_schema_fits(before, ours, true));
	assert_false(notion_schema_fits(before, ours, false));
	assert_false(notion_schema_fits(
	    before, json_stored(cx.a, arena_printf(cx.a, page, "number")), true));
	/* One that was known has changed. */
	assert_false(notion_schema_fits(other, ours, true));
	assert_false(notion_schema_fits(before, json_stored(cx.a, "{\"properties\": {}}"), true));
}

/* Two pages of the spool: what a title is called that is only known from the second. */
static void
rows_come_under_their_names_with_titles_from_anywhere(void **state)
{
	static const char first[] =
	    "{\"schema\": [{\"id\": \"title\", \"name\": \"Name\", \"type\": \"title\"}, {\"id\": "
	    "\"d\", \"name\": \"When\", \"type\": \"date\"}, {\"id\": \"e\", \"name\": \"When "
	    "(end)\", \"type\": \"checkbox\"}, {\"id\": \"r\", \"name\": \"Part of\", \"type\": "
	    "\"relation\", \"source\": \"s\"}, {\"id\": \"b\", \"name\": \"Go\", \"type\": "
	    "\"button\"}], \"renamed\": [{\"from\": \"Date\", \"to\": \"When\"}], \"pages\": "
	    "[{\"id\": \"p1\", \"properties\": {\"Name\": {\"type\": \"title\", \"title\": "
	    "[{\"plain_text\": \"One\"}]}, \"When\": {\"type\": \"date\", \"date\": {\"start\": "
	    "\"2026-01-01\", \"end\": \"2026-01-02\"}}, \"When (end)\": {\"type\": \"checkbox\", "
	    "\"checkbox\": true}, \"Part of\": {\"type\": \"relation\", \"relation\": [{\"id\": "
	    "\"p2\"}]}}}]}";
	static const char second[] =
	    "{\"pages\": [{\"id\": \"p2\", \"properties\": {\"Name\": {\"type\": \"title\", "
	    "\"title\": [{\"plain_text\": \"Two\"}]}}}]}";
	struct fixture_page pages[2] = {
		{ .bytes = str_c(first), .step = 7 },
		{ .bytes = str_c(second) },
	};
	struct fixture *f = fixture_new(cx.a);

	(void)state;
	assert_ok(fixture_parse(&cx, provider_find("notion")->reader, "{}", pages, 2, f));
	assert_string_equal(buf_c(f->text),
	    "dataset \"(null)\"\n"
	    "warn property_renamed_0\n"
	    "row 1 [p1] Name=\"One\" When=\"2026-01-01\" When (end 2)=\"2026-01-02\" When "
	    "(end)=true Part of=[{\"id\":\"p2\",\"title\":\"Two\"}]\n"
	    "row 2 [p2] Name=\"Two\"\n");
	pages[0] = (struct fixture_page){ .bytes = STR("{\"schema\": [") };
	assert_error(
	    fixture_parse(&cx, provider_find("notion")->reader, "{}", pages, 1, fixture_new(cx.a)),
	    E_BAD_REQUEST);
}

static void
a_secret_stands_in_place_of_an_account(void **state)
{
	const struct kind *k = kind_find("notion");
	const json *own = json_stored(cx.a, "{\"token\": \"own\"}");

	(void)state;
	assert_null(kind_token(k, NULL));
	assert_string_equal(kind_token(k, own), "own");
	conf_override(CONF_NOTION_API_KEY, "all");
	assert_string_equal(kind_token(k, own), "own");
	assert_string_equal(kind_token(k, NULL), "all");
	conf_override(CONF_NOTION_API_KEY, "");
	assert_null(kind_token(kind_find("google-sheets"), own));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_id_is_found_in_whatever_people_paste),
		TEST(each_type_of_property_becomes_a_cell),
		TEST(addresses_that_end_are_not_kept),
		TEST(a_page_fits_the_properties_it_was_read_with_or_not),
		TEST(the_property_of_our_own_may_have_come_since),
		TEST(rows_come_under_their_names_with_titles_from_anywhere),
		TEST(a_secret_stands_in_place_of_an_account),
	};

	return cmocka_run_group_tests_name("Notion", tests, NULL, NULL);
}
