/* Statements and transactions. */
#include "unit/db_fixture.h"

static enum rc
put(const char *name, const char *value)
{
	return db_run(&cx, db, NULL, Q_META_PUT, "ss", name, value);
}

static void
every_statement_can_be_prepared(void **state)
{
	(void)state;
	assert_ok(db_prepare_all(&cx, db));
	for (int q = 0; q < Q__MAX; q++)
		assert_true(*db_sql_name((enum sql)q) != '\0');
}

static void
what_is_committed_stays_and_what_is_rolled_back_goes(void **state)
{
	int64_t changed;

	(void)state;
	assert_false(db_in_write(db));
	assert_ok(db_begin(&cx, db));
	assert_true(db_in_write(db));
	assert_ok(db_run(&cx, db, &changed, Q_META_PUT, "ss", "a", "1"));
	assert_int_equal(changed, 1);
	assert_ok(db_commit(&cx, db));
	assert_false(db_in_write(db));
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
	assert_ok(db_run(&cx, db, &changed, Q_CONN_DELETE, "ss", "none", "none"));
	assert_int_equal(changed, 0);
	assert_ok(db_commit(&cx, db));
}

static void
rows_are_read_one_after_the_other(void **state)
{
	int n = 0;

	(void)state;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('u', 'u', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) VALUES ('c', 'u', 'csv', 'x', '{}', 1, 1);"
	    "INSERT INTO dataset (id, connection_id, owner, remote_id, name, columns, key_rule, view_name, created_at) VALUES "
	    "('d1', 'c', 'u', '1', 'one', '[]', '{}', 'v', 7), ('d2', 'c', 'u', '2', 'two', '[]', '{}', NULL, 8)");
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
	assert_true(db_in_write(db));
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
	assert_false(db_in_write(db));
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
	assert_false(db_in_write(db));
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
	assert_false(db_in_write(db));
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_statement_can_be_prepared),
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
	};
	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
