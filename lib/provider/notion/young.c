/*
 * young.c - notion: pages that a read of everything lacks, and that were written so lately that
 * the index may not have them yet (source.young). They are looked at by themselves: one that is
 * there is told of as if the index had told of it; one that is not is missing, like all others.
 *
 * No more than a hundred are looked at in a read, some in each page of the spool. Of the others
 * nothing is known: they are neither gone nor asked about, and everything is read again when the
 * index must have what there is of them. Nor are those that are not there: how much is missing is
 * judged of all of them at once.
 */
#include "base/clock.h"
#include "provider/notion/event.h"

enum { YOUNG_LOOKS = 100, YOUNG_PAGE = 25 };

enum rc
notion_young_begin(struct notion_read *r, json *s)
{
	json *keys = json_new(r->cx->a);

	/* A look at the beginning lacks most of them anyway. */
	if (!r->src->young || r->f->enough_bytes || !json_at(s, "calendar"))
		return RC_OK;
	TRY(r->src->young->keys(r->cx, r->src->young, keys));
	if (json_len(keys) > 0)
		json_set(s, "young", keys);
	return RC_OK;
}

void
notion_young_listed(json *s, const char *id)
{
	if (json_at(s, "young"))
		json_unset(json_at(s, "young"), id);
}

static enum rc
young_look(struct notion_read *r, json *s, const char *id, json *out)
{
	json *page;

	notion_young_listed(s, id);
	if (json_has(json_at(s, "seen"), id))
		return RC_OK;
	json_set_i64(s, "looks", json_num(s, "looks", 0) + 1);
	TRY(notion_look_missing(r, s, id, &page));
	if (page)
		return notion_row_add(r, s, page, out);
	if (!json_at(s, "lacked"))
		json_set(s, "lacked", json_new(r->cx->a));
	json_set_bool(json_at(s, "lacked"), id, true);
	return RC_OK;
}

static void
young_undecided(struct notion_read *r, json *s, json *out)
{
	json *list = json_list(r->cx->a);

	for (struct json_iter it = { 0 }; json_each(json_at(s, "young"), &it);)
		json_add_str(list, it.key);
	if (json_len(list) == 0)
		return;
	for (struct json_iter it = { 0 }; json_each(json_at(s, "lacked"), &it);)
		json_add_str(list, it.key);
	json_set(out, "undecided", list);
	json_set_bool(s, "undecided", true);
}

enum rc
notion_young_look(struct notion_read *r, json *s, json *out, bool *more)
{
	const json *young = json_copy(r->cx->a, json_at(s, "young"));
	const int64_t before = json_num(s, "looks", 0);
	int64_t n = before;

	*more = false;
	for (struct json_iter it = { 0 }; n < YOUNG_LOOKS && !*more && json_each(young, &it);) {
		TRY(young_look(r, s, it.key, out));
		n = json_num(s, "looks", 0);
		*more = n < YOUNG_LOOKS && n - before >= YOUNG_PAGE;
	}
	*more = *more && json_len(json_at(s, "young")) > 0;
	if (!*more)
		young_undecided(r, s, out);
	return RC_OK;
}

bool
notion_young_due(const json *cursor, int64_t age)
{
	return json_flag(cursor, "undecided", false) && age >= NOTION_LAG_MS;
}
