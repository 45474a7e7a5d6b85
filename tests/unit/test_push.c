/* Push channels without the network: what comes in counts when it is from the channel, and then
 * exactly once; storms, forgeries, ends, refusals. */
#include "unit/push_fixture.h"

static bool
next_is_there(void)
{
	struct channel_call call;

	assert_ok(channel_next(&cx, db, NULL, &call));
	assert_true(!call.conn_id ||
	    (!strcmp(call.conn_id, CONN) && !strcmp(call.owner, OWNER) &&
		!strcmp(call.trigger, "webhook")));
	return call.conn_id != NULL;
}

static bool
claim(struct job *job)
{
	struct claim_state st = { 0 };
	bool found;

	*job = (struct job){ 0 };
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, job));
	return found;
}

/* --- what comes in --- */

static void
a_message_asks_for_a_run_and_the_first_does_not(void **state)
{
	bool asked;

	(void)state;
	assert_ok(channel_receive(&cx, db,
	    &(struct channel_message){
		.channel = CH, .token = "secret", .resource = "res-1", .greeting = true },
	    &asked));
	assert_false(asked);
	assert_int_equal(wanted(), 0);
	assert_false(next_is_there());
	assert_ok(channel_receive(&cx, db,
	    &(struct channel_message){ .channel = CH, .token = "secret", .resource = "res-1" },
	    &asked));
	assert_true(asked);
	assert_true(next_is_there());
	assert_int_equal(raw_number("SELECT messages FROM channel"), 2);
	/* A word that is not known yet may mean a change. */
	assert_ok(receive(CH, "secret", "res-1", "something new"));
	assert_ok(receive(CH, "secret", "res-1", NULL));
	assert_int_equal(wanted(), 3);
}

static bool
wakes(void)
{
	bool wake;

	assert_ok(channel_receive(&cx, db,
	    &(struct channel_message){ .channel = CH, .token = "secret", .resource = "res-1" },
	    &wake));
	return wake;
}

static void
of_many_messages_one_a_second_wakes_the_tick(void **state)
{
	(void)state;
	assert_true(wakes());
	assert_false(wakes());
	clock_step_to(BEGIN + 999);
	assert_false(wakes());
	clock_step_to(BEGIN + 1999);
	assert_true(wakes());
	/* What is asked for anew. */
	in_tx(channel_served(&cx, db, OWNER, CONN));
	assert_true(wakes());
	/* A clock that was put back. */
	clock_step_to(BEGIN);
	assert_true(wakes());
	raw("UPDATE schedule SET enabled = 0");
	clock_step_to(BEGIN + 10000);
	assert_false(wakes());
}

static void
what_is_not_the_channels_is_refused_without_a_trace(void **state)
{
	static const struct channel_message bad[] = {
		{ .channel = NULL },
		{ .channel = CH, .token = NULL, .resource = "res-1" },
		{ .channel = CH, .token = "", .resource = "res-1" },
		{ .channel = CH, .token = "Secret", .resource = "res-1" },
		{ .channel = CH, .token = "secret ", .resource = "res-1" },
		{ .channel = "ch-2", .token = "secret", .resource = "res-1" },
		{ .channel = "", .token = "secret", .resource = "res-1" },
		{ .channel = "", .token = "", .resource = "" },
		{ .channel = CH, .token = "secret", .resource = NULL },
		{ .channel = CH, .token = "secret", .resource = "" },
		{ .channel = CH, .token = "secret", .resource = "res-2" },
		{ .channel = CH, .token = "secret", .resource = "RES-1" },
		{ .channel = "CH-1", .token = "secret", .resource = "res-1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		bool asked = true;
		assert_int_equal(channel_receive(&cx, db, &bad[i], &asked), RC_NOTFOUND);
		assert_false(asked);
		assert_string_equal(cx.err.detail, "There is no such channel.");
	}
	assert_int_equal(wanted(), 0);
	assert_int_equal(raw_number("SELECT messages FROM channel"), 0);
}

static void
before_the_provider_has_answered_any_resource_will_do(void **state)
{
	struct conn c = the_conn();

	(void)state;
	in_tx(channel_insert(&cx, db, &c, "ch-2", "other", BEGIN + HOUR_MS));
	assert_ok(receive("ch-2", "other", "whatever", "update"));
	assert_ok(receive("ch-2", "other", NULL, "update"));
	assert_int_equal(receive("ch-2", "secret", "whatever", "update"), RC_NOTFOUND);
	assert_int_equal(wanted(), 2);
}

static void
an_expired_channel_is_none(void **state)
{
	(void)state;
	clock_step_to(BEGIN + HOUR_MS + 1000);
	assert_int_equal(receive(CH, "secret", "res-1", "update"), RC_NOTFOUND);
	in_tx(channel_sweep(&cx, db, clock_ms()));
	assert_int_equal(raw_number("SELECT count(*) FROM channel"), 1);
	in_tx(channel_sweep(&cx, db, clock_ms() + 2 * DAY_MS));
	assert_int_equal(raw_number("SELECT count(*) FROM channel"), 0);
}

static void
the_secret_is_not_stored(void **state)
{
	char cmd[200];

	(void)state;
	message();
	snprintf(cmd, sizeof cmd, "cat %s/tidemark.db* | grep -aqF secret-of", home);
	in_tx(channel_insert(&cx, db, &(struct conn){ .owner = OWNER, .id = CONN }, "ch-3",
	    "secret-of-the-channel", BEGIN + HOUR_MS));
	assert_int_not_equal(system(cmd), 0);
	assert_ok(receive("ch-3", "secret-of-the-channel", "r", "update"));
}

/* --- runs --- */

static void
a_storm_before_a_run_is_one_run(void **state)
{
	struct job job;

	(void)state;
	for (int i = 0; i < 100; i++)
		message();
	assert_true(claim(&job));
	assert_string_equal(job.run.trigger, "webhook");
	script.text = "id,name\n1,Ann\n";
	assert_ok(engine_run(&cx, db, &job));
	assert_int_equal(wanted(), 0);
	assert_false(claim(&job));
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 1);
}

static void
a_message_during_a_run_leads_to_one_more_and_a_storm_to_no_more(void **state)
{
	struct job first, second, none;
	int64_t due;

	(void)state;
	script.text = "id,name\n1,Ann\n";
	message();
	assert_true(claim(&first));
	for (int i = 0; i < 100; i++)
		message();
	/* Not beside it. */
	assert_false(next_is_there());
	assert_false(claim(&second));
	assert_ok(engine_run(&cx, db, &first));
	/* So many are not over yet. */
	assert_ok(channel_due(&cx, db, NULL, &due));
	assert_in_range(due, BEGIN + 1000, BEGIN + CHANNEL_REST_MAX_MS);
	assert_false(claim(&second));
	raw("UPDATE schedule SET asked = asked + 10000");
	assert_ok(channel_due(&cx, db, NULL, &due));
	assert_in_range(due, BEGIN + CHANNEL_REST_MAX_MS, BEGIN + CHANNEL_REST_MAX_MS + 5000);
	clock_step_to(due - 5000);
	assert_false(claim(&second));
	clock_step_to(due);
	assert_true(claim(&second));
	assert_ok(engine_run(&cx, db, &second));
	assert_false(claim(&none));
	assert_ok(channel_due(&cx, db, NULL, &due));
	assert_int_equal(due, 0);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 2);
}

static void
a_storm_is_not_written_down_message_by_message(void **state)
{
	int64_t before;

	(void)state;
	raw("CREATE TABLE written (n); INSERT INTO written VALUES (0);"
	    "CREATE TRIGGER written AFTER UPDATE OF asked ON schedule"
	    " BEGIN UPDATE written SET n = n + 1; END");
	for (int i = 0; i < 10000; i++)
		message();
	/* For as many as make a run rest the longest, and for half as many more at most. */
	assert_in_range(wanted(), 200, 310);
	assert_in_range(raw_number("SELECT n FROM written"), 8, 40);
	before = raw_number("SELECT messages FROM channel");
	clock_step_to(BEGIN + 3000);
	message();
	assert_int_equal(raw_number("SELECT messages FROM channel"), before + 1);
	/* What is not the channel's is refused all the same. */
	assert_int_equal(receive(CH, "wrong", "res-1", "update"), RC_NOTFOUND);
}

static void
one_message_during_a_run_is_served_right_after_it(void **state)
{
	struct job first, second;

	(void)state;
	script.text = "id,name\n1,Ann\n";
	message();
	assert_true(claim(&first));
	message();
	assert_ok(engine_run(&cx, db, &first));
	assert_true(claim(&second));
}

static void
a_rest_that_a_wrong_clock_began_is_none(void **state)
{
	struct job first, second;

	(void)state;
	script.text = "id,name\n1,Ann\n";
	message();
	assert_true(claim(&first));
	for (int i = 0; i < 100; i++)
		message();
	assert_ok(engine_run(&cx, db, &first));
	clock_step_to(BEGIN - DAY_MS);
	assert_true(claim(&second));
}

static void
a_run_for_another_reason_serves_the_message_too(void **state)
{
	struct conn c = the_conn();
	struct job job;
	const char *id;

	(void)state;
	message();
	script.text = "id,name\n1,Ann\n";
	in_tx(sync_enqueue(&cx, db, &c, "manual", &id));
	assert_false(next_is_there());
	assert_true(claim(&job));
	assert_ok(engine_run(&cx, db, &job));
	assert_false(claim(&job));
}

static void
a_run_that_is_lost_is_not_the_end_of_the_message(void **state)
{
	struct job job, again;

	(void)state;
	message();
	assert_true(claim(&job));
	raw("UPDATE sync SET lease_until = 1, pid = 999999999");
	int64_t n;
	assert_ok(queue_reap(&cx, db, 999999999, E_INTERRUPTED, &n));
	assert_int_equal(n, 1);
	assert_true(claim(&again));
	assert_string_equal(again.conn.id, job.conn.id);
}

/* A run that has read is lost, and the one that goes on with its read is queued. */
static void
stop_in_saving(struct job *job)
{
	int64_t n;

	assert_true(claim(job));
	raw("UPDATE sync SET lease_until = 1, pid = 999999999 WHERE state = 'running'");
	assert_ok(queue_reap(&cx, db, 999999999, E_INTERRUPTED, &n));
	assert_int_equal(n, 1);
}

static void
a_message_that_meets_a_resumed_run_is_served_by_a_later_read(void **state)
{
	struct job job;

	(void)state;
	script.text = "id,name\n1,Ann\n";
	message();
	stop_in_saving(&job);
	message();
	assert_true(claim(&job));
	assert_string_equal(job.run.trigger, "resume");
	assert_int_equal(wanted(), 1);
	/* Resumed twice, it is still the old read. */
	raw("UPDATE sync SET lease_until = 1, pid = 999999999 WHERE state = 'running'");
	int64_t n;
	assert_ok(queue_reap(&cx, db, 999999999, E_INTERRUPTED, &n));
	assert_true(claim(&job));
	assert_int_equal(wanted(), 1);
	assert_ok(engine_run(&cx, db, &job));
	assert_true(claim(&job));
	assert_string_equal(job.run.trigger, "webhook");
	assert_int_equal(wanted(), 0);
	assert_ok(engine_run(&cx, db, &job));
	assert_false(claim(&job));
}

static void
a_person_who_meets_a_resumed_run_gets_another_one_after_it(void **state)
{
	const char *id, *met;
	struct job job;

	(void)state;
	script.text = "id,name\n1,Ann\n";
	/* Also where nothing is scheduled. */
	raw("UPDATE schedule SET enabled = 0, next_poll_at = NULL");
	assert_ok(sync_start(&cx, db, OWNER, CONN, "manual", &id));
	assert_int_equal(sync_start(&cx, db, OWNER, CONN, "manual", &met), RC_CONFLICT);
	assert_int_equal(raw_number("SELECT again FROM schedule"), 0);
	stop_in_saving(&job);
	assert_int_equal(sync_start(&cx, db, OWNER, CONN, "manual", &met), RC_CONFLICT);
	assert_int_equal(cx.err.kind, E_RUNNING);
	assert_true(claim(&job));
	assert_string_equal(job.run.id, met);
	assert_ok(engine_run(&cx, db, &job));
	assert_true(claim(&job));
	assert_string_equal(job.run.trigger, "manual");
	assert_null(job.run.resumed_from);
	assert_ok(engine_run(&cx, db, &job));
	assert_false(claim(&job));
}

static void
who_cancels_a_resumed_run_gets_no_other(void **state)
{
	const char *id, *met;
	struct job job;

	(void)state;
	script.text = "id,name\n1,Ann\n";
	assert_ok(sync_start(&cx, db, OWNER, CONN, "manual", &id));
	stop_in_saving(&job);
	assert_int_equal(sync_start(&cx, db, OWNER, CONN, "manual", &met), RC_CONFLICT);
	assert_true(claim(&job));
	assert_ok(sync_cancel(&cx, db, OWNER, job.run.id));
	assert_ok(engine_run(&cx, db, &job));
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE error_code = 'cancelled'"), 1);
	assert_false(claim(&job));
	assert_int_equal(raw_number("SELECT again FROM schedule"), 0);
}

static void
connections_that_are_off_or_need_a_person_are_not_run(void **state)
{
	(void)state;
	message();
	raw("UPDATE schedule SET health = 'attention'");
	assert_false(next_is_there());
	raw("UPDATE schedule SET health = 'ok', enabled = 0");
	assert_false(next_is_there());
	message();
	raw("UPDATE schedule SET enabled = 1");
	assert_int_equal(wanted(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_asks_for_a_run_and_the_first_does_not),
		TEST(what_is_not_the_channels_is_refused_without_a_trace),
		TEST(before_the_provider_has_answered_any_resource_will_do),
		TEST(an_expired_channel_is_none),
		TEST(the_secret_is_not_stored),
		TEST(a_storm_before_a_run_is_one_run),
		TEST(a_message_during_a_run_leads_to_one_more_and_a_storm_to_no_more),
		TEST(a_run_for_another_reason_serves_the_message_too),
		TEST(a_run_that_is_lost_is_not_the_end_of_the_message),
		TEST(connections_that_are_off_or_need_a_person_are_not_run),
		TEST(of_many_messages_one_a_second_wakes_the_tick),
		TEST(one_message_during_a_run_is_served_right_after_it),
		TEST(a_storm_is_not_written_down_message_by_message),
		TEST(a_message_that_meets_a_resumed_run_is_served_by_a_later_read),
		TEST(a_person_who_meets_a_resumed_run_gets_another_one_after_it),
		TEST(who_cancels_a_resumed_run_gets_no_other),
		TEST(a_rest_that_a_wrong_clock_began_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
