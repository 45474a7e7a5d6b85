/*
 * wall.c - see wall.h.
 */
#include "skin/wall.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/clock.h"
#include "base/zone_name.h"
#include "event/rule.h"
#include "fcgi/auth.h"
#include "skin/model.h"
#include "skin/page.h"

enum { COOKIE_SECONDS = 400 * DAY_SECONDS };

static const char chosen_cookie[] = "tidemark-zone-chosen", own_cookie[] = "tidemark-zone";

static bool
wall_by_cookie(struct req *r, const char *cookie, struct wall *w)
{
	const char *raw = params_get(&r->cookies, cookie);
	char *name;

	if (!raw || !*raw || !url_decode(r->cx->a, str_c(raw), false, &name))
		return false;
	w->zone = zone_system(r->cx->a, str_c(name));
	w->name = name;
	return w->zone != NULL;
}

void
wall_of(struct req *r, struct wall *w)
{
	*w = (struct wall){ .now = clock_ms() / SECOND_MS };
	if (wall_by_cookie(r, chosen_cookie, w)) {
		w->by = WALL_CHOSEN;
	} else if (wall_by_cookie(r, own_cookie, w)) {
		w->by = WALL_BROWSER;
	} else {
		w->name = "UTC";
		w->zone = &zone_utc;
	}
	w->today = wall_day(zone_to_local(w->zone, w->now));
}

enum rc
wall_choose(struct req *r, struct resp *w, const char *name)
{
	struct buf *b = buf_in(r->cx->a, 500);

	if (*name && !zone_system(r->cx->a, str_c(name)))
		return input_fail_one(
		    r, "zone", "There is no such time zone: write it like Europe/Berlin.");
	url_encode(b, name);
	resp_header(w, "Set-Cookie",
	    arena_printf(r->cx->a, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
		chosen_cookie, buf_c(b), *name ? COOKIE_SECONDS : 0,
		auth_https() ? "; Secure" : ""));
	return RC_OK;
}

int64_t
wall_midnight(const struct wall *w, int64_t day)
{
	return zone_to_utc(w->zone, day * DAY_SECONDS);
}

int64_t
wall_local(const struct wall *w, const struct when *at)
{
	return at->kind == WHEN_MOMENT ? zone_to_local(w->zone, at->utc) : at->local;
}

int64_t
wall_day(int64_t local)
{
	return local / DAY_SECONDS - (local % DAY_SECONDS < 0);
}

bool
wall_day_read(const char *text, int64_t *day)
{
	struct when w;

	if (!text || strlen(text) != 10 || !when_read(str_c(text), NULL, &w) ||
	    strcmp(text, "1900-01-01") < 0 || strcmp(text, "9000-01-01") > 0)
		return false;
	*day = wall_day(w.local);
	return true;
}

/*
 * Words.
 */
const char *
wall_date(struct arena *a, int64_t day)
{
	const struct when w = { .kind = WHEN_DAY, .local = day * DAY_SECONDS };

	return when_text(a, &w);
}

const char *
wall_clock(struct arena *a, int64_t local)
{
	const int64_t s = local - wall_day(local) * DAY_SECONDS;

	return arena_printf(a, "%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60));
}

const char *
wall_day_words(struct arena *a, int64_t day)
{
	int y, m, d;

	civil_date(day, &y, &m, &d);
	return arena_printf(
	    a, "%s, %d %s %d", rule_day_name(rule_weekday(day)), d, rule_month_name(m), y);
}

/* "26 to 28 November 2026", naming of the first no more than is needed. */
static const char *
span_days(struct arena *a, int64_t first, int64_t last)
{
	int y, m, d, y2, m2, d2;

	if (first >= last)
		return wall_day_words(a, first);
	civil_date(first, &y, &m, &d);
	civil_date(last, &y2, &m2, &d2);
	if (y != y2)
		return arena_printf(a, "%d %s %d to %d %s %d", d, rule_month_name(m), y, d2,
		    rule_month_name(m2), y2);
	if (m != m2)
		return arena_printf(
		    a, "%d %s to %d %s %d", d, rule_month_name(m), d2, rule_month_name(m2), y2);
	return arena_printf(a, "%d to %d %s %d", d, d2, rule_month_name(m2), y2);
}

const char *
wall_span(struct arena *a, const struct wall *w, const struct when *start, const struct when *end)
{
	const int64_t from = wall_local(w, start), until = wall_local(w, end);
	const char *day = wall_day_words(a, wall_day(from)), *clock = wall_clock(a, from);

	if (start->kind == WHEN_DAY)
		return span_days(a, wall_day(from), wall_day(until) - 1);
	if (until == from)
		return arena_printf(a, "%s, %s", day, clock);
	if (wall_day(from) == wall_day(until))
		return arena_printf(a, "%s, %s to %s", day, clock, wall_clock(a, until));
	return arena_printf(a, "%s, %s to %s, %s", day, clock, wall_day_words(a, wall_day(until)),
	    wall_clock(a, until));
}

/* As events are kept: one by the clock of a zone has an offset. */
static bool
wall_read(const char *text, struct when *out)
{
	return text && when_read(str_c(text), NULL, out);
}

const char *
wall_label(struct arena *a, const struct wall *w, const json *field)
{
	struct when at;

	if (!wall_read(json_str(field, "occurrence"), &at))
		return page_event_field(json_str(field, "field"));
	return arena_printf(a, "On %s", wall_span(a, w, &at, &at));
}

const char *
wall_time(struct arena *a, const struct wall *w, const char *field, const json *value)
{
	const bool ends = !strcmp(field, "endDateTime");
	struct when at;

	if ((!ends && strcmp(field, "startDateTime") != 0) || !json_is_str(value) ||
	    !wall_read(json_value_str(value), &at))
		return NULL;
	if (ends && at.kind == WHEN_DAY)
		at = when_later(&at, -DAY_SECONDS);
	return wall_span(a, w, &at, &at);
}
