/* JSON sources as they are found in the wild: which list is read, and what its records become. */
#include "unit/unit.h"

#include "unit/provider_fixture.h"

#define HEAD "dataset \"items.json\"\n"
#define URL "\"url\":\"https://example.com/v1/items.json\""

static enum rc
parse(const char *config, const char *document, size_t step, bool cut, struct fixture **f)
{
	struct fixture_page page = { .bytes = str_c(document), .step = step };

	*f = fixture_new(cx.a);
	(*f)->cut = cut;
	return fixture_parse(&cx, &reader_json, config, &page, 1, *f);
}

static void
expect_with(const char *config, const char *document, const char *want)
{
	static const size_t steps[] = { 0, 1, 2, 5 };
	struct fixture *f;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		assert_ok(parse(config, document, steps[i], false, &f));
		assert_string_equal(buf_c(f->text), want);
	}
}

static void
expect(const char *document, const char *want)
{
	expect_with("{" URL "}", document, want);
}

static void
expect_refused(const char *config, const char *document, enum error_kind kind, const char *detail)
{
	struct fixture *f;

	assert_error(parse(config, document, 0, false, &f), kind);
	if (!strstr(cx.err.detail, detail))
		flunk("\"%s\" does not say \"%s\"", cx.err.detail, detail);
}

static void
a_list_at_the_top_is_read(void **state)
{
	(void)state;
	expect("[{\"id\":1,\"name\":\"Ann\"},{\"id\":2,\"age\":7}]",
	    HEAD "row 1 id=1 name=\"Ann\"\nrow 2 id=2 age=7\n");
	expect("[]", HEAD);
}

static void
values_one_behind_the_other_are_a_list(void **state)
{
	(void)state;
	expect("{\"id\":1,\"name\":\"Ann\"}\n{\"id\":2,\"age\":7}\n",
	    HEAD "row 1 id=1 name=\"Ann\"\nrow 2 id=2 age=7\n");
	/* Without line breaks, with a mark, with braces in texts, over lines. */
	expect("\xef\xbb\xbf{\"a\":\"}{\\\"\"} {\"a\":{\"b\":[1]}}{\"a\":3}",
	    HEAD "row 1 a=\"}{\\\"\"\nrow 2 a={\"b\":[1]}\nrow 3 a=3\n");
	expect("{\n\"a\": 1\n}\r\n\r\n{\n\"a\": 2\n}\n", HEAD "row 1 a=1\nrow 2 a=2\n");
	expect("[1,\"x\"]\n[2,\"y\"]\n",
	    HEAD "row 1 column_1=1 column_2=\"x\"\nrow 2 column_1=2 column_2=\"y\"\n");
	/* A list that has lists of its own is no line. */
	expect("{\"meta\":1,\"items\":[{\"id\":1}]}\n", HEAD "row 1 id=1\n");
	/* What is not whole is no success, and is told with its line. */
	expect_refused(
	    "{" URL "}", "{\"id\":1}\n{\"id\":2}\n{\"id\":", E_JSON, "middle, on line 3");
	expect_refused("{" URL "}", "{\"id\":1}\n{\"id\":2},\n", E_JSON, "Line 3");
	expect_refused("{" URL "}", "{\"id\":1}\n{\"id\":2}\nnull\n", E_JSON, "Line 3");
}

static void
numbers_and_texts_keep_every_letter(void **state)
{
	(void)state;
	expect("[{\"n\": 12345678901234567890, \"p\": 1.10, \"e\": 1E400, \"t\": \" 007 \", "
	       "\"b\": false, \"x\": null, \"o\": {\"a\" : [ 1.0, \"\\u00e9\" ]}}]",
	    HEAD "row 1 n=12345678901234567890 p=1.10 e=1E400 t=\" 007 \" b=false o={\"a\":[1.0,"
		 "\"\\u00e9\"]}\n");
	expect("[{\"a\":\"\"}]", HEAD "row 1 a=\"\"\n");
}

static void
the_list_nearest_to_the_top_is_found(void **state)
{
	(void)state;
	expect("{\"meta\":{\"links\":[{\"a\":1}]},\"tags\":[\"x\"],\"rows\":[{\"id\":1}],"
	       "\"more\":[{\"id\":2}]}",
	    HEAD "row 1 id=1\n");
	expect("{\"a\":{\"b\":{\"c\":[{\"id\":1}]}}}", HEAD "row 1 id=1\n");
	expect("{\"type\":\"FeatureCollection\",\"bbox\":[1,2],\"features\":[{\"type\":\"Feature\","
	       "\"id\":5}]}",
	    HEAD "row 1 type=\"Feature\" id=5\n");
	expect("{\"columns\":[\"a\",\"b\"]}", HEAD "row 1 value=\"a\"\nrow 2 value=\"b\"\n");
	expect("{\"list\":[[1,\"x\"],[2]]}",
	    HEAD "row 1 column_1=1 column_2=\"x\"\nrow 2 column_1=2\n");
}

static void
rows_are_found_beside_what_describes_them_further_down(void **state)
{
	(void)state;
	expect(
	    "{\"meta\":{\"view\":{\"id\":\"x\",\"approvals\":[{\"by\":1}],\"columns\":[{\"id\":-1,"
	    "\"name\":\"id\"},{\"id\":2,\"name\":\"town\"}],\"grants\":[{\"to\":2}]}},"
	    "\"data\":[[1,\"Oslo\"],[2,\"Rome\"]]}",
	    HEAD "row 1 id=1 town=\"Oslo\"\nrow 2 id=2 town=\"Rome\"\n");
	expect("{\"info\":{\"owners\":[{\"a\":1}]},\"rows\":[[1],[2]]}",
	    HEAD "row 1 column_1=1\nrow 2 column_1=2\n");
	/* A list of lists that no name calls the data is not preferred to objects. */
	expect("{\"bbox\":[[1,2],[3,4]],\"a\":{\"b\":[{\"id\":1}]}}", HEAD "row 1 id=1\n");
}

static void
a_table_by_columns_is_refused_rather_than_read_by_half(void **state)
{
	(void)state;
	expect_refused("{" URL "}", "{\"id\":[1,2],\"n\":[\"a\",\"b\"]}", E_JSON_PATH,
	    "beside id, 1 more list is as long");
	expect_refused("{" URL "}",
	    "{\"lat\":1,\"units\":{\"t\":\"C\"},\"hourly\":{\"time\":[1,2,3],\"t\":[4,5,6],"
	    "\"p\":[7,8,9]}}",
	    E_JSON_PATH, "beside hourly.time, 2 more lists are as long");
	expect_refused("{" URL "}", "{\"id\":[1],\"n\":[\"a\"]}", E_JSON_PATH, "by columns");
	/* One that is named is read, and so is one that has nothing of its length beside it. */
	expect_with("{" URL ",\"records\":\"n\"}", "{\"id\":[1,2],\"n\":[\"a\",\"b\"]}",
	    HEAD "row 1 value=\"a\"\nrow 2 value=\"b\"\n");
	expect("{\"ids\":[1,2],\"tags\":[\"x\"],\"a\":{\"b\":[1,2]}}",
	    HEAD "row 1 value=1\nrow 2 value=2\n");
}

static void
an_empty_answer_is_not_taken_for_another_table(void **state)
{
	(void)state;
	expect("{\"data\":[],\"meta\":{\"links\":[{\"url\":1}]}}", HEAD);
	expect("{\"errors\":[],\"data\":[{\"id\":1}]}", HEAD "row 1 id=1\n");
	expect("{\"whatever\":[],\"n\":0}", HEAD);
}

static void
objects_of_objects_are_read_by_member(void **state)
{
	(void)state;
	expect("{\"u1\":{\"a\":1},\"u2\":{\"a\":2}}",
	    HEAD "row 1 [u1] _key=\"u1\" a=1\nrow 2 [u2] _key=\"u2\" a=2\n");
	expect("{\"users\":{\"u\\n1\":{\"a\":1}}}", HEAD "row 1 [u 1] _key=\"u\\n1\" a=1\n");
	expect("{\"ok\":true,\"users\":{\"u1\":{\"a\":{\"b\":2}},\"u2\":{}}}",
	    HEAD "row 1 [u1] _key=\"u1\" a={\"b\":2}\nrow 2 [u2] _key=\"u2\"\n");
	expect_with("{" URL ",\"records\":\"rates\"}", "{\"base\":\"EUR\",\"rates\":{}}", HEAD);
	expect_with("{" URL ",\"key\":[\"a\"]}", "{\"u1\":{\"a\":1},\"u2\":{\"a\":2}}",
	    HEAD "row 1 _key=\"u1\" a=1\nrow 2 _key=\"u2\" a=2\n");
}

static void
a_path_leads_to_the_records(void **state)
{
	static const char document[] =
	    "{\"x\":[{\"no\":0}],\"data\":{\"items\":[{\"id\":1}],\"one\":{\"id\":9,"
	    "\"in\":{\"a\":1}}}}";

	(void)state;
	expect_with("{" URL ",\"records\":\"data.items\"}", document, HEAD "row 1 id=1\n");
	expect_with("{" URL ",\"records\":\"/data/items\"}", document, HEAD "row 1 id=1\n");
	expect_with("{" URL ",\"records\":\"$.data.items[*]\"}", document, HEAD "row 1 id=1\n");
	expect_with(
	    "{" URL ",\"records\":\"data.one\"}", document, HEAD "row 1 id=9 in={\"a\":1}\n");
	expect_with("{" URL ",\"records\":\"$\"}", "{\"t\":20.5,\"ok\":true}",
	    HEAD "row 1 t=20.5 ok=true\n");
}

static void
a_missing_list_is_explained(void **state)
{
	(void)state;
	expect_refused("{" URL ",\"records\":\"data.items\"}", "{\"meta\":1,\"total\":2}",
	    E_JSON_PATH, "There is no list at data.items; the document has: meta, total.");
	expect_refused("{" URL ",\"records\":\"data.items\"}",
	    "{\"meta\":1,\"data\":{\"rows\":[],\"n\":2}}", E_JSON_PATH, "; data has: rows, n.");
	expect_refused("{" URL ",\"records\":\"data\"}", "{\"data\":7}", E_JSON_PATH,
	    "At data there is a single value");
	expect_refused("{" URL "}", "{\"a\":1,\"b\":\"x\"}", E_JSON_PATH,
	    "it has: a, b. Name the path of the list, or $");
	expect_refused("{" URL "}", "\"x\"", E_JSON_PATH, "single value");
	expect_refused("{" URL "}", "<html>", E_HTML, "web page");
	expect_refused(
	    "{" URL "}", "[{\"a\":1},\n{\"a\":", E_JSON, "ends in the middle, on line 2");
}

static void
keys_may_lead_into_the_record(void **state)
{
	(void)state;
	expect_with("{" URL ",\"key\":[\"meta.id\"]}",
	    "[{\"meta\":{\"id\":\"k\\u0041\"}},{\"meta\":{\"id\":7}},{\"meta\":null},"
	    "{\"meta.id\":\"own\",\"meta\":{\"id\":1}}]",
	    HEAD
	    "row 1 meta={\"id\":\"k\\u0041\"} meta.id=\"kA\"\nrow 2 meta={\"id\":7} meta.id=7\n"
	    "row 3\nrow 4 meta={\"id\":1} meta.id=\"own\"\n");
	expect_with(
	    "{" URL ",\"key\":\"ids[1]\"}", "[{\"ids\":[1,2]}]", HEAD "row 1 ids=[1,2] ids[1]=2\n");
}

static void
oddities_are_told(void **state)
{
	(void)state;
	expect("[{\"a\":1,\"b\":2,\"a\":3}]", HEAD "warn duplicate_member\nrow 1 a=3 b=2\n");
	expect("[{\"a\":1},null,{\"a\":2}]", HEAD "row 1 a=1\nskip null_record 2\nrow 3 a=2\n");
	expect("[{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]}]",
	    HEAD
	    "warn deep_value\nrow 1 a=\"[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]\"\n");
	expect("[{\"a\":\"\\u0000\\ud800\"}]",
	    HEAD "warn text_mended\nrow 1 a=\"\xef\xbf\xbd\xef\xbf\xbd\"\n");
	expect("[{\"a\":[{\"b\":1,\"b\":2}]}]",
	    HEAD "warn repeated_name\nrow 1 a=\"[{\\\"b\\\":1,\\\"b\\\":2}]\"\n");
	expect("[{\"b\":1,\"a\":2},{\"a\":3,\"b\":4}]", HEAD "row 1 b=1 a=2\nrow 2 b=4 a=3\n");
}

static void
pages_make_one_dataset(void **state)
{
	struct fixture_page pages[] = {
		{ .bytes = STR("{\"data\":[{\"id\":1}],\"x\":[{\"no\":1}]}") },
		{ .bytes = STR("{\"x\":[{\"no\":2}],\"data\":[{\"id\":2},{\"id\":3}]}") },
		{ .bytes = STR("{\"x\":[{\"no\":3}],\"data\":[]}") },
	};
	struct fixture *f = fixture_new(cx.a);

	(void)state;
	assert_ok(fixture_parse(&cx, &reader_json, "{" URL "}", pages, 3, f));
	assert_string_equal(buf_c(f->text), HEAD "row 1 id=1\nrow 2 id=2\nrow 3 id=3\n");
	/* A page that lacks the list is an error, not an empty page. */
	pages[2] = (struct fixture_page){ .bytes = STR("{\"error\":\"busy\",\"x\":[{\"no\":3}]}") };
	for (int i = 0; i < 2; i++)
		fixture_restart(&cx, &pages[i]);
	assert_error(fixture_parse(&cx, &reader_json, "{" URL "}", pages, 3, fixture_new(cx.a)),
	    E_JSON_PATH);
}

static void
a_cut_document_gives_what_is_there(void **state)
{
	static const char document[] =
	    "{\"data\":[{\"id\":1},{\"id\":2,\"name\":\"x\"},{\"id\":3}],\"n\":3}";
	struct fixture *f;
	int64_t rows = 0;

	(void)state;
	for (size_t n = 0; n < sizeof document; n++) {
		assert_ok(parse(
		    "{" URL "}", arena_dup_str(cx.a, (struct str){ document, n }), 0, true, &f));
		assert_in_range(f->rows, rows, 3);
		rows = f->rows;
	}
	assert_int_equal(rows, 3);
	assert_ok(
	    parse("{" URL "}", "{\"u1\":{\"a\":1},\"u2\":{\"a\":2},\"u3\":{\"a", 0, true, &f));
	assert_int_equal(f->rows, 2);
}

static void
memory_does_not_grow_with_the_document(void **state)
{
	struct fixture_page page = {
		.bytes = STR("{\"junk\":\"x\",\"data\":[{}"),
		.repeat = STR(",{\"id\":1,\"name\":\"somebody\",\"tags\":[1,2,3]}"),
		.times = 200000,
		.last = STR("]}"),
	};
	struct fixture *f = fixture_new(cx.a);
	size_t before = arena_used(cx.a);

	(void)state;
	f->quiet = true;
	assert_ok(fixture_parse(&cx, &reader_json, "{" URL "}", &page, 1, f));
	assert_int_equal(f->rows, 200001);
	assert_in_range(arena_used(cx.a) - before, 0, 256 * 1024);
	/* Nor with a text of the document that is no record's, nor with a record that is too
	 * large. */
	page = (struct fixture_page){
		.bytes = STR("{\"junk\":\""),
		.repeat = STR("0123456789abcdef"),
		.times = 1 << 20,
		.last = STR("\",\"data\":[{\"id\":1}]}"),
	};
	assert_ok(fixture_parse(&cx, &reader_json, "{" URL "}", &page, 1, f));
	page = (struct fixture_page){
		.bytes = STR("[{\"id\":1},{\"junk\":\""),
		.repeat = STR("0123456789abcdef"),
		.times = 1 << 20,
		.last = STR("\"}]"),
	};
	assert_error(fixture_parse(&cx, &reader_json, "{" URL "}", &page, 1, f), E_JSON);
	assert_non_null(strstr(cx.err.detail, "Item 2,"));
}

static void
settings_are_checked_and_normalised(void **state)
{
	json *config = json_stored(cx.a,
	    "{" URL ",\"key\":[\"$.id\",\"/meta/id\",\"name\"],\"records\":\"data.items\","
	    "\"next\":\"page:p\"}");
	json *errors = json_list(cx.a);
	static const char *const bad[] = { "\"records\":\"a..b\"", "\"next\":\"page:\"",
		"\"next\":\"a..b\"", "\"next\":\"$\"", "\"page_param\":\"a&b\"" };

	(void)state;
	kind_json.configure(cx.a, config, errors);
	assert_int_equal(json_len(errors), 0);
	assert_string_equal(
	    json_text(cx.a, json_at(config, "key")), "[\"id\",\"meta.id\",\"name\"]");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		errors = json_list(cx.a);
		kind_json.configure(
		    cx.a, json_stored(cx.a, arena_printf(cx.a, "{" URL ",%s}", bad[i])), errors);
		if (json_len(errors) != 1)
			flunk("%s was taken", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_at_the_top_is_read),
		cmocka_unit_test(numbers_and_texts_keep_every_letter),
		cmocka_unit_test(values_one_behind_the_other_are_a_list),
		cmocka_unit_test(the_list_nearest_to_the_top_is_found),
		cmocka_unit_test(rows_are_found_beside_what_describes_them_further_down),
		cmocka_unit_test(a_table_by_columns_is_refused_rather_than_read_by_half),
		cmocka_unit_test(an_empty_answer_is_not_taken_for_another_table),
		cmocka_unit_test(objects_of_objects_are_read_by_member),
		cmocka_unit_test(a_path_leads_to_the_records),
		cmocka_unit_test(a_missing_list_is_explained),
		cmocka_unit_test(keys_may_lead_into_the_record),
		cmocka_unit_test(oddities_are_told),
		cmocka_unit_test(pages_make_one_dataset),
		cmocka_unit_test(a_cut_document_gives_what_is_there),
		cmocka_unit_test(memory_does_not_grow_with_the_document),
		cmocka_unit_test(settings_are_checked_and_normalised),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
