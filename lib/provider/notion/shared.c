/*
 * shared.c - notion: what can be chosen, which is what a person has shared.
 */
#include "provider/notion/notion.h"

enum { SHARED_PAGE = 100 };

/* One page of them, from a cursor on; *next: that of the next one, NULL: it was the last. */
static enum rc
list_page(struct ctx *cx, const struct source *src, json *all, const char **next)
{
	json *body = json_stored(cx->a,
	    "{\"filter\": {\"property\": \"object\", \"value\": \"data_source\"}, \"sort\": "
	    "{\"timestamp\": \"last_edited_time\", \"direction\": \"descending\"}}");
	const json *results;
	struct rest_reply reply;
	int calls = 0;

	json_set_i64(body, "page_size", SHARED_PAGE);
	if (*next)
		json_set_str(body, "start_cursor", *next);
	TRY(notion_ask(cx, src,
	    &(struct notion_ask){
		.path = "/v1/search",
		.body = body,
		.what = "the list of databases",
	    },
	    &calls, &reply));
	results = json_at(reply.value, "results");
	for (size_t i = 0; i < json_len(results); i++)
		json_add(all, json_nth(results, i));
	*next = json_flag(reply.value, "has_more", false) ? json_str(reply.value, "next_cursor")
							  : NULL;
	return RC_OK;
}

/* The data sources that are shared, those first that were changed last; *more: there are others
 * behind the first SOURCES_MAX. */
static enum rc
list_shared(struct ctx *cx, const struct source *src, const json **results, bool *more)
{
	json *all = json_list(cx->a);
	const char *next = NULL;
	int pages = 0;

	do
		TRY(list_page(cx, src, all, &next));
	while (next && ++pages < SOURCES_MAX / SHARED_PAGE);
	*results = all;
	*more = next != NULL;
	return RC_OK;
}

static const char *
shared_title(struct arena *a, const json *source)
{
	const json *title = json_at(source, "title");
	struct buf *b = buf_in(a, 8000);

	for (size_t i = 0; i < json_len(title); i++)
		buf_str(b, json_str(json_nth(title, i), "plain_text"));
	return b->n ? buf_c(b) : "Untitled";
}

/* link: to where a person sees it, or what to name it by. */
static json *
shared_item(struct arena *a, const json *source, const char *link)
{
	json *o = json_new(a);

	json_set_str(o, "id", json_str(source, "id"));
	json_set_str(o, "title", shared_title(a, source));
	json_set_str(o, "link", link);
	json_set_str(o, "changedAt", json_str(source, "last_edited_time"));
	return o;
}

/* The source that is read, if it is this one: its settings name it or its database. */
static bool
shared_chosen(struct arena *a, const json *config, const json *source)
{
	const char *chosen = notion_link_id(a, json_str(config, "dataSource"));
	const char *ids[] = {
		json_str(source, "id"),
		json_str(json_at(source, "parent"), "database_id"),
	};

	for (size_t i = 0; chosen && i < sizeof ids / sizeof *ids; i++) {
		const char *id = notion_link_id(a, ids[i]);

		if (id && !strcmp(id, chosen))
			return true;
	}
	return false;
}

enum rc
notion_choices(struct ctx *cx, const struct source *src, json *choices)
{
	json *list = json_list(cx->a);
	const json *found;
	bool more;

	TRY(list_shared(cx, src, &found, &more));
	for (size_t i = 0; i < json_len(found); i++) {
		const json *one = json_nth(found, i);
		json *o = shared_item(cx->a, one, json_str(one, "url"));

		if (!json_has(choices, "title") && shared_chosen(cx->a, src->config, one))
			json_set_str(choices, "title", json_str(o, "title"));
		json_add(list, o);
	}
	json_set(choices, "dataSources", list);
	json_set_bool(choices, "more", more);
	json_set_str(choices, "share",
	    json_len(list) ? NULL
			   : "Nothing is shared yet. Open the database in Notion, choose \"...\", "
			     "then Connections, and add this connection.");
	return RC_OK;
}

/* By the data source, not by the link of its database, which may have others. */
enum rc
notion_sources(struct ctx *cx, const struct source *src, json *list, bool *more)
{
	const json *found;

	TRY(list_shared(cx, src, &found, more));
	for (size_t i = 0; i < json_len(found); i++) {
		const json *one = json_nth(found, i);

		json_add(list, shared_item(cx->a, one, json_str(one, "id")));
	}
	return RC_OK;
}
