/* http_fixture.h - a server on the loopback that does everything a server should not, and a caller
 * that keeps what the guarded GET tells it. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

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
static inline void
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

static inline void
write_endless(int fd, const char *status)
{
	char block[8192];

	memset(block, 'x', sizeof block);
	web_text(fd, status);
	web_text(fd, "Connection: close\r\n\r\n");
	for (;;)
		web_write(fd, block, sizeof block);
}

static inline void
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

static inline void
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

static inline void
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

static inline void
answer(int fd, const char *request, const char *path)
{
	char head[200];

	if (strncmp(path, "/echo", 5) == 0)
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

static inline enum rc
take_head(struct ctx *c, void *arg, const struct http_reply *reply)
{
	struct got *g = arg;

	(void)reply;
	g->heads++;
	buf_clear(g->body);
	return g->refuse_head ? fail(c, g->refuse_head, "refused") : RC_OK;
}

static inline enum rc
take_body(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	struct got *g = arg;

	buf_add(g->body, bytes, n);
	return g->refuse_body ? fail(c, g->refuse_body, "refused") : RC_OK;
}

static inline enum rc
take_tick(struct ctx *c, void *arg, int64_t bytes, int64_t total)
{
	struct got *g = arg;

	(void)bytes, (void)total;
	g->ticks++;
	return g->refuse_tick ? fail(c, g->refuse_tick, "refused") : RC_OK;
}

static struct got got;
static struct http_reply reply;

static inline const char *
address(const char *path)
{
	return arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path);
}

static inline enum rc
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

static inline enum rc
get(const char *path)
{
	return get_with(path, (struct http_get){ 0 });
}

static inline void
assert_error(enum rc rc, enum error_kind kind)
{
	assert_int_not_equal(rc, RC_OK);
	assert_string_equal(error_row(cx.err.kind)->code, error_row(kind)->code);
	assert_int_equal(rc, error_row(kind)->rc);
	if (kind != E_URL)
		assert_non_null(strstr(cx.err.detail, "127.0.0.1"));
	assert_null(strstr(cx.err.detail, "secret"));
}

static inline int
setup(void **state)
{
	(void)state;
	cx.a = arena_new("test", 64 * MB, 0);
	got = (struct got){ 0 };
	conf_override(
	    CONF_ALLOW_NETS, arena_printf(cx.a, "127.0.0.0/8:%d,[::1]:%d", web_port, web_port));
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	conf_override(CONF_ALLOW_NETS, "");
	arena_free(cx.a);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
