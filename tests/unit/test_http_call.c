/* One request of any method with a bounded answer, against a server on the loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "net/http_call.h"
#include "unit/web_server.h"

enum { KB = 1024 };

static struct ctx cx;
static int *counted; /* requests for /count, by the server */

/* --- the server's side --- */

static void
write_many(int fd, const char *status, size_t n)
{
	char block[1024];

	memset(block, 'x', sizeof block);
	web_text(fd, status);
	web_text(fd, "Connection: close\r\n\r\n");
	for (; n > 0; n -= sizeof block)
		web_write(fd, block, sizeof block);
}

/* 200 kB of zeros, packed. */
static void
write_packed(int fd)
{
	static const unsigned char head[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
		0x03, 0xed, 0xc1, 0x01, 0x0d, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xf7, 0x4f, 0x6d, 0x0f,
		0x07 };
	static const unsigned char tail[] = { 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4f, 0x06, 0x3f, 0x4f, 0x37, 0xd5,
		0x00, 0x20, 0x03, 0x00 };
	static const unsigned char zeros[0];

	web_text(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
	web_write(fd, head, sizeof head);
	web_write(fd, zeros, sizeof zeros);
	web_write(fd, tail, sizeof tail);
}

static void
answer(int fd, const char *request, const char *path)
{
	char head[100], text[40];

	if (!strcmp(path, "/echo"))
		web_reply(fd, "200 OK", "Content-Type: text/plain\r\nETag: \"e1\"\r\n", request);
	else if (!strncmp(path, "/status/", 8)) {
		snprintf(head, sizeof head, "%s Whatever", path + 8);
		web_reply(fd, head, "Retry-After: 7\r\nLocation: /elsewhere\r\n", "why");
	} else if (!strcmp(path, "/kept")) {
		/* The process of this connection tells its own number: the same number is the
		 * same connection. */
		snprintf(text, sizeof text, "%d", (int)getpid());
		snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
		    strlen(text), text);
		for (char more[4 * KB]; (web_text(fd, head), read(fd, more, sizeof more)) > 0;)
			;
	} else if (!strcmp(path, "/count")) {
		snprintf(text, sizeof text, "%d", ++*counted);
		web_reply(fd, "200 OK", "Content-Type: text/plain\r\n", text);
	} else if (!strcmp(path, "/many"))
		write_many(fd, "HTTP/1.1 200 OK\r\n", 64 * KB);
	else if (!strcmp(path, "/many500"))
		write_many(fd, "HTTP/1.1 500 Oops\r\n", 64 * KB);
	else if (!strcmp(path, "/packed"))
		write_packed(fd);
	else if (!strcmp(path, "/short"))
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
		    "0123456789");
	else if (!strcmp(path, "/mute"))
		pause();
	else if (!strcmp(path, "/half")) {
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
		    "0123456789");
		pause();
	} else if (!strcmp(path, "/slow")) {
		web_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n");
		for (int i = 0; i < 16; i++) {
			clock_sleep_ms(100);
			web_text(fd, "x");
		}
	} else if (strcmp(path, "/hangup"))
		web_reply(fd, "404 Not Found", "", "");
}

/* --- the client's side --- */

static struct http_answer reply;

static const char *
address(const char *path)
{
	return arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path);
}

static enum rc
call_with(const char *method, const char *path, struct http_call call)
{
	call.method = method;
	call.url = address(path);
	call.max_bytes = call.max_bytes ? call.max_bytes : 16 * KB;
	call.timeout_ms = call.timeout_ms ? call.timeout_ms : 20 * SECOND_MS;
	cx.err = (struct err){ .kind = E_NONE };
	return http_call(&cx, &call, &reply);
}

static void
assert_error(enum rc rc, enum error_kind kind)
{
	assert_int_not_equal(rc, RC_OK);
	assert_string_equal(error_row(cx.err.kind)->code, error_row(kind)->code);
	assert_null(strstr(cx.err.detail, "hidden"));
}

static int
setup(void **state)
{
	(void)state;
	cx.a = arena_new("test", (size_t)16 << 20, 0);
	conf_override(CONF_ALLOW_NETS, arena_printf(cx.a, "127.0.0.0/8:%d", web_port));
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
method_headers_and_body_arrive_as_given(void **state)
{
	json *plain = json_new(cx.a), *secret = json_new(cx.a);
	const char *got;

	(void)state;
	json_set_str(plain, "If-Match", "\"e0\"");
	json_set_str(secret, "Authorization", "Bearer hidden");
	assert_int_equal(call_with("PATCH", "/echo",
			     (struct http_call){
				 .headers = plain,
				 .secret_headers = secret,
				 .content_type = "application/json",
				 .body = STR("{\"a\":\"\\u0000\"}"),
			     }),
	    RC_OK);
	got = reply.body.p;
	assert_true(str_starts(reply.body, "PATCH /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(got, "\r\nIf-Match: \"e0\"\r\n"));
	assert_non_null(strstr(got, "\r\nAuthorization: Bearer hidden\r\n"));
	assert_non_null(strstr(got, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(got, "\r\nContent-Length: 14\r\n"));
	assert_null(strstr(got, "Expect:"));
	assert_true(str_ends(reply.body, "\r\n\r\n{\"a\":\"\\u0000\"}"));
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.etag, "\"e1\"");
	assert_string_equal(reply.content_type, "text/plain");
	assert_true(reply.sent);
}

static void
a_request_without_a_body_sends_none(void **state)
{
	static const char *const methods[] = { "GET", "DELETE" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(call_with(methods[i], "/echo", (struct http_call){ 0 }), RC_OK);
		assert_true(str_starts(reply.body, methods[i]));
		assert_null(strstr(reply.body.p, "Content-Length"));
		assert_null(strstr(reply.body.p, "Content-Type"));
	}
	assert_int_equal(call_with("HEAD", "/echo", (struct http_call){ 0 }), RC_OK);
	assert_int_equal(reply.body.n, 0);
	assert_int_equal(call_with("POST", "/echo", (struct http_call){ .body = STR("") }), RC_OK);
	assert_non_null(strstr(reply.body.p, "\r\nContent-Length: 0\r\n"));
	assert_null(strstr(reply.body.p, "Content-Type"));
}

static void
any_status_is_an_answer(void **state)
{
	static const int statuses[] = { 204, 302, 400, 401, 404, 409, 410, 412, 429, 500, 503 };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		assert_int_equal(call_with("POST", arena_printf(cx.a, "/status/%d", statuses[i]),
				     (struct http_call){ .body = STR("x") }),
		    RC_OK);
		assert_int_equal(reply.status, statuses[i]);
		assert_int_equal(reply.wait_ms, 7 * SECOND_MS);
		assert_string_equal(reply.location, "/elsewhere");
		assert_string_equal(reply.body.p, statuses[i] == 204 ? "" : "why");
	}
}

static void
a_status_becomes_an_error_when_it_is_asked(void **state)
{
	static const struct {
		int status;
		enum error_kind kind;
	} expected[] = {
		{ 204, E_NONE },
		{ 304, E_NONE },
		{ 401, E_SOURCE_AUTH },
		/* It says when to come again, so it is a limit. */
		{ 403, E_RATE_LIMITED },
		{ 404, E_SOURCE_GONE },
		{ 429, E_RATE_LIMITED },
		{ 451, E_SOURCE_DENIED },
		{ 503, E_SOURCE_5XX },
		{ 302, E_SOURCE_STATUS },
		{ 418, E_SOURCE_STATUS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		assert_int_equal(
		    call_with("GET", arena_printf(cx.a, "/status/%d", expected[i].status),
			(struct http_call){ 0 }),
		    RC_OK);
		if (!expected[i].kind) {
			assert_int_equal(http_call_error(&cx, &reply), RC_OK);
			continue;
		}
		assert_error(http_call_error(&cx, &reply), expected[i].kind);
		assert_int_equal(cx.err.wait_ms, 7 * SECOND_MS);
		assert_non_null(strstr(cx.err.detail, "127.0.0.1 answered"));
	}
}

static void
a_long_answer_is_refused_or_cut(void **state)
{
	(void)state;
	assert_error(call_with("GET", "/many", (struct http_call){ 0 }), E_SOURCE_TOO_LARGE);
	assert_true(reply.sent);
	assert_int_equal(
	    call_with("GET", "/many500", (struct http_call){ .cut = true, .max_bytes = KB }),
	    RC_OK);
	assert_int_equal(reply.status, 500);
	assert_int_equal(reply.body.n, KB);
	assert_true(reply.cut);
	assert_int_equal(
	    call_with("GET", "/many", (struct http_call){ .max_bytes = 64 * KB }), RC_OK);
	assert_int_equal(reply.body.n, 64 * KB);
	assert_false(reply.cut);
}

static void
what_is_packed_is_counted_unpacked(void **state)
{
	(void)state;
	assert_int_equal(
	    call_with("GET", "/packed", (struct http_call){ .max_bytes = 200 * KB }), RC_OK);
	assert_int_equal(reply.body.n, 200 * KB);
	assert_error(
	    call_with("GET", "/packed", (struct http_call){ .max_bytes = KB }), E_SOURCE_TOO_LARGE);
}

static void
an_answer_that_breaks_off_is_none(void **state)
{
	(void)state;
	assert_error(call_with("GET", "/short", (struct http_call){ 0 }), E_TRUNCATED);
	assert_error(
	    call_with("POST", "/hangup", (struct http_call){ .body = STR("x") }), E_NETWORK);
	assert_true(reply.sent);
}

static void
a_server_that_says_nothing_is_given_up(void **state)
{
	const int64_t began = clock_mono_ms();

	(void)state;
	assert_error(
	    call_with("POST", "/mute", (struct http_call){ .timeout_ms = 300, .body = STR("x") }),
	    E_SILENT);
	assert_true(reply.sent);
	assert_in_range(clock_mono_ms() - began, 250, 5000);
}

/* The limit is one for the time before the answer and for any pause in it, and counts from the last
 * byte; what comes steadily may take longer. */
static void
silence_is_the_same_before_an_answer_and_within_it(void **state)
{
	static const char *const silent[] = { "/mute", "/half" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_error(call_with("GET", silent[i], (struct http_call){ .silence_ms = 1000 }),
		    E_SILENT);
		assert_non_null(strstr(cx.err.detail, "has sent nothing for 1 seconds"));
		assert_true(reply.sent);
	}
	assert_int_equal(
	    call_with("GET", "/slow", (struct http_call){ .silence_ms = 1000 }), RC_OK);
	assert_int_equal(reply.body.n, 16);
}

static void
the_same_connection_is_used_again(void **state)
{
	const char *first;

	(void)state;
	assert_int_equal(call_with("GET", "/kept", (struct http_call){ 0 }), RC_OK);
	first = reply.body.p;
	assert_int_equal(call_with("POST", "/kept", (struct http_call){ .body = STR("x") }), RC_OK);
	assert_string_equal(reply.body.p, first);
}

/* --- ahead --- */

static struct http_call
to_send(const char *path)
{
	return (struct http_call){
		.method = "GET",
		.url = address(path),
		.max_bytes = 16 * KB,
		.timeout_ms = 20 * SECOND_MS,
		.silence_ms = 20 * SECOND_MS,
	};
}

/* Sent, and heard by the server, before anybody waits for its answer. Other requests help it on its
 * way when it takes long to connect. */
static void
sent_ahead(const struct http_call *call)
{
	const int before = *(volatile int *)counted;
	const int64_t until = clock_mono_ms() + 20 * SECOND_MS;
	const struct http_call other = to_send("/echo");

	http_ahead(call);
	while (*(volatile int *)counted == before && clock_mono_ms() < until) {
		assert_int_equal(http_call(&cx, &other, &reply), RC_OK);
		clock_sleep_ms(2);
	}
	assert_int_equal(*(volatile int *)counted, before + 1);
}

static void
what_is_sent_ahead_is_answered_once(void **state)
{
	const struct http_call call = to_send("/count"), other = to_send("/echo");
	struct http_call secret = call;
	json *headers = json_new(cx.a);
	const char *first;

	(void)state;
	json_set_str(headers, "Authorization", "Bearer hidden");
	secret.secret_headers = headers;
	sent_ahead(&call);
	first = arena_printf(cx.a, "%d", *counted);
	assert_true(http_is_ahead(&call));
	assert_false(http_is_ahead(&other));
	assert_false(http_is_ahead(&secret));
	/* Others go their way meanwhile. */
	assert_int_equal(http_call(&cx, &other, &reply), RC_OK);
	assert_int_equal(http_call(&cx, &call, &reply), RC_OK);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body.p, first);
	assert_string_equal(reply.content_type, "text/plain");
	assert_string_equal(reply.host, "127.0.0.1");
	assert_false(http_is_ahead(&call));
	assert_int_equal(http_call(&cx, &call, &reply), RC_OK);
	assert_string_not_equal(reply.body.p, first);
}

static void
what_was_sent_ahead_and_is_not_wanted_is_nobodys(void **state)
{
	const struct http_call call = to_send("/count");
	int sent;

	(void)state;
	sent_ahead(&call);
	sent = *counted;
	http_ahead_drop();
	http_ahead_drop();
	assert_int_equal(http_call(&cx, &call, &reply), RC_OK);
	assert_string_equal(reply.body.p, arena_printf(cx.a, "%d", sent + 1));
	/* The next one takes the place of the one before. */
	sent_ahead(&call);
	sent_ahead(&call);
	assert_int_equal(http_call(&cx, &call, &reply), RC_OK);
	assert_string_equal(reply.body.p, arena_printf(cx.a, "%d", sent + 3));
	assert_false(http_is_ahead(&call));
}

static enum rc
told_to_stop(struct ctx *c, void *arg)
{
	(void)arg;
	return fail(c, E_CANCELLED, NULL);
}

static void
what_is_sent_ahead_fails_as_it_would_have_later(void **state)
{
	struct http_call call = to_send("/short");

	(void)state;
	http_ahead(&call);
	assert_error(http_call(&cx, &call, &reply), E_TRUNCATED);
	call = to_send("/mute");
	call.silence_ms = 1000;
	http_ahead(&call);
	assert_error(http_call(&cx, &call, &reply), E_SILENT);
	assert_true(reply.sent);
	call.tick = told_to_stop;
	http_ahead(&call);
	assert_error(http_call(&cx, &call, &reply), E_CANCELLED);
	/* What cannot be sent is not. */
	call.url = "ftp://127.0.0.1/";
	http_ahead(&call);
	assert_false(http_is_ahead(&call));
}

static void
private_networks_are_for_configured_addresses_alone(void **state)
{
	struct http_call call = { .method = "GET", .max_bytes = KB, .timeout_ms = 20 * SECOND_MS };

	(void)state;
	conf_override(CONF_ALLOW_NETS, "");
	call.url = arena_printf(cx.a, "http://localhost:%d/kept", web_port);
	call.configured = true;
	assert_int_equal(http_call(&cx, &call, &reply), RC_OK);
	/* Nor may the connection that is kept from it be used. */
	call.configured = false;
	assert_error(http_call(&cx, &call, &reply), E_ADDRESS_BLOCKED);
	assert_false(reply.sent);
}

static void
an_address_or_header_that_cannot_be_sent_is_refused(void **state)
{
	static const char *const bad[] = { "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://",
		"127.0.0.1", "http://127.0.0.1/\r\nx" };
	json *headers = json_new(cx.a);

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_error(http_call(&cx,
				 &(struct http_call){
				     .method = "GET",
				     .url = bad[i],
				     .max_bytes = 1,
				     .timeout_ms = 1000,
				 },
				 &reply),
		    E_URL);
	json_set_str(headers, "X-A", "hidden\r\nX-B: 1");
	assert_error(
	    call_with("GET", "/echo", (struct http_call){ .secret_headers = headers }), E_URL);
	assert_false(reply.sent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    method_headers_and_body_arrive_as_given, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_request_without_a_body_sends_none, setup, teardown),
		cmocka_unit_test_setup_teardown(any_status_is_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_status_becomes_an_error_when_it_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_answer_is_refused_or_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_packed_is_counted_unpacked, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_that_breaks_off_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_server_that_says_nothing_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    silence_is_the_same_before_an_answer_and_within_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_sent_ahead_is_answered_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_was_sent_ahead_and_is_not_wanted_is_nobodys, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_sent_ahead_fails_as_it_would_have_later, setup, teardown),
		/* Who keeps a connection there answers nothing else on it: last. */
		cmocka_unit_test_setup_teardown(the_same_connection_is_used_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    private_networks_are_for_configured_addresses_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    an_address_or_header_that_cannot_be_sent_is_refused, setup, teardown),
	};
	int failed;

	counted = mmap(
	    NULL, sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	web_start(answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
