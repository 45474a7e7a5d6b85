/* The space that the database file takes, and how it is given back. */
#include "unit/db_fixture.h"

#include <sys/stat.h>

#include "app/retain.h"
#include "base/clock.h"

#define MB (INT64_C(1) << 20)

static int64_t
file_bytes(void)
{
	struct stat st;

	raw("PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(stat(conf_path(cx.a, "tidemark.db"), &st), 0);
	return st.st_size;
}

static struct db_space
space(void)
{
	struct db_space s;

	assert_ok(db_space(&cx, db, &s));
	return s;
}

/* Fills the file with so many megabytes, and deletes them again. */
static void
come_and_go(int mb)
{
	raw(arena_printf(cx.a,
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
	    " INSERT INTO meta SELECT 'big' || i, hex(randomblob(5000)) FROM c;"
	    "DELETE FROM meta WHERE name LIKE 'big%%'",
	    mb * 100));
}

static void
what_deletions_leave_is_given_back_in_small_pieces(void **state)
{
	const int64_t bare = file_bytes();
	int64_t writes;

	(void)state;
	come_and_go(30);
	assert_true(file_bytes() > 28 * MB);
	writes = db_counts(db).writes;
	assert_ok(retain_all(&cx, db, clock_ms()));
	assert_true(db_counts(db).writes - writes > 20);
	assert_true(file_bytes() < bare + 3 * MB);
	assert_true(space().unused <= space().bytes / 16);
	assert_int_equal(raw_number("SELECT count(*) FROM schema_migration"), db_schema_wanted());
}

static void
a_little_is_kept_for_what_comes_next(void **state)
{
	int64_t before;

	(void)state;
	come_and_go(5);
	before = file_bytes();
	assert_ok(retain_all(&cx, db, clock_ms()));
	assert_int_equal(file_bytes(), before);
}

static void
a_file_of_an_earlier_version_is_written_anew_once(void **state)
{
	int64_t before;

	(void)state;
	db_close(db);
	raw("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");
	assert_ok(db_open(&cx, 0, &db));
	assert_false(space().gives);
	come_and_go(20);
	before = file_bytes();
	assert_ok(retain_all(&cx, db, clock_ms()));
	assert_int_equal(file_bytes(), before);
	assert_ok(db_compact(&cx, db));
	assert_true(space().gives);
	assert_int_equal(space().unused, 0);
	assert_true(file_bytes() < 2 * MB);
	come_and_go(20);
	assert_ok(retain_all(&cx, db, clock_ms()));
	assert_true(file_bytes() < 5 * MB);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_deletions_leave_is_given_back_in_small_pieces),
		TEST(a_little_is_kept_for_what_comes_next),
		TEST(a_file_of_an_earlier_version_is_written_anew_once),
	};

	return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
