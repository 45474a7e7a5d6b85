/* The engine against a scripted source: what a run does to the records, and what it must not do. */
#include "engine_fixture.h"

#include "base/step.h"
#include "db/driver.h"
#include "db/handle.h"

#define THREE "id,name,n\n1,ann,10\n2,bob,20\n3,cyd,30\n"

static const char *
many(int rows, int from)
{
	struct buf *b = buf_in(cx.a, 1 << 20);

	buf_str(b, "id,name\n");
	for (int i = from; i < from + rows; i++)
		buf_printf(b, "%d,row %d\n", i, i);
	return buf_c(b);
}

static void
first_sync_adds_everything_and_the_second_writes_nothing(void **state)
{
	struct run r = sync_text(THREE);
	int64_t seq;

	(void)state;
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.progress, 100);
	assert_counts(&r, 3, 0, 0, 0);
	assert_string_equal(contents(),
	    "1=[\"1\",\"ann\",\"10\"]\n2=[\"2\",\"bob\",\"20\"]\n3=[\"3\",\"cyd\",\"30\"]\n");
	seq = raw_number("SELECT max(seq) FROM record");
	r = sync_now();
	assert_counts(&r, 0, 0, 0, 3);
	assert_true(r.not_modified);
	/* The same records in other bytes are compared, and nothing is written either. */
	r = sync_text(THREE "\n");
	assert_false(r.not_modified);
	assert_counts(&r, 0, 0, 0, 3);
	assert_int_equal(raw_number("SELECT max(seq) FROM record"), seq);
	assert_int_equal(raw_number("SELECT count(*) FROM change"), 0);
}

static void
a_changed_copy_shows_exactly_the_changes(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	r = sync_text("id,name,n\n1,ann,10\n3,cyd,31\n4,dan,40\n5,eve,50\n");
	assert_counts(&r, 2, 1, 1, 1);
	assert_int_equal(raw_number("SELECT rows FROM dataset"), 4);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM record WHERE deleted IS NOT NULL AND key = '2' "
		       "AND action = 2"),
	    1);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM change WHERE object_key = '3' AND before = '[\"3\","
		       "\"cyd\",\"30\"]'"),
	    1);
	/* What was deleted comes back as an addition. */
	r = sync_text("id,name,n\n1,ann,10\n2,bob,20\n3,cyd,31\n4,dan,40\n5,eve,50\n");
	assert_counts(&r, 1, 0, 0, 4);
	assert_int_equal(
	    raw_number(
		"SELECT count(*) FROM record WHERE key = '2' AND deleted IS NULL AND action = 0"),
	    1);
}

static void
a_record_that_comes_back_or_is_new_hides_none_that_goes(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	r = sync_text("id,name,n\n1,ann,10\n3,cyd,30\n");
	assert_counts(&r, 0, 0, 1, 2);
	/* As many rows as records, each time. */
	r = sync_text("id,name,n\n2,bob,20\n3,cyd,30\n");
	assert_counts(&r, 1, 0, 1, 1);
	r = sync_text("id,name,n\n1,ann,10\n2,bob,20\n");
	assert_counts(&r, 1, 0, 1, 1);
	r = sync_text("id,name,n\n4,dan,40\n2,bob,20\n");
	assert_counts(&r, 1, 0, 1, 1);
	assert_string_equal(contents(), "2=[\"2\",\"bob\",\"20\"]\n4=[\"4\",\"dan\",\"40\"]\n");
}

static void
rows_in_another_order_are_the_same_rows(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	r = sync_text("id,name,n\n3,cyd,30\n1,ann,10\n2,bob,20\n");
	assert_counts(&r, 0, 0, 0, 3);
}

static void
moved_columns_change_nothing_and_values_follow_a_renamed_header(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	r = sync_text("n,id,name\n10,1,ann\n20,2,bob\n30,3,cyd\n");
	assert_counts(&r, 0, 0, 0, 3);
	r = sync_text("n,id,full name\n10,1,ann\n20,2,bob\n30,3,cyd\n");
	assert_counts(&r, 0, 0, 0, 3);
	assert_non_null(strstr(r.warnings, "column_renamed"));
}

static void
trailing_commas_change_no_record(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	r = sync_text("id,name,n,,\n1,ann,10,,\n2,bob,20,,\n3,cyd,30,,\n");
	assert_counts(&r, 0, 0, 0, 3);
}

static void
a_read_that_fails_on_page_three_changes_nothing(void **state)
{
	struct run r;
	const char *before;

	(void)state;
	(void)sync_text(many(200, 1));
	before = contents();
	script.page_bytes = 300;
	script.fail_page = 3;
	script.fail_kind = E_RATE_LIMITED;
	r = sync_text(many(100, 500));
	assert_string_equal(r.state, "error");
	assert_string_equal(r.error_code, "rate_limited");
	assert_counts(&r, 0, 0, 0, 0);
	assert_string_equal(contents(), before);
	script.fail_page = 0;
	script.fail_parse = true;
	r = sync_text(many(100, 500));
	assert_string_equal(r.error_code, "bad_csv");
	assert_string_equal(contents(), before);
}

static void
an_empty_answer_keeps_the_old_rows(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	r = sync_text("");
	assert_string_equal(r.error_code, "empty_source");
	r = sync_text("id,name,n\n");
	assert_string_equal(r.error_code, "needs_approval");
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 3);
}

static void
losing_more_than_half_waits_for_an_answer(void **state)
{
	struct run r;
	const char *id;
	struct claim_state st = { 0 };
	struct job job = { 0 };
	bool found;

	(void)state;
	(void)sync_text(many(100, 1));
	r = sync_text(many(40, 1));
	assert_string_equal(r.error_code, "needs_approval");
	assert_counts(&r, 0, 0, 0, 40);
	assert_int_equal(json_num(json_stored(cx.a, r.review), "deletions", 0), 60);
	assert_int_equal(json_len(json_at(json_stored(cx.a, r.review), "items")), 50);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 100);
	assert_ok(sync_answer(&cx, db, OWNER, r.id, "approve", &id));
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_ok(engine_run(&cx, db, &job));
	assert_ok(run_get(&cx, db, OWNER, id, &r));
	assert_counts(&r, 0, 0, 60, 40);
	/* The answer was for once. */
	r = sync_text(many(10, 1));
	assert_string_equal(r.error_code, "needs_approval");
}

static void
keep_is_remembered_until_the_source_recovers(void **state)
{
	struct run r;
	const char *id;
	struct claim_state st = { 0 };
	struct job job = { 0 };
	bool found;

	(void)state;
	(void)sync_text(many(100, 1));
	r = sync_text(many(40, 1));
	assert_ok(sync_answer(&cx, db, OWNER, r.id, "keep", &id));
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_ok(engine_run(&cx, db, &job));
	r = sync_text("id,name\n1,changed\n101,new\n");
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 1, 1, 0, 0);
	assert_non_null(strstr(r.warnings, "deletions_kept"));
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 101);
	r = sync_text(many(101, 1));
	assert_string_equal(r.state, "complete");
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE guard = ''"), 1);
}

static void
a_source_is_asked_so_often_a_minute_and_no_more(void **state)
{
	int64_t began;
	struct run r;

	(void)state;
	conf_override(CONF_SOURCE_REQUESTS_MINUTE, "10");
	clock_step_by(0);
	began = clock_mono_ms();
	script.page_bytes = 10;
	r = sync_text("id,name\n1,a\n2,b\n");
	assert_string_equal(r.state, "complete");
	assert_int_equal(clock_mono_ms(), began);
	r = sync_text(many(30, 1));
	assert_string_equal(r.state, "complete");
	assert_in_range(script.fetches, 20, 60);
	/* ten at once, and one every six seconds */
	assert_in_range(
	    clock_mono_ms() - began, (script.fetches - 15) * 6000, (script.fetches - 8) * 6000);
	clock_fake(0);
	conf_override(CONF_SOURCE_REQUESTS_MINUTE, NULL);
}

static void
repeated_keys_lose_no_row_and_stay_stable(void **state)
{
	struct run r = sync_text("id,v\nx,1\nx,2\ny,3\nx,4\n");

	(void)state;
	assert_counts(&r, 4, 0, 0, 0);
	r = sync_text("id,v\nx,1\nx,2\ny,3\nx,4\n\n");
	assert_counts(&r, 0, 0, 0, 4);
	r = sync_text("id,v\nx,1\nx,2\ny,3\nx,5\nx,6\n");
	assert_string_equal(r.state, "complete");
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 5);
}

/* How many transactions a first sync of so many records of so many bytes takes. */
static int64_t
transactions_for(int rows, int bytes)
{
	const int64_t before = db_counts(db).writes;
	struct buf *b = buf_in(cx.a, 8 << 20);
	struct run r;

	buf_str(b, "id,v\n");
	for (int i = 0; i < rows; i++)
		buf_printf(b, "%d,%0*d\n", i, bytes, rows);
	r = sync_text(buf_c(b));
	assert_string_equal(r.state, "complete");
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), rows);
	return db_counts(db).writes - before;
}

static void
large_records_are_saved_in_more_transactions(void **state)
{
	int64_t small;

	(void)state;
	raw("UPDATE connection SET guard = 'always'");
	small = transactions_for(40, 10);
	/* A megabyte each. */
	assert_in_range(transactions_for(41, 100000), small + 3, small + 5);
}

static int commits;

static enum engine_code
every_second_commit(struct engine *e)
{
	return commits++ % 2 ? driver_sqlite.commit(e) : ENGINE_SERIAL;
}

static void
transactions_that_are_run_again_save_everything_once(void **state)
{
	struct driver odd = driver_sqlite;
	struct buf *b = buf_in(cx.a, 1 << 20);
	struct run r;

	(void)state;
	odd.commit = every_second_commit;
	db->drv = &odd;
	buf_str(b, many(5000, 1));
	buf_str(b, "x,1\nx,2\nx,3\n");
	r = sync_text(buf_c(b));
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 5003, 0, 0, 0);
	r = sync_text(arena_printf(cx.a, "%sx,1\nx,3\nx,4\n", many(4990, 11)));
	assert_counts(&r, 0, 1, 10, 4992);
	r = sync_text("id,name\n");
	assert_string_equal(r.error_code, "needs_approval");
	assert_true(db_counts(db).again > 10);
	db->drv = &driver_sqlite;
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 4993);
	assert_int_equal(raw_number("SELECT rows FROM dataset"), 4993);
	assert_int_equal(raw_number("SELECT count(*) FROM change"), 11);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM record WHERE key IN ('x', 'x#2', 'x#3')"), 3);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE key LIKE 'x%'"), 3);
	assert_int_equal(raw_number("SELECT (SELECT next_seq FROM dataset) - 1 - "
				    "((SELECT max(seq) FROM record) & 1099511627775)"),
	    0);
	assert_int_equal(raw_number("SELECT count(*) FROM sync_log WHERE level = 'error'"), 1);
}

static void
rows_without_a_key_column_are_told_apart_by_content(void **state)
{
	struct run r = sync_text("a,b\n1,x\n1,x\n2,y\n1,x\n");

	(void)state;
	assert_counts(&r, 4, 0, 0, 0);
	r = sync_text("a,b\n2,y\n1,x\n1,x\n1,x\n");
	assert_counts(&r, 0, 0, 0, 4);
	r = sync_text("a,b\n2,y\n1,x\n1,x\n");
	assert_counts(&r, 0, 0, 1, 3);
}

static void
a_missing_key_column_stops_the_run_before_any_change(void **state)
{
	struct run r;

	(void)state;
	raw("UPDATE connection SET config = '{\"key\": [\"id\"]}'");
	(void)sync_text(THREE);
	r = sync_text("name,n\nann,10\nbob,20\n");
	assert_string_equal(r.error_code, "key_column_missing");
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 3);
}

static void
another_key_is_a_planned_read_of_everything(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	raw("UPDATE connection SET config = '{\"key\": [\"name\"]}', config_rev = config_rev + 1");
	r = sync_now();
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 3, 0, 3, 0);
	assert_non_null(strstr(r.warnings, "key_changed"));
	assert_string_equal(contents(),
	    "ann=[\"1\",\"ann\",\"10\"]\nbob=[\"2\",\"bob\",\"20\"]\ncyd=[\"3\",\"cyd\",\"30\"]\n");
	r = sync_text(THREE "\n");
	assert_counts(&r, 0, 0, 0, 3);
}

static void
a_source_that_says_unchanged_costs_one_call(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(THREE);
	script.unchanged = true;
	script.fetches = 0;
	r = sync_now();
	assert_string_equal(r.state, "complete");
	assert_true(r.not_modified);
	assert_int_equal(script.fetches, 1);
	assert_counts(&r, 0, 0, 0, 3);
}

static void
one_active_run_per_connection(void **state)
{
	const char *first, *second;

	(void)state;
	assert_ok(sync_start(&cx, db, OWNER, CONN, "manual", &first));
	assert_int_equal(sync_start(&cx, db, OWNER, CONN, "manual", &second), RC_CONFLICT);
	assert_int_equal(cx.err.kind, E_RUNNING);
	assert_string_equal(first, second);
	assert_ok(sync_cancel(&cx, db, OWNER, first));
	assert_int_equal(sync_start(&cx, db, OWNER, CONN, "manual", &second), RC_LIMITED);
	assert_in_range(cx.err.wait_ms, 1, COOLDOWN_MS);
	assert_int_equal(
	    sync_start(&cx, db, "somebody else", CONN, "manual", &second), RC_NOTFOUND);
}

/* Somebody stops the run that is saving when so many of its pages are stored. */
static int pages_before_cancel;

static void
cancel_between_pages(void *arg, const char *name)
{
	(void)arg;
	if (!strcmp(name, pages_before_cancel ? "apply:after-commit" : "apply:begun") &&
	    pages_before_cancel-- <= 1)
		raw("UPDATE sync SET cancel = 1 WHERE state = 'running'");
}

static void
a_cancelled_run_tells_how_many_of_its_changes_stay(void **state)
{
	static const char *const said[] = {
		"A person stopped this sync before its first change.",
		"A person stopped this sync after 1 of its changes.",
		"A person stopped this sync after 2 of its changes.",
		"A person stopped this sync after 3 of its changes.",
	};

	(void)state;
	for (int64_t stay = 0; stay < 4; stay++) {
		struct run r;

		raw("DELETE FROM record; DELETE FROM change; DELETE FROM dataset;"
		    "DELETE FROM sync; UPDATE connection SET cursor = NULL");
		pages_before_cancel = (int)stay;
		step_pages(1);
		step_watch(cancel_between_pages, NULL);
		r = sync_text(THREE "4,dan,40\n5,eve,50\n");
		step_watch(NULL, NULL);
		step_pages(0);
		assert_string_equal(r.error_code, "cancelled");
		assert_string_equal(r.error_detail, said[stay]);
		assert_int_equal(raw_number("SELECT count(*) FROM record"), stay);
		assert_counts(&r, (int)stay, 0, 0, 0);
	}
}

static void
a_worker_without_its_lease_writes_nothing(void **state)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct run r;
	const char *id;
	int64_t n;
	bool found;

	(void)state;
	script.text = THREE;
	assert_ok(sync_start(&cx, db, OWNER, CONN, "manual", &id));
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	/* Its process is taken for dead, and the run is queued again. */
	assert_ok(queue_reap(&cx, db, getpid(), E_INTERRUPTED, &n));
	assert_int_equal(n, 1);
	assert_int_not_equal(engine_run(&cx, db, &job), RC_OK);
	assert_int_equal(cx.err.kind, E_LEASE);
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 0);
	assert_ok(run_get(&cx, db, OWNER, id, &r));
	assert_string_equal(r.error_code, "interrupted");
	assert_string_equal(r.error_detail, "Its process ended after 0 %.");
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_string_equal(job.run.trigger, "resume");
	assert_ok(engine_run(&cx, db, &job));
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 3);
}

/* Carries on with a run until it is given up; every process that has it ends in that way. */
static int
dies_each_time(enum error_kind how)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	const char *id;
	int64_t n;
	bool found = true;
	int tries = 0;

	assert_ok(sync_start(&cx, db, OWNER, CONN, "manual", &id));
	while (found && tries < 10) {
		assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
		if (!found)
			break;
		tries++;
		assert_ok(queue_reap(&cx, db, getpid(), how, &n));
	}
	return tries;
}

static void
a_run_that_dies_again_and_again_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(dies_each_time(E_INTERRUPTED), 4);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE error_code = 'crashed'"), 1);
}

/* That is no crash, however often: it is told who can mend it, and tried again later. */
static void
a_run_that_has_not_memory_enough_again_and_again_says_so(void **state)
{
	(void)state;
	assert_int_equal(dies_each_time(E_MEMORY), 4);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM sync WHERE error_code = 'out_of_memory'"), 4);
	assert_int_equal(raw_number("SELECT retry_count FROM schedule"), 0);
}

/* Random edits of a source against a model of it: after every run the records are the source's
 * rows, and a second run changes nothing. */
static void
random_edits_always_converge(void **state)
{
	enum { ROWS = 120, ROUNDS = 60 };
	int value[ROWS] = { 0 };
	struct run r;

	(void)state;
	srandom(20261121);
	for (int round = 0; round < ROUNDS; round++) {
		struct buf *text = buf_in(cx.a, 1 << 20), *want = buf_in(cx.a, 1 << 20);
		int order[ROWS], edits = (int)(random() % 12);

		for (int i = 0; i < edits; i++) {
			int k = (int)(random() % ROWS);
			/* 0: not in the source */
			value[k] = random() % 4 ? 1 + (int)(random() % 1000) : 0;
		}
		if (round == 0)
			for (int i = 0; i < ROWS; i++)
				value[i] = i + 1;
		for (int i = 0; i < ROWS; i++)
			order[i] = i;
		for (int i = 0; random() % 3 == 0 && i < ROWS; i++) {
			int j = (int)(random() % ROWS), t = order[i];
			order[i] = order[j];
			order[j] = t;
		}
		buf_str(text, "id,v\n");
		for (int i = 0; i < ROWS; i++)
			if (value[order[i]])
				buf_printf(text, "%03d,%d\n", order[i], value[order[i]]);
		for (int i = 0; i < ROWS; i++)
			if (value[i])
				buf_printf(want, "%03d=[\"%03d\",\"%d\"]\n", i, i, value[i]);
		r = sync_text(buf_c(text));
		assert_string_equal(r.state, "complete");
		assert_string_equal(contents(), buf_c(want));
		buf_ch(text, '\n');
		r = sync_text(buf_c(text));
		if (r.added + r.updated + r.deleted)
			flunk("round %d: a second run changed something", round);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(first_sync_adds_everything_and_the_second_writes_nothing),
		ENGINE_TEST(a_changed_copy_shows_exactly_the_changes),
		ENGINE_TEST(a_record_that_comes_back_or_is_new_hides_none_that_goes),
		ENGINE_TEST(rows_in_another_order_are_the_same_rows),
		ENGINE_TEST(moved_columns_change_nothing_and_values_follow_a_renamed_header),
		ENGINE_TEST(trailing_commas_change_no_record),
		ENGINE_TEST(a_read_that_fails_on_page_three_changes_nothing),
		ENGINE_TEST(an_empty_answer_keeps_the_old_rows),
		ENGINE_TEST(losing_more_than_half_waits_for_an_answer),
		ENGINE_TEST(keep_is_remembered_until_the_source_recovers),
		ENGINE_TEST(a_source_is_asked_so_often_a_minute_and_no_more),
		ENGINE_TEST(repeated_keys_lose_no_row_and_stay_stable),
		ENGINE_TEST(large_records_are_saved_in_more_transactions),
		ENGINE_TEST(transactions_that_are_run_again_save_everything_once),
		ENGINE_TEST(rows_without_a_key_column_are_told_apart_by_content),
		ENGINE_TEST(a_missing_key_column_stops_the_run_before_any_change),
		ENGINE_TEST(another_key_is_a_planned_read_of_everything),
		ENGINE_TEST(a_source_that_says_unchanged_costs_one_call),
		ENGINE_TEST(one_active_run_per_connection),
		ENGINE_TEST(a_cancelled_run_tells_how_many_of_its_changes_stay),
		ENGINE_TEST(a_worker_without_its_lease_writes_nothing),
		ENGINE_TEST(a_run_that_dies_again_and_again_is_given_up),
		ENGINE_TEST(a_run_that_has_not_memory_enough_again_and_again_says_so),
		ENGINE_TEST(random_edits_always_converge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
