/* A clock that is set, back or ahead, by an hour or by a year: nothing waits longer for it, and
 * nothing is deleted for it. */
#include "unit/db_fixture.h"

#include "app/retain.h"
#include "base/clock.h"
#include "queue/lane.h"
#include "queue/queue.h"
#include "store/data.h"
#include "store/session.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define NOW INT64_C(1795170600000)

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	clock_step_to(NOW);
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
	    " VALUES ('c1', '" ANN "', 'csv', 'one', '{}', 1, 1),"
	    " ('c2', '" ANN "', 'csv', 'two', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency,"
	    " interval_minutes, set_at) SELECT id, owner, 1, 'ok', 'custom', 1, 0"
	    " FROM connection");
	return 0;
}

static int
teardown(void **state)
{
	clock_fake(0);
	return db_teardown(state);
}

static void
beat(void)
{
	assert_ok(queue_beat(&cx, db, clock_ms()));
}

/* As the first tick of an hour does. */
static void
housekeeping(void)
{
	int64_t now;

	beat();
	assert_ok(queue_trusted_now(&cx, db, clock_ms(), &now));
	assert_ok(auth_sweep(&cx, db, now));
	assert_ok(retain_all(&cx, db, now));
}

/* Beats every ten minutes. */
static void
live(int64_t ms)
{
	for (int64_t step = 10 * MINUTE_MS; ms > 0; ms -= step) {
		clock_step_by(step);
		beat();
	}
}

static void
read_by(const char *conn, int64_t now, int64_t minutes)
{
	raw(arena_printf(cx.a,
	    "UPDATE schedule SET set_at = %lld, next_poll_at = %lld WHERE connection_id = '%s'",
	    (long long)now, (long long)(now + minutes * MINUTE_MS), conn));
}

static int64_t
due_in(const char *conn)
{
	return raw_number(arena_printf(
		   cx.a, "SELECT next_poll_at FROM schedule WHERE connection_id = '%s'", conn)) -
	    clock_ms();
}

static void
an_hour_there_and_back_stalls_no_schedule(void **state)
{
	static const int64_t off[] = { 2 * MINUTE_MS, 59 * MINUTE_MS, HOUR_MS, DAY_MS,
		365 * DAY_MS };

	(void)state;
	beat();
	for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
		read_by("c1", NOW + off[i], 1);
		read_by("c2", NOW - HOUR_MS, 24 * 60);
		beat();
		assert_int_equal(due_in("c1"), MINUTE_MS);
		assert_int_equal(due_in("c2"), 23 * HOUR_MS);
	}
}

static void
what_a_rule_has_named_is_worked_out_anew(void **state)
{
	(void)state;
	raw("UPDATE schedule SET rrule = 'FREQ=DAILY'");
	read_by("c1", NOW + HOUR_MS, 24 * 60);
	read_by("c2", NOW, 24 * 60);
	beat();
	assert_int_equal(due_in("c1"), 0);
	assert_int_equal(due_in("c2"), DAY_MS);
}

static void
an_hour_back_stalls_nothing_that_is_sent(void **state)
{
	(void)state;
	beat();
	raw(arena_printf(cx.a,
	    "INSERT INTO lane (id, kind, owner, due_at, hold_until)"
	    " VALUES ('mail', 'mail', '-', %lld, %lld);"
	    "INSERT INTO rate_bucket (name, level, at, blocked_until) VALUES ('b', 0, 0, %lld);"
	    "INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at,"
	    " updated_at, wait_until) VALUES (1, 'r1', 'c1', '" ANN
	    "', 'manual', 'queued', 'downloading', 1, 1, %lld), (2, 'r2', 'c2', '" ANN
	    "', 'manual', 'queued', 'downloading', 1, 1, 0)",
	    (long long)(NOW + 5 * MINUTE_MS), (long long)(NOW + 5 * MINUTE_MS),
	    (long long)(NOW + MINUTE_MS), (long long)(NOW + 2 * MINUTE_MS)));
	clock_step_to(NOW - HOUR_MS);
	beat();
	assert_int_equal(raw_number("SELECT due_at FROM lane") - clock_ms(), 5 * MINUTE_MS);
	assert_int_equal(raw_number("SELECT hold_until FROM lane") - clock_ms(), 5 * MINUTE_MS);
	assert_int_equal(
	    raw_number("SELECT blocked_until FROM rate_bucket") - clock_ms(), MINUTE_MS);
	assert_int_equal(
	    raw_number("SELECT wait_until FROM sync WHERE no = 1") - clock_ms(), 2 * MINUTE_MS);
	assert_int_equal(raw_number("SELECT wait_until FROM sync WHERE no = 2"), 0);
	/* Less than a minute is not worth the writing. */
	clock_step_to(NOW - HOUR_MS - 30 * SECOND_MS);
	beat();
	assert_int_equal(
	    raw_number("SELECT due_at FROM lane") - clock_ms(), 5 * MINUTE_MS + 30 * SECOND_MS);
}

static void
a_channel_opened_by_a_clock_that_was_ahead_is_opened_anew(void **state)
{
	(void)state;
	beat();
	raw(arena_printf(cx.a,
	    "INSERT INTO channel (id, owner, connection_id, token_hash, expires_at, created_at)"
	    " VALUES ('then', '" ANN "', 'c1', '', %lld, %lld), ('before', '" ANN
	    "', 'c2', '', %lld, %lld)",
	    (long long)(NOW + 366 * DAY_MS), (long long)(NOW + 365 * DAY_MS),
	    (long long)(NOW + DAY_MS), (long long)(NOW - DAY_MS)));
	clock_step_to(NOW + 365 * DAY_MS + MINUTE_MS);
	beat();
	clock_step_to(NOW + MINUTE_MS);
	beat();
	assert_int_equal(
	    raw_number("SELECT expires_at FROM channel WHERE id = 'then'"), NOW + MINUTE_MS);
	assert_int_equal(
	    raw_number("SELECT expires_at FROM channel WHERE id = 'before'"), NOW + DAY_MS);
}

/* Of each kind one that is older than what is kept by a day, and one that is younger by a day; a
 * record that is there, and a run that is its connection's last. */
static void
old_and_young(void)
{
	const int64_t keep = conf_int(CONF_KEEP_DAYS) * DAY_MS;
	const long long old = NOW - keep - DAY_MS, young = NOW - keep + DAY_MS;

	raw(arena_printf(cx.a,
	    "INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at,"
	    " updated_at, finished_at) SELECT column1, 'r' || column1, column2, '" ANN
	    "', 'first', 'complete', 'complete', 1, 1, column3"
	    " FROM (VALUES (1, 'c1', %lld), (2, 'c1', %lld), (3, 'c1', %lld), (4, 'c2', %lld));"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule,"
	    " rows, next_seq, created_at) VALUES (1, 'd1', 'c1', '" ANN
	    "', '', 'One', '[]', '{}', 1, 4, 5), (2, 'd2', 'c2', '" ANN
	    "', '', 'Two', '[]', '{}', 1, 4, 5);"
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted,"
	    " action, sync_no) SELECT (d.no << 40) + column1, d.no, 'k' || column1, '[]', 1,"
	    " %lld, column2, 0, 1 FROM dataset d, (VALUES (1, NULL), (2, %lld), (3, %lld));"
	    "INSERT INTO change (owner, object_kind, dataset_no, object_key, sync_no, at, action,"
	    " side, before) SELECT '" ANN "', 'record', 1, 'k1', 1, column1, 1, 'local', '[]'"
	    " FROM (VALUES (%lld), (%lld));"
	    "INSERT INTO web_session (hash, owner, csrf, id, created_at, seen_at, expires_at,"
	    " address, agent) VALUES ('h', '" ANN "', 'c', 's', 1, 1, %lld, '', '')",
	    old, young, young, old, old, old, young, old, young, (long long)NOW + DAY_MS));
}

#define ALL_OF_IT "r1 r2 r3 r4 d1k1 d1k2 d1k3 d2k1 d2k2 d2k3 c2 s1"
#define THE_YOUNG "r2 r3 r4 d1k1 d1k3 d2k1 d2k3 c1 s1"

static void
assert_left(const char *want)
{
	const char *have = raw_lines(
	    "SELECT group_concat(x, ' ') FROM (SELECT 'r' || no AS x FROM sync UNION ALL"
	    " SELECT 'd' || dataset_no || key FROM record UNION ALL"
	    " SELECT 'c' || count(*) FROM change UNION ALL"
	    " SELECT 's' || count(*) FROM web_session)",
	    0);

	assert_string_equal(have, arena_printf(cx.a, "%s\n", want));
}

static void
what_is_old_goes_and_nothing_else(void **state)
{
	(void)state;
	beat();
	old_and_young();
	housekeeping();
	assert_left(THE_YOUNG);
	housekeeping();
	assert_left(THE_YOUNG);
	/* The last run of a connection stays however old it is, and so does what is there. */
	live(3 * DAY_MS);
	housekeeping();
	assert_left("r3 r4 d1k1 d2k1 c0 s0");
}

static void
a_tick_a_year_ahead_deletes_nothing(void **state)
{
	static const int64_t ahead[] = { 2 * DAY_MS, 40 * DAY_MS, 365 * DAY_MS, 3650 * DAY_MS };

	(void)state;
	beat();
	old_and_young();
	housekeeping();
	for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++) {
		clock_step_to(NOW + ahead[i]);
		housekeeping();
		housekeeping();
		assert_left(THE_YOUNG);
		clock_step_to(NOW);
		housekeeping();
		assert_left(THE_YOUNG);
	}
	/* It goes on as ever afterwards. */
	live(3 * DAY_MS);
	housekeeping();
	assert_left("r3 r4 d1k1 d2k1 c0 s0");
}

static void
a_tick_at_the_beginning_of_time_deletes_nothing(void **state)
{
	(void)state;
	beat();
	old_and_young();
	clock_step_to(DAY_MS);
	housekeeping();
	assert_left(ALL_OF_IT);
	clock_step_to(NOW);
	housekeeping();
	assert_left(THE_YOUNG);
}

static void
one_that_was_off_for_long_is_believed_in_time(void **state)
{
	int64_t now;

	(void)state;
	live(HOUR_MS);
	clock_step_by(40 * DAY_MS);
	beat();
	live(DAY_MS);
	assert_ok(queue_trusted_now(&cx, db, clock_ms(), &now));
	assert_int_equal(clock_ms() - now, 39 * DAY_MS);
	live(39 * DAY_MS);
	assert_ok(queue_trusted_now(&cx, db, clock_ms(), &now));
	assert_int_equal(now, clock_ms());
}

static void
before_the_first_beat_nothing_is_old(void **state)
{
	int64_t now;

	(void)state;
	assert_ok(queue_trusted_now(&cx, db, NOW, &now));
	assert_int_equal(now, 0);
}

static void
trust_follows_no_faster_than_twice(void **state)
{
	(void)state;
	assert_int_equal(queue_trust(NOW, NOW, NOW + MINUTE_MS), NOW + MINUTE_MS);
	assert_int_equal(queue_trust(NOW, NOW + DAY_MS, NOW + DAY_MS + 5), NOW + 10);
	assert_int_equal(queue_trust(NOW + DAY_MS, NOW, NOW + 5), NOW + DAY_MS - 10);
	assert_int_equal(queue_trust(NOW, NOW, NOW + 25 * HOUR_MS), NOW + 25 * HOUR_MS);
	assert_int_equal(queue_trust(NOW, NOW, NOW + 25 * HOUR_MS + 1), NOW);
	assert_int_equal(queue_trust(NOW, NOW + 1, NOW), NOW);
}

/* 300 records, the first hundred of them written while the clock stood ten days ahead. */
static void
changes_since_are_found_behind_a_clock_that_was_set_back(void **state)
{
	struct record_list list;
	struct dataset d;

	(void)state;
	raw("INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule,"
	    " rows, next_seq, created_at) VALUES (1, 'd1', 'c1', '" ANN
	    "', '', 'One', '[]', '{}', 300, 301, 5)");
	raw(arena_printf(cx.a,
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
	    " INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, action,"
	    " sync_no)"
	    " SELECT (1 << 40) + i, 1, 'k' || i, '[]', 1, %lld + i * 1000 +"
	    " CASE WHEN i <= 100 THEN 864000000 ELSE 0 END, 0, 1 FROM n",
	    (long long)NOW));
	clock_step_to(NOW + 10 * DAY_MS + 100 * SECOND_MS);
	beat();
	clock_step_to(NOW + 300 * SECOND_MS);
	beat();
	assert_ok(dataset_get(&cx, db, ANN, "d1", &d));
	assert_ok(record_page(&cx, db, ANN, &d,
	    &(struct record_page){ .since = NOW + 2 * DAY_MS, .limit = 500 }, &list));
	assert_int_equal(list.n, 100);
	assert_ok(record_page(&cx, db, ANN, &d,
	    &(struct record_page){ .since = NOW + 251 * SECOND_MS, .limit = 500 }, &list));
	assert_int_equal(list.n, 150);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_hour_there_and_back_stalls_no_schedule),
		TEST(what_a_rule_has_named_is_worked_out_anew),
		TEST(an_hour_back_stalls_nothing_that_is_sent),
		TEST(a_channel_opened_by_a_clock_that_was_ahead_is_opened_anew),
		TEST(what_is_old_goes_and_nothing_else),
		TEST(a_tick_a_year_ahead_deletes_nothing),
		TEST(a_tick_at_the_beginning_of_time_deletes_nothing),
		TEST(one_that_was_off_for_long_is_believed_in_time),
		TEST(before_the_first_beat_nothing_is_old),
		TEST(trust_follows_no_faster_than_twice),
		TEST(changes_since_are_found_behind_a_clock_that_was_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
