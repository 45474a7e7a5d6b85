/* seconds: 30 */
/*
 * Kill at every step: for every named point of a run, a process is killed there with SIGKILL,
 * the run is reaped and resumed, and the end must be what an undisturbed run gives; then a
 * further run must change nothing. The same with every statement that fails. Built with
 * TIDEMARK_STEPS (build/steps).
 */
#include "kill_fixture.h"

static const char *
source(int rows, int from)
{
	struct buf *b = buf_in(cx.a, 4 << 20);

	buf_str(b, "id,name,note\n");
	for (int i = from; i < from + rows; i++)
		buf_printf(b, "%d,name of %d,%s\n", i, i, i % 3 ? "some" : "other");
	return buf_c(b);
}

static void
clear(void)
{
	raw("DELETE FROM record; DELETE FROM change;"
	    "DELETE FROM link; DELETE FROM conflict; DELETE FROM dataset; DELETE FROM sync; DELETE "
	    "FROM notice; UPDATE connection SET cursor = NULL;"
	    "UPDATE schedule SET health = 'ok', failing = 0, retry_count = 0, deferrals = 0, "
	    "error_code = NULL, error_detail = NULL");
}

/* first: what is stored before; text: what is read while the process is killed. */
static void
kill_everywhere(const char *first, const char *text, bool twice)
{
	const char *want;
	int kills = 0;

	if (first)
		(void)sync_text(first);
	(void)sync_text(text);
	want = contents();
	for (int at = 1;; at++) {
		bool killed;
		struct run r;

		clear();
		if (first)
			(void)sync_text(first);
		script.text = text;
		enqueue();
		killed = work(at);
		if (!killed)
			break;
		kills++;
		/* And once more while it recovers. */
		if (twice)
			(void)work(at % 5 + 1);
		while (work(0))
			continue;
		if (raw_number("SELECT count(*) FROM sync WHERE state IN ('queued', 'running')"))
			flunk("step %d: a run is left over", at);
		if (strcmp(contents(), want))
			flunk("step %d: the records are not those of the source", at);
		if (raw_number("SELECT count(*) FROM sync WHERE state = 'complete' "
			       "AND no = (SELECT max(no) FROM sync)") != 1)
			flunk("step %d: the last run is not complete", at);
		r = sync_text(arena_printf(cx.a, "%s\n", text));
		if (r.added + r.updated + r.deleted)
			flunk("step %d: a second run changed something", at);
		if (raw_number("SELECT count(*) - (SELECT rows FROM dataset) FROM record "
			       "WHERE deleted IS NULL"))
			flunk("step %d: the count of rows is wrong", at);
	}
	assert_in_range(kills, 8, 1000);
}

/* --- a statement that fails --- */

/* Works off what is asked for and what is to be resumed. */
static void
assert_rests(int at)
{
	raw("UPDATE sync SET wait_until = 0");
	assert_ok(work_syncs(&cx, db));
	if (raw_number("SELECT count(*) FROM sync WHERE finished_at IS NULL"))
		flunk("fault %d: a run is left over", at);
}

/* A source that says of itself whether it is what it was: a reader that took note of it without
 * having kept it would stay behind for good. */
static void
reads_marked(const char *text, const char *etag)
{
	script.text = text;
	script.etag = etag;
	(void)sync_now();
}

static void
assert_is_level(int at, const char *want)
{
	struct run r = sync_now();

	if (strcmp(r.state, "complete"))
		flunk("fault %d: the next run ends with %s", at, r.error_code);
	if (strcmp(contents(), want))
		flunk("fault %d: the records are not those of the source", at);
	if (raw_number("SELECT count(*) - (SELECT rows FROM dataset) FROM record "
		       "WHERE deleted IS NULL"))
		flunk("fault %d: the count of rows is wrong", at);
	script.etag = NULL; /* all is read again */
	r = sync_now();
	if (r.added + r.updated + r.deleted)
		flunk("fault %d: a second run changed something", at);
}

static void
fault_everywhere(const char *first, const char *text)
{
	const char *want;
	int at = 1;

	reads_marked(text, NULL);
	want = contents();
	for (bool met = true; met; at += SLOW_SHARE) {
		clear();
		if (first)
			reads_marked(first, "\"1\"");
		script.text = text;
		script.etag = "\"2\"";
		enqueue();
		met = work_with_fault(at);
		assert_rests(at);
		assert_is_level(at, want);
	}
	assert_in_range(at, 40, 2000);
}

static void
whichever_statement_of_a_first_sync_fails_the_next_one_is_whole(void **state)
{
	(void)state;
	fault_everywhere(NULL, source(40, 1));
}

static void
whichever_statement_of_a_changing_sync_fails_the_next_one_is_whole(void **state)
{
	(void)state;
	fault_everywhere(source(40, 1), source(40, 8));
}

static void
whichever_statement_of_a_paged_sync_fails_the_next_one_is_whole(void **state)
{
	(void)state;
	script.page_bytes = 300;
	fault_everywhere(source(40, 1), source(40, 8));
}

/* The question comes once, nothing goes before it is answered, and the answer is for what it
 * showed. */
static void
whichever_statement_fails_what_is_asked_is_asked(void **state)
{
	const char *all = source(40, 1), *want;
	int at = 1;

	(void)state;
	reads_marked(all, NULL);
	want = contents();
	for (bool met = true; met; at += SLOW_SHARE) {
		struct run r;

		clear();
		reads_marked(all, NULL);
		script.text = source(10, 1);
		enqueue();
		met = work_with_fault(at);
		assert_rests(at);
		r = sync_now();
		if (strcmp(r.error_code ? r.error_code : "", "needs_approval"))
			flunk("fault %d: nobody asks, %s", at, r.error_code);
		if (strcmp(contents(), want))
			flunk("fault %d: something is gone before the answer", at);
	}
	assert_in_range(at, 40, 2000);
}

static void
killed_anywhere_in_a_first_sync_it_resumes(void **state)
{
	(void)state;
	kill_everywhere(NULL, source(2500, 1), false);
}

static void
killed_anywhere_in_a_changing_sync_it_resumes(void **state)
{
	(void)state;
	kill_everywhere(source(2500, 1), source(2500, 600), false);
}

static void
killed_anywhere_in_a_paged_sync_and_again_while_recovering(void **state)
{
	(void)state;
	script.page_bytes = 30000;
	kill_everywhere(source(1500, 1), source(1500, 100), true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(killed_anywhere_in_a_first_sync_it_resumes),
		ENGINE_TEST(killed_anywhere_in_a_changing_sync_it_resumes),
		ENGINE_TEST(killed_anywhere_in_a_paged_sync_and_again_while_recovering),
		ENGINE_TEST(whichever_statement_of_a_first_sync_fails_the_next_one_is_whole),
		ENGINE_TEST(whichever_statement_of_a_changing_sync_fails_the_next_one_is_whole),
		ENGINE_TEST(whichever_statement_of_a_paged_sync_fails_the_next_one_is_whole),
		ENGINE_TEST(whichever_statement_fails_what_is_asked_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
