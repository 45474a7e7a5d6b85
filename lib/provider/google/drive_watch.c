/*
 * drive_watch.c - channels by which Google Drive tells that a file has changed. Files live a day at
 * most, and nothing is renewed by itself. Source: Drive, "Notifications for resource changes".
 */
#include "provider/google/api.h"

static enum rc
drive_watch(struct ctx *cx, const struct source *src, struct watching *w)
{
	json *body = json_new(cx->a);
	const struct rest_call call = {
		.service = &google_service,
		.method = "POST",
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = arena_printf(cx->a, "/drive/v3/files/%s/watch?supportsAllDrives=true",
		    json_str(src->config, "spreadsheet")),
		.body = body,
		.quota = QUOTA_DRIVE,
		.max_bytes = WATCH_ANSWER_MAX,
		.timeout_ms = WATCH_MS,
		.once = true,
		.what = "the spreadsheet",
	};
	struct rest_reply reply;
	int calls = 0;

	json_set_str(body, "id", w->channel);
	json_set_str(body, "type", "web_hook");
	json_set_str(body, "address", w->address);
	json_set_str(body, "token", w->token);
	json_set_str(body, "expiration", arena_printf(cx->a, "%lld", (long long)w->until));
	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	w->resource = json_str(reply.value, "resourceId");
	if (!google_i64(reply.value, "expiration", &w->expires_at))
		w->expires_at = 0;
	return w->resource
	    ? RC_OK
	    : fail(cx, E_SOURCE_STATUS, "Google opened a channel without saying for what.");
}

static enum rc
drive_unwatch(struct ctx *cx, const struct source *src, const struct watching *w)
{
	json *body = json_new(cx->a);
	const struct rest_call call = {
		.service = &google_service,
		.method = "POST",
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = "/drive/v3/channels/stop",
		.body = body,
		.quota = QUOTA_DRIVE,
		.max_bytes = WATCH_ANSWER_MAX,
		.timeout_ms = WATCH_MS,
		.raw = true,
		.once = true,
		.what = "the channel",
	};
	struct rest_reply reply;
	int calls = 0;

	json_set_str(body, "id", w->channel);
	json_set_str(body, "resourceId", w->resource);
	return rest_call(cx, src->remote, &call, &calls, &reply);
}

const struct watcher watcher_gsheets = {
	.watch = drive_watch,
	.unwatch = drive_unwatch,
};
