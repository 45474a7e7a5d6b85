/* The life of push channels, without the network: when one is wanted, when it has ended or was
 * refused, and whose it is. */
#include "unit/push_fixture.h"

static int64_t
lanes(void)
{
	return raw_number(
	    "SELECT count(*) FROM lane WHERE id = '" LANE_ID_CHANNEL OWNER "|" CONN "'");
}

static void
a_channel_is_wanted_when_there_is_none(void **state)
{
	struct conn c = the_conn();

	(void)state;
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 0);
	in_tx(channel_drop(&cx, db, &c, CH));
	conf_override(CONF_APP_URL, "http://127.0.0.1:8080");
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 0);
	conf_override(CONF_APP_URL, "https://sync.example.com");
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 1);
}

static void
one_that_was_never_opened_or_has_ended_does_not_count(void **state)
{
	struct conn c = the_conn();

	(void)state;
	clock_step_to(BEGIN + HOUR_MS + 1);
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 1);
	raw("DELETE FROM lane; UPDATE channel SET resource_id = NULL, expires_at = 9999999999999");
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 1);
}

static void
a_refusal_counts_for_a_day(void **state)
{
	struct conn c = the_conn();
	const char *why;
	int64_t at;

	(void)state;
	in_tx(channel_drop(&cx, db, &c, CH));
	in_tx(channel_refused(&cx, db, &c, "Google does not call this address."));
	assert_ok(channel_refusal(&cx, db, &c, &why, &at));
	assert_string_equal(why, "Google does not call this address.");
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 0);
	clock_step_to(BEGIN + DAY_MS - 1000);
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 0);
	clock_step_to(BEGIN + DAY_MS + 1000);
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(lanes(), 1);
}

static void
nobody_touches_the_channels_of_another_owner(void **state)
{
	struct conn c = the_conn();
	struct channel *v;
	size_t n;

	(void)state;
	message();
	c.owner = OTHER;
	assert_ok(channel_list(&cx, db, &c, &v, &n));
	assert_int_equal(n, 0);
	in_tx(channel_drop(&cx, db, &c, CH));
	in_tx(channel_opened(&cx, db, &c, CH, "stolen", 1));
	in_tx(channel_insert(&cx, db, &c, "ch-9", "x", BEGIN + HOUR_MS));
	in_tx(channel_served(&cx, db, OTHER, CONN));
	assert_int_equal(raw_number("SELECT count(*) FROM channel WHERE id = '" CH
				    "' AND resource_id = 'res-1'"),
	    1);
	assert_int_equal(raw_number("SELECT count(*) FROM channel"), 1);
	assert_int_equal(wanted(), 1);
}

static void
what_comes_in_for_one_connection_leaves_those_beside_it_alone(void **state)
{
	struct conn one = the_conn(), two;
	struct channel *v;
	size_t n;

	(void)state;
	raw("INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('c2', '" OWNER "', 'script', 'Two', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at, asked) VALUES ('c2', '" OWNER
	    "', 1, 'ok', 'hourly', 60, 1, 1)");
	assert_ok(conn_get(&cx, db, OWNER, "c2", &two));
	in_tx(channel_insert(&cx, db, &two, "ch-2", "secret", BEGIN + HOUR_MS));
	message();
	assert_int_equal(wanted(), 1);
	in_tx(channel_served(&cx, db, OWNER, CONN));
	assert_int_equal(wanted(), 0);
	assert_int_equal(raw_number("SELECT asked - served FROM schedule WHERE "
				    "connection_id = 'c2'"),
	    1);
	assert_ok(channel_list(&cx, db, &one, &v, &n));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].id, CH);
	in_tx(channel_drop(&cx, db, &one, CH));
	assert_ok(channel_list(&cx, db, &one, &v, &n));
	assert_int_equal(n, 0);
	assert_ok(channel_list(&cx, db, &two, &v, &n));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].id, "ch-2");
}

/* A person wants none: none is opened by itself until one is asked for. */
static void
a_channel_that_is_switched_off_stays_off(void **state)
{
	struct conn c = the_conn();
	bool off;

	(void)state;
	in_tx(channel_off(&cx, db, &c));
	assert_ok(channel_is_off(&cx, db, &c, &off));
	assert_true(off);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE id LIKE 'watch|%'"), 1);
	raw("DELETE FROM lane; DELETE FROM channel");
	clock_step_by(3 * DAY_MS);
	in_tx(channel_want(&cx, db, &c));
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE id LIKE 'watch|%'"), 0);
	in_tx(channel_ask(&cx, db, &c));
	assert_ok(channel_is_off(&cx, db, &c, &off));
	assert_false(off);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE id LIKE 'watch|%'"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_channel_is_wanted_when_there_is_none),
		TEST(one_that_was_never_opened_or_has_ended_does_not_count),
		TEST(a_refusal_counts_for_a_day),
		TEST(nobody_touches_the_channels_of_another_owner),
		TEST(what_comes_in_for_one_connection_leaves_those_beside_it_alone),
		TEST(a_channel_that_is_switched_off_stays_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
