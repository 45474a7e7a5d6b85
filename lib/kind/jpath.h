/*
 * jpath.h - paths into JSON documents: a.b[0].c, $.a["x y"], or a JSON Pointer /a/b. Pure.
 *
 * A number names an item of a list or a member of an object, whichever is there. "" and "$" are
 * the document itself; [*] at the end is passed over. Following one: provider/web/jpath_walk.h.
 */
#ifndef KIND_JPATH_H
#define KIND_JPATH_H

#include "base/arena.h"

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
bool jpath_same(const struct jpath *, const struct jpath *);
/* How a person writes it: "data.items", "$" for the document itself. */
const char *jpath_text(struct arena *, const struct jpath *);

#endif
