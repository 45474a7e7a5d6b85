/* Conflicts as their owner answers them, and the outbox as he deals with it: what stands is an edit
 * like any other, and is sent. */
#include "hub_fixture.h"

#include "app/conflicts.h"
#include "app/outbox.h"
#include "unit/caller_fixture.h"

#define DAY "2026-10-05"

#include "unit/fault_fixture.h"

static struct conflicts_answered done;

/* One event that both sides have called otherwise; which of the things there it is. */
static struct thing *
quarrel(int no)
{
	struct thing *t = made_there(0, arena_printf(cx.a, "g%d", no), "Meeting", DAY);
	const char *id;

	reads(CONN_A);
	id = newest_here();
	edited_here(id, arena_printf(cx.a, "{\"title\":\"Ours %d\"}", no));
	edited_there(0, t, "title", arena_printf(cx.a, "Theirs %d", no));
	settles();
	return t;
}

static const char *
open_conflict(void)
{
	return first_of("SELECT id FROM conflict WHERE state = 'open' ORDER BY id DESC");
}

static int64_t
open_conflicts(void)
{
	return raw_number("SELECT count(*) FROM conflict WHERE state = 'open'");
}

static enum rc
answers(const struct caller *by, const char *id, const char *text)
{
	const json *j = said(text);

	return conflicts_answer(&cx, db, by, id, j, &done);
}

static void
refused(const char *text, const char *field)
{
	assert_error(answers(&owner_calls, open_conflict(), text), E_INPUT);
	if (strcmp(wrong_field(), field) != 0)
		flunk("%s: %s", text, wrong_field());
}

static int
conflicts_open(void **state)
{
	if (hub_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OTHER
	    "', 'bob', 'member', 1)");
	connect(CONN_A, "a", ",\"conflicts\":\"ask\"");
	return 0;
}

static void
the_side_that_is_chosen_stands_on_both(void **state)
{
	struct thing *t = quarrel(1);

	(void)state;
	assert_int_equal(open_conflicts(), 1);
	assert_string_equal(title_here(newest_here()), "Ours 1");
	assert_string_equal(title_there(t), "Theirs 1");
	assert_ok(answers(&owner_calls, open_conflict(), "{\"choice\":\"local\"}"));
	assert_string_equal(done.row.state, CONFLICT_RESOLVED);
	assert_int_equal(done.alike, 0);
	settles();
	assert_string_equal(title_there(t), "Ours 1");
	t = quarrel(2);
	assert_ok(answers(&owner_calls, open_conflict(), "{\"choice\":\"remote\"}"));
	settles();
	assert_string_equal(title_here(newest_here()), "Theirs 2");
	assert_string_equal(title_there(t), "Theirs 2");
	assert_error(answers(&owner_calls, done.row.id, "{\"choice\":\"local\"}"), E_STATE);
	assert_int_equal(open_conflicts(), 0);
}

static void
each_field_may_be_answered_by_side_or_by_a_value(void **state)
{
	struct thing *t = quarrel(1);

	(void)state;
	assert_ok(answers(&owner_calls, open_conflict(),
	    "{\"choice\":\"merge\",\"fields\":{\"title\":{\"value\":\"Both\"}}}"));
	settles();
	assert_string_equal(title_here(newest_here()), "Both");
	assert_string_equal(title_there(t), "Both");
	t = quarrel(2);
	assert_ok(answers(&owner_calls, open_conflict(),
	    "{\"choice\":\"merge\",\"fields\":{\"title\":{\"side\":\"remote\"}}}"));
	settles();
	assert_string_equal(title_here(newest_here()), "Theirs 2");
	/* A value that is no object is meant as it is. */
	t = quarrel(3);
	assert_ok(answers(&owner_calls, open_conflict(),
	    "{\"choice\":\"merge\",\"fields\":{\"title\":\"Plain\"}}"));
	settles();
	assert_string_equal(title_there(t), "Plain");
}

static void
an_answer_that_says_too_little_or_too_much_is_refused(void **state)
{
	(void)quarrel(1);
	(void)state;
	refused("{}", "choice");
	refused("{\"choice\":\"both\"}", "choice");
	refused("{\"choice\":\"local\",\"colour\":1}", "colour");
	refused("{\"choice\":\"local\",\"fields\":{}}", "fields");
	refused("{\"choice\":\"merge\"}", "fields");
	refused("{\"choice\":\"merge\",\"fields\":{}}", "fields.title");
	refused("{\"choice\":\"merge\",\"fields\":{\"title\":{\"side\":\"up\"}}}", "fields.title");
	refused("{\"choice\":\"merge\",\"fields\":{\"title\":{\"side\":\"local\",\"value\":1}}}",
	    "fields.title");
	/* A side is said as one: the text might be meant. */
	refused("{\"choice\":\"merge\",\"fields\":{\"title\":\"local\"}}", "fields.title");
	refused(
	    "{\"choice\":\"merge\",\"fields\":{\"title\":\"x\",\"notes\":\"x\"}}", "fields.notes");
	refused("{\"choice\":\"merge\",\"fields\":{\"title\":\"x\"},\"alike\":true}", "alike");
	assert_error(
	    answers(owner_may(SCOPE_READ | SCOPE_SYNC), open_conflict(), "{\"choice\":\"local\"}"),
	    E_FORBIDDEN);
	assert_error(
	    answers(other_calls(), open_conflict(), "{\"choice\":\"local\"}"), E_NOT_FOUND);
	assert_int_equal(open_conflicts(), 1);
	assert_string_equal(title_here(newest_here()), "Ours 1");
}

static void
what_cannot_be_is_complained_of_at_the_field_it_was_entered_for(void **state)
{
	struct thing *t = quarrel(1);

	(void)state;
	refused("{\"choice\":\"merge\",\"fields\":{\"title\":{\"value\":[7]}}}", "fields.title");
	assert_ok(answers(&owner_calls, open_conflict(), "{\"choice\":\"local\"}"));
	settles();
	/* What is one field of a conflict has several members. */
	edited_here(newest_here(), "{\"endDateTime\":\"" DAY "T12:00:00Z\"}");
	edited_there(0, t, "endDateTime", DAY "T13:00:00Z");
	settles();
	assert_int_equal(open_conflicts(), 1);
	refused("{\"choice\":\"merge\",\"fields\":{\"time\":{\"value\":{\"startDateTime\":"
		"\"soon\"}}}}",
	    "fields.time");
	refused("{\"choice\":\"merge\",\"fields\":{\"time\":{\"value\":{\"endDateTime\":\"" DAY
		"T09:00:00Z\"}}}}",
	    "fields.time");
	assert_ok(answers(&owner_calls, open_conflict(),
	    "{\"choice\":\"merge\",\"fields\":{\"time\":{\"value\":{\"startDateTime\":\"" DAY
	    "T10:00:00Z\",\"endDateTime\":\"" DAY "T14:00:00Z\"}}}}"));
	settles();
	has(t->values, "T14:00:00Z");
}

static void
what_both_sides_agree_on_again_is_answered_by_that(void **state)
{
	struct thing *t = quarrel(1);
	const int64_t since = clock_ms();

	(void)state;
	edited_there(0, t, "title", "Ours 1");
	settles();
	assert_int_equal(open_conflicts(), 0);
	assert_string_equal(raw_lines("SELECT resolved_by FROM conflict", 0), "agreement\n");
	assert_in_range(
	    raw_number("SELECT resolved_at FROM conflict"), since, since + 10 * MINUTE_MS);
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE state = 'synced'"), 1);
}

/* Three about the title, each of them answered by itself. */
static void
alike(const char *choice, const char *stands)
{
	struct thing *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = quarrel(i);
	assert_int_equal(open_conflicts(), 3);
	ok_once(answers(&owner_calls, open_conflict(),
	    arena_printf(cx.a, "{\"choice\":\"%s\",\"alike\":true}", choice)));
	assert_int_equal(done.alike, 2);
	assert_int_equal(open_conflicts(), 0);
	settles();
	for (int i = 0; i < 3; i++) {
		const char *title = arena_printf(cx.a, "%s %d", stands, i);

		assert_string_equal(title_there(t[i]), title);
		assert_int_equal(
		    raw_number(arena_printf(
			cx.a, "SELECT count(*) FROM event WHERE value LIKE '%%%s%%'", title)),
		    1);
	}
}

static void
those_about_the_same_fields_are_answered_alike_by_what_is_here(void **state)
{
	(void)state;
	alike("local", "Ours");
}

static void
those_about_the_same_fields_are_answered_alike_by_what_is_there(void **state)
{
	(void)state;
	alike("remote", "Theirs");
}

static void
what_is_old_in_the_queue_is_forgotten_and_nothing_that_waits(void **state)
{
	const char *id;
	int64_t n;

	(void)state;
	reads(CONN_A);
	id = made_here("Lunch", DAY);
	(void)said("{}");
	assert_error(outbox_forget(&cx, db, &owner_calls, -1, &n), E_INPUT);
	assert_string_equal(wrong_field(), "olderThan");
	(void)said("{}");
	assert_error(outbox_forget(&cx, db, &owner_calls, OUTBOX_DAYS_MAX + 1, &n), E_INPUT);
	(void)said("{}");
	assert_error(outbox_forget(&cx, db, owner_may(SCOPE_SYNC), 0, &n), E_FORBIDDEN);
	assert_ok(outbox_forget(&cx, db, &owner_calls, 0, &n));
	assert_int_equal(n, 0);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox"), 1);
	sends();
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE state = 'done'"), 1);
	raw("UPDATE outbox SET finished_at = finished_at - 8 * 86400000");
	assert_ok(outbox_forget(&cx, db, other_calls(), 7, &n));
	assert_int_equal(n, 0);
	assert_ok(outbox_forget(&cx, db, &owner_calls, 9, &n));
	assert_int_equal(n, 0);
	assert_ok(outbox_forget(&cx, db, &owner_calls, 7, &n));
	assert_int_equal(n, 1);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox"), 0);
	/* What is to be tried later is tried now. */
	edited_here(id, "{\"title\":\"Late lunch\"}");
	raw("UPDATE outbox SET next_at = next_at + 3600000; UPDATE lane SET due_at = due_at + "
	    "3600000");
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Lunch");
	assert_error(outbox_process(&cx, db, owner_may(SCOPE_WRITE), NULL, &n), E_FORBIDDEN);
	assert_error(outbox_process(&cx, db, other_calls(), first_of("SELECT id FROM outbox"), &n),
	    E_NOT_FOUND);
	assert_ok(outbox_process(&cx, db, &owner_calls, NULL, &n));
	assert_int_equal(n, 1);
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Late lunch");
}

#define conflicts_test(f) cmocka_unit_test_setup_teardown(f, conflicts_open, hub_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		conflicts_test(the_side_that_is_chosen_stands_on_both),
		conflicts_test(each_field_may_be_answered_by_side_or_by_a_value),
		conflicts_test(an_answer_that_says_too_little_or_too_much_is_refused),
		conflicts_test(what_cannot_be_is_complained_of_at_the_field_it_was_entered_for),
		conflicts_test(what_both_sides_agree_on_again_is_answered_by_that),
		conflicts_test(those_about_the_same_fields_are_answered_alike_by_what_is_here),
		conflicts_test(those_about_the_same_fields_are_answered_alike_by_what_is_there),
		conflicts_test(what_is_old_in_the_queue_is_forgotten_and_nothing_that_waits),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
