/* Conflicts and changes as rows. */
#include "unit/store_agree_fixture.h"

/* --- conflicts --- */

static struct conflict
met(const char *link_id, const char *how, const char *fields)
{
	bool open = !strcmp(how, CONFLICT_OPEN);
	struct conflict c = {
		.owner = ANN,
		.link_id = link_id,
		.connection_id = "c1",
		.object = event,
		.policy = open ? "ask" : "latest",
		.state = how,
		.fields = fields,
		.kept = open ? "{}" : "{\"a\":1}",
		.resolved_by = open ? NULL : "latest",
		.detected_at = 100,
		.resolved_at = open ? 0 : 100,
	};

	WRITE(conflict_put(&cx, db, &c));
	return c;
}

static void
an_open_conflict_is_one_until_it_is_answered(void **state)
{
	struct conflict c = met("l1", CONFLICT_OPEN, "[1]");
	struct conflict again = met("l1", CONFLICT_OPEN, "[2]");
	struct conflict got;

	(void)state;
	assert_string_equal(again.id, c.id);
	assert_ok(conflict_of_link(&cx, db, ANN, "l1", &got));
	assert_string_equal(got.fields, "[2]");
	assert_null(got.resolved_by);
	got.fields = "[3]";
	got.kept = "{\"a\":2}";
	got.resolved_by = "session";
	got.answer = "{\"choice\":\"local\"}";
	got.resolved_at = 200;
	WRITE(conflict_resolve(&cx, db, &got));
	REFUSED(conflict_resolve(&cx, db, &got), E_STATE);
	assert_ok(conflict_get(&cx, db, ANN, c.id, &got));
	assert_string_equal(got.state, CONFLICT_RESOLVED);
	assert_string_equal(got.kept, "{\"a\":2}");
	assert_string_equal(got.answer, "{\"choice\":\"local\"}");
	assert_int_equal(got.resolved_at, 200);
	assert_ok(conflict_of_link(&cx, db, ANN, "l1", &got));
	assert_null(got.id);
	assert_string_not_equal(met("l1", CONFLICT_OPEN, "[4]").id, c.id);
}

static void
the_same_edits_met_twice_are_one_conflict(void **state)
{
	struct conflict c = met("l1", CONFLICT_RESOLVED, "[1]"), other = c;

	(void)state;
	assert_string_equal(met("l1", CONFLICT_RESOLVED, "[1]").id, c.id);
	other.kept = "{\"a\":2}";
	WRITE(conflict_put(&cx, db, &other));
	assert_string_not_equal(other.id, c.id);
	assert_string_not_equal(met("l2", CONFLICT_RESOLVED, "[1]").id, c.id);
	assert_string_not_equal(met("l1", CONFLICT_RESOLVED, "[2]").id, c.id);
	assert_string_not_equal(met("l1", CONFLICT_RESOLVED, "[1]").id, c.id);
}

static void
what_lost_stays_when_its_link_and_connection_go(void **state)
{
	struct link l = linked("c1", event, NULL);
	struct conflict c = met(l.id, CONFLICT_RESOLVED, "[]"), got;

	(void)state;
	WRITE(link_delete(&cx, db, &l));
	raw("PRAGMA foreign_keys = ON; DELETE FROM connection WHERE id = 'c1'");
	assert_ok(conflict_get(&cx, db, ANN, c.id, &got));
	assert_string_equal(got.kept, "{\"a\":1}");
}

static void
conflicts_are_listed_newest_first_by_state_and_by_object(void **state)
{
	struct conflict_page page = { .owner = ANN, .state = CONFLICT_RESOLVED, .limit = 2 };
	struct conflict_list list;
	const char *last;
	int64_t n;

	(void)state;
	met("l1", CONFLICT_RESOLVED, "[]");
	met("l2", CONFLICT_RESOLVED, "[]");
	last = met("l1", CONFLICT_RESOLVED, "[]").id;
	met("l1", CONFLICT_OPEN, "[]");
	assert_ok(conflict_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].id, last);
	page.before = list.next;
	assert_ok(conflict_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 1);
	assert_null(list.next);
	page = (struct conflict_page){ .owner = ANN, .object = &event };
	assert_ok(conflict_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 4);
	page.object = &record;
	assert_ok(conflict_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 0);
	page = (struct conflict_page){ .owner = BOB, .object = &event };
	assert_ok(conflict_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 0);
	assert_error(conflict_get(&cx, db, BOB, last, &list.v[0]), E_NOT_FOUND);
	WRITE(conflict_forget(&cx, db, ANN, 7, 100, &n));
	assert_int_equal(n, 0);
	raw("UPDATE conflict SET object_kind = 'record', dataset_no = 7");
	WRITE(conflict_forget(&cx, db, BOB, 7, 100, &n));
	assert_int_equal(n, 0);
	WRITE(conflict_forget(&cx, db, ANN, 7, 3, &n));
	assert_int_equal(n, 3);
}

/* --- changes --- */

static void
changed(struct object object, int64_t sync_no, int64_t at, const char *before)
{
	const struct change c = {
		.owner = ANN,
		.object = object,
		.at = at,
		.action = CHANGE_UPDATED,
		.side = SIDE_HERE,
		.sync_no = sync_no,
		.actor = sync_no ? NULL : "session",
		.connection_id = "c1",
		.reason = "because",
		.fields = "[]",
		.before = before,
	};

	WRITE(change_insert(&cx, db, &c));
}

static void
changes_are_read_newest_first_by_object_and_by_run(void **state)
{
	struct change_page page = { .owner = ANN, .object = &event, .limit = 2 };
	struct change_list list;

	(void)state;
	changed(event, 5, 100, "1");
	changed(record, 5, 101, "2");
	changed(event, 0, 102, "3");
	changed(event, 6, 90, "4");
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].before, "4");
	assert_string_equal(list.v[1].before, "3");
	assert_string_equal(list.v[1].actor, "session");
	assert_int_equal(list.v[1].sync_no, 0);
	assert_int_equal(list.v[1].action, CHANGE_UPDATED);
	page.before = list.next;
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].before, "1");
	assert_int_equal(list.next, 0);
	/* A page that takes all of them is the last one. */
	page = (struct change_page){ .owner = ANN, .object = &event, .limit = 3 };
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 3);
	assert_int_equal(list.next, 0);
	page = (struct change_page){ .owner = ANN, .sync_no = 5 };
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].object.kind, OBJECT_RECORD);
	page.owner = BOB;
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 0);
	page = (struct change_page){ .owner = BOB, .object = &event };
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 0);
}

static void
changes_of_a_dataset_go_with_it_and_others_stay(void **state)
{
	int64_t n;

	(void)state;
	for (int i = 0; i < 5; i++) {
		changed(record, 5, 100 + i, NULL);
		changed(event, 5, 100 + i, NULL);
	}
	WRITE(change_forget(&cx, db, BOB, 7, 100, &n));
	assert_int_equal(n, 0);
	WRITE(change_forget(&cx, db, ANN, 7, 3, &n));
	assert_int_equal(n, 3);
	WRITE(change_forget(&cx, db, ANN, 7, 3, &n));
	assert_int_equal(n, 2);
}

static void
of_what_runs_did_to_an_object_the_newest_are_kept(void **state)
{
	const struct object other = { OBJECT_RECORD, record.dataset_no + 1, record.key };
	struct change_page page = { .owner = ANN, .object = &record, .limit = 50 };
	struct change_list list;
	int64_t n;

	(void)state;
	for (int i = 0; i < 5; i++) {
		changed(record, i == 1 ? 0 : 5, 100 + i, NULL);
		changed(event, 5, 100 + i, NULL);
		changed(other, 5, 100 + i, NULL);
	}
	WRITE(change_trim(&cx, db, BOB, &record, 2, &n));
	assert_int_equal(n, 0);
	WRITE(change_trim(&cx, db, ANN, &record, 4, &n));
	assert_int_equal(n, 0);
	WRITE(change_trim(&cx, db, ANN, &record, 2, &n));
	assert_int_equal(n, 2);
	assert_ok(change_page(&cx, db, &page, &list));
	assert_int_equal(list.n, 3);
	assert_int_equal(list.v[0].at, 104);
	assert_int_equal(list.v[1].at, 103);
	/* What a person did stays. */
	assert_int_equal(list.v[2].at, 101);
	assert_int_equal(raw_number("SELECT count(*) FROM change"), 13);
}

static void
the_number_of_a_change_is_never_given_again(void **state)
{
	int64_t n, last, now;

	(void)state;
	for (int i = 0; i < 5; i++)
		changed(record, 5, 100 + i, NULL);
	assert_ok(change_last(&cx, db, &last));
	assert_int_equal(last, 5);
	WRITE(change_forget(&cx, db, ANN, 7, 100, &n));
	assert_ok(change_last(&cx, db, &now));
	assert_int_equal(now, 0);
	changed(record, 5, 200, NULL);
	assert_ok(change_last(&cx, db, &now));
	assert_int_equal(now, last + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_open_conflict_is_one_until_it_is_answered),
		TEST(the_same_edits_met_twice_are_one_conflict),
		TEST(what_lost_stays_when_its_link_and_connection_go),
		TEST(conflicts_are_listed_newest_first_by_state_and_by_object),
		TEST(changes_are_read_newest_first_by_object_and_by_run),
		TEST(changes_of_a_dataset_go_with_it_and_others_stay),
		TEST(of_what_runs_did_to_an_object_the_newest_are_kept),
		TEST(the_number_of_a_change_is_never_given_again),
	};

	return cmocka_run_group_tests_name("store of two ways, what happened", tests, NULL, NULL);
}
