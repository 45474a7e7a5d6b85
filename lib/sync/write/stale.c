/*
 * stale.c - see stale.h.
 */
#include "sync/write/stale.h"

#include "store/change.h"
#include "sync/write/why.h"

enum { STALE_CHANGES = 20 };

/* What was taken from there is followed by nothing older: what it replaced there is not known any
 * more. Of what was edited at a time that is not told, or within the same minute, that cannot be
 * said: it is taken with all that has come with it, so that who judges how much is lost sees it. */
static bool
stale_is(struct arena *a, const struct stale *s, const struct change *c)
{
	const json *before = json_stored(a, c->before), *now = s->there->values;
	int64_t edited;

	if (!c->connection_id || strcmp(c->connection_id, s->t->connection_id) != 0 ||
	    s->now - c->at >= s->t->unsure_ms)
		return false;
	if (strcmp(c->side, SIDE_THERE) != 0) {
		edited = why_there(s->t, s->there);
		return edited && edited < c->edited_at;
	}
	return !before == !now && (!before || merge_same(a, s->t->rules, before, now));
}

enum rc
stale_list(struct ctx *cx, struct db *db, const struct stale *s, bool *stale)
{
	const struct change_page page = {
		.owner = s->t->owner,
		.object = &s->link->object,
		.limit = STALE_CHANGES,
	};
	struct change_list list;

	*stale = false;
	if (!s->t->lists_lag || !s->there->listed || s->direction == PULL_ONLY)
		return RC_OK;
	TRY(change_page(cx, db, &page, &list));
	for (size_t i = 0; i < list.n && !*stale; i++)
		*stale = stale_is(cx->a, s, &list.v[i]);
	return RC_OK;
}
