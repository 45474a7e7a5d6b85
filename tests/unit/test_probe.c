/* A glance at the database tells what is wrong with it, whoever has met it. */
#include "unit/db_fixture.h"

static void
is_sound(void)
{
	cx.err = (struct err){ 0 };
	assert_ok(db_probe(&cx, db));
}

static void
what_is_sound_is_called_so_while_somebody_writes(void **state)
{
	sqlite3 *h = raw_open();

	(void)state;
	is_sound();
	assert_int_equal(sqlite3_exec(h, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	is_sound();
	sqlite3_close(h);
}

static void
damage_that_one_has_met_is_told_by_all_until_it_is_over(void **state)
{
	const char *first;

	(void)state;
	db_note_damage(&cx, "change_list");
	assert_error(db_probe(&cx, db), E_DAMAGED);
	assert_non_null(strstr(cx.err.detail, "change_list met it at "));
	first = arena_dup(cx.a, cx.err.detail);
	/* What was met first is the one to look at. */
	db_note_damage(&cx, "other");
	assert_error(db_probe(&cx, db), E_DAMAGED);
	assert_string_equal(cx.err.detail, first);
	db_forget_damage(cx.a);
	is_sound();
	/* An empty note tells of nothing, and takes the next one. */
	assert_int_equal(system(arena_printf(cx.a, ": > %s", conf_path(cx.a, "damaged"))), 0);
	is_sound();
	db_note_damage(&cx, "other");
	assert_error(db_probe(&cx, db), E_DAMAGED);
}

static void
a_file_that_is_another_one_now_is_told(void **state)
{
	const char *path = conf_path(cx.a, "tidemark.db"), *aside = conf_path(cx.a, "aside.db");

	(void)state;
	assert_int_equal(rename(path, aside), 0);
	assert_error(db_probe(&cx, db), E_DAMAGED);
	assert_non_null(strstr(cx.err.detail, "moved or replaced"));
	/* Of the same bytes it is another all the same: what is written goes into the old one. */
	assert_int_equal(system(arena_printf(cx.a, "cp %s %s", aside, path)), 0);
	assert_error(db_probe(&cx, db), E_DAMAGED);
	assert_int_equal(rename(aside, path), 0);
	is_sound();
}

static void
what_an_open_database_needs_is_made_where_it_is_missing(void **state)
{
	const char *v[DB_FILES + 1];
	size_t n = 0;

	(void)state;
	assert_ok(db_files(&cx, cx.a, v));
	while (v[n])
		assert_int_equal(access(v[n++], R_OK | W_OK), 0);
	assert_int_equal(n, DB_FILES);
	/* The note that was made says nothing. */
	is_sound();
	assert_int_equal(unlink(conf_path(cx.a, "damaged")), 0);
	assert_int_equal(symlink("/etc/hostname", conf_path(cx.a, "damaged")), 0);
	assert_error(db_files(&cx, cx.a, v), E_UNAVAILABLE);
}

static void
a_stamp_is_another_after_a_commit(void **state)
{
	int64_t before, version[2];

	(void)state;
	raw("INSERT INTO meta VALUES ('a', '1')");
	before = db_stamp(&cx);
	assert_ok(db_version(&cx, db, &version[0]));
	assert_true(before != 0 && db_stamp(&cx) == before);
	/* Times of files are as coarse as a tick of the kernel. */
	while (db_stamp(&cx) == before)
		raw("UPDATE meta SET value = value + 1 WHERE name = 'a'");
	assert_ok(db_version(&cx, db, &version[1]));
	assert_true(version[1] != version[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_sound_is_called_so_while_somebody_writes),
		TEST(damage_that_one_has_met_is_told_by_all_until_it_is_over),
		TEST(a_file_that_is_another_one_now_is_told),
		TEST(what_an_open_database_needs_is_made_where_it_is_missing),
		TEST(a_stamp_is_another_after_a_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
