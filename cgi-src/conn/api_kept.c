/*
 * api_kept.c - the data of disconnected connections over HTTP: what there is, connecting it again,
 * removing it. Its records are read like any others.
 */
#include "app/remains.h"
#include "conn/kept.h"
#include "skin/model.h"

enum rc
kept_model(struct req *r, const struct remains *k, json **out)
{
	struct arena *a = r->cx->a;
	json *o = *out = json_new(a), *sets = json_list(a);
	struct dataset_list list;

	TRY(dataset_list(r->cx, r->db, r->who.user_id, k->id, &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(sets, model_dataset(a, &list.v[i]));
	json_set_str(o, "id", k->id);
	json_set_str(o, "provider", k->provider);
	json_set_str(o, "name", k->name);
	json_set_str(o, "state", k->doomed_at ? "removing" : "kept");
	json_set_time(o, "disconnectedAt", k->removed_at);
	json_set_i64(o, "records", k->rows);
	json_set(o, "datasets", sets);
	return RC_OK;
}

enum rc
api_kept_list(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a), *o;
	struct remains_list list;
	int64_t limit;

	TRY(req_limit(r, &limit));
	TRY(remains_list(r->cx, r->db, r->who.user_id, req_query(r, "cursor"), limit, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(kept_model(r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	return RC_OK;
}

enum rc
api_kept_get(struct req *r, struct resp *w)
{
	struct remains k;
	json *o;

	TRY(remains_get(r->cx, r->db, r->who.user_id, r->path_param[0], &k));
	TRY(kept_model(r, &k, &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_kept_delete(struct req *r, struct resp *w)
{
	TRY(remains_delete(r->cx, r->db, auth_caller(r), r->path_param[0]));
	w->status = 204;
	return RC_OK;
}

enum rc
api_kept_reconnect(struct req *r, struct resp *w)
{
	struct conn c;
	json *o;

	TRY(remains_reconnect(r->cx, r->db, auth_caller(r), r->path_param[0], r->body));
	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(model_conn(r, &c, &o));
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/connections/%s", c.id));
	resp_json(w, 201, r->cx->a, o);
	return RC_OK;
}
