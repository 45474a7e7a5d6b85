/*
 * What is stored and the cursor belong together: however a run or a clear ends, the next
 * complete sync leaves the records of the source and never says "nothing changed" over others.
 * Built with TIDEMARK_STEPS (build/steps).
 */
#include "kill_fixture.h"

static const char *
source(int rows, const char *word)
{
	struct buf *b = buf_in(cx.a, 4 << 20);

	buf_str(b, "id,name\n");
	for (int i = 1; i <= rows; i++)
		buf_printf(b, "%d,%s %d\n", i, word, i);
	return buf_c(b);
}

static void
start_over(void)
{
	raw("DELETE FROM record; DELETE FROM change;"
	    "DELETE FROM link; DELETE FROM conflict; DELETE FROM dataset;"
	    "DELETE FROM dataset_past; DELETE FROM sync; "
	    "DELETE FROM notice;"
	    "UPDATE connection SET cursor = NULL, clearing = 0;"
	    "UPDATE schedule SET health = 'ok', failing = 0, retry_count = 0, deferrals = 0, "
	    "error_code = NULL, error_detail = NULL");
}

static void
give(const char *text, const char *etag)
{
	script.text = text;
	script.etag = etag;
}

/* Ends what was killed as if a person had cancelled it. */
static bool
killed_and_cancelled(int at)
{
	int64_t reaped;
	pid_t pid;

	if (!in_a_process(at, work_syncs, &pid))
		return false;
	raw("UPDATE sync SET cancel = 1 WHERE state = 'running'");
	assert_ok(queue_reap(&cx, db, pid, E_INTERRUPTED, &reaped));
	raw("DELETE FROM sync WHERE state = 'queued'");
	return true;
}

static void
assert_level(int at, const char *want)
{
	struct run r = sync_now();

	if (strcmp(r.state, "complete"))
		flunk("step %d: %s", at, r.error_code);
	if (strcmp(contents(), want))
		flunk("step %d: the records are not those of the source (\"%s\")", at, r.message);
	if (raw_number(
		"SELECT count(*) - (SELECT rows FROM dataset) FROM record WHERE deleted IS NULL"))
		flunk("step %d: the count of rows is wrong", at);
}

static void
cancelled_anywhere_and_put_back(bool etags)
{
	const char *a = source(2500, "old"), *b = source(2500, "new"), *want;
	int kills = 0, mixed = 0;

	give(a, etags ? "a" : NULL);
	(void)sync_now();
	want = contents();
	for (int at = 1;; at++) {
		start_over();
		give(a, etags ? "a" : NULL);
		(void)sync_now();
		give(b, etags ? "b" : NULL);
		enqueue();
		if (!killed_and_cancelled(at))
			break;
		kills++;
		mixed += strcmp(contents(), want) != 0;
		give(a, etags ? "a" : NULL);
		assert_level(at, want);
	}
	assert_in_range(kills, 8, 1000);
	assert_in_range(mixed, 3, 1000);
}

static void
cancelled_anywhere_and_the_source_put_back_it_is_compared(void **state)
{
	(void)state;
	cancelled_anywhere_and_put_back(false);
}

static void
cancelled_anywhere_and_the_source_put_back_no_etag_is_believed(void **state)
{
	(void)state;
	cancelled_anywhere_and_put_back(true);
}

static void
a_run_that_was_given_up_while_it_saved_leaves_no_cursor(void **state)
{
	const char *a = source(2500, "old"), *want;
	int64_t reaped;
	pid_t pid;

	(void)state;
	give(a, "a");
	(void)sync_now();
	want = contents();
	for (int at = 1, fresh = 0; fresh == 0 || fresh == 2500; at++) {
		start_over();
		give(a, "a");
		(void)sync_now();
		give(source(2500, "new"), "b");
		enqueue();
		assert_true(in_a_process(at, work_syncs, &pid));
		fresh = (int)raw_number("SELECT count(*) FROM record WHERE payload LIKE '%new%'");
	}
	assert_ok(queue_reap(&cx, db, pid, E_INTERRUPTED, &reaped));
	/* It dies as often as it is tried. */
	raw("UPDATE sync SET resumes = 3, state = 'running', pid = 999999999 "
	    "WHERE state = 'queued'");
	assert_ok(queue_reap(&cx, db, 999999999, E_INTERRUPTED, &reaped));
	assert_int_equal(reaped, 1);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE error_code = 'crashed'"), 1);
	give(a, "a");
	assert_level(0, want);
}

/* --- clearing --- */

static void
reset(bool clear, const char **id)
{
	struct conn c;

	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	assert_ok(db_begin(&cx, db));
	assert_ok(sync_reset(&cx, db, &c, clear ? RESET_CLEAR : RESET_READ, id));
	assert_ok(db_commit(&cx, db));
}

static void
cleared_and_ended_anywhere(bool resumed)
{
	const char *a = source(2500, "row"), *want, *id;
	int kills = 0, half = 0;

	give(a, "a");
	(void)sync_now();
	want = contents();
	for (int at = 1;; at++) {
		int64_t left;
		bool killed;

		start_over();
		(void)sync_now();
		reset(true, &id);
		killed = resumed ? work(at) : killed_and_cancelled(at);
		if (!killed)
			break;
		kills++;
		left = raw_number("SELECT count(*) FROM record");
		half += left > 0 && left < 2500 && raw_number("SELECT clearing FROM connection");
		/* Of what is still to be dropped nothing can be read. */
		if (raw_number("SELECT count(*) FROM record r JOIN dataset d"
			       " ON d.no = r.dataset_no") !=
		    raw_number("SELECT COALESCE(sum(rows), 0) FROM dataset"))
			flunk("step %d: the count of rows is wrong while it is cleared", at);
		while (resumed && work(0))
			continue;
		if (resumed && strcmp(contents(), want))
			flunk("step %d: the resumed run has not brought everything back", at);
		assert_level(at, want);
		assert_int_equal(raw_number("SELECT clearing FROM connection"), 0);
	}
	assert_in_range(kills, 8, 1000);
	assert_in_range(half, 2, 1000);
}

static void
cleared_and_killed_anywhere_it_goes_on(void **state)
{
	(void)state;
	cleared_and_ended_anywhere(true);
}

static void
cleared_and_cancelled_anywhere_the_next_sync_goes_on(void **state)
{
	(void)state;
	cleared_and_ended_anywhere(false);
}

static void
a_clear_and_a_run_do_not_meet(void **state)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct conn c;
	struct run r;
	const char *id, *other;
	bool found;

	(void)state;
	give(source(2500, "row"), "a");
	(void)sync_now();
	/* A run is under way: nothing is dropped. */
	enqueue();
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	assert_ok(db_begin(&cx, db));
	assert_int_equal(sync_reset(&cx, db, &c, RESET_CLEAR, &id), RC_CONFLICT);
	assert_int_equal(cx.err.kind, E_STATE);
	db_rollback(db);
	assert_ok(engine_run(&cx, db, &job));
	assert_int_equal(raw_number("SELECT clearing FROM connection"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 2500);
	/* It is being cleared: whoever starts a sync meets the one that clears. */
	reset(true, &id);
	assert_int_equal(sync_start(&cx, db, OWNER, CONN, "manual", &other), RC_CONFLICT);
	assert_string_equal(id, other);
	/* Cancelled before it began: the next one drops the data. */
	assert_ok(sync_cancel(&cx, db, OWNER, id));
	r = sync_now();
	assert_counts(&r, 2500, 0, 0, 0);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM sync_log WHERE sync_no = (SELECT max(no) FROM sync) "
		       "AND text LIKE 'The old data was dropped%'"),
	    1);
	assert_int_equal(raw_number("SELECT clearing FROM connection"), 0);
	reset(false, &id);
	while (work(0))
		continue;
	assert_ok(run_get(&cx, db, OWNER, id, &r));
	assert_false(r.not_modified);
	assert_counts(&r, 0, 0, 0, 2500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(cancelled_anywhere_and_the_source_put_back_it_is_compared),
		ENGINE_TEST(cancelled_anywhere_and_the_source_put_back_no_etag_is_believed),
		ENGINE_TEST(a_run_that_was_given_up_while_it_saved_leaves_no_cursor),
		ENGINE_TEST(cleared_and_killed_anywhere_it_goes_on),
		ENGINE_TEST(cleared_and_cancelled_anywhere_the_next_sync_goes_on),
		ENGINE_TEST(a_clear_and_a_run_do_not_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
