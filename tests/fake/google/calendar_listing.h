/*
 * calendar_listing.h - a list of events that is asked for: what the query says, and what was found.
 */
#ifndef FAKE_GOOGLE_CALENDAR_LISTING_H
#define FAKE_GOOGLE_CALENDAR_LISTING_H

#include "fake/google/calendar.h"

struct listing {
	struct call *c;
	struct calendar *cal;
	const struct zone *shown;
	bool single, deleted;
	int64_t from, to;    /* UTC seconds; 0, INT64_MAX: unbounded */
	int64_t since;       /* changes after this version; 0: all */
	int64_t updated_min; /* ms, 0: none */
	int64_t at;          /* the version at the first page */
	int64_t skip;        /* the last item of the page before: its serial, or its place */
	int64_t limit;
	const char *same;  /* what must be the same in every call of a sync */
	const char *order; /* NULL: as they were made */
	struct calendar_row *v;
	size_t n, cap;
};

struct calendar_row {
	struct event *e;
	int64_t key;
};

/* calendar_ask.c: false when it refused. */
bool listing_begin(struct call *, struct calendar *, struct listing *);
bool listing_read_sync(struct listing *);
bool listing_read_page(struct listing *);
bool listing_read_window(struct listing *);
bool listing_read_order(struct listing *);
const char *listing_sync_token(const struct listing *);
const char *listing_page_token(const struct listing *, int64_t skip);

#endif
