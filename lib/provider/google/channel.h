/*
 * channel.h - what channels of Google's services share: one asks to be called at an address until a
 * time, and has to ask again before it has passed.
 */
#ifndef PROVIDER_GOOGLE_CHANNEL_H
#define PROVIDER_GOOGLE_CHANNEL_H

#include "provider/google/api.h"

struct channel_service {
	const struct rest_service *service;
	int quota;        /* enum quota */
	const char *what; /* is watched, for sentences */
	const char *stop; /* path of the call that ends a channel */
};

/* See struct watcher. path: of the call that opens a channel for this source. */
MUST enum rc google_watch(struct ctx *, const struct source *, const struct channel_service *,
    const char *path, struct watching *);
MUST enum rc google_unwatch(
    struct ctx *, const struct source *, const struct channel_service *, const struct watching *);

#endif
