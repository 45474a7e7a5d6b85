/* Requests that a test answers in the place of the network. */
#include "unit/unit.h"

#include "base/clock.h"
#include "net/http.h"
#include "net/http_call.h"
#include "base/buf.h"
#include "net/mail.h"
#include "net/transport.h"

#ifdef TIDEMARK_STEPS

enum { NOW = 1795170600 };

/* What is answered, and what was asked. */
static struct net_response next[8];
static struct net_request asked[8];
static size_t asked_n;

static void
answer(struct ctx *c, void *arg, const struct net_request *req, struct net_response *out)
{
	const struct net_response *say = &next[asked_n];
	const int status = out->status;

	(void)c;
	assert_ptr_equal(arg, &asked_n);
	assert_in_range(asked_n, 0, sizeof next / sizeof *next - 1);
	asked[asked_n++] = *req;
	*out = *say;
	if (!out->status)
		out->status = status;
}

static int
setup(void **state)
{
	unit_open(state);
	memset(next, 0, sizeof next);
	asked_n = 0;
	net_transport_set(answer, &asked_n);
	clock_step_to(NOW * SECOND_MS);
	return 0;
}

static int
teardown(void **state)
{
	net_transport_set(NULL, NULL);
	clock_fake(0);
	return unit_close(state);
}

static struct http_call
a_call(void)
{
	return (struct http_call){
		.method = "POST",
		.url = "https://api.example.com/v1/things?x=1",
		.body = STR("{}"),
		.content_type = "application/json",
		.max_bytes = 1000,
		.timeout_ms = 5000,
	};
}

static void
a_call_meets_the_test_instead_of_a_server(void **state)
{
	struct http_call call = a_call();
	struct http_answer a;
	json *headers = json_new(cx.a);

	(void)state;
	json_set_str(headers, "X-One", "1");
	json_set_str(headers, "X-Empty", "");
	call.headers = headers;
	next[0] = (struct net_response){
		.status = 201,
		.headers = { { "ETag", "\"v7\"" }, { "retry-after", "3" } },
		.body = STR("done"),
		.takes_ms = 700,
	};
	assert_ok(http_call(&cx, &call, &a));
	assert_int_equal(asked_n, 1);
	assert_string_equal(asked[0].method, "POST");
	assert_string_equal(asked[0].url, call.url);
	assert_string_equal(net_header(&asked[0], "content-type"), "application/json");
	assert_string_equal(net_header(&asked[0], "x-one"), "1");
	assert_string_equal(net_header(&asked[0], "X-Empty"), "");
	assert_null(net_header(&asked[0], "Expect"));
	assert_true(str_is(asked[0].body, "{}"));
	assert_int_equal(a.status, 201);
	assert_true(str_is(a.body, "done"));
	assert_string_equal(a.etag, "\"v7\"");
	assert_string_equal(a.host, "api.example.com");
	assert_int_equal(a.wait_ms, 3000);
	assert_true(a.sent);
	assert_int_equal(clock_ms(), NOW * SECOND_MS + 700);
}

static void
faults_are_called_what_they_are_on_the_network(void **state)
{
	static const struct {
		enum net_fault fault;
		enum error_kind kind;
		bool sent;
	} rows[] = {
		{ NET_NO_NAME, E_DNS, false },
		{ NET_REFUSED, E_NETWORK, false },
		{ NET_BLOCKED, E_ADDRESS_BLOCKED, false },
		{ NET_BAD_TLS, E_TLS, false },
		{ NET_LOST, E_NETWORK, true },
		{ NET_CUT, E_TRUNCATED, true },
	};
	struct http_call call = a_call();
	struct http_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		asked_n = 0;
		next[0] = (struct net_response){
			.fault = rows[i].fault,
			.body = STR("0123456789"),
			.cut_at = 4,
		};
		assert_error(http_call(&cx, &call, &a), rows[i].kind);
		assert_int_equal(a.sent, rows[i].sent);
	}
	asked_n = 0;
	next[0] = (struct net_response){ .takes_ms = HOUR_MS };
	assert_error(http_call(&cx, &call, &a), E_SILENT);
	assert_true(a.sent);
	assert_int_equal(clock_ms(), NOW * SECOND_MS + 5000);
}

static enum rc
add_body(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	(void)c;
	buf_add(arg, bytes, n);
	return RC_OK;
}

static void
a_source_is_read_with_redirects_and_limits(void **state)
{
	struct buf *body = buf_in(cx.a, 100000);
	struct http_reply reply;
	struct http_get get = {
		.url = "https://example.com/a",
		.max_bytes = 50000,
		.silence_ms = 10000,
		.body = add_body,
		.arg = body,
	};
	char *large = arena_alloc(cx.a, 40000);

	(void)state;
	memset(large, 'x', 40000);
	next[0] = (struct net_response){ .status = 302, .headers = { { "Location", "/b" } } };
	next[1] = (struct net_response){
		.headers = { { "ETag", "e1" } },
		.body = { large, 40000 },
	};
	assert_ok(http_get(&cx, &get, &reply));
	assert_string_equal(reply.final_url, "https://example.com/b");
	assert_string_equal(asked[1].method, "GET");
	assert_string_equal(reply.etag, "e1");
	assert_int_equal(body->n, 40000);
	assert_int_equal(reply.calls, 2);
	next[2] =
	    (struct net_response){ .body = { large, 40000 }, .fault = NET_CUT, .cut_at = 20000 };
	assert_error(http_get(&cx, &get, &reply), E_TRUNCATED);
	next[3] = (struct net_response){ .body = STR("late"), .takes_ms = 10000 };
	assert_error(http_get(&cx, &get, &reply), E_SILENT);
	next[4] = (struct net_response){ .status = 404 };
	assert_error(http_get(&cx, &get, &reply), E_SOURCE_GONE);
	get.max_bytes = 1000;
	next[5] = (struct net_response){ .body = { large, 40000 } };
	assert_error(http_get(&cx, &get, &reply), E_SOURCE_TOO_LARGE);
}

static void
a_mail_is_taken_refused_or_put_off(void **state)
{
	const struct mail m = {
		.from = "tidemark@example.com",
		.to = "anna@example.org",
		.subject = "Hello",
		.text = "One.\n",
		.id = "msg_1",
		.at = NOW * SECOND_MS,
	};

	(void)state;
	conf_override(CONF_SMTP_URL, "smtps://mail.example.com");
	assert_ok(mail_send(&cx, &m));
	assert_string_equal(asked[0].method, "MAIL");
	assert_string_equal(asked[0].to, "anna@example.org");
	assert_non_null(strstr(asked[0].body.p, "Subject: Hello\r\n"));
	next[1].status = 550;
	assert_error(mail_send(&cx, &m), E_INPUT);
	next[2].status = 451;
	assert_error(mail_send(&cx, &m), E_SOURCE_5XX);
	next[3].fault = NET_REFUSED;
	assert_error(mail_send(&cx, &m), E_NETWORK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_call_meets_the_test_instead_of_a_server, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    faults_are_called_what_they_are_on_the_network, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_source_is_read_with_redirects_and_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_mail_is_taken_refused_or_put_off, setup, teardown),
	};
	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
#else
int
main(void)
{
	puts("1..0 # SKIP there is nothing to replace outside test builds");
	return 0;
}
#endif
