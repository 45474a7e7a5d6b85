/*
 * preview.c - engine_preview(): the first half of a run, bounded in bytes and time, without a
 * trace.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "sync/read/download.h"
#include "sync/engine.h"
#include "sync/read/intake.h"
#include "access/lend.h"

enum { PATIENCE_MS = 5000 };

struct preview {
	struct db *db;
	const struct look *look;
	const struct provider *provider;
	struct source source;
	struct spool *spool;
	struct progress progress;
	bool cut;
};

static enum rc
preview_fetch(struct ctx *cx, struct preview *p)
{
	struct download d = {
		.provider = p->provider,
		.source = p->source,
		.spool = p->spool,
		.progress = &p->progress,
		.max_bytes = p->look->max_bytes * 4,
		.enough_bytes = p->look->max_bytes,
		.checkpoint = json_new(cx->a),
	};

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
rows_shown(struct ctx *cx, const struct intake_set *set)
{
	json *rows = json_list(cx->a);

	for (size_t i = 0; i < json_len(set->rows); i++) {
		json *values = json_at(json_nth(set->rows, i), "values"), *row = json_list(cx->a);
		for (size_t c = 0; c < set->cols->n; c++)
			if (!set->cols->v[c].gone)
				json_add(row, json_nth(values, c));
		json_add(rows, row);
	}
	return rows;
}

/* One dataset of the source: a tab of a spreadsheet, or all there is. */
static json *
set_shown(struct ctx *cx, const struct intake_set *set)
{
	json *o = json_new(cx->a);

	json_set_str(o, "name", set->name);
	json_set(o, "columns", columns_shown(cx, set));
	json_set(o, "rows", rows_shown(cx, set));
	json_set_i64(o, "fetched", set->tally.fetched);
	json_set(o, "key", key_rule_json(cx->a, &set->rule, set->cols));
	return o;
}

static json *
preview_result(struct ctx *cx, const struct preview *p, const struct intake *in)
{
	json *o = json_new(cx->a), *plan = json_new(cx->a), *sets = json_list(cx->a), *first;
	struct tally t = intake_tally(in);

	for (size_t i = 0; i < in->n; i++)
		json_add(sets, set_shown(cx, &in->sets[i]));
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
	json_set(o, "changes", in->changes);
	json_set(o, "skips", in->skips);
	json_set(o, "warnings", in->warnings);
	json_set(o, "choices", p->look->choices);
	return o;
}

/* One pass over what was read; in->unknown: a table is new and its key is to be found first. */
static enum rc
preview_compare(
    struct ctx *cx, struct preview *p, const struct key_finds *finds, struct intake **out)
{
	struct intake *in = intake_new(cx, p->look->existing ? p->db : NULL, p->look->existing,
	    p->provider, p->look->config, &p->progress);
	int64_t *read_bytes = arena_alloc(cx->a, sizeof *read_bytes);
	struct page_in *pages;
	enum rc rc;

	*out = in;
	in->finds = finds;
	TRY(spool_pages(cx, p->spool, p->cut, read_bytes, &pages));
	in->read_bytes = read_bytes;
	in->total_bytes = p->spool->bytes;
	in->rows = true;
	in->changes = json_list(cx->a);
	in->cut = p->cut;
	rc = p->provider->reader->parse(cx, &p->source, pages, p->spool->pages, &in->sink);
	if (in->unknown)
		return RC_OK;
	return rc == RC_OK ? intake_finish(cx, in) : rc;
}

static enum rc
preview_run(struct ctx *cx, struct preview *p, json **out)
{
	struct key_finds *finds = arena_alloc(cx->a, sizeof *finds);
	struct intake *in;

	TRY(preview_fetch(cx, p));
	TRY(preview_compare(cx, p, NULL, &in));
	if (in->unknown) {
		TRY(intake_find_keys(
		    cx, p->provider, p->look->config, p->spool, p->cut, &p->progress, finds));
		TRY(preview_compare(cx, p, finds, &in));
	}
	*out = preview_result(cx, p, in);
	return RC_OK;
}

/* Ready to be asked, with the account to sign in with. */
static enum rc
preview_open(struct ctx *cx, struct preview *p)
{
	const struct look *look = p->look;
	struct lend *lend;

	p->provider = provider_find(look->provider);
	if (!p->provider)
		return fail(
		    cx, E_NOT_YET, "There is no source of the kind \"%.40s\".", look->provider);
	p->source = (struct source){ .config = look->config, .secret = look->secret };
	progress_init(&p->progress, NULL, NULL);
	p->progress.deadline = clock_mono_ms() + look->budget_ms;
	const struct loan loan = {
		.owner = look->owner,
		.account_id = look->account_id,
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
