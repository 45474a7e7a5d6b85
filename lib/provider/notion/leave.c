/*
 * leave.c - notion: what is left of ours when a connection is left. The pages that we have made are
 * in the trash by then; here what we keep in the property of our own is taken out of the person's
 * pages, and the property goes when nothing is left in it.
 */
#include "provider/notion/event.h"

enum { LEAVE_PAGES = 1000 };

struct leaver {
	struct ctx *cx;
	const struct source *src;
	struct farewell *leaving;
	int *calls;
	const char *source, *bot, *mark;
	json *calendar;
	int64_t others; /* that are not known here, and keep what they have */
};

static enum rc
leave_page(struct leaver *l, json *page)
{
	json *body = json_new(l->cx->a), *properties = json_new(l->cx->a), *none;
	struct notion_event e = { .value = NULL };
	struct rest_reply reply;
	enum leaving_act act;

	(void)notion_event(l->cx->a, page, l->calendar, l->bot, &e);
	TRY(l->leaving->known(l->cx, l->leaving->arg, json_str(page, "id"), e.object, &act));
	/* That of an occurrence that was left to whoever has written in it. */
	if (e.ours && json_at(notion_mark(l->cx->a, page, l->calendar), "left"))
		act = LEAVING_MARKS;
	if (act == LEAVING_NOTHING) {
		l->others++;
		return RC_OK;
	}
	none = json_new(l->cx->a);
	json_set(none, "rich_text", json_list(l->cx->a));
	json_set(properties, l->mark, none);
	if (act == LEAVING_ALL)
		json_set_bool(body, "in_trash", true);
	else
		json_set(body, "properties", properties);
	l->leaving->n++;
	return notion_ask(l->cx, l->src,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = arena_printf(l->cx->a, "/v1/pages/%s", json_str(page, "id")),
		.body = body,
		.what = "the page",
	    },
	    l->calls, &reply);
}

static enum rc
leave_query(struct leaver *l, const char *next, struct rest_reply *out)
{
	json *body = json_new(l->cx->a), *filter = json_new(l->cx->a), *has = json_new(l->cx->a);

	json_set_bool(has, "is_not_empty", true);
	json_set_str(filter, "property", l->mark);
	json_set(filter, "rich_text", has);
	json_set(body, "filter", filter);
	if (next)
		json_set_str(body, "start_cursor", next);
	return notion_ask(l->cx, l->src,
	    &(struct notion_ask){
		.path = arena_printf(l->cx->a, "/v1/data_sources/%s/query", l->source),
		.body = body,
		.what = "the database",
	    },
	    l->calls, out);
}

/* It may have been added since the database was read. */
static enum rc
leave_find(struct leaver *l)
{
	const json *properties, *mark;
	struct rest_reply reply;

	TRY(notion_ask(l->cx, l->src,
	    &(struct notion_ask){
		.path = arena_printf(l->cx->a, "/v1/data_sources/%s", l->source),
		.what = "the database",
	    },
	    l->calls, &reply));
	properties = json_at(reply.value, "properties");
	for (struct json_iter it = { 0 }; json_each(properties, &it);)
		if (json_str(l->calendar, "mark") && json_str(it.value, "id") &&
		    !strcmp(json_str(it.value, "id"), json_str(l->calendar, "mark")))
			l->mark = json_str(it.value, "id");
	mark = json_at(properties, NOTION_MARK);
	if (!l->mark)
		l->mark = json_str(mark, "id");
	json_set_str(l->calendar, "mark", l->mark);
	return RC_OK;
}

static enum rc
leave_property(struct leaver *l)
{
	json *body = json_new(l->cx->a), *properties = json_new(l->cx->a);
	struct rest_reply reply;

	json_set_null(properties, l->mark);
	json_set(body, "properties", properties);
	l->leaving->n++;
	return notion_ask(l->cx, l->src,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = arena_printf(l->cx->a, "/v1/data_sources/%s", l->source),
		.body = body,
		.what = "the properties of the database",
	    },
	    l->calls, &reply);
}

enum rc
notion_leave(struct ctx *cx, const struct source *src, struct farewell *leaving, int *calls)
{
	struct leaver l = {
		.cx = cx,
		.src = src,
		.leaving = leaving,
		.calls = calls,
		.source = json_str(src->cursor, "source"),
		.bot = json_str(src->cursor, "bot"),
		.calendar = json_at(src->cursor, "calendar"),
	};
	json *pages = json_list(cx->a);
	const char *next = NULL;
	struct rest_reply reply;

	if (!l.source || !l.calendar)
		return RC_OK;
	TRY(leave_find(&l));
	if (!l.mark)
		return RC_OK;
	/* All of them first: what is written to is not found again. */
	for (int i = 0; i == 0 || next; i++) {
		if (i == LEAVE_PAGES)
			return fail(cx, E_PAGES_LOOP, "The pages do not come to an end.");
		TRY(leave_query(&l, next, &reply));
		for (size_t k = 0; k < json_len(json_at(reply.value, "results")); k++)
			json_add(pages, json_nth(json_at(reply.value, "results"), k));
		next = json_str(reply.value, "next_cursor");
	}
	for (size_t i = 0; i < json_len(pages); i++)
		TRY(leave_page(&l, json_nth(pages, i)));
	return l.others ? RC_OK : leave_property(&l);
}
