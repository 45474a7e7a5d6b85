/*
 * json_names.h - the names of the columns of a table whose records are lists, when they stand in a
 * list beside it: {"columns": ["id", "name"], "rows": [[1, "a"]]} (Datasette, pandas), {"meta":
 * [{"name": "id"}], "data": [[1]]} (ClickHouse); or below such a member: {"meta": {"view":
 * {"columns": [{"name": "id"}]}}, "data": [[1]]} (Socrata). Pure.
 */
#ifndef PROVIDER_WEB_JSON_NAMES_H
#define PROVIDER_WEB_JSON_NAMES_H

#include "provider/web/jpath_walk.h"

struct json_names {
	const char *member; /* where they stand; NULL: nowhere */
	struct str *v;      /* each another one */
	size_t n;
};

/* Is it a list of this name that names columns? */
bool json_names_is(struct str member);
/* A scanner that looks beside the list at `path`, which must live as long. */
struct jscan *json_names_scan(struct arena *, const struct jpath *path, struct json_names *out);

#endif
