/*
 * charset.h - the encodings that can be read, by the names that people and servers give them, and
 * which one a text without a name is probably in. Pure. For the providers of this directory.
 */
#ifndef PROVIDER_WEB_CHARSET_H
#define PROVIDER_WEB_CHARSET_H

#include "base/str.h"

/* What iconv calls it; NULL: not known. label: in lower case; NULL is not known either. */
const char *charset_iconv(const char *label);

/* The letters beyond ASCII of a text that is not UTF-8. */
struct charset_tally {
	int64_t of[128]; /* by byte - 0x80 */
	int64_t all;
	int64_t beside; /* those that follow another one */
	bool last;
};

void charset_count(struct charset_tally *, struct str);
/* A label. Only what hardly anything else speaks against is guessed: alphabets of their own, by
 * the letters that are frequent in their languages; otherwise Windows-1252. */
const char *charset_guess(const struct charset_tally *);

#endif
