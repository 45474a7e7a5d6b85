/*
 * hub.h - the application's own calendar as the objects of a connection that both sides write
 * (twoway.h): which event a twin belongs to, and how one is written here by what was read there.
 *
 * A twin belongs to the event that it was made for, or to one with the same uid that has no twin at
 * this connection: so the same meeting in two calendars is one event, and what we had made before a
 * connection was cut is known again. Else it is a new event, which goes to the other connections
 * too.
 */
#ifndef SYNC_WRITE_HUB_H
#define SYNC_WRITE_HUB_H

#include "queue/mirror.h"
#include "sync/write/twoway.h"

/* What one run, or one turn of the outbox, has done to the calendar. */
struct hub {
	const struct conn *conn; /* as it was at the beginning */
	struct ways ways;
	struct mirror mirror;
	bool mirror_known; /* taken back whenever a transaction is begun: hub_begin() */
	/* For how many more events there is room, as far as it was counted; and how many of those
	 * may be made until it is counted anew. */
	int64_t room, uncounted;
	/* The event that was named last and is not put yet. */
	struct {
		const char *id, *uid;
	} fresh;
	int64_t made, changed, gone, foreign; /* foreign: twins that were not taken in */
};

/* Both sides of the connection; hub, conn, provider and source are borrowed. Of the run, sync_no
 * and hold are the caller's to set. */
void hub_open(struct arena *, struct hub *, const struct conn *, const struct provider *,
    const struct source *, struct twoway *out);
/* Before each transaction: nothing is known any more. */
void hub_begin(struct hub *);

#endif
