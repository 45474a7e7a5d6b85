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

#ifdef TIDEMARK_STEPS
/* Bytes, numbers and ids of a seed, as one text. */
static void
seeded_text(uint64_t seed, char out[200])
{
	unsigned char b[5];
	char id[UUID_TEXT], token[TOKEN_TEXT];
	uint64_t n;

	rand_seed(seed);
	rand_bytes(b, sizeof b);
	n = rand_below(1000000);
	snprintf(out, 200, "%02x%02x%02x%02x%02x %d %s %s", b[0], b[1], b[2], b[3], b[4], (int)n,
	    rand_uuid(id), rand_token(token));
	rand_unseed();
}

static void
one_seed_makes_one_stream(void **state)
{
	char a[200], b[200], other[200];

	(void)state;
	clock_step_to(INT64_C(1795170600000));
	seeded_text(7, a);
	seeded_text(7, b);
	seeded_text(8, other);
	assert_string_equal(a, b);
	assert_string_not_equal(a, other);
	rand_bytes(a, 32);
	rand_bytes(b, 32);
	assert_memory_not_equal(a, b, 32);
	clock_fake(0);
}

static void
seeded_ids_are_unique_at_a_standing_clock_and_one_that_goes_back(void **state)
{
	char last[UUID_TEXT] = "", id[UUID_TEXT];

	(void)state;
	clock_step_to(INT64_C(1795170600000));
	rand_seed(1);
	for (int i = 0; i < 20000; i++) {
		if (i % 1000 == 999)
			clock_step_to(INT64_C(1795170600000) - i);
		rand_uuid(id);
		assert_true(strcmp(last, id) < 0);
		memcpy(last, id, sizeof id);
	}
	rand_unseed();
	clock_fake(0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_version_7_and_grow),
		cmocka_unit_test(ids_grow_when_the_clock_goes_back),
		cmocka_unit_test(numbers_below_a_bound_are_even),
		cmocka_unit_test(tokens_are_long_and_differ),
		cmocka_unit_test(every_byte_is_filled),
#ifdef TIDEMARK_STEPS
		cmocka_unit_test(one_seed_makes_one_stream),
		cmocka_unit_test(seeded_ids_are_unique_at_a_standing_clock_and_one_that_goes_back),
#endif
	};
	return cmocka_run_group_tests_name("rand", tests, NULL, NULL);
}
