/*
 * form_rule.c - see form_rule.h.
 */
#include "events/form_rule.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/zone_name.h"
#include "event/series.h"
#include "skin/page.h"
#include "skin/wall.h"

enum { WEEK = 7, LINES_MAX = 16 * 1024 };

/* In the order of enum rule_every; the last is for rules that are more than plain. */
static const char *const repeats[][2] = {
	{ "", "Does not repeat" },
	{ "day", "Every day" },
	{ "week", "Every week" },
	{ "month", "Every month" },
	{ "year", "Every year" },
	{ "own", "Custom rule" },
};
static const char *const ways[] = { "date", "weekday", "last" };
static const char *const ends[][2] = {
	{ "never", "Never" },
	{ "until", "On a day" },
	{ "count", "After some times" },
};
static const char *const day_words[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

static const char *
rule_text(const json *texts, const char *name)
{
	const char *v = json_str(texts, name);

	return v ? v : "";
}

/*
 * Of a value.
 */
static const char *
rule_days_text(struct arena *a, unsigned days)
{
	struct buf *b = buf_in(a, 100);

	for (int i = 0; i < WEEK; i++)
		if (days & 1u << i)
			buf_printf(b, "%s%s", b->n ? "," : "", day_words[i]);
	return buf_c(b);
}

/* The one rule of the lines; false: there is none, there are several, or it is not plain. */
static bool
rule_of_lines(const json *lines, const struct when *start, struct rule *out)
{
	size_t n = 0;
	bool plain = false;

	for (size_t i = 0; i < json_len(lines); i++) {
		const char *line = json_value_str(json_nth(lines, i));

		if (str_istarts(str_c(line), "EXRULE"))
			return false;
		if (!str_istarts(str_c(line), "RRULE"))
			continue;
		n++;
		plain = rule_read(line, start, out);
	}
	return n == 1 && plain;
}

static const char *
rule_lines_text(struct arena *a, const json *lines)
{
	struct buf *b = buf_in(a, LINES_MAX);

	for (size_t i = 0; i < json_len(lines); i++)
		buf_printf(b, "%s%s", i ? "\n" : "", json_value_str(json_nth(lines, i)));
	return buf_c(b);
}

void
form_rule_texts(struct arena *a, const json *value, json *texts)
{
	const json *lines = json_at(value, "recurrence");
	struct rule r = { .interval = 1 };
	struct event_span s;
	bool plain;

	if (!event_span(a, value, &s))
		return;
	plain = rule_of_lines(lines, &s.start, &r);
	json_set_str(texts, "repeat", json_len(lines) == 0 ? "" : "own");
	if (plain)
		json_set_str(texts, "repeat", repeats[r.every + 1][0]);
	else
		r = (struct rule){ .interval = 1 };
	if (!r.days)
		r.days = 1u << rule_weekday(wall_day(s.start.local));
	json_set_str(texts, "every", arena_printf(a, "%lld", (long long)r.interval));
	json_set_str(texts, "days", rule_days_text(a, r.days));
	json_set_str(texts, "by", ways[r.by]);
	json_set_str(texts, "ends", ends[r.count ? 2 : r.ends][0]);
	json_set_str(texts, "until", r.ends ? wall_date(a, r.last_day) : "");
	json_set_str(texts, "count", r.count ? arena_printf(a, "%lld", (long long)r.count) : "");
	json_set_str(texts, "lines", rule_lines_text(a, lines));
}

/*
 * Of a form.
 */
const char *
form_rule_days(struct req *r)
{
	unsigned days = 0;

	for (size_t i = 0; i < r->form.n; i++)
		for (int d = 0; d < WEEK; d++)
			if (!strcmp(r->form.v[i].name, "days") &&
			    !strcmp(r->form.v[i].value, day_words[d]))
				days |= 1u << d;
	return rule_days_text(r->cx->a, days);
}

static enum rc
rule_complain(struct req *r, const char *message)
{
	return complaints_now(r->cx, &r->wrong, "recurrence", message);
}

/* The day of the week that the series begins on goes along with it to another one. */
static unsigned
typed_days(const json *typed, const struct when *start)
{
	const char *text = rule_text(typed, "days");
	unsigned days = 0;
	int64_t was;

	for (int i = 0; i < WEEK; i++)
		if (strstr(text, day_words[i]))
			days |= 1u << i;
	if (wall_day_read(rule_text(typed, "startWas"), &was) && days == 1u << rule_weekday(was))
		return 0;
	return days == 1u << rule_weekday(wall_day(start->local)) ? 0 : days;
}

static enum rc
typed_end(struct req *r, const json *typed, const struct when *start, struct rule *out)
{
	const char *how = rule_text(typed, "ends");

	out->ends = !strcmp(how, "until");
	if (out->ends && !wall_day_read(rule_text(typed, "until"), &out->last_day))
		return rule_complain(r, "Say on which day the series ends, like 2026-12-31.");
	if (out->ends && out->last_day < wall_day(start->local))
		return rule_complain(r, "The series ends before it begins: choose a later day.");
	if (!strcmp(how, "count") &&
	    !str_i64(str_c(rule_text(typed, "count")), 1, RULE_COUNT_MAX, &out->count))
		return rule_complain(r, "Say how many times it comes: a number from 1 to 5000.");
	return RC_OK;
}

static enum rc
typed_rule(struct req *r, const json *typed, const struct when *start, struct rule *out)
{
	const char *by = rule_text(typed, "by"), *every = rule_text(typed, "every");

	*out = (struct rule){ .interval = 1 };
	for (int i = 0; i <= RULE_YEAR; i++)
		if (!strcmp(repeats[i + 1][0], rule_text(typed, "repeat")))
			out->every = (enum rule_every)i;
	if (*every && !str_i64(str_c(every), 1, RULE_INTERVAL_MAX, &out->interval))
		return rule_complain(r, "Say how often it comes: a number from 1 to 999.");
	if (out->every == RULE_WEEK)
		out->days = typed_days(typed, start);
	for (int i = 0; i <= RULE_BY_LAST && out->every == RULE_MONTH; i++)
		if (!strcmp(ways[i], by))
			out->by = (enum rule_by)i;
	return typed_end(r, typed, start, out);
}

/* A line of the text each; one that only says the rule is taken for one. */
static json *
typed_lines(struct arena *a, const char *text)
{
	json *list = json_list(a);

	for (struct str rest = str_c(text); rest.p;) {
		const struct str line = str_trim(str_cut(rest, '\n', &rest));

		if (line.n > 0)
			json_add_str(list,
			    arena_printf(a, "%s%.*s", str_istarts(line, "FREQ=") ? "RRULE:" : "",
				(int)line.n, line.p));
	}
	return list;
}

/* The start as the event will have it: what is said, or else what was. */
static bool
said_start(struct arena *a, const json *said, const json *was, struct when *out)
{
	const json *from = json_has(said, "startDateTime") ? said : was;
	const char *name = json_str(from, "timeZone");

	return when_read(
	    json_s(from, "startDateTime"), name ? zone_system(a, str_c(name)) : NULL, out);
}

enum rc
form_rule_said(struct req *r, const json *typed, const json *was, json *said)
{
	struct arena *a = r->cx->a;
	const char *repeat = rule_text(typed, "repeat");
	const json *lines = json_at(was, "recurrence");
	struct when start;
	struct rule rule;
	json *list;

	if (!*repeat) {
		json_set_null(said, "recurrence");
		return RC_OK;
	}
	list = typed_lines(a, rule_text(typed, "lines"));
	if (!strcmp(repeat, "own") && json_len(list) == 0)
		return rule_complain(r, "Write the rule, like FREQ=WEEKLY;BYDAY=MO,WE.");
	/* What is wrong with the start is said of the start. */
	if (strcmp(repeat, "own") != 0 && said_start(a, said, was, &start)) {
		TRY(typed_rule(r, typed, &start, &rule));
		list = json_list(a);
		json_add_str(list, rule_line(a, &rule, &start));
		if (json_len(lines) > 0)
			lines = series_moved(a, was, &start);
		for (size_t i = 0; i < json_len(lines); i++)
			if (str_istarts(str_c(json_value_str(json_nth(lines, i))), "EXDATE") ||
			    str_istarts(str_c(json_value_str(json_nth(lines, i))), "RDATE"))
				json_add(list, json_nth(lines, i));
	}
	json_set(said, "recurrence", list);
	return RC_OK;
}

/*
 * Drawing.
 */
json *
form_options(struct arena *a, const char *const rows[][2], size_t n, const char *chosen)
{
	json *list = json_list(a), *o;

	for (size_t i = 0; i < n; i++) {
		o = json_new(a);
		json_set_str(o, "value", rows[i][0]);
		json_set_str(o, "label", rows[i][1]);
		json_set_bool(o, "selected", !strcmp(rows[i][0], chosen));
		json_add(list, o);
	}
	return list;
}

/* "On day 26", "On the fourth Thursday", "On the last Thursday" */
static json *
rule_ways(struct arena *a, const json *texts)
{
	const char *rows[3][2] = { { ways[0] }, { ways[1] }, { ways[2] } };
	struct when start = { .kind = WHEN_DAY };
	int64_t day = 0;
	int y, m, d;

	wall_day_read(rule_text(texts, "startDate"), &day);
	start.local = start.utc = day * DAY_SECONDS;
	civil_date(day, &y, &m, &d);
	rows[0][1] = arena_printf(a, "On day %d", d);
	rows[1][1] = arena_printf(a, "On %s", rule_nth(a, &start, false));
	rows[2][1] = arena_printf(a, "On %s", rule_nth(a, &start, true));
	return form_options(a, rows, 3, rule_text(texts, "by"));
}

void
form_rule_model(struct req *r, const json *texts, json *f)
{
	struct arena *a = r->cx->a;
	json *days = json_list(a), *o;

	for (int i = 0; i < WEEK; i++) {
		o = json_new(a);
		json_set_str(o, "value", day_words[i]);
		json_set_str(o, "label", rule_day_name(i));
		json_set_str(o, "brief", arena_printf(a, "%.2s", rule_day_name(i)));
		json_set_bool(o, "checked", strstr(rule_text(texts, "days"), day_words[i]) != NULL);
		json_add(days, o);
	}
	json_set(f, "weekdayBoxes", days);
	json_set(f, "repeats", form_options(a, repeats, 6, rule_text(texts, "repeat")));
	json_set(f, "ways", rule_ways(a, texts));
	json_set(f, "endings", form_options(a, ends, 3, rule_text(texts, "ends")));
}
