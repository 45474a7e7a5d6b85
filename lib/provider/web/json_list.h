/*
 * json_list.h - where in a JSON document the records are. One pass with
 * lib/provider/web/jscan.h; memory does not grow with the document. Pure.
 *
 * Without a path: the list of objects nearest to the top (the first of several at one level); a
 * list that is empty counts as one when its name says so (data, items, results, ...), so that an
 * empty answer is not taken for another table. A list that names columns (columns, fields, ...)
 * goes behind all others, and behind a list of lists; so does one that is further down than a list
 * of lists whose name says that it is the data. Failing that an object whose members are all
 * objects, then a list of lists, any other list, an empty one. Lists of values that stand side by
 * side and are equally long are a table by columns: it is refused, for only one of them would be
 * read.
 */
#ifndef PROVIDER_WEB_JSON_LIST_H
#define PROVIDER_WEB_JSON_LIST_H

#include "provider/web/jpath_walk.h"

enum json_shape {
	JSON_NOWHERE, /* a document that was cut off before its records */
	JSON_LIST,    /* the items of a list */
	JSON_MEMBERS, /* the members of an object, each an object */
	/* the members of an object that are named by numbers: what a list becomes in some
	 * languages when an item is left out. Only where a list is known to be */
	JSON_POSITIONS,
	JSON_ONE /* the object itself is the only record: only with a path */
};

struct json_list {
	struct jpath path;
	enum json_shape shape;
	/* no records, and how many there are: known only after the whole document */
	bool empty;
	bool lists; /* its items are lists */
	int64_t items;
};

struct json_finder;

/* wanted: the path to look at, NULL to find one. known: what is there, as an earlier read has
 * found; JSON_NOWHERE: nobody knows. Empty lists and empty objects are alike then, and so is null;
 * anything else is E_SHAPE. whole: look at the whole document, otherwise
 * stop once the list is known. */
struct json_finder *
json_finder_new(struct arena *, const struct jpath *wanted, enum json_shape known, bool whole);
/* The scanner to feed; begin it anew for another document. */
struct jscan *json_finder_scan(struct json_finder *);
void json_finder_begin(struct json_finder *);
/* After jscan_end(). E_JSON_PATH when there is no list, naming what is there instead. */
MUST enum rc json_finder_end(struct ctx *, struct json_finder *, bool cut, struct json_list *out);

#endif
