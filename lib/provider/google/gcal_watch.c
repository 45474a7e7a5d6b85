/*
 * gcal_watch.c - channels by which Google tells that something in a calendar has changed. They live
 * a week where nothing else is said, a month at most, and nothing is renewed by itself. Calendars
 * that nobody can be told of (those of holidays, of birthdays) are refused with
 * pushNotSupportedForRequestedResource: they are read by schedule alone. Source: "Push
 * notifications", Calendar API v3.
 */
#include "provider/google/gcal.h"

static enum rc
watch_post(struct ctx *cx, const struct source *src, const char *path, const json *body,
    struct rest_reply *reply)
{
	const struct rest_call call = {
		.service = &gcal_service,
		.method = "POST",
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = path,
		.body = body,
		.quota = QUOTA_CALENDAR,
		.max_bytes = WATCH_ANSWER_MAX,
		.timeout_ms = WATCH_MS,
		.once = true,
		.what = "the calendar",
	};
	int calls = 0;

	return rest_call(cx, src->remote, &call, &calls, reply);
}

static enum rc
gcal_watch(struct ctx *cx, const struct source *src, struct watching *w)
{
	json *body = json_new(cx->a);
	struct rest_reply reply;

	json_set_str(body, "id", w->channel);
	json_set_str(body, "type", "web_hook");
	json_set_str(body, "address", w->address);
	json_set_str(body, "token", w->token);
	json_set_str(body, "expiration", arena_printf(cx->a, "%lld", (long long)w->until));
	TRY(watch_post(cx, src, arena_printf(cx->a, "%s/watch", gcal_path(cx->a, src, NULL, NULL)),
	    body, &reply));
	w->resource = json_str(reply.value, "resourceId");
	if (!google_i64(reply.value, "expiration", &w->expires_at))
		w->expires_at = 0;
	return w->resource
	    ? RC_OK
	    : fail(cx, E_SOURCE_STATUS, "Google opened a channel without saying for what.");
}

static enum rc
gcal_unwatch(struct ctx *cx, const struct source *src, const struct watching *w)
{
	json *body = json_new(cx->a);
	struct rest_reply reply;

	json_set_str(body, "id", w->channel);
	json_set_str(body, "resourceId", w->resource);
	return watch_post(cx, src, "/calendar/v3/channels/stop", body, &reply);
}

const struct watcher watcher_gcal = {
	.watch = gcal_watch,
	.unwatch = gcal_unwatch,
};
