/*
 * preview.c - engine_preview(): the first half of a run, bounded in bytes and time, without a
 * trace.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "sync/before.h"
#include "sync/read/download.h"
#include "sync/engine.h"
#include "sync/question.h"
#include "sync/read/cursor.h"
#include "sync/read/known.h"
#include "sync/read/show.h"
#include "sync/read/young.h"
#include "sync/rehearse.h"
#include "access/lend.h"

enum { PATIENCE_MS = 5000 };

struct preview {
	struct db *db;
	const struct look *look;
	const struct provider *provider;
	struct source source;
	struct spool *spool;
	struct progress progress;
	int64_t as_of; /* change_last() before anything was asked for */
	bool cut;
	const json *left; /* what the provider left, as a cursor; NULL: nothing */
};

/* Are its items objects that both sides edit? */
static bool
preview_twins(const struct preview *p)
{
	return p->look->list && p->provider->reader->twins &&
	    kind_object(p->provider->kind, p->look->config);
}

/* Of what both sides edit nothing can be said before all of it is read. */
static enum rc
preview_fetch(struct ctx *cx, struct preview *p)
{
	const int64_t enough = p->look->max_bytes * (preview_twins(p) ? 4 : 1);
	struct checkpoint cp;
	struct download d = {
		.provider = p->provider,
		.source = p->source,
		.spool = p->spool,
		.progress = &p->progress,
		.max_bytes = enough * 4,
		.enough_bytes = enough,
		.checkpoint = &cp,
	};

	checkpoint_init(cx->a, &cp, "", 0);
	TRY(download_run(cx, &d));
	p->cut = d.cut;
	p->left = d.cursor;
	return RC_OK;
}

static json *
columns_shown(struct ctx *cx, const struct intake_set *set)
{
	json *list = json_list(cx->a), *c;

	for (size_t i = 0; i < set->cols->n; i++) {
		const struct column *col = &set->cols->v[i];
		if (col->gone)
			continue;
		c = json_new(cx->a);
		json_set_str(c, "name", col->name);
		json_set_str(c, "label", col->label);
		json_set_str(c, "type", col->type);
		json_add(list, c);
	}
	return list;
}

/* Rows as lists in the order of the columns shown. */
static json *
rows_shown(struct ctx *cx, const struct intake_set *set, const json *first)
{
	json *rows = json_list(cx->a);

	for (size_t i = 0; i < json_len(first); i++) {
		json *values = json_at(json_nth(first, i), "values"), *row = json_list(cx->a);
		for (size_t c = 0; c < set->cols->n; c++)
			if (!set->cols->v[c].gone)
				json_add(row, json_nth(values, c));
		json_add(rows, row);
	}
	return rows;
}

/* One dataset of the source: a tab of a spreadsheet, or all there is. */
static json *
set_shown(struct ctx *cx, const struct intake_set *set, const json *first)
{
	json *o = json_new(cx->a);

	json_set_str(o, "name", set->name);
	json_set(o, "columns", columns_shown(cx, set));
	json_set(o, "rows", rows_shown(cx, set, first));
	json_set(o, "reading", dataset_reading_shown(set->reading));
	json_set_i64(o, "fetched", set->tally.fetched);
	json_set(o, "key", key_rule_json(cx->a, &set->rule, set->cols));
	return o;
}

/* What a read would do to the records. */
static json *
preview_plan(struct arena *a, const struct preview *p, const struct intake *in)
{
	const struct tally t = intake_tally(in);
	json *plan = json_new(a);

	json_set_i64(plan, "fetched", t.fetched);
	json_set_i64(plan, "added", t.added);
	json_set_i64(plan, "updated", t.updated);
	/* What is missing from a part says nothing about the whole. */
	json_set_i64(plan, "deleted", p->cut ? 0 : t.deleted);
	json_set_i64(plan, "unchanged", t.unchanged);
	json_set_i64(plan, "skipped", t.skipped);
	return plan;
}

static json *
preview_result(struct ctx *cx, const struct preview *p, const struct shower *s)
{
	const struct intake *in = &s->p.c.in;
	json *o = json_new(cx->a), *sets = json_list(cx->a), *first;

	for (size_t i = 0; i < in->n; i++)
		json_add(sets, set_shown(cx, &in->sets[i], s->rows[i]));
	first = json_nth(sets, 0);
	json_set(o, "datasets", sets);
	json_set(o, "columns", first ? json_at(first, "columns") : json_list(cx->a));
	json_set(o, "rows", first ? json_at(first, "rows") : json_list(cx->a));
	json_set(o, "key", json_at(first, "key"));
	json_set_bool(o, "complete", !p->cut);
	json_set(o, "plan", preview_plan(cx->a, p, in));
	json_set(o, "skips", in->skips);
	json_set(o, "warnings", in->warnings);
	json_set(o, "choices", p->look->choices);
	return o;
}

static struct intake_from
preview_from(const struct preview *p)
{
	return (struct intake_from){
		.db = p->look->existing ? p->db : NULL,
		.conn = p->look->existing,
		.provider = p->provider,
		.config = p->look->config,
	};
}

/* --- what would be done --- */

static json *
preview_counts(struct arena *a, const int64_t *n)
{
	json *o = json_new(a);

	json_set_i64(o, "add", n[CHANGE_ADDED]);
	json_set_i64(o, "update", n[CHANGE_UPDATED]);
	json_set_i64(o, "delete", n[CHANGE_DELETED]);
	return o;
}

static void
preview_both(struct arena *a, const struct rehearsed *done, json *out)
{
	json *counts = json_new(a);

	json_set(counts, LISTING_LOCAL, preview_counts(a, done->n[REHEARSED_LOCAL]));
	json_set(counts, LISTING_REMOTE, preview_counts(a, done->n[REHEARSED_REMOTE]));
	json_set(out, "counts", counts);
}

/* As a run would: of a connection that is not stored, its id is nobody's. */
static enum rc
preview_rehearse(struct ctx *cx, const struct preview *p, struct rehearsed *done)
{
	const struct look *look = p->look;
	char nobody[UUID_TEXT];
	struct conn c = {
		.id = rand_uuid(nobody),
		.owner = look->owner,
		.provider = look->provider,
		.name = "",
		.account_id = look->account_id,
		.sched.interval_minutes = 1,
	};
	struct rehearsal r = {
		.db = p->db,
		.conn = &c,
		.provider = p->provider,
		.source = &p->source,
		.spool = p->spool,
		.as_of = p->as_of,
		.fresh = !look->existing,
		.list = look->list,
	};

	if (look->existing)
		c = *look->existing;
	c.config = json_text(cx->a, look->config);
	if (p->left && p->provider->kind->read_only)
		c.read_only = p->provider->kind->read_only(p->left);
	r.other = cursor_other(cx->a, &c) ||
	    (c.cursor && strcmp(c.config, look->existing->config) != 0);
	if (look->existing)
		TRY(before_deciding(cx, p->db, look->owner, NULL));
	return rehearse(cx, &r, done);
}

static void
preview_here(const struct intake *in, const struct preview *p, struct rehearsed *done)
{
	const struct tally t = intake_tally(in);

	done->n[REHEARSED_LOCAL][CHANGE_ADDED] = t.added;
	done->n[REHEARSED_LOCAL][CHANGE_UPDATED] = t.updated;
	done->n[REHEARSED_LOCAL][CHANGE_DELETED] = p->cut ? 0 : t.deleted;
}

/* Is it too much for either of two sides? */
static bool
preview_large(const struct conn_limits *limits, const struct rehearsed *done)
{
	bool large = false;

	for (int s = 0; s < REHEARSED_SIDES; s++)
		large |= blast_side_large(&(struct blast_side){
		    .linked = done->linked,
		    .added = done->n[s][CHANGE_ADDED],
		    .updated = done->n[s][CHANGE_UPDATED] -
			(s == REHEARSED_REMOTE ? done->filled : 0),
		    .deleted = done->n[s][CHANGE_DELETED],
		    .limits = limits,
		    .there = s == REHEARSED_REMOTE,
		});
	return large;
}

static json *
preview_question(struct arena *a, const struct rehearsed *done)
{
	json *o = json_new(a);
	int64_t gone = 0, other = 0;

	for (int s = 0; s < REHEARSED_SIDES; s++) {
		gone += done->n[s][CHANGE_DELETED];
		other += done->n[s][CHANGE_UPDATED];
	}
	other -= done->filled;
	json_set_i64(o, "stored", done->linked);
	json_set_i64(o, "deletions", gone);
	json_set_i64(o, "replaced", other);
	json_set_str(o, "plan", "");
	return o;
}

/* What would be asked: of the records as a run asks; both NULL: not of both sides. */
static enum rc
preview_review(struct ctx *cx, const struct preview *p, const struct intake *in,
    const struct rehearsed *both, json *out)
{
	const struct conn *c = p->look->existing;
	struct judgement j = { 0 };

	json_set_null(out, "review");
	if (!c || p->cut || !strcmp(c->guard, "always"))
		return RC_OK;
	TRY(question_judge(cx, p->db, c, p->spool, in, &j));
	if (j.verdict == BLAST_ASK)
		json_set(out, "review", j.review);
	else if (both && preview_large(&c->limits, both))
		json_set(out, "review", preview_question(cx->a, both));
	return RC_OK;
}

/* Of what both sides edit nothing can be said from a part. */
static enum rc
preview_changes(struct ctx *cx, const struct preview *p, struct shower *s, json *out)
{
	const bool twins = preview_twins(p);
	struct listing none = { 0 }, *list = p->look->list;
	struct rehearsed done = { 0 };

	none.changes = list->changes = json_list(cx->a);
	if (twins && (p->cut || !p->look->owner))
		return RC_OK;
	TRY(shower_list(cx, s, p->spool, twins ? &none : list));
	if (twins)
		TRY(preview_rehearse(cx, p, &done));
	else
		preview_here(&s->p.c.in, p, &done);
	preview_both(cx->a, &done, out);
	listing_end(list, cx->a, out);
	return preview_review(cx, p, &s->p.c.in, twins ? &done : NULL, out);
}

static enum rc
preview_run(struct ctx *cx, struct preview *p, json **out)
{
	struct comparison j = {
		.from = preview_from(p),
		.source = &p->source,
		.spool = p->spool,
		.progress = &p->progress,
		.make = shower_make,
		.arg = &j,
	};
	struct comparer *c;

	TRY(preview_fetch(cx, p));
	if (p->look->fetched)
		TRY(p->look->fetched(cx, p->spool->dir, p->db != NULL));
	j.cut = p->cut;
	TRY(compare_all(cx, &j, &c));
	*out = preview_result(cx, p, (struct shower *)c);
	return p->look->list ? preview_changes(cx, p, (struct shower *)c, *out) : RC_OK;
}

/* Ready to be asked, with the account to sign in with. */
static enum rc
preview_open(struct ctx *cx, struct preview *p)
{
	const struct look *look = p->look;
	struct lend *lend;
	json *known = NULL;

	p->provider = provider_find(look->provider);
	if (!p->provider)
		return fail(
		    cx, E_NOT_YET, "There is no source of the kind \"%.40s\".", look->provider);
	p->source = (struct source){
		.config = look->config,
		.secret = look->secret,
		.search = look->search,
	};
	progress_init(&p->progress, NULL, NULL);
	if (look->existing)
		TRY(source_known(cx, p->db, look->existing, &known));
	if (p->db)
		TRY(change_last(cx, p->db, &p->as_of));
	p->source.known = known;
	if (look->existing)
		p->source.young = young_of(cx->a, p->db, p->provider, look->existing);
	p->progress.deadline = clock_mono_ms() + look->budget_ms;
	const struct loan loan = {
		.owner = look->owner,
		.account_id = look->account_id,
		.token = kind_token(p->provider->kind, look->secret),
		.waiter = progress_waiter(&p->progress),
		.patience_ms = PATIENCE_MS,
		.asked = true, /* nobody else looks before anything is read */
	};
	TRY(lend_open(cx, p->db, p->provider->kind, &loan, &lend));
	p->source.remote = lend ? &lend->remote : NULL;
	return RC_OK;
}

enum rc
engine_preview(struct ctx *cx, struct db *db, const struct look *look, json **out)
{
	struct preview p = { .db = db, .look = look };
	char id[UUID_TEXT];
	bool taken;
	enum rc rc;

	TRY(preview_open(cx, &p));
	if (look->choices && p.provider->reader->choices)
		TRY(p.provider->reader->choices(cx, &p.source, look->choices));
	if (look->search) {
		*out = json_new(cx->a);
		return RC_OK;
	}
	TRY(spool_open(
	    cx, arena_printf(cx->a, "preview-%s", rand_uuid(id)), NULL, &p.spool, &taken));
	rc = preview_run(cx, &p, out);
	spool_remove(p.spool);
	return rc;
}

enum rc
engine_sources(struct ctx *cx, struct db *db, const struct look *look, json *list, bool *more)
{
	struct preview p = { .db = db, .look = look };

	*more = false;
	TRY(preview_open(cx, &p));
	return p.provider->reader->sources
	    ? p.provider->reader->sources(cx, &p.source, list, more)
	    : fail(cx, E_NOT_YET, "This kind of source has no list to choose from.");
}
