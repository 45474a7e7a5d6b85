/*
 * calendar_time.c - the times of events as they are written and shown.
 */
#include "fake/google/calendar.h"

#include "base/zone_name.h"

#include "base/civil.h"
#include "base/clock.h"

/* Digits of a fixed width; -1: there are none. */
static int
time_digits(const char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

static bool
time_date(struct str text, int64_t *local)
{
	int y, m, d;

	if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-')
		return false;
	y = time_digits(text.p, 4);
	m = time_digits(text.p + 5, 2);
	d = time_digits(text.p + 8, 2);
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > civil_month_days(y, m))
		return false;
	*local = civil_days(y, m, d) * DAY_SECONDS;
	return true;
}

/* "+02:00", "Z", or nothing: *named false. */
static bool
time_offset(struct str text, int64_t *offset, bool *named)
{
	int h, m;

	*offset = 0;
	*named = text.n > 0;
	if (text.n == 0 || (text.n == 1 && (*text.p == 'Z' || *text.p == 'z')))
		return true;
	if (text.n != 6 || (*text.p != '+' && *text.p != '-') || text.p[3] != ':')
		return false;
	h = time_digits(text.p + 1, 2);
	m = time_digits(text.p + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*offset = (h * HOUR_SECONDS + m * 60) * (*text.p == '-' ? -1 : 1);
	return true;
}

/* RFC 3339; the offset may be missing. */
static bool
time_moment(struct str text, int64_t *local, int64_t *offset, bool *named)
{
	int h, m, s;
	size_t n = 19;

	if (text.n < 19 || (text.p[10] != 'T' && text.p[10] != 't') || text.p[13] != ':' ||
	    text.p[16] != ':' || !time_date((struct str){ text.p, 10 }, local))
		return false;
	h = time_digits(text.p + 11, 2);
	m = time_digits(text.p + 14, 2);
	s = time_digits(text.p + 17, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return false;
	if (n < text.n && text.p[n] == '.')
		for (n++; n < text.n && text.p[n] >= '0' && text.p[n] <= '9';)
			n++;
	*local += h * HOUR_SECONDS + m * 60 + s;
	return time_offset((struct str){ text.p + n, text.n - n }, offset, named);
}

bool
moment_read(struct str text, int64_t *utc)
{
	int64_t local, offset;
	bool named;

	if (!time_moment(text, &local, &offset, &named) || !named)
		return false;
	*utc = local - offset;
	return true;
}

static bool
time_read_zone(struct arena *a, const json *j, struct event_time *out)
{
	out->zone_name = json_str(j, "timeZone");
	if (!out->zone_name)
		return true;
	out->zone = zone_system(a, str_c(out->zone_name));
	return out->zone != NULL;
}

bool
event_time_read(struct arena *a, const json *j, const struct zone *otherwise,
    struct event_time *out, const char **why)
{
	struct str date = json_s(j, "date"), moment = json_s(j, "dateTime");
	int64_t offset;
	bool named;

	*out = (struct event_time){ .date = date.p != NULL, .zone = otherwise };
	*why = "Invalid value";
	if ((date.p != NULL) == (moment.p != NULL))
		return false;
	if (!time_read_zone(a, j, out)) {
		*why = arena_printf(a, "Invalid time zone: %s", out->zone_name);
		return false;
	}
	if (out->date) {
		out->zone_name = NULL;
		if (!time_date(date, &out->local))
			return false;
		out->utc = out->local;
		return true;
	}
	if (!time_moment(moment, &out->local, &offset, &named))
		return false;
	if (!named && !out->zone_name) {
		*why = "Missing time zone definition";
		return false;
	}
	out->utc = named ? out->local - offset : zone_to_utc(out->zone, out->local);
	out->local = zone_to_local(out->zone, out->utc);
	return true;
}

static const char *
time_offset_text(struct arena *a, int64_t offset)
{
	const int64_t size = offset < 0 ? -offset : offset;

	if (offset == 0)
		return "Z";
	return arena_printf(a, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(size / HOUR_SECONDS),
	    (int)(size / 60 % 60));
}

/* "2026-03-29", or with the time of day and the offset behind it. */
static const char *
time_text(struct arena *a, int64_t local, const int64_t *offset)
{
	int64_t days = local / DAY_SECONDS, rest = local % DAY_SECONDS;
	int y, m, d;

	if (rest < 0) {
		rest += DAY_SECONDS;
		days--;
	}
	civil_date(days, &y, &m, &d);
	if (!offset)
		return arena_printf(a, "%04d-%02d-%02d", y, m, d);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%s", y, m, d,
	    (int)(rest / HOUR_SECONDS), (int)(rest / 60 % 60), (int)(rest % 60),
	    time_offset_text(a, *offset));
}

json *
event_time_json(struct arena *a, const struct event_time *t, const struct zone *shown,
    const char *calendar_zone)
{
	json *j = json_new(a);
	int64_t offset;

	if (t->date) {
		json_set_str(j, "date", time_text(a, t->local, NULL));
		return j;
	}
	/* Offsets of the past had seconds; what is written has none, and is the same moment. */
	offset = zone_offset(shown, t->utc);
	offset -= offset % 60;
	json_set_str(j, "dateTime", time_text(a, t->utc + offset, &offset));
	json_set_str(j, "timeZone", t->zone_name ? t->zone_name : calendar_zone);
	return j;
}

void
json_set_stamp(struct arena *a, json *j, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(ms, text);
	json_set_str(j, name, arena_printf(a, "%.19s.%03dZ", text, (int)(ms % 1000)));
}
