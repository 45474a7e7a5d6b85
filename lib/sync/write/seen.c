/*
 * seen.c - see seen.h.
 */
#include "sync/write/seen.h"

#include "agree/decide.h"
#include "base/clock.h"
#include "queue/outward.h"

static bool
seen_same(const struct seen *s)
{
	const struct link *l = s->link;

	return l->etag && s->there->etag && !strcmp(l->etag, s->there->etag) &&
	    s->fixed == !strcmp(l->state, LINK_SKIPPED);
}

/* The settings are others, and by those before it stayed there. */
static enum rc
seen_left(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l, bool *left)
{
	struct here here;

	*left = t->anew && t->direction != PULL_ONLY && l->base && !strcmp(l->state, LINK_SYNCED);
	if (!*left)
		return RC_OK;
	TRY(t->ops->get(cx, db, t, l->object.key, &here));
	*left = !here.value;
	return RC_OK;
}

enum rc
seen_before(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct seen *s, bool *before)
{
	struct link *l = s->link;
	bool left;

	*before = seen_same(s);
	if (!*before)
		return RC_OK;
	TRY(seen_left(cx, db, t, l, &left));
	if (!left)
		return RC_OK;
	*before = side_of(cx->a, t->rules, json_stored(cx->a, l->base), s->there->values) ==
	    SIDE_SAME;
	if (!*before)
		return RC_OK;
	return link_skip(cx, db, l, OUTWARD_KEPT,
	    "It was deleted here while nothing was sent; what is there was kept.", clock_ms());
}
