/*
 * run_text.c - see run_text.h. A run is printed, not built: its status is what is asked for most.
 */
#include "app/run_text.h"

#include "base/json_put.h"
#include "store/undo.h"

/* What API.md calls status: the phase while it runs, then how it ended. */
static const char *
run_status(const struct run *r)
{
	if (!strcmp(r->state, "complete") || !strcmp(r->state, "error"))
		return r->state;
	return r->phase;
}

static void
run_put_error(struct buf *b, const char *name, const char *code, const char *detail)
{
	const struct error_row *row = error_by_code(code);

	json_put_name(b, name);
	if (!row) {
		buf_str(b, "null");
		return;
	}
	buf_ch(b, '{');
	json_put_str(b, "code", code);
	json_put_str(b, "detail", detail && *detail ? detail : row->title);
	json_put_str(b, "title", row->title);
	json_put_str(b, "advice", row->advice);
	json_put_str(b, "action", row->fix);
	buf_ch(b, '}');
}

/* Of people: how many there are, and how many of them nobody can write to. They are all kept. */
static void
run_put_people(struct buf *b, struct arena *a, const struct run *r)
{
	const json *list;
	int64_t all = -1, none = 0;

	if (!r->warnings || !strstr(r->warnings, "\"contacts\""))
		return;
	list = json_stored(a, r->warnings);
	for (size_t i = 0; i < json_len(list); i++) {
		const json *w = json_nth(list, i);
		const char *code = json_str(w, "code");

		if (code && !strcmp(code, "contacts"))
			all = json_num(w, "count", r->fetched);
		else if (code && !strcmp(code, "contacts_unreachable"))
			none = json_num(w, "count", 0);
	}
	if (all < 0)
		return;
	json_put_num(b, "total_contacts", all);
	json_put_num(b, "synced", all);
	json_put_num(b, "skipped_no_identifier", none);
}

static void
run_put_stats(struct buf *b, struct arena *a, const struct run *r)
{
	json_put_name(b, "stats");
	buf_ch(b, '{');
	json_put_num(b, "size", r->size);
	json_put_num(b, "lines", r->lines);
	json_put_num(b, "fetched", r->fetched);
	json_put_num(b, "added", r->added);
	json_put_num(b, "updated", r->updated);
	json_put_num(b, "deleted", r->deleted);
	json_put_num(b, "unchanged", r->unchanged);
	json_put_num(b, "skipped", r->skipped);
	json_put_num(b, "apiCalls", r->calls);
	json_put_raw(b, "notModified", r->not_modified ? "true" : "false", NULL);
	run_put_people(b, a, r);
	buf_ch(b, '}');
}

/* May another run have gone on with it? */
static bool
was_broken_off(const struct run *r)
{
	return r->error_code &&
	    (!strcmp(r->error_code, "interrupted") || !strcmp(r->error_code, "timed_out") ||
		!strcmp(r->error_code, "crashed"));
}

enum rc
run_text(struct ctx *cx, struct db *db, const struct run *run, struct buf *b)
{
	const char *by = NULL, *undone = NULL;

	if (run->finished_at)
		TRY(undo_by(cx, db, run->owner, run->id, &undone));
	if (was_broken_off(run))
		TRY(run_resumed_by(cx, db, run, &by));
	buf_reserve(b, b->n + 1024);
	buf_ch(b, '{');
	json_put_str(b, "syncId", run->id);
	json_put_str(b, "connectionId", run->connection_id);
	json_put_str(b, "status", run_status(run));
	json_put_num(b, "progress", run->progress);
	json_put_str(b, "message", run->message);
	json_put_time(b, "lastUpdated", run->updated_at);
	run_put_stats(b, cx->a, run);
	json_put_str(b, "trigger", run->trigger);
	json_put_time(b, "startedAt", run->started_at ? run->started_at : run->created_at);
	json_put_time(b, "finishedAt", run->finished_at);
	if (run->finished_at && run->started_at)
		json_put_num(b, "durationMs", run->finished_at - run->started_at);
	else
		json_put_raw(b, "durationMs", NULL, "null");
	run_put_error(b, "error", run->error_code, run->error_detail);
	json_put_raw(b, "warnings", run->warnings, "[]");
	json_put_raw(b, "skips", run->skips, "[]");
	json_put_raw(b, "review", run->review, "null");
	json_put_str(b, "resumedFrom", run->resumed_from);
	json_put_str(b, "resumedBy", by);
	json_put_str(b, "undoes", run->undoes);
	json_put_str(b, "undoneBy", undone);
	if (run->rolled) {
		json_put_num(b, "rolledUp", run->rolled);
		json_put_time(b, "rolledUpSince", run->rolled_from);
	}
	buf_ch(b, '}');
	return RC_OK;
}
