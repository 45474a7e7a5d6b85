/*
 * column.h - the structs behind columns.h, for the files that share them.
 */
#ifndef TABLE_COLUMN_H
#define TABLE_COLUMN_H

#include "base/arena.h"

enum { COLUMNS_MAX = 1000, COLUMN_NAME_MAX = 200 };

/* JSON form, one object per column in payload order:
 * {"name": "email", "label": "E-mail ", "type": "text", "place": 3, "gone": true?,
 *  "exact": true?}
 * types: empty, boolean, integer, decimal, date, datetime, text, json. */
struct column {
	char *name;  /* unique in the dataset, never blank */
	char *label; /* as in the header */
	int place;   /* position in the source, from 0; -1: gone */
	bool gone;
	bool exact;       /* every number that it ever had is one that SQL has; false: not known */
	unsigned seen;    /* bit per type seen in this read */
	int64_t values;   /* non-empty cells in this read */
	const char *type; /* as stored; NULL for a new one */
	bool fresh;       /* made in this read */
	bool met;         /* in the source of this read */
	bool back;        /* was gone before this read */
};

struct columns {
	struct arena *a;
	struct column *v;
	size_t n, cap;
	int *by_place; /* header position -> column number */
	size_t places;
	/* header positions from here on are blank to the end, as in a sheet's empty right side:
	 * empty cells there are no cells */
	size_t blank_from;
	struct column_index *index;
};

#endif
