/* What a reader's cursor is held against: whoever cannot be given all that has changed since is
 * told to start again, and never gets a hole. */
#include "unit/db_fixture.h"

#include "base/hash.h"
#include "store/feed.h"

enum { NO = 7, LAST = 9 };

#define FIRST ((int64_t)NO << 40) /* before the first change of the dataset */

static struct feed_place at;

/* With changes 1 to LAST, of which deletions up to `pruned` (0: none) are forgotten; the last of
 * them was of 500. */
static struct dataset
dataset_of(int64_t pruned)
{
	return (struct dataset){
		.no = NO,
		.next_seq = LAST + 1,
		.pruned = pruned ? FIRST + pruned : 0,
		.pruned_at = pruned ? 500 : 0,
	};
}

static enum rc
seek(const struct dataset *d, const char *cursor, int64_t since)
{
	enum rc rc;

	cx.err = (struct err){ 0 };
	assert_ok(feed_open(&cx, db));
	rc = feed_seek(&cx, db, d, cursor, since, &at);
	db_read_end(db);
	return rc;
}

/* Of a reader who has all up to `after`, and began when `base` was the end. */
static const char *
cursor_of(int64_t after, int64_t base)
{
	const struct feed_place place = { FIRST + after, FIRST + base };
	const char *cursor;

	assert_ok(feed_open(&cx, db));
	assert_ok(feed_cursor(&cx, db, &place, &cursor));
	db_read_end(db);
	return cursor;
}

static void
who_has_no_cursor_begins_at_the_beginning(void **state)
{
	struct dataset d = dataset_of(0);

	(void)state;
	assert_ok(seek(&d, NULL, 0));
	assert_int_equal(at.after, FIRST);
	assert_int_equal(at.base, FIRST + LAST);
	d = dataset_of(4);
	assert_ok(seek(&d, "", 0));
	assert_int_equal(at.after, FIRST);
	assert_int_equal(at.base, FIRST + LAST);
}

static void
who_names_a_time_gets_deletions_too_as_long_as_they_are_remembered(void **state)
{
	struct dataset d = dataset_of(0);

	(void)state;
	assert_ok(seek(&d, NULL, 1));
	assert_int_equal(at.base, FIRST);
	d = dataset_of(4);
	assert_ok(seek(&d, NULL, 501));
	assert_int_equal(at.base, FIRST + 4);
	assert_error(seek(&d, NULL, 500), E_FEED_OVER);
	assert_error(seek(&d, NULL, 1), E_FEED_OVER);
	assert_non_null(strstr(cx.err.detail, "Start again"));
}

static void
a_cursor_is_good_while_nothing_behind_it_is_forgotten(void **state)
{
	const struct dataset d = dataset_of(4);

	(void)state;
	assert_ok(seek(&d, cursor_of(4, 0), 0));
	assert_int_equal(at.after, FIRST + 4);
	assert_int_equal(at.base, FIRST);
	assert_error(seek(&d, cursor_of(3, 3), 0), E_FEED_OVER);
	/* Who began later gets no deletions of what was never seen. */
	assert_ok(seek(&d, cursor_of(3, 4), 0));
	assert_ok(seek(&d, cursor_of(LAST, LAST), 0));
	assert_ok(seek(&d, cursor_of(0, LAST), 0));
}

static void
a_cursor_of_somewhere_else_is_refused(void **state)
{
	const struct dataset d = dataset_of(0), other = { .no = NO + 1, .next_seq = LAST + 1 };
	const char *good = cursor_of(4, 4);

	(void)state;
	assert_ok(seek(&d, good, 0));
	assert_error(seek(&other, good, 0), E_FEED_OVER);
	/* As of a dataset that was cleared since. */
	assert_error(seek(&d, cursor_of(LAST + 1, 4), 0), E_FEED_OVER);
	assert_error(seek(&d, cursor_of(4, LAST + 1), 0), E_FEED_OVER);
	assert_error(seek(&d, cursor_of(-1, 4), 0), E_FEED_OVER);
	assert_error(seek(&d, cursor_of(4, -1), 0), E_FEED_OVER);
	/* As after a restore. */
	raw("DELETE FROM meta WHERE name = 'feed_epoch'");
	assert_error(seek(&d, good, 0), E_FEED_OVER);
	assert_non_null(strstr(cx.err.detail, "restored from a backup"));
	assert_string_not_equal(cursor_of(4, 4), good);
}

static void
what_is_no_cursor_is_the_callers_fault(void **state)
{
	static const char *const texts[] = { "f", "x|e|1|1", "f|e", "f|e|1", "f|e|x|1", "f|e|1|x",
		"f|e|-1|1", "sx", "s-1" };
	const struct dataset d = dataset_of(0);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_error(seek(&d, base64url_encode(cx.a, str_c(texts[i])), 0), E_INPUT);
	assert_error(seek(&d, "not base64!", 0), E_INPUT);
	/* Those of earlier programs name no epoch. */
	assert_error(seek(&d, base64url_encode(cx.a, STR("s5")), 0), E_FEED_OVER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_has_no_cursor_begins_at_the_beginning),
		TEST(who_names_a_time_gets_deletions_too_as_long_as_they_are_remembered),
		TEST(a_cursor_is_good_while_nothing_behind_it_is_forgotten),
		TEST(a_cursor_of_somewhere_else_is_refused),
		TEST(what_is_no_cursor_is_the_callers_fault),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
