/*
 * stale.c - see stale.h.
 */
#include "sync/write/stale.h"

#include "agree/value.h"
#include "store/change.h"
#include "sync/write/why.h"

enum { STALE_CHANGES = 20 };

/* It was last edited before then, however its time is cut and its clock goes. */
static bool
stale_before(const struct twoway *t, const struct stale *s, int64_t at)
{
	const int64_t edited = why_there(t, s->there);
	struct policy_facts clock = { .within_ms = 0 };

	why_clock(t, &clock);
	return edited && edited + s->there->edits.resolution_ms + clock.within_ms <= at;
}

/* Something in it is as it was before, and is not what was agreed on last. */
static bool
stale_part(struct arena *a, const struct stale *s, const json *before)
{
	const json *base = json_stored(a, s->link->base), *now = s->there->values;

	for (struct json_iter it = { 0 }; base && json_each(before, &it);)
		if (slot_same(a, slot_of(before, it.key), slot_of(now, it.key)) &&
		    !slot_same(a, slot_of(base, it.key), slot_of(now, it.key)))
			return true;
	for (struct json_iter it = { 0 }; base && json_each(base, &it);)
		if (!json_has(before, it.key) && !json_has(now, it.key))
			return true;
	return false;
}

/* What was taken from there is followed by nothing older, and so is what was seen or written there:
 * what it replaced there is not known any more. Of what was edited at a time that is not told, or
 * within the same minute, that cannot be said, unless some of it looks as it did before: it is
 * taken with all that has come with it, so that who judges how much is lost sees it. */
static bool
stale_is(struct arena *a, const struct twoway *t, const struct stale *s, const struct change *c)
{
	const json *before = json_stored(a, c->before), *now = s->there->values;
	int64_t edited;

	if (!c->connection_id || strcmp(c->connection_id, t->connection_id) != 0 ||
	    s->there->listed_at - c->at >= t->unsure_ms)
		return false;
	if (strcmp(c->side, SIDE_THERE) != 0) {
		edited = why_there(t, s->there);
		return edited && edited < c->edited_at;
	}
	if (stale_before(t, s, c->at))
		return true;
	return !before == !now &&
	    (!before || merge_same(a, t->rules, before, now) || stale_part(a, s, before));
}

enum rc
stale_list(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct stale *s, bool *stale)
{
	const struct change_page page = {
		.owner = t->owner,
		.object = &s->link->object,
		.limit = STALE_CHANGES,
	};
	struct change_list list;

	*stale = false;
	if (!t->lists_lag || !s->there->listed_at || s->direction == PULL_ONLY)
		return RC_OK;
	TRY(change_page(cx, db, &page, &list));
	for (size_t i = 0; i < list.n && !*stale; i++)
		*stale = stale_is(cx->a, t, s, &list.v[i]);
	return RC_OK;
}
