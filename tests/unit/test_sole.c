/* One process at a time: whoever is second does not wait, and a death ends it. */
#include "unit/unit.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/sole.h"

static int
taken(const char *name)
{
	int held;

	assert_ok(sole_take(&cx, name, &held));
	return held;
}

static void
a_second_one_is_told_so_and_others_are_no_matter(void **state)
{
	int first = taken("page one"), other;

	(void)state;
	assert_true(first >= 0);
	assert_int_equal(taken("page one"), -1);
	other = taken("page two");
	assert_true(other >= 0);
	sole_end(first);
	first = taken("page one");
	assert_true(first >= 0);
	assert_int_equal(taken("page two"), -1);
	sole_end(first);
	sole_end(other);
	sole_end(-1);
}

static void
it_ends_with_its_process(void **state)
{
	pid_t pid = fork();
	int held, status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(sole_take(&cx, "page", &held) == RC_OK && held >= 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	held = taken("page");
	assert_true(held >= 0);
	sole_end(held);
}

static void
it_ends_whatever_was_started_meanwhile(void **state)
{
	int held = taken("page"), again, status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	sole_end(held);
	again = taken("page");
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(again >= 0);
	sole_end(again);
}

static void
without_a_file_nothing_is_done(void **state)
{
	int held;

	(void)state;
	conf_override(CONF_HOME, "/nowhere/at/all");
	assert_error(sole_take(&cx, "page", &held), E_UNAVAILABLE);
	assert_int_equal(held, -1);
	conf_override(CONF_HOME, home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_second_one_is_told_so_and_others_are_no_matter, home_open, home_close),
		cmocka_unit_test_setup_teardown(it_ends_with_its_process, home_open, home_close),
		cmocka_unit_test_setup_teardown(
		    it_ends_whatever_was_started_meanwhile, home_open, home_close),
		cmocka_unit_test_setup_teardown(
		    without_a_file_nothing_is_done, home_open, home_close),
	};

	return cmocka_run_group_tests_name("sole", tests, NULL, NULL);
}
