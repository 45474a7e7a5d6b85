/*
 * ical_zone.c - see ical_zone.h.
 */
#include "provider/web/ical_zone.h"

#include <stdlib.h>

#include "base/recur.h"
#include "base/vec.h"
#include "base/zone_name.h"
#include "provider/web/ical_lines.h"

enum {
	ZONES_MAX = 1000,
	ZONE_NAME_BYTES = 200,
	RULES_MAX = 1000, /* of all zones of a calendar */
	ZONE_RULES_MAX = 64,
	CHANGES_MAX = 4000 /* of a zone: a handful a year */
};
/* Rules are followed from 1900 to 2200. */
#define FOLLOWED_FROM INT64_C(-2208988800)
#define FOLLOWED_TO INT64_C(7258118400)
/* Of a zone with a summer time one change more would have come by then. */
#define SEASON (INT64_C(300) * 86400)

struct ical_zones {
	struct arena *a;
	struct ical_zone v[ZONES_MAX];
	size_t n;
	int rules;
	struct ical_zone none;
};

struct ical_zones *
ical_zones_new(struct arena *a)
{
	struct ical_zones *zs = arena_alloc(a, sizeof *zs);

	zs->a = a;
	zs->none.known_until = INT64_MAX;
	return zs;
}

/* A definition is a text, where commas are escaped; in a parameter some do it too. */
static struct str
zone_name(struct arena *a, struct str name)
{
	struct buf *b;

	name = str_trim(name);
	if (name.n > 2 * ZONE_NAME_BYTES || !memchr(name.p, '\\', name.n))
		return name;
	b = buf_in(a, 2 * ZONE_NAME_BYTES);
	(void)ical_unescape(name, false, b);
	return str_trim(buf_s(b));
}

/*
 * Definitions.
 */

/* One STANDARD or DAYLIGHT of a definition: when it begins, again and again. */
struct season {
	int64_t start; /* local, by the clock before it */
	int32_t from, to;
	bool started, has_from, has_to;
	struct str rules[ZONE_RULES_MAX], dates[ZONE_RULES_MAX];
	int rules_n, dates_n;
};

struct definition {
	struct arena *a;
	struct tz_change *v;
	size_t n, cap;
	int64_t first; /* the first change, and the offset before it */
	int32_t before;
	bool open; /* one of its rules has no end */
	int rules;
	struct str name, place; /* TZID, and X-LIC-LOCATION: what the system calls it */
	struct season season;
};

/* "+0100", "-053000"; the sign may be missing, and there may be colons. */
static bool
offset_read(struct str s, int32_t *out)
{
	char digits[8];
	size_t n = 0;
	int64_t h, m, sec = 0;
	const bool west = s.n > 0 && s.p[0] == '-';

	for (size_t i = s.n > 0 && (west || s.p[0] == '+'); i < s.n; i++)
		if (s.p[i] != ':' && n < sizeof digits)
			digits[n++] = s.p[i];
	if ((n != 4 && n != 6) || digits[0] == '-' ||
	    !str_i64((struct str){ digits, 2 }, 0, 23, &h) ||
	    !str_i64((struct str){ digits + 2, 2 }, 0, 59, &m) ||
	    (n == 6 && !str_i64((struct str){ digits + 4, 2 }, 0, 59, &sec)))
		return false;
	*out = (int32_t)(h * 3600 + m * 60 + sec) * (west ? -1 : 1);
	return true;
}

static bool
season_begins(struct definition *d, int64_t local)
{
	const int64_t at = local - d->season.from;

	if (d->n == CHANGES_MAX)
		return false;
	if (d->n == 0 || at < d->first) {
		d->first = at;
		d->before = d->season.from;
	}
	VEC_HOLD(d->a, d->v, d->cap, d->n + 1, CHANGES_MAX);
	d->v[d->n++] = (struct tz_change){ at, d->season.to };
	return true;
}

static bool
season_follow(struct definition *d, struct str rule)
{
	const struct season *s = &d->season;
	struct recur_walk w;
	struct recur r;
	int64_t at;

	if (!recur_read(rule, s->start, &r))
		return false;
	d->open |= !r.ends && !r.count;
	recur_begin(&w, &r, FOLLOWED_FROM);
	while (recur_step(&w, FOLLOWED_TO, &at)) {
		if (r.ends_utc && at - s->from > r.until)
			break;
		if (at != s->start && !season_begins(d, at))
			return false;
	}
	return true;
}

static bool
season_end(struct definition *d)
{
	const struct season *s = &d->season;
	bool date, utc;
	int64_t at;

	/* One that says nothing is as if it were not there. */
	if (!s->started || !s->has_from || !s->has_to)
		return true;
	if (!season_begins(d, s->start))
		return false;
	for (int i = 0; i < s->rules_n; i++)
		if (!season_follow(d, s->rules[i]))
			return false;
	for (int i = 0; i < s->dates_n; i++)
		for (struct str list = s->dates[i]; list.p;)
			if (recur_time(str_trim(str_cut(list, ',', &list)), &at, &date, &utc) &&
			    !season_begins(d, utc ? at + s->from : at))
				return false;
	return true;
}

static bool
season_line(struct definition *d, const struct ical_line *line)
{
	struct season *s = &d->season;
	bool date, utc;

	if (ical_line_is(line, "DTSTART"))
		s->started = recur_time(str_trim(line->value), &s->start, &date, &utc);
	else if (ical_line_is(line, "TZOFFSETFROM"))
		s->has_from = offset_read(str_trim(line->value), &s->from);
	else if (ical_line_is(line, "TZOFFSETTO"))
		s->has_to = offset_read(str_trim(line->value), &s->to);
	else if (ical_line_is(line, "RRULE")) {
		if (++d->rules > ZONE_RULES_MAX)
			return false;
		s->rules[s->rules_n++] = line->value;
	} else if (ical_line_is(line, "RDATE")) {
		if (s->dates_n == ZONE_RULES_MAX)
			return false;
		s->dates[s->dates_n++] = line->value;
	}
	return true;
}

static bool
is_season(struct str name)
{
	name = str_trim(name);
	return str_ieq(name, STR("STANDARD")) || str_ieq(name, STR("DAYLIGHT"));
}

static bool
definition_read(struct definition *d, struct str text)
{
	struct ical_line line;
	bool inside = false;

	while (ical_line_next(&text, &line)) {
		if (ical_line_is(&line, "BEGIN") && is_season(line.value)) {
			inside = true;
			d->season = (struct season){ 0 };
		} else if (ical_line_is(&line, "END") && is_season(line.value)) {
			if (inside && !season_end(d))
				return false;
			inside = false;
		} else if (inside && !season_line(d, &line))
			return false;
		else if (!inside && !d->name.p && ical_line_is(&line, "TZID"))
			d->name = zone_name(d->a, line.value);
		else if (!inside && ical_line_is(&line, "X-LIC-LOCATION"))
			d->place = str_trim(line.value);
	}
	return d->n > 0;
}

static int
by_time(const void *a, const void *b)
{
	const struct tz_change *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

bool
ical_zones_add(struct ical_zones *zs, struct str text)
{
	struct definition d = { .a = zs->a };
	struct ical_zone *z = &zs->v[zs->n];
	struct zone_made made = { .beyond = NULL };
	const bool good = definition_read(&d, text) && zs->rules + d.rules <= RULES_MAX;

	if (!d.name.p || d.name.n > ZONE_NAME_BYTES || zs->n == ZONES_MAX)
		return false;
	zs->n++;
	*z = (struct ical_zone){ .name = arena_dup_str(zs->a, d.name), .defined = true };
	z->zone = zone_named(zs->a, d.name);
	if (!z->zone)
		z->zone = zone_named(zs->a, d.place);
	z->known_until = INT64_MAX;
	if (!good)
		return false;
	zs->rules += d.rules;
	qsort(d.v, d.n, sizeof *d.v, by_time);
	/* What changes once does not go to and fro. */
	made.open = d.open || d.n == 1;
	made.beyond = z->zone;
	made.table = (struct tz_table){ .v = d.v, .n = d.n, .before = d.before };
	if (!made.open && !made.beyond)
		z->known_until = d.v[d.n - 1].at + SEASON;
	z->zone = zone_make(zs->a, &made);
	return true;
}

const struct ical_zone *
ical_zones_find(struct ical_zones *zs, struct str tzid)
{
	struct ical_zone *z = &zs->v[zs->n];

	tzid = zone_name(zs->a, tzid);
	for (size_t i = 0; i < zs->n; i++)
		if (str_is(tzid, zs->v[i].name))
			return &zs->v[i];
	for (size_t i = 0; i < zs->n; i++)
		if (str_ieq(tzid, str_c(zs->v[i].name)))
			return &zs->v[i];
	if (zs->n == ZONES_MAX || tzid.n > ZONE_NAME_BYTES)
		return &zs->none;
	zs->n++;
	*z = (struct ical_zone){
		.name = arena_dup_str(zs->a, tzid),
		.zone = zone_named(zs->a, tzid),
		.known_until = INT64_MAX,
	};
	return z;
}
