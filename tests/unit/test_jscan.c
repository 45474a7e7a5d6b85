/* The JSON scanner: what it takes, what it refuses and where, however the bytes are cut into
 * pieces; and paths. */
#include "unit/unit.h"

#include "provider/web/jpath_walk.h"

/* Keeps the value at a path, and the number of all values that were told. */
struct listener {
	struct jpath path;
	struct buf *kept;
	int begun, ended;
};

static enum rc
on_begin(struct ctx *c, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	struct listener *l = arg;

	(void)c, (void)type;
	l->begun++;
	*keep = jpath_at(&l->path, js);
	return RC_OK;
}

static enum rc
on_end(struct ctx *c, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct listener *l = arg;

	(void)c, (void)js, (void)type;
	l->ended++;
	if (text)
		buf_add(l->kept, text, n);
	return RC_OK;
}

static enum rc
scan(const char *path, struct str text, size_t step, bool cut, struct listener *l)
{
	struct jscan_events events = { on_begin, on_end, l };
	struct jscan *js = jscan_new(cx.a, &events);
	const char *why;

	*l = (struct listener){ .kept = buf_in(cx.a, 1 << 20) };
	assert_true(jpath_parse(cx.a, path, &l->path, &why));
	cx.err = (struct err){ .kind = E_NONE };
	for (size_t at = 0; at < text.n; at += step)
		TRY(jscan_feed(
		    &cx, js, (struct str){ text.p + at, text.n - at < step ? text.n - at : step }));
	return jscan_end(&cx, js, cut);
}

static void
expect_kept(const char *path, const char *text, const char *want)
{
	struct listener l;

	for (size_t step = 1; step <= strlen(text) + 1; step++) {
		assert_ok(scan(path, str_c(text), step, false, &l));
		assert_string_equal(buf_c(l.kept), want);
		assert_int_equal(l.begun, l.ended);
	}
}

static void
expect_refused(struct str text, enum error_kind kind, const char *detail)
{
	struct listener l;
	static const size_t steps[] = { 1, 2, 3, 1000 };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		const enum rc rc = scan("$", text, steps[i], false, &l);
		if (rc == RC_OK)
			flunk("not refused: %.*s", (int)text.n, text.p);
		assert_error(rc, kind);
		if (detail && !strstr(cx.err.detail, detail))
			flunk("%.*s: \"%s\" does not say \"%s\"", (int)text.n, text.p,
			    cx.err.detail, detail);
	}
}

static void
values_are_kept_to_the_letter_without_white_space(void **state)
{
	(void)state;
	expect_kept("$", "[1]", "[1]");
	expect_kept("$", " [ 1 , \"a b\" ,\t{ \"x\" :\r\n[ ] } ]\n", "[1,\"a b\",{\"x\":[]}]");
	expect_kept("$", "12345678901234567890.10", "12345678901234567890.10");
	expect_kept("$", "\"\\u0041\\n\"", "\"\\u0041\\n\"");
	expect_kept("$", "\xef\xbb\xbf{}", "{}");
	expect_kept("$", "\n\n true", "true");
	expect_kept("$", "-0.0e+10", "-0.0e+10");
	expect_kept("$", "null\n", "null");
	expect_kept("$",
	    "[\"\\ud83d\\ude00\",\"\\u0000\\\\u0000\\ud83d\\n\",{\"\\udc00\":\"\\ud83d\\u0041\"}]",
	    "[\"\\ud83d\\ude00\",\"\\ufffd\\\\u0000\\ufffd\\n\",{\"\\ufffd\":\"\\ufffd\\u0041\"}]");
}

static void
paths_lead_to_their_value(void **state)
{
	(void)state;
	expect_kept("a.b", "{\"a\":{\"x\":1,\"b\":[2]}}", "[2]");
	expect_kept("$.a[1].b", "{\"a\":[0,{\"b\":\"x\"},{\"b\":3}]}", "\"x\"");
	expect_kept("/a/1/b", "{\"a\":[0,{\"b\":\"x\"}]}", "\"x\"");
	expect_kept("/a~1b/c~0d", "{\"a/b\":{\"c~d\":5}}", "5");
	expect_kept("$[\"a.b\"]['c d']", "{\"a.b\":{\"c d\":7}}", "7");
	expect_kept("data[*]", "{\"data\":[1]}", "[1]");
	expect_kept("a", "{\"\\u0061\":8}", "8");
	expect_kept("a.0", "{\"a\":{\"0\":9}}", "9");
	expect_kept("a.b", "{\"a\":[{\"b\":1}],\"b\":2}", "");
	expect_kept("a", "{\"b\":{\"a\":1}}", "");
}

static void
bad_paths_are_named(void **state)
{
	static const char *const bad[] = { "a..b", "a.", ".a", "a[", "a[x]", "a[\"x]", "a[1",
		"/a~2", "a[1]b", "$a[", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q" };
	struct jpath path;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (jpath_parse(cx.a, bad[i], &path, &why))
			flunk("%s was taken", bad[i]);
		assert_true(strlen(why) > 10);
	}
}

static void
paths_are_written_so_that_they_read_back(void **state)
{
	static const char *const cases[][2] = {
		{ "/a/b", "a.b" },
		{ "$", "$" },
		{ "", "$" },
		{ "$.a[0].b", "a[0].b" },
		{ "[3]", "$[3]" },
		{ "/a.b/c", "$[\"a.b\"].c" },
		{ "x['y z']", "x[\"y z\"]" },
	};
	struct jpath path, again;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(jpath_parse(cx.a, cases[i][0], &path, &why));
		assert_string_equal(jpath_text(cx.a, &path), cases[i][1]);
		assert_true(jpath_parse(cx.a, cases[i][1], &again, &why));
		assert_int_equal(path.n, again.n);
		for (size_t k = 0; k < path.n; k++)
			assert_true(str_eq(path.step[k].name, again.step[k].name));
	}
}

static void
what_is_not_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *detail;
	} bad[] = {
		{ "[1,]", "Line 1, column 4: there is \"]\" where a value" },
		{ "{\"a\":1,}", "member name" },
		{ "{a:1}", "Line 1, column 2" },
		{ "[1\n,2\n x]", "Line 3, column 2" },
		{ "{\"a\" 1}", "a colon" },
		{ "[1 2]", "a comma or ]" },
		{ "{\"a\":1 \"b\":2}", "a comma or }" },
		{ "[01]", "a comma or ]" },
		{ "[1.]", "a digit" },
		{ "[-]", "a digit" },
		{ "[1e]", "a digit" },
		{ "[+1]", "a value" },
		{ "[.5]", "a value" },
		{ "[tru]", "true, false and null" },
		{ "[nul", "ends in the middle" },
		{ "[NaN]", "a value" },
		{ "['a']", "a value" },
		{ "[\"a\nb\"]", "control character" },
		{ "[\"a\tb\"]", "control character" },
		{ "[\"\\x\"]", "backslash" },
		{ "[\"\\u12g4\"]", "hexadecimal" },
		{ "[1] 2", "more follows" },
		{ "{\"a\":1}\n{\"a\":2}", "Line 2, column 1" },
		{ "[", "ends in the middle, on line 1" },
		{ "[\"abc", "in the middle" },
		{ "{\"a\"", "in the middle" },
		{ "-", "in the middle" },
		{ "]", "a value" },
		{ "[}", "a value" },
		{ "{]", "member name" },
		{ "[1}", "a comma or ]" },
		{ "// x\n[]", "a value" },
		{ "[\x01]", "a value should be here" },
		{ ")]}'\n[]", "a value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(str_c(bad[i].text), E_JSON, bad[i].detail);
}

static void
other_things_are_called_by_their_name(void **state)
{
	(void)state;
	expect_refused(STR(""), E_EMPTY, NULL);
	expect_refused(STR(" \r\n\t "), E_EMPTY, NULL);
	expect_refused(STR("\xef\xbb\xbf"), E_EMPTY, NULL);
	expect_refused(STR("\n<!DOCTYPE html>"), E_HTML, "web page");
	expect_refused(STR("\xff\xfe[\0]\0"), E_ENCODING, "UTF-8");
	expect_refused(STR("\0["), E_ENCODING, "UTF-8");
	expect_refused(STR("\xef\xbb["), E_ENCODING, "UTF-8");
	expect_refused(STR("[\"Stra\xdf"
			   "e\"]"),
	    E_ENCODING, "Line 1, column 8");
	expect_refused(STR("[\"\xc0\xaf\"]"), E_ENCODING, NULL);
	expect_refused(STR("[\"\xed\xa0\x80\"]"), E_ENCODING, NULL);
	expect_refused(STR("[\"\xf4\x90\x80\x80\"]"), E_ENCODING, NULL);
	expect_refused(STR("[\"\xe2\x82\"]"), E_ENCODING, NULL);
}

static void
nesting_ends_at_64_levels(void **state)
{
	char text[200];
	struct listener l;

	(void)state;
	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	assert_ok(scan("$", (struct str){ text, 128 }, 7, false, &l));
	memset(text, '[', 65);
	expect_refused((struct str){ text, 65 }, E_JSON, "64 levels");
	/* What nobody wants to keep is counted too. */
	assert_error(scan("x", (struct str){ text, 65 }, 7, false, &l), E_JSON);
}

static void
a_cut_document_is_no_error(void **state)
{
	static const char text[] = "{\"a\":[{\"b\":\"x\\u0041\"},-1.5e3,true";
	struct listener l;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++)
		assert_ok(scan("$", (struct str){ text, n < sizeof text - 1 ? n : sizeof text - 1 },
		    3, true, &l));
}

static void
a_text_nobody_wants_takes_no_memory(void **state)
{
	struct listener l = { .kept = buf_in(cx.a, 1000) };
	struct jscan_events events = { on_begin, on_end, &l };
	struct jscan *js = jscan_new(cx.a, &events);
	static char piece[1 << 20];
	const char *why;

	(void)state;
	assert_true(jpath_parse(cx.a, "b", &l.path, &why));
	memset(piece, 'x', sizeof piece);
	assert_ok(jscan_feed(&cx, js, STR("{\"a\":\"")));
	for (int i = 0; i < 64; i++)
		assert_ok(jscan_feed(&cx, js, (struct str){ piece, sizeof piece }));
	assert_ok(jscan_feed(&cx, js, STR("\",\"b\":7}")));
	assert_ok(jscan_end(&cx, js, false));
	assert_string_equal(buf_c(l.kept), "7");
	assert_in_range(js->text->cap, 0, 4096);
	/* The same text, wanted. */
	jscan_begin(js);
	assert_ok(jscan_feed(&cx, js, STR("{\n\"b\":\"")));
	enum rc rc = RC_OK;
	for (int i = 0; i < 64 && rc == RC_OK; i++)
		rc = jscan_feed(&cx, js, (struct str){ piece, sizeof piece });
	assert_error(rc, E_JSON);
	assert_non_null(
	    strstr(cx.err.detail, "Item 1, which begins on line 2, is larger than 4 MB"));
}

static void
long_names_never_match(void **state)
{
	struct listener l;
	struct buf *text = buf_in(cx.a, 1 << 16);

	(void)state;
	buf_str(text, "{\"");
	for (int i = 0; i < 20000; i++)
		buf_ch(text, 'n');
	buf_str(text, "\":{\"a\":1},\"n\":2,\"\\u006e\":3}");
	assert_ok(scan("n", buf_s(text), 100, false, &l));
	assert_string_equal(buf_c(l.kept), "23");
}

static void
texts_are_decoded(void **state)
{
	static const char *const cases[][2] = {
		{ "\"\"", "" },
		{ "\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d" },
		{ "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t" },
		{ "\"\\u00e9\\u20AC\"", "\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!" },
		{ "\"\\ud83d\"", "\xef\xbf\xbd" },
		{ "\"\\ude00\\ud83dx\"", "\xef\xbf\xbd\xef\xbf\xbdx" },
		{ "\"\\ud83d\\u0041\"",
		    "\xef\xbf\xbd"
		    "A" },
		{ "\"\\uD800\\uDBFF\"", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\"a\\u0000b\"",
		    "a\xef\xbf\xbd"
		    "b" },
	};
	struct buf *scratch = buf_in(cx.a, 1000);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *copy = arena_dup(cx.a, cases[i][0]);
		assert_true(str_is(jtext_read(str_c(copy), scratch), cases[i][1]));
		assert_true(str_is(jtext_decode(str_c(copy)), cases[i][1]));
	}
}

static void
parts_are_walked(void **state)
{
	struct jparts parts = jparts_of(
	    STR("{\"a\":[1,{\"b\":[]}],\"c\\\"}\":\"],{\",\"d\":-1.5}"));
	struct jpart part;

	(void)state;
	assert_true(jparts_next(&parts, &part));
	assert_true(str_is(part.name, "\"a\"") && str_is(part.value, "[1,{\"b\":[]}]"));
	assert_int_equal(part.depth, 3);
	assert_true(jparts_next(&parts, &part));
	assert_true(str_is(part.name, "\"c\\\"}\"") && str_is(part.value, "\"],{\""));
	assert_true(jparts_next(&parts, &part));
	assert_true(str_is(part.value, "-1.5"));
	assert_false(jparts_next(&parts, &part));
	parts = jparts_of(STR("[]"));
	assert_false(jparts_next(&parts, &part));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_kept_to_the_letter_without_white_space),
		cmocka_unit_test(paths_lead_to_their_value),
		cmocka_unit_test(bad_paths_are_named),
		cmocka_unit_test(paths_are_written_so_that_they_read_back),
		cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
		cmocka_unit_test(other_things_are_called_by_their_name),
		cmocka_unit_test(nesting_ends_at_64_levels),
		cmocka_unit_test(a_cut_document_is_no_error),
		cmocka_unit_test(a_text_nobody_wants_takes_no_memory),
		cmocka_unit_test(long_names_never_match),
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(parts_are_walked),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
