/*
 * gcal_map.c - see gcal_map.h: from Google's form to ours.
 */
#include "provider/google/gcal_map.h"

#include "agree/value.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/zone_name.h"
#include "kind/google_call.h"

enum { NOTES_READ_MAX = 64 * 1024, PIECES_MAX = 64 };

bool
gcal_is_gone(const json *event)
{
	const char *status = json_str(event, "status");

	return status && !strcmp(status, "cancelled");
}

bool
gcal_is_series(const json *event)
{
	return json_len(json_at(event, "recurrence")) > 0;
}

const char *
gcal_own(const json *event, const char *name)
{
	return json_str(json_at(json_at(event, "extendedProperties"), "private"), name);
}

static bool
map_marked(const json *event, const char *name, const char *word)
{
	const char *mark = gcal_own(event, name);

	return mark && !strcmp(mark, word);
}

int64_t
gcal_updated(const json *event)
{
	int64_t ms;

	return clock_parse(json_s(event, "updated"), &ms) ? ms : 0;
}

/*
 * Times.
 */
static const struct zone *
map_zone(struct arena *a, const char *name)
{
	return name ? zone_system(a, str_c(name)) : NULL;
}

/* As it stands there: a day, or a moment told in `zone`. */
static bool
map_time(const json *time, const struct zone *zone, struct when *out)
{
	const char *day = json_str(time, "date"), *moment = json_str(time, "dateTime");

	if (day)
		return when_read(str_c(day), NULL, out) && out->kind == WHEN_DAY;
	return moment && when_read(str_c(moment), zone, out) && out->kind != WHEN_DAY &&
	    when_fits(out);
}

/* What the clock shows there, wherever that is. */
static void
map_float(struct when *w)
{
	w->kind = WHEN_FLOATING;
	w->utc = w->local;
	w->zone = NULL;
}

/* As the application has them, where the clock there shows something else and that still stands. */
static void
map_clock(const json *event, const struct zone *zone, struct when *start, struct when *end)
{
	struct str until, from = str_cut(str_c(gcal_own(event, "tidemark_clock")), '/', &until);
	struct when own[2];

	if (!zone || !when_read(from, NULL, &own[0]) || !when_read(until, NULL, &own[1]) ||
	    own[0].kind != WHEN_FLOATING || own[1].kind != WHEN_FLOATING ||
	    when_utc(&own[0], zone) != when_utc(start, zone) ||
	    when_utc(&own[1], zone) != when_utc(end, zone))
		return;
	*start = own[0];
	*end = own[1];
}

/* The zone that a time is told in: its own, or `otherwise`; NULL: UTC. *unknown: it has one that
 * nobody here knows. */
static const struct zone *
map_zone_of(struct arena *a, const json *time, const char *otherwise, bool *unknown)
{
	const char *name = json_str(time, "timeZone");
	const struct zone *zone;

	*unknown = false;
	if (json_str(time, "date"))
		return NULL;
	if (!name)
		name = otherwise;
	zone = map_zone(a, name);
	*unknown = name && !zone;
	return zone;
}

static bool
map_is_utc(const char *zone)
{
	return zone && str_has_word(STR("UTC Etc/UTC GMT Etc/GMT"), ' ', str_c(zone));
}

struct mapping {
	struct arena *a;
	const json *event;
	const struct gcal_home *home;
	struct gcal_event out;
	bool zone_unknown;
};

static bool
map_wrong(struct mapping *m, const char *why)
{
	m->out = (struct gcal_event){ .why = why };
	return false;
}

static void
map_zone_name(struct mapping *m, const struct when *start, const struct zone *zone)
{
	const char *name = json_str(json_at(m->event, "start"), "timeZone");

	if (start->kind != WHEN_MOMENT || !zone)
		return;
	if (!name)
		name = gcal_is_series(m->event) ? m->home->zone : NULL;
	if (name && !(map_marked(m->event, "tidemark_time", "utc") && map_is_utc(name)))
		json_set_str(m->out.value, "timeZone", name);
}

static bool
map_times(struct mapping *m)
{
	const json *from = json_at(m->event, "start"), *to = json_at(m->event, "end");
	const bool floats = map_marked(m->event, "tidemark_time", "floating");
	/* What comes once without naming a zone is a moment and no more. */
	const char *home = floats || gcal_is_series(m->event) ? m->home->zone : NULL;
	const struct zone *zone = map_zone_of(m->a, from, home, &m->zone_unknown);
	struct when start, end;

	if (!map_time(from, zone, &start))
		return map_wrong(m, "Its start cannot be read.");
	if (!to)
		end = start;
	else if (!map_time(to, zone, &end) || (start.kind == WHEN_DAY) != (end.kind == WHEN_DAY))
		return map_wrong(m, "Its end cannot be read.");
	if (start.kind != WHEN_DAY && floats) {
		map_float(&start);
		map_float(&end);
		map_clock(m->event, zone, &start, &end);
	}
	if (start.kind != end.kind)
		return map_wrong(m, "Its start and end are of two kinds.");
	json_set_str(m->out.value, "startDateTime", when_text(m->a, &start));
	json_set_str(m->out.value, "endDateTime", when_text(m->a, &end));
	json_set_bool(m->out.value, "allDay", start.kind == WHEN_DAY);
	map_zone_name(m, &start, zone);
	return true;
}

/*
 * The rest of it.
 */
static void
map_text(struct mapping *m, const char *name, const char *text)
{
	if (text && *text)
		json_set_str(m->out.value, name, text);
}

static const char *
map_notes(struct mapping *m)
{
	struct buf *b = NULL;

	for (int i = 0; i < PIECES_MAX; i++) {
		const char *piece = gcal_own(m->event, arena_printf(m->a, "tidemark_notes_%d", i));

		if (!piece)
			break;
		if (!b)
			b = buf_in(m->a, NOTES_READ_MAX);
		buf_str(b, piece);
	}
	return b ? buf_c(b) : NULL;
}

static const char *
map_status(const json *event)
{
	const char *status = json_str(event, "status");

	if (status && !strcmp(status, "tentative"))
		return map_marked(event, "tidemark_status", "cancelled") ? "cancelled"
									 : "tentative";
	return "confirmed";
}

static void
map_lines(struct mapping *m)
{
	const json *lines = json_at(m->event, "recurrence");
	json *out = json_list(m->a);

	for (size_t i = 0; i < json_len(lines); i++)
		if (json_is_str(json_nth(lines, i)))
			json_add_str(out, json_value_str(json_nth(lines, i)));
	if (json_len(out) > 0)
		json_set(m->out.value, "recurrence", out);
}

static void
map_rest(struct mapping *m)
{
	const char *busy = json_str(m->event, "transparency");
	const char *color = json_str(m->event, "colorId");

	map_text(m, "title", json_str(m->event, "summary"));
	map_text(m, "description", json_str(m->event, "description"));
	map_text(m, "location", json_str(m->event, "location"));
	map_text(m, "notes", map_notes(m));
	map_text(m, "url", json_str(json_at(m->event, "source"), "url"));
	map_text(m, "color", color ? color : gcal_own(m->event, "tidemark_color"));
	json_set_str(m->out.value, "status", map_status(m->event));
	json_set_bool(m->out.value, "busy", !busy || strcmp(busy, "transparent") != 0);
}

/*
 * Whose it is to edit.
 */
static const char *
fixed_by_type(const char *type)
{
	static const struct {
		const char *type, *why;
	} rows[] = {
		{ "birthday", "It is a birthday, which Google keeps itself." },
		{ "fromGmail", "Google made it from a mail, and lets nobody change it." },
		{ "focusTime", "It is focus time, which is changed in Google Calendar." },
		{ "outOfOffice",
		    "It says that somebody is out of office, which is changed in Google "
		    "Calendar." },
		{ "workingLocation",
		    "It says where somebody works, which is changed in Google Calendar." },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(type, rows[i].type))
			return rows[i].why;
	return "It is of a kind that Tidemark does not know.";
}

static const char *
map_fixed(const struct mapping *m)
{
	const char *type = json_str(m->event, "eventType");
	const json *organizer = json_at(m->event, "organizer"), *lines;
	struct event_span s;

	if (m->home->role && !google_role_writes(m->home->role))
		return "The account may only read this calendar.";
	if (organizer && !json_flag(organizer, "self", false))
		return "The organiser is somebody else.";
	if (type && strcmp(type, "default") != 0)
		return fixed_by_type(type);
	if (json_flag(m->event, "locked", false))
		return "Google has locked it.";
	if (m->zone_unknown)
		return "Its time zone is not known here.";
	lines = json_at(m->out.value, "recurrence");
	if (lines && event_span(m->a, m->out.value, &s) && !occur_is_read(m->a, lines, &s.start))
		return "Its rule is not understood here.";
	return NULL;
}

struct gcal_event
gcal_value(struct arena *a, const json *event, const struct gcal_home *home)
{
	struct mapping m = {
		.a = a,
		.event = event,
		.home = home,
		.out.value = json_new(a),
	};

	if (!map_times(&m))
		return m.out;
	map_lines(&m);
	map_rest(&m);
	m.out.fixed = map_fixed(&m);
	return m.out;
}

json *
gcal_last(struct arena *a, const json *event, const struct gcal_home *home, json **silent)
{
	static const char *const fields[] = { "title", "description", "location", "notes", "url",
		"color", "busy", "recurrence", "status", "@" };
	json *value = gcal_value(a, event, home).value;

	*silent = json_new(a);
	if (!value)
		return NULL;
	/* In its place stands that it was deleted. */
	json_unset(value, "status");
	if (!json_has(event, "transparency"))
		json_unset(value, "busy");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!json_has(value, fields[i]))
			json_set_bool(*silent, fields[i], false);
	return value;
}

/*
 * Occurrences that differ.
 */
bool
gcal_slot(struct arena *a, const json *occurrence, const struct when *like,
    const struct gcal_home *home, struct when *out)
{
	const json *time = json_at(occurrence, "originalStartTime");
	struct when as_first;
	const struct zone *zone;
	bool unknown;

	if (like->kind != WHEN_FLOATING)
		return map_time(time, like->zone, out) && out->kind == like->kind;
	zone = map_zone_of(a, time, home->zone, &unknown);
	if (!map_time(time, zone, out) || out->kind == WHEN_DAY)
		return false;
	map_float(out);
	/* The clock there skips that time of the day. */
	as_first = when_later(out, when_of_day(like) - when_of_day(out));
	if (zone && when_utc(&as_first, zone) == when_utc(out, zone))
		*out = as_first;
	return true;
}

bool
gcal_same_times(const struct zone *home, const struct event_span *first,
    const struct event_span *plain, const struct event_span *now)
{
	const int64_t from = when_utc(&now->start, home), until = when_utc(&now->end, home);
	int64_t lasts;

	if (when_utc(&plain->start, home) != from)
		return false;
	if (when_utc(&plain->end, home) == until)
		return true;
	lasts = when_utc(&first->end, home) - when_utc(&first->start, home);
	return now->end.kind == WHEN_FLOATING ? now->end.local == zone_to_local(home, from + lasts)
					      : until == from + lasts;
}

const char *
gcal_slot_id(struct arena *a, const struct when *slot, const struct gcal_home *home)
{
	const struct zone *zone = map_zone(a, home->zone);
	struct when at = *slot;

	if (at.kind == WHEN_FLOATING) {
		at.kind = WHEN_MOMENT;
		at.zone = zone ? zone : &zone_utc;
		at.utc = zone_to_utc(at.zone, at.local);
	}
	return when_slot(a, &at);
}

static const char *const differ_times[] = { "startDateTime", "endDateTime", "allDay", "timeZone" };
enum { TIMES = sizeof differ_times / sizeof *differ_times };

static bool
differ_is_time(const char *name)
{
	for (size_t i = 0; i < TIMES; i++)
		if (!strcmp(differ_times[i], name))
			return true;
	return false;
}

static bool
differ_same(struct arena *a, const json *x, const json *y, const char *name)
{
	return slot_same(a, slot_of(x, name), slot_of(y, name));
}

/* Where the series has it, and as long. */
static bool
differ_unmoved(struct arena *a, const struct gcal_home *home, const struct event_span *first,
    const struct occurrence *plain, const json *value)
{
	const struct event_span was = { .start = plain->start, .end = plain->end };
	const struct zone *zone = map_zone(a, home->zone);
	struct event_span one;

	return event_span(a, value, &one) && one.start.kind == plain->start.kind &&
	    gcal_same_times(zone ? zone : &zone_utc, first, &was, &one) &&
	    differ_same(a, plain->value, value, "timeZone");
}

/* The fields of `value` that differ from those of `plain`, null for one that it has not. */
static json *
differ_fields(struct arena *a, const json *plain, const json *value, bool moved)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (!differ_is_time(it.key) && !differ_same(a, plain, value, it.key))
			json_set(out, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(plain, &it);)
		if (!differ_is_time(it.key) && !json_has(value, it.key))
			json_set_null(out, it.key);
	for (size_t i = 0; moved && i < TIMES; i++)
		json_set(out, differ_times[i], json_at(value, differ_times[i]));
	return out;
}

/* The series without those that differ. */
static json *
differ_plain(struct arena *a, const json *series)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(series, &it);)
		if (*it.key != '@')
			json_set(out, it.key, it.value);
	return out;
}

bool
gcal_differ(struct arena *a, json *series, const json *occurrence, const struct gcal_home *home)
{
	json *bare = differ_plain(a, series), *differs = json_new(a);
	struct gcal_event one = { 0 };
	struct occurrence plain;
	struct event_span s;
	struct when slot;

	if (!event_span(a, bare, &s) || !gcal_slot(a, occurrence, &s.start, home, &slot) ||
	    !occur_at(a, bare, &slot, &plain))
		return false;
	if (gcal_is_gone(occurrence)) {
		json_set_str(differs, "status", "cancelled");
	} else {
		one = gcal_value(a, occurrence, home);
		if (!one.value)
			return false;
		differs = differ_fields(
		    a, plain.value, one.value, !differ_unmoved(a, home, &s, &plain, one.value));
	}
	if (json_len(differs) > 0)
		json_set(series, arena_printf(a, "@%s", when_slot(a, &slot)), differs);
	return true;
}
