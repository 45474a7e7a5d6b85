/*
 * fold.c - see fold.h.
 */
#include "base/fold.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/buf.h"

enum { FOLD_MAX = 64 * 1024 }; /* longer texts are folded as far as this */

static struct str
fold(struct arena *a, struct str s, uninorm_t form)
{
	size_t n = 0;
	uint8_t *text;
	struct str out;

	s = str_utf8_cut(s, FOLD_MAX);
	if (s.n == 0 || !str_utf8_ok(s))
		return STR("");
	text = u8_casefold((const uint8_t *)s.p, s.n, NULL, form, NULL, &n);
	if (!text)
		return STR("");
	out = (struct str){ arena_dup_str(a, (struct str){ (const char *)text, n }), n };
	free(text);
	return out;
}

static bool
fold_is_word(ucs4_t c)
{
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
}

struct str
fold_words(struct arena *a, struct str s)
{
	/* Taken apart, so that marks are characters of their own. */
	const struct str text = fold(a, s, UNINORM_NFKD);
	struct buf *b = buf_in(a, text.n + 1);
	bool apart = false;
	ucs4_t c;

	for (size_t i = 0; i < text.n;) {
		const char *at = text.p + i;
		const size_t n = (size_t)u8_mbtouc(&c, (const uint8_t *)at, text.n - i);

		i += n;
		if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M))
			continue;
		if (!fold_is_word(c)) {
			apart = true;
			continue;
		}
		if (apart && b->n > 0)
			buf_ch(b, ' ');
		apart = false;
		buf_add(b, at, n);
	}
	return (struct str){ buf_c(b), b->n };
}

struct str
fold_case(struct arena *a, struct str s)
{
	return fold(a, s, UNINORM_NFKC);
}
