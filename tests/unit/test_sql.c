/* Every named statement: it can be prepared, and it finds its rows by an index, or
 * tests/sql/allowed.txt says why it need not. */
#include "unit/db_fixture.h"

#include "sql_texts.h"
#include "unit/table_file.h"

enum { ALLOWED_MAX = 100 };

static struct {
	char *name, *plan;
	bool needed;
} allowed[ALLOWED_MAX];
static size_t n_allowed;

static void
allow(char *const *columns, int n, const char *where)
{
	if (n != 3 || strlen(columns[2]) < 10)
		flunk("%s has no reason", where);
	assert_true(n_allowed < ALLOWED_MAX);
	allowed[n_allowed].name = arena_dup(cx.a, columns[0]);
	allowed[n_allowed++].plan = arena_dup(cx.a, columns[1]);
}

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	n_allowed = 0;
	memset(allowed, 0, sizeof allowed);
	assert_true(table_each("tests/sql/allowed.txt", allow) > 0);
	return 0;
}

static bool
is_allowed(const char *name, const char *plan)
{
	bool found = false;

	for (size_t i = 0; i < n_allowed; i++)
		if (!strcmp(allowed[i].name, name) &&
		    !strncmp(allowed[i].plan, plan, strlen(allowed[i].plan)))
			found = allowed[i].needed = true;
	return found;
}

/* The planner has no statistics here, as in a young database: what it does now it may always do. */
static int
explain(const char *name, const char *text)
{
	int bad = 0;

	for (char *save = NULL, *plan = strtok_r(raw_plan(text), "\n", &save); plan;
	     plan = strtok_r(NULL, "\n", &save)) {
		if ((strncmp(plan, "SCAN ", 5) && !strstr(plan, "TEMP B-TREE") &&
			!strstr(plan, "AUTOMATIC")) ||
		    !strcmp(plan, "SCAN CONSTANT ROW") || is_allowed(name, plan))
			continue;
		print_error("%s: %s\n", name, plan);
		bad++;
	}
	return bad;
}

static void
no_statement_walks_a_table_or_sorts_without_a_reason(void **state)
{
	int bad = 0;

	(void)state;
	for (int q = 0; q < Q__MAX; q++)
		bad += explain(sql_texts[q].name, sql_texts[q].text);
	assert_int_equal(bad, 0);
	for (size_t i = 0; i < n_allowed; i++)
		if (!allowed[i].needed)
			flunk("tests/sql/allowed.txt: %s does not need \"%s\" any more",
			    allowed[i].name, allowed[i].plan);
}

/* Which index: a history that is long must not be walked for a connection that is quiet. */
static void
runs_of_a_connection_are_found_by_its_own_index(void **state)
{
	static const enum sql statements[] = { Q_RUN_LATEST, Q_RUN_LAST_START, Q_RUN_HISTORY,
		Q_RUN_AFTER, Q_RUN_DAYS, Q_RUN_ENDED, Q_RECORD_RUN_AT };

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (!strstr(
			raw_plan(sql_texts[statements[i]].text), "sync_history (connection_id=?"))
			flunk(
			    "%s walks the runs of all connections", sql_texts[statements[i]].name);
}

/* Nor for one that asks what is under way: what is, is found by an index that has nothing else. */
static void
runs_that_are_active_are_found_without_those_that_have_ended(void **state)
{
	static const enum sql statements[] = { Q_QUEUE_PLACES, Q_QUEUE_ASKED_OWNER,
		Q_QUEUE_ASKED_OF, Q_QUEUE_ASKED_NEXT, Q_QUEUE_EXPIRED, Q_QUEUE_OF_PID,
		Q_QUEUE_RUNNING, Q_QUEUE_BACK, Q_QUEUE_END, Q_QUEUE_END_ALL, Q_RUN_ACTIVE,
		Q_RUN_GOING, Q_RUN_WAITING };

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (!strstr(raw_plan(sql_texts[statements[i]].text), "INDEX sync_active"))
			flunk("%s walks the runs that are over", sql_texts[statements[i]].name);
}

/* The guard asks so for each item that is sent, however many it has judged. */
static void
what_was_not_judged_is_found_without_what_was(void **state)
{
	static const enum sql statements[] = { Q_OUTBOX_UNJUDGED, Q_OUTBOX_JUDGED,
		Q_OUTBOX_HARMLESS };

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (!strstr(raw_plan(sql_texts[statements[i]].text), "INDEX outbox_unjudged"))
			flunk("%s walks what was judged", sql_texts[statements[i]].name);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_statement_walks_a_table_or_sorts_without_a_reason),
		TEST(runs_of_a_connection_are_found_by_its_own_index),
		TEST(runs_that_are_active_are_found_without_those_that_have_ended),
		TEST(what_was_not_judged_is_found_without_what_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
