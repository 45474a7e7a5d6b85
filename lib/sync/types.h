/*
 * types.h - what a text looks like. Pure; called for every cell, so it decides by the first byte where it can.
 *
 * integer: digits with an optional minus, no leading zero ("0003" and "+49..." are text); decimal: C-locale decimals ("1.234,56" stays text: which it means
 * cannot be known); date YYYY-MM-DD; datetime: a date and a time; boolean: true, false.
 */
#ifndef SYNC_TYPES_H
#define SYNC_TYPES_H

#include "base/str.h"

enum type_bit {
	TYPE_BOOLEAN = 1,
	TYPE_INTEGER = 2,
	TYPE_DECIMAL = 4,
	TYPE_DATE = 8,
	TYPE_DATETIME = 16,
	TYPE_TEXT = 32,
	TYPE_JSON = 64
};

unsigned type_of(struct str text);            /* of a text that is not empty */
unsigned type_of_json(struct str value);      /* of a JSON value */
/* The one word for everything that was seen: "empty" "boolean" "integer" "decimal" "date" "datetime" "text" "json". */
const char *type_decide(unsigned seen);
/* A column's type after a read: it may widen (integer to decimal to text), never narrow or flip. stored NULL: new. */
const char *type_widen(const char *stored, const char *found);
const char *type_word(const char *word);      /* the literal of a stored word; NULL for NULL or an unknown one */

#endif
