/* A backup that is put back: all of it or nothing, for whoever has the database open. */
#include "unit/db_fixture.h"

#include <fcntl.h>

static const char *copy;

static int
restore_open(void **state)
{
	if (db_setup(state) != 0)
		return -1;
	copy = arena_printf(cx.a, "%s/copy.db", home);
	raw("INSERT INTO meta VALUES ('a', 'then'), ('gone', 'then')");
	assert_ok(db_backup(&cx, db, copy));
	raw("UPDATE meta SET value = 'now' WHERE name = 'a'; DELETE FROM meta WHERE name = 'gone';"
	    "INSERT INTO meta VALUES ('new', 'now')");
	return 0;
}

static void
copy_says(const char *sql)
{
	sqlite3 *h;

	assert_int_equal(sqlite3_open(copy, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
}

static void
is_as_now(void)
{
	assert_string_equal(meta("a"), "now");
	assert_string_equal(meta("new"), "now");
	assert_null(meta("gone"));
	assert_string_equal(raw_lines("SELECT value FROM meta WHERE name = 'a'", 0), "now\n");
}

static void
what_was_then_is_there_again_and_nothing_else(void **state)
{
	struct db *other;
	const char *answer;

	(void)state;
	/* A copy that was made by other means has the name of the feed, too. */
	copy_says("INSERT INTO meta VALUES ('feed_epoch', 'x')");
	assert_ok(db_open(&cx, 0, &other));
	assert_ok(db_restore(&cx, db, copy));
	for (int i = 0; i < 2; i++) {
		assert_string_equal(meta("a"), "then");
		assert_string_equal(meta("gone"), "then");
		assert_null(meta("new"));
		assert_null(meta("feed_epoch"));
		db_close(i ? NULL : db);
		db = other;
	}
	assert_ok(db_integrity(&cx, db, &answer));
	assert_string_equal(answer, "ok");
	/* It can be written to. */
	assert_ok(db_begin(&cx, db));
	assert_ok(db_run(&cx, db, NULL, Q_META_PUT, "ss", "a", "later"));
	assert_ok(db_commit(&cx, db));
	assert_string_equal(raw_lines("SELECT value FROM meta WHERE name = 'a'", 0), "later\n");
}

static void
what_is_no_backup_of_ours_changes_nothing(void **state)
{
	static const char *const spoilt[] = {
		"PRAGMA application_id = 1",
		"PRAGMA user_version = 0",
		"PRAGMA user_version = -1",
		"PRAGMA user_version = 9999",
		"DROP TABLE meta",
		"PRAGMA writable_schema = 1;"
		"UPDATE sqlite_schema SET rootpage = 2 WHERE rootpage > 2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
		assert_int_equal(unlink(copy), 0);
		assert_ok(db_backup(&cx, db, copy));
		copy_says(spoilt[i]);
		assert_error(db_restore(&cx, db, copy), E_STATE);
		is_as_now();
	}
	/* The newest that is known is no newer one. */
	assert_int_equal(unlink(copy), 0);
	assert_ok(db_backup(&cx, db, copy));
	copy_says("UPDATE meta SET value = 'mine' WHERE name = 'a'");
	assert_ok(db_restore(&cx, db, copy));
	assert_string_equal(meta("a"), "mine");
}

static void
a_file_that_is_none_changes_nothing(void **state)
{
	FILE *f;

	(void)state;
	f = fopen(copy, "w");
	assert_non_null(f);
	for (int i = 0; i < 5000; i++)
		fputs("no database", f);
	assert_int_equal(fclose(f), 0);
	assert_error(db_restore(&cx, db, copy), E_STATE);
	is_as_now();
	assert_int_equal(truncate(copy, 0), 0);
	assert_error(db_restore(&cx, db, copy), E_STATE);
	is_as_now();
	assert_int_equal(unlink(copy), 0);
	assert_error(db_restore(&cx, db, copy), E_DISK_BROKEN);
	is_as_now();
}

/* Into a file; what was logged comes back. */
static const char *logged(enum rc (*fn)(struct ctx *, struct db *, const char *))
{
	const char *path = arena_printf(cx.a, "%s/log", home);
	const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const int before = dup(STDERR_FILENO);
	char *text = arena_alloc(cx.a, 4096);
	ssize_t n;

	assert_true(fd >= 0 && before >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	assert_int_not_equal(fn(&cx, db, copy), RC_OK);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	n = pread(fd, text, 4095, 0);
	close(fd);
	assert_true(n >= 0);
	return text;
}

/* What went wrong is what the copy's own handle says of it. */
static void
the_log_says_what_is_wrong_with_the_copy(void **state)
{
	const char *said;

	(void)state;
	assert_int_equal(unlink(copy), 0);
	said = logged(db_restore);
	assert_non_null(strstr(said, "\"statement\":\"restore\""));
	assert_non_null(strstr(said, "unable to open database file"));
	assert_non_null(strstr(said, "\"errno\":2"));
	is_as_now();
}

static void
nothing_is_restored_under_a_transaction(void **state)
{
	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_bug(db_restore(&cx, db, copy));
	assert_ok(db_commit(&cx, db));
	assert_ok(db_read_begin(&cx, db));
	assert_bug(db_restore(&cx, db, copy));
	db_read_end(db);
	is_as_now();
}

/* A reader goes on with what it has begun to read. */
static void
a_reader_sees_what_was_or_what_is_then(void **state)
{
	struct db *other;

	(void)state;
	assert_ok(db_open(&cx, 0, &other));
	assert_ok(db_read_begin(&cx, db));
	is_as_now();
	assert_ok(db_restore(&cx, other, copy));
	assert_string_equal(meta("a"), "now");
	db_read_end(db);
	assert_string_equal(meta("a"), "then");
	db_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, restore_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_then_is_there_again_and_nothing_else),
		TEST(what_is_no_backup_of_ours_changes_nothing),
		TEST(a_file_that_is_none_changes_nothing),
		TEST(the_log_says_what_is_wrong_with_the_copy),
		TEST(nothing_is_restored_under_a_transaction),
		TEST(a_reader_sees_what_was_or_what_is_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
