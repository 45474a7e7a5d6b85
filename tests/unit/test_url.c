/* What sources by URL share: spooling, resuming, conditional requests, web pages instead of
 * data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include "base/buf.h"
#include "base/conf.h"
#include "kind/web.h"
#include "provider/web/url.h"
#include "unit/web_server.h"

enum { MB = 1024 * 1024 };

static struct ctx cx;

/* --- the server's side --- */

static void
answer(int fd, const char *request, const char *path)
{
	if (strncmp(path, "/file", 5) == 0 && strstr(request, "If-None-Match: \"v1\""))
		web_text(fd, "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
	else if (strncmp(path, "/file", 5) == 0 && strstr(request, "Range: bytes=4-") &&
	    strstr(request, "If-Range: \"v1\""))
		web_reply(fd, "206 Partial Content",
		    "ETag: \"v1\"\r\nContent-Range: bytes 4-9/10\r\nContent-Type: text/csv\r\n",
		    "456789");
	else if (strncmp(path, "/file", 5) == 0)
		web_reply(fd, "200 OK",
		    "ETag: \"v1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		    "Content-Type: text/csv\r\n",
		    "0123456789");
	else if (strcmp(path, "/weak") == 0)
		web_reply(fd, "200 OK", "ETag: W/\"v1\"\r\n", "0123456789");
	else if (strcmp(path, "/fresh") == 0)
		web_reply(fd, "200 OK",
		    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nLast-Modified: Sun, 06 Nov 1994 "
		    "08:49:37 GMT\r\n",
		    "0123456789");
	else if (strcmp(path, "/page") == 0)
		web_reply(fd, "200 OK", "Content-Type: text/html\r\n",
		    "\n<!-- x -->\n<!DOCTYPE html><html><head><title>Hello</title></head></html>");
	else if (strcmp(path, "/signin") == 0)
		web_reply(fd, "200 OK", "Content-Type: text/html\r\n",
		    "<html><base href=\"https://accounts.google.com/v3/signin/\"></html>");
	else if (strcmp(path, "/mislabelled") == 0)
		web_reply(fd, "200 OK", "Content-Type: text/html\r\n", "a,b\n1,2\n");
	else if (strcmp(path, "/echo") == 0)
		web_reply(fd, "200 OK", "Content-Type: text/plain\r\n", request);
	else if (strcmp(path, "/broken") == 0)
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\nConnection: close\r\n"
		    "\r\n0123");
	else if (strcmp(path, "/empty") == 0)
		web_reply(fd, "200 OK", "", "");
	else
		web_reply(fd, "404 Not Found", "", "");
}

/* --- the engine's side --- */

struct spool {
	struct buf *bytes;
	int writes, rewinds, starts;
	const char *validator;
};

static enum rc
spool_write(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	struct spool *s = arg;

	(void)c;
	s->writes++;
	buf_add(s->bytes, bytes, n);
	return RC_OK;
}

static enum rc
spool_rewind(struct ctx *c, void *arg)
{
	struct spool *s = arg;

	(void)c;
	s->rewinds++;
	buf_clear(s->bytes);
	return RC_OK;
}

static enum rc
spool_started(struct ctx *c, void *arg, const char *validator)
{
	struct spool *s = arg;

	(void)c;
	s->starts++;
	s->validator = validator;
	return RC_OK;
}

static struct spool spool;
static struct fetch fetch;
static json *config, *cursor, *secret;

static enum rc
get(const char *path, bool conditional)
{
	const struct source src = { .config = config, .secret = secret, .cursor = cursor };
	const struct url_get want = { .conditional = conditional, .accept = "text/csv" };

	json_set_str(config, "url", arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path));
	fetch.max_bytes = fetch.max_bytes ? fetch.max_bytes : MB;
	fetch.silence_ms = 20000;
	fetch.write = spool_write;
	fetch.rewind = spool_rewind;
	fetch.started = spool_started;
	fetch.arg = &spool;
	cx.err = (struct err){ .kind = E_NONE };
	return url_fetch(&cx, &src, &fetch, &want, NULL);
}

static int
setup(void **state)
{
	(void)state;
	cx.a = arena_new("test", 64 * MB, 0);
	spool = (struct spool){ .bytes = buf_in(cx.a, MB) };
	fetch = (struct fetch){ 0 };
	config = json_new(cx.a);
	cursor = secret = NULL;
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
an_unchanged_source_writes_nothing(void **state)
{
	(void)state;
	assert_int_equal(get("/file", true), RC_OK);
	assert_string_equal(buf_c(spool.bytes), "0123456789");
	assert_string_equal(fetch.content_type, "text/csv");
	assert_string_equal(spool.validator, "\"v1\"");
	assert_string_equal(json_str(fetch.cursor, "etag"), "\"v1\"");
	assert_false(fetch.unchanged);
	assert_int_equal(fetch.calls, 1);

	cursor = fetch.cursor;
	spool = (struct spool){ .bytes = buf_in(cx.a, MB) };
	fetch = (struct fetch){ 0 };
	assert_int_equal(get("/file", true), RC_OK);
	assert_true(fetch.unchanged);
	assert_int_equal(spool.writes + spool.starts, 0);
	/* The cursor stays good for the next time. */
	assert_string_equal(json_str(fetch.cursor, "etag"), "\"v1\"");
	assert_string_equal(
	    json_str(fetch.cursor, "lastModified"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
validators_of_another_address_are_not_sent(void **state)
{
	(void)state;
	assert_int_equal(get("/file", true), RC_OK);
	cursor = fetch.cursor;
	fetch = (struct fetch){ 0 };
	assert_int_equal(get("/file?tab=2", true), RC_OK);
	assert_false(fetch.unchanged);
	fetch = (struct fetch){ 0 };
	assert_int_equal(get("/file", false), RC_OK);
	assert_false(fetch.unchanged);
	assert_null(fetch.cursor);
	/* Other headers may mean another answer. */
	json *headers = json_new(cx.a);
	json_set_str(headers, "Accept-Language", "de");
	json_set(config, "headers", headers);
	fetch = (struct fetch){ 0 };
	assert_int_equal(get("/file", true), RC_OK);
	assert_false(fetch.unchanged);
}

static void
validators_of_a_file_just_written_are_not_kept(void **state)
{
	(void)state;
	assert_int_equal(get("/fresh", true), RC_OK);
	assert_non_null(fetch.cursor);
	assert_null(json_str(fetch.cursor, "lastModified"));
}

static void
an_interrupted_page_goes_on_where_it_was(void **state)
{
	(void)state;
	buf_str(spool.bytes, "0123");
	fetch = (struct fetch){ .offset = 4, .validator = "\"v1\"" };
	assert_int_equal(get("/file", true), RC_OK);
	assert_string_equal(buf_c(spool.bytes), "0123456789");
	assert_int_equal(spool.rewinds, 0);
	assert_string_equal(json_str(fetch.cursor, "etag"), "\"v1\"");
}

static void
a_page_that_changed_meanwhile_starts_over(void **state)
{
	(void)state;
	buf_str(spool.bytes, "abcd");
	fetch = (struct fetch){ .offset = 4, .validator = "\"v0\"" };
	assert_int_equal(get("/file", true), RC_OK);
	assert_string_equal(buf_c(spool.bytes), "0123456789");
	assert_int_equal(spool.rewinds, 1);

	buf_str(spool.bytes, "abcd");
	fetch = (struct fetch){ .offset = 4 };
	assert_int_equal(get("/weak", true), RC_OK);
	assert_string_equal(buf_c(spool.bytes), "0123456789");
	assert_int_equal(spool.rewinds, 2);
}

static void
a_weak_validator_is_none_to_resume_with(void **state)
{
	(void)state;
	assert_int_equal(get("/weak", true), RC_OK);
	assert_int_equal(spool.starts, 1);
	assert_null(spool.validator);
	assert_string_equal(json_str(fetch.cursor, "etag"), "W/\"v1\"");
}

static void
a_broken_page_leaves_no_cursor(void **state)
{
	(void)state;
	assert_int_not_equal(get("/broken", true), RC_OK);
	assert_int_equal(cx.err.kind, E_TRUNCATED);
	assert_null(fetch.cursor);
	assert_int_equal(fetch.calls, 1);
}

static void
the_cap_counts_what_was_there_before(void **state)
{
	(void)state;
	fetch = (struct fetch){ .offset = 4, .validator = "\"v1\"", .max_bytes = 9 };
	assert_int_not_equal(get("/file", true), RC_OK);
	assert_int_equal(cx.err.kind, E_SOURCE_TOO_LARGE);
	fetch = (struct fetch){ .offset = 4, .validator = "\"v1\"", .max_bytes = 10 };
	assert_int_equal(get("/file", true), RC_OK);
}

static void
a_web_page_is_not_taken_for_data(void **state)
{
	(void)state;
	assert_int_not_equal(get("/page", true), RC_OK);
	assert_int_equal(cx.err.kind, E_HTML);
	assert_int_equal(spool.writes, 0);
	assert_int_not_equal(get("/signin", true), RC_OK);
	assert_int_equal(cx.err.kind, E_HTML);
	assert_non_null(strstr(cx.err.detail, "Share"));
	assert_int_equal(get("/mislabelled", true), RC_OK);
	assert_string_equal(buf_c(spool.bytes), "a,b\n1,2\n");
}

static void
an_empty_body_is_passed_on_as_such(void **state)
{
	(void)state;
	assert_int_equal(get("/empty", true), RC_OK);
	assert_int_equal(spool.bytes->n, 0);
}

static void
the_secret_goes_out_as_authorization_to_the_configured_place_only(void **state)
{
	const struct source src = { .config = config, .secret = secret = json_new(cx.a) };
	struct url_get want = { 0 };

	(void)state;
	json_set_str(secret, "authorization", "Bearer t0ken");
	assert_int_equal(get("/echo", true), RC_OK);
	assert_non_null(strstr(buf_c(spool.bytes), "\r\nAuthorization: Bearer t0ken\r\n"));
	buf_clear(spool.bytes);
	json_set_str(config, "url", "https://api.example.com/items");
	want.url = arena_printf(cx.a, "http://127.0.0.1:%d/echo", web_port);
	assert_int_equal(url_fetch(&cx, &src, &fetch, &want, NULL), RC_OK);
	assert_non_null(strstr(buf_c(spool.bytes), "GET /echo"));
	assert_null(strstr(buf_c(spool.bytes), "t0ken"));
	assert_null(strstr(json_text(cx.a, config), "t0ken"));
}

static void
references_are_resolved_as_browsers_do(void **state)
{
	(void)state;
	assert_string_equal(
	    http_resolve(cx.a, "https://a.example/b/c?d#e", "f"), "https://a.example/b/f");
	assert_string_equal(
	    http_resolve(cx.a, "https://a.example/b/c?d", "?g"), "https://a.example/b/c?g");
	assert_string_equal(
	    http_resolve(cx.a, "https://a.example/b/c", "/x/../y"), "https://a.example/y");
	assert_string_equal(
	    http_resolve(cx.a, "https://a.example/b", "//h.example/i"), "https://h.example/i");
	assert_string_equal(
	    http_resolve(cx.a, "https://a.example/b", "http://h.example/"), "http://h.example/");
	assert_null(http_resolve(cx.a, "https://a.example/b", "file:///etc/passwd"));
	assert_null(http_resolve(cx.a, "https://a.example/b", "mailto:a@b.example"));
	assert_null(http_resolve(cx.a, NULL, "x"));
	assert_null(http_resolve(cx.a, "https://a.example/b", NULL));
	assert_true(http_same_origin(cx.a, "https://A.example/x", "https://a.example:443/y"));
	assert_false(http_same_origin(cx.a, "https://a.example/x", "http://a.example/x"));
	assert_false(http_same_origin(cx.a, "https://a.example/x", "https://b.a.example/x"));
	assert_false(http_same_origin(cx.a, "https://a.example/x", "https://a.example:444/x"));
	assert_false(http_same_origin(cx.a, "https://a.example/x", NULL));
}

static void
html_is_known_by_its_beginning(void **state)
{
	(void)state;
	assert_true(url_is_html(NULL, STR("<!DOCTYPE HTML PUBLIC")));
	assert_true(url_is_html("text/csv", STR("\xef\xbb\xbf  \n<html lang=de>")));
	assert_true(url_is_html("text/html; charset=utf-8", STR("<div>")));
	assert_true(url_is_html(NULL, STR("<?xml version='1.0'?>\n<html>")));
	assert_false(url_is_html("text/html", STR("a,b")));
	assert_false(url_is_html("text/csv", STR("<div>,b")));
	assert_false(url_is_html(NULL, STR("")));
	assert_false(url_is_html(NULL, STR("name,<html>")));
}

static void
titles_and_charsets_are_read(void **state)
{
	(void)state;
	assert_string_equal(url_title(cx.a, "https://a.example/x/data.csv?token=1#y"), "data.csv");
	assert_string_equal(url_title(cx.a, "https://a.example/x/"), "x");
	assert_string_equal(url_title(cx.a, "https://a.example"), "a.example");
	assert_string_equal(
	    url_title(cx.a, "https://docs.google.com/spreadsheets/d/1a/export?format=csv"),
	    "docs.google.com");
	assert_string_equal(url_title(cx.a, NULL), "");
	assert_string_equal(
	    url_charset(cx.a, "text/csv; header=present; Charset=\"ISO-8859-1\""), "iso-8859-1");
	assert_string_equal(url_charset(cx.a, "text/csv;charset=UTF-8"), "utf-8");
	assert_null(url_charset(cx.a, "text/csv"));
	assert_null(url_charset(cx.a, "text/csv; charset="));
	assert_null(url_charset(cx.a, NULL));
}

static void
settings_that_cannot_work_are_complained_about(void **state)
{
	json *errors = json_list(cx.a), *headers = json_new(cx.a);

	(void)state;
	json_set_str(config, "url", "https://a.example/x");
	json_set_str(headers, "X-Fine", "1");
	json_set(config, "headers", headers);
	web_configure(cx.a, config, errors);
	assert_int_equal(json_len(errors), 0);
	json_set_str(config, "url", "https://u:p@a.example/x");
	json_set_str(headers, "Host", "b.example");
	json_set_str(headers, "Authorization", "Bearer x");
	json_set_str(headers, "X-Bad", "a\nb");
	json_set(config, "headers", headers);
	web_configure(cx.a, config, errors);
	assert_int_equal(json_len(errors), 4);
	assert_string_equal(json_str(json_nth(errors, 0), "field"), "config.url");
	assert_string_equal(json_str(json_nth(errors, 1), "field"), "config.headers");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unchanged_source_writes_nothing),
		TEST(validators_of_another_address_are_not_sent),
		TEST(validators_of_a_file_just_written_are_not_kept),
		TEST(an_interrupted_page_goes_on_where_it_was),
		TEST(a_page_that_changed_meanwhile_starts_over),
		TEST(a_weak_validator_is_none_to_resume_with),
		TEST(a_broken_page_leaves_no_cursor),
		TEST(the_cap_counts_what_was_there_before),
		TEST(a_web_page_is_not_taken_for_data),
		TEST(an_empty_body_is_passed_on_as_such),
		TEST(the_secret_goes_out_as_authorization_to_the_configured_place_only),
		TEST(references_are_resolved_as_browsers_do),
		TEST(html_is_known_by_its_beginning),
		TEST(titles_and_charsets_are_read),
		TEST(settings_that_cannot_work_are_complained_about),
	};
	int failed;

	web_start(answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
