/* Random numbers, ids and tokens. */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/rand.h"

static void
ids_are_version_7_and_grow(void **state)
{
	char last[UUID_TEXT] = "", id[UUID_TEXT];
	int64_t before = clock_ms();

	(void)state;
	/* More than one millisecond can number. */
	for (int i = 0; i < 20000; i++) {
		rand_uuid(id);
		assert_int_equal(strlen(id), 36);
		assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
		assert_int_equal(id[14], '7');
		assert_non_null(strchr("89ab", id[19]));
		assert_true(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
		assert_true(strcmp(last, id) < 0);
		memcpy(last, id, sizeof id);
	}
	id[8] = '\0';
	memmove(id + 8, last + 9, 5);
	id[12] = '\0';
	assert_in_range(
	    (uint64_t)strtoull(id, NULL, 16), (uint64_t)before, (uint64_t)clock_ms() + 1000);
}

static void
ids_grow_when_the_clock_goes_back(void **state)
{
	char a[UUID_TEXT], b[UUID_TEXT];

	(void)state;
	rand_uuid(a);
	clock_fake(INT64_C(1000000000000));
	rand_uuid(b);
	clock_fake(0);
	assert_true(strcmp(a, b) < 0);
}

static void
numbers_below_a_bound_are_even(void **state)
{
	enum { SIDES = 6, THROWS = 60000 };
	int count[SIDES] = { 0 };

	(void)state;
	for (int i = 0; i < THROWS; i++) {
		uint64_t v = rand_below(SIDES);

		assert_true(v < SIDES);
		count[v]++;
	}
	/* Ten standard deviations: chance never gets there. */
	for (int i = 0; i < SIDES; i++)
		assert_in_range(count[i], THROWS / SIDES - 920, THROWS / SIDES + 920);
	assert_int_equal(rand_below(1), 0);
	for (int i = 0; i < 100; i++)
		assert_true(rand_below(UINT64_MAX) < UINT64_MAX);
}

static void
tokens_are_long_and_differ(void **state)
{
	char a[TOKEN_TEXT], b[TOKEN_TEXT];

	(void)state;
	rand_token(a);
	rand_token(b);
	assert_int_equal(strlen(a), 43);
	assert_int_equal(
	    strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	assert_string_not_equal(a, b);
}

static void
every_byte_is_filled(void **state)
{
	unsigned char seen[1000] = { 0 }, b[1000];

	(void)state;
	for (int round = 0; round < 20; round++) {
		rand_bytes(b, sizeof b);
		for (size_t i = 0; i < sizeof b; i++)
			seen[i] |= b[i];
	}
	for (size_t i = 0; i < sizeof b; i++)
		assert_int_not_equal(seen[i], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_version_7_and_grow),
		cmocka_unit_test(ids_grow_when_the_clock_goes_back),
		cmocka_unit_test(numbers_below_a_bound_are_even),
		cmocka_unit_test(tokens_are_long_and_differ),
		cmocka_unit_test(every_byte_is_filled),
	};
	return cmocka_run_group_tests_name("rand", tests, NULL, NULL);
}
