/*
 * preview.c - engine_preview(): the first half of a run, bounded in bytes and time, without a
 * trace.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "sync/read/download.h"
#include "sync/engine.h"
#include "sync/read/known.h"
#include "sync/read/show.h"
#include "sync/rehearse.h"
#include "access/lend.h"
#include "store/change.h"

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
};

static enum rc
preview_fetch(struct ctx *cx, struct preview *p)
{
	struct checkpoint cp;
	struct download d = {
		.provider = p->provider,
		.source = p->source,
		.spool = p->spool,
		.progress = &p->progress,
		.max_bytes = p->look->max_bytes * 4,
		.enough_bytes = p->look->max_bytes,
		.checkpoint = &cp,
	};

	checkpoint_init(cx->a, &cp, "", 0);
	TRY(download_run(cx, &d));
	p->cut = d.cut;
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

static json *
preview_result(struct ctx *cx, const struct preview *p, const struct shower *s)
{
	const struct intake *in = &s->c.in;
	json *o = json_new(cx->a), *plan = json_new(cx->a), *sets = json_list(cx->a), *first;
	struct tally t = intake_tally(in);

	for (size_t i = 0; i < in->n; i++)
		json_add(sets, set_shown(cx, &in->sets[i], s->rows[i]));
	first = json_nth(sets, 0);
	json_set(o, "datasets", sets);
	json_set(o, "columns", first ? json_at(first, "columns") : json_list(cx->a));
	json_set(o, "rows", first ? json_at(first, "rows") : json_list(cx->a));
	json_set(o, "key", json_at(first, "key"));
	json_set_bool(o, "complete", !p->cut);
	json_set_i64(plan, "fetched", t.fetched);
	json_set_i64(plan, "added", t.added);
	json_set_i64(plan, "updated", t.updated);
	/* What is missing from a part says nothing about the whole. */
	json_set_i64(plan, "deleted", p->cut ? 0 : t.deleted);
	json_set_i64(plan, "unchanged", t.unchanged);
	json_set_i64(plan, "skipped", t.skipped);
	json_set(o, "plan", plan);
	json_set(o, "changes", s->changes);
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

static enum rc
preview_shower(struct ctx *cx, void *arg, struct comparer **out)
{
	struct shower *s = arena_alloc(cx->a, sizeof *s);
	struct intake_from from = preview_from(arg);

	shower_init(cx->a, s, &from);
	*out = &s->c;
	return RC_OK;
}

/* What a sync with this configuration would do on either side. Of a part of the source nothing can
 * be said. */
static enum rc
preview_rehearse(struct ctx *cx, const struct preview *p, json *out)
{
	struct rehearsal r = {
		.db = p->db,
		.provider = p->provider,
		.source = &p->source,
		.spool = p->spool,
		.as_of = p->as_of,
	};
	struct conn c;

	if (!p->look->both_sides || !p->look->existing || !p->provider->kind->object || p->cut)
		return RC_OK;
	c = *p->look->existing;
	c.config = json_text(cx->a, p->look->config);
	r.conn = &c;
	return rehearse(cx, &r, out);
}

static enum rc
preview_run(struct ctx *cx, struct preview *p, json **out)
{
	struct comparison j = {
		.from = preview_from(p),
		.source = &p->source,
		.spool = p->spool,
		.progress = &p->progress,
		.make = preview_shower,
		.arg = p,
	};
	struct comparer *c;

	TRY(preview_fetch(cx, p));
	if (p->look->fetched)
		TRY(p->look->fetched(cx, p->spool->dir, p->db != NULL));
	j.cut = p->cut;
	TRY(compare_all(cx, &j, &c));
	*out = preview_result(cx, p, (struct shower *)c);
	return preview_rehearse(cx, p, *out);
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
	p->source = (struct source){ .config = look->config, .secret = look->secret };
	progress_init(&p->progress, NULL, NULL);
	if (look->existing) {
		TRY(source_known(cx, p->db, look->existing, &known));
		TRY(change_last(cx, p->db, &p->as_of));
	}
	p->source.known = known;
	p->progress.deadline = clock_mono_ms() + look->budget_ms;
	const struct loan loan = {
		.owner = look->owner,
		.account_id = look->account_id,
		.token = kind_token(p->provider->kind, look->secret),
		.waiter = progress_waiter(&p->progress),
		.patience_ms = PATIENCE_MS,
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
	TRY(spool_open(
	    cx, arena_printf(cx->a, "preview-%s", rand_uuid(id)), NULL, &p.spool, &taken));
	rc = preview_run(cx, &p, out);
	spool_remove(p.spool);
	return rc;
}

enum rc
engine_sources(struct ctx *cx, struct db *db, const struct look *look, json *list)
{
	struct preview p = { .db = db, .look = look };

	TRY(preview_open(cx, &p));
	return p.provider->reader->sources
	    ? p.provider->reader->sources(cx, &p.source, list)
	    : fail(cx, E_NOT_YET, "This kind of source has no list to choose from.");
}
