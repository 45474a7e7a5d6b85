/*
 * calendar_keep.c - calendars and their events over a restart.
 */
#include "base/zone_name.h"

#include "fake/core/keep.h"
#include "fake/google/calendar.h"

static json *
keep_event(struct arena *a, const struct event *e)
{
	json *j = json_new(a);

	json_set_str(j, "id", e->id);
	json_set_str(j, "uid", e->uid);
	json_set_str(j, "creator", e->creator);
	json_set_str(j, "organizer", e->organizer);
	json_set(j, "content", e->content);
	if (e->series)
		json_set_str(j, "series", e->series->id);
	if (e->slot)
		json_set_str(j, "slot", e->slot);
	json_set_i64(j, "version", e->version);
	json_set_i64(j, "created", e->created);
	json_set_i64(j, "updated", e->updated);
	json_set_bool(j, "gone", e->gone);
	json_set_bool(j, "purged", e->purged);
	return j;
}

static json *
keep_calendar(struct arena *a, const struct calendar *cal)
{
	json *j = json_new(a), *events = json_list(a);

	for (const struct event *e = cal->first; e; e = e->next)
		json_add(events, keep_event(a, e));
	json_set_str(j, "id", cal->id);
	json_set_str(j, "owner", cal->owner->email);
	json_set_bool(j, "primary", cal->primary);
	json_set_str(j, "summary", cal->summary);
	json_set_str(j, "description", cal->description);
	json_set_str(j, "location", cal->location);
	json_set_str(j, "zone", cal->zone_name);
	json_set(j, "roles", cal->roles);
	json_set(j, "shown", cal->shown);
	json_set_i64(j, "epoch", cal->epoch);
	json_set_i64(j, "version", cal->version);
	json_set_bool(j, "gone", cal->gone);
	json_set(j, "events", events);
	return j;
}

void
calendar_save(struct fake *f, struct arena *a, json *top)
{
	const struct calendars *part = calendars_of(f);
	json *j = json_new(a), *list = json_list(a);

	for (const struct calendar *cal = part->list; cal; cal = cal->next)
		json_add(list, keep_calendar(a, cal));
	json_set_i64(j, "began", part->began);
	json_set_i64(j, "version", part->last_version);
	json_set(j, "list", list);
	json_set(top, "calendars", j);
}

static void
keep_load_event(struct fake *f, struct calendar *cal, const json *j)
{
	const char *id = json_str(j, "id"), *series = json_str(j, "series");
	struct event *e;

	if (!id || !json_is_obj(json_at(j, "content")))
		return;
	e = event_add(f, cal, id);
	e->uid = loaded_text(f, j, "uid", e->id);
	e->creator = loaded_text(f, j, "creator", cal->id);
	e->organizer = loaded_text(f, j, "organizer", cal->id);
	e->content = loaded_json(f, j, "content");
	/* It was made before its exceptions. */
	e->series = series ? event_by(cal, series) : NULL;
	e->slot = loaded_text(f, j, "slot", NULL);
	e->version = json_num(j, "version", 0);
	e->created = json_num(j, "created", e->created);
	e->updated = json_num(j, "updated", e->created);
	e->gone = json_flag(j, "gone", false);
	e->purged = json_flag(j, "purged", false);
}

static void
keep_load_zone(struct fake *f, struct calendar *cal, const json *j)
{
	const char *name = loaded_text(f, j, "zone", cal->zone_name);
	const struct zone *zone = zone_system(f->a, str_c(name));

	if (!zone)
		return;
	cal->zone_name = name;
	cal->zone = zone;
}

static void
keep_load_calendar(struct fake *f, const json *j)
{
	struct account *owner = account_by(f, json_str(j, "owner"));
	const char *id = loaded_text(f, j, "id", NULL);
	const json *events = json_at(j, "events");
	struct calendar *cal;

	if (!owner || !id)
		return;
	cal = calendar_add(f, owner, json_str(j, "summary"));
	cal->id = id;
	cal->primary = json_flag(j, "primary", false);
	cal->description = loaded_text(f, j, "description", NULL);
	cal->location = loaded_text(f, j, "location", NULL);
	keep_load_zone(f, cal, j);
	if (json_is_obj(json_at(j, "roles")))
		cal->roles = loaded_json(f, j, "roles");
	if (json_is_obj(json_at(j, "shown")))
		cal->shown = loaded_json(f, j, "shown");
	cal->epoch = json_num(j, "epoch", 0);
	cal->version = json_num(j, "version", cal->version);
	cal->gone = json_flag(j, "gone", false);
	for (size_t i = 0; i < json_len(events); i++)
		keep_load_event(f, cal, json_nth(events, i));
}

void
calendar_load(struct fake *f, const json *top)
{
	struct calendars *part = calendars_of(f);
	const json *j = json_at(top, "calendars"), *list = json_at(j, "list");
	int64_t version;

	if (!json_is_list(list))
		return;
	part->list = NULL;
	for (size_t i = 0; i < json_len(list); i++)
		keep_load_calendar(f, json_nth(list, i));
	/* Sync tokens remember what this world may have forgotten when it was cut off. */
	if (loaded_whole(top))
		part->began = json_num(j, "began", part->began);
	version = loaded_counter(top, j, "version");
	if (part->last_version < version)
		part->last_version = version;
}
