/* The guarded GET: bodies, requests, rests, redirects, and where it may not go. */
#include "unit/http_fixture.h"

static void
a_body_and_its_validators_arrive(void **state)
{
	(void)state;
	assert_int_equal(get("/ok"), RC_OK);
	assert_string_equal(buf_c(got.body), "hello");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.etag, "W/\"v1\"");
	assert_string_equal(reply.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(reply.link_next, address("/ok?page=2"));
	assert_string_equal(reply.final_url, address("/ok"));
	assert_int_equal(reply.bytes, 5);
	assert_int_equal(reply.calls, 1);
	assert_int_equal(got.heads, 1);
	assert_false(reply.cut);
	assert_false(reply.fresh);
}

static void
an_empty_body_has_a_head_too(void **state)
{
	(void)state;
	assert_int_equal(get("/empty"), RC_OK);
	assert_int_equal(got.heads, 1);
	assert_int_equal(got.body->n, 0);
	assert_string_equal(reply.etag, "\"e\"");
}

static void
the_request_says_what_it_was_told_to_say(void **state)
{
	json *headers = json_new(cx.a), *secret = json_new(cx.a);

	(void)state;
	json_set_str(headers, "X-One", "1");
	json_set_str(headers, "X-Empty", "");
	json_set_str(secret, "Authorization", "Bearer secret");
	assert_int_equal(get_with("/echo",
			     (struct http_get){
				 .headers = headers,
				 .secret_headers = secret,
				 .if_none_match = "\"a\"",
				 .if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT",
				 .accept = "text/csv",
			     }),
	    RC_OK);
	assert_string_equal(reply.content_type, "text/plain; charset=UTF-8");
	const char *request = buf_c(got.body);
	assert_non_null(strstr(request, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(request, "\r\nX-Empty:\r\n"));
	assert_non_null(strstr(request, "\r\nAuthorization: Bearer secret\r\n"));
	assert_non_null(strstr(request, "\r\nIf-None-Match: \"a\"\r\n"));
	assert_non_null(
	    strstr(request, "\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
	assert_non_null(strstr(request, "\r\nAccept: text/csv\r\n"));
	assert_non_null(strstr(request, "\r\nAccept-Encoding: gzip, deflate\r\n"));
	assert_non_null(strstr(request, "\r\nUser-Agent: Tidemark/" TIDEMARK_VERSION "\r\n"));
	/* The next request has none of it. */
	assert_int_equal(get("/echo"), RC_OK);
	assert_null(strstr(buf_c(got.body), "secret"));
	assert_null(strstr(buf_c(got.body), "X-One"));
}

static void
a_header_with_a_line_break_is_never_sent(void **state)
{
	json *headers = json_new(cx.a);

	(void)state;
	json_set_str(headers, "X-One", "1\r\nX-Two: 2");
	assert_int_not_equal(get_with("/echo", (struct http_get){ .headers = headers }), RC_OK);
	assert_int_equal(cx.err.kind, E_URL);
	assert_int_equal(reply.calls, 0);
}

static void
not_modified_is_no_error_when_asked_for(void **state)
{
	(void)state;
	assert_int_equal(get_with("/same", (struct http_get){ .if_none_match = "\"v1\"" }), RC_OK);
	assert_int_equal(reply.status, 304);
	assert_string_equal(reply.etag, "\"v1\"");
	assert_int_equal(got.heads, 0);
	assert_error(get("/same"), E_SOURCE_STATUS);
}

static void
a_rest_is_asked_for_and_recognised(void **state)
{
	(void)state;
	assert_int_equal(
	    get_with("/range", (struct http_get){ .offset = 4, .if_range = "\"v1\"" }), RC_OK);
	assert_true(reply.range_ok);
	assert_string_equal(buf_c(got.body), "456789");
}

static void
a_refused_rest_becomes_the_whole(void **state)
{
	static const char *const paths[] = { "/range/ignored", "/range/refused", "/range/wrong" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    get_with(paths[i], (struct http_get){ .offset = 4, .if_range = "\"v1\"" }),
		    RC_OK);
		assert_false(reply.range_ok);
		assert_int_equal(reply.status, 200);
		assert_string_equal(buf_c(got.body), "0123456789");
	}
	assert_int_equal(
	    get_with("/range", (struct http_get){ .offset = 4, .if_range = "\"v0\"" }), RC_OK);
	assert_false(reply.range_ok);
	assert_string_equal(buf_c(got.body), "0123456789");
}

static void
redirects_are_followed_five_times_at_most(void **state)
{
	(void)state;
	assert_int_equal(get("/jump/4"), RC_OK);
	assert_int_equal(reply.calls, 6);
	assert_string_equal(reply.final_url, address("/echo"));
	assert_error(get("/jump/5"), E_REDIRECTS);
	assert_error(get("/jump/loop"), E_REDIRECTS);
	assert_int_equal(reply.calls, 6);
}

static void
redirects_out_of_the_web_are_refused(void **state)
{
	(void)state;
	assert_error(get("/jump/file"), E_REDIRECTS);
	assert_error(get("/jump/nowhere"), E_REDIRECTS);
	assert_error(get("/jump/user"), E_URL);
}

static void
a_redirect_to_a_private_address_is_blocked(void **state)
{
	(void)state;
	assert_int_not_equal(get("/jump/private"), RC_OK);
	assert_int_equal(cx.err.kind, E_ADDRESS_BLOCKED);
	assert_non_null(strstr(cx.err.detail, "10.255.255.1"));
	assert_error(get("/jump/otherport"), E_ADDRESS_BLOCKED);
}

static void
own_headers_stay_with_the_first_host(void **state)
{
	json *headers = json_new(cx.a), *secret = json_new(cx.a);

	(void)state;
	json_set_str(headers, "X-One", "1");
	json_set_str(secret, "Authorization", "Bearer secret");
	assert_int_equal(
	    get_with("/jump/0", (struct http_get){ .headers = headers, .secret_headers = secret }),
	    RC_OK);
	assert_non_null(strstr(buf_c(got.body), "\r\nAuthorization: Bearer secret\r\n"));
	assert_int_equal(get_with("/jump/elsewhere",
			     (struct http_get){ .headers = headers, .secret_headers = secret }),
	    RC_OK);
	assert_non_null(strstr(buf_c(got.body), "Host: localhost"));
	assert_null(strstr(buf_c(got.body), "secret"));
	assert_null(strstr(buf_c(got.body), "X-One"));
}

static void
without_the_operators_leave_the_loopback_is_blocked(void **state)
{
	(void)state;
	conf_override(CONF_ALLOW_NETS, "");
	/* This test runs first: later, a kept connection might answer. */
	assert_int_not_equal(get("/ok"), RC_OK);
	assert_int_equal(cx.err.kind, E_ADDRESS_BLOCKED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_the_operators_leave_the_loopback_is_blocked),
		TEST(a_body_and_its_validators_arrive),
		TEST(an_empty_body_has_a_head_too),
		TEST(the_request_says_what_it_was_told_to_say),
		TEST(a_header_with_a_line_break_is_never_sent),
		TEST(not_modified_is_no_error_when_asked_for),
		TEST(a_rest_is_asked_for_and_recognised),
		TEST(a_refused_rest_becomes_the_whole),
		TEST(redirects_are_followed_five_times_at_most),
		TEST(redirects_out_of_the_web_are_refused),
		TEST(a_redirect_to_a_private_address_is_blocked),
		TEST(own_headers_stay_with_the_first_host),
	};
	int failed;

	web_start(answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
