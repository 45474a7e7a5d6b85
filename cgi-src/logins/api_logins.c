/*
 * api_logins.c - accounts at providers over HTTP, what they cost, and the way to the consent page
 * and back.
 */
#include "app/logins.h"
#include "kind/kind.h"
#include "skin/page.h"

enum rc
api_accounts(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a), *o;
	struct login_list list;

	TRY(login_list(r->cx, r->db, r->who.user_id, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_account(r, &list.v[i], &o));
		json_add(data, o);
	}
	TRY(model_list(r, data, &data));
	resp_json(w, 200, r->cx->a, data);
	return RC_OK;
}

static enum rc
reply_account(struct req *r, struct resp *w, int status, const char *id)
{
	struct login acc;
	json *o;

	TRY(login_get(r->cx, r->db, r->who.user_id, id, &acc));
	TRY(model_account(r, &acc, &o));
	resp_json(w, status, r->cx->a, o);
	return RC_OK;
}

enum rc
api_account_one(struct req *r, struct resp *w)
{
	return reply_account(r, w, 200, r->path_param[0]);
}

/* {"key": {...} or its text} */
enum rc
api_account_service(struct req *r, struct resp *w)
{
	json *key = json_at(r->body, "key");
	const char *id, *text = NULL;

	if (key)
		text = json_is_str(key) ? json_value_str(key) : json_text(r->cx->a, key);
	TRY(logins_service(r->cx, r->db, auth_caller(r),
	    login_service_provider(json_str(r->body, "provider")), text, &id));
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/accounts/%s", id));
	return reply_account(r, w, 201, id);
}

enum rc
api_account_remove(struct req *r, struct resp *w)
{
	bool revoked, left;

	TRY(logins_remove(r->cx, r->db, auth_caller(r), r->path_param[0], &revoked, &left));
	w->status = 204;
	return RC_OK;
}

/* The kind of source whose form a person came from, or one that reads with such accounts. */
static const char *
kind_to_add(const char *provider, const char *given)
{
	const struct kind *k = kind_find(given);

	if (!k || !k->account || strcmp(k->account, provider))
		k = kind_first_of(provider);
	return k ? k->id : "";
}

/* To the account of a connection, or of the given one, or a new one. */
enum rc
api_auth_start(struct req *r, struct resp *w)
{
	const char *conn_id = req_query(r, "connection");
	struct login_start to = {
		.provider = r->path_param[0],
		.account_id = req_query(r, "account"),
		.kind = req_query(r, "for"),
		.next = "/settings?tab=accounts",
	};
	const char *url;
	struct conn c;

	if (conn_id) {
		TRY(conn_get(r->cx, r->db, r->who.user_id, conn_id, &c));
		to.account_id = c.account_id;
		to.kind = c.provider;
		to.next = arena_printf(r->cx->a, "/connections/%s", c.id);
	} else if (req_query(r, "add")) {
		to.kind = kind_to_add(to.provider, req_query(r, "add"));
		to.next = arena_printf(r->cx->a, "/settings?tab=integrations&add=%s#add", to.kind);
	}
	TRY(logins_start(r->cx, r->db, auth_caller(r), &to, &url));
	w->status = 302;
	resp_header(w, "Location", url);
	return RC_OK;
}

/* A person sees how it went on the page that follows, never a bare error: the address of this
 * one holds a code that must not stay in sight. */
enum rc
api_auth_back(struct req *r, struct resp *w)
{
	const struct login_back back = {
		.provider = r->path_param[0],
		.state = req_query(r, "state"),
		.code = req_query(r, "code"),
		.error = req_query(r, "error"),
		.iss = req_query(r, "iss"),
	};
	struct login_outcome out;
	enum rc rc = logins_back(r->cx, r->db, auth_caller(r), &back, &out);

	if (rc == RC_BUG)
		return rc;
	if (rc != RC_OK)
		out.said = page_problem(r, &r->cx->err);
	if (rc == RC_OK && out.connected)
		page_say(r, w, out.next, out.said);
	else
		page_say_bad(r, w, out.next, out.said);
	return RC_OK;
}

/* {data: of each account, project} */
enum rc
api_quota(struct req *r, struct resp *w)
{
	json *data, *project, *o;

	TRY(model_quota(r, &data));
	TRY(model_quota_project(r, &project));
	TRY(model_list(r, data, &o));
	json_set(o, "project", project);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
