/*
 * gcal_fixture.h - Google Calendar read by the pure half of its reader from a world of the
 * stand-in in this process: twins and rows, written down.
 *
 *	twin ID uid=... fixed="..." {its value}		gone ID		unread ID
 */
#ifndef TESTS_UNIT_GCAL_FIXTURE_H
#define TESTS_UNIT_GCAL_FIXTURE_H

#include "unit/fake_fixture.h"
#include "unit/provider_fixture.h"

#include "provider/google/gcal.h"

#define EVENTS "/calendar/v3/calendars/primary/events"

struct twin_notes {
	struct twin_sink sink;
	struct buf *text;
	struct twin last; /* in cx.a; of one that is gone the mark */
	int n, gone;
};

static inline enum rc
notes_twin(struct ctx *c, struct twin_sink *s, const struct twin *t)
{
	struct twin_notes *n = (struct twin_notes *)s;

	(void)c;
	if (t->unread) {
		buf_printf(n->text, "unread %s\n", t->key);
		return RC_OK;
	}
	if (!t->values) {
		n->gone++;
		n->last = (struct twin){ .mark = arena_dup(cx.a, t->mark) };
		buf_printf(n->text, "gone %s\n", t->key);
		return RC_OK;
	}
	n->n++;
	n->last = (struct twin){
		.key = arena_dup(cx.a, t->key),
		.mark = arena_dup(cx.a, t->mark),
		.object = arena_dup(cx.a, t->object),
		.uid = arena_dup(cx.a, t->uid),
		.etag = arena_dup(cx.a, t->etag),
		.values = json_stored(cx.a, json_text(cx.a, t->values)),
		.edited_at = t->edited_at,
		.fixed = arena_dup(cx.a, t->fixed),
		.outside = t->outside,
	};
	buf_printf(n->text, "twin %s%s%s %s\n", t->key, t->fixed ? " fixed" : "",
	    t->outside ? " outside" : "", json_text(cx.a, t->values));
	return RC_OK;
}

static const char *gcal_config = "{\"calendar\":\"primary\"}";

struct answered {
	struct source src;
	struct twin_notes notes;
	struct fixture_page pages[20];
	struct page_in in[20];
	size_t n;
};

/* answers: lists of events as Google gave them, to a NULL. */
static inline struct answered *
answered(bool delta, const char *const *answers)
{
	struct answered *w = arena_alloc(cx.a, sizeof *w);

	w->src.config = json_stored(cx.a, gcal_config);
	w->notes = (struct twin_notes){
		.sink.twin = notes_twin,
		.text = buf_in(cx.a, 4 << 20),
	};
	for (; answers[w->n]; w->n++) {
		w->pages[w->n] = (struct fixture_page){
			.bytes = str_c(arena_printf(cx.a, "{\"delta\":%s,\"answer\":%s}",
			    delta ? "true" : "false", answers[w->n])),
			.step = 1000,
		};
		w->in[w->n] = (struct page_in){
			.read = fixture_read,
			.restart = fixture_restart,
			.arg = &w->pages[w->n],
		};
	}
	return w;
}

static inline struct twin_notes
twins_of(bool delta, const char *const *answers)
{
	struct answered *w = answered(delta, answers);

	assert_ok(reader_gcal.twins(&cx, &w->src, w->in, w->n, &w->notes.sink));
	return w->notes;
}

/* The body of a list that the stand-in gives. */
static inline const char *
listed(const char *query)
{
	if (ask("GET", arena_printf(cx.a, EVENTS "%s", query), NULL) != 200)
		flunk("%s: %s", query, buf_c(rep.body));
	return arena_dup(cx.a, buf_c(rep.body));
}

static inline struct twin_notes
twins_listed(void)
{
	const char *const answers[] = { listed(""), NULL };

	return twins_of(false, answers);
}

static inline const char *
rows_of(bool delta, const char *answer)
{
	struct fixture_page page = {
		.bytes = str_c(arena_printf(
		    cx.a, "{\"delta\":%s,\"answer\":%s}", delta ? "true" : "false", answer)),
		.step = 7,
	};
	struct fixture *f = fixture_new(cx.a);

	assert_ok(fixture_parse(&cx, &reader_gcal, gcal_config, &page, 1, f));
	return buf_c(f->text);
}

/* What it is at Google when it has been put there as it is sent, under this id. */
static inline void
put_there(const char *id, const json *value)
{
	const struct gcal_home berlin = { .zone = "Europe/Berlin" };
	const char *why;
	json *body = gcal_body(cx.a, value, &berlin, &why);

	if (!body)
		flunk("%s", why);
	json_set_str(body, "id", id);
	if (ask("POST", EVENTS, json_text(cx.a, body)) != 200)
		flunk("%s: %s", json_text(cx.a, body), buf_c(rep.body));
}

#endif
