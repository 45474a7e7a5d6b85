/*
 * diary.c - /fake/calendar: a page on which a person plays somebody else who changes the demo's
 * calendars, to see the change arrive elsewhere. Forms, no script.
 */
#include "fake/demo/demo.h"

#include "fake/fake_control.h"

#include <stdlib.h>

#include "base/clock.h"
#include "fake/google/calendar.h"
#include "web/tmpl.h"

enum { EVENTS_SHOWN = 100 };

static const char diary_html[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Demo calendars</title>\n"
    "<link rel=\"stylesheet\" href=\"/fake/page.css\">\n<main class=\"wide\">\n"
    "<p class=\"demo\"><strong>Demo.</strong> These calendars stand in for Google's."
    " <a href=\"/fake/edit\">Spreadsheets</a>, <a href=\"/fake/contacts\">contacts</a>,"
    " <a href=\"/fake/notion\">Notion</a>,"
    " <a href=\"/\">back to Tidemark</a></p>\n"
    "<h1>{{name}}</h1>\n"
    "<ul>\n{{#calendars}}<li><a href=\"{{&url href}}\">{{summary}}</a> of {{owner}}\n"
    "{{/calendars}}</ul>\n"
    "{{#said}}<p role=\"status\">{{said}}</p>\n{{/said}}"
    "{{#calendar}}<form method=\"post\" class=\"cell\">\n"
    "<label>Title <input name=\"title\" required></label>\n"
    "<label>Day <input name=\"day\" type=\"date\" required value=\"{{day}}\"></label>\n"
    "<label>From <input name=\"from\" type=\"time\"></label>\n"
    "<label>To <input name=\"to\" type=\"time\"></label>\n"
    "<button class=\"first\" name=\"do\" value=\"add\">Add</button>\n</form>\n"
    "<p>Without times it lasts all day.</p>\n"
    "{{#events}}<form method=\"post\" class=\"cell\">\n"
    "<input type=\"hidden\" name=\"event\" value=\"{{id}}\">\n"
    "<label>{{when}} <input name=\"title\" value=\"{{title}}\"></label>\n"
    "<button name=\"do\" value=\"rename\">Rename</button>\n"
    "<button name=\"do\" value=\"delete\">Delete</button>\n</form>\n{{/events}}"
    "{{^events}}<p>There are no events.</p>\n{{/events}}"
    "{{/calendar}}</main>\n</html>\n";

static const struct view diary_views[] = { { "diary", diary_html }, { NULL, NULL } };

static json *
diary_calendars(struct call *c)
{
	json *list = json_list(c->a);

	for (struct calendar *cal = calendars_of(c->f)->list; cal; cal = cal->next) {
		struct buf *href = buf_in(c->a, 2000);
		json *one = json_new(c->a);

		if (cal->gone)
			continue;
		buf_str(href, "/fake/calendar?calendar=");
		url_encode(href, cal->id);
		json_set_str(one, "href", buf_c(href));
		json_set_str(one, "summary", cal->summary);
		json_set_str(one, "owner", cal->owner->name);
		json_add(list, one);
	}
	return list;
}

static json *
diary_events(struct call *c, const struct calendar *cal)
{
	json *list = json_list(c->a);

	for (const struct event *e = cal->first; e && json_len(list) < EVENTS_SHOWN; e = e->next) {
		const json *start = json_at(e->content, "start");
		const char *date = json_str(start, "date"), *at = json_str(start, "dateTime");
		json *one = json_new(c->a);

		if (e->gone || e->purged || (!date && !at))
			continue;
		json_set_str(one, "id", e->id);
		json_set_str(one, "title", json_str(e->content, "summary"));
		json_set_str(one, "when",
		    arena_printf(c->a, "%.10s %.5s%s", date ? date : at, date ? "" : at + 11,
			event_is_series(e) ? ", repeated" : ""));
		json_add(list, one);
	}
	return list;
}

static void
diary_page(struct call *c)
{
	const struct calendar *cal = calendar_by(c->f, query_of(c, "calendar"));
	json *model = json_new(c->a), *j = json_new(c->a);
	char today[CLOCK_TEXT];

	json_set_str(model, "name", cal ? cal->summary : "Demo calendars");
	json_set(model, "calendars", diary_calendars(c));
	json_set_str(model, "said", demo_said(c));
	if (cal) {
		json_set_str(
		    j, "day", arena_printf(c->a, "%.10s", clock_text(fake_now(c->f), today)));
		json_set(j, "events", diary_events(c, cal));
		json_set(model, "calendar", j);
	}
	buf_clear(c->rep->body);
	c->rep->status = 200;
	c->rep->type = "text/html; charset=utf-8";
	if (tmpl_render(c->cx, diary_views, "diary", model, false, c->rep->body) != RC_OK)
		buf_str(c->rep->body, c->cx->err.detail);
}

static json *
diary_time(struct call *c, const struct calendar *cal, const char *day, const char *time)
{
	json *j = json_new(c->a);

	if (!*time) {
		json_set_str(j, "date", day);
		return j;
	}
	json_set_str(j, "dateTime", arena_printf(c->a, "%sT%.5s:00", day, time));
	json_set_str(j, "timeZone", cal->zone_name);
	return j;
}

static const char *
diary_field(struct call *c, const char *name)
{
	const char *v = form_of(c, name);

	return v ? v : "";
}

static const char *
diary_add(struct call *c, struct calendar *cal)
{
	const char *day = diary_field(c, "day"), *from = diary_field(c, "from");
	const char *to = diary_field(c, "to");
	json *content = json_new(c->a);
	struct event_time t;
	struct event *e;
	const char *why;
	char next[CLOCK_TEXT];

	json_set_str(content, "summary", diary_field(c, "title"));
	json_set(content, "start", diary_time(c, cal, day, from));
	if (!event_time_read(c->a, json_at(content, "start"), cal->zone, &t, &why))
		return "Choose a day.";
	if (!*from)
		day = arena_printf(c->a, "%.10s", clock_text((t.local + 86400) * SECOND_MS, next));
	json_set(content, "end", diary_time(c, cal, day, *from ? to : ""));
	if (*from && (!*to || strcmp(to, from) <= 0))
		return "Choose when it ends: after it begins, on the same day.";
	e = event_add(c->f, cal, event_new_id(c->f));
	e->content = world_copy(c->f, c->a, content);
	e->uid = arena_printf(c->f->a, "%s@google.com", e->id);
	e->creator = cal->owner->email;
	e->organizer = cal->id;
	event_touch(c->f, e);
	return "Added.";
}

static void
diary_changed(struct call *c)
{
	const char *what = diary_field(c, "do"), *id = diary_field(c, "event");
	struct calendar *cal = calendar_by(c->f, query_of(c, "calendar"));
	struct event *e = cal && *id ? event_by(cal, id) : NULL;
	const char *said = "Choose an event.";

	if (cal && strcmp(what, "add") == 0) {
		said = diary_add(c, cal);
	} else if (e && !e->gone && strcmp(what, "rename") == 0) {
		json_set_str(e->content, "summary", diary_field(c, "title"));
		event_touch(c->f, e);
		said = "Renamed.";
	} else if (e && !e->gone && strcmp(what, "delete") == 0) {
		event_remove(c->f, e);
		said = "Deleted.";
	}
	demo_done(c, said);
}

static const struct fake_param diary_query[] = {
	{ .name = "calendar" },
	{ .name = NULL },
};

const struct fake_route diary_routes[] = {
	{
	    .method = "GET",
	    .path = "/fake/calendar",
	    .name = "calendar",
	    .query = diary_query,
	    .handle = diary_page,
	},
	{
	    .method = "POST",
	    .path = "/fake/calendar",
	    .name = "calendar",
	    .query = diary_query,
	    .form = true,
	    .handle = diary_changed,
	},
	{ .path = NULL },
};

const struct fake_service diary_service = {
	.name = "diary",
	.own = true,
	.manners = &own_manners,
	.routes = diary_routes,
};
