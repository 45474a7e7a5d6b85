/* What goes at a source with what it was a part of is told in its history once, and known by it. */
#include "unit/db_fixture.h"

#include "store/change.h"
#include "sync/parted.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"

/* Dataset 1 of c1 has "a", "b" and "gone", which was deleted; 2, of c2, has "a". */
static int
parted_open(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1), ('" BOB "', 'bob', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
	    " VALUES ('c1', '" ANN "', 'csv', 'one', '{}', 1, 1),"
	    " ('c2', '" ANN "', 'csv', 'two', '{}', 1, 1);"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule,"
	    " rows, next_seq, created_at) VALUES (1, 'd1', 'c1', '" ANN
	    "', '', 'One', '[]', '{}', 2, 4, 5), (2, 'd2', 'c2', '" ANN
	    "', '', 'Two', '[]', '{}', 1, 2, 5);"
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted,"
	    " action, sync_no) VALUES ((1 << 40) + 1, 1, 'a', '[]', 1, 1, NULL, 1, 1),"
	    " ((1 << 40) + 2, 1, 'b', '[]', 1, 1, NULL, 1, 1),"
	    " ((1 << 40) + 3, 1, 'gone', '[]', 1, 1, 1, 2, 1),"
	    " ((2 << 40) + 1, 2, 'a', '[]', 1, 1, NULL, 1, 1)");
	return 0;
}

static void
tells(const char *owner, const char *keys)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(parted_tell(&cx, db, owner, "c1", json_stored(cx.a, keys)));
	assert_ok(db_commit(&cx, db));
}

static bool
parted(const char *owner, int64_t dataset_no, const char *key)
{
	bool is = false;

	assert_ok(parted_is(&cx, db, owner, dataset_no, str_c(key), &is));
	return is;
}

static void
what_was_there_is_told_to_have_gone_with_the_whole(void **state)
{
	(void)state;
	tells(ANN, "[\"a\",\"gone\",\"unknown\"]");
	assert_string_equal(raw_table("SELECT dataset_no, object_key, action, side FROM change"),
	    arena_printf(cx.a, "dataset_no|object_key|action|side\n1|a|%d|remote", CHANGE_DELETED));
	assert_true(parted(ANN, 1, "a"));
	assert_false(parted(ANN, 1, "b"));
	assert_false(parted(ANN, 1, "gone"));
	assert_false(parted(ANN, 2, "a"));
	assert_false(parted(BOB, 1, "a"));
	/* Back, by whatever came last. */
	raw("INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side)"
	    " VALUES ('" ANN "', 'record', 1, 'a', 2, 1, 'remote')");
	assert_false(parted(ANN, 1, "a"));
}

static void
nothing_is_told_of_nothing_and_of_what_is_anothers(void **state)
{
	(void)state;
	tells(ANN, "[]");
	tells(BOB, "[\"a\"]");
	assert_int_equal(raw_number("SELECT count(*) FROM change"), 0);
	/* A deletion here is no parting. */
	raw(arena_printf(cx.a,
	    "INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side)"
	    " VALUES ('" ANN "', 'record', 1, 'b', 2, %d, 'local')",
	    CHANGE_DELETED));
	assert_false(parted(ANN, 1, "b"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, parted_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_there_is_told_to_have_gone_with_the_whole),
		TEST(nothing_is_told_of_nothing_and_of_what_is_anothers),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
