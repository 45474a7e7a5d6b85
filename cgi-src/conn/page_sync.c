/*
 * page_sync.c - /syncs/{id}: one run, what it did, skipped and why; and the answer to the
 * blast-radius guard.
 */
#include "app/syncs.h"
#include "base/clock.h"
#include "conn/touched.h"
#include "kind/kind.h"
#include "queue/outward.h"
#include "queue/queue.h"
#include "conn/planned.h"

enum { LINES = 200, TOUCHED = 30 };

static enum rc
log_lines(struct req *r, const char *id, json *model)
{
	json *list = json_list(r->cx->a), *o, *at;
	struct log_list lines;

	TRY(run_log(r->cx, r->db,
	    &(struct log_page){ .owner = r->who.user_id, .run_id = id, .limit = LINES }, &lines));
	for (size_t i = 0; i < lines.n; i++) {
		bool bad = strcmp(lines.v[i].level, "info") != 0;
		o = json_new(r->cx->a);
		at = json_new(r->cx->a);
		json_set_time(at, "at", lines.v[i].at);
		page_when(r->cx->a, o, "when", json_str(at, "at"), clock_ms());
		json_set_bool(o, "bad", bad);
		json_set_str(o, "kind", bad ? lines.v[i].level : "");
		json_set_str(o, "text", lines.v[i].text);
		json_add(list, o);
	}
	json_set(model, "log", list);
	json_set_bool(model, "hasLog", lines.n > 0);
	return RC_OK;
}

/* What it has changed, and so can be taken back. */
static enum rc
run_touched(struct req *r, const struct run *run, json *o)
{
	static const char *const verbs[][2] = {
		{ "ADDED", "new" },
		{ "UPDATED", "changed" },
		{ "DELETED", "deleted" },
		{ "KEPT", "kept as it was" },
	};
	const char *cursor = req_query(r, "before");
	struct touched t;

	TRY(touched(r, run, cursor, TOUCHED, &t));
	for (size_t i = 0; i < json_len(t.data); i++) {
		json *item = json_nth(t.data, i);

		json_set_bool(item, "there",
		    !strcmp(json_str(item, "side"), "provider") &&
			strcmp(json_str(item, "action"), "KEPT") != 0);
		for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
			if (!strcmp(verbs[k][0], json_str(item, "action")))
				json_set_str(item, "verb", verbs[k][1]);
	}
	json_set(o, "touched", t.data);
	json_set_bool(o, "hasTouched", json_len(t.data) > 0);
	json_set_bool(o, "canUndo", run->finished_at && json_len(t.data) > 0);
	if (t.next)
		json_set_str(o, "touchedMore",
		    arena_printf(r->cx->a, "/syncs/%s?before=%s#touched-h", run->id, t.next));
	return RC_OK;
}

/* What a change of the settings is about. */
static json *
review_settings(struct arena *a, const json *change)
{
	json *list = json_list(a), *o;

	for (struct json_iter it = { 0 }; json_each(change, &it);) {
		o = json_new(a);
		json_set_str(o, "name", it.key);
		json_set_str(o, "before", planned_text(a, json_at(it.value, "before")));
		json_set_str(o, "after", planned_text(a, json_at(it.value, "after")));
		json_add(list, o);
	}
	return list;
}

/* The question is open as long as no later run has settled it or asked anew. */
static void
review_words(struct req *r, const struct conn *c, json *run, bool open)
{
	struct arena *a = r->cx->a;
	const json *config = json_stored(a, c->config);
	json *review = json_at(run, "review");
	const char *side = json_str(review, "side"), *whole = NULL;

	if (!review)
		return;
	json_set_bool(
	    review, "outward", side && !strcmp(side, "remote") && !json_has(review, "undo"));
	json_set_bool(review, "inward", !side);
	json_set_str(review, "place", kind_place(c->provider, "the other calendar"));
	json_set_str(review, "whose", kind_place(c->provider, "the source"));
	json_set_bool(review, "plans", side && !strcmp(side, "plan"));
	json_set(review, "settings", review_settings(a, json_at(review, "change")));
	json_set_i64(review, "plannedFrom", 1);
	if (side && !strcmp(side, "plan"))
		whole = arena_printf(a, "/connections/%s/preview?plan=%s&",
		    json_str(run, "connectionId"), json_str(run, "syncId"));
	json_set_str(review, "whole", whole);
	planned_changes(
	    a, planned_wall(r, c->provider, config), json_at(review, "changes"), review);
	planned_counts(a, json_at(review, "counts"), planned_writes(c->provider, config),
	    open ? whole : NULL, review);
	json_set_str(review, "deletionsText", page_count(a, json_num(review, "deletions", 0)));
	json_set_str(review, "replacedText", page_count(a, json_num(review, "replaced", 0)));
	json_set_bool(review, "replaces", json_num(review, "replaced", 0) > 0);
	json_set_str(review, "storedText", page_count(a, json_num(review, "stored", 0)));
	json_set_i64(review, "itemsCount", (int64_t)json_len(json_at(review, "items")));
	json_set_bool(review, "hasItems", json_len(json_at(review, "items")) > 0);
	json_set_bool(review, "open", open);
}

/* The same elsewhere is counted by itself. */
static enum rc
review_held(struct req *r, const struct run *run, json *review)
{
	const char *text;

	TRY(page_held(r, run, &text));
	json_set_str(review, "held", text);
	return RC_OK;
}

static void
error_words(struct arena *a, const struct conn *c, json *run)
{
	json *e = json_at(run, "error");
	const char *action = json_str(e, "action");

	json_set_bool(run, "showError", e && strcmp(json_str(e, "code"), "needs_approval"));
	if (!e)
		return;
	json_set_bool(e, "fixRetry", action && !strcmp(action, "retry"));
	json_set_bool(e, "fixEdit", action && !strcmp(action, "edit"));
	json_set_bool(e, "fixReconnect", action && !strcmp(action, "reconnect"));
	json_set_str(e, "reconnect", page_reconnect(a, c));
	if (!c->sched.last_success_at)
		json_set_str(e, "advice", model_advice_new(a, json_str(e, "advice")));
}

enum rc
page_sync(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a), *o;
	struct run run;
	struct conn c;
	bool open;

	TRY(run_get(r->cx, r->db, r->who.user_id, r->path_param[0], &run));
	TRY(conn_get(r->cx, r->db, r->who.user_id, run.connection_id, &c));
	TRY(sync_question(r->cx, r->db, &run, &open));
	TRY(model_run(r, &run, &o));
	json_set_bool(o, "asks", open);
	page_run_words(r->cx->a, o, clock_ms());
	review_words(r, &c, o, open);
	if (open && outward_asks(r->cx->a, &run))
		TRY(review_held(r, &run, json_at(o, "review")));
	error_words(r->cx->a, &c, o);
	TRY(run_touched(r, &run, o));
	TRY(log_lines(r, run.id, model));
	json_set(model, "run", o);
	json_set(model, "lastSync", o);
	json_set_str(model, "connectionName", c.name);
	json_set_str(model, "connectionId", c.id);
	json_set_bool(model, "calendarStyle", true);
	return page_show(r, w, 200, "sync", arena_printf(r->cx->a, "Sync of %s", c.name), model);
}

static enum rc
run_cancel(struct req *r, struct resp *w, const char *id)
{
	enum rc rc = syncs_cancel(r->cx, r->db, auth_caller(r), id);

	/* It may have ended while the button was pressed. */
	if (rc != RC_OK && r->cx->err.kind != E_STATE)
		return rc;
	page_say(r, w, arena_printf(r->cx->a, "/syncs/%s", id),
	    rc == RC_OK ? "The sync stops at its next checkpoint." : "The sync had already ended.");
	return RC_OK;
}

static const char *
answer_said(struct arena *a, const struct run *run, const char *answer)
{
	const bool keep = !strcmp(answer, "keep");

	if (!strcmp(run->trigger, "plan"))
		return keep ? "Discarded. The settings stay as they were."
			    : "The settings are changed, and a sync is on its way.";
	if (outward_asks(a, run))
		return keep ? "What is there is kept." : "The changes are being sent.";
	return keep ? "The data is kept." : "The changes are being applied.";
}

enum rc
page_sync_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do"), *id = r->path_param[0], *next;
	struct run run;

	TRY(run_get(r->cx, r->db, r->who.user_id, id, &run));
	if (!what)
		return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
	if (!strcmp(what, "cancel"))
		return run_cancel(r, w, id);
	TRY(syncs_answer(r->cx, r->db, auth_caller(r), id, what, &next));
	page_say(r, w, arena_printf(r->cx->a, "/connections/%s", run.connection_id),
	    answer_said(r->cx->a, &run, what));
	return RC_OK;
}
