/* A preview of a calendar says what a sync would do here and there, and does neither. */
#include "hub_fixture.h"

#define DAY "2026-10-05"

static struct listing list;

static json *
preview(void)
{
	struct conn conn;
	struct look look = {
		.provider = "cal",
		.owner = OWNER,
		.existing = &conn,
		.budget_ms = MINUTE_MS,
		.max_bytes = 1 << 20,
		.list = &list,
	};
	json *out;

	assert_ok(conn_get(&cx, db, OWNER, CONN_A, &conn));
	look.config = json_stored(cx.a, conn.config);
	list = (struct listing){ .limit = 50 };
	assert_ok(engine_preview(&cx, db, &look, &out));
	return out;
}

/* "add update delete" of a side. */
static const char *
counted(const json *o, const char *side)
{
	const json *n = json_at(json_at(o, "counts"), side);

	return arena_printf(cx.a, "%lld %lld %lld", (long long)json_num(n, "add", -1),
	    (long long)json_num(n, "update", -1), (long long)json_num(n, "delete", -1));
}

static void
says(const char *local, const char *remote)
{
	const int64_t before = all_writes();
	const json *o = preview();

	assert_string_equal(counted(o, "local"), local);
	assert_string_equal(counted(o, "remote"), remote);
	assert_int_equal(all_writes(), before);
}

static void
each_side_is_told_what_would_come_to_it(void **state)
{
	struct thing *one, *two;
	const char *mine;

	(void)state;
	connect(CONN_A, "a", "");
	one = made_there(0, "g1", "One", DAY);
	two = made_there(0, "g2", "Two", DAY);
	mine = made_here("Mine", DAY);
	says("2 0 0", "1 0 0");
	settles();
	says("0 0 0", "0 0 0");
	edited_there(0, one, "title", "Eins");
	deleted_there(0, two);
	made_there(0, "g3", "Three", DAY);
	says("1 1 1", "0 0 0");
	/* And what was done here is for there; it is done as it was said. */
	edited_here(mine, "{\"title\":\"Meins\"}");
	says("1 1 1", "0 1 0");
	settles();
	assert_string_equal(title_here(mine), "Meins");
	assert_int_equal(events_here(), 3);
	says("0 0 0", "0 0 0");
	edited_here(mine, NULL);
	says("0 0 0", "0 0 1");
}

static void
the_changes_are_listed_with_what_differs(void **state)
{
	const json *changes;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "One", DAY);
	reads(CONN_A);
	edited_there(0, t, "title", "Eins");
	changes = json_at(preview(), "changes");
	assert_int_equal(json_len(changes), 1);
	assert_string_equal(json_str(json_nth(changes, 0), "side"), "local");
	assert_string_equal(json_str(json_nth(changes, 0), "action"), "update");
	assert_string_equal(json_text(cx.a, json_at(json_nth(changes, 0), "fields")),
	    "[{\"field\":\"title\",\"before\":\"One\",\"after\":\"Eins\"}]");
	assert_string_equal(title_here(newest_here()), "One");
}

static void
what_would_be_asked_is_said(void **state)
{
	struct thing *t[30];

	(void)state;
	connect(CONN_A, "a", "");
	for (int i = 0; i < 30; i++)
		t[i] = made_there(0, arena_printf(cx.a, "g%02d", i), "One", DAY);
	settles();
	for (int i = 0; i < 20; i++)
		deleted_there(0, t[i]);
	assert_string_equal(json_text(cx.a, json_at(preview(), "review")), "null");
	deleted_there(0, t[20]);
	says("0 0 21", "0 0 0");
	assert_int_equal(json_num(json_at(preview(), "review"), "deletions", -1), 21);
	assert_int_equal(json_num(json_at(preview(), "review"), "stored", -1), 30);
	assert_int_equal(events_here(), 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(each_side_is_told_what_would_come_to_it),
		HUB_TEST(the_changes_are_listed_with_what_differs),
		HUB_TEST(what_would_be_asked_is_said),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
