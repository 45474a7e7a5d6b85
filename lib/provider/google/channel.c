/*
 * channel.c - see channel.h. Source: "Push notifications", Calendar API v3; "Notifications for
 * resource changes", Drive API v3.
 */
#include "provider/google/channel.h"

enum { CHANNEL_MS = 15 * 1000, CHANNEL_ANSWER_MAX = 64 * 1024 };

static enum rc
channel_post(struct ctx *cx, const struct source *src, const struct channel_service *s,
    const char *path, const json *body, json **value)
{
	const struct rest_call call = {
		.service = s->service,
		.method = "POST",
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = path,
		.body = body,
		.quota = s->quota,
		.max_bytes = CHANNEL_ANSWER_MAX,
		.timeout_ms = CHANNEL_MS,
		.once = true,
		.what = s->what,
	};
	struct rest_reply reply;
	int calls = 0;

	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	*value = reply.value;
	return RC_OK;
}

enum rc
google_watch(struct ctx *cx, const struct source *src, const struct channel_service *s,
    const char *path, struct watching *w)
{
	json *body = json_new(cx->a), *value;

	json_set_str(body, "id", w->channel);
	json_set_str(body, "type", "web_hook");
	json_set_str(body, "address", w->address);
	json_set_str(body, "token", w->token);
	json_set_str(body, "expiration", arena_printf(cx->a, "%lld", (long long)w->until));
	TRY(channel_post(cx, src, s, path, body, &value));
	w->resource = json_str(value, "resourceId");
	if (!google_i64(value, "expiration", &w->expires_at))
		w->expires_at = 0;
	return w->resource
	    ? RC_OK
	    : fail(cx, E_SOURCE_STATUS, "Google opened a channel without saying for what.");
}

enum rc
google_unwatch(struct ctx *cx, const struct source *src, const struct channel_service *s,
    const struct watching *w)
{
	struct channel_service stop = *s;
	json *body = json_new(cx->a), *value;

	stop.what = "the channel";
	json_set_str(body, "id", w->channel);
	json_set_str(body, "resourceId", w->resource);
	return channel_post(cx, src, &stop, s->stop, body, &value);
}
