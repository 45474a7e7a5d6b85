/*
 * kin.c - see kin.h.
 */
#include "sync/write/kin.h"

#include "agree/value.h"

/* The fields in which this twin is as the other was. What else it has may be older or newer. */
static const json *
kin_shared(struct arena *a, const json *other, const json *there)
{
	json *base = json_new(a);

	for (struct json_iter it = { 0 }; json_each(other, &it);)
		if (slot_same(a, slot_of(other, it.key), slot_of(there, it.key)))
			slot_set(base, it.key, slot_of(other, it.key));
	return base;
}

enum rc
kin_base(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    const struct kin *kin, const json **base)
{
	struct link_list links;

	*base = NULL;
	if (kin->here && !kin->there)
		return RC_OK;
	TRY(link_list(cx, db, t->owner, &l->object, &links));
	for (size_t i = 0; i < links.n && !*base; i++)
		if (strcmp(links.v[i].id, l->id) != 0 &&
		    (kin->here || strcmp(links.v[i].state, LINK_SKIPPED) != 0))
			*base = json_stored(cx->a, links.v[i].base);
	if (*base && kin->here)
		*base = kin_shared(cx->a, *base, kin->there);
	return RC_OK;
}
