/*
 * page_contacts.c - the card of /settings that says how often contacts are kept level: one schedule
 * of all address books of a user.
 */
#include "app/contacts.h"
#include "base/clock.h"
#include "skin/page.h"

/* The intervals to choose from, and the one in force when it is another. */
static json *
contacts_choices(struct arena *a, int64_t now)
{
	static const int64_t hours[] = { 4, 12, 24, 48 };
	json *list = json_list(a), *o;
	bool among = false;

	for (size_t i = 0; i <= sizeof hours / sizeof *hours; i++) {
		const bool other = i == sizeof hours / sizeof *hours;
		const int64_t h = other ? now : hours[i];

		if (other && among)
			break;
		among |= h == now;
		o = json_new(a);
		json_set_i64(o, "value", h);
		json_set_str(o, "label",
		    h == 1 ? "Every hour" : arena_printf(a, "Every %lld hours", (long long)h));
		json_set_bool(o, "selected", h == now);
		json_add(list, o);
	}
	return list;
}

enum rc
page_contacts(struct req *r, json *model)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a);
	struct auto_sync s;
	bool any;

	json_set_null(model, "contacts");
	TRY(contacts_any(r->cx, r->db, r->who.user_id, &any));
	if (!any)
		return RC_OK;
	TRY(contacts_get(r->cx, r->db, r->who.user_id, &s));
	json_set_bool(o, "enabled", s.enabled);
	json_set(o, "choices", contacts_choices(a, s.interval_hours));
	json_set_time(o, "lastAt", s.last_sync_at);
	json_set_time(o, "nextAt", s.next_sync_at);
	page_when(a, o, "next", json_str(o, "nextAt"), clock_ms());
	json_set_str(o, "none", s.enabled ? "Stopped until it is fixed" : "No automatic sync");
	json_set(model, "contacts", o);
	return RC_OK;
}

enum rc
page_contacts_act(struct req *r, struct resp *w)
{
	json *change = json_new(r->cx->a);
	const char *hours = req_form(r, "interval_hours");
	struct auto_sync s;
	enum rc rc;

	json_set_bool(change, "enabled", req_form(r, "enabled") != NULL);
	if (hours)
		json_set_str(change, "interval_hours", hours);
	rc = contacts_set(r->cx, r->db, auth_caller(r), change, &s);
	if (rc != RC_OK && rc != RC_INVALID)
		return rc;
	if (rc == RC_OK)
		page_say(r, w, "/settings?tab=integrations#contacts", "Saved.");
	else
		page_say_bad(r, w, "/settings?tab=integrations#contacts",
		    arena_printf(r->cx->a, "Not saved: %s", r->cx->err.detail));
	return RC_OK;
}
