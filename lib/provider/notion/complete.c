/*
 * complete.c - what a page tells only in part: texts, people and relations are cut after 25, and
 * rollups of more than that are not told at all; the property itself tells them in pieces.
 */
#include "base/pct.h"
#include "provider/notion/notion.h"

enum { INLINE_MAX = 25, PIECES_MAX = 200 };

/* Adds what the property holds to `all`. about: of the last answer, "property_item". */
static enum rc
complete_ask(struct notion_read *r, const char *page, const char *id, json *all, const json **about)
{
	struct ctx *cx = r->cx;
	const char *next = NULL;

	for (int i = 0; i < PIECES_MAX; i++) {
		struct buf *path = buf_in(cx->a, 4000);
		struct rest_reply reply;
		const json *results;

		buf_printf(path, "/v1/pages/%s/properties/%s?page_size=100", page, id);
		if (next) {
			buf_str(path, "&start_cursor=");
			url_encode(path, next);
		}
		TRY(notion_ask(cx, r->src,
		    &(struct notion_ask){ .path = buf_c(path), .what = "the page" }, &r->f->calls,
		    &reply));
		results = json_at(reply.value, "results");
		for (size_t k = 0; k < json_len(results); k++)
			json_add(all, json_nth(results, k));
		*about = json_at(reply.value, "property_item");
		next = json_str(reply.value, "next_cursor");
		if (!json_flag(reply.value, "has_more", false) || !next)
			return RC_OK;
	}
	return fail(cx, E_PAGES_LOOP, "A property of a page of Notion does not come to its end.");
}

/* Titles, texts, people, relations: {TYPE: one} each. */
static enum rc
complete_list(struct notion_read *r, const char *page, json *property, const char *type)
{
	json *all = json_list(r->cx->a), *list = json_list(r->cx->a);
	const json *about;

	TRY(complete_ask(r, page, json_str(property, "id"), all, &about));
	for (size_t i = 0; i < json_len(all); i++)
		if (json_at(json_nth(all, i), type))
			json_add(list, json_at(json_nth(all, i), type));
	json_set(property, type, list);
	json_set_bool(property, "has_more", false);
	return RC_OK;
}

static enum rc
complete_rollup(struct notion_read *r, const char *page, json *property)
{
	json *all = json_list(r->cx->a), *rollup;
	const json *about;
	const char *type;

	TRY(complete_ask(r, page, json_str(property, "id"), all, &about));
	rollup = json_at(about, "rollup");
	type = json_str(rollup, "type");
	if (!type)
		return RC_OK;
	if (!strcmp(type, "array"))
		json_set(rollup, "array", all);
	json_set(property, "rollup", rollup);
	return RC_OK;
}

/* May there be more than is told? */
static bool
complete_due(const json *property, const char *type)
{
	const json *rollup = json_at(property, "rollup");
	const char *kind = json_str(rollup, "type");

	if (json_flag(property, "has_more", false))
		return true;
	if (!strcmp(type, "rollup"))
		return (kind && !strcmp(kind, "incomplete")) ||
		    json_len(json_at(rollup, "array")) >= INLINE_MAX;
	return str_has_word(STR("title rich_text people"), ' ', str_c(type)) &&
	    json_len(json_at(property, type)) >= INLINE_MAX;
}

enum rc
notion_complete(struct notion_read *r, json *page, bool *cut)
{
	const char *id = json_str(page, "id");

	*cut = false;
	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);) {
		const char *type = json_str(it.value, "type");

		if (!id || !type || !json_str(it.value, "id") || !complete_due(it.value, type))
			continue;
		*cut = true;
		TRY(!strcmp(type, "rollup") ? complete_rollup(r, id, it.value)
					    : complete_list(r, id, it.value, type));
	}
	return RC_OK;
}

static void
unsign_list(const json *list)
{
	for (size_t i = 0; i < json_len(list); i++)
		json_unset(json_nth(list, i), "file");
}

void
notion_unsign(json *page)
{
	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);) {
		const json *array = json_at(json_at(it.value, "rollup"), "array");

		unsign_list(json_at(it.value, "files"));
		for (size_t i = 0; i < json_len(array); i++)
			unsign_list(json_at(json_nth(array, i), "files"));
	}
	/* They are addresses of the same kind, and none of them is a property. */
	json_unset(page, "icon");
	json_unset(page, "cover");
}
