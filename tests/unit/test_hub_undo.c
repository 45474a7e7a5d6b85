/* What a run has written over there without changing anything here: its undo puts it back there,
 * leaves what has changed since, and can be taken back itself. */
#include "hub_fixture.h"

#include "queue/undo.h"

#define DAY "2026-10-05"

struct undo_ask {
	const char *run_id;
	const char *id;
};

static enum rc
undo_write(struct ctx *c, struct db *d, void *arg)
{
	struct undo_ask *w = arg;
	struct run run;
	struct conn conn;
	struct undo u;

	TRY(run_get(c, d, OWNER, w->run_id, &run));
	TRY(undo_of_run(c, d, &run, &u));
	TRY(undo_any(c, d, &u));
	u.by = "ann";
	TRY(conn_get(c, d, OWNER, u.conn_id, &conn));
	const struct run as = {
		.trigger = "undo",
		.task = undo_text(c->a, &u),
		.undoes = u.sync_id,
		.message = "Waiting to take back",
	};
	return sync_task(c, d, &conn, &as, &w->id);
}

static const char *
asks_undo(const char *run_id)
{
	struct undo_ask w = { .run_id = run_id };

	assert_ok(db_write(&cx, db, undo_write, &w));
	return arena_dup(cx.a, w.id);
}

/* That run is taken back; what goes there has not gone yet. */
static const char *
undoes(const char *run_id)
{
	const char *id = asks_undo(run_id);

	assert_ok(runs_all(&cx, db));
	return id;
}

static const char *
has_nothing_to_undo(const char *run_id)
{
	struct undo_ask w = { .run_id = run_id };

	assert_int_not_equal(db_write(&cx, db, undo_write, &w), RC_OK);
	assert_int_equal(cx.err.kind, E_STATE);
	cx.err = (struct err){ 0 };
	return run_id;
}

static const char *
log_of(const char *run_id)
{
	return raw_lines(
	    arena_printf(cx.a,
		"SELECT text FROM sync_log l JOIN sync s ON s.no = l.sync_no WHERE s.id = '%s'",
		run_id),
	    0);
}

static int64_t
counted(const char *run_id, const char *what)
{
	return raw_number(arena_printf(cx.a, "SELECT %s FROM sync WHERE id = '%s'", what, run_id));
}

static const char *
when_there(const struct thing *t)
{
	const json *v = json_stored(cx.a, t->values);

	return arena_printf(
	    cx.a, "%s..%s", json_str(v, "startDateTime"), json_str(v, "endDateTime"));
}

/* Both have edited the title, and the run finds that ours is the later one. */
static const char *
written_over(struct thing **t, const char **id)
{
	const char *run;

	connect(CONN_A, "a", "");
	*t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	*id = newest_here();
	edited_there(0, *t, "title", "Theirs");
	edited_there(0, *t, "startDateTime", DAY "T09:00:00Z");
	clock_step_by(HOUR_MS);
	edited_here(*id,
	    "{\"title\":\"Ours\",\"startDateTime\":\"" DAY "T10:30:00Z\",\"endDateTime\":\"" DAY
	    "T12:00:00Z\"}");
	run = arena_dup(cx.a, reads(CONN_A).id);
	return run;
}

static void
what_was_written_over_there_is_put_back(void **state)
{
	const char *id, *run, *undo;
	struct thing *t;

	(void)state;
	run = written_over(&t, &id);
	sends();
	assert_string_equal(title_there(t), "Ours");
	assert_string_equal(when_there(t), DAY "T10:30:00Z.." DAY "T12:00:00Z");
	undo = undoes(run);
	sends();
	assert_string_equal(title_there(t), "Theirs");
	assert_string_equal(when_there(t), DAY "T09:00:00Z.." DAY "T11:00:00Z");
	assert_string_equal(title_here(id), "Ours");
	assert_int_equal(counted(undo, "updated"), 1);
	assert_int_equal(counted(undo, "skipped"), 0);
	has_nothing_to_undo(run);
	/* In the history it is an edit of what was there. */
	assert_string_equal(
	    raw_table(arena_printf(cx.a,
		"SELECT action, side, before IS NOT NULL AS had FROM change WHERE sync_no = "
		"(SELECT no FROM sync WHERE id = '%s')",
		undo)),
	    arena_printf(cx.a, "action|side|had\n%d|remote|1", CHANGE_UPDATED));
	/* It wins nothing by itself, and says so. */
	assert_silence(3);
	assert_string_equal(title_there(t), "Theirs");
	assert_non_null(strstr(raw_lines("SELECT error_detail FROM link", 0), "put back"));
	/* The undo is taken back, and that again. */
	undo = undoes(undo);
	sends();
	assert_string_equal(title_there(t), "Ours");
	assert_string_equal(when_there(t), DAY "T10:30:00Z.." DAY "T12:00:00Z");
	assert_string_equal(first_of("SELECT state FROM link"), "synced");
	undoes(undo);
	sends();
	assert_string_equal(title_there(t), "Theirs");
	/* The next edit here is sent again. */
	edited_here(id, "{\"location\":\"Room 5\"}");
	settles();
	assert_string_equal(title_there(t), "Ours");
	assert_non_null(strstr(t->values, "Room 5"));
	assert_silence(3);
	clock_fake(0);
}

static void
what_waits_to_be_written_over_is_not_sent(void **state)
{
	const char *id, *run;
	struct thing *t;

	(void)state;
	run = written_over(&t, &id);
	undoes(run);
	sends();
	assert_int_equal(cals[0].writes, 0);
	assert_string_equal(title_there(t), "Theirs");
	assert_string_equal(title_here(id), "Ours");
	assert_silence(3);
	clock_fake(0);
}

static void
what_has_changed_since_is_left_and_listed(void **state)
{
	const char *id, *run, *undo;
	struct thing *t;

	(void)state;
	run = written_over(&t, &id);
	sends();
	edited_there(0, t, "title", "Somebody's");
	settles();
	undo = undoes(run);
	sends();
	assert_string_equal(title_there(t), "Somebody's");
	assert_int_equal(counted(undo, "skipped"), 1);
	assert_non_null(strstr(log_of(undo), "Left as it is: Somebody's ("));
	assert_silence(3);
	clock_fake(0);
}

/* A person was asked about what was there when it was taken back here, not about what came then,
 * and the undo is no later edit of his own. */
static void
what_changes_there_while_an_undo_is_asked_about_stays_and_is_listed(void **state)
{
	const char *run, *undo;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "First", DAY);
	reads(CONN_A);
	edited_there(0, t, "title", "Second");
	run = arena_dup(cx.a, reads(CONN_A).id);
	clock_step_by(HOUR_MS);
	undo = undoes(run);
	assert_string_equal(titles_here(), "First,");
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE state = 'held'"), 1);
	edited_there(0, t, "title", "Third");
	reads(CONN_A);
	settles();
	assert_string_equal(titles_here(), "Third,");
	assert_string_equal(title_there(t), "Third");
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
	assert_non_null(strstr(log_of(undo), "Left as it is: Second. It was changed there since."));
	assert_int_equal(counted(undo, "updated"), 0);
	assert_int_equal(counted(undo, "skipped"), 1);
	assert_string_equal(
	    raw_lines(arena_printf(cx.a, "SELECT message FROM sync WHERE id = '%s'", undo), 0),
	    "Taken back: 0 changes; 1 left as it is\n");
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	clock_fake(0);
}

/* An event that an undo deletes comes back by an edit of a copy, wherever that is met. */
static void
what_an_undo_deletes_and_is_edited_there_is_listed(void **state)
{
	const char *run, *undo;
	struct thing *copy;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	made_there(0, "g1", "Meeting", DAY);
	run = arena_dup(cx.a, reads(CONN_A).id);
	settles();
	copy = twin_there(1, newest_here());
	undo = undoes(run);
	assert_int_equal(counted(undo, "deleted"), 1);
	edited_there(1, copy, "title", "Wanted");
	settles();
	assert_string_equal(titles_here(), "Wanted,");
	assert_non_null(
	    strstr(log_of(undo), "Left as it is: Meeting. It was changed there since."));
	assert_int_equal(counted(undo, "deleted"), 0);
	assert_int_equal(counted(undo, "skipped"), 1);
	assert_string_equal(
	    raw_lines(arena_printf(cx.a, "SELECT message FROM sync WHERE id = '%s'", undo), 0),
	    "Taken back: 0 changes; 1 left as it is\n");
	/* A person's deletion is no undo's: its log has nothing more. */
	edited_here(newest_here(), NULL);
	edited_there(1, copy, "title", "Wanted again");
	settles();
	assert_string_equal(titles_here(), "Wanted again,");
	assert_int_equal(counted(undo, "skipped"), 1);
	assert_silence(3);
	clock_fake(0);
}

/* An edit of his own on top of it is one like others. */
static void
what_a_person_edits_after_an_undo_stands_as_the_later_edit(void **state)
{
	const char *run, *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "First", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_there(0, t, "title", "Second");
	run = arena_dup(cx.a, reads(CONN_A).id);
	clock_step_by(HOUR_MS);
	undoes(run);
	edited_there(0, t, "title", "Third");
	clock_step_by(HOUR_MS);
	edited_here(id, "{\"title\":\"Mine\"}");
	reads(CONN_A);
	settles();
	assert_string_equal(titles_here(), "Mine,");
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 1);
	clock_fake(0);
}

static void
what_has_changed_unseen_is_found_by_its_etag(void **state)
{
	const char *id, *run, *undo;
	struct thing *t;

	(void)state;
	run = written_over(&t, &id);
	sends();
	edited_there(0, t, "location", "Cellar");
	undo = undoes(run);
	assert_int_equal(counted(undo, "updated"), 1);
	sends();
	assert_string_equal(title_there(t), "Ours");
	assert_int_equal(counted(undo, "updated"), 0);
	assert_int_equal(counted(undo, "skipped"), 1);
	assert_non_null(strstr(log_of(undo), "It was changed there since."));
	settles();
	assert_non_null(strstr(raw_lines("SELECT value FROM event", 0), "Cellar"));
	assert_silence(3);
	clock_fake(0);
}

static void
an_edit_here_that_is_to_go_there_is_left(void **state)
{
	const char *id, *run, *undo;
	struct thing *t;

	(void)state;
	run = written_over(&t, &id);
	sends();
	edited_here(id, "{\"title\":\"Newest\"}");
	undo = undoes(run);
	assert_int_equal(counted(undo, "skipped"), 1);
	settles();
	assert_string_equal(title_there(t), "Newest");
	assert_silence(3);
	clock_fake(0);
}

/* Each side has won a field: here and there are taken back, each by what it was. */
static void
both_sides_of_a_merge_are_taken_back(void **state)
{
	const char *id, *run;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_there(0, t, "title", "Theirs");
	edited_there(0, t, "location", "Cellar");
	clock_step_by(HOUR_MS);
	edited_here(id, "{\"title\":\"Ours\"}");
	run = arena_dup(cx.a, reads(CONN_A).id);
	sends();
	assert_non_null(strstr(raw_lines("SELECT value FROM event", 0), "Cellar"));
	run = undoes(run);
	sends();
	assert_string_equal(title_here(id), "Ours");
	assert_null(strstr(raw_lines("SELECT value FROM event", 0), "Cellar"));
	assert_string_equal(title_there(t), "Theirs");
	assert_non_null(strstr(t->values, "Cellar"));
	settles();
	assert_silence(3);
	undoes(run);
	settles();
	assert_string_equal(title_here(id), "Ours");
	assert_non_null(strstr(raw_lines("SELECT value FROM event", 0), "Cellar"));
	assert_string_equal(title_there(t), "Ours");
	assert_silence(3);
	clock_fake(0);
}

/* The run that has sent what was edited while nothing was. */
static void
what_another_direction_has_sent_is_put_back(void **state)
{
	const char *id, *run;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", ",\"direction\":\"pull\"");
	t = made_there(0, "g1", "Theirs", DAY);
	settles();
	id = newest_here();
	edited_here(id, "{\"title\":\"As I call it\"}");
	settles();
	raw("UPDATE connection SET config = '{\"calendar\":\"a\"}', config_rev = config_rev + 1");
	run = arena_dup(cx.a, reads(CONN_A).id);
	sends();
	assert_string_equal(title_there(t), "As I call it");
	undoes(run);
	sends();
	assert_string_equal(title_there(t), "Theirs");
	assert_string_equal(title_here(id), "As I call it");
	assert_silence(3);
}

/* What somebody had deleted there, and an edit here has brought back. */
static void
what_was_put_back_there_is_not_deleted(void **state)
{
	const char *id, *run, *undo;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	for (int i = 0; i < 3; i++)
		made_there(0, arena_printf(cx.a, "n%d", i), "Another", DAY);
	t = made_there(0, "g1", "Meeting", DAY);
	reads(CONN_A);
	id = first_of("SELECT id FROM event WHERE uid = 'g1@there'");
	edited_here(id, "{\"title\":\"Still here\"}");
	deleted_there(0, t);
	run = arena_dup(cx.a, reads(CONN_A).id);
	sends();
	assert_string_equal(title_there(t), "Still here");
	undo = undoes(run);
	sends();
	assert_string_equal(title_there(t), "Still here");
	assert_int_equal(counted(undo, "skipped"), 1);
	assert_non_null(strstr(log_of(undo), "It had been deleted there"));
	settles();
	assert_silence(3);
}

/* What was deleted here while nothing was sent, and is met again there. */
static void
what_was_deleted_there_comes_back_there_alone(void **state)
{
	const char *id, *run, *undo;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", ",\"direction\":\"pull\"");
	t = made_there(0, "g1", "Theirs", DAY);
	settles();
	id = newest_here();
	edited_here(id, NULL);
	settles();
	raw("UPDATE connection SET config = '{\"calendar\":\"a\"}', config_rev = config_rev + 1");
	thing_touch(&cals[0], t);
	run = arena_dup(cx.a, reads(CONN_A).id);
	sends();
	assert_true(t->gone);
	undo = undoes(run);
	sends();
	assert_string_equal(title_there(t), "Theirs");
	assert_string_equal(title_here(id), "-");
	assert_int_equal(counted(undo, "added"), 1);
	assert_int_equal(events_here(), 0);
	settles();
	assert_silence(3);
	assert_string_equal(title_there(t), "Theirs");
	assert_int_equal(events_here(), 0);
}

/* All that is left to do, after however many waits. */
static void
works_off(void)
{
	for (int i = 0; i < 6; i++) {
		time_passes();
		assert_ok(runs_all(&cx, db));
		sends();
	}
}

/* A run whose disk fails has ended with that: somebody asks for another. */
static bool
undo_ended_badly(void)
{
	return raw_number("SELECT count(*) FROM sync WHERE error_code = 'disk_error'") > 0;
}

static void
undoes_once_though(struck_fn *struck)
{
	int at = 1;

	for (bool killed = true; killed; at += SLOW_SHARE) {
		void *world = NULL;
		const char *id, *run;
		struct thing *t;

		assert_int_equal(hub_setup(&world), 0);
		run = written_over(&t, &id);
		made_there(0, "g2", "New there", DAY);
		run = arena_dup(cx.a, run);
		sends();
		asks_undo(run);
		killed = struck(work_all, at);
		works_off();
		if (strcmp(title_there(t), "Theirs") && undo_ended_badly()) {
			asks_undo(run);
			works_off();
		}
		assert_string_equal(title_there(t), "Theirs");
		assert_string_equal(title_here(id), "Ours");
		assert_int_equal(
		    raw_number("SELECT count(*) FROM change WHERE side = 'remote' AND fields "
			       "LIKE '%\"before\":\"Ours\"%'"),
		    1);
		settles();
		assert_silence(3);
		assert_string_equal(title_there(t), "Theirs");
		clock_fake(0);
		assert_int_equal(hub_teardown(&world), 0);
	}
	assert_in_range(at, 8, 1000);
}

static void
killed_at_any_step_an_undo_does_it_once(void **state)
{
	(void)state;
	undoes_once_though(dies);
}

static void
whichever_statement_fails_an_undo_does_it_once(void **state)
{
	(void)state;
	undoes_once_though(fails_at);
}

/* An event of here, as it is called there; "-": it is gone. */
static const char *
put_there(const char *id)
{
	return title_there(twin_there(0, id));
}

static void
what_a_first_run_has_put_there_goes_from_there_and_stays_here(void **state)
{
	const char *plain = made_here("Plain", DAY), *edited = made_here("Edited", DAY);
	const char *waiting = made_here("Waiting", DAY), *deleted = made_here("Deleted", DAY);
	const char *run, *undo;

	(void)state;
	connect(CONN_A, "a", "");
	run = arena_dup(cx.a, reads(CONN_A).id);
	sends();
	assert_string_equal(put_there(plain), "Plain");
	edited_here(edited, "{\"title\":\"Edited since\"}");
	edited_here(deleted, NULL);
	sends();
	edited_here(waiting, "{\"title\":\"Still to go\"}");
	undo = undoes(run);
	sends();
	assert_string_equal(put_there(plain), "-");
	assert_string_equal(title_here(plain), "Plain");
	/* What was changed since is left, whether that has gone there or not. */
	assert_string_equal(put_there(edited), "Edited since");
	assert_string_equal(put_there(waiting), "Still to go");
	assert_non_null(strstr(log_of(undo),
	    "Left as it is: Edited since (2026-10-05). It was changed since it was "
	    "written there.\n"));
	assert_non_null(strstr(log_of(undo), "and that is still to go there.\n"));
	assert_string_equal(title_here(deleted), "-");
	assert_int_equal(counted(undo, "deleted"), 1);
	assert_int_equal(counted(undo, "skipped"), 2);
	/* It can be taken back itself. */
	undoes(undo);
	sends();
	assert_string_equal(put_there(plain), "Plain");
	assert_silence(3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_a_first_run_has_put_there_goes_from_there_and_stays_here),
		HUB_TEST(what_was_written_over_there_is_put_back),
		HUB_TEST(what_waits_to_be_written_over_is_not_sent),
		HUB_TEST(what_has_changed_since_is_left_and_listed),
		HUB_TEST(what_changes_there_while_an_undo_is_asked_about_stays_and_is_listed),
		HUB_TEST(what_an_undo_deletes_and_is_edited_there_is_listed),
		HUB_TEST(what_a_person_edits_after_an_undo_stands_as_the_later_edit),
		HUB_TEST(what_has_changed_unseen_is_found_by_its_etag),
		HUB_TEST(an_edit_here_that_is_to_go_there_is_left),
		HUB_TEST(both_sides_of_a_merge_are_taken_back),
		HUB_TEST(what_another_direction_has_sent_is_put_back),
		HUB_TEST(what_was_put_back_there_is_not_deleted),
		HUB_TEST(what_was_deleted_there_comes_back_there_alone),
		cmocka_unit_test(killed_at_any_step_an_undo_does_it_once),
		cmocka_unit_test(whichever_statement_fails_an_undo_does_it_once),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
