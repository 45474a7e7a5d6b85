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
#include "table/column.h"

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
