/*
 * each_write.c - the pages of the occurrences of a series (each.c), at Notion: what is written to
 * them and to the page of the series. Each page is looked at just before it is written: what is
 * written over is what was seen then.
 */
#include "base/clock.h"
#include "base/sole.h"
#include "provider/notion/strew.h"

/* The page of the series says anew each minute that pages are made. */
enum { MAKING_S = 60 };
/* Of a page that somebody goes on editing; then all is tried anew. */
enum { LOOKS_MAX = 3 };

/* --- the page of the series --- */

static enum rc
strew_overtaken(struct strewing *w)
{
	w->overtaken = true;
	return fail(w->cx, E_SOURCE_5XX, "The page of a series was changed meanwhile.");
}

enum rc
strew_series_seen(struct strewing *w, const json *each)
{
	struct notion_change c = {
		.calendar = w->calendar, .now = w->now, .each = each, .keeps = true
	};
	json *properties, *page;

	notion_change_of(&w->e, &c);
	c.shall = w->value;
	properties = notion_properties(w->cx->a, &c);
	TRY(strew_write(w, json_str(w->page, "id"), properties, &page));
	w->page = page;
	/* The answer may tell of an edit that came just before it: the next look takes it. */
	return notion_event(w->cx->a, page, w->calendar, w->bot, &w->e) && !strew_taken(w)
	    ? RC_OK
	    : strew_overtaken(w);
}

/* Is the page what it was when it was looked at last? */
static bool
strew_as_seen(const struct strewing *w, const json *page)
{
	struct arena *a = w->cx->a;
	struct notion_event e;

	return !strew_in_trash(page) && notion_event(a, page, w->calendar, w->bot, &e) &&
	    !strcmp(e.etag, w->e.etag) && !e.each == !w->e.each &&
	    (!e.each || !strcmp(json_text(a, e.each), json_text(a, w->e.each)));
}

static enum rc
strew_series_alone(struct strewing *w, const json *each)
{
	json *page;

	TRY(strew_get(w, json_str(w->page, "id"), &page));
	if (!page || !strew_as_seen(w, page))
		return strew_overtaken(w);
	w->page = page;
	return strew_series_seen(w, each);
}

/* What the application edits is sent to the same page, by another process. */
enum rc
strew_series(struct strewing *w, const json *each)
{
	int held;
	enum rc rc;

	TRY(sole_take(w->cx, json_str(w->page, "id"), &held));
	rc = held < 0 ? strew_overtaken(w) : strew_series_alone(w, each);
	sole_end(held);
	return rc;
}

json *
strew_each(const struct strewing *w, const char *done, int64_t next)
{
	json *each = json_new(w->cx->a);

	json_set(each, "made", w->made);
	json_set_str(each, "done", done);
	json_set_i64(each, "next", next);
	if (w->making)
		json_set_i64(each, "making", w->making);
	strew_seen(w, done != NULL, each);
	return each;
}

/* --- the pages of its occurrences --- */

/* That pages are made is known there before one is: whoever comes after a death, or an answer that
 * was lost, waits until the index is sure to tell them. */
static enum rc
strew_announce(struct strewing *w)
{
	const int64_t now = clock_ms() / SECOND_MS;

	if (w->making && now - w->making < MAKING_S && now >= w->making)
		return RC_OK;
	w->making = now;
	return strew_series(w, strew_each(w, NULL, NOTION_AT_ONCE));
}

static enum rc
strew_make(struct strewing *w, const struct notion_occurrence *o)
{
	json *body = json_new(w->cx->a), *parent = json_new(w->cx->a);
	struct rest_reply reply;

	if (w->waits)
		return RC_OK;
	TRY(strew_announce(w));
	json_set_str(parent, "type", "data_source_id");
	json_set_str(parent, "data_source_id", w->source);
	json_set(body, "parent", parent);
	json_set(body, "properties", notion_each_properties(w->cx->a, o, NULL, w->bot));
	TRY(strew_ask(w,
	    &(struct notion_ask){
		.method = "POST",
		.path = "/v1/pages",
		.body = body,
		.what = "the page",
	    },
	    &reply));
	json_set_str(w->made, o->slot, json_str(reply.value, "id"));
	return RC_OK;
}

/* As it is there now. *there: false: there is no page any more that is to be written to. */
static enum rc
strew_look_once(struct strewing *w, const char *slot, bool *there)
{
	json *page, *mark;

	*there = false;
	TRY(strew_see(w, json_str(json_at(w->there, slot), "id"), &page));
	if (!page)
		return RC_OK;
	if (!strew_in_trash(page) && notion_each_is(w->cx->a, page, w->calendar, w->bot, &mark)) {
		*there = true;
		json_set_str(mark, "slot", slot);
		json_set(w->there, slot, page);
		json_set(w->marks, slot, mark);
		if (strew_takes(w))
			strew_take_one(w, slot, page, mark);
		return RC_OK;
	}
	if (strew_in_trash(page) && strew_takes(w) && !strew_by_us(w, page))
		strew_cancel(w, slot, notion_mark(w->cx->a, page, w->calendar));
	json_unset(w->made, slot);
	return RC_OK;
}

/* The index tells of it some minutes late: what somebody has done to it since is taken into the
 * series first, which takes a while, so that it is looked at once more. */
static enum rc
strew_look(struct strewing *w, const char *slot, bool *there)
{
	for (int i = 0; i < LOOKS_MAX; i++) {
		TRY(strew_look_once(w, slot, there));
		if (!strew_taken(w))
			return RC_OK;
		TRY(strew_series(w, strew_each(w, NULL, NOTION_AT_ONCE)));
		if (!*there)
			return RC_OK;
	}
	return strew_overtaken(w);
}

static struct notion_occurrence
strew_occurrence(const struct strewing *w, const struct occurrence *o)
{
	return (struct notion_occurrence){
		.calendar = w->calendar,
		.value = occur_value(w->cx->a, w->value, o),
		.series = &w->e,
		.page = json_str(w->page, "id"),
		.slot = when_slot(w->cx->a, &o->slot),
	};
}

static json *
strew_differs(struct strewing *w, const struct notion_occurrence *one)
{
	return notion_each_properties(w->cx->a, one, json_at(w->there, one->slot), w->bot);
}

enum rc
strew_one(struct strewing *w, const struct occurrence *o)
{
	struct notion_occurrence one = strew_occurrence(w, o);
	const char *id = json_str(json_at(w->there, one.slot), "id");
	struct occurrence now;
	json *properties;
	bool there;

	/* Nothing is shown of one that is not shared any more. */
	if (!id)
		return json_has(w->made, one.slot) ? RC_OK : strew_make(w, &one);
	json_set_str(w->made, one.slot, id);
	if (!json_len(strew_differs(w, &one)))
		return RC_OK;
	TRY(strew_look(w, one.slot, &there));
	if (!there)
		return RC_OK;
	/* Somebody has just taken its date away. */
	if (!occur_at(w->cx->a, w->value, &o->slot, &now) || now.cancelled)
		return strew_drop(w, one.slot, json_at(w->there, one.slot));
	one = strew_occurrence(w, &now);
	properties = strew_differs(w, &one);
	return json_len(properties) > 0 ? strew_write(w, id, properties, NULL) : RC_OK;
}
