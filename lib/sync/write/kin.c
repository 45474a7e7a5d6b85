/*
 * kin.c - see kin.h.
 */
#include "sync/write/kin.h"

#include "agree/value.h"
#include "store/change.h"

enum { KIN_CHANGES = 20 };
enum { FORMER_PAGE = 100, FORMER_PAGES = 10, FORMER_PAGE_BYTES = 1 << 20 };

/* The fields in which this twin is as the other was. What else it has may be older or newer. */
static void
kin_share(struct arena *a, const json *other, const json *there, json *base)
{
	for (struct json_iter it = { 0 }; json_each(other, &it);)
		if (!json_has(base, it.key) &&
		    slot_same(a, slot_of(other, it.key), slot_of(there, it.key)))
			slot_set(base, it.key, slot_of(other, it.key));
}

/* What has been agreed on there since this twin was read was not, then. */
static enum rc
kin_share_then(
    struct ctx *cx, struct db *db, const struct link *other, const struct kin *kin, json *base)
{
	const struct change_page page = {
		.owner = other->owner,
		.object = &other->object,
		.limit = KIN_CHANGES,
	};
	struct change_list list;

	TRY(change_page(cx, db, &page, &list));
	for (size_t i = 0; i < list.n && list.v[i].no > kin->as_of; i++) {
		const struct change *c = &list.v[i];

		if (c->connection_id && !strcmp(c->connection_id, other->connection_id) &&
		    !strcmp(c->side, SIDE_THERE))
			kin_share(cx->a, json_stored(cx->a, c->before), kin->there, base);
	}
	return RC_OK;
}

/* NULL: nothing has been agreed on there, or no deletion goes there. */
static enum rc
kin_base_of(struct ctx *cx, struct db *db, const struct link *other, const struct kin *kin,
    const json **out)
{
	json *base;

	*out = NULL;
	if (!other->base || (!kin->here && !strcmp(other->state, LINK_SKIPPED)))
		return RC_OK;
	*out = json_stored(cx->a, other->base);
	if (!kin->here)
		return RC_OK;
	base = json_new(cx->a);
	kin_share(cx->a, *out, kin->there, base);
	*out = base;
	return kin_share_then(cx, db, other, kin, base);
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
		if (strcmp(links.v[i].id, l->id) != 0)
			TRY(kin_base_of(cx, db, &links.v[i], kin, base));
	return RC_OK;
}

/* The fields of `names` in which the twin is as the object was. */
static void
kin_know(struct arena *a, const json *names, const json *was, const json *there, json *base)
{
	for (struct json_iter it = { 0 }; json_each(names, &it);)
		if (slot_same(a, slot_of(was, it.key), slot_of(there, it.key)))
			slot_set(base, it.key, slot_of(there, it.key));
}

enum rc
kin_seen(struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o,
    const struct kin_twin *twin, const json **base)
{
	const struct change_page page = { .owner = t->owner, .object = o, .limit = KIN_CHANGES };
	const json *agreed = *base;
	json *out = json_copy(cx->a, agreed);
	struct change_list list;

	TRY(change_page(cx, db, &page, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct change *c = &list.v[i];
		const json *was = json_stored(cx->a, c->before);

		if (!twin->gone && c->connection_id && !strcmp(c->connection_id, t->connection_id))
			break;
		if (!was || strcmp(c->side, SIDE_HERE) != 0)
			continue;
		kin_know(cx->a, agreed, was, twin->values, out);
		kin_know(cx->a, twin->values, was, twin->values, out);
	}
	*base = out;
	return RC_OK;
}

/* Or it was deleted here because of that: what the other side had was the same. */
static bool
kin_went(const struct change *c)
{
	return c->action == CHANGE_DELETED && (!strcmp(c->side, SIDE_THERE) || !c->actor);
}

/* The newest first; *over: it is known, or it was not the last thing. */
static void
kin_former_one(struct arena *a, const struct twoway *t, bool since, const struct change *c,
    const json **base, bool *over)
{
	const bool went = kin_went(c);

	if ((!went && strcmp(c->side, SIDE_THERE) != 0) || !c->connection_id ||
	    strcmp(c->connection_id, t->connection_id) != 0)
		return;
	/* That it is still gone may have been told since. */
	if (went)
		*base = json_stored(a, c->before);
	*over = *base || (!went && !since);
}

/* It may have been gone for long, and edited here often. */
enum rc
kin_former(struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o,
    bool since, const json **base)
{
	struct change_page page = {
		.owner = t->owner,
		.object = o,
		.limit = FORMER_PAGE,
		.bytes = FORMER_PAGE_BYTES,
	};
	struct change_list list = { .next = 1 };
	bool over = false;

	*base = NULL;
	for (int i = 0; i < FORMER_PAGES && list.next && !over; i++) {
		TRY(change_page(cx, db, &page, &list));
		for (size_t k = 0; k < list.n && !over; k++)
			kin_former_one(cx->a, t, since, &list.v[k], base, &over);
		page.before = list.next;
	}
	return RC_OK;
}
