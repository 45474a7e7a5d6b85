/*
 * jtext.h - values of a JSON document as text. The text must be valid and without white space,
 * as lib/provider/web/jscan.h hands it out: nothing is checked here. Pure.
 */
#ifndef PROVIDER_WEB_JTEXT_H
#define PROVIDER_WEB_JTEXT_H

#include "base/buf.h"

enum jtype { J_OBJECT, J_LIST, J_TEXT, J_NUMBER, J_TRUE, J_FALSE, J_NULL };

struct jparts {
	const char *p, *end;
	bool list;
};

struct jpart {
	struct str name;  /* of a member, raw; {NULL, 0} in a list */
	struct str value; /* raw */
	int depth;        /* levels of the value: 0 for a scalar */
};

/* The members or items of an object or list; false at the end. */
struct jparts jparts_of(struct str text);
bool jparts_next(struct jparts *, struct jpart *);
enum jtype jtext_type(struct str raw);
/* What a raw string says; half surrogates and U+0000 become U+FFFD. Borrowed from the text
 * itself, or from scratch when there are escapes. */
struct str jtext_read(struct str raw, struct buf *scratch);
/* The same, written over the raw string. */
struct str jtext_decode(struct str raw);
/* Length of the value that begins at p; *depth (may be NULL): its levels. */
size_t jtext_skip(const char *p, const char *end, int *depth);
/* The inside of a string (without its quotes) decoded over itself; returns its length: no escape
 * is shorter than what it stands for. */
size_t jtext_decode_inside(char *, size_t n);
/* Escapes that stand for no character, or for U+0000, which neither C strings nor every database
 * can hold, become U+FFFD; it takes the same room. */
bool jtext_mend(char *, size_t n);

#endif
