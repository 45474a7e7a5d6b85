/*
 * What a run costs the disk. SQLite's way to the files is counted: how often a run waits for the
 * disk, and how much it writes to the log. Built with TIDEMARK_STEPS (build/steps).
 */
#include "engine_fixture.h"

#include "db/driver.h"
#include "db/handle.h"
#include "store/run.h"

#define TWO "id,v\n1,a\n2,b\n"
#define NOON (INT64_C(1764158400) * 1000) /* on a day in UTC */

static struct {
	bool on; /* not while the test itself writes */
	int syncs;
	int64_t log_bytes;
	int commits; /* written to the log */
} cost;

/* A frame of the log is a head and a page; the head of the last one of a transaction says so. */
enum { FRAME_HEAD = 24, FRAME = FRAME_HEAD + 4096 };

static sqlite3_vfs counting, *plain;
static sqlite3_io_methods counted[2]; /* of the database and of its log */
static int (*plain_sync)(sqlite3_file *, int);
static int (*plain_write)(sqlite3_file *, const void *, int, sqlite3_int64);

static int
count_sync(sqlite3_file *f, int flags)
{
	cost.syncs += cost.on;
	return plain_sync(f, flags);
}

static int
count_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	static const unsigned char none[4];

	cost.log_bytes += cost.on ? n : 0;
	cost.commits += cost.on && n == FRAME_HEAD && memcmp((const char *)p + 4, none, 4);
	return plain_write(f, p, n, at);
}

static int
count_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	const bool log = flags & SQLITE_OPEN_WAL;
	int code = plain->xOpen(plain, name, f, flags, out);

	(void)vfs;
	if (code != SQLITE_OK || !(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)))
		return code;
	counted[log] = *f->pMethods;
	plain_sync = f->pMethods->xSync;
	plain_write = f->pMethods->xWrite;
	counted[log].xSync = count_sync;
	if (log)
		counted[log].xWrite = count_write;
	f->pMethods = &counted[log];
	return code;
}

static int
setup(void **state)
{
	if (!plain) {
		plain = sqlite3_vfs_find(NULL);
		counting = *plain;
		counting.zName = "counting";
		counting.xOpen = count_open;
		sqlite3_vfs_register(&counting, 1);
	}
	if (fixture_open(state))
		return -1;
	clock_step_to(NOON);
	return 0;
}

static int
teardown(void **state)
{
	clock_fake(0);
	return fixture_close(state);
}

/* The next scheduled run, to its end. */
static void
scheduled(const char *text)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	bool found;

	script.text = text;
	raw("UPDATE schedule SET enabled = 1, next_poll_at = 1");
	clock_step_by(MINUTE_MS);
	cost.on = true;
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_ok(engine_run(&cx, db, &job));
	cost.on = false;
	assert_int_equal(raw_number("SELECT count(*) FROM sync ORDER BY no DESC LIMIT 1"),
	    raw_number("SELECT count(*) FROM sync WHERE state = 'complete'"));
}

static int64_t
rows_kept(void)
{
	return raw_number("SELECT (SELECT count(*) FROM sync) + (SELECT count(*) FROM sync_log)"
			  " + (SELECT count(*) FROM change) + (SELECT count(*) FROM notice)");
}

static int64_t
runs_counted(void)
{
	struct run_day_list days;
	int64_t n = 0;

	assert_ok(run_days(&cx, db, OWNER, CONN, 0, &days));
	for (size_t i = 0; i < days.n; i++)
		n += days.v[i].complete;
	return n;
}

static void
a_run_that_changes_nothing_waits_for_the_disk_once_and_leaves_no_row(void **state)
{
	/* The source says so; its bytes are the same; its records are. */
	static const char *const same[] = { TWO, TWO, TWO "\n" };

	(void)state;
	scheduled(TWO);
	for (int kind = 0; kind < 3; kind++) {
		int64_t rows;

		script.unchanged = kind == 0;
		for (int i = 0; i < 2; i++)
			scheduled(i % 2 ? same[kind] : TWO);
		rows = rows_kept();
		memset(&cost, 0, sizeof cost);
		for (int i = 0; i < 6; i++)
			scheduled(i % 2 ? same[kind] : TWO);
		assert_int_equal(cost.syncs, 6);
		/* Its claim and its end, and no page that need not be: the cursor's is only for
		 * other bytes. */
		assert_int_equal(cost.commits, 6 * 2);
		assert_in_range(cost.log_bytes, 1, 6 * (kind == 2 ? 14 : 13) * FRAME);
		assert_int_equal(rows_kept(), rows);
	}
	assert_int_equal(runs_counted(), 25);
	assert_int_equal(raw_number("SELECT sum(1 + rolled) FROM sync"), 25);
}

static void
what_was_found_is_safe_before_anybody_is_told(void **state)
{
	(void)state;
	scheduled(TWO);
	memset(&cost, 0, sizeof cost);
	scheduled("id,v\n1,a\n2,new\n");
	/* The first change takes the cursor away, a page has the records, the last ends the run. */
	assert_int_equal(cost.syncs, 3);
}

static void
a_run_with_news_ends_what_is_rolled_up(void **state)
{
	(void)state;
	scheduled(TWO);
	for (int i = 0; i < 4; i++)
		scheduled(TWO);
	scheduled("id,v\n1,a\n2,new\n");
	for (int i = 0; i < 3; i++)
		scheduled("id,v\n1,a\n2,new\n");
	assert_string_equal(raw_lines("SELECT added || ' ' || updated || ' ' || rolled || ' ' ||"
				      " COALESCE((rolled_from - started_at) / 60000, 0)"
				      " FROM sync ORDER BY no",
				0),
	    "2 0 0 0\n0 0 3 -3\n0 1 0 0\n0 0 2 -2\n");
	assert_int_equal(runs_counted(), 9);
}

/* What is counted of runs is the same, however few rows they have become. */
static void
what_is_rolled_up_keeps_its_sums(void **state)
{
	(void)state;
	scheduled(TWO);
	for (int i = 0; i < 4; i++)
		scheduled(TWO);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 2);
	assert_string_equal(
	    raw_lines("SELECT rolled || ' ' || rolled_calls || ' ' || rolled_fetched"
		      " FROM sync ORDER BY no DESC LIMIT 1",
		0),
	    "3 3 6\n");
	assert_int_equal(raw_number("SELECT sum(fetched + rolled_fetched) FROM sync"), 10);
}

/* What it has to say besides, it says: that is not among its counts. */
static void
what_stands_for_others_has_no_lines_but_of_what_is_not_counted(void **state)
{
	const char *lines = "SELECT s.rolled || ' ' || count(l.n) FROM sync s LEFT JOIN sync_log l"
			    " ON l.sync_no = s.no GROUP BY s.no ORDER BY s.no";

	(void)state;
	scheduled(TWO);
	scheduled(TWO);
	assert_string_equal(raw_lines(lines, 0), "0 3\n0 2\n");
	scheduled(TWO);
	assert_string_equal(raw_lines(lines, 0), "0 3\n1 0\n");
	script.refuse = 1;
	script.etag = "e";
	scheduled(TWO "\n");
	scheduled(TWO "\n");
	script.refuse = 1;
	scheduled(TWO "\n");
	assert_string_equal(raw_lines("SELECT text FROM sync_log WHERE sync_no ="
				      " (SELECT max(no) FROM sync)",
				0),
	    arena_printf(cx.a, "%s Everything is read again.\n", error_row(E_CURSOR)->title));
	assert_true(raw_number("SELECT rolled FROM sync ORDER BY no DESC LIMIT 1"));
}

static void
what_a_person_asked_for_is_kept(void **state)
{
	(void)state;
	scheduled(TWO);
	scheduled(TWO);
	clock_step_by(MINUTE_MS);
	(void)sync_text(TWO);
	clock_step_by(MINUTE_MS);
	(void)sync_text(TWO);
	scheduled(TWO);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 5);
	assert_int_equal(raw_number("SELECT sum(rolled) FROM sync"), 0);
}

static void
other_words_are_news(void **state)
{
	(void)state;
	scheduled(TWO);
	for (int i = 0; i < 3; i++)
		scheduled(i % 2 ? "id,v\n1,a\n2,b\n" : "id,w\n1,a\n2,b\n");
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE warnings IS NOT NULL"), 3);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 4);
}

static void
every_day_has_runs_of_its_own(void **state)
{
	(void)state;
	scheduled(TWO);
	for (int i = 0; i < 3; i++)
		scheduled(TWO);
	clock_step_by(DAY_MS);
	for (int i = 0; i < 3; i++)
		scheduled(TWO);
	assert_string_equal(raw_lines("SELECT rolled FROM sync ORDER BY no", 0), "0\n2\n2\n");
	assert_int_equal(raw_number("SELECT count(DISTINCT finished_at / 86400000) FROM sync"), 2);
}

static void
a_run_whose_number_was_told_stays(void **state)
{
	(void)state;
	raw("INSERT INTO webhook (id, owner, url, events, enabled, secret, created_at, updated_at)"
	    " VALUES ('w', '" OWNER "', 'http://x/', 'sync.completed', 1, 's', 1, 1)");
	for (int i = 0; i < 4; i++)
		scheduled(TWO);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 4);
	/* One that hears of changes alone was told of none. */
	raw("UPDATE webhook SET events = 'records.changed'");
	for (int i = 0; i < 4; i++)
		scheduled(TWO);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 4);
}

static int64_t
changes_of(const char *key)
{
	return raw_number(
	    arena_printf(cx.a, "SELECT count(*) FROM change WHERE object_key = '%s'", key));
}

static void
what_changes_all_the_time_has_a_history_of_its_last_changes_and_says_so(void **state)
{
	struct record_changes list;
	struct dataset_list sets;
	int64_t most = 0;

	(void)state;
	conf_override(CONF_KEEP_CHANGES, "5");
	scheduled("id,v,at\n1,a,0\n2,b,\n");
	raw("INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side,"
	    " actor) SELECT '" OWNER "', 'record', no, '1', 7, 1, 'local', 'ann' FROM dataset");
	for (int i = 1; i <= 60; i++) {
		scheduled(arena_printf(cx.a, "id,v,at\n1,a,%d\n2,%s,\n", i, i < 4 ? "c" : "d"));
		most = changes_of("1") > most ? changes_of("1") : most;
	}
	/* The last five, those that were not worth looking for yet, and what a person did. */
	assert_in_range(changes_of("1"), 5, 16);
	assert_in_range(most, 5, 16);
	assert_int_equal(changes_of("2"), 2);
	assert_int_equal(raw_number("SELECT count(*) FROM change WHERE actor = 'ann'"), 1);
	assert_true(raw_number("SELECT count(*) FROM change WHERE before LIKE '%\"59\"%'"));
	assert_true(raw_number("SELECT count(*) FROM sync_log WHERE text LIKE"
			       " '1 of the records change often: of each the last 5%'"));
	assert_ok(dataset_list(&cx, db, OWNER, CONN, &sets));
	assert_ok(record_history(
	    &cx, db, OWNER, &sets.v[0], &(struct history_page){ .key = "1" }, &list));
	assert_non_null(strstr(list.v[list.n - 1].reason, "not kept any more"));
	assert_ok(record_history(
	    &cx, db, OWNER, &sets.v[0], &(struct history_page){ .key = "2" }, &list));
	assert_int_equal(list.n, 3);
	assert_null(list.v[2].reason);
	conf_override(CONF_KEEP_CHANGES, "50");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_that_changes_nothing_waits_for_the_disk_once_and_leaves_no_row),
		TEST(what_was_found_is_safe_before_anybody_is_told),
		TEST(a_run_with_news_ends_what_is_rolled_up),
		TEST(what_a_person_asked_for_is_kept),
		TEST(what_is_rolled_up_keeps_its_sums),
		TEST(what_stands_for_others_has_no_lines_but_of_what_is_not_counted),
		TEST(other_words_are_news),
		TEST(every_day_has_runs_of_its_own),
		TEST(what_changes_all_the_time_has_a_history_of_its_last_changes_and_says_so),
		TEST(a_run_whose_number_was_told_stays),
	};

	return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
