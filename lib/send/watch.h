/*
 * watch.h - opens and renews push channels, in a worker that delivers (lane
 * "watch|owner|connection"). Uses the network.
 *
 * The row of a channel, with the digest of its secret, is committed before the provider is
 * asked, for its first message may come before its answer. A new channel is opened before the
 * old one is closed; both work meanwhile. What another account had opened is closed with that, in
 * a turn of its own. A provider that refuses is asked again after a day at the earliest, and only
 * after a complete run: until then plain polling does the work. Channels live a day at most, and
 * nothing is renewed by itself. Of what is paused, removed or about to lose its account they are
 * stopped.
 */
#ifndef SEND_WATCH_H
#define SEND_WATCH_H

#include "queue/lane.h"

/* Does what the lane is for and releases it. Trouble with the provider is written down, not
 * returned. */
MUST enum rc watch_work(struct ctx *, struct db *, const struct lane *);
/* The service is told that nobody listens any more to this connection's channels, while the account
 * that opened them can still be used; they are forgotten, also when that does not work: they end by
 * themselves. *more: those of another account are left, and are for the next call; a process with a
 * keeper (access/keeper.h) leaves that to another one. */
MUST enum rc
watch_close(struct ctx *, struct db *, const char *owner, const char *conn_id, bool *more);

#endif
