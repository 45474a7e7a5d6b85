/* The sign of life: what is wrong with the whole, and how it went. */
#include "unit/db_fixture.h"

#include "base/space.h"
#include "queue/lane.h"
#include "queue/pulse.h"

#define NOW INT64_C(1795000000000)

static int
pulse_open(void **state)
{
	clock_step_to(NOW);
	return db_setup(state);
}

static int
pulse_close(void **state)
{
	conf_override(CONF_HEARTBEAT_URL, "");
#ifdef TIDEMARK_STEPS
	space_pretend(-1);
#endif
	clock_fake(0);
	return db_teardown(state);
}

/* "": all is well. */
static const char *
trouble(void)
{
	const char *why;

	assert_ok(pulse_trouble(&cx, db, NOW, &why));
	return why ? why : "";
}

static void
has_sync_due(int64_t at)
{
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('ann', 'ann', 'member', 1)"
	    " ON CONFLICT DO NOTHING; INSERT INTO connection (id, owner, provider, name, config,"
	    " created_at, updated_at) VALUES ('c', 'ann', 'csv', 'c', '{}', 1, 1)"
	    " ON CONFLICT DO NOTHING");
	raw(arena_printf(cx.a,
	    "INSERT OR REPLACE INTO schedule (connection_id, owner, enabled, health, failing,"
	    " frequency, interval_minutes, set_at, next_poll_at)"
	    " VALUES ('c', 'ann', 1, 'ok', 0, 'custom', 1, 1, %lld)",
	    (long long)at));
}

static void
has_mail_due(int64_t due_at)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(lane_put(&cx, db, LANE_MAIL, LANE_NOBODY, LANE_ID_MAIL, due_at));
	assert_ok(db_commit(&cx, db));
}

static void
what_is_well_is_no_trouble(void **state)
{
	(void)state;
	assert_string_equal(trouble(), "");
	has_sync_due(NOW);
	has_mail_due(NOW);
	assert_string_equal(trouble(), "");
}

static void
work_is_late_from_a_quarter_of_an_hour_on(void **state)
{
	(void)state;
	has_sync_due(NOW - PULSE_LATE_MS + 1);
	assert_string_equal(trouble(), "");
	has_sync_due(NOW - PULSE_LATE_MS);
	assert_string_equal(trouble(), "Syncs are late: the oldest by 15 minutes.");
	has_sync_due(NOW - 3 * HOUR_MS);
	assert_string_equal(trouble(), "Syncs are late: the oldest by 180 minutes.");
}

static void
what_is_to_be_sent_is_late_too(void **state)
{
	(void)state;
	has_mail_due(NOW - PULSE_LATE_MS + 1);
	assert_string_equal(trouble(), "");
	has_mail_due(NOW - PULSE_LATE_MS);
	assert_string_equal(trouble(), "What is to be sent is late: the oldest by 15 minutes.");
	/* Of two troubles the syncs are told. */
	has_sync_due(NOW - HOUR_MS);
	assert_string_equal(trouble(), "Syncs are late: the oldest by 60 minutes.");
}

#ifdef TIDEMARK_STEPS
static void
a_full_disk_is_told_unless_something_is_late_already(void **state)
{
	(void)state;
	space_pretend(space_reserve());
	assert_string_equal(trouble(), "");
	space_pretend(space_reserve() - 1);
	assert_string_equal(trouble(), "The disk of the state directory is full.");
	has_sync_due(NOW - HOUR_MS);
	assert_string_equal(trouble(), "Syncs are late: the oldest by 60 minutes.");
}
#endif

static void
without_an_address_nothing_is_to_be_sent(void **state)
{
	static const char *const lanes = "SELECT count(*) FROM lane WHERE kind = 'pulse'";

	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(pulse_ask(&cx, db, NOW));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(raw_number(lanes), 0);
	conf_override(CONF_HEARTBEAT_URL, "https://watch.example/ping");
	for (int i = 0; i < 2; i++) {
		assert_ok(db_begin(&cx, db));
		assert_ok(pulse_ask(&cx, db, NOW + i));
		assert_ok(db_commit(&cx, db));
		assert_int_equal(raw_number(lanes), 1);
	}
}

static void
notes(int64_t now, const char *error)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(pulse_note(&cx, db, now, error));
	assert_ok(db_commit(&cx, db));
}

static void
how_it_went_last_is_remembered(void **state)
{
	struct pulse_last last;

	(void)state;
	assert_ok(pulse_last(&cx, db, &last));
	assert_int_equal(last.at, 0);
	assert_null(last.error);
	notes(NOW, NULL);
	assert_ok(pulse_last(&cx, db, &last));
	assert_true(last.at == NOW);
	assert_null(last.error);
	/* One that did not arrive leaves the time of the last that did. */
	notes(NOW + 1000, "timeout");
	assert_ok(pulse_last(&cx, db, &last));
	assert_true(last.at == NOW);
	assert_string_equal(last.error, "timeout");
	notes(NOW + 2000, NULL);
	assert_ok(pulse_last(&cx, db, &last));
	assert_true(last.at == NOW + 2000);
	assert_null(last.error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pulse_open, pulse_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_well_is_no_trouble),
		TEST(work_is_late_from_a_quarter_of_an_hour_on),
		TEST(what_is_to_be_sent_is_late_too),
#ifdef TIDEMARK_STEPS
		TEST(a_full_disk_is_told_unless_something_is_late_already),
#endif
		TEST(without_an_address_nothing_is_to_be_sent),
		TEST(how_it_went_last_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
