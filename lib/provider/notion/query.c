/*
 * query.c - what is asked of a data source: everything, or what was edited since the last read.
 */
#include "base/clock.h"
#include "provider/notion/notion.h"

/* The first answer says what time it is there: what is edited from now on is for the next read. */
void
notion_query_mark(json *s, const struct rest_reply *reply)
{
	if (!json_has(s, "mark"))
		json_set_i64(s, "mark", reply->date_ms ? reply->date_ms : clock_ms());
}

static const char *
minute_text(struct arena *a, int64_t ms)
{
	char text[CLOCK_TEXT];

	return arena_dup(a, clock_text(ms - ms % MINUTE_MS, text));
}

static json *
filter_since(struct arena *a, const char *stamp, const char *since)
{
	json *f = json_new(a), *on = json_new(a);

	json_set_str(on, "on_or_after", since);
	json_set_str(f, "timestamp", stamp);
	json_set(f, stamp, on);
	return f;
}

/* Edited since, and made since where the query was begun again. */
static json *
filter_of(struct notion_read *r, const json *s)
{
	struct arena *a = r->cx->a;
	const char *since = json_str(s, "since");
	const int64_t mark = json_num(r->src->cursor, "mark", 0) - NOTION_OVERLAP_MS;
	json *made = since ? filter_since(a, "created_time", since) : NULL, *edited, *both, *list;

	if (!json_flag(s, "delta", false))
		return made;
	edited = filter_since(a, "last_edited_time", minute_text(a, mark > 0 ? mark : 0));
	if (!made)
		return edited;
	list = json_list(a);
	json_add(list, edited);
	json_add(list, made);
	both = json_new(a);
	json_set(both, "and", list);
	return both;
}

json *
notion_query_body(struct arena *a, json *filter, const char *start)
{
	json *body = json_new(a), *sorts = json_list(a), *sort = json_new(a);

	json_set_str(sort, "timestamp", "created_time");
	json_set_str(sort, "direction", "ascending");
	json_add(sorts, sort);
	json_set(body, "sorts", sorts);
	json_set_i64(body, "page_size", 100);
	if (filter)
		json_set(body, "filter", filter);
	if (start)
		json_set_str(body, "start_cursor", start);
	return body;
}

enum rc
notion_query(struct notion_read *r, json *s, struct rest_reply *reply)
{
	const struct notion_ask ask = {
		.path = arena_printf(r->cx->a, "/v1/data_sources/%s/query", json_str(s, "source")),
		.body = notion_query_body(r->cx->a, filter_of(r, s), json_str(s, "start")),
		.what = "the database",
	};

	TRY(notion_ask(r->cx, r->src, &ask, &r->f->calls, reply));
	notion_query_mark(s, reply);
	return RC_OK;
}

bool
notion_query_again(json *s)
{
	const char *edge = json_str(json_at(s, "edge"), "time"), *since = json_str(s, "since");

	json_unset(s, "start");
	if (!*edge)
		return true;
	if (since && !strcmp(since, edge))
		return false;
	json_set_str(s, "since", edge);
	return true;
}
