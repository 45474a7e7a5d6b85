/* Datasets and records as they are read: the feed in order of change, one record's history; and
 * only by their owner. */
#include "unit/db_fixture.h"

#include "base/buf.h"
#include "base/clock.h"
#include "store/data.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"
#define SEQ(no, n) (((int64_t)(no) << SEQ_SHIFT) + (n))

static struct dataset one;

/* Dataset 1 has keys k1 ... k9, changed at 1 ... 9 days; k3 is deleted; k5 was changed twice.
 * Dataset 2 follows right behind. */
static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1), ('" BOB "', 'bob', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('c1', '" ANN "', 'csv', 'one', '{}', 1, 1),"
	    " ('c2', '" BOB "', 'csv', 'two', '{}', 1, 1);"
	    "INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at, "
	    "updated_at, finished_at) VALUES"
	    " (1, 'r1', 'c1', '" ANN
	    "', 'first', 'complete', 'complete', 1000, 1, 2000), (2, 'r2', 'c1', '" ANN
	    "', 'manual', 'complete', 'complete', 3000, 1, 4000),"
	    " (3, 'r3', 'c2', '" BOB
	    "', 'first', 'complete', 'complete', 1400, 1, 1600), (4, 'r4', 'c1', '" ANN
	    "', 'schedule', 'complete', 'complete', 5000, 1, 6000);"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
	    "key_rule, rows, next_seq, as_of, created_at, view_name) VALUES"
	    " (1, 'd1', 'c1', '" ANN
	    "', '', 'One', '[{\"name\":\"id\"}]', '{\"kind\":\"content\"}', 8, 10, 77, 5, 'v'),"
	    " (2, 'd2', 'c1', '" ANN
	    "', 'tab', 'Two', '[]', '{}', 1, 2, NULL, 6, NULL), (3, 'd3', 'c2', '" BOB
	    "', '', 'Three', '[]', '{}', 0, 1, NULL, 7, NULL);"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
	    " INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, "
	    "action, sync_no)"
	    " SELECT (1 << 40) + i, 1, 'k' || i, '[\"' || i || '\"]', 1500, i * 86400000, 0, 1 "
	    "FROM n;"
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, action, "
	    "sync_no) VALUES (2199023255553, 2, 'k1', '[]', 1500, 1, 0, 1);"
	    "UPDATE record SET deleted = changed, action = 2 WHERE key = 'k3';"
	    "UPDATE record SET action = 1, sync_no = 4 WHERE key = 'k5';"
	    "INSERT INTO change (owner, object_kind, dataset_no, object_key, sync_no, at, action,"
	    " side, before) VALUES"
	    " ('" ANN "', 'record', 1, 'k5', 2, 3500, 1, 'local', '[\"a\"]'),"
	    " ('" ANN "', 'record', 1, 'k5', 4, 5500, 1, 'local', '[\"b\"]'),"
	    " ('" ANN "', 'record', 2, 'k5', 4, 5500, 1, 'local', '[\"other\"]'),"
	    " ('" ANN "', 'event', 1, 'k5', 4, 5500, 1, 'local', '[\"no record\"]');");
	assert_ok(dataset_get(&cx, db, ANN, "d1", &one));
	return 0;
}

static const char *
keys(const struct record_list *list)
{
	struct buf *b = buf_in(cx.a, 10000);

	for (size_t i = 0; i < list->n; i++)
		buf_printf(b, "%s%s", i ? " " : "", list->v[i].key);
	return buf_c(b);
}

static void
datasets_come_back_whole_and_in_order(void **state)
{
	struct dataset_list list;

	(void)state;
	assert_int_equal(one.no, 1);
	assert_string_equal(one.connection_id, "c1");
	assert_string_equal(one.owner, ANN);
	assert_string_equal(one.remote_id, "");
	assert_string_equal(one.name, "One");
	assert_string_equal(one.columns, "[{\"name\":\"id\"}]");
	assert_string_equal(one.key_rule, "{\"kind\":\"content\"}");
	assert_string_equal(one.view_name, "v");
	assert_int_equal(one.rows, 8);
	assert_int_equal(one.next_seq, 10);
	assert_int_equal(one.as_of, 77);
	assert_int_equal(one.created_at, 5);
	assert_ok(dataset_list(&cx, db, ANN, "c1", &list));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[1].id, "d2");
	assert_null(list.v[1].view_name);
}

static void
the_feed_is_in_order_of_change_and_ends(void **state)
{
	struct record_list list;

	(void)state;
	assert_ok(record_page(&cx, db, ANN, &one, &(struct record_page){ .limit = 5 }, &list));
	assert_string_equal(keys(&list), "k1 k2 k4 k5 k6");
	assert_int_equal(list.next, SEQ(1, 6));
	assert_ok(record_page(
	    &cx, db, ANN, &one, &(struct record_page){ .after = list.next, .limit = 5 }, &list));
	assert_string_equal(keys(&list), "k7 k8 k9");
	assert_int_equal(list.next, 0);
	assert_ok(record_page(
	    &cx, db, ANN, &one, &(struct record_page){ .after = SEQ(1, 9), .limit = 5 }, &list));
	assert_int_equal(list.n, 0);
	/* A page that ends with the last record has no next one. */
	assert_ok(record_page(
	    &cx, db, ANN, &one, &(struct record_page){ .deleted_too = true, .limit = 9 }, &list));
	assert_string_equal(keys(&list), "k1 k2 k3 k4 k5 k6 k7 k8 k9");
	assert_int_equal(list.next, 0);
	assert_int_equal(list.v[2].deleted, 3 * DAY_MS);
	assert_string_equal(record_action_name(list.v[2].action), "DELETED");
	assert_string_equal(list.v[0].payload.p, "[\"1\"]");
	assert_int_equal(list.v[0].payload.n, 5);
	assert_int_equal(list.v[0].first_seen, 1500);
	assert_int_equal(list.v[0].sync_no, 1);
}

static void
the_feed_begins_at_a_time(void **state)
{
	struct record_list list;

	(void)state;
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){ .since = 6 * DAY_MS, .deleted_too = true, .limit = 50 }, &list));
	assert_string_equal(keys(&list), "k6 k7 k8 k9");
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){ .since = 6 * DAY_MS + 1, .deleted_too = true, .limit = 2 },
	    &list));
	assert_string_equal(keys(&list), "k7 k8");
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){
		.after = list.next, .since = 6 * DAY_MS + 1, .deleted_too = true, .limit = 2 },
	    &list));
	assert_string_equal(keys(&list), "k9");
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){ .since = 100 * DAY_MS, .deleted_too = true, .limit = 2 },
	    &list));
	assert_int_equal(list.n, 0);
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){ .since = 1, .deleted_too = true, .limit = 50 }, &list));
	assert_int_equal(list.n, 9);
	/* A clock that was set back by less than a day hides nothing. */
	raw("UPDATE record SET changed = changed - 40000000 WHERE key IN ('k5', 'k7')");
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){ .since = 4 * DAY_MS, .deleted_too = true, .limit = 50 }, &list));
	assert_string_equal(keys(&list), "k4 k5 k6 k7 k8 k9");
	assert_ok(record_page(&cx, db, ANN, &one,
	    &(struct record_page){ .since = 5 * DAY_MS, .deleted_too = true, .limit = 50 }, &list));
	assert_string_equal(keys(&list), "k6 k7 k8 k9");
}

static void
a_cursor_of_another_dataset_is_refused(void **state)
{
	struct record_list list;

	(void)state;
	assert_error(
	    record_page(&cx, db, ANN, &one,
		&(struct record_page){ .after = SEQ(2, 0), .deleted_too = true, .limit = 5 },
		&list),
	    E_INPUT);
	assert_error(
	    record_page(&cx, db, ANN, &one,
		&(struct record_page){ .after = 5, .deleted_too = true, .limit = 5 }, &list),
	    E_INPUT);
	assert_error(
	    record_page(&cx, db, ANN, &one,
		&(struct record_page){ .after = -1, .deleted_too = true, .limit = 5 }, &list),
	    E_INPUT);
}

static void
a_records_history_is_newest_first_and_ends_with_its_first_appearance(void **state)
{
	struct record_changes h;

	(void)state;
	assert_ok(record_history(&cx, db, ANN, &one, &(struct history_page){ .key = "k5" }, &h));
	assert_int_equal(h.n, 3);
	assert_string_equal(h.v[0].sync_id, "r4");
	assert_string_equal(h.v[0].before, "[\"b\"]");
	assert_string_equal(h.v[0].trigger, "schedule");
	assert_int_equal(h.v[0].at, 5500);
	assert_string_equal(h.v[1].sync_id, "r2");
	assert_int_equal(h.v[1].action, 1);
	assert_int_equal(h.v[2].at, 1500);
	assert_int_equal(h.v[2].action, 0);
	assert_null(h.v[2].before);
	/* Only one run of this connection was under way then; another connection's does not
	 * count. */
	assert_string_equal(h.v[2].sync_id, "r1");
	assert_ok(record_history(&cx, db, ANN, &one, &(struct history_page){ .key = "k1" }, &h));
	assert_int_equal(h.n, 1);
	assert_string_equal(h.v[0].trigger, "first");
	/* Runs are forgotten before changes are. */
	raw("DELETE FROM sync WHERE id IN ('r1', 'r2')");
	assert_ok(record_history(&cx, db, ANN, &one, &(struct history_page){ .key = "k5" }, &h));
	assert_int_equal(h.n, 3);
	assert_null(h.v[1].sync_id);
	assert_null(h.v[2].sync_id);
	assert_error(record_history(&cx, db, ANN, &one, &(struct history_page){ .key = "k99" }, &h),
	    E_NOT_FOUND);
}

static void
a_long_history_comes_whole(void **state)
{
	struct record_changes h;

	(void)state;
	raw("WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 209)"
	    " INSERT INTO change (owner, object_kind, dataset_no, object_key, sync_no, at, action,"
	    " side, before)"
	    " SELECT '" ANN "', 'record', 1, 'k9', i, i, 1, 'local', '[' || i || ']' FROM n");
	assert_ok(record_history(&cx, db, ANN, &one, &(struct history_page){ .key = "k9" }, &h));
	assert_int_equal(h.n, 201);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(h.v[i].at, 209 - (int64_t)i);
}

static void
somebody_elses_data_does_not_exist(void **state)
{
	struct dataset d;
	struct dataset_list list;
	struct record_list page;
	struct record r;
	struct record_changes h;

	(void)state;
	assert_error(dataset_get(&cx, db, BOB, "d1", &d), E_NOT_FOUND);
	assert_error(dataset_get(&cx, db, ANN, "d3", &d), E_NOT_FOUND);
	assert_ok(dataset_list(&cx, db, BOB, "c1", &list));
	assert_int_equal(list.n, 0);
	/* Even with the dataset in hand. */
	assert_ok(record_page(
	    &cx, db, BOB, &one, &(struct record_page){ .deleted_too = true, .limit = 50 }, &page));
	assert_int_equal(page.n, 0);
	assert_ok(record_page(&cx, db, BOB, &one,
	    &(struct record_page){ .since = 5 * DAY_MS, .deleted_too = true, .limit = 50 }, &page));
	assert_int_equal(page.n, 0);
	assert_error(record_get(&cx, db, BOB, &one, "k1", &r), E_NOT_FOUND);
	assert_error(record_history(&cx, db, BOB, &one, &(struct history_page){ .key = "k1" }, &h),
	    E_NOT_FOUND);
	assert_ok(record_get(&cx, db, ANN, &one, "k5", &r));
	assert_string_equal(record_action_name(r.action), "UPDATED");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(datasets_come_back_whole_and_in_order),
		TEST(the_feed_is_in_order_of_change_and_ends),
		TEST(the_feed_begins_at_a_time),
		TEST(a_cursor_of_another_dataset_is_refused),
		TEST(a_records_history_is_newest_first_and_ends_with_its_first_appearance),
		TEST(a_long_history_comes_whole),
		TEST(somebody_elses_data_does_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
