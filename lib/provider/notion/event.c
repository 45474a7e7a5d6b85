/*
 * event.c - a page as an event, and an event as properties of a page.
 *
 * What no property can say is kept as JSON in a property of our own, "Tidemark": {"push", "object",
 * "uid", "keep": {field: value}, "said": {field: id}, "facets"}. `keep` has the times, too, in all
 * that they say here; they count as long as the page's date is what they were sent as (date.c).
 * The names count on pages that our connection has made: a copy that somebody makes of a page has
 * the property, too. `said` has the properties that said something when it was written: one that
 * is empty has been emptied; another one is to be filled in first.
 */
#include "provider/notion/event.h"

#include "base/clock.h"
#include "base/hash.h"
#include "event/event.h"

static const struct {
	const char *word;
	size_t max;
} event_texts[] = {
	{ "title", EVENT_TITLE_MAX },
	{ "description", EVENT_TEXT_MAX },
	{ "location", EVENT_PLACE_MAX },
	{ "notes", EVENT_TEXT_MAX },
	{ "url", EVENT_URL_MAX },
};
enum { TEXTS = sizeof event_texts / sizeof *event_texts };

const char *const notion_times[] = { "startDateTime", "endDateTime", "allDay", "timeZone" };

static bool
event_is_text(const char *name)
{
	for (size_t i = 0; i < TEXTS; i++)
		if (!strcmp(event_texts[i].word, name))
			return true;
	return false;
}

static bool
event_is_time(const char *name)
{
	for (size_t i = 0; i < NOTION_TIMES; i++)
		if (!strcmp(notion_times[i], name))
			return true;
	return false;
}

bool
notion_same(struct arena *a, const json *x, const json *y, const char *name)
{
	const json *v = json_at(x, name), *w = json_at(y, name);

	if (!v || !w)
		return !v == !w;
	return !strcmp(json_text(a, v), json_text(a, w));
}

/*
 * From a page.
 */
static const json *
event_property(const json *page, const json *calendar, const char *word)
{
	const char *id = json_str(calendar, word);

	for (struct json_iter it = { 0 }; id && json_each(json_at(page, "properties"), &it);)
		if (json_str(it.value, "id") && !strcmp(json_str(it.value, "id"), id))
			return it.value;
	return NULL;
}

/* No more characters than an event may have; what is beyond stays in the record of the page. */
static const char *
event_cut(struct arena *a, struct str text, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] & 0xC0) != 0x80 && n++ == max)
			return arena_dup_str(a, (struct str){ text.p, i });
	return arena_dup_str(a, text);
}

static const char *
event_text(struct arena *a, const json *property, size_t max)
{
	struct notion_cell c;

	if (!property)
		return NULL;
	notion_value(a, property, NULL, &c);
	return c.cell.kind == CELL_TEXT ? event_cut(a, c.cell.v, max) : NULL;
}

/* An address that an event can have: whole, and one that a person can follow. */
static bool
event_is_link(const char *text)
{
	const struct str s = str_c(text);

	return s.n <= EVENT_URL_MAX && (str_istarts(s, "http://") || str_istarts(s, "https://"));
}

static const char *
event_said_of(struct arena *a, const json *page, const json *calendar, size_t i)
{
	const char *word = event_texts[i].word;
	const char *text = event_text(a, event_property(page, calendar, word), event_texts[i].max);

	return text && *text && (strcmp(word, "url") || event_is_link(text)) ? text : NULL;
}

const char *
notion_said(struct arena *a, const json *page, const json *calendar, const struct notion_word *w)
{
	for (size_t i = 0; i < TEXTS; i++)
		if (!strcmp(event_texts[i].word, w->word))
			return event_said_of(a, page, calendar, i);
	return NULL;
}

const json *
notion_date_there(const json *page, const json *calendar)
{
	return json_at(event_property(page, calendar, "date"), "date");
}

bool
notion_is_ours(const json *page, const char *bot)
{
	const char *maker = json_str(json_at(page, "created_by"), "id");

	return bot && maker && !strcmp(bot, maker);
}

/* What its properties say, as far as they have words. */
static void
event_put_texts(struct arena *a, const json *page, const json *calendar, json *out)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = event_said_of(a, page, calendar, i);

		if (text)
			json_set_str(out, event_texts[i].word, text);
	}
}

static void
event_put_times(struct arena *a, const struct when *start, const struct when *end, json *out)
{
	json_set_str(out, "startDateTime", when_text(a, start));
	json_set_str(out, "endDateTime", when_text(a, end));
	json_set_bool(out, "allDay", start->kind == WHEN_DAY);
}

static bool
event_same_span(struct arena *a, const json *x, const json *y)
{
	struct when s1, e1, s2, e2;

	return x && notion_span_of(a, x, &s1, &e1) && notion_span_of(a, y, &s2, &e2) &&
	    (s1.kind == WHEN_DAY) == (s2.kind == WHEN_DAY) && s1.utc == s2.utc && e1.utc == e2.utc;
}

/* Are the times that are kept those that the date was made of? */
static bool
event_times_hold(struct arena *a, const json *keep, const json *date)
{
	const json *sent = notion_date(a, keep);

	return event_same_span(a, sent, date);
}

/* Under its own name where it is not known yet: it was made after the properties were read. */
json *
notion_mark(struct arena *a, const json *page, const json *calendar)
{
	const json *property = event_property(page, calendar, "mark");
	const char *text;

	if (!json_str(calendar, "mark"))
		property = json_at(json_at(page, "properties"), NOTION_MARK);
	text = event_text(a, property, SIZE_MAX);
	return text ? json_stored(a, text) : NULL;
}

/* What was kept while no property could say it counts until one says something. */
static void
event_kept_rest(const json *keep, const json *calendar, struct notion_event *e)
{
	for (struct json_iter it = { 0 }; json_each(keep, &it);) {
		const bool mapped = event_is_text(it.key) && json_str(calendar, it.key);

		if (event_is_time(it.key))
			continue;
		if (mapped)
			json_set_bool(e->lacking, it.key, true);
		if (!mapped || !json_has(e->value, it.key))
			json_set(e->value, it.key, it.value);
	}
}

/* What no property says, and the exact times while they hold; of a series all of them. */
static void
event_kept(struct arena *a, const json *mark, const json *calendar, const json *date,
    struct notion_event *e)
{
	const json *keep = json_at(mark, "keep");
	const bool series = notion_is_series(a, mark);
	const bool hold = series || event_times_hold(a, keep, date);
	json *out = e->value;

	for (size_t i = 0; i < NOTION_TIMES; i++)
		if (json_has(keep, notion_times[i]) &&
		    (hold || !strcmp(notion_times[i], "timeZone")))
			json_set(out, notion_times[i], json_at(keep, notion_times[i]));
	event_kept_rest(keep, calendar, e);
	if (!hold && json_flag(out, "allDay", false))
		json_unset(out, "timeZone");
	if (series)
		notion_series_take(a, mark, date, out);
	else
		json_unset(out, "recurrence");
}

/* Has the present property had its say on this page? */
static bool
event_said(const json *said, const json *calendar, const char *word)
{
	const char *id = json_str(said, word);

	return id && !strcmp(id, json_str(calendar, word));
}

/* What the page cannot say, or could, and was not given yet. */
static void
event_silent(const json *calendar, struct notion_event *e)
{
	const json *fresh = json_at(calendar, "fresh");

	for (size_t i = 0; i < TEXTS; i++) {
		const char *word = event_texts[i].word;
		const bool mapped = json_str(calendar, word) != NULL;

		if (!json_has(e->value, word) &&
		    (!mapped || (json_has(fresh, word) && !event_said(e->said, calendar, word))))
			json_set_bool(e->silent, word, mapped);
	}
}

/* What is to be shown, and is not. What most events have is not written to other people's pages. */
static void
event_lacking(struct arena *a, const json *page, const json *calendar, struct notion_event *e)
{
	const struct notion_showing of = { e->value, e->facets };

	for (const struct notion_word *w = notion_words; w->word; w++) {
		const json *property = event_property(page, calendar, w->word);
		struct notion_cell c = { .cell.kind = CELL_NONE };
		bool usual;

		if (w->how < NOTION_SHOWN || !json_str(calendar, w->word) ||
		    !notion_word_text(a, of, w, &usual) || (usual && !e->push))
			continue;
		if (property)
			notion_value(a, property, NULL, &c);
		if (c.cell.kind == CELL_NONE)
			json_set_bool(e->lacking, w->word, true);
	}
}

/* Nobody has given it a date since: that which it had when we wrote that it is left it was left
 * with, also where somebody had moved it just before. */
static bool
event_is_left(
    struct arena *a, const json *page, const json *mark, const char *bot, const json *date)
{
	const char *by = json_str(json_at(page, "last_edited_by"), "id");

	return json_at(mark, "left") &&
	    (!date || (by && bot && !strcmp(by, bot)) ||
		event_same_span(a, json_at(mark, "left"), date));
}

/* Whose page it is, and when: false: at no time, or not of this calendar. */
static bool
event_when(struct arena *a, const json *page, const json *calendar, struct notion_event *e,
    const json *mark, struct event_span *s)
{
	const json *date = notion_date_there(page, calendar);

	/* That of an occurrence is part of what stands for the series, or was. */
	if (e->ours && (json_str(mark, "of") || e->left))
		return false;
	if (notion_span_of(a, date, &s->start, &s->end)) {
		e->shown = date;
		return e->push || notion_where_holds(a, page, calendar);
	}
	e->unread = date != NULL;
	return e->push && e->each && notion_is_series(a, mark) &&
	    event_span(a, json_at(mark, "keep"), s);
}

/* s NULL: of no time. */
static void
event_say(struct arena *a, const json *page, const json *calendar, const struct event_span *s,
    struct notion_event *out)
{
	char digest[SHA256_HEX];

	out->value = json_new(a);
	event_put_texts(a, page, calendar, out->value);
	if (s)
		event_put_times(a, &s->start, &s->end, out->value);
	json_set_str(out->value, "status", "confirmed");
	json_set_bool(out->value, "busy", true);
	event_kept(a, notion_mark(a, page, calendar), calendar, out->shown, out);
	event_silent(calendar, out);
	event_lacking(a, page, calendar, out);
	out->etag = arena_dup(a, hash_sha256_hex(str_c(json_text(a, out->value)), digest));
}

bool
notion_event(struct arena *a, const json *page, const json *calendar, const char *bot,
    struct notion_event *out)
{
	const json *mark = notion_mark(a, page, calendar);
	struct event_span s;

	*out = (struct notion_event){
		.marked = mark != NULL,
		.ours = notion_is_ours(page, bot),
		.left = event_is_left(a, page, mark, bot, notion_date_there(page, calendar)),
		.said = json_at(mark, "said"),
		.facets = json_at(mark, "facets"),
		.silent = json_new(a),
		.lacking = json_new(a),
	};
	if (!clock_parse(json_s(page, "last_edited_time"), &out->edited_at))
		out->edited_at = 0;
	if (out->ours) {
		out->push = json_str(mark, "push");
		out->object = json_str(mark, "object");
		out->uid = json_str(mark, "uid");
		out->each = json_at(mark, "each");
		out->unseen = notion_each_unseen(a, out->each);
	}
	/* What we have made is there because somebody wants it there. */
	if (!event_when(a, page, calendar, out, mark, &s))
		return false;
	event_say(a, page, calendar, &s, out);
	return true;
}

bool
notion_event_last(struct arena *a, const json *page, const json *calendar, const char *bot,
    struct notion_event *out)
{
	const json *mark = notion_mark(a, page, calendar);
	struct event_span s;

	if (notion_event(a, page, calendar, bot, out))
		return true;
	if (out->unread || (out->ours && (json_str(mark, "of") || out->left)))
		return false;
	if (notion_span_of(a, out->shown, &s.start, &s.end)) {
		event_say(a, page, calendar, &s, out);
		return true;
	}
	event_say(a, page, calendar, NULL, out);
	for (size_t i = 0; i < NOTION_TIMES; i++)
		if (!json_has(out->value, notion_times[i]))
			json_set_bool(out->silent, notion_times[i], false);
	return true;
}

void
notion_change_of(const struct notion_event *e, struct notion_change *c)
{
	c->have = e->value;
	c->shown = e->shown;
	c->push = e->push;
	c->object = e->object;
	c->uid = e->uid;
	c->had_mark = e->marked;
	c->lacking = e->lacking;
	c->said = e->said;
	c->facets = c->told = e->facets;
}

/*
 * To a page.
 */
/* Would a page that has nothing but its properties be read as this? */
static bool
event_plain(struct arena *a, const json *calendar, const json *value)
{
	json *plain = json_new(a);
	struct when start, end;

	if (!notion_span_of(a, notion_date(a, value), &start, &end))
		return false;
	event_put_times(a, &start, &end, plain);
	json_set_str(plain, "status", "confirmed");
	json_set_bool(plain, "busy", true);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (event_is_text(it.key) ? !json_str(calendar, it.key)
					  : !notion_same(a, plain, value, it.key))
			return false;
	return true;
}

static const char *
event_mark_text(struct arena *a, const struct notion_change *c, json *shown)
{
	json *mark = json_new(a), *keep = json_new(a), *said = json_new(a);

	if (c->push)
		json_set_str(mark, "push", c->push);
	if (c->object)
		json_set_str(mark, "object", c->object);
	if (c->uid)
		json_set_str(mark, "uid", c->uid);
	for (struct json_iter it = { 0 }; json_each(c->shall, &it);)
		if (!event_is_text(it.key) || !json_str(c->calendar, it.key))
			json_set(keep, it.key, it.value);
	for (size_t i = 0; i < TEXTS; i++)
		if (json_str(c->calendar, event_texts[i].word))
			json_set_str(
			    said, event_texts[i].word, json_str(c->calendar, event_texts[i].word));
	json_set(mark, "keep", keep);
	json_set(mark, "said", said);
	if (shown)
		json_set(mark, "shown", shown);
	if (json_len(c->facets) > 0)
		json_set(mark, "facets", (json *)c->facets);
	if (c->each)
		json_set(mark, "each", (json *)c->each);
	return json_text(a, mark);
}

bool
notion_needs_mark(struct arena *a, const struct notion_change *c)
{
	return c->push || c->had_mark || json_len(c->facets) > 0 ||
	    !event_plain(a, c->calendar, c->shall);
}

/* The date that the page is to have; *shown: of a series, as the mark says it. */
static json *
event_date(struct arena *a, const struct notion_change *c, json **shown)
{
	struct occurrence next;

	*shown = NULL;
	if (c->each && json_has(c->shall, "recurrence"))
		return NULL;
	if (!json_has(c->shall, "recurrence") || !notion_series_next(a, c->shall, c->now, &next))
		return notion_date(a, c->shall);
	*shown = notion_series_shown(a, &next);
	return notion_date_of(a, &next.start, &next.end);
}

static bool
event_lacks(const struct notion_change *c, const char *word)
{
	return json_has(c->lacking, word);
}

/* Texts that have properties. */
static void
event_set_texts(struct arena *a, const struct notion_change *c, json *out)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *word = event_texts[i].word, *of = json_str(c->calendar, word);
		const bool differs = !c->have || !notion_same(a, c->have, c->shall, word);

		if (of && (differs || event_lacks(c, word)))
			json_set(out, of,
			    notion_word_value(
				a, c->calendar, notion_word(word), json_str(c->shall, word)));
	}
}

bool
notion_same_facets(struct arena *a, const json *x, const json *y)
{
	if (!json_len(x) || !json_len(y))
		return !json_len(x) == !json_len(y);
	return !strcmp(json_text(a, x), json_text(a, y));
}

/* What is shown, and is something else than before. */
static void
event_set_shown(struct arena *a, const struct notion_change *c, json *out)
{
	const struct notion_showing shall = { c->shall, c->facets }, have = { c->have, c->told };

	for (const struct notion_word *w = notion_words; w->word; w++) {
		const char *of = json_str(c->calendar, w->word), *text, *before;
		bool usual;

		if (w->how < NOTION_SHOWN || !of)
			continue;
		text = notion_word_text(a, shall, w, &usual);
		before = c->have ? notion_word_text(a, have, w, &usual) : NULL;
		if (!text != !before || (text && strcmp(text, before) != 0) ||
		    event_lacks(c, w->word))
			json_set(out, of, notion_word_value(a, c->calendar, w, text));
	}
}

/* Does anything differ that is kept in the mark, or a time? */
static void
event_differs(struct arena *a, const struct notion_change *c, bool *others, bool *times)
{
	for (int side = 0; side < 2; side++)
		for (struct json_iter it = { 0 }; json_each(side ? c->shall : c->have, &it);) {
			const bool differs = !c->have || !notion_same(a, c->have, c->shall, it.key);

			*times |= differs && event_is_time(it.key);
			*others |= differs &&
			    (!event_is_text(it.key) || !json_str(c->calendar, it.key));
		}
}

static json *
event_typed(struct arena *a, const char *type, json *value)
{
	json *one = json_new(a);

	json_set(one, type, value);
	return one;
}

json *
notion_properties(struct arena *a, const struct notion_change *c)
{
	const char *date = json_str(c->calendar, "date"), *mark = json_str(c->calendar, "mark");
	json *out = json_new(a), *shown, *shall = event_date(a, c, &shown);
	bool others = !c->have || c->keeps, times = !c->have;

	event_set_texts(a, c, out);
	event_set_shown(a, c, out);
	event_differs(a, c, &others, &times);
	for (size_t i = 0; i < TEXTS; i++) {
		const char *word = event_texts[i].word, *of = json_str(c->calendar, word);

		others |= event_lacks(c, word) ||
		    (c->had_mark && of && json_has(out, of) &&
			!event_said(c->said, c->calendar, word));
	}
	others |= !notion_same_facets(a, c->facets, c->told);
	if (shown || !shall || (c->have && json_has(c->have, "recurrence"))) {
		times = shall ? !event_same_span(a, c->shown, shall) : c->shown != NULL;
		others |= times;
	}
	if (times)
		json_set(out, date, event_typed(a, "date", shall));
	if (others && mark && notion_needs_mark(a, c))
		json_set(out, mark,
		    event_typed(a, "rich_text", notion_rich(a, event_mark_text(a, c, shown))));
	return out;
}
