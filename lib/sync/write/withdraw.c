/*
 * withdraw.c - see withdraw.h.
 */
#include "sync/write/withdraw.h"

#include "agree/merge.h"
#include "base/clock.h"
#include "queue/outward.h"

/* In the log of that run. */
static enum rc
withdraw_listed(
    struct ctx *cx, struct db *db, const struct link *l, int64_t run_no, enum change_action did)
{
	const char *title = json_str(json_stored(cx->a, l->base ? l->base : l->sent), "title");

	TRY(db_run(cx, db, NULL, Q_RUN_SPARED, "iiii", run_no, (int64_t)(did == CHANGE_DELETED),
	    (int64_t)(did == CHANGE_UPDATED), (int64_t)(did == CHANGE_ADDED)));
	return db_run(cx, db, NULL, Q_RUN_LOG_LATE, "iiss", run_no, clock_ms(), "warning",
	    arena_printf(cx->a, "Left as it is: %s. It was changed there since.",
		title ? title : l->object.key));
}

enum rc
withdraw_spare(struct ctx *cx, struct db *db, struct link *l)
{
	const int64_t run_no = l->run_no;

	l->withdrawn = false;
	l->run_no = 0;
	return withdraw_listed(cx, db, l, run_no, CHANGE_DELETED);
}

const json *
withdraw_back(struct arena *a, const struct link *l)
{
	return l->back ? json_at(json_stored(a, l->back), "values") : NULL;
}

static enum rc
withdraw_spare_back(struct ctx *cx, struct db *db, struct link *l)
{
	const int64_t run_no = json_num(json_stored(cx->a, l->back), "run", 0);

	l->back = NULL;
	return withdraw_listed(cx, db, l, run_no, l->base ? CHANGE_UPDATED : CHANGE_ADDED);
}

enum rc
withdraw_put_back(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l)
{
	const json *base = json_stored(cx->a, l->base);
	struct here here;

	TRY(t->ops->get(cx, db, t, l->object.key, &here));
	l->back = NULL;
	if (!base == !here.value && (!base || merge_same(cx->a, t->rules, base, here.value)))
		return RC_OK;
	l->state = LINK_SKIPPED;
	l->error_code = OUTWARD_KEPT;
	l->error_detail = here.value
	    ? "What was there was put back; the next edit here is sent again."
	    : "It was put back there; here it stays deleted.";
	return RC_OK;
}

/* Another etag is another state, also where the fields that are compared are the same. */
enum rc
withdraw_met(struct ctx *cx, struct db *db, const struct twoway *t, const struct withdrawn *w)
{
	const struct link *l = w->link;

	if (l->back && side_of(cx->a, t->rules, w->base, w->there->values) != SIDE_SAME)
		return withdraw_spare_back(cx, db, w->link);
	if (!l->withdrawn || !l->run_no || !w->there->values || !w->base)
		return RC_OK;
	if (!l->etag && merge_same(cx->a, t->rules, w->base, w->there->values))
		return RC_OK;
	return withdraw_spare(cx, db, w->link);
}
