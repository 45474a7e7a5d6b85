/*
 * calendar_list.c - events read: one, all, what has changed, the instances of a series.
 */
#include "fake/google/calendar_listing.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pct.h"
#include "fake/google/channel.h"

enum {
	SLOTS_MAX = 4000,
	HORIZON_DAYS = 730 /* of series without an end, from now */
};

/*
 * What is asked for.
 */
static bool
list_in_window(const struct listing *l, const struct event *e)
{
	struct event_time start, end;
	const char *why;

	if (l->from == 0 && l->to == INT64_MAX)
		return true;
	if (!event_time_read(l->c->a, json_at(e->content, "start"), l->cal->zone, &start, &why) ||
	    !event_time_read(l->c->a, json_at(e->content, "end"), l->cal->zone, &end, &why))
		return true;
	if (start.date) {
		start.utc = zone_to_utc(l->cal->zone, start.local);
		end.utc = zone_to_utc(l->cal->zone, end.local);
	}
	return end.utc > l->from && start.utc < l->to;
}

/* A series is in it when one of its events is. */
static bool
list_series_in_window(const struct listing *l, const struct event *e)
{
	struct slot *v;
	size_t n;

	if ((l->from == 0 && l->to == INT64_MAX) || list_in_window(l, e))
		return true;
	v = arena_array(l->c->a, SLOTS_MAX, sizeof *v);
	n = event_slots(l->c->a, e,
	    l->to == INT64_MAX ? fake_now(l->c->f) / SECOND_MS + HORIZON_DAYS * INT64_C(86400)
			       : l->to,
	    v, SLOTS_MAX);
	for (size_t i = n; i > 0; i--)
		if (list_in_window(l, series_instance(l->c->a, e, &v[i - 1])))
			return true;
	return false;
}

/* Each value asked for of one of the repeated parameters must be there. */
static bool
list_has_property(
    const struct listing *l, const struct event *e, const char *param, const char *half)
{
	const struct params *q = &l->c->query;
	const json *have = json_at(json_at(e->content, "extendedProperties"), half);

	for (size_t i = 0; i < q->n; i++) {
		struct str value, name;
		const char *is;

		if (strcmp(q->v[i].name, param) != 0)
			continue;
		name = str_cut(str_c(q->v[i].value), '=', &value);
		is = json_str(have, arena_dup_str(l->c->a, name));
		if (!is || !value.p || !str_is(value, is))
			return false;
	}
	return true;
}

static bool
list_has_type(const struct listing *l, const struct event *e)
{
	const struct params *q = &l->c->query;
	const char *type = json_str(e->content, "eventType");
	bool asked = false;

	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->v[i].name, "eventTypes") == 0) {
			asked = true;
			if (strcmp(q->v[i].value, type ? type : "default") == 0)
				return true;
		}
	return !asked;
}

static bool
list_has_words(const struct listing *l, const struct event *e)
{
	static const char *const names[] = { "summary", "description", "location" };
	const char *q = query_of(l->c, "q");

	for (size_t i = 0; q && i < sizeof names / sizeof *names; i++) {
		const char *text = json_str(e->content, names[i]);

		if (text && strcasestr(text, q))
			return true;
	}
	return !q;
}

static bool
list_wants(const struct listing *l, const struct event *e)
{
	const char *uid = query_of(l->c, "iCalUID");

	if (e->purged || e->version <= l->since)
		return false;
	if (e->gone && !l->deleted && !(l->updated_min > 0) && !(e->series && !l->single))
		return false;
	if (l->updated_min > 0 && e->updated < l->updated_min)
		return false;
	if (uid && strcmp(uid, e->uid) != 0)
		return false;
	return list_has_type(l, e) && list_has_words(l, e) &&
	    list_has_property(l, e, "privateExtendedProperty", "private") &&
	    list_has_property(l, e, "sharedExtendedProperty", "shared");
}

static int64_t
list_start(const struct listing *l, const struct event *e)
{
	struct event_time t;
	const char *why;

	return event_time_read(l->c->a, json_at(e->content, "start"), l->cal->zone, &t, &why)
	    ? t.utc
	    : 0;
}

static int64_t
list_key(const struct listing *l, const struct event *e)
{
	if (!l->order)
		return (int64_t)l->n;
	return strcmp(l->order, "updated") == 0 ? e->updated : list_start(l, e);
}

static void
list_add(struct listing *l, struct event *e)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		struct calendar_row *v = arena_array(l->c->a, cap, sizeof *v);

		if (l->n > 0)
			memcpy(v, l->v, l->n * sizeof *v);
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n] = (struct calendar_row){ e, list_key(l, e) };
	l->n++;
}

/* Places in other orders may shift; numbers of events do not. */
static bool
list_by_serial(const struct listing *l)
{
	return !l->single && !l->order;
}

/* The instances of a series that are as the series has them; the others are events themselves. */
static void
list_add_instances(struct listing *l, struct event *e)
{
	const int64_t horizon = fake_now(l->c->f) / SECOND_MS + HORIZON_DAYS * INT64_C(86400);
	struct slot *v = arena_array(l->c->a, SLOTS_MAX, sizeof *v);
	size_t n = event_slots(l->c->a, e, l->to == INT64_MAX ? horizon : l->to, v, SLOTS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct event *x = series_instance(l->c->a, e, &v[i]);
		struct event *own = event_by(e->calendar, x->id);

		if ((!own || own->purged) && list_in_window(l, x))
			list_add(l, x);
	}
}

static void
list_collect(struct listing *l, struct event *e)
{
	if (!list_wants(l, e))
		return;
	if (l->single && event_is_series(e) && !e->gone)
		list_add_instances(l, e);
	else if (e->gone ||
	    (event_is_series(e) ? list_series_in_window(l, e) : list_in_window(l, e)))
		list_add(l, e);
}

static int
list_compare(const void *x, const void *y)
{
	const struct calendar_row *a = x, *b = y;

	return a->key < b->key ? -1 : a->key > b->key;
}

/*
 * The answer.
 */
static void
list_head(const struct listing *l, json *top)
{
	struct arena *a = l->c->a;
	json *reminders = json_list(a), *one = json_new(a);

	json_set_str(one, "method", "popup");
	json_set_i64(one, "minutes", 10);
	json_add(reminders, one);
	json_set_str(top, "kind", "calendar#events");
	json_set_str(top, "etag", arena_printf(a, "\"p%lld\"", (long long)l->at));
	json_set_str(top, "summary", l->cal->summary);
	if (l->cal->description)
		json_set_str(top, "description", l->cal->description);
	json_set_stamp(a, top, "updated", l->at);
	json_set_str(top, "timeZone", l->cal->zone_name);
	json_set_str(top, "accessRole", calendar_role_word(calendar_role_of(l->cal, l->c->who)));
	json_set(top, "defaultReminders", reminders);
}

/* How many items this page holds; fewer than asked for, when tests want that. */
static size_t
list_page_size(const struct listing *l, size_t from)
{
	size_t n = l->n - from, most = (size_t)l->limit;

	if (calendars_of(l->c->f)->brief)
		most = query_of(l->c, "pageToken") ? (most + 1) / 2 : 0;
	return n < most ? n : most;
}

static void
list_reply(struct listing *l)
{
	struct call *c = l->c;
	json *top = json_new(c->a), *items = json_list(c->a);
	size_t from = list_by_serial(l) || (size_t)l->skip > l->n ? 0 : (size_t)l->skip, n, end;
	int64_t skip;

	if (!list_by_serial(l) && (size_t)l->skip > l->n)
		from = l->n;
	n = list_page_size(l, from);
	end = from + n;
	for (size_t i = from; i < end; i++)
		json_add(items, event_json(c, l->v[i].e, l->shown));
	list_head(l, top);
	json_set(top, "items", items);
	if (end < l->n) {
		skip = (int64_t)end;
		if (list_by_serial(l))
			skip = n > 0 ? l->v[end - 1].e->serial : l->skip;
		json_set_str(top, "nextPageToken", listing_page_token(l, skip));
	} else if (!l->order && !query_of(c, "q") && !query_of(c, "iCalUID")) {
		json_set_str(top, "nextSyncToken", listing_sync_token(l));
	}
	reply_json(c, 200, top);
}

void
events_list(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_FREE_BUSY);
	struct listing l;

	if (!cal)
		return;
	if (!listing_begin(c, cal, &l) || !listing_read_sync(&l) || !listing_read_page(&l) ||
	    !listing_read_window(&l) || !listing_read_order(&l))
		return;
	for (struct event *e = cal->first; e; e = e->next)
		if (!list_by_serial(&l) || e->serial > l.skip)
			list_collect(&l, e);
	if (l.order)
		qsort(l.v, l.n, sizeof *l.v, list_compare);
	list_reply(&l);
}

void
events_instances(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_FREE_BUSY);
	struct event *series = cal ? event_find(c, cal, c->part[1]) : NULL;
	struct listing l;

	if (!cal)
		return;
	if (!series || series->gone || !event_is_series(series)) {
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = "Not Found",
		    });
		return;
	}
	if (!listing_begin(c, cal, &l) || !listing_read_page(&l) || !listing_read_window(&l))
		return;
	l.single = true;
	l.order = "startTime";
	list_add_instances(&l, series);
	for (struct event *e = cal->first; e; e = e->next)
		if (e->series == series && !e->purged && (!e->gone || l.deleted) &&
		    (e->gone || list_in_window(&l, e)))
			list_add(&l, e);
	if (l.n)
		qsort(l.v, l.n, sizeof *l.v, list_compare);
	list_reply(&l);
}

void
events_get(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_FREE_BUSY);
	const struct zone *shown = cal ? zone_shown(c, cal) : NULL;
	const char *none = params_get(&c->req->headers, "if-none-match");
	const struct event *e = shown ? event_find(c, cal, c->part[1]) : NULL;

	if (!shown)
		return;
	if (!e)
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = "Not Found",
		    });
	else if (none && strcmp(none, event_etag(c->a, e)) == 0)
		c->rep->status = 304;
	else
		reply_json(c, 200, event_json(c, e, shown));
}

void
events_watch(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_FREE_BUSY);
	struct buf *uri;

	if (!cal)
		return;
	/* Calendars of holidays, which nobody is told of. */
	if (strstr(cal->id, "#holiday@")) {
		refuse(c,
		    &(struct refusal){
			.status = 400,
			.reason = "pushNotSupportedForRequestedResource",
			.message = "Push notifications are not supported by this resource.",
		    });
		return;
	}
	uri = buf_in(c->f->a, 2000);
	buf_str(uri, "https://www.googleapis.com/calendar/v3/calendars/");
	url_encode(uri, cal->id);
	buf_str(uri, "/events?alt=json");
	channel_open(c,
	    &(struct watch_target){
		.kind = &calendar_watched,
		.what = cal,
		.id = cal->id,
		.resource = arena_printf(c->f->a, "res-%.40s", cal->id),
		.uri = buf_c(uri),
	    });
}
