/*
 * calendar_control.c - calendars for tests, and what other people do in them: see fake_control.c.
 */
#include "fake/google/calendar.h"

#include "base/zone_name.h"

#include "base/clock.h"

static struct calendar *
control_calendar_named(struct call *c, const json *j)
{
	const char *id = json_str(j, "calendar");
	struct calendar *cal = calendar_by(c->f, id);
	struct account *who = account_by(c->f, id);

	if (!cal && who)
		cal = calendar_primary(c->f, who);
	if (!cal)
		refuse_argument(c, "There is no calendar %s.", id ? id : "(none)");
	return cal;
}

/* One that is there is changed. */
static void
control_calendar(struct call *c, const json *j, json *out)
{
	struct account *owner = account_named(c, json_str(j, "owner"));
	const char *id = json_str(j, "id"), *zone = json_str(j, "zone");
	struct calendar *cal;

	if (!owner)
		return;
	cal = calendar_by(c->f, id);
	if (!cal && (!id || strcmp(id, owner->email) == 0))
		cal = id ? calendar_primary(c->f, owner)
			 : calendar_add(c->f, owner, json_str(j, "summary"));
	if (!cal) {
		cal = calendar_add(c->f, owner, json_str(j, "summary"));
		cal->id = arena_dup(c->f->a, id);
	}
	cal->summary = kept(c, j, "summary", cal->summary);
	if (zone && zone_system(c->f->a, str_c(zone))) {
		cal->zone_name = arena_dup(c->f->a, zone);
		cal->zone = zone_system(c->f->a, str_c(zone));
	}
	calendar_touch(c->f, cal);
	json_set_str(out, "calendar", cal->id);
}

/* Who may read it now; tokens of before are of no use any more. */
static void
control_calendar_share(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);
	const char *email = json_str(j, "email");

	(void)out;
	if (!cal || !email)
		return;
	if (json_str(j, "role"))
		json_set_str(cal->roles, email, json_str(j, "role"));
	else
		json_unset(cal->roles, email);
	cal->epoch++;
	calendar_touch(c->f, cal);
}

static void
control_calendar_remove(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);

	(void)out;
	if (!cal)
		return;
	cal->gone = true;
	calendar_touch(c->f, cal);
}

static void
control_sync_tokens(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);

	(void)out;
	if (cal)
		cal->epoch++;
}

/* Traces of what was deleted go, and with them the ids. */
static void
control_purge(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);
	int64_t n = 0;

	for (struct event *e = cal ? cal->first : NULL; e; e = e->next)
		if (e->gone && !e->series && !e->purged) {
			e->purged = true;
			n++;
		}
	json_set_i64(out, "purged", n);
}

static void
control_brief(struct call *c, const json *j, json *out)
{
	(void)out;
	calendars_of(c->f)->brief = json_value_bool(j);
}

static void
control_whole(struct call *c, const json *j, json *out)
{
	(void)out;
	calendars_of(c->f)->whole = json_value_bool(j);
}

/* An event as it came without the API: from mail, or locked. */
static void
control_event(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);
	const json *content = json_at(j, "content");
	const char *id = json_str(j, "id"), *organizer = json_str(j, "organizer");
	struct event *e;

	if (!cal)
		return;
	if (!json_is_obj(content)) {
		refuse_argument(c, "An event needs its content.");
		return;
	}
	e = id ? event_by(cal, id) : NULL;
	if (!e) {
		e = event_add(c->f, cal, id ? id : event_new_id(c->f));
		e->uid = arena_printf(c->f->a, "%s@google.com", e->id);
	}
	e->uid = kept(c, j, "iCalUID", e->uid);
	e->organizer = organizer ? arena_dup(c->f->a, organizer) : cal->id;
	e->creator = e->organizer;
	e->content = world_copy(c->f, c->a, content);
	event_touch(c->f, e);
	json_set_str(out, "event", e->id);
}

/* A number of plain events, an hour each, one a day. */
static void
control_fill(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);
	const int64_t n = json_num(j, "count", 0), day = INT64_C(1767225600); /* 2026-01-01 */

	for (int64_t i = 0; cal && i < n; i++) {
		struct event *e = event_add(c->f, cal, event_new_id(c->f));
		struct event_time t = { .utc = day + i * 86400 + 9 * 3600, .zone = &zone_utc };
		json *content = json_new(c->f->a);

		json_set_str(content, "summary", arena_printf(c->a, "Event %lld", (long long)i));
		json_set(content, "start", event_time_json(c->f->a, &t, &zone_utc, "UTC"));
		t.utc += 3600;
		json_set(content, "end", event_time_json(c->f->a, &t, &zone_utc, "UTC"));
		e->content = content;
		e->uid = arena_printf(c->f->a, "%s@google.com", e->id);
		e->creator = cal->owner->email;
		e->organizer = cal->id;
		event_touch(c->f, e);
	}
	json_set_i64(out, "filled", n);
}

/* The line that ends the series before a moment in place of COUNT or UNTIL. */
static const char *
control_rule_until(struct arena *a, const char *line, const char *until)
{
	struct buf *b = buf_in(a, 4000);
	struct str rest = str_c(line), one;
	bool first = true;

	while (rest.p) {
		one = str_cut(rest, ';', &rest);
		if (str_starts(one, "COUNT=") || str_starts(one, "UNTIL="))
			continue;
		buf_printf(b, "%s%.*s", first ? "" : ";", (int)one.n, one.p);
		first = false;
	}
	buf_printf(b, ";UNTIL=%s", until);
	return buf_c(b);
}

/* The id of what a series is continued by says where it came from; an id is never given twice, so
 * that of a series that was prolonged and split at the same place again is one of its own. */
static const char *
control_rest_id(struct call *c, const struct event *at)
{
	const char *id = arena_printf(c->a, "%s_R%s", at->series->id, at->slot);

	return event_by(at->calendar, id) ? event_new_id(c->f) : id;
}

/* "This and following", as the page of the calendar does it: the series ends before, and a new one
 * begins. */
static void
control_split(struct call *c, const json *j, json *out)
{
	struct calendar *cal = control_calendar_named(c, j);
	const char *id = json_str(j, "event");
	struct event *at = cal && id ? event_find(c, cal, id) : NULL, *series, *e;
	const json *old;
	json *content, *lines;
	struct event_time start;
	struct slot before;
	const char *why;

	if (!cal)
		return;
	if (!at || !at->series) {
		refuse_argument(c, "There is no instance %s.", id ? id : "(none)");
		return;
	}
	series = at->series;
	content = json_stored(c->f->a, json_text(c->a, at->content));
	json_set(content, "recurrence", json_at(series->content, "recurrence"));
	json_unset(content, "originalStartTime");
	for (struct json_iter it = { 0 }; json_each(json_at(j, "changes"), &it);)
		json_set(content, it.key, it.value);
	content = world_copy(c->f, c->a, content);
	e = event_add(c->f, cal, control_rest_id(c, at));
	e->uid = arena_printf(c->f->a, "%s@google.com", e->id);
	e->creator = series->creator;
	e->organizer = series->organizer;
	e->content = content;
	event_touch(c->f, e);
	guests_follow(c, e, NULL);
	if (!event_time_read(
		c->a, json_at(at->content, "originalStartTime"), cal->zone, &start, &why))
		return;
	before = (struct slot){
		.utc = start.utc - (start.date ? 86400 : 1),
		.date = start.date,
	};
	lines = json_list(c->f->a);
	for (size_t i = 0; i < json_len(json_at(series->content, "recurrence")); i++) {
		const char *line = json_value_str(
		    json_nth(json_at(series->content, "recurrence"), i));

		json_add_str(lines,
		    strncmp(line, "RRULE:", 6) == 0
			? control_rule_until(c->a, line, slot_text(c->a, &before))
			: line);
	}
	old = json_stored(c->a, json_text(c->a, series->content));
	json_set(series->content, "recurrence", lines);
	event_touch(c->f, series);
	series_prune(c->f, c->a, series);
	guests_follow(c, series, old);
	json_set_str(out, "event", e->id);
}

const struct fake_command calendar_commands[] = {
	{ "calendar", control_calendar },
	{ "calendar_share", control_calendar_share },
	{ "calendar_remove", control_calendar_remove },
	{ "sync_tokens", control_sync_tokens },
	{ "purge", control_purge },
	{ "brief_pages", control_brief },
	{ "deleted_whole", control_whole },
	{ "event", control_event },
	{ "fill", control_fill },
	{ "split", control_split },
	{ NULL, NULL },
};
