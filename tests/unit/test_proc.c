/* Whose identity a process takes on. */
#include "unit/unit.h"

#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/proc.h"

enum { SOMEBODY = 12345, GROUP = 23456 };

struct identity {
	uid_t user[3];
	gid_t group[3];
	int groups;
};

static struct identity
who(void)
{
	struct identity i = { .groups = getgroups(0, NULL) };

	(void)getresuid(&i.user[0], &i.user[1], &i.user[2]);
	(void)getresgid(&i.group[0], &i.group[1], &i.group[2]);
	return i;
}

static int
is_owner(void)
{
	const struct identity now = who();

	for (int i = 0; i < 3; i++)
		if (now.user[i] != SOMEBODY || now.group[i] != GROUP)
			return 2;
	if (now.groups != 0)
		return 3;
	/* For good. */
	return setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0 ? 4 : 0;
}

static int
is_as_before(const struct identity *before)
{
	const struct identity now = who();

	return memcmp(&now, before, sizeof now) == 0 ? 0 : 5;
}

/* In a process of its own: 0, or what is wrong. */
static int
takes(const char *dir, bool changes)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const gid_t more[] = { 1, 2 };
		struct identity before;

		if (geteuid() == 0 && setgroups(2, more) != 0)
			_exit(1);
		before = who();
		if (proc_as_owner(&cx, dir) != RC_OK)
			_exit(6);
		_exit(changes ? is_owner() : is_as_before(&before));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
root_becomes_the_owner_of_the_directory_whole_and_for_good(void **state)
{
	char dir[] = "/tmp/tidemark-test-XXXXXX";

	(void)state;
	if (geteuid() != 0) {
		print_message("not root: nobody else's identity can be taken on\n");
		skip();
	}
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chown(dir, SOMEBODY, GROUP), 0);
	assert_int_equal(takes(dir, true), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
nobody_becomes_anybody_for_a_directory_of_roots_or_none(void **state)
{
	(void)state;
	assert_int_equal(takes("/", false), 0);
	assert_int_equal(takes("/none/such", false), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(root_becomes_the_owner_of_the_directory_whole_and_for_good),
		TEST(nobody_becomes_anybody_for_a_directory_of_roots_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
