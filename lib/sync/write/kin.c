/*
 * kin.c - see kin.h.
 */
#include "sync/write/kin.h"

enum rc
kin_base(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l, const json **base)
{
	struct link_list links;

	*base = NULL;
	TRY(link_list(cx, db, t->owner, &l->object, &links));
	for (size_t i = 0; i < links.n && !*base; i++)
		if (strcmp(links.v[i].id, l->id) != 0 &&
		    strcmp(links.v[i].state, LINK_SKIPPED) != 0)
			*base = json_stored(cx->a, links.v[i].base);
	return RC_OK;
}
