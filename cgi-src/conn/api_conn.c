/*
 * api_conn.c - connections and their schedules over HTTP. What is done is done in lib/app/conn.c.
 */
#include "app/conn.h"
#include "app/leave.h"
#include "app/conn_search.h"
#include "app/question.h"
#include "skin/model.h"

enum rc
api_providers(struct req *r, struct resp *w)
{
	json *o;

	TRY(model_list(r, json_at(kind_list(r->cx->a), "data"), &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

static enum rc
reply_conn(struct req *r, struct resp *w, int status, const char *id)
{
	struct conn c;
	json *o;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(model_conn(r, &c, &o));
	resp_json(w, status, r->cx->a, o);
	return RC_OK;
}

/* How many there are of each state, of all connections. */
static json *
conn_count_model(struct arena *a, const int64_t count[STATE__MAX])
{
	json *o = json_new(a);

	for (int s = 0; s < STATE__MAX; s++)
		json_set_i64(o, conn_states[s].word, count[s]);
	return o;
}

enum rc
api_conn_list(struct req *r, struct resp *w)
{
	const struct conn_wish wish = {
		.words = req_query(r, "q"),
		.provider = req_query(r, "provider"),
		.status = req_query(r, "status"),
		.sort = req_query(r, "sort"),
		.after = req_query(r, "cursor"),
	};
	struct conn_found found;
	json *data = json_list(r->cx->a), *o;
	int64_t limit;
	size_t i = 0;

	TRY(req_limit(r, &limit));
	TRY(db_read_begin(r->cx, r->db));
	TRY(conn_search(r->cx, r->db, r->who.user_id, &wish, &found));
	for (; i < found.n && i < (size_t)limit; i++) {
		struct conn c;

		TRY(conn_get(r->cx, r->db, r->who.user_id, conn_found_nth(&found, i)->id, &c));
		TRY(model_conn(r, &c, &o));
		json_add(data, o);
	}
	db_read_end(r->db);
	o = model_page(r->cx->a, data, i ? conn_found_next(r->cx->a, &found, i - 1) : NULL);
	json_set_i64(o, "total", found.chosen);
	json_set(o, "counts", conn_count_model(r->cx->a, found.count));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_conn_get(struct req *r, struct resp *w)
{
	return reply_conn(r, w, 200, r->path_param[0]);
}

static enum rc
object_or_nothing(struct req *r, const char *key)
{
	json *v = json_at(r->body, key);

	return !v || json_is_obj(v) ? RC_OK : input_fail_one(r, key, "This must be an object.");
}

enum rc
api_conn_add(struct req *r, struct resp *w)
{
	struct conn_input in;
	const char *id;

	TRY(object_or_nothing(r, "config"));
	TRY(object_or_nothing(r, "secret"));
	TRY(object_or_nothing(r, "schedule"));
	if (!json_str(r->body, "provider"))
		return input_fail_one(r, "provider",
		    "Say which kind of source this is; GET /api/providers lists them.");
	if (json_at(r->body, "name") && !json_str(r->body, "name"))
		return input_fail_one(r, "name", "This must be a text.");
	if (json_has(r->body, "start") && !json_is_bool(json_at(r->body, "start")))
		return input_fail_one(r, "start", "This must be true or false.");
	in = (struct conn_input){
		.provider = json_str(r->body, "provider"),
		.name = json_str(r->body, "name"),
		.account_id = json_str(r->body, "accountId"),
		.config = json_at(r->body, "config"),
		.secret = json_at(r->body, "secret"),
		.schedule = json_at(r->body, "schedule"),
		.limits = r->body,
		.start = json_flag(r->body, "start", true),
	};
	TRY(conn_create(r->cx, r->db, auth_caller(r), &in, &id));
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/connections/%s", id));
	return reply_conn(r, w, 201, id);
}

/* 202: a part of it is held until somebody decides. */
enum rc
api_conn_change(struct req *r, struct resp *w)
{
	const char *id = r->path_param[0], *state;
	struct conn c;
	json *plan, *o;

	TRY(conn_change(r->cx, r->db, auth_caller(r), id, r->body, &plan));
	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(model_conn(r, &c, &o));
	if (plan)
		json_set(o, "plan", plan);
	state = json_str(plan, "state");
	resp_json(w, state && !strcmp(state, "held") ? 202 : 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_conn_delete(struct req *r, struct resp *w)
{
	const char *data = req_query(r, "data"), *remote = req_query(r, "remote"), *id;
	const bool drop = data && !strcmp(data, "delete");
	json *o;

	if (!remote || strcmp(remote, "clean")) {
		TRY(conn_disconnect(r->cx, r->db, auth_caller(r), r->path_param[0], drop));
		w->status = 204;
		return RC_OK;
	}
	TRY(conn_exit(r->cx, r->db, auth_caller(r), r->path_param[0], drop, &id));
	o = json_new(r->cx->a);
	json_set_bool(o, "success", true);
	json_set_str(o, "syncId", id);
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/sync?syncId=%s", id));
	resp_json(w, 202, r->cx->a, o);
	return RC_OK;
}

enum rc
api_conn_exit(struct req *r, struct resp *w)
{
	json *o;

	TRY(conn_exit_look(r->cx, r->db, r->who.user_id, r->path_param[0], &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/* Which changes are asked for. */
static enum rc
asked_list(struct req *r, struct question_list *out)
{
	const char *cursor = req_query(r, "cursor");

	*out = (struct question_list){
		.side = req_query(r, "side"),
		.action = req_query(r, "action"),
	};
	TRY(req_limit(r, &out->limit));
	if (cursor && *cursor && !str_i64(str_c(cursor), 0, INT32_MAX, &out->from))
		return input_fail_one(r, "cursor", "The cursor is not one that this list gave.");
	return RC_OK;
}

/* The answer about a source that is not saved yet. */
static enum rc
reply_source(struct req *r, struct resp *w, const char *what)
{
	struct question_list list;
	const struct conn_question q = { .what = what, .body = r->body, .list = &list };
	json *answer;

	TRY(asked_list(r, &list));
	TRY(source_ask(r->cx, r->db, auth_caller(r), &q, &answer));
	resp_json(w, 200, r->cx->a, answer);
	w->pure = true;
	return RC_OK;
}

enum rc
api_test_new(struct req *r, struct resp *w)
{
	return reply_source(r, w, "test");
}

enum rc
api_preview_new(struct req *r, struct resp *w)
{
	return reply_source(r, w, "preview");
}

/* The same about one that is. */
static enum rc
reply_saved(struct req *r, struct resp *w, const char *what)
{
	struct question_list list;
	const struct conn_question q = { .what = what, .body = r->body, .list = &list };
	json *answer;

	TRY(asked_list(r, &list));
	TRY(conn_ask(r->cx, r->db, auth_caller(r), r->path_param[0], &q, &answer));
	resp_json(w, 200, r->cx->a, answer);
	w->pure = true;
	return RC_OK;
}

enum rc
api_conn_test(struct req *r, struct resp *w)
{
	return reply_saved(r, w, "test");
}

enum rc
api_conn_preview(struct req *r, struct resp *w)
{
	return reply_saved(r, w, "preview");
}

enum rc
api_conn_reset(struct req *r, struct resp *w)
{
	const char *sync_id;
	json *o = json_new(r->cx->a);

	TRY(conn_reset(
	    r->cx, r->db, auth_caller(r), r->path_param[0], json_str(r->body, "mode"), &sync_id));
	json_set_bool(o, "success", true);
	json_set_str(o, "syncId", sync_id);
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/sync?syncId=%s", sync_id));
	resp_json(w, 202, r->cx->a, o);
	return RC_OK;
}

enum rc
api_conn_pause(struct req *r, struct resp *w)
{
	TRY(conn_pause(r->cx, r->db, auth_caller(r), r->path_param[0]));
	return reply_conn(r, w, 200, r->path_param[0]);
}

enum rc
api_conn_resume(struct req *r, struct resp *w)
{
	TRY(conn_resume(r->cx, r->db, auth_caller(r), r->path_param[0]));
	return reply_conn(r, w, 200, r->path_param[0]);
}

enum rc
api_sched_get(struct req *r, struct resp *w)
{
	struct conn c;
	json *o;

	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(model_schedule(r, &c, &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/* What was said of members that are found out, and is not as they were. */
static json *
sched_ignored(struct arena *a, const json *said, const json *was)
{
	static const char *const found[] = { "nextPollAt", "lastPolledAt", "retryCount" };
	json *list = json_list(a);

	for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
		const json *v = json_at(said, found[i]), *w = json_at(was, found[i]);

		if (!json_has(said, found[i]) ||
		    !strcmp(v ? json_text(a, v) : "null", w ? json_text(a, w) : "null"))
			continue;
		json_add_str(list, found[i]);
	}
	return list;
}

enum rc
api_sched_put(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	json *ignored, *o;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(model_schedule(r, &c, &o));
	ignored = sched_ignored(a, r->body, o);
	TRY(conn_schedule(r->cx, r->db, auth_caller(r), r->path_param[0], r->body));
	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(model_schedule(r, &c, &o));
	if (json_len(ignored) > 0)
		json_set(o, "ignored", ignored);
	resp_json(w, 200, a, o);
	return RC_OK;
}
