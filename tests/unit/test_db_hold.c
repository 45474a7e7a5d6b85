/* Several writes and what is said about them as one. */
#include "unit/db_fixture.h"

struct put {
	const char *name;
	int runs;
	enum rc rc; /* RC_OK: as it went */
};

static enum rc
put_write(struct ctx *c, struct db *d, void *arg)
{
	struct put *p = arg;

	p->runs++;
	TRY(db_run(c, d, NULL, Q_META_PUT, "ss", p->name, "1"));
	return p->rc == RC_OK ? RC_OK : fail(c, E_STATE, "No.");
}

/* Those of the names that another handle sees. */
static int64_t
seen(void)
{
	return raw_number("SELECT count(*) FROM meta WHERE name IN ('first', 'a', 'b', 'last')");
}

static void
writes_that_are_held_are_one(void **state)
{
	struct put first = { .name = "first" }, a = { .name = "a" }, b = { .name = "b" },
		   last = { .name = "last" };

	(void)state;
	db_hold(db, put_write, &first);
	assert_ok(db_write(&cx, db, put_write, &a));
	assert_string_equal(meta("first"), "1");
	assert_int_equal(seen(), 0);
	assert_ok(db_write(&cx, db, put_write, &b));
	assert_int_equal(seen(), 0);
	assert_ok(db_hold_end(&cx, db, put_write, &last));
	assert_int_equal(seen(), 4);
	assert_int_equal(first.runs, 1);
	assert_int_equal(db_counts(db).writes, 1);
	/* It is over. */
	raw("DELETE FROM meta WHERE name = 'b'");
	assert_ok(db_write(&cx, db, put_write, &b));
	assert_int_equal(seen(), 4);
	assert_int_equal(first.runs, 1);
}

static void
a_held_write_that_fails_takes_what_was_before_it_with_it(void **state)
{
	struct put first = { .name = "first" }, a = { .name = "a" }, last = { .name = "last" },
		   bad = { .name = "bad", .rc = RC_CONFLICT };

	(void)state;
	/* When there was nothing before it, nothing. */
	db_hold(db, put_write, &first);
	assert_error(db_write(&cx, db, put_write, &bad), E_STATE);
	assert_ok(db_write(&cx, db, put_write, &a));
	assert_error(db_write(&cx, db, put_write, &bad), E_STATE);
	assert_error(db_hold_end(&cx, db, put_write, &last), E_STATE);
	assert_int_equal(seen(), 0);
	/* What is refused is no failure of what was written: it stays, without a last word. */
	db_hold(db, put_write, &first);
	assert_ok(db_write(&cx, db, put_write, &a));
	assert_ok(db_hold_end(&cx, db, NULL, NULL));
	assert_int_equal(seen(), 2);
}

static void
what_goes_first_may_refuse_and_what_comes_last_may_be_all(void **state)
{
	struct put first = { .name = "first" }, a = { .name = "a" }, last = { .name = "last" },
		   bad = { .name = "bad", .rc = RC_CONFLICT };

	(void)state;
	db_hold(db, put_write, &bad);
	assert_error(db_write(&cx, db, put_write, &a), E_STATE);
	assert_ok(db_hold_end(&cx, db, NULL, NULL));
	assert_int_equal(a.runs, 0);
	assert_null(meta("bad"));
	db_hold(db, put_write, &first);
	assert_ok(db_hold_end(&cx, db, put_write, &last));
	assert_int_equal(seen(), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_that_are_held_are_one),
		TEST(a_held_write_that_fails_takes_what_was_before_it_with_it),
		TEST(what_goes_first_may_refuse_and_what_comes_last_may_be_all),
	};

	return cmocka_run_group_tests_name("db_hold", tests, NULL, NULL);
}
