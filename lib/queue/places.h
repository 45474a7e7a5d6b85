/*
 * places.h - which runs may be worked on beside those that are.
 *
 * TIDEMARK_WORKERS is the number of places. A run that works holds one; a run that waits, for a
 * server, for a quota, for a time that was named, holds none, and there is room for a multiple of
 * the places of those. Connections whose last run failed hold at most half the places and half the
 * room, and one owner leaves a place to others, whatever he has.
 *
 * What somebody has asked for waits for nothing that a schedule or a source has begun: it is
 * counted by itself, by the same rules, and may go beyond the places. Of these there are then
 * more, for as long as it works.
 */
#ifndef QUEUE_PLACES_H
#define QUEUE_PLACES_H

#include "db/db.h"

enum { PLACES_OWNERS = 256 }; /* who can have a run under way at the same time */

struct places_taken {
	int64_t busy, all;                 /* that hold a place; with those that wait */
	int64_t failing_busy, failing_all; /* of them, of connections that failed last */
};

struct places {
	struct places_taken total, asked; /* asked: of the total */
	struct places_owner {
		const char *owner;
		struct places_taken total, asked;
	} v[PLACES_OWNERS];
	size_t n;
};

/* Whose run is to have a place. */
struct places_want {
	bool asked;   /* somebody has asked for it */
	bool failing; /* its connection failed last */
};

/* Processes that there can be at most, also beside those that wait. */
int64_t places_most(void);
/* What is taken now. */
MUST enum rc places_read(struct ctx *, struct db *, struct places *out);
/* Is there a place for anybody's run of that kind? For one of this owner? */
bool places_any(const struct places *, struct places_want);
bool places_for(const struct places *, const char *owner, struct places_want);

#endif
