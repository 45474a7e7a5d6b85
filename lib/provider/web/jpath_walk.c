/*
 * jpath_walk.c - see jpath_walk.h.
 */
#include "provider/web/jpath_walk.h"

bool
jpath_here(struct arena *a, const struct jscan *js, int depth, struct jpath *out)
{
	if (depth > JPATH_STEPS)
		return false;
	out->n = (size_t)depth;
	for (size_t i = 0; i < out->n; i++) {
		const struct jframe *f = &js->frame[i];

		if (f->type == J_OBJECT && f->name_over)
			return false;
		out->step[i].index = f->type == J_LIST ? f->at : -1;
		out->step[i].name = f->type == J_LIST
		    ? str_c(arena_printf(a, "%lld", (long long)f->at))
		    : (struct str){ arena_dup_str(a, f->name), f->name.n };
	}
	return true;
}

size_t
jpath_follow(const struct jpath *path, const struct jscan *js)
{
	size_t i;

	for (i = 0; i < path->n && i < (size_t)js->depth; i++) {
		const struct jframe *f = &js->frame[i];

		if (f->type == J_LIST ? f->at != path->step[i].index
				      : f->name_over || !str_eq(f->name, path->step[i].name))
			break;
	}
	return i;
}

struct str
jpath_find(const struct jpath *path, struct str text, struct buf *scratch)
{
	for (size_t i = 0; i < path->n; i++) {
		const enum jtype type = jtext_type(text);
		struct str found = { NULL, 0 };
		struct jparts parts;
		struct jpart part;
		int64_t at = 0;

		if (type != J_OBJECT && type != J_LIST)
			return found;
		parts = jparts_of(text);
		while (jparts_next(&parts, &part)) {
			if (type == J_LIST
				? at++ == path->step[i].index
				: str_eq(jtext_read(part.name, scratch), path->step[i].name))
				found = part.value;
			if (type == J_LIST && found.p)
				break;
		}
		if (!found.p)
			return found;
		text = found;
	}
	return text;
}
