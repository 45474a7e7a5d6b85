/* A run that goes on in another process, with a plan that was made in the first one. */
#include "kill_fixture.h"

#ifdef TIDEMARK_STEPS

#define NOW INT64_C(1795170600000)

static int
later_open(void **state)
{
	if (fixture_open(state) != 0)
		return -1;
	clock_step_to(NOW);
	return 0;
}

static int
later_close(void **state)
{
	clock_fake(0);
	return fixture_close(state);
}

static bool
has_a_plan(void)
{
	return raw_number("SELECT count(*) FROM sync WHERE state = 'queued' AND "
			  "checkpoint LIKE '%\"stage\":\"saving\"%'") == 1;
}

/* A run of the text whose process is killed as soon as its plan is there. */
static void
planned_and_killed(const char *text)
{
	for (int at = 1;; at++) {
		script.text = text;
		enqueue();
		assert_true(work(at));
		if (has_a_plan())
			return;
		raw("UPDATE sync SET state = 'cancelled', finished_at = 1 WHERE state = 'queued'");
	}
}

static const char *
last_run(const char *what)
{
	return raw_lines(
	    arena_printf(cx.a, "SELECT %s FROM sync ORDER BY no DESC LIMIT 1", what), 0);
}

static void
what_was_read_before_is_as_of_then(void **state)
{
	(void)state;
	script.etag = "\"v2\"";
	planned_and_killed("id,name\n1,Ann\n2,Bob\n");
	clock_step_by(HOUR_MS);
	/* The source has moved on, which this run does not see. */
	script.text = "id,name\n1,Ann\n";
	script.etag = "\"v3\"";
	assert_false(work(0));
	assert_string_equal(last_run("state || ' ' || fetched || ' ' || added"), "complete 2 2\n");
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 2);
	assert_int_equal(raw_number("SELECT as_of FROM dataset"), NOW);
	assert_int_equal(
	    raw_number("SELECT cursor LIKE '%v2%' AND cursor NOT LIKE '%v3%' FROM connection"), 1);
	/* The next one reads it all. */
	assert_string_equal(sync_now().state, "complete");
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 1);
	assert_int_equal(raw_number("SELECT as_of FROM dataset"), NOW + HOUR_MS);
}

static void
spoil(const char *file, const char *how)
{
	assert_int_equal(
	    system(arena_printf(cx.a, "for f in %s/spool/*/%s; do %s; done", home, file, how)), 0);
}

/* Nothing of it is taken over, and the run after it starts anew. */
static void
a_damaged_plan_is_not_carried_out(void **state)
{
	static const struct {
		const char *file, *how;
	} damage[] = {
		{ "plan.json", ": >$f" },
		{ "plan.json", "truncate -s -1 $f" },
		{ "plan.json", "rm $f" },
		{ "plan.bin", "truncate -s 10 $f" },
		{ "plan.bin", "rm $f" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
		raw("DELETE FROM record; DELETE FROM change; DELETE FROM dataset;"
		    "UPDATE connection SET cursor = NULL");
		planned_and_killed("id,name\n1,Ann\n2,Bob\n");
		spoil(damage[i].file, damage[i].how);
		assert_false(work(0));
		if (strcmp(last_run("state"), "error\n") != 0)
			flunk("%s: %s: %s", damage[i].file, damage[i].how, last_run("state"));
		assert_non_null(strstr(last_run("error_detail"), "working file"));
		assert_int_equal(raw_number("SELECT count(*) FROM record"), 0);
		assert_int_equal(
		    raw_number("SELECT count(*) FROM connection WHERE cursor IS NOT NULL"), 0);
		assert_string_equal(sync_now().state, "complete");
		assert_int_equal(raw_number("SELECT count(*) FROM record"), 2);
	}
}

#define LATER_TEST(f) cmocka_unit_test_setup_teardown(f, later_open, later_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LATER_TEST(what_was_read_before_is_as_of_then),
		LATER_TEST(a_damaged_plan_is_not_carried_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int
main(void)
{
	puts("1..0 # SKIP no process can be killed at a step outside test builds");
	return 0;
}
#endif
