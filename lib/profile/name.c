/*
 * name.c - see name.h.
 */
#include "profile/name.h"

enum { WORDS = 12 };

struct words {
	struct str v[WORDS];
	size_t n;
};

/* Without what is said before or behind a name. */
static struct words
name_words(struct str s)
{
	static const char titles[] =
	    "dr,prof,mr,mrs,ms,miss,mx,herr,frau,sir,dipl,ing,med,phd,jr,sr";
	struct words w = { 0 };
	struct str rest = s;

	while (rest.n > 0 && w.n < WORDS) {
		const struct str word = str_cut(rest, ' ', &rest);

		if (word.n > 0 &&
		    !str_has_word((struct str){ titles, sizeof titles - 1 }, ',', word))
			w.v[w.n++] = word;
	}
	return w;
}

/* An initial stands for any word that begins with it. */
static bool
name_same_word(struct str a, struct str b)
{
	const struct str *one = a.n <= b.n ? &a : &b, *other = a.n <= b.n ? &b : &a;

	return str_eq(a, b) || (one->n == 1 && other->p[0] == one->p[0]);
}

/* Is there for each word of the shorter one another word of the longer one? */
static bool
name_within(const struct words *shorter, const struct words *longer)
{
	bool taken[WORDS] = { false };

	for (size_t i = 0; i < shorter->n; i++) {
		size_t k = 0;

		while (k < longer->n && (taken[k] || !name_same_word(shorter->v[i], longer->v[k])))
			k++;
		if (k == longer->n)
			return false;
		taken[k] = true;
	}
	return true;
}

bool
name_agrees(struct str a, struct str b)
{
	const struct words x = name_words(a), y = name_words(b);

	if (x.n == 0 || y.n == 0)
		return true;
	if (x.v[0].n > 1 && str_eq(x.v[0], y.v[0]))
		return true;
	return x.n <= y.n ? name_within(&x, &y) : name_within(&y, &x);
}
