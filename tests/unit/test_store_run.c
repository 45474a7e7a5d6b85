/* Runs as they are read: latest, active, history, overview, log; and only by their owner. */
#include "unit/db_fixture.h"

#include "base/buf.h"
#include "store/run.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1), ('" BOB "', 'bob', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('c1', '" ANN "', 'csv', 'one', '{}', 1, 1),"
	    " ('c2', '" ANN "', 'csv', 'two', '{}', 1, 1), ('c3', '" ANN
	    "', 'csv', 'three', '{}', 1, 1), ('c4', '" BOB "', 'csv', 'four', '{}', 1, 1);"
	    "INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at, "
	    "updated_at, finished_at, resumed_from) VALUES"
	    " (1, 'r1', 'c1', '" ANN
	    "', 'first', 'complete', 'complete', 1, 1, 2, NULL), (2, 'r2', 'c2', '" ANN
	    "', 'first', 'running', 'saving', 2, 2, NULL, NULL),"
	    " (3, 'r3', 'c1', '" ANN
	    "', 'manual', 'error', 'error', 3, 3, 4, NULL), (4, 'r4', 'c4', '" BOB
	    "', 'first', 'complete', 'complete', 4, 4, 5, NULL),"
	    " (5, 'r5', 'c1', '" ANN
	    "', 'resume', 'complete', 'complete', 5, 5, 6, 'r3'), (6, 'r6', 'c1', '" ANN
	    "', 'schedule', 'complete', 'complete', 6, 6, 7, NULL);"
	    "INSERT INTO sync_log (sync_no, n, at, level, text) VALUES (3, 1, 10, 'info', 'one'), "
	    "(3, 2, 11, 'warning', 'two'), (3, 3, 12, 'error', 'three'),"
	    " (4, 1, 10, 'info', 'of bob');");
	return 0;
}

static const char *
ids(const struct run_list *list)
{
	struct buf *b = buf_in(cx.a, 10000);

	for (size_t i = 0; i < list->n; i++)
		buf_printf(b, "%s%s", i ? " " : "", list->v[i].id);
	return buf_c(b);
}

static void
every_column_comes_back(void **state)
{
	struct run r;

	(void)state;
	raw("UPDATE sync SET progress = 11, message = 'm', created_at = 12, started_at = 13, "
	    "updated_at = 14, finished_at = 15, lease_until = 16, attempt = 17, pid = 18,"
	    " cancel = 1, resumes = 2, resumed_from = 'r1', checkpoint = '{}', size = 21, "
	    "lines = 22, fetched = 23, added = 24, updated = 25, deleted = 26, unchanged = 27,"
	    " skipped = 28, calls = 29, not_modified = 1, skips = '[1]', warnings = '[2]', "
	    "review = '{\"a\":3}', error_code = 'bad_csv', error_detail = 'd' WHERE id = 'r3'");
	assert_ok(run_get(&cx, db, ANN, "r3", &r));
	assert_int_equal(r.no, 3);
	assert_string_equal(r.connection_id, "c1");
	assert_string_equal(r.owner, ANN);
	assert_string_equal(r.trigger, "manual");
	assert_string_equal(r.state, "error");
	assert_string_equal(r.phase, "error");
	assert_string_equal(r.message, "m");
	assert_true(r.cancel && r.not_modified);
	assert_string_equal(r.resumed_from, "r1");
	assert_string_equal(r.checkpoint, "{}");
	assert_string_equal(r.skips, "[1]");
	assert_string_equal(r.warnings, "[2]");
	assert_string_equal(r.review, "{\"a\":3}");
	assert_string_equal(r.error_code, "bad_csv");
	assert_string_equal(r.error_detail, "d");
	const int64_t numbers[] = { r.progress, r.created_at, r.started_at, r.updated_at,
		r.finished_at, r.lease_until, r.attempt, r.pid };
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(numbers[i], 11 + (int64_t)i);
	const int64_t counts[] = { r.size, r.lines, r.fetched, r.added, r.updated, r.deleted,
		r.unchanged, r.skipped, r.calls };
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(counts[i], 21 + (int64_t)i);
	assert_int_equal(r.resumes, 2);
	/* What is not there yet is 0 or NULL. */
	assert_ok(run_get(&cx, db, ANN, "r2", &r));
	assert_int_equal(r.finished_at, 0);
	assert_null(r.error_code);
	assert_null(r.checkpoint);
}

static void
latest_and_active_are_of_one_connection(void **state)
{
	struct run r;

	(void)state;
	assert_ok(run_latest(&cx, db, ANN, "c1", &r));
	assert_string_equal(r.id, "r6");
	assert_ok(run_active(&cx, db, ANN, "c1", &r));
	assert_null(r.id);
	assert_ok(run_active(&cx, db, ANN, "c2", &r));
	assert_string_equal(r.id, "r2");
	assert_ok(run_latest(&cx, db, ANN, "c3", &r));
	assert_null(r.id);
}

static void
history_is_newest_first_in_pages(void **state)
{
	struct run_list list;

	(void)state;
	assert_ok(run_history(
	    &cx, db, &(struct run_page){ .owner = ANN, .conn_id = "c1", .limit = 2 }, &list));
	assert_string_equal(ids(&list), "r6 r5");
	assert_ok(run_history(&cx, db,
	    &(struct run_page){ .owner = ANN, .conn_id = "c1", .before = list.next, .limit = 2 },
	    &list));
	assert_string_equal(ids(&list), "r3 r1");
	assert_null(list.next);
	assert_ok(run_history(&cx, db,
	    &(struct run_page){ .owner = ANN, .conn_id = "c1", .result = "error", .limit = 50 },
	    &list));
	assert_string_equal(ids(&list), "r3");
	assert_ok(run_history(&cx, db,
	    &(struct run_page){ .owner = ANN, .conn_id = "c1", .result = "complete", .limit = 50 },
	    &list));
	assert_string_equal(ids(&list), "r6 r5 r1");
	assert_error(
	    run_history(&cx, db,
		&(struct run_page){ .owner = ANN, .conn_id = "c1", .before = "r6", .limit = 2 },
		&list),
	    E_INPUT);
	assert_error(
	    run_history(&cx, db,
		&(struct run_page){ .owner = ANN, .conn_id = "c1", .before = "-1", .limit = 2 },
		&list),
	    E_INPUT);
}

static void
the_overview_has_the_latest_of_each_and_never_misses_an_active_one(void **state)
{
	struct run_list list;

	(void)state;
	assert_ok(run_overview(&cx, db, &(struct run_page){ .owner = ANN, .limit = 50 }, &list));
	assert_string_equal(ids(&list), "r6 r2");
	/* r2 is the oldest, but it is running. */
	assert_ok(run_overview(&cx, db, &(struct run_page){ .owner = ANN, .limit = 1 }, &list));
	assert_string_equal(ids(&list), "r2");
	/* Page after page, none is missing. */
	assert_ok(run_overview(
	    &cx, db, &(struct run_page){ .owner = ANN, .limit = 1, .before = list.next }, &list));
	assert_string_equal(ids(&list), "r6");
	assert_null(list.next);
	assert_ok(run_overview(&cx, db, &(struct run_page){ .owner = BOB, .limit = 50 }, &list));
	assert_string_equal(ids(&list), "r4");
	raw("UPDATE connection SET removed_at = 9 WHERE id = 'c1'");
	assert_ok(run_overview(&cx, db, &(struct run_page){ .owner = ANN, .limit = 50 }, &list));
	assert_string_equal(ids(&list), "r2");
}

static void
an_interrupted_run_leads_to_the_one_that_went_on(void **state)
{
	struct run r;
	const char *id;

	(void)state;
	assert_ok(run_get(&cx, db, ANN, "r3", &r));
	assert_ok(run_resumed_by(&cx, db, &r, &id));
	assert_string_equal(id, "r5");
	assert_ok(run_get(&cx, db, ANN, "r5", &r));
	assert_ok(run_resumed_by(&cx, db, &r, &id));
	assert_null(id);
	assert_ok(run_get(&cx, db, ANN, "r6", &r));
	assert_ok(run_resumed_by(&cx, db, &r, &id));
	assert_null(id);
}

static void
the_log_is_read_on_from_a_line(void **state)
{
	struct log_list lines;

	(void)state;
	assert_ok(run_log(
	    &cx, db, &(struct log_page){ .owner = ANN, .run_id = "r3", .limit = 2 }, &lines));
	assert_int_equal(lines.n, 2);
	assert_string_equal(lines.v[0].text, "one");
	assert_string_equal(lines.v[1].level, "warning");
	assert_int_equal(lines.v[1].at, 11);
	assert_ok(run_log(&cx, db,
	    &(struct log_page){ .owner = ANN, .run_id = "r3", .after = lines.v[1].n, .limit = 100 },
	    &lines));
	assert_int_equal(lines.n, 1);
	assert_string_equal(lines.v[0].text, "three");
	assert_ok(run_log(
	    &cx, db, &(struct log_page){ .owner = ANN, .run_id = "r1", .limit = 100 }, &lines));
	assert_int_equal(lines.n, 0);
}

static void
streams_read_everybodys_runs_in_order_of_making(void **state)
{
	struct run_list list;
	struct run_number_list waiting;
	struct run r;

	(void)state;
	raw("INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at, "
	    "updated_at) VALUES (7, 'r7', 'c4', '" BOB
	    "', 'manual', 'running', 'saving', 7, 7), (8, 'r8', 'c3', '" ANN
	    "', 'manual', 'queued', 'downloading', 8, 8), (9, 'r9', 'c1', '" ANN
	    "', 'manual', 'queued', 'downloading', 9, 9)");
	assert_ok(run_made(&cx, db, 2, 3, &list));
	assert_string_equal(ids(&list), "r3 r4 r5");
	assert_ok(run_made(&cx, db, 8, 3, &list));
	assert_string_equal(ids(&list), "r9");
	assert_ok(run_going(&cx, db, &list));
	assert_string_equal(ids(&list), "r2 r7");
	assert_ok(run_waiting(&cx, db, &waiting));
	assert_int_equal(waiting.n, 2);
	assert_int_equal(waiting.v[0], 8);
	assert_int_equal(waiting.v[1], 9);
	assert_ok(run_numbered(&cx, db, BOB, 7, &r));
	assert_string_equal(r.id, "r7");
	assert_ok(run_numbered(&cx, db, ANN, 7, &r));
	assert_null(r.id);
	assert_ok(run_active_all(&cx, db, BOB, &list));
	assert_string_equal(ids(&list), "r7");
	assert_ok(run_active_all(&cx, db, ANN, &list));
	assert_int_equal(list.n, 3);
}

static void
those_that_ended_are_read_on_from_a_number(void **state)
{
	struct run_list list;

	(void)state;
	assert_ok(run_ended(&cx, db, ANN, 1, 50, &list));
	assert_string_equal(ids(&list), "r1 r3 r5 r6");
	assert_ok(run_ended(&cx, db, ANN, 3, 50, &list));
	assert_string_equal(ids(&list), "r3 r5 r6");
	assert_ok(run_ended(&cx, db, ANN, 2, 2, &list));
	assert_string_equal(ids(&list), "r3 r5");
	assert_ok(run_ended(&cx, db, ANN, 7, 50, &list));
	assert_int_equal(list.n, 0);
	assert_ok(run_ended(&cx, db, BOB, 1, 50, &list));
	assert_string_equal(ids(&list), "r4");
}

static void
somebody_elses_run_does_not_exist(void **state)
{
	struct run r;
	struct run_list list;
	struct log_list lines;

	(void)state;
	assert_error(run_get(&cx, db, BOB, "r1", &r), E_NOT_FOUND);
	assert_error(run_get(&cx, db, BOB, "r99", &r), E_NOT_FOUND);
	assert_ok(run_latest(&cx, db, BOB, "c1", &r));
	assert_null(r.id);
	assert_ok(run_active(&cx, db, BOB, "c2", &r));
	assert_null(r.id);
	assert_ok(run_history(
	    &cx, db, &(struct run_page){ .owner = BOB, .conn_id = "c1", .limit = 50 }, &list));
	assert_int_equal(list.n, 0);
	assert_error(run_log(&cx, db,
			 &(struct log_page){ .owner = BOB, .run_id = "r3", .limit = 10 }, &lines),
	    E_NOT_FOUND);
	assert_error(run_log(&cx, db,
			 &(struct log_page){ .owner = ANN, .run_id = "r4", .limit = 10 }, &lines),
	    E_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_column_comes_back),
		TEST(latest_and_active_are_of_one_connection),
		TEST(history_is_newest_first_in_pages),
		TEST(the_overview_has_the_latest_of_each_and_never_misses_an_active_one),
		TEST(an_interrupted_run_leads_to_the_one_that_went_on),
		TEST(the_log_is_read_on_from_a_line),
		TEST(streams_read_everybodys_runs_in_order_of_making),
		TEST(those_that_ended_are_read_on_from_a_number),
		TEST(somebody_elses_run_does_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
