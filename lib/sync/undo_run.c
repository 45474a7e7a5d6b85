/*
 * undo_run.c - see undo_run.h.
 */
#include "sync/undo_run.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/step.h"
#include "queue/outward.h"
#include "store/allowance.h"
#include "sync/apart.h"
#include "sync/progress.h"
#include "sync/tend.h"

enum { UNDO_ITEMS = 500, UNDO_LINES = 1000, UNDO_ARENA = 256 * 1024 * 1024 };

/* How far it is: the checkpoint. */
struct undo_done {
	struct undo_at at;
	int64_t n[3]; /* by what was done: enum change_action */
	int64_t left;
	int64_t going;  /* copies that are to be deleted there */
	int64_t labels; /* people whose label is held */
};

struct undo_work {
	struct job *job;
	const struct undo *undo;
	struct outcome *outcome;
	struct progress progress;
	struct arena *page;
	struct undo_done done, next; /* next: what the write has come to, which may be run again */
	int64_t total;
};

static const char *
undo_done_text(struct arena *a, const struct undo_done *d)
{
	json *o = json_new(a);

	json_set(o, "at", undo_at_json(a, &d->at));
	json_set_i64(o, "added", d->n[CHANGE_ADDED]);
	json_set_i64(o, "updated", d->n[CHANGE_UPDATED]);
	json_set_i64(o, "deleted", d->n[CHANGE_DELETED]);
	json_set_i64(o, "left", d->left);
	json_set_i64(o, "going", d->going);
	json_set_i64(o, "labels", d->labels);
	return json_text(a, o);
}

static void
undo_done_read(struct arena *a, const char *text, struct undo_done *out)
{
	const json *o = json_stored(a, text);

	undo_at_read(json_at(o, "at"), &out->at);
	out->n[CHANGE_ADDED] = json_num(o, "added", 0);
	out->n[CHANGE_UPDATED] = json_num(o, "updated", 0);
	out->n[CHANGE_DELETED] = json_num(o, "deleted", 0);
	out->left = json_num(o, "left", 0);
	out->going = json_num(o, "going", 0);
	out->labels = json_num(o, "labels", 0);
}

static enum rc
undo_log(struct ctx *cx, struct db *db, const struct undo_work *w, const struct undo_item *it)
{
	if (w->next.left > UNDO_LINES)
		return RC_OK;
	return db_run(cx, db, NULL, Q_RUN_LOG_PUT, "iiss", w->job->run.no, clock_ms(), "warning",
	    arena_printf(cx->a, "Left as it is: %s. %s", it->title, it->why));
}

static enum rc
undo_save(struct ctx *cx, struct db *db, const struct undo_work *w)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_QUEUE_CHECKPOINT, "sis", w->job->run.id, w->job->attempt,
	    undo_done_text(cx->a, &w->next)));
	return changed ? queue_range(cx, db, w->job, -1) : fail(cx, E_LEASE, NULL);
}

/* What is taken back of an addition is a deletion, and the other way round. */
static enum change_action
undo_counts(const struct undo_item *it)
{
	if (it->label)
		return CHANGE_UPDATED;
	if (!it->before)
		return CHANGE_DELETED;
	return it->now ? CHANGE_UPDATED : CHANGE_ADDED;
}

static enum rc
undo_write(struct ctx *cx, struct db *db, void *arg)
{
	struct undo_work *w = arg;
	struct undo_page page;

	w->next = w->done;
	TRY(queue_hold(cx, db, w->job));
	TRY(queue_range(cx, db, w->job, -1));
	TRY(undo_page(cx, db, w->undo, &w->next.at, step_page(UNDO_ITEMS), &page));
	for (size_t i = 0; i < page.n; i++) {
		const struct undo_item *it = &page.v[i];

		if (it->fate == UNDO_LEFT) {
			w->next.left++;
			TRY(undo_log(cx, db, w, it));
			continue;
		}
		TRY(undo_do(cx, db, w->undo, &w->job->run, it, clock_ms()));
		w->next.n[undo_counts(it)]++;
		w->next.going += it->there && !it->before;
		w->next.labels += it->label || it->relabels;
	}
	TRY(undo_save(cx, db, w));
	step("undo:before-commit");
	return RC_OK;
}

static int64_t
undo_sum(const struct undo_done *d)
{
	return d->n[CHANGE_ADDED] + d->n[CHANGE_UPDATED] + d->n[CHANGE_DELETED];
}

static enum rc
undo_pages(struct ctx *cx, struct db *db, struct undo_work *w)
{
	struct arena *own = cx->a;
	enum rc rc;

	while (!w->done.at.over) {
		cx->a = w->page;
		rc = db_write(cx, db, undo_write, w);
		cx->a = own;
		arena_reset(w->page);
		TRY(rc);
		w->done = w->next;
		step("undo:saved");
		TRY(progress_move(cx, &w->progress,
		    (struct moved){ PHASE_SAVING, undo_sum(&w->done) + w->done.left, w->total },
		    "Taking back, %lld so far", (long long)undo_sum(&w->done)));
	}
	return RC_OK;
}

/* Labels are level with what is held of them. */
static enum rc
undo_tend(struct ctx *cx, struct db *db, struct undo_work *w)
{
	struct tending t = { .db = db, .job = w->job, .undoing = true };
	struct apart apart;

	if (!w->done.labels)
		return RC_OK;
	TRY(apart_open(cx, db, w->job, &w->progress, &apart));
	t.provider = apart.provider;
	t.source = &apart.source;
	t.lend = apart.lend;
	return apart.provider ? tend_source(cx, &t, NULL, w->outcome) : RC_OK;
}

static void
undo_tell(struct undo_work *w)
{
	const struct undo_done *d = &w->done;
	struct run *r = &w->outcome->result;

	r->added = d->n[CHANGE_ADDED];
	r->updated = d->n[CHANGE_UPDATED];
	r->deleted = d->n[CHANGE_DELETED];
	r->skipped = d->left;
}

/* "1 restored, 2 changed back" */
static const char *
undo_words(struct arena *a, const struct undo_done *d)
{
	static const char *const verbs[] = {
		[CHANGE_ADDED] = "restored",
		[CHANGE_UPDATED] = "changed back",
		[CHANGE_DELETED] = "deleted",
	};
	struct buf *b = buf_in(a, 200);

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (d->n[i])
			buf_printf(b, "%s%lld %s", b->n ? ", " : "", (long long)d->n[i], verbs[i]);
	return b->n ? buf_c(b) : "nothing";
}

/* What is asked about, and what there is to say. */
static enum rc
undo_end(struct ctx *cx, struct db *db, struct undo_work *w)
{
	const struct undo_done *d = &w->done;
	struct run *r = &w->outcome->result;
	int64_t held;

	TRY(outward_undone(cx, db, &w->job->run, &r->review, &held));
	w->outcome->said = undo_said(cx->a, undo_sum(d), d->left);
	outcome_log(w->outcome, "info", "Taken back: %s.", undo_words(cx->a, d));
	if (d->left > UNDO_LINES)
		outcome_log(w->outcome, "warning", "Left as they are: %lld more.",
		    (long long)(d->left - UNDO_LINES));
	if (d->going)
		outcome_log(w->outcome, "info",
		    "Copies that Tidemark had made and that are being removed there: %lld. What "
		    "somebody has changed there since stays, and is listed here when it is met.",
		    (long long)d->going);
	if (held)
		outcome_log(w->outcome, "info",
		    "Different there now: %lld. That is sent only when you say so.",
		    (long long)held);
	return RC_OK;
}

enum rc
undo_run(struct ctx *cx, struct db *db, struct job *job, const struct undo *u, struct outcome *o)
{
	struct undo_work *w = arena_alloc(cx->a, sizeof *w);
	struct run target;
	enum rc rc;

	*w = (struct undo_work){ .job = job, .undo = u, .outcome = o, .total = 1 };
	undo_done_read(cx->a, job->run.checkpoint, &w->done);
	progress_init(&w->progress, db, job);
	if (u->sync_id && run_get(cx, db, u->owner, u->sync_id, &target) == RC_OK)
		w->total = target.added + target.updated + target.deleted;
	cx->err = (struct err){ 0 };
	w->page = arena_new("undo", UNDO_ARENA, 0);
	/* Somebody has asked for it. */
	allowance_count(db, u->owner);
	rc = undo_pages(cx, db, w);
	allowance_end(db);
	arena_free(w->page);
	undo_tell(w);
	TRY(rc);
	TRY(undo_tend(cx, db, w));
	return undo_end(cx, db, w);
}
