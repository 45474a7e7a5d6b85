/*
 * words.c - see words.h.
 */
#include "base/words.h"

#include "base/vec.h"

enum { WORDS_MAX = 20000, WORDS_CELLS = 1000000 };

/* A word, or the white space between two. */
struct word_list {
	struct str *v;
	size_t n, cap;
};

static bool
word_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* What is beyond WORDS_MAX is one word. */
static struct word_list
words_of(struct arena *a, struct str text)
{
	struct word_list list = { 0 };

	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		bool space = word_is_space(text.p[i]);

		while (i < text.n && (list.n == WORDS_MAX || word_is_space(text.p[i]) == space))
			i++;
		VEC_HOLD(a, list.v, list.cap, list.n + 1, WORDS_MAX + 1);
		list.v[list.n++] = (struct str){ text.p + from, i - from };
	}
	return list;
}

/* Lengths of the longest common sequences of what follows, [n + 1][m + 1]. */
static uint32_t *
words_lengths(struct arena *a, const struct str *x, size_t n, const struct str *y, size_t m)
{
	uint32_t *len = arena_array(a, (n + 1) * (m + 1), sizeof *len);

	for (size_t i = n; i-- > 0;)
		for (size_t k = m; k-- > 0;) {
			uint32_t down = len[(i + 1) * (m + 1) + k],
				 right = len[i * (m + 1) + k + 1];
			uint32_t both = len[(i + 1) * (m + 1) + k + 1] + 1;
			uint32_t one = down > right ? down : right;

			len[i * (m + 1) + k] = str_eq(x[i], y[k]) ? both : one;
		}
	return len;
}

/* Marks those of x that are not in the longest common sequence. */
static void
words_mark(struct arena *a, struct word_list x, struct word_list y, bool *differs)
{
	size_t n = x.n, m = y.n;
	uint32_t *len;

	if (n && m > WORDS_CELLS / n) {
		memset(differs, true, n);
		return;
	}
	len = words_lengths(a, x.v, n, y.v, m);
	for (size_t i = 0, k = 0; i < n;) {
		if (k < m && str_eq(x.v[i], y.v[k])) {
			i++;
			k++;
		} else if (k < m && len[i * (m + 1) + k + 1] >= len[(i + 1) * (m + 1) + k]) {
			k++;
		} else {
			differs[i++] = true;
		}
	}
}

/* Without what both begin and end with. */
static void
words_compare(struct arena *a, struct word_list x, struct str other, bool *differs)
{
	struct word_list y = words_of(a, other);

	while (x.n && y.n && str_eq(*x.v, *y.v)) {
		x.v++;
		y.v++;
		differs++;
		x.n--;
		y.n--;
	}
	while (x.n && y.n && str_eq(x.v[x.n - 1], y.v[y.n - 1])) {
		x.n--;
		y.n--;
	}
	words_mark(a, x, y, differs);
}

size_t
words_parts(struct arena *a, struct str text, const struct str *others, size_t n_others,
    struct words_part **out)
{
	struct word_list list = words_of(a, text);
	bool *differs = arena_array(a, list.n + 1, sizeof *differs);
	size_t n = 0;

	for (size_t i = 0; i < n_others; i++)
		words_compare(a, list, others[i], differs);
	*out = arena_array(a, list.n + 1, sizeof **out);
	for (size_t i = 0; i < list.n; i++) {
		struct words_part *last = n ? &(*out)[n - 1] : NULL;

		if (last && last->differs == differs[i])
			last->text.n += list.v[i].n;
		else
			(*out)[n++] = (struct words_part){ list.v[i], differs[i] };
	}
	return n;
}
