/*
 * page_ics.c - events to take along: one, or all, as a file that every calendar reads.
 */
#include "ask/place.h"
#include "base/clock.h"
#include "event/ics.h"
#include "fcgi/auth.h"
#include "store/event.h"

enum { ICS_PAGE = 500, ICS_PAGE_BYTES = 64 * 1024 * 1024, ICS_MS = 5 * MINUTE_MS };

static void
ics_row(struct ics *c, struct arena *brief, const struct event_row *e)
{
	ics_add(c, brief,
	    &(struct ics_event){
		.uid = e->uid,
		.value = json_stored(brief, e->value),
		.changed_at = e->updated_at / SECOND_MS,
	    });
}

static void
ics_head(struct req *r, struct resp *w, const char *name)
{
	w->type = "text/calendar";
	resp_header(w, "Content-Disposition",
	    arena_printf(r->cx->a, "attachment; filename=\"%s.ics\"", name));
}

static struct ics
ics_of(struct req *r, struct resp *w)
{
	return (struct ics){
		.out = w->body,
		.now = clock_ms() / SECOND_MS,
		.a = r->cx->a,
	};
}

enum rc
page_event_ics(struct req *r, struct resp *w)
{
	struct ics c = ics_of(r, w);
	struct event_row e;

	TRY(event_get(r->cx, r->db, r->who.user_id, r->path_param[0], &e));
	ics_begin(&c);
	ics_row(&c, r->cx->a, &e);
	ics_end(&c);
	ics_head(r, w, "event");
	return RC_OK;
}

/*
 * All of them: as many as a user can have are more than a process can hold, so they go out page by
 * page. They are of one moment, which the database holds for them; a reader who is so slow that it
 * would be held for long gets no more.
 */

struct all_events {
	struct ics ics;
	struct arena *page, *event; /* as long as each of them is told */
	struct event_range at;
	int64_t until; /* by the clock that runs evenly */
	bool begun;
};

/* A page of them, behind the last of the one before. */
static enum rc
all_page(struct req *r, struct all_events *all, bool *more)
{
	struct ctx cx = { .a = all->page };
	struct event_list list;
	enum rc rc = event_range(&cx, r->db, &all->at, &list);

	*more = rc == RC_OK && list.more;
	if (rc != RC_OK)
		r->cx->err = cx.err;
	for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
		ics_row(&all->ics, all->event, &list.v[i]);
		arena_reset(all->event);
	}
	if (*more) {
		all->at.after = list.v[list.n - 1].from_at;
		all->at.after_id = arena_dup(r->cx->a, list.v[list.n - 1].id);
	}
	arena_reset(all->page);
	return rc;
}

static enum rc
all_next(struct req *r, struct all_events *all, bool *more)
{
	*more = false;
	if (!all->begun) {
		TRY(db_read_begin(r->cx, r->db));
		ics_begin(&all->ics);
		all->begun = true;
	}
	if (clock_mono_ms() > all->until)
		return fail(r->cx, E_UNAVAILABLE, "The file was not taken in time.");
	TRY(all_page(r, all, more));
	if (!*more)
		ics_end(&all->ics);
	return all->ics.out->over ? fail(r->cx, E_REPLY_LARGE, NULL) : RC_OK;
}

/* The head of the reply has gone out: a failure can only break it off. */
static bool
all_stream(struct req *r, struct resp *w, struct buf *out)
{
	struct all_events *all = w->stream_arg;
	bool more;

	all->ics.out = out;
	w->broken = all_next(r, all, &more) != RC_OK;
	return more && !w->broken;
}

enum rc
page_calendar_ics(struct req *r, struct resp *w)
{
	struct all_events *all = arena_alloc(r->cx->a, sizeof *all);

	TRY(place_take(r->cx, r->who.user_id));
	TRY(event_print(r->cx, r->db, r->who.user_id, &w->state));
	*all = (struct all_events){
		.ics = ics_of(r, w),
		.page = arena_inside(r->cx->a, "ics", ICS_PAGE_BYTES),
		.event = arena_inside(r->cx->a, "ics event", ICS_PAGE_BYTES),
		.at = {
			.owner = r->who.user_id,
			.from = INT64_MIN,
			.until = INT64_MAX,
			.after = INT64_MIN,
			.after_id = "",
			.limit = ICS_PAGE,
		},
		.until = clock_mono_ms() + ICS_MS,
	};
	w->stream = all_stream;
	w->stream_arg = all;
	ics_head(r, w, "calendar");
	return RC_OK;
}
