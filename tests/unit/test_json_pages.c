/* Pages of JSON sources: by address in the body, by token, by Link header, by number; circles,
 * other servers, broken pages. */
#include "unit/unit.h"

#include "base/buf.h"
#include "provider/web/json_pages.h"
#include "unit/web_server.h"

/* --- the server's side --- */

static int
number_of(const char *path, const char *name)
{
	const char *p = strstr(path, name);

	return p ? atoi(p + strlen(name)) : -1;
}

/* Ends of lists that servers write in their own ways; false: none of those. */
static bool
answer_end(int fd, const char *path)
{
	const int page = number_of(path, "page="), n = page < 0 ? 1 : page;
	const int from = number_of(path, "from=");
	const char *status = "200 OK";
	char body[400];

	if (strncmp(path, "/behind", 7) == 0) {
		snprintf(body, sizeof body, "{\"rows\":[{\"id\":%d}]}", n);
		if (n > 2)
			status = n == 3 ? "404 Not Found" : "400 Bad Request";
	} else if (strncmp(path, "/breaks", 7) == 0) {
		snprintf(body, sizeof body, "{\"rows\":[{\"id\":%d}]}", n);
		status = n < 3 ? status : "401 Unauthorized";
	} else if (strncmp(path, "/offset", 7) == 0)
		snprintf(body, sizeof body,
		    from < 4 ? "{\"rows\":[{\"id\":%d},{\"id\":9}]}" : "{\"rows\":[]}", from);
	else if (strncmp(path, "/last", 5) == 0)
		snprintf(body, sizeof body, "{\"rows\":[{\"id\":%d}]}", n < 3 ? n : 3);
	else if (strncmp(path, "/said", 5) == 0)
		snprintf(body, sizeof body,
		    "{\"rows\":[{\"id\":%d}],\"has_more\":%s,\"next\":\"/said?page=%d\"}", n,
		    n < 2 ? "true" : "false", n + 1);
	else if (strncmp(path, "/itself", 7) == 0)
		snprintf(
		    body, sizeof body, "{\"rows\":[{\"id\":%d}],\"next\":\"/itself?page=2\"}", n);
	else if (strncmp(path, "/insists", 8) == 0)
		snprintf(body, sizeof body,
		    "{\"rows\":[{\"id\":%d}],\"next\":\"/insists?page=2\",\"has_more\":true}", n);
	else if (strncmp(path, "/bare", 5) == 0)
		snprintf(body, sizeof body, "{\"rows\":[],\"next\":\"/bare?page=%d\"}", n + 1);
	else if (strncmp(path, "/sparse", 7) == 0)
		snprintf(body, sizeof body,
		    "{\"rows\":[],\"next\":\"/sparse?page=%d\",\"hasMore\":%s}", n + 1,
		    n < 4 ? "true" : "false");
	else if (strncmp(path, "/unread", 7) == 0)
		snprintf(body, sizeof body, "{\"rows\":[],\"next\":\"http://[/?api_key=s3cr3t\"}");
	else
		return false;
	web_reply(fd, status, "Content-Type: application/json\r\n", body);
	return true;
}

static void
answer(int fd, const char *request, const char *path)
{
	char body[400], link[200];
	const int page = number_of(path, "page="), n = page < 0 ? 1 : page;

	if (answer_end(fd, path))
		return;
	if (strncmp(path, "/body", 5) == 0) {
		snprintf(link, sizeof link, n < 3 ? "\"/body?page=%d\"" : "null", n + 1);
		snprintf(
		    body, sizeof body, "{\"data\":[{\"id\":%d}],\"links\":{\"next\":%s}}", n, link);
	} else if (strncmp(path, "/relative/", 10) == 0)
		snprintf(body, sizeof body, "{\"data\":[{\"id\":%d}],\"next\":%s}", n,
		    n < 2 ? "\"?page=2\"" : "\"\"");
	else if (strncmp(path, "/token", 6) == 0)
		snprintf(body, sizeof body, "{\"items\":[],\"cursor\":%s}",
		    strstr(path, "?size=2&after=a%2Fb%3D%3D") ? "null" : "\"a/b==\"");
	else if (strncmp(path, "/number", 7) == 0)
		snprintf(body, sizeof body,
		    n < 3 ? "{\"rows\":[{\"id\":%d}]}" : "{\"rows\":[],\"page\":%d}", n);
	else if (strncmp(path, "/stuck", 6) == 0)
		snprintf(body, sizeof body, "[{\"id\":1}]");
	else if (strncmp(path, "/circle", 7) == 0)
		snprintf(body, sizeof body, "{\"data\":[{\"id\":%d}],\"next\":\"/circle?page=%d\"}",
		    n, n == 9 ? 3 : n + 1);
	else if (strncmp(path, "/home", 5) == 0)
		snprintf(body, sizeof body, "{\"data\":[{\"id\":%d}],\"next\":\"%s\"}", n,
		    page < 0 ? "/home?page=2" : "/home");
	else if (strncmp(path, "/away", 5) == 0)
		snprintf(body, sizeof body, "{\"next\":\"http://elsewhere.example/?secret=1\"}");
	else if (strncmp(path, "/object", 7) == 0)
		snprintf(body, sizeof body, "{\"next\":{\"href\":\"/x\"}}");
	else if (strncmp(path, "/bad", 4) == 0)
		snprintf(body, sizeof body, "{\"data\":[1,2");
	else if (strncmp(path, "/link", 5) == 0) {
		snprintf(link, sizeof link, "Content-Type: application/json\r\n%s",
		    n < 2 ? "Link: </link?page=2>; rel=\"next\"\r\n" : "");
		web_reply(fd, "200 OK", link, "[{\"id\":1}]");
		return;
	} else {
		web_reply(fd, "404 Not Found", "", "");
		return;
	}
	web_reply(fd, "200 OK",
	    strstr(request, "If-None-Match") ? "X-Conditional: yes\r\n"
					     : "ETag: \"v1\"\r\nContent-Type: application/json\r\n",
	    body);
}

/* --- the engine's side --- */

static struct buf *spool;
static int rewinds;
static json *config, *cursor;
static struct fetch fetch;

static enum rc
spool_write(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	(void)c;
	(void)arg;
	buf_add(spool, bytes, n);
	return RC_OK;
}

static enum rc
spool_rewind(struct ctx *c, void *arg)
{
	(void)c;
	(void)arg;
	rewinds++;
	buf_clear(spool);
	return RC_OK;
}

static enum rc
get(int page, const char *next)
{
	const struct source src = { .config = config, .cursor = cursor };

	fetch = (struct fetch){
		.page = page,
		.next = next,
		.max_bytes = 1 << 20,
		.silence_ms = 20000,
		.write = spool_write,
		.rewind = spool_rewind,
		.offset = fetch.offset,
		.validator = fetch.validator,
		.enough_bytes = fetch.enough_bytes,
	};
	cx.err = (struct err){ .kind = E_NONE };
	return reader_json.fetch(&cx, &src, &fetch);
}

/* Reads page after page; how many there were. Ends at the first error. */
static enum rc
get_all(const char *path, const char *more, int *pages)
{
	const char *next = NULL;

	config = json_stored(cx.a,
	    arena_printf(cx.a, "{\"url\":\"http://127.0.0.1:%d%s\"%s}", web_port, path, more));
	fetch = (struct fetch){ 0 };
	buf_clear(spool);
	*pages = 0;
	do {
		TRY(get(*pages, next));
		next = fetch.next_page;
		++*pages;
	} while (next && *pages < 100);
	return RC_OK;
}

static void
expect_pages(const char *path, const char *more, int want, const char *bytes)
{
	int pages;

	assert_ok(get_all(path, more, &pages));
	assert_int_equal(pages, want);
	if (bytes)
		assert_string_equal(buf_c(spool), bytes);
}

static void
expect_refused(const char *path, const char *more, enum error_kind kind, const char *detail)
{
	int pages;

	assert_error(get_all(path, more, &pages), kind);
	if (!strstr(cx.err.detail, detail))
		flunk("\"%s\" does not say \"%s\"", cx.err.detail, detail);
}

static void
one_page_is_read_with_its_validators(void **state)
{
	(void)state;
	expect_pages("/body", "", 1, NULL);
	assert_string_equal(json_str(fetch.cursor, "etag"), "\"v1\"");
}

static void
addresses_in_the_body_are_followed(void **state)
{
	(void)state;
	expect_pages("/body", ",\"next\":\"links.next\"", 3,
	    "{\"data\":[{\"id\":1}],\"links\":{\"next\":\"/body?page=2\"}}"
	    "{\"data\":[{\"id\":2}],\"links\":{\"next\":\"/body?page=3\"}}{\"data\":[{\"id\":3}],"
	    "\"links\":{\"next\":null}}");
	expect_pages("/relative/list", ",\"next\":\"/next\"", 2, NULL);
	expect_pages("/body", ",\"next\":\"not.there\"", 1, NULL);
	assert_null(fetch.cursor);
}

static void
tokens_go_into_their_parameter(void **state)
{
	(void)state;
	expect_pages("/token?size=2", ",\"next\":\"cursor\",\"page_param\":\"after\"", 2, NULL);
	expect_refused("/token", ",\"next\":\"cursor\"", E_URL, "page_param");
}

static void
the_link_header_is_followed(void **state)
{
	(void)state;
	expect_pages("/link", ",\"next\":\"Link\"", 2, "[{\"id\":1}][{\"id\":1}]");
}

static void
page_numbers_count_up_until_a_page_is_empty(void **state)
{
	(void)state;
	expect_pages("/number", ",\"next\":\"page:page\"", 3,
	    "{\"rows\":[{\"id\":1}]}{\"rows\":[{\"id\":2}]}{\"rows\":[],\"page\":3}");
	expect_pages("/number?page=2&x=1", ",\"next\":\"page:page\",\"records\":\"rows\"", 2,
	    "{\"rows\":[{\"id\":2}]}{\"rows\":[],\"page\":3}");
	expect_refused("/stuck", ",\"next\":\"page:page\"", E_PAGES_LOOP,
	    "Page 2 is the same as the one before it");
}

static void
offsets_grow_by_what_came_until_a_page_is_empty(void **state)
{
	(void)state;
	expect_pages("/offset?from=0", ",\"next\":\"offset:from\"", 3,
	    "{\"rows\":[{\"id\":0},{\"id\":9}]}{\"rows\":[{\"id\":2},{\"id\":9}]}{\"rows\":[]}");
	/* What is no number in the address is no place in the list. */
	expect_pages("/offset?from=x", ",\"next\":\"offset:from\"", 3, NULL);
}

static void
nothing_behind_the_last_page_of_a_counted_list_ends_it(void **state)
{
	(void)state;
	rewinds = 0;
	expect_pages("/behind", ",\"next\":\"page:page\"", 3, NULL);
	assert_int_equal(rewinds, 1);
	/* Not for a list that begins there, a refusal, or one that is not counted through. */
	expect_refused("/behind?page=3", ",\"next\":\"page:page\"", E_SOURCE_GONE, "404");
	expect_refused("/behind?page=4", ",\"next\":\"page:page\"", E_SOURCE_STATUS, "400");
	expect_refused("/breaks", ",\"next\":\"page:page\"", E_SOURCE_AUTH, "401");
	expect_refused("/nowhere", ",\"next\":\"Link\"", E_SOURCE_GONE, "404");
}

static void
a_last_page_that_comes_again_ends_a_counted_list_and_is_dropped(void **state)
{
	(void)state;
	rewinds = 0;
	expect_pages("/last", ",\"next\":\"page:page\"", 4, NULL);
	assert_int_equal(rewinds, 1);
}

static void
the_page_that_names_itself_is_the_last_unless_it_says_that_there_is_more(void **state)
{
	(void)state;
	expect_pages("/itself", ",\"next\":\"next\"", 2,
	    "{\"rows\":[{\"id\":1}],\"next\":\"/itself?page=2\"}"
	    "{\"rows\":[{\"id\":2}],\"next\":\"/itself?page=2\"}");
	expect_refused("/insists", ",\"next\":\"next\"", E_PAGES_LOOP, "after page 2");
}

static void
what_the_source_says_of_the_end_is_stronger_than_an_address(void **state)
{
	(void)state;
	expect_pages("/said", ",\"next\":\"next\"", 2, NULL);
	expect_pages("/said", ",\"next\":\"page:page\"", 2, NULL);
}

static void
two_pages_without_records_end_a_list_unless_it_says_that_there_is_more(void **state)
{
	(void)state;
	expect_pages("/bare", ",\"next\":\"next\"", 2, NULL);
	expect_pages("/sparse", ",\"next\":\"next\"", 4, NULL);
}

static void
circles_are_found(void **state)
{
	(void)state;
	expect_refused("/circle", ",\"next\":\"next\"", E_PAGES_LOOP, "circle");
	expect_refused("/home", ",\"next\":\"next\"", E_PAGES_LOOP, "circle");
}

static void
other_servers_and_other_values_are_refused(void **state)
{
	(void)state;
	expect_refused("/away", ",\"next\":\"next\"", E_URL, "another server");
	assert_null(strstr(cx.err.detail, "secret"));
	expect_refused("/object", ",\"next\":\"next\"", E_JSON_PATH, "an object");
	expect_refused("/unread", ",\"next\":\"next\"", E_URL, "not an address");
	assert_null(strstr(cx.err.detail, "s3cr3t"));
	expect_refused("/bad", ",\"next\":\"next\"", E_JSON, "in the middle");
}

static void
more_than_ten_thousand_pages_are_refused(void **state)
{
	(void)state;
	config = json_stored(cx.a,
	    arena_printf(
		cx.a, "{\"url\":\"http://127.0.0.1:%d/body\",\"next\":\"links.next\"}", web_port));
	fetch = (struct fetch){ 0 };
	assert_error(get(9999, NULL), E_PAGES_LOOP);
}

static void
a_resumed_page_begins_anew(void **state)
{
	(void)state;
	config = json_stored(cx.a,
	    arena_printf(
		cx.a, "{\"url\":\"http://127.0.0.1:%d/body\",\"next\":\"links.next\"}", web_port));
	buf_clear(spool);
	buf_str(spool, "{\"data\"");
	rewinds = 0;
	fetch = (struct fetch){ .offset = 7, .validator = "\"v1\"" };
	assert_ok(get(0, NULL));
	assert_int_equal(rewinds, 1);
	assert_string_equal(
	    buf_c(spool), "{\"data\":[{\"id\":1}],\"links\":{\"next\":\"/body?page=2\"}}");
	assert_non_null(fetch.next_page);
}

static void
parameters_are_set(void **state)
{
	static const char *const cases[][3] = {
		{ "http://a/b", "2", "http://a/b?p=2" },
		{ "http://a/b?x=1", "2", "http://a/b?x=1&p=2" },
		{ "http://a/b?p=1&x=1#f", "2", "http://a/b?x=1&p=2" },
		{ "http://a/b?", "a b&c", "http://a/b?p=a%20b%26c" },
		{ "http://a/b?pp=1&p", "\xc3\xa9", "http://a/b?pp=1&p=%C3%A9" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    json_pages_param(cx.a, cases[i][0], "p", cases[i][1]), cases[i][2]);
}

static int
setup(void **state)
{
	web_start(answer);
	unit_open(state);
	spool = buf_in(cx.a, 1 << 20);
	conf_override(CONF_ALLOW_NETS, arena_printf(cx.a, "127.0.0.0/8:%d", web_port));
	return 0;
}

static int
teardown(void **state)
{
	web_stop();
	conf_override(CONF_ALLOW_NETS, "");
	return unit_close(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_page_is_read_with_its_validators),
		cmocka_unit_test(addresses_in_the_body_are_followed),
		cmocka_unit_test(tokens_go_into_their_parameter),
		cmocka_unit_test(the_link_header_is_followed),
		cmocka_unit_test(page_numbers_count_up_until_a_page_is_empty),
		cmocka_unit_test(offsets_grow_by_what_came_until_a_page_is_empty),
		cmocka_unit_test(nothing_behind_the_last_page_of_a_counted_list_ends_it),
		cmocka_unit_test(a_last_page_that_comes_again_ends_a_counted_list_and_is_dropped),
		cmocka_unit_test(
		    the_page_that_names_itself_is_the_last_unless_it_says_that_there_is_more),
		cmocka_unit_test(what_the_source_says_of_the_end_is_stronger_than_an_address),
		cmocka_unit_test(
		    two_pages_without_records_end_a_list_unless_it_says_that_there_is_more),
		cmocka_unit_test(circles_are_found),
		cmocka_unit_test(other_servers_and_other_values_are_refused),
		cmocka_unit_test(more_than_ten_thousand_pages_are_refused),
		cmocka_unit_test(a_resumed_page_begins_anew),
		cmocka_unit_test(parameters_are_set),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
