/*
 * api_calendar.c - lists of events over HTTP: as they are kept, or each of their occurrences.
 */
#include "events/model.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "base/zone_name.h"

enum {
	CHUNK = 500, /* rows read at once */
	SPAN_DAYS = 400,
	OCCURRENCES_MAX = 20000
};

struct asked {
	struct req *r;
	const struct zone *zone; /* of days */
	int64_t from, until;     /* UTC seconds */
	int64_t limit;
};

static enum rc
asked_moment(struct asked *q, const char *name, int64_t *out)
{
	const char *text = req_query(q->r, name);
	struct when w;

	if (!text)
		return RC_OK;
	if (!when_read(str_c(text), q->zone, &w))
		return input_fail_one(q->r, name,
		    "Write a time like 2026-10-05T10:00:00Z, or a day like 2026-10-05.");
	*out = when_utc(&w, q->zone);
	return RC_OK;
}

static enum rc
asked_read(struct req *r, struct asked *q)
{
	const char *name = req_query(r, "timeZone");

	*q = (struct asked){
		.r = r,
		.zone = name ? zone_system(r->cx->a, str_c(name)) : &zone_utc,
		.from = INT64_MIN / SECOND_MS,
		.until = EVENT_NEVER / SECOND_MS,
	};
	if (!q->zone)
		return input_fail_one(
		    r, "timeZone", "There is no such time zone: write it like Europe/Berlin.");
	TRY(asked_moment(q, "from", &q->from));
	TRY(asked_moment(q, "to", &q->until));
	if (q->until <= q->from)
		return input_fail_one(r, "to", "This is later than from.");
	return req_limit(r, &q->limit);
}

/* Cursors: "1790000000000.ID", and of occurrences a place behind that. */
static enum rc
asked_cursor(struct asked *q, int64_t *at, struct str *rest)
{
	struct str text = str_c(req_query(q->r, "cursor")), first;

	*at = INT64_MIN;
	*rest = str_c("");
	if (text.n == 0)
		return RC_OK;
	first = str_cut(text, '.', rest);
	if (rest->p && str_i64(first, INT64_MIN, INT64_MAX, at))
		return RC_OK;
	return input_fail_one(q->r, "cursor", "Give the nextCursor of the page before.");
}

static enum rc
asked_rows(
    struct asked *q, int64_t after, const char *after_id, int64_t limit, struct event_list *out)
{
	return event_range(q->r->cx, q->r->db,
	    &(struct event_range){
		.owner = q->r->who.user_id,
		.from = q->from * SECOND_MS,
		.until = q->until * SECOND_MS,
		.after = after,
		.after_id = after_id,
		.limit = limit,
	    },
	    out);
}

/*
 * As they are kept.
 */
static bool
event_touches(struct asked *q, const struct event_row *e)
{
	struct occurrence *v;

	if (!req_query(q->r, "from") && !req_query(q->r, "to"))
		return true;
	return occur_between(q->r->cx->a, json_stored(q->r->cx->a, e->value), q->zone, q->from,
		   q->until, &v) > 0;
}

static enum rc
list_kept(struct asked *q, struct resp *w)
{
	struct arena *a = q->r->cx->a;
	json *data = json_list(a), *o;
	struct event_list list;
	struct str id;
	int64_t at;

	TRY(asked_cursor(q, &at, &id));
	TRY(asked_rows(q, at, arena_dup_str(a, id), q->limit, &list));
	for (size_t i = 0; i < list.n; i++) {
		if (!event_touches(q, &list.v[i]))
			continue;
		TRY(model_event(q->r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, a,
	    model_page(a, data,
		list.more ? arena_printf(a, "%lld.%s", (long long)list.v[list.n - 1].from_at,
				list.v[list.n - 1].id)
			  : NULL));
	w->etag = true;
	return RC_OK;
}

/*
 * Each occurrence.
 */
struct shown {
	const struct event_row *e;
	struct occurrence o;
	int64_t at;
};

struct shown_list {
	struct shown *v;
	size_t n, cap;
};

static int
shown_compare(const void *x, const void *y)
{
	const struct shown *a = x, *b = y;
	int ids;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	ids = strcmp(a->e->id, b->e->id);
	if (ids)
		return ids;
	return a->o.slot.utc < b->o.slot.utc ? -1 : a->o.slot.utc > b->o.slot.utc;
}

static enum rc
shown_add(struct asked *q, const struct event_row *e, struct shown_list *list)
{
	struct arena *a = q->r->cx->a;
	struct occurrence *v;
	size_t n = occur_between(a, json_stored(a, e->value), q->zone, q->from, q->until, &v);

	if (n > OCCUR_MAX || list->n + n > OCCURRENCES_MAX)
		return input_fail_one(
		    q->r, "to", "There are too many occurrences in this time: ask for less of it.");
	VEC_HOLD(a, list->v, list->cap, list->n + n, OCCURRENCES_MAX);
	for (size_t i = 0; i < n; i++)
		list->v[list->n++] = (struct shown){
			.e = e,
			.o = v[i],
			.at = when_utc(&v[i].start, q->zone),
		};
	return RC_OK;
}

static enum rc
shown_all(struct asked *q, struct shown_list *list)
{
	struct event_list rows = { .more = true };
	int64_t after = INT64_MIN;
	const char *id = "";

	while (rows.more) {
		TRY(asked_rows(q, after, id, CHUNK, &rows));
		for (size_t i = 0; i < rows.n; i++)
			TRY(shown_add(q, &rows.v[i], list));
		if (rows.n > 0) {
			after = rows.v[rows.n - 1].from_at;
			id = rows.v[rows.n - 1].id;
		}
	}
	if (list->n > 1)
		qsort(list->v, list->n, sizeof *list->v, shown_compare);
	return RC_OK;
}

static const char *
shown_cursor(struct arena *a, const struct shown *s)
{
	return arena_printf(a, "%lld.%s.%s", (long long)s->at, s->e->id, when_slot(a, &s->o.slot));
}

/* Where the page goes on: behind the one that the cursor names, or where it would be. */
static size_t
shown_after(struct arena *a, const struct shown_list *list, int64_t at, struct str rest)
{
	struct str slot, id = str_cut(rest, '.', &slot);
	size_t i = 0;

	for (; i < list->n; i++) {
		const struct shown *s = &list->v[i];
		int ids = strcmp(s->e->id, arena_dup_str(a, id));

		if (s->at > at || (s->at == at && ids > 0))
			break;
		if (s->at == at && ids == 0 &&
		    strcmp(when_slot(a, &s->o.slot), arena_dup_str(a, slot)) > 0)
			break;
	}
	return i;
}

static enum rc
list_occurrences(struct asked *q, struct resp *w)
{
	struct arena *a = q->r->cx->a;
	struct shown_list list = { 0 };
	const struct shown *last = NULL;
	json *data = json_list(a);
	struct str rest;
	int64_t at;
	size_t i, end;

	if (!req_query(q->r, "from") || !req_query(q->r, "to"))
		return input_fail_one(
		    q->r, "expand", "Occurrences are listed of a time: say from and to.");
	if (q->until - q->from > SPAN_DAYS * (DAY_MS / SECOND_MS))
		return input_fail_one(q->r, "to",
		    arena_printf(a, "Occurrences are listed of at most %d days.", SPAN_DAYS));
	TRY(asked_cursor(q, &at, &rest));
	TRY(shown_all(q, &list));
	i = at == INT64_MIN ? 0 : shown_after(a, &list, at, rest);
	end = list.n - i > (size_t)q->limit ? i + (size_t)q->limit : list.n;
	for (size_t k = i; list.v && k < end; k++) {
		last = &list.v[k];
		json_add(data, model_occurrence(a, last->e, &last->o));
	}
	resp_json(
	    w, 200, a, model_page(a, data, end < list.n && last ? shown_cursor(a, last) : NULL));
	w->etag = true;
	return RC_OK;
}

enum rc
api_events(struct req *r, struct resp *w)
{
	const char *expand = req_query(r, "expand");
	struct asked q;

	if (req_query(r, "id"))
		return api_event_get(r, w);
	TRY(asked_read(r, &q));
	return expand && (!strcmp(expand, "1") || !strcmp(expand, "true")) ? list_occurrences(&q, w)
									   : list_kept(&q, w);
}
