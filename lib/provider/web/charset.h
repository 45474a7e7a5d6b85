/*
 * charset.h - the encodings that can be read, by the names that people and servers give them, and
 * which one a text without a name is probably in, as libuchardet sees it. Pure. For the providers
 * of this directory.
 */
#ifndef PROVIDER_WEB_CHARSET_H
#define PROVIDER_WEB_CHARSET_H

#include "base/arena.h"

/* What iconv calls it; NULL: not known. label: in lower case; NULL is not known either. */
const char *charset_iconv(const char *label);

/* What a text that is not UTF-8 looks like; it goes with the arena. */
struct charset_look;
struct charset_look *charset_look_new(struct arena *);
/* Of all of it, in order: the next piece. */
void charset_look_at(struct charset_look *, struct str);

struct charset_guess {
	const char *label;
	/* nearly certain: enough letters, all of which there are in it. Else whoever knows the
	 * text has to be asked. */
	bool sure;
	/* a word of the text as it reads in the likely encodings, the guessed one first:
	 * "Lodz" in windows-1250, ...; "": no word of it is short enough. */
	const char *words;
};
struct charset_guess charset_look_end(struct arena *, struct charset_look *);

#endif
