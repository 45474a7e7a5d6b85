/*
 * when.c - see when.h.
 */
#include "event/when.h"

#include "base/civil.h"

enum { DATE_CHARS = 10, TIME_CHARS = 19 };

/* Digits of a fixed width; -1: there are none. */
static int
when_digits(const char *p, size_t n)
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
when_day(int y, int m, int d, int64_t *local)
{
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > civil_month_days(y, m))
		return false;
	*local = civil_days(y, m, d) * DAY_SECONDS;
	return true;
}

static bool
when_clock(int h, int m, int s, int64_t *local)
{
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return false;
	*local += h * HOUR_SECONDS + m * 60 + s;
	return true;
}

static bool
when_date(const char *p, int64_t *local)
{
	return p[4] == '-' && p[7] == '-' &&
	    when_day(when_digits(p, 4), when_digits(p + 5, 2), when_digits(p + 8, 2), local);
}

/* "+02:00" or Z; *named false: there is none. */
static bool
when_offset(struct str text, int64_t *offset, bool *named)
{
	int h, m;

	*offset = 0;
	*named = text.n > 0;
	if (text.n == 0 || (text.n == 1 && (*text.p == 'Z' || *text.p == 'z')))
		return true;
	if (text.n != 6 || (*text.p != '+' && *text.p != '-') || text.p[3] != ':')
		return false;
	h = when_digits(text.p + 1, 2);
	m = when_digits(text.p + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*offset = (h * HOUR_SECONDS + m * 60) * (*text.p == '-' ? -1 : 1);
	return true;
}

/* What is smaller than a second does not count. */
static size_t
when_fraction(struct str text)
{
	size_t n = TIME_CHARS;

	if (n < text.n && text.p[n] == '.')
		for (n++; n < text.n && text.p[n] >= '0' && text.p[n] <= '9';)
			n++;
	return n;
}

static void
when_set(struct when *w, int64_t local, bool named, int64_t offset)
{
	const struct zone *zone = w->zone;

	w->kind = named || zone ? WHEN_MOMENT : WHEN_FLOATING;
	w->zone = named && !zone ? &zone_utc : zone;
	w->local = w->utc = local;
	if (w->kind == WHEN_FLOATING)
		return;
	w->utc = named ? local - offset : zone_to_utc(w->zone, local);
	w->local = zone_to_local(w->zone, w->utc);
}

bool
when_read(struct str text, const struct zone *zone, struct when *out)
{
	const char *p = text.p;
	int64_t local, offset;
	bool named;
	size_t n;

	*out = (struct when){ .zone = zone };
	if (text.n < DATE_CHARS || !when_date(p, &local))
		return false;
	if (text.n == DATE_CHARS) {
		out->local = out->utc = local;
		return true;
	}
	if (text.n < TIME_CHARS || (p[10] != 'T' && p[10] != 't') || p[13] != ':' || p[16] != ':' ||
	    !when_clock(
		when_digits(p + 11, 2), when_digits(p + 14, 2), when_digits(p + 17, 2), &local))
		return false;
	n = when_fraction(text);
	if (!when_offset((struct str){ p + n, text.n - n }, &offset, &named))
		return false;
	when_set(out, local, named, offset);
	return true;
}

enum { WHEN_TEXT = 60 };

struct civil_text {
	int y, m, d, h, min, s;
};

static struct civil_text
when_parts(int64_t local)
{
	int64_t days = local / DAY_SECONDS, rest = local % DAY_SECONDS;
	struct civil_text t;

	if (rest < 0) {
		rest += DAY_SECONDS;
		days--;
	}
	civil_date(days, &t.y, &t.m, &t.d);
	t.h = (int)(rest / HOUR_SECONDS);
	t.min = (int)(rest / 60 % 60);
	t.s = (int)(rest % 60);
	return t;
}

/* Behind the last one; n digits. Times are written as often as events are read. */
static char *
when_number(char *to, int value, int n)
{
	for (int i = n; i > 0; value /= 10)
		to[--i] = (char)('0' + value % 10);
	return to + n;
}

static char *
when_pair(char *to, char before, int value)
{
	*to = before;
	return when_number(to + 1, value, 2);
}

/* Offsets of the past had seconds; what is written has none. */
static char *
when_offset_text(char *to, int64_t offset)
{
	const int64_t size = offset < 0 ? -offset : offset;

	if (offset == 0)
		*to++ = 'Z';
	else {
		to = when_pair(to, offset < 0 ? '-' : '+', (int)(size / HOUR_SECONDS));
		to = when_pair(to, ':', (int)(size / 60 % 60));
	}
	return to;
}

const char *
when_text(struct arena *a, const struct when *w)
{
	int64_t offset = w->local - w->utc - (w->local - w->utc) % 60;
	const struct civil_text t = when_parts(w->kind == WHEN_MOMENT ? w->utc + offset : w->local);

	char text[WHEN_TEXT], *end = when_number(text, t.y, t.y > 9999 ? 5 : 4);

	end = when_pair(when_pair(end, '-', t.m), '-', t.d);
	if (w->kind != WHEN_DAY)
		end = when_pair(when_pair(when_pair(end, 'T', t.h), ':', t.min), ':', t.s);
	if (w->kind == WHEN_MOMENT)
		end = when_offset_text(end, offset);
	return arena_dup_str(a, (struct str){ text, (size_t)(end - text) });
}

bool
when_fits(const struct when *w)
{
	static const int64_t first = INT64_C(-62135596800), last = INT64_C(253402300799);
	const int64_t margin = w->kind == WHEN_DAY ? 0 : DAY_SECONDS;

	return w->utc >= first + margin && w->utc <= last - margin;
}

int64_t
when_of_day(const struct when *w)
{
	return (w->local % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS;
}

struct when
when_later(const struct when *w, int64_t seconds)
{
	struct when out = *w;

	out.local += seconds;
	out.utc = w->kind == WHEN_MOMENT ? zone_to_utc(w->zone, out.local) : out.local;
	/* A time that the clock skips is the one that it shows then. */
	if (w->kind == WHEN_MOMENT)
		out.local = zone_to_local(w->zone, out.utc);
	return out;
}

int64_t
when_utc(const struct when *w, const struct zone *zone)
{
	return w->kind == WHEN_MOMENT ? w->utc : zone_to_utc(zone, w->local);
}

const char *
when_words(struct arena *a, const struct when *w)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct civil_text t = when_parts(w->local);
	const char *month = months + 3 * (size_t)(t.m - 1);

	if (w->kind == WHEN_DAY)
		return arena_printf(a, "%d %.3s %d", t.d, month, t.y);
	return arena_printf(a, "%d %.3s %d, %02d:%02d", t.d, month, t.y, t.h, t.min);
}

const char *
when_slot(struct arena *a, const struct when *w)
{
	const struct civil_text t = when_parts(w->utc);

	if (w->kind == WHEN_DAY)
		return arena_printf(a, "%04d%02d%02d", t.y, t.m, t.d);
	return arena_printf(a, "%04d%02d%02dT%02d%02d%02d%s", t.y, t.m, t.d, t.h, t.min, t.s,
	    w->kind == WHEN_MOMENT ? "Z" : "");
}

/* "20261005T080000Z" */
static bool
when_compact(struct str text, int64_t *local, bool *utc)
{
	const char *p = text.p;

	*utc = text.n == 16 && p[15] == 'Z';
	if (text.n != 8 && text.n != 15 && !*utc)
		return false;
	if (!when_day(when_digits(p, 4), when_digits(p + 4, 2), when_digits(p + 6, 2), local))
		return false;
	return text.n == 8 ||
	    (p[8] == 'T' &&
		when_clock(
		    when_digits(p + 9, 2), when_digits(p + 11, 2), when_digits(p + 13, 2), local));
}

bool
when_slot_read(struct str text, const struct when *like, struct when *out)
{
	int64_t at;
	bool utc;

	if (!when_compact(text, &at, &utc)) {
		if (!when_read(text, like->zone, out))
			return false;
		return out->kind == like->kind;
	}
	*out = *like;
	if ((text.n == 8) != (like->kind == WHEN_DAY) || utc != (like->kind == WHEN_MOMENT))
		return false;
	out->utc = at;
	out->local = like->kind == WHEN_MOMENT ? zone_to_local(like->zone, at) : at;
	return true;
}
