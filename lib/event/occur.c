/*
 * occur.c - see occur.h.
 */
#include "event/occur.h"

#include <stdlib.h>

#include "base/civil.h"
#include "base/recur.h"
#include "event/series.h"

/*
 * One occurrence.
 */

/* Each lasts as many seconds as the first one, so what ends at six ends at five on the night in
 * which the clock is set back: RFC 5545, 3.8.5.3 ("the same exact duration will apply"), and Google
 * does so. Days and floating times are by the clock. */
static struct when
occur_end(const struct event_span *s, const struct when *slot)
{
	struct when end = *slot;

	if (slot->utc == s->start.utc)
		return s->end;
	end.utc += s->end.utc - s->start.utc;
	end.local = end.kind == WHEN_MOMENT ? zone_to_local(end.zone, end.utc) : end.utc;
	return end;
}

/* As the series has it. */
static json *
occur_plain(struct arena *a, const json *value, const struct when *slot)
{
	json *out = json_new(a);
	struct event_span s;
	struct when end;

	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key != '@' && strcmp(it.key, "recurrence"))
			json_set(out, it.key, it.value);
	if (!event_span(a, value, &s))
		return out;
	end = occur_end(&s, slot);
	json_set_str(out, "startDateTime", when_text(a, slot));
	json_set_str(out, "endDateTime", when_text(a, &end));
	return out;
}

static const char *
occur_key(struct arena *a, const struct when *slot)
{
	return arena_printf(a, "@%s", when_slot(a, slot));
}

static bool
occur_is_cancelled(const json *value)
{
	const char *status = json_str(value, "status");

	return status && !strcmp(status, "cancelled");
}

static bool
occur_make(struct arena *a, const json *value, const struct when *slot, struct occurrence *out)
{
	const json *differs = json_at(value, occur_key(a, slot));
	json *whole = occur_plain(a, value, slot);
	struct event_span s;

	for (struct json_iter it = { 0 }; json_each(differs, &it);) {
		if (json_is_null(it.value))
			json_unset(whole, it.key);
		else
			json_set(whole, it.key, it.value);
	}
	*out = (struct occurrence){ .slot = *slot, .value = whole, .differs = differs != NULL };
	if (!event_span(a, whole, &s))
		return false;
	out->start = s.start;
	out->end = s.end;
	out->cancelled = occur_is_cancelled(whole);
	out->left_out = occur_is_cancelled(differs);
	return true;
}

void
occur_name(struct arena *a, json *o, const json *event, const char *member)
{
	struct event_span s;
	struct when slot;

	json_set_str(o, "field", member);
	if (*member != '@' || !event_span(a, event, &s) ||
	    !when_slot_read(str_c(member + 1), &s.start, &slot))
		return;
	json_set_str(o, "field", arena_printf(a, "the occurrence of %s", when_words(a, &slot)));
	json_set_str(o, "occurrence", when_text(a, &slot));
}

/* Does the series have this place? */
static bool
occur_has(struct arena *a, const json *value, const struct when *slot)
{
	struct event_span s;
	struct when *v;
	size_t n;

	if (!event_span(a, value, &s))
		return false;
	if (!s.series)
		return s.start.kind == slot->kind && s.start.utc == slot->utc;
	n = series_slots(a, value, slot->utc, slot->utc + 1, &v);
	return n > 0 && v[n - 1].utc == slot->utc && v[n - 1].kind == slot->kind;
}

bool
occur_at(struct arena *a, const json *value, const struct when *slot, struct occurrence *out)
{
	return occur_has(a, value, slot) && occur_make(a, value, slot, out);
}

/*
 * Those of a time.
 */
static bool
occur_touches(const struct occurrence *o, const struct zone *zone, int64_t from, int64_t until)
{
	const int64_t start = when_utc(&o->start, zone), end = when_utc(&o->end, zone);

	/* What lasts no time is there at its moment. */
	return start < until && (end > from || (end == start && end >= from));
}

static int
occur_compare(const void *x, const void *y)
{
	const struct occurrence *a = x, *b = y;

	if (a->start.utc != b->start.utc)
		return a->start.utc < b->start.utc ? -1 : 1;
	return a->slot.utc < b->slot.utc ? -1 : a->slot.utc > b->slot.utc;
}

enum { ZONE_SECONDS = 15 * 3600 }; /* no zone is further from UTC */

/* The places that may touch the time: those of the series near it, and those that were moved. */
static size_t
occur_places(struct arena *a, const json *value, const struct event_span *span, int64_t from,
    int64_t until, struct when **out)
{
	const struct event_span s = *span;
	struct when *v, *all;
	size_t n, k = 0;

	if (!s.series) {
		*out = arena_alloc(a, sizeof **out);
		**out = s.start;
		return 1;
	}
	*out = NULL;
	n = series_slots(a, value, from - (s.end.utc - s.start.utc) - ZONE_SECONDS,
	    until == INT64_MAX ? until : until + ZONE_SECONDS, &v);
	if (n > OCCUR_MAX)
		return n;
	all = arena_array(a, n + json_len(value), sizeof *all);
	for (size_t i = 0; i < n; i++)
		if (!json_has(value, occur_key(a, &v[i])))
			all[k++] = v[i];
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@' && when_slot_read(str_c(it.key + 1), &s.start, &all[k]))
			k++;
	*out = all;
	return k;
}

/* When it is, without what else it is. */
static bool
occur_when(struct arena *a, const json *value, const struct event_span *span,
    const struct when *slot, struct occurrence *out)
{
	const char *status;

	if (span->series && json_has(value, occur_key(a, slot)))
		return occur_make(a, value, slot, out);
	status = json_str(value, "status");
	*out = (struct occurrence){
		.slot = *slot,
		.start = *slot,
		.end = occur_end(span, slot),
		.cancelled = status && !strcmp(status, "cancelled"),
	};
	return true;
}

size_t
occur_between(struct arena *a, const json *value, const struct zone *zone, int64_t from,
    int64_t until, struct occurrence **out)
{
	struct event_span span;
	struct occurrence *v;
	struct when *places;
	size_t n, k = 0;

	*out = NULL;
	if (!event_span(a, value, &span))
		return 0;
	n = occur_places(a, value, &span, from, until, &places);
	if (n > OCCUR_MAX)
		return n;
	*out = v = arena_array(a, n + 1, sizeof *v);
	for (size_t i = 0; i < n; i++)
		if (occur_when(a, value, &span, &places[i], &v[k]) && !v[k].cancelled &&
		    occur_touches(&v[k], zone, from, until))
			k++;
	qsort(v, k, sizeof *v, occur_compare);
	return k;
}

const json *
occur_value(struct arena *a, const json *value, const struct occurrence *o)
{
	struct occurrence whole;

	if (o->value)
		return o->value;
	return occur_make(a, value, &o->slot, &whole) ? whole.value : value;
}

const json *
occur_whole(struct arena *a, const json *value, const char *member)
{
	struct event_span span;
	struct occurrence one;
	struct when slot;

	if (!value || !event_span(a, value, &span) || !span.series ||
	    !when_slot_read(str_c(member + 1), &span.start, &slot) ||
	    !occur_make(a, value, &slot, &one))
		return NULL;
	return one.value;
}

json *
occur_listed(struct arena *a, const json *series, const json *members)
{
	json *list = json_list(a);
	struct event_span span;
	struct when slot;

	if (!event_span(a, series, &span))
		return list;
	for (struct json_iter it = { 0 }; json_each(members, &it);) {
		json *o;

		if (*it.key != '@' || !when_slot_read(str_c(it.key + 1), &span.start, &slot))
			continue;
		o = json_new(a);
		json_set_str(o, "occurrence", when_text(a, &slot));
		for (struct json_iter f = { 0 }; json_each(it.value, &f);)
			json_set(o, f.key, f.value);
		json_add(list, o);
	}
	return list;
}

/*
 * Bounds.
 */
static void
occur_widen(const struct when *start, const struct when *end, int64_t *from, int64_t *until)
{
	const int64_t slack = start->kind == WHEN_MOMENT ? 0 : ZONE_SECONDS;

	if (start->utc - slack < *from)
		*from = start->utc - slack;
	if (*until != INT64_MAX && end->utc + slack > *until)
		*until = end->utc + slack;
}

void
occur_bounds(struct arena *a, const json *value, int64_t *from, int64_t *until)
{
	struct event_span s;
	struct occurrence o;
	struct when slot, last;

	*from = INT64_MAX;
	*until = INT64_MIN;
	if (!event_span(a, value, &s))
		return;
	occur_widen(&s.start, &s.end, from, until);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@' && when_slot_read(str_c(it.key + 1), &s.start, &slot) &&
		    occur_make(a, value, &slot, &o))
			occur_widen(&o.start, &o.end, from, until);
	if (!s.series)
		return;
	if (!series_last(a, value, &last))
		*until = INT64_MAX;
	else if (occur_make(a, value, &last, &o))
		occur_widen(&o.start, &o.end, from, until);
}

/*
 * A series changed.
 */
const char *
occur_wrong(struct arena *a, const json *lines, const struct when *start)
{
	return series_wrong(a, lines, start);
}

bool
occur_is_read(struct arena *a, const json *lines, const struct when *start)
{
	return series_is_read(a, lines, start);
}

struct moving {
	struct arena *a;
	const json *value; /* what the series is now */
	struct event_span was, now;
};

static bool
moved_there(const struct moving *m, int64_t local, struct when *out)
{
	*out = when_later(&m->now.start, local - m->now.start.local);
	return occur_has(m->a, m->value, out);
}

/* Where the place is now. */
static bool
moved_place(const struct moving *m, const struct when *place, struct when *out)
{
	const int64_t midnight = place->local - when_of_day(place);

	if (!m->now.series)
		return false;
	*out = *place;
	out->zone = m->now.start.zone;
	return (place->kind == m->now.start.kind && occur_has(m->a, m->value, out)) ||
	    moved_there(m, midnight + when_of_day(&m->now.start), out) ||
	    moved_there(m, place->local + m->now.start.local - m->was.start.local, out);
}

/* Those of `was`, into `out` by their new places, or else into `lost` by their old ones. */
static void
moved_all(const struct moving *m, const json *was, json *out, json *lost)
{
	struct when place, to;

	/* Those that stay come first: no other one takes their place. */
	for (int stay = 1; stay >= 0; stay--)
		for (struct json_iter it = { 0 }; json_each(was, &it);) {
			if (*it.key != '@' ||
			    !when_slot_read(str_c(it.key + 1), &m->was.start, &place))
				continue;
			bool found = moved_place(m, &place, &to);
			if ((found && to.utc == place.utc) != (stay == 1))
				continue;
			if (found && !json_has(out, occur_key(m->a, &to)))
				json_set(out, occur_key(m->a, &to), it.value);
			else
				json_set(lost, it.key, it.value);
		}
}

static bool
moving_of(struct arena *a, const json *was, const json *value, struct moving *m)
{
	*m = (struct moving){ .a = a, .value = value };
	return was && event_span(a, was, &m->was) && event_span(a, value, &m->now);
}

json *
occur_moved(struct arena *a, const json *was, const json *value)
{
	json *out = json_new(a);
	struct moving m;

	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key != '@')
			json_set(out, it.key, it.value);
	if (moving_of(a, was, value, &m))
		moved_all(&m, was, out, json_new(a));
	return out;
}

json *
occur_lost(struct arena *a, const json *was, const json *now)
{
	json *lost = json_new(a);
	struct moving m;

	if (moving_of(a, was, now, &m))
		moved_all(&m, was, json_new(a), lost);
	return lost;
}

/* The occurrences that differ go where their places are. */
static void
split_differing(
    struct arena *a, const json *value, const struct when *slot, json *before, json *after)
{
	struct when place;

	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@' && when_slot_read(str_c(it.key + 1), slot, &place))
			json_set(place.utc < slot->utc ? before : after, it.key, it.value);
	(void)a;
}

bool
occur_split(
    struct arena *a, const json *value, const struct when *slot, json **before, json **after)
{
	struct event_span s;
	json *plain;

	if (!event_span(a, value, &s) || !s.series || slot->utc <= s.start.utc)
		return false;
	*before = json_new(a);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key != '@')
			json_set(*before, it.key, it.value);
	plain = occur_plain(a, value, slot);
	*after = plain;
	series_split(a, value, slot, *before, *after);
	split_differing(a, value, slot, *before, *after);
	return true;
}
