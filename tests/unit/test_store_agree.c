/* Links and outbox as rows. */
#include "unit/store_agree_fixture.h"

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

/* The lane of a connection that process 7 works on. */
static void
lane_of(const char *conn_id)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO lane (id, kind, owner, due_at, pid) VALUES ('outbox|" ANN
	    "|%s', 'outbox', '" ANN "', 9999, 7)",
	    conn_id));
}

static void
what_a_dead_process_was_sending_is_due_and_its_own_no_more(void **state)
{
	struct link one = linked("c1", event, NULL), two = linked("c2", event, NULL);
	struct outbox marked, planned, other;

	(void)state;
	put(&one, OUTBOX_PUT, NULL, 100);
	marked = claim("c1", 100);
	WRITE(outbox_mark(&cx, db, &marked, "m", 900000));
	put(&two, OUTBOX_PUT, NULL, 100);
	other = claim("c2", 100);
	lane_of("c1");
	WRITE(outbox_orphaned(&cx, db, 8, 200));
	assert_ok(outbox_get(&cx, db, ANN, marked.id, &planned));
	assert_string_equal(planned.state, OUTBOX_SENDING);
	WRITE(outbox_orphaned(&cx, db, 7, 200));
	assert_ok(outbox_get(&cx, db, ANN, marked.id, &planned));
	assert_string_equal(planned.state, OUTBOX_UNSURE);
	assert_string_equal(planned.mark, "m");
	assert_string_equal(planned.error_code, "interrupted");
	assert_int_equal(planned.next_at, 200 + OUTBOX_LANDS_MS);
	REFUSED(outbox_mark(&cx, db, &marked, "again", 900000), E_LEASE);
	assert_ok(outbox_get(&cx, db, ANN, other.id, &planned));
	assert_string_equal(planned.state, OUTBOX_SENDING);
	lane_of("c2");
	WRITE(outbox_orphaned(&cx, db, 7, 300));
	assert_ok(outbox_get(&cx, db, ANN, other.id, &planned));
	assert_string_equal(planned.state, OUTBOX_WAITING);
	assert_int_equal(planned.next_at, 300);
	assert_null(claim("c2", 299).id);
	assert_string_equal(claim("c2", 300).id, other.id);
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
	WRITE(outbox_hold(&cx, db, BOB, "c1", "q", 105));
	WRITE(outbox_hold(&cx, db, ANN, "c1", "q", 110));
	assert_ok(outbox_next(&cx, db, "c1", &at));
	assert_int_equal(at, 0);
	assert_null(claim("c1", 9999).id);
	assert_string_equal(put(&l, OUTBOX_DELETE, NULL, 120).state, OUTBOX_HELD);
	assert_non_null(claim("c2", 9999).id);
	WRITE(outbox_free(&cx, db, BOB, "q", "~", 125));
	WRITE(outbox_free(&cx, db, ANN, "q", "", 125));
	assert_ok(outbox_next(&cx, db, "c1", &at));
	assert_int_equal(at, 0);
	WRITE(outbox_free(&cx, db, ANN, "q", "~", 130));
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
		TEST(what_a_dead_process_was_sending_is_due_and_its_own_no_more),
		TEST(a_wait_is_not_shortened_by_an_edit_and_a_failure_is_tried_again),
		TEST(a_person_tries_again_what_failed),
		TEST(what_is_held_is_not_sent_before_it_is_let_go),
		TEST(the_queue_is_counted_listed_and_cleared),
	};

	return cmocka_run_group_tests_name("store of two ways", tests, NULL, NULL);
}
