/*
 * calendar.h - connections whose items both sides edit, as the application's calendar sees them:
 * which there are, and the channel by which each is told of changes.
 */
#ifndef APP_CALENDAR_H
#define APP_CALENDAR_H

#include "app/caller.h"
#include "store/conn.h"

enum { CALENDAR_WAIT_MS = 8000 }; /* for the service, when a channel is opened or closed */

/* Is it one? */
bool calendar_is(struct arena *, const struct conn *);
/* Of the caller's; another kind of connection is E_NOT_FOUND too. */
MUST enum rc
calendar_get(struct ctx *, struct db *, const char *owner, const char *id, struct conn *out);
/* All of them, in order of making. */
MUST enum rc
calendar_list(struct ctx *, struct db *, const char *owner, struct conn **v, size_t *n);

/* Opens a channel, or a new one in place of the old, and waits for it; *id NULL: it is not open
 * yet. E_NOT_YET: the service does not call back, and why. */
struct calendar_channel {
	const char *id;
	int64_t expires_at;
};
MUST enum rc calendar_watch(struct ctx *, struct db *, const struct caller *, const char *conn_id,
    struct calendar_channel *out);
/* Closes it, and none is opened by itself any more: it is polled. */
MUST enum rc
calendar_unwatch(struct ctx *, struct db *, const struct caller *, const char *conn_id);
/* The channel by which it is told; id NULL: none. */
MUST enum rc
calendar_channel(struct ctx *, struct db *, const struct conn *, struct calendar_channel *out);

#endif
