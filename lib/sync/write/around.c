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
/* So often the same has become the same again, and each further time it waits twice as long. So
 * often each writing, with nothing else between them, has come back as something else: at once, as
 * nobody answers, or later, as people might, who are never made to wait for long. */
enum { TURNS_MAX = 6, ROW_LATE_MAX = 30 };
#define TURNS_FROM_MS (7 * DAY_MS)
#define TURNS_WAIT_MS (10 * MINUTE_MS)
#define ROW_LATE_WAIT_MS HOUR_MS
/* Times of edits that are cut to the minute, and a request that took its time. */
#define AROUND_BEFORE_MS MINUTE_MS

struct around {
	const struct twoway *t;
	int64_t from;            /* of no interest before */
	bool all;                /* what was before an edit here counts too */
	const struct change *in; /* what came in last, of those looked at; NULL: nothing */
	int soon, late;          /* so often it came back */
	bool row;                /* the first writing that nothing came back from is the end */
	int at_once;             /* so often it came back soon, the newest of all */
	int64_t last;            /* when it came in the last time */
};

/* Looks at a change; false: those before it are of no interest. */
typedef bool around_fn(struct arena *, void *arg, const struct change *);

/* What was done to the object, the newest first. */
static enum rc
around_walk(struct ctx *cx, struct db *db, const char *owner, const struct object *o,
    around_fn *look, void *arg)
{
	struct change_page page = {
		.owner = owner,
		.object = o,
		.limit = AROUND_PAGE,
		.bytes = AROUND_PAGE_BYTES,
	};
	struct change_list list = { .next = 1 };
	bool more = true;

	for (int i = 0; i < AROUND_PAGES && list.next && more; i++) {
		TRY(change_page(cx, db, &page, &list));
		for (size_t k = 0; k < list.n && more; k++)
			more = look(cx->a, arg, &list.v[k]);
		page.before = list.next;
	}
	return RC_OK;
}

static bool
around_is_soon(const struct change *in, const struct change *out)
{
	const int64_t at = in->edited_at ? in->edited_at : in->at, since = at - out->at;

	return since >= -AROUND_BEFORE_MS && since <= AROUND_SOON_MS;
}

/* What was written there and came in after that has come back. */
static bool
around_one(struct arena *a, void *arg, const struct change *c)
{
	struct around *w = arg;
	const bool here = !strcmp(c->side, SIDE_HERE);

	(void)a;
	if (c->at < w->from || (here && c->actor && !w->all))
		return false;
	if (!c->connection_id || strcmp(c->connection_id, w->t->connection_id) != 0)
		return true;
	if (here && !c->actor) {
		w->in = c;
		return true;
	}
	if (here || c->sync_no)
		return true;
	if (!w->in)
		return !w->row;
	if (w->soon + w->late == 0)
		w->last = w->in->at;
	if (!around_is_soon(w->in, c))
		w->late++;
	else if (w->soon++ == w->at_once && !w->late)
		w->at_once++;
	w->in = NULL;
	return true;
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
	TRY(around_walk(cx, db, w->t->owner, o, around_one, w));
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

/* --- the same two contents by turns --- */

struct turns {
	const struct twoway *t;
	const json *shall;
	int64_t from;      /* of no interest before */
	const json *after; /* what the change that is looked at has made of it */
	const json *other; /* what became of `shall` the last time; NULL: it did not come to that */
	int n;             /* so often the one was replaced by the other from there */
	int64_t last;      /* when it was the last time */
};

static bool
turns_one(struct arena *a, void *arg, const struct change *c)
{
	struct turns *w = arg;
	const json *before = json_stored(a, c->before), *after = w->after;

	if (strcmp(c->side, SIDE_HERE) != 0)
		return true;
	w->after = before;
	if (c->at < w->from || c->actor || !before || !after)
		return false;
	if (!c->connection_id || strcmp(c->connection_id, w->t->connection_id) != 0 ||
	    !merge_same(a, w->t->rules, before, w->shall))
		return true;
	if (w->other && !merge_same(a, w->t->rules, after, w->other))
		return false;
	w->other = after;
	if (w->n++ == 0)
		w->last = c->at;
	return true;
}

static int64_t
turns_wait(int n, int64_t most)
{
	int64_t wait = TURNS_WAIT_MS;

	for (int i = TURNS_MAX; i < n && wait < most; i++)
		wait *= 2;
	return wait < most ? wait : most;
}

/* Whatever it becomes each time. 0: it does not go on like that. */
static enum rc
row_until(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o, int64_t *until)
{
	struct around w = { .t = t, .from = clock_ms() - TURNS_FROM_MS, .row = true };
	int n;

	*until = 0;
	TRY(around_walk(cx, db, t->owner, o, around_one, &w));
	n = w.soon + w.late - ROW_LATE_MAX + TURNS_MAX;
	if (w.at_once >= TURNS_MAX)
		*until = w.last + turns_wait(w.at_once, DAY_MS);
	else if (n >= TURNS_MAX)
		*until = w.last + turns_wait(n, ROW_LATE_WAIT_MS);
	return RC_OK;
}

enum rc
around_until(struct ctx *cx, struct db *db, const struct twoway *t, const struct around_turn *turn,
    struct around_rest *out)
{
	const int64_t now = clock_ms();
	struct turns w = {
		.t = t,
		.shall = turn->shall,
		.after = turn->shall,
		.from = now - TURNS_FROM_MS,
	};
	const struct change_mark mark = {
		.owner = t->owner,
		.object = turn->object,
		.connection_id = t->connection_id,
		.from = w.from,
	};
	int64_t taken, row;

	*out = (struct around_rest){ 0 };
	TRY(change_taken(cx, db, &mark, &taken));
	if (taken < TURNS_MAX)
		return RC_OK;
	TRY(around_walk(cx, db, t->owner, turn->object, turns_one, &w));
	if (w.n >= TURNS_MAX)
		*out = (struct around_rest){ w.last + turns_wait(w.n, DAY_MS), true };
	TRY(row_until(cx, db, t, turn->object, &row));
	if (row > out->until)
		*out = (struct around_rest){ row, false };
	/* A clock that was set back does not make it wait for longer. */
	if (out->until > now + DAY_MS)
		out->until = now + DAY_MS;
	return RC_OK;
}
