/*
 * preview.c - engine_preview(): the first half of a run, bounded in bytes and time, without a trace.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "sync/download.h"
#include "sync/engine.h"
#include "sync/intake.h"

struct preview {
	struct db *db;
	const struct provider *provider;
	const struct conn *existing;
	const json *config, *secret;
	struct spool *spool;
	struct progress progress;
	int64_t max_bytes;
	bool cut;
};

static enum rc
preview_fetch(struct ctx *cx, struct preview *p)
{
	struct download d = { .provider = p->provider, .source = { p->config, p->secret, NULL }, .spool = p->spool, .progress = &p->progress,
		.max_bytes = p->max_bytes * 4, .enough_bytes = p->max_bytes, .checkpoint = json_new(cx->a) };

	TRY(download_run(cx, &d));
	p->cut = d.cut;
	return RC_OK;
}

static json *
columns_shown(struct ctx *cx, const struct intake *in)
{
	json *list = json_list(cx->a), *c;

	for (size_t s = 0; s < in->n; s++)
		for (size_t i = 0; i < in->sets[s].cols->n; i++) {
			const struct column *col = &in->sets[s].cols->v[i];
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
rows_shown(struct ctx *cx, const struct intake *in)
{
	json *rows = json_list(cx->a);

	for (size_t i = 0; i < json_len(in->rows); i++) {
		json *values = json_at(json_nth(in->rows, i), "values"), *row = json_list(cx->a);
		for (size_t c = 0; in->n && c < in->sets[0].cols->n; c++)
			if (!in->sets[0].cols->v[c].gone)
				json_add(row, json_nth(values, c));
		json_add(rows, row);
	}
	return rows;
}

static json *
preview_result(struct ctx *cx, const struct preview *p, const struct intake *in)
{
	json *o = json_new(cx->a), *plan = json_new(cx->a);
	struct tally t = intake_tally(in);

	json_set(o, "columns", columns_shown(cx, in));
	json_set(o, "rows", rows_shown(cx, in));
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
	json_set(o, "key", in->n ? key_rule_json(cx->a, &in->sets[0].rule, in->sets[0].cols) : NULL);
	return o;
}

static enum rc
preview_run(struct ctx *cx, struct preview *p, json **out)
{
	struct intake *in = intake_new(cx, p->db, p->existing, p->provider, p->config, &p->progress);
	struct source src = { p->config, p->secret, NULL };
	int64_t read_bytes = 0;
	struct page_in *pages;

	TRY(preview_fetch(cx, p));
	TRY(intake_find_key(cx, p->db, p->existing, p->provider, p->config, p->spool, p->cut, &p->progress, &in->detected));
	TRY(spool_pages(cx, p->spool, p->cut, &read_bytes, &pages));
	in->read_bytes = &read_bytes;
	in->total_bytes = p->spool->bytes;
	in->rows = json_list(cx->a);
	in->changes = json_list(cx->a);
	in->cut = p->cut;
	TRY(p->provider->parse(cx, &src, pages, p->spool->pages, &in->sink));
	TRY(intake_finish(cx, in));
	*out = preview_result(cx, p, in);
	return RC_OK;
}

enum rc
engine_preview(struct ctx *cx, struct db *db, const char *provider, const json *config, const json *secret, const struct conn *existing, int64_t budget_ms,
	int64_t max_bytes, json **out)
{
	struct preview p = { .db = db, .provider = provider_find(provider), .existing = existing, .config = config, .secret = secret, .max_bytes = max_bytes };
	char id[UUID_TEXT];
	bool taken;
	enum rc rc;

	if (!p.provider)
		return fail(cx, E_NOT_YET, "There is no source of the kind \"%.40s\".", provider);
	progress_init(&p.progress, NULL, NULL);
	p.progress.deadline = clock_mono_ms() + budget_ms;
	TRY(spool_open(cx, arena_printf(cx->a, "preview-%s", rand_uuid(id)), NULL, &p.spool, &taken));
	rc = preview_run(cx, &p, out);
	spool_remove(p.spool);
	return rc;
}
