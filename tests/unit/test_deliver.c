/* Deliveries to webhooks: by the standard's rules, never lost by a kill, never in the way of
 * others. */
#include "kill_fixture.h"

#include "app/hooks.h"
#include "app/retain.h"
#include "base/hash.h"
#include "send/deliver.h"
#include "send/hook.h"
#include "send/sender.h"
#include "unit/caller_fixture.h"
#include "unit/web_server.h"

static const char *hook_id, *hook_secret;

/* --- the receiver --- */

static void
answer(int fd, const char *request, const char *path)
{
	char status[40];

	if (!strcmp(path, "/echo"))
		web_reply(fd, "200 OK", "", request);
	else if (!strcmp(path, "/binary"))
		web_reply(fd, "500 Oops", "",
		    "a\x01"
		    "b\n\xc3\xa4\xff\x1b[31mred\xc2\x9b");
	else if (!strcmp(path, "/moved"))
		web_reply(fd, "302 Found", "Location: /echo\r\n", "");
	else if (!strcmp(path, "/wait"))
		web_reply(fd, "503 Later", "Retry-After: 600\r\n", "");
	else if (sscanf(path, "/status/%30[0-9]", status) == 1)
		web_reply(fd, strcat(status, " X"), "Retry-After: 600\r\n", "body");
}

/* --- helpers --- */

static const char *
at(const char *path)
{
	return arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path);
}

static json *
names(const char *events)
{
	json *list = json_list(cx.a);

	for (struct str rest = str_c(events); rest.p;)
		json_add(list, json_string(cx.a, str_cut(rest, ',', &rest)));
	return list;
}

static void
add_hook(const char *path, const char *events)
{
	const struct hook_input in = {
		.url = at(path),
		.events = names(events),
	};

	assert_ok(hooks_add(&cx, db, &owner_calls, &in, &hook_id, &hook_secret));
}

static int
setup(void **state)
{
	int failed = fixture_open(state);

	conf_override(CONF_ALLOW_NETS, "127.0.0.0/8");
	conf_override(CONF_SMTP_URL, "");
	conf_override(CONF_MAIL_FROM, "");
	return failed;
}

static int
teardown(void **state)
{
	clock_fake(0);
	conf_override(CONF_ALLOW_NETS, "");
	conf_override(CONF_SMTP_URL, "");
	return fixture_close(state);
}

/* Claims, sends and settles one parcel. */
static struct sent
deliver_one(struct parcel *p)
{
	bool found, again;
	struct sent s;

	assert_ok(sender_claim(&cx, db, &found, &again, p));
	assert_true(found);
	deliver_send(&cx, p, &s);
	assert_ok(deliver_settle(&cx, db, p, &s));
	return s;
}

static void
assert_nothing_due(void)
{
	bool found, again = true;
	struct parcel p;

	while (again) {
		assert_ok(sender_claim(&cx, db, &found, &again, &p));
		assert_false(found);
	}
}

static const char *
test_message(void)
{
	const char *delivery;

	assert_ok(hooks_test(&cx, db, &owner_calls, hook_id, &delivery));
	return delivery;
}

static struct delivery
delivery_now(const char *id)
{
	struct delivery d;

	assert_ok(delivery_get(&cx, db, OWNER, hook_id, id, &d));
	return d;
}

static struct attempt
last_attempt(const char *id)
{
	struct attempt *v;
	size_t n;

	assert_ok(attempt_list(&cx, db, OWNER, id, &v, &n));
	assert_true(n > 0);
	return v[0];
}

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
		for (char *c = plain; *c; c++)
			*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
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
	clock_fake(clock_ms() + 6 * SECOND_MS);
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
			clock_fake(delivery_now(id).due_at + 1);
	}
	assert_string_equal(delivery_now(id).state, "failed");
	assert_ok(hook_get(&cx, db, OWNER, hook_id, &h));
	assert_false(h.enabled);
	assert_string_equal(h.disabled_code, "webhook_failing");
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 1);
	assert_nothing_due();
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

/* --- lanes --- */

static void
who_lost_the_lane_writes_nothing(void **state)
{
	struct parcel late, now;
	bool found, again;
	const char *id;
	struct sent s;

	(void)state;
	add_hook("/echo", "sync.completed");
	id = test_message();
	assert_ok(sender_claim(&cx, db, &found, &again, &late));
	assert_true(found);
	deliver_send(&cx, &late, &s);
	assert_nothing_due();
	clock_fake(clock_ms() +
	    (lane_rows[LANE_WEBHOOK].seconds + conf_int(CONF_LEASE_SECONDS) + 1) * SECOND_MS);
	assert_ok(sender_claim(&cx, db, &found, &again, &now));
	assert_true(found);
	assert_string_equal(now.message, late.message);
	assert_int_equal(now.attempt, 2);
	assert_int_not_equal(deliver_settle(&cx, db, &late, &s), RC_OK);
	assert_int_equal(cx.err.kind, E_LEASE);
	assert_string_equal(delivery_now(id).state, "waiting");
	assert_ok(deliver_settle(&cx, db, &now, &s));
	assert_string_equal(delivery_now(id).state, "done");
}

static void
one_that_fails_does_not_hold_up_the_others(void **state)
{
	const char *bad[3], *good;
	struct parcel p;
	bool found, again;

	(void)state;
	for (int i = 0; i < 3; i++) {
		add_hook("/status/500", "sync.completed");
		bad[i] = hook_id;
		(void)test_message();
		(void)test_message();
		(void)deliver_one(&p);
	}
	/* Each has another message, but waits for its own failure. */
	assert_nothing_due();
	add_hook("/echo", "sync.completed");
	good = hook_id;
	(void)test_message();
	assert_true(deliver_one(&p).ok);
	assert_string_equal(p.webhook, good);
	/* Due again: at most two of the failing ones are worked on at once, a sound one always. */
	clock_fake(clock_ms() + HOUR_MS);
	for (int i = 0; i < lane_rows[LANE_WEBHOOK].failing; i++) {
		assert_ok(sender_claim(&cx, db, &found, &again, &p));
		assert_true(found);
	}
	assert_nothing_due();
	(void)test_message();
	assert_true(deliver_one(&p).ok);
	assert_string_equal(p.webhook, good);
	(void)bad;
}

static void
a_clock_that_was_wrong_is_mended(void **state)
{
	struct parcel p;

	(void)state;
	add_hook("/echo", "sync.completed");
	clock_fake(clock_ms() + 1000 * DAY_MS);
	(void)test_message();
	clock_fake(0);
	assert_nothing_due();
	assert_ok(queue_mend_clock(&cx, db, clock_ms()));
	for (bool found = false, again = true; again && !found;)
		assert_ok(sender_claim(&cx, db, &found, &again, &p));
	raw("UPDATE lane SET pid = 0, due_at = 1");
	assert_true(deliver_one(&p).ok);
}

static enum rc
work_deliveries(struct ctx *c, struct db *own)
{
	static const volatile sig_atomic_t go_on;

	return sender_all(c, own, &go_on);
}

static bool
deliver(int kill_at)
{
	pid_t pid;

	if (!in_a_process(kill_at, work_deliveries, &pid))
		return false;
	assert_ok(lane_reap(&cx, db, pid, clock_ms()));
	return true;
}

static void
a_deliverer_killed_anywhere_sends_again_with_the_same_id(void **state)
{
	int kills = 0;

	(void)state;
	add_hook("/echo", "sync.completed");
	for (int kill_at = 1;; kill_at++) {
		const char *id = test_message();
		bool killed = deliver(kill_at);

		kills += killed;
		while (deliver(0))
			continue;
		assert_string_equal(delivery_now(id).state, "done");
		assert_int_equal(
		    raw_number("SELECT count(*) FROM delivery WHERE state <> 'done'"), 0);
		assert_int_equal(
		    raw_number(arena_printf(cx.a,
			"SELECT count(*) FROM delivery_attempt WHERE delivery_id = '%s' "
			"AND error_code IS NULL",
			id)),
		    1);
		if (!killed)
			break;
	}
#ifdef TIDEMARK_STEPS
	assert_in_range(kills, 2, 100);
#endif
}

static void
old_messages_are_forgotten_and_waiting_ones_later(void **state)
{
	struct parcel p;

	(void)state;
	add_hook("/echo", "sync.completed");
	(void)test_message();
	(void)deliver_one(&p);
	(void)test_message();
	assert_ok(retain_all(&cx, db, clock_ms() + conf_int(CONF_KEEP_DAYS) * DAY_MS + HOUR_MS));
	assert_int_equal(raw_number("SELECT count(*) FROM message"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM delivery WHERE state = 'waiting'"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM delivery_attempt"), 0);
	assert_ok(retain_all(&cx, db, clock_ms() + (conf_int(CONF_KEEP_DAYS) + 6) * DAY_MS));
	assert_int_equal(raw_number("SELECT count(*) FROM message"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(retries_follow_the_standard_schedule),
		TEST(signatures_are_those_of_the_published_vector),
		TEST(answers_are_kept_as_plain_text),
		TEST(a_message_carries_id_time_and_signature),
		TEST(during_a_rotation_both_secrets_sign),
		TEST(what_fails_is_tried_again_later_with_the_same_id),
		TEST(retry_after_is_obeyed_where_it_counts),
		TEST(a_receiver_that_is_gone_is_switched_off),
		TEST(a_receiver_that_fails_for_days_is_switched_off),
		TEST(a_private_address_is_not_called),
		TEST(what_a_receiver_answers_is_kept_without_control_characters),
		TEST(a_delivery_is_sent_again_when_asked),
		TEST(who_lost_the_lane_writes_nothing),
		TEST(one_that_fails_does_not_hold_up_the_others),
		TEST(a_clock_that_was_wrong_is_mended),
		TEST(a_deliverer_killed_anywhere_sends_again_with_the_same_id),
		TEST(old_messages_are_forgotten_and_waiting_ones_later),
	};
	int failed;

	web_start(answer);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
