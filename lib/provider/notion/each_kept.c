/*
 * each_kept.c - pages of occurrences that have no place in their series any more: they go along
 * with it, or go, or stay with whoever has written in them.
 */
#include <stdlib.h>

#include "provider/notion/strew.h"

enum { DAY_CHARS = 8 }; /* that a slot begins with: YYYYMMDD */
/* Of a page that somebody goes on moving while it is left. */
enum { LEAVES_MAX = 3 };

/* --- what somebody has written --- */

static bool
kept_mapped(const struct strewing *w, const char *id)
{
	for (const struct notion_word *n = notion_words; n->word; n++)
		if (json_str(w->calendar, n->word) && !strcmp(json_str(w->calendar, n->word), id))
			return true;
	return !strcmp(json_str(w->calendar, "mark"), id);
}

/* What Notion fills in by itself says nothing. */
static bool
kept_filled(struct arena *a, const json *property)
{
	const char *type = json_str(property, "type");
	struct notion_cell c;

	if (!type ||
	    str_has_word(STR("formula rollup status unique_id verification button created_time "
			     "created_by last_edited_time last_edited_by"),
		' ', str_c(type)))
		return false;
	if (!strcmp(type, "checkbox"))
		return json_flag(property, type, false);
	notion_value(a, property, NULL, &c);
	return c.cell.kind != CELL_NONE;
}

static bool
kept_beside(const struct strewing *w, const json *page)
{
	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);) {
		const char *id = json_str(it.value, "id");

		if (id && !kept_mapped(w, id) && kept_filled(w->cx->a, it.value))
			return true;
	}
	return false;
}

/* We make pages without a text. */
static enum rc
kept_text(struct strewing *w, const json *page, bool *out)
{
	struct rest_reply reply;

	TRY(strew_ask(w,
	    &(struct notion_ask){
		.path = arena_printf(
		    w->cx->a, "/v1/blocks/%s/children?page_size=1", json_str(page, "id")),
		.what = "the text of the page",
	    },
	    &reply));
	*out = json_len(json_at(reply.value, "results")) > 0;
	return RC_OK;
}

static bool
kept_touched(const struct strewing *w, const json *page, const json *mark)
{
	return json_flag(mark, "touched", false) || !strew_by_us(w, page);
}

static enum rc
kept_written(struct strewing *w, const json *page, const json *mark, bool *out)
{
	*out = false;
	if (!kept_touched(w, page, mark))
		return RC_OK;
	*out = notion_each_edited(w->cx->a, page, w->calendar, mark) || kept_beside(w, page);
	return *out ? RC_OK : kept_text(w, page, out);
}

/* --- what becomes of a page --- */

static bool
kept_same_date(struct arena *a, const json *x, const json *y)
{
	return x && y ? !strcmp(json_text(a, x), json_text(a, y)) : !x == !y;
}

static enum rc
kept_tell(struct strewing *w, const json *page, bool over)
{
	json *keys = json_list(w->cx->a);
	const struct bestowal b = {
		.keys = keys,
		.what = over
		    ? "The occurrence is over. The page stays, for somebody has written in it."
		    : "The occurrence is not in its series any more. The page stays, without a "
		      "date, for somebody has written in it.",
	};

	if (!w->kept)
		return RC_OK;
	json_add_str(keys, json_str(page, "id"));
	return w->kept->told(w->cx, w->kept->arg, &b);
}

/* With this date, or none: *now as it is then. */
static enum rc
kept_mark(struct strewing *w, const json *page, const json *date, bool over, json **now)
{
	struct arena *a = w->cx->a;
	json *properties = json_new(a), *mark = json_new(a), *one = json_new(a);

	json_set(mark, "left", date ? json_copy(a, date) : json_new(a));
	json_set(one, "rich_text", notion_rich(a, json_text(a, mark)));
	json_set(properties, json_str(w->calendar, "mark"), one);
	if (!over) {
		one = json_new(a);
		json_set_null(one, "date");
		json_set(properties, json_str(w->calendar, "date"), one);
	}
	return strew_write(w, json_str(page, "id"), properties, now);
}

/* It stays, and is not ours any more. What is not to come has no date. One that somebody has moved
 * between the look at it and this is left where it is now: its date would be taken for one that it
 * was given since, and the occurrence be there twice. */
static enum rc
kept_leave(struct strewing *w, const json *page, bool over)
{
	const json *date = over ? notion_date_there(page, w->calendar) : NULL;
	bool level = false;
	json *now;

	for (int i = 0; i < LEAVES_MAX && !level; i++) {
		TRY(kept_mark(w, page, date, over, &now));
		level = !over ||
		    kept_same_date(w->cx->a, date, notion_date_there(now, w->calendar));
		date = notion_date_there(now, w->calendar);
	}
	return kept_tell(w, page, over);
}

static bool
kept_otherwise(struct strewing *w, const json *page, const json *mark)
{
	const json *left = json_at(mark, "left"), *date = notion_date_there(page, w->calendar);

	return left && date && strew_by_us(w, page) && !kept_same_date(w->cx->a, left, date);
}

/* That it was left was written and not answered, and somebody had moved it just before: it says so
 * before it is edited again. */
enum rc
strew_left(struct strewing *w, const json *page, const json *mark)
{
	json *now;

	if (!kept_otherwise(w, page, mark))
		return RC_OK;
	TRY(strew_see(w, json_str(page, "id"), &now));
	if (!now || strew_in_trash(now) ||
	    !kept_otherwise(w, now, notion_mark(w->cx->a, now, w->calendar)))
		return RC_OK;
	return kept_mark(w, now, notion_date_there(now, w->calendar), true, &now);
}

static bool
kept_over(const struct strewing *w, const json *page)
{
	struct when start, end;

	return notion_span_of(w->cx->a, notion_date_there(page, w->calendar), &start, &end) &&
	    end.utc <= w->now;
}

/* As it is now, for the index tells of it some minutes late. *out NULL: it is gone, or is not ours
 * any more. */
static enum rc
kept_look(struct strewing *w, const json *page, const json **out, json **mark)
{
	json *now;

	*out = NULL;
	TRY(strew_see(w, json_str(page, "id"), &now));
	if (!now)
		return RC_OK;
	if (strew_in_trash(now))
		return strew_by_us(w, now) ? strew_parted(w, json_str(now, "id")) : RC_OK;
	if (notion_each_is(w->cx->a, now, w->calendar, w->bot, mark))
		*out = now;
	return RC_OK;
}

/* It was seen just now. */
static enum rc
kept_part(struct strewing *w, const json *page, const json *mark)
{
	bool written;

	TRY(kept_written(w, page, mark, &written));
	return written ? kept_leave(w, page, kept_over(w, page))
		       : strew_trash(w, json_str(page, "id"));
}

enum rc
strew_part(struct strewing *w, const json *page)
{
	json *mark;

	TRY(kept_look(w, page, &page, &mark));
	return page ? kept_part(w, page, mark) : RC_OK;
}

enum rc
strew_drop(struct strewing *w, const char *slot, const json *page)
{
	json *mark;

	json_unset(w->made, slot);
	TRY(kept_look(w, page, &page, &mark));
	if (!page)
		return RC_OK;
	if (kept_over(w, page) && kept_touched(w, page, mark))
		return kept_leave(w, page, true);
	return kept_part(w, page, mark);
}

/* --- a series that was moved --- */

static int
kept_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The places that are no more, in order. */
static size_t
kept_lost(struct strewing *w, const char ***out)
{
	size_t n = 0;

	*out = arena_array(w->cx->a, json_len(w->there) + 1, sizeof **out);
	for (struct json_iter it = { 0 }; json_each(w->there, &it);)
		if (notion_each_place(w->cx->a, w->value, it.key) == PLACE_NONE)
			(*out)[n++] = arena_dup(w->cx->a, it.key);
	if (n)
		qsort(*out, n, sizeof **out, kept_order);
	return n;
}

static void
kept_move(struct strewing *w, const char *from, const char *to)
{
	json *page = json_at(w->there, from), *mark = json_at(w->marks, from);

	json_set_str(mark, "slot", to);
	json_set(w->there, to, page);
	json_set(w->marks, to, mark);
	json_set_str(w->made, to, json_str(page, "id"));
	json_unset(w->there, from);
	json_unset(w->marks, from);
	json_unset(w->made, from);
}

/* The first place without a page; day NULL: of any day. */
static const char *
kept_free(struct strewing *w, const struct occurrence *v, size_t n, const char *day)
{
	for (size_t i = 0; i < n; i++) {
		const char *slot = when_slot(w->cx->a, &v[i].slot);

		if (!json_has(w->there, slot) && !json_has(w->made, slot) &&
		    (!day || !strncmp(slot, day, DAY_CHARS)))
			return slot;
	}
	return NULL;
}

/* Where its series has said that it is to stand, before the move was broken off; NULL: nowhere. */
static const char *
kept_promised(struct strewing *w, const char *from)
{
	const char *id = json_str(json_at(w->there, from), "id");

	for (struct json_iter it = { 0 }; json_each(w->made, &it);)
		if (!strcmp(json_value_str(it.value), id) && strcmp(it.key, from) != 0 &&
		    !json_has(w->there, it.key))
			return it.key;
	return NULL;
}

bool
strew_rehome(struct strewing *w)
{
	const char **lost, *to;
	const size_t n_lost = kept_lost(w, &lost);
	const bool all = n_lost == json_len(w->there);
	struct occurrence *v;
	int64_t next;
	size_t n, moved = 0;

	if (n_lost == 0)
		return false;
	n = notion_each_list(w->cx->a, w->value, w->now, &v, &next);
	for (size_t i = 0; i < n_lost; i++) {
		to = kept_promised(w, lost[i]);
		to = to ? to : kept_free(w, v, n, lost[i]);
		moved += to != NULL;
		if (to)
			kept_move(w, lost[i], to);
	}
	for (size_t i = 0; all && i < n_lost; i++) {
		to = json_has(w->there, lost[i]) ? kept_free(w, v, n, NULL) : NULL;
		moved += to != NULL;
		if (to)
			kept_move(w, lost[i], to);
	}
	return moved > 0;
}

/* --- back from the trash --- */

void
strew_restore(struct strewing *w, const char *slot, const json *page)
{
	if (!json_has(w->made, slot) && !strew_by_us(w, page) &&
	    notion_each_place(w->cx->a, w->value, slot) == PLACE_CANCELLED)
		json_unset(w->value, arena_printf(w->cx->a, "@%s", slot));
}
