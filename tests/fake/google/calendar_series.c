/*
 * calendar_series.c - series: where their events are, and those that differ from the others.
 */
#include "fake/google/calendar.h"

#include "base/civil.h"
#include "base/zone_name.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/recur.h"

enum { SERIES_SLOTS_MAX = 4000, RULES_MAX = 8, DATES_MAX = 2000 };

/* What the lines of a recurrence say. */
struct series {
	struct event_time start;
	struct recur rule[RULES_MAX];
	bool takes[RULES_MAX]; /* EXRULE */
	int rules;
	int64_t with[DATES_MAX], without[DATES_MAX]; /* UTC; of days, midnight */
	int n_with, n_without;
};

bool
event_is_series(const struct event *e)
{
	return json_len(json_at(e->content, "recurrence")) > 0;
}

/* "RDATE;TZID=Europe/Berlin:20260101T090000,..." */
static void
series_dates(struct arena *a, const struct series *s, struct str line, int64_t *v, int *n)
{
	struct str values, head = str_cut(line, ':', &values);
	const char *tz = strstr(arena_dup_str(a, head), "TZID=");
	const struct zone *zone = tz ? zone_system(a, str_c(tz + 5)) : s->start.zone;
	int64_t at;
	bool date, utc;

	while (values.p && *n < DATES_MAX)
		if (recur_time(str_cut(values, ',', &values), &at, &date, &utc))
			v[(*n)++] = utc || date || s->start.date || !zone ? at
									  : zone_to_utc(zone, at);
}

static void
series_line(struct arena *a, struct series *s, const char *line)
{
	struct str text = str_c(line), value;
	bool takes = str_starts(text, "EXRULE:");

	str_cut(text, ':', &value);
	if ((takes || str_starts(text, "RRULE:")) && s->rules < RULES_MAX) {
		s->takes[s->rules] = takes;
		if (recur_read(value, s->start.local, &s->rule[s->rules]))
			s->rules++;
	} else if (str_starts(text, "RDATE")) {
		series_dates(a, s, text, s->with, &s->n_with);
	} else if (str_starts(text, "EXDATE")) {
		series_dates(a, s, text, s->without, &s->n_without);
	}
}

static struct series *
series_read(struct arena *a, const struct event *e)
{
	struct series *s = arena_alloc(a, sizeof *s);
	const json *lines = json_at(e->content, "recurrence");
	const char *why;

	if (!event_time_read(a, json_at(e->content, "start"), e->calendar->zone, &s->start, &why))
		return NULL;
	for (size_t i = 0; i < json_len(lines); i++)
		series_line(a, s, json_value_str(json_nth(lines, i)));
	return s;
}

static int
series_compare(const void *x, const void *y)
{
	const struct slot *a = x, *b = y;

	return a->utc < b->utc ? -1 : a->utc > b->utc;
}

static struct slot
series_slot(const struct series *s, int64_t utc)
{
	const bool date = s->start.date;

	return (struct slot){
		.local = date ? utc : zone_to_local(s->start.zone, utc),
		.utc = utc,
		.date = date,
	};
}

/* The moments of one rule up to `until`. */
static size_t
series_walk(
    const struct series *s, const struct recur *r, int64_t until, struct slot *v, size_t max)
{
	/* No zone is further from UTC than a day. */
	const int64_t end = until == INT64_MAX ? until : until + DAY_SECONDS;
	struct recur_walk w;
	size_t n = 0;
	int64_t at, utc;

	recur_begin(&w, r, s->start.local);
	while (n < max && recur_step(&w, end, &at)) {
		utc = s->start.date ? at : zone_to_utc(s->start.zone, at);
		if (r->ends && r->ends_utc && !s->start.date && utc > r->until)
			break;
		if (utc < until)
			v[n++] = series_slot(s, utc);
	}
	return n;
}

static bool
series_left_out(
    const struct series *s, const struct slot *slot, const struct slot *taken, size_t n_taken)
{
	for (int i = 0; i < s->n_without; i++)
		if (s->without[i] == slot->utc)
			return true;
	for (size_t i = 0; i < n_taken; i++)
		if (taken[i].utc == slot->utc)
			return true;
	return false;
}

/* Sorted, each once, without what is left out. */
static size_t
series_clean(
    const struct series *s, struct slot *v, size_t n, const struct slot *taken, size_t n_taken)
{
	size_t kept = 0;

	qsort(v, n, sizeof *v, series_compare);
	for (size_t i = 0; i < n; i++)
		if ((kept == 0 || v[kept - 1].utc != v[i].utc) &&
		    !series_left_out(s, &v[i], taken, n_taken))
			v[kept++] = v[i];
	return kept;
}

size_t
event_slots(struct arena *a, const struct event *e, int64_t until, struct slot *out, size_t max)
{
	struct series *s = series_read(a, e);
	struct slot *v, *taken;
	size_t n = 0, n_taken = 0, cap = max + DATES_MAX + 1;

	if (!s)
		return 0;
	v = arena_array(a, cap, sizeof *v);
	taken = arena_array(a, cap, sizeof *taken);
	if (s->start.utc < until)
		v[n++] = series_slot(s, s->start.date ? s->start.local : s->start.utc);
	for (int i = 0; i < s->rules; i++) {
		if (s->takes[i])
			n_taken += series_walk(
			    s, &s->rule[i], until, taken + n_taken, cap - n_taken);
		else
			n += series_walk(s, &s->rule[i], until, v + n, max - (n < max ? n : max));
	}
	for (int i = 0; i < s->n_with && n < cap; i++)
		if (s->with[i] < until)
			v[n++] = series_slot(s, s->with[i]);
	n = series_clean(s, v, n, taken, n_taken);
	if (n > max)
		n = max;
	memcpy(out, v, n * sizeof *v);
	return n;
}

/*
 * Instances.
 */
const char *
slot_text(struct arena *a, const struct slot *slot)
{
	char text[CLOCK_TEXT];
	const char *t = clock_text(slot->utc * SECOND_MS, text);
	const char *day = arena_printf(a, "%.4s%.2s%.2s", t, t + 5, t + 8);

	return slot->date ? day : arena_printf(a, "%sT%.2s%.2s%.2sZ", day, t + 11, t + 14, t + 17);
}

static bool
slot_read(const char *text, struct slot *slot)
{
	bool utc;

	*slot = (struct slot){ 0 };
	return recur_time(str_c(text), &slot->utc, &slot->date, &utc) && utc != slot->date;
}

/* Whether the series has it, and where. */
static bool
series_has(struct arena *a, const struct event *e, struct slot *slot)
{
	struct slot *v = arena_array(a, SERIES_SLOTS_MAX, sizeof *v);
	size_t n = event_slots(a, e, slot->utc + 1, v, SERIES_SLOTS_MAX);

	if (n == 0 || v[n - 1].utc != slot->utc || v[n - 1].date != slot->date)
		return false;
	*slot = v[n - 1];
	return true;
}

struct event *
series_instance(struct arena *a, const struct event *e, const struct slot *slot)
{
	struct event *x = arena_alloc(a, sizeof *x);
	struct event_time start, end;
	const char *why;
	json *content = json_stored(a, json_text(a, e->content));
	int64_t length;

	*x = *e;
	if (!event_time_read(a, json_at(e->content, "start"), e->calendar->zone, &start, &why) ||
	    !event_time_read(a, json_at(e->content, "end"), e->calendar->zone, &end, &why))
		return NULL;
	length = end.utc - start.utc;
	start.utc = slot->utc;
	start.local = slot->local;
	end.utc = slot->utc + length;
	end.local = slot->local + length;
	json_unset(content, "recurrence");
	json_set(content, "start", event_time_json(a, &start, start.zone, e->calendar->zone_name));
	json_set(content, "end", event_time_json(a, &end, end.zone, e->calendar->zone_name));
	json_set(content, "originalStartTime", json_at(content, "start"));
	x->content = content;
	x->series = (struct event *)e;
	x->slot = slot_text(a, slot);
	x->id = arena_printf(a, "%s_%s", e->id, x->slot);
	x->serial = 0;
	return x;
}

struct event *
event_find(struct call *c, struct calendar *cal, const char *id)
{
	struct event *e = event_by(cal, id), *series;
	const char *mark = strrchr(id, '_');
	struct slot slot;

	/* One that went with its place is what the series has there when that comes back. */
	if (e && !e->purged)
		return e;
	if (!mark)
		return NULL;
	series = event_by(cal, arena_dup_str(c->a, (struct str){ id, (size_t)(mark - id) }));
	if (!series || series->gone || !event_is_series(series) || !slot_read(mark + 1, &slot) ||
	    !series_has(c->a, series, &slot))
		return NULL;
	return series_instance(c->a, series, &slot);
}

struct event *
event_settle(struct fake *f, struct arena *a, struct event *instance)
{
	struct event *e;

	if (instance->serial > 0)
		return instance;
	e = event_by(instance->calendar, instance->id);
	if (!e)
		e = event_add(f, instance->calendar, instance->id);
	e->purged = e->gone = false;
	e->uid = instance->uid;
	e->series = instance->series;
	e->slot = arena_dup(f->a, instance->slot);
	e->content = world_copy(f, a, instance->content);
	e->creator = instance->creator;
	e->organizer = instance->organizer;
	e->created = instance->created;
	return e;
}

void
series_prune(struct fake *f, struct arena *a, struct event *series)
{
	struct slot slot;

	for (struct event *e = series->calendar->first; e; e = e->next)
		if (e->series == series && !e->purged &&
		    (!event_is_series(series) || !slot_read(e->slot, &slot) ||
			!series_has(a, series, &slot))) {
			e->purged = true;
			event_touch(f, e);
		}
}
