/* What the guard holds follows the answer in pieces: who answers waits for none of it, nothing is
 * decided before it has followed, and whatever dies meanwhile, the next turn goes on. */
#include "kept_fixture.h"

#include "base/step.h"
#include "queue/doomed.h"
#include "queue/heed.h"
#include "queue/leave.h"
#include "queue/outward.h"
#include "store/outbox.h"

static int64_t
held(void)
{
	return raw_number("SELECT count(*) FROM outbox WHERE state = 'held'");
}

static int64_t
kept(void)
{
	return raw_number("SELECT count(*) FROM link WHERE state = 'skipped'");
}

static int64_t
questions(void)
{
	struct outbox_question v[OUTBOX_QUESTIONS];
	size_t n;

	assert_ok(outbox_questions(&cx, db, OWNER, v, &n));
	return (int64_t)n;
}

/* Pages of two, and no more at once in the answer itself. */
static int
in_pieces(void **state)
{
	step_pages(2);
	return hub_setup(state);
}

static int
in_pieces_over(void **state)
{
	step_pages(0);
	return hub_teardown(state);
}

/* Most of them deleted here, and held. */
static void
deletions_are_held(void)
{
	connected();
	for (int i = LEFT; i < MANY; i++)
		edited_here(event_of(i), NULL);
	sends();
	assert_int_equal(held(), MANY - LEFT);
	assert_int_equal(questions(), 1);
}

/* All of them overwritten here, and held. */
static void
edits_are_held(void)
{
	connected();
	for (int i = 0; i < MANY; i++)
		edited_here(event_of(i), "{\"title\":\"Mine\"}");
	sends();
	assert_int_equal(held(), MANY);
}

static const char *
message_of(const char *run)
{
	return first_of(arena_printf(cx.a, "SELECT message FROM sync WHERE id = '%s'", run));
}

static enum rc
page_write(struct ctx *c, struct db *d, void *arg)
{
	return heed_page(c, d, arg);
}

/* As a turn leaves it that dies after its first page. */
static void
a_page_follows(void)
{
	struct heed_page p = { .owner = OWNER };

	assert_ok(db_write(&cx, db, page_write, &p));
	assert_true(p.more);
	assert_int_equal(p.n, 2);
}

/* It is answered for everybody, and nothing of it has been done yet. */
static void
assert_answered(const char *run)
{
	struct outbox_standing standing;
	struct conn c;
	const char *id;

	assert_int_equal(questions(), 0);
	assert_ok(conn_get(&cx, db, OWNER, CONN_A, &c));
	assert_false(c.held);
	assert_ok(outbox_standing(&cx, db, OWNER, CONN_A, &standing));
	assert_int_equal(standing.held, 0);
	assert_non_null(strstr(message_of(run), "This is being carried out"));
	assert_error(sync_answer(&cx, db, OWNER, run, "approve", &id), E_STATE);
	assert_error(sync_answer(&cx, db, OWNER, run, "keep", &id), E_STATE);
	cx.err = (struct err){ 0 };
}

static void
who_keeps_waits_for_none_of_what_is_held(void **state)
{
	const char *run;

	(void)state;
	deletions_are_held();
	run = question().id;
	says("keep");
	assert_int_equal(held(), MANY - LEFT);
	assert_int_equal(kept(), 0);
	assert_answered(run);
	a_page_follows();
	assert_int_equal(held(), MANY - LEFT - 2);
	assert_answered(run);
	assert_non_null(strstr(message_of(run), "2 so far"));
	sends();
	assert_int_equal(held(), 0);
	assert_int_equal(kept(), MANY - LEFT);
	assert_null(strstr(message_of(run), "carried out"));
	assert_non_null(strstr(message_of(run), "is kept."));
	assert_int_equal(raw_number("SELECT count(*) FROM ruling"), 0);
	settles();
	assert_int_equal(live_there(0), MANY);
	assert_silence(2);
}

static void
who_lets_it_go_waits_for_none_of_what_is_held(void **state)
{
	struct outbox_standing standing;
	const char *run;

	(void)state;
	deletions_are_held();
	run = question().id;
	says("approve");
	assert_int_equal(held(), MANY - LEFT);
	assert_answered(run);
	assert_ok(outbox_standing(&cx, db, OWNER, CONN_A, &standing));
	assert_int_equal(standing.waiting, MANY - LEFT);
	assert_int_equal(live_there(0), MANY);
	sends();
	assert_int_equal(held(), 0);
	assert_string_equal(message_of(run), "Answered: what was held is sent.");
	assert_level(LEFT);
}

/* So many are listed in that state, page by page, each once. */
static int
listed(const char *owner, const char *state)
{
	struct outbox_page page = { .owner = owner, .state = state, .after = "", .limit = 2 };
	struct outbox_list list;
	const char *last = "";
	int n = 0;

	do {
		assert_ok(outbox_list_state(&cx, db, &page, &list));
		for (size_t i = 0; i < list.n; i++, n++) {
			assert_true(strcmp(last, list.v[i].id) < 0);
			assert_string_equal(list.v[i].state, state);
			last = list.v[i].id;
		}
		page.after = list.next;
	} while (list.next);
	return n;
}

/* {"waiting": 6}: for the operator. */
static const char *
measured(void)
{
	json *o = json_new(cx.a);

	assert_ok(db_query(&cx, db, Q_STATS_OUTBOX, ""));
	while (db_next(db, Q_STATS_OUTBOX))
		json_set_i64(o, db_dup(cx.a, db, Q_STATS_OUTBOX, C_STATS_OUTBOX_STATE),
		    db_num(db, Q_STATS_OUTBOX, C_STATS_OUTBOX_N));
	assert_ok(db_done(&cx, db, Q_STATS_OUTBOX));
	return json_text(cx.a, o);
}

static void
what_was_let_go_is_older_than_what_waits_since(void **state)
{
	struct outbox_count counts[OUTBOX_STATES];
	const char *first;
	size_t n, i = 0;

	(void)state;
	deletions_are_held();
	first = first_of("SELECT min(id) FROM outbox WHERE state = 'held'");
	says("approve");
	edited_here(event_of(0), "{\"title\":\"Mine\"}");
	assert_ok(outbox_counts(&cx, db, OWNER, counts, &n));
	while (i < n && strcmp(counts[i].state, OUTBOX_WAITING))
		i++;
	assert_int_equal(counts[i].n, MANY - LEFT + 1);
	assert_string_equal(counts[i].first, first);
}

static void
what_was_answered_is_told_as_what_it_is_about_to_be(void **state)
{
	const char *const answers[] = { "keep", "approve" };

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(in_pieces(state), 0);
		deletions_are_held();
		assert_string_equal(measured(), "{\"held\":6}");
		assert_int_equal(listed(OWNER, OUTBOX_HELD), MANY - LEFT);
		says(answers[i]);
		for (int done = 0; done < 2; done++) {
			const int left = MANY - LEFT - 2 * done;

			assert_int_equal(listed(OWNER, OUTBOX_HELD), 0);
			assert_int_equal(listed("somebody else", OUTBOX_WAITING), 0);
			assert_int_equal(listed(OWNER, OUTBOX_WAITING), i ? MANY - LEFT : 0);
			assert_string_equal(measured(), i ? "{\"waiting\":6}" : "{}");
			assert_int_equal(held(), left);
			if (!done)
				a_page_follows();
		}
		assert_int_equal(in_pieces_over(state), 0);
	}
}

static void
a_turn_that_dies_anywhere_is_gone_on_with(void **state)
{
	const char *const answers[] = { "keep", "approve" };
	int died = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (int at = 1; at < 12; at++) {
			void *own = NULL;

			assert_int_equal(in_pieces(&own), 0);
			deletions_are_held();
			says(answers[i]);
			died += dies(work_all, at);
			time_passes();
			settles();
			assert_int_equal(held(), 0);
			assert_int_equal(questions(), 0);
			assert_int_equal(live_there(0), i ? LEFT : MANY);
			assert_int_equal(kept(), i ? 0 : MANY - LEFT);
			assert_silence(2);
			assert_int_equal(in_pieces_over(&own), 0);
		}
	assert_true(died > 10);
}

static void
what_is_edited_after_it_was_kept_is_sent_though_it_was_still_held(void **state)
{
	const char *id;

	(void)state;
	edits_are_held();
	id = event_of(MANY - 1);
	says("keep");
	edited_here(id, "{\"title\":\"Mine, again\"}");
	settles();
	assert_string_equal(title_there(thing_at(&cals[0], "g07")), "Mine, again");
	assert_string_equal(title_there(thing_at(&cals[0], "g06")), "Event 06");
	assert_int_equal(held(), 0);
	assert_int_equal(kept(), MANY - 1);
	assert_silence(2);
}

static void
what_is_edited_after_it_was_let_go_is_sent_as_it_is_now(void **state)
{
	(void)state;
	edits_are_held();
	says("approve");
	edited_here(event_of(MANY - 1), "{\"title\":\"Mine, again\"}");
	settles();
	assert_string_equal(title_there(thing_at(&cals[0], "g07")), "Mine, again");
	assert_string_equal(title_there(thing_at(&cals[0], "g06")), "Mine");
	assert_silence(2);
}

static enum rc
judge_write(struct ctx *c, struct db *d, void *arg)
{
	(void)arg;
	return outward_judge(c, d, OWNER, CONN_A, clock_ms());
}

/* Nor is it added to what was answered. */
static void
a_further_loss_is_asked_about_while_an_answer_is_carried_out(void **state)
{
	const char *first;

	(void)state;
	connected();
	for (int i = 4; i < MANY; i++)
		edited_here(event_of(i), NULL);
	sends();
	first = question().id;
	says("keep");
	for (int i = 0; i < 4; i++)
		edited_here(event_of(i), NULL);
	assert_ok(db_write(&cx, db, judge_write, NULL));
	assert_int_equal(raw_number("SELECT count(*) FROM ruling"), 1);
	assert_int_equal(held(), MANY);
	assert_int_equal(questions(), 1);
	assert_string_not_equal(question().id, first);
	assert_int_equal(asked("deletions"), 4);
	sends();
	assert_int_equal(asked("deletions"), 4);
	assert_int_equal(kept(), 4);
	answered("approve");
	settles();
	assert_int_equal(live_there(0), 4);
	assert_silence(2);
}

static void
a_run_has_all_of_it_follow_before_it_reads(void **state)
{
	(void)state;
	deletions_are_held();
	says("keep");
	deleted_there(0, thing_at(&cals[0], "g00"));
	edited_there(0, thing_at(&cals[0], "g07"), "title", "Theirs");
	assert_string_equal(reads(CONN_A).state, "complete");
	assert_int_equal(held(), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM ruling"), 0);
	settles();
	assert_int_equal(live_there(0), MANY - 1);
	assert_silence(2);
}

static enum rc
gone_write(struct ctx *c, struct db *d, void *arg)
{
	return outward_gone(c, d, OWNER, arg, clock_ms());
}

/* The one that asked goes before its answer has come to the copies. */
static void
copies_elsewhere_follow_though_the_one_that_asked_is_gone(void **state)
{
	const char *asker;

	(void)state;
	connect(CONN_B, "b", "");
	connected();
	settles();
	assert_int_equal(live_there(1), MANY);
	for (int i = LEFT; i < MANY; i++)
		edited_here(event_of(i), NULL);
	sends();
	assert_int_equal(held(), 2 * (MANY - LEFT));
	asker = question().connection_id;
	says("keep");
	assert_ok(db_write(&cx, db, gone_write, (void *)asker));
	assert_int_equal(held(), 2 * (MANY - LEFT));
	sends();
	assert_int_equal(held(), 0);
	assert_int_equal(kept(), 2 * (MANY - LEFT));
	settles();
	assert_int_equal(live_there(0), MANY);
	assert_int_equal(live_there(1), MANY);
}

static enum rc
leave_write(struct ctx *c, struct db *d, void *arg)
{
	struct conn conn;

	TRY(conn_get(c, d, OWNER, CONN_A, &conn));
	return leave_end(c, d, &conn, *(bool *)arg, clock_ms());
}

/* Nothing is left to carry out, nor does anything wait for that. */
static void
assert_carried_out(void)
{
	assert_int_equal(raw_number("SELECT count(*) FROM ruling"), 0);
	assert_int_equal(held(), 0);
	assert_int_equal(questions(), 0);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM lane WHERE kind = 'answer' AND due_at IS NOT NULL"),
	    0);
}

static void
an_answer_ends_with_the_connection_that_it_was_given_for(void **state)
{
	const char *const answers[] = { "keep", "approve" };

	for (int i = 0; i < 4; i++) {
		bool data = i % 2;

		assert_int_equal(in_pieces(state), 0);
		deletions_are_held();
		says(answers[i / 2]);
		a_page_follows();
		assert_ok(db_write(&cx, db, leave_write, &data));
		sends();
		time_passes();
		sends();
		assert_carried_out();
		assert_int_equal(live_there(0), MANY);
		assert_int_equal(raw_number("SELECT count(*) FROM link") == 0, data);
		assert_int_equal(in_pieces_over(state), 0);
	}
}

static enum rc
user_goes_write(struct ctx *c, struct db *d, void *arg)
{
	(void)arg;
	return doomed_ask(c, d, OWNER, clock_ms());
}

static void
an_answer_ends_with_the_user_who_gave_it(void **state)
{
	assert_int_equal(in_pieces(state), 0);
	deletions_are_held();
	says("approve");
	raw("UPDATE account SET removed_at = 1");
	assert_ok(db_write(&cx, db, user_goes_write, NULL));
	for (int i = 0; i < 5; i++) {
		sends();
		time_passes();
	}
	assert_int_equal(raw_number("SELECT count(*) FROM account"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM lane"), 0);
	assert_carried_out();
	assert_int_equal(in_pieces_over(state), 0);
}

/* Nothing goes there, and what was said is not asked again. */
static void
an_answer_is_carried_out_while_the_connection_rests(void **state)
{
	(void)state;
	deletions_are_held();
	says("approve");
	raw("UPDATE schedule SET enabled = 0");
	sends();
	assert_carried_out();
	assert_int_equal(live_there(0), MANY);
	raw("UPDATE schedule SET enabled = 1");
	assert_level(LEFT);
}

/* The run that asked may be forgotten before all has followed. */
static void
an_answer_is_carried_out_though_the_run_that_asked_is_forgotten(void **state)
{
	(void)state;
	deletions_are_held();
	says("keep");
	raw("DELETE FROM sync WHERE id = (SELECT question FROM ruling)");
	sends();
	assert_carried_out();
	assert_int_equal(kept(), MANY - LEFT);
	settles();
	assert_int_equal(live_there(0), MANY);
}

/* Of many that are held, a turn has died between two pages: how many have followed. */
static int64_t
killed_between_pages(const char *answer, int many)
{
	void *state = NULL;

	for (int at = 1; at < 20; at++) {
		assert_int_equal(hub_setup(&state), 0);
		deletions_are_held();
		raw(arena_printf(cx.a,
		    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		    "INSERT INTO link (id, owner, connection_id, object_kind, object_key, "
		    "remote_id, base, state, created_at, updated_at) "
		    "SELECT 'l' || i, owner, connection_id, object_kind, 'none' || i, 'r' || i, "
		    "base, 'queued', 1, 1 FROM n, link WHERE remote_id = 'g07';"
		    "INSERT INTO outbox (id, owner, link_id, connection_id, op, state, harms, "
		    "question, created_at, updated_at) "
		    "SELECT 'o' || l.id, l.owner, l.id, l.connection_id, 'delete', 'held', 1, "
		    "o.question, 1, 1 FROM link l, outbox o WHERE l.object_key LIKE 'none%%' "
		    "AND o.link_id = (SELECT id FROM link WHERE remote_id = 'g07')",
		    many - (MANY - LEFT)));
		assert_int_equal(held(), many);
		says(answer);
		assert_int_equal(held(), many);
		assert_true(dies(work_all, at));
		if (held() < many)
			return many - held();
		assert_int_equal(hub_teardown(&state), 0);
	}
	return 0;
}

static void
of_many_that_are_held_a_few_hundred_follow_in_one_write_at_most(void **state)
{
	enum { SO_MANY = 1000 };
	const char *const answers[] = { "keep", "approve" };

	for (size_t i = 0; i < 2; i++) {
		assert_in_range(killed_between_pages(answers[i], SO_MANY), 1, 200);
		assert_int_equal(questions(), 0);
		raw("UPDATE schedule SET enabled = 0"); /* nothing is sent */
		sends();
		assert_int_equal(held(), 0);
		assert_int_equal(kept(), i ? 0 : SO_MANY);
		assert_int_equal(hub_teardown(state), 0);
	}
}

#define PIECES_TEST(f) cmocka_unit_test_setup_teardown(f, in_pieces, in_pieces_over)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PIECES_TEST(who_keeps_waits_for_none_of_what_is_held),
		PIECES_TEST(who_lets_it_go_waits_for_none_of_what_is_held),
		PIECES_TEST(what_was_let_go_is_older_than_what_waits_since),
		cmocka_unit_test(what_was_answered_is_told_as_what_it_is_about_to_be),
		cmocka_unit_test(a_turn_that_dies_anywhere_is_gone_on_with),
		PIECES_TEST(what_is_edited_after_it_was_kept_is_sent_though_it_was_still_held),
		PIECES_TEST(what_is_edited_after_it_was_let_go_is_sent_as_it_is_now),
		PIECES_TEST(a_further_loss_is_asked_about_while_an_answer_is_carried_out),
		PIECES_TEST(a_run_has_all_of_it_follow_before_it_reads),
		PIECES_TEST(copies_elsewhere_follow_though_the_one_that_asked_is_gone),
		cmocka_unit_test(an_answer_ends_with_the_connection_that_it_was_given_for),
		cmocka_unit_test(an_answer_ends_with_the_user_who_gave_it),
		PIECES_TEST(an_answer_is_carried_out_while_the_connection_rests),
		PIECES_TEST(an_answer_is_carried_out_though_the_run_that_asked_is_forgotten),
		cmocka_unit_test(of_many_that_are_held_a_few_hundred_follow_in_one_write_at_most),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("hub_answer", tests, NULL, NULL);
}
