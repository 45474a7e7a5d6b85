/*
 * series.c - see series.h.
 */
#include "event/series.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/recur.h"
#include "base/vec.h"
#include "base/zone_name.h"

enum { RULES_MAX = 10, DATES_MAX = 2000, YEARS_LOOKED = 400, SERIES_ROOM = 16 << 20 };
/* What all rules may find, and the dates by themselves. */
enum { SLOTS_TRIED = RULES_MAX * SERIES_SLOTS_MAX + DATES_MAX + 1 };

struct dates {
	struct when *v;
	size_t n, cap;
};

struct series {
	struct event_span span;
	struct recur *rule[RULES_MAX];
	bool takes[RULES_MAX]; /* EXRULE */
	size_t rules;
	struct dates with, without;
};

/* A line in its parts: "RDATE;TZID=Europe/Berlin:20260101T090000". */
struct line {
	struct str name, params, value;
};

static struct line
line_of(const char *text)
{
	struct line l = { .params = { NULL, 0 } };
	struct str head = str_cut(str_c(text), ':', &l.value);

	l.name = str_cut(head, ';', &l.params);
	return l;
}

static bool
line_is(const struct line *l, const char *name)
{
	return str_ieq(l->name, str_c(name));
}

/* The zone of the line's dates: its own, or the series'. */
static const struct zone *
line_zone(struct arena *a, const struct line *l, const struct when *start)
{
	struct str rest = l->params, one;

	while (rest.p) {
		one = str_cut(rest, ';', &rest);
		if (str_istarts(one, "TZID="))
			return zone_named(a, (struct str){ one.p + 5, one.n - 5 });
	}
	return start->zone;
}

/* One date of RDATE or EXDATE, as a place of the series. */
static bool
line_date(const struct zone *zone, struct str text, const struct when *start, struct when *out)
{
	int64_t at;
	bool date, utc;

	if (!recur_time(text, &at, &date, &utc))
		return false;
	*out = *start;
	out->local = out->utc = at;
	if (start->kind != WHEN_MOMENT)
		return date == (start->kind == WHEN_DAY) && !utc;
	/* A day in a series of moments is the one at the series' time. */
	if (date)
		out->local += ((start->local % 86400) + 86400) % 86400;
	if (!date && utc) {
		out->local = zone_to_local(start->zone, at);
		return true;
	}
	if (!zone)
		return false;
	out->utc = zone_to_utc(date ? start->zone : zone, out->local);
	out->local = zone_to_local(start->zone, out->utc);
	return true;
}

static bool
line_dates(struct arena *a, const struct line *l, const struct when *start, struct dates *out)
{
	const struct zone *zone = line_zone(a, l, start);
	struct str rest = l->value;

	if (!rest.p)
		return false;
	while (rest.p) {
		if (out->n == DATES_MAX)
			return false;
		VEC_HOLD(a, out->v, out->cap, out->n + 1, DATES_MAX);
		if (!line_date(zone, str_cut(rest, ',', &rest), start, &out->v[out->n]))
			return false;
		out->n++;
	}
	return true;
}

/* False: the line is none. */
static bool
series_line(struct arena *a, struct series *s, const char *text)
{
	const struct line l = line_of(text);
	const struct when *start = &s->span.start;
	const bool takes = line_is(&l, "EXRULE");

	if (takes || line_is(&l, "RRULE")) {
		if (s->rules == RULES_MAX || !l.value.p)
			return false;
		s->rule[s->rules] = arena_alloc(a, sizeof **s->rule);
		if (!recur_read(l.value, start->local, s->rule[s->rules]))
			return false;
		s->takes[s->rules++] = takes;
		return true;
	}
	if (line_is(&l, "RDATE"))
		return line_dates(a, &l, start, &s->with);
	return line_is(&l, "EXDATE") && line_dates(a, &l, start, &s->without);
}

static struct series *
series_read(struct arena *a, const json *value)
{
	struct series *s = arena_alloc(a, sizeof *s);
	const json *lines = json_at(value, "recurrence");

	if (!event_span(a, value, &s->span))
		return NULL;
	for (size_t i = 0; i < json_len(lines); i++)
		series_line(a, s, json_value_str(json_nth(lines, i)));
	return s;
}

/*
 * What is wrong with it.
 */
static bool
series_has_both_ends(const char *line)
{
	return strcasestr(line, "COUNT=") && strcasestr(line, "UNTIL=");
}

/* What comes more than once an hour is no event. */
static bool
series_is_dense(const struct series *s)
{
	for (size_t i = 0; i < s->rules; i++)
		if (s->rule[i]->unit == RECUR_SECOND || s->rule[i]->unit == RECUR_MINUTE)
			return true;
	return false;
}

/* Does a rule ever come, in the time that is looked at? */
static bool
series_comes(const struct series *s)
{
	struct recur_walk w;
	int64_t at;

	for (size_t i = 0; i < s->rules; i++) {
		if (s->takes[i])
			continue;
		recur_begin(&w, s->rule[i], s->span.start.local);
		if (!recur_step(
			&w, s->span.start.local + (int64_t)YEARS_LOOKED * YEAR_SECONDS, &at))
			return false;
	}
	return true;
}

static const char *
series_take(struct arena *a, const json *lines, const struct when *start, struct series *s)
{
	s->span.start = *start;
	for (size_t i = 0; i < json_len(lines); i++) {
		const char *line = json_value_str(json_nth(lines, i));

		if (series_has_both_ends(line))
			return "A rule ends by COUNT or by UNTIL, not by both.";
		if (!series_line(a, s, line))
			return arena_printf(a,
			    "\"%.100s\" is none: write RRULE:, RDATE: or EXDATE: as RFC 5545 has "
			    "them, with dates like the start's.",
			    line);
	}
	return series_is_dense(s) ? "An event comes once an hour at most." : NULL;
}

bool
series_is_read(struct arena *a, const json *lines, const struct when *start)
{
	return !series_take(a, lines, start, arena_alloc(a, sizeof(struct series)));
}

const char *
series_wrong(struct arena *a, const json *lines, const struct when *start)
{
	struct series *s = arena_alloc(a, sizeof *s);
	const char *why = series_take(a, lines, start, s);

	return why || series_comes(s) ? why : "This rule never comes.";
}

/*
 * Places.
 */
static struct when
series_place(const struct series *s, int64_t local)
{
	return when_later(&s->span.start, local - s->span.start.local);
}

static int
series_compare(const void *x, const void *y)
{
	const struct when *a = x, *b = y;

	return a->utc < b->utc ? -1 : a->utc > b->utc;
}

static void
slots_add(struct arena *a, struct dates *to, const struct when *place)
{
	VEC_HOLD(a, to->v, to->cap, to->n + 1, SLOTS_TRIED);
	to->v[to->n++] = *place;
}

/* Of one rule, from <= utc < until. */
static void
series_walk(struct arena *a, const struct series *s, size_t rule, int64_t from, int64_t until,
    struct dates *to)
{
	enum { SLACK = 2 * 86400 }; /* no zone is further from UTC */
	const struct recur *r = s->rule[rule];
	const int64_t first = from - SLACK, end = until > INT64_MAX - SLACK ? until : until + SLACK;
	const size_t most = to->n + SERIES_SLOTS_MAX;
	struct recur_walk w;
	int64_t at;

	recur_begin(&w, r, first > s->span.start.local ? first : s->span.start.local);
	while (to->n < most && recur_step(&w, end, &at)) {
		struct when place = series_place(s, at);

		if (r->ends && r->ends_utc && s->span.start.kind == WHEN_MOMENT &&
		    place.utc > r->until)
			break;
		if (place.utc >= from && place.utc < until)
			slots_add(a, to, &place);
	}
}

static bool
series_without(const struct series *s, const struct dates *taken, int64_t utc)
{
	for (size_t i = 0; i < s->without.n; i++)
		if (s->without.v[i].utc == utc)
			return true;
	for (size_t i = 0; i < taken->n; i++)
		if (taken->v[i].utc == utc)
			return true;
	return false;
}

static size_t
series_find(struct arena *a, const json *value, int64_t from, int64_t until, struct when **out)
{
	struct series *s = series_read(a, value);
	struct dates all = { .n = 0 }, taken = { .n = 0 };
	struct when *v;
	size_t kept = 0;

	*out = NULL;
	if (!s)
		return 0;
	if (s->span.start.utc >= from && s->span.start.utc < until)
		slots_add(a, &all, &s->span.start);
	for (size_t i = 0; i < s->rules; i++)
		series_walk(a, s, i, from, until, s->takes[i] ? &taken : &all);
	for (size_t i = 0; i < s->with.n; i++)
		if (s->with.v[i].utc >= from && s->with.v[i].utc < until)
			slots_add(a, &all, &s->with.v[i]);
	if (all.n == 0)
		return 0;
	v = all.v;
	qsort(v, all.n, sizeof *v, series_compare);
	for (size_t i = 0; i < all.n; i++)
		if ((kept == 0 || v[kept - 1].utc != v[i].utc) &&
		    !series_without(s, &taken, v[i].utc))
			v[kept++] = v[i];
	*out = v;
	return kept < SERIES_SLOTS_MAX ? kept : SERIES_SLOTS_MAX;
}

/* A list of many series has room for what comes of them, not for what was tried. */
size_t
series_slots(struct arena *a, const json *value, int64_t from, int64_t until, struct when **out)
{
	struct arena *brief = arena_new("series", SERIES_ROOM, 0);
	struct event_span span;
	struct when *v;
	size_t n = 0;

	*out = NULL;
	if (event_span(a, value, &span))
		n = series_find(brief, value, from, until, &v);
	if (n > 0) {
		*out = arena_array(a, n, sizeof *v);
		memcpy(*out, v, n * sizeof *v);
		for (size_t i = 0; i < n; i++)
			(*out)[i].zone = span.start.zone;
	}
	arena_free(brief);
	return n;
}

bool
series_last(struct arena *a, const json *value, struct when *out)
{
	struct series *s = series_read(a, value);
	struct when *v;
	size_t n;

	if (!s)
		return false;
	for (size_t i = 0; i < s->rules; i++)
		if (!s->takes[i] && !s->rule[i]->ends && s->rule[i]->count == 0)
			return false;
	n = series_slots(a, value, INT64_MIN / 4, INT64_MAX, &v);
	if (n == 0 || n == SERIES_SLOTS_MAX)
		return false;
	*out = v[n - 1];
	return true;
}

/*
 * In two.
 */

/* The rule without its end, and with another one; more NULL: without. */
static const char *
split_rule(struct arena *a, const char *line, const char *more)
{
	struct str rest, name = str_cut(str_c(line), ':', &rest), one;
	struct buf *b = buf_in(a, 4000);
	char between = ':';

	buf_printf(b, "%.*s", (int)name.n, name.p);
	while (rest.p) {
		one = str_cut(rest, ';', &rest);
		if (str_istarts(one, "COUNT=") || str_istarts(one, "UNTIL="))
			continue;
		buf_printf(b, "%c%.*s", between, (int)one.n, one.p);
		between = ';';
	}
	if (more)
		buf_printf(b, ";%s", more);
	return buf_c(b);
}

/* How many of a rule's COUNT come before the slot. */
static int64_t
split_counted(const struct series *s, size_t rule, const struct when *slot)
{
	struct recur_walk w;
	int64_t n = 0, at;

	recur_begin(&w, s->rule[rule], s->span.start.local);
	while (recur_step(&w, slot->local - 1, &at))
		n++;
	return n;
}

static void
split_line_rule(struct arena *a, const struct series *s, const char *line, const struct when *slot,
    json *before, json *after)
{
	struct series one = { .span = s->span };
	struct when last = when_later(slot, slot->kind == WHEN_DAY ? -86400 : -1);
	int64_t left;

	if (!series_line(a, &one, line) || one.rules == 0)
		return;
	json_add_str(before, split_rule(a, line, arena_printf(a, "UNTIL=%s", when_slot(a, &last))));
	if (one.rule[0]->count == 0) {
		json_add_str(after, line);
		return;
	}
	left = one.rule[0]->count - split_counted(&one, 0, slot);
	if (left > 0)
		json_add_str(
		    after, split_rule(a, line, arena_printf(a, "COUNT=%lld", (long long)left)));
}

/* A line of dates, in the series' own form. */
static void
dates_line(struct arena *a, const struct dates *d, const char *name, json *lines)
{
	struct buf *b;

	if (d->n == 0)
		return;
	b = buf_in(a, 64 * 1024);
	for (size_t i = 0; i < d->n; i++)
		buf_printf(b, "%s%s", i ? "," : "", when_slot(a, &d->v[i]));
	json_add_str(lines,
	    arena_printf(
		a, "%s%s:%s", name, d->v[0].kind == WHEN_DAY ? ";VALUE=DATE" : "", buf_c(b)));
}

/* The dates before the slot, or those from it on. */
static void
split_line_dates(struct arena *a, const struct dates *d, const char *name, const struct when *slot,
    bool later, json *lines)
{
	struct dates part = { .v = arena_array(a, d->n + 1, sizeof *part.v) };

	for (size_t i = 0; i < d->n; i++)
		if ((d->v[i].utc >= slot->utc) == later)
			part.v[part.n++] = d->v[i];
	dates_line(a, &part, name, lines);
}

void
series_split(struct arena *a, const json *value, const struct when *slot, json *before, json *after)
{
	const struct series *s = series_read(a, value);
	const json *lines = json_at(value, "recurrence");
	json *first = json_list(a), *second = json_list(a);

	for (size_t i = 0; s && i < json_len(lines); i++) {
		const char *text = json_value_str(json_nth(lines, i));
		const struct line l = line_of(text);

		if (line_is(&l, "RRULE") || line_is(&l, "EXRULE"))
			split_line_rule(a, s, text, slot, first, second);
	}
	if (!s)
		return;
	split_line_dates(a, &s->with, "RDATE", slot, false, first);
	split_line_dates(a, &s->with, "RDATE", slot, true, second);
	split_line_dates(a, &s->without, "EXDATE", slot, false, first);
	split_line_dates(a, &s->without, "EXDATE", slot, true, second);
	json_set(before, "recurrence", first);
	json_set(after, "recurrence", second);
}

/*
 * At another time of day.
 */
static struct when
moved_date(const struct when *was, const struct when *start, const struct when *at)
{
	enum { DAY = 86400 };
	const int64_t clock = (at->local % DAY + DAY) % DAY;
	const int64_t old = (was->local % DAY + DAY) % DAY, now = (start->local % DAY + DAY) % DAY;
	int64_t local = at->local + now - old;

	if (start->kind == WHEN_DAY)
		local = at->local - clock;
	return when_later(start, local - start->local);
}

static const char *
moved_rule(struct arena *a, const struct series *s, const char *line, const struct when *start)
{
	const struct line l = line_of(line);
	const char *until = strcasestr(line, "UNTIL=");
	struct when last = s->span.start;
	struct recur r = { 0 };

	/* A day that is the last one stays. */
	if (!until || strlen(until) < 15 || until[14] != 'T' || !l.value.p ||
	    !recur_read(l.value, last.local, &r))
		return line;
	last.local = last.utc = r.until;
	if (r.ends_utc && last.kind == WHEN_MOMENT)
		last.local = zone_to_local(last.zone, r.until);
	last = moved_date(&s->span.start, start, &last);
	return split_rule(a, line, arena_printf(a, "UNTIL=%s", when_slot(a, &last)));
}

json *
series_moved(struct arena *a, const json *was, const struct when *start)
{
	struct series *s = series_read(a, was);
	const json *lines = json_at(was, "recurrence");
	json *out = json_list(a);

	for (size_t i = 0; s && i < json_len(lines); i++) {
		const char *text = json_value_str(json_nth(lines, i));
		const struct line l = line_of(text);

		if (line_is(&l, "RRULE") || line_is(&l, "EXRULE"))
			json_add_str(out, moved_rule(a, s, text, start));
	}
	if (!s)
		return out;
	for (size_t i = 0; i < s->with.n; i++)
		s->with.v[i] = moved_date(&s->span.start, start, &s->with.v[i]);
	for (size_t i = 0; i < s->without.n; i++)
		s->without.v[i] = moved_date(&s->span.start, start, &s->without.v[i]);
	dates_line(a, &s->with, "RDATE", out);
	dates_line(a, &s->without, "EXDATE", out);
	return out;
}
