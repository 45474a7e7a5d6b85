/* Statements and transactions. */
#include "unit/db_fixture.h"

static enum rc
put(const char *name, const char *value)
{
	return db_run(&cx, db, NULL, Q_META_PUT, "ss", name, value);
}

static void
what_is_committed_stays_and_what_is_rolled_back_goes(void **state)
{
	int64_t changed;

	(void)state;
	assert_false(in_write(db));
	assert_ok(db_begin(&cx, db));
	assert_true(in_write(db));
	assert_ok(db_run(&cx, db, &changed, Q_META_PUT, "ss", "a", "1"));
	assert_int_equal(changed, 1);
	assert_ok(db_commit(&cx, db));
	assert_false(in_write(db));
	assert_ok(db_begin(&cx, db));
	assert_ok(put("a", "2"));
	assert_ok(put("b", "2"));
	assert_string_equal(meta("a"), "2");
	db_rollback(db);
	assert_string_equal(meta("a"), "1");
	assert_null(meta("b"));
	db_rollback(db);
	db_close(db);
	assert_ok(db_open(&cx, DB_BIG_CACHE, &db));
	assert_string_equal(meta("a"), "1");
}

static void
changes_are_counted_per_statement(void **state)
{
	int64_t changed;

	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(put("a", "1"));
	assert_ok(db_run(&cx, db, &changed, Q_DOOM_GONE, "ss", "none", "none"));
	assert_int_equal(changed, 0);
	assert_ok(db_commit(&cx, db));
}

static void
rows_are_read_one_after_the_other(void **state)
{
	int n = 0;

	(void)state;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('u', 'u', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('c', 'u', 'csv', 'x', '{}', 1, 1);"
	    "INSERT INTO dataset (id, connection_id, owner, remote_id, name, columns, key_rule, "
	    "view_name, created_at) VALUES "
	    "('d1', 'c', 'u', '1', 'one', '[]', '{}', 'v', 7), ('d2', 'c', 'u', '2', 'two', '[]', "
	    "'{}', NULL, 8)");
	assert_ok(db_query(&cx, db, Q_DATASET_LIST, "ss", "u", "c"));
	while (db_next(db, Q_DATASET_LIST)) {
		n++;
		assert_int_equal(db_num(db, Q_DATASET_LIST, 0), n);
		assert_string_equal(db_text(db, Q_DATASET_LIST, 1), n == 1 ? "d1" : "d2");
		assert_int_equal(db_str(db, Q_DATASET_LIST, 5).n, 3);
		assert_int_equal(db_null(db, Q_DATASET_LIST, 8), n == 2);
		if (n == 2) {
			assert_null(db_text(db, Q_DATASET_LIST, 8));
			assert_null(db_str(db, Q_DATASET_LIST, 8).p);
			assert_null(db_dup(cx.a, db, Q_DATASET_LIST, 8));
		}
	}
	assert_false(db_next(db, Q_DATASET_LIST));
	assert_ok(db_done(&cx, db, Q_DATASET_LIST));
	assert_int_equal(n, 2);
}

static void
slices_are_bound_by_length(void **state)
{
	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(db_run(&cx, db, NULL, Q_META_PUT, "SS", ((struct str){ "abcdef", 2 }), STR("")));
	assert_ok(db_commit(&cx, db));
	assert_string_equal(meta("ab"), "");
	/* NULL is null, which this column refuses. */
	assert_ok(db_begin(&cx, db));
	assert_error(
	    db_run(&cx, db, NULL, Q_META_PUT, "sS", "x", ((struct str){ NULL, 0 })), E_STATE);
	assert_error(db_run(&cx, db, NULL, Q_META_PUT, "sn", "x"), E_STATE);
	db_rollback(db);
}

static void
our_own_mistakes_are_bugs(void **state)
{
	bool found;

	(void)state;
	assert_bug(put("a", "1"));
	assert_bug(db_commit(&cx, db));
	assert_bug(db_view(&cx, db, NULL, "CREATE VIEW v AS SELECT 1"));
	assert_ok(db_begin(&cx, db));
	assert_bug(db_begin(&cx, db));
	assert_bug(db_run(&cx, db, NULL, Q_META_PUT, "s", "a"));
	assert_ok(put("a", "1"));
	assert_bug(db_run(&cx, db, NULL, Q_META_GET, "s", "a"));
	assert_ok(db_row(&cx, db, &found, Q_META_GET, "s", "a"));
	assert_true(found);
	assert_bug(db_row(&cx, db, &found, Q_META_GET, "s", "a"));
	/* The refusal closed it: the next one works. */
	assert_string_equal(meta("a"), "1");
	assert_ok(db_commit(&cx, db));
	assert_ok(db_read_begin(&cx, db));
	assert_bug(db_begin(&cx, db));
	assert_bug(put("a", "2"));
	db_read_end(db);
	assert_string_equal(meta("a"), "1");
}

static void
a_reader_does_not_cross_the_end_of_a_transaction(void **state)
{
	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(put("a", "1"));
	assert_ok(db_query(&cx, db, Q_META_GET, "s", "a"));
	assert_true(db_next(db, Q_META_GET));
	assert_ok(db_commit(&cx, db));
	assert_false(db_next(db, Q_META_GET));
	assert_bug(db_done(&cx, db, Q_META_GET));
	db_reset(db, Q_META_GET);
	/* One that was only left open is nobody's concern. */
	assert_ok(db_query(&cx, db, Q_META_GET, "s", "a"));
	assert_true(db_next(db, Q_META_GET));
	db_rollback(db);
	assert_string_equal(meta("a"), "1");
}

static void
a_read_transaction_sees_one_moment(void **state)
{
	(void)state;
	raw("INSERT INTO meta VALUES ('a', '1')");
	assert_ok(db_read_begin(&cx, db));
	assert_string_equal(meta("a"), "1");
	assert_ok(db_read_begin(&cx, db));
	raw("UPDATE meta SET value = '2'");
	assert_string_equal(meta("a"), "1");
	db_read_end(db);
	assert_string_equal(meta("a"), "1");
	db_read_end(db);
	assert_string_equal(meta("a"), "2");
	/* One too many does no harm; inside a write transaction it is part of that. */
	db_read_end(db);
	assert_ok(db_begin(&cx, db));
	assert_ok(db_read_begin(&cx, db));
	assert_ok(put("a", "3"));
	db_read_end(db);
	assert_true(in_write(db));
	assert_ok(db_commit(&cx, db));
	assert_string_equal(meta("a"), "3");
}

static void
a_busy_database_is_told_with_a_time_to_wait(void **state)
{
	sqlite3 *other = raw_open();

	(void)state;
	sqlite3_busy_timeout(sqlite_handle(db->engine), 30);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_error(db_begin(&cx, db), E_UNAVAILABLE);
	assert_int_equal(cx.err.wait_ms, 2000);
	assert_false(in_write(db));
	/* Readers do not mind. */
	assert_null(meta("a"));
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_ok(db_begin(&cx, db));
	db_rollback(db);
}

static void
broken_rules_of_the_schema_are_wrong_state_without_sql(void **state)
{
	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_error(db_run(&cx, db, NULL, Q_NOTICE_PUT, "sssssss", "n", "nobody", NULL,
			 "attention", "x", "y", "1"),
	    E_STATE);
	assert_null(strstr(cx.err.detail, "FOREIGN"));
	assert_null(strstr(cx.err.detail, "notice"));
	/* The transaction goes on: only the statement was refused. */
	assert_ok(put("a", "1"));
	assert_ok(db_commit(&cx, db));
	assert_string_equal(meta("a"), "1");
}

static void
a_full_disk_undoes_everything_and_nothing_is_written_alone(void **state)
{
	char *big = arena_alloc(cx.a, 3 << 20);
	char limit[60];

	(void)state;
	memset(big, 'x', (3 << 20) - 1);
	snprintf(limit, sizeof limit, "PRAGMA max_page_count = %lld",
	    (long long)ask_handle(sqlite_handle(db->engine), "PRAGMA page_count") + 20);
	ask_handle(sqlite_handle(db->engine), limit);
	assert_ok(db_begin(&cx, db));
	assert_ok(put("a", "1"));
	assert_error(put("b", big), E_DISK_FULL);
	if (sqlite3_get_autocommit(sqlite_handle(db->engine))) {
		assert_error(put("c", "1"), E_UNAVAILABLE);
		assert_error(db_commit(&cx, db), E_UNAVAILABLE);
	} else {
		db_rollback(db);
	}
	assert_false(in_write(db));
	assert_null(meta("a"));
	assert_null(meta("c"));
	assert_ok(db_begin(&cx, db));
	assert_ok(put("a", "2"));
	assert_ok(db_commit(&cx, db));
	assert_string_equal(meta("a"), "2");
}

static void
a_transaction_that_sqlite_undid_is_noticed(void **state)
{
	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(put("a", "1"));
	assert_int_equal(
	    sqlite3_exec(sqlite_handle(db->engine), "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_error(put("b", "1"), E_UNAVAILABLE);
	assert_error(db_commit(&cx, db), E_UNAVAILABLE);
	assert_false(in_write(db));
	assert_null(meta("a"));
	assert_null(meta("b"));
	assert_ok(db_begin(&cx, db));
	db_rollback(db);
}

static void
the_settings_are_as_they_must_be(void **state)
{
	sqlite3_stmt *st;

	(void)state;
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA foreign_keys"), 1);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA synchronous"), 2);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA trusted_schema"), 0);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA secure_delete"), 1);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA cell_size_check"), 1);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA mmap_size"), 0);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "PRAGMA cache_size"), -256);
	assert_int_equal(ask_handle(sqlite_handle(db->engine),
			     "SELECT journal_mode = 'wal' FROM pragma_journal_mode"),
	    1);
	assert_int_equal(
	    ask_handle(sqlite_handle(db->engine), "PRAGMA application_id"), APPLICATION_ID);
	/* A misspelt column must not become a text. */
	assert_int_equal(
	    sqlite3_prepare_v2(sqlite_handle(db->engine), "SELECT \"nope\"", -1, &st, NULL),
	    SQLITE_ERROR);
	assert_int_equal(
	    sqlite3_exec(sqlite_handle(db->engine), "ATTACH ':memory:' AS x", NULL, NULL, NULL),
	    SQLITE_ERROR);
	assert_int_equal(
	    sqlite3_exec(sqlite_handle(db->engine), "SELECT load_extension('x')", NULL, NULL, NULL),
	    SQLITE_ERROR);
	assert_int_not_equal(
	    sqlite3_exec(sqlite_handle(db->engine),
		"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema", NULL, NULL, NULL),
	    SQLITE_OK);
}

static void
views_come_and_go_in_a_transaction(void **state)
{
	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(db_view(&cx, db, NULL, "CREATE VIEW v_test AS SELECT 42 AS n"));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "SELECT n FROM v_test"), 42);
	assert_ok(db_begin(&cx, db));
	assert_ok(
	    db_view(&cx, db, "DROP VIEW IF EXISTS v_test", "CREATE VIEW v_test AS SELECT 43 AS n"));
	db_rollback(db);
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "SELECT n FROM v_test"), 42);
	assert_ok(db_begin(&cx, db));
	assert_ok(db_view(&cx, db, "DROP VIEW IF EXISTS v_test", NULL));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(ask_handle(sqlite_handle(db->engine),
			     "SELECT count(*) FROM sqlite_schema WHERE name = 'v_test'"),
	    0);
}

/*
 * Writes as functions.
 */

/* A driver that is SQLite's but for what a test makes of it. */
static struct driver odd;
static struct {
	enum engine_code begin, commit, next; /* what they end with, so many times */
	int begins, commits, nexts;
} plan;

static enum engine_code
odd_begin(struct engine *e, bool write)
{
	return write && plan.begins-- > 0 ? plan.begin : driver_sqlite.begin(e, write);
}

static enum engine_code
odd_commit(struct engine *e)
{
	return plan.commits-- > 0 ? plan.commit : driver_sqlite.commit(e);
}

static enum engine_code
odd_next(struct engine *e, struct stmt *st)
{
	return plan.nexts-- > 0 ? plan.next : driver_sqlite.next(e, st);
}

static void
make_odd(void)
{
	memset(&plan, 0, sizeof plan);
	odd = driver_sqlite;
	odd.begin = odd_begin;
	odd.commit = odd_commit;
	odd.next = odd_next;
	db->drv = &odd;
}

/* Puts one name in; counts how often it is run. */
struct put {
	const char *name;
	int runs;
	enum rc rc; /* RC_OK: as it went */
	bool deaf;  /* says that it went well, however it went */
};

static enum rc
put_write(struct ctx *c, struct db *d, void *arg)
{
	struct put *p = arg;
	enum rc rc;

	p->runs++;
	rc = db_run(c, d, NULL, Q_META_PUT, "ss", p->name, "1");
	if (p->rc != RC_OK)
		return fail(c, E_STATE, "No.");
	return p->deaf ? RC_OK : rc;
}

static void
a_write_is_begun_run_and_committed(void **state)
{
	struct put p = { .name = "a" };

	(void)state;
	assert_ok(db_write(&cx, db, put_write, &p));
	assert_false(in_write(db));
	assert_string_equal(meta("a"), "1");
	assert_int_equal(p.runs, 1);
	assert_int_equal(db_counts(db).writes, 1);
	assert_int_equal(db_counts(db).again, 0);
}

static void
a_write_that_fails_leaves_nothing_and_is_not_run_again(void **state)
{
	struct put p = { .name = "a", .rc = RC_CONFLICT };

	(void)state;
	assert_error(db_write(&cx, db, put_write, &p), E_STATE);
	assert_false(in_write(db));
	assert_null(meta("a"));
	assert_int_equal(p.runs, 1);
}

static void
a_write_that_got_in_anothers_way_is_run_again(void **state)
{
	struct put p = { .name = "a" };

	(void)state;
	make_odd();
	plan.commit = ENGINE_SERIAL;
	plan.commits = 2;
	assert_ok(db_write(&cx, db, put_write, &p));
	assert_int_equal(p.runs, 3);
	assert_string_equal(meta("a"), "1");
	assert_int_equal(db_counts(db).again, 2);
	assert_int_equal(cx.err.kind, E_NONE);
	/* Also when a statement in the middle says it, and nobody listens. */
	p = (struct put){ .name = "b", .deaf = true };
	plan.next = ENGINE_BUSY;
	plan.nexts = 1;
	assert_ok(db_write(&cx, db, put_write, &p));
	assert_int_equal(p.runs, 2);
	assert_string_equal(meta("b"), "1");
	/* And when it cannot even begin. */
	p = (struct put){ .name = "c" };
	plan.begin = ENGINE_BUSY;
	plan.begins = 1;
	assert_ok(db_write(&cx, db, put_write, &p));
	assert_int_equal(p.runs, 1);
	assert_string_equal(meta("c"), "1");
}

static void
a_write_is_given_up_after_some_tries_with_a_time_to_wait(void **state)
{
	struct put p = { .name = "a" };

	(void)state;
	make_odd();
	plan.commit = ENGINE_SERIAL;
	plan.commits = 1000;
	assert_error(db_write(&cx, db, put_write, &p), E_UNAVAILABLE);
	assert_int_equal(cx.err.wait_ms, 2000);
	assert_int_equal(p.runs, WRITE_TRIES);
	assert_int_equal(db_counts(db).given_up, 1);
	plan.commits = 0;
	assert_null(meta("a"));
	assert_false(in_write(db));
}

static void
other_failures_of_the_engine_are_not_tried_again(void **state)
{
	static const struct {
		enum engine_code code;
		enum error_kind kind;
	} row[] = {
		{ ENGINE_REFUSED, E_STATE },
		{ ENGINE_FULL, E_DISK_FULL },
		{ ENGINE_TOO_LARGE, E_TOO_LARGE },
		{ ENGINE_READ_ONLY, E_READ_ONLY },
		{ ENGINE_DAMAGED, E_DAMAGED },
		{ ENGINE_IO, E_DISK_BROKEN },
		{ ENGINE_MEMORY, E_MEMORY },
		{ ENGINE_RESOURCES, E_UNAVAILABLE },
	};

	(void)state;
	make_odd();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct put p = { .name = "a" };

		plan.next = row[i].code;
		plan.nexts = 1;
		assert_error(db_write(&cx, db, put_write, &p), row[i].kind);
		assert_int_equal(p.runs, 1);
		assert_null(meta("a"));
	}
}

/* A write with a write inside. */
struct outer {
	struct put before, inside, after;
	bool pass_over;
};

static enum rc
outer_write(struct ctx *c, struct db *d, void *arg)
{
	struct outer *o = arg;
	enum rc rc;

	TRY(put_write(c, d, &o->before));
	rc = db_write(c, d, put_write, &o->inside);
	if (rc != RC_OK && !o->pass_over)
		return rc;
	return put_write(c, d, &o->after);
}

static void
a_write_inside_a_write_is_a_part_of_it(void **state)
{
	struct outer o = { { .name = "a" }, { .name = "b" }, { .name = "c" }, false };

	(void)state;
	assert_ok(db_write(&cx, db, outer_write, &o));
	assert_string_equal(meta("b"), "1");
	assert_int_equal(db_counts(db).writes, 1);
	/* The whole is run again, not the part. */
	make_odd();
	plan.commit = ENGINE_SERIAL;
	plan.commits = 1;
	assert_ok(db_write(&cx, db, outer_write, &o));
	assert_int_equal(o.before.runs, 3);
	assert_int_equal(o.inside.runs, 3);
}

static void
a_part_that_fails_cannot_be_passed_over(void **state)
{
	struct outer o = { { .name = "a" }, { .name = "b", .rc = RC_CONFLICT }, { .name = "c" },
		true };

	(void)state;
	assert_error(db_write(&cx, db, outer_write, &o), E_STATE);
	assert_string_equal(cx.err.detail, "No.");
	assert_int_equal(o.after.runs, 1);
	assert_null(meta("a"));
	assert_null(meta("b"));
	assert_null(meta("c"));
	/* The next write has nothing to do with it. */
	o = (struct outer){ { .name = "a" }, { .name = "b" }, { .name = "c" }, false };
	assert_ok(db_write(&cx, db, outer_write, &o));
}

static enum rc
half_named_write(struct ctx *c, struct db *d, void *arg)
{
	const struct db_arg args[P_RUN_INSERT__N] = { [P_RUN_INSERT_ID] = db_s("x") };

	(void)arg;
	return db_run_named(c, d, NULL, Q_RUN_INSERT, args, P_RUN_INSERT__N);
}

static void
a_parameter_that_is_not_given_is_a_bug(void **state)
{
	(void)state;
	assert_bug(db_write(&cx, db, half_named_write, NULL));
	assert_int_equal(ask_handle(sqlite_handle(db->engine), "SELECT count(*) FROM sync"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_committed_stays_and_what_is_rolled_back_goes),
		TEST(changes_are_counted_per_statement),
		TEST(rows_are_read_one_after_the_other),
		TEST(slices_are_bound_by_length),
		TEST(our_own_mistakes_are_bugs),
		TEST(a_reader_does_not_cross_the_end_of_a_transaction),
		TEST(a_read_transaction_sees_one_moment),
		TEST(a_busy_database_is_told_with_a_time_to_wait),
		TEST(broken_rules_of_the_schema_are_wrong_state_without_sql),
		TEST(a_full_disk_undoes_everything_and_nothing_is_written_alone),
		TEST(a_transaction_that_sqlite_undid_is_noticed),
		TEST(the_settings_are_as_they_must_be),
		TEST(views_come_and_go_in_a_transaction),
		TEST(a_write_is_begun_run_and_committed),
		TEST(a_write_that_fails_leaves_nothing_and_is_not_run_again),
		TEST(a_write_that_got_in_anothers_way_is_run_again),
		TEST(a_write_is_given_up_after_some_tries_with_a_time_to_wait),
		TEST(other_failures_of_the_engine_are_not_tried_again),
		TEST(a_write_inside_a_write_is_a_part_of_it),
		TEST(a_part_that_fails_cannot_be_passed_over),
		TEST(a_parameter_that_is_not_given_is_a_bug),
	};
	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
