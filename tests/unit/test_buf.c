/* Growing buffers and their maximum. */
#include "unit/unit.h"

#include "base/buf.h"

static void
it_grows_and_stays_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_string_equal(buf_c(&b), "");
	for (int i = 0; i < 10000; i++) {
		buf_ch(&b, (char)('a' + i % 26));
		assert_int_equal(b.p[b.n], 0);
	}
	assert_int_equal(b.n, 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	assert_false(b.over);
	buf_release(&b);
	assert_null(b.p);
}

static void
what_goes_over_the_maximum_is_dropped_and_told(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_str(&b, "12345678");
	assert_false(b.over);
	buf_str(&b, "90");
	assert_false(b.over);
	assert_int_equal(b.n, 10);
	buf_str(&b, "");
	assert_false(b.over);
	buf_ch(&b, 'x');
	assert_true(b.over);
	assert_string_equal(buf_c(&b), "1234567890");
	buf_clear(&b);
	assert_false(b.over);
	buf_str(&b, "abcdefghijklmnop");
	assert_true(b.over);
	assert_string_equal(buf_c(&b), "abcdefghij");
	buf_release(&b);
}

static void
printf_short_long_and_over(void **state)
{
	struct buf b;
	char big[1000];

	(void)state;
	memset(big, 'z', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	buf_init(&b, 1500);
	buf_printf(&b, "%d,", 7);
	buf_printf(&b, "%s", big);
	assert_int_equal(b.n, 1001);
	assert_false(b.over);
	buf_printf(&b, "%s", big);
	assert_true(b.over);
	assert_int_equal(b.n, 1500);
	assert_int_equal(strlen(buf_c(&b)), 1500);
	buf_release(&b);
}

static void
reserve_and_cut(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_reserve(&b, 1000);
	assert_false(b.over);
	assert_true(b.cap > 1000);
	buf_reserve(&b, 1001);
	assert_true(b.over);
	buf_clear(&b);
	buf_str(&b, "abcdef");
	buf_cut(&b, 3);
	assert_string_equal(buf_c(&b), "abc");
	buf_cut(&b, 99);
	assert_int_equal(b.n, 3);
	buf_str(&b, NULL);
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_c(&b), "abc");
	buf_release(&b);
}

static void
an_arena_releases_its_buffers(void **state)
{
	struct arena *a = arena_new("t", 1 << 20, 0);
	struct buf *b = buf_in(a, SIZE_MAX);

	(void)state;
	buf_str(b, "kept until the arena goes; a leak would be found by the sanitizer");
	assert_true(str_starts(buf_s(b), "kept"));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_and_stays_terminated),
		cmocka_unit_test(what_goes_over_the_maximum_is_dropped_and_told),
		cmocka_unit_test(printf_short_long_and_over),
		cmocka_unit_test(reserve_and_cut),
		cmocka_unit_test(an_arena_releases_its_buffers),
	};
	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
