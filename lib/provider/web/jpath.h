/*
 * jpath.h - paths into JSON documents: a.b[0].c, $.a["x y"], or a JSON Pointer /a/b. Pure.
 *
 * A number names an item of a list or a member of an object, whichever is there. "" and "$" are
 * the document itself; [*] at the end is passed over.
 */
#ifndef PROVIDER_WEB_JPATH_H
#define PROVIDER_WEB_JPATH_H

#include "provider/web/jscan.h"

enum { JPATH_STEPS = 16 };

struct jpath {
	size_t n;
	struct {
		struct str name;
		int64_t index; /* -1: a name only */
	} step[JPATH_STEPS];
};

/* False when it is no path; *why then says so in half a sentence. Steps are the arena's. */
bool jpath_parse(struct arena *, const char *text, struct jpath *out, const char **why);
/* How a person writes it: "data.items", "$" for the document itself. */
const char *jpath_text(struct arena *, const struct jpath *);
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
