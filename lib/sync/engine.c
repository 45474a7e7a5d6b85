/*
 * engine.c - see engine.h. What decides is pure and stands elsewhere; here it is put in order.
 */
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/step.h"
#include "sync/read/apply.h"
#include "sync/read/cursor.h"
#include "sync/read/known.h"
#include "sync/read/planner.h"
#include "sync/read/young.h"
#include "sync/read/download.h"
#include "sync/before.h"
#include "sync/engine.h"
#include "sync/hear.h"
#include "sync/question.h"
#include "access/keeper.h"
#include "access/lend.h"
#include "sync/outcome.h"
#include "sync/take_in.h"
#include "sync/level.h"
#include "sync/tend.h"
#include "queue/post.h"
#include "store/change.h"

enum { PLAN_JSON_MAX = 16 * 1024 * 1024, PATIENCE_MS = 120 * 1000 };

struct engine {
	struct db *db;
	struct job *job;
	const struct provider *provider;
	json *config, *secret, *known, *plan, *cursor;
	json *told; /* what messages of the service have named; NULL: nothing */
	const struct young *young;
	const json *left; /* told by the last complete read, when nothing has changed since */
	struct checkpoint checkpoint;
	struct apply apply;
	struct lend *lend; /* NULL: the provider needs no account */
	struct spool *spool;
	struct progress progress;
	struct outcome *outcome;
	struct take_in in;
	struct taking *taking; /* NULL: there are no objects */
	bool delta;            /* what was read is only what was changed */
	int64_t started;       /* wall clock: what "data as of" says */
};

/* Not by schedule, nor because the source called. An answer is to what all of it lacked. */
static bool
engine_asked(const struct engine *e)
{
	return str_has_word(STR("manual api command approve"), ' ', str_c(e->job->run.trigger));
}

static struct source
source_of(const struct engine *e, const json *old)
{
	return (struct source){
		.config = e->config,
		.secret = e->secret,
		.cursor = json_at(old, "source"),
		.known = e->known,
		.recheck = cursor_aged(e->provider->kind, old, e->started),
		.asked = engine_asked(e),
		.told = e->told,
		.young = e->young,
		.remote = e->lend ? &e->lend->remote : NULL,
	};
}

/* --- the spool of this run, or of the one it goes on for --- */

static enum rc
checkpoint_begin(struct ctx *cx, struct engine *e)
{
	checkpoint_init(cx->a, &e->checkpoint, spool_boot_id(cx->a), e->job->conn.config_rev);
	e->checkpoint.began_at = clock_ms();
	return change_last(cx, e->db, &e->checkpoint.as_of);
}

static enum rc
spool_take(struct ctx *cx, struct engine *e)
{
	const struct run *run = &e->job->run;
	struct checkpoint *cp = &e->checkpoint;
	bool taken;

	checkpoint_load(cx->a, cp, e->job->run.checkpoint);
	TRY(spool_open(
	    cx, run->id, e->job->attempt > 1 ? run->id : run->resumed_from, &e->spool, &taken));
	if (taken && !checkpoint_usable(cp, spool_boot_id(cx->a), e->job->conn.config_rev)) {
		spool_remove(e->spool);
		TRY(spool_open(cx, e->job->run.id, NULL, &e->spool, &taken));
	}
	if (!taken)
		return checkpoint_begin(cx, e); /* saved when there is something to go on with */
	outcome_log(e->outcome, "info", "Going on where the interrupted sync stopped.");
	return checkpoint_save(cx, e->db, e->job, cp);
}

static enum rc
engine_take_open(struct ctx *cx, struct engine *e)
{
	e->in = (struct take_in){
		.db = e->db,
		.job = e->job,
		.provider = e->provider,
		.source = source_of(e, NULL),
		.spool = e->spool,
		.progress = &e->progress,
		.as_of = e->checkpoint.as_of,
		.listed_at = e->checkpoint.began_at,
		.outcome = e->outcome,
		.other = cursor_other(cx->a, &e->job->conn),
	};
	return take_in_open(cx, &e->in, &e->taking);
}

/* --- downloading --- */

static enum rc
resync_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct engine *e = arg;
	const struct conn *c = &e->job->conn;

	TRY(conn_set_cursor(cx, db, c->owner, c->id, NULL));
	step("resync:before-commit");
	return checkpoint_put(cx, db, e->job, &e->checkpoint);
}

/* The source does not take the cursor any more: it is forgotten, with all that was read from it,
 * and everything is read again in this run. Whatever ends it, the next one reads everything too. */
static enum rc
engine_resync(struct ctx *cx, struct engine *e)
{
	bool taken;

	outcome_log(e->outcome, "info", "%s Everything is read again.", error_row(E_CURSOR)->title);
	cx->err = (struct err){ 0 };
	TRY(checkpoint_begin(cx, e));
	TRY(db_write(cx, e->db, resync_write, e));
	e->job->conn.cursor = NULL;
	spool_remove(e->spool);
	step("resync:forgotten");
	return spool_open(cx, e->job->run.id, NULL, &e->spool, &taken);
}

/* One way through the pages; out: what it left. */
static enum rc
engine_fetch(struct ctx *cx, struct engine *e, const json *old, struct download *d)
{
	int64_t calls = d->calls;
	enum rc rc;

	if (take_in_has(e->provider, e->config))
		TRY(engine_take_open(cx, e));
	*d = (struct download){
		.db = e->db,
		.job = e->job,
		.provider = e->provider,
		.source = source_of(e, old),
		.spool = e->spool,
		.progress = &e->progress,
		.max_bytes = conf_int(CONF_MAX_SOURCE_MB) * 1024 * 1024,
		.checkpoint = &e->checkpoint,
		.kept = e->taking ? take_in_early : NULL,
		.arg = e->taking,
	};
	rc = download_run(cx, d);
	d->calls += calls;
	e->outcome->result.calls = d->calls;
	e->outcome->result.size = e->spool->bytes;
	return rc;
}

/* A cursor that is refused is an outcome like others, once: without one nothing can be refused. */
static enum rc
engine_pages(struct ctx *cx, struct engine *e, const json **old, struct download *d)
{
	enum rc rc = engine_fetch(cx, e, *old, d);

	if (rc != RC_RESYNC || !json_at(*old, "source"))
		return rc;
	*old = NULL;
	TRY(engine_resync(cx, e));
	return engine_fetch(cx, e, NULL, d);
}

static enum rc
engine_download(struct ctx *cx, struct engine *e, bool *unchanged)
{
	const struct kind *kind = e->provider->kind;
	const json *old = cursor_old(cx->a, &e->job->conn);
	char sum[65];
	int64_t began = clock_mono_ms();
	struct download d = { 0 };

	TRY(engine_pages(cx, e, &old, &d));
	*unchanged = d.unchanged;
	e->left = json_at(old, "left");
	e->outcome->kept = json_num(e->left, "kept", 0);
	if (d.unchanged) {
		outcome_counted(e->outcome,
		    "The source says that nothing has changed since the last sync (1 request).");
		return RC_OK;
	}
	outcome_counted(e->outcome, "Read %lld bytes in %lld ms with %lld request%s.",
	    (long long)e->spool->bytes, (long long)(clock_mono_ms() - began), (long long)d.calls,
	    d.calls == 1 ? "" : "s");
	e->delta = d.delta;
	/* Two deltas may be alike and mean two changes; and what was written there since may have
	 * gone again. */
	if (d.delta || take_in_has(e->provider, e->config)) {
		e->cursor = cursor_new(cx->a, kind, &e->job->conn, e->started, d.cursor, NULL);
		return RC_OK;
	}
	TRY(spool_digest(cx, e->spool, sum));
	e->cursor = cursor_new(cx->a, kind, &e->job->conn, e->started, d.cursor, sum);
	if (str_eq(json_s(old, "digest"), str_c(sum))) {
		*unchanged = true;
		/* It was read, and has what it had. */
		e->outcome->result.fetched = json_num(e->left, "fetched", 0);
		e->outcome->result.lines = json_num(e->left, "lines", 0);
		json_set(e->cursor, "left", json_at(old, "left"));
		outcome_counted(e->outcome, "The content is byte for byte that of the last sync.");
	}
	return RC_OK;
}

/* --- processing --- */

/* What is stored is not what was read: there is nothing that a next read could be the same as. */
static void
blast_hold(struct ctx *cx, struct engine *e, json *plan)
{
	json_set_bool(plan, "held", true);
	json_set_null(plan, "cursor");
	e->cursor = NULL;
	outcome_warn(e->outcome, cx->a, "key_waits",
	    "The new key waits: under it the source has fewer records than are stored, "
	    "and they are kept, because somebody chose \"Keep\".");
}

/* What stays as it was against what the source says, from now on and from before. */
static enum rc
blast_refuse(struct ctx *cx, struct engine *e, const struct intake *in, bool keeps)
{
	const struct conn *c = &e->job->conn;
	int64_t before, more = 0;

	if (keeps)
		TRY(question_refuses(cx, e->spool, in, in->refused, &more));
	TRY(link_refused(cx, e->db, c->owner, c->id, &before));
	more += before - in->released;
	if (more > 0)
		outcome_warn(e->outcome, cx->a, "values_kept",
		    "Records kept as they were, because somebody chose \"Keep\", although the "
		    "source has other values: %lld. Each stays so until the source changes it "
		    "again; \"Ask again\" on the connection's page brings the question back.",
		    (long long)more);
	return RC_OK;
}

/* "Keep": what is lost, and what would be replaced. */
static void
blast_keep(struct ctx *cx, struct engine *e, const struct intake *in, json *plan)
{
	json_set_bool(plan, "keep", true);
	e->outcome->keeps = intake_lost(in) > 0;
	if (intake_rekeyed(in))
		blast_hold(cx, e, plan);
}

/* Asks when the plan would delete or replace too much; nothing has been changed then. */
static enum rc
blast_check(struct ctx *cx, struct engine *e, const struct intake *in, json *plan)
{
	long long kept = intake_tally(in).kept;
	struct judgement j;

	TRY(question_judge(cx, e->db, &e->job->conn, e->spool, in, &j));
	if (j.verdict == BLAST_ASK) {
		e->outcome->result.review = json_text(cx->a, j.review);
		return fail(
		    cx, E_NEEDS_APPROVAL, "%s Nothing was changed.", question_text(cx->a, in));
	}
	e->in.approved = j.review && j.verdict == BLAST_APPLY && intake_lost(in) > 0;
	if (j.verdict == BLAST_KEEP) {
		blast_keep(cx, e, in, plan);
		kept += intake_lost(in);
	}
	TRY(blast_refuse(cx, e, in, j.verdict == BLAST_KEEP && !intake_rekeyed(in)));
	if (kept)
		outcome_warn(e->outcome, cx->a, "deletions_kept",
		    "The source lacks %lld of %lld records; they are kept, because somebody chose "
		    "\"Keep\". \"Ask again\" on the connection's page brings the question back.",
		    kept, (long long)intake_stored_rows(in));
	return RC_OK;
}

/* *in: as far as it came, also when it fails. */
static enum rc
engine_compare(struct ctx *cx, struct engine *e, const struct intake **in, int64_t *items)
{
	struct source src = source_of(e, NULL);
	struct comparison j = {
		.from = {
			.db = e->db,
			.conn = &e->job->conn,
			.provider = e->provider,
			.config = e->config,
		},
		.source = &src,
		.spool = e->spool,
		.progress = &e->progress,
		.delta = e->delta,
	};
	struct comparer *c;
	enum rc rc = planner_run(cx, &j, &c, items);

	if (c)
		outcome_intake(e->outcome, cx->a, &c->in);
	*in = c ? &c->in : NULL;
	return rc;
}

/* What waits for another answer is not taken in either. */
static enum rc
engine_take_in(struct ctx *cx, struct engine *e, struct keyset *refused)
{
	if (!e->taking || json_flag(e->plan, "held", false))
		return RC_OK;
	e->in.delta = e->delta;
	e->in.keeps = e->outcome->keeps;
	e->in.refused = refused;
	e->in.plan = e->plan;
	return take_in(cx, e->taking);
}

/* A plan that changes no record is carried out by the last transaction. */
static bool
engine_empty(const struct engine *e)
{
	return e->plan && json_num(e->plan, "items", 0) == 0;
}

static enum rc
engine_process(struct ctx *cx, struct engine *e)
{
	int64_t items, began = clock_mono_ms();
	const struct intake *in;

	TRY(progress_move(
	    cx, &e->progress, (struct moved){ PHASE_PROCESSING, 0, e->spool->bytes }, "Comparing"));
	TRY(engine_compare(cx, e, &in, &items));
	if (!in)
		return fail(cx, E_BUG, "A comparison has ended without a result.");
	e->plan = planner_summary(cx->a, in);
	json_set_i64(e->plan, "run", e->job->run.no);
	json_set_i64(e->plan, "items", items);
	json_set(e->plan, "cursor", e->cursor);
	json_set_i64(e->plan, "startedAt", e->started);
	TRY(blast_check(cx, e, in, e->plan));
	outcome_counted(e->outcome, "Compared %lld records in %lld ms.",
	    (long long)intake_tally(in).fetched, (long long)(clock_mono_ms() - began));
	outcome_note(e->outcome, cx->a, e->plan);
	if (e->cursor)
		json_set(e->cursor, "left", outcome_left(cx->a, e->outcome, in));
	TRY(engine_take_in(cx, e, in->refused));
	step("process:planned");
	if (engine_empty(e))
		return RC_OK;
	TRY(spool_put(cx, e->spool, "plan.json", str_c(json_text(cx->a, e->plan))));
	e->checkpoint.saving = true;
	TRY(checkpoint_save(cx, e->db, e->job, &e->checkpoint));
	spool_drop_pages(e->spool);
	return plan_room(cx, e->spool);
}

/* --- saving --- */

static enum rc
plan_reload(struct ctx *cx, struct engine *e)
{
	struct str text;

	TRY(spool_get(cx, e->spool, "plan.json", PLAN_JSON_MAX, &text));
	e->plan = json_stored(cx->a, text.p);
	if (!e->plan)
		return fail(cx, E_UNAVAILABLE,
		    "A working file of this sync is damaged; the next run starts over.");
	e->cursor = json_at(e->plan, "cursor");
	e->started = json_num(e->plan, "startedAt", e->started);
	outcome_plan(e->outcome, cx->a, e->plan);
	return RC_OK;
}

/* One that is as it was is not written again. */
static enum rc
finish_cursor(struct ctx *cx, struct db *db, const struct engine *e)
{
	const struct conn *c = &e->job->conn;
	const char *text;
	struct conn now;

	if (!e->cursor)
		return RC_OK;
	text = json_text(cx->a, e->cursor);
	TRY(conn_get(cx, db, c->owner, c->id, &now));
	if (now.cursor && !strcmp(now.cursor, text))
		return RC_OK;
	return conn_set_cursor(cx, db, c->owner, c->id, text);
}

/* The last transaction: cursor, freshness, the answer that is over, the outcome and the next
 * time, all or nothing. */
static enum rc
finish_write(struct ctx *cx, struct db *db, void *arg)
{
	struct engine *e = arg;
	const struct conn *c = &e->job->conn;

	if (engine_empty(e))
		TRY(apply_empty(cx, &e->apply));
	TRY(finish_cursor(cx, db, e));
	/* What waits is not as of now, and its answer is not over. */
	if (!json_flag(e->plan, "held", false)) {
		TRY(db_run(
		    cx, db, NULL, Q_APPLY_DATASET_AS_OF, "ssi", c->id, c->owner, e->started));
		TRY(conn_guard_over(cx, db, c->owner, c->id));
	}
	TRY(outcome_settle(cx, db, e->job, e->outcome, NULL));
	if (take_in_has(e->provider, e->config)) {
		TRY(take_in_late(cx, db, e->job, e->plan));
		TRY(post_due(cx, db, c->owner, c->id));
	}
	TRY(hear_on(cx, db, e->provider, c, e->cursor ? e->cursor : cursor_old(cx->a, c)));
	step("finish:before-commit");
	return RC_OK;
}

static enum rc
engine_finish(struct ctx *cx, struct engine *e)
{
	const struct source src = source_of(e, e->cursor);
	const struct tending t = {
		.db = e->db,
		.job = e->job,
		.provider = e->provider,
		.source = &src,
		.lend = e->lend,
	};
	enum rc rc;

	TRY(tend_source(cx, &t, e->cursor, e->outcome));
	level_profiles(cx, e->db, &e->job->conn, &e->outcome->result);
	rc = db_write(cx, e->db, finish_write, e);
	step("finish:after-commit");
	return rc;
}

static enum rc
engine_save(struct ctx *cx, struct engine *e)
{
	struct run *r = &e->outcome->result;
	int64_t began = clock_mono_ms();
	enum rc rc;

	e->apply = (struct apply){
		.db = e->db,
		.job = e->job,
		.progress = &e->progress,
		.spool = e->spool,
		.plan = e->plan,
		.at = &e->checkpoint,
	};
	if (engine_empty(e))
		return engine_finish(cx, e);
	rc = apply_plan(cx, &e->apply);
	r->added = e->checkpoint.added;
	r->updated = e->checkpoint.updated;
	r->deleted = e->checkpoint.deleted;
	TRY(rc);
	outcome_saved(e->outcome, e->apply.met, e->apply.capped, clock_mono_ms() - began);
	return engine_finish(cx, e);
}

/* --- the run --- */

static enum rc
engine_unchanged(struct ctx *cx, struct engine *e)
{
	struct run *r = &e->outcome->result;
	struct dataset_list list;

	r->not_modified = true;
	TRY(dataset_list(cx, e->db, e->job->conn.owner, e->job->conn.id, &list));
	for (size_t i = 0; i < list.n; i++)
		r->unchanged += list.v[i].rows;
	r->unchanged -= json_num(e->left, "kept", 0);
	outcome_inherit(e->outcome, cx->a, e->left);
	return engine_finish(cx, e);
}

/* The secret is for the server that it is stored with; what was claimed may be older by now. */
static enum rc
engine_secret(struct ctx *cx, struct engine *e)
{
	const struct conn *c = &e->job->conn;
	struct conn now;

	TRY(keeper_open(cx, e->db, c, &e->secret));
	if (!e->secret)
		return RC_OK;
	TRY(conn_get(cx, e->db, c->owner, c->id, &now));
	if (!kind_moved(cx->a, e->provider->kind, e->config, json_stored(cx->a, now.config)))
		return RC_OK;
	return fail(cx, E_UNAVAILABLE, "The address was changed while this sync began.");
}

static enum rc
engine_steps(struct ctx *cx, struct engine *e)
{
	const struct conn *c = &e->job->conn;
	bool unchanged = false;

	if (!e->provider)
		return fail(cx, E_UNSUPPORTED, "This kind of source is not part of this version.");
	TRY(before_reading(cx, e->db, e->job, &e->progress, e->outcome));
	TRY(conn_config(cx, c, &e->config));
	TRY(engine_secret(cx, e));
	TRY(source_known(cx, e->db, c, &e->known));
	TRY(hear_told(cx, e->db, e->provider, c, &e->told));
	e->young = young_of(cx->a, e->db, e->provider, c);
	const struct loan loan = {
		.owner = c->owner,
		.account_id = c->account_id,
		.token = kind_token(e->provider->kind, e->secret),
		.waiter = progress_waiter(&e->progress),
		.patience_ms = PATIENCE_MS,
		.asked = engine_asked(e),
		.later = &e->checkpoint.later,
	};
	TRY(lend_open(cx, e->db, e->provider->kind, &loan, &e->lend));
	TRY(spool_take(cx, e));
	if (e->checkpoint.saving) {
		TRY(plan_reload(cx, e));
		return engine_save(cx, e);
	}
	TRY(engine_download(cx, e, &unchanged));
	if (unchanged)
		return engine_unchanged(cx, e);
	TRY(engine_process(cx, e));
	return engine_save(cx, e);
}

static enum rc
engine_failed(struct ctx *cx, struct engine *e)
{
	const struct err err = cx->err;
	int64_t n;

	/* The run belongs to somebody else now, or is gone: leave everything alone. */
	if (err.kind == E_LEASE)
		return error_row(err.kind)->rc;
	/* Told to stop: its spool stays, and the run goes on elsewhere. */
	if (err.kind == E_INTERRUPTED)
		return queue_reap(cx, e->db, proc_self(), E_INTERRUPTED, &n);
	/* It waits: its spool stays, and its place is another's until then. */
	if (err.kind == E_LATER)
		return checkpoint_leave(cx, e->db, e->job, &e->checkpoint);
	return outcome_failed(
	    cx, e->db, e->job, e->outcome, &(struct outcome_end){ &err, e->spool });
}

enum rc
engine_run(struct ctx *cx, struct db *db, struct job *job)
{
	struct engine e = {
		.db = db,
		.job = job,
		.provider = provider_find(job->conn.provider),
		.started = clock_ms(),
	};
	enum rc rc;

	e.outcome = outcome_new(cx->a, job);
	progress_init(&e.progress, db, job);
	rc = engine_steps(cx, &e);
	db_rollback(db);
	if (rc != RC_OK)
		return engine_failed(cx, &e);
	if (e.spool)
		spool_remove(e.spool);
	return RC_OK;
}
