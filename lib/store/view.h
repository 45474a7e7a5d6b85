/*
 * view.h - the SQL view of a dataset, for people who read the database with their own tools. The only dynamic SQL there is: identifiers made of headers, quoted in
 * one function.
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "store/data.h"

/* (Re)creates the view of a dataset over the columns (JSON list of {name, gone?}), in the caller's write transaction, and stores its name. */
MUST enum rc view_sync(struct ctx *, struct db *, const struct dataset *, const json *columns);
MUST enum rc view_drop(struct ctx *, struct db *, const struct dataset *);
/* The CREATE VIEW text. Pure; for view.c and its test. */
const char *view_text(struct arena *, const char *view_name, int64_t dataset_no, const json *columns);

#endif
