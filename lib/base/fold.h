/*
 * fold.h - texts as they are compared when people wrote them: without case, accents and width, for
 * "the same name" and for search. By libunistring; pure.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/arena.h"

/* The words of a text, with one space between them: letters and digits of all scripts, case folded,
 * compatibility forms and marks taken off: "O'Brien-MULLER" gives "o brien muller".
 * Text that is no UTF-8, or has no word, gives "". */
struct str fold_words(struct arena *, struct str);
/* The whole text with its case folded, in compatibility form; marks stay. */
struct str fold_case(struct arena *, struct str);

#endif
