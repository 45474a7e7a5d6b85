/*
 * why.c - see why.h.
 */
#include "sync/write/why.h"

enum { WHY_PAGE = 50, WHY_PAGES = 4 };

/* Those that differ were edited then, unless they were again since. */
static void
why_differs(struct arena *a, json *at, const json *before, const json *after, int64_t when)
{
	const json *const sides[] = { before, after };

	for (size_t i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(sides[i], &it);)
			if (!json_has(at, it.key) &&
			    !slot_same(a, slot_of(before, it.key), slot_of(after, it.key)))
				json_set_i64(at, it.key, when);
}

/* after: as the change has left it; *before: as it was. */
static void
why_one(struct arena *a, json *at, const struct change *c, const json **after)
{
	const json *before;

	if (strcmp(c->side, SIDE_HERE) != 0)
		return;
	before = json_stored(a, c->before);
	why_differs(a, at, before, *after, c->edited_at ? c->edited_at : c->at);
	*after = before;
}

enum rc
why_edits(struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o,
    struct here *here)
{
	struct change_page page = { .owner = t->owner, .object = o, .limit = WHY_PAGE };
	const json *after = here->value;
	json *at = json_new(cx->a);
	struct change_list list;

	for (int i = 0; i < WHY_PAGES; i++) {
		TRY(change_page(cx, db, &page, &list));
		for (size_t k = 0; k < list.n; k++)
			why_one(cx->a, at, &list.v[k], &after);
		page.before = list.next;
		if (!list.next)
			break;
	}
	here->edits.at = at;
	return RC_OK;
}

void
why_clock(const struct twoway *t, struct policy_facts *f)
{
	const struct remote *remote = t->source ? t->source->remote : NULL;

	if (!remote)
		return;
	f->ahead_ms = remote->clock.ahead_ms;
	f->within_ms = remote->clock.within_ms;
}

int64_t
why_there(const struct twoway *t, const struct there *there)
{
	struct policy_facts f = { .remote = there->edits };

	why_clock(t, &f);
	return edits_other(&f, NULL, 0);
}
