/*
 * model.c - see model.h.
 */
#include "people/model.h"

json *
model_user(struct arena *a, const struct user *u)
{
	json *o = json_new(a);

	json_set_str(o, "id", u->id);
	json_set_str(o, "name", u->name);
	json_set_str(o, "role", u->role);
	json_set_str(o, "email", u->email);
	json_set_bool(o, "mailNotices", u->mail_notices);
	json_set_bool(o, "hasPassword", u->password != NULL);
	json_set_str(o, "workspace_id", u->workspace_id);
	json_set_time(o, "createdAt", u->created_at);
	json_set_bool(o, "disabled", u->disabled_at != 0);
	json_set_time(o, "disabledAt", u->disabled_at);
	json_set_bool(o, "removing", u->removed_at != 0);
	return o;
}

json *
model_session(struct req *r, const struct session *s)
{
	json *o = json_new(r->cx->a);

	json_set_str(o, "id", s->id);
	json_set_time(o, "createdAt", s->created_at);
	json_set_time(o, "seenAt", s->seen_at);
	json_set_str(o, "address", s->address);
	json_set_str(o, "agent", s->agent);
	json_set_bool(o, "current", r->who.session_id && !strcmp(s->id, r->who.session_id));
	return o;
}

json *
model_token(struct arena *a, const struct token *t)
{
	json *o = json_new(a), *scopes = json_list(a);
	struct str rest = str_c(t->scopes);

	while (rest.p && rest.n)
		json_add(scopes, json_string(a, str_trim(str_cut(rest, ',', &rest))));
	json_set_str(o, "id", t->id);
	json_set_str(o, "name", t->name);
	json_set(o, "scopes", scopes);
	json_set_time(o, "createdAt", t->created_at);
	json_set_time(o, "lastUsedAt", t->last_used_at);
	json_set_str(o, "lastUsedFrom", t->last_used_from);
	json_set_time(o, "expiresAt", t->expires_at);
	json_set_time(o, "revokedAt", t->revoked_at);
	json_set_str(o, "replaces", t->replaces);
	return o;
}

json *
model_audit(struct arena *a, const struct audit_row *row)
{
	json *o = json_new(a);

	json_set_str(o, "id", row->id);
	json_set_time(o, "at", row->at);
	json_set_str(o, "actor", row->actor);
	json_set_str(o, "action", row->action);
	json_set_str(o, "object", row->object);
	json_set_str(o, "detail", row->detail);
	json_set_str(o, "address", row->from);
	json_set_str(o, "owner", row->owner);
	return o;
}
