/*
 * gcal_body.c - see gcal_map.h: from our form to Google's, and what makes one state the other.
 */
#include "agree/value.h"
#include "base/buf.h"
#include "base/zone_name.h"
#include "provider/google/gcal_map.h"

/* Of all private properties Google keeps 32 kB; the others' and the names need some. */
enum { PIECE_MAX = 1024, NOTES_MAX = 28 * 1024 };

/*
 * Names. Google's alphabet is that of base32hex (RFC 4648), in small letters, from 5 on: "Events:
 * insert", id.
 */
static const char id_letters[] = "0123456789abcdefghijklmnopqrstuv";
#define ID_BEGINS "tm"

const char *
gcal_id(struct arena *a, const char *push_id)
{
	struct buf *b = buf_in(a, 1024);
	unsigned bits = 0;
	int n = 0;

	buf_str(b, ID_BEGINS);
	for (const char *p = push_id; *p; p++) {
		bits = bits << 8 | (unsigned char)*p;
		for (n += 8; n >= 5; n -= 5)
			buf_ch(b, id_letters[bits >> (n - 5) & 31]);
	}
	if (n > 0)
		buf_ch(b, id_letters[bits << (5 - n) & 31]);
	return buf_c(b);
}

const char *
gcal_id_read(struct arena *a, const char *event_id)
{
	struct buf *b = buf_in(a, 1024);
	unsigned bits = 0;
	int n = 0;

	if (!str_starts(str_c(event_id), ID_BEGINS))
		return NULL;
	for (const char *p = event_id + strlen(ID_BEGINS); *p; p++) {
		const char *at = strchr(id_letters, *p);

		if (!at)
			return NULL;
		bits = bits << 5 | (unsigned)(at - id_letters);
		n += 5;
		if (n < 8)
			continue;
		n -= 8;
		if ((bits >> n & 255) < ' ' || (bits >> n & 255) > '~')
			return NULL;
		buf_ch(b, (char)(bits >> n & 255));
	}
	/* Ours are written in one way alone. */
	return b->n > 0 && !strcmp(gcal_id(a, buf_c(b)), event_id) ? buf_c(b) : NULL;
}

/*
 * Times.
 */
struct body {
	struct arena *a;
	const json *value;
	const struct gcal_home *home;
	json *out, *own; /* the event, its private properties */
	const char *why;
};

static json *
body_time(struct body *b, const struct when *w)
{
	const char *zone = json_str(b->value, "timeZone");
	json *t = json_new(b->a);

	if (w->kind == WHEN_DAY) {
		json_set_str(t, "date", when_text(b->a, w));
		return t;
	}
	json_set_str(t, "dateTime", when_text(b->a, w));
	if (w->kind == WHEN_FLOATING)
		zone = b->home->zone;
	json_set_str(t, "timeZone", zone ? zone : "UTC");
	return t;
}

/* The clock of the calendar never shows it. */
static bool
body_is_skipped(const struct when *w, const struct zone *home)
{
	return home && zone_to_local(home, when_utc(w, home)) != w->local;
}

/* By the clock of the calendar it lasts longer, or less long, than it says. */
static bool
body_is_bent(const struct event_span *s, const struct zone *home)
{
	return home &&
	    when_utc(&s->end, home) - when_utc(&s->start, home) != s->end.local - s->start.local;
}

static void
body_floats(struct body *b, const struct event_span *s)
{
	const struct zone *home = b->home->zone ? zone_system(b->a, str_c(b->home->zone)) : NULL;

	json_set_str(b->own, "tidemark_time", "floating");
	if (s->series && body_is_skipped(&s->start, home))
		b->why = "It begins in an hour that the calendar's clock skips, and Google would "
			 "have all of it later. Let it begin on another day.";
	else if (s->series && body_is_bent(s, home))
		b->why = "The calendar's clock changes while its first occurrence lasts, and "
			 "Google would have all others last as long. Let it begin on another day.";
	if (body_is_skipped(&s->start, home) || body_is_skipped(&s->end, home))
		json_set_str(b->own, "tidemark_clock",
		    arena_printf(
			b->a, "%s/%s", when_text(b->a, &s->start), when_text(b->a, &s->end)));
}

static void
body_times(struct body *b)
{
	struct event_span s;

	if (!event_span(b->a, b->value, &s)) {
		b->why = "It has no time.";
		return;
	}
	json_set(b->out, "start", body_time(b, &s.start));
	json_set(b->out, "end", body_time(b, &s.end));
	if (s.start.kind == WHEN_FLOATING)
		body_floats(b, &s);
	else if (s.start.kind == WHEN_MOMENT && !json_str(b->value, "timeZone"))
		json_set_str(b->own, "tidemark_time", "utc");
}

/*
 * The rest.
 */
static void
body_text(struct body *b, const char *name, const char *field)
{
	if (json_str(b->value, field))
		json_set_str(b->out, name, json_str(b->value, field));
}

static void
body_notes(struct body *b)
{
	struct str rest = str_c(json_str(b->value, "notes"));

	if (rest.n > NOTES_MAX) {
		b->why = "Its notes are too long for Google Calendar, which keeps 28 kB of them.";
		return;
	}
	for (int i = 0; rest.n > 0; i++) {
		struct str piece = str_utf8_cut(rest, PIECE_MAX);

		json_set_s(b->own, arena_printf(b->a, "tidemark_notes_%d", i), piece);
		rest = (struct str){ rest.p + piece.n, rest.n - piece.n };
	}
}

/* "1" to "11": colors.get of the reference. */
static void
body_color(struct body *b)
{
	const char *color = json_str(b->value, "color");
	int64_t n;

	if (!color)
		return;
	if (str_i64(str_c(color), 1, 11, &n) && *color != '0')
		json_set_str(b->out, "colorId", color);
	else
		json_set_str(b->own, "tidemark_color", color);
}

static void
body_status(struct body *b)
{
	const char *status = json_str(b->value, "status");

	if (status && !strcmp(status, "cancelled")) {
		json_set_str(b->own, "tidemark_status", "cancelled");
		status = "tentative";
	}
	json_set_str(b->out, "status", status ? status : "confirmed");
}

static void
body_url(struct body *b)
{
	json *source;

	if (!json_str(b->value, "url"))
		return;
	source = json_new(b->a);
	json_set_str(source, "url", json_str(b->value, "url"));
	json_set(b->out, "source", source);
}

json *
gcal_body(struct arena *a, const json *value, const struct gcal_home *home, const char **why)
{
	struct body b = {
		.a = a,
		.value = value,
		.home = home,
		.out = json_new(a),
		.own = json_new(a),
	};
	json *properties = json_new(a);

	body_text(&b, "summary", "title");
	body_text(&b, "description", "description");
	body_text(&b, "location", "location");
	body_color(&b);
	body_url(&b);
	body_status(&b);
	json_set_str(
	    b.out, "transparency", json_flag(value, "busy", true) ? "opaque" : "transparent");
	body_notes(&b);
	body_times(&b);
	if (json_len(json_at(value, "recurrence")) > 0)
		json_set(b.out, "recurrence", json_at(value, "recurrence"));
	json_set(properties, "private", b.own);
	json_set(b.out, "extendedProperties", properties);
	*why = b.why;
	return b.why ? NULL : b.out;
}

/*
 * Changes. A patch merges objects, and null takes a member away: "Calendar API: Patch".
 */
static bool
patch_same(struct arena *a, const json *x, const json *y, const char *name)
{
	return slot_same(a, slot_of(x, name), slot_of(y, name));
}

/* The zone of an end may be another one than that of its start: it is left alone with the zone. */
static json *
patch_time(struct arena *a, const json *was, const json *now, bool zone)
{
	json *t = json_new(a);

	if (json_has(now, "date")) {
		json_set(t, "date", json_at(now, "date"));
		if (!json_has(was, "date")) {
			json_set_null(t, "dateTime");
			json_set_null(t, "timeZone");
		}
		return t;
	}
	json_set(t, "dateTime", json_at(now, "dateTime"));
	if (zone || !was || !patch_same(a, was, now, "timeZone"))
		json_set(t, "timeZone", json_at(now, "timeZone"));
	if (!json_has(was, "dateTime"))
		json_set_null(t, "date");
	return t;
}

static void
patch_times(struct arena *a, const json *was, const json *now, json *out)
{
	const json *own = json_at(json_at(now, "extendedProperties"), "private");
	const char *mark = json_str(own, "tidemark_time");
	/* A series is by the clock of a zone; a floating time is one of the zone that is named. */
	bool zone = (mark && !strcmp(mark, "floating")) ||
	    (json_has(now, "recurrence") && !json_has(was, "recurrence"));

	if (patch_same(a, was, now, "start") && patch_same(a, was, now, "end") &&
	    (json_has(now, "date") || !zone || json_has(was, "recurrence")))
		return;
	json_set(out, "start", patch_time(a, json_at(was, "start"), json_at(now, "start"), zone));
	json_set(out, "end", patch_time(a, json_at(was, "end"), json_at(now, "end"), zone));
}

/* Ours among the private properties; what others keep is not touched. */
static json *
patch_own(struct arena *a, const json *was, const json *now)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(now, &it);)
		if (!patch_same(a, was, now, it.key))
			json_set(out, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(was, &it);)
		if (str_starts(str_c(it.key), "tidemark_") && !json_has(now, it.key) &&
		    strcmp(it.key, "tidemark_object") != 0 && strcmp(it.key, "tidemark_uid") != 0)
			json_set_null(out, it.key);
	return out;
}

static json *
patch_properties(struct arena *a, const json *was, const json *now)
{
	json *own = patch_own(a, json_at(json_at(was, "extendedProperties"), "private"),
	    json_at(json_at(now, "extendedProperties"), "private"));
	json *out = json_new(a);

	if (json_len(own) == 0)
		return NULL;
	json_set(out, "private", own);
	return out;
}

json *
gcal_patch(struct arena *a, const struct gcal_change *c, const char **why)
{
	static const char *const members[] = { "summary", "description", "location", "colorId",
		"source", "status", "transparency", "recurrence" };
	json *now = gcal_body(a, c->now, c->home, why), *out = json_new(a), *properties;
	const char *old_why;
	const json *was = c->was ? gcal_body(a, c->was, c->home, &old_why) : NULL;

	if (!now)
		return NULL;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *name = members[i];
		/* An occurrence has no rule of its own. */
		bool clear = was ? json_has(was, name)
				 : json_has(c->have, name) || strcmp(name, "recurrence") != 0;

		if (json_has(now, name) ? !was || !patch_same(a, was, now, name) : clear)
			json_set(out, name, json_at(now, name));
	}
	patch_times(a, was, now, out);
	properties = patch_properties(a, was ? was : c->have, now);
	if (properties)
		json_set(out, "extendedProperties", properties);
	return out;
}
