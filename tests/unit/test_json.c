/* Strict reading, typed getters, faithful writing. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/json.h"

static const struct str bad[] = {
	STR(""),
	STR(" "),
	STR("nul"),
	STR("True"),
	STR("NaN"),
	STR("Infinity"),
	STR("-Infinity"),
	STR("'a'"),
	STR("{'a':1}"),
	STR("{a:1}"),
	STR("[1,]"),
	STR("[,1]"),
	STR("{\"a\":1,}"),
	STR("{\"a\"}"),
	STR("{\"a\" 1}"),
	STR("[1 2]"),
	STR("[1"),
	STR("{\"a\":1"),
	STR("\"a"),
	STR("\"\\"),
	STR("\"\\x\""),
	STR("\"\\u12\""),
	STR("\"\\u12g4\""),
	STR("\"a\tb\""),
	STR("\"a\nb\""),
	STR("\"\x01\""),
	STR("\"\\ud800\""),
	STR("\"\\udc00\""),
	STR("\"\\ud800\\u0041\""),
	STR("\"\\ud800x\""),
	STR("\"\xFF\""),
	STR("\"\xED\xA0\x80\""),
	STR("\"\\u0000\""),
	STR("\"a\0b\""),
	STR("\"\\\0\""),
	STR("{\"a\":1,\"a\":2}"),
	STR("{\"a\":1,\"\\u0061\":2}"),
	STR("01"),
	STR("-01"),
	STR("+1"),
	STR("1."),
	STR(".5"),
	STR("1e"),
	STR("1e+"),
	STR("-"),
	STR("0x10"),
	STR("1 2"),
	STR("{} {}"),
	STR("[]x"),
	STR("// a\n1"),
	STR("1\0"),
	STR("[1]/**/"),
	STR("\xEF\xBB\xBF{}"),
};

static void
texts_that_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json *j = NULL;
		enum rc rc = json_parse(&cx, "The body", bad[i], &j);

		if (rc == RC_OK)
			flunk("accepted: %.*s", (int)bad[i].n, bad[i].p);
		assert_error(rc, E_BAD_REQUEST);
		assert_null(j);
	}
}

static void
texts_that_are_read_come_out_the_same(void **state)
{
	static const char *const good[] = {
		"null",
		"true",
		"false",
		"0",
		"-1",
		"9223372036854775807",
		"-9223372036854775808",
		"\"\"",
		"[]",
		"{}",
		"[[],{}]",
		"{\"a\":null,\"b\":[1,\"2\",false]}",
		/* Beyond int64, or not whole: the text is kept. */
		"9223372036854775808",
		"123456789012345678901234567890",
		"1.50",
		"-0",
		"1e400",
		"1E+2",
		"0.1",
		"3.141592653589793238462643383279",
		"\"\\\"\\\\\\n\\t\"",
		"\"a/b\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		json *j;

		assert_ok(json_parse(&cx, "The body", str_c(good[i]), &j));
		assert_string_equal(json_text(cx.a, j), good[i]);
	}
}

static void
escapes_become_utf8(void **state)
{
	json *j;

	(void)state;
	assert_ok(
	    json_parse(&cx, "x", STR(" [ \"\\u00e9\\u20AC\\ud83d\\ude00\\/\\b\\f\\r\" ] "), &j));
	assert_string_equal(
	    json_value_str(json_nth(j, 0)), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80/\b\f\r");
}

static void
the_message_names_text_line_and_reason(void **state)
{
	json *j;

	(void)state;
	assert_error(
	    json_parse(&cx, "The body", STR("{\n\"a\": 1,\n\"a\": 2}"), &j), E_BAD_REQUEST);
	assert_string_equal(cx.err.detail,
	    "The body is not valid JSON: the same name twice in one object (line 3).");
}

static void
depth_is_limited(void **state)
{
	char text[2 * (JSON_DEPTH + 1) + 1];
	json *j;

	(void)state;
	for (int depth = JSON_DEPTH; depth <= JSON_DEPTH + 1; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		if (depth == JSON_DEPTH)
			assert_ok(
			    json_parse(&cx, "x", (struct str){ text, 2 * (size_t)depth }, &j));
		else
			assert_error(
			    json_parse(&cx, "x", (struct str){ text, 2 * (size_t)depth }, &j),
			    E_BAD_REQUEST);
	}
}

static void
stored_text_gives_null_when_it_is_bad(void **state)
{
	(void)state;
	assert_null(json_stored(cx.a, NULL));
	assert_null(json_stored(cx.a, "{"));
	assert_int_equal(json_num(json_stored(cx.a, "{\"n\":5}"), "n", 0), 5);
}

static void
getters_never_coerce(void **state)
{
	json *j = json_stored(cx.a,
	    "{\"s\":\"12\",\"i\":12,\"f\":1.5,\"b\":true,\"n\":null,\"big\":9223372036854775808,"
	    "\"l\":[1],\"o\":{\"x\":1}}");
	int64_t v = 3;

	(void)state;
	assert_null(json_str(j, "i"));
	assert_null(json_str(j, "missing"));
	assert_null(json_str(j, "n"));
	assert_string_equal(json_str(j, "s"), "12");
	assert_false(json_i64(j, "s", &v));
	assert_false(json_i64(j, "f", &v));
	assert_false(json_i64(j, "b", &v));
	assert_false(json_i64(j, "big", &v));
	assert_int_equal(v, 3);
	assert_int_equal(json_num(j, "s", -1), -1);
	assert_int_equal(json_num(j, "i", -1), 12);
	assert_true(json_flag(j, "b", false));
	assert_true(json_flag(j, "s", true));
	assert_false(json_flag(j, "i", false));
	assert_true(json_has(j, "n"));
	assert_false(json_has(j, "m"));
	assert_null(json_at(j, "n"));
	assert_null(json_s(j, "i").p);
	assert_true(json_is_num(json_at(j, "big")));
	assert_false(json_is_int(json_at(j, "big")));
	assert_int_equal(json_value_i64(json_at(j, "f")), 0);
	assert_int_equal(json_len(j), 8);
	assert_int_equal(json_len(json_at(j, "s")), 0);
	assert_null(json_nth(json_at(j, "l"), 1));
	assert_null(json_nth(j, 0));
	/* Not even of something that is no object. */
	assert_null(json_at(json_at(j, "l"), "x"));
	assert_null(json_str(NULL, "x"));
	assert_false(json_has(NULL, "x"));
}

static void
truth_is_that_of_mustache(void **state)
{
	json *j = json_stored(cx.a, "[false, null, \"\", [], true, 0, \"x\", [0], {}]");

	(void)state;
	for (size_t i = 0; i < json_len(j); i++)
		assert_int_equal(json_truth(json_nth(j, i)), i >= 4);
}

static void
what_is_built_is_what_is_written(void **state)
{
	json *j = json_new(cx.a), *list = json_list(cx.a);

	(void)state;
	json_set_str(j, "s", "a/\"b\"");
	json_set_str(j, "none", NULL);
	json_set_s(j, "t", STR("xyz"));
	json_set_i64(j, "i", INT64_MIN);
	json_set_f(j, "f", 0.1);
	json_set_f(j, "inf", 1e308 * 10);
	json_set_bool(j, "b", true);
	json_set_time(j, "at", INT64_C(1795170600000));
	json_set_time(j, "never", 0);
	json_add_str(list, "one");
	json_add(list, NULL);
	json_add(list, json_string(cx.a, STR("two")));
	json_set(j, "list", list);
	json_set(j, "gone", list);
	json_unset(j, "gone");
	assert_string_equal(json_text(cx.a, j),
	    "{\"s\":\"a/\\\"b\\\"\",\"none\":null,\"t\":\"xyz\",\"i\":-9223372036854775808,"
	    "\"f\":0.1,\"inf\":null,\"b\":true,"
	    "\"at\":\"2026-11-20T10:30:00Z\",\"never\":null,\"list\":[\"one\",null,\"two\"]}");
}

static void
members_come_in_order(void **state)
{
	json *j = json_stored(cx.a, "{\"c\":1,\"a\":2,\"b\":null}");
	char seen[4] = "";
	size_t n = 0;

	(void)state;
	for (struct json_iter it = { 0 }; json_each(j, &it);)
		seen[n++] = it.key[0];
	assert_string_equal(seen, "cab");
	for (struct json_iter it = { 0 }; json_each(json_stored(cx.a, "{}"), &it);)
		flunk("a member of nothing");
	for (struct json_iter it = { 0 }; json_each(NULL, &it);)
		flunk("a member of nothing");
}

static void
a_child_outlives_the_arena_it_came_from(void **state)
{
	struct arena *other = arena_new("other", 1 << 20, 0);
	json *j = json_new(cx.a);

	(void)state;
	json_set(j, "child", json_stored(other, "{\"x\":\"kept\"}"));
	arena_free(other);
	assert_string_equal(json_str(json_at(j, "child"), "x"), "kept");
}

static void
quote_escapes_what_must_be_at_any_place(void **state)
{
	struct buf *b = buf_in(cx.a, 1 << 16);

	(void)state;
	for (int c = 0; c < 0x80; c++)
		for (size_t at = 0; at < 18; at++) {
			char text[18];
			json *j;

			memset(text, 'x', sizeof text);
			text[at] = (char)c;
			buf_clear(b);
			json_quote(b, (struct str){ text, sizeof text });
			assert_false(b->over);
			if (c == 0) {
				assert_non_null(strstr(buf_c(b), "\\u0000"));
				continue;
			}
			assert_ok(json_parse(&cx, "x", buf_s(b), &j));
			assert_memory_equal(json_value_str(j), text, sizeof text);
		}
	buf_clear(b);
	json_quote(b, STR(""));
	json_quote(b, STR("\xC3\xA9\x1F\"\\/\n"));
	assert_string_equal(buf_c(b), "\"\"\"\xC3\xA9\\u001f\\\"\\\\/\\n\"");
}

static void
quote_keeps_to_the_maximum(void **state)
{
	struct buf *b = buf_in(cx.a, 6);

	(void)state;
	json_quote(b, STR("abcd"));
	assert_false(b->over);
	assert_string_equal(buf_c(b), "\"abcd\"");
	buf_clear(b);
	json_quote(b, STR("abcde"));
	assert_true(b->over);
	assert_int_equal(b->n, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_that_are_refused),
		cmocka_unit_test(texts_that_are_read_come_out_the_same),
		cmocka_unit_test(escapes_become_utf8),
		cmocka_unit_test(the_message_names_text_line_and_reason),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(stored_text_gives_null_when_it_is_bad),
		cmocka_unit_test(getters_never_coerce),
		cmocka_unit_test(truth_is_that_of_mustache),
		cmocka_unit_test(what_is_built_is_what_is_written),
		cmocka_unit_test(members_come_in_order),
		cmocka_unit_test(a_child_outlives_the_arena_it_came_from),
		cmocka_unit_test(quote_escapes_what_must_be_at_any_place),
		cmocka_unit_test(quote_keeps_to_the_maximum),
	};
	return cmocka_run_group_tests_name("json", tests, unit_open, unit_close);
}
