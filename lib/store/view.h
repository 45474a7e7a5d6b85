/*
 * view.h - the SQL view of a dataset: one named column per column of the source, for whoever reads
 * the database with other tools.
 *
 * The only place that makes SQL from names that came from outside. A view keeps its name as long as
 * its dataset lives, whatever the connection is called later. It shows what is present: deleted
 * records and columns that are gone are left out.
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "base/json.h"
#include "db/db.h"
#include "store/dataset.h"

/* In the caller's write transaction. columns: the JSON form of lib/table/columns.h. Makes the view,
 * or makes it again where it would be another, and saves its name; none when the owner's views
 * would take more than TIDEMARK_USER_VIEW_KB, or when it would be made more often than 24 times in
 * a day: then it is there again the first time that it is asked for after that. */
MUST enum rc view_sync(struct ctx *, struct db *, const struct dataset *, const json *columns);
MUST enum rc view_drop(struct ctx *, struct db *, const struct dataset *);
/* The statement that makes the view. Pure. */
const char *
view_text(struct arena *, const char *view_name, int64_t dataset_no, const json *columns);
/* "data_" + the name in small letters, digits and "_" + "_" + the end of the dataset's id. Pure. */
const char *view_name_for(struct arena *, const char *name, const char *dataset_id);

#endif
