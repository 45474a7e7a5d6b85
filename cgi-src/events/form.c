/*
 * form.c - see form.h. The fields of the rule: form_rule.c.
 */
#include "events/form.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/zone_name.h"
#include "events/form_rule.h"
#include "events/shown.h"
#include "skin/page.h"

enum { TEXTS_MAX = 64 * 1024 };

enum form_kind { FORM_TEXT, FORM_TIME, FORM_RULE, FORM_FLAG };

/* Of times and rules the interface has other names than the form. */
static const struct form_field {
	const char *name, *label;
	enum form_kind kind;
} fields[] = {
	{ "title", "Title", FORM_TEXT },
	{ "allDay", "All day", FORM_TIME },
	{ "startDate", "First day", FORM_TIME },
	{ "startTime", "Begins at", FORM_TIME },
	{ "endDate", "Last day", FORM_TIME },
	{ "endTime", "Ends at", FORM_TIME },
	{ "zone", "Time zone", FORM_TIME },
	{ "repeat", "Repeats", FORM_RULE },
	{ "every", "Every how many", FORM_RULE },
	{ "days", "Days of the week", FORM_RULE },
	{ "by", "Day of the month", FORM_RULE },
	{ "ends", "Repeats until", FORM_RULE },
	{ "until", "Last day of the series", FORM_RULE },
	{ "count", "How many times", FORM_RULE },
	{ "lines", "Rule", FORM_RULE },
	{ "location", "Place", FORM_TEXT },
	{ "description", "Description", FORM_TEXT },
	{ "notes", "Notes", FORM_TEXT },
	{ "url", "Link", FORM_TEXT },
	{ "color", "Colour", FORM_TEXT },
	{ "status", "Status", FORM_TEXT },
	{ "busy", "Busy", FORM_FLAG },
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const char *
form_text(const json *texts, const char *name)
{
	const char *v = json_str(texts, name);

	return v ? v : "";
}

/* Fields of several lines. */
static const char *const areas[] = { "description", "notes", "lines" };

static bool
form_is_area(const char *name)
{
	for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
		if (!strcmp(areas[i], name))
			return true;
	return false;
}

/* As the field holds it: lines end as they do here, and a field of one line has no ends. */
static const char *
form_held(struct arena *a, const char *name, const char *text)
{
	const bool area = form_is_area(name);
	struct buf *b = buf_in(a, TEXTS_MAX);

	for (const char *p = text ? text : ""; *p; p++)
		if (*p != '\r' && (area || *p != '\n'))
			buf_ch(b, *p);
	return buf_c(b);
}

/*
 * Of a value.
 */
static void
texts_time(struct arena *a, const struct wall *w, const json *value, json *o)
{
	struct event_span s;
	const char *zone = json_str(value, "timeZone");
	int64_t from, until;
	bool whole;

	if (!event_span(a, value, &s))
		return;
	/* A moment without a zone is shown by the person's clock. */
	from = zone ? s.start.local : wall_local(w, &s.start);
	until = zone ? s.end.local : wall_local(w, &s.end);
	whole = s.start.kind == WHEN_DAY;
	json_set_str(o, "allDay", whole ? "1" : "");
	json_set_str(o, "startDate", wall_date(a, wall_day(from)));
	json_set_str(o, "startTime", whole ? "09:00" : wall_clock(a, from));
	json_set_str(o, "endDate", wall_date(a, wall_day(until) - whole));
	json_set_str(o, "endTime", whole ? "10:00" : wall_clock(a, until));
	if (!zone)
		zone = s.start.kind == WHEN_FLOATING ? "" : w->name;
	json_set_str(o, "zone", zone);
}

json *
form_texts(struct arena *a, const struct wall *w, const json *value)
{
	json *o = json_new(a);

	for (size_t i = 0; i < FIELDS; i++)
		json_set_str(o, fields[i].name,
		    form_held(a, fields[i].name, json_str(value, fields[i].name)));
	json_set_str(o, "busy", json_flag(value, "busy", true) ? "1" : "");
	texts_time(a, w, value, o);
	form_rule_texts(a, value, o);
	return o;
}

json *
form_new(struct arena *a, const struct wall *w, int64_t day)
{
	const int64_t now = zone_to_local(w->zone, w->now);
	const int64_t hour = day == w->today ? (now / HOUR_SECONDS + 1) * HOUR_SECONDS
					     : day * DAY_SECONDS + 9 * HOUR_SECONDS;
	const struct when from = { .kind = WHEN_FLOATING, .local = hour };
	const struct when until = when_later(&from, HOUR_SECONDS);
	json *value = json_new(a), *o;

	json_set_str(value, "startDateTime", when_text(a, &from));
	json_set_str(value, "endDateTime", when_text(a, &until));
	json_set_str(value, "status", "confirmed");
	o = form_texts(a, w, value);
	json_set_str(o, "zone", w->name);
	return o;
}

/*
 * Of a form.
 */
json *
form_typed(struct req *r)
{
	json *o = json_new(r->cx->a);

	for (size_t i = 0; i < FIELDS; i++)
		json_set_str(o, fields[i].name,
		    form_held(r->cx->a, fields[i].name, req_form(r, fields[i].name)));
	json_set_str(o, "days", form_rule_days(r));
	json_set_str(o, "startWas", req_form(r, "startWas"));
	return o;
}

static bool
form_differs(const json *x, const json *y, const char *name)
{
	return strcmp(form_text(x, name), form_text(y, name)) != 0;
}

/* Is any of the group another one? Of a new event all are. */
static bool
form_group_differs(const json *was, const json *typed, enum form_kind kind)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].kind == kind && (!was || form_differs(was, typed, fields[i].name)))
			return true;
	return false;
}

static void
said_complain(struct req *r, const char *field, const char *message)
{
	complaints_add(r->cx, &r->wrong, field, message);
}

static bool
said_clock(const char *text)
{
	return strlen(text) == 5 && text[2] == ':' && text[0] >= '0' && text[0] <= '2';
}

/* The days, and their times unless it lasts all day. */
static void
said_time(struct req *r, const json *typed, json *said)
{
	struct arena *a = r->cx->a;
	const char *from = form_text(typed, "startDate"), *until = form_text(typed, "endDate");
	const char *at = form_text(typed, "startTime"), *to = form_text(typed, "endTime");
	const bool whole = *form_text(typed, "allDay");
	const char *zone = arena_dup_str(a, str_trim(str_c(form_text(typed, "zone"))));
	int64_t first, last;

	if (!*until)
		until = from;
	if (!wall_day_read(from, &first))
		said_complain(r, "startDateTime", "Say on which day it begins, like 2026-10-05.");
	if (!wall_day_read(until, &last))
		said_complain(r, "endDateTime", "Say on which day it ends, like 2026-10-05.");
	if (!whole && !said_clock(at))
		said_complain(r, "startDateTime", "Say when it begins, like 09:30, or all day.");
	if (!whole && !said_clock(to))
		said_complain(r, "endDateTime", "Say when it ends, like 10:30, or all day.");
	if (json_len(r->wrong.list) > 0)
		return;
	if (whole && last < first)
		said_complain(r, "endDateTime", "It ends before it begins.");
	json_set_bool(said, "allDay", whole);
	json_set_str(said, "timeZone", whole || !*zone ? NULL : zone);
	json_set_str(
	    said, "startDateTime", whole ? from : arena_printf(a, "%s%s%s:00", from, "T", at));
	json_set_str(said, "endDateTime",
	    whole ? wall_date(a, last + 1) : arena_printf(a, "%s%s%s:00", until, "T", to));
}

enum rc
form_said(struct req *r, const struct form_was *was, const json *typed, json **said)
{
	json *o = json_new(r->cx->a);

	for (size_t i = 0; i < FIELDS; i++) {
		const char *name = fields[i].name, *text = form_text(typed, name);

		if (was->texts && !form_differs(was->texts, typed, name))
			continue;
		if (fields[i].kind == FORM_TEXT && !form_is_area(name))
			text = arena_dup_str(r->cx->a, str_trim(str_c(text)));
		if (fields[i].kind == FORM_TEXT && (was->texts || *text))
			json_set_str(o, name, *text ? text : NULL);
		if (fields[i].kind == FORM_FLAG)
			json_set_bool(o, name, *text);
	}
	if (form_group_differs(was->texts, typed, FORM_TIME))
		said_time(r, typed, o);
	TRY(complaints_end(r->cx, &r->wrong));
	if (was->rule && form_group_differs(was->texts, typed, FORM_RULE))
		TRY(form_rule_said(r, typed, was->value, o));
	*said = o;
	return RC_OK;
}

/*
 * Drawing.
 */
void
form_model(struct req *r, const json *texts, bool rule, json *model)
{
	static const char *const statuses[][2] = {
		{ "confirmed", "Confirmed" },
		{ "tentative", "Tentative" },
		{ "cancelled", "Cancelled" },
	};
	static const char *const errors[][2] = {
		{ "titleError", "title" },
		{ "startError", "startDateTime" },
		{ "endError", "endDateTime" },
		{ "zoneError", "timeZone" },
		{ "repeatError", "recurrence" },
		{ "locationError", "location" },
		{ "descriptionError", "description" },
		{ "notesError", "notes" },
		{ "urlError", "url" },
		{ "colorError", "color" },
	};
	struct arena *a = r->cx->a;
	json *f = json_copy(a, texts);
	const char *status = form_text(texts, "status");
	const bool cancelled = !strcmp(status, "cancelled");

	/* A browser leaves the first end of a line out of such a field. */
	for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
		json_set_str(f, areas[i], arena_printf(a, "\n%s", form_text(texts, areas[i])));
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		json_set_str(f, errors[i][0], page_complaint(r, errors[i][1]));
	json_set(f, "statuses", form_options(a, statuses, cancelled ? 3 : 2, status));
	json_set(f, "colours", shown_colours(a, form_text(texts, "color")));
	if (!json_str(f, "startWas"))
		json_set_str(f, "startWas", form_text(texts, "startDate"));
	json_set_bool(f, "moreOpen",
	    *form_text(texts, "notes") || *form_text(texts, "url") || page_complaint(r, "notes") ||
		page_complaint(r, "url"));
	form_rule_model(r, texts, f);
	json_set_bool(f, "hasRule", rule);
	json_set(model, "f", f);
}

json *
form_meanwhile(struct arena *a, const json *was, const json *now, const json *typed, json **texts)
{
	json *list = json_list(a), *o;

	*texts = json_new(a);
	json_set_str(*texts, "startWas", form_text(typed, "startWas"));
	for (size_t i = 0; i < FIELDS; i++) {
		const char *name = fields[i].name;
		const bool mine = form_differs(was, typed, name);

		json_set_str(*texts, name, form_text(mine ? typed : now, name));
		if (!form_differs(was, now, name))
			continue;
		o = json_new(a);
		json_set_str(o, "label", fields[i].label);
		json_set_str(o, "before", form_text(was, name));
		json_set_str(o, "now", form_text(now, name));
		json_set_str(o, "mine",
		    mine && form_differs(now, typed, name) ? form_text(typed, name) : NULL);
		json_add(list, o);
	}
	return list;
}
