/* The guarded GET when it fails: statuses, broken bodies, silence, caps, callbacks that refuse. */
#include "unit/http_fixture.h"

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
	assert_int_equal(cx.err.wait_ms, 7 * DAY_MS);
	assert_error(get("/503/21600"), E_SOURCE_5XX);
	assert_int_equal(cx.err.wait_ms, 6 * HOUR_MS);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
