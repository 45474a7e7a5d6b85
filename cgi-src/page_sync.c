/*
 * page_sync.c - /syncs/{id}: one run, what it did, skipped and why; and the answer to the blast-radius guard.
 */
#include "base/clock.h"
#include "page.h"
#include "sync/ask.h"
#include "sync/queue.h"

enum { LINES = 200 };

enum rc
page_sync(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a), *o, *log = json_list(r->cx->a), *line;
	struct log_line *lines;
	struct run run;
	struct conn c;
	size_t n;

	TRY(run_get(r->cx, r->db, r->who.user_id, r->path_param[0], &run));
	TRY(conn_get(r->cx, r->db, r->who.user_id, run.connection_id, &c));
	TRY(model_run(r, &run, &o));
	page_run_words(r->cx->a, o, clock_ms());
	TRY(run_log(r->cx, r->db, r->who.user_id, run.id, 0, LINES, &lines, &n));
	for (size_t i = 0; i < n; i++) {
		line = json_new(r->cx->a);
		json_set_time(line, "at", lines[i].at);
		json_set_str(line, "level", lines[i].level);
		json_set_str(line, "text", lines[i].text);
		json_add(log, line);
	}
	json_set(model, "run", o);
	json_set(model, "log", log);
	json_set_str(model, "connectionName", c.name);
	json_set_str(model, "connectionId", c.id);
	return page_show(r, w, 200, "sync", "Sync", model);
}

enum rc
page_sync_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do"), *id = r->path_param[0], *next;
	struct run run;

	TRY(run_get(r->cx, r->db, r->who.user_id, id, &run));
	if (what && !strcmp(what, "cancel")) {
		enum rc rc = sync_cancel(r->cx, r->db, r->who.user_id, id);
		/* It may have ended while the button was pressed. */
		if (rc != RC_OK && r->cx->err.kind != E_STATE)
			return rc;
		page_say(r, w, arena_printf(r->cx->a, "/syncs/%s", id), rc == RC_OK ? "The sync stops at its next checkpoint." : "The sync had already ended.");
		return RC_OK;
	}
	if (!what)
		return fail(r->cx, E_BAD_REQUEST, "The form says not what to do.");
	TRY(sync_answer(r->cx, r->db, r->who.user_id, id, what, &next));
	TRY(audit_now(r, "answered the deletion question", run.connection_id, what));
	wake_tick();
	page_say(r, w, arena_printf(r->cx->a, "/connections/%s", run.connection_id), strcmp(what, "keep") ? "The deletions are being applied." : "The data is kept.");
	return RC_OK;
}
