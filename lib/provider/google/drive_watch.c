/*
 * drive_watch.c - channels by which Google Drive tells that a file has changed. Files live a day at
 * most, and nothing is renewed by itself. Source: Drive, "Notifications for resource changes".
 */
#include "provider/google/channel.h"

static const struct channel_service drive_channels = {
	.service = &google_service,
	.quota = QUOTA_DRIVE,
	.what = "the spreadsheet",
	.stop = "/drive/v3/channels/stop",
};

static enum rc
drive_watch(struct ctx *cx, const struct source *src, struct watching *w)
{
	const char *file = json_str(src->config, "spreadsheet");

	return google_watch(cx, src, &drive_channels,
	    arena_printf(cx->a, "/drive/v3/files/%s/watch?supportsAllDrives=true", file), w);
}

static enum rc
drive_unwatch(struct ctx *cx, const struct source *src, const struct watching *w)
{
	return google_unwatch(cx, src, &drive_channels, w);
}

const struct watcher watcher_gsheets = {
	.watch = drive_watch,
	.unwatch = drive_unwatch,
};
