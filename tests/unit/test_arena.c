/* Memory that dies together. */
#include "unit/unit.h"

#include <setjmp.h>

#include "base/arena.h"

static char order[8];

static void
note(void *p)
{
	size_t n = strlen(order);

	order[n] = *(char *)p;
}

static void
memory_is_zero_and_aligned_also_after_a_reset(void **state)
{
	struct arena *a = arena_new("t", 1 << 20, 0);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 1; n < 3000; n += 37) {
			unsigned char *p = arena_alloc(a, n);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xFF, n);
		}
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
	arena_free(a);
}

static void
pieces_do_not_overlap(void **state)
{
	struct arena *a = arena_new("t", 8 << 20, 0);
	enum { N = 500 };
	unsigned char *p[N];
	size_t len[N];

	(void)state;
	/* Small ones, and now and then one that needs a block of its own. */
	for (size_t i = 0; i < N; i++) {
		len[i] = i % 50 == 49 ? 100000 : i % 97 + 1;
		p[i] = arena_alloc(a, len[i]);
		memset(p[i], (int)(i & 0xFF), len[i]);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < len[i]; k++)
			assert_int_equal(p[i][k], i & 0xFF);
	arena_free(a);
}

static void
texts_are_copied(void **state)
{
	struct arena *a = arena_new("t", 1 << 20, 0);
	char big[5000];

	(void)state;
	assert_null(arena_dup(a, NULL));
	assert_string_equal(arena_dup(a, ""), "");
	assert_string_equal(arena_dup(a, "abc"), "abc");
	assert_memory_equal(arena_dup_str(a, STR("a\0b")), "a\0b", 4);
	assert_string_equal(arena_dup_str(a, (struct str){ NULL, 0 }), "");
	assert_string_equal(arena_printf(a, "%d-%s", 42, "x"), "42-x");
	memset(big, 'y', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	assert_string_equal(arena_printf(a, "%s", big), big);
	arena_free(a);
}

static void
deferred_calls_run_once_last_in_first_out(void **state)
{
	struct arena *a = arena_new("t", 1 << 20, 0);

	(void)state;
	memset(order, 0, sizeof order);
	arena_defer(a, note, arena_dup(a, "1"));
	arena_defer(a, note, arena_dup(a, "2"));
	arena_defer(a, note, arena_dup(a, "3"));
	arena_reset(a);
	assert_string_equal(order, "321");
	arena_defer(a, note, arena_dup(a, "4"));
	arena_free(a);
	assert_string_equal(order, "3214");
	arena_free(NULL);
}

static void
the_cap_ends_the_process(void **state)
{
	struct arena *a = arena_new("t", 1000, 0);

	(void)state;
	arena_alloc(a, 900);
	assert_aborts(arena_alloc(a, 101));
	assert_non_null(arena_alloc(a, 100));
	assert_aborts(arena_dup(a, "x"));
	arena_free(a);
}

static jmp_buf full;

static void
on_full(void)
{
	longjmp(full, 1);
}

static void
what_is_to_be_done_with_a_full_arena_is_done_once(void **state)
{
	struct arena *a = arena_new("t", 1000, 0);
	volatile int times = 0;

	(void)state;
	arena_when_full(on_full);
	if (setjmp(full) == 0)
		arena_alloc(a, 1001);
	else
		times++;
	assert_int_equal(times, 1);
	assert_aborts(arena_alloc(a, 1001));
	assert_non_null(arena_alloc(a, 1000));
	arena_free(a);
}

#ifndef __SANITIZE_ADDRESS__
/* The same is done when the machine has no more: what is asked for here no machine has. */
static void
what_is_to_be_done_without_memory_is_done_once(void **state)
{
	struct arena *a = arena_new("t", SIZE_MAX, 0);
	volatile int times = 0;

	(void)state;
	arena_when_full(on_full);
	if (setjmp(full) == 0)
		arena_alloc(a, SIZE_MAX / 4);
	else
		times++;
	assert_int_equal(times, 1);
	assert_aborts(arena_alloc(a, SIZE_MAX / 4));
	assert_non_null(arena_alloc(a, 1000));
	arena_free(a);
}
#endif

static void
sizes_that_overflow_end_the_process(void **state)
{
	struct arena *a = arena_new("t", SIZE_MAX, 0);

	(void)state;
	assert_aborts(arena_array(a, SIZE_MAX / 2, 3));
	assert_aborts(arena_alloc(a, SIZE_MAX));
	assert_aborts(arena_alloc(a, SIZE_MAX - 8));
	assert_aborts(arena_dup_str(a, (struct str){ "x", SIZE_MAX }));
	arena_free(a);
}

/* Under AddressSanitizer memory that was given back may not be looked at. */
#ifndef __SANITIZE_ADDRESS__
static void
a_wiped_arena_leaves_nothing_behind(void **state)
{
	struct arena *a = arena_new("t", 1 << 20, ARENA_WIPE);
	volatile char *p = arena_dup(a, "correct horse battery staple");

	(void)state;
	assert_int_equal(p[0], 'c');
	/* The block is kept, so its bytes can still be read. */
	arena_reset(a);
	for (int i = 0; i < 28; i++)
		assert_int_equal(p[i], 0);
	arena_free(a);
}
#endif

/* Where the block ends, and where its room is just enough. */
static void
a_text_of_any_length_stands_whole_behind_the_one_before(void **state)
{
	struct arena *a = arena_new("texts", 64 << 20, 0);
	const char *before = arena_printf(a, "%s", "first");

	(void)state;
	for (int n = 0; n < 700; n++) {
		const char *text = arena_printf(a, "%0*d|", n, 7);

		assert_int_equal(strlen(text), (n > 1 ? n : 1) + 1);
		assert_int_equal(text[strlen(text) - 2], '7');
		assert_string_equal(before + strlen(before) - 1, n ? "|" : "t");
		before = text;
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zero_and_aligned_also_after_a_reset),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(a_text_of_any_length_stands_whole_behind_the_one_before),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(deferred_calls_run_once_last_in_first_out),
		cmocka_unit_test(the_cap_ends_the_process),
		cmocka_unit_test(what_is_to_be_done_with_a_full_arena_is_done_once),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(what_is_to_be_done_without_memory_is_done_once),
#endif
		cmocka_unit_test(sizes_that_overflow_end_the_process),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(a_wiped_arena_leaves_nothing_behind),
#endif
	};
	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
