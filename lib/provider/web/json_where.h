/*
 * json_where.h - where the records of a JSON source are, before the document is looked at: as the
 * settings say, else as an earlier read has found. Pure.
 */
#ifndef PROVIDER_WEB_JSON_WHERE_H
#define PROVIDER_WEB_JSON_WHERE_H

#include "provider/provider.h"
#include "provider/web/json_list.h"

struct json_where {
	bool any;   /* nobody knows: the first page shows it */
	bool known; /* found by an earlier read, not said in the settings */
	struct jpath path;
	enum json_shape shape; /* JSON_NOWHERE: nobody knows */
};

MUST enum rc json_where(struct ctx *, const struct source *, struct json_where *out);
/* What looks there; where must live as long. whole: as json_finder_new() says. */
struct json_finder *json_where_finder(struct arena *, const struct json_where *, bool whole);
/* Passes the outcome of a search on; that there is nothing where an earlier read has found the
 * records is E_SHAPE. */
MUST enum rc json_where_explain(struct ctx *, const struct json_where *, enum rc);
/* The word for sink.found; NULL: nothing to be kept. */
const char *json_shape_word(enum json_shape);

#endif
