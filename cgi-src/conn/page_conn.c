/*
 * page_conn.c - /connections/{id}: one connection with its state, history, columns and first
 * rows; and the forms that act on it.
 */
#include "app/conn.h"
#include "app/leave.h"
#include "app/question.h"
#include "app/syncs.h"
#include "base/clock.h"
#include "conn/limits_form.h"
#include "conn/named.h"
#include "conn/parts.h"
#include "conn/planned.h"
#include "conn/refused.h"
#include "conn/undo_model.h"
#include "store/payload.h"
#include "store/audit.h"
#include "store/called.h"

enum {
	HISTORY = 40,
	ROWS = 50,
	ROWS_BYTES = 1024 * 1024,
	TIMELINE = 12,
	CELL_MAX = 32 * 1024 * 1024
};

/* The first rows of a dataset as texts, cut to a readable length. */
static enum rc
first_rows(struct req *r, const struct dataset *d, json *o)
{
	json *rows = json_list(r->cx->a), *columns = json_stored(r->cx->a, d->columns);
	struct buf *cell = buf_in(r->cx->a, CELL_MAX);
	const int called_by = called_column(columns);
	const bool digest = called_by_digest(json_stored(r->cx->a, d->key_rule));
	struct record_list list;

	TRY(record_page(r->cx, r->db, r->who.user_id, d,
	    &(struct record_page){ .limit = ROWS, .bytes = ROWS_BYTES }, &list));
	for (size_t i = 0; i < list.n; i++) {
		struct payload it = { list.v[i].payload, 0 };
		json *row = json_list(r->cx->a), *one;
		for (size_t c = 0; c < json_len(columns); c++) {
			struct str value;
			buf_clear(cell);
			if (payload_next(&it, &value))
				payload_plain(cell, value);
			if (!json_flag(json_nth(columns, c), "gone", false))
				json_add_str(row, page_cell(r->cx->a, buf_s(cell)));
		}
		one = json_new(r->cx->a);
		json_set_str(one, "href", page_record_href(r->cx->a, d->id, list.v[i].key));
		json_set_str(one, "title",
		    page_cell(r->cx->a,
			str_c(called(r->cx->a, called_by,
			    json_stored(r->cx->a, list.v[i].payload.p), list.v[i].key, digest))));
		json_set(one, "cells", row);
		json_add(rows, one);
	}
	json_set(o, "shown", rows);
	json_set_bool(o, "hasRows", list.n > 0);
	json_set_str(o, "rowsText", page_count(r->cx->a, d->rows));
	json_set_str(o, "recordsText", page_plural(r->cx->a, d->rows, "record", "records"));
	json_set_bool(o, "more", d->rows > (int64_t)list.n);
	json_set_i64(o, "shownCount", (int64_t)list.n);
	json_set_i64(o, "columnCount", (int64_t)json_len(json_at(o, "columns")));
	return RC_OK;
}

/* How the records are told apart, in words. */
static const char *
key_text(struct arena *a, const json *key)
{
	const char *kind = json_str(key, "kind");
	json *columns = json_at(key, "columns");
	struct buf *b = buf_in(a, 2000);

	if (kind && !strcmp(kind, "source"))
		return "the source's own ids";
	if (kind && !strcmp(kind, "content"))
		return "their whole content";
	for (size_t i = 0; i < json_len(columns); i++)
		if (json_is_str(json_nth(columns, i)))
			buf_printf(
			    b, "%s%s", i ? " and " : "", json_value_str(json_nth(columns, i)));
	return b->n ? buf_c(b) : NULL;
}

/* How the source is read, in words; NULL: nothing had to be found out. */
static const char *
reading_text(struct arena *a, const json *reading)
{
	static const struct {
		const char *name, *words;
	} parts[] = {
		{ "records", "records at " },
		{ "shape", "as " },
		{ "header", "header row: " },
		{ "delimiter", "delimiter: " },
		{ "quote", "quotes: " },
		{ "escape", "quotes inside cells: " },
		{ "encoding", "encoding: " },
	};
	struct buf *b = buf_in(a, 2000);

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		const char *value = json_str(reading, parts[i].name);

		if (value)
			buf_printf(b, "%s%s%s", b->n ? ", " : "", parts[i].words, value);
	}
	return b->n ? buf_c(b) : NULL;
}

static enum rc
conn_datasets(struct req *r, const struct conn *c, json *model)
{
	struct dataset_list list;
	json *out = json_list(r->cx->a), *o;

	TRY(dataset_list(r->cx, r->db, r->who.user_id, c->id, &list));
	if (list.n)
		json_set(model, "parts",
		    parts_model(r->cx->a, c, json_stored(r->cx->a, list.v[0].reading)));
	json_set_bool(model, "hasParts", json_len(json_at(model, "parts")) > 0);
	for (size_t i = 0; i < list.n; i++) {
		o = model_dataset(r->cx->a, &list.v[i]);
		TRY(first_rows(r, &list.v[i], o));
		json_set_str(o, "keyText", key_text(r->cx->a, json_at(o, "key")));
		json_set_str(o, "readingText", reading_text(r->cx->a, json_at(o, "reading")));
		json_set_bool(o, "several", list.n > 1);
		json_add(out, o);
	}
	json_set(model, "datasets", out);
	return RC_OK;
}

static enum rc
conn_timeline(struct req *r, const char *conn_id, json *model)
{
	struct audit_list rows;
	json *list = json_list(r->cx->a), *o;

	TRY(audit_page(r->cx, r->db,
	    &(struct audit_page){ .owner = r->who.user_id, .object = conn_id, .limit = TIMELINE },
	    &rows));
	for (size_t i = 0; i < rows.n; i++) {
		o = json_new(r->cx->a);
		json_set_time(o, "at", rows.v[i].at);
		page_when(r->cx->a, o, "when", json_str(o, "at"), clock_ms());
		json_set_str(o, "actor",
		    strcmp(rows.v[i].actor, "session") ? rows.v[i].actor : r->who.user_name);
		json_set_str(o, "from", *rows.v[i].from ? rows.v[i].from : NULL);
		json_set_str(o, "action", rows.v[i].action);
		json_add(list, o);
	}
	json_set(model, "timeline", list);
	json_set_bool(model, "hasTimeline", rows.n > 0);
	return RC_OK;
}

/* The form of its settings: what was typed, when that was refused; else what is stored. */
static enum rc
edit_form(struct req *r, const struct conn *c, const json *choices, json *conn)
{
	json *providers, *offers, *config = json_stored(r->cx->a, c->config);
	const struct kind *k = kind_find(c->provider);
	const json *row;

	providers = kind_list(r->cx->a);
	row = page_provider(providers, c->provider);
	if (k && k->show)
		k->show(r->cx->a, config);
	TRY(page_origins(r, c->provider, c->id, choices, &offers));
	TRY(named_choices(r, c, config, offers));
	page_fields(r, conn, row, config, offers, "e");
	TRY(page_account_field(r, conn, row, c->account_id));
	json_set_str(conn, "nameValue", req_form(r, "name") ? req_form(r, "name") : c->name);
	json_set_str(conn, "nameError", page_complaint(r, "name"));
	return RC_OK;
}

/* A change of the settings that waits for an answer has a note of its own, which says more than
 * what stands on a card. */
static void
conn_planned_words(struct arena *a, const struct conn *c, json *conn)
{
	const char *brief = planned_brief(a, json_at(json_at(conn, "plan"), "counts"));

	if (!c->plan)
		return;
	json_set_str(conn, "heldBrief", brief ? brief : "nothing");
	json_set_str(conn, "heldLink", json_str(conn, "planLink"));
	json_set_str(conn, "planLink", NULL);
	if (c->sched.health == HEALTH_OK && !json_is_obj(json_at(conn, "held")))
		json_set(conn, "lastError", NULL);
}

/* What stands on the page beside the connection. */
struct conn_shown {
	const json *choices; /* what the source has; NULL: not asked */
	json *typed;         /* what the settings as they were typed would do; NULL: not asked */
	const struct err *problem; /* NULL: none */
};

/* Nothing of it has been saved. */
static void
conn_typed_words(struct req *r, json *conn, json *typed)
{
	json_set(conn, "typed", typed);
	if (!typed)
		return;
	planned_part(r, json_str(conn, "provider"), typed);
	page_notes(json_at(typed, "warnings"));
	json_set_bool(typed, "known", json_at(typed, "counts") != NULL);
	json_set_bool(typed, "asks", json_at(typed, "review") != NULL);
}

static bool
conn_never_asks(struct req *r, const struct conn *c)
{
	const char *typed = req_form(r, "guard");

	return !strcmp(typed ? typed : c->guard, "always");
}

/* A warning that stands on the page already. */
static void
conn_told_above(struct arena *a, json *run, const char *code)
{
	const json *all = json_at(run, "warnings");
	json *rest = json_list(a);

	for (size_t i = 0; i < json_len(all); i++)
		if (strcmp(json_str(json_nth(all, i), "code"), code) != 0)
			json_add(rest, json_nth(all, i));
	if (run)
		json_set(run, "warnings", rest);
}

static enum rc
conn_show(struct req *r, struct resp *w, const char *id, const struct conn_shown *shown)
{
	const struct err *problem = shown->problem;
	struct arena *a = r->cx->a;
	json *model = json_new(a), *o, *run;
	const char *next;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(page_conn_model(r, &c, &o));
	if (problem && req_form(r, "do") && !strcmp(req_form(r, "do"), "schedule"))
		page_schedule_typed(r, o);
	TRY(edit_form(r, &c, shown->choices, o));
	json_set_bool(o, "isTyped", shown->typed || shown->choices);
	conn_typed_words(r, o, shown->typed);
	TRY(page_access(r, &c, o));
	json_set_bool(o, "never", conn_never_asks(r, &c));
	limits_form(r, o, &c.limits);
	conn_planned_words(a, &c, o);
	TRY(refused_model(r, &c, o));
	json_set_str(o, "looked",
	    shown->choices && !shown->typed ? json_str(shown->choices, "title") : NULL);
	json_set(model, "connection", o);
	json_set_bool(model, "calendarStyle", shown->typed != NULL);
	TRY(conn_datasets(r, &c, model));
	TRY(page_history(
	    r, c.id, req_query(r, "before") ? req_query(r, "before") : "", HISTORY, model, &next));
	TRY(conn_timeline(r, c.id, model));
	TRY(page_analytics_of(r, c.id, model));
	run = json_at(o, "lastSync");
	if (json_at(json_at(o, "keeps"), "refused"))
		conn_told_above(a, run, "values_kept");
	if (json_at(json_at(o, "keeps"), "kept"))
		conn_told_above(a, run, "deletions_kept");
	json_set(model, "run", run);
	json_set_bool(model, "hasNotes",
	    run && (json_len(json_at(run, "warnings")) || json_len(json_at(run, "skips"))));
	json_set_str(model, "older",
	    next ? arena_printf(a, "/connections/%s?before=%s#history", c.id, next) : NULL);
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	return page_show(
	    r, w, problem ? problem_status(problem) : 200, "connection", c.name, model);
}

enum rc
page_conn(struct req *r, struct resp *w)
{
	return conn_show(r, w, r->path_param[0], &(struct conn_shown){ 0 });
}

/* Only paths of ours; anything else is the connection's own page. */
static const char *
back_to(struct req *r, const char *id)
{
	const char *back = req_form(r, "back");

	if (back &&
	    (!strcmp(back, "/") || str_starts(str_c(back), "/settings") ||
		str_starts(str_c(back), "/integrations-overview")))
		return back;
	return arena_printf(r->cx->a, "/connections/%s", id);
}

static enum rc
act_sync(struct req *r, const char *id, const char **said)
{
	const char *sync_id;
	enum rc rc = syncs_start(r->cx, r->db, auth_caller(r), id, &sync_id);

	*said = "Sync started.";
	/* A second click gets what it wanted: the sync is on its way. */
	if (rc != RC_OK && (r->cx->err.kind == E_RUNNING || r->cx->err.kind == E_COOLDOWN)) {
		*said = r->cx->err.kind == E_RUNNING ? "A sync is running already."
						     : "It was synced a moment ago.";
		return RC_OK;
	}
	return rc;
}

static enum rc
act_schedule(struct req *r, const char *id, const char **said)
{
	struct conn c;
	json *change;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(page_schedule_change(r, &c.sched, &change));
	*said = "Saved.";
	return conn_schedule(r->cx, r->db, auth_caller(r), id, change);
}

/* What the form of its settings says. */
static enum rc
conn_edited(struct req *r, const char *id, json **change)
{
	json *providers;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	providers = kind_list(r->cx->a);
	*change = page_form_body(r, page_provider(providers, c.provider));
	json_unset(*change, "provider");
	return RC_OK;
}

/* What came of it, in one sentence. */
static const char *
edit_said(struct arena *a, const json *plan)
{
	const char *state = json_str(plan, "state");
	const char *brief = planned_brief(a, json_at(plan, "counts"));

	if (!state)
		return "Saved.";
	if (!strcmp(state, "held"))
		return "Held: this would change much at once. Look at it, and decide.";
	if (!strcmp(state, "unseen"))
		return arena_printf(a, "Saved. %s", json_str(plan, "reason"));
	return brief ? arena_printf(a, "Saved. The next sync brings it about: %s.", brief)
		     : "Saved. It changes nothing of what was read.";
}

static enum rc
act_edit(struct req *r, const char *id, const char **said)
{
	json *change, *plan;

	TRY(conn_edited(r, id, &change));
	if (req_form(r, "name"))
		json_set_str(change, "name", req_form(r, "name"));
	if (req_form(r, "guard"))
		json_set_str(change, "guard", req_form(r, "guard"));
	limits_typed(r, change);
	TRY(conn_change(r->cx, r->db, auth_caller(r), id, change, &plan));
	*said = edit_said(r->cx->a, plan);
	return RC_OK;
}

/* A property of the source that is missing is added by the next sync, which starts now. */
static enum rc
act_add(struct req *r, const char *id, const char **said)
{
	json *change, *plan;
	const char *also;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	change = parts_add(r->cx->a, &c, req_form(r, "word"));
	if (!change)
		return fail(r->cx, E_BAD_REQUEST, "The form does not say what to add.");
	TRY(conn_change(r->cx, r->db, auth_caller(r), id, change, &plan));
	*said = "It is being added and filled in.";
	return act_sync(r, id, &also);
}

static enum rc
conn_act(struct req *r, const char *id, const char **said)
{
	const char *what = req_form(r, "do"), *sync_id, *data = req_form(r, "data");

	if (!what)
		return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
	if (!strcmp(what, "sync"))
		return act_sync(r, id, said);
	if (!strcmp(what, "schedule"))
		return act_schedule(r, id, said);
	if (!strcmp(what, "edit") || !strcmp(what, "enter"))
		return act_edit(r, id, said);
	if (!strcmp(what, "add"))
		return act_add(r, id, said);
	if (!strcmp(what, "pause")) {
		*said = "Auto-sync is off.";
		return conn_pause(r->cx, r->db, auth_caller(r), id);
	}
	if (!strcmp(what, "resume")) {
		*said = "Auto-sync is on again.";
		return conn_resume(r->cx, r->db, auth_caller(r), id);
	}
	if (!strcmp(what, "refetch") || !strcmp(what, "clear") || !strcmp(what, "ask")) {
		*said = "Everything is being read again.";
		return conn_reset(r->cx, r->db, auth_caller(r), id, what, &sync_id);
	}
	if (!strcmp(what, "remove")) {
		*said = data && !strcmp(data, "delete") ? "Disconnected; its data is being deleted."
							: "Disconnected; its data is kept.";
		return conn_disconnect(
		    r->cx, r->db, auth_caller(r), id, data && !strcmp(data, "delete"));
	}
	return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
}

/* A question about the settings as they were typed; the page is shown with its answer. */
static enum rc
conn_ask_typed(struct req *r, struct resp *w, const char *id, const char *what)
{
	struct question_list list;
	struct conn_question q = { .what = what, .list = &list };
	json *body, *answer;

	TRY(planned_wish(r, &list));
	TRY(conn_edited(r, id, &body));
	q.body = body;
	TRY(conn_ask(r->cx, r->db, auth_caller(r), id, &q, &answer));
	json_set_bool(answer, "secretTyped", json_len(json_at(body, "secret")) > 0);
	return conn_show(r, w, id,
	    &(struct conn_shown){
		.choices = json_at(answer, "choices"),
		.typed = strcmp(what, "preview") ? NULL : answer,
	    });
}

static enum rc
act_leave(struct req *r, struct resp *w, const char *id)
{
	const char *data = req_form(r, "data"), *left;

	TRY(conn_exit(r->cx, r->db, auth_caller(r), id, data && !strcmp(data, "delete"), &left));
	page_say(r, w, arena_printf(r->cx->a, "/syncs/%s", left),
	    "What was made there is being removed.");
	return RC_OK;
}

/* What was done, in a sentence on the page that it leads to. */
static enum rc
conn_act_say(struct req *r, struct resp *w, const char *id, const char *what)
{
	const char *said = "";

	TRY(conn_act(r, id, &said));
	page_say(r, w,
	    what && !strcmp(what, "remove") ? "/settings?tab=integrations" : back_to(r, id), said);
	return RC_OK;
}

enum rc
page_conn_act(struct req *r, struct resp *w)
{
	const char *id = r->path_param[0], *what = req_form(r, "do");
	const char *remote = req_form(r, "remote");
	struct err problem;
	enum rc rc;

	if (req_form(r, "cursor") || (what && !strcmp(what, "preview")))
		rc = conn_ask_typed(r, w, id, "preview");
	else if (page_searches(r) || (what && !strcmp(what, "look")))
		rc = conn_ask_typed(r, w, id, "test");
	else if (what && !strcmp(what, "remove") && remote && !strcmp(remote, "clean"))
		rc = act_leave(r, w, id);
	else
		rc = conn_act_say(r, w, id, what);
	problem = r->cx->err;
	if (rc == RC_OK || rc == RC_NOTFOUND || rc == RC_BUG || problem.kind == E_BAD_REQUEST)
		return rc;
	return conn_show(r, w, id, &(struct conn_shown){ .problem = &problem });
}

/* What Tidemark has made there; nothing is said where there is nothing. */
static enum rc
conn_exit_shown(struct req *r, const char *id, json *conn)
{
	json *exit, *items;
	int64_t count;

	TRY(conn_exit_look(r->cx, r->db, r->who.user_id, id, &exit));
	items = json_at(exit, "items");
	count = json_num(exit, "count", 0);
	for (size_t i = 0; i < json_len(items); i++)
		json_set_bool(json_nth(items, i), "cleans",
		    !strcmp(json_str(json_nth(items, i), "action"), "clean"));
	json_set_str(exit, "countText", page_plural(r->cx->a, count, "thing", "things"));
	json_set_str(exit, "shownText", page_count(r->cx->a, (int64_t)json_len(items)));
	json_set_bool(exit, "cut", count > (int64_t)json_len(items));
	json_set(conn, "exit", count ? exit : NULL);
	return RC_OK;
}

enum rc
page_conn_remove(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a), *o;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(page_conn_model(r, &c, &o));
	TRY(conn_exit_shown(r, c.id, o));
	json_set(model, "connection", o);
	return page_show(r, w, 200, "remove", "Disconnect", model);
}
