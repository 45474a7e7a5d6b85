/*
 * api_auto_sync.c - GET and PUT /api/auto-sync/config: whether and how often a user's contacts
 * are kept level.
 */
#include "app/contacts.h"
#include "skin/model.h"

static enum rc
contacts_show(struct req *r, struct resp *w, const struct auto_sync *s)
{
	json *o = json_new(r->cx->a);

	json_set_bool(o, "enabled", s->enabled);
	json_set_i64(o, "interval_hours", s->interval_hours);
	json_set_time(o, "last_sync_at", s->last_sync_at);
	json_set_time(o, "next_sync_at", s->next_sync_at);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/* A progress token, which is for one connection, is shown it when that is an address book. */
static enum rc
contacts_for(struct req *r)
{
	struct conn c;

	if (!r->who.only_conn)
		return RC_OK;
	TRY(conn_get(r->cx, r->db, r->who.user_id, r->who.only_conn, &c));
	return contacts_kind(c.provider)
	    ? RC_OK
	    : fail(r->cx, E_NOT_FOUND, "This progress token is not for an address book.");
}

enum rc
api_auto_sync(struct req *r, struct resp *w)
{
	struct auto_sync s;

	TRY(contacts_for(r));
	TRY(contacts_get(r->cx, r->db, r->who.user_id, &s));
	return contacts_show(r, w, &s);
}

/* What the body does not name stays as it is. */
enum rc
api_auto_sync_change(struct req *r, struct resp *w)
{
	struct auto_sync s;

	TRY(contacts_set(r->cx, r->db, auth_caller(r), r->body, &s));
	return contacts_show(r, w, &s);
}
