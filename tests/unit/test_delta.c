/*
 * Reads that have only what was changed, and a cursor that the source does not take any more. Built
 * with TIDEMARK_STEPS (build/steps).
 */
#include "writer_fixture.h"

#define FIRST "id,v,w\n1,a,x\n2,b,y\n3,c,z\n"
#define ONE "[\"1\",\"a\",\"x\"]\n"
#define TWO "[\"2\",\"b\",\"y\"]\n"
#define THREE "[\"3\",\"c\",\"z\"]\n"

static int
setup(void **state)
{
	if (writer_open(state))
		return -1;
	script.own_keys = script.delta = true;
	script.etag = "first";
	(void)sync_text(FIRST);
	return 0;
}

static struct run
delta(const char *lines)
{
	static int n;

	script.etag = arena_printf(cx.a, "etag %d", ++n);
	return sync_text(arena_printf(cx.a, "id,v,w\n%s", lines));
}

static const char *
payloads(void)
{
	return raw_lines("SELECT payload FROM record WHERE deleted IS NULL ORDER BY key", 0);
}

static void
what_is_missing_in_a_delta_says_nothing(void **state)
{
	struct run r = delta("2,new,y\n4,d,d\n");

	(void)state;
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 1, 1, 0, 2);
	assert_int_equal(r.fetched, 4);
	assert_string_equal(
	    payloads(), ONE "[\"2\",\"new\",\"y\"]\n" THREE "[\"4\",\"d\",\"d\"]\n");
	/* Nothing is a change too, and the cursor goes on. */
	r = delta("");
	assert_counts(&r, 0, 0, 0, 4);
	assert_true(raw_number("SELECT count(*) FROM connection WHERE instr(cursor, 'etag 2')"));
}

static void
what_is_gone_is_named_and_the_history_tells_why(void **state)
{
	struct run r = delta("-2,It was cancelled.\n-9,Nobody knew it.\n");

	(void)state;
	assert_counts(&r, 0, 0, 1, 2);
	assert_string_equal(payloads(), ONE THREE);
	assert_string_equal(
	    raw_lines("SELECT object_key || ' ' || reason FROM change WHERE action = 2", 0),
	    "2 It was cancelled.\n");
	/* Said once more, nothing happens. */
	r = delta("-2,It was cancelled.\n");
	assert_counts(&r, 0, 0, 0, 2);
}

static void
a_key_that_comes_twice_is_one_record_and_the_last_word_is_meant(void **state)
{
	static const struct {
		const char *lines, *want;
		int stored;
	} cases[] = {
		{ "2,one,y\n2,two,y\n", ONE "[\"2\",\"two\",\"y\"]\n" THREE, 3 },
		{ "2,one,y\n2,b,y\n", ONE TWO THREE, 3 },
		{ "2,one,y\n-2\n", ONE THREE, 2 },
		{ "-2\n2,two,y\n", ONE "[\"2\",\"two\",\"y\"]\n" THREE, 3 },
		{ "-2\n2,b,y\n-2\n", ONE THREE, 2 },
		{ "2,b,y\n2,two,y\n2,b,y\n", ONE TWO THREE, 3 },
		{ "4,one,d\n4,two,d\n", ONE TWO THREE "[\"4\",\"two\",\"d\"]\n", 4 },
		{ "4,one,d\n-4\n", ONE TWO THREE, 3 },
		{ "4,one,d\n-4\n4,two,d\n", ONE TWO THREE "[\"4\",\"two\",\"d\"]\n", 4 },
		{ "-4\n4,one,d\n", ONE TWO THREE "[\"4\",\"one\",\"d\"]\n", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int page = 0; page < 2; page++) {
			struct run r;

			step_pages(page);
			raw("UPDATE connection SET cursor = NULL");
			(void)delta("1,a,x\n2,b,y\n3,c,z\n");
			r = delta(cases[i].lines);
			if (strcmp(r.state, "complete") || strcmp(payloads(), cases[i].want))
				flunk("%s gave %s %s", cases[i].lines, payloads(),
				    r.error_detail ? r.error_detail : "");
			assert_int_equal(raw_number("SELECT rows FROM dataset"), cases[i].stored);
			assert_int_equal(
			    raw_number("SELECT count(*) FROM record WHERE instr(key, '#')"), 0);
			assert_sound();
		}
}

static void
what_was_kept_is_back_when_a_delta_brings_it_and_not_when_it_names_it_gone(void **state)
{
	static const struct {
		const char *lines;
		int kept, rows;
	} cases[] = {
		{ "-2\n", 1, 3 },
		{ "2,b,y\n", 0, 3 },
		{ "2,new,y\n", 0, 3 },
		{ "-2\n2,b,y\n", 0, 3 },
		{ "1,new,x\n", 1, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		raw("UPDATE connection SET cursor = NULL");
		(void)delta("1,a,x\n2,b,y\n3,c,z\n");
		raw("UPDATE record SET kept = 1 WHERE key = '2'");
		(void)delta(cases[i].lines);
		if (raw_number("SELECT kept FROM record WHERE key = '2'") != cases[i].kept)
			flunk("after %s it is not so", cases[i].lines);
		assert_int_equal(raw_number("SELECT rows FROM dataset"), cases[i].rows);
		assert_sound();
	}
}

static void
deltas_that_are_alike_are_two_changes(void **state)
{
	struct run r;

	(void)state;
	(void)delta("-2\n");
	(void)delta("2,b,y\n");
	r = delta("-2\n");
	assert_counts(&r, 0, 0, 1, 2);
	assert_string_equal(payloads(), ONE THREE);
}

static void
the_guard_judges_what_a_delta_deletes(void **state)
{
	struct run r = delta("-1\n-2\n-3\n");

	(void)state;
	assert_string_equal(r.error_code, "needs_approval");
	assert_string_equal(payloads(), ONE TWO THREE);
	/* What comes back in the same delta is none that is lost. */
	r = delta("-1\n-2\n-3\n2,new,y\n");
	assert_string_equal(r.state, "complete");
	assert_string_equal(payloads(), "[\"2\",\"new\",\"y\"]\n");
}

static void
edits_it(struct db *own)
{
	struct seen s;

	edit_see(own, "2", &s);
	assert_ok(edit_put(own, "2", "app", s.there ? s.w : "y"));
}

static void
an_edit_made_here_meets_a_delta_like_any_other_read(void **state)
{
	static const char *const steps[] = { "download:write", "process:planned", "apply:begun" };
	struct run r;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		raw("DELETE FROM conflict; DELETE FROM link; UPDATE record SET origin = 0;"
		    "UPDATE connection SET cursor = NULL");
		(void)delta("1,a,x\n2,b,y\n3,c,z\n");
		writer = (struct other_writer){ .step = steps[i], .times = 1, .fn = edits_it };
		r = delta("2,remote,theirs\n");
		assert_true(writer.done);
		assert_string_equal(payloads(), ONE "[\"2\",\"app\",\"theirs\"]\n" THREE);
		assert_true(is_kept("remote"));
		r = delta("-2\n");
		assert_counts(&r, 0, 0, 0, 3);
		assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 2);
		assert_sound();
	}
}

/* --- a cursor that is refused --- */

static void
a_cursor_that_is_refused_is_a_full_read_in_the_same_run(void **state)
{
	struct run r;

	(void)state;
	(void)delta("2,new,y\n");
	script.refuse = 1;
	script.fetches = 0;
	r = delta("1,a,x\n2,newer,y\n4,d,d\n");
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 1, 1, 1, 1);
	assert_int_equal(script.fetches, 2);
	assert_int_equal(r.calls, 2);
	assert_string_equal(payloads(), ONE "[\"2\",\"newer\",\"y\"]\n[\"4\",\"d\",\"d\"]\n");
	/* And from there on in deltas again. */
	r = delta("4,e,e\n");
	assert_counts(&r, 0, 1, 0, 2);
}

static void
a_cursor_that_is_refused_twice_is_an_error(void **state)
{
	struct run r;

	(void)state;
	script.refuse = -1;
	script.fetches = 0;
	r = delta("1,a,x\n");
	assert_string_equal(r.state, "error");
	assert_string_equal(r.error_code, "cursor_refused");
	assert_int_equal(script.fetches, 2);
	assert_string_equal(payloads(), ONE TWO THREE);
	script.refuse = 0;
	r = delta("1,a,x\n2,b,y\n3,c,z\n4,d,d\n");
	assert_counts(&r, 1, 0, 0, 3);
}

static void
a_full_read_after_a_refusal_deletes_nothing_without_an_answer(void **state)
{
	struct run r;

	(void)state;
	script.refuse = 1;
	r = delta("9,i,i\n");
	assert_string_equal(r.error_code, "needs_approval");
	assert_string_equal(payloads(), ONE TWO THREE);
}

/* In pages, the second of which is refused, and killed at every step of it. */
static void
refused_and_killed_anywhere_there_is_no_gap_and_no_double(void **state)
{
	const char *want = "[\"1\",\"new\",\"x\"]\n" TWO "[\"4\",\"d\",\"d\"]\n";
	int kills = 0;

	(void)state;
	step_pages(1);
	for (int at = 1;; at++) {
		raw("UPDATE connection SET cursor = NULL; DELETE FROM sync;"
		    "UPDATE schedule SET health = 'ok', failing = 0, retry_count = "
		    "0, deferrals = 0");
		script.refuse = 0;
		(void)delta("1,a,x\n2,b,y\n3,c,z\n");
		script.etag = "later";
		script.text = "id,v,w\n1,new,x\n2,b,y\n4,d,d\n";
		script.page_bytes = 20;
		script.refuse = 1;
		script.refuse_page = 2;
		enqueue();
		if (!work(at))
			break;
		kills++;
		while (work(0))
			continue;
		script.page_bytes = 0;
		assert_int_equal(
		    raw_number("SELECT count(*) FROM sync WHERE state IN ('queued', 'running')"),
		    0);
		if (strcmp(payloads(), want))
			flunk("step %d: %s", at, payloads());
		assert_int_equal(
		    raw_number("SELECT count(*) FROM connection WHERE instr(cursor, 'later')"), 1);
		script.delta = false;
		assert_quiet();
		script.delta = true;
		(void)delta("-4\n");
		(void)delta("1,a,x\n3,c,z\n");
	}
	assert_in_range(kills, 12, 1000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, writer_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_missing_in_a_delta_says_nothing),
		TEST(what_is_gone_is_named_and_the_history_tells_why),
		TEST(a_key_that_comes_twice_is_one_record_and_the_last_word_is_meant),
		TEST(what_was_kept_is_back_when_a_delta_brings_it_and_not_when_it_names_it_gone),
		TEST(deltas_that_are_alike_are_two_changes),
		TEST(the_guard_judges_what_a_delta_deletes),
		TEST(an_edit_made_here_meets_a_delta_like_any_other_read),
		TEST(a_cursor_that_is_refused_is_a_full_read_in_the_same_run),
		TEST(a_cursor_that_is_refused_twice_is_an_error),
		TEST(a_full_read_after_a_refusal_deletes_nothing_without_an_answer),
		TEST(refused_and_killed_anywhere_there_is_no_gap_and_no_double),
	};

	return cmocka_run_group_tests_name("delta", tests, NULL, NULL);
}
