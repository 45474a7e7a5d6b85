/* The guarded GET and servers as they are: encodings that are none, limits told as refusals,
 * cookies of redirects, addresses that are not written as they should be. */
#include "unit/http_fixture.h"

#define TABLE "id,v\n1,a\n2,b\n3,c\n"

static const unsigned char gzipped[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xcb, 0x4c, 0xd1, 0x29,
	0xe3, 0x32, 0xd4, 0x49, 0xe4, 0x32, 0xd2, 0x49, 0xe2, 0x32, 0xd6, 0x49, 0xe6, 2, 0, 0xc3,
	0xe0, 0xba, 0xc6, 17, 0, 0, 0 };
static const unsigned char zlibbed[] = { 0x78, 0x9c, 0xcb, 0x4c, 0xd1, 0x29, 0xe3, 0x32, 0xd4, 0x49,
	0xe4, 0x32, 0xd2, 0x49, 0xe2, 0x32, 0xd6, 0x49, 0xe6, 2, 0, 0x26, 0x8a, 3, 0xd8 };
enum { BARE_FROM = 2, BARE_BYTES = sizeof zlibbed - 6 };

/* "/as/<what is sent>/<how many bytes of it>/<Content-Encoding>" */
static void
answer_as(int fd, const char *path)
{
	char head[300];
	const char *what = path + 4, *word = strrchr(path, '/') + 1;
	const void *body = TABLE;
	size_t n = sizeof TABLE - 1, most = (size_t)atoi(strchr(what, '/') + 1);

	if (!strncmp(what, "gzip", 4)) {
		body = gzipped;
		n = sizeof gzipped;
	} else if (!strncmp(what, "zlib", 4)) {
		body = zlibbed;
		n = sizeof zlibbed;
	} else if (!strncmp(what, "bare", 4)) {
		body = zlibbed + BARE_FROM;
		n = BARE_BYTES;
	} else if (!strncmp(what, "none", 4))
		n = 0;
	n = most > 0 && most < n ? most : n;
	snprintf(head, sizeof head,
	    "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n",
	    word, n);
	web_text(fd, head);
	web_write(fd, body, n);
}

/* "/refuse/<status>/<0: headers, 1: a body>/<it>" */
static void
answer_refusal(int fd, const char *path)
{
	char status[40], headers[200] = "";
	const char *says = path + 14;

	snprintf(status, sizeof status, "%.3s Whatever", path + 8);
	if (path[12] == '0')
		snprintf(headers, sizeof headers, "%s\r\n", says);
	web_reply(fd, status, headers, path[12] == '1' ? says : "{}");
}

static void
answer_list(int fd, const char *request, const char *path)
{
	const bool known = strstr(request, "\r\nCookie: FedAuth=anon; other=2\r\n");

	if (strstr(path, "step=2"))
		web_reply(fd, known ? "200 OK" : "403 Forbidden", "", TABLE);
	else
		web_reply(fd, "302 Found",
		    "Set-Cookie: FedAuth=anon; Path=/; HttpOnly\r\nSet-Cookie: gone=1\r\n"
		    "Set-Cookie: other=1\r\nset-cookie: other=2; Secure; SameSite=None\r\n"
		    "Set-Cookie: gone=; Max-Age=0\r\nSet-Cookie: nothing\r\n"
		    "Location: /list?step=2\r\n",
		    "");
}

static void
answer_elsewhere(int fd)
{
	char headers[300];

	snprintf(headers, sizeof headers,
	    "Set-Cookie: FedAuth=secret; Domain=localhost\r\n"
	    "Location: http://localhost:%d/echo\r\n",
	    web_port);
	web_reply(fd, "303 See Other", headers, "");
}

static void
odd_answer(int fd, const char *request, const char *path)
{
	static const char *const places[] = { "Location: /echo?a b=\xc3\xbc%20c\r\n",
		"Location:   /echo?a b=\xfc%20c  \r\n", "Location: ../echo?\"<x>{y}|^`\\\r\n",
		"Location: //127.0.0.1:" };
	char headers[200];

	if (!strncmp(path, "/as/", 4))
		answer_as(fd, path);
	else if (!strncmp(path, "/refuse/", 8))
		answer_refusal(fd, path);
	else if (!strncmp(path, "/list", 5))
		answer_list(fd, request, path);
	else if (!strcmp(path, "/elsewhere"))
		answer_elsewhere(fd);
	else if (!strncmp(path, "/place/", 7)) {
		snprintf(headers, sizeof headers, "%s", places[atoi(path + 7)]);
		if (path[7] == '3')
			snprintf(headers + strlen(headers), 100, "%d/echo?a b\r\n", web_port);
		web_reply(fd, "302 Found", headers, "");
	} else
		answer(fd, request, path);
}

static void
encodings_that_are_none_are_passed_over(void **state)
{
	static const char *const words[] = { "UTF-8", "aws-chunked", "binary", "identity", "none",
		"utf-8,gzip", "gzip", "x-gzip", "deflate", "br", "zstd" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_int_equal(get(arena_printf(cx.a, "/as/text/0/%s", words[i])), RC_OK);
		assert_string_equal(buf_c(got.body), TABLE);
		assert_int_equal(got.heads, (int)i + 1);
		assert_int_equal(get(arena_printf(cx.a, "/as/text/4/%s", words[i])), RC_OK);
		assert_string_equal(buf_c(got.body), "id,v");
		got.heads--;
		assert_int_equal(get(arena_printf(cx.a, "/as/none/0/%s", words[i])), RC_OK);
		assert_int_equal(got.body->n, 0);
		got.heads--;
	}
	assert_int_equal(get("/as/text/0/UTF-8"), RC_OK);
	assert_false(reply.packed);
}

static void
packed_bodies_are_unpacked_whatever_they_are_called(void **state)
{
	static const char *const paths[] = { "/as/gzip/0/gzip", "/as/gzip/0/GZIP",
		"/as/gzip/0/x-gzip", "/as/gzip/0/aws-chunked,gzip", "/as/zlib/0/deflate",
		"/as/bare/0/deflate" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		assert_int_equal(get(paths[i]), RC_OK);
		assert_string_equal(buf_c(got.body), TABLE);
		assert_true(reply.packed);
	}
}

static void
what_cannot_be_unpacked_fails_and_counts(void **state)
{
	static const char *const paths[] = { "/as/gzip/0/br", "/as/zlib/0/zstd",
		"/as/gzip/0/deflate", "/as/gzip/0/compress" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		assert_error(get(paths[i]), E_SOURCE_STATUS);
		assert_non_null(strstr(cx.err.detail, "Content-Encoding: "));
		assert_int_equal(error_row(cx.err.kind)->retry, RETRY_COUNT);
	}
	assert_error(get("/as/gzip/30/gzip"), E_TRUNCATED);
	assert_error(get("/as/zlib/20/deflate"), E_TRUNCATED);
}

static void
a_limit_is_one_whatever_status_tells_it(void **state)
{
	static const char *const limits[] = { "403/0/Retry-After:60",
		"403/0/X-RateLimit-Remaining:0", "403/0/x-ratelimit-remaining:0",
		"403/0/RateLimit:limit=9,remaining=0,reset=60",
		"403/1/{\"reason\":\"rateLimitExceeded\"}", "403/1/rate_limit", "420/1/calm",
		"400/1/throttled" };

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		assert_error(get(arena_printf(cx.a, "/refuse/%s", limits[i])), E_RATE_LIMITED);
		assert_true(cx.err.wait_ms == 0 || cx.err.wait_ms == 60000);
	}
	assert_error(get("/refuse/403/0/X-RateLimit-Remaining:1"), E_SOURCE_DENIED);
	assert_error(get("/refuse/403/1/forbidden"), E_SOURCE_DENIED);
	assert_error(get("/refuse/403/1/<p>rate_limit</p>"), E_SOURCE_DENIED);
	assert_error(get("/refuse/202/1/later"), E_NOT_READY);
	assert_error(get("/refuse/501/1/never"), E_SOURCE_STATUS);
	assert_int_equal(error_row(E_NOT_READY)->retry, RETRY_DEFER);
}

static void
a_cookie_of_a_redirect_goes_to_the_next_hop_and_no_further(void **state)
{
	(void)state;
	assert_int_equal(get("/list"), RC_OK);
	assert_string_equal(buf_c(got.body), TABLE);
	/* The next get begins without. */
	assert_error(get("/list?step=2"), E_SOURCE_DENIED);
	assert_int_equal(get("/echo"), RC_OK);
	assert_null(strstr(buf_c(got.body), "Cookie"));
	/* Nor does another origin get it. */
	assert_int_equal(get("/elsewhere"), RC_OK);
	assert_non_null(strstr(buf_c(got.body), "Host: localhost"));
	assert_null(strstr(buf_c(got.body), "Cookie"));
}

static void
redirects_to_unclean_addresses_are_followed(void **state)
{
	static const char *const asked[] = { "GET /echo?a%20b=%C3%BC%20c HTTP",
		"GET /echo?a%20b=%FC%20c HTTP", "GET /echo?%22%3Cx%3E%7By%7D%7C%5E%60%5C HTTP",
		"GET /echo?a%20b HTTP" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(get(arena_printf(cx.a, "/place/%d", i)), RC_OK);
		assert_non_null(strstr(buf_c(got.body), asked[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(encodings_that_are_none_are_passed_over),
		TEST(packed_bodies_are_unpacked_whatever_they_are_called),
		TEST(what_cannot_be_unpacked_fails_and_counts),
		TEST(a_limit_is_one_whatever_status_tells_it),
		TEST(a_cookie_of_a_redirect_goes_to_the_next_hop_and_no_further),
		TEST(redirects_to_unclean_addresses_are_followed),
	};
	int failed;

	web_start(odd_answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
