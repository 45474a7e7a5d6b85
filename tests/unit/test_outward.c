/* The guard before what leaves: much that would be deleted or overwritten at a provider at once is
 * held, a person is asked, and what was answered is remembered. */
#include "unit/store_agree_fixture.h"

#include "base/clock.h"
#include "queue/outward.h"
#include "queue/queue.h"
#include "store/conn.h"

#define NOW INT64_C(1790000000000)

static const char *conns[] = { "c1", "c2" };

static int
begin(void **state)
{
	if (setup(state))
		return -1;
	clock_step_to(NOW);
	raw("INSERT INTO schedule (connection_id, owner, enabled, health, frequency,"
	    " interval_minutes, set_at) SELECT id, owner, 1, 'ok', 'hourly', 60, 1"
	    " FROM connection");
	return 0;
}

static int
end(void **state)
{
	clock_fake(0);
	return db_teardown(state);
}

/* Objects first .. first+n of which the connection has twins. */
static void
twins(int conn, int first, int n)
{
	for (int i = first; i < first + n; i++)
		linked(conns[conn],
		    (struct object){ OBJECT_EVENT, 0, arena_printf(cx.a, "e%02d", i) },
		    arena_printf(cx.a, "r%d", i));
}

static struct link
link_nth(int conn, int i)
{
	const struct object o = { OBJECT_EVENT, 0, arena_printf(cx.a, "e%02d", i) };
	struct link l;

	assert_ok(link_of(&cx, db, ANN, conns[conn], &o, &l));
	assert_non_null(l.id);
	return l;
}

static void
queued(int conn, int first, int n, const char *op)
{
	for (int i = first; i < first + n; i++) {
		struct outbox o = {
			.owner = ANN,
			.link_id = link_nth(conn, i).id,
			.connection_id = conns[conn],
			.op = op,
			.fields = strcmp(op, OUTBOX_PUT) ? NULL : "[\"title\"]",
		};

		WRITE(outbox_put(&cx, db, &o, clock_ms()));
	}
}

static void
judged(int conn)
{
	WRITE(outward_judge_new(&cx, db, ANN, conns[conn], clock_ms()));
}

static int
states(int conn, const char *state)
{
	struct outbox_page page = { .owner = ANN, .state = state, .after = "" };
	struct outbox_list list;
	int n = 0;

	assert_ok(outbox_list_state(&cx, db, &page, &list));
	for (size_t i = 0; i < list.n; i++)
		n += !strcmp(list.v[i].connection_id, conns[conn]);
	return n;
}

static void
gone_there(const char *link_id)
{
	struct link l;

	assert_ok(link_get(&cx, db, ANN, link_id, &l));
	l.base = NULL;
	WRITE(link_save(&cx, db, &l));
}

/* As the worker does: each due item in its turn, until nothing is. */
static int
sent(int conn)
{
	struct outbox o;
	int n = 0;

	for (;; n++) {
		judged(conn);
		WRITE(outbox_claim(&cx, db, conns[conn], clock_ms(), clock_ms() + MINUTE_MS, &o));
		if (!o.id)
			return n;
		if (!strcmp(o.op, OUTBOX_DELETE))
			gone_there(o.link_id);
		WRITE(outbox_settle(&cx, db, &o,
		    &(struct outbox_end){ .state = OUTBOX_DONE, .now = clock_ms() }, NULL));
	}
}

static struct run
question(int conn)
{
	struct run run;

	assert_ok(run_latest(&cx, db, ANN, conns[conn], &run));
	return run;
}

static void
answered(const struct run *run, const char *answer)
{
	const char *id;

	assert_ok(sync_answer(&cx, db, ANN, run->id, answer, &id));
	assert_string_equal(id, run->id);
}

static void
many_deletions_at_once_are_held_and_asked_about(void **state)
{
	struct run run;
	json *review;

	(void)state;
	twins(0, 0, 20);
	queued(0, 0, 15, OUTBOX_DELETE);
	assert_int_equal(sent(0), 0);
	assert_int_equal(states(0, OUTBOX_HELD), 15);
	run = question(0);
	assert_string_equal(run.state, "error");
	assert_string_equal(run.error_code, "needs_approval");
	review = json_stored(cx.a, run.review);
	assert_string_equal(json_str(review, "side"), "remote");
	assert_int_equal(json_num(review, "deletions", 0), 15);
	assert_int_equal(json_num(review, "stored", 0), 20);
	assert_int_equal(json_len(json_at(review, "items")), 15);
	assert_int_equal(json_len(json_at(review, "changes")), 15);
}

static void
half_of_them_or_ten_are_not_many(void **state)
{
	(void)state;
	twins(0, 0, 24);
	queued(0, 0, 12, OUTBOX_DELETE);
	assert_int_equal(sent(0), 12);
	twins(1, 0, 10);
	queued(1, 0, 10, OUTBOX_DELETE);
	assert_int_equal(sent(1), 10);
}

/* Those that have gone out count with those that wait, and so do overwritings. */
static void
they_count_for_ten_minutes_one_by_one(void **state)
{
	(void)state;
	twins(0, 0, 20);
	for (int i = 0; i < 15; i++) {
		queued(0, i, 1, i % 2 ? OUTBOX_PUT : OUTBOX_DELETE);
		assert_int_equal(sent(0), i < 10 ? 1 : 0);
	}
	assert_int_equal(states(0, OUTBOX_HELD), 5);
	assert_int_equal(json_num(json_stored(cx.a, question(0).review), "replaced", 0), 2);
	clock_step_by(11 * MINUTE_MS);
	twins(1, 50, 20);
	for (int i = 50; i < 65; i++) {
		clock_step_by(2 * MINUTE_MS);
		queued(1, i, 1, OUTBOX_PUT);
		assert_int_equal(sent(1), 1);
	}
}

/* One by one, as the worker takes them. */
static void
sent_one(int conn)
{
	struct outbox o;

	judged(conn);
	WRITE(outbox_claim(&cx, db, conns[conn], clock_ms(), clock_ms() + MINUTE_MS, &o));
	assert_non_null(o.id);
	WRITE(outbox_settle(
	    &cx, db, &o, &(struct outbox_end){ .state = OUTBOX_DONE, .now = clock_ms() }, NULL));
}

static void
one_that_is_edited_often_is_one(void **state)
{
	(void)state;
	twins(0, 0, 12);
	for (int i = 0; i < 20; i++) {
		queued(0, i % 2, 1, OUTBOX_PUT);
		assert_int_equal(sent(0), 1);
		clock_step_by(SECOND_MS);
	}
	/* Ten others beside them are many. */
	queued(0, 2, 10, OUTBOX_PUT);
	judged(0);
	assert_int_equal(states(0, OUTBOX_HELD), 10);
}

static void
a_burst_that_comes_while_others_are_sent_is_held(void **state)
{
	(void)state;
	twins(0, 0, 40);
	queued(0, 0, 15, OUTBOX_PUT);
	for (int i = 0; i < 5; i++)
		sent_one(0);
	queued(0, 15, 10, OUTBOX_DELETE);
	assert_int_equal(sent(0), 0);
	assert_int_equal(states(0, OUTBOX_HELD), 20);
}

/* Their edit came when there was nothing to be lost; the next one would overwrite. */
static void
what_comes_to_do_harm_while_it_waits_is_judged(void **state)
{
	(void)state;
	twins(0, 0, 20);
	raw("UPDATE link SET base = NULL");
	queued(0, 0, 15, OUTBOX_PUT);
	judged(0);
	raw("UPDATE link SET base = '{\"a\":1}'");
	queued(0, 0, 15, OUTBOX_PUT);
	assert_int_equal(sent(0), 0);
	assert_int_equal(states(0, OUTBOX_HELD), 15);
}

/* However many wait, no item is counted for each that is sent. */
static void
each_is_judged_once(void **state)
{
	(void)state;
	twins(0, 0, 40);
	queued(0, 0, 15, OUTBOX_PUT);
	for (int i = 0; i < 15; i++) {
		sent_one(0);
		assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE judged = 0"), 0);
	}
}

static void
what_harms_nothing_goes_on(void **state)
{
	struct link fresh = {
		.owner = ANN,
		.connection_id = "c1",
		.object = { OBJECT_EVENT, 0, "new" },
		.state = LINK_QUEUED,
	};
	struct outbox look = { .owner = ANN, .connection_id = "c1", .op = OUTBOX_PUT };

	(void)state;
	twins(0, 0, 20);
	queued(0, 0, 15, OUTBOX_DELETE);
	WRITE(link_insert(&cx, db, &fresh));
	look.link_id = fresh.id;
	WRITE(outbox_put(&cx, db, &look, clock_ms()));
	look.link_id = link_nth(0, 19).id;
	look.fields = "[]";
	WRITE(outbox_put(&cx, db, &look, clock_ms()));
	assert_int_equal(sent(0), 2);
	assert_int_equal(states(0, OUTBOX_HELD), 15);
}

static void
approved_they_go_and_are_not_asked_about_again(void **state)
{
	struct run run;

	(void)state;
	twins(0, 0, 20);
	queued(0, 0, 15, OUTBOX_DELETE);
	assert_int_equal(sent(0), 0);
	run = question(0);
	raw("UPDATE lane SET due_at = due_at + 3600000");
	answered(&run, "approve");
	/* At once, whatever the lane waited for. */
	assert_in_range(raw_number("SELECT due_at FROM lane WHERE kind = 'outbox'"), 1, clock_ms());
	queued(0, 3, 1, OUTBOX_DELETE); /* joins the one that is let go */
	assert_int_equal(sent(0), 15);
	assert_string_equal(question(0).state, "complete");
	queued(0, 15, 5, OUTBOX_PUT);
	assert_int_equal(sent(0), 5); /* a few, beside what was judged */
	assert_error(
	    sync_answer(&cx, db, ANN, run.id, "approve", &(const char *){ NULL }), E_STATE);
}

static void
what_was_kept_stays_kept_and_a_further_loss_is_asked_anew(void **state)
{
	struct run first, second;

	(void)state;
	twins(0, 0, 40);
	queued(0, 0, 21, OUTBOX_DELETE);
	assert_int_equal(sent(0), 0);
	first = question(0);
	answered(&first, "keep");
	assert_int_equal(sent(0), 0);
	assert_int_equal(states(0, OUTBOX_HELD), 0);
	assert_string_equal(link_nth(0, 3).state, LINK_SKIPPED);
	assert_string_equal(link_nth(0, 3).error_code, OUTWARD_KEPT);
	queued(0, 21, 19, OUTBOX_DELETE);
	queued(0, 0, 3, OUTBOX_PUT); /* edited again since */
	assert_int_equal(sent(0), 0);
	second = question(0);
	assert_string_not_equal(first.id, second.id);
	assert_int_equal(json_num(json_stored(cx.a, second.review), "deletions", 0), 19);
}

/* Each place with its own number; the names of what is asked about come once. */
static void
told_as(const struct run *run, int64_t here, int64_t elsewhere)
{
	const json *review = json_stored(cx.a, run->review);
	struct outward_place *v;
	size_t n;

	assert_int_equal(json_num(review, "stored", 0), 20);
	assert_int_equal(json_num(review, "deletions", 0), here);
	assert_int_equal(json_num(review, "replaced", -1), 0);
	assert_int_equal(json_len(json_at(review, "items")), here);
	assert_int_equal(json_len(json_at(review, "changes")), here);
	assert_ok(outward_places(&cx, db, run, &v, &n));
	assert_int_equal(n, 2);
	assert_string_equal(v[0].name, "One");
	assert_int_equal(v[0].n, here);
	assert_string_equal(v[1].name, "Two");
	assert_int_equal(v[1].n, elsewhere);
}

static void
one_question_is_for_all_copies_of_the_same_deletion(void **state)
{
	struct run run;

	(void)state;
	twins(0, 0, 20);
	twins(1, 0, 80);
	queued(0, 0, 15, OUTBOX_DELETE);
	queued(1, 0, 12, OUTBOX_DELETE);
	queued(1, 70, 3, OUTBOX_DELETE);
	assert_int_equal(sent(0), 0);
	assert_int_equal(states(1, OUTBOX_HELD), 12);
	queued(1, 12, 3, OUTBOX_DELETE); /* copies that come later */
	assert_int_equal(sent(1), 3);
	assert_int_equal(states(1, OUTBOX_HELD), 15);
	run = question(0);
	told_as(&run, 15, 15);
	assert_null(question(1).id);
	answered(&run, "approve");
	assert_int_equal(sent(0), 15);
	assert_int_equal(sent(1), 15);
}

static void
a_connection_that_is_never_to_be_asked_about_is_not(void **state)
{
	(void)state;
	twins(0, 0, 20);
	queued(0, 0, 15, OUTBOX_DELETE);
	WRITE(conn_set_guard(&cx, db, ANN, "c1", "always", ""));
	assert_int_equal(sent(0), 15);
}

/* What is edited where nothing is written is no overwriting, also when something is later. */
static void
where_nothing_is_written_nothing_is_asked(void **state)
{
	(void)state;
	twins(0, 0, 20);
	raw("UPDATE connection SET config = '{\"direction\":\"pull\"}' WHERE id = 'c1'");
	queued(0, 0, 15, OUTBOX_PUT);
	assert_int_equal(sent(0), 15);
	raw("UPDATE connection SET config = '{}' WHERE id = 'c1'");
	queued(0, 15, 2, OUTBOX_PUT);
	assert_int_equal(sent(0), 2);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_deletions_at_once_are_held_and_asked_about),
		TEST(half_of_them_or_ten_are_not_many),
		TEST(they_count_for_ten_minutes_one_by_one),
		TEST(one_that_is_edited_often_is_one),
		TEST(a_burst_that_comes_while_others_are_sent_is_held),
		TEST(what_comes_to_do_harm_while_it_waits_is_judged),
		TEST(each_is_judged_once),
		TEST(what_harms_nothing_goes_on),
		TEST(approved_they_go_and_are_not_asked_about_again),
		TEST(what_was_kept_stays_kept_and_a_further_loss_is_asked_anew),
		TEST(one_question_is_for_all_copies_of_the_same_deletion),
		TEST(a_connection_that_is_never_to_be_asked_about_is_not),
		TEST(where_nothing_is_written_nothing_is_asked),
	};

	return cmocka_run_group_tests_name("outward", tests, NULL, NULL);
}
