/*
 * series.c - a series as one page of Notion: its date is that of the next occurrence, and goes on
 * when that is over (roll.c). Which one it is stands in the mark, as "shown": {"slot", "start",
 * "end"}; the series itself is among what is kept there. A date that somebody changes moves that
 * occurrence alone. As a page for each occurrence: each.c.
 */
#include "event/rule.h"
#include "event/series.h"
#include "provider/notion/event.h"

enum { DAY = 86400 };

/* The first one that is not over by `now`, seconds; in steps, for there may be very many. */
static bool
series_ahead(struct arena *a, const json *value, int64_t now, struct occurrence *out)
{
	static const int64_t steps[] = { 8, 400, 30 * 366 };
	struct occurrence *v;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (occur_between(a, value, &zone_utc, now, now + steps[i] * DAY, &v) > 0) {
			*out = v[0];
			return true;
		}
	return false;
}

bool
notion_series_next(struct arena *a, const json *value, int64_t now, struct occurrence *out)
{
	struct event_span s;
	struct when last;

	if (series_ahead(a, value, now, out))
		return true;
	if (series_last(a, value, &last) && occur_at(a, value, &last, out) && !out->cancelled)
		return true;
	return event_span(a, value, &s) && occur_at(a, value, &s.start, out);
}

json *
notion_series_shown(struct arena *a, const struct occurrence *o)
{
	json *shown = notion_date_of(a, &o->start, &o->end);

	json_set_str(shown, "slot", when_slot(a, &o->slot));
	return shown;
}

/* As an event has it: in the zone of the series. */
static void
series_time(
    struct arena *a, json *to, const char *name, const struct when *w, const struct when *like)
{
	struct when told = *w;

	if (w->kind == WHEN_MOMENT && like->kind == WHEN_FLOATING)
		told.kind = WHEN_FLOATING;
	else if (w->kind == WHEN_MOMENT && !when_read(str_c(when_text(a, w)), like->zone, &told))
		told = *w;
	json_set_str(to, name, when_text(a, &told));
}

/* Where and when the series itself has it. */
static bool
series_unmoved(
    struct arena *a, const json *value, const char *name, const struct when *slot, const json *one)
{
	json *bare = json_new(a);
	struct occurrence plain;
	const json *was;

	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (strcmp(it.key, name) != 0)
			json_set(bare, it.key, it.value);
	if (!occur_at(a, bare, slot, &plain))
		return false;
	was = occur_value(a, bare, &plain);
	for (size_t i = 0; i < NOTION_TIMES; i++)
		if (!notion_same(a, was, one, notion_times[i]))
			return false;
	return true;
}

/* What says anything of when it is says all of it, as every other side does: said in fewer words,
 * the same would be somebody's edit. */
void
notion_series_move(struct arena *a, const char *slot, const struct when *start,
    const struct when *end, json *value)
{
	const char *name = arena_printf(a, "@%s", slot);
	json *one = json_new(a);
	struct event_span s;
	struct when at;
	bool unmoved;

	if (!event_span(a, value, &s) || !when_slot_read(str_c(slot), &s.start, &at))
		return;
	json_set(one, "timeZone", json_at(value, "timeZone"));
	for (struct json_iter it = { 0 }; json_each(json_at(value, name), &it);)
		json_set(one, it.key, it.value);
	series_time(a, one, "startDateTime", start, &s.start);
	series_time(a, one, "endDateTime", end, &s.start);
	json_set_bool(one, "allDay", start->kind == WHEN_DAY);
	if (start->kind == WHEN_DAY && s.start.kind != WHEN_DAY)
		json_set_null(one, "timeZone");
	unmoved = series_unmoved(a, value, name, &at, one);
	for (size_t i = 0; unmoved && i < NOTION_TIMES; i++)
		json_unset(one, notion_times[i]);
	json_set(value, name, one);
	if (!json_len(one))
		json_unset(value, name);
}

bool
notion_is_series(struct arena *a, const json *mark)
{
	const json *keep = json_at(mark, "keep"), *lines = json_at(keep, "recurrence");
	struct event_span s;

	return lines && (json_str(json_at(mark, "shown"), "slot") || json_at(mark, "each")) &&
	    event_span(a, keep, &s) && !occur_wrong(a, lines, &s.start);
}

void
notion_series_take(struct arena *a, const json *mark, const json *date, json *value)
{
	const json *shown = json_at(mark, "shown");
	struct when s1, e1, s2, e2;

	if (!notion_span_of(a, shown, &s1, &e1) || !notion_span_of(a, date, &s2, &e2))
		return;
	if ((s1.kind == WHEN_DAY) != (s2.kind == WHEN_DAY) || s1.utc != s2.utc || e1.utc != e2.utc)
		notion_series_move(a, json_str(shown, "slot"), &s2, &e2, value);
}

int64_t
notion_series_over(struct arena *a, const json *mark)
{
	struct when start, end;

	return notion_is_series(a, mark) && notion_span_of(a, json_at(mark, "shown"), &start, &end)
	    ? end.utc
	    : 0;
}

const char *
notion_series_words(struct arena *a, const json *value)
{
	const json *lines = json_at(value, "recurrence");
	struct event_span s;
	struct rule rule;

	if (!lines || !event_span(a, value, &s))
		return NULL;
	for (size_t i = 0; i < json_len(lines); i++)
		if (rule_read(json_value_str(json_nth(lines, i)), &s.start, &rule))
			return rule_words(a, &rule, &s.start);
	return "Repeats";
}
