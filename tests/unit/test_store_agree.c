/* Links, outbox, conflicts and changes as rows. */
#include "unit/db_fixture.h"

#include "store/change.h"
#include "store/conflict.h"
#include "store/link.h"
#include "store/outbox.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"

#define WRITE(call) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_ok(db_end(&cx, db, (call))); \
	} while (0)
#define REFUSED(call, kind) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_error((call), (kind)); \
		db_rollback(db); \
	} while (0)

static const struct object event = { OBJECT_EVENT, 0, "e1" }, record = { OBJECT_RECORD, 7, "e1" };

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'member', 1), ('" BOB "', 'bob', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at,"
	    " updated_at) VALUES"
	    " ('c1', '" ANN "', 'x', 'One', '{}', 1, 1), ('c2', '" ANN
	    "', 'x', 'Two', '{}', 1, 1)");
	return 0;
}

static struct link
linked(const char *conn_id, struct object object, const char *remote_id)
{
	struct link l = {
		.owner = ANN,
		.connection_id = conn_id,
		.object = object,
		.remote_id = remote_id,
		.base = "{\"a\":1}",
		.state = LINK_SYNCED,
		.created_at = 10,
	};

	WRITE(link_insert(&cx, db, &l));
	return l;
}

/* --- links --- */

static void
a_link_is_found_by_either_end(void **state)
{
	struct link l = linked("c1", event, "r1"), got;

	(void)state;
	assert_ok(link_get(&cx, db, ANN, l.id, &got));
	assert_string_equal(got.base, "{\"a\":1}");
	assert_null(got.sent);
	assert_int_equal(got.rev, 1);
	assert_int_equal(got.created_at, 10);
	assert_int_equal(got.last_synced_at, 0);
	assert_ok(link_of(&cx, db, ANN, "c1", &event, &got));
	assert_string_equal(got.id, l.id);
	assert_ok(link_of_remote(&cx, db, ANN, "c1", "r1", &got));
	assert_string_equal(got.object.key, "e1");
	/* A record that is called like the event is another object. */
	assert_ok(link_of(&cx, db, ANN, "c1", &record, &got));
	assert_null(got.id);
	assert_ok(link_of(&cx, db, ANN, "c2", &event, &got));
	assert_null(got.id);
}

static void
a_foreign_link_is_not_there(void **state)
{
	struct link l = linked("c1", event, "r1"), got;
	struct link_list list;

	(void)state;
	assert_error(link_get(&cx, db, BOB, l.id, &got), E_NOT_FOUND);
	assert_ok(link_of(&cx, db, BOB, "c1", &event, &got));
	assert_null(got.id);
	assert_ok(link_of_remote(&cx, db, BOB, "c1", "r1", &got));
	assert_null(got.id);
	assert_ok(link_list(&cx, db, BOB, &event, &list));
	assert_int_equal(list.n, 0);
	l.owner = BOB;
	REFUSED(link_save(&cx, db, &l), E_STATE);
	REFUSED(link_delete(&cx, db, &l), E_STATE);
}

static void
an_object_and_a_remote_id_have_one_link_at_a_connection(void **state)
{
	struct link other = {
		.owner = ANN,
		.connection_id = "c1",
		.object = event,
		.state = LINK_QUEUED,
		.created_at = 1,
	};
	struct link_list list;

	(void)state;
	linked("c1", event, "r1");
	REFUSED(link_insert(&cx, db, &other), E_STATE);
	other.object.key = "e2";
	other.remote_id = "r1";
	REFUSED(link_insert(&cx, db, &other), E_STATE);
	linked("c2", event, "r1");
	linked("c1", record, NULL);
	assert_ok(link_list(&cx, db, ANN, &event, &list));
	assert_int_equal(list.n, 2);
}

static void
a_link_that_has_moved_is_not_written_over(void **state)
{
	struct link l = linked("c1", event, NULL), stale = l, got;

	(void)state;
	l.remote_id = "r1";
	l.etag = "\"7\"";
	l.sent = LINK_SENT_DELETION;
	l.state = LINK_QUEUED;
	l.last_synced_at = 20;
	WRITE(link_save(&cx, db, &l));
	assert_int_equal(l.rev, 2);
	REFUSED(link_save(&cx, db, &stale), E_STATE);
	REFUSED(link_delete(&cx, db, &stale), E_STATE);
	assert_ok(link_get(&cx, db, ANN, l.id, &got));
	assert_string_equal(got.remote_id, "r1");
	assert_string_equal(got.etag, "\"7\"");
	assert_string_equal(got.sent, "null");
	assert_int_equal(got.last_synced_at, 20);
	assert_int_equal(got.rev, 2);
	WRITE(link_save(&cx, db, &l));
	WRITE(link_delete(&cx, db, &l));
	assert_error(link_get(&cx, db, ANN, l.id, &got), E_NOT_FOUND);
}

static void
links_in_one_state_come_page_by_page(void **state)
{
	struct link_page page = {
		.owner = ANN,
		.connection_id = "c1",
		.state = LINK_SYNCED,
		.after = "",
		.limit = 2,
	};
	struct link_list list;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		linked(
		    "c1", (struct object){ OBJECT_EVENT, 0, arena_printf(cx.a, "e%d", i) }, NULL);
	do {
		assert_ok(link_list_state(&cx, db, &page, &list));
		n += list.n;
		page.after = list.next;
	} while (page.after);
	assert_int_equal(n, 5);
}

/* --- outbox --- */

static struct outbox
put(const struct link *l, const char *op, const char *fields, int64_t now)
{
	struct outbox o = {
		.owner = ANN,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = op,
		.fields = fields,
	};

	WRITE(outbox_put(&cx, db, &o, now));
	return o;
}

static struct outbox
claim(const char *conn_id, int64_t now)
{
	struct outbox o;

	WRITE(outbox_claim(&cx, db, conn_id, now, now + 60, &o));
	return o;
}

static struct outbox
settle(const struct outbox *o, const char *how, int64_t next_at, int64_t now)
{
	const struct outbox_end end = { .state = how, .next_at = next_at, .now = now };
	struct outbox after;

	WRITE(outbox_settle(&cx, db, o, &end, &after));
	return after;
}

static void
ten_edits_are_one_item(void **state)
{
	struct link l = linked("c1", event, NULL);
	struct outbox o = put(&l, OUTBOX_PUT, "[\"title\"]", 100);
	struct outbox again = put(&l, OUTBOX_PUT, "[\"start\",\"end\"]", 200);

	(void)state;
	assert_string_equal(again.id, o.id);
	assert_string_equal(again.fields, "[\"start\",\"end\",\"title\"]");
	assert_int_equal(again.edits, 2);
	assert_int_equal(again.next_at, 100);
	again = put(&l, OUTBOX_PUT, "[\"title\"]", 300);
	assert_string_equal(again.fields, "[\"title\",\"start\",\"end\"]");
	again = put(&l, OUTBOX_PUT, NULL, 300);
	assert_null(again.fields);
	again = put(&l, OUTBOX_DELETE, NULL, 300);
	assert_string_equal(again.op, OUTBOX_DELETE);
	/* Brought back: the whole of it. */
	again = put(&l, OUTBOX_PUT, "[\"title\"]", 300);
	assert_string_equal(again.op, OUTBOX_PUT);
	assert_null(again.fields);
}

static void
an_edit_that_joins_while_it_is_sent_is_sent_afterwards(void **state)
{
	struct link l = linked("c1", event, NULL);
	struct outbox o, after;

	(void)state;
	put(&l, OUTBOX_PUT, "[\"title\"]", 100);
	o = claim("c1", 100);
	put(&l, OUTBOX_PUT, "[\"place\"]", 110);
	assert_null(claim("c1", 120).id);
	after = settle(&o, OUTBOX_DONE, 0, 130);
	assert_string_equal(after.state, OUTBOX_WAITING);
	assert_int_equal(after.next_at, 130);
	assert_int_equal(after.attempts, 0);
	o = claim("c1", 130);
	after = settle(&o, OUTBOX_DONE, 0, 140);
	assert_string_equal(after.state, OUTBOX_DONE);
	assert_int_equal(after.finished_at, 140);
	assert_null(claim("c1", 1000).id);
	/* What comes now is another item. */
	assert_string_not_equal(put(&l, OUTBOX_PUT, NULL, 200).id, o.id);
}

static void
a_worker_whose_lease_lapsed_writes_nothing(void **state)
{
	struct link l = linked("c1", event, NULL);
	const struct outbox_end end = { .state = OUTBOX_DONE, .now = 300 };
	struct outbox late, o;

	(void)state;
	put(&l, OUTBOX_PUT, NULL, 100);
	late = claim("c1", 100);
	assert_null(claim("c1", 159).id);
	WRITE(outbox_mark(&cx, db, &late, "m1", 200));
	assert_null(claim("c1", 199).id);
	o = claim("c1", 200);
	assert_string_equal(o.id, late.id);
	assert_int_equal(o.fence, late.fence + 1);
	/* The one that takes over sees that a request may have gone out. */
	assert_string_equal(o.mark, "m1");
	REFUSED(outbox_settle(&cx, db, &late, &end, NULL), E_LEASE);
	REFUSED(outbox_mark(&cx, db, &late, "m2", 900), E_LEASE);
	o = settle(&o, OUTBOX_DONE, 0, 300);
	REFUSED(outbox_settle(&cx, db, &o, &end, NULL), E_LEASE);
}

static void
a_wait_is_not_shortened_by_an_edit_and_a_failure_is_tried_again(void **state)
{
	struct link l = linked("c1", event, NULL);
	struct outbox o;

	(void)state;
	put(&l, OUTBOX_PUT, NULL, 100);
	o = claim("c1", 100);
	WRITE(outbox_mark(&cx, db, &o, "m1", 200));
	settle(&o, OUTBOX_UNSURE, 500, 110);
	o = put(&l, OUTBOX_PUT, NULL, 120);
	assert_string_equal(o.state, OUTBOX_UNSURE);
	assert_int_equal(o.next_at, 500);
	assert_string_equal(o.mark, "m1");
	REFUSED(outbox_hurry(&cx, db, ANN, o.id, 130), E_STATE);
	o = claim("c1", 500);
	assert_string_equal(o.mark, "m1");
	o = settle(&o, OUTBOX_WAITING, 900, 510);
	assert_null(o.mark);
	assert_int_equal(o.attempts, 2);
	assert_int_equal(put(&l, OUTBOX_PUT, NULL, 520).next_at, 900);
	o = claim("c1", 900);
	o = settle(&o, OUTBOX_FAILED, 0, 910);
	assert_int_equal(o.next_at, 0);
	assert_int_equal(o.finished_at, 0);
	assert_null(claim("c1", 9999).id);
	o = put(&l, OUTBOX_PUT, NULL, 1000);
	assert_string_equal(o.state, OUTBOX_WAITING);
	assert_int_equal(o.next_at, 1000);
}

static void
a_person_tries_again_what_failed(void **state)
{
	struct link l = linked("c1", event, NULL);
	struct outbox o;

	(void)state;
	put(&l, OUTBOX_PUT, NULL, 100);
	o = claim("c1", 100);
	REFUSED(outbox_hurry(&cx, db, ANN, o.id, 105), E_STATE);
	settle(&o, OUTBOX_FAILED, 0, 110);
	REFUSED(outbox_hurry(&cx, db, BOB, o.id, 120), E_NOT_FOUND);
	WRITE(outbox_hurry(&cx, db, ANN, o.id, 120));
	o = claim("c1", 120);
	assert_int_equal(o.attempts, 1);
	settle(&o, OUTBOX_DONE, 0, 130);
	REFUSED(outbox_hurry(&cx, db, ANN, o.id, 140), E_STATE);
}

static void
what_is_held_is_not_sent_before_it_is_let_go(void **state)
{
	struct link l = linked("c1", event, NULL), other = linked("c2", event, NULL);
	int64_t at;

	(void)state;
	put(&l, OUTBOX_DELETE, NULL, 100);
	put(&other, OUTBOX_DELETE, NULL, 100);
	WRITE(outbox_hold(&cx, db, BOB, "c1", 105));
	WRITE(outbox_hold(&cx, db, ANN, "c1", 110));
	assert_ok(outbox_next(&cx, db, "c1", &at));
	assert_int_equal(at, 0);
	assert_null(claim("c1", 9999).id);
	assert_string_equal(put(&l, OUTBOX_DELETE, NULL, 120).state, OUTBOX_HELD);
	assert_non_null(claim("c2", 9999).id);
	WRITE(outbox_free(&cx, db, ANN, "c1", 130));
	assert_ok(outbox_next(&cx, db, "c1", &at));
	assert_int_equal(at, 130);
	assert_non_null(claim("c1", 130).id);
}

static void
the_queue_is_counted_listed_and_cleared(void **state)
{
	struct outbox_page page = {
		.owner = ANN,
		.state = OUTBOX_WAITING,
		.after = "",
		.limit = 2,
	};
	struct outbox_count counts[OUTBOX_STATES];
	struct outbox_list list;
	struct outbox o;
	size_t n;
	int64_t gone;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct link l = linked(
		    "c1", (struct object){ OBJECT_EVENT, 0, arena_printf(cx.a, "e%d", i) }, NULL);

		put(&l, OUTBOX_PUT, NULL, 100 + i);
	}
	o = claim("c1", 100);
	settle(&o, OUTBOX_DONE, 0, 110);
	assert_ok(outbox_list_state(&cx, db, &page, &list));
	assert_int_equal(list.n, 2);
	page.after = list.next;
	assert_ok(outbox_list_state(&cx, db, &page, &list));
	assert_int_equal(list.n, 1);
	assert_null(list.next);
	assert_ok(outbox_counts(&cx, db, ANN, counts, &n));
	assert_int_equal(n, 2);
	assert_string_equal(counts[0].state, OUTBOX_DONE);
	assert_int_equal(counts[1].n, 3);
	assert_ok(outbox_counts(&cx, db, BOB, counts, &n));
	assert_int_equal(n, 0);
	WRITE(outbox_clear(&cx, db, BOB, 999, 100, &gone));
	assert_int_equal(gone, 0);
	WRITE(outbox_clear(&cx, db, ANN, 110, 100, &gone));
	assert_int_equal(gone, 0);
	WRITE(outbox_clear(&cx, db, ANN, 111, 100, &gone));
	assert_int_equal(gone, 1);
	assert_error(outbox_get(&cx, db, ANN, o.id, &o), E_NOT_FOUND);
}

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
changes_of_a_dataset_go_with_it_and_all_after_their_time(void **state)
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
	WRITE(change_retain(&cx, db, 104, 3, &n));
	assert_int_equal(n, 3);
	WRITE(change_retain(&cx, db, 104, 3, &n));
	assert_int_equal(n, 1);
	WRITE(change_retain(&cx, db, 104, 3, &n));
	assert_int_equal(n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_is_found_by_either_end),
		TEST(a_foreign_link_is_not_there),
		TEST(an_object_and_a_remote_id_have_one_link_at_a_connection),
		TEST(a_link_that_has_moved_is_not_written_over),
		TEST(links_in_one_state_come_page_by_page),
		TEST(ten_edits_are_one_item),
		TEST(an_edit_that_joins_while_it_is_sent_is_sent_afterwards),
		TEST(a_worker_whose_lease_lapsed_writes_nothing),
		TEST(a_wait_is_not_shortened_by_an_edit_and_a_failure_is_tried_again),
		TEST(a_person_tries_again_what_failed),
		TEST(what_is_held_is_not_sent_before_it_is_let_go),
		TEST(the_queue_is_counted_listed_and_cleared),
		TEST(an_open_conflict_is_one_until_it_is_answered),
		TEST(what_lost_stays_when_its_link_and_connection_go),
		TEST(conflicts_are_listed_newest_first_by_state_and_by_object),
		TEST(changes_are_read_newest_first_by_object_and_by_run),
		TEST(changes_of_a_dataset_go_with_it_and_all_after_their_time),
	};

	return cmocka_run_group_tests_name("store of two ways", tests, NULL, NULL);
}
