/* Connections, schedules and credentials as rows: what is written comes back, and only to its
 * owner. */
#include "unit/db_fixture.h"

#include "base/buf.h"
#include "base/clock.h"
#include "store/conn.h"
#include "store/removal.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1), ('" BOB "', 'bob', 'member', 1);");
	return 0;
}

static struct conn
make(const char *owner, const char *id, const char *name, int64_t next)
{
	return (struct conn){
		.id = id,
		.owner = owner,
		.provider = "csv",
		.name = name,
		.config = "{\"url\":\"x\"}",
		.created_at = 5,
		.updated_at = 6,
		.sched = {
			.enabled = true,
			.freq = FREQ_HOURLY,
			.interval_minutes = 60,
			.next_poll_at = next,
			.set_at = 7,
			.max_retries = 3,
		},
	};
}

static void
insert(struct conn c)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(conn_insert(&cx, db, &c));
	assert_ok(db_commit(&cx, db));
}

#define WRITE(call) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_ok(call); \
		assert_ok(db_commit(&cx, db)); \
	} while (0)

#define REFUSED(call, kind) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_error(call, kind); \
		db_rollback(db); \
	} while (0)

static const struct sched every_column = {
	.enabled = true,
	.health = HEALTH_ATTENTION,
	.failing = true,
	.freq = FREQ_CUSTOM,
	.interval_minutes = 17,
	.rrule = "FREQ=DAILY",
	.time_zone = "Europe/Paris",
	.next_poll_at = 1,
	.set_at = 2,
	.last_polled_at = 3,
	.last_success_at = 4,
	.retry_count = 5,
	.deferrals = 6,
	.max_retries = 7,
	.error_code = "bad_csv",
	.error_detail = "Line 3.",
};

static void
every_column_comes_back(void **state)
{
	struct conn in = make(ANN, "c1", "Prices", 77), out;

	(void)state;
	in.cursor = "{\"etag\":\"x\"}";
	in.guard = "keep";
	in.guard_plan = "d12";
	in.config_rev = 4;
	in.sched = every_column;
	insert(in);
	assert_ok(conn_get(&cx, db, ANN, "c1", &out));
	assert_string_equal(out.owner, ANN);
	assert_string_equal(out.provider, "csv");
	assert_string_equal(out.name, "Prices");
	assert_string_equal(out.config, in.config);
	assert_int_equal(out.config_rev, 4);
	assert_string_equal(out.cursor, in.cursor);
	assert_string_equal(out.guard, "keep");
	assert_string_equal(out.guard_plan, "d12");
	assert_int_equal(out.created_at, 5);
	assert_int_equal(out.updated_at, 6);
	assert_true(out.sched.enabled && out.sched.failing);
	assert_int_equal(out.sched.health, HEALTH_ATTENTION);
	assert_int_equal(out.sched.freq, FREQ_CUSTOM);
	assert_int_equal(out.sched.interval_minutes, 17);
	assert_string_equal(out.sched.rrule, "FREQ=DAILY");
	assert_string_equal(out.sched.time_zone, "Europe/Paris");
	assert_int_equal(out.sched.next_poll_at, 1);
	assert_int_equal(out.sched.set_at, 2);
	assert_int_equal(out.sched.last_polled_at, 3);
	assert_int_equal(out.sched.last_success_at, 4);
	assert_int_equal(out.sched.retry_count, 5);
	assert_int_equal(out.sched.deferrals, 6);
	assert_int_equal(out.sched.max_retries, 7);
	assert_string_equal(out.sched.error_code, "bad_csv");
	assert_string_equal(out.sched.error_detail, "Line 3.");
	/* 0 is stored as null: what is not scheduled is in no index of what is due. */
	out.sched.next_poll_at = out.sched.last_polled_at = out.sched.last_success_at = 0;
	out.sched.error_code = out.sched.error_detail = out.sched.rrule = NULL;
	WRITE(sched_save(&cx, db, &out));
	assert_ok(conn_get(&cx, db, ANN, "c1", &out));
	assert_int_equal(out.sched.next_poll_at, 0);
	assert_int_equal(out.sched.last_success_at, 0);
	assert_null(out.sched.error_code);
	assert_null(out.sched.rrule);
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE next_poll_at IS NULL "
				    "AND last_polled_at IS NULL AND last_success_at IS NULL"),
	    1);
}

static void
somebody_elses_connection_does_not_exist(void **state)
{
	struct conn out;
	struct conn_list list;
	const char *sealed;

	(void)state;
	insert(make(ANN, "c1", "Prices", 1));
	WRITE(cred_put(&cx, db,
	    &(struct cred){
		.owner = ANN, .conn_id = "c1", .purpose = "config", .sealed = "v1.sealed" },
	    1));
	assert_error(conn_get(&cx, db, BOB, "c1", &out), E_NOT_FOUND);
	assert_error(conn_get(&cx, db, ANN, "c2", &out), E_NOT_FOUND);
	assert_error(conn_find(&cx, db, BOB, "Prices", &out), E_NOT_FOUND);
	REFUSED(conn_update(&cx, db,
		    &(struct conn){ .owner = BOB, .id = "c1", .name = "x", .config = "{}" }, 9),
	    E_NOT_FOUND);
	REFUSED(conn_set_cursor(&cx, db, BOB, "c1", "{}"), E_NOT_FOUND);
	REFUSED(conn_set_guard(&cx, db, BOB, "c1", "always", ""), E_NOT_FOUND);
	REFUSED(conn_remove(&cx, db, BOB, "c1", 9), E_NOT_FOUND);
	REFUSED(removal_doom(&cx, db, BOB, "c1", 1), E_NOT_FOUND);
	REFUSED(cred_put(&cx, db,
		    &(struct cred){
			.owner = BOB, .conn_id = "c1", .purpose = "config", .sealed = "mine" },
		    2),
	    E_NOT_FOUND);
	assert_ok(conn_get(&cx, db, ANN, "c1", &out));
	out.owner = BOB;
	REFUSED(sched_save(&cx, db, &out), E_NOT_FOUND);
	WRITE(cred_drop(&cx, db, BOB, "c1", "config"));
	assert_ok(cred_get(&cx, db, BOB, "c1", "config", &sealed));
	assert_null(sealed);
	assert_ok(cred_get(&cx, db, ANN, "c1", "config", &sealed));
	assert_string_equal(sealed, "v1.sealed");
	assert_ok(conn_list(&cx, db, BOB, "", 10, &list));
	assert_int_equal(list.n, 0);
	assert_ok(conn_due(&cx, db, BOB, 100, 10, &list));
	assert_int_equal(list.n, 0);
}

static void
lists_page_in_order_of_making(void **state)
{
	struct conn_list list;
	const char *after = "";
	struct buf *seen = buf_in(cx.a, 1000);
	int pages = 0;

	(void)state;
	for (int i = 0; i < 7; i++)
		insert(make(i == 3 ? BOB : ANN, arena_printf(cx.a, "c%d", i), "Same", 1));
	do {
		assert_ok(conn_list(&cx, db, ANN, after, 2, &list));
		for (size_t i = 0; i < list.n; i++)
			buf_str(seen, list.v[i].id);
		after = list.next;
		pages++;
	} while (after);
	assert_string_equal(buf_c(seen), "c0c1c2c4c5c6");
	assert_int_equal(pages, 3);
}

static void
a_name_finds_a_connection_when_it_is_the_only_one(void **state)
{
	struct conn out;

	(void)state;
	insert(make(ANN, "c1", "Prices", 1));
	insert(make(ANN, "c2", "Twice", 1));
	insert(make(ANN, "c3", "Twice", 1));
	insert(make(BOB, "c4", "Prices", 1));
	assert_ok(conn_find(&cx, db, ANN, "Prices", &out));
	assert_string_equal(out.id, "c1");
	assert_ok(conn_find(&cx, db, ANN, "c3", &out));
	assert_string_equal(out.id, "c3");
	assert_error(conn_find(&cx, db, ANN, "Twice", &out), E_INPUT);
	assert_error(conn_find(&cx, db, ANN, "prices", &out), E_NOT_FOUND);
}

static void
due_is_oldest_first_and_those_that_fail_take_turns_with_the_others(void **state)
{
	static const int64_t at[] = { 50, 10, 90, 30, 100, 0, 40 };
	struct conn_list list;
	struct buf *seen = buf_in(cx.a, 1000);

	(void)state;
	for (int i = 0; i < 7; i++) {
		struct conn c = make(i == 6 ? BOB : ANN, arena_printf(cx.a, "c%d", i), "x", at[i]);
		c.sched.failing = i % 2;
		insert(c);
	}
	assert_ok(conn_due(&cx, db, NULL, 90, 10, &list));
	for (size_t i = 0; i < list.n; i++)
		buf_str(seen, list.v[i].id);
	assert_string_equal(buf_c(seen), "c6c1c0c3c2");
	assert_ok(conn_due(&cx, db, NULL, 90, 2, &list));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[1].id, "c1");
	assert_ok(conn_due(&cx, db, ANN, 50, 10, &list));
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0].id, "c0");
	assert_ok(conn_due(&cx, db, NULL, 9, 10, &list));
	assert_int_equal(list.n, 0);
}

static void
only_a_changed_configuration_raises_its_revision(void **state)
{
	struct conn out;

	(void)state;
	insert(make(ANN, "c1", "Prices", 1));
	WRITE(conn_set_cursor(&cx, db, ANN, "c1", "{\"etag\":1}"));
	WRITE(conn_update(&cx, db,
	    &(struct conn){
		.owner = ANN, .id = "c1", .name = "New name", .config = "{\"url\":\"x\"}" },
	    9));
	assert_ok(conn_get(&cx, db, ANN, "c1", &out));
	assert_int_equal(out.config_rev, 1);
	assert_string_equal(out.name, "New name");
	assert_int_equal(out.updated_at, 9);
	WRITE(conn_update(&cx, db,
	    &(struct conn){
		.owner = ANN, .id = "c1", .name = "New name", .config = "{\"url\":\"y\"}" },
	    10));
	assert_ok(conn_get(&cx, db, ANN, "c1", &out));
	assert_int_equal(out.config_rev, 2);
	assert_string_equal(out.cursor, "{\"etag\":1}");
	WRITE(conn_set_cursor(&cx, db, ANN, "c1", NULL));
	WRITE(conn_set_guard(&cx, db, ANN, "c1", "approve", "d33"));
	assert_ok(conn_get(&cx, db, ANN, "c1", &out));
	assert_null(out.cursor);
	assert_string_equal(out.guard, "approve");
	assert_string_equal(out.guard_plan, "d33");
}

static void
a_removed_connection_is_hidden_and_forgets_its_secrets(void **state)
{
	struct conn out;
	struct conn_list list;
	const char *sealed;

	(void)state;
	insert(make(ANN, "c1", "Prices", 1));
	WRITE(cred_put(&cx, db,
	    &(struct cred){ .owner = ANN, .conn_id = "c1", .purpose = "config", .sealed = "one" },
	    1));
	WRITE(cred_put(&cx, db,
	    &(struct cred){ .owner = ANN, .conn_id = "c1", .purpose = "config", .sealed = "two" },
	    2));
	WRITE(cred_put(&cx, db,
	    &(struct cred){ .owner = ANN, .conn_id = "c1", .purpose = "token", .sealed = "three" },
	    2));
	assert_ok(cred_get(&cx, db, ANN, "c1", "config", &sealed));
	assert_string_equal(sealed, "two");
	WRITE(conn_remove(&cx, db, ANN, "c1", 50));
	assert_error(conn_get(&cx, db, ANN, "c1", &out), E_NOT_FOUND);
	assert_error(conn_find(&cx, db, ANN, "Prices", &out), E_NOT_FOUND);
	assert_ok(conn_list(&cx, db, ANN, "", 10, &list));
	assert_int_equal(list.n, 0);
	assert_ok(conn_due(&cx, db, NULL, 1000, 10, &list));
	assert_int_equal(list.n, 0);
	assert_ok(cred_get(&cx, db, ANN, "c1", "token", &sealed));
	assert_null(sealed);
	REFUSED(conn_remove(&cx, db, ANN, "c1", 51), E_NOT_FOUND);
	REFUSED(conn_update(&cx, db,
		    &(struct conn){ .owner = ANN, .id = "c1", .name = "x", .config = "{}" }, 51),
	    E_NOT_FOUND);
}

/* Records hang on their dataset's number, which a later dataset gets again: none may stay
 * behind. */
static void
a_connection_that_is_to_go_goes_page_by_page(void **state)
{
	const char *next;
	bool more = true;
	int pages = 0;

	(void)state;
	insert(make(ANN, "c1", "Prices", 1));
	insert(make(ANN, "c2", "Other", 1));
	raw("INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
	    "key_rule, created_at, view_name) VALUES"
	    " (1, 'd1', 'c1', '" ANN "', '', 'x', '[]', '{}', 1, 'data_x'), (2, 'd2', 'c1', '" ANN
	    "', 'tab', 'y', '[]', '{}', 1, NULL),"
	    " (3, 'd3', 'c2', '" ANN "', '', 'z', '[]', '{}', 1, NULL);"
	    "CREATE VIEW data_x AS SELECT 1;"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)"
	    " INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, "
	    "action, sync_no)"
	    " SELECT (d.no << 40) + i, d.no, 'k' || i, '[]', 1, 1, 0, 1 FROM n, dataset d;"
	    "INSERT INTO change (owner, object_kind, dataset_no, object_key, side, sync_no, at,"
	    " action)"
	    " SELECT d.owner, 'record', r.dataset_no, r.key, 'local', 2, 1, 1 FROM record r"
	    " JOIN dataset d ON d.no = r.dataset_no;");
	REFUSED(removal_doom(&cx, db, BOB, "c1", 5), E_NOT_FOUND);
	WRITE(removal_doom(&cx, db, ANN, "c1", 5));
	REFUSED(removal_doom(&cx, db, ANN, "c1", 5), E_NOT_FOUND);
	assert_int_equal(raw_number("SELECT count(*) FROM dataset"), 1);
	assert_ok(removal_next(&cx, db, BOB, &next));
	assert_null(next);
	for (; more; pages++)
		WRITE(removal_records(&cx, db, ANN, "c1", 10, &more));
	assert_true(pages >= 10);
	WRITE(removal_records(&cx, db, BOB, "c2", 1000, &more));
	assert_false(more);
	assert_ok(removal_next(&cx, db, ANN, &next));
	assert_string_equal(next, "c1");
	/* One that is not to go does not. */
	WRITE(removal_conn(&cx, db, ANN, "c2"));
	WRITE(removal_conn(&cx, db, ANN, "c1"));
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 25);
	assert_int_equal(raw_number("SELECT count(*) FROM change"), 25);
	assert_int_equal(raw_number("SELECT count(*) FROM dataset"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM connection"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM schedule"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_master WHERE type = 'view'"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_column_comes_back),
		TEST(somebody_elses_connection_does_not_exist),
		TEST(lists_page_in_order_of_making),
		TEST(a_name_finds_a_connection_when_it_is_the_only_one),
		TEST(due_is_oldest_first_and_those_that_fail_take_turns_with_the_others),
		TEST(only_a_changed_configuration_raises_its_revision),
		TEST(a_removed_connection_is_hidden_and_forgets_its_secrets),
		TEST(a_connection_that_is_to_go_goes_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
