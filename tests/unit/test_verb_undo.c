/* What a sync has done is taken back, or the last change of one thing, as its owner asks for it:
 * what it would do is what it does, what has changed since is left, and whatever fails on the way
 * has done nothing. */
#include "engine_fixture.h"

#include "unit/caller_fixture.h"

#include "app/events.h"
#include "app/undo.h"
#include "sync/task.h"

#include "unit/fault_fixture.h"

#define FIRST "id,name\n1,Ann\n2,Bob\n3,Cleo\n4,Dan\n5,Eve\n"
#define SECOND "id,name\n1,Anna\n2,Bob\n4,Dan\n5,Eve\n6,Fay\n"

static struct undo_view view;
static const char *undone_by;

/* Its id: it outlives what is read afterwards. */
static const char *
read_once(const char *text)
{
	script.own_keys = true;
	return arena_dup(cx.a, sync_text(text).id);
}

static const char *
dataset(void)
{
	return raw_lines("SELECT id FROM dataset LIMIT 1", 0);
}

static const char *
dataset_id(void)
{
	const char *line = dataset();

	return arena_dup_str(cx.a, (struct str){ line, strcspn(line, "\n") });
}

/* The one run that is asked for. */
static struct run
works(const char *id)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct run r;
	bool found;

	ok_once(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_string_equal(job.run.id, id);
	ok_once(task_run(&cx, db, &job));
	ok_once(run_get(&cx, db, OWNER, id, &r));
	return r;
}

static struct run
takes_back(const char *run_id)
{
	assert_ok(undo_sync(&cx, db, &owner_calls, run_id, &undone_by));
	assert_non_null(undone_by);
	return works(undone_by);
}

static const struct undo_item *
shown(const char *key)
{
	for (size_t i = 0; i < view.n; i++)
		if (!strcmp(view.v[i].object.key, key))
			return &view.v[i];
	flunk("%s is not shown", key);
	return NULL;
}

static void
what_a_sync_has_done_is_shown_and_taken_back(void **state)
{
	const char *first = NULL, *second, *back;
	struct run r;

	(void)state;
	(void)read_once(FIRST);
	first = contents();
	second = read_once(SECOND);
	back = contents();
	assert_ok(undo_look(&cx, db, OWNER, second, &view));
	assert_int_equal(view.back, 3);
	assert_int_equal(view.left, 0);
	assert_false(view.more);
	assert_string_equal(shown("1")->title, "Anna (1)");
	assert_string_equal(shown("3")->title, "Cleo (3)");
	assert_null(shown("6")->before);
	assert_string_equal(contents(), back);
	r = takes_back(second);
	assert_string_equal(r.state, "complete");
	assert_string_equal(r.undoes, second);
	assert_counts(&r, 1, 1, 1, 0);
	assert_string_equal(contents(), first);
	assert_int_equal(raw_number("SELECT rows FROM dataset"), 5);
	/* It is done once, and can be taken back itself. */
	assert_error(undo_sync(&cx, db, &owner_calls, second, &undone_by), E_STATE);
	r = takes_back(r.id);
	assert_string_equal(contents(), back);
	assert_string_equal(raw_lines("SELECT action FROM audit ORDER BY rowid", 0),
	    "undo started\nundo started\n");
}

static void
what_has_changed_since_is_left_and_said(void **state)
{
	const char *second;
	struct run r;

	(void)state;
	(void)read_once(FIRST);
	second = read_once(SECOND);
	(void)read_once("id,name\n1,Annette\n2,Bob\n4,Dan\n5,Eve\n6,Fay\n");
	assert_ok(undo_look(&cx, db, OWNER, second, &view));
	assert_int_equal(view.back, 2);
	assert_int_equal(view.left, 1);
	assert_string_equal(shown("1")->why, "A later sync has changed it since.");
	r = takes_back(second);
	assert_string_equal(r.state, "complete");
	assert_non_null(strstr(contents(), "Annette"));
	assert_non_null(strstr(contents(), "Cleo"));
	assert_null(strstr(contents(), "Fay"));
}

static void
a_first_sync_is_taken_back_whole(void **state)
{
	const char *first;
	struct run r;

	(void)state;
	first = read_once(FIRST);
	assert_ok(undo_look(&cx, db, OWNER, first, &view));
	assert_int_equal(view.back, 5);
	r = takes_back(first);
	assert_string_equal(r.state, "complete");
	assert_string_equal(contents(), "");
	assert_int_equal(raw_number("SELECT rows FROM dataset"), 0);
	/* The source has not changed: what was taken back stays so. */
	(void)read_once(FIRST);
	assert_string_equal(contents(), "");
}

static void
data_that_was_cleared_since_is_left(void **state)
{
	const char *second;

	(void)state;
	(void)read_once(FIRST);
	second = read_once(SECOND);
	raw("DELETE FROM record; DELETE FROM dataset");
	assert_ok(undo_look(&cx, db, OWNER, second, &view));
	assert_int_equal(view.back, 0);
	assert_string_equal(shown("1")->why, "Its data was cleared since.");
}

static void
one_record_goes_back_to_what_it_was(void **state)
{
	const char *set;

	(void)state;
	(void)read_once(FIRST);
	(void)read_once(SECOND);
	set = dataset_id();
	assert_ok(undo_one_record(&cx, db, &owner_calls, set, "1", &undone_by));
	assert_string_equal(works(undone_by).state, "complete");
	assert_non_null(strstr(contents(), "1=[\"1\",\"Ann\"]"));
	assert_null(strstr(contents(), "Cleo")); /* and nothing else */
	/* One that has only appeared goes. */
	assert_ok(undo_one_record(&cx, db, &owner_calls, set, "2", &undone_by));
	assert_string_equal(works(undone_by).state, "complete");
	assert_null(strstr(contents(), "Bob"));
	/* One that is gone comes back. */
	assert_ok(undo_one_record(&cx, db, &owner_calls, set, "3", &undone_by));
	assert_string_equal(works(undone_by).state, "complete");
	assert_non_null(strstr(contents(), "Cleo"));
}

static void
who_may_not_and_what_is_not_there_is_refused(void **state)
{
	const char *second, *set, *before;

	(void)state;
	(void)read_once(FIRST);
	second = read_once(SECOND);
	set = dataset_id();
	before = contents();
	assert_error(undo_sync(&cx, db, owner_may(SCOPE_READ | SCOPE_SYNC), second, &undone_by),
	    E_FORBIDDEN);
	assert_error(undo_sync(&cx, db, other_calls(), second, &undone_by), E_NOT_FOUND);
	assert_error(undo_look(&cx, db, OTHER, second, &view), E_NOT_FOUND);
	assert_error(undo_one_record(&cx, db, other_calls(), set, "1", &undone_by), E_NOT_FOUND);
	assert_error(undo_one_record(&cx, db, &owner_calls, set, "99", &undone_by), E_NOT_FOUND);
	assert_error(undo_one_event(&cx, db, &owner_calls, "none", &undone_by), E_NOT_FOUND);
	assert_string_equal(contents(), before);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE finished_at IS NULL"), 0);
}

static void
one_at_a_time_and_none_of_a_sync_that_goes_on(void **state)
{
	const char *first, *second, *next, *asked;

	(void)state;
	first = read_once(FIRST);
	second = read_once(SECOND);
	next = enqueue();
	assert_error(undo_sync(&cx, db, &owner_calls, next, &undone_by), E_STATE);
	assert_null(undone_by);
	assert_ok(undo_sync(&cx, db, &owner_calls, second, &undone_by));
	asked = undone_by;
	assert_error(undo_sync(&cx, db, &owner_calls, first, &undone_by), E_RUNNING);
	assert_string_equal(undone_by, asked);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE task IS NOT NULL"), 1);
}

/* Nobody has it but we: there is no run to wait for. */
static void
an_event_without_a_connection_is_taken_back_at_once(void **state)
{
	const char *last = "SELECT json_extract(value, '$.title') FROM event";
	struct event_done done;
	struct event_place at;

	(void)state;
	assert_ok(events_add(&cx, db, &owner_calls,
	    said("{\"title\":\"Tea\",\"startDateTime\":\"2026-10-05T10:00:00Z\","
		 "\"endDateTime\":\"2026-10-05T11:00:00Z\"}"),
	    &done));
	at = (struct event_place){ .id = arena_dup(cx.a, done.e.id) };
	assert_ok(events_change(&cx, db, &owner_calls, &at, said("{\"title\":\"Pot\"}"), &done));
	assert_string_equal(raw_lines(last, 0), "Pot\n");
	assert_ok(undo_one_event(&cx, db, &owner_calls, at.id, &undone_by));
	assert_null(undone_by);
	assert_string_equal(raw_lines(last, 0), "Tea\n");
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 0);
	/* And that is its last change. */
	assert_ok(undo_one_event(&cx, db, &owner_calls, at.id, &undone_by));
	assert_string_equal(raw_lines(last, 0), "Pot\n");
	raw("DELETE FROM change");
	assert_error(undo_one_event(&cx, db, &owner_calls, at.id, &undone_by), E_STATE);
}

static int
undo_open(void **state)
{
	fixture_root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if (fixture_open(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OTHER
	    "', 'bob', 'member', 1)");
	return 0;
}

#define UNDO_TEST(f) cmocka_unit_test_setup_teardown(f, undo_open, fixture_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNDO_TEST(what_a_sync_has_done_is_shown_and_taken_back),
		UNDO_TEST(what_has_changed_since_is_left_and_said),
		UNDO_TEST(a_first_sync_is_taken_back_whole),
		UNDO_TEST(data_that_was_cleared_since_is_left),
		UNDO_TEST(one_record_goes_back_to_what_it_was),
		UNDO_TEST(who_may_not_and_what_is_not_there_is_refused),
		UNDO_TEST(one_at_a_time_and_none_of_a_sync_that_goes_on),
		UNDO_TEST(an_event_without_a_connection_is_taken_back_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
