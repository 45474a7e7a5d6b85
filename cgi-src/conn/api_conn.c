/*
 * api_conn.c - connections and their schedules over HTTP. What is done is done in verbs.c.
 */
#include "skin/model.h"

enum rc
api_providers(struct req *r, struct resp *w)
{
	json *list;

	TRY(providers_list(r, &list));
	resp_json(w, 200, r->cx->a, list);
	w->etag = true;
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
	w->etag = r->method == M_GET;
	return RC_OK;
}

enum rc
api_conn_list(struct req *r, struct resp *w)
{
	struct conn_list list;
	json *data = json_list(r->cx->a), *o;
	int64_t limit;

	TRY(req_limit(r, &limit));
	TRY(conn_list(r->cx, r->db, r->who.user_id, req_query(r, "cursor"), limit, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_conn(r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	w->etag = true;
	return RC_OK;
}

enum rc
api_conn_get(struct req *r, struct resp *w)
{
	return reply_conn(r, w, 200, r->path_param[0]);
}

static enum rc
known_members(struct req *r, const char *const *known)
{
	for (struct json_iter it = { 0 }; json_each(r->body, &it);) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], it.key))
			i++;
		if (!known[i])
			return input_fail_one(
			    r, arena_printf(r->cx->a, "%.60s", it.key), "There is no such member.");
	}
	return RC_OK;
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
	static const char *const known[] = { "provider", "name", "config", "secret", "schedule",
		"start", "accountId", NULL };
	const char *id;

	TRY(known_members(r, known));
	TRY(object_or_nothing(r, "config"));
	TRY(object_or_nothing(r, "secret"));
	TRY(object_or_nothing(r, "schedule"));
	if (!json_str(r->body, "provider"))
		return input_fail_one(r, "provider",
		    "Say which kind of source this is; GET /api/providers lists them.");
	if (json_at(r->body, "name") && !json_str(r->body, "name"))
		return input_fail_one(r, "name", "This must be a text.");
	TRY(conn_create(r,
	    &(struct conn_input){ json_str(r->body, "provider"), json_str(r->body, "name"),
		json_str(r->body, "accountId"), json_at(r->body, "config"),
		json_at(r->body, "secret"), json_at(r->body, "schedule"),
		json_flag(r->body, "start", true) },
	    &id));
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/connections/%s", id));
	return reply_conn(r, w, 201, id);
}

enum rc
api_conn_change(struct req *r, struct resp *w)
{
	TRY(conn_change(r, r->path_param[0], r->body));
	return reply_conn(r, w, 200, r->path_param[0]);
}

enum rc
api_conn_delete(struct req *r, struct resp *w)
{
	const char *data = req_query(r, "data"), *remote = req_query(r, "remote");

	if (data && strcmp(data, "keep") && strcmp(data, "delete"))
		return fail(r->cx, E_INPUT, "data is keep or delete.");
	if (remote && !strcmp(remote, "clean"))
		return fail(r->cx, E_NOT_YET,
		    "Nothing was ever written to this source, so there is nothing to clean there.");
	TRY(conn_disconnect(r, r->path_param[0], data && !strcmp(data, "delete")));
	w->status = 204;
	return RC_OK;
}

static enum rc
reply_answer(struct req *r, struct resp *w, enum rc rc, const json *answer)
{
	if (rc != RC_OK)
		return rc;
	resp_json(w, 200, r->cx->a, answer);
	return RC_OK;
}

enum rc
api_test_new(struct req *r, struct resp *w)
{
	json *answer = NULL;
	enum rc rc = source_ask(r, "test", r->body, &answer);

	return reply_answer(r, w, rc, answer);
}

enum rc
api_preview_new(struct req *r, struct resp *w)
{
	json *answer = NULL;
	enum rc rc = source_ask(r, "preview", r->body, &answer);

	return reply_answer(r, w, rc, answer);
}

enum rc
api_conn_test(struct req *r, struct resp *w)
{
	json *answer = NULL;
	enum rc rc = conn_ask(r, "test", r->path_param[0], r->body, &answer);

	return reply_answer(r, w, rc, answer);
}

enum rc
api_conn_preview(struct req *r, struct resp *w)
{
	json *answer = NULL;
	enum rc rc = conn_ask(r, "preview", r->path_param[0], r->body, &answer);

	return reply_answer(r, w, rc, answer);
}

enum rc
api_conn_reset(struct req *r, struct resp *w)
{
	const char *sync_id;
	json *o = json_new(r->cx->a);

	TRY(conn_reset(r, r->path_param[0], json_str(r->body, "mode"), &sync_id));
	json_set_bool(o, "success", true);
	json_set_str(o, "syncId", sync_id);
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/sync?syncId=%s", sync_id));
	resp_json(w, 202, r->cx->a, o);
	return RC_OK;
}

enum rc
api_conn_pause(struct req *r, struct resp *w)
{
	TRY(conn_pause(r, r->path_param[0], false));
	return reply_conn(r, w, 200, r->path_param[0]);
}

enum rc
api_conn_resume(struct req *r, struct resp *w)
{
	TRY(conn_pause(r, r->path_param[0], true));
	return reply_conn(r, w, 200, r->path_param[0]);
}

enum rc
api_sched_get(struct req *r, struct resp *w)
{
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	resp_json(w, 200, r->cx->a, model_schedule(r->cx->a, &c.sched));
	w->etag = true;
	return RC_OK;
}

enum rc
api_sched_put(struct req *r, struct resp *w)
{
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(sched_change(r, &c, r->body));
	resp_json(w, 200, r->cx->a, model_schedule(r->cx->a, &c.sched));
	return RC_OK;
}
