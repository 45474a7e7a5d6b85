/* Push channels that nobody needs any more: who is told, and what is forgotten. */
#include "unit/push_fixture.h"

#ifdef TIDEMARK_STEPS

#include "queue/doomed.h"
#include "send/remover.h"
#include "send/sender.h"
#include "send/watch.h"
#include "store/removal.h"

static const char *told; /* "channel resource" of each call, one behind the other */
static bool refuses;

static enum rc
unwatch(struct ctx *c, const struct source *src, const struct watching *at)
{
	(void)src;
	told = arena_printf(cx.a, "%s%s %s;", told, at->channel, at->resource);
	return refuses ? fail(c, E_SOURCE_GONE, "Scripted.") : RC_OK;
}

static int
watch_open(void **state)
{
	const int failed = setup(state);

	told = "";
	refuses = false;
	watcher_script.unwatch = unwatch;
	return failed;
}

static int
watch_over(void **state)
{
	watcher_script.unwatch = NULL;
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
