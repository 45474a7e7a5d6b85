/*
 * api_profiles.c - profiles over HTTP: who somebody is, what a person decides about it, and which
 * columns of a dataset say it.
 */
#include "app/profiles.h"
#include "skin/model.h"
#include "store/data.h"

enum rc
api_profiles(struct req *r, struct resp *w)
{
	struct profile_query q = {
		.email = req_query(r, "email"),
		.phone = req_query(r, "phone"),
		.q = req_query(r, "q"),
		.cursor = req_query(r, "cursor"),
	};
	struct profile_page page;

	TRY(req_limit(r, &q.limit));
	TRY(profiles_find(r->cx, r->db, r->who.user_id, &q, &page));
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, page.data, page.next));
	return RC_OK;
}

enum rc
api_profile(struct req *r, struct resp *w)
{
	json *o;

	TRY(profile_get(r->cx, r->db, r->who.user_id, r->path_param[0], &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_profile_link(struct req *r, struct resp *w)
{
	json *list;

	TRY(profile_link(r->cx, r->db, auth_caller(r), r->path_param[0], r->body, &list));
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, list, NULL));
	return RC_OK;
}

enum rc
api_profiles_order(struct req *r, struct resp *w)
{
	json *o;

	TRY(profiles_order(r->cx, r->db, r->who.user_id, &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_profiles_order_set(struct req *r, struct resp *w)
{
	json *o;

	TRY(profiles_order_set(r->cx, r->db, auth_caller(r), r->body, &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

static enum rc
dataset_show(struct req *r, struct resp *w)
{
	struct dataset d;
	json *o, *people;

	TRY(dataset_get(r->cx, r->db, r->who.user_id, r->path_param[0], &d));
	TRY(profile_columns(r->cx, r->db, r->who.user_id, d.no, &people));
	o = model_dataset(r->cx->a, &d);
	json_set(o, "people", people);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_dataset(struct req *r, struct resp *w)
{
	return dataset_show(r, w);
}

enum rc
api_dataset_change(struct req *r, struct resp *w)
{
	TRY(profile_columns_set(r->cx, r->db, auth_caller(r), r->path_param[0], r->body));
	return dataset_show(r, w);
}
