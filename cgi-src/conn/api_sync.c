/*
 * api_sync.c - starting, watching, stopping and answering syncs over HTTP.
 */
#include "app/calendar.h"
#include "app/run_text.h"
#include "app/syncs.h"
#include "skin/model.h"

enum { OVERVIEW_MAX = 500 };

/* path: where its status is asked for. */
static enum rc
sync_start_of(struct req *r, struct resp *w, const char *conn, const char *path)
{
	json *o = json_new(r->cx->a);
	const char *id;
	enum rc rc;

	rc = syncs_start(r->cx, r->db, auth_caller(r), conn, &id);
	if (rc == RC_CONFLICT && id)
		return model_running(r, w, id);
	TRY(rc);
	json_set_bool(o, "success", true);
	json_set_str(o, "syncId", id);
	json_set_str(o, "message", "Background sync started");
	resp_header(w, "Location", arena_printf(r->cx->a, "%s?syncId=%s", path, id));
	resp_json(w, 202, r->cx->a, o);
	return RC_OK;
}

enum rc
api_sync_start(struct req *r, struct resp *w)
{
	const char *conn = json_str(r->body, "connectionId");

	if (!conn)
		return input_fail_one(r, "connectionId", "Name the connection to sync.");
	return sync_start_of(r, w, conn, r->path);
}

enum rc
api_notion_pull(struct req *r, struct resp *w)
{
	const char *id = json_str(r->body, "integrationId");
	struct conn c;

	if (!id)
		return input_fail_one(r, "integrationId", "Name the calendar: its id.");
	TRY(calendar_get(r->cx, r->db, r->who.user_id, id, &c));
	if (strcmp(c.provider, "notion") != 0)
		return fail(r->cx, E_NOT_FOUND, "This is no calendar of Notion.");
	return sync_start_of(r, w, c.id, "/api/sync");
}

enum rc
api_integration_sync(struct req *r, struct resp *w)
{
	struct conn c;

	TRY(calendar_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	return sync_start_of(r, w, c.id, "/api/sync");
}

static enum rc
sync_overview(struct req *r, struct resp *w)
{
	struct run_list list;
	json *active = json_list(r->cx->a);
	json *latest = json_list(r->cx->a);
	json *o = json_new(r->cx->a);
	json *one, *beat;
	int64_t limit = OVERVIEW_MAX;

	if (req_query(r, "limit"))
		TRY(req_limit(r, &limit));
	if (r->who.only_conn)
		TRY(run_history(r->cx, r->db,
		    &(struct run_page){
			.owner = r->who.user_id, .conn_id = r->who.only_conn, .limit = 1 },
		    &list));
	else
		TRY(run_overview(r->cx, r->db,
		    &(struct run_page){
			.owner = r->who.user_id, .before = req_query(r, "cursor"), .limit = limit },
		    &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_run(r, &list.v[i], &one));
		json_add(latest, one);
		if (!list.v[i].finished_at)
			json_add(active, one);
	}
	TRY(model_heartbeat(r, &beat));
	json_set(o, "active", active);
	json_set(o, "data", latest);
	json_set_bool(o, "tickAlive", json_flag(beat, "alive", false));
	json_set_str(o, "nextCursor", r->who.only_conn ? NULL : list.next);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_sync_status(struct req *r, struct resp *w)
{
	const char *id = req_query(r, "syncId");
	struct run run;

	if (!id)
		return sync_overview(r, w);
	TRY(run_get(r->cx, r->db, r->who.user_id, id, &run));
	if (r->who.only_conn && strcmp(run.connection_id, r->who.only_conn))
		return fail(r->cx, E_NOT_FOUND, "There is no such sync.");
	TRY(run_text(r->cx, r->db, &run, w->body));
	buf_ch(w->body, '\n');
	w->type = "application/json";
	return RC_OK;
}

enum rc
api_sync_history(struct req *r, struct resp *w)
{
	const char *result = req_query(r, "status");
	struct run_list list;
	struct conn c;
	json *data = json_list(r->cx->a), *o;
	int64_t limit;

	TRY(req_limit(r, &limit));
	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(run_history(r->cx, r->db,
	    &(struct run_page){ .owner = r->who.user_id,
		.conn_id = c.id,
		.result = result,
		.before = req_query(r, "cursor"),
		.limit = limit },
	    &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_run(r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	return RC_OK;
}

static enum rc
reply_run(struct req *r, struct resp *w, int status, const char *id)
{
	struct run run;
	json *o;

	TRY(run_get(r->cx, r->db, r->who.user_id, id, &run));
	TRY(model_run(r, &run, &o));
	resp_json(w, status, r->cx->a, o);
	return RC_OK;
}

enum rc
api_sync_cancel(struct req *r, struct resp *w)
{
	TRY(syncs_cancel(r->cx, r->db, auth_caller(r), r->path_param[0]));
	return reply_run(r, w, 202, r->path_param[0]);
}

enum rc
api_sync_log(struct req *r, struct resp *w)
{
	const char *cursor = req_query(r, "cursor");
	struct log_list lines;
	struct log_page page = { .owner = r->who.user_id };
	struct run run;
	json *data = json_list(r->cx->a), *o;

	TRY(req_limit(r, &page.limit));
	if (cursor && !str_i64(str_c(cursor), 0, INT64_MAX, &page.after))
		return fail_input(r->cx, "cursor", "The cursor is not one that this list gave.");
	TRY(run_get(r->cx, r->db, r->who.user_id, r->path_param[0], &run));
	page.run_id = run.id;
	TRY(run_log(r->cx, r->db, &page, &lines));
	for (size_t i = 0; i < lines.n; i++) {
		o = json_new(r->cx->a);
		json_set_time(o, "at", lines.v[i].at);
		json_set_str(o, "level", lines.v[i].level);
		json_set_str(o, "text", lines.v[i].text);
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a,
	    model_page(r->cx->a, data,
		(int64_t)lines.n == page.limit
		    ? arena_printf(r->cx->a, "%lld", (long long)lines.v[lines.n - 1].n)
		    : NULL));
	return RC_OK;
}

static enum rc
api_sync_answer(struct req *r, struct resp *w, const char *word)
{
	const char *id;

	TRY(syncs_answer(r->cx, r->db, auth_caller(r), r->path_param[0], word, &id));
	return reply_run(r, w, 202, id);
}

enum rc
api_sync_approve(struct req *r, struct resp *w)
{
	return api_sync_answer(r, w, json_flag(r->body, "always", false) ? "always" : "approve");
}

enum rc
api_sync_reject(struct req *r, struct resp *w)
{
	return api_sync_answer(r, w, "keep");
}
