/*
 * api_people.c - one's account and sessions, users, API tokens and the audit over HTTP.
 */
#include "people/model.h"

#include "app/people.h"
#include "app/tokens.h"
#include "base/clock.h"

enum { PROGRESS_MINUTES = 15 };

/* A list that is at hand whole. */
static enum rc
whole_list(struct req *r, struct resp *w, json *data)
{
	json *o;

	TRY(model_list(r, data, &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/*
 * Account and sessions.
 */

enum rc
api_account(struct req *r, struct resp *w)
{
	struct user u;

	TRY(user_get(r->cx, r->db, r->who.user_id, &u));
	resp_json(w, 200, r->cx->a, model_user(r->cx->a, &u));
	return RC_OK;
}

enum rc
api_account_change(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "mailNotices", .type = FIELD_BOOL },
		{
		    .name = "email",
		    .type = FIELD_TEXT,
		    .max = EMAIL_MAX,
		},
		{ .name = "current", .type = FIELD_TEXT },
		{ .name = NULL },
	};
	bool sent;
	json *in;

	TRY(caller_person(r->cx, auth_caller(r)));
	TRY(input_check(r, fields, &in));
	if (json_has(in, "mailNotices"))
		TRY(account_notices(
		    r->cx, r->db, auth_caller(r), json_flag(in, "mailNotices", true)));
	if (json_has(r->body, "email"))
		TRY(account_email(r->cx, r->db, auth_caller(r),
		    json_str(in, "email") ? json_str(in, "email") : "",
		    json_str(r->body, "current"), &sent));
	return api_account(r, w);
}

enum rc
api_account_password(struct req *r, struct resp *w)
{
	/* A password is taken as it is: nothing is trimmed. */
	TRY(account_password(r->cx, r->db, auth_caller(r), json_str(r->body, "current"),
	    json_str(r->body, "password")));
	w->status = 204;
	return RC_OK;
}

enum rc
api_sessions(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a);
	struct session_list list;

	TRY(session_list(r->cx, r->db, r->who.user_id, &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(data, model_session(r, &list.v[i]));
	return whole_list(r, w, data);
}

enum rc
api_session_end(struct req *r, struct resp *w)
{
	TRY(account_end_sessions(r->cx, r->db, auth_caller(r), r->path_param[0]));
	w->status = 204;
	return RC_OK;
}

enum rc
api_sessions_end(struct req *r, struct resp *w)
{
	TRY(account_end_sessions(r->cx, r->db, auth_caller(r), NULL));
	w->status = 204;
	return RC_OK;
}

/*
 * Users, for operators.
 */

enum rc
api_users(struct req *r, struct resp *w)
{
	const char *cursor = req_query(r, "cursor");
	json *data = json_list(r->cx->a);
	struct user_list list;
	int64_t limit;

	TRY(req_limit(r, &limit));
	TRY(user_page(r->cx, r->db, cursor ? cursor : "", limit, &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(data, model_user(r->cx->a, &list.v[i]));
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	return RC_OK;
}

enum rc
api_user_get(struct req *r, struct resp *w)
{
	struct user u;

	TRY(user_get(r->cx, r->db, r->path_param[0], &u));
	resp_json(w, 200, r->cx->a, model_user(r->cx->a, &u));
	return RC_OK;
}

enum rc
api_user_add(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "name", .type = FIELD_TEXT },
		{ .name = "role", .type = FIELD_TEXT },
		{ .name = "workspace_id", .type = FIELD_TEXT },
		{ .name = "invite", .type = FIELD_BOOL },
		{ .name = NULL },
	};
	const char *link;
	struct person p = { .name = NULL };
	struct user u;
	json *in, *o;

	TRY(input_check(r, fields, &in));
	p.name = json_str(in, "name");
	p.role = json_str(in, "role");
	p.workspace_id = json_str(in, "workspace_id");
	TRY(people_add(r->cx, r->db, auth_caller(r), &p, &u));
	o = model_user(r->cx->a, &u);
	if (json_flag(in, "invite", false)) {
		TRY(people_invite(r->cx, r->db, auth_caller(r), u.id, &link));
		json_set_str(o, "link", link);
		w->secret = true;
	}
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/users/%s", u.id));
	resp_json(w, 201, r->cx->a, o);
	return RC_OK;
}

enum rc
api_user_change(struct req *r, struct resp *w)
{
	TRY(people_change(r->cx, r->db, auth_caller(r), r->path_param[0], r->body));
	return api_user_get(r, w);
}

enum rc
api_user_remove(struct req *r, struct resp *w)
{
	const char *remote = req_query(r, "remote");

	TRY(people_remove(
	    r->cx, r->db, auth_caller(r), r->path_param[0], remote && !strcmp(remote, "clean")));
	w->status = 204;
	return RC_OK;
}

static enum rc
reply_link(struct req *r, struct resp *w, const char *link)
{
	json *o = json_new(r->cx->a);

	json_set_str(o, "link", link);
	json_set_time(o, "expiresAt", clock_ms() + SIGN_IN_KEY_MINUTES * MINUTE_MS);
	resp_json(w, 201, r->cx->a, o);
	w->secret = true;
	return RC_OK;
}

enum rc
api_user_invite(struct req *r, struct resp *w)
{
	const char *link;

	TRY(people_invite(r->cx, r->db, auth_caller(r), r->path_param[0], &link));
	return reply_link(r, w, link);
}

enum rc
api_user_reset(struct req *r, struct resp *w)
{
	const char *link;

	TRY(people_reset(r->cx, r->db, auth_caller(r), r->path_param[0], &link));
	return reply_link(r, w, link);
}

/*
 * API tokens.
 */

enum rc
token_list(struct req *r, struct resp *w)
{
	json *data = json_list(r->cx->a);
	struct token_list list;

	TRY(tokens_of(r->cx, r->db, r->who.user_id, &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(data, model_token(r->cx->a, &list.v[i]));
	return whole_list(r, w, data);
}

/* ["read", "sync"] or "read,sync". */
static const char *
scopes_given(struct req *r)
{
	json *v = json_at(r->body, "scopes");
	struct buf *b = buf_in(r->cx->a, 200);

	if (json_is_str(v))
		return json_value_str(v);
	for (size_t i = 0; i < json_len(v); i++)
		if (json_is_str(json_nth(v, i)))
			buf_printf(b, "%s%s", i ? "," : "", json_value_str(json_nth(v, i)));
	return buf_c(b);
}

/* The token is shown this once. */
static enum rc
reply_token(struct req *r, struct resp *w, const struct token_made *made)
{
	json *o = model_token(r->cx->a, &made->token);

	json_set_str(o, "token", made->text);
	resp_header(w, "Location", arena_printf(r->cx->a, "/api/tokens/%s", made->token.id));
	resp_json(w, 201, r->cx->a, o);
	w->secret = true;
	return RC_OK;
}

enum rc
token_add(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "name", .type = FIELD_TEXT },
		{ .name = "scopes", .type = FIELD_LIST },
		{ .name = "days", .type = FIELD_INT },
		{ .name = NULL },
	};
	struct token_input t = { .name = NULL };
	struct token_made made;
	json *in;

	TRY(input_check(r, fields, &in));
	t.name = json_str(in, "name");
	t.scopes = scopes_given(r);
	t.days = json_num(in, "days", 0);
	/* For ever is said by saying nothing. */
	if (json_has(in, "days") && t.days == 0)
		t.days = -1;
	TRY(tokens_make(r->cx, r->db, auth_caller(r), &t, &made));
	return reply_token(r, w, &made);
}

enum rc
token_renew(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "overlapHours", .type = FIELD_INT },
		{ .name = NULL },
	};
	struct token_made made;
	json *in;

	TRY(input_check(r, fields, &in));
	TRY(tokens_rotate(r->cx, r->db, auth_caller(r), r->path_param[0],
	    json_num(in, "overlapHours", TOKEN_OVERLAP_HOURS), &made));
	return reply_token(r, w, &made);
}

static enum rc
people_revoke(struct req *r, struct resp *w, const char *id)
{
	TRY(tokens_revoke(r->cx, r->db, auth_caller(r), id));
	w->status = 204;
	return RC_OK;
}

enum rc
token_revoke(struct req *r, struct resp *w)
{
	return people_revoke(r, w, r->path_param[0]);
}

enum rc
token_revoke_query(struct req *r, struct resp *w)
{
	const char *id = req_query(r, "id");

	return id ? people_revoke(r, w, id) : input_fail_one(r, "id", "Name the token: ?id=");
}

enum rc
api_progress_token(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "minutes", .type = FIELD_INT },
		{ .name = NULL },
	};
	json *in, *o = json_new(r->cx->a);
	struct progress_made made;
	const char *id = r->path_param[0];

	TRY(input_check(r, fields, &in));
	TRY(tokens_progress(
	    r->cx, r->db, auth_caller(r), id, json_num(in, "minutes", PROGRESS_MINUTES), &made));
	json_set_str(o, "token", made.text);
	json_set_str(o, "connectionId", id);
	json_set_time(o, "expiresAt", made.expires_at);
	resp_json(w, 201, r->cx->a, o);
	w->secret = true;
	return RC_OK;
}

/*
 * Audit.
 */

enum rc
api_audit(struct req *r, struct resp *w)
{
	const char *cursor = req_query(r, "cursor"), *all = req_query(r, "all");
	bool everybody = all && !strcmp(all, "1");
	json *data = json_list(r->cx->a);
	struct audit_list list;
	int64_t limit;

	TRY(req_limit(r, &limit));
	if (everybody)
		TRY(auth_need(r, SCOPE_OPERATOR));
	TRY(audit_page(r->cx, r->db,
	    &(struct audit_page){ .owner = everybody ? NULL : r->who.user_id,
		.object = everybody ? NULL : req_query(r, "object"),
		.cursor = cursor,
		.limit = limit },
	    &list));
	for (size_t i = 0; i < list.n; i++)
		json_add(data, model_audit(r->cx->a, &list.v[i]));
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	return RC_OK;
}
