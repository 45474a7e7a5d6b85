/*
 * outcome.c - see outcome.h.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/space.h"
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

static void outcome_line(
    struct outcome *, const char *level, bool counted, const char *fmt, va_list) PRINTF(4, 0);

static void
outcome_line(struct outcome *o, const char *level, bool counted, const char *fmt, va_list ap)
{
	if (o->n == OUTCOME_LINES)
		return;
	o->line[o->n].at = clock_ms();
	o->line[o->n].level = level;
	o->line[o->n].counted = counted;
	o->line[o->n++].text = arena_vprintf(o->a, fmt, ap);
}

void
outcome_log(struct outcome *o, const char *level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	outcome_line(o, level, false, fmt, ap);
	va_end(ap);
}

void
outcome_counted(struct outcome *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	outcome_line(o, "info", true, fmt, ap);
	va_end(ap);
}

void
outcome_saved(struct outcome *o, int64_t met, int64_t capped, int64_t ms)
{
	const struct run *r = &o->result;

	if (met)
		outcome_log(o, "info",
		    "%lld of the changes met an edit made here: see the history of these records.",
		    (long long)met);
	if (capped)
		outcome_log(o, "info",
		    "%lld of the records change often: of each the last %lld changes are kept.",
		    (long long)capped, (long long)conf_int(CONF_KEEP_CHANGES));
	if (r->added + r->updated + r->deleted > 0)
		outcome_log(o, "info", "Saved %lld added, %lld updated, %lld deleted in %lld ms.",
		    (long long)r->added, (long long)r->updated, (long long)r->deleted,
		    (long long)ms);
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
	o->kept = json_num(json_at(json_at(plan, "cursor"), "left"), "kept", 0);
	o->among = json_flag(plan, "delta", false);
	take_warnings(o, a, json_at(plan, "warnings"));
}

/* Told once, by the run that has met it; the others are true until a read finds otherwise. */
static bool
warning_is_news(const char *code)
{
	static const char *const news[] = { "column_added", "column_gone", "column_renamed",
		"column_moved", "type_changed", "key_changed", "dialect_changed",
		"encoding_changed" };

	for (size_t i = 0; i < sizeof news / sizeof news[0]; i++)
		if (!strcmp(news[i], code))
			return true;
	return !strncmp(code, "table_gone_", 11);
}

json *
outcome_left(struct arena *a, struct outcome *o, const struct intake *in)
{
	json *left = json_new(a), *warnings = json_list(a);
	struct tally t = intake_tally(in);

	for (size_t i = 0; i < json_len(o->warnings); i++)
		if (!warning_is_news(json_str(json_nth(o->warnings, i), "code")))
			json_add(warnings, json_nth(o->warnings, i));
	json_set_i64(left, "fetched", t.fetched);
	json_set_i64(left, "lines", in->lines);
	json_set_i64(left, "skipped", t.skipped);
	o->kept = (in->delta ? o->kept : t.kept) + (o->keeps ? intake_lost(in) : 0);
	o->among = in->delta;
	json_set_i64(left, "kept", o->kept);
	json_set(left, "skips", in->skips);
	json_set(left, "warnings", warnings);
	return left;
}

void
outcome_inherit(struct outcome *o, struct arena *a, const json *left)
{
	o->result.skipped = json_num(left, "skipped", 0);
	if (json_len(json_at(left, "skips")))
		o->result.skips = json_text(a, json_at(left, "skips"));
	o->kept = json_num(left, "kept", 0);
	take_warnings(o, a, json_at(left, "warnings"));
}

static const char *
records(struct arena *a, int64_t n)
{
	return n == 1 ? "1 record" : arena_printf(a, "%lld records", (long long)n);
}

/* One sentence for the progress card and the history. */
static const char *
sentence(struct arena *a, const struct outcome *o, const struct err *err)
{
	const struct run *r = &o->result;
	const char *kept = "";

	if (err)
		return error_row(err->kind)->title;
	if (o->said)
		return o->said;
	if (o->kept)
		kept = arena_printf(a, "; %lld %s kept that the source lacks", (long long)o->kept,
		    o->among ? "of them are" : "more are");
	if (r->added + r->updated + r->deleted == 0)
		return arena_printf(a, "Up to date: %s, nothing changed%s",
		    records(a, r->not_modified ? r->unchanged : r->fetched), kept);
	return arena_printf(a, "%s: %lld added, %lld updated, %lld deleted%s",
	    records(a, r->fetched), (long long)r->added, (long long)r->updated,
	    (long long)r->deleted, kept);
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
		TRY(db_run(cx, db, NULL, o->line[i].counted ? Q_RUN_LOG_COUNTED : Q_RUN_LOG_PUT,
		    "iiss", s->job->run.no, o->line[i].at, o->line[i].level, o->line[i].text));
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

	r->message = sentence(cx->a, o, err);
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

struct failing {
	const struct job *job;
	struct outcome *outcome;
	const struct err *err;
};

static enum rc
failed_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct failing *f = arg;
	const struct conn *c = &f->job->conn;

	if (f->err->kind == E_NEEDS_APPROVAL)
		TRY(conn_guard_over(cx, db, c->owner, c->id));
	return outcome_settle(cx, db, f->job, f->outcome, f->err);
}

static enum rc
failed_full(struct ctx *cx, struct db *db, struct failing *f, struct spool *spool)
{
	enum rc rc;

	if (spool)
		spool_remove(spool);
	rc = db_write(cx, db, failed_write, f);
	if (rc == RC_OK || cx->err.kind != E_DISK_FULL)
		return rc;
	space_give(cx->a);
	return db_write(cx, db, failed_write, f);
}

enum rc
outcome_failed(struct ctx *cx, struct db *db, const struct job *job, struct outcome *o,
    const struct outcome_end *end)
{
	struct failing f = { job, o, end->err };

	if (end->err->kind == E_DISK_FULL)
		return failed_full(cx, db, &f, end->spool);
	TRY(db_write(cx, db, failed_write, &f));
	if (end->spool)
		spool_remove(end->spool);
	return RC_OK;
}
