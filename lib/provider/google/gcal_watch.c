/*
 * gcal_watch.c - channels by which Google tells that something in a calendar has changed. They live
 * a week where nothing else is said, a month at most, and nothing is renewed by itself. Calendars
 * that nobody can be told of (those of holidays, of birthdays) are refused with
 * pushNotSupportedForRequestedResource: they are read by schedule alone. Source: "Push
 * notifications", Calendar API v3.
 */
#include "provider/google/channel.h"
#include "provider/google/gcal.h"

static const struct channel_service gcal_channels = {
	.service = &gcal_service,
	.quota = QUOTA_CALENDAR,
	.what = "the calendar",
	.stop = "/calendar/v3/channels/stop",
};

static enum rc
gcal_watch(struct ctx *cx, const struct source *src, struct watching *w)
{
	const char *events = gcal_path(cx->a, src, NULL, NULL);

	return google_watch(cx, src, &gcal_channels, arena_printf(cx->a, "%s/watch", events), w);
}

static enum rc
gcal_unwatch(struct ctx *cx, const struct source *src, const struct watching *w)
{
	return google_unwatch(cx, src, &gcal_channels, w);
}

const struct watcher watcher_gcal = {
	.watch = gcal_watch,
	.unwatch = gcal_unwatch,
};
