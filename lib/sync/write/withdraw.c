/*
 * withdraw.c - see withdraw.h.
 */
#include "sync/write/withdraw.h"

#include "agree/merge.h"
#include "base/clock.h"
#include "queue/outward.h"
#include "queue/undo.h"
#include "store/outbox.h"

/* What the run says it has done, with one less. */
static const char *
withdraw_said(struct arena *a, const struct run *r)
{
	const int64_t back = r->added + r->updated + r->deleted;
	const char *said = undo_said(a, back, r->skipped);
	const size_t n = strlen(said);

	if (!r->message || strncmp(r->message, said, n) != 0)
		return r->message;
	return arena_printf(a, "%s%s", undo_said(a, back - 1, r->skipped + 1), r->message + n);
}

/* In the log of that run. */
static enum rc
withdraw_listed(
    struct ctx *cx, struct db *db, const struct link *l, int64_t run_no, enum change_action did)
{
	struct run run = { 0 };
	const char *title = json_str(json_stored(cx->a, l->base ? l->base : l->sent), "title");

	if (run_numbered(cx, db, l->owner, run_no, &run) != RC_OK)
		cx->err = (struct err){ 0 };
	TRY(db_run(cx, db, NULL, Q_RUN_SPARED, "iiiis", run_no, (int64_t)(did == CHANGE_DELETED),
	    (int64_t)(did == CHANGE_UPDATED), (int64_t)(did == CHANGE_ADDED),
	    withdraw_said(cx->a, &run)));
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
	l->error_code = OUTWARD_LEFT;
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

/* The run that has made of it what is here; 0: none, or not known any more. */
static enum rc
withdraw_latest(struct ctx *cx, struct db *db, const struct link *l, int64_t *run_no)
{
	struct change_list list;

	TRY(change_page(cx, db,
	    &(struct change_page){ .owner = l->owner, .object = &l->object, .limit = 10 }, &list));
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].side, SIDE_HERE)) {
			*run_no = list.v[i].sync_no;
			return RC_OK;
		}
	*run_no = 0;
	return RC_OK;
}

enum rc
withdraw_undoes(struct ctx *cx, struct db *db, const struct link *l, struct undoing *out)
{
	struct run run;
	struct undo u;
	int64_t latest;
	enum rc rc;

	*out = (struct undoing){ 0 };
	TRY(outbox_of_link(cx, db, l->owner, l->id, &out->item));
	if (!out->item.id || !out->item.question)
		return RC_OK;
	rc = run_get(cx, db, l->owner, out->item.question, &run);
	if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
		return rc;
	cx->err = (struct err){ 0 };
	if (rc != RC_OK || !undo_read(cx->a, &run, &u))
		return RC_OK;
	TRY(withdraw_latest(cx, db, l, &latest));
	out->run_no = latest == run.no ? run.no : 0;
	return RC_OK;
}

enum rc
withdraw_undone(struct ctx *cx, struct db *db, struct link *l, const struct undoing *u, bool rest)
{
	TRY(withdraw_listed(cx, db, l, u->run_no, CHANGE_UPDATED));
	if (rest || strcmp(u->item.state, OUTBOX_HELD))
		return RC_OK;
	l->state = LINK_SYNCED;
	return outbox_drop(cx, db, &u->item);
}

enum rc
withdraw_overruled(struct ctx *cx, struct db *db, const struct link *l)
{
	struct run run = { 0 };
	struct undo u;
	int64_t no;

	TRY(withdraw_latest(cx, db, l, &no));
	if (!no)
		return RC_OK;
	TRY(run_numbered(cx, db, l->owner, no, &run));
	return run.id && undo_read(cx->a, &run, &u) ? withdraw_listed(cx, db, l, no, CHANGE_DELETED)
						    : RC_OK;
}
