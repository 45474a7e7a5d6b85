/* The guarded GET against a server on the loopback that does everything a server should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "net/http.h"
#include "unit/web_server.h"

enum { MB = 1024 * 1024 };

static struct ctx cx;

/* --- the server's side --- */

/* A deflate stream of `runs` times 258 zero bytes in a gzip wrapper, without its end. */
static void
write_bomb(int fd, long runs)
{
	static const char head[] =
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
	unsigned char out[4096] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	size_t n = 10;
	unsigned bits = 0, held = 0;
	/* Fixed codes, sent lowest bit first: final block, literal 0, then (length 258, distance
	 * 1) again and again. */
	const struct {
		unsigned value, len;
	} first = { 0x1 | 1u << 1 | 0x0cu << 3, 11 }, again = { 0xa3, 13 };

	web_write(fd, head, sizeof head - 1);
	for (long i = -1; i < runs; i++) {
		bits |= (i < 0 ? first.value : again.value) << held;
		for (held += i < 0 ? first.len : again.len; held >= 8; held -= 8, bits >>= 8)
			out[n++] = (unsigned char)bits;
		if (n > sizeof out - 8) {
			web_write(fd, out, n);
			n = 0;
		}
	}
	web_write(fd, out, n);
}

static void
write_endless(int fd, const char *status)
{
	char block[8192];

	memset(block, 'x', sizeof block);
	web_text(fd, status);
	web_text(fd, "Connection: close\r\n\r\n");
	for (;;)
		web_write(fd, block, sizeof block);
}

static void
answer_range(int fd, const char *request, const char *path)
{
	const char *range = strstr(request, "\r\nRange: bytes=");

	if (!range || strcmp(path, "/range/ignored") == 0 || !strstr(request, "If-Range: \"v1\""))
		web_reply(fd, "200 OK", "ETag: \"v1\"\r\n", "0123456789");
	else if (strcmp(path, "/range/refused") == 0)
		web_reply(fd, "416 Range Not Satisfiable", "Content-Range: bytes */10\r\n", "");
	else if (strcmp(path, "/range/wrong") == 0)
		web_reply(fd, "206 Partial Content",
		    "ETag: \"v1\"\r\nContent-Range: bytes 2-9/10\r\n", "23456789");
	else
		web_reply(fd, "206 Partial Content",
		    "ETag: \"v1\"\r\nContent-Range: bytes 4-9/10\r\n", "456789");
}

static void
answer_redirect(int fd, const char *path)
{
	char headers[400];
	const int left = atoi(path + 6);

	if (left > 0)
		snprintf(headers, sizeof headers, "Location: %d\r\n", left - 1);
	else if (strcmp(path, "/jump/loop") == 0)
		snprintf(headers, sizeof headers, "Location: /jump/loop\r\n");
	else if (strcmp(path, "/jump/private") == 0)
		snprintf(headers, sizeof headers, "Location: http://10.255.255.1/\r\n");
	else if (strcmp(path, "/jump/otherport") == 0)
		snprintf(headers, sizeof headers, "Location: http://127.0.0.1:1/\r\n");
	else if (strcmp(path, "/jump/file") == 0)
		snprintf(headers, sizeof headers, "Location: file:///etc/passwd\r\n");
	else if (strcmp(path, "/jump/user") == 0)
		snprintf(headers, sizeof headers, "Location: http://u:p@127.0.0.1:%d/echo\r\n",
		    web_port);
	else if (strcmp(path, "/jump/elsewhere") == 0)
		snprintf(
		    headers, sizeof headers, "Location: http://localhost:%d/echo\r\n", web_port);
	else if (strcmp(path, "/jump/nowhere") == 0)
		headers[0] = '\0';
	else
		snprintf(headers, sizeof headers, "Location: ../echo\r\n");
	web_reply(fd, "302 Found", headers, "moved");
}

static void
answer_wait(int fd, const char *path)
{
	char headers[100], date[CLOCK_TEXT];
	const char *what = strrchr(path, '/') + 1;

	if (strcmp(what, "date") == 0)
		what = clock_http(clock_ms() + 100 * SECOND_MS, date);
	if (strcmp(what, "none") == 0)
		headers[0] = '\0';
	else
		snprintf(headers, sizeof headers, "Retry-After: %s\r\n", what);
	web_reply(fd, path[1] == '4' ? "429 Too Many Requests" : "503 Service Unavailable", headers,
	    "later");
}

static void
answer(int fd, const char *request, const char *path)
{
	char head[200];

	if (strcmp(path, "/echo") == 0)
		web_reply(fd, "200 OK", "Content-Type: text/plain; charset=UTF-8\r\n", request);
	else if (strcmp(path, "/ok") == 0)
		web_reply(fd, "200 OK",
		    "ETag: W/\"v1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		    "Link: <ok?page=2>; rel=\"next\"\r\n",
		    "hello");
	else if (strcmp(path, "/empty") == 0)
		web_reply(fd, "200 OK", "ETag: \"e\"\r\n", "");
	else if (strcmp(path, "/nocontent") == 0)
		web_text(fd, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
	else if (strcmp(path, "/same") == 0)
		web_text(
		    fd, "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nConnection: close\r\n\r\n");
	else if (strncmp(path, "/range", 6) == 0)
		answer_range(fd, request, path);
	else if (strncmp(path, "/jump/", 6) == 0)
		answer_redirect(fd, path);
	else if (strncmp(path, "/429/", 5) == 0 || strncmp(path, "/503/", 5) == 0)
		answer_wait(fd, path);
	else if (strncmp(path, "/status/", 8) == 0) {
		snprintf(head, sizeof head, "%s Whatever", path + 8);
		web_reply(fd, head, "", "body");
	} else if (strcmp(path, "/short") == 0)
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
		    "0123456789");
	else if (strcmp(path, "/shortchunk") == 0)
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
		    "5\r\nhello\r\n");
	else if (strcmp(path, "/mute") == 0)
		pause();
	else if (strcmp(path, "/stall") == 0) {
		web_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n01234");
		pause();
	} else if (strcmp(path, "/bomb") == 0)
		write_bomb(fd, 50L * MB / 258);
	else if (strcmp(path, "/endless") == 0)
		write_endless(fd, "HTTP/1.1 200 OK\r\n");
	else if (strcmp(path, "/endless404") == 0)
		write_endless(fd, "HTTP/1.1 404 Not Found\r\n");
	else if (strcmp(path, "/huge") == 0)
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\nx");
	else if (strcmp(path, "/nonsense") == 0)
		web_text(fd, "I am no web server\r\n\r\n");
	else if (strcmp(path, "/hangup") != 0)
		web_reply(fd, "404 Not Found", "", "");
}

/* --- the client's side --- */

struct got {
	struct buf *body;
	int heads, ticks;
	enum error_kind refuse_head, refuse_body, refuse_tick;
};

static enum rc
take_head(struct ctx *c, void *arg, const struct http_reply *reply)
{
	struct got *g = arg;

	(void)reply;
	g->heads++;
	buf_clear(g->body);
	return g->refuse_head ? fail(c, g->refuse_head, "refused") : RC_OK;
}

static enum rc
take_body(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	struct got *g = arg;

	buf_add(g->body, bytes, n);
	return g->refuse_body ? fail(c, g->refuse_body, "refused") : RC_OK;
}

static enum rc
take_tick(struct ctx *c, void *arg, int64_t bytes, int64_t total)
{
	struct got *g = arg;

	(void)bytes, (void)total;
	g->ticks++;
	return g->refuse_tick ? fail(c, g->refuse_tick, "refused") : RC_OK;
}

static struct got got;
static struct http_reply reply;

static const char *
address(const char *path)
{
	return arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path);
}

static enum rc
get_with(const char *path, struct http_get get)
{
	got.body = buf_in(cx.a, 4 * MB);
	get.url = address(path);
	get.max_bytes = get.max_bytes ? get.max_bytes : 2 * MB;
	get.silence_ms = get.silence_ms ? get.silence_ms : 20000;
	get.head = take_head;
	get.body = take_body;
	get.tick = take_tick;
	get.arg = &got;
	cx.err = (struct err){ .kind = E_NONE };
	return http_get(&cx, &get, &reply);
}

static enum rc
get(const char *path)
{
	return get_with(path, (struct http_get){ 0 });
}

static void
assert_error(enum rc rc, enum error_kind kind)
{
	assert_int_not_equal(rc, RC_OK);
	assert_string_equal(error_row(cx.err.kind)->code, error_row(kind)->code);
	assert_int_equal(rc, error_row(kind)->rc);
	if (kind != E_URL)
		assert_non_null(strstr(cx.err.detail, "127.0.0.1"));
	assert_null(strstr(cx.err.detail, "secret"));
}

static int
setup(void **state)
{
	(void)state;
	cx.a = arena_new("test", 64 * MB, 0);
	got = (struct got){ 0 };
	conf_override(
	    CONF_ALLOW_NETS, arena_printf(cx.a, "127.0.0.0/8:%d,[::1]:%d", web_port, web_port));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_override(CONF_ALLOW_NETS, "");
	arena_free(cx.a);
	return 0;
}

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
	assert_int_equal(cx.err.kind, E_INPUT);
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

static void
statuses_become_errors_that_name_the_host(void **state)
{
	(void)state;
	assert_error(get("/status/401"), E_SOURCE_AUTH);
	assert_error(get("/status/403"), E_SOURCE_DENIED);
	assert_error(get("/status/404"), E_SOURCE_GONE);
	assert_non_null(strstr(cx.err.detail, "404"));
	assert_error(get("/status/410"), E_SOURCE_GONE);
	assert_error(get("/status/418"), E_SOURCE_STATUS);
	assert_error(get("/status/500"), E_SOURCE_5XX);
	assert_error(get("/status/206"), E_SOURCE_STATUS);
	assert_error(get("/status/404?token=secret"), E_SOURCE_GONE);
	assert_error(get("/nocontent"), E_SOURCE_STATUS);
	assert_error(get("/endless404"), E_SOURCE_GONE);
	assert_int_equal(got.heads, 0);
}

static void
retry_after_is_carried_in_all_its_forms(void **state)
{
	(void)state;
	assert_error(get("/429/120"), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 120000);
	assert_error(get("/429/0"), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 1000);
	assert_error(get("/429/999999"), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 3600000);
	assert_error(get("/429/date"), E_RATE_LIMITED);
	assert_in_range(cx.err.wait_ms, 80000, 100000);
	assert_error(get("/429/none"), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 0);
	assert_error(get("/503/30"), E_SOURCE_5XX);
	assert_int_equal(cx.err.wait_ms, 30000);
}

static void
a_body_that_breaks_off_is_no_success(void **state)
{
	(void)state;
	assert_error(get("/short"), E_TRUNCATED);
	assert_error(get("/shortchunk"), E_TRUNCATED);
	assert_error(get("/hangup"), E_NETWORK);
	assert_error(get("/nonsense"), E_SOURCE_STATUS);
}

static void
silence_is_noticed_before_and_in_the_body(void **state)
{
	const int64_t began = clock_mono_ms();

	(void)state;
	assert_error(get_with("/mute", (struct http_get){ .silence_ms = 300 }), E_SILENT);
	assert_error(get_with("/stall", (struct http_get){ .silence_ms = 300 }), E_SILENT);
	assert_string_equal(buf_c(got.body), "01234");
	assert_true(clock_mono_ms() - began < 15000);
	assert_error(
	    get_with("/endless", (struct http_get){ .deadline_ms = 300, .max_bytes = INT64_MAX }),
	    E_SILENT);
}

static void
the_cap_counts_unpacked_bytes(void **state)
{
	(void)state;
	assert_error(get("/bomb"), E_SOURCE_TOO_LARGE);
	assert_true(reply.bytes <= 2 * MB);
	assert_true(reply.packed);
	assert_error(get("/endless"), E_SOURCE_TOO_LARGE);
	assert_true(reply.bytes <= 2 * MB);
	assert_error(get("/huge"), E_SOURCE_TOO_LARGE);
	assert_int_equal(reply.bytes, 0);
}

static void
enough_is_enough(void **state)
{
	(void)state;
	assert_int_equal(get_with("/endless", (struct http_get){ .enough_bytes = 10000 }), RC_OK);
	assert_true(reply.cut);
	assert_in_range(got.body->n, 10000, 400000);
	assert_int_equal(get_with("/ok", (struct http_get){ .enough_bytes = 5 }), RC_OK);
	assert_false(reply.cut);
}

static void
what_a_callback_says_is_what_comes_back(void **state)
{
	(void)state;
	got.refuse_head = E_HTML;
	assert_int_equal(get("/ok"), error_row(E_HTML)->rc);
	assert_int_equal(cx.err.kind, E_HTML);
	assert_string_equal(cx.err.detail, "refused");
	assert_int_equal(get("/empty"), error_row(E_HTML)->rc);
	got = (struct got){ .refuse_body = E_CANCELLED };
	assert_int_equal(get("/ok"), error_row(E_CANCELLED)->rc);
	assert_int_equal(cx.err.kind, E_CANCELLED);
	got = (struct got){ .refuse_tick = E_CANCELLED };
	assert_int_equal(get("/mute"), error_row(E_CANCELLED)->rc);
	assert_int_equal(cx.err.kind, E_CANCELLED);
}

static void
a_port_nobody_listens_on_is_a_network_error(void **state)
{
	struct http_get g = { .url = "http://127.0.0.1:1/", .max_bytes = 1, .silence_ms = 5000 };

	(void)state;
	conf_override(CONF_ALLOW_NETS, "127.0.0.1");
	assert_error(http_get(&cx, &g, &reply), E_NETWORK);
	g.url = "ftp://127.0.0.1/";
	assert_error(http_get(&cx, &g, &reply), E_URL);
}

static void
plain_http_where_tls_is_wanted_is_a_tls_error(void **state)
{
	struct http_get g = {
		.url = arena_printf(cx.a, "https://127.0.0.1:%d/nonsense", web_port),
		.max_bytes = 1,
		.silence_ms = 2000,
	};

	(void)state;
	assert_int_not_equal(http_get(&cx, &g, &reply), RC_OK);
	assert_true(cx.err.kind == E_TLS || cx.err.kind == E_NETWORK || cx.err.kind == E_SILENT);
}

static void
the_proxy_of_the_environment_is_not_used(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	assert_int_equal(get("/ok"), RC_OK);
	unsetenv("http_proxy");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		TEST(statuses_become_errors_that_name_the_host),
		TEST(retry_after_is_carried_in_all_its_forms),
		TEST(a_body_that_breaks_off_is_no_success),
		TEST(silence_is_noticed_before_and_in_the_body),
		TEST(the_cap_counts_unpacked_bytes),
		TEST(enough_is_enough),
		TEST(what_a_callback_says_is_what_comes_back),
		TEST(a_port_nobody_listens_on_is_a_network_error),
		TEST(plain_http_where_tls_is_wanted_is_a_tls_error),
		TEST(the_proxy_of_the_environment_is_not_used),
	};
	int failed;

	web_start(answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
