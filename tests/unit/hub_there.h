/*
 * hub_there.h - the service of hub_fixture.h: two calendars in memory that child processes share,
 * so that one of ours can be killed. It takes ids from the client, knows etags and a delta that
 * ends in a cursor. This file defines provider_find() and kind_find().
 */
#ifndef HUB_THERE_H
#define HUB_THERE_H

#include "unit/db_fixture.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "event/occur.h"
#include "kind/ways.h"
#include "provider/provider.h"
#include "store/object.h"

enum { CALS = 2, THINGS = 60, PAGE = 3 };

struct thing {
	char key[48], mark[40], object[40], uid[80], fixed[60], values[1200];
	char silent[80]; /* what it does not say any more */
	char unseen[80]; /* what was written over there by who had not seen it */
	char beside[80]; /* what it says beside the event; "": nothing */
	char shown[80];  /* what it shows of what others say beside */
	int64_t etag, edited_at;
	bool gone;
	bool hidden; /* it is not shown to us */
};

static struct cal {
	struct thing v[THINGS];
	int n;
	int64_t seq, oldest;      /* cursors before `oldest` are refused */
	int writes, lists, fulls; /* writes: that came from us */
	int looks, earlies;
	bool gives_rooms;           /* of its own, to all that is written to it */
	bool drifts;                /* makes another title of each that is written to it */
	bool drifts_later;          /* the same, each its own, and the answer does not say so */
	bool shows_none;            /* 200, and nothing in it */
	enum error_kind send_fails; /* instead of doing it */
	enum error_kind send_hides; /* after doing it */
	int64_t wait_ms;
	bool read_only; /* it says that nothing can be written to it */
	bool forgets;   /* what is deleted is not known any more */
	bool recalls;   /* of what is deleted it tells what it says */
} * cals;

static struct cal *
cal_of(const struct source *src)
{
	return &cals[json_str(src->config, "calendar")[0] - 'a'];
}

static struct thing *
thing_at(struct cal *c, const char *key)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].key, key) && !c->v[i].hidden)
			return &c->v[i];
	return NULL;
}

/* What there was in its place before, if that is there. */
static struct thing *
thing_former(struct cal *c, const struct push *p)
{
	struct thing *t = !p->key && p->former ? thing_at(c, p->former) : NULL;

	return t && !t->gone ? t : NULL;
}

static void
thing_touch(struct cal *c, struct thing *t)
{
	t->etag = ++c->seq;
	t->edited_at = clock_ms();
}

static const char *
thing_etag(const struct thing *t)
{
	return arena_printf(cx.a, "\"%lld\"", (long long)t->etag);
}

/* --- reading --- */

/* Of what is gone none is told where nothing can be sent on that condition. */
static const char *
told_etag(struct arena *a, bool recalls, const struct thing *t)
{
	return t->gone && recalls ? NULL : arena_printf(a, "\"%lld\"", (long long)t->etag);
}

static json *
thing_json(struct arena *a, bool recalls, const struct thing *t)
{
	json *o = json_new(a);

	json_set_str(o, "key", t->key);
	json_set_str(o, "mark", *t->mark ? t->mark : NULL);
	json_set_str(o, "object", *t->object ? t->object : NULL);
	json_set_str(o, "uid", *t->uid ? t->uid : NULL);
	json_set_str(o, "fixed", *t->fixed ? t->fixed : NULL);
	json_set_str(o, "etag", told_etag(a, recalls, t));
	json_set(o, "unseen", *t->unseen ? json_stored(a, t->unseen) : json_new(a));
	if (*t->beside)
		json_set(o, "facets", json_stored(a, t->beside));
	json_set_i64(o, "editedAt", t->edited_at);
	if (!t->gone && !t->hidden)
		json_set(o, "values", json_stored(a, t->values));
	return o;
}

static enum rc
cal_fetch(struct ctx *c, const struct source *src, struct fetch *f)
{
	struct cal *cal = cal_of(src);
	const int64_t since = json_num(src->cursor, "at", -1);
	json *page = json_list(c->a);
	long long end = cal->seq;
	int i = 0;

	cal->lists++;
	cal->fulls += f->page == 0 && since < 0;
	f->calls = 1;
	f->delta = since >= 0;
	if (f->delta && since < cal->oldest)
		return fail(c, E_CURSOR, "410");
	if (f->next)
		sscanf(f->next, "%d %lld", &i, &end);
	for (; i < cal->n && json_len(page) < PAGE && !cal->shows_none; i++)
		if (f->delta ? cal->v[i].etag > since : !cal->v[i].gone && !cal->v[i].hidden)
			json_add(page, thing_json(c->a, cal->recalls, &cal->v[i]));
	TRY(f->tick(c, f->arg, 0, 1));
	TRY(f->started(c, f->arg, NULL));
	if (f->offset)
		TRY(f->rewind(c, f->arg));
	TRY(f->write(c, f->arg, json_text(c->a, page), strlen(json_text(c->a, page))));
	f->content_type = "application/json";
	if (i < cal->n && !cal->shows_none) {
		f->next_page = arena_printf(c->a, "%d %lld", i, end);
		return RC_OK;
	}
	f->cursor = json_new(c->a);
	json_set_i64(f->cursor, "at", end);
	json_set_bool(f->cursor, "readOnly", cal_of(src)->read_only);
	return RC_OK;
}

static enum rc
cal_page(struct ctx *c, struct page_in *page, json **out)
{
	struct buf *b = buf_in(c->a, 1 << 20);
	char chunk[4096];
	size_t got;

	do {
		TRY(page->read(c, page->arg, chunk, sizeof chunk, &got));
		buf_add(b, chunk, got);
	} while (got);
	return json_parse(c, "The page", buf_s(b), out);
}

static enum rc
cal_parse(
    struct ctx *c, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	size_t column;
	json *page;

	TRY(sink->dataset(c, sink, "", json_str(src->config, "calendar")));
	TRY(sink->column(c, sink, str_c("title"), &column));
	for (size_t p = 0; p < n; p++) {
		TRY(cal_page(c, &pages[p], &page));
		for (size_t i = 0; i < json_len(page); i++) {
			const json *t = json_nth(page, i);
			struct cell cell = { CELL_TEXT, json_s(json_at(t, "values"), "title") };
			struct row row = { .cells = &cell, .n = 1, .key = json_s(t, "key") };

			TRY(json_at(t, "values") ? sink->row(c, sink, &row)
						 : sink->gone(c, sink, json_s(t, "key"), NULL));
		}
	}
	return RC_OK;
}

static bool
cal_outside(struct arena *a, const struct source *src, const json *values)
{
	const struct ways ways = ways_of(src->config);
	int64_t from, until;

	if (!values)
		return false;
	occur_bounds(a, values, &from, &until);
	return !ways_touch(&ways, from * SECOND_MS, until * SECOND_MS);
}

static enum rc
cal_twins(struct ctx *c, const struct source *src, struct page_in *pages, size_t n,
    struct twin_sink *sink)
{
	json *page;

	for (size_t p = 0; p < n; p++) {
		TRY(cal_page(c, &pages[p], &page));
		for (size_t i = 0; i < json_len(page); i++) {
			const json *t = json_nth(page, i);

			TRY(sink->twin(c, sink,
			    &(struct twin){
				.key = json_str(t, "key"),
				.mark = json_str(t, "mark"),
				.object = json_str(t, "object"),
				.uid = json_str(t, "uid"),
				.etag = json_str(t, "etag"),
				.fixed = json_str(t, "fixed"),
				.values = json_at(t, "values"),
				.unseen = json_at(t, "unseen"),
				.facets = json_at(t, "facets"),
				.edited_at = json_num(t, "editedAt", 0),
				.outside = cal_outside(c->a, src, json_at(t, "values")),
			    }));
		}
	}
	return RC_OK;
}

/* --- writing --- */

static void
cal_answer(struct ctx *c, const struct cal *cal, const struct thing *t, struct pushed *out)
{
	*out = (struct pushed){
		.key = arena_dup(c->a, t->key),
		.etag = told_etag(c->a, cal->recalls, t),
		.values = t->gone ? NULL : json_stored(c->a, t->values),
		.unseen = *t->unseen ? json_stored(c->a, t->unseen) : NULL,
		.silent = *t->silent ? json_stored(c->a, t->silent) : NULL,
		.edited_at = t->edited_at,
		.fixed = *t->fixed ? arena_dup(c->a, t->fixed) : NULL,
	};
}

static enum rc
cal_look(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	struct cal *cal = cal_of(src);
	const struct thing *t = thing_at(cal, p->key ? p->key : p->id);

	cal->looks++;
	*out = (struct pushed){ 0 };
	t = t ? t : thing_former(cal, p);
	if (t && !(t->gone && cal->forgets))
		cal_answer(c, cal, t, out);
	if (t && p->facets && strcmp(t->shown, json_text(c->a, p->facets)) != 0) {
		out->unfilled = json_new(c->a);
		json_set_bool((json *)out->unfilled, "attendees", true);
	}
	if (t && t->gone && cal->recalls) {
		out->last = json_stored(c->a, t->values);
		out->etag = arena_printf(c->a, "\"%lld\"", (long long)t->etag);
	}
	return RC_OK;
}

static void
thing_drifts(struct cal *cal, struct thing *t)
{
	json *values = json_stored(cx.a, t->values);

	json_set_str(values, "title",
	    arena_printf(cx.a, "%s%c", json_str(values, "title"), cal == cals ? '.' : ','));
	snprintf(t->values, sizeof t->values, "%s", json_text(cx.a, values));
	thing_touch(cal, t);
}

static void
cal_merge(struct ctx *c, const struct cal *cal, struct thing *t, const struct push *p)
{
	json *values = p->whole ? json_new(c->a) : json_stored(c->a, t->values);

	for (struct json_iter it = { 0 }; json_each(p->values, &it);)
		if (json_is_null(it.value))
			json_unset(values, it.key);
		else
			json_set(values, it.key, it.value);
	if (cal->gives_rooms)
		json_set_str(values, "location", "Room 5");
	if (cal->drifts)
		json_set_str(values, "title", arena_printf(c->a, "%s.", json_str(values, "title")));
	snprintf(t->values, sizeof t->values, "%s", json_text(c->a, values));
	if (p->facets)
		snprintf(t->shown, sizeof t->shown, "%s", json_text(c->a, p->facets));
}

static enum rc
cal_make(struct ctx *c, struct cal *cal, const struct push *p, struct thing **out)
{
	struct thing *t = thing_at(cal, p->id);

	if (t || cal->n == THINGS || thing_former(cal, p))
		return fail(c, E_CHANGED, "409");
	t = *out = &cal->v[cal->n++];
	*t = (struct thing){ .values = "{}" };
	snprintf(t->key, sizeof t->key, "%s", p->id);
	snprintf(t->mark, sizeof t->mark, "%s", p->id);
	snprintf(t->object, sizeof t->object, "%s", p->object ? p->object : "");
	snprintf(t->uid, sizeof t->uid, "%s@service", p->id);
	return RC_OK;
}

static enum rc
cal_send(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	struct cal *cal = cal_of(src);
	struct thing *t = p->key ? thing_at(cal, p->key) : NULL;

	if (cal->send_fails) {
		enum rc rc = fail(c, cal->send_fails, "as the test wants it");

		c->err.wait_ms = cal->wait_ms;
		return rc;
	}
	if (p->key && (!t || (t->gone && (cal->forgets || !p->whole))))
		return fail(c, E_SOURCE_GONE, "404");
	if (t && p->etag && strcmp(p->etag, thing_etag(t)))
		return fail(c, E_CHANGED, "412");
	if (!t)
		TRY(cal_make(c, cal, p, &t));
	t->gone = !p->values;
	if (p->values)
		cal_merge(c, cal, t, p);
	thing_touch(cal, t);
	cal->writes++;
	if (cal->send_hides)
		return fail(c, cal->send_hides, "as the test wants it");
	cal_answer(c, cal, t, out);
	if (cal->drifts_later && p->values)
		thing_drifts(cal, t);
	return RC_OK;
}

static const struct field cal_fields[] = { { .name = NULL } };
static bool
cal_read_only(const json *cursor)
{
	return json_flag(cursor, "readOnly", false);
}

static const struct kind kind_cal = {
	.read_only = cal_read_only,
	.id = "cal",
	.title = "Calendar",
	.blurb = "For tests.",
	.caps = KIND_PULL | KIND_PUSH | KIND_OWN_KEYS,
	.fields = cal_fields,
	.object = OBJECT_EVENT,
};
/* It tells nothing before the end. */
static enum rc
cal_early(struct ctx *c, const struct source *src, struct page_in *page, struct twin_sink *sink)
{
	(void)c;
	(void)page;
	(void)sink;
	cal_of(src)->earlies++;
	return RC_OK;
}
static const struct reader reader_cal = {
	.fetch = cal_fetch,
	.parse = cal_parse,
	.twins = cal_twins,
	.early = cal_early,
};
static struct writer writer_cal = { .send = cal_send, .look = cal_look };
static const struct watcher watcher_cal; /* it cannot call back */
static const struct provider provider_cal = {
	.kind = &kind_cal,
	.reader = &reader_cal,
	.writer = &writer_cal,
	.watcher = &watcher_cal,
};

const struct provider *
provider_find(const char *id)
{
	return strcmp(id, "cal") ? NULL : &provider_cal;
}

const struct kind *
kind_find(const char *id)
{
	return strcmp(id, "cal") ? NULL : &kind_cal;
}

/* --- somebody there --- */

static inline struct thing *
made_there(int cal, const char *key, const char *title, const char *day)
{
	struct cal *c = &cals[cal];
	struct thing *t = &c->v[c->n++];

	*t = (struct thing){ 0 };
	snprintf(t->key, sizeof t->key, "%s", key);
	snprintf(t->uid, sizeof t->uid, "%s@there", key);
	snprintf(t->values, sizeof t->values,
	    "{\"title\":\"%s\",\"startDateTime\":\"%sT10:00:00Z\",\"endDateTime\":\"%sT11:00:00Z\","
	    "\"allDay\":false,\"status\":\"confirmed\",\"busy\":true}",
	    title, day, day);
	thing_touch(c, t);
	return t;
}

/* text NULL: it says nothing of it any more. */
static inline void
edited_there(int cal, struct thing *t, const char *member, const char *text)
{
	json *values = json_stored(cx.a, t->values);

	json_set_str(values, member, text);
	if (!text)
		json_unset(values, member);
	snprintf(t->values, sizeof t->values, "%s", json_text(cx.a, values));
	thing_touch(&cals[cal], t);
}

/* {word: text}. */
static inline void
said_beside(int cal, struct thing *t, const char *text)
{
	snprintf(t->beside, sizeof t->beside, "%s", text);
	thing_touch(&cals[cal], t);
}

static inline void
deleted_there(int cal, struct thing *t)
{
	t->gone = true;
	thing_touch(&cals[cal], t);
}

static inline void
shown_there(int cal, struct thing *t, bool shown)
{
	t->hidden = !shown;
	thing_touch(&cals[cal], t);
}

static inline const char *
title_there(const struct thing *t)
{
	return t->gone ? "-" : json_str(json_stored(cx.a, t->values), "title");
}

static inline struct thing *
twin_there(int cal, const char *id)
{
	for (int i = 0; i < cals[cal].n; i++)
		if (!strcmp(cals[cal].v[i].object, id))
			return &cals[cal].v[i];
	flunk("%s has no twin in calendar %d", id, cal);
	return NULL;
}

static inline int
live_there(int cal)
{
	int n = 0;

	for (int i = 0; i < cals[cal].n; i++)
		n += !cals[cal].v[i].gone;
	return n;
}

#endif
