/* Lanes of deliveries: never in the way of others, never lost by a kill. */
#include "unit/deliver_fixture.h"

#include "queue/orphan.h"

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
	clock_step_to(clock_ms() +
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
	clock_step_to(clock_ms() + HOUR_MS);
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

/* Or whoever asks again and again takes the places of those who do answer. */
static void
what_a_person_asks_of_one_that_fails_is_tried_at_once_among_those_that_fail(void **state)
{
	const int64_t failing = lane_rows[LANE_WEBHOOK].failing;
	struct parcel p;
	bool found, again;

	(void)state;
	for (int64_t i = 0; i <= failing; i++) {
		add_hook("/status/500", "sync.completed");
		(void)test_message();
		(void)deliver_one(&p);
		assert_nothing_due();
		(void)test_message();
		if (i < failing) {
			assert_ok(sender_claim(&cx, db, &found, &again, &p));
			assert_true(found);
		}
	}
	assert_nothing_due();
	add_hook("/echo", "sync.completed");
	(void)test_message();
	assert_true(deliver_one(&p).ok);
	assert_string_equal(p.webhook, hook_id);
}

static void
a_clock_that_was_wrong_is_mended(void **state)
{
	struct parcel p;

	(void)state;
	add_hook("/echo", "sync.completed");
	clock_step_to(clock_ms() + 1000 * DAY_MS);
	(void)test_message();
	clock_fake(0);
	assert_nothing_due();
	assert_ok(queue_beat(&cx, db, clock_ms()));
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
	assert_ok(orphan_lanes(&cx, db, pid, clock_ms()));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_lost_the_lane_writes_nothing),
		TEST(one_that_fails_does_not_hold_up_the_others),
		TEST(what_a_person_asks_of_one_that_fails_is_tried_at_once_among_those_that_fail),
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
