/*
 * words.h - which words of a text are not in other versions of it, for showing them side by side.
 * Pure.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/arena.h"
#include "base/str.h"

struct words_part {
	struct str text;
	bool differs;
};

/* The text in parts, in order and whole. A word differs when one of the others has not got it at
 * that place: by their longest common sequence, or, where texts are too long for that, between
 * their common beginning and end. */
size_t words_parts(struct arena *, struct str text, const struct str *others, size_t n_others,
    struct words_part **out);

#endif
