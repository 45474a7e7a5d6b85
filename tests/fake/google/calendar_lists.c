/*
 * calendar_lists.c - calendars as their readers have them: the list, one, a new one, settings.
 */
#include "fake/google/calendar.h"

#include "base/zone_name.h"

#include "fake/google/channel.h"

enum { LIST_USUAL = 100, LIST_MOST = 250 };

static json *
lists_entry(struct call *c, const struct calendar *cal)
{
	const enum calendar_role role = calendar_role_of(cal, c->who);
	const json *mine = json_at(cal->shown, c->who->email);
	json *j = json_is_obj(mine) ? json_stored(c->a, json_text(c->a, mine)) : json_new(c->a);
	json *reminders = json_list(c->a);

	json_set_str(j, "kind", "calendar#calendarListEntry");
	json_set_str(j, "etag", arena_printf(c->a, "\"%lld\"", (long long)cal->version));
	json_set_str(j, "id", cal->id);
	if (cal->gone || role == ROLE_NONE) {
		json_set_bool(j, "deleted", true);
		return j;
	}
	json_set_str(j, "summary", cal->summary);
	if (cal->description)
		json_set_str(j, "description", cal->description);
	if (cal->location)
		json_set_str(j, "location", cal->location);
	json_set_str(j, "timeZone", cal->zone_name);
	json_set_str(j, "colorId", "14");
	json_set_str(j, "backgroundColor", "#9fe1e7");
	json_set_str(j, "foregroundColor", "#000000");
	json_set_bool(j, "selected", true);
	json_set_str(j, "accessRole", calendar_role_word(role));
	json_set(j, "defaultReminders", reminders);
	if (cal->primary && cal->owner == c->who)
		json_set_bool(j, "primary", true);
	json_set_str(j, "dataOwner", cal->owner->email);
	return j;
}

static void
lists_refuse(struct call *c, int status, const char *reason, const char *location)
{
	refuse(c,
	    &(struct refusal){
		.status = status,
		.domain = status == 410 ? "calendar" : NULL,
		.reason = reason,
		.message = status == 410 ? "Sync token is no longer valid, a full sync is required."
					 : "Invalid value",
		.location_type = "parameter",
		.location = location,
	    });
}

/* The version that a token remembers; false: refused. */
static bool
lists_since(struct call *c, int64_t *since)
{
	const char *text = query_of(c, "syncToken");
	struct str rest = str_c(text), world;
	int64_t began;

	*since = 0;
	if (!text)
		return true;
	if (query_of(c, "minAccessRole") || query_of(c, "showOwnOrganizationOnly")) {
		lists_refuse(c, 400, "badRequest", "syncToken");
		return false;
	}
	str_cut(rest, '.', &rest);
	world = rest.p ? str_cut(rest, '.', &rest) : rest;
	if (*text != 'L' || !rest.p || !str_i64(world, 0, INT64_MAX, &began) ||
	    began != calendars_of(c->f)->began || !str_ends(rest, "=") ||
	    !str_i64((struct str){ rest.p, rest.n - 1 }, 0, INT64_MAX, since)) {
		lists_refuse(c, 410, "fullSyncRequired", "syncToken");
		return false;
	}
	return true;
}

/* Whether the caller has it in his list. One that he may not read any more is told of once. */
static bool
lists_has(struct call *c, const struct calendar *cal, int64_t since)
{
	const enum calendar_role role = calendar_role_of(cal, c->who);
	const char *least = query_of(c, "minAccessRole");

	if (cal->version <= since)
		return false;
	if (cal->gone || role == ROLE_NONE)
		return (since > 0 || query_flag(c, "showDeleted")) &&
		    json_has(cal->shown, c->who->email);
	for (int i = (int)role; least && i >= 0; i--)
		if (strcmp(calendar_role_word((enum calendar_role)i), least) == 0)
			return true;
	return !least;
}

void
calendar_entries(struct call *c)
{
	const char *size = query_of(c, "maxResults"), *page = query_of(c, "pageToken");
	json *top = json_new(c->a), *items = json_list(c->a);
	int64_t limit = LIST_USUAL, skip = 0, since, n = 0;
	const int64_t version = calendars_of(c->f)->last_version;

	calendar_primary(c->f, c->who);
	if (!lists_since(c, &since))
		return;
	if (page && !str_i64(str_c(page), 0, INT32_MAX, &skip)) {
		lists_refuse(c, 400, "invalid", "pageToken");
		return;
	}
	if (size)
		str_i64(str_c(size), 1, INT32_MAX, &limit);
	limit = limit > LIST_MOST ? LIST_MOST : limit;
	for (struct calendar *cal = calendars_of(c->f)->list; cal; cal = cal->next) {
		if (!lists_has(c, cal, since))
			continue;
		if (calendar_role_of(cal, c->who) > ROLE_NONE &&
		    !json_has(cal->shown, c->who->email))
			json_set(cal->shown, c->who->email, json_new(c->f->a));
		if (n >= skip && n < skip + limit)
			json_add(items, lists_entry(c, cal));
		n++;
	}
	json_set_str(top, "kind", "calendar#calendarList");
	json_set_str(top, "etag", arena_printf(c->a, "\"p%lld\"", (long long)version));
	json_set(top, "items", items);
	if (n > skip + limit)
		json_set_str(
		    top, "nextPageToken", arena_printf(c->a, "%lld", (long long)(skip + limit)));
	else
		json_set_str(top, "nextSyncToken",
		    arena_printf(c->a, "L.%lld.%lld=", (long long)calendars_of(c->f)->began,
			(long long)calendars_of(c->f)->last_version));
	reply_json(c, 200, top);
}

void
calendar_list_get(struct call *c)
{
	const struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_FREE_BUSY);

	if (cal)
		reply_json(c, 200, lists_entry(c, cal));
}

void
calendar_list_watch(struct call *c)
{
	channel_open(c,
	    &(struct watch_target){
		.kind = &calendars_watched,
		.what = c->who,
		.id = c->who->email,
		.resource = arena_printf(c->f->a, "list-%.40s", c->who->email),
		.uri = "https://www.googleapis.com/calendar/v3/users/me/calendarList?alt=json",
	    });
}

static json *
lists_calendar(struct call *c, const struct calendar *cal)
{
	json *j = json_new(c->a);

	json_set_str(j, "kind", "calendar#calendar");
	json_set_str(j, "etag", arena_printf(c->a, "\"%lld\"", (long long)cal->version));
	json_set_str(j, "id", cal->id);
	json_set_str(j, "summary", cal->summary);
	if (cal->description)
		json_set_str(j, "description", cal->description);
	if (cal->location)
		json_set_str(j, "location", cal->location);
	json_set_str(j, "timeZone", cal->zone_name);
	json_set_str(j, "dataOwner", cal->owner->email);
	return j;
}

void
calendar_entry(struct call *c)
{
	const struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_READER);

	if (cal)
		reply_json(c, 200, lists_calendar(c, cal));
}

void
calendar_insert(struct call *c)
{
	const char *summary = json_str(c->body, "summary"), *name = json_str(c->body, "timeZone");
	const struct zone *zone = name ? zone_system(c->f->a, str_c(name)) : &zone_utc;
	struct calendar *cal;

	if (!summary || !*summary || !zone) {
		refuse(c,
		    &(struct refusal){
			.status = 400,
			.reason = zone ? "required" : "invalid",
			.message = zone ? "Missing summary." : "Invalid time zone.",
		    });
		return;
	}
	cal = calendar_add(c->f, c->who, summary);
	cal->description = kept(c, c->body, "description", NULL);
	cal->location = kept(c, c->body, "location", NULL);
	cal->zone_name = kept(c, c->body, "timeZone", "UTC");
	cal->zone = zone;
	reply_json(c, 200, lists_calendar(c, cal));
}

void
calendar_setting(struct call *c)
{
	static const char *const rows[][2] = {
		{ "locale", "en" },
		{ "weekStart", "1" },
		{ "format24HourTime", "true" },
		{ "timezone", NULL },
	};
	json *j = json_new(c->a);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i][0], c->part[0]) != 0)
			continue;
		json_set_str(j, "kind", "calendar#setting");
		json_set_str(j, "etag", "\"0\"");
		json_set_str(j, "id", rows[i][0]);
		json_set_str(j, "value",
		    rows[i][1] ? rows[i][1] : calendar_primary(c->f, c->who)->zone_name);
		reply_json(c, 200, j);
		return;
	}
	refuse(c, &(struct refusal){ .status = 404, .reason = "notFound", .message = "Not Found" });
}
