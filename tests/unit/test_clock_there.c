/* The clock of a service, as every process that compares its times with ours knows it: by the
 * answers that it gives, also where one bears an odd time, or none. */
#include "unit/db_fixture.h"

#include "access/lend.h"
#include "base/clock.h"
#include "kind/quota_row.h"
#include "net/transport.h"
#include "queue/queue.h"

#define NOW INT64_C(1795170600250)
#define OWNER "00000000-0000-7000-8000-00000000000a"

static const struct rest_service service = { .name = "Somebody" };
static int64_t ahead, takes; /* of the service's clock; how long an answer takes */
static const char *date;     /* in the place of the right one; "": none */

static void
answers(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	char right[CLOCK_TEXT];

	(void)arg, (void)in;
	clock_http(clock_ms() + takes / 2 + ahead, right);
	out->status = 200;
	out->takes_ms = takes;
	out->body = str_c("{\"ok\":true}");
	out->headers[0] = (struct net_header){ "Content-Type", "application/json" };
	if (!date || *date)
		out->headers[1] = (struct net_header){ "Date",
			arena_dup(c->a, date ? date : right) };
}

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	clock_step_to(NOW);
	ahead = 0;
	takes = 100;
	date = NULL;
	net_transport_set(answers, NULL);
	return 0;
}

static int
teardown(void **state)
{
	net_transport_set(NULL, NULL);
	clock_fake(0);
	return db_teardown(state);
}

/* A process that reads with a token of its own. */
static struct remote *
process(void)
{
	const struct loan loan = { .owner = OWNER, .token = "t", .patience_ms = HOUR_MS };
	struct lend *l;

	assert_ok(lend_open(&cx, db, kind_find("google-calendar"), &loan, &l));
	return &l->remote;
}

static void
asks(struct remote *remote, int times)
{
	const struct rest_call call = {
		.service = &service,
		.base = "https://somebody.example.com",
		.path = "/",
		.quota = QUOTA_CALENDAR,
		.max_bytes = 1000,
		.what = "it",
	};
	struct rest_reply reply;
	int calls = 0;

	for (int i = 0; i < times; i++)
		assert_ok(rest_call(&cx, remote, &call, &calls, &reply));
}

static void
assert_ahead(const struct remote *remote, int64_t ms)
{
	const struct skew_sample *is = &remote->clock;

	assert_in_range(is->within_ms, 0, 1000);
	assert_true(is->ahead_ms - is->within_ms <= ms && ms <= is->ahead_ms + is->within_ms);
}

static void
what_one_process_has_measured_the_others_know(void **state)
{
	const int64_t clocks[] = { 0, 10 * MINUTE_MS, -10 * MINUTE_MS };

	(void)state;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		ahead = clocks[i];
		asks(process(), SKEW_ENOUGH);
		assert_ahead(process(), ahead);
	}
	takes = 30 * SECOND_MS;
	asks(process(), 1);
	assert_ahead(process(), ahead);
}

static void
an_odd_date_or_none_changes_nothing(void **state)
{
	const char *const odd[] = { "", "yesterday", "Sun, 06 Nov 1994 08:49:37 GMT", "0", "-1",
		"Fri, 31 Dec 9999 23:59:59 GMT" };
	struct remote *remote = process();

	(void)state;
	ahead = 10 * MINUTE_MS;
	asks(remote, SKEW_ENOUGH);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		date = odd[i];
		asks(remote, 1);
		assert_ahead(remote, ahead);
		date = NULL;
		asks(remote, 2);
	}
	assert_ahead(process(), ahead);
}

static void
a_service_that_tells_no_date_counts_as_level(void **state)
{
	(void)state;
	date = "";
	asks(process(), SKEW_KEPT);
	assert_int_equal(process()->clock.ahead_ms, 0);
	assert_int_equal(process()->clock.within_ms, 0);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_clock"), 0);
}

static void
an_answer_that_says_nothing_new_costs_no_write(void **state)
{
	int64_t at;

	(void)state;
	asks(process(), SKEW_ENOUGH);
	at = raw_number("SELECT at FROM remote_clock");
	asks(process(), 20);
	assert_int_equal(raw_number("SELECT at FROM remote_clock"), at);
	clock_step_by(10 * MINUTE_MS);
	asks(process(), 1);
	assert_true(raw_number("SELECT at FROM remote_clock") > at);
}

static void
a_clock_here_that_is_set_back_is_no_measure_any_more(void **state)
{
	(void)state;
	asks(process(), SKEW_ENOUGH);
	assert_ok(queue_beat(&cx, db, clock_ms()));
	clock_step_to(NOW - HOUR_MS);
	assert_ok(queue_beat(&cx, db, clock_ms()));
	assert_int_equal(raw_number("SELECT count(*) FROM remote_clock"), 0);
	ahead = HOUR_MS;
	asks(process(), SKEW_ENOUGH);
	assert_ahead(process(), HOUR_MS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_one_process_has_measured_the_others_know),
		TEST(an_odd_date_or_none_changes_nothing),
		TEST(a_service_that_tells_no_date_counts_as_level),
		TEST(an_answer_that_says_nothing_new_costs_no_write),
		TEST(a_clock_here_that_is_set_back_is_no_measure_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
