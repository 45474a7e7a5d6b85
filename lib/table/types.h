/*
 * types.h - what a value looks like. Pure; called for every cell, so it decides by the first
 * byte where it can.
 *
 * A type is a promise that every value can be read as it and written back without loss: "0003",
 * "+49 30 ...", "1e5" and numbers too long for 64 bits are text. decimal is the C locale's
 * 1234.56 alone; what "1.234,56" or "1,234" mean cannot be known from the value, so they are
 * text.
 */
#ifndef TABLE_TYPES_H
#define TABLE_TYPES_H

#include "base/str.h"

enum type_bit {
	TYPE_BOOLEAN = 1, /* true false TRUE FALSE */
	TYPE_INTEGER = 2, /* 64 bits, optional minus, no leading zero */
	TYPE_DECIMAL = 4, /* digits, a point, digits; in JSON also with an exponent */
	TYPE_DATE = 8,    /* YYYY-MM-DD, a day that exists */
	/* a date, "T" or a space, HH:MM[:SS[.fraction]], nothing or Z or an offset */
	TYPE_DATETIME = 16,
	TYPE_TEXT = 32,
	TYPE_JSON = 64 /* an object or a list */
};

/* of a text that is not empty; 0: white space alone, which says nothing */
unsigned type_of(struct str text);
unsigned type_of_json(struct str value); /* of a JSON value; 0: null */
/* false: a number of JSON that SQL does not have, digit by digit */
bool type_exact(struct str value);
/* The one word for everything that was seen: "empty" "boolean" "integer" "decimal" "date"
 * "datetime" "text" "json". */
const char *type_decide(unsigned seen);
/* A column's type after a read: it may widen (integer to decimal, date to datetime, anything to
 * text), never narrow or flip. stored NULL: new. */
const char *type_widen(const char *stored, const char *found);
/* the literal of a stored word; NULL for NULL or an unknown one */
const char *type_word(const char *word);

#endif
