/*
 * twins.c - notion: pages with a date as events. A day that Notion names last is in the event, a
 * moment is not; a page without an end lasts an hour, or its day.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "event/event.h"
#include "kind/ways.h"
#include "provider/notion/notion.h"

enum { PAGE_MAX = 512 * 1024 * 1024, DAY_S = 86400, USUAL_S = 3600 };

struct twinning {
	struct twin_sink *sink;
	struct arena *page;
	const json *calendar;
	struct ways ways;
	bool delta;
};

static const json *
twin_property(const struct twinning *t, const json *page, const char *word)
{
	const char *id = json_str(t->calendar, word);

	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);)
		if (id && json_str(it.value, "id") && !strcmp(json_str(it.value, "id"), id))
			return it.value;
	return NULL;
}

/* No more characters than an event may have; what is beyond stays in the record of the page. */
static const char *
twin_cut(struct arena *a, struct str text, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] & 0xC0) != 0x80 && n++ == max)
			return arena_dup_str(a, (struct str){ text.p, i });
	return arena_dup_str(a, text);
}

static void
twin_text(const struct twinning *t, const json *page, const char *word, size_t max, json *out)
{
	const json *property = twin_property(t, page, word);
	struct notion_cell c;

	if (!property)
		return;
	notion_value(t->page, property, NULL, &c);
	if (c.cell.kind == CELL_TEXT)
		json_set_str(out, word, twin_cut(t->page, c.cell.v, max));
}

/* False: the page is no event. */
static bool
twin_times(struct arena *a, const json *date, json *out)
{
	const char *from = json_str(date, "start"), *to = json_str(date, "end");
	struct when start, end;
	bool day;

	if (!from || !when_read(str_c(from), NULL, &start))
		return false;
	day = start.kind == WHEN_DAY;
	if (!to || !when_read(str_c(to), NULL, &end) || (end.kind == WHEN_DAY) != day)
		end = day ? start : when_later(&start, USUAL_S);
	if (day)
		end = when_later(&end, DAY_S);
	if (end.utc <= start.utc)
		end = when_later(&start, day ? DAY_S : USUAL_S);
	json_set_str(out, "startDateTime", when_text(a, &start));
	json_set_str(out, "endDateTime", when_text(a, &end));
	json_set_bool(out, "allDay", day);
	return true;
}

/* Of days or moments alike: the settings name days. */
static bool
twin_outside(const struct twinning *t, const json *value)
{
	struct event_span s;

	if (!event_span(t->page, value, &s))
		return true;
	return !ways_touch(&t->ways, s.start.utc * SECOND_MS, s.end.utc * SECOND_MS);
}

static enum rc
twin_page(struct ctx *cx, const struct twinning *t, const json *page)
{
	const json *date = json_at(twin_property(t, page, "date"), "date");
	json *value = json_new(t->page);
	struct twin twin = { .key = json_str(page, "id") };
	char digest[SHA256_HEX];

	if (!twin.key)
		return RC_OK;
	if (!twin_times(t->page, date, value))
		return t->delta ? t->sink->twin(cx, t->sink, &twin) : RC_OK;
	twin_text(t, page, "title", EVENT_TITLE_MAX, value);
	twin_text(t, page, "description", EVENT_TEXT_MAX, value);
	twin_text(t, page, "location", EVENT_PLACE_MAX, value);
	twin_text(t, page, "notes", EVENT_TEXT_MAX, value);
	json_set_str(value, "status", "confirmed");
	json_set_bool(value, "busy", true);
	twin.values = value;
	twin.etag = hash_sha256_hex(str_c(json_text(t->page, value)), digest);
	twin.outside = twin_outside(t, value);
	if (!clock_parse(json_s(page, "last_edited_time"), &twin.edited_at))
		twin.edited_at = 0;
	return t->sink->twin(cx, t->sink, &twin);
}

enum rc
notion_twins(struct ctx *cx, const struct source *src, struct page_in *pages, size_t n,
    struct twin_sink *sink)
{
	struct twinning t = {
		.sink = sink,
		.page = arena_inside(cx->a, "notion twins", PAGE_MAX),
		.ways = ways_of(src->config),
	};
	json *page;

	for (size_t i = 0; i < n; i++) {
		TRY(pages[i].restart(cx, pages[i].arg));
		TRY(notion_page_read(cx, t.page, &pages[i], &page));
		if (i == 0) {
			t.calendar = json_stored(
			    cx->a, json_text(t.page, json_at(page, "calendar")));
			t.delta = json_flag(page, "delta", false);
		}
		for (size_t k = 0; k < json_len(json_at(page, "pages")); k++)
			TRY(twin_page(cx, &t, json_nth(json_at(page, "pages"), k)));
	}
	return RC_OK;
}
