/* Answers to the blast guard in the engine: each is for the deletions that it was given for, and
 * what was kept stays kept. */
#include "engine_fixture.h"

/* Rows from..to, and a second such span. */
static const char *
spans(int from, int to, int from2, int to2)
{
	struct buf *b = buf_in(cx.a, 1 << 20);

	buf_str(b, "id,name\n");
	for (int i = from; i <= to; i++)
		buf_printf(b, "%d,row %d\n", i, i);
	for (int i = from2; i <= to2; i++)
		buf_printf(b, "%d,row %d\n", i, i);
	return buf_c(b);
}

static const char *
span(int from, int to)
{
	return spans(from, to, 1, 0);
}

static int64_t
present(int from, int to)
{
	return raw_number(arena_printf(cx.a,
	    "SELECT count(*) FROM record WHERE deleted IS NULL"
	    " AND CAST(key AS INTEGER) BETWEEN %d AND %d",
	    from, to));
}

static struct run
ask(const char *text)
{
	struct run r = sync_text(text);

	assert_string_equal(r.state, "error");
	assert_string_equal(r.error_code, "needs_approval");
	assert_non_null(r.review);
	return r;
}

/* The answer; then its run, which reads `text`. */
static struct run
answer(const struct run *asked, const char *word, const char *text)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct run r;
	const char *id;
	bool found;

	assert_ok(sync_answer(&cx, db, OWNER, asked->id, word, &id));
	script.text = text;
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_string_equal(job.run.id, id);
	assert_ok(engine_run(&cx, db, &job));
	assert_ok(run_get(&cx, db, OWNER, id, &r));
	return r;
}

static void
refused(const struct run *asked)
{
	static const char *const words[] = { "approve", "keep", "always" };
	const char *id;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		assert_int_equal(
		    sync_answer(&cx, db, OWNER, asked->id, words[i], &id), RC_CONFLICT);
		assert_int_equal(cx.err.kind, E_STATE);
		assert_non_null(strstr(cx.err.detail, "over"));
	}
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE guard = ''"), 1);
}

static void
an_answer_to_a_question_that_is_over_is_refused(void **state)
{
	struct run asked, r;
	bool open;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	assert_ok(sync_question(&cx, db, &asked, &open));
	assert_true(open);
	/* The source has recovered by itself. */
	r = sync_text(span(1, 100));
	assert_string_equal(r.state, "complete");
	assert_ok(sync_question(&cx, db, &asked, &open));
	assert_false(open);
	refused(&asked);
	(void)ask(span(51, 90));
	assert_int_equal(present(1, 100), 100);
}

static void
a_question_that_was_asked_anew_is_answered_where_it_stands_now(void **state)
{
	struct run first, second, r;

	(void)state;
	(void)sync_text(span(1, 100));
	first = ask(span(1, 40));
	second = ask(span(1, 30));
	refused(&first);
	r = answer(&second, "approve", span(1, 30));
	assert_counts(&r, 0, 0, 70, 30);
}

static void
a_question_stays_open_after_a_run_that_has_failed(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	script.fail_page = 1;
	script.fail_kind = E_NETWORK;
	r = sync_now();
	assert_string_equal(r.error_code, "network");
	script.fail_page = 0;
	r = answer(&asked, "approve", span(1, 40));
	assert_counts(&r, 0, 0, 60, 40);
}

static void
approval_of_what_was_shown_does_not_delete_others(void **state)
{
	struct run asked, again, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	again = answer(&asked, "approve", span(61, 100));
	assert_string_equal(again.error_code, "needs_approval");
	assert_int_equal(present(1, 100), 100);
	/* As many, and even fewer, but others. */
	assert_int_equal(json_num(json_stored(cx.a, again.review), "deletions", 0), 60);
	assert_string_equal(
	    json_value_str(json_nth(json_at(json_stored(cx.a, again.review), "items"), 0)), "1");
	r = answer(&again, "approve", spans(46, 90, 101, 104));
	assert_string_equal(r.error_code, "needs_approval");
	assert_int_equal(present(1, 100), 100);
	r = answer(&r, "approve", spans(46, 90, 101, 104));
	assert_counts(&r, 4, 0, 55, 45);
}

static void
an_approval_that_was_not_needed_is_forgotten(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	/* Byte for byte what was read last: nothing is compared. */
	r = answer(&asked, "approve", span(1, 100));
	assert_true(r.not_modified);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM connection WHERE guard = '' AND guard_plan = ''"), 1);
	asked = ask(span(1, 40));
	r = answer(&asked, "approve", spans(1, 100, 101, 101));
	assert_counts(&r, 1, 0, 0, 100);
	(void)ask(spans(1, 40, 101, 101));
}

static void
an_approval_is_void_once_the_question_was_asked_anew(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	r = answer(&asked, "approve", span(61, 100));
	assert_string_equal(r.error_code, "needs_approval");
	/* The loss of the first question again: its approval is over. */
	(void)ask(span(1, 40));
	assert_int_equal(present(1, 100), 100);
}

static void
always_is_a_standing_permission(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	r = answer(&asked, "always", span(61, 100));
	assert_counts(&r, 0, 0, 60, 40);
	r = sync_text(span(61, 62));
	assert_counts(&r, 0, 0, 38, 2);
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE guard = 'always'"), 1);
}

static void
what_was_kept_stays_when_the_source_grows(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	r = answer(&asked, "keep", span(1, 40));
	assert_counts(&r, 0, 0, 0, 40);
	r = sync_text(spans(1, 40, 101, 160));
	assert_counts(&r, 60, 0, 0, 40);
	/* Less than half of what is stored now. */
	r = sync_text(spans(1, 40, 101, 161));
	assert_counts(&r, 1, 0, 0, 100);
	assert_non_null(strstr(r.warnings, "deletions_kept"));
	assert_int_equal(present(41, 100), 60);
	/* Others go as ever. */
	r = sync_text(spans(2, 40, 101, 161));
	assert_counts(&r, 0, 0, 1, 100);
	assert_int_equal(present(41, 100), 60);
	/* And a large loss of others is asked about. */
	(void)ask(span(2, 12));
	assert_int_equal(raw_number("SELECT rows FROM dataset"), 160);
}

static void
what_was_kept_stays_when_a_part_comes_back(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	(void)answer(&asked, "keep", span(1, 40));
	r = sync_text(span(1, 70));
	assert_counts(&r, 0, 0, 0, 70);
	assert_int_equal(present(1, 100), 100);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE kept = 1"), 30);
	/* What has come back is like all others. */
	r = sync_text(span(1, 69));
	assert_counts(&r, 0, 0, 1, 69);
	r = sync_text(span(1, 100));
	assert_counts(&r, 1, 0, 0, 99);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE kept = 1"), 0);
	assert_null(r.warnings);
	r = sync_text(span(1, 80));
	assert_counts(&r, 0, 0, 20, 80);
}

static void
a_smaller_loss_than_the_one_to_be_kept_is_asked_about(void **state)
{
	struct run asked, r;

	(void)state;
	(void)sync_text(span(1, 100));
	asked = ask(span(1, 40));
	/* A part comes back before the answer is carried out. */
	r = answer(&asked, "keep", span(1, 70));
	assert_string_equal(r.error_code, "needs_approval");
	assert_int_equal(present(1, 100), 100);
	r = answer(&r, "keep", span(1, 70));
	assert_counts(&r, 0, 0, 0, 70);
	r = sync_text(span(1, 71));
	assert_counts(&r, 0, 0, 0, 71);
	assert_int_equal(present(1, 100), 100);
}

/* --- another key --- */

static const char *
named(int from, int to)
{
	struct buf *b = buf_in(cx.a, 1 << 20);

	buf_str(b, "id,name\n");
	for (int i = from; i <= to; i++)
		buf_printf(b, "%d,n%d\n", i, i);
	return buf_c(b);
}

static struct run
rekey(const char *text)
{
	raw("UPDATE connection SET config = '{\"key\": [\"name\"]}', config_rev = config_rev + 1");
	return sync_text(text);
}

static void
another_key_under_which_every_row_comes_back_is_no_loss(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(named(1, 100));
	r = rekey(named(1, 80));
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 80, 0, 100, 0);
}

static void
another_key_under_which_rows_vanish_is_asked_about(void **state)
{
	struct run r;
	const char *before;

	(void)state;
	(void)sync_text(named(1, 100));
	before = contents();
	r = rekey(named(1, 40));
	assert_string_equal(r.error_code, "needs_approval");
	assert_int_equal(json_num(json_stored(cx.a, r.review), "deletions", 0), 60);
	assert_string_equal(contents(), before);
	/* Other rows vanish. */
	r = answer(&r, "approve", named(2, 41));
	assert_string_equal(r.error_code, "needs_approval");
	r = answer(&r, "approve", named(2, 41));
	assert_counts(&r, 40, 0, 100, 0);
}

static void
another_key_waits_while_the_data_is_kept(void **state)
{
	struct run r;
	const char *before;

	(void)state;
	(void)sync_text(named(1, 100));
	before = contents();
	r = rekey(named(1, 40));
	r = answer(&r, "keep", named(1, 40));
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 0, 0, 0, 0);
	assert_non_null(strstr(r.warnings, "key_waits"));
	assert_string_equal(contents(), before);
	/* The same again; and no "nothing changed" over it. */
	r = sync_now();
	assert_false(r.not_modified);
	assert_non_null(strstr(r.warnings, "key_waits"));
	assert_string_equal(contents(), before);
	r = sync_text(named(1, 100));
	assert_counts(&r, 100, 0, 100, 0);
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE guard = ''"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(an_answer_to_a_question_that_is_over_is_refused),
		ENGINE_TEST(a_question_that_was_asked_anew_is_answered_where_it_stands_now),
		ENGINE_TEST(a_question_stays_open_after_a_run_that_has_failed),
		ENGINE_TEST(approval_of_what_was_shown_does_not_delete_others),
		ENGINE_TEST(an_approval_that_was_not_needed_is_forgotten),
		ENGINE_TEST(an_approval_is_void_once_the_question_was_asked_anew),
		ENGINE_TEST(always_is_a_standing_permission),
		ENGINE_TEST(what_was_kept_stays_when_the_source_grows),
		ENGINE_TEST(what_was_kept_stays_when_a_part_comes_back),
		ENGINE_TEST(a_smaller_loss_than_the_one_to_be_kept_is_asked_about),
		ENGINE_TEST(another_key_under_which_every_row_comes_back_is_no_loss),
		ENGINE_TEST(another_key_under_which_rows_vanish_is_asked_about),
		ENGINE_TEST(another_key_waits_while_the_data_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
