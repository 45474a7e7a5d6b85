/* Push channels as they are opened, renewed and closed: who is told, and what is forgotten. */
#include "unit/push_fixture.h"

#ifdef TIDEMARK_STEPS

#include "queue/doomed.h"
#include "send/remover.h"
#include "send/sender.h"
#include "send/watch.h"
#include "store/removal.h"

static const char *told; /* "channel resource" of each call, one behind the other */
static bool refuses;
static enum error_kind no; /* of a new one; E_NONE: it is opened, for an hour */

static enum rc
watch(struct ctx *c, const struct source *src, struct watching *at)
{
	told = arena_printf(
	    cx.a, "%sopen %s at %s;", told, json_str(src->config, "what"), at->address);
	if (no != E_NONE)
		return fail(c, no, "Scripted.");
	at->resource = "res-new";
	at->expires_at = clock_ms() + HOUR_MS;
	return RC_OK;
}

static enum rc
unwatch(struct ctx *c, const struct source *src, const struct watching *at)
{
	(void)src;
	told = arena_printf(cx.a, "%s%s %s;", told, at->channel, at->resource);
	return refuses ? fail(c, E_SOURCE_GONE, "Scripted.") : RC_OK;
}

static const struct kind_receiver receiver_script = { .name = "script" };

static int
watch_open(void **state)
{
	const int failed = setup(state);

	told = "";
	refuses = false;
	no = E_NONE;
	watcher_script = (struct watcher){ .watch = watch, .unwatch = unwatch };
	kind_script.receiver = &receiver_script;
	return failed;
}

static int
watch_over(void **state)
{
	watcher_script = (struct watcher){ .watch = NULL };
	kind_script.receiver = NULL;
	return teardown(state);
}

static int64_t
channels(void)
{
	return raw_number("SELECT count(*) FROM channel");
}

/* One more channel of the connection, opened by this account. */
static void
opened_by(const char *account, const char *id, const char *resource)
{
	struct conn c = the_conn();

	clock_step_by(1); /* the newest is the first */
	c.account_id = account;
	in_tx(channel_insert(&cx, db, &c, id, "secret", BEGIN + HOUR_MS));
	in_tx(channel_opened(&cx, db, &c, id, resource, BEGIN + HOUR_MS));
}

static bool
closes(void)
{
	bool more;

	told = "";
	assert_ok(watch_close(&cx, db, OWNER, CONN, &more));
	return more;
}

static void
a_channel_that_is_closed_is_told_and_forgotten(void **state)
{
	(void)state;
	assert_false(closes());
	assert_string_equal(told, "ch-1 res-1;");
	assert_int_equal(channels(), 0);
	assert_false(closes());
	assert_string_equal(told, "");
}

static void
one_that_cannot_be_closed_is_forgotten_too(void **state)
{
	(void)state;
	refuses = true;
	assert_false(closes());
	assert_string_equal(told, "ch-1 res-1;");
	assert_int_equal(channels(), 0);
}

static void
what_is_over_or_was_never_opened_is_told_to_nobody(void **state)
{
	struct conn c = the_conn();

	(void)state;
	in_tx(channel_insert(&cx, db, &c, "ch-2", "secret", BEGIN + 9 * HOUR_MS));
	clock_step_to(BEGIN + HOUR_MS);
	assert_false(closes());
	assert_string_equal(told, "");
	assert_int_equal(channels(), 0);
}

static void
what_another_account_has_opened_is_closed_by_itself(void **state)
{
	(void)state;
	opened_by("other", "ch-2", "res-2");
	opened_by("other", "ch-3", "res-3");
	assert_true(closes());
	assert_int_equal(channels(), 1);
	assert_string_equal(told, "ch-3 res-3;ch-2 res-2;");
	assert_false(closes());
	assert_string_equal(told, "ch-1 res-1;");
	assert_int_equal(channels(), 0);
}

static void
a_source_that_cannot_be_told_keeps_nothing_waiting(void **state)
{
	(void)state;
	watcher_script.unwatch = NULL;
	assert_false(closes());
	assert_string_equal(told, "");
}

#define OPENED "open it at https://sync.example.com/api/webhooks/script;"

/* A turn of the lane that opens channels; when the next one is due, from now: -1: it is not. */
static int64_t
a_turn(void)
{
	struct parcel p;
	bool found, again;

	raw("UPDATE connection SET config = '{\"what\":\"it\"}'; DELETE FROM lane");
	in_tx(lane_put(&cx, db, LANE_CHANNEL, OWNER, LANE_ID_CHANNEL OWNER "|" CONN, 1));
	told = "";
	assert_ok(sender_claim(&cx, db, &found, &again, &p));
	assert_true(found);
	assert_int_equal(p.lane.kind, LANE_CHANNEL);
	assert_ok(watch_work(&cx, db, &p.lane));
	return raw_number(arena_printf(
	    cx.a, "SELECT COALESCE((SELECT due_at - %lld FROM lane), -1)", (long long)clock_ms()));
}

static const char *
resources(void)
{
	return raw_lines("SELECT COALESCE(resource_id, '-') FROM channel ORDER BY 1", 0);
}

static void
a_new_channel_takes_the_place_of_the_old_one(void **state)
{
	(void)state;
	clock_step_by(30 * MINUTE_MS);
	assert_int_equal(a_turn(), 48 * MINUTE_MS);
	assert_string_equal(told, OPENED "ch-1 res-1;");
	assert_string_equal(resources(), "res-new\n");
	assert_int_equal(
	    raw_number("SELECT expires_at FROM channel"), BEGIN + 30 * MINUTE_MS + HOUR_MS);
}

static int64_t
reads_asked(void)
{
	return raw_number("SELECT asked - served FROM schedule");
}

/* Without polls nothing else would tell what has changed until then. */
static void
what_has_changed_while_nobody_listened_is_read(void **state)
{
	(void)state;
	clock_step_by(2 * HOUR_MS);
	a_turn();
	assert_string_equal(told, OPENED);
	assert_int_equal(reads_asked(), 1);
}

static enum rc
message_write(struct ctx *c, struct db *d, void *arg)
{
	bool found;

	(void)arg;
	TRY(db_row(c, d, &found, Q_PUSH_ASK, "ssi", CONN, OWNER, (int64_t)1));
	db_reset(d, Q_PUSH_ASK);
	return found ? RC_OK : RC_NOTFOUND;
}

/* As it was claimed. */
static const char *
claimed(void)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	bool found;

	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	raw("UPDATE sync SET state = 'complete', started_at = 1");
	return job.run.trigger;
}

static void
what_is_read_as_a_channel_was_opened_is_not_said_to_be_told_by_a_message(void **state)
{
	(void)state;
	clock_step_by(2 * HOUR_MS);
	a_turn();
	assert_string_equal(claimed(), "channel");
	/* A message that comes before it has begun is served with it, and has told. */
	raw("DELETE FROM channel");
	a_turn();
	assert_ok(db_write(&cx, db, message_write, NULL));
	assert_int_equal(reads_asked(), 2);
	assert_string_equal(claimed(), "webhook");
	assert_ok(db_write(&cx, db, message_write, NULL));
	assert_string_equal(claimed(), "webhook");
}

static void
a_poll_within_the_hour_finds_it_by_itself(void **state)
{
	const int64_t at = BEGIN + 2 * HOUR_MS;

	(void)state;
	clock_step_to(at);
	raw(arena_printf(
	    cx.a, "UPDATE schedule SET next_poll_at = %lld", (long long)(at + HOUR_MS)));
	a_turn();
	assert_string_equal(told, OPENED);
	assert_int_equal(reads_asked(), 0);
	/* One that is due may be reading already. */
	raw(arena_printf(
	    cx.a, "UPDATE schedule SET next_poll_at = %lld; DELETE FROM channel", (long long)at));
	a_turn();
	assert_int_equal(reads_asked(), 1);
}

static void
a_channel_that_is_renewed_in_time_has_nothing_read(void **state)
{
	(void)state;
	raw("UPDATE channel SET resource_id = 'res-new'");
	clock_step_by(30 * MINUTE_MS);
	a_turn();
	assert_string_equal(told, OPENED "ch-1 res-new;");
	assert_int_equal(reads_asked(), 0);
}

static void
a_channel_of_something_else_has_that_read(void **state)
{
	(void)state;
	clock_step_by(30 * MINUTE_MS);
	a_turn();
	assert_int_equal(reads_asked(), 1);
}

static void
one_that_is_refused_leaves_none_and_is_asked_for_after_a_day(void **state)
{
	struct conn c = the_conn();
	const char *why;
	int64_t at;

	(void)state;
	no = E_SOURCE_DENIED;
	assert_int_equal(a_turn(), DAY_MS);
	assert_string_equal(told, OPENED "ch-1 res-1;");
	assert_string_equal(resources(), "");
	assert_ok(channel_refusal(&cx, db, &c, &why, &at));
	assert_string_equal(why, "Scripted.");
}

/* Though no sync comes by then: the next poll may be a week off. */
static void
one_that_is_refused_is_asked_for_after_a_day_once_those_of_others_are_closed(void **state)
{
	(void)state;
	raw("DELETE FROM channel");
	opened_by("other", "ch-2", "res-2");
	no = E_SOURCE_DENIED;
	assert_int_equal(a_turn(), 0);
	assert_string_equal(resources(), "res-2\n");
	assert_int_equal(a_turn(), DAY_MS);
	assert_string_equal(told, "ch-2 res-2;");
	assert_string_equal(resources(), "");
}

static void
a_service_in_trouble_is_asked_again_and_the_old_channel_stays(void **state)
{
	struct conn c = the_conn();
	const char *why;
	int64_t at;

	(void)state;
	no = E_SOURCE_5XX;
	assert_true(a_turn() > 0);
	assert_string_equal(told, OPENED);
	assert_string_equal(resources(), "res-1\n");
	assert_int_equal(raw_number("SELECT failures FROM lane"), 1);
	assert_ok(channel_refusal(&cx, db, &c, &why, &at));
	assert_null(why);
}

static void
a_connection_that_is_paused_has_its_channels_closed(void **state)
{
	(void)state;
	raw("UPDATE schedule SET enabled = 0");
	assert_int_equal(a_turn(), -1);
	assert_string_equal(told, "ch-1 res-1;");
	assert_string_equal(resources(), "");
}

static enum rc
doom_write(struct ctx *c, struct db *d, void *arg)
{
	(void)arg;
	TRY(conn_remove(c, d, OWNER, CONN, clock_ms()));
	TRY(removal_doom(c, d, OWNER, CONN, clock_ms()));
	return doomed_ask(c, d, OWNER, clock_ms());
}

/* However many accounts that are, it goes on at once. */
static void
a_connection_that_is_removed_leaves_no_channel(void **state)
{
	struct parcel p;
	bool found, again;

	(void)state;
	opened_by("other", "ch-2", "res-2");
	assert_ok(db_write(&cx, db, doom_write, NULL));
	raw("DELETE FROM lane WHERE id NOT LIKE '" LANE_ID_REMOVAL "%'");
	assert_ok(sender_claim(&cx, db, &found, &again, &p));
	assert_true(found);
	assert_int_equal(p.lane.kind, LANE_REMOVAL);
	assert_ok(remover_work(&cx, db, &p.lane));
	assert_string_equal(told, "ch-2 res-2;ch-1 res-1;");
	assert_int_equal(raw_number("SELECT count(*) FROM connection"), 0);
	assert_int_equal(channels(), 0);
}

#define WATCH_TEST(f) cmocka_unit_test_setup_teardown(f, watch_open, watch_over)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(a_channel_that_is_closed_is_told_and_forgotten),
		WATCH_TEST(one_that_cannot_be_closed_is_forgotten_too),
		WATCH_TEST(what_is_over_or_was_never_opened_is_told_to_nobody),
		WATCH_TEST(what_another_account_has_opened_is_closed_by_itself),
		WATCH_TEST(a_source_that_cannot_be_told_keeps_nothing_waiting),
		WATCH_TEST(a_new_channel_takes_the_place_of_the_old_one),
		WATCH_TEST(what_has_changed_while_nobody_listened_is_read),
		WATCH_TEST(
		    what_is_read_as_a_channel_was_opened_is_not_said_to_be_told_by_a_message),
		WATCH_TEST(a_poll_within_the_hour_finds_it_by_itself),
		WATCH_TEST(a_channel_that_is_renewed_in_time_has_nothing_read),
		WATCH_TEST(a_channel_of_something_else_has_that_read),
		WATCH_TEST(one_that_is_refused_leaves_none_and_is_asked_for_after_a_day),
		WATCH_TEST(
		    one_that_is_refused_is_asked_for_after_a_day_once_those_of_others_are_closed),
		WATCH_TEST(a_service_in_trouble_is_asked_again_and_the_old_channel_stays),
		WATCH_TEST(a_connection_that_is_paused_has_its_channels_closed),
		WATCH_TEST(a_connection_that_is_removed_leaves_no_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int
main(void)
{
	puts("1..0 # SKIP the clock cannot be set outside test builds");
	return 0;
}
#endif
