/* A preview says what a sync would do, and does nothing: of a source that is not connected yet, of
 * one that is, of a part of a large one. */
#include "engine_fixture.h"

static struct listing list;

/* NULL: what is shown of the source that is not connected yet. */
static enum rc
looked(const char *conn_id, int64_t enough, json **out)
{
	struct conn conn;
	struct look look = {
		.provider = "script",
		.config = json_new(cx.a),
		.owner = OWNER,
		.budget_ms = MINUTE_MS,
		.max_bytes = enough,
		.list = &list,
	};

	if (conn_id) {
		assert_ok(conn_get(&cx, db, OWNER, conn_id, &conn));
		look.existing = &conn;
	}
	cx.err = (struct err){ 0 };
	return engine_preview(&cx, db, &look, out);
}

static json *
preview_of(const char *conn_id)
{
	json *out;

	list.n = list.shown = list.bytes = 0;
	assert_ok(looked(conn_id, 1 << 20, &out));
	return out;
}

static const char *
text_of(const json *o, const char *member)
{
	return json_text(cx.a, json_at(o, member));
}

/* What lies in the directory of the runs. */
static int
left_on_disk(void)
{
	DIR *d = opendir(arena_printf(cx.a, "%s/spool", home));
	int n = 0;

	if (!d)
		return 0;
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* Nothing is left of it, here or on disk. */
static void
assert_traceless(int64_t datasets, int64_t runs)
{
	assert_int_equal(raw_number("SELECT count(*) FROM dataset"), datasets);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), runs);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NOT NULL"), 0);
	assert_int_equal(left_on_disk(), 0);
}

static const char *
people(int from, int to, const char *word)
{
	struct buf *b = buf_in(cx.a, 1 << 20);

	buf_str(b, "id,name\n");
	for (int i = from; i <= to; i++)
		buf_printf(b, "%d,%s %d\n", i, word, i);
	return buf_c(b);
}

static void
of_a_source_that_is_not_connected_the_rows_are_shown(void **state)
{
	json *o;

	(void)state;
	script.text = people(1, 3, "row");
	list = (struct listing){ .limit = 50 };
	o = preview_of(NULL);
	assert_string_equal(
	    text_of(o, "rows"), "[[\"1\",\"row 1\"],[\"2\",\"row 2\"],[\"3\",\"row 3\"]]");
	assert_true(json_flag(o, "complete", false));
	assert_int_equal(json_num(json_at(o, "plan"), "added", -1), 3);
	assert_int_equal(json_len(json_at(o, "datasets")), 1);
	assert_string_equal(json_str(json_nth(json_at(o, "columns"), 1), "label"), "name");
	assert_int_equal(json_num(json_at(json_at(o, "counts"), "local"), "add", -1), 3);
	assert_int_equal(json_num(json_at(json_at(o, "counts"), "remote"), "add", -1), 0);
	assert_traceless(0, 0);
}

static void
of_one_that_is_connected_every_change_is_listed_in_pages(void **state)
{
	const json *changes;
	json *o;

	(void)state;
	(void)sync_text(people(1, 30, "row"));
	/* Ten go, ten are others, five come. */
	script.text = arena_printf(
	    cx.a, "%s%s", people(1, 10, "new"), people(21, 35, "row") + strlen("id,name\n"));
	list = (struct listing){ .limit = 7 };
	o = preview_of(CONN);
	assert_string_equal(
	    text_of(json_at(o, "counts"), "local"), "{\"add\":5,\"update\":10,\"delete\":10}");
	assert_int_equal(json_num(json_at(o, "plan"), "unchanged", -1), 10);
	assert_int_equal(json_len(json_at(o, "changes")), 7);
	assert_int_equal(json_num(o, "total", -1), 25);
	assert_string_equal(text_of(o, "review"), "null");
	/* Page by page each comes once. */
	{
		int64_t all = 0;

		for (list.from = 0; list.from < 25; list.from += 7)
			all += (int64_t)json_len(json_at(preview_of(CONN), "changes"));
		assert_int_equal(all, 25);
	}
	list = (struct listing){ .limit = 50, .action = "update" };
	o = preview_of(CONN);
	changes = json_at(o, "changes");
	assert_int_equal(json_len(changes), 10);
	assert_string_equal(text_of(json_nth(changes, 0), "fields"),
	    "[{\"field\":\"name\",\"before\":\"row 1\",\"after\":\"new 1\"}]");
	list = (struct listing){ .limit = 50, .action = "delete" };
	assert_int_equal(json_len(json_at(preview_of(CONN), "changes")), 10);
	list = (struct listing){ .limit = 50, .side = "remote" };
	assert_int_equal(json_len(json_at(preview_of(CONN), "changes")), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 30);
	assert_traceless(1, 1);
}

static void
what_the_guard_would_ask_is_said(void **state)
{
	json *o;

	(void)state;
	(void)sync_text(people(1, 100, "row"));
	script.text = people(1, 40, "row");
	list = (struct listing){ .limit = 50 };
	o = preview_of(CONN);
	assert_int_equal(json_num(json_at(o, "review"), "deletions", -1), 60);
	assert_int_equal(json_num(json_at(o, "review"), "stored", -1), 100);
	raw("UPDATE connection SET guard = 'always'");
	assert_string_equal(text_of(preview_of(CONN), "review"), "null");
}

static void
a_part_of_a_large_source_deletes_nothing(void **state)
{
	json *o;

	(void)state;
	(void)sync_text(people(1, 1000, "row"));
	script.page_bytes = 500;
	script.text = people(1, 1000, "row");
	list = (struct listing){ .limit = 50 };
	assert_ok(looked(CONN, 100, &o));
	assert_false(json_flag(o, "complete", true));
	assert_int_equal(json_num(json_at(o, "plan"), "deleted", -1), 0);
	assert_int_equal(json_num(json_at(json_at(o, "counts"), "local"), "delete", -1), 0);
	assert_string_equal(text_of(o, "review"), "null");
}

static void
what_fails_is_said_and_leaves_nothing(void **state)
{
	json *o;

	(void)state;
	script.text = people(1, 3, "row");
	script.fail_page = 1;
	script.fail_kind = E_SOURCE_DENIED;
	list = (struct listing){ .limit = 50 };
	assert_error(looked(NULL, 1 << 20, &o), E_SOURCE_DENIED);
	script.fail_page = 0;
	script.fail_parse = true;
	assert_error(looked(CONN, 1 << 20, &o), E_CSV);
	assert_traceless(0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(of_a_source_that_is_not_connected_the_rows_are_shown),
		ENGINE_TEST(of_one_that_is_connected_every_change_is_listed_in_pages),
		ENGINE_TEST(what_the_guard_would_ask_is_said),
		ENGINE_TEST(a_part_of_a_large_source_deletes_nothing),
		ENGINE_TEST(what_fails_is_said_and_leaves_nothing),
	};

	fixture_root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
