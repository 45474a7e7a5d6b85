/*
 * roll.c - pages that show the next occurrence of a series go on when it is over.
 */
#include "base/clock.h"
#include "kind/ways.h"
#include "provider/notion/event.h"

static bool
roll_due(const json *one, int64_t now)
{
	return json_value_i64(one) <= now;
}

bool
notion_roll_due(const json *cursor, int64_t now)
{
	for (struct json_iter it = { 0 }; json_each(json_at(cursor, "rolling"), &it);)
		if (roll_due(it.value, now))
			return true;
	return false;
}

void
notion_roll_note(struct arena *a, json *s, const json *page)
{
	const char *id = json_str(page, "id");
	const json *calendar = json_at(s, "calendar");
	const int64_t over = notion_page_over(a, page, calendar, json_str(s, "bot"));

	if (!calendar)
		return;
	if (!json_at(s, "rolling"))
		json_set(s, "rolling", json_new(a));
	if (over)
		json_set_i64(json_at(s, "rolling"), id, over);
	else
		json_unset(json_at(s, "rolling"), id);
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
	c.have = c.shall = e.value;
	c.shown = e.shown;
	c.push = e.push;
	c.object = e.object;
	c.uid = e.uid;
	c.had_mark = e.marked;
	c.lacking = e.lacking;
	c.said = e.said;
	out = notion_properties(a, &c);
	return json_len(out) > 0 ? out : NULL;
}

static enum rc
roll_one(struct ctx *cx, const struct source *src, const char *id, int *calls)
{
	const char *path = arena_printf(cx->a, "/v1/pages/%s", id);
	struct rest_reply reply;
	json *body = json_new(cx->a), *properties;
	enum rc rc = notion_ask(
	    cx, src, &(struct notion_ask){ .path = path, .what = "the page" }, calls, &reply);

	if (rc != RC_OK && cx->err.kind == E_SOURCE_GONE) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	properties = roll_properties(cx->a, reply.value, src->cursor);
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

enum rc
notion_tend(struct ctx *cx, const struct source *src, const struct keeping *kept, int *calls)
{
	const int64_t now = clock_ms() / SECOND_MS;

	(void)kept;
	if (ways_of(src->config).direction == WAYS_PULL)
		return RC_OK;
	for (struct json_iter it = { 0 }; json_each(json_at(src->cursor, "rolling"), &it);)
		if (roll_due(it.value, now))
			TRY(roll_one(cx, src, it.key, calls));
	return RC_OK;
}
