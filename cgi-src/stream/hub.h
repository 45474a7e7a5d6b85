/*
 * hub.h - what has happened to syncs, for everybody who looks on. The database is asked once for
 * all of them (hub_turn), whenever somebody has committed; what a viewer is told is the state of a
 * run as it is when it is told, so that one who reads slowly gets fewer events and never older
 * ones.
 *
 * A crowd is the viewers of one owner, with the runs of his that are under way, and those that have
 * ended and were not told to all of them yet. Each change of a run gets the next number of one
 * series; a viewer's place is the number of the last one he was told.
 */
#ifndef STREAM_HUB_H
#define STREAM_HUB_H

#include "base/buf.h"
#include "stream/ticket.h"

struct hub;
struct crowd;

/* Where a viewer is. */
struct place {
	const struct ticket *ticket;
	struct crowd *crowd;
	int64_t start, seen; /* numbers of the series: when he came, the last one he was told */
	int64_t from;        /* runs that have ended are told from that number on; 0: none */
	int64_t revision;    /* of the calendar, as he was told; -1: not yet */
	bool over;           /* there is no more for him */
};

struct hub *hub_in(struct arena *);
/* Everything that it knows, and every crowd: no place is good any more. */
void hub_forget(struct hub *);

/* cx->a is the memory of this moment: to be reset before each of these. The ticket lives as long as
 * the place does. */
MUST enum rc
hub_join(struct ctx *, struct hub *, struct db *, const struct ticket *, struct place *);
void hub_leave(struct hub *, struct place *);
/* Viewers with such a ticket, by their owner. */
size_t hub_viewers(const struct hub *, const char *owner);

enum hub_news {
	HUB_QUIET,
	HUB_NEWS, /* something may be to be told */
	HUB_MORE, /* the same, and there is more: take another turn at once */
	HUB_ELSE  /* it is another database by now: all is to be forgotten */
};
/* Looks whether anything has happened. */
MUST enum rc hub_turn(struct ctx *, struct hub *, struct db *, enum hub_news *);
/* Is there something to tell him? */
bool hub_ready(const struct place *);
/* Appends what is to be told, at most about HUB_BATCH bytes: what is left is for the next time. */
enum { HUB_BATCH = 64 * 1024, HUB_TEXT_MAX = 4 * 1024 * 1024 };
MUST enum rc hub_tell(struct ctx *, struct hub *, struct db *, struct place *, struct buf *out);

/* Forgets what everybody was told: begin, then the place of each viewer, then end. */
void hub_sweep_begin(struct hub *);
void hub_sweep_place(const struct place *);
void hub_sweep_end(struct hub *);

#endif
