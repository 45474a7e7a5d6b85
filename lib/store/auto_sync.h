/*
 * auto_sync.h - a user's settings of keeping contacts level: a row for each who ever set them.
 */
#ifndef STORE_AUTO_SYNC_H
#define STORE_AUTO_SYNC_H

#include "db/db.h"

enum { AUTO_SYNC_HOURS = 24, AUTO_SYNC_HOURS_MAX = 720 };

struct auto_sync {
	bool enabled;
	int64_t interval_hours;
	int64_t last_sync_at, next_sync_at; /* ms; 0: never. next_sync_at is 0 while it is off */
	int64_t updated_at;                 /* when it was set; 0: never */
};

/* A user without settings has the defaults: off, every AUTO_SYNC_HOURS. A next time that went by
 * without a sync is told as the one after it that is still to come; of a last sync nothing is known
 * here. */
MUST enum rc auto_sync_get(struct ctx *, struct db *, const char *owner, struct auto_sync *out);
/* In the caller's write transaction: enabled and interval_hours as in *s. Settings that change move
 * the next time: one interval after now. Fills in s->next_sync_at. */
MUST enum rc
auto_sync_set(struct ctx *, struct db *, const char *owner, int64_t now, struct auto_sync *s);

#endif
