/*
 * mask.h - partial answers: "a,b(c,d),e/f,g.h" as a tree.
 */
#ifndef FAKE_CORE_MASK_H
#define FAKE_CORE_MASK_H

#include "base/json.h"

struct mask {
	const char *name;
	struct mask *next, *sub; /* sub NULL: everything below */
};

extern const struct mask mask_all;

/* NULL for a text that is none. "" and "*" are everything. */
const struct mask *mask_parse(struct arena *, const char *text);
/* The part below a member; NULL: the member is left out. */
const struct mask *mask_at(const struct mask *, const char *name);
/* A copy with what the mask names; lists are walked through. */
json *mask_apply(struct arena *, const json *, const struct mask *);
/* The first path of `m` that is not in `known`, or NULL. */
const char *mask_unknown(struct arena *, const struct mask *m, const struct mask *known);
/* Sets in `to` what the mask names in `from`, and removes what is named and not there. */
void mask_copy(struct arena *, json *to, const json *from, const struct mask *);

#endif
