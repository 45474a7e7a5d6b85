/*
 * jpath_walk.h - paths (kind/jpath.h) beside a scanner that passes through a document. Pure.
 */
#ifndef PROVIDER_WEB_JPATH_WALK_H
#define PROVIDER_WEB_JPATH_WALK_H

#include "kind/jpath.h"
#include "provider/web/jscan.h"

/* The location that the first `depth` frames of the scanner lead to; false when that is over
 * JPATH_STEPS, or has an over-long name. */
bool jpath_here(struct arena *, const struct jscan *, int depth, struct jpath *out);
/* How many of the path's steps lead to where the scanner is: equal to js->depth when the
 * location lies on the path. */
size_t jpath_follow(const struct jpath *, const struct jscan *);
static inline bool
jpath_at(const struct jpath *path, const struct jscan *js)
{
	return (size_t)js->depth == path->n && jpath_follow(path, js) == path->n;
}
/* The value at the path inside kept text; {NULL, 0}: there is none. */
struct str jpath_find(const struct jpath *, struct str text, struct buf *scratch);

#endif
