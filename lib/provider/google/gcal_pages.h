/*
 * gcal_pages.h - what was read of a calendar, as the spool has it: pages of {"delta": is it only
 * what has changed, "whole": is it all of one uid, "answer": a list of events as Google gave it}.
 * Pure.
 *
 * An event may be told of on several pages; what comes last is what counts. Occurrences that differ
 * come in any order, before their series too. In memory there are the occurrences that differ, a
 * few bytes for each event, and one event at a time.
 */
#ifndef PROVIDER_GOOGLE_GCAL_PAGES_H
#define PROVIDER_GOOGLE_GCAL_PAGES_H

#include "provider/google/gcal_map.h"
#include "provider/provider.h"

struct gcal_head {
	const char *title;
	struct gcal_home home;
	bool delta;
};

struct gcal_item {
	struct arena *a;   /* the item's: it is reset with the next one */
	struct str text;   /* its JSON; a NUL is behind it */
	const char *id;    /* NULL: see gcal_scan() */
	const char *of;    /* the series that it is an occurrence of; NULL: none */
	bool gone, series; /* as gcal_is_gone() and gcal_is_series() say */
	bool whole;        /* what else its series has is on such pages too */
	int64_t no;        /* among all items of all pages, from 0 */
	int page;          /* from 1 */
};

/* All of it, read when it is asked for. */
json *gcal_item_event(const struct gcal_item *);

struct gcal_index;
/* Who is told of the items; item NULL: nobody, and no more is read than tells where the calendar
 * is. With an index (NULL: none) not of those that are mentioned again later; and of what it knows
 * to be an event by itself, not gone and no series, the id is left to who reads it. */
struct gcal_listener {
	enum rc (*item)(struct ctx *, void *arg, const struct gcal_item *);
	void *arg;
	const struct gcal_index *index;
};

/* Items without an id are passed over. head: filled in on the way; what comes on a page later than
 * its items is there with the next scan. */
MUST enum rc gcal_scan(
    struct ctx *, struct page_in *, size_t n, struct gcal_head *, const struct gcal_listener *);

/* An occurrence that differs. */
struct gcal_differing {
	const char *series, *id, *text; /* its JSON, without guests */
	int64_t no;
	bool lost; /* as gcal_index_lost() says */
};

MUST enum rc
gcal_index(struct ctx *, struct page_in *, size_t n, struct gcal_head *, struct gcal_index **out);
void gcal_index_drop(struct gcal_index *); /* its memory is free for others */
/* An occurrence that was told of before its series was read as a whole, and is not in it: it went
 * with its place meanwhile, which nothing else will tell. */
bool gcal_index_lost(const struct gcal_index *, const char *id, const char *series);
/* Is there a series of this id that is not gone? */
bool gcal_index_series(const struct gcal_index *, const char *id);
/* What differs in it, by id. */
const struct gcal_differing *
gcal_index_differing(const struct gcal_index *, const char *series, size_t *n);

#endif
