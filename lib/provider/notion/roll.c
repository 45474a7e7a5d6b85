/*
 * roll.c - pages that show the next occurrence of a series go on when it is over, and those of its
 * occurrences (each.c) when another one comes into their window.
 */
#include "base/clock.h"
#include "base/sole.h"
#include "kind/ways.h"
#include "provider/notion/event.h"

static bool
roll_due(const json *one, int64_t now)
{
	return json_value_i64(one) <= now;
}

void
notion_roll_soon(struct arena *a, json *s, const char *series)
{
	if (!json_at(s, "rolling"))
		json_set(s, "rolling", json_new(a));
	json_set_i64(json_at(s, "rolling"), series, NOTION_AT_ONCE);
}

bool
notion_roll_due(const json *s, int64_t now)
{
	for (struct json_iter it = { 0 }; json_each(json_at(s, "rolling"), &it);)
		if (roll_due(it.value, now))
			return true;
	return false;
}

void
notion_roll_note(struct notion_read *r, json *s, const json *page)
{
	struct arena *a = r->cx->a;
	const json *calendar = json_at(s, "calendar");
	struct notion_event e;
	int64_t over;

	if (!calendar)
		return;
	if (!json_at(s, "rolling"))
		json_set(s, "rolling", json_new(a));
	(void)notion_event(a, page, calendar, json_str(s, "bot"), &e);
	over = notion_each_due(a, r->src->config, &e, calendar, notion_mark(a, page, calendar));
	if (over)
		json_set_i64(json_at(s, "rolling"), json_str(page, "id"), over);
	else
		json_unset(json_at(s, "rolling"), json_str(page, "id"));
}

/* With the page of a series those of its occurrences go. */
void
notion_roll_gone(struct notion_read *r, json *s, const json *page)
{
	const char *id = json_str(page, "id");
	struct notion_event e;

	if (!json_at(s, "rolling"))
		return;
	(void)notion_event(r->cx->a, page, json_at(s, "calendar"), json_str(s, "bot"), &e);
	if (e.each)
		json_set_i64(json_at(s, "rolling"), id, NOTION_AT_ONCE);
	else
		json_unset(json_at(s, "rolling"), id);
}

void
notion_roll_keep(struct arena *a, const json *cursor, json *s)
{
	const bool untended = json_flag(cursor, "untended", false);
	json *rolling;

	if (!json_at(cursor, "rolling"))
		return;
	rolling = json_new(a);
	for (struct json_iter it = { 0 }; json_each(json_at(cursor, "rolling"), &it);)
		if (untended || json_value_i64(it.value) > NOTION_AT_ONCE)
			json_set_i64(rolling, it.key, json_value_i64(it.value));
	json_set(s, "rolling", rolling);
}

/* What the page is to show now; NULL: what it shows. */
static json *
roll_properties(struct arena *a, const json *page, const json *cursor)
{
	const json *calendar = json_at(cursor, "calendar");
	struct notion_event e;
	struct notion_change c = { .calendar = calendar, .now = clock_ms() / SECOND_MS };
	json *out;

	if (json_flag(page, "in_trash", false) ||
	    !notion_event(a, page, calendar, json_str(cursor, "bot"), &e) || !e.push)
		return NULL;
	notion_change_of(&e, &c);
	c.shall = e.value;
	out = notion_properties(a, &c);
	return json_len(out) > 0 ? out : NULL;
}

/* page NULL: it is not there. */
static enum rc
roll_get(struct ctx *cx, const struct source *src, const char *path, int *calls, json **page)
{
	struct rest_reply reply;
	enum rc rc = notion_ask(
	    cx, src, &(struct notion_ask){ .path = path, .what = "the page" }, calls, &reply);

	*page = NULL;
	if (rc != RC_OK && cx->err.kind == E_SOURCE_GONE) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	*page = reply.value;
	return RC_OK;
}

/* As it is now: what was sent to it since it was read is not written over. */
static enum rc
roll_write(struct ctx *cx, const struct source *src, const char *path, int *calls)
{
	json *body = json_new(cx->a), *properties, *page;
	struct rest_reply reply;

	TRY(roll_get(cx, src, path, calls, &page));
	properties = page ? roll_properties(cx->a, page, src->cursor) : NULL;
	if (!properties)
		return RC_OK;
	json_set(body, "properties", properties);
	return notion_ask(cx, src,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = path,
		.body = body,
		.what = "the page",
	    },
	    calls, &reply);
}

static enum rc
roll_one(struct ctx *cx, const struct source *src, const struct keeping *kept, const char *id,
    int *calls)
{
	const char *path = arena_printf(cx->a, "/v1/pages/%s", id);
	struct notion_tended tended = { .done = false };
	json *page;
	enum rc rc;
	int held;

	TRY(roll_get(cx, src, path, calls, &page));
	if (!page)
		return RC_OK;
	rc = notion_each_tend(cx, src, kept, page, &tended);
	*calls += tended.calls;
	TRY(rc);
	if (tended.done || !roll_properties(cx->a, page, src->cursor))
		return RC_OK;
	TRY(sole_take(cx, id, &held));
	rc = held < 0 ? fail(cx, E_SOURCE_5XX, "Something is sent to the page just now.")
		      : roll_write(cx, src, path, calls);
	sole_end(held);
	return rc;
}

enum rc
notion_tend(struct ctx *cx, const struct source *src, const struct keeping *kept, int *calls)
{
	const int64_t now = clock_ms() / SECOND_MS;

	if (ways_of(src->config).direction == WAYS_PULL)
		return RC_OK;
	for (struct json_iter it = { 0 }; json_each(json_at(src->cursor, "rolling"), &it);)
		if (roll_due(it.value, now))
			TRY(roll_one(cx, src, kept, it.key, calls));
	return RC_OK;
}
