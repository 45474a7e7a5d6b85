/*
 * api_auto_sync.c - GET and PUT /api/auto-sync/config: whether and how often a user's contacts
 * are kept level.
 */
#include "base/clock.h"
#include "skin/model.h"
#include "store/audit.h"
#include "store/auto_sync.h"

static enum rc
show(struct req *r, struct resp *w, const struct auto_sync *s)
{
	json *o = json_new(r->cx->a);

	json_set_bool(o, "enabled", s->enabled);
	json_set_i64(o, "interval_hours", s->interval_hours);
	json_set_time(o, "last_sync_at", s->last_sync_at);
	json_set_time(o, "next_sync_at", s->next_sync_at);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_auto_sync(struct req *r, struct resp *w)
{
	struct auto_sync s;

	TRY(auto_sync_get(r->cx, r->db, r->who.user_id, &s));
	return show(r, w, &s);
}

static enum rc
change(struct req *r, const json *in, struct auto_sync *s)
{
	TRY(auto_sync_get(r->cx, r->db, r->who.user_id, s));
	TRY(auto_sync_set(r->cx, r->db, r->who.user_id, json_flag(in, "enabled", s->enabled),
	    json_num(in, "interval_hours", s->interval_hours), clock_ms(), s));
	return audit_add(r->cx, r->db, r->who.user_id, &r->who.by, "contacts sync set", "",
	    s->enabled ? arena_printf(r->cx->a, "every %lld hours", (long long)s->interval_hours)
		       : "off");
}

/* What the body does not name stays as it is. */
enum rc
api_auto_sync_change(struct req *r, struct resp *w)
{
	static const struct field fields[] = {
		{ .name = "enabled", .type = FIELD_BOOL },
		{
		    .name = "interval_hours",
		    .type = FIELD_INT,
		    .min = 1,
		    .max = AUTO_SYNC_HOURS_MAX,
		},
		{ .name = NULL },
	};
	struct auto_sync s;
	json *in;

	TRY(input_check(r, fields, &in));
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, change(r, in, &s)));
	return show(r, w, &s);
}
