/*
 * gcal.c - google-calendar: the network half of reading. A first read brings all events; later
 * ones, by the sync token, what has changed since. Of a series of which anything has changed the
 * rest is then read too, so that each twin is whole. Source: "Synchronize resources efficiently",
 * Calendar API v3.
 *
 * The days of the settings are looked at here alone, not asked for: what is moved out of them would
 * be missing in what is read, as if it were deleted.
 */
#include "provider/google/gcal.h"

#include <stdlib.h>

#include "base/step.h"

enum { GCAL_SCRATCH = 1024 * 1024 * 1024, LIST_PAGES = 20 };

#define CALENDARS "/calendar/v3/calendars/"

/* Whoever asks for changes must say the same again: singleEvents, eventTypes, maxResults. */
const char gcal_members[] =
    "id,status,etag,created,updated,htmlLink,summary,description,location,start,end,recurrence,"
    "recurringEventId,originalStartTime,transparency,visibility,colorId,source,iCalUID,sequence,"
    "organizer,attendees,eventType,locked,extendedProperties,hangoutLink,conferenceData,reminders";

/*
 * Refusals. Source: "Handle API errors", Calendar API v3; 410 has three meanings.
 */
static enum rc
gcal_refusal(struct ctx *cx, const struct rest_call *c, const struct remote *remote,
    const struct http_answer *answer)
{
	const json *error = json_at(json_stored(cx->a, answer->body.p), "error");
	const char *reason = google_reason(error);
	const struct str where = json_s(json_nth(json_at(error, "errors"), 0), "location");

	if (answer->status == 410 && !strcmp(reason, "deleted"))
		return fail(cx, E_SOURCE_GONE, "%s is deleted at Google.", c->what);
	if (answer->status == 410 ||
	    (answer->status == 400 && (str_is(where, "syncToken") || str_is(where, "pageToken"))))
		return fail(cx, E_CURSOR, NULL);
	if (answer->status == 409 && !strcmp(reason, "duplicate"))
		return fail(cx, E_CHANGED, "Google has an event of this id.");
	if (answer->status == 403 && !strcmp(reason, "requiredAccessLevel"))
		return fail(cx, E_SOURCE_DENIED,
		    "%.200s may only read this calendar. Share it with that address so that it may "
		    "make changes.",
		    remote->address);
	if (str_has_word(STR("SERVICE_DISABLED accessNotConfigured"), ' ', str_c(reason)))
		return fail(
		    cx, E_API_OFF, "The Google Calendar API is not enabled in the Google project.");
	if (answer->status == 403 && !strcmp(reason, "forbiddenForNonOrganizer"))
		return fail(cx, E_SOURCE_DENIED, "Only its organiser may change this event.");
	return google_service.refusal(cx, c, remote, answer);
}

const struct rest_service gcal_service = {
	.name = "Google",
	.refusal = gcal_refusal,
};

/*
 * Requests.
 */
const char *
gcal_path(struct arena *a, const struct source *src, const char *event, const char *query)
{
	const char *id = json_str(src->config, "calendar");
	struct buf *b = buf_in(a, 64 * 1024);

	buf_str(b, CALENDARS);
	url_encode(b, id ? id : "primary");
	buf_str(b, "/events");
	if (event) {
		buf_ch(b, '/');
		url_encode(b, event);
	}
	if (query)
		buf_printf(b, "?%s", query);
	return buf_c(b);
}

struct gcal_home
gcal_home_of(const struct source *src)
{
	return (struct gcal_home){
		.zone = json_str(src->cursor, "zone"),
		.role = json_str(src->cursor, "role"),
	};
}

static struct rest_call
gcal_call(const char *path)
{
	return (struct rest_call){
		.service = &gcal_service,
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = path,
		.quota = QUOTA_CALENDAR,
		.max_bytes = GCAL_ANSWER_MAX,
		.what = "the calendar",
	};
}

enum rc
gcal_get(
    struct ctx *cx, const struct source *src, const char *path, int *calls, struct rest_reply *out)
{
	const struct rest_call call = gcal_call(path);

	return rest_call(cx, src->remote, &call, calls, out);
}

#define HEAD_FIELDS "summary,timeZone,accessRole,nextPageToken,nextSyncToken"

/* A page of the list. */
static const char *
gcal_list_path(struct arena *a, const struct source *src, const char *sync, const char *page)
{
	struct buf *b = buf_in(a, 32 * 1024);

	buf_printf(b, "maxResults=%d&singleEvents=false&fields=" HEAD_FIELDS ",items(%s)",
	    step_page(GCAL_PAGE), gcal_members);
	if (sync) {
		buf_str(b, "&syncToken=");
		url_encode(b, sync);
	}
	if (page) {
		buf_str(b, "&pageToken=");
		url_encode(b, page);
	}
	return gcal_path(a, src, NULL, buf_c(b));
}

/* All that has the uid, what is deleted too: a series with what differs in it. */
static const char *
gcal_uid_path(struct arena *a, const struct source *src, const char *uid, const char *page)
{
	struct buf *b = buf_in(a, 32 * 1024);

	buf_printf(b, "maxResults=%d&showDeleted=true&fields=" HEAD_FIELDS ",items(%s)&iCalUID=",
	    step_page(GCAL_PAGE), gcal_members);
	url_encode(b, uid);
	if (page) {
		buf_str(b, "&pageToken=");
		url_encode(b, page);
	}
	return gcal_path(a, src, NULL, buf_c(b));
}

/*
 * One series, read by itself.
 */
struct series_item {
	json *event;
};

static int
series_order(const void *x, const void *y)
{
	const struct series_item *a = x, *b = y;

	return strcmp(json_str(a->event, "id"), json_str(b->event, "id"));
}

static json *
series_sorted(struct arena *a, const json *list)
{
	const size_t n = json_len(list);
	struct series_item *v = arena_array(a, n + 1, sizeof *v);
	json *out = json_list(a);

	for (size_t i = 0; i < n; i++)
		v[i].event = json_nth(list, i);
	qsort(v, n, sizeof *v, series_order);
	for (size_t i = 0; i < n; i++)
		json_add(out, v[i].event);
	return out;
}

static void
series_take(struct gcal_whole *w, const char *id, json *item)
{
	const char *name = json_str(item, "id"), *series = json_str(item, "recurringEventId");

	if (name && !strcmp(name, id))
		w->event = item;
	else if (name && series && !strcmp(series, id))
		json_add(w->differing, item);
}

enum rc
gcal_series(struct ctx *cx, const struct source *src, const char *id, const char *uid,
    struct gcal_whole *out)
{
	struct rest_reply reply;
	const char *page = NULL;
	int calls = 0;

	*out = (struct gcal_whole){ .differing = json_list(cx->a) };
	for (int i = 0; i < LIST_PAGES; i++) {
		const json *items;

		TRY(gcal_get(cx, src, gcal_uid_path(cx->a, src, uid, page), &calls, &reply));
		items = json_at(reply.value, "items");
		for (size_t k = 0; k < json_len(items); k++)
			series_take(out, id, json_nth(items, k));
		out->home.zone = json_str(reply.value, "timeZone");
		out->home.role = json_str(reply.value, "accessRole");
		page = json_str(reply.value, "nextPageToken");
		if (page)
			continue;
		out->differing = series_sorted(cx->a, out->differing);
		return RC_OK;
	}
	return fail(cx, E_SOURCE_TOO_LARGE, "More differs in a series than Tidemark can read.");
}

/*
 * Etags.
 */
const char *
gcal_etag(struct arena *a, const json *event, const json *differing)
{
	json *all;

	if (!gcal_is_series(event) || !json_str(event, "etag"))
		return json_str(event, "etag");
	all = json_new(a);
	json_set_str(all, "", json_str(event, "etag"));
	json_set_str(all, "uid", json_str(event, "iCalUID"));
	for (size_t i = 0; i < json_len(differing); i++)
		json_set_str(all, json_str(json_nth(differing, i), "id"),
		    json_str(json_nth(differing, i), "etag"));
	return json_text(a, all);
}

const char *
gcal_etag_uid(struct arena *a, const char *etag)
{
	return etag && *etag == '{' ? json_str(json_stored(a, etag), "uid") : NULL;
}

/*
 * Where a read stands: {"sync": token of a delta, "page": of the next page of the list; then
 * "left": [{"id", "uid"}] of series to be read, "touched": {id: uid or ""}, "cursor"}.
 */
static void
state_touch(json *state, const json *item)
{
	const char *series = json_str(item, "recurringEventId"), *uid = json_str(item, "iCalUID");
	const char *id = series ? series : json_str(item, "id");
	json *touched = json_at(state, "touched");

	if (!id || (!series && !gcal_is_series(item)) || (!uid && json_has(touched, id)))
		return;
	json_set_str(touched, id, uid ? uid : "");
}

static void
state_end_of_list(struct arena *a, json *state, const json *answer)
{
	json *cursor = json_new(a), *left = json_list(a);

	json_set(cursor, "token", json_at(answer, "nextSyncToken"));
	json_set(cursor, "zone", json_at(answer, "timeZone"));
	json_set(cursor, "role", json_at(answer, "accessRole"));
	json_set(state, "cursor", cursor);
	for (struct json_iter it = { 0 }; json_each(json_at(state, "touched"), &it);) {
		json *one = json_new(a);

		json_set_str(one, "id", it.key);
		json_set(one, "uid", it.value);
		json_add(left, one);
	}
	json_set(state, "left", left);
	json_unset(state, "touched");
}

/* The first of those that are left is done. */
static void
state_next(struct arena *a, json *state)
{
	json *left = json_at(state, "left"), *rest = json_list(a);

	for (size_t i = 1; i < json_len(left); i++)
		json_add(rest, json_nth(left, i));
	json_set(state, "left", rest);
}

static bool
state_over(const json *state)
{
	return json_has(state, "cursor") && json_len(json_at(state, "left")) == 0;
}

/*
 * Pages.
 */
static enum rc
gcal_put(struct ctx *cx, struct fetch *f, bool whole, struct str answer)
{
	const char *head = arena_printf(cx->a,
	    "{\"delta\":%s,\"whole\":%s,\"answer\":", f->delta ? "true" : "false",
	    whole ? "true" : "false");

	TRY(f->write(cx, f->arg, head, strlen(head)));
	TRY(f->write(cx, f->arg, answer.p, answer.n));
	return f->write(cx, f->arg, "}", 1);
}

/* The next page of the list. */
static void
gcal_ahead(struct ctx *cx, const struct source *src, const json *state)
{
	const char *page = json_str(state, "page");
	const struct rest_call call = gcal_call(
	    gcal_list_path(cx->a, src, json_str(state, "sync"), page));

	if (page)
		rest_ahead(cx, src->remote, &call);
}

static enum rc
fetch_list(struct ctx *cx, const struct source *src, struct fetch *f, json *state)
{
	const char *sync = json_str(state, "sync");
	struct rest_reply reply;
	const json *items;

	TRY(gcal_get(
	    cx, src, gcal_list_path(cx->a, src, sync, json_str(state, "page")), &f->calls, &reply));
	json_set(state, "page", json_at(reply.value, "nextPageToken"));
	/* It is made there while this one is taken in. */
	if (f->ahead)
		gcal_ahead(cx, src, state);
	TRY(gcal_put(cx, f, false, reply.body));
	items = json_at(reply.value, "items");
	for (size_t i = 0; sync && i < json_len(items); i++)
		state_touch(state, json_nth(items, i));
	if (!json_str(state, "page"))
		state_end_of_list(cx->a, state, reply.value);
	return RC_OK;
}

/* What is known of an occurrence that was left out does not say what its series is called.
 * *uid NULL: there is no such series any more. */
static enum rc
fetch_uid(struct ctx *cx, const struct source *src, const char *id, int *calls, const char **uid)
{
	struct rest_reply reply;
	enum rc rc = gcal_get(
	    cx, src, gcal_path(cx->a, src, id, "fields=id,status,iCalUID"), calls, &reply);

	*uid = NULL;
	if (rc == RC_NOTFOUND) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	if (!gcal_is_gone(reply.value))
		*uid = json_str(reply.value, "iCalUID");
	return RC_OK;
}

static enum rc
fetch_series(struct ctx *cx, const struct source *src, struct fetch *f, json *state)
{
	json *one = json_nth(json_at(state, "left"), 0);
	const char *uid = json_str(one, "uid");
	struct rest_reply reply;

	if (!uid || !*uid)
		TRY(fetch_uid(cx, src, json_str(one, "id"), &f->calls, &uid));
	if (!uid) {
		state_next(cx->a, state);
		return gcal_put(cx, f, true, STR("{\"items\":[]}"));
	}
	TRY(gcal_get(
	    cx, src, gcal_uid_path(cx->a, src, uid, json_str(one, "page")), &f->calls, &reply));
	TRY(gcal_put(cx, f, true, reply.body));
	json_set_str(one, "uid", uid);
	json_set(one, "page", json_at(reply.value, "nextPageToken"));
	if (!json_str(one, "page"))
		state_next(cx->a, state);
	return RC_OK;
}

static json *
fetch_begin(struct arena *a, const struct source *src)
{
	json *state = json_new(a);

	json_set_str(state, "sync", json_str(src->cursor, "token"));
	json_set(state, "touched", json_new(a));
	return state;
}

static enum rc
gcal_page(struct ctx *cx, const struct source *src, struct fetch *f, json **state)
{
	*state = f->page == 0 ? fetch_begin(cx->a, src) : json_stored(cx->a, f->next);
	if (!*state)
		return fail(cx, E_BUG, NULL);
	f->delta = json_str(*state, "sync") != NULL;
	if (json_has(*state, "cursor"))
		return fetch_series(cx, src, f, *state);
	return fetch_list(cx, src, f, *state);
}

/* Memory of one page is gone with the page. */
static enum rc
gcal_fetch(struct ctx *outer, const struct source *src, struct fetch *f)
{
	struct ctx cx = { .a = arena_new("calendar", GCAL_SCRATCH, ARENA_WIPE) };
	json *state = NULL;
	enum rc rc = gcal_page(&cx, src, f, &state);

	if (rc == RC_OK) {
		f->content_type = "application/json";
		if (state_over(state))
			f->cursor = json_copy(outer->a, json_at(state, "cursor"));
		else
			f->next_page = arena_dup(outer->a, json_text(cx.a, state));
		f->cut = f->enough_bytes && f->next_page;
	} else
		outer->err = cx.err;
	arena_free(cx.a);
	return rc;
}

/*
 * What there is to choose from.
 */
static void
choice_add(struct arena *a, json *list, const json *entry)
{
	const char *role = json_str(entry, "accessRole");
	const char *title = json_str(entry, "summaryOverride");
	json *o = json_new(a);
	const bool writes = google_role_writes(role);

	json_set(o, "id", json_at(entry, "id"));
	json_set_str(o, "title", title ? title : json_str(entry, "summary"));
	json_set_bool(o, "usable", true);
	json_set_bool(o, "primary", json_flag(entry, "primary", false));
	json_set_str(o, "role", role);
	json_set_bool(o, "writable", writes);
	json_set_str(o, "why", writes ? NULL : "can only be read");
	json_set(o, "timeZone", json_at(entry, "timeZone"));
	json_set(o, "color", json_at(entry, "backgroundColor"));
	json_add(list, o);
}

/* *more: there are others behind them. */
static enum rc
choices_list(struct ctx *cx, const struct source *src, json *list, bool *more)
{
	struct buf *b = buf_in(cx->a, 16 * 1024);
	struct rest_reply reply;
	const char *page = NULL;
	int calls = 0;

	for (int i = 0; i < LIST_PAGES; i++) {
		const json *items;

		buf_clear(b);
		buf_str(b,
		    "/calendar/v3/users/me/calendarList?maxResults=250&fields=nextPageToken,"
		    "items(id,summary,summaryOverride,accessRole,primary,timeZone,"
		    "backgroundColor)");
		if (page) {
			buf_str(b, "&pageToken=");
			url_encode(b, page);
		}
		TRY(gcal_get(cx, src, buf_c(b), &calls, &reply));
		items = json_at(reply.value, "items");
		for (size_t k = 0; k < json_len(items); k++)
			choice_add(cx->a, list, json_nth(items, k));
		page = json_str(reply.value, "nextPageToken");
		if (!page)
			break;
	}
	*more = page != NULL;
	return RC_OK;
}

enum rc
gcal_head(struct ctx *cx, const struct source *src, struct rest_reply *out)
{
	int calls = 0;

	return gcal_get(cx, src,
	    gcal_path(cx->a, src, NULL, "maxResults=1&fields=summary,timeZone,accessRole"), &calls,
	    out);
}

enum rc
gcal_shown(struct ctx *cx, const struct source *src, enum rc rc)
{
	if (rc != RC_NOTFOUND)
		return rc;
	return fail(cx, E_UNAVAILABLE,
	    "Google does not show the calendar to %.200s: what is to be written waits.",
	    src->remote->address);
}

enum rc
gcal_see(struct ctx *cx, const struct source *src, const char *id, json **event)
{
	const char *query = arena_printf(cx->a, "fields=%s", gcal_members);
	struct rest_reply reply;
	int calls = 0;

	*event = NULL;
	/* Once more: the calendar may have been shown again just now. */
	for (int i = 0; i < 2; i++) {
		enum rc rc = gcal_get(cx, src, gcal_path(cx->a, src, id, query), &calls, &reply);

		if (rc != RC_NOTFOUND) {
			TRY(rc);
			*event = reply.value;
			return RC_OK;
		}
		cx->err = (struct err){ 0 };
		if (i == 0)
			TRY(gcal_shown(cx, src, gcal_head(cx, src, &reply)));
	}
	return RC_OK;
}

static enum rc
gcal_choices(struct ctx *cx, const struct source *src, json *choices)
{
	json *list = json_list(cx->a);
	struct rest_reply reply;
	bool more = false;
	enum rc rc;

	TRY(gcal_head(cx, src, &reply));
	json_set(choices, "title", json_at(reply.value, "summary"));
	json_set(choices, "timeZone", json_at(reply.value, "timeZone"));
	json_set(choices, "role", json_at(reply.value, "accessRole"));
	rc = choices_list(cx, src, list, &more);
	/* Which ones there are need not be told; one is found by its id. */
	if (rc != RC_OK && cx->err.kind != E_SCOPES)
		return rc;
	cx->err = (struct err){ 0 };
	json_set(choices, "calendars", list);
	json_set_bool(choices, "more", more);
	return RC_OK;
}

/* The account's own one first, by the name that is true whatever its address is. */
static enum rc
gcal_sources(struct ctx *cx, const struct source *src, json *list, bool *more)
{
	json *all = json_list(cx->a);

	TRY(choices_list(cx, src, all, more));
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < json_len(all); i++) {
			const json *one = json_nth(all, i);
			const bool primary = json_flag(one, "primary", false);
			json *o = json_new(cx->a);

			if (primary == (others != 0))
				continue;
			json_set(o, "id", json_at(one, "id"));
			json_set(o, "title", json_at(one, "title"));
			json_set_str(o, "link", primary ? "primary" : json_str(one, "id"));
			json_set_str(o, "note", primary ? "main calendar" : json_str(one, "why"));
			json_add(list, o);
		}
	return RC_OK;
}

const struct reader reader_gcal = {
	.fetch = gcal_fetch,
	.parse = gcal_parse,
	.twins = gcal_twins,
	.early = gcal_early,
	.choices = gcal_choices,
	.sources = gcal_sources,
	.leave = gcal_leave,
};
