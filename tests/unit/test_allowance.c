/* What one user can write in a day: what is counted falls steadily, more is refused with how long
 * to wait, and each has his own. */
#include "unit/db_fixture.h"

#include "base/clock.h"
#include "base/conf.h"
#include "store/allowance.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"
#define T0 INT64_C(1790000000000)

enum { MB = 1024 * 1024 };

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	conf_override(CONF_USER_WRITE_MB, "1");
	clock_step_to(T0);
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1), ('" BOB "', 'bob', 'member', 1);");
	return 0;
}

static int
teardown(void **state)
{
	clock_fake(0);
	return db_teardown(state);
}

/* Writes about so many KB. */
static enum rc
kb_write(struct ctx *c, struct db *d, void *arg)
{
	const size_t n = (size_t) * (const int *)arg * 1024;
	char *text = arena_alloc(c->a, n + 1);

	memset(text, 'x', n);
	text[n] = '\0';
	return db_run(c, d, NULL, Q_META_PUT, "ss", "text", text);
}

static enum rc
kb(int n)
{
	return db_write(&cx, db, kb_write, &n);
}

static int64_t
written(const char *owner)
{
	return raw_number(arena_printf(cx.a, "SELECT written FROM account WHERE id = '%s'", owner));
}

static void
what_was_written_falls_steadily(void **state)
{
	const int64_t day = 864000; /* ten a second */

	(void)state;
	assert_int_equal(allowance_left(500, 0, day), 500);
	assert_int_equal(allowance_left(500, 100, day), 499);
	assert_int_equal(allowance_left(500, 1000, day), 490);
	assert_int_equal(allowance_left(500, 50000, day), 0);
	assert_int_equal(allowance_left(500, 60000, day), 0);
	assert_int_equal(allowance_left(day, DAY_MS / 2, day), day / 2);
	assert_int_equal(allowance_left(3 * day, DAY_MS, day), 2 * day);
	assert_int_equal(allowance_left(day, 4 * DAY_MS, day), 0);
	/* Clocks are set back, and far forward. */
	assert_int_equal(allowance_left(500, -1000, day), 500);
	assert_int_equal(allowance_left(500, INT64_MAX, day), 0);
	assert_int_equal(allowance_left(INT64_C(1) << 39, DAY_MS, INT64_C(1000000) * MB), 0);
	/* However little there is, some comes back. */
	assert_int_equal(allowance_left(500, 1000, 1), 499);
}

static void
more_than_a_day_can_hold_waits_as_long_as_is_said(void **state)
{
	int64_t before;

	(void)state;
	allowance_begin(db, ANN);
	assert_ok(kb(1000));
	assert_in_range(written(ANN), 1000 * 1024, 1001 * 1024);
	/* One that is too large is let through, for it is too large at any time. */
	assert_ok(kb(100));
	before = written(ANN);
	assert_in_range(before, 1100 * 1024, 1102 * 1024);
	assert_error(kb(1), E_TOO_MANY);
	assert_int_equal(written(ANN), before);
	assert_in_range(cx.err.wait_ms, 76 * 1024 / 12 * 1000, 79 * 1024 / 12 * 1000);
	clock_step_by(cx.err.wait_ms - 2000);
	assert_error(kb(1), E_TOO_MANY);
	clock_step_by(2000);
	assert_ok(kb(1));
	assert_error(kb(1), E_TOO_MANY);
	assert_in_range(cx.err.wait_ms, 1000, 200 * 1000);
	/* Nobody else's. */
	allowance_begin(db, BOB);
	assert_ok(kb(1));
	allowance_begin(db, "nobody");
	assert_ok(kb(1));
	allowance_end(db);
	before = written(BOB);
	assert_ok(kb(1));
	assert_int_equal(written(BOB), before);
}

static void
what_is_urgent_has_more_and_what_comes_later_is_counted_to_an_end(void **state)
{
	(void)state;
	allowance_count(db, ANN);
	for (int i = 0; i < 5; i++)
		assert_ok(kb(900));
	assert_int_equal(written(ANN), 2 * MB);
	allowance_begin(db, ANN);
	assert_error(kb(1), E_TOO_MANY);
	db_urgent(db);
	assert_ok(kb(900));
	assert_ok(kb(900));
	assert_error(kb(1), E_TOO_MANY);
	/* It does not become less by what is counted. */
	allowance_count(db, ANN);
	assert_ok(kb(1));
	assert_in_range(written(ANN), 3 * MB, 4 * MB);
	allowance_end(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_falls_steadily),
		TEST(more_than_a_day_can_hold_waits_as_long_as_is_said),
		TEST(what_is_urgent_has_more_and_what_comes_later_is_counted_to_an_end),
	};

	return cmocka_run_group_tests_name("allowance", tests, NULL, NULL);
}
