/*
 * columns.h - the columns of a dataset: stable names, types, and drift. Pure.
 *
 * A column keeps its number for ever: payloads are arrays by number. Names come from the header:
 * blank ones become "column_3" (by position), repeated ones "name_2". A moved column is found by
 * its name, a renamed one by its place between its neighbours; gone columns keep their number
 * and come back to it. Types are inferred over a whole read and never flip silently: a type that
 * no longer fits widens, with a warning.
 */
#ifndef TABLE_COLUMNS_H
#define TABLE_COLUMNS_H

#include "base/buf.h"
#include "base/json.h"

enum { COLUMNS_MAX = 1000, COLUMN_NAME_MAX = 200 };

/* JSON form, one object per column in payload order:
 * {"name": "email", "label": "E-mail ", "type": "text", "place": 3, "gone": true?}
 * types: empty, boolean, integer, decimal, date, datetime, text, json. */
struct column {
	char *name;  /* unique in the dataset, never blank */
	char *label; /* as in the header */
	int place;   /* position in the source, from 0; -1: gone */
	bool gone;
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

struct columns *columns_new(struct arena *, const json *stored /* NULL: none */);
/* Matches a header against what is stored; complaints go to `warnings` as {"code", "message"}:
 * column_blank, column_duplicate, column_added, column_gone, column_renamed, column_moved.
 * first: no drift is reported. Too many columns: E_SOURCE_TOO_LARGE. */
MUST enum rc columns_header(
    struct ctx *, struct columns *, const struct str *names, size_t n, bool first, json *warnings);
/* The number of the column with this name, made if new. */
MUST enum rc columns_named(struct ctx *, struct columns *, struct str name, size_t *no);
/* Notes the type of a cell. */
void columns_see(struct column *, struct str text);
void columns_see_json(struct column *, struct str value);
/* After the whole read: decides types; reports column_gone (named columns without header),
 * column_added and type_changed. */
void columns_finish(struct columns *, bool first, bool had_header, json *warnings);
int columns_find(const struct columns *, const char *name); /* -1: none */
json *columns_json(struct arena *, const struct columns *);

#endif
