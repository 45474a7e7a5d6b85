/*
 * Queries, forms, cookies; headers, redirects and problems of replies.
 */
#include "unit/unit.h"

#include "web/req.h"

static struct params ps;
static struct resp w;

static int
open_reply(void **state)
{
	int rc = unit_open(state);

	conf_override(CONF_LOG_LEVEL, "3");
	ps = (struct params){ .n = 0 };
	w = (struct resp){ .body = buf_in(cx.a, 1 << 20) };
	return rc;
}

static bool
decode(const char *text)
{
	return params_decode(cx.a, str_c(text), &ps);
}

static void
form_texts_are_decoded(void **state)
{
	(void)state;
	assert_true(decode("a=1&b=x+y%20z&c=%C3%A9&d&=e&&f=a=b"));
	assert_int_equal(ps.n, 6);
	assert_string_equal(params_get(&ps, "a"), "1");
	assert_string_equal(params_get(&ps, "b"), "x y z");
	assert_string_equal(params_get(&ps, "c"), "\xC3\xA9");
	assert_string_equal(params_get(&ps, "d"), "");
	assert_string_equal(params_get(&ps, ""), "e");
	assert_string_equal(params_get(&ps, "f"), "a=b");
	assert_null(params_get(&ps, "g"));
}

static void
the_first_of_several_counts(void **state)
{
	(void)state;
	assert_true(decode("a=1&a=2"));
	assert_string_equal(params_get(&ps, "a"), "1");
}

static void
bad_form_texts_are_refused(void **state)
{
	static const char *const bad[] = { "a=%", "a=%1", "a=%g0", "a=%0g", "%=1", "a=%00", "a=%ff",
		"a=%C3", "a=%ED%A0%80", "a=\xff" };
	struct buf *many = buf_in(cx.a, 8 * REQ_PARAMS);

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (decode(bad[i]))
			flunk("%s was taken", bad[i]);
	for (int i = 0; i < REQ_PARAMS; i++)
		buf_str(many, "a=1&");
	assert_true(decode(buf_c(many)));
	buf_str(many, "a=1");
	assert_false(decode(buf_c(many)));
	assert_false(params_decode(cx.a, (struct str){ "a=\0b", 4 }, &ps));
}

static void
nothing_is_no_parameters(void **state)
{
	(void)state;
	assert_true(decode(""));
	assert_int_equal(ps.n, 0);
	assert_true(params_decode(cx.a, (struct str){ NULL, 0 }, &ps));
	assert_int_equal(ps.n, 0);
}

static void
a_plus_is_a_space_in_forms_only(void **state)
{
	char *out;

	(void)state;
	assert_true(url_decode(cx.a, STR("a+b"), true, &out));
	assert_string_equal(out, "a b");
	assert_true(url_decode(cx.a, STR("a+b"), false, &out));
	assert_string_equal(out, "a+b");
}

static void
what_is_encoded_decodes_to_the_same(void **state)
{
	struct buf *b = buf_in(cx.a, 1000);
	const char *text = "a b/c?d=e&f%+\"<>#~-._\xC3\xA9\x01";
	char *again;

	(void)state;
	url_encode(b, text);
	assert_string_equal(buf_c(b), "a%20b%2Fc%3Fd%3De%26f%25%2B%22%3C%3E%23~-._%C3%A9%01");
	for (int plus = 0; plus < 2; plus++) {
		assert_true(url_decode(cx.a, buf_s(b), plus, &again));
		assert_string_equal(again, text);
	}
}

static void
cookies_are_found_among_others(void **state)
{
	const char *all = "a=1; tidemark=x=y;b=\xff;;=c; tidemark-d ;tidemark-e=\xff;  "
			  "__Host-tidemark-say=5 ";

	(void)state;
	cookies_decode(cx.a, str_c(all), &ps);
	assert_string_equal(params_get(&ps, "tidemark"), "x=y");
	assert_string_equal(params_get(&ps, "__Host-tidemark-say"), "5");
	assert_int_equal(ps.n, 2);
}

static void
cookies_of_others_are_not_counted(void **state)
{
	struct buf *many = buf_in(cx.a, 100000);

	(void)state;
	for (int i = 0; i < 5 * REQ_PARAMS; i++)
		buf_printf(many, "a%d=1;", i);
	buf_str(many, "tidemark=x");
	cookies_decode(cx.a, buf_s(many), &ps);
	assert_string_equal(params_get(&ps, "tidemark"), "x");
}

static void
limits_of_lists(void **state)
{
	static const struct {
		const char *text;
		int64_t limit; /* 0: refused */
	} v[] = {
		{ "1", 1 },
		{ "500", 500 },
		{ "501", 0 },
		{ "9223372036854775807", 0 },
		{ "0", 0 },
		{ "-1", 0 },
		{ "x", 0 },
		{ "1.5", 0 },
		{ " 1", 0 },
		{ "9223372036854775808", 0 },
		{ "", 0 },
	};
	struct req r = { .cx = &cx };
	int64_t limit;

	(void)state;
	assert_ok(req_limit(&r, &limit));
	assert_int_equal(limit, 50);
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		r.query.n = 0;
		params_add(&r.query, "limit", v[i].text);
		if (v[i].limit) {
			assert_ok(req_limit(&r, &limit));
			assert_int_equal(limit, v[i].limit);
		} else
			assert_error(req_limit(&r, &limit), E_INPUT);
	}
}

static void
headers_are_one_line_of_text(void **state)
{
	static const char *const bad[] = { "a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\tb", "\x01",
		"\x7f" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		resp_header(&w, "X", bad[i]);
	assert_int_equal(w.headers.n, 0);
	resp_header(&w, "X", "plain; and \xC3\xA9");
	assert_string_equal(params_get(&w.headers, "X"), "plain; and \xC3\xA9");
}

static void
redirects_stay_here(void **state)
{
	static const char *const away[] = { "//evil.example", "https://evil.example",
		"javascript:alert(1)", "\\\\evil.example", "/\\evil.example", "/\t/evil.example",
		"/a\\b", "/a b", "/a\nb", "", "a", "/\x7f" };

	(void)state;
	for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
		w.headers.n = 0;
		resp_redirect(&w, cx.a, away[i]);
		assert_int_equal(w.status, 303);
		assert_string_equal(params_get(&w.headers, "Location"), "/");
	}
	w.headers.n = 0;
	resp_redirect(&w, cx.a, "/settings?tab=a%20b&c=\xC3\xA9#d");
	assert_string_equal(params_get(&w.headers, "Location"), "/settings?tab=a%20b&c=%C3%A9#d");
	assert_int_equal(w.body->n, 0);
	assert_null(w.type);
}

static json *
problem(enum error_kind kind, const char *detail)
{
	struct err err = { .kind = kind };

	snprintf(err.detail, sizeof err.detail, "%s", detail);
	w.headers.n = 0;
	resp_problem(&w, cx.a, &err, NULL, "r1");
	assert_string_equal(w.type, "application/problem+json");
	return json_stored(cx.a, buf_c(w.body));
}

static void
problems_say_what_to_do(void **state)
{
	json *o = problem(E_NOT_FOUND, "There is no such thing.");

	(void)state;
	assert_int_equal(w.status, 404);
	assert_int_equal(json_num(o, "status", 0), 404);
	assert_string_equal(json_str(o, "code"), "not_found");
	assert_string_equal(json_str(o, "detail"), "There is no such thing.");
	assert_string_equal(json_str(o, "requestId"), "r1");
	assert_non_null(json_str(o, "title"));
	assert_non_null(json_str(o, "type"));
	o = problem(E_NOT_FOUND, "");
	assert_string_equal(json_str(o, "detail"), error_row(E_NOT_FOUND)->advice);
}

static void
problems_have_the_status_of_their_kind(void **state)
{
	static const struct {
		enum error_kind kind;
		int status;
	} v[] = {
		{ E_BAD_REQUEST, 400 },
		{ E_UNAUTHORIZED, 401 },
		{ E_FORBIDDEN, 403 },
		{ E_CSRF, 403 },
		{ E_METHOD, 405 },
		{ E_RUNNING, 409 },
		{ E_STATE, 409 },
		{ E_STALE, 412 },
		{ E_TOO_LARGE, 413 },
		{ E_REPLY_LARGE, 413 },
		{ E_MEDIA_TYPE, 415 },
		{ E_INPUT, 422 },
		{ E_IDEMPOTENCY, 422 },
		{ E_COOLDOWN, 429 },
		{ E_BUG, 500 },
		{ E_UNAVAILABLE, 503 },
		{ E_SCHEMA, 503 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		struct err err = { .kind = v[i].kind };
		if (problem_status(&err) != v[i].status)
			flunk("%s is %d", error_row(v[i].kind)->code, problem_status(&err));
	}
}

/* The caller's credentials and the caller's address are good: another status would send a
 * program to its sign-in. */
static void
what_a_source_refuses_is_not_a_refusal_of_the_caller(void **state)
{
	(void)state;
	for (int k = E_URL; k < E__MAX; k++) {
		struct err err = { .kind = (enum error_kind)k };
		int status = problem_status(&err);
		if (status == 401 || status == 403 || status == 404)
			flunk("%s is %d", error_row(err.kind)->code, status);
	}
}

static void
come_back_later_says_when(void **state)
{
	struct err err = { .kind = E_COOLDOWN, .wait_ms = 2100 };

	(void)state;
	resp_problem(&w, cx.a, &err, NULL, NULL);
	assert_string_equal(params_get(&w.headers, "Retry-After"), "3");
	problem(E_UNAVAILABLE, "");
	assert_non_null(params_get(&w.headers, "Retry-After"));
	problem(E_INPUT, "");
	assert_null(params_get(&w.headers, "Retry-After"));
}

static void
complaints_go_with_the_problem(void **state)
{
	struct err err = { .kind = E_INPUT };
	json *list = json_list(cx.a), *e = json_new(cx.a), *o;

	(void)state;
	json_set_str(e, "field", "name");
	json_set_str(e, "message", "no");
	json_add(list, e);
	resp_problem(&w, cx.a, &err, list, NULL);
	o = json_stored(cx.a, buf_c(w.body));
	assert_string_equal(json_str(json_nth(json_at(o, "errors"), 0), "field"), "name");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(form_texts_are_decoded, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    the_first_of_several_counts, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(bad_form_texts_are_refused, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(nothing_is_no_parameters, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_plus_is_a_space_in_forms_only, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_is_encoded_decodes_to_the_same, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    cookies_are_found_among_others, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    cookies_of_others_are_not_counted, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(limits_of_lists, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    headers_are_one_line_of_text, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(redirects_stay_here, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(problems_say_what_to_do, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    problems_have_the_status_of_their_kind, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_a_source_refuses_is_not_a_refusal_of_the_caller, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(come_back_later_says_when, open_reply, unit_close),
		cmocka_unit_test_setup_teardown(
		    complaints_go_with_the_problem, open_reply, unit_close),
	};

	return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
