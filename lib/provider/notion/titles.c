/*
 * titles.c - what the pages are called that relations point to.
 */
#include "provider/notion/notion.h"

enum { ONE_BY_ONE = 40 };

const char *
notion_title(struct arena *a, const json *page)
{
	struct buf *b = buf_in(a, 1024 * 1024);

	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);) {
		const json *title = json_at(it.value, "title");

		for (size_t i = 0; i < json_len(title); i++)
			buf_str(b, json_str(json_nth(title, i), "plain_text"));
	}
	return buf_c(b);
}

/* One that is not shown has no title. */
static enum rc
titles_ask(struct notion_read *r, const char *id, json *titles)
{
	struct rest_reply reply;
	enum rc rc = notion_ask(r->cx, r->src,
	    &(struct notion_ask){
		.path = arena_printf(r->cx->a, "/v1/pages/%s?filter_properties=title", id),
		.what = "a page that is related",
	    },
	    &r->f->calls, &reply);

	if (rc != RC_OK && r->cx->err.kind == E_SOURCE_GONE) {
		r->cx->err = (struct err){ 0 };
		json_set_null(titles, id);
		return RC_OK;
	}
	TRY(rc);
	json_set_str(titles, id, notion_title(r->cx->a, reply.value));
	return RC_OK;
}

/* The ids that a page's relations name, and whose titles are not known yet. */
static void
titles_wanted(const json *page, const json *titles, json *wanted)
{
	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);) {
		const json *list = json_at(it.value, "relation");

		for (size_t i = 0; i < json_len(list); i++) {
			const char *id = json_str(json_nth(list, i), "id");

			if (id && !json_has(titles, id))
				json_set_bool(wanted, id, true);
		}
	}
}

enum rc
notion_titles(struct notion_read *r, const json *pages, json *titles, bool *many)
{
	json *wanted = json_new(r->cx->a);

	for (size_t i = 0; i < json_len(pages); i++)
		titles_wanted(json_nth(pages, i), titles, wanted);
	*many = json_len(wanted) > ONE_BY_ONE;
	for (struct json_iter it = { 0 }; !*many && json_each(wanted, &it);)
		TRY(titles_ask(r, it.key, titles));
	return RC_OK;
}
