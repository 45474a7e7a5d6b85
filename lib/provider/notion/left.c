/*
 * left.c - notion: pages of occurrences while everything is read: which of them the read has still
 * to tell of, for their series have them, and which are none of those that their series has.
 */
#include "provider/notion/event.h"

enum { LEFT_MAX = 50 };

/* The page of a series: those of its occurrences are its own. */
static void
left_own(json *left, json *strays, const json *made)
{
	for (struct json_iter it = { 0 }; json_each(made, &it);) {
		const char *id = json_value_str(it.value);

		if (!json_has(left, id))
			json_set_bool(left, id, true);
		json_unset(strays, id);
	}
}

void
notion_left_note(struct notion_read *r, json *s, const json *page)
{
	const char *id = json_str(page, "id");
	const json *mark;
	json *left;

	if (json_flag(s, "delta", false) || !json_at(s, "calendar"))
		return;
	mark = notion_mark(r->cx->a, page, json_at(s, "calendar"));
	if (!json_at(s, "left")) {
		json_set(s, "left", json_new(r->cx->a));
		json_set(s, "strays", json_new(r->cx->a));
	}
	left = json_at(s, "left");
	left_own(left, json_at(s, "strays"), json_at(json_at(mark, "each"), "made"));
	if (json_str(mark, "of") && !json_has(left, id) && !notion_recent(s, page))
		json_set_str(json_at(s, "strays"), id, json_str(mark, "series"));
	if (json_str(mark, "of") || json_has(left, id))
		json_set_bool(left, id, false);
}

static void
left_strays(struct notion_read *r, json *s)
{
	for (struct json_iter it = { 0 }; json_each(json_at(s, "strays"), &it);)
		if (json_value_str(it.value))
			notion_roll_soon(r->cx->a, s, json_value_str(it.value));
}

/* They are in the trash, or new to the index. More of them than these are looked at next time. */
enum rc
notion_left_look(struct notion_read *r, json *s, json *out)
{
	const json *left = json_copy(r->cx->a, json_at(s, "left"));
	json *page;
	int n = 0;

	left_strays(r, s);
	for (struct json_iter it = { 0 }; n < LEFT_MAX && json_each(left, &it);) {
		if (!json_value_bool(it.value) || json_has(json_at(s, "seen"), it.key))
			continue;
		n++;
		TRY(notion_look_at(r, s, it.key, out, &page));
		if (page)
			TRY(notion_row_add(r, s, page, out));
	}
	return RC_OK;
}
