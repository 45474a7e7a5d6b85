/*
 * page_record.c - /datasets/{id}/records/{key}: one record, and why it is as it is: every run and
 * every person that has changed it, what, and by which rule.
 */
#include "app/profiles.h"
#include "app/undo.h"
#include "base/clock.h"
#include "conn/undo_model.h"
#include "kind/kind.h"
#include "skin/page.h"
#include "store/called.h"
#include "store/link.h"

enum { RECORD_PAST = 40 };

static json *
record_values(struct arena *a, const json *columns, const struct record *rec)
{
	const json *values = json_stored(a, rec->payload.p);
	json *list = json_list(a), *o;

	for (size_t i = 0; i < json_len(columns); i++) {
		const json *c = json_nth(columns, i);

		if (json_flag(c, "gone", false))
			continue;
		o = json_new(a);
		json_set_str(o, "name", json_str(c, "name"));
		json_set_str(o, "value", page_cell(a, str_c(page_value(a, json_nth(values, i)))));
		json_add(list, o);
	}
	return list;
}

static const char program[] = "token ";

static const char *
record_who(struct arena *a, const struct record_change *c, const char *conn)
{
	if (c->actor && str_starts(str_c(c->actor), program))
		return arena_printf(a, "The program \"%s\"", c->actor + strlen(program));
	if (c->actor)
		return strcmp(c->actor, "session") ? c->actor : "You";
	return c->there ? "Tidemark" : conn;
}

/* A record that was there before comes back. */
static const char *
record_what(const struct record_change *c, bool first)
{
	if (c->there)
		return c->action == CHANGE_DELETED ? "removed it at the source"
						   : "changed it at the source";
	if (c->action == CHANGE_DELETED)
		return c->actor ? "deleted it" : "no longer had it";
	if (c->action == CHANGE_UPDATED)
		return "changed it";
	if (!first)
		return "brought it back";
	return c->actor ? "made it" : "brought it";
}

static enum rc
record_story(struct req *r, const struct dataset *d, const char *conn, json *model)
{
	struct arena *a = r->cx->a;
	const json *columns = json_stored(a, d->columns);
	json *list = json_list(a), *o, *fields;
	struct history_page page = { .key = r->path_param[1], .limit = RECORD_PAST };
	const char *before = req_query(r, "before"), *after;
	struct record_changes past;

	if (before && !str_i64(str_c(before), 1, INT64_MAX, &page.from))
		page.from = 0;
	TRY(record_history(r->cx, r->db, r->who.user_id, d, &page, &past));
	after = past.after;
	for (size_t i = 0; i < past.n; i++) {
		const struct record_change *c = &past.v[i];

		o = json_new(a);
		json_set_time(o, "at", c->at);
		page_when(a, o, "when", json_str(o, "at"), clock_ms());
		json_set_str(o, "who", record_who(a, c, conn));
		json_set_str(o, "what", record_what(c, i + 1 == past.n && !past.next));
		json_set_str(o, "reason", c->reason);
		json_set_str(
		    o, "sync", c->sync_id ? arena_printf(a, "/syncs/%s", c->sync_id) : NULL);
		fields = c->action == CHANGE_UPDATED && c->before
		    ? undo_columns_differ(a, columns, c->before, after)
		    : json_list(a);
		json_set(o, "changes", undo_changes(a, NULL, fields));
		json_add(list, o);
		if (c->before)
			after = c->before;
	}
	json_set(model, "history", list);
	json_set_str(model, "older",
	    past.next ? arena_printf(a, "%s?before=%lld#why", page_record_href(a, d->id, page.key),
			    (long long)past.next)
		      : NULL);
	return RC_OK;
}

/* The event that the record is of, if it is one that both sides edit. */
static enum rc
record_event(struct req *r, const struct conn *c, const struct record *rec, json *model)
{
	const struct kind *k = kind_find(c->provider);
	struct link l = { .id = NULL };

	if (k && k->object && !rec->deleted)
		TRY(link_of_remote(r->cx, r->db, r->who.user_id, c->id, rec->key, &l));
	json_set_str(model, "event",
	    l.id && !strcmp(l.object.kind, k->object)
		? arena_printf(r->cx->a, "/events/%s", l.object.key)
		: NULL);
	return RC_OK;
}

static enum rc
record_show(struct req *r, struct resp *w, const struct err *problem)
{
	struct arena *a = r->cx->a;
	json *model = json_new(a);
	const char *title;
	struct dataset d;
	struct record rec;
	struct conn c;
	bool kept, unreachable;

	TRY(dataset_get(r->cx, r->db, r->who.user_id, r->path_param[0], &d));
	TRY(record_get(r->cx, r->db, r->who.user_id, &d, r->path_param[1], &rec));
	kept = conn_get(r->cx, r->db, r->who.user_id, d.connection_id, &c) != RC_OK;
	if (kept)
		TRY(conn_get_any(r->cx, r->db, r->who.user_id, d.connection_id, &c));
	title = called(a, called_column(json_stored(a, d.columns)), json_stored(a, rec.payload.p),
	    rec.key, called_by_digest(json_stored(a, d.key_rule)));
	json_set_str(model, "title", title);
	json_set_str(model, "key", strcmp(title, rec.key) ? rec.key : NULL);
	json_set_str(model, "connectionName", c.name);
	json_set_str(model, "back", arena_printf(a, "/%s/%s", kept ? "kept" : "connections", c.id));
	json_set_bool(model, "canUndo", !kept);
	json_set_bool(model, "records", true);
	json_set_str(model, "undoAction", page_record_href(a, d.id, rec.key));
	json_set_bool(model, "deleted", rec.deleted != 0);
	TRY(profile_unreachable(r->cx, r->db, r->who.user_id, d.no, rec.payload, &unreachable));
	json_set_bool(model, "unreachable", unreachable && !rec.deleted);
	json_set(model, "values", record_values(a, json_stored(a, d.columns), &rec));
	TRY(record_event(r, &c, &rec, model));
	TRY(record_story(r, &d, c.name, model));
	json_set_bool(model, "calendarStyle", true);
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	return page_show(r, w, problem ? problem_status(problem) : 200, "record", title, model);
}

enum rc
page_record(struct req *r, struct resp *w)
{
	return record_show(r, w, NULL);
}

/* What taking its last change back would do. */
static const char *
record_question(struct arena *a, const struct undo_item *it)
{
	const char *what =
	    "Undo the last change of this record? It becomes what it was before, and stays so "
	    "until the source changes it again. The source itself is not touched.";

	if (!it->dataset)
		return "Undo the last change of the event that this record shows? It becomes what "
		       "it was before, here and in the calendars that have it. What somebody else "
		       "has created or changed there is overwritten only if you confirm it.";
	if (!it->before)
		what =
		    "Undo the arrival of this record? It is deleted here, and stays deleted until "
		    "the source changes it again. Nothing is deleted at the source.";
	else if (!it->now)
		what = "Undo the deletion of this record? It comes back here, and stays until the "
		       "source changes it again. Nothing is created at the source.";
	if (!it->relabels)
		return what;
	return arena_printf(a, "%s The label \"%.200s\" is %s there with it.", what, it->relabels,
	    it->before ? "put on" : "taken off");
}

static enum rc
record_ask(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	struct undo_item it;

	TRY(undo_look_record(
	    r->cx, r->db, r->who.user_id, r->path_param[0], r->path_param[1], &it));
	return page_ask_about(r, w,
	    &(struct page_question){
		.text = record_question(a, &it),
		.button = "Undo",
		.back = page_record_href(a, r->path_param[0], r->path_param[1]),
		.changes = undo_changes(a, NULL, undo_item_fields(a, &it)),
	    });
}

static enum rc
record_take_back(struct req *r, struct resp *w)
{
	const char *id;

	TRY(undo_one_record(r->cx, r->db, auth_caller(r), r->path_param[0], r->path_param[1], &id));
	page_say(r, w, page_record_href(r->cx->a, r->path_param[0], r->path_param[1]),
	    "The last change is being undone.");
	return RC_OK;
}

enum rc
page_record_act(struct req *r, struct resp *w)
{
	struct err problem;
	enum rc rc = page_sure(r) ? record_take_back(r, w) : record_ask(r, w);

	if (rc == RC_OK)
		return RC_OK;
	problem = r->cx->err;
	if (problem.kind != E_STATE && problem.kind != E_RUNNING)
		return rc;
	return record_show(r, w, &problem);
}
