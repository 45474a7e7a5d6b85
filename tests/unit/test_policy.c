/* Which of two edits stands: tests/table/policy.txt. */
#include "unit/agree_fixture.h"

static int wrong;

static struct edits
edits_of(const char *text)
{
	json *j = version(text);

	return (struct edits){
		.at = json_at(j, "at"),
		.whole = json_num(j, "whole", 0),
		.resolution_ms = json_num(j, "resolution", 0),
	};
}

static void
check(char *const *columns, int n, const char *where)
{
	struct policy_facts facts = { 0 };
	const char *fields[GROUP_MEMBERS], *got;
	struct str ahead, within;
	size_t n_fields = 0;

	assert_int_equal(n, 6);
	facts.policy = policy_named(columns[0]);
	for (char *f = strtok(columns[1], " "); f; f = strtok(NULL, " "))
		fields[n_fields++] = f;
	facts.local = edits_of(columns[2]);
	facts.remote = edits_of(columns[3]);
	ahead = str_cut(str_c(columns[4]), ' ', &within);
	assert_true(str_i64(ahead, INT64_MIN, INT64_MAX, &facts.ahead_ms));
	if (within.p)
		assert_true(str_i64(within, 0, INT64_MAX, &facts.within_ms));
	got = pick_word(policy_pick(&facts, fields, n_fields));
	if (strcmp(got ? got : "none", columns[5])) {
		print_error("%s: got %s, not %s\n", where, got, columns[5]);
		wrong++;
	}
}

static void
every_case_of_the_table_holds(void **state)
{
	(void)state;
	assert_in_range(table_each("tests/table/policy.txt", check), 40, 1000);
	assert_int_equal(wrong, 0);
}

static void
every_policy_has_a_word_and_a_sentence(void **state)
{
	enum policy found;

	(void)state;
	for (enum policy p = 0; p < POLICY__MAX; p++) {
		assert_true(policy_of(policy_word(p), &found));
		assert_int_equal(found, p);
		assert_true(strlen(policy_rule(p)) > 10);
		assert_true(str_starts(str_c(policy_help(p)), policy_rule(p)));
	}
	assert_false(policy_of("newest", &found));
	assert_false(policy_of("", &found));
	assert_false(policy_of(NULL, &found));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_case_of_the_table_holds),
		TEST(every_policy_has_a_word_and_a_sentence),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
