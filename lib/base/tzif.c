/*
 * tzif.c - see tzif.h.
 */
#include "base/tzif.h"

#include "base/civil.h"

enum { HEADER = 44, TYPE_BYTES = 6, CHANGES_MAX = 10000, HOURS_MAX = 167 };

/*
 * The rule.
 */

static bool
rule_number(struct str *s, int min, int max, int *out)
{
	int n = 0, digits = 0;

	for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9' && digits < 4; digits++) {
		n = n * 10 + (s->p[0] - '0');
		s->p++;
		s->n--;
	}
	*out = n;
	return digits > 0 && n >= min && n <= max;
}

static bool
rule_mark(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* "<+0330>" or letters. */
static bool
rule_name(struct str *s)
{
	const bool quoted = rule_mark(s, '<');
	size_t n = 0;

	while (n < s->n &&
	    (quoted ? s->p[n] != '>'
		    : (s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
		n++;
	s->p += n;
	s->n -= n;
	return n > 0 && (!quoted || rule_mark(s, '>'));
}

/* "[+-]hh[:mm[:ss]]" */
static bool
rule_time(struct str *s, int32_t *out)
{
	const bool minus = rule_mark(s, '-');
	int h, m = 0, sec = 0;

	if (!minus)
		(void)rule_mark(s, '+');
	if (!rule_number(s, 0, HOURS_MAX, &h))
		return false;
	if (rule_mark(s, ':') &&
	    (!rule_number(s, 0, 59, &m) || (rule_mark(s, ':') && !rule_number(s, 0, 59, &sec))))
		return false;
	*out = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
	return true;
}

static bool
rule_day(struct str *s, struct tz_day *d)
{
	*d = (struct tz_day){ .how = '0', .second = 2 * 3600 };
	if (!rule_mark(s, ','))
		return false;
	if (rule_mark(s, 'M')) {
		d->how = 'M';
		if (!rule_number(s, 1, 12, &d->month) || !rule_mark(s, '.') ||
		    !rule_number(s, 1, 5, &d->week) || !rule_mark(s, '.') ||
		    !rule_number(s, 0, 6, &d->day))
			return false;
	} else {
		if (rule_mark(s, 'J'))
			d->how = 'J';
		if (!rule_number(s, d->how == 'J', 365, &d->day))
			return false;
	}
	return !rule_mark(s, '/') || rule_time(s, &d->second);
}

bool
tz_rule_read(struct str s, struct tz_rule *r)
{
	*r = (struct tz_rule){ 0 };
	if (!rule_name(&s) || !rule_time(&s, &r->standard))
		return false;
	/* POSIX counts westwards. */
	r->standard = -r->standard;
	if (s.n == 0)
		return true;
	if (!rule_name(&s))
		return false;
	r->changes = true;
	r->summer = r->standard + 3600;
	if (s.n > 0 && s.p[0] != ',') {
		if (!rule_time(&s, &r->summer))
			return false;
		r->summer = -r->summer;
	}
	return rule_day(&s, &r->begin) && rule_day(&s, &r->end) && s.n == 0;
}

/* The day of that year, as days since 1970. */
static int64_t
day_in_year(const struct tz_day *d, int year)
{
	const int64_t first = civil_days(year, 1, 1);
	int64_t day;
	int in_month;

	if (d->how != 'M')
		return first + d->day - (d->how == 'J') +
		    (d->how == 'J' && d->day >= 60 && civil_month_days(year, 2) == 29);
	day = civil_days(year, d->month, 1);
	in_month = civil_month_days(year, d->month);
	/* 1 January 1970 was a Thursday; Sunday is 0. */
	day += (d->day - (day + 4) % 7 + 14) % 7 + 7 * (d->week - 1);
	return day >= civil_days(year, d->month, 1) + in_month ? day - 7 : day;
}

int32_t
tz_rule_span(const struct tz_rule *r, int64_t utc, int64_t *next)
{
	int64_t last = INT64_MIN, at[2];
	int32_t offset = r->standard;
	int year, month, day;

	*next = INT64_MAX;
	if (!r->changes)
		return offset;
	/* To the day or to the next one: the years around it are looked at, too. */
	civil_date(utc / DAY_SECONDS, &year, &month, &day);
	for (int y = year - 1; y <= year + 1; y++) {
		at[0] = day_in_year(&r->begin, y) * DAY_SECONDS + r->begin.second - r->standard;
		at[1] = day_in_year(&r->end, y) * DAY_SECONDS + r->end.second - r->summer;
		for (int i = 0; i < 2; i++) {
			if (at[i] > utc && at[i] < *next)
				*next = at[i];
			if (at[i] <= utc && at[i] > last) {
				last = at[i];
				offset = i == 0 ? r->summer : r->standard;
			}
		}
	}
	return offset;
}

/*
 * The file.
 */

static int64_t
big_endian(const char *p, int bytes)
{
	uint64_t n = (unsigned char)p[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < bytes; i++)
		n = n << 8 | (unsigned char)p[i];
	return (int64_t)n;
}

/* A header and the data behind it, cut off the front. */
struct tzif_block {
	int version;
	int64_t times, types, chars, leaps, standards, uts;
	int wide; /* bytes of a time */
	const char *data;
};

static bool
block_take(struct str *s, int wide, struct tzif_block *b)
{
	int64_t size;

	if (s->n < HEADER || memcmp(s->p, "TZif", 4))
		return false;
	*b = (struct tzif_block){
		.version = s->p[4],
		.uts = big_endian(s->p + 20, 4),
		.standards = big_endian(s->p + 24, 4),
		.leaps = big_endian(s->p + 28, 4),
		.times = big_endian(s->p + 32, 4),
		.types = big_endian(s->p + 36, 4),
		.chars = big_endian(s->p + 40, 4),
		.wide = wide,
		.data = s->p + HEADER,
	};
	if (b->uts < 0 || b->standards < 0 || b->leaps < 0 || b->times < 0 || b->types < 1 ||
	    b->chars < 0 || b->times > CHANGES_MAX)
		return false;
	size = b->times * (wide + 1) + b->types * TYPE_BYTES + b->chars + b->leaps * (wide + 4) +
	    b->standards + b->uts;
	if (size > (int64_t)(s->n - HEADER))
		return false;
	s->p += HEADER + size;
	s->n -= HEADER + (size_t)size;
	return true;
}

static bool
block_read(struct arena *a, const struct tzif_block *b, struct tz_table *t)
{
	struct tz_change *v = arena_array(a, (size_t)b->times + 1, sizeof *v);
	const char *types = b->data + b->times * (b->wide + 1);

	for (int64_t i = 0; i < b->times; i++) {
		const int64_t type = (unsigned char)b->data[b->times * b->wide + i];

		if (type >= b->types)
			return false;
		v[i].at = big_endian(b->data + i * b->wide, b->wide);
		v[i].offset = (int32_t)big_endian(types + type * TYPE_BYTES, 4);
		if (i > 0 && v[i].at <= v[i - 1].at)
			return false;
	}
	t->v = v;
	t->n = (size_t)b->times;
	t->before = (int32_t)big_endian(types, 4);
	return true;
}

bool
tzif_read(struct arena *a, struct str s, struct tz_table *t)
{
	struct tzif_block b;
	struct str rule;

	*t = (struct tz_table){ 0 };
	if (!block_take(&s, 4, &b))
		return false;
	/* Since version 2 the same follows once more, with times of 64 bits. */
	if (b.version >= '2' && !block_take(&s, 8, &b))
		return false;
	/* Leap seconds are in the tables of "right" zones alone, which nobody's calendar means. */
	if (b.leaps > 0 || !block_read(a, &b, t))
		return false;
	if (b.version < '2' || s.n == 0 || s.p[0] != '\n')
		return true;
	rule = str_cut((struct str){ s.p + 1, s.n - 1 }, '\n', &s);
	t->ruled = rule.n > 0;
	return !t->ruled || tz_rule_read(rule, &t->rule);
}
