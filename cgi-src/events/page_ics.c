/*
 * page_ics.c - events to take along: one, or all, as a file that every calendar reads.
 */
#include "base/clock.h"
#include "event/ics.h"
#include "fcgi/auth.h"
#include "store/event.h"

enum { ICS_PAGE = 500, ICS_PAGE_BYTES = 64 * 1024 * 1024 };

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

static enum rc
ics_reply(struct req *r, struct resp *w, struct ics *c, const char *name)
{
	ics_end(c);
	if (c->out->over)
		return fail(r->cx, E_TOO_LARGE, "There is more than fits into one file.");
	w->type = "text/calendar";
	resp_header(w, "Content-Disposition",
	    arena_printf(r->cx->a, "attachment; filename=\"%s.ics\"", name));
	return RC_OK;
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
	return ics_reply(r, w, &c, "event");
}

/* A page of all, behind the last of the one before. */
static enum rc
ics_page(struct req *r, struct ics *c, struct arena *page, struct event_range *at, bool *more)
{
	struct ctx cx = { .a = page };
	struct event_list list;
	enum rc rc = event_range(&cx, r->db, at, &list);

	*more = rc == RC_OK && list.more;
	if (rc != RC_OK)
		r->cx->err = cx.err;
	for (size_t i = 0; rc == RC_OK && i < list.n; i++)
		ics_row(c, page, &list.v[i]);
	if (*more) {
		at->after = list.v[list.n - 1].from_at;
		at->after_id = arena_dup(r->cx->a, list.v[list.n - 1].id);
	}
	arena_reset(page);
	return rc;
}

enum rc
page_calendar_ics(struct req *r, struct resp *w)
{
	struct arena *page = arena_inside(r->cx->a, "ics", ICS_PAGE_BYTES);
	struct ics c = ics_of(r, w);
	struct event_range at = {
		.owner = r->who.user_id,
		.from = INT64_MIN,
		.until = INT64_MAX,
		.after = INT64_MIN,
		.after_id = "",
		.limit = ICS_PAGE,
	};
	bool more = true;

	/* All of them are of one moment. */
	TRY(db_read_begin(r->cx, r->db));
	ics_begin(&c);
	while (more)
		TRY(ics_page(r, &c, page, &at, &more));
	db_read_end(r->db);
	return ics_reply(r, w, &c, "calendar");
}
