/*
 * around.c - see around.h.
 */
#include "sync/write/around.h"

#include "base/clock.h"

/* What follows on a write so soon follows from it, if it does so as often; whatever it is that
 * answers as often as AROUND_SLOW_MAX, it is nobody. */
enum { AROUND_MAX = 6, AROUND_SLOW_MAX = 30, AROUND_PAGES = 10 };
enum { AROUND_PAGE = 100, AROUND_PAGE_BYTES = 1 << 20 };
#define AROUND_SOON_MS (15 * SECOND_MS)
/* Times of edits that are cut to the minute, and a request that took its time. */
#define AROUND_BEFORE_MS MINUTE_MS

struct around {
	const struct twoway *t;
	int64_t from;            /* of no interest before */
	bool all;                /* what was before an edit here counts too */
	const struct change *in; /* what came in last, of those looked at; NULL: nothing */
	int soon, late;          /* so often it came back */
	bool over;
};

static bool
around_is_soon(const struct change *in, const struct change *out)
{
	const int64_t at = in->edited_at ? in->edited_at : in->at, since = at - out->at;

	return since >= -AROUND_BEFORE_MS && since <= AROUND_SOON_MS;
}

/* The newest first. What was written there and came in after that has come back. */
static void
around_one(struct around *w, const struct change *c)
{
	const bool here = !strcmp(c->side, SIDE_HERE);

	w->over = c->at < w->from || (here && c->actor && !w->all);
	if (w->over || !c->connection_id || strcmp(c->connection_id, w->t->connection_id) != 0)
		return;
	if (here && !c->actor) {
		w->in = c;
		return;
	}
	if (here || c->sync_no || !w->in)
		return;
	if (around_is_soon(w->in, c))
		w->soon++;
	else
		w->late++;
	w->in = NULL;
}

static enum rc
around_count(struct ctx *cx, struct db *db, struct around *w, const struct object *o)
{
	struct change_page page = {
		.owner = w->t->owner,
		.object = o,
		.limit = AROUND_PAGE,
		.bytes = AROUND_PAGE_BYTES,
	};
	struct change_list list = { .next = 1 };

	for (int i = 0; i < AROUND_PAGES && list.next && !w->over; i++) {
		TRY(change_page(cx, db, &page, &list));
		for (size_t k = 0; k < list.n && !w->over; k++)
			around_one(w, &list.v[k]);
		page.before = list.next;
	}
	return RC_OK;
}

static enum rc
around_is(struct ctx *cx, struct db *db, struct around *w, const struct object *o, bool *goes)
{
	const struct change_mark mark = {
		.owner = w->t->owner,
		.object = o,
		.connection_id = w->t->connection_id,
		.from = w->from,
	};
	int64_t taken;

	*goes = false;
	TRY(change_taken(cx, db, &mark, &taken));
	if (taken < AROUND_MAX)
		return RC_OK;
	TRY(around_count(cx, db, w, o));
	*goes = w->soon >= AROUND_MAX || w->soon + w->late >= AROUND_SLOW_MAX;
	return RC_OK;
}

enum rc
around_goes(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o, bool *goes)
{
	struct around w = { .t = t, .from = clock_ms() - HOUR_MS };

	return around_is(cx, db, &w, o, goes);
}

enum rc
around_went(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o, bool *went)
{
	struct around w = { .t = t, .from = clock_ms() - HOUR_MS, .all = true };

	return around_is(cx, db, &w, o, went);
}
