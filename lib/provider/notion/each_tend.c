/*
 * each_tend.c - the pages of the occurrences of a series (each.c), at Notion: made, changed and
 * put into the trash, so that they are as the page of the series says.
 */
#include "base/clock.h"
#include "base/sole.h"
#include "kind/ways.h"
#include "provider/notion/strew.h"

enum { EACH_ANSWERS = 20, EACH_TRIES = 3 };
/* A page that was asked for and not answered may be there, and the index may not tell it yet: so
 * long after the page of the series said that pages are made, none is made in its place. */
enum { UNSURE_S = 180 };

enum rc
strew_ask(struct strewing *w, const struct notion_ask *ask, struct rest_reply *out)
{
	return notion_ask(w->cx, w->src, ask, w->calls, out);
}

static enum rc
strew_patch(struct strewing *w, const char *id, json *body, json **page)
{
	struct rest_reply reply;

	TRY(strew_ask(w,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = arena_printf(w->cx->a, "/v1/pages/%s", id),
		.body = body,
		.what = "the page",
	    },
	    &reply));
	if (page)
		*page = reply.value;
	return RC_OK;
}

enum rc
strew_write(struct strewing *w, const char *id, json *properties, json **page)
{
	json *body = json_new(w->cx->a);

	json_set(body, "properties", properties);
	return strew_patch(w, id, body, page);
}

enum rc
strew_get(struct strewing *w, const char *id, json **page)
{
	struct rest_reply reply;
	enum rc rc = strew_ask(w,
	    &(struct notion_ask){
		.path = arena_printf(w->cx->a, "/v1/pages/%s", id),
		.what = "the page",
	    },
	    &reply);

	*page = NULL;
	if (rc != RC_OK && w->cx->err.kind == E_SOURCE_GONE) {
		w->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	*page = reply.value;
	return RC_OK;
}

static enum rc
strew_complete(struct strewing *w, json *page)
{
	struct fetch f = { .page = 0 };
	struct notion_read r = { .cx = w->cx, .src = w->src, .f = &f };
	enum rc rc;
	bool cut;

	rc = notion_complete(&r, page, &cut);
	*w->calls += f.calls;
	return rc;
}

enum rc
strew_see(struct strewing *w, const char *id, json **page)
{
	TRY(strew_get(w, id, page));
	return *page ? strew_complete(w, *page) : RC_OK;
}

bool
strew_in_trash(const json *page)
{
	return json_flag(page, "in_trash", false) || json_flag(page, "archived", false);
}

enum rc
strew_parted(struct strewing *w, const char *id)
{
	json *keys = json_list(w->cx->a);
	const struct bestowal b = {
		.keys = keys,
		.gone = true,
		.what = "Its series has no page for this occurrence any more: Tidemark has put it "
			"into Notion's trash.",
	};

	json_add_str(w->kept ? keys : w->parted, id);
	return w->kept ? w->kept->told(w->cx, w->kept->arg, &b) : RC_OK;
}

/* One that is gone already needs nothing. */
enum rc
strew_trash(struct strewing *w, const char *id)
{
	json *body = json_new(w->cx->a);
	enum rc rc;

	json_set_bool(body, "in_trash", true);
	rc = strew_patch(w, id, body, NULL);
	if (rc == RC_OK)
		return strew_parted(w, id);
	if (w->cx->err.kind != E_SOURCE_GONE)
		return rc;
	w->cx->err = (struct err){ 0 };
	return RC_OK;
}

/* --- what is there --- */

bool
strew_by_us(const struct strewing *w, const json *page)
{
	const char *by = json_str(json_at(page, "last_edited_by"), "id");

	return by && w->bot && !strcmp(by, w->bot);
}

/* A page that was made for the series before, and went before its answer came, has the same push:
 * what belongs to that one is no matter of this. */
static bool
strew_is_of(const struct strewing *w, const json *mark)
{
	return !strcmp(json_str(mark, "of"), w->e.push) &&
	    !strcmp(json_str(mark, "series"), json_str(w->page, "id"));
}

/* Has somebody said something in it that comes here? */
static bool
strew_speaks(const struct strewing *w, const json *page, const json *mark)
{
	return strew_takes(w) &&
	    (notion_each_edited(w->cx->a, page, w->calendar, mark) ||
		(!strew_by_us(w, page) && !json_has(w->made, json_str(mark, "slot"))));
}

/* The index tells of it some minutes late: an edit that it tells of may have been followed by
 * others, which have come here already. *page NULL: it is none of these any more. */
static enum rc
strew_now(struct strewing *w, json **page, json **mark)
{
	TRY(strew_see(w, json_str(*page, "id"), page));
	if (*page &&
	    (strew_in_trash(*page) || !notion_each_is(w->cx->a, *page, w->calendar, w->bot, mark)))
		*page = NULL;
	return RC_OK;
}

/* Of two for one place the later one goes: the query tells them in the order they were made in. */
static enum rc
strew_meet(struct strewing *w, json *page)
{
	const char *slot;
	json *mark;

	if (!notion_each_is(w->cx->a, page, w->calendar, w->bot, &mark) || !strew_is_of(w, mark))
		return RC_OK;
	if (json_has(w->there, json_str(mark, "slot")))
		return strew_part(w, page);
	TRY(strew_complete(w, page));
	if (strew_speaks(w, page, mark))
		TRY(strew_now(w, &page, &mark));
	slot = json_str(mark, "slot");
	if (!page || json_has(w->there, slot))
		return RC_OK;
	json_set(w->there, slot, page);
	json_set(w->marks, slot, mark);
	return RC_OK;
}

static enum rc
strew_query(struct strewing *w, const char *next, struct rest_reply *out)
{
	json *filter = json_new(w->cx->a), *has = json_new(w->cx->a);

	json_set_str(has, "contains", w->e.push);
	json_set_str(filter, "property", json_str(w->calendar, "mark"));
	json_set(filter, "rich_text", has);
	return strew_ask(w,
	    &(struct notion_ask){
		.path = arena_printf(w->cx->a, "/v1/data_sources/%s/query", w->source),
		.body = notion_query_body(w->cx->a, filter, next),
		.what = "the database",
	    },
	    out);
}

static enum rc
strew_list(struct strewing *w)
{
	const char *next = NULL;
	struct rest_reply reply;

	w->there = json_new(w->cx->a);
	w->marks = json_new(w->cx->a);
	for (int i = 0; i == 0 || next; i++) {
		const json *pages;

		if (i == EACH_ANSWERS)
			return fail(w->cx, E_PAGES_LOOP, "The pages do not come to an end.");
		TRY(strew_query(w, next, &reply));
		pages = json_at(reply.value, "results");
		for (size_t k = 0; k < json_len(pages); k++)
			TRY(strew_meet(w, json_nth(pages, k)));
		next = json_flag(reply.value, "has_more", false)
		    ? json_str(reply.value, "next_cursor")
		    : NULL;
	}
	return RC_OK;
}

/* A move that was broken off: the series says where to, and the page from where. */
static bool
strew_promises(const struct strewing *w, const char *from, const char *to)
{
	return notion_each_place(w->cx->a, w->value, from) == PLACE_NONE &&
	    notion_each_place(w->cx->a, w->value, to) == PLACE_THERE;
}

/* Where a page says that it stands, it stands: of those that were moved or left just before a death
 * the series has still another word. One that stands nowhere any more goes where the series
 * says. */
static void
strew_agree(struct strewing *w)
{
	const json *made = json_copy(w->cx->a, w->made);
	json *stands = json_new(w->cx->a);

	for (struct json_iter it = { 0 }; json_each(w->there, &it);)
		json_set_str(stands, json_str(it.value, "id"), it.key);
	for (struct json_iter it = { 0 }; json_each(made, &it);) {
		const char *slot = json_str(stands, json_value_str(it.value));

		if (slot && strcmp(slot, it.key) != 0 && !strew_promises(w, slot, it.key))
			json_unset(w->made, it.key);
	}
}

/* The index lacks it: it is newer than that, or somebody has put it into the trash. */
static enum rc
strew_missed(struct strewing *w, const char *slot, const char *id)
{
	json *page, *mark;

	TRY(strew_get(w, id, &page));
	if (!page)
		return RC_OK;
	if (!strew_in_trash(page)) {
		if (notion_each_is(w->cx->a, page, w->calendar, w->bot, &mark)) {
			json_set(w->there, slot, page);
			json_set(w->marks, slot, mark);
		} else if (json_at(mark, "left")) {
			json_unset(w->made, slot);
		}
		return RC_OK;
	}
	if (!strew_by_us(w, page))
		strew_cancel(w, slot, notion_mark(w->cx->a, page, w->calendar));
	json_unset(w->made, slot);
	return RC_OK;
}

bool
strew_has(struct strewing *w, const struct occurrence *v, size_t n, const char *slot)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(when_slot(w->cx->a, &v[i].slot), slot))
			return true;
	return false;
}

bool
strew_takes(const struct strewing *w)
{
	return ways_of(w->src->config).direction == WAYS_BOTH;
}

void
strew_take_one(struct strewing *w, const char *slot, const json *page, const json *mark)
{
	json *one = strew_differing(w, slot);

	strew_restore(w, slot, page);
	notion_each_take(w->cx->a, page, w->calendar, mark, w->value);
	strew_changed(w, slot, mark, one);
}

/* What somebody has changed on pages, and which of those that there were are gone. */
static enum rc
strew_take(struct strewing *w)
{
	const bool takes = strew_takes(w);
	json *was = json_copy(w->cx->a, w->made);
	struct occurrence *v;
	int64_t next;
	const size_t n = notion_each_list(w->cx->a, w->value, w->now, &v, &next);

	for (struct json_iter it = { 0 }; json_each(was, &it);)
		if (!json_has(w->there, it.key)) {
			if (takes && strew_has(w, v, n, it.key))
				TRY(strew_missed(w, it.key, json_value_str(it.value)));
			else
				json_unset(w->made, it.key);
		}
	for (struct json_iter it = { 0 }; takes && json_each(w->there, &it);)
		strew_take_one(w, it.key, it.value, json_at(w->marks, it.key));
	return RC_OK;
}

bool
strew_taken(const struct strewing *w)
{
	const json *const sides[] = { w->value, w->e.value };

	for (int i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(sides[i], &it);)
			if (!notion_same(w->cx->a, sides[0], sides[1], it.key))
				return true;
	return false;
}

/* --- the pages of its occurrences --- */

static enum rc
strew_all(struct strewing *w, int64_t *next)
{
	struct occurrence *v;
	const size_t n = notion_each_list(w->cx->a, w->value, w->now, &v, next);

	for (struct json_iter it = { 0 }; json_each(w->there, &it);)
		if (!strew_has(w, v, n, it.key))
			TRY(strew_drop(w, it.key, it.value));
	for (size_t i = 0; i < n; i++)
		TRY(strew_one(w, &v[i]));
	return RC_OK;
}

/* All of them go: the series is gone, or is one page from now on. */
static enum rc
strew_clear(struct strewing *w)
{
	TRY(strew_list(w));
	for (struct json_iter it = { 0 }; json_each(w->there, &it);)
		TRY(strew_part(w, it.value));
	for (struct json_iter it = { 0 }; json_each(w->made, &it);) {
		json *page = NULL, *mark;

		/* The index may lack it; or that it went by us was not told any more. */
		if (!json_has(w->there, it.key))
			TRY(strew_get(w, json_value_str(it.value), &page));
		if (!page || !notion_each_is(w->cx->a, page, w->calendar, w->bot, &mark))
			continue;
		if (!strew_in_trash(page))
			TRY(strew_part(w, page));
		else if (strew_by_us(w, page))
			TRY(strew_parted(w, json_str(page, "id")));
	}
	w->made = json_new(w->cx->a);
	return RC_OK;
}

/* --- the whole --- */

static struct strewing
strewing_of(struct ctx *cx, const struct source *src, const json *calendar, int *calls)
{
	return (struct strewing){
		.cx = cx,
		.src = src,
		.calls = calls,
		.source = json_str(src->cursor, "source"),
		.bot = json_str(src->cursor, "bot"),
		.calendar = calendar,
		.now = clock_ms() / SECOND_MS,
	};
}

static json *
strew_kept(const struct strewing *w, const char *name)
{
	const json *kept = json_at(w->e.each, name);

	return kept ? json_copy(w->cx->a, kept) : json_new(w->cx->a);
}

/* False: it is not the page of an event that we have made. */
static bool
strew_open(struct strewing *w, const json *page)
{
	const json *made;

	if (!json_str(w->calendar, "mark") ||
	    !notion_event(w->cx->a, page, w->calendar, w->bot, &w->e) || !w->e.push)
		return false;
	made = json_at(w->e.each, "made");
	w->page = page;
	w->made = made ? json_copy(w->cx->a, made) : json_new(w->cx->a);
	w->took = strew_kept(w, "took");
	w->unseen = strew_kept(w, "unseen");
	w->value = json_copy(w->cx->a, w->e.value);
	w->making = json_num(w->e.each, "making", 0);
	return true;
}

enum rc
notion_each_clear(
    struct ctx *cx, const struct source *src, const json *page, const json *calendar, json *parted)
{
	int calls = 0;
	struct strewing w = strewing_of(cx, src, calendar, &calls);

	w.parted = parted;
	return strew_open(&w, page) && w.e.each ? strew_clear(&w) : RC_OK;
}

static enum rc
strew_level(struct strewing *w)
{
	const int64_t since = w->now - w->making, sure = w->making + UNSURE_S;
	int64_t next;
	bool moves;

	w->waits = w->making && since >= 0 && since < UNSURE_S;
	TRY(strew_list(w));
	strew_agree(w);
	moves = strew_rehome(w);
	TRY(strew_take(w));
	/* First what was taken, and where pages go: it is nowhere else. */
	if (moves || strew_taken(w) || !w->e.each || w->e.shown)
		TRY(strew_series(w, strew_each(w, NULL, NOTION_AT_ONCE)));
	TRY(strew_all(w, &next));
	if (w->waits)
		next = sure < next ? sure : next;
	else
		w->making = 0;
	return strew_series(
	    w, strew_each(w, notion_each_digest(w->cx->a, &w->e, w->calendar), next));
}

static enum rc
strew_try(struct strewing *w, const json *page, struct notion_tended *out)
{
	const bool opened = strew_open(w, page), trash = strew_in_trash(page);
	const bool wanted = notion_each_wanted(w->src->config);

	w->overtaken = false;
	out->done = opened && (w->e.each || wanted);
	if (!out->done)
		return RC_OK;
	if (!trash && wanted && json_has(w->value, "recurrence"))
		return strew_level(w);
	if (!w->e.each) {
		out->done = false;
		return RC_OK;
	}
	TRY(strew_clear(w));
	return trash ? RC_OK : strew_series(w, NULL);
}

enum rc
notion_each_tend(struct ctx *cx, const struct source *src, const struct keeping *kept,
    const json *page, struct notion_tended *out)
{
	struct strewing w = strewing_of(cx, src, json_at(src->cursor, "calendar"), &out->calls);
	json *now = NULL;
	enum rc rc;

	w.kept = kept;
	rc = strew_try(&w, page, out);
	for (int i = 1; i < EACH_TRIES && rc != RC_OK && w.overtaken; i++) {
		cx->err = (struct err){ 0 };
		TRY(strew_get(&w, json_str(page, "id"), &now));
		if (!now)
			return RC_OK;
		rc = strew_try(&w, now, out);
	}
	return rc;
}

/* --- while it is read --- */

/* Is this the page that was made for the place? */
static bool
strew_made(const struct strewing *w, const char *slot, const char *id)
{
	const char *made = json_str(w->made, slot);

	return made && id && !strcmp(made, id);
}

static enum rc
strew_read_alone(struct strewing *w, json *page, json *mark, bool gone, bool *taken)
{
	const char *slot;
	json *series;

	TRY(strew_get(w, json_str(mark, "series"), &series));
	if (!series || strew_in_trash(series) || !strew_open(w, series) || !w->e.each ||
	    strcmp(w->e.push, json_str(mark, "of")) != 0)
		return RC_OK;
	if (!gone)
		TRY(strew_now(w, &page, &mark));
	if (!page)
		return RC_OK;
	slot = json_str(mark, "slot");
	if (gone) {
		/* One that another has taken the place of has had its say. */
		if (!strew_made(w, slot, json_str(page, "id")))
			return RC_OK;
		strew_cancel(w, slot, mark);
		json_unset(w->made, slot);
	} else {
		w->stray = !strew_made(w, slot, json_str(page, "id"));
		strew_take_one(w, slot, page, mark);
	}
	*taken = strew_taken(w);
	return *taken ? strew_series_seen(w, strew_each(w, NULL, NOTION_AT_ONCE)) : RC_OK;
}

/* While something else is sent to the series it is left to the look that comes after this read. */
static enum rc
strew_read(struct strewing *w, json *page, json *mark, bool gone, bool *taken)
{
	int held;
	enum rc rc = RC_OK;

	*taken = false;
	TRY(sole_take(w->cx, json_str(mark, "series"), &held));
	if (held >= 0)
		rc = strew_read_alone(w, page, mark, gone, taken);
	sole_end(held);
	return rc;
}

/* Nobody has edited it, and it is in the trash: was it put there by us, and its series has not come
 * to say so, or was taken out of the trash since? */
static bool
strew_missing(const json *s, const json *page, bool gone)
{
	return gone && json_flag(json_at(s, "left"), json_str(page, "id"), false) &&
	    !notion_recent(s, page);
}

enum rc
notion_each_read(struct notion_read *r, json *s, json *page, bool gone, json *out)
{
	struct strewing w = strewing_of(r->cx, r->src, json_at(s, "calendar"), &r->f->calls);
	const char *series;
	json *mark;
	bool taken;

	w.source = json_str(s, "source");
	w.bot = json_str(s, "bot");
	if (!w.calendar || r->f->enough_bytes)
		return RC_OK;
	if (!notion_each_is(r->cx->a, page, w.calendar, w.bot, &mark))
		return gone || !strew_takes(&w) ? RC_OK : strew_left(&w, page, mark);
	series = json_str(mark, "series");
	if (!json_has(json_at(s, "rolling"), series) || strew_missing(s, page, gone))
		notion_roll_soon(r->cx->a, s, series);
	/* One of somebody else's may have come out of the trash. */
	if (!strew_takes(&w) ||
	    (strew_by_us(&w, page) &&
		(gone || !notion_each_edited(r->cx->a, page, w.calendar, mark))))
		return RC_OK;
	TRY(strew_read(&w, page, mark, gone, &taken));
	if (taken || w.stray)
		notion_roll_soon(r->cx->a, s, series);
	if (!taken)
		return RC_OK;
	if (!json_at(out, "series"))
		json_set(out, "series", json_list(r->cx->a));
	json_add(json_at(out, "series"), (json *)w.page);
	return RC_OK;
}
