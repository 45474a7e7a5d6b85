/*
 * api_subscriptions.c - services that sign what they send, for operators over HTTP.
 */
#include "app/subscriptions.h"
#include "skin/model.h"

enum rc
api_subscriptions(struct req *r, struct resp *w)
{
	json *list, *o;

	TRY(subscriptions_shown(r->cx, r->db, &list));
	TRY(model_list(r, list, &o));
	w->secret = true;
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_subscription_confirm(struct req *r, struct resp *w)
{
	TRY(subscriptions_confirm(r->cx, r->db, auth_caller(r), r->path_param[0]));
	w->status = 204;
	return RC_OK;
}

enum rc
api_subscription_drop(struct req *r, struct resp *w)
{
	TRY(subscriptions_drop(r->cx, r->db, auth_caller(r), r->path_param[0]));
	w->status = 204;
	return RC_OK;
}
