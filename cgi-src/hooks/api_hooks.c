/*
 * api_hooks.c - webhooks and their deliveries over HTTP.
 */
#include "app/hooks.h"
#include "hooks/model.h"

/* url, description, events, for a change also enabled; what is null counts as not said. */
static enum rc
read_input(struct req *r, struct hook_input *in)
{
	static const char *const texts[] = { "url", "description" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (json_at(r->body, texts[i]) && !json_is_str(json_at(r->body, texts[i])))
			return input_fail_one(r, texts[i], "This must be a text.");
	if (json_at(r->body, "enabled") && !json_is_bool(json_at(r->body, "enabled")))
		return input_fail_one(r, "enabled", "This is true or false.");
	*in = (struct hook_input){
		.url = json_str(r->body, "url"),
		.description = json_str(r->body, "description"),
		.events = json_at(r->body, "events"),
	};
	if (json_at(r->body, "enabled")) {
		bool *on = arena_alloc(r->cx->a, sizeof *on);
		*on = json_flag(r->body, "enabled", true);
		in->enabled = on;
	}
	return RC_OK;
}

static enum rc
reply_hook(struct req *r, struct resp *w, int status, const char *id, const char *secret)
{
	struct hook h;
	json *o;

	TRY(hook_get(r->cx, r->db, r->who.user_id, id, &h));
	o = model_hook(r->cx->a, &h);
	if (secret)
		json_set_str(o, "secret", secret);
	w->secret = secret != NULL;
	resp_json(w, status, r->cx->a, o);
	return RC_OK;
}

enum rc
api_hooks(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a);
	struct hook_list list;

	TRY(hook_list(r->cx, r->db, r->who.user_id, &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(data, model_hook(r->cx->a, &list.v[i]));
	TRY(model_list(r, data, &data));
	resp_json(w, 200, r->cx->a, data);
	return RC_OK;
}

enum rc
api_hook_add(struct req *r, struct resp *w)
{
	const char *id, *secret;
	struct hook_input in;

	TRY(read_input(r, &in));
	TRY(hooks_add(r->cx, r->db, auth_caller(r), &in, &id, &secret));
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/webhooks/%s", id));
	return reply_hook(r, w, 201, id, secret);
}

enum rc
api_hook_get(struct req *r, struct resp *w)
{
	TRY(reply_hook(r, w, 200, r->path_param[0], NULL));
	return RC_OK;
}

enum rc
api_hook_change(struct req *r, struct resp *w)
{
	struct hook_input in;

	TRY(read_input(r, &in));
	TRY(hooks_change(r->cx, r->db, auth_caller(r), r->path_param[0], &in));
	return reply_hook(r, w, 200, r->path_param[0], NULL);
}

enum rc
api_hook_delete(struct req *r, struct resp *w)
{
	TRY(hooks_remove(r->cx, r->db, auth_caller(r), r->path_param[0]));
	w->status = 204;
	return RC_OK;
}

enum rc
api_hook_rotate(struct req *r, struct resp *w)
{
	const char *secret;

	TRY(hooks_rotate(r->cx, r->db, auth_caller(r), r->path_param[0], &secret));
	return reply_hook(r, w, 200, r->path_param[0], secret);
}

static enum rc
reply_delivery(struct req *r, struct resp *w, const char *id)
{
	struct delivery d;
	json *o;

	TRY(delivery_get(r->cx, r->db, r->who.user_id, r->path_param[0], id, &d));
	TRY(model_delivery(r, &d, &o));
	resp_json(w, 202, r->cx->a, o);
	return RC_OK;
}

enum rc
api_hook_test(struct req *r, struct resp *w)
{
	const char *id;

	TRY(hooks_test(r->cx, r->db, auth_caller(r), r->path_param[0], &id));
	return reply_delivery(r, w, id);
}

enum rc
api_hook_redeliver(struct req *r, struct resp *w)
{
	TRY(hooks_again(r->cx, r->db, auth_caller(r), r->path_param[0], r->path_param[1]));
	return reply_delivery(r, w, r->path_param[1]);
}

enum rc
api_hook_deliveries(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a), *o;
	struct delivery_list list;
	struct hook h;
	int64_t limit;

	TRY(req_limit(r, &limit));
	TRY(hook_get(r->cx, r->db, r->who.user_id, r->path_param[0], &h));
	TRY(delivery_list(r->cx, r->db,
	    &(struct delivery_page){ .owner = r->who.user_id,
		.hook_id = h.id,
		.before = req_query(r, "cursor"),
		.limit = limit },
	    &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_delivery(r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	return RC_OK;
}
