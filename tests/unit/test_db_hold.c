/* Several writes and what is said about them as one; what somebody's writes take. */
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

struct meter {
	int runs;
	int64_t bytes, most;
	bool urgent;
};

static enum rc
meter_write(struct ctx *c, struct db *d, void *arg)
{
	struct meter *m = arg;

	m->runs++;
	m->urgent = db_is_urgent(d);
	m->bytes = db_written(d);
	TRY(db_run(c, d, NULL, Q_META_PUT, "ss", "last", "1"));
	return m->bytes <= m->most ? RC_OK : fail(c, E_TOO_MANY, "No.");
}

static enum rc
texts_write(struct ctx *c, struct db *d, void *arg)
{
	const char *text = arg;

	TRY(db_run(c, d, NULL, Q_META_PUT, "ss", "a", text));
	TRY(db_run(c, d, NULL, Q_META_PUT, "sS", "b", str_c(text)));
	/* What is read is not written. */
	(void)meta(text);
	return RC_OK;
}

static void
what_a_write_takes_is_counted_and_may_be_refused(void **state)
{
	char text[1001];
	struct meter m = { .most = 10000 };
	struct put a = { .name = "a" };
	int64_t little;

	(void)state;
	memset(text, 'x', 1000);
	text[1000] = '\0';
	assert_int_equal(db_written(db), 0);
	db_meter(db, meter_write, &m);
	assert_ok(db_write(&cx, db, put_write, &a));
	little = m.bytes;
	assert_in_range(little, 1, 900);
	assert_ok(db_write(&cx, db, texts_write, text));
	assert_int_equal(m.runs, 2);
	assert_int_equal(m.bytes, 2 * little + 2 * 999);
	assert_string_equal(meta("last"), "1");
	/* Each by itself. */
	assert_ok(db_write(&cx, db, put_write, &a));
	assert_int_equal(m.bytes, little);
	assert_false(m.urgent);
	db_urgent(db);
	m.most = 1000;
	raw("DELETE FROM meta WHERE name IN ('b', 'last')");
	assert_error(db_write(&cx, db, texts_write, text), E_TOO_MANY);
	assert_true(m.urgent);
	assert_null(meta("b"));
	assert_null(meta("last"));
	db_meter(db, NULL, NULL);
	assert_false(db_is_urgent(db));
	assert_ok(db_write(&cx, db, texts_write, text));
	assert_int_equal(m.runs, 4);
}

static void
what_failed_is_not_counted_and_what_is_held_is_counted_once(void **state)
{
	struct put first = { .name = "first" }, a = { .name = "a" }, b = { .name = "b" },
		   bad = { .name = "bad", .rc = RC_CONFLICT };
	struct meter m = { .most = 10000 };

	(void)state;
	db_meter(db, meter_write, &m);
	assert_error(db_write(&cx, db, put_write, &bad), E_STATE);
	assert_int_equal(m.runs, 0);
	db_hold(db, put_write, &first);
	assert_ok(db_write(&cx, db, put_write, &a));
	assert_int_equal(m.runs, 0);
	assert_ok(db_hold_end(&cx, db, put_write, &b));
	assert_int_equal(m.runs, 1);
	assert_int_equal(seen(), 4);
	raw("DELETE FROM meta WHERE name IN ('first', 'a', 'b', 'last')");
	m.most = 0;
	db_hold(db, put_write, &first);
	assert_ok(db_write(&cx, db, put_write, &a));
	assert_error(db_hold_end(&cx, db, put_write, &b), E_TOO_MANY);
	assert_int_equal(seen(), 0);
	db_meter(db, NULL, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_that_are_held_are_one),
		TEST(a_held_write_that_fails_takes_what_was_before_it_with_it),
		TEST(what_goes_first_may_refuse_and_what_comes_last_may_be_all),
		TEST(what_a_write_takes_is_counted_and_may_be_refused),
		TEST(what_failed_is_not_counted_and_what_is_held_is_counted_once),
	};

	return cmocka_run_group_tests_name("db_hold", tests, NULL, NULL);
}
