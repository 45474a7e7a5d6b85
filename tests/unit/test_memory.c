/*
 * SQLite meets too little memory: at every place where it asks for some, once. What comes of it is
 * told as that, a write has happened or not, and the next one goes on.
 */
#include "engine_fixture.h"

#include "store/run.h"

#define TWO "id,v\n1,a\n2,b\n"
#define THREE "id,v\n1,a\n2,new\n3,c\n"

static sqlite3_mem_methods plain;
static int left; /* so many more are given, then one is not; below 0: all are */

static void *
scarce_malloc(int n)
{
	if (left >= 0 && left-- == 0)
		return NULL;
	return plain.xMalloc(n);
}

static void *
scarce_realloc(void *p, int n)
{
	if (left >= 0 && left-- == 0)
		return NULL;
	return plain.xRealloc(p, n);
}

/* Before SQLite is used at all; it can be set then alone. */
static int
scarce_open(void **state)
{
	sqlite3_mem_methods scarce;

	(void)state;
	left = -1;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK)
		return -1;
	scarce = plain;
	scarce.xMalloc = scarce_malloc;
	scarce.xRealloc = scarce_realloc;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce) == SQLITE_OK ? 0 : -1;
}

static enum rc
meta_put(struct ctx *c, struct db *d)
{
	enum rc rc = db_begin(c, d);

	if (rc == RC_OK)
		rc = db_run(c, d, NULL, Q_META_PUT, "ss", "a", "new");
	if (rc == RC_OK)
		rc = db_commit(c, d);
	if (rc != RC_OK)
		db_rollback(d);
	return rc;
}

static void
a_write_without_memory_says_so_and_has_not_happened(void **state)
{
	int failed = 0;

	(void)state;
	for (int at = 0; at < 200; at++) {
		bool fired;

		raw("DELETE FROM meta WHERE name = 'a'");
		db_close(db);
		assert_ok(db_open(&cx, 0, &db));
		left = at;
		if (meta_put(&cx, db) != RC_OK) {
			fired = left < 0;
			left = -1;
			assert_true(fired);
			failed++;
			assert_int_equal(cx.err.kind, E_MEMORY);
			assert_string_equal(
			    raw_lines("SELECT count(*) FROM meta WHERE name = 'a'", 0), "0\n");
			assert_ok(meta_put(&cx, db));
		}
		left = -1;
		assert_string_equal(
		    raw_lines("SELECT value FROM meta WHERE name = 'a'", 0), "new\n");
	}
	assert_true(failed > 3);
}

/* Its end needs memory too: one that could not be written is taken up as that of a dead worker. */
static void
a_run_without_memory_is_told_as_that(void **state)
{
	int told = 0;

	(void)state;
	(void)sync_text(TWO);
	for (int at = 0; at < 400; at += 7) {
		const char *text = at % 2 ? TWO : THREE, *code;
		struct claim_state st = { 0 };
		struct job job = { 0 };
		bool found;

		raw("UPDATE schedule SET enabled = 1, failing = 0, next_poll_at = 1");
		clock_step_by(MINUTE_MS);
		script.text = text;
		assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
		assert_true(found);
		left = at;
		told += engine_run(&cx, db, &job) != RC_OK && cx.err.kind == E_MEMORY;
		left = -1;
		code = raw_lines("SELECT COALESCE(error_code, state) FROM sync"
				 " ORDER BY no DESC LIMIT 1",
		    0);
		told += !strcmp(code, "out_of_memory\n");
		if (strcmp(code, "out_of_memory\n") && strcmp(code, "complete\n") &&
		    strcmp(code, "running\n"))
			flunk("at %d: %s", at, code);
		raw("UPDATE sync SET state = 'error' WHERE state = 'running'");
		db_close(db);
		assert_ok(db_open(&cx, 0, &db));
		assert_string_equal(sync_text(text).state, "complete");
	}
	assert_true(told > 3);
	clock_fake(0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_write_without_memory_says_so_and_has_not_happened),
		TEST(a_run_without_memory_is_told_as_that),
	};

	return cmocka_run_group_tests_name("memory", tests, scarce_open, NULL);
}
