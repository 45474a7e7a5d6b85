/*
 * ics.c - see ics.h.
 */
#include "event/ics.h"
#include "event/series.h"

#include "base/civil.h"
#include "base/utf8.h"
#include "event/occur.h"

enum {
	FOLD = 75, /* bytes of a line, its end not counted */
	LINE_BYTES = 64 * 1024,
	CHANGES_MAX = 200
};

/* A line, folded where it is long, and never inside a character. */
static void
ics_fold(struct buf *b, struct str line)
{
	size_t column = 0;

	for (size_t i = 0; i < line.n;) {
		const int len = utf8_char(line.p + i, line.n - i);
		const size_t n = len > 0 ? (size_t)len : 1;

		if (column + n > FOLD) {
			buf_str(b, "\r\n ");
			column = 1;
		}
		buf_add(b, line.p + i, n);
		column += n;
		i += n;
	}
	buf_str(b, "\r\n");
}

static void
ics_line(struct ics *c, struct arena *a, const char *name, const char *value)
{
	ics_fold(c->out, str_c(arena_printf(a, "%s%s", name, value)));
}

/* A text, if there is one. */
static void
ics_text(struct ics *c, struct arena *a, const char *name, const char *text)
{
	struct buf *b = buf_in(a, LINE_BYTES);

	if (!text || !*text)
		return;
	buf_str(b, name);
	for (const char *p = text; *p; p++) {
		if (*p == '\r')
			continue;
		if (*p == '\n')
			buf_str(b, "\\n");
		else if (strchr("\\;,", *p))
			buf_printf(b, "\\%c", *p);
		else
			buf_ch(b, *p);
	}
	ics_fold(c->out, buf_s(b));
}

/*
 * Times.
 */
static const char *
ics_local(struct arena *a, int64_t local)
{
	const struct when w = { .kind = WHEN_FLOATING, .local = local, .utc = local };

	return when_slot(a, &w);
}

/* zone: of a series, or NULL. */
static void
ics_time(struct ics *c, struct arena *a, const char *name, const struct when *w, const char *zone)
{
	if (w->kind == WHEN_DAY)
		ics_line(c, a, arena_printf(a, "%s;VALUE=DATE:", name), when_slot(a, w));
	else if (w->kind == WHEN_MOMENT && zone)
		ics_line(c, a, arena_printf(a, "%s;TZID=%s:", name, zone), ics_local(a, w->local));
	else
		ics_line(c, a, arena_printf(a, "%s:", name), when_slot(a, w));
}

static const char *
ics_offset(struct arena *a, int64_t seconds)
{
	const int64_t size = seconds < 0 ? -seconds : seconds;

	return arena_printf(
	    a, "%c%02d%02d", seconds < 0 ? '-' : '+', (int)(size / 3600), (int)(size / 60 % 60));
}

static void
ics_change(struct ics *c, struct arena *a, int64_t at, int64_t from, int64_t to)
{
	const char *kind = to > from ? "DAYLIGHT" : "STANDARD";

	ics_line(c, a, "BEGIN:", kind);
	ics_line(c, a, "DTSTART:", ics_local(a, at + from));
	ics_line(c, a, "TZOFFSETFROM:", ics_offset(a, from));
	ics_line(c, a, "TZOFFSETTO:", ics_offset(a, to));
	ics_line(c, a, "END:", kind);
}

/* From before the first of the series to some years from now. */
static void
ics_zone(struct ics *c, struct arena *a, const struct when *start, const char *name)
{
	const int64_t until = (start->utc > c->now ? start->utc : c->now) + 10 * YEAR_SECONDS;
	int64_t at = start->utc - YEAR_SECONDS, offset = zone_offset(start->zone, at);

	for (size_t i = 0; i < c->n_zones; i++)
		if (!strcmp(c->zones[i], name))
			return;
	if (c->n_zones < ICS_ZONES_MAX)
		c->zones[c->n_zones++] = arena_dup(c->a, name);
	ics_line(c, a, "BEGIN:", "VTIMEZONE");
	ics_line(c, a, "TZID:", name);
	ics_change(c, a, at, offset, offset);
	for (int n = 0; n < CHANGES_MAX; n++) {
		const int64_t next = zone_next_change(start->zone, at);

		if (next >= until)
			break;
		ics_change(c, a, next, offset, zone_offset(start->zone, next));
		offset = zone_offset(start->zone, next);
		at = next;
	}
	ics_line(c, a, "END:", "VTIMEZONE");
}

/*
 * Events.
 */
/* By whose clock the series goes; NULL: by none that moves, so its times are told without one. */
static const char *
ics_zone_name(const json *series)
{
	const char *zone = json_str(series, "timeZone");

	return zone && strcmp(zone, "UTC") != 0 ? zone : NULL;
}

/* One VEVENT; slot: of an occurrence that differs, in the series' zone, or NULL. */
static void
ics_component(struct ics *c, struct arena *a, const struct ics_event *e, const json *value,
    const struct when *slot)
{
	const json *lines = slot ? NULL : json_at(value, "recurrence");
	const char *zone = slot || json_len(lines) > 0 ? ics_zone_name(e->value) : NULL;
	const char *status = json_str(value, "status");
	const struct when stamp = { .kind = WHEN_MOMENT, .utc = e->changed_at };
	struct event_span s;

	if (!event_span(a, value, &s))
		return;
	/* Dates that are left out or added may be in any zone: in UTC they need none. */
	if (json_len(lines) > 0)
		lines = series_moved(a, value, &s.start);
	ics_line(c, a, "BEGIN:", "VEVENT");
	ics_text(c, a, "UID:", e->uid);
	ics_line(c, a, "DTSTAMP:", when_slot(a, &stamp));
	if (slot)
		ics_time(c, a, "RECURRENCE-ID", slot, zone);
	ics_time(c, a, "DTSTART", &s.start, slot ? NULL : zone);
	ics_time(c, a, "DTEND", &s.end, slot ? NULL : zone);
	for (size_t i = 0; i < json_len(lines); i++)
		ics_fold(c->out, str_c(json_value_str(json_nth(lines, i))));
	ics_text(c, a, "SUMMARY:", json_str(value, "title"));
	ics_text(c, a, "LOCATION:", json_str(value, "location"));
	ics_text(c, a, "DESCRIPTION:", json_str(value, "description"));
	ics_text(c, a, "COMMENT:", json_str(value, "notes"));
	if (json_str(value, "url"))
		ics_line(c, a, "URL:", json_str(value, "url"));
	if (status && strcmp(status, "confirmed") != 0)
		ics_line(c, a, "STATUS:", *status == 't' ? "TENTATIVE" : "CANCELLED");
	if (!json_flag(value, "busy", true))
		ics_line(c, a, "TRANSP:", "TRANSPARENT");
	ics_line(c, a, "END:", "VEVENT");
}

void
ics_begin(struct ics *c)
{
	buf_str(c->out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tidemark//Calendar//EN\r\n");
}

void
ics_end(struct ics *c)
{
	buf_str(c->out, "END:VCALENDAR\r\n");
}

void
ics_add(struct ics *c, struct arena *a, const struct ics_event *e)
{
	const char *zone = ics_zone_name(e->value);
	struct occurrence o;
	struct event_span s;
	struct when slot;

	if (!event_span(a, e->value, &s))
		return;
	if (s.series && zone && s.start.kind == WHEN_MOMENT)
		ics_zone(c, a, &s.start, zone);
	ics_component(c, a, e, e->value, NULL);
	if (!s.series)
		return;
	for (struct json_iter it = { 0 }; json_each(e->value, &it);)
		if (*it.key == '@' && when_slot_read(str_c(it.key + 1), &s.start, &slot) &&
		    occur_at(a, e->value, &slot, &o))
			ics_component(c, a, e, o.value, &slot);
}
