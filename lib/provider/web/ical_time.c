/*
 * ical_time.c - zones through libical; the arithmetic of local times is our own.
 */
#include "provider/web/ical_time.h"

#include <libical/ical.h>

#include "base/civil.h"

enum {
	ZONES_MAX = 1000,
	RULES_MAX = 1000,
	ZONE_RULES_MAX = 64,
	DAY = 86400,
	LAST_YEAR = 2037,
	CYCLE = 28
};

struct ical_zone {
	char *tzid;
	icaltimezone *zone; /* NULL: looked for in vain */
	bool ours;
};

struct ical_zones {
	struct arena *a;
	struct ical_zone v[ZONES_MAX];
	size_t n;
	int rules; /* of all zones of the file */
};

static void
free_zones(void *p)
{
	struct ical_zones *zs = p;

	for (size_t i = 0; i < zs->n; i++)
		if (zs->v[i].ours)
			icaltimezone_free(zs->v[i].zone, 1);
}

struct ical_zones *
ical_zones_new(struct arena *a)
{
	struct ical_zones *zs = arena_alloc(a, sizeof *zs);

	icalerror_set_errors_are_fatal(0);
	zs->a = a;
	arena_defer(a, free_zones, zs);
	return zs;
}

/* libical expands the rules of a zone over centuries: only those are let through that name at
 * most a few days a year. */
static bool
rule_is_tame(struct str rule)
{
	static const char *const known[] = { "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYMONTH",
		"BYDAY", "BYMONTHDAY", "WKST" };
	bool yearly = false, month = false, day = false, monthday = false, list = false;

	while (rule.p) {
		struct str value, one = str_cut(rule, ';', &rule);
		const struct str name = str_cut(one, '=', &value);
		const bool several = value.p && memchr(value.p, ',', value.n);
		bool is_known = name.n == 0;

		for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
			is_known |= str_ieq(name, str_c(known[i]));
		if (!is_known)
			return false;
		yearly |= str_ieq(name, STR("FREQ")) && value.p && str_ieq(value, STR("YEARLY"));
		month |= str_ieq(name, STR("BYMONTH")) && !several;
		list |= (str_ieq(name, STR("BYMONTH")) || str_ieq(name, STR("BYDAY"))) && several;
		day |= str_ieq(name, STR("BYDAY"));
		if (str_ieq(name, STR("BYMONTHDAY"))) {
			monthday = true;
			list |= several && value.n > 21; /* more than a week */
		}
	}
	return yearly && !list && (month || (!day && !monthday));
}

/* Libical reads a local copy; what it finds must be worth reading. */
static bool
zone_is_tame(struct ical_zones *zs, struct str text)
{
	int rules = 0;

	while (text.n > 0) {
		struct str line = str_cut(text, '\n', &text), value;
		const struct str name = str_cut(line, ':', &value);

		if (!str_istarts(name, "RRULE"))
			continue;
		if (!value.p || !rule_is_tame(str_trim(value)) || ++rules > ZONE_RULES_MAX)
			return false;
	}
	zs->rules += rules;
	return zs->rules <= RULES_MAX;
}

static bool
has_offsets(icalcomponent *zone)
{
	for (icalcomponent *c = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT); c;
	     c = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
		const icalcomponent_kind kind = icalcomponent_isa(c);
		if ((kind == ICAL_XSTANDARD_COMPONENT || kind == ICAL_XDAYLIGHT_COMPONENT) &&
		    icalcomponent_get_first_property(c, ICAL_TZOFFSETTO_PROPERTY) &&
		    icalcomponent_get_first_property(c, ICAL_TZOFFSETFROM_PROPERTY) &&
		    icalcomponent_get_first_property(c, ICAL_DTSTART_PROPERTY))
			return true;
	}
	return false;
}

bool
ical_zones_add(struct ical_zones *zs, struct str text)
{
	icalcomponent *c;
	icaltimezone *zone;
	const char *tzid;

	if (zs->n == ZONES_MAX || !zone_is_tame(zs, text))
		return false;
	c = icalparser_parse_string(arena_dup_str(zs->a, text));
	if (!c)
		return false;
	if (icalcomponent_isa(c) != ICAL_VTIMEZONE_COMPONENT || !has_offsets(c)) {
		icalcomponent_free(c);
		return false;
	}
	zone = icaltimezone_new();
	if (!zone || !icaltimezone_set_component(zone, c) ||
	    !(tzid = icaltimezone_get_tzid(zone))) {
		icalcomponent_free(c);
		if (zone)
			icaltimezone_free(zone, 1);
		return false;
	}
	zs->v[zs->n++] = (struct ical_zone){ arena_dup(zs->a, tzid), zone, true };
	return true;
}

static icaltimezone *
system_zone(struct arena *a, struct str tzid)
{
	const char *name = arena_dup_str(a, tzid), *slash;
	icaltimezone *zone = NULL;

	/* Every path has an end that may be the name:
	 * "/example.org/2005/America/Argentina/Ushuaia". */
	while (name && !zone) {
		if (*name && *name != '/' && !strstr(name, ".."))
			zone = icaltimezone_get_builtin_timezone(name);
		slash = strchr(name, '/');
		name = slash ? slash + 1 : NULL;
	}
	return zone;
}

const struct ical_zone *
ical_zones_find(struct ical_zones *zs, struct str tzid)
{
	for (size_t i = 0; i < zs->n; i++)
		if (str_is(tzid, zs->v[i].tzid))
			return zs->v[i].zone ? &zs->v[i] : NULL;
	if (zs->n == ZONES_MAX || tzid.n > 200)
		return NULL;
	zs->v[zs->n] = (struct ical_zone){ arena_dup_str(zs->a, tzid), system_zone(zs->a, tzid),
		false };
	return zs->v[zs->n].zone ? &zs->v[zs->n++] : (zs->n++, NULL);
}

static struct icaltimetype
fields_of(int64_t seconds)
{
	struct icaltimetype t = icaltime_null_time();
	int64_t days = seconds / DAY, rest = seconds % DAY;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	civil_date(days, &t.year, &t.month, &t.day);
	t.hour = (int)(rest / 3600);
	t.minute = (int)(rest / 60 % 60);
	t.second = (int)(rest % 60);
	return t;
}

/* Seconds east of Greenwich. Libical knows changes up to 2037; later years are read as one of
 * the same calendar before it. */
static int64_t
offset_at(const struct ical_zone *z, int64_t utc)
{
	struct icaltimetype t = fields_of(utc);
	int is_daylight = 0;

	while (t.year > LAST_YEAR)
		t.year -= CYCLE;
	t.zone = icaltimezone_get_utc_timezone();
	return icaltimezone_get_utc_offset_of_utc_time(z->zone, &t, &is_daylight);
}

static int64_t
zone_to_utc(const struct ical_zone *z, int64_t local)
{
	const int64_t before = offset_at(z, local - DAY), after = offset_at(z, local + DAY);

	if (before == after)
		return local - before;
	if (offset_at(z, local - before) != before && offset_at(z, local - after) == after)
		return local - after;
	return local - before;
}

static bool
time_digits(const char *p, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return true;
}

bool
ical_when_parse(struct str value, bool named, const struct ical_zone *zone, struct ical_when *out)
{
	int y, mo, d, h = 0, mi = 0, s = 0;

	value = str_trim(value);
	if (value.n != 8 && value.n != 15 && value.n != 16)
		return false;
	if (!time_digits(value.p, 4, &y) || !time_digits(value.p + 4, 2, &mo) ||
	    !time_digits(value.p + 6, 2, &d) || y < 1 || mo < 1 || mo > 12 || d < 1 ||
	    d > icaltime_days_in_month(mo, y))
		return false;
	*out = (struct ical_when){ .clock = ICAL_DATE };
	if (value.n > 8) {
		if (value.p[8] != 'T' || !time_digits(value.p + 9, 2, &h) ||
		    !time_digits(value.p + 11, 2, &mi) || !time_digits(value.p + 13, 2, &s) ||
		    h > 23 || mi > 59 || s > 60)
			return false;
		if (value.n == 16 && value.p[15] != 'Z')
			return false;
		out->clock = named ? ICAL_ZONED : ICAL_FLOATING;
		if (value.n == 16)
			out->clock = ICAL_UTC;
		out->zone = out->clock == ICAL_ZONED ? zone : NULL;
	}
	out->local = civil_days(y, mo, d) * DAY + h * 3600 + mi * 60 + (s > 59 ? 59 : s);
	return true;
}

bool
ical_when_utc(const struct ical_when *w, int64_t *utc)
{
	if (w->exact)
		*utc = w->utc;
	else if (w->clock == ICAL_UTC)
		*utc = w->local;
	else if (w->clock == ICAL_ZONED && w->zone)
		*utc = zone_to_utc(w->zone, w->local);
	else
		return false;
	return true;
}

bool
ical_when_add(const struct ical_when *w, struct str duration, struct ical_when *out)
{
	char text[64];
	struct icaldurationtype d;
	int64_t exact, utc;

	duration = str_trim(duration);
	if (duration.n == 0 || duration.n >= sizeof text || memchr(duration.p, '\0', duration.n))
		return false;
	memcpy(text, duration.p, duration.n);
	text[duration.n] = '\0';
	d = icaldurationtype_from_string(text);
	if (icaldurationtype_is_bad_duration(d) || d.weeks > 10000 || d.days > 100000 ||
	    d.hours > 1000000 || d.minutes > 10000000 || d.seconds > 100000000)
		return false;
	const int64_t sign = d.is_neg ? -1 : 1;
	*out = *w;
	out->exact = false;
	out->local += sign * ((int64_t)d.weeks * 7 + d.days) * DAY;
	exact = sign * ((int64_t)d.hours * 3600 + (int64_t)d.minutes * 60 + d.seconds);
	if (w->clock == ICAL_DATE || exact == 0)
		return true;
	if (w->clock != ICAL_ZONED || !ical_when_utc(out, &utc)) {
		out->local += exact;
		return true;
	}
	out->exact = true;
	out->utc = utc + exact;
	out->local = out->utc + offset_at(w->zone, out->utc);
	return true;
}

void
ical_when_text(const struct ical_when *w, struct buf *out)
{
	const struct icaltimetype t = fields_of(w->local);

	buf_printf(out, "%04d-%02d-%02d", t.year, t.month, t.day);
	if (w->clock != ICAL_DATE)
		buf_printf(out, "T%02d:%02d:%02d%s", t.hour, t.minute, t.second,
		    w->clock == ICAL_UTC ? "Z" : "");
}

void
ical_utc_text(int64_t utc, struct buf *out)
{
	ical_when_text(&(struct ical_when){ .clock = ICAL_UTC, .local = utc }, out);
}
