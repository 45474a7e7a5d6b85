/*
 * twins.c - notion: pages with a date as twins of events.
 */
#include "base/clock.h"
#include "event/span.h"
#include "kind/ways.h"
#include "provider/notion/event.h"

enum { TWINS_PAGE_MAX = 512 * 1024 * 1024 };

struct twinning {
	struct twin_sink *sink;
	struct arena *page;
	const json *calendar;
	const char *bot;
	const json *config;
	struct ways ways;
	bool delta;
};

/* The settings name days. */
static bool
twin_outside(const struct twinning *t, const json *value)
{
	struct event_span s;

	if (!event_span(t->page, value, &s))
		return true;
	return !ways_touch(&t->ways, s.start.utc * SECOND_MS, s.end.utc * SECOND_MS);
}

/* What becomes of the pages of its occurrences, when the choice is another one than they were made
 * by. */
static enum rc
twin_beside(struct ctx *cx, const struct twinning *t, const struct notion_event *e)
{
	const struct notion_each_turn turn = notion_each_turn(t->page, t->config, e);

	for (size_t i = 0; i < json_len(turn.values); i++)
		TRY(t->sink->beside(cx, t->sink, turn.gather ? json_nth(turn.values, i) : NULL,
		    turn.gather ? NULL : json_nth(turn.values, i)));
	return RC_OK;
}

/* The pages of its occurrences. */
static json *
twin_parts(struct arena *a, const json *each)
{
	json *parts = json_list(a);

	for (struct json_iter it = { 0 }; json_each(json_at(each, "made"), &it);)
		json_add(parts, it.value);
	return parts;
}

static enum rc
twin_page(struct ctx *cx, const struct twinning *t, const json *page)
{
	struct twin twin = { .key = json_str(page, "id") };
	struct notion_event e;

	if (!twin.key)
		return RC_OK;
	twin.unread = !notion_event(t->page, page, t->calendar, t->bot, &e) && e.unread;
	if (!e.value)
		return t->delta ? t->sink->twin(cx, t->sink, &twin) : RC_OK;
	twin.values = e.value;
	twin.mark = e.push;
	twin.object = e.object;
	twin.uid = e.uid;
	twin.etag = e.etag;
	twin.edited_at = e.edited_at;
	twin.silent = e.silent;
	twin.parts = twin_parts(t->page, e.each);
	twin.unfilled = json_len(e.lacking) > 0 ? e.lacking : NULL;
	twin.unseen = e.unseen;
	twin.outside = twin_outside(t, e.value);
	TRY(t->sink->twin(cx, t->sink, &twin));
	return t->sink->beside && t->ways.direction != WAYS_PULL ? twin_beside(cx, t, &e) : RC_OK;
}

static enum rc
twin_pages(struct ctx *cx, const struct twinning *t, const json *pages)
{
	for (size_t i = 0; i < json_len(pages); i++)
		TRY(twin_page(cx, t, json_nth(pages, i)));
	return RC_OK;
}

/* What a message has said, and the page confirms. */
static enum rc
twin_gone(struct ctx *cx, const struct twinning *t, const json *gone)
{
	for (size_t i = 0; i < json_len(gone); i++) {
		const struct twin twin = {
			.key = json_str(json_nth(gone, i), "id"),
			.unseen = json_at(json_nth(gone, i), "unseen"),
		};

		if (twin.key)
			TRY(t->sink->twin(cx, t->sink, &twin));
	}
	return RC_OK;
}

/* They count as there. */
static enum rc
twin_undecided(struct ctx *cx, const struct twinning *t, const json *keys)
{
	for (size_t i = 0; i < json_len(keys); i++) {
		const struct twin twin = { .key = json_value_str(json_nth(keys, i)),
			.unread = true };

		if (twin.key)
			TRY(t->sink->twin(cx, t->sink, &twin));
	}
	return RC_OK;
}

enum rc
notion_twins(struct ctx *cx, const struct source *src, struct page_in *pages, size_t n,
    struct twin_sink *sink)
{
	struct twinning t = {
		.sink = sink,
		.page = arena_inside(cx->a, "notion twins", TWINS_PAGE_MAX),
		.config = src->config,
		.ways = ways_of(src->config),
	};
	json *page;

	for (size_t i = 0; i < n; i++) {
		TRY(pages[i].restart(cx, pages[i].arg));
		TRY(notion_page_read(cx, t.page, &pages[i], &page));
		if (i == 0) {
			t.calendar = json_stored(
			    cx->a, json_text(t.page, json_at(page, "calendar")));
			t.bot = arena_dup(cx->a, json_str(page, "bot"));
			t.delta = json_flag(page, "delta", false);
		}
		TRY(twin_pages(cx, &t, json_at(page, "pages")));
		/* As they are after their occurrences were read. */
		TRY(twin_pages(cx, &t, json_at(page, "series")));
		TRY(twin_gone(cx, &t, json_at(page, "gone")));
		TRY(twin_undecided(cx, &t, json_at(page, "undecided")));
	}
	return RC_OK;
}
