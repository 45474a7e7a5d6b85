/* A connection is left: what Tidemark has made there goes from there, what people have there stays,
 * and so does all that is here and elsewhere; also when it is killed at any step, or a statement
 * of it fails. */
#include "hub_fixture.h"

#include "caller_fixture.h"

#include "app/leave.h"
#include "app/people.h"
#include "send/remover.h"

#define DAY "2026-10-05"

/* Two made here and one that came from B are copies in A; one is A's own. */
static void
begins(void)
{
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	made_here("Mine", DAY);
	made_here("Mine, too", DAY);
	made_there(0, "g1", "Theirs", DAY);
	made_there(1, "h1", "From B", DAY);
	settles();
	assert_int_equal(live_there(0), 4);
	assert_int_equal(live_there(1), 4);
}

static const char *
exits(bool data)
{
	const char *id;

	assert_ok(conn_exit(&cx, db, &owner_calls, CONN_A, data, &id));
	return id;
}

static void
leaves(void)
{
	for (int i = 0; i < 3; i++) {
		assert_ok(work_all(&cx, db));
		time_passes();
	}
}

static const char *
state_of(const char *run_id)
{
	struct run r;

	assert_ok(run_get(&cx, db, OWNER, run_id, &r));
	return r.state;
}

static void
assert_is_left(const char *here)
{
	assert_int_equal(live_there(0), 1);
	assert_string_equal(title_there(thing_at(&cals[0], "g1")), "Theirs");
	assert_int_equal(live_there(1), 4);
	assert_string_equal(titles_here(), here);
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE id = '" CONN_A
				    "' AND removed_at IS NULL"),
	    0);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
}

static void
what_was_made_there_goes_and_everything_else_stays(void **state)
{
	char run[UUID_TEXT]; /* runs take the memory of what was before them */
	int64_t writes;
	json *look;

	(void)state;
	begins();
	writes = cals[0].writes;
	assert_ok(conn_exit_look(&cx, db, OWNER, CONN_A, &look));
	assert_int_equal(json_num(look, "count", 0), 3);
	for (size_t i = 0; i < 3; i++) {
		const json *item = json_nth(json_at(look, "items"), i);

		assert_string_equal(json_str(item, "action"), "delete");
		assert_string_not_equal(json_str(item, "title"), "Theirs");
		assert_non_null(json_str(item, "externalId"));
	}
	assert_int_equal(cals[0].writes, writes);
	snprintf(run, sizeof run, "%s", exits(false));
	assert_string_equal(exits(false), run); /* asked for twice */
	leaves();
	assert_string_equal(state_of(run), "complete");
	assert_is_left("From B,Mine,Mine, too,Theirs,");
	assert_int_equal(cals[0].writes, writes + 3);
	assert_string_equal(
	    raw_lines("SELECT action FROM audit ORDER BY rowid", 0), "clean exit started\n");
	/* What is done afterwards is no business of the one that was left. */
	made_here("Later", DAY);
	ask_sync(CONN_B);
	leaves();
	assert_int_equal(live_there(0), 1);
	assert_int_equal(live_there(1), 5);
}

static void
what_this_version_does_not_know_any_more_can_be_left(void **state)
{
	char run[UUID_TEXT];

	(void)state;
	connect(CONN_A, "a", "");
	made_there(0, "g1", "Theirs", DAY);
	settles();
	raw("UPDATE connection SET provider = 'none'");
	snprintf(run, sizeof run, "%s", exits(false));
	leaves();
	assert_string_equal(state_of(run), "complete");
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE removed_at IS NULL"), 0);
	assert_string_equal(title_there(thing_at(&cals[0], "g1")), "Theirs");
}

static void
who_may_not_and_whose_it_is_not_leaves_nothing(void **state)
{
	const char *id;
	json *look;

	(void)state;
	begins();
	assert_error(conn_exit(&cx, db, owner_may(SCOPE_READ | SCOPE_SYNC), CONN_A, false, &id),
	    E_FORBIDDEN);
	assert_error(conn_exit(&cx, db, other_calls(), CONN_A, false, &id), E_NOT_FOUND);
	assert_error(conn_exit_look(&cx, db, OTHER, CONN_A, &look), E_NOT_FOUND);
	assert_error(conn_exit(&cx, db, &owner_calls, "none", false, &id), E_NOT_FOUND);
	leaves();
	assert_int_equal(live_there(0), 4);
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE removed_at IS NULL"), 2);
}

/* Which calendar they are about nobody knows any more: the usual one may be another. */
static void
by_settings_that_are_damaged_nothing_is_removed(void **state)
{
	char run[UUID_TEXT], config[1000]; /* runs take the memory of what was before them */

	(void)state;
	begins();
	snprintf(config, sizeof config, "%s",
	    raw_lines("SELECT quote(config) FROM connection WHERE id = '" CONN_A "'", 0));
	raw("UPDATE connection SET config = '{\"calen' WHERE id = '" CONN_A "'");
	snprintf(run, sizeof run, "%s", exits(false));
	leaves();
	assert_string_equal(state_of(run), "error");
	assert_int_equal(live_there(0), 4);
	raw(arena_printf(
	    cx.a, "UPDATE connection SET config = %s WHERE id = '" CONN_A "'", config));
	snprintf(run, sizeof run, "%s", exits(false));
	leaves();
	assert_string_equal(state_of(run), "complete");
	assert_is_left("From B,Mine,Mine, too,Theirs,");
}

/* A run whose disk fails has ended with that: somebody asks for another. */
static bool
ended_badly(void)
{
	return raw_number("SELECT count(*) FROM sync WHERE error_code = 'disk_error'") > 0;
}

static void
leaves_though(void **state, struck_fn *struck)
{
	int at = 1;

	for (bool killed = true; killed; at += SLOW_SHARE) {
		assert_int_equal(hub_setup(state), 0);
		begins();
		exits(false);
		killed = struck(work_all, at);
		time_passes();
		leaves();
		if (ended_badly())
			exits(false);
		leaves();
		assert_is_left("From B,Mine,Mine, too,Theirs,");
		assert_int_equal(hub_teardown(state), 0);
	}
	assert_in_range(at, 10, 1000);
}

static void
killed_at_any_step_it_is_left_all_the_same(void **state)
{
	leaves_though(state, dies);
}

static void
whichever_statement_fails_it_is_left_all_the_same(void **state)
{
	leaves_though(state, fails_at);
}

/* --- a user who is removed --- */

static enum rc
removal_work(struct ctx *c, struct db *d, struct parcel *p)
{
	return remover_work(c, d, &p->lane);
}

static void
is_removed(void)
{
	static const struct sender removals = { .work = removal_work };

	sender_use(LANE_REMOVAL, &removals);
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OTHER
	    "', 'boss', 'operator', 1)");
	assert_ok(people_remove(&cx, db, other_calls(), OWNER, true));
}

/* Until nobody has anything to do: what waits for a time does not. */
static void
is_gone(void)
{
	for (int i = 0; i < 8; i++) {
		assert_ok(work_all(&cx, db));
		time_passes();
		raw("UPDATE lane SET due_at = 1, hold_until = 0 WHERE due_at IS NOT NULL");
	}
}

/* What the person has there stays, at either; of the user nothing is left here. */
static void
assert_user_is_left(void)
{
	static const char *const owned[] = { "connection", "event", "link", "outbox", "sync",
		"lane", "schedule", "change" };

	for (int i = 0; i < CALS; i++)
		assert_int_equal(live_there(i), 1);
	assert_string_equal(title_there(thing_at(&cals[0], "g1")), "Theirs");
	assert_string_equal(title_there(thing_at(&cals[1], "h1")), "From B");
	assert_int_equal(raw_number("SELECT count(*) FROM account WHERE id = '" OWNER "'"), 0);
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		if (raw_number(arena_printf(
			cx.a, "SELECT count(*) FROM %s WHERE owner = '" OWNER "'", owned[i])))
			flunk("something is left in %s", owned[i]);
}

static int
is_removed_though(void **state, struck_fn *struck)
{
	int at = 1;

	for (bool killed = true; killed; at += SLOW_SHARE) {
		assert_int_equal(hub_setup(state), 0);
		begins();
		is_removed();
		killed = struck(work_all, at);
		time_passes();
		is_gone();
		assert_user_is_left();
		assert_int_equal(hub_teardown(state), 0);
	}
	return at;
}

static void
killed_at_any_step_a_user_who_is_removed_is_left_to_the_end(void **state)
{
	assert_in_range(is_removed_though(state, dies), 20, 1000);
}

static void
whichever_statement_fails_a_user_who_is_removed_is_left_to_the_end(void **state)
{
	assert_in_range(is_removed_though(state, fails_at), 20, 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_this_version_does_not_know_any_more_can_be_left),
		HUB_TEST(what_was_made_there_goes_and_everything_else_stays),
		HUB_TEST(who_may_not_and_whose_it_is_not_leaves_nothing),
		HUB_TEST(by_settings_that_are_damaged_nothing_is_removed),
		cmocka_unit_test(killed_at_any_step_it_is_left_all_the_same),
		cmocka_unit_test(whichever_statement_fails_it_is_left_all_the_same),
		cmocka_unit_test(killed_at_any_step_a_user_who_is_removed_is_left_to_the_end),
		cmocka_unit_test(
		    whichever_statement_fails_a_user_who_is_removed_is_left_to_the_end),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("connections that are left", tests, NULL, NULL);
}
