/*
 * api_calendar.c - lists of events over HTTP: as they are kept, or each of their occurrences.
 */
#include "ask/place.h"
#include "base/clock.h"
#include "base/zone_name.h"
#include "events/coming.h"
#include "events/model.h"

struct asked {
	struct req *r;
	struct coming_time t;
	int64_t limit;
};

static enum rc
asked_moment(struct asked *q, const char *name, int64_t *out)
{
	const char *text = req_query(q->r, name);
	struct when w;

	if (!text)
		return RC_OK;
	if (!when_read(str_c(text), q->t.zone, &w))
		return input_fail_one(q->r, name,
		    "Write a time like 2026-10-05T10:00:00Z, or a day like 2026-10-05.");
	*out = when_utc(&w, q->t.zone);
	return RC_OK;
}

static enum rc
asked_read(struct req *r, struct asked *q)
{
	const char *name = req_query(r, "timeZone");

	*q = (struct asked){
		.r = r,
		.t = {
			.zone = name ? zone_system(r->cx->a, str_c(name)) : &zone_utc,
			.from = INT64_MIN / SECOND_MS,
			.until = EVENT_NEVER / SECOND_MS,
		},
	};
	if (!q->t.zone)
		return input_fail_one(
		    r, "timeZone", "There is no such time zone: write it like Europe/Berlin.");
	TRY(asked_moment(q, "from", &q->t.from));
	TRY(asked_moment(q, "to", &q->t.until));
	if (q->t.until <= q->t.from)
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

/*
 * As they are kept.
 */
static enum rc
event_touches(struct asked *q, const struct event_row *e, bool *touches)
{
	struct occurrence *v;
	size_t n;

	*touches = true;
	if (!req_query(q->r, "from") && !req_query(q->r, "to"))
		return RC_OK;
	n = occur_between(
	    q->r->cx->a, json_stored(q->r->cx->a, e->value), q->t.zone, q->t.from, q->t.until, &v);
	*touches = n > 0;
	return place_work(q->r->cx, q->r->who.user_id, (int64_t)n);
}

static enum rc
list_kept(struct asked *q, struct resp *w)
{
	struct arena *a = q->r->cx->a;
	json *data = json_list(a), *o;
	struct event_list list;
	struct str id;
	int64_t at, used = 0;
	bool touches;
	size_t i = 0;

	TRY(asked_cursor(q, &at, &id));
	TRY(coming_rows(q->r, &q->t, at, arena_dup_str(a, id), q->limit, &list));
	for (; i < list.n && model_room(&used, strlen(list.v[i].value)); i++) {
		TRY(event_touches(q, &list.v[i], &touches));
		if (!touches)
			continue;
		TRY(model_event(q->r, &list.v[i], &o));
		json_add(data, o);
	}
	resp_json(w, 200, a,
	    model_page(a, data,
		list.more || i < list.n
		    ? arena_printf(a, "%lld.%s", (long long)list.v[i - 1].from_at, list.v[i - 1].id)
		    : NULL));
	return RC_OK;
}

/*
 * Each occurrence.
 */
static const char *
coming_cursor(struct arena *a, const struct coming *s)
{
	return arena_printf(a, "%lld.%s.%s", (long long)s->at, s->e->id, when_slot(a, &s->o.slot));
}

/* Where the page goes on: behind the one that the cursor names, or where it would be. */
static size_t
coming_after(struct arena *a, const struct coming_list *list, int64_t at, struct str rest)
{
	struct str slot, id = str_cut(rest, '.', &slot);
	size_t i = 0;

	for (; i < list->n; i++) {
		const struct coming *s = &list->v[i];
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
	struct coming_list list;
	const struct coming *last = NULL;
	json *data = json_list(a);
	struct str rest;
	int64_t at, used = 0;
	size_t i, end;

	if (!req_query(q->r, "from") || !req_query(q->r, "to"))
		return input_fail_one(
		    q->r, "expand", "Occurrences are listed of a time: say from and to.");
	if (q->t.until - q->t.from > COMING_DAYS * (DAY_MS / SECOND_MS))
		return input_fail_one(q->r, "to",
		    arena_printf(a, "Occurrences are listed of at most %d days.", COMING_DAYS));
	TRY(asked_cursor(q, &at, &rest));
	TRY(coming_find(q->r, &q->t, &list));
	i = at == INT64_MIN ? 0 : coming_after(a, &list, at, rest);
	end = list.n - i > (size_t)q->limit ? i + (size_t)q->limit : list.n;
	for (; list.v && i < end && model_room(&used, strlen(list.v[i].e->value)); i++) {
		last = &list.v[i];
		json_add(data, model_occurrence(a, last->e, &last->o));
	}
	resp_json(
	    w, 200, a, model_page(a, data, i < list.n && last ? coming_cursor(a, last) : NULL));
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
