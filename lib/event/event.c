/*
 * event.c - see event.h.
 */
#include "event/event.h"

#include "base/zone_name.h"
#include "event/colour.h"
#include "event/occur.h"
#include "event/series.h"

enum field_kind { FIELD_TEXT, FIELD_WORD, FIELD_FLAG, FIELD_LINES };

struct event_field {
	const char *name;
	enum field_kind kind;
	size_t max;          /* FIELD_TEXT: characters */
	const char *choices; /* FIELD_WORD: "a|b" */
};

/* In the order in which they are kept. */
static const struct event_field event_fields[] = {
	{ .name = "title", .kind = FIELD_TEXT, .max = EVENT_TITLE_MAX },
	{ .name = "description", .kind = FIELD_TEXT, .max = EVENT_TEXT_MAX },
	{ .name = "location", .kind = FIELD_TEXT, .max = EVENT_PLACE_MAX },
	{ .name = "notes", .kind = FIELD_TEXT, .max = EVENT_TEXT_MAX },
	{ .name = "url", .kind = FIELD_TEXT, .max = EVENT_URL_MAX },
	{ .name = "color", .kind = FIELD_TEXT, .max = 40 },
	{ .name = "startDateTime", .kind = FIELD_TEXT, .max = 64 },
	{ .name = "endDateTime", .kind = FIELD_TEXT, .max = 64 },
	{ .name = "allDay", .kind = FIELD_FLAG },
	{ .name = "timeZone", .kind = FIELD_TEXT, .max = 64 },
	{ .name = "recurrence", .kind = FIELD_LINES },
	{ .name = "status", .kind = FIELD_WORD, .choices = "confirmed|tentative|cancelled" },
	{ .name = "busy", .kind = FIELD_FLAG },
};
enum { EVENT_FIELDS = sizeof event_fields / sizeof *event_fields };

static const struct event_field *
field_of(const char *name)
{
	for (size_t i = 0; i < EVENT_FIELDS; i++)
		if (!strcmp(event_fields[i].name, name))
			return &event_fields[i];
	return NULL;
}

/*
 * What is said, member by member.
 */
static const char *
field_text_wrong(struct arena *a, const struct event_field *f, const json *v)
{
	struct str text = str_c(json_value_str(v));

	if (!json_is_str(v))
		return "This must be a text.";
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' && text.p[i] != '\n' && text.p[i] != '\t' &&
		    text.p[i] != '\r')
			return "A text has no control characters.";
	if (str_chars(text) > f->max)
		return arena_printf(a, "At most %zu characters.", f->max);
	return NULL;
}

static const char *
field_lines_wrong(struct arena *a, const json *v)
{
	if (!json_is_list(v))
		return "This must be a list of texts such as \"RRULE:FREQ=WEEKLY\".";
	if (json_len(v) > EVENT_LINES_MAX)
		return arena_printf(a, "At most %d lines.", EVENT_LINES_MAX);
	for (size_t i = 0; i < json_len(v); i++)
		if (!json_is_str(json_nth(v, i)))
			return "Each line must be a text such as \"RRULE:FREQ=WEEKLY\".";
	return NULL;
}

/* NULL: nothing is. */
static const char *
field_wrong(struct arena *a, const struct event_field *f, const json *v)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return field_text_wrong(a, f, v);
	case FIELD_WORD:
		if (!json_is_str(v) ||
		    !str_has_word(str_c(f->choices), '|', str_c(json_value_str(v))))
			return arena_printf(a, "This is one of %s.", f->choices);
		return NULL;
	case FIELD_FLAG:
		return json_is_bool(v) ? NULL : "This is true or false.";
	default:
		return field_lines_wrong(a, v);
	}
}

static void
event_look(struct ctx *cx, struct complaints *wrong, const json *in)
{
	for (struct json_iter it = { 0 }; json_each(in, &it);) {
		const struct event_field *f = field_of(it.key);
		const char *why = "There is no such member.";

		if (f)
			why = json_is_null(it.value) ? NULL : field_wrong(cx->a, f, it.value);
		if (why)
			complaints_add(cx, wrong, arena_printf(cx->a, "%.60s", it.key), why);
	}
}

/* What it was with what is said, without what is null or empty. */
static json *
event_joined(struct arena *a, const json *was, const json *in)
{
	json *out = json_new(a);

	for (size_t i = 0; i < EVENT_FIELDS; i++) {
		const char *name = event_fields[i].name;
		json *v = json_has(in, name) ? json_at(in, name) : json_at(was, name);

		if (v && !json_is_null(v) && !(json_is_str(v) && !*json_value_str(v)) &&
		    !(json_is_list(v) && json_len(v) == 0))
			json_set(out, name, v);
	}
	for (struct json_iter it = { 0 }; json_each(was, &it);)
		if (*it.key == '@')
			json_set(out, it.key, it.value);
	return out;
}

/*
 * What only makes sense together.
 */
struct looking {
	struct ctx *cx;
	struct complaints *wrong;
	json *value;
	struct event_span span;
};

static void
look_complain(struct looking *l, const char *field, const char *message)
{
	complaints_add(l->cx, l->wrong, field, message);
}

static bool
look_zone(struct looking *l, const struct zone **zone)
{
	const char *name = json_str(l->value, "timeZone");

	*zone = name ? zone_system(l->cx->a, str_c(name)) : NULL;
	if (!name || *zone)
		return true;
	look_complain(l, "timeZone", "There is no such time zone: write it like Europe/Berlin.");
	return false;
}

static bool
look_time(struct looking *l, const char *field, const struct zone *zone, struct when *out)
{
	const char *text = json_str(l->value, field);
	const bool day = json_flag(l->value, "allDay", false);

	if (!text) {
		look_complain(l, field, "Say when.");
		return false;
	}
	if (!when_read(str_c(text), zone, out)) {
		look_complain(l, field,
		    "Write a time like 2026-10-05T10:00:00+02:00, or a day like 2026-10-05.");
		return false;
	}
	if (!when_fits(out)) {
		look_complain(l, field, "Write a time from 0001-01-02 to 9999-12-30.");
		return false;
	}
	if (day == (out->kind == WHEN_DAY))
		return true;
	look_complain(l, field,
	    day ? "The event lasts all day: write a day like 2026-10-05."
		: "Write a time like 2026-10-05T10:00:00+02:00, or set allDay.");
	return false;
}

/* Days that are said without allDay say it. */
static void
look_all_day(struct looking *l)
{
	const struct str start = json_s(l->value, "startDateTime");
	struct when w;

	if (!json_has(l->value, "allDay") && start.p && when_read(start, NULL, &w))
		json_set_bool(l->value, "allDay", w.kind == WHEN_DAY);
}

/* A series whose times are written with a Z, and no zone, is by the clock of UTC. */
static void
look_utc(struct looking *l)
{
	const struct str start = json_s(l->value, "startDateTime");
	const struct str end = json_s(l->value, "endDateTime");

	if (json_len(json_at(l->value, "recurrence")) > 0 && !json_str(l->value, "timeZone") &&
	    str_ends(start, "Z") && str_ends(end, "Z"))
		json_set_str(l->value, "timeZone", "UTC");
}

static bool
look_times(struct looking *l)
{
	struct event_span *s = &l->span;
	const struct zone *zone;
	bool both;

	look_all_day(l);
	look_utc(l);
	if (!look_zone(l, &zone))
		return false;
	both = look_time(l, "startDateTime", zone, &s->start);
	both = look_time(l, "endDateTime", zone, &s->end) && both;
	if (!both)
		return false;
	if (s->start.kind != s->end.kind) {
		look_complain(l, "endDateTime",
		    "Start and end are written alike: both with an offset, or both without.");
		return false;
	}
	if (s->end.utc < s->start.utc ||
	    (s->start.kind == WHEN_DAY && s->end.utc == s->start.utc)) {
		look_complain(l, "endDateTime",
		    s->start.kind == WHEN_DAY
			? "The end is the day after the last one, so it is later than the start."
			: "The event ends before it begins.");
		return false;
	}
	json_set_str(l->value, "startDateTime", when_text(l->cx->a, &s->start));
	json_set_str(l->value, "endDateTime", when_text(l->cx->a, &s->end));
	if (s->start.kind == WHEN_DAY)
		json_unset(l->value, "timeZone");
	return true;
}

/* A series that is said to be at another time of day, and nothing of its rule. */
static void
look_moved(struct looking *l, const json *was, const json *in)
{
	enum { DAY = 86400 };
	const struct when *now = &l->span.start;
	struct event_span s;

	if (!was || json_has(in, "recurrence") || !event_span(l->cx->a, was, &s) || !s.series)
		return;
	if (s.start.kind == now->kind && (s.start.local - now->local) % DAY == 0 &&
	    str_eq(json_s(was, "timeZone"), json_s(l->value, "timeZone")))
		return;
	json_set(l->value, "recurrence", series_moved(l->cx->a, was, now));
}

static void
look_recurrence(struct looking *l)
{
	const json *lines = json_at(l->value, "recurrence");
	const char *why;

	if (json_len(lines) == 0)
		return;
	if (l->span.start.kind == WHEN_MOMENT && !json_str(l->value, "timeZone")) {
		look_complain(l, "timeZone",
		    "A series is by the clock of a time zone: say which, like Europe/Berlin.");
		return;
	}
	why = occur_wrong(l->cx->a, lines, &l->span.start);
	if (why)
		look_complain(l, "recurrence", why);
}

static void
look_url(struct looking *l)
{
	struct str url = json_s(l->value, "url");

	if (url.p && !str_istarts(url, "http://") && !str_istarts(url, "https://"))
		look_complain(l, "url", "Write an address that begins with https://.");
}

/* What a provider has called a colour stays, whatever it is. */
static void
look_color(struct looking *l, const json *was)
{
	const char *color = json_str(l->value, "color"), *before = json_str(was, "color");

	if (color && !event_colour_known(color) && (!before || strcmp(before, color) != 0))
		look_complain(
		    l, "color", "Colours are the numbers \"1\" to \"11\" of Google Calendar.");
}

static void
event_usual(json *value)
{
	if (!json_has(value, "status"))
		json_set_str(value, "status", "confirmed");
	if (!json_has(value, "busy"))
		json_set_bool(value, "busy", true);
}

enum rc
event_take(struct ctx *cx, struct complaints *wrong, const json *was, const json *in, json **out)
{
	struct looking l = { .cx = cx, .wrong = wrong };

	event_look(cx, wrong, in);
	TRY(complaints_end(cx, wrong));
	l.value = event_joined(cx->a, was, in);
	event_usual(l.value);
	if (!json_str(l.value, "title"))
		look_complain(&l, "title", "Give the event a title.");
	look_url(&l);
	look_color(&l, was);
	if (look_times(&l)) {
		look_moved(&l, was, in);
		look_recurrence(&l);
	}
	TRY(complaints_end(cx, wrong));
	*out = occur_moved(cx->a, was, l.value);
	return RC_OK;
}

enum rc
event_take_one(struct ctx *cx, struct complaints *wrong, const json *was, const json *plain,
    const json *in, json **out)
{
	static const char *const times[] = { "startDateTime", "endDateTime", "allDay", "timeZone" };
	json *value, *differs = json_new(cx->a);
	bool moved = false;

	if (json_has(in, "recurrence"))
		return complaints_now(cx, wrong, "recurrence",
		    "One occurrence has no rule; change the event, or this and all that follow.");
	TRY(event_take(cx, wrong, was, in, &value));
	for (size_t i = 0; i < EVENT_FIELDS; i++) {
		const char *name = event_fields[i].name;
		json *x = json_at(value, name);
		const json *y = json_at(plain, name);

		if (!strcmp(x ? json_text(cx->a, x) : "null", y ? json_text(cx->a, y) : "null"))
			continue;
		json_set(differs, name, x);
		for (size_t t = 0; t < sizeof times / sizeof *times; t++)
			moved = moved || !strcmp(times[t], name);
	}
	for (size_t t = 0; moved && t < sizeof times / sizeof *times; t++)
		json_set(differs, times[t], json_at(value, times[t]));
	*out = differs;
	return RC_OK;
}
