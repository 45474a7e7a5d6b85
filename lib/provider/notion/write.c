/*
 * write.c - notion: what goes out. Notion knows no condition: a page is read before it is written,
 * and what was changed between the two, some tenths of a second, is written over where it is the
 * same property. A page that is made carries the id of the push, by which a repetition finds it.
 *
 * Sources: "Create a page", "Update page properties", "Request limits" (a write that was answered
 * with 503 may have been saved).
 */
#include "base/clock.h"
#include "base/sole.h"
#include "event/span.h"
#include "kind/ways.h"
#include "provider/notion/event.h"

enum { GRAIN_MS = 60 * 1000 };
/* After which a page that a run is writing to is tried again. */
enum { ALONE_MS = 2000 };

struct sending {
	struct ctx *cx;
	const struct source *src;
	const struct push *p;
	const char *source, *bot;
	json *calendar;
	const json *page; /* as it is there */
};

static enum rc
send_ask(struct sending *s, const struct notion_ask *ask, struct rest_reply *out)
{
	int calls = 0;

	return notion_ask(s->cx, s->src, ask, &calls, out);
}

/* About the database itself. One that is not shown, or is in the trash, is waited for. */
static enum rc
send_ask_source(struct sending *s, const struct notion_ask *ask, struct rest_reply *out)
{
	enum rc rc = send_ask(s, ask, out);

	if (rc != RC_OK && s->cx->err.kind == E_SOURCE_GONE)
		return fail(s->cx, E_UNAVAILABLE,
		    "Notion does not show the database: what is to be written waits.");
	return rc;
}

/* What has come, is gone, or is of another type since the properties were read, the page or data
 * source tells: it is understood as the next read will understand it. */
static enum rc
send_fit(struct sending *s, const json *of)
{
	json *calendar;

	if (notion_schema_fits(json_at(s->src->cursor, "schema"), of, false))
		return RC_OK;
	calendar = notion_calendar(s->cx->a, s->src, notion_schema(s->cx->a, of));
	for (const struct notion_word *w = notion_words; w->word; w++)
		if (w->how == NOTION_FIRST && !json_str(calendar, w->word))
			return fail(s->cx, E_UNAVAILABLE,
			    "The property for the %.20s is another one now: the database is read "
			    "first.",
			    w->word);
	if (notion_where_missing(calendar))
		return fail(s->cx, E_UNAVAILABLE,
		    "The property of a condition is gone: the database is read first.");
	s->calendar = calendar;
	return RC_OK;
}

/* A page that was moved to another database is not ours to write to. */
static bool
send_elsewhere(const struct sending *s)
{
	const char *parent = json_str(json_at(s->page, "parent"), "data_source_id");

	return !parent || strcmp(parent, s->source) != 0;
}

/* With its long lists in full, as a read has them. */
static enum rc
send_take(struct sending *s, json *page)
{
	struct fetch f = { .page = 0 };
	struct notion_read r = { .cx = s->cx, .src = s->src, .f = &f };
	bool cut;

	s->page = page;
	if (send_elsewhere(s))
		return RC_OK;
	TRY(send_fit(s, page));
	return notion_complete(&r, page, &cut);
}

/* Which properties there are, as the last complete read has found them. */
static enum rc
send_open(struct sending *s)
{
	const json *cursor = s->src->cursor, *calendar = json_at(cursor, "calendar");

	s->source = json_str(cursor, "source");
	s->bot = json_str(cursor, "bot");
	if (!s->source || !calendar)
		return fail(s->cx, E_UNAVAILABLE,
		    "The database is read first: what is to be written waits for that.");
	s->calendar = json_copy(s->cx->a, calendar);
	return RC_OK;
}

/* The property of our own, made where it is missing. */
static enum rc
send_mark(struct sending *s)
{
	static const char more[] = "{\"properties\": {\"" NOTION_MARK "\": {\"rich_text\": {}}}}";
	struct rest_reply reply;
	const char *id;

	if (json_str(s->calendar, "mark"))
		return RC_OK;
	TRY(send_ask_source(s,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = arena_printf(s->cx->a, "/v1/data_sources/%s", s->source),
		.body = json_stored(s->cx->a, more),
		.what = "the properties of the database",
	    },
	    &reply));
	id = json_str(json_at(json_at(reply.value, "properties"), NOTION_MARK), "id");
	if (!id)
		return fail(
		    s->cx, E_SOURCE_STATUS, "Notion did not add the property \"" NOTION_MARK "\".");
	json_set_str(s->calendar, "mark", id);
	return RC_OK;
}

static bool
send_in_trash(const struct sending *s)
{
	return json_flag(s->page, "in_trash", false) || json_flag(s->page, "archived", false);
}

/* Of a database that is not shown, or is in the trash, no page is gone by itself: nothing is known
 * of them, and what is to be written waits. */
static enum rc
send_source_shown(struct sending *s)
{
	struct rest_reply reply;

	TRY(send_ask_source(s,
	    &(struct notion_ask){
		.path = arena_printf(s->cx->a, "/v1/data_sources/%s", s->source),
		.what = "the database",
	    },
	    &reply));
	return json_flag(reply.value, "in_trash", false)
	    ? fail(s->cx, E_UNAVAILABLE,
		  "The database is in the trash of Notion: what is to be written waits.")
	    : RC_OK;
}

/* page NULL: it is not there, or not shown. */
static enum rc
send_see_page(struct sending *s, const char *key)
{
	const struct notion_ask ask = {
		.path = arena_printf(s->cx->a, "/v1/pages/%s", key),
		.what = "the page",
	};
	struct rest_reply reply;
	enum rc rc = send_ask(s, &ask, &reply);

	s->page = NULL;
	if (rc != RC_OK && s->cx->err.kind == E_SOURCE_GONE) {
		s->cx->err = (struct err){ 0 };
		TRY(send_source_shown(s));
		/* Once more: it may have been shown again just now. */
		rc = send_ask(s, &ask, &reply);
	}
	if (rc != RC_OK && s->cx->err.kind == E_SOURCE_GONE) {
		s->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	TRY(send_take(s, reply.value));
	return send_in_trash(s) ? send_source_shown(s) : RC_OK;
}

static enum rc
send_see(struct sending *s)
{
	return send_see_page(s, s->p->key);
}

static void
send_told_last(const struct sending *s, struct pushed *out)
{
	struct notion_event e;

	if (!notion_event_last(s->cx->a, s->page, s->calendar, s->bot, &e))
		return;
	out->last = e.value;
	out->etag = e.etag;
	out->silent = e.silent;
	out->unseen = e.unseen;
}

static enum rc
send_told(struct sending *s, struct pushed *out)
{
	struct notion_event e;
	bool there;

	*out = (struct pushed){ 0 };
	if (!s->page)
		return RC_OK;
	out->key = json_str(s->page, "id");
	if (send_elsewhere(s))
		return RC_OK;
	there = notion_event(s->cx->a, s->page, s->calendar, s->bot, &e);
	/* Or it has left the calendar. */
	if (send_in_trash(s) || (!there && !e.unread)) {
		send_told_last(s, out);
		return RC_OK;
	}
	if (!there)
		return fail(s->cx, E_UNSUPPORTED, "The page has a date that cannot be read here.");
	out->values = e.value;
	out->etag = e.etag;
	out->edited_at = e.edited_at;
	out->silent = e.silent;
	out->unseen = e.unseen;
	if (s->p->facets && !notion_same_facets(s->cx->a, s->p->facets, e.facets))
		json_set_bool(e.lacking, "facets", true);
	out->unfilled = json_len(e.lacking) > 0 ? e.lacking : NULL;
	return RC_OK;
}

static enum rc
send_possible(struct sending *s, const json *all)
{
	struct event_span span;

	return event_span(s->cx->a, all, &span)
	    ? RC_OK
	    : fail(s->cx, E_UNSUPPORTED, "It has no time that Notion could have.");
}

/* Each try needs a look of its own: what is written over is what was seen just before. */
static enum rc
send_patch(struct sending *s, const json *body)
{
	struct rest_reply reply;
	enum rc rc = send_ask(s,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = arena_printf(s->cx->a, "/v1/pages/%s", json_str(s->page, "id")),
		.body = body,
		.once = true,
		.what = "the page",
	    },
	    &reply);

	if (rc != RC_OK && s->cx->err.kind == E_SOURCE_GONE) {
		const struct err why = s->cx->err;

		TRY(send_source_shown(s));
		s->cx->err = why;
	}
	TRY(rc);
	return send_take(s, reply.value);
}

static enum rc
send_make(struct sending *s, const json *all, struct rest_reply *out)
{
	struct notion_change c = {
		.calendar = s->calendar,
		.shall = all,
		.push = s->p->id,
		.object = s->p->object,
		.uid = s->p->uid,
		.each = notion_each_keeps(s->cx->a, s->src->config, NULL, all),
		.facets = s->p->facets,
		.now = clock_ms() / SECOND_MS,
	};
	json *body = json_new(s->cx->a), *parent = json_new(s->cx->a);

	json_set_str(parent, "type", "data_source_id");
	json_set_str(parent, "data_source_id", s->source);
	json_set(body, "parent", parent);
	json_set(body, "properties", notion_properties(s->cx->a, &c));
	/* The requests before have taken too long, or the process stood still. */
	if (s->p->until && clock_mono_ms() >= s->p->until)
		return fail(s->cx, E_UNAVAILABLE, "Notion was slow: the page is made later.");
	return send_ask_source(s,
	    &(struct notion_ask){
		.method = "POST",
		.path = "/v1/pages",
		.body = body,
		.once = true,
		.what = "the page",
	    },
	    out);
}

/* It was refused: for a property that is not there any more? */
static enum rc
send_again(struct sending *s, const json *all, struct rest_reply *out)
{
	const struct err why = s->cx->err;
	const json *before = s->calendar;
	struct rest_reply reply;

	s->cx->err = (struct err){ 0 };
	TRY(send_ask_source(s,
	    &(struct notion_ask){
		.path = arena_printf(s->cx->a, "/v1/data_sources/%s", s->source),
		.what = "the properties of the database",
	    },
	    &reply));
	TRY(send_fit(s, reply.value));
	if (s->calendar == before) {
		s->cx->err = why;
		return error_row(why.kind)->rc;
	}
	TRY(send_mark(s));
	return send_make(s, all, out);
}

/* What there was before, if it is there again; else there is no page. */
static enum rc
send_see_former(struct sending *s)
{
	s->page = NULL;
	if (!s->p->former)
		return RC_OK;
	TRY(send_see_page(s, s->p->former));
	if (s->page && (send_in_trash(s) || send_elsewhere(s)))
		s->page = NULL;
	return RC_OK;
}

static enum rc
send_new(struct sending *s, const json *all)
{
	struct rest_reply reply;
	enum rc rc;

	TRY(send_mark(s));
	TRY(send_see_former(s));
	if (s->page)
		return fail(s->cx, E_CHANGED, "The page is shown in Notion again.");
	rc = send_make(s, all, &reply);
	if (rc != RC_OK && s->cx->err.kind == E_SOURCE_STATUS)
		rc = send_again(s, all, &reply);
	TRY(rc);
	return send_take(s, reply.value);
}

/* It is there, as it was seen when the change was decided on. */
static enum rc
send_same(struct sending *s, const struct notion_event *e)
{
	const bool gone = !s->page || send_in_trash(s) || send_elsewhere(s);

	if (gone)
		return s->page && s->p->etag
		    ? fail(s->cx, E_CHANGED, "The page is in the trash of Notion, or elsewhere.")
		    : fail(s->cx, E_SOURCE_GONE, "The page is not there any more.");
	if (s->p->etag && (!e->value || strcmp(e->etag, s->p->etag) != 0))
		return fail(s->cx, E_CHANGED, "The page was changed in Notion meanwhile.");
	return RC_OK;
}

/* It was refused: has somebody put it into the trash since we have looked? That is seen by the next
 * look, then. */
static enum rc
send_refused(struct sending *s)
{
	const struct err why = s->cx->err;

	s->cx->err = (struct err){ 0 };
	TRY(send_see(s));
	if (s->page && send_in_trash(s))
		return fail(
		    s->cx, E_CHANGED, "The page was put into the trash of Notion meanwhile.");
	s->cx->err = why;
	return error_row(why.kind)->rc;
}

/* What the page is to say: what it says, with what is sent. In the rest it may be ahead of what
 * both sides agreed on, while a person is asked which of two edits stands. */
static const json *
send_over(struct sending *s, const struct notion_event *e, const json *all)
{
	const json *sent = s->p->values;
	json *shall;

	if (s->p->whole || !e->value)
		return all;
	shall = json_copy(s->cx->a, e->value);
	for (struct json_iter it = { 0 }; json_each(all, &it);)
		if (json_has(sent, it.key) || json_has(e->silent, it.key))
			json_set(shall, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(sent, &it);)
		if (!json_has(all, it.key))
			json_unset(shall, it.key);
	return shall;
}

/* Somebody has taken it out of the calendar between our look and our write, which has changed
 * nothing of the calendar, then: that is seen by the next look. */
static enum rc
send_stayed(struct sending *s)
{
	struct notion_event e;

	if (!send_in_trash(s) && !send_elsewhere(s) &&
	    (notion_date_there(s->page, s->calendar) ||
		notion_event(s->cx->a, s->page, s->calendar, s->bot, &e)))
		return RC_OK;
	return fail(s->cx, E_CHANGED, "The page has left the calendar in Notion meanwhile.");
}

/* It is to be brought back, as it was seen when that was decided on. One that somebody has taken
 * out of the trash says something again; *e is what it says in the trash, or out of the
 * calendar. */
static enum rc
send_still_gone(struct sending *s, struct notion_event *e)
{
	if (!s->page || send_elsewhere(s))
		return fail(s->cx, E_SOURCE_GONE, "The page is not there any more.");
	if (e->value && !send_in_trash(s))
		return fail(s->cx, E_CHANGED, "The page is back in Notion.");
	if (notion_event_last(s->cx->a, s->page, s->calendar, s->bot, e) && s->p->etag &&
	    strcmp(s->p->etag, e->etag) != 0)
		return fail(s->cx, E_CHANGED, "The page was changed in Notion meanwhile.");
	return RC_OK;
}

static enum rc
send_change_alone(struct sending *s, const json *all)
{
	struct notion_event e = { .value = NULL };
	json *body = json_new(s->cx->a), *properties;
	struct notion_change c;
	enum rc rc;
	bool gone;

	TRY(send_see(s));
	if (s->page)
		(void)notion_event(s->cx->a, s->page, s->calendar, s->bot, &e);
	TRY(s->p->whole ? send_still_gone(s, &e) : send_same(s, &e));
	all = send_over(s, &e, all);
	c = (struct notion_change){
		.calendar = s->calendar,
		.shall = all,
		.each = notion_each_keeps(s->cx->a, s->src->config, &e, all),
		.now = clock_ms() / SECOND_MS,
	};
	notion_change_of(&e, &c);
	/* With a series that was in the trash the pages of its occurrences have gone. */
	if (c.each && s->page && send_in_trash(s)) {
		c.each = notion_each_anew(s->cx->a, c.each);
		c.keeps = true;
	}
	if (s->p->facets)
		c.facets = s->p->facets;
	if (notion_needs_mark(s->cx->a, &c))
		TRY(send_mark(s));
	properties = notion_properties(s->cx->a, &c);
	if (send_in_trash(s))
		json_set_bool(body, "in_trash", false);
	if (json_len(properties) > 0)
		json_set(body, "properties", properties);
	if (json_len(body) == 0)
		return RC_OK;
	gone = send_in_trash(s);
	rc = send_patch(s, body);
	if (rc != RC_OK && s->cx->err.kind == E_SOURCE_STATUS && !gone)
		return send_refused(s);
	TRY(rc);
	return send_stayed(s);
}

/* A run may be writing to the page of a series, for its occurrences or for the next of them. */
static enum rc
send_change(struct sending *s, const json *all)
{
	const bool series = json_has(all, "recurrence") || json_has(s->p->was, "recurrence");
	int held = -1;
	enum rc rc;

	if (!series)
		return send_change_alone(s, all);
	TRY(sole_take(s->cx, s->p->key, &held));
	if (held < 0) {
		rc = fail(s->cx, E_UNAVAILABLE, "A run is writing to the page just now.");
		s->cx->err.wait_ms = ALONE_MS;
		return rc;
	}
	rc = send_change_alone(s, all);
	sole_end(held);
	return rc;
}

/* Of a series the pages of its occurrences go after its own, which may be refused, or have been
 * edited: what is left of them then is found by the runs. */
static enum rc
send_gone(struct sending *s, json *parted)
{
	struct notion_event e = { .value = NULL };
	json *body = json_new(s->cx->a);

	TRY(send_see(s));
	if (s->page && send_in_trash(s))
		return RC_OK;
	if (s->page)
		(void)notion_event(s->cx->a, s->page, s->calendar, s->bot, &e);
	TRY(send_same(s, &e));
	json_set_bool(body, "in_trash", true);
	TRY(send_patch(s, body));
	return e.each ? notion_each_clear(s->cx, s->src, s->page, s->calendar, parted) : RC_OK;
}

static enum rc
notion_send(struct ctx *cx, const struct source *src, const struct push *p, struct pushed *out)
{
	struct sending s = { .cx = cx, .src = src, .p = p };
	const json *all = push_all(cx->a, p);
	json *parted;

	TRY(send_open(&s));
	if (p->values) {
		TRY(send_possible(&s, all));
		TRY(p->key ? send_change(&s, all) : send_new(&s, all));
		return send_told(&s, out);
	}
	parted = json_list(cx->a);
	TRY(send_gone(&s, parted));
	*out = (struct pushed){ .key = p->key, .parted = parted };
	return RC_OK;
}

/* Of a page that was made: the one that carries the id. */
static enum rc
look_for(struct sending *s)
{
	const char *mark = json_str(s->calendar, "mark");
	json *body = json_new(s->cx->a), *filter = json_new(s->cx->a), *has = json_new(s->cx->a);
	struct rest_reply reply;

	s->page = NULL;
	if (!mark)
		return RC_OK;
	json_set_str(has, "contains", s->p->id);
	json_set_str(filter, "property", mark);
	json_set(filter, "rich_text", has);
	json_set(body, "filter", filter);
	TRY(send_ask_source(s,
	    &(struct notion_ask){
		.path = arena_printf(s->cx->a, "/v1/data_sources/%s/query", s->source),
		.body = body,
		.what = "the database",
	    },
	    &reply));
	for (size_t i = 0; i < json_len(json_at(reply.value, "results")); i++) {
		json *page = json_nth(json_at(reply.value, "results"), i);
		const char *maker = json_str(json_at(page, "created_by"), "id");

		/* A copy that somebody has made of it has the id, too. */
		if (!s->bot || (maker && !strcmp(maker, s->bot)))
			return send_take(s, page);
	}
	return send_see_former(s);
}

static enum rc
notion_look(struct ctx *cx, const struct source *src, const struct push *p, struct pushed *out)
{
	struct sending s = { .cx = cx, .src = src, .p = p };

	TRY(send_open(&s));
	if (!p->key)
		TRY(send_mark(&s));
	TRY(p->key ? send_see(&s) : look_for(&s));
	return send_told(&s, out);
}

const struct writer writer_notion = {
	.send = notion_send,
	.look = notion_look,
	.unsure_ms = NOTION_LAG_MS,
	.grain_ms = GRAIN_MS,
	.lists_lag = true,
	.shows = true,
};
