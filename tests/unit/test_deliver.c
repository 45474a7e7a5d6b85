/* Deliveries to webhooks: by the standard's rules, and what each answer leads to. */
#include "unit/deliver_fixture.h"
#include "unit/fault_fixture.h"

/* --- pure --- */

static void
retries_follow_the_standard_schedule(void **state)
{
	static const int64_t seconds[] = { 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400 };
	int64_t all = 0;

	(void)state;
	for (int64_t n = 1; n <= 9; n++) {
		assert_int_equal(deliver_wait_ms(n, 0, 0), seconds[n - 1] * SECOND_MS);
		all += seconds[n - 1] * SECOND_MS;
		for (uint64_t rnd = 1; rnd; rnd <<= 1)
			assert_in_range(deliver_wait_ms(n, 0, rnd), seconds[n - 1] * SECOND_MS,
			    seconds[n - 1] * 1100);
	}
	assert_int_equal(deliver_wait_ms(10, 0, 7), -1);
	assert_int_equal(deliver_wait_ms(11, HOUR_MS, 7), -1);
	assert_int_equal(deliver_wait_ms(1, HOUR_MS, 0), HOUR_MS);
	assert_int_equal(deliver_wait_ms(4, HOUR_MS, 0), 2 * HOUR_MS);
	/* One message alone gets its webhook switched off with its last try, not before. */
	assert_true(all >= FAILING_DAYS * DAY_MS);
	assert_true(all - 24 * HOUR_MS + 8 * HOUR_MS < FAILING_DAYS * DAY_MS);
	assert_true(
	    deliver_hold_ms(1) < deliver_hold_ms(2) && deliver_hold_ms(2) == deliver_hold_ms(100));
}

/* The test vector that the libraries of Standard Webhooks share. */
static void
signatures_are_those_of_the_published_vector(void **state)
{
	struct str keys[2];

	(void)state;
	assert_true(base64url_decode(cx.a, STR("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &keys[0]));
	keys[1] = STR("another key");
	assert_string_equal(deliver_signature(cx.a, keys, 1, "msg_p5jXN8AQM9LWM0D4loKWxJek",
				1614265330, STR("{\"test\": 2432232314}")),
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_true(
	    str_starts(str_c(deliver_signature(cx.a, keys, 2, "msg_p5jXN8AQM9LWM0D4loKWxJek",
			   1614265330, STR("{\"test\": 2432232314}"))),
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,"));
}

static void
answers_are_kept_as_plain_text(void **state)
{
	char *many = arena_alloc(cx.a, 3001);

	(void)state;
	assert_string_equal(deliver_answer_text(cx.a,
				STR("a\x01"
				    "b\r\n\tc\x1b[1m\x7f")),
	    "ab\n\tc[1m");
	assert_string_equal(deliver_answer_text(cx.a,
				STR("\xc3\xa4\xff\xc3(\xf0\x9f\x8c\x8a\xc2\x9b\xed\xa0\x80.")),
	    "\xc3\xa4(\xf0\x9f\x8c\x8a.");
	assert_string_equal(deliver_answer_text(cx.a, STR("\xe2\x82")), "");
	memset(many, 'x', 3000);
	memcpy(many + ANSWER_SHOWN - 1, "\xc3\xa4", 2);
	assert_int_equal(strlen(deliver_answer_text(cx.a, str_c(many))), ANSWER_SHOWN);
	assert_true(str_utf8_ok(str_c(deliver_answer_text(cx.a, str_c(many)))));
}

/* --- what is sent --- */

static void
a_message_carries_id_time_and_signature(void **state)
{
	const char *id, *text, *sent_at, *mark;
	struct attempt a;
	struct parcel p;
	struct str key;
	int64_t seconds;

	(void)state;
	add_hook("/echo", "sync.completed");
	id = test_message();
	assert_true(deliver_one(&p).ok);
	a = last_attempt(id);
	text = a.answer;
	assert_int_equal(a.status, 200);
	assert_null(a.error_code);
	assert_true(str_starts(str_c(text), "POST /echo HTTP/1.1\n"));
	assert_non_null(strstr(text, arena_printf(cx.a, "\nwebhook-id: %s\n", p.message)));
	assert_non_null(strstr(text, "\nContent-Type: application/json\n"));
	assert_true(str_starts(str_c(p.message), "msg_"));
	sent_at = strstr(text, "\nwebhook-timestamp: ") + strlen("\nwebhook-timestamp: ");
	assert_true(
	    str_i64(str_cut(str_c(sent_at), '\n', &(struct str){ 0 }), 0, INT64_MAX, &seconds));
	assert_in_range(clock_ms() / 1000 - seconds, 0, 10);
	assert_true(str_starts(str_c(hook_secret), "whsec_"));
	assert_int_equal(strlen(hook_secret), strlen("whsec_") + 44);
	/* The key as the owner has it. */
	mark = strstr(text, "\nwebhook-signature: ") + strlen("\nwebhook-signature: ");
	{
		char *plain = arena_dup(cx.a, hook_secret + strlen("whsec_"));
		for (char *c = plain; (c = strpbrk(c, "+/")); c++)
			*c = *c == '+' ? '-' : '_';
		plain[43] = '\0';
		assert_true(base64url_decode(cx.a, str_c(plain), &key));
	}
	assert_true(str_starts(str_c(mark),
	    arena_printf(cx.a, "%s\n",
		deliver_signature(cx.a, &key, 1, p.message, seconds, str_c(p.body)))));
	assert_string_equal(delivery_now(id).state, "done");
	assert_int_equal(
	    raw_number("SELECT last_success_at > 0 AND failing_since IS NULL FROM webhook"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM webhook WHERE secret LIKE '%whsec%'"), 0);
	assert_nothing_due();
}

static void
a_webhook_is_read_as_it_was_made(void **state)
{
	const int64_t began = clock_ms();
	struct hook h;

	(void)state;
	add_hook("/echo", "sync.completed");
	assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
	assert_string_equal(h.id, hook_id);
	assert_string_equal(h.owner, OWNER);
	assert_string_equal(h.url, at("/echo"));
	assert_string_equal(h.events, "sync.completed");
	assert_true(h.enabled);
	assert_in_range(h.created_at, began, clock_ms());
	assert_in_range(h.updated_at, began, clock_ms());
	assert_int_equal(h.last_success_at, 0);
	assert_int_equal(h.failing_since, 0);
	assert_null(h.old_secret);
	assert_null(h.disabled_code);
}

static void
during_a_rotation_both_secrets_sign(void **state)
{
	struct str keys[HOOK_KEYS];
	struct hook h;
	size_t n;

	(void)state;
	add_hook("/echo", "sync.completed");
	assert_ok(hooks_rotate(&cx, db, &owner_calls, hook_id, &hook_secret));
	assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
	assert_ok(hook_keys(&cx, &h, clock_ms(), keys, &n));
	assert_int_equal(n, 2);
	assert_int_equal(keys[0].n, 32);
	assert_string_equal(hook_secret + strlen("whsec_"), base64_encode(cx.a, keys[0]));
	assert_memory_not_equal(keys[0].p, keys[1].p, 32);
	assert_ok(hook_keys(&cx, &h, clock_ms() + (SECRET_OVERLAP_HOURS * HOUR_MS), keys, &n));
	assert_int_equal(n, 1);
}

static void
what_fails_is_tried_again_later_with_the_same_id(void **state)
{
	struct parcel first, second;
	const char *id;
	struct sent s;

	(void)state;
	add_hook("/status/500", "sync.completed");
	id = test_message();
	s = deliver_one(&first);
	assert_false(s.ok);
	assert_int_equal(s.status, 500);
	assert_string_equal(delivery_now(id).state, "waiting");
	assert_in_range(delivery_now(id).due_at - clock_ms(), 3000, 5500);
	assert_int_equal(raw_number("SELECT failing_since > 0 FROM webhook"), 1);
	assert_nothing_due();
	clock_step_to(clock_ms() + 6 * SECOND_MS);
	(void)deliver_one(&second);
	assert_string_equal(first.message, second.message);
	assert_int_equal(second.tries, 2);
	assert_in_range(delivery_now(id).due_at - clock_ms(), 290 * SECOND_MS, 330 * SECOND_MS);
}

static void
retry_after_is_obeyed_where_it_counts(void **state)
{
	static const struct {
		const char *path;
		bool obeyed;
	} cases[] = {
		{ "/status/429", true },
		/* A limit, whatever it is told as. */
		{ "/status/403", true },
		{ "/status/420", true },
		{ "/status/502", true },
		{ "/status/503", true },
		{ "/status/504", true },
		{ "/status/500", false },
		{ "/status/404", false },
		{ "/moved", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parcel p;
		const char *id;
		int64_t wait;

		add_hook(cases[i].path, "sync.completed");
		id = test_message();
		assert_false(deliver_one(&p).ok);
		wait = delivery_now(id).due_at - clock_ms();
		if (cases[i].obeyed ? wait < 595 * SECOND_MS || wait > 600 * SECOND_MS
				    : wait > 6 * SECOND_MS)
			flunk("%s: %lld ms", cases[i].path, (long long)wait);
	}
}

static void
a_receiver_rests_as_long_as_it_asks_but_no_longer_than_a_day(void **state)
{
	static const struct {
		const char *path;
		int64_t wait;
	} rows[] = {
		{ "/rest/7000", 7000 * SECOND_MS },
		{ "/rest/21600", 6 * HOUR_MS },
		{ "/rest/86400", DAY_MS },
		{ "/rest/86401", DAY_MS },
		{ "/rest/9999999", DAY_MS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const int64_t from = clock_ms();
		struct parcel p;
		const char *id;

		add_hook(rows[i].path, "sync.completed");
		id = test_message();
		assert_false(deliver_one(&p).ok);
		assert_in_range(
		    delivery_now(id).due_at, from + rows[i].wait, clock_ms() + rows[i].wait);
	}
}

static void
a_receiver_that_is_gone_is_switched_off(void **state)
{
	struct parcel p;
	struct hook h;
	const char *id, *other;
	const bool on = true;

	(void)state;
	add_hook("/status/410", "sync.completed");
	id = test_message();
	other = test_message();
	assert_true(deliver_one(&p).gone);
	assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
	assert_false(h.enabled);
	assert_string_equal(h.disabled_code, "webhook_gone");
	assert_string_equal(delivery_now(id).state, "failed");
	assert_int_equal(
	    raw_number(
		"SELECT count(*) FROM notice WHERE code = 'webhook_gone' AND connection_id IS NULL "
		"AND owner = '" OWNER "'"),
	    1);
	assert_nothing_due();
	assert_string_equal(delivery_now(other).state, "waiting");
	assert_int_not_equal(hooks_test(&cx, db, &owner_calls, hook_id, &id), RC_OK);
	assert_int_equal(cx.err.kind, E_STATE);
	/* Switched on again, what waited goes out. */
	assert_ok(
	    hooks_change(&cx, db, &owner_calls, hook_id, &(struct hook_input){ .enabled = &on }));
	assert_true(deliver_one(&p).gone);
	assert_string_equal(p.delivery, other);
}

/* The tick works on. */
static void
live_until(int64_t at)
{
	assert_ok(queue_beat(&cx, db, clock_ms()));
	while (clock_ms() < at) {
		clock_step_to(clock_ms() + 12 * HOUR_MS < at ? clock_ms() + 12 * HOUR_MS : at);
		assert_ok(queue_beat(&cx, db, clock_ms()));
	}
}

static void
a_receiver_that_fails_for_days_is_switched_off(void **state)
{
	struct parcel p;
	struct hook h;
	const char *id;

	(void)state;
	add_hook("/status/500", "sync.completed");
	id = test_message();
	for (int n = 1; n <= TRIES_MAX; n++) {
		assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
		assert_true(h.enabled);
		(void)deliver_one(&p);
		assert_int_equal(p.tries, n);
		if (n < TRIES_MAX)
			live_until(delivery_now(id).due_at + 1);
	}
	assert_string_equal(delivery_now(id).state, "failed");
	assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
	assert_false(h.enabled);
	assert_string_equal(h.disabled_code, "webhook_failing");
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 1);
	assert_nothing_due();
}

static void
a_clock_that_jumps_switches_nothing_off(void **state)
{
	const int64_t now = clock_ms();
	struct parcel p;
	struct hook h;

	(void)state;
	add_hook("/status/500", "sync.completed");
	(void)test_message();
	assert_ok(queue_beat(&cx, db, clock_ms()));
	(void)deliver_one(&p);
	clock_step_to(now + 365 * DAY_MS);
	assert_ok(queue_beat(&cx, db, clock_ms()));
	(void)deliver_one(&p);
	assert_int_equal(p.tries, 2);
	assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
	assert_true(h.enabled);
}

static void
a_private_address_is_not_called(void **state)
{
	struct parcel p;
	struct sent s;

	(void)state;
	add_hook("/echo", "sync.completed");
	(void)test_message();
	conf_override(CONF_ALLOW_NETS, "");
	s = deliver_one(&p);
	assert_false(s.ok);
	assert_int_equal(s.status, 0);
	assert_string_equal(s.error_code, "address_blocked");
}

static void
what_a_receiver_answers_is_kept_without_control_characters(void **state)
{
	struct parcel p;
	const char *id;

	(void)state;
	add_hook("/binary", "sync.completed");
	id = test_message();
	(void)deliver_one(&p);
	assert_string_equal(last_attempt(id).answer, "ab\n\xc3\xa4[31mred");
	assert_string_equal(last_attempt(id).error_code, "source_unavailable");
}

static void
a_delivery_is_sent_again_when_asked(void **state)
{
	struct caller foreign = owner_calls;
	struct parcel p;
	const char *id, *message;

	(void)state;
	add_hook("/echo", "sync.completed");
	id = test_message();
	(void)deliver_one(&p);
	message = p.message;
	assert_ok(hooks_again(&cx, db, &owner_calls, hook_id, id));
	(void)deliver_one(&p);
	assert_string_equal(p.message, message);
	assert_int_equal(p.tries, 1);
	assert_int_equal(p.attempt, 2);
	foreign.owner = "somebody else";
	assert_int_not_equal(hooks_again(&cx, db, &foreign, hook_id, id), RC_OK);
	assert_int_equal(cx.err.kind, E_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(retries_follow_the_standard_schedule),
		TEST(signatures_are_those_of_the_published_vector),
		TEST(answers_are_kept_as_plain_text),
		TEST(a_message_carries_id_time_and_signature),
		TEST(a_webhook_is_read_as_it_was_made),
		TEST(during_a_rotation_both_secrets_sign),
		TEST(what_fails_is_tried_again_later_with_the_same_id),
		TEST(retry_after_is_obeyed_where_it_counts),
		TEST(a_receiver_rests_as_long_as_it_asks_but_no_longer_than_a_day),
		TEST(a_receiver_that_is_gone_is_switched_off),
		TEST(a_receiver_that_fails_for_days_is_switched_off),
		TEST(a_clock_that_jumps_switches_nothing_off),
		TEST(a_private_address_is_not_called),
		TEST(what_a_receiver_answers_is_kept_without_control_characters),
		TEST(a_delivery_is_sent_again_when_asked),
	};
	int failed;

	web_start(answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
