/*
 * outcome.c - see outcome.h.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "sync/outcome.h"

struct outcome *
outcome_new(struct arena *a, const struct job *job)
{
	struct outcome *o = arena_alloc(a, sizeof *o);

	o->a = a;
	o->result = job->run;
	o->result.skips = o->result.warnings = o->result.review = NULL;
	o->warnings = json_list(a);
	return o;
}

void
outcome_log(struct outcome *o, const char *level, const char *fmt, ...)
{
	va_list ap;

	if (o->n == OUTCOME_LINES)
		return;
	va_start(ap, fmt);
	o->line[o->n].at = clock_ms();
	o->line[o->n].level = level;
	o->line[o->n++].text = arena_vprintf(o->a, fmt, ap);
	va_end(ap);
}

void
outcome_warn(struct outcome *o, struct arena *a, const char *code, const char *fmt, ...)
{
	json *w = json_new(a);
	va_list ap;

	va_start(ap, fmt);
	json_set_str(w, "code", code);
	json_set_str(w, "message", arena_vprintf(a, fmt, ap));
	va_end(ap);
	json_add(o->warnings, w);
	o->result.warnings = json_text(a, o->warnings);
}

static void
take_warnings(struct outcome *o, struct arena *a, const json *list)
{
	for (size_t i = 0; i < json_len(list); i++)
		json_add(o->warnings, json_nth(list, i));
	if (json_len(o->warnings))
		o->result.warnings = json_text(a, o->warnings);
}

void
outcome_intake(struct outcome *o, struct arena *a, const struct intake *in)
{
	struct tally t = intake_tally(in);

	o->result.lines = in->lines;
	o->result.fetched = t.fetched;
	o->result.unchanged = t.unchanged;
	o->result.skipped = t.skipped;
	if (json_len(in->skips))
		o->result.skips = json_text(a, in->skips);
	take_warnings(o, a, in->warnings);
}

void
outcome_note(const struct outcome *o, struct arena *a, json *plan)
{
	const struct run *r = &o->result;

	json_set_i64(plan, "size", r->size);
	json_set_i64(plan, "calls", r->calls);
	json_set_i64(plan, "lines", r->lines);
	json_set_i64(plan, "fetched", r->fetched);
	json_set_i64(plan, "unchanged", r->unchanged);
	json_set_i64(plan, "skipped", r->skipped);
	json_set(plan, "skips", json_stored(a, r->skips));
	json_set(plan, "warnings", json_stored(a, r->warnings));
}

void
outcome_plan(struct outcome *o, struct arena *a, const json *plan)
{
	o->result.size = json_num(plan, "size", 0);
	o->result.calls = json_num(plan, "calls", 0);
	o->result.lines = json_num(plan, "lines", 0);
	o->result.fetched = json_num(plan, "fetched", 0);
	o->result.unchanged = json_num(plan, "unchanged", 0);
	o->result.skipped = json_num(plan, "skipped", 0);
	if (json_len(json_at(plan, "skips")))
		o->result.skips = json_text(a, json_at(plan, "skips"));
	take_warnings(o, a, json_at(plan, "warnings"));
}

static void
question_hash(struct hash *h, const struct plan_item *it, struct str name)
{
	char head[32];
	int n = snprintf(head, sizeof head, "%d %zu ", (int)it->op, name.n);

	hash_add(h, head, (size_t)n);
	hash_add(h, name.p, name.n);
}

/* One item of the plan. Under another key it is not known which records come back: none is
 * listed then. */
static void
question_item(struct ctx *cx, struct hash *h, const struct intake_set *set,
    const struct plan_item *it, json *items)
{
	if (it->op == PLAN_DELETE && !set->rekeyed && json_len(items) < INTAKE_PREVIEW_ROWS)
		json_add(items, json_string(cx->a, it->key));
	if (it->op == PLAN_DELETE || (set->rekeyed && it->op != PLAN_BACK))
		question_hash(h, it, it->key);
}

static enum rc
question_read(
    struct ctx *cx, const struct spool *sp, const struct intake *in, struct hash *h, json *items)
{
	const struct intake_set *set = NULL;
	struct plan_reader *rd;
	struct plan_item it;
	int64_t offset;
	bool more = true;

	TRY(plan_open(cx, sp, 0, &rd));
	while (true) {
		TRY(plan_next(cx, rd, &more, &it, &offset));
		if (!more)
			return RC_OK;
		if (it.op == PLAN_DATASET) {
			set = &in->sets[it.seq];
			question_hash(h, &it, str_c(set->remote_id));
		} else if (set)
			question_item(cx, h, set, &it, items);
	}
}

enum rc
outcome_question(struct ctx *cx, const struct spool *sp, const struct intake *in, json **review)
{
	struct hash *h = hash_new(cx->a);
	struct tally t = intake_tally(in);
	unsigned char sum[SHA256_LEN];
	char plan[SHA256_HEX];
	json *items = json_list(cx->a), *o = json_new(cx->a);

	hash_begin(h);
	TRY(question_read(cx, sp, in, h, items));
	hash_end(h, sum);
	hex_encode(sum, sizeof sum, plan);
	json_set_i64(o, "stored", intake_stored_rows(in));
	json_set_i64(o, "deletions", intake_lost(in));
	json_set_i64(o, "added", t.added);
	json_set_i64(o, "updated", t.updated);
	json_set(o, "items", items);
	json_set_str(o, "plan", plan);
	*review = o;
	return RC_OK;
}

/* One sentence for the progress card and the history. */
static const char *
sentence(struct arena *a, const struct run *r, const struct err *err)
{
	if (err)
		return error_row(err->kind)->title;
	if (r->added + r->updated + r->deleted == 0)
		return arena_printf(
		    a, "Up to date: %lld records, nothing changed", (long long)r->fetched);
	return arena_printf(a, "%lld records: %lld added, %lld updated, %lld deleted",
	    (long long)r->fetched, (long long)r->added, (long long)r->updated,
	    (long long)r->deleted);
}

struct settlement {
	const struct job *job;
	struct outcome *o;
	const struct err *err;
};

static enum rc
outcome_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct settlement *s = arg;
	const struct outcome *o = s->o;

	TRY(queue_settle(cx, db, s->job, &o->result, s->err));
	for (size_t i = 0; i < o->n; i++)
		TRY(db_run(cx, db, NULL, Q_RUN_LOG_PUT, "iiss", s->job->run.no, o->line[i].at,
		    o->line[i].level, o->line[i].text));
	return RC_OK;
}

enum rc
outcome_settle(
    struct ctx *cx, struct db *db, const struct job *job, struct outcome *o, const struct err *err)
{
	struct settlement s = { job, o, err };
	struct run *r = &o->result;
	const size_t lines = o->n;
	enum rc rc;

	r->message = sentence(cx->a, r, err);
	if (err)
		outcome_log(o, "error", "%s%s%s", error_row(err->kind)->title,
		    *err->detail ? " " : "", err->detail);
	rc = db_write(cx, db, outcome_write, &s);
	/* Said once, however often it is tried. */
	o->n = lines;
	if (rc == RC_OK)
		log_event(err ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "sync.settled", "s:connection",
		    job->conn.id, "s:trigger", job->run.trigger, "s:code",
		    err ? error_row(err->kind)->code : "ok", "s:where",
		    err && err->where ? err->where : "", "i:fetched", r->fetched, "i:added",
		    r->added, "i:updated", r->updated, "i:deleted", r->deleted, "i:bytes", r->size,
		    "i:calls", r->calls, "i:ms", clock_ms() - job->run.started_at, NULL);
	return rc;
}
