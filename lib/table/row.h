/*
 * row.h - a row of a table as a source gives it. Borrowed for the call that hands it over.
 */
#ifndef TABLE_ROW_H
#define TABLE_ROW_H

#include <stdint.h>

#include "base/str.h"

enum cell_kind {
	CELL_NONE, /* the row has no such cell; shown as null */
	CELL_TEXT, /* text exactly as it stood in the source, UTF-8 */
	/* a JSON value, kept to the letter (numbers are not rounded), UTF-8 */
	CELL_JSON
};

struct cell {
	enum cell_kind kind;
	struct str v;
};

struct row {
	const struct cell *cells; /* by column number */
	size_t n;                 /* may be fewer than there are columns */
	/* KIND_OWN_KEYS: the source's identity of the row; {NULL, 0} otherwise */
	struct str key;
	/* where it stood, counted from 1: lines of a file, items of a list */
	int64_t line;
	/* of a source that is read in pages, from 1: an item that comes on two of them is one
	 * item. 0: it is not, or that cannot be */
	int page;
};

#endif
