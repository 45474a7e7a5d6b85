/*
 * gcal_write.c - google-calendar: what goes out. Of an event that is there only what differs is
 * sent, under the condition that it still is as it was seen; one that is made gets an id from that
 * of the push, so that a repetition finds it made. Nobody's guests are told of anything.
 *
 * A series and each occurrence that differs have requests of their own. Once one of them has been
 * taken, whatever fails then leaves half of the change done: that is RC_UNSURE, and a look tells
 * the rest.
 *
 * Sources: "Events: insert", "Events: patch", "Events: delete", "Recurring events", "Use version
 * resources" (If-Match) of the Calendar API v3.
 */
#include "provider/google/gcal.h"

#include <stdlib.h>

#include "base/zone_name.h"
#include "event/rules.h"

enum {
	WRITE_MS = 60 * 1000,
	/* A repetition has no second effect: not by its id, nor by its condition. */
	UNSURE_MS = 5 * 1000,
	PATCH_COST = 3
};

struct sending {
	struct ctx *cx;
	const struct source *src;
	const struct push *p;
	const json *all; /* what the event shall be */
	const char *id;
	struct gcal_whole there; /* as it is, and after a request as it was answered */
	bool done;               /* something of it is */
	bool again;              /* and what differs in it has been seen once more since */
	int64_t back;            /* ms by Google's clock: then we put it back; 0: we have not */
};

/*
 * Requests.
 */
static enum rc
send_changed(struct sending *s)
{
	return fail(s->cx, E_CHANGED, "Google has another version of the event by now.");
}

static enum rc
send_request(
    struct sending *s, const struct rest_call *how, const char *event, struct rest_reply *out)
{
	struct rest_call call = *how;
	const char *query = strcmp(how->method, "DELETE") == 0
	    ? "sendUpdates=none"
	    : arena_printf(s->cx->a, "sendUpdates=none&fields=%s", gcal_members);
	json *seen;
	int calls = 0;
	enum rc rc;

	call.service = &gcal_service;
	call.base = conf_str(CONF_GOOGLE_API_BASE);
	call.path = gcal_path(s->cx->a, s->src, event, query);
	call.write = true;
	call.quota = QUOTA_CALENDAR;
	call.max_bytes = GCAL_ANSWER_MAX;
	call.timeout_ms = WRITE_MS;
	call.what = "the event";
	rc = rest_call(s->cx, s->src->remote, &call, &calls, out);
	if (rc == RC_NOTFOUND && !event)
		return gcal_shown(s->cx, s->src, rc);
	if (rc == RC_NOTFOUND) {
		const struct err why = s->cx->err;

		TRY(gcal_see(s->cx, s->src, event, &seen));
		if (seen && !gcal_is_gone(seen))
			return send_changed(s);
		s->cx->err = why;
	}
	TRY(rc);
	s->done = true;
	return RC_OK;
}

/* May occurrences go with it? What somebody edits in one of them its etag does not tell, so that
 * nothing but the look before it does, and each try needs one of its own. */
static bool
patch_takes(const json *event, const json *patch)
{
	return gcal_is_series(event) && (json_has(patch, "recurrence") || json_has(patch, "start"));
}

static enum rc
send_patch(struct sending *s, const json *event, const json *patch, json **out)
{
	const struct rest_call how = {
		.method = "PATCH",
		.body = patch,
		.if_match = json_str(event, "etag"),
		.cost = PATCH_COST,
		.once = patch_takes(event, patch),
	};
	struct rest_reply reply;

	if (!how.if_match)
		return fail(s->cx, E_SOURCE_STATUS, "Google told no version of the event.");
	TRY(send_request(s, &how, json_str(event, "id"), &reply));
	*out = reply.value;
	return json_str(reply.value, "id")
	    ? RC_OK
	    : fail(s->cx, E_UNSURE, "Google did not say what became of the event.");
}

/* As it is there now, with what differs in it. */
static enum rc
send_see_whole(struct sending *s, const char *uid)
{
	json *event = NULL;

	if (!uid) {
		TRY(gcal_see(s->cx, s->src, s->id, &event));
		s->there.event = event;
		s->there.differing = json_list(s->cx->a);
		if (!event || !gcal_is_series(event) || gcal_is_gone(event))
			return RC_OK;
		uid = json_str(event, "iCalUID");
	}
	return uid ? gcal_shown(s->cx, s->src, gcal_series(s->cx, s->src, s->id, uid, &s->there))
		   : RC_OK;
}

static enum rc
send_missing(struct sending *s)
{
	return fail(s->cx, E_SOURCE_GONE, "The event is not there any more.");
}

/* What is there is what was seen when the change was decided on. */
static enum rc
send_same(struct sending *s)
{
	const char *etag = s->p->etag;

	if (!s->there.event)
		return send_missing(s);
	if (etag && strcmp(etag, gcal_etag(s->cx->a, s->there.event, s->there.differing)) != 0)
		return send_changed(s);
	return RC_OK;
}

/*
 * Occurrences that differ.
 */
static json *
slot_there(const struct sending *s, const char *id)
{
	for (size_t i = 0; i < json_len(s->there.differing); i++)
		if (!strcmp(json_str(json_nth(s->there.differing, i), "id"), id))
			return json_nth(s->there.differing, i);
	return NULL;
}

static void
slot_replace(struct sending *s, json *answer)
{
	const char *id = json_str(answer, "id");
	json *list = json_list(s->cx->a);
	bool put = false;

	for (size_t i = 0; i < json_len(s->there.differing); i++) {
		json *one = json_nth(s->there.differing, i);
		int d = put ? -1 : strcmp(json_str(one, "id"), id);

		if (d >= 0) {
			json_add(list, answer);
			put = true;
		}
		if (d != 0)
			json_add(list, one);
	}
	if (!put)
		json_add(list, answer);
	s->there.differing = list;
}

/* What makes the occurrence as it shall be; NULL: it is. */
static enum rc
slot_patch(struct sending *s, const json *one, const struct occurrence *shall, json **patch)
{
	struct gcal_change c = { .now = shall->value, .have = one, .home = &s->there.home };
	const char *why = NULL;

	*patch = NULL;
	if (shall->cancelled && gcal_is_gone(one))
		return RC_OK;
	if (shall->cancelled) {
		*patch = json_new(s->cx->a);
		json_set_str(*patch, "status", "cancelled");
		return RC_OK;
	}
	if (!gcal_is_gone(one))
		c.was = gcal_value(s->cx->a, one, &s->there.home).value;
	*patch = gcal_patch(s->cx->a, &c, &why);
	if (!*patch)
		return fail(s->cx, E_UNSUPPORTED, "%s", why);
	if (json_len(*patch) == 0)
		*patch = NULL;
	return RC_OK;
}

/* Is what is there the occurrence as the series has it? */
static bool
slot_is(const struct sending *s, const json *series, const json *one, const struct when *slot)
{
	static const char *const times[] = { "startDateTime", "endDateTime", "allDay", "timeZone" };
	const char *home = s->there.home.zone;
	struct arena *a = s->cx->a;
	struct event_span first, x, y;
	struct occurrence was;
	const json *now;

	if (!series || !occur_at(a, series, slot, &was))
		return true;
	if (was.cancelled || gcal_is_gone(one))
		return was.cancelled && gcal_is_gone(one);
	now = gcal_value(a, one, &s->there.home).value;
	if (!now || !event_span(a, series, &first) || !event_span(a, was.value, &x) ||
	    !event_span(a, now, &y))
		return false;
	if (!gcal_same_times(zone_system(a, str_c(home ? home : "UTC")), &first, &x, &y))
		return false;
	/* However the times are written. */
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		json_set((json *)was.value, times[i], json_at(now, times[i]));
	return merge_same(a, &event_rules, was.value, now);
}

/* One that did not differ when the series was seen. If it does now it is somebody's edit of just
 * now, which its etag does not tell. */
static enum rc
slot_see(struct sending *s, const char *id, const struct when *slot, json **one)
{
	const json *series = gcal_value(s->cx->a, s->there.event, &s->there.home).value;

	TRY(gcal_see(s->cx, s->src, id, one));
	if (!*one)
		return fail(s->cx, E_UNSUPPORTED,
		    "Google's series has no occurrence at %s, which differs here.",
		    when_text(s->cx->a, slot));
	return slot_is(s, series, *one, slot) ? RC_OK : send_changed(s);
}

/* As both sides agreed on it last, where the series had it then, or as it shall be. What a change
 * of the series makes of one that differed is so too. */
static bool
slot_known(const struct sending *s, const json *one, const struct when *slot)
{
	struct occurrence was;

	if (s->p->was && !occur_at(s->cx->a, s->p->was, slot, &was))
		return slot_is(s, s->all, one, slot);
	return slot_is(s, s->p->was, one, slot) || slot_is(s, s->all, one, slot);
}

/* Edited after we had put the series back: nobody here knows of it. */
static bool
slot_is_news(const struct sending *s, const json *one)
{
	return s->back && gcal_updated(one) > s->back;
}

/* named: it is edited itself by what is sent. Else what is there and not known is somebody's edit
 * that is asked about. */
static enum rc
slot_send(struct sending *s, const struct when *slot, bool named)
{
	const char *id = arena_printf(
	    s->cx->a, "%s_%s", s->id, gcal_slot_id(s->cx->a, slot, &s->there.home));
	json *one = slot_there(s, id), *patch, *answer;
	struct occurrence shall;

	/* In a place that the series has no more. */
	if (!occur_at(s->cx->a, s->all, slot, &shall))
		return RC_OK;
	if (!one && !shall.differs)
		return RC_OK;
	if (!one)
		TRY(slot_see(s, id, slot, &one));
	else if (slot_is_news(s, one) || (s->again && !slot_known(s, one, slot)))
		return slot_is(s, s->all, one, slot) ? RC_OK : send_changed(s);
	else if (!named && !slot_known(s, one, slot))
		return RC_OK;
	/* Once more for one that was left out: as in send_back(). */
	for (int i = gcal_is_gone(one); i >= 0; i--) {
		TRY(slot_patch(s, one, &shall, &patch));
		if (!patch)
			return RC_OK;
		TRY(send_patch(s, one, patch, &answer));
		slot_replace(s, answer);
		one = answer;
	}
	return RC_OK;
}

/* Those that differ here, and those that differ there: to whom the series is a change. What is not
 * there as both sides agreed on it last is somebody's edit, which has not been met or is asked
 * about, and not for this push to undo. */
static enum rc
send_slots(struct sending *s)
{
	const json *there = s->there.differing;
	struct event_span span;
	struct when slot;

	if (!event_span(s->cx->a, s->all, &span) || !span.series)
		return RC_OK;
	for (struct json_iter it = { 0 }; json_each(s->all, &it);)
		if (*it.key == '@' && when_slot_read(str_c(it.key + 1), &span.start, &slot))
			TRY(slot_send(s, &slot, json_has(s->p->values, it.key)));
	for (size_t i = 0; i < json_len(there); i++)
		if (gcal_slot(s->cx->a, json_nth(there, i), &span.start, &s->there.home, &slot) &&
		    !json_has(s->all, arena_printf(s->cx->a, "@%s", when_slot(s->cx->a, &slot))) &&
		    !slot_is_news(s, json_nth(there, i)) &&
		    slot_is(s, s->p->was, json_nth(there, i), &slot))
			TRY(slot_send(s, &slot, false));
	return RC_OK;
}

static bool
send_differs(const json *value)
{
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@')
			return true;
	return false;
}

/*
 * What the source has now.
 */
static enum rc
send_told(struct sending *s, struct pushed *out)
{
	struct arena *a = s->cx->a;
	const json *event = s->there.event;
	struct gcal_event read;

	*out = (struct pushed){ 0 };
	if (!event)
		return RC_OK;
	out->key = json_str(event, "id");
	out->etag = gcal_etag(a, event, s->there.differing);
	out->edited_at = gcal_updated(event);
	if (gcal_is_gone(event)) {
		json *silent;

		out->last = gcal_last(a, event, &s->there.home, &silent);
		out->silent = silent;
		return RC_OK;
	}
	read = gcal_value(a, event, &s->there.home);
	if (!read.value)
		return fail(
		    s->cx, E_UNSUPPORTED, "Google has the event otherwise by now. %s", read.why);
	out->values = read.value;
	out->fixed = read.fixed;
	for (size_t i = 0; read.value && i < json_len(s->there.differing); i++) {
		const json *one = json_nth(s->there.differing, i);
		int64_t updated = gcal_updated(one);

		gcal_differ(a, read.value, one, &s->there.home);
		if (updated > out->edited_at)
			out->edited_at = updated;
	}
	return RC_OK;
}

/*
 * The three ways.
 */
static enum rc
send_new(struct sending *s)
{
	const char *why = NULL;
	json *body = gcal_body(s->cx->a, s->all, &s->there.home, &why), *own;
	const struct rest_call how = { .method = "POST", .body = body };
	struct rest_reply reply;

	if (!body)
		return fail(s->cx, E_UNSUPPORTED, "%s", why);
	own = json_at(json_at(body, "extendedProperties"), "private");
	json_set_str(body, "id", s->id);
	if (s->p->object)
		json_set_str(own, "tidemark_object", s->p->object);
	if (s->p->uid)
		json_set_str(own, "tidemark_uid", s->p->uid);
	TRY(send_request(s, &how, NULL, &reply));
	s->there.event = reply.value;
	s->there.differing = json_list(s->cx->a);
	return send_slots(s);
}

/* The event itself, without what differs in it, from what it was (NULL: whatever). */
static enum rc
send_master(struct sending *s, const json *was)
{
	const struct gcal_change c = {
		.was = was,
		.now = s->all,
		.have = s->there.event,
		.home = &s->there.home,
	};
	const char *why = NULL;
	json *patch = gcal_patch(s->cx->a, &c, &why), *answer;

	if (!patch)
		return fail(s->cx, E_UNSUPPORTED, "%s", why);
	if (json_len(patch) == 0)
		return RC_OK;
	TRY(send_patch(s, s->there.event, patch, &answer));
	s->there.event = answer;
	/* Written to without being brought back. */
	return gcal_is_gone(answer) ? send_missing(s) : RC_OK;
}

/* What is left of one that was deleted does not say what else it had: that is seen when it is
 * back. */
static enum rc
send_back(struct sending *s)
{
	TRY(send_master(s, NULL));
	s->back = gcal_updated(s->there.event);
	return send_master(s, gcal_value(s->cx->a, s->there.event, &s->there.home).value);
}

/* An event that is seen first: a series, one that was deleted, one whose etag is not known. */
static enum rc
send_seen(struct sending *s)
{
	const char *uid = gcal_etag_uid(s->cx->a, s->p->etag);

	TRY(send_see_whole(s, s->p->whole ? NULL : uid));
	/* Also of one that is to be brought back: somebody else may have, and have edited it. */
	TRY(send_same(s));
	if (gcal_is_gone(s->there.event) && !s->p->whole)
		return s->p->etag ? send_changed(s) : send_missing(s);
	TRY(s->p->whole ? send_back(s) : send_master(s, s->p->was));
	if (!gcal_is_series(s->there.event))
		return RC_OK;
	/* Which of them there are may be other than before. */
	if (s->done && (json_len(s->there.differing) > 0 || s->p->whole)) {
		TRY(send_see_whole(s, json_str(s->there.event, "iCalUID")));
		s->again = !s->p->whole;
	}
	return s->there.event ? send_slots(s) : send_missing(s);
}

static enum rc
send_change(struct sending *s)
{
	json *seen = json_new(s->cx->a);

	if (s->p->whole || !s->p->etag || !s->p->was || *s->p->etag == '{' || send_differs(s->all))
		return send_seen(s);
	json_set_str(seen, "id", s->id);
	json_set_str(seen, "etag", s->p->etag);
	s->there.event = seen;
	TRY(send_master(s, s->p->was));
	/* Nothing of it is anything at Google. */
	return s->done ? RC_OK : send_see_whole(s, NULL);
}

static enum rc
send_gone(struct sending *s)
{
	struct rest_call how = { .method = "DELETE", .if_match = s->p->etag };
	const char *uid = gcal_etag_uid(s->cx->a, s->p->etag);
	struct rest_reply reply;

	/* An edit of an occurrence would not be noticed by the etag of its series. */
	if (!how.if_match || uid) {
		TRY(send_see_whole(s, uid));
		TRY(send_same(s));
		if (gcal_is_gone(s->there.event))
			return RC_OK;
		how.if_match = json_str(s->there.event, "etag");
		how.once = uid != NULL;
	}
	TRY(send_request(s, &how, s->id, &reply));
	s->there.event = NULL;
	return RC_OK;
}

/*
 * The contract.
 */
/* Floating times are sent as those of the calendar's own zone. */
static enum rc
send_home(struct sending *s)
{
	struct event_span span;
	struct rest_reply reply;

	s->there.home = gcal_home_of(s->src);
	if (!s->all || s->there.home.zone || !event_span(s->cx->a, s->all, &span) ||
	    span.start.kind != WHEN_FLOATING)
		return RC_OK;
	TRY(gcal_shown(s->cx, s->src, gcal_head(s->cx, s->src, &reply)));
	s->there.home.zone = json_str(reply.value, "timeZone");
	s->there.home.role = json_str(reply.value, "accessRole");
	return RC_OK;
}

static enum rc
send_it(struct sending *s)
{
	TRY(send_home(s));
	if (!s->p->values)
		return send_gone(s);
	return s->p->key ? send_change(s) : send_new(s);
}

static enum rc
gcal_send(struct ctx *cx, const struct source *src, const struct push *p, struct pushed *out)
{
	struct sending s = {
		.cx = cx,
		.src = src,
		.p = p,
		.all = push_all(cx->a, p),
		.id = p->key ? p->key : gcal_id(cx->a, p->id),
	};
	enum rc rc = send_it(&s);

	if (rc != RC_OK && s.done && rc != RC_UNSURE)
		return fail(cx, E_UNSURE, "Google has taken a part of the change. %s",
		    arena_dup(cx->a, cx->err.detail));
	if (rc != RC_OK)
		return rc;
	if (p->values)
		return send_told(&s, out);
	*out = (struct pushed){ .key = p->key };
	return RC_OK;
}

static enum rc
gcal_look(struct ctx *cx, const struct source *src, const struct push *p, struct pushed *out)
{
	struct sending s = {
		.cx = cx,
		.src = src,
		.p = p,
		.id = p->key ? p->key : gcal_id(cx->a, p->id),
		.there.home = gcal_home_of(src),
	};

	TRY(send_see_whole(&s, NULL));
	return send_told(&s, out);
}

const struct writer writer_gcal = {
	.send = gcal_send,
	.look = gcal_look,
	.unsure_ms = UNSURE_MS,
	.grain_ms = 1,
};
