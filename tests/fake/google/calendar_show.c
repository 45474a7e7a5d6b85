/*
 * calendar_show.c - an event as it is read.
 */
#include "fake/google/calendar.h"

#include "base/zone_name.h"

#include "base/rand.h"

const char *
event_etag(struct arena *a, const struct event *e)
{
	return arena_printf(a, "\"%lld\"", (long long)e->version * 2);
}

const struct zone *
zone_shown(struct call *c, const struct calendar *cal)
{
	const char *name = query_of(c, "timeZone");
	const struct zone *zone = name ? zone_system(c->a, str_c(name)) : cal->zone;

	if (!zone)
		refuse(c,
		    &(struct refusal){
			.status = 400,
			.reason = "invalid",
			.message = "Invalid value for: timeZone",
			.location_type = "parameter",
			.location = "timeZone",
		    });
	return zone;
}

json *
event_stub(struct arena *a, const struct event *e)
{
	json *j = json_new(a);

	json_set_str(j, "kind", "calendar#event");
	json_set_str(j, "etag", event_etag(a, e));
	json_set_str(j, "id", e->id);
	json_set_str(j, "status", "cancelled");
	if (e->series) {
		json_set_str(j, "recurringEventId", e->series->id);
		json_set(j, "originalStartTime", json_at(e->content, "originalStartTime"));
	}
	return j;
}

static json *
show_person(struct call *c, const struct calendar *cal, const char *email)
{
	const struct account *who = account_by(c->f, email);
	json *j = json_new(c->a);

	json_set_str(j, "email", email);
	if (who && strcmp(who->name, email) != 0)
		json_set_str(j, "displayName", who->name);
	else if (!cal->primary && strcmp(email, cal->id) == 0)
		json_set_str(j, "displayName", cal->summary);
	if (strcmp(email, cal->id) == 0)
		json_set_bool(j, "self", true);
	return j;
}

static json *
show_guests(struct call *c, const struct event *e)
{
	const json *list = json_at(e->content, "attendees");
	const char *most = query_of(c, "maxAttendees");
	json *out = json_list(c->a);
	int64_t limit = INT32_MAX;

	if (most)
		str_i64(str_c(most), 1, INT32_MAX, &limit);
	for (size_t i = 0; i < json_len(list) && i < (size_t)limit; i++) {
		json *one = json_stored(c->a, json_text(c->a, json_nth(list, i)));
		const char *email = json_str(one, "email");

		if (email && strcmp(email, e->calendar->id) == 0)
			json_set_bool(one, "self", true);
		if (email && strcmp(email, e->organizer) == 0)
			json_set_bool(one, "organizer", true);
		json_add(out, one);
	}
	return out;
}

/* Members that are told only when they are not as usual. */
static void
show_unusual(json *j, const json *content)
{
	static const struct {
		const char *name, *usual;
	} rows[] = {
		{ "transparency", "opaque" },
		{ "visibility", "default" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *v = json_str(content, rows[i].name);

		if (v && strcmp(v, rows[i].usual) == 0)
			json_unset(j, rows[i].name);
	}
}

static void
show_times(struct call *c, json *j, const struct event *e, const struct zone *shown)
{
	const char *const names[] = { "start", "end", "originalStartTime" };
	struct event_time t;
	const char *why;

	for (int i = 0; i < 3; i++)
		if (json_has(e->content, names[i]) &&
		    event_time_read(
			c->a, json_at(e->content, names[i]), e->calendar->zone, &t, &why))
			json_set(
			    j, names[i], event_time_json(c->a, &t, shown, e->calendar->zone_name));
}

/* Who sees only when somebody is busy. */
static json *
show_busy(struct call *c, const struct event *e, const struct zone *shown)
{
	json *j = json_new(c->a);

	json_set_str(j, "kind", "calendar#event");
	json_set_str(j, "etag", event_etag(c->a, e));
	json_set_str(j, "id", e->id);
	json_set_str(j, "status", "confirmed");
	json_set_str(j, "visibility", "private");
	json_set_stamp(c->a, j, "updated", e->updated);
	show_times(c, j, e, shown);
	json_set_str(j, "iCalUID", e->uid);
	return j;
}

json *
event_json(struct call *c, const struct event *e, const struct zone *shown)
{
	const char *seen = json_str(e->content, "visibility");
	const enum calendar_role role = calendar_role_of(e->calendar, c->who);
	const bool busy = role == ROLE_FREE_BUSY ||
	    (role == ROLE_READER && seen && strcmp(seen, "private") == 0);
	json *j;

	/* Google promises no more than its name, and usually tells all. */
	if (e->gone && (busy || !calendars_of(c->f)->whole))
		return event_stub(c->a, e);
	if (busy)
		return show_busy(c, e, shown);
	j = json_stored(c->a, json_text(c->a, e->content));
	show_unusual(j, e->content);
	json_set_str(j, "kind", "calendar#event");
	json_set_str(j, "etag", event_etag(c->a, e));
	json_set_str(j, "id", e->id);
	if (e->gone || !json_str(j, "status"))
		json_set_str(j, "status", e->gone ? "cancelled" : "confirmed");
	json_set_str(j, "htmlLink",
	    arena_printf(c->a, "https://www.google.com/calendar/event?eid=%s", e->id));
	json_set_stamp(c->a, j, "created", e->created);
	json_set_stamp(c->a, j, "updated", e->updated);
	json_set(j, "creator", show_person(c, e->calendar, e->creator));
	json_set(j, "organizer", show_person(c, e->calendar, e->organizer));
	show_times(c, j, e, shown);
	if (e->series)
		json_set_str(j, "recurringEventId", e->series->id);
	json_set_str(j, "iCalUID", e->uid);
	if (json_len(json_at(e->content, "attendees")) > 0)
		json_set(j, "attendees", show_guests(c, e));
	if (!json_has(j, "sequence"))
		json_set_i64(j, "sequence", 0);
	if (!json_has(j, "reminders")) {
		json *r = json_new(c->a);

		json_set_bool(r, "useDefault", true);
		json_set(j, "reminders", r);
	}
	if (!json_str(j, "eventType"))
		json_set_str(j, "eventType", "default");
	return j;
}
