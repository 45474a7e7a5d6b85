/*
 * withdraw.c - see withdraw.h.
 */
#include "sync/write/withdraw.h"

#include "agree/merge.h"
#include "base/clock.h"

enum rc
withdraw_spare(struct ctx *cx, struct db *db, struct link *l)
{
	const char *title = json_str(json_stored(cx->a, l->base ? l->base : l->sent), "title");
	const int64_t run_no = l->run_no;

	l->withdrawn = false;
	l->run_no = 0;
	TRY(db_run(cx, db, NULL, Q_RUN_SPARED, "i", run_no));
	return db_run(cx, db, NULL, Q_RUN_LOG_LATE, "iiss", run_no, clock_ms(), "warning",
	    arena_printf(cx->a, "Left as it is: %s. It was changed there since.",
		title ? title : l->object.key));
}

/* Another etag is another state, also where the fields that are compared are the same. */
enum rc
withdraw_met(struct ctx *cx, struct db *db, const struct twoway *t, const struct withdrawn *w)
{
	const struct link *l = w->link;

	if (!l->withdrawn || !l->run_no || !w->there->values || !w->base)
		return RC_OK;
	if (!l->etag && merge_same(cx->a, t->rules, w->base, w->there->values))
		return RC_OK;
	return withdraw_spare(cx, db, w->link);
}
