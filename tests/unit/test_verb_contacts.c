/* How often a user's contacts are kept level: one schedule for all connections that read people. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/contacts.h"
#include "base/clock.h"

#define NOW INT64_C(1795170600000)

#include "unit/fault_fixture.h"

static struct auto_sync now_set;

static void
connected(const char *id, const char *provider, int enabled, int minutes, int64_t polled)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '" OWNER "', '%s', 'C', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at, last_polled_at, last_success_at, next_poll_at) "
	    "VALUES ('%s', '" OWNER "', %d, 'ok', 'custom', %d, 1, %lld, %lld, %lld)",
	    id, provider, id, enabled, minutes, (long long)polled, (long long)polled,
	    enabled ? (long long)(polled + minutes * MINUTE_MS) : 0));
}

static void
set(const char *change)
{
	assert_ok(contacts_set(&cx, db, &owner_calls, said(change), &now_set));
}

static int64_t
next_of(const char *id)
{
	return raw_number(arena_printf(
	    cx.a, "SELECT COALESCE(next_poll_at, 0) FROM schedule WHERE connection_id = '%s'", id));
}

static void
what_is_set_before_there_is_any_is_for_the_first(void **state)
{
	struct sched s;
	bool any = true;

	(void)state;
	assert_ok(contacts_get(&cx, db, OWNER, &now_set));
	assert_false(now_set.enabled);
	assert_int_equal(now_set.interval_hours, 24);
	assert_ok(contacts_any(&cx, db, OWNER, &any));
	assert_false(any);
	/* Unless somebody has said otherwise, the first one is read each day. */
	assert_ok(contacts_first(&cx, db, OWNER, "google-contacts", NOW, &s));
	assert_true(s.enabled);
	assert_int_equal(s.freq, FREQ_DAILY);
	assert_int_equal(s.next_poll_at, NOW + DAY_MS);
	set("{\"enabled\":false,\"interval_hours\":5}");
	assert_ok(contacts_first(&cx, db, OWNER, "google-contacts", NOW, &s));
	assert_false(s.enabled);
	assert_int_equal(s.freq, FREQ_CUSTOM);
	assert_int_equal(s.interval_minutes, 300);
	assert_int_equal(s.next_poll_at, 0);
	set("{\"enabled\":true}");
	assert_int_equal(now_set.interval_hours, 5);
	assert_ok(contacts_first(&cx, db, OWNER, "google-contacts", NOW, &s));
	assert_int_equal(s.next_poll_at, NOW + 5 * HOUR_MS);
	/* What reads no people goes its own way. */
	assert_ok(contacts_first(&cx, db, OWNER, "csv", NOW, &s));
	assert_int_equal(s.interval_minutes, 60);
	assert_true(contacts_kind("google-contacts"));
	assert_false(contacts_kind("csv"));
	assert_false(contacts_kind("none"));
}

static void
all_that_read_people_have_one_schedule(void **state)
{
	bool any = false;

	(void)state;
	connected("a", "google-contacts", 1, 600, NOW - 5 * HOUR_MS);
	connected("b", "google-contacts", 0, 60, NOW - 30 * HOUR_MS);
	connected("c", "csv", 1, 15, NOW);
	assert_ok(contacts_any(&cx, db, OWNER, &any));
	assert_true(any);
	/* The interval of those that are on; the last success, the next time of any. */
	assert_ok(contacts_get(&cx, db, OWNER, &now_set));
	assert_true(now_set.enabled);
	assert_int_equal(now_set.interval_hours, 10);
	assert_int_equal(now_set.last_sync_at, NOW - 5 * HOUR_MS);
	assert_int_equal(now_set.next_sync_at, NOW + 5 * HOUR_MS);
	set("{\"interval_hours\":12}");
	assert_int_equal(now_set.interval_hours, 12);
	/* One interval after it was read last; what is overdue is read now. */
	assert_int_equal(next_of("a"), NOW + 7 * HOUR_MS);
	assert_int_equal(next_of("b"), NOW);
	assert_int_equal(next_of("c"), NOW + 15 * MINUTE_MS);
	/* The same again moves nothing. */
	clock_step_by(HOUR_MS);
	set("{\"interval_hours\":12,\"enabled\":true}");
	assert_int_equal(next_of("b"), NOW);
	set("{\"enabled\":false}");
	assert_int_equal(next_of("a") + next_of("b"), 0);
	assert_false(now_set.enabled);
	assert_int_equal(now_set.next_sync_at, 0);
	assert_int_equal(next_of("c"), NOW + 15 * MINUTE_MS);
}

static int64_t
next_as_told(void)
{
	assert_ok(contacts_get(&cx, db, OWNER, &now_set));
	return now_set.next_sync_at;
}

static void
what_is_set_before_there_is_any_has_its_next_time(void **state)
{
	(void)state;
	set("{\"enabled\":true,\"interval_hours\":5}");
	assert_int_equal(next_as_told(), NOW + 5 * HOUR_MS);
	/* The same again moves nothing. */
	clock_step_by(2 * HOUR_MS);
	set("{\"enabled\":true,\"interval_hours\":5}");
	assert_int_equal(next_as_told(), NOW + 5 * HOUR_MS);
	/* When it has gone by, it is the one after it. */
	clock_step_by(3 * HOUR_MS);
	assert_int_equal(next_as_told(), NOW + 5 * HOUR_MS);
	clock_step_by(1);
	assert_int_equal(next_as_told(), NOW + 10 * HOUR_MS);
	clock_step_by(10 * HOUR_MS);
	assert_int_equal(next_as_told(), NOW + 20 * HOUR_MS);
	/* What is changed counts from now, and so does what is switched on. */
	set("{\"interval_hours\":6}");
	assert_int_equal(next_as_told(), NOW + 21 * HOUR_MS + 1);
	set("{\"enabled\":false}");
	assert_int_equal(next_as_told(), 0);
	clock_step_by(HOUR_MS);
	set("{\"enabled\":true}");
	assert_int_equal(next_as_told(), NOW + 22 * HOUR_MS + 1);
}

static void
who_may_not_sets_nothing(void **state)
{
	static const char *const wrong[] = { "{\"interval_hours\":0}", "{\"interval_hours\":721}",
		"{\"interval_hours\":\"x\"}", "{\"enabled\":1}", "{\"colour\":1}" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_error(
		    contacts_set(&cx, db, &owner_calls, said(wrong[i]), &now_set), E_INPUT);
	assert_error(contacts_set(&cx, db, owner_may(SCOPE_READ | SCOPE_SYNC),
			 said("{\"enabled\":true}"), &now_set),
	    E_FORBIDDEN);
	assert_ok(contacts_get(&cx, db, OWNER, &now_set));
	assert_false(now_set.enabled);
	assert_string_equal(audited(), "");
}

static int
contacts_open(void **state)
{
	if (verbs_open(state))
		return -1;
	clock_step_to(NOW);
	return 0;
}

static int
contacts_close(void **state)
{
	clock_fake(0);
	return db_teardown(state);
}

#define contacts_test(f) cmocka_unit_test_setup_teardown(f, contacts_open, contacts_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		contacts_test(what_is_set_before_there_is_any_is_for_the_first),
		contacts_test(all_that_read_people_have_one_schedule),
		contacts_test(what_is_set_before_there_is_any_has_its_next_time),
		contacts_test(who_may_not_sets_nothing),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
