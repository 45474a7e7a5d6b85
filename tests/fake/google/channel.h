/*
 * channel.h - Google's notification channels: opened by a call, told of changes, stopped.
 */
#ifndef FAKE_GOOGLE_CHANNEL_H
#define FAKE_GOOGLE_CHANNEL_H

#include "fake/google/oauth.h"

/* What can be watched. A new kind is a row of channel_kinds. */
struct watched {
	const char *name; /* "file": its member in reports, in states and in {"notify"} */
	void *(*find)(struct fake *, const char *id);
	int64_t usual_ms, most_ms; /* a channel's life, unless another is asked for; at most */
};

extern const struct watched drive_watched, calendar_watched, calendars_watched;

struct watch_target {
	const struct watched *kind;
	void *what;
	const char *id; /* of what is watched */
	const char *resource, *uri;
};

extern const struct fake_param channel_body[];

void channel_open(struct call *, const struct watch_target *); /* answers or refuses */
void channel_stop(struct call *);
void channel_tell(struct fake *, const void *what, const char *state, const char *changed);

#endif
