/* What was kept is released in pieces, by the run that asks again: nobody waits long for it, and
 * whatever ends that run, the next one goes on. */
#include "kept_fixture.h"

#include "queue/release.h"

static int64_t
still_kept(void)
{
	return raw_number("SELECT count(*) FROM link WHERE state = 'skipped'");
}

static int64_t
held(void)
{
	return raw_number("SELECT count(*) FROM outbox WHERE state = 'held'");
}

static enum rc
page_write(struct ctx *c, struct db *d, void *arg)
{
	return release_kept(c, d, arg);
}

/* As a run leaves it that dies after its first page. */
static void
a_page_is_released(int64_t limit)
{
	struct release_page p = { .owner = OWNER, .conn_id = CONN_A, .limit = limit };

	assert_ok(db_write(&cx, db, page_write, &p));
	assert_true(p.more);
	assert_int_equal(p.released, limit);
}

static void
who_asks_again_waits_for_none_of_what_was_kept(void **state)
{
	(void)state;
	kept_there();
	asks_again();
	assert_int_equal(still_kept(), MANY - LEFT);
	assert_int_equal(held(), 0);
	assert_int_equal(db_write(&cx, db, again_write, NULL), RC_CONFLICT);
	assert_int_equal(cx.err.kind, E_STATE);
	cx.err = (struct err){ 0 };
	assert_ok(runs_all(&cx, db));
	assert_int_equal(still_kept(), 0);
	assert_int_equal(held(), MANY - LEFT);
	asks_again();
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(held(), MANY - LEFT);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE trigger = 'guard'"), 2);
	assert_int_equal(live_there(0), MANY);
	answered("approve");
	assert_level(LEFT);
}

static void
what_is_released_in_pieces_is_one_question(void **state)
{
	(void)state;
	kept_there();
	raw("UPDATE connection SET guard_percent = 100, guard_items = 1000");
	asks_again();
	for (int n = 1; n < MANY - LEFT; n++) {
		a_page_is_released(1);
		sends();
		assert_int_equal(held(), n);
		assert_int_equal(asked("deletions"), n);
		assert_non_null(strstr(question().error_detail, "kept before"));
	}
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(held(), MANY - LEFT);
	assert_int_equal(asked("deletions"), MANY - LEFT);
	assert_int_equal(
	    json_len(json_at(json_stored(cx.a, question().review), "items")), MANY - LEFT);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE trigger = 'guard'"), 2);
	assert_int_equal(live_there(0), MANY);
	answered("approve");
	assert_level(LEFT);
}

/* Who is that quick is asked about the rest alone. */
static void
what_is_kept_once_more_before_all_is_released_stays_kept(void **state)
{
	(void)state;
	kept_there();
	asks_again();
	a_page_is_released(2);
	says("keep");
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(asked("deletions"), MANY - LEFT - 2);
	assert_int_equal(still_kept(), 2);
	answered("approve");
	settles();
	assert_int_equal(live_there(0), LEFT + 2);
	assert_silence(2);
}

static enum rc
read_write(struct ctx *c, struct db *d, void *arg)
{
	struct conn conn;
	const char *id;

	(void)arg;
	TRY(conn_get(c, d, OWNER, CONN_A, &conn));
	return sync_reset(c, d, &conn, RESET_READ, &id);
}

static void
a_run_that_is_stopped_leaves_the_rest_to_the_next_whatever_that_reads(void **state)
{
	(void)state;
	kept_there();
	asks_again();
	a_page_is_released(2);
	assert_ok(
	    sync_cancel(&cx, db, OWNER, first_of("SELECT id FROM sync WHERE state = 'queued'")));
	assert_ok(db_write(&cx, db, read_write, NULL));
	assert_ok(runs_all(&cx, db));
	sends();
	assert_int_equal(held(), MANY - LEFT);
	assert_int_equal(asked("deletions"), MANY - LEFT);
	answered("approve");
	assert_level(LEFT);
}

/* Of many that were kept here, a run has died between two pages: how many it has released. */
static int64_t
killed_between_pages(int many)
{
	void *state = NULL;

	for (int at = 1; at < 20; at++) {
		assert_int_equal(hub_setup(&state), 0);
		connect(CONN_A, "a", "");
		made_there(0, "g1", "Event", DAY);
		settles();
		raw(arena_printf(cx.a,
		    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		    "INSERT INTO link (id, owner, connection_id, object_kind, object_key, "
		    "remote_id, base, state, error_code, created_at, updated_at) "
		    "SELECT 'l' || i, owner, connection_id, object_kind, 'none' || i, 'r' || i, "
		    "base, 'skipped', 'kept', 1, 1 FROM n, link WHERE remote_id = 'g1'",
		    many));
		asks_again();
		assert_true(dies(work_all, at));
		if (still_kept() < many)
			return many - still_kept();
		assert_int_equal(hub_teardown(&state), 0);
	}
	return 0;
}

static void
of_many_that_were_kept_a_few_hundred_are_released_in_one_write_at_most(void **state)
{
	enum { SO_MANY = 1000 };
	const int64_t done = killed_between_pages(SO_MANY);

	(void)state;
	assert_in_range(done, 1, 200);
	assert_int_equal(held(), done);
	time_passes();
	assert_ok(work_all(&cx, db));
	assert_int_equal(still_kept(), 0);
	assert_int_equal(held(), SO_MANY);
	assert_int_equal(asked("deletions"), SO_MANY);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE trigger = 'guard'"), 1);
	assert_int_equal(hub_teardown(state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(who_asks_again_waits_for_none_of_what_was_kept),
		HUB_TEST(what_is_released_in_pieces_is_one_question),
		HUB_TEST(what_is_kept_once_more_before_all_is_released_stays_kept),
		HUB_TEST(a_run_that_is_stopped_leaves_the_rest_to_the_next_whatever_that_reads),
		cmocka_unit_test(
		    of_many_that_were_kept_a_few_hundred_are_released_in_one_write_at_most),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("hub_release", tests, NULL, NULL);
}
