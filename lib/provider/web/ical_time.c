/*
 * ical_time.c - see ical_time.h.
 */
#include "provider/web/ical_time.h"

#include <stdlib.h>

#include "base/civil.h"
#include "base/recur.h"

enum { DAY = 86400, NUMBER_MAX = 100000000 };
#define LONGEST (INT64_C(100000) * DAY)

bool
ical_when_parse(struct str value, bool named, const struct zone *zone, struct ical_when *out)
{
	bool date, utc;

	*out = (struct ical_when){ .clock = named ? ICAL_ZONED : ICAL_FLOATING, .zone = zone };
	if (!recur_time(str_trim(value), &out->local, &date, &utc))
		return false;
	if (date || utc) {
		out->clock = date ? ICAL_DATE : ICAL_UTC;
		out->zone = NULL;
	}
	return true;
}

bool
ical_when_utc(const struct ical_when *w, int64_t *utc)
{
	if (w->exact)
		*utc = w->utc;
	else if (w->clock == ICAL_UTC)
		*utc = w->local;
	else if (w->zone)
		*utc = zone_to_utc(w->zone, w->local);
	else
		return false;
	return true;
}

/* Seconds that a unit of a duration has; 0: it is none, or none of this half. */
static int64_t
duration_unit(char unit, bool time)
{
	static const char days[] = "WD", times[] = "HMS";
	static const int64_t seconds[] = { 7 * DAY, DAY, 3600, 60, 1 };
	const char *at = strchr(time ? times : days, unit);

	if (!at || !unit)
		return 0;
	return seconds[time ? 2 + (at - times) : at - days];
}

/* "P1DT2H", "-PT15M": whole days, and the rest, in seconds. */
static bool
duration_read(struct str s, int64_t *days, int64_t *rest)
{
	int64_t sign = 1, n, unit;
	bool time = false, any = false;

	*days = *rest = 0;
	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
		sign = s.p[0] == '-' ? -1 : 1;
		s = (struct str){ s.p + 1, s.n - 1 };
	}
	if (s.n == 0 || s.p[0] != 'P')
		return false;
	for (size_t i = 1, from; i < s.n; i++) {
		if (s.p[i] == 'T' && !time) {
			time = true;
			continue;
		}
		for (from = i; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			;
		if (i == s.n || !str_i64((struct str){ s.p + from, i - from }, 0, NUMBER_MAX, &n) ||
		    (unit = duration_unit(s.p[i], time)) == 0)
			return false;
		*(time ? rest : days) += sign * n * unit;
		any = true;
	}
	return any && llabs(*days) <= LONGEST && llabs(*rest) <= LONGEST;
}

bool
ical_when_add(const struct ical_when *w, struct str duration, struct ical_when *out)
{
	int64_t days, rest, utc;

	if (!duration_read(str_trim(duration), &days, &rest))
		return false;
	*out = *w;
	out->exact = false;
	out->local += days;
	if (w->clock == ICAL_DATE || rest == 0)
		return true;
	if (!w->zone || !ical_when_utc(out, &utc)) {
		out->local += rest;
		return true;
	}
	out->exact = true;
	out->utc = utc + rest;
	out->local = zone_to_local(w->zone, out->utc);
	return true;
}

void
ical_when_text(const struct ical_when *w, struct buf *out)
{
	const int64_t second = (w->local % DAY + DAY) % DAY;
	int year, month, day;

	civil_date((w->local - second) / DAY, &year, &month, &day);
	buf_printf(out, "%04d-%02d-%02d", year, month, day);
	if (w->clock != ICAL_DATE)
		buf_printf(out, "T%02d:%02d:%02d%s", (int)(second / 3600), (int)(second / 60 % 60),
		    (int)(second % 60), w->clock == ICAL_UTC ? "Z" : "");
}

void
ical_utc_text(int64_t utc, struct buf *out)
{
	ical_when_text(&(struct ical_when){ .clock = ICAL_UTC, .local = utc }, out);
}
