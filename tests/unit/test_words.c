/* Which words of a text are not in other versions of it. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/words.h"

/* The text with what differs in brackets. */
static const char *
marked(const char *text, const char *one, const char *two)
{
	const struct str others[] = { str_c(one), str_c(two) };
	struct buf *b = buf_in(cx.a, 1 << 20);
	struct words_part *v;
	size_t n = words_parts(cx.a, str_c(text), others, two ? 2 : 1, &v);

	for (size_t i = 0; i < n; i++)
		buf_printf(b, v[i].differs ? "[%.*s]" : "%.*s", (int)v[i].text.n, v[i].text.p);
	return buf_c(b);
}

static void
words_that_the_other_has_not_are_marked(void **state)
{
	(void)state;
	assert_string_equal(marked("the big red cat", "the big cat", NULL), "the big [red ]cat");
	assert_string_equal(marked("the big cat", "the big red cat", NULL), "the big cat");
	assert_string_equal(marked("tea at ten", "tea at nine", NULL), "tea at [ten]");
	assert_string_equal(marked("same", "same", NULL), "same");
	assert_string_equal(marked("new", "", NULL), "[new]");
	assert_string_equal(marked("", "old", NULL), "");
	assert_string_equal(marked("a b c d", "b x d", NULL), "[a ]b [c] d");
}

static void
white_space_counts_and_is_kept(void **state)
{
	(void)state;
	assert_string_equal(marked("one\ntwo", "one two", NULL), "one[\n]two");
	assert_string_equal(marked("  x  ", "x", NULL), "[  ]x[  ]");
}

static void
against_two_each_counts(void **state)
{
	(void)state;
	assert_string_equal(marked("a b c", "a b", "b c"), "[a ]b[ c]");
	assert_string_equal(marked("a b c", "a b c", "a b c"), "a b c");
}

/* Too long to be compared word by word: between what is alike at both ends. */
static void
long_texts_take_no_time(void **state)
{
	struct buf *x = buf_in(cx.a, 1 << 20), *y = buf_in(cx.a, 1 << 20);
	struct words_part *v;
	struct str other;

	(void)state;
	buf_str(x, "begin ");
	buf_str(y, "begin ");
	for (int i = 0; i < 30000; i++) {
		buf_printf(x, "x%d ", i);
		buf_printf(y, "y%d ", i);
	}
	other = buf_s(y);
	assert_int_equal(words_parts(cx.a, buf_s(x), &other, 1, &v), 2);
	assert_int_equal(v[0].text.n, 6);
	assert_true(v[1].differs);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_that_the_other_has_not_are_marked),
		TEST(white_space_counts_and_is_kept),
		TEST(against_two_each_counts),
		TEST(long_texts_take_no_time),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
